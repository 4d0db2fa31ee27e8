// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: what the rules say against what this host has: paths, names, the time,
 * and who may write the rules.
 */
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "lint.h"

struct host_lint {
	const struct cw_ruleset *ruleset;
	struct cw_diag *diag;
	struct cw_map seen;	/* texts looked at, by hash */
	u64 now;		/* seconds since the epoch */
};

/* Each path and name is said once, however many rules have it. */
static int is_new(struct host_lint *lint, const char *text)
{
	u64 *slot = cw_map_put(&lint->seen,
			       cw_map_hash(text, strlen(text)) | 1);
	int result = !slot ? -ENOMEM : !*slot;

	if (slot)
		*slot = 1;
	return result;
}

static void __attribute__((format(printf, 4, 5)))
warn(struct host_lint *lint, const char *check, const struct cw_span *span,
     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cw_diag_vadd(lint->diag, lint->ruleset, CW_SEVERITY_WARNING, span,
		     format, args);
	va_end(args);
	cw_diag_tag(lint->diag, check);
}

/* ---- paths -------------------------------------------------------------- */

/* Can someone without rights put another program there? */
static void check_writable(struct host_lint *lint, const char *path,
			   const struct stat *status,
			   const struct cw_span *span)
{
	char directory[CW_PATH_MAX];
	struct stat above;

	if (status->st_mode & S_IWOTH) {
		warn(lint, "writable", span, "%s may be overwritten by anyone",
		     path);
		return;
	}
	strcpy(directory, path);
	*strrchr(directory, '/') = 0;
	if (stat(*directory ? directory : "/", &above))
		return;
	if ((above.st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH)
		warn(lint, "writable", span, "%s may be replaced by anyone: "
		     "its directory is open to all", path);
}

static void check_file(struct host_lint *lint, const char *path,
		       const struct cw_span *span)
{
	char real[PATH_MAX];
	struct stat status;

	if (!realpath(path, real) || stat(real, &status)) {
		warn(lint, errno == ENOENT || errno == ENOTDIR ? "missing" :
		     "unreadable", span, "%.300s: %s", path, strerror(errno));
		return;
	}
	if (strcmp(real, path))
		warn(lint, "symlink", span, "%.200s never matches: behind "
		     "symbolic links it is %.200s; write that", path, real);
	else if (!S_ISREG(status.st_mode))
		warn(lint, "missing", span, "%.300s is not a regular file",
		     path);
	else
		check_writable(lint, path, &status, span);
}

/* Of a pattern, the directories before the first wildcard. */
static void check_pattern(struct host_lint *lint, const char *pattern,
			  const struct cw_span *span)
{
	size_t size = strcspn(pattern, "*?");
	char directory[CW_PATH_MAX], real[PATH_MAX];

	while (size && pattern[size - 1] != '/')
		size--;
	if (size < 2)
		return;
	memcpy(directory, pattern, size - 1);
	directory[size - 1] = 0;
	if (!realpath(directory, real))
		warn(lint, "missing", span, "%.300s: %s", directory,
		     strerror(errno));
	else if (strcmp(real, directory))
		warn(lint, "symlink", span, "the pattern never matches: behind "
		     "symbolic links %.200s is %.200s; write that", directory,
		     real);
}

static bool check_path(struct host_lint *lint, const char *path,
		       const struct cw_span *span)
{
	int fresh = is_new(lint, path);

	if (fresh <= 0)
		return !fresh;
	if (strpbrk(path, "*?"))
		check_pattern(lint, path, span);
	else
		check_file(lint, path, span);
	return true;
}

static bool check_conds(struct host_lint *lint, const struct cw_rule *rule)
{
	const struct cw_cond *cond = rule->conds;
	u32 i;

	for (i = 0; i < rule->cond_count; i++, cond++) {
		if (cond->kind != CW_COND_SCRIPT &&
		    cond->kind != CW_COND_PARENT &&
		    cond->kind != CW_COND_ANCESTOR)
			continue;
		if (!check_path(lint, cond->text, &cond->span))
			return false;
	}
	return true;
}

/* ---- names -------------------------------------------------------------- */

/* Looked up by nobody yet: such a policy is refused when it is loaded. */
static void check_hosts(struct host_lint *lint, const struct cw_dest *dest,
			u32 count)
{
	for (; count; count--, dest++)
		if (dest->kind == CW_DEST_HOST)
			warn(lint, "host", &dest->span, "names of hosts are "
			     "not looked up yet; write the addresses of %s",
			     dest->name);
}

/* ---- the rest ----------------------------------------------------------- */

/* Who may write the rules rules the host. */
static void check_sources(struct host_lint *lint)
{
	const struct cw_ruleset *ruleset = lint->ruleset;
	struct cw_span span = { 0 };
	struct stat status;

	for (; span.file < ruleset->file_count; span.file++)
		if (!stat(ruleset->files[span.file], &status) &&
		    S_ISREG(status.st_mode) &&
		    status.st_mode & (S_IWGRP | S_IWOTH))
			warn(lint, "open-rules", &span, "the file may be "
			     "written by others than its owner");
}

static bool check_exe(struct host_lint *lint, const struct cw_rule *rule)
{
	struct cw_span span = rule->span;

	if (rule->exe_column) {
		span.column = rule->exe_column;
		span.length = rule->exe_length;
	}
	return !rule->exe || check_path(lint, rule->exe, &span);
}

static bool check_rule(struct host_lint *lint, const struct cw_rule *rule)
{
	if (rule->until && rule->until <= lint->now)
		warn(lint, "expired", &rule->span, "the rule has expired and "
		     "no longer decides");
	check_hosts(lint, rule->dests, rule->dest_count);
	return check_exe(lint, rule) && check_conds(lint, rule);
}

bool cw_lint_host(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	struct host_lint lint = {
		.ruleset = ruleset, .diag = diag, .now = time(NULL),
	};
	bool is_done = true;
	u32 i;

	check_sources(&lint);
	for (i = 0; i < ruleset->set_count; i++)
		check_hosts(&lint, ruleset->sets[i].dests,
			    ruleset->sets[i].dest_count);
	for (i = 0; is_done && i < ruleset->rule_count; i++)
		is_done = check_rule(&lint, &ruleset->rules[i]);
	cw_map_free(&lint.seen);
	return is_done;
}
