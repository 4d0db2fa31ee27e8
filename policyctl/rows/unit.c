// SPDX-License-Identifier: GPL-2.0-only
/* Units of systemd, as they are added up. */
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "rows.h"

/*
 * The instance that systemd makes for a connection of a socket with Accept=yes:
 * a counter, in newer versions the cookie of the socket, and both ends
 * (addresses and ports, or process and user of a UNIX socket).
 */
static const char accepted[] =
	"^[0-9]+-([0-9]+-)?("
	"[0-9a-fA-F.:]+:[0-9]+-[0-9a-fA-F.:]+:[0-9]+|"
	"[0-9]+-[0-9]+|unknown)$";

static bool is_accepted(const char *instance, size_t size)
{
	static regex_t regex;
	static bool is_compiled;
	char text[256];

	if (size >= sizeof(text) ||
	    (!is_compiled && regcomp(&regex, accepted,
				     REG_EXTENDED | REG_NOSUB)))
		return false;
	is_compiled = true;
	memcpy(text, instance, size);
	text[size] = 0;
	return !regexec(&regex, text, 0, NULL, 0);
}

const char *cw_unit_fold(const char *unit, char folded[CW_PATH_MAX])
{
	const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');

	if (!at || !dot || dot < at || strlen(unit) >= CW_PATH_MAX ||
	    !is_accepted(at + 1, dot - at - 1))
		return unit;
	snprintf(folded, CW_PATH_MAX, "%.*s%s", (int)(at + 1 - unit), unit,
		 dot);
	return folded;
}
