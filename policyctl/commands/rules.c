// SPDX-License-Identifier: GPL-2.0-only
/* Rules from a file that a command names, or from standard input. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

/* As for a file in the current directory, which is where includes are looked
 * for. */
#define STDIN_NAME	"./<stdin>"

struct cw_ruleset *cw_ctl_read_rules(const char *file, u32 features,
				     struct cw_diag *diag)
{
	struct cw_ruleset *ruleset;
	size_t size;
	char *text;
	int ret;

	if (strcmp(file, "-"))
		return cw_ruleset_read(file, features, diag);
	ret = cw_file_read(STDIN_FILENO, 0, CW_SOURCE_MAX, &text, &size);
	if (ret == -EFBIG)
		cw_diag_add(diag, NULL, CW_SEVERITY_ERROR, NULL, STDIN_NAME
			    ": larger than %u bytes", CW_SOURCE_MAX);
	else if (ret)
		cw_diag_add(diag, NULL, CW_SEVERITY_ERROR, NULL, STDIN_NAME
			    ": %s", strerror(-ret));
	if (ret)
		return NULL;
	ruleset = cw_ruleset_parse(STDIN_NAME, text, size, features, diag);
	free(text);
	return ruleset;
}

const char *cw_ctl_rules_name(const char *file)
{
	return strcmp(file, "-") ? file : "standard input";
}
