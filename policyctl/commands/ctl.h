/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands of policyctl, and what they have in common.  A command returns
 * what the program exits with.
 */
#ifndef CW_CTL_H
#define CW_CTL_H

#include "policy/text/compile.h"
#include "policyctl/rows/flow.h"

enum cw_exit {
	CW_EXIT_OK,
	CW_EXIT_FAILED,
	CW_EXIT_USAGE,
	CW_EXIT_UNKNOWN,		/* a question that could not be answered */
};

/* ---- ctl.c: the table of commands --------------------------------------- */

enum cw_format {
	CW_FORMAT_DOT,
	CW_FORMAT_SVG,
	CW_FORMAT_HTML,
	CW_FORMAT_JSON,
};

struct cw_ctl {
	const char *name;		/* of the command */
	const char *socket, *securityfs;
	const char *root;		/* where the host's files are, "" = / */
	const char *file;		/* --file, NULL = the policy in force */
	const char *source;		/* --source, NULL = kernel */
	const char *history;		/* --history, NULL = CW_HISTORY_FILE */
	struct cw_past_filter filter;
	bool filtered;			/* options have set it */
	enum cw_flow_by by;
	enum cw_format format;
	int64_t interval;		/* ns */
	bool json, print, lint, once, across_netns;
	int argc;			/* operands */
	char **argv;
};

int cw_ctl_main(int argc, char **argv);

/* ---- ctl_ask.c: one conversation with policyd --------------------------- */

/* @fd gets the descriptor that came with the reply, or -1.
 * -ENOENT and -ECONNREFUSED mean that policyd is not running. */
int cw_ask(const char *socket, const struct cw_message *command,
	   struct cw_message *reply, int *fd);
/* Says on standard error what an error of cw_ask() means. */
void cw_ask_complain(const struct cw_ctl *ctl, int error);
/* The two in one; an exit status. */
int cw_ask_loudly(const struct cw_ctl *ctl, const struct cw_message *command,
		  struct cw_message *reply, int *fd);

/* ---- rules.c: rules of a file, or of standard input ---------------------- */

/* @file "-" is standard input, with includes relative to the current directory.
 * NULL: @diag says why. */
struct cw_ruleset *cw_ctl_read_rules(const char *file, u32 features,
				     struct cw_diag *diag);
/* For messages. */
const char *cw_ctl_rules_name(const char *file);

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
 * ctl_doctor.c: the commands -------------------------------------------------- */

int cw_ctl_load(const struct cw_ctl *ctl);
int cw_ctl_mode(const struct cw_ctl *ctl);
int cw_ctl_status(const struct cw_ctl *ctl);
int cw_ctl_connections(const struct cw_ctl *ctl);
int cw_ctl_doctor(const struct cw_ctl *ctl);
int cw_ctl_show(const struct cw_ctl *ctl);
int cw_ctl_check(const struct cw_ctl *ctl);
int cw_ctl_test(const struct cw_ctl *ctl);
int cw_ctl_diff(const struct cw_ctl *ctl);

/* ---- ctl_history.c, ctl_who.c, ctl_flows.c, ctl_graph.c, ctl_top.c -------- */

/* Says what went wrong; an exit status. */
int cw_ctl_open_history(const struct cw_ctl *ctl, struct cw_history **history);
int cw_ctl_complain_history(const struct cw_ctl *ctl, int error);
/* Warns of records that are missing in the time of the filter; how many. */
uint64_t cw_ctl_warn_of_holes(const struct cw_ctl *ctl,
			      struct cw_history *history);
/* All rows that flows need, of the operands or else of the history, joined;
 * those that the filter selects are wanted.  An exit status. */
int cw_ctl_join(const struct cw_ctl *ctl, struct cw_join *join);

int cw_ctl_history(const struct cw_ctl *ctl);
int cw_ctl_backup(const struct cw_ctl *ctl);
int cw_ctl_export(const struct cw_ctl *ctl);
int cw_ctl_who(const struct cw_ctl *ctl);
int cw_ctl_would_deny(const struct cw_ctl *ctl);
int cw_ctl_flows(const struct cw_ctl *ctl);
int cw_ctl_top(const struct cw_ctl *ctl);
int cw_ctl_graph(const struct cw_ctl *ctl);

#endif
