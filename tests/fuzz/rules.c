// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: any text is either refused with a message, or a policy whose
 * canonical form is stable, whose blob passes the kernel's check, and which
 * comes back out of the blob as it went in.
 */
#include <stdlib.h>

#include "policy/lint/lint.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void require(bool is_true)
{
	if (!is_true)
		abort();
}

static char *print(const struct cw_ruleset *ruleset)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cw_ruleset_print(ruleset, out);
	fclose(out);
	return text;
}

static void discard(void (*show)(const struct cw_diag *diag, FILE *out),
		    const struct cw_diag *diag)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	show(diag, out);
	fclose(out);
	free(text);
}

/* Names as destinations have no place in a blob: then emit says so. */
static void check_blob(const struct cw_ruleset *ruleset, const char *canonical,
		       struct cw_diag *diag)
{
	struct cw_ruleset *decoded;
	struct cw_blob blob;
	void *data;
	size_t size;
	char *text;

	if (cw_ruleset_emit(ruleset, &data, &size, diag))
		return;
	require(!cw_blob_open(&blob, data, size));
	decoded = cw_ruleset_decode(&blob);
	text = print(decoded);
	require(!strcmp(text, canonical));
	free(text);
	cw_ruleset_free(decoded);
	free(data);
}

static void check(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	struct cw_ruleset *again;
	char *first = print(ruleset), *second;

	again = cw_ruleset_parse("again", first, strlen(first), UINT32_MAX,
				 diag);
	require(again && again->rule_count == ruleset->rule_count);
	second = print(again);
	require(!strcmp(first, second));
	require(!cw_ruleset_diff(ruleset, again, stderr));
	require(cw_lint_rules(ruleset, diag));
	check_blob(ruleset, first, diag);
	cw_ruleset_free(again);
	free(first);
	free(second);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *ruleset;

	/* No slash in the name, so that an include reads no file. */
	ruleset = cw_ruleset_parse("fuzz", (const char *)data, size, UINT32_MAX,
				   diag);
	if (ruleset)
		check(ruleset, diag);
	else
		require(cw_diag_count(diag, CW_SEVERITY_ERROR));
	discard(cw_diag_print, diag);
	discard(cw_diag_print_json, diag);
	cw_ruleset_free(ruleset);
	cw_diag_free(diag);
	return 0;
}
