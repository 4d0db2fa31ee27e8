// SPDX-License-Identifier: GPL-2.0-only
/* Replays the seeds and finds of the fuzzer for blobs. */
#include <glob.h>

#include "text.h"

#define LLVMFuzzerTestOneInput fuzz_one_blob
#include "../fuzz/blob.c"

static glob_t found;

START_TEST(seed_is_taken_and_safe)
{
	FILE *file = fopen(found.gl_pathv[_i], "r");
	u8 *data = malloc(1 << 20);
	size_t size;

	ck_assert_ptr_nonnull(file);
	size = fread(data, 1, 1 << 20, file);
	fclose(file);
	data = realloc(data, size + !size);
	/* one that is refused is of an older format: make fuzz-seeds */
	if (strstr(found.gl_pathv[_i], "/policy"))
		ck_assert(hostile_try(data, size));
	ck_assert_int_eq(fuzz_one_blob(data, size), 0);
	free(data);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fuzz_blob");
	TCase *tests = tcase_create("fuzz_blob");
	int status;

	glob("tests/fuzz/seeds/blob/*", 0, NULL, &found);
	tcase_add_loop_test(tests, seed_is_taken_and_safe, 0, found.gl_pathc);
	suite_add_tcase(suite, tests);
	status = text_main(suite);
	globfree(&found);
	return status;
}
