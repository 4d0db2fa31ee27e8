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

/* All of standard input and a NUL; what is longer than any rules may be is cut,
 * and refused then.  NULL: errno. */
static char *read_stdin(size_t *size)
{
	size_t room = 1 << 16;
	char *text = malloc(room), *bigger;
	ssize_t n = 1;

	for (*size = 0; text && n && *size <= CW_SOURCE_MAX; *size += n) {
		if (*size + 1 >= room) {
			room *= 2;
			bigger = realloc(text, room);
			if (!bigger)
				free(text);
			text = bigger;
			if (!text)
				break;
		}
		do
			n = read(STDIN_FILENO, text + *size, room - *size - 1);
		while (n < 0 && errno == EINTR);
		if (n < 0) {
			free(text);
			return NULL;
		}
	}
	if (text)
		text[*size] = 0;
	return text;
}

struct cw_ruleset *cw_ctl_read_rules(const char *file, u32 features,
				     struct cw_diag *diag)
{
	struct cw_ruleset *ruleset;
	size_t size;
	char *text;

	if (strcmp(file, "-"))
		return cw_ruleset_read(file, features, diag);
	text = read_stdin(&size);
	if (!text) {
		cw_diag_add(diag, NULL, CW_SEVERITY_ERROR, NULL, STDIN_NAME
			    ": %s", strerror(errno));
		return NULL;
	}
	ruleset = cw_ruleset_parse(STDIN_NAME, text, size, features, diag);
	free(text);
	return ruleset;
}

const char *cw_ctl_rules_name(const char *file)
{
	return strcmp(file, "-") ? file : "standard input";
}
