// SPDX-License-Identifier: GPL-2.0-only
/* Replays the seeds and finds of a fuzzer. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seeds.h"
#include "text.h"

#define SEED_MAX (1 << 20)	/* bytes */

static const struct seeds *current;
static glob_t found;

/* Shrunk to its size, so that ASan sees a read past the end. */
static u8 *read_seed(const char *path, size_t *size)
{
	FILE *file = fopen(path, "r");
	u8 *data = malloc(SEED_MAX);

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(data);
	*size = fread(data, 1, SEED_MAX, file);
	fclose(file);
	return realloc(data, *size + !*size);
}

START_TEST(seed_is_safe)
{
	const char *path = found.gl_pathv[_i];
	size_t size;
	u8 *data = read_seed(path, &size);

	if (current->good && strstr(path, current->good))
		ck_assert(current->takes(data, size));
	ck_assert_int_eq(current->one(data, size), 0);
	free(data);
}
END_TEST

int seeds_main(const struct seeds *seeds)
{
	Suite *suite = suite_create(seeds->name);
	TCase *tests = tcase_create(seeds->name);
	int status;

	current = seeds;
	if (glob(seeds->pattern, 0, NULL, &found)) {
		fprintf(stderr, "%s: no seeds: %s\n", seeds->name,
			seeds->pattern);
		return EXIT_FAILURE;
	}
	tcase_add_loop_test(tests, seed_is_safe, 0, found.gl_pathc);
	suite_add_tcase(suite, tests);
	status = text_main(suite);
	globfree(&found);
	return status;
}
