/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policyctl: its own structs and prototypes, grouped by file.  Commands
 * return what the program exits with: 0 done, 1 refused or failed, 2 usage.
 */
#ifndef CW_POLICYCTL_H
#define CW_POLICYCTL_H

#include <netinet/in.h>

#include "../policy/compile.h"
#include "history.h"
#include "policyd.h"

enum cw_exit {
	CW_EXIT_OK,
	CW_EXIT_FAILED,
	CW_EXIT_USAGE,
};

/* ---- output.c: for people, for scripts, as JSON ------------------------- */

#define CW_COLUMNS_MAX	48

struct cw_printer {
	FILE *out;
	const struct cw_output *style;
	/* The rest is output.c's own: */
	const char *prefix;		/* of keys in text */
	bool separate;			/* JSON: a comma comes first */
	unsigned columns;
	const char *names[CW_COLUMNS_MAX];
	struct libscols_table *table;
	size_t waiting;			/* rows in table */
	bool has_header;		/* it has been printed */
};

/*
 * Two shapes: one object with sections of fields, and rows under columns.
 * Text is borrowed for the call, column names until the end of the rows.
 */
struct cw_output {
	/* Fields follow; in text their keys are printed with @prefix. */
	void (*section)(struct cw_printer *printer, const char *name,
			const char *prefix, const char *state);
	void (*field)(struct cw_printer *printer, const char *key,
		      const char *value);
	void (*end)(struct cw_printer *printer);

	int (*columns)(struct cw_printer *printer);
	/* As many values as columns, escaped as in securityfs. */
	int (*row)(struct cw_printer *printer, char *const *values);
	int (*flush)(struct cw_printer *printer);
};

/* JSON when asked for; aligned on a terminal; else one space between, and a tab
 * before the columns `what' and `advice', which hold sentences. */
void cw_printer_init(struct cw_printer *printer, FILE *out, bool json);

/* @text as a JSON string; bytes that are not UTF-8 become \ooo. */
void cw_output_string(FILE *out, const char *text, size_t length);

/* ---- time.c: ns since 1970 as text --------------------------------------- */

#define CW_TIME_ROOM	64		/* with the NUL */

/* "2026-11-25T02:21:49.123456789Z" */
const char *cw_time_utc(int64_t time, char text[CW_TIME_ROOM]);
/* "2026-11-25 02:21:49.123" */
const char *cw_time_local(int64_t time, char text[CW_TIME_ROOM]);
/* RFC 3339, with any zone and up to 9 digits of fraction.  -EINVAL. */
int cw_time_parse_utc(const char *text, int64_t *time);

/* ---- past.c: connections of the past as lines of JSON -------------------- */

#define CW_VERDICT_NONE	3		/* of struct cw_past: not judged */

/* The words of all outputs; the other way -1 = no such word. */
const char *cw_past_proto_name(unsigned proto);
int cw_past_proto(const char *word);
const char *cw_past_verdict_name(unsigned verdict);
int cw_past_verdict(const char *word);
/* "inherited" as soon as another program uses it. */
const char *cw_past_attribution_name(const struct cw_past *past);
bool cw_past_has_user(const struct cw_past *past);
bool cw_past_has_ports(unsigned proto);
/* Whether the local address is known. */
bool cw_past_has_local(const struct cw_past *past);
const char *cw_past_address(unsigned family, const uint8_t *address,
			    char text[INET6_ADDRSTRLEN]);
/* "" and NULL are this host. */
const char *cw_past_host(const char *host);

/* One line each. */
void cw_past_print(FILE *out, const struct cw_past *past);
void cw_hole_print(FILE *out, const char *host, const struct cw_hole *hole);
/* Rows of other types than "connection" are skipped.  A line that is not a row
 * is told on standard error and ends it with -EPROTO: the caller forgets what
 * came before.  @past is valid during the call; not 0 from @each ends the
 * reading and is returned. */
int cw_past_read(FILE *file, const char *name,
		 int (*each)(void *data, const struct cw_past *past),
		 void *data);

/* ---- ctl.c: the table of commands --------------------------------------- */

struct cw_ctl {
	const char *name;		/* of the command */
	const char *socket, *securityfs;
	const char *root;		/* where the host's files are, "" = / */
	const char *file;		/* --file, NULL = the policy in force */
	const char *source;		/* --source, NULL = kernel */
	bool json, print, lint;
	int argc;			/* operands */
	char **argv;
};

int cw_ctl_main(int argc, char **argv);

/* ---- ctl_ask.c: one conversation with policyd --------------------------- */

/* @fd gets the descriptor that came with the reply, or -1.
 * -ENOENT and -ECONNREFUSED mean that policyd is not running. */
int cw_ask(const char *socket, const struct cw_message *command,
	   struct cw_message *reply, int *fd);
/* The same, but says on standard error what went wrong; an exit status. */
int cw_ask_loudly(const struct cw_ctl *ctl, const struct cw_message *command,
		  struct cw_message *reply, int *fd);

/* ---- ctl_policy.c: a policy to look at ---------------------------------- */

struct cw_policy_view {
	struct cw_ruleset *ruleset;
	void *data;
	struct cw_blob blob;		/* of data */
};

/* @file: NULL = the policy in force.  An exit status. */
int cw_policy_view_open(const struct cw_ctl *ctl, const char *file,
			struct cw_policy_view *view);
void cw_policy_view_close(struct cw_policy_view *view);
/* Says what an error of kernel.c means; returns CW_EXIT_FAILED. */
int cw_ctl_complain(const struct cw_ctl *ctl, int error, const char *file);
/* Whether all of standard output was written; an exit status. */
int cw_ctl_close_output(const struct cw_ctl *ctl);

/* ---- ctl_change.c, ctl_show.c, ctl_connections.c, ctl_check.c, ctl_test.c,
 * doctor.c: the commands -------------------------------------------------- */

int cw_ctl_load(const struct cw_ctl *ctl);
int cw_ctl_mode(const struct cw_ctl *ctl);
int cw_ctl_status(const struct cw_ctl *ctl);
int cw_ctl_connections(const struct cw_ctl *ctl);
int cw_ctl_doctor(const struct cw_ctl *ctl);
int cw_ctl_show(const struct cw_ctl *ctl);
int cw_ctl_check(const struct cw_ctl *ctl);
int cw_ctl_test(const struct cw_ctl *ctl);
int cw_ctl_diff(const struct cw_ctl *ctl);

#endif
