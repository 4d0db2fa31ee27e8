// SPDX-License-Identifier: GPL-2.0-only
/* Replays the seeds and finds of the fuzzer for rows of other hosts. */
#include "seeds.h"

#define LLVMFuzzerTestOneInput fuzz_one_file
#include "tests/fuzz/rows.c"

static bool takes(const uint8_t *data, size_t size)
{
	char *printed = read_rows((const char *)data + 1, size - 1, NULL);
	bool is_taken = printed && *printed;

	free(printed);
	return is_taken;
}

int main(void)
{
	static const struct seeds seeds = {
		.name = "fuzz_rows", .pattern = "tests/fuzz/seeds/rows/*",
		.good = "/good-", .one = fuzz_one_file, .takes = takes,
	};

	return seeds_main(&seeds);
}
