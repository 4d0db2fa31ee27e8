// SPDX-License-Identifier: GPL-2.0-only
/* Replays the seeds and finds of the fuzzer for the control protocol. */
#include "seeds.h"

#define LLVMFuzzerTestOneInput fuzz_one_record
#include "tests/fuzz/proto.c"

static bool takes(const uint8_t *data, size_t size)
{
	return !cw_message_decode(&message, data, size);
}

int main(void)
{
	static const struct seeds seeds = {
		.name = "fuzz_proto", .pattern = "tests/fuzz/seeds/proto/*",
		.good = "/good-", .one = fuzz_one_record, .takes = takes,
	};

	return seeds_main(&seeds);
}
