// SPDX-License-Identifier: GPL-2.0-only
/* Replays the seeds and finds of the fuzzer for blobs. */
#include "seeds.h"

#define LLVMFuzzerTestOneInput fuzz_one_blob
#include "tests/fuzz/blob.c"

static bool takes(const uint8_t *data, size_t size)
{
	return hostile_try(data, size);
}

int main(void)
{
	static const struct seeds seeds = {
		.name = "fuzz_blob", .pattern = "tests/fuzz/seeds/blob/*",
		.good = "/policy", .one = fuzz_one_blob, .takes = takes,
	};

	return seeds_main(&seeds);
}
