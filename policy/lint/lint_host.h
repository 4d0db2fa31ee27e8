/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the checks of rules against this host share.
 */
#ifndef CW_LINT_HOST_H
#define CW_LINT_HOST_H

#include "lint.h"

struct cw_host_lint {
	const struct cw_ruleset *ruleset;
	struct cw_diag *diag;
	const char *root;	/* where the host's files are, "" = / */
	struct cw_map seen;	/* texts that were looked at, by hash */
	u64 now;		/* seconds since the epoch */
	bool said_no_systemd, said_no_cgroups;
};

/* What a path of a rule is used for. */
enum cw_path_use {
	CW_PATH_PROGRAM,	/* that executes: subject, parent, ancestor */
	CW_PATH_SCRIPT,
};

void cw_host_say(struct cw_host_lint *lint, enum cw_severity severity,
		 const char *check, const struct cw_span *span,
		 const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* Is it the first time that @text is seen as @kind?  1; 0; -ENOMEM. */
int cw_host_is_new(struct cw_host_lint *lint, u32 kind, const char *text);

/* ---- lint_path.c; false = no memory ------------------------------------- */

bool cw_lint_path(struct cw_host_lint *lint, const char *path,
		  enum cw_path_use use, bool allow, const struct cw_span *span);
/* Does the file that @rule names have the digest that it asks for? */
void cw_lint_digest(struct cw_host_lint *lint, const struct cw_rule *rule);

/* ---- lint_system.c: systemd, control groups, the kernel ----------------- */

void cw_lint_unit(struct cw_host_lint *lint, const struct cw_cond *cond);
void cw_lint_cgroup(struct cw_host_lint *lint, const struct cw_cond *cond);
/* Protocols and families that this kernel does not have. */
void cw_lint_kernel(struct cw_host_lint *lint, const struct cw_rule *rule);

#endif
