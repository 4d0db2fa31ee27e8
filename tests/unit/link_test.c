// SPDX-License-Identifier: GPL-2.0-only
/* Links whose way only root can change, and others. */
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/text/passes.h"
#include "text.h"

static char target[CW_PATH_MAX], culprit[CW_PATH_MAX];

static const char *in_dir(const char *name)
{
	static char path[2][512];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", text_dir, name);
	return path[turn];
}

static void make_link(const char *content, const char *name)
{
	ck_assert_int_eq(symlink(content, in_dir(name)), 0);
}

/* The links of the system itself are root's. */
START_TEST(links_of_root_lead_on)
{
	static const char *const paths[] = {
		"/bin/sh", "/usr/bin/awk", "/usr/../bin/./sh", "//bin//sh",
		"/lib/../bin/sh",
	};
	char real[PATH_MAX];
	struct stat status;
	u32 i;

	ck_assert(!lstat("/bin", &status) && S_ISLNK(status.st_mode));
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		if (!realpath(paths[i], real))
			continue;
		ck_assert_msg(cw_link_follow(paths[i], target, culprit) == 1,
			      "%s: %s", paths[i], culprit);
		ck_assert_str_eq(target, real);
	}
}
END_TEST

START_TEST(no_link_leads_nowhere_else)
{
	ck_assert_int_eq(cw_link_follow("/usr/bin/env", target, culprit), 0);
	ck_assert_str_eq(target, "/usr/bin/env");
	text_write("file", "");
	ck_assert_int_eq(cw_link_follow(in_dir("file"), target, culprit), 0);
	ck_assert_int_eq(cw_link_follow("/nowhere/at/all", target, culprit),
			 -ENOENT);
	ck_assert_int_eq(cw_link_follow("relative", target, culprit), -EINVAL);
}
END_TEST

/* Below /tmp anyone may turn a link, wherever it is on the way. */
START_TEST(links_of_others_are_refused)
{
	char cross[600];

	make_link("/usr/bin/env", "env");
	ck_assert_int_eq(cw_link_follow(in_dir("env"), target, culprit),
			 -EPERM);
	ck_assert_str_eq(culprit, "/tmp");
	ck_assert_str_eq(target, "/usr/bin/env");
	make_link("/usr", "usr");
	snprintf(cross, sizeof(cross), "/usr/bin/../..%s",
		 in_dir("usr/bin/env"));
	ck_assert_int_eq(cw_link_follow(cross, target, culprit), -EPERM);
	/* A file of its own, yet the way to it goes by /tmp. */
	text_write("file", "");
	make_link("file", "link");
	ck_assert_int_eq(cw_link_follow(in_dir("link"), target, culprit),
			 -EPERM);
}
END_TEST

START_TEST(links_that_never_end_are_refused)
{
	char path[CW_PATH_MAX + 1];

	make_link("b", "a");
	make_link("a", "b");
	ck_assert_int_eq(cw_link_follow(in_dir("a"), target, culprit), -ELOOP);
	make_link("c/x", "c");
	ck_assert_int_eq(cw_link_follow(in_dir("c"), target, culprit), -ELOOP);
	memset(path, 'x', CW_PATH_MAX);
	path[0] = '/';
	path[CW_PATH_MAX] = 0;
	ck_assert_int_eq(cw_link_follow(path, target, culprit), -EINVAL);
	path[CW_PATH_MAX - 1] = 0;
	ck_assert_int_eq(cw_link_follow(path, target, culprit), -ENAMETOOLONG);
}
END_TEST

/* What is compiled holds both; what is printed is what was written. */
START_TEST(rules_know_the_file_behind)
{
	struct cw_ruleset *set = text_rules(
		"allow any script /bin/sh to any\n"
		"allow any script /usr/bin/env to any\n"
		"allow any script /bin/s* to any\n"
		"deny any script /bin/sh to 10.0.0.1\n");
	char real[PATH_MAX], *text;

	ck_assert_ptr_nonnull(realpath("/bin/sh", real));
	ck_assert_str_eq(set->rules[0].conds->target, real);
	ck_assert_ptr_null(set->rules[1].conds->target);
	ck_assert_ptr_null(set->rules[2].conds->target);
	ck_assert_str_eq(set->rules[3].conds->target, real);
	text = text_rule(set, 0);
	ck_assert_str_eq(text, "allow any script /bin/sh to any");
	free(text);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(rules_match_by_link_and_file)
{
	struct cw_ruleset *set = text_rules("allow any script /bin/sh to any");
	struct cw_request request = { .family = 4, .proto = CW_PROTO_ICMP };
	char real[PATH_MAX];
	struct cw_explanation found;
	struct cw_ident ident;
	static const struct {
		const char *script, *link, *file;
		bool matches;
	} rows[] = {
		{ "REAL", NULL, NULL, true }, { NULL, "/bin/sh", "REAL", true },
		{ NULL, "/bin/bash", "REAL", false },
		{ NULL, "/bin/sh", "/usr/bin/bash", false },
		{ NULL, "REAL", "REAL", false }, { NULL, NULL, NULL, false },
		{ "/usr/bin/bash", NULL, NULL, false },
	};
	u32 i;

	ck_assert_ptr_nonnull(realpath("/bin/sh", real));
#define NAME(name) (name && !strcmp(name, "REAL") ? real : name)
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ident = (struct cw_ident) {
			.script = NAME(rows[i].script),
			.link = NAME(rows[i].link),
			.link_file = NAME(rows[i].file),
		};
		cw_ruleset_explain(set, &ident, &request, &found);
		ck_assert_msg(found.verdict.allow == rows[i].matches, "%u", i);
	}
#undef NAME
	cw_ruleset_free(set);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("link");
	TCase *tests = tcase_create("link");

	tcase_add_checked_fixture(tests, text_init, text_exit);
	tcase_add_test(tests, links_of_root_lead_on);
	tcase_add_test(tests, no_link_leads_nowhere_else);
	tcase_add_test(tests, links_of_others_are_refused);
	tcase_add_test(tests, links_that_never_end_are_refused);
	tcase_add_test(tests, rules_know_the_file_behind);
	tcase_add_test(tests, rules_match_by_link_and_file);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
