// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: programs at places where users write, seen from the text alone.  Who
 * may put a program there may do what the rule allows.
 */
#include <stdio.h>

#include "lint.h"

/* Where users without rights make files on a usual host. */
static const char *const places[] = {
	"/tmp/", "/var/tmp/", "/dev/shm/", "/run/user/", "/run/shm/",
	"/run/lock/", "/var/lock/", "/var/crash/", "/home/", "/media/",
	"/run/media/",
};

/* The pattern's last component with something in place of each wildcard. */
static void make_name(const char *pattern, char *name, size_t room)
{
	const char *from = strrchr(pattern, '/') + 1;
	size_t used = 0;

	for (; *from && used < room - 1; from++)
		if (*from != '*' || from[1] != '*')
			name[used++] = *from == '*' || *from == '?' ? 'x' :
								      *from;
	name[used] = 0;
}

/* A path below a place of users that the pattern matches. */
static bool find_example(const char *pattern, char example[CW_PATH_MAX])
{
	static const char *const between[] = { "", "x/", "x/x/" };
	char name[CW_PATH_MAX];
	size_t i, j;

	make_name(pattern, name, sizeof(name));
	for (i = 0; i < ARRAY_SIZE(places); i++)
		for (j = 0; j < ARRAY_SIZE(between); j++) {
			snprintf(example, CW_PATH_MAX, "%s%s%.3000s", places[i],
				 between[j], name);
			if (cw_glob_matches(pattern, example))
				return true;
		}
	return false;
}

static bool lies_with_users(const char *path)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		if (!strncmp(path, places[i], strlen(places[i])))
			return true;
	return false;
}

static void check_path(const struct cw_ruleset *ruleset, const char *path,
		       const struct cw_span *span, struct cw_diag *diag)
{
	char example[CW_PATH_MAX];

	if (lies_with_users(path))
		snprintf(example, sizeof(example), "%s", path);
	else if (!strpbrk(path, "*?") || !find_example(path, example))
		return;
	cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "writable", span,
		    "users may write where %.200s lies: who puts a program "
		    "there has what the rule allows", example);
}

void cw_lint_places(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	const struct cw_rule *rule = ruleset->rules;
	const struct cw_cond *cond;
	struct cw_span span;
	u32 i, j;

	for (i = 0; i < ruleset->rule_count; i++, rule++) {
		if (!rule->allow)
			continue;
		span = rule->span;
		if (rule->exe_column) {
			span.column = rule->exe_column;
			span.length = rule->exe_length;
		}
		if (rule->exe)
			check_path(ruleset, rule->exe, &span, diag);
		for (j = 0, cond = rule->conds; j < rule->cond_count;
		     j++, cond++)
			if ((cond->kind == CW_COND_SCRIPT ||
			     cond->kind == CW_COND_PARENT ||
			     cond->kind == CW_COND_ANCESTOR) &&
			    !cw_lint_narrows_nothing(cond))
				check_path(ruleset, cond->text, &cond->span,
					   diag);
	}
}
