// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the seeds of the blob fuzzer into the directory given: compiled
 * policies of many shapes.  Run again (make fuzz-seeds) when the format
 * changes.
 */
#include <stdlib.h>

#include "../unit/random_policy.h"

#define SEEDS		24
#define SMALL		6000	/* bytes */

static bool write_file(const char *directory, u32 number, const void *data,
		       size_t size)
{
	char path[4096];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/policy%u", directory, number);
	file = fopen(path, "w");
	if (!file)
		return false;
	good = fwrite(data, 1, size, file) == size;
	return !fclose(file) && good;
}

int main(int argc, char **argv)
{
	struct cw_diag *diag = cw_diag_new();
	struct random_policy policy;
	u32 seed, written = 0;
	size_t size;
	void *data;

	if (argc != 2)
		return 2;
	for (seed = 1; written < SEEDS; seed++) {
		random_policy_make(&policy, seed);
		if (cw_ruleset_emit(policy.ruleset, &data, &size, diag))
			return 1;
		if (size < SMALL && !write_file(argv[1], written++, data, size))
			return 1;
		cw_free(data);
		random_policy_free(&policy);
	}
	cw_diag_free(diag);
	return 0;
}
