// SPDX-License-Identifier: GPL-2.0-only
/* Replays the seeds and finds of the fuzzer for the control protocol. */
#include <glob.h>

#include "text.h"

#define LLVMFuzzerTestOneInput fuzz_one_record
#include "../fuzz/proto.c"

static glob_t found;

START_TEST(seed_is_refused_or_stable)
{
	FILE *file = fopen(found.gl_pathv[_i], "r");
	u8 *data = malloc(1 << 20);
	size_t size;

	ck_assert_ptr_nonnull(file);
	size = fread(data, 1, 1 << 20, file);
	fclose(file);
	data = realloc(data, size + !size);
	/* one that is refused is of an older version: make fuzz-seeds */
	if (strstr(found.gl_pathv[_i], "/good-"))
		ck_assert(!cw_message_decode(&message, data, size));
	ck_assert_int_eq(fuzz_one_record(data, size), 0);
	free(data);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fuzz_proto");
	TCase *tests = tcase_create("fuzz_proto");
	int status;

	glob("tests/fuzz/seeds/proto/*", 0, NULL, &found);
	tcase_add_loop_test(tests, seed_is_refused_or_stable, 0,
			    found.gl_pathc);
	suite_add_tcase(suite, tests);
	status = text_main(suite);
	globfree(&found);
	return status;
}
