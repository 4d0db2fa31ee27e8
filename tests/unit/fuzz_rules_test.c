// SPDX-License-Identifier: GPL-2.0-only
/* Replays the seeds and finds of the fuzzer for rules. */
#include "seeds.h"

#define LLVMFuzzerTestOneInput fuzz_one_text
#include "tests/fuzz/rules.c"

int main(void)
{
	static const struct seeds seeds = {
		.name = "fuzz_rules", .pattern = "tests/fuzz/seeds/rules/*",
		.one = fuzz_one_text,
	};

	return seeds_main(&seeds);
}
