// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: what the rules say against what this host has: paths, accounts, units,
 * the time, and who may write the rules.
 */
#include <grp.h>
#include <net/if.h>
#include <pwd.h>
#include <sys/stat.h>
#include <time.h>

#include "lint_host.h"

#define FAR	(10 * 366 * 86400ull)	/* seconds */
#define SEEN_ZONE	16	/* for cw_host_is_new(); paths have lower ones */

static const char *host_root = "";

void cw_lint_set_root(const char *root)
{
	host_root = root;
}

/* Each path and name is said once, however many rules have it. */
int cw_host_is_new(struct cw_host_lint *lint, u32 kind, const char *text)
{
	u64 key = cw_map_mix(cw_map_hash(text, strlen(text)), kind) | 1;
	u64 *slot = cw_map_put(&lint->seen, key);
	int result = !slot ? -ENOMEM : !*slot;

	if (slot)
		*slot = 1;
	return result;
}

void cw_host_say(struct cw_host_lint *lint, enum cw_severity severity,
		 const char *check, const struct cw_span *span,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cw_diag_vadd(lint->diag, lint->ruleset, severity, span, format, args);
	va_end(args);
	cw_diag_tag(lint->diag, check);
}

#define WARN(lint, check, span, ...) \
	cw_host_say(lint, CW_SEVERITY_WARNING, check, span, __VA_ARGS__)

/* ---- conditions --------------------------------------------------------- */

/* Numbers only: a name that nobody has is an error. */
static void check_account(struct cw_host_lint *lint, const struct cw_cond *cond)
{
	if (cond->text)
		return;
	if (cond->kind == CW_COND_USER && !getpwuid(cond->id))
		WARN(lint, "account", &cond->span, "no account has the user "
		     "id %u", cond->id);
	if (cond->kind == CW_COND_GROUP && !getgrgid(cond->id))
		WARN(lint, "account", &cond->span, "no group has the id %u",
		     cond->id);
}

/* A link is fine when the rules have found it to be root's. */
static bool check_script(struct cw_host_lint *lint, const struct cw_cond *cond,
			 bool allow)
{
	char target[CW_PATH_MAX], culprit[CW_PATH_MAX];

	if (!cond->target && !strpbrk(cond->text, "*?") &&
	    cw_link_follow(cond->text, target, culprit) == -EPERM) {
		WARN(lint, "symlink", &cond->span, "%.200s never matches: it "
		     "is a link that others than root can change, by way of "
		     "the directory %.200s; write %.200s", cond->text, culprit,
		     target);
		return true;
	}
	return cw_lint_path(lint, cond->target ? cond->target : cond->text,
			    CW_PATH_SCRIPT, allow, &cond->span);
}

static bool check_cond(struct cw_host_lint *lint, const struct cw_cond *cond,
		       bool allow)
{
	switch (cond->kind) {
	case CW_COND_SCRIPT:
		return check_script(lint, cond, allow);
	case CW_COND_PARENT:
	case CW_COND_ANCESTOR:
		return cw_lint_path(lint, cond->text, CW_PATH_PROGRAM, allow,
				    &cond->span);
	case CW_COND_USER:
	case CW_COND_GROUP:
		check_account(lint, cond);
		break;
	case CW_COND_UNIT:
		cw_lint_unit(lint, cond);
		break;
	case CW_COND_CGROUP:
	case CW_COND_CONTAINER:
		cw_lint_cgroup(lint, cond);
		break;
	case CW_COND_SHA256:
	case CW_COND_CLEAN_ENV:
	case CW_COND_COUNT:
		break;
	}
	return true;
}

/* Looked up by nobody yet: such a policy is refused when it is loaded. */
static void check_hosts(struct cw_host_lint *lint, const struct cw_dest *dest,
			u32 count)
{
	for (; count; count--, dest++)
		if (dest->kind == CW_DEST_HOST)
			WARN(lint, "host", &dest->span, "names of hosts are "
			     "not looked up yet; write the addresses of %s",
			     dest->name);
}

/* Interfaces come and go, and are not here where rules are only checked. */
static bool check_zones(struct cw_host_lint *lint, const struct cw_dest *dest,
			u32 count)
{
	int is_new;

	for (; count; count--, dest++) {
		is_new = dest->zone ? cw_host_is_new(lint, SEEN_ZONE,
						     dest->zone) : 0;
		if (is_new < 0)
			return false;
		if (is_new && !if_nametoindex(dest->zone))
			WARN(lint, "missing", &dest->span, "there is no "
			     "interface %s", dest->zone);
	}
	return true;
}

/* ---- the whole ---------------------------------------------------------- */

/* Who may write the rules rules the host. */
static void check_sources(struct cw_host_lint *lint)
{
	const struct cw_ruleset *ruleset = lint->ruleset;
	struct cw_span span = { 0 };
	struct stat status;

	for (; span.file < ruleset->file_count; span.file++)
		if (!stat(ruleset->files[span.file], &status) &&
		    S_ISREG(status.st_mode) &&
		    status.st_mode & (S_IWGRP | S_IWOTH))
			WARN(lint, "open-rules", &span, "the file may be "
			     "written by others than its owner");
}

static bool check_exe(struct cw_host_lint *lint, const struct cw_rule *rule)
{
	struct cw_span span = rule->span;

	if (rule->exe_column) {
		span.column = rule->exe_column;
		span.length = rule->exe_length;
	}
	return !rule->exe || cw_lint_path(lint, rule->exe, CW_PATH_PROGRAM,
					  rule->allow, &span);
}

static bool check_rule(struct cw_host_lint *lint, const struct cw_rule *rule)
{
	bool is_done;
	u32 i;

	if (rule->until && rule->until <= lint->now)
		WARN(lint, "expired", &rule->span, "the rule has expired and "
		     "no longer decides");
	else if (rule->until > lint->now + FAR)
		WARN(lint, "distant", &rule->span, "the rule ends in more than "
		     "ten years; leave out 'until' if it is not to end");
	check_hosts(lint, rule->dests, rule->dest_count);
	cw_lint_digest(lint, rule);
	cw_lint_kernel(lint, rule);
	is_done = check_exe(lint, rule) &&
		  check_zones(lint, rule->dests, rule->dest_count);
	for (i = 0; is_done && i < rule->cond_count; i++)
		is_done = check_cond(lint, &rule->conds[i], rule->allow);
	return is_done;
}

bool cw_lint_host(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	struct cw_host_lint lint = {
		.ruleset = ruleset, .diag = diag, .now = time(NULL),
		.root = host_root,
	};
	bool is_done = true;
	u32 i;

	check_sources(&lint);
	for (i = 0; is_done && i < ruleset->set_count; i++) {
		check_hosts(&lint, ruleset->sets[i].dests,
			    ruleset->sets[i].dest_count);
		is_done = check_zones(&lint, ruleset->sets[i].dests,
				      ruleset->sets[i].dest_count);
	}
	for (i = 0; is_done && i < ruleset->rule_count; i++)
		is_done = check_rule(&lint, &ruleset->rules[i]);
	cw_map_free(&lint.seen);
	return is_done;
}
