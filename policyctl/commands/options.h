/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of policyctl: which there are, and which a command takes. */
#ifndef CW_OPTIONS_H
#define CW_OPTIONS_H

#include "ctl.h"

/* Bits for the table: which options a command takes. */
enum takes {
	TAKES_JSON = 1 << 0,
	TAKES_PRINT = 1 << 1,
	TAKES_LINT = 1 << 2,
	TAKES_FILE = 1 << 3,
	TAKES_SOURCE = 1 << 4,
	TAKES_HISTORY = 1 << 5,
	TAKES_BY = 1 << 6,
	TAKES_PACE = 1 << 7,
	TAKES_AT = 1 << 8,
	TAKES_TIME = 1 << 9,
	TAKES_TO = 1 << 10,
	TAKES_OWNER = 1 << 11,
	TAKES_LIMIT = 1 << 12,
	TAKES_FORMAT = 1 << 13,
	TAKES_ACROSS = 1 << 14,
};

#define TAKES_FILTER	(TAKES_TIME | TAKES_TO | TAKES_OWNER)

/* More are not looked at: nobody gives as many to one command. */
#define CW_OPTIONS_MAX	64

/* The options as given, before it is known for which command. */
struct cw_parsed {
	struct cw_ctl ctl;
	const struct option *given[CW_OPTIONS_MAX];
	unsigned count;
	bool help, version;
};

/* Both say on standard error what is wrong, and which option may be meant. */
bool cw_options_parse(struct cw_parsed *parsed, int argc, char **argv);
/* @takes: enum takes, of the command. */
bool cw_options_allowed(const struct cw_parsed *parsed, const char *command,
			unsigned takes);

#endif
