/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The options and the commands of policyctl: two tables that drive parsing,
 * usage lines, help and completion.
 */
#ifndef CW_OPTIONS_H
#define CW_OPTIONS_H

#include "ctl.h"

/* Groups of options, as bits: which of them a command takes. */
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

/* cw_options_allowed() ignores more options than this in one command line. */
#define CW_OPTIONS_MAX	64

struct cw_parsed;

/*
 * struct cw_option - a row of the table of options
 * @value:	NULL = the option takes no value.  "a|b" = one of these words;
 *		FILE, USER and TIME are completed as such
 * @help:	one line; NULL = for tests only, and shown nowhere
 * @takes:	the group of the option; 0 = it goes with every command
 * @flag:	offset in struct cw_parsed of the bool to set; 0 = none
 * @text:	offset in struct cw_parsed of the pointer to set; 0 = none
 * @take:	sets anything else.  Returns NULL, or what is accepted instead
 * @or_next:	excludes the next row
 */
struct cw_option {
	const char *name, *value, *help;
	unsigned takes;
	size_t flag, text;
	const char *(*take)(struct cw_parsed *parsed,
			    const struct cw_option *option, const char *value);
	bool or_next;
};

/*
 * struct cw_ctl_command - a row of the table of commands
 * @operands:	for the usage line; "" = none
 * @completes:	what an operand is completed as, like the value of an option;
 *		COMMAND = the name of a command; NULL = nothing
 * @help:	one line
 * @least:	number of operands, and so is @most
 * @takes:	enum takes: the options of the command
 * @run:	returns the exit status
 */
struct cw_ctl_command {
	const char *name, *operands, *completes, *help;
	int least, most;
	unsigned takes;
	int (*run)(const struct cw_ctl *ctl);
};

/* Both tables end with a row without a name. */
extern const struct cw_option cw_options[];
extern const struct cw_ctl_command cw_commands[];

/* The options as given, before it is known for which command. */
struct cw_parsed {
	struct cw_ctl ctl;
	const struct cw_option *given[CW_OPTIONS_MAX];
	unsigned count;
	bool help, version;
};

/* ---- options.c: parsing --------------------------------------------------- */

/* Both say on standard error what is wrong, and which option may be meant. */
bool cw_options_parse(struct cw_parsed *parsed, int argc, char **argv);
bool cw_options_allowed(const struct cw_parsed *parsed,
			const struct cw_ctl_command *command);
bool cw_option_is_of(const struct cw_option *option,
		     const struct cw_ctl_command *command);

/* ---- usage.c: usage lines and help ---------------------------------------- */

void cw_usage_print(FILE *out, const struct cw_ctl_command *command);
void cw_usage_print_command(FILE *out, const struct cw_ctl_command *command);
void cw_usage_print_all(FILE *out);

/* ---- ctl_completion.c ------------------------------------------------------ */

int cw_ctl_completion(const struct cw_ctl *ctl);

#endif
