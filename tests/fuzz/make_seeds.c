// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the seeds of the fuzzers for binary input below the directory given:
 * compiled policies of many shapes to blob/, records of the control socket to
 * proto/.  Run again (make fuzz-seeds) when a format changes.
 */
#include <stdlib.h>

#include "lib/message.h"
#include "tests/unit/random_policy.h"

#define SEEDS		24
#define SMALL		6000	/* bytes */

static bool write_file(const char *directory, const char *name,
		       const void *data, size_t size)
{
	char path[4096];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	if (!file)
		return false;
	good = fwrite(data, 1, size, file) == size;
	return !fclose(file) && good;
}

/* ---- blob --------------------------------------------------------------- */

static bool write_blob(const char *directory, u32 seed, u32 *written)
{
	struct cw_diag *diag = cw_diag_new();
	struct random_policy policy;
	char name[32];
	size_t size;
	void *data;
	bool good;

	random_policy_make(&policy, seed);
	good = !cw_ruleset_emit(policy.ruleset, &data, &size, diag);
	if (good && size < SMALL) {
		snprintf(name, sizeof(name), "blob/policy%u", (*written)++);
		good = write_file(directory, name, data, size);
	}
	if (good)
		cw_free(data);
	random_policy_free(&policy);
	cw_diag_free(diag);
	return good;
}

/* ---- proto -------------------------------------------------------------- */

static struct cw_message message;

static bool write_record(const char *directory, const char *name, bool is_good)
{
	char record[CW_RECORD_MAX], path[64];
	size_t size = cw_message_encode(&message, record);

	/* Without its last byte the size does not fit. */
	snprintf(path, sizeof(path), "proto/%s-%s", is_good ? "good" : "bad",
		 name);
	return write_file(directory, path, record, size - !is_good);
}

/* A message without text, or with one pair. */
static bool write_pair(const char *directory, const char *name,
		       enum cw_command command, const char *key,
		       const char *value)
{
	cw_message_init(&message, command, CW_RESULT_OK);
	if (key)
		cw_message_add(&message, key, "%s", value);
	return write_record(directory, name, true) &&
	       write_record(directory, name, false);
}

static bool write_replies(const char *directory)
{
	cw_message_init(&message, CW_COMMAND_LOAD, CW_RESULT_FAILED);
	cw_message_add(&message, CW_KEY_GENERATION, "%u", 12);
	cw_message_add(&message, CW_KEY_ERRORS, "%u", 3);
	cw_message_add(&message, CW_KEY_MESSAGE, "3 errors:\n\t\"x\" \\ \x7f");
	if (!write_record(directory, "reply-load", true))
		return false;
	cw_message_init(&message, CW_COMMAND_STATUS, CW_RESULT_OK);
	cw_message_add(&message, CW_KEY_VERSION, "%s", CW_VERSION);
	cw_message_add(&message, CW_KEY_PID, "%d", 417);
	cw_message_add(&message, CW_KEY_RULES_FILE, "%s", CW_RULES_FILE);
	cw_message_add(&message, CW_KEY_LAST_MESSAGE, "%s", "");
	return write_record(directory, "reply-status", true);
}

static bool write_records(const char *directory)
{
	return write_pair(directory, "status", CW_COMMAND_STATUS, NULL, "") &&
	       write_pair(directory, "load", CW_COMMAND_LOAD, NULL, "") &&
	       write_pair(directory, "load-file", CW_COMMAND_LOAD, CW_KEY_FILE,
			  "/etc/connwarden/odd \\name\r\n.conf") &&
	       write_pair(directory, "mode", CW_COMMAND_MODE, CW_KEY_MODE,
			  "monitor") &&
	       write_replies(directory);
}

int main(int argc, char **argv)
{
	u32 seed, written = 0;

	if (argc != 2)
		return 2;
	for (seed = 1; written < SEEDS; seed++)
		if (!write_blob(argv[1], seed, &written))
			return 1;
	return !write_records(argv[1]);
}
