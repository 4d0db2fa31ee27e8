// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: against a plain quadratic model, and against files of this host.  The
 * wording is in tests/golden/lint.t.
 */
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "policy/lint/lint.h"
#include "text.h"

/* ---- the model ---------------------------------------------------------- */

static bool covers(struct cw_coverer *coverer, const struct cw_rule *outer,
		   const struct cw_rule *inner)
{
	struct cw_cover a, b;

	ck_assert(cw_cover_rule(coverer, outer, 0, &a));
	ck_assert(cw_cover_rule(coverer, inner, 1, &b));
	return cw_cover_subject(outer, inner) && cw_cover_contains(&a, &b);
}

/* Every pair of rules; the lines that are covered by an earlier one. */
static void find_plainly(const struct cw_ruleset *set, u8 *is_dead)
{
	struct cw_coverer coverer;
	u32 i, j;

	ck_assert(cw_cover_begin(&coverer, set));
	for (i = 0; i < set->rule_count; i++)
		for (j = 0; j < i && !is_dead[i]; j++)
			is_dead[i] = covers(&coverer, &set->rules[j],
					    &set->rules[i]);
	cw_cover_end(&coverer);
}

/* The lines that lint calls shadowed, or redundant by an earlier one. */
static void find_by_lint(const struct cw_ruleset *set, u8 *is_dead)
{
	struct cw_diag *diag = cw_diag_new();
	char *said, *line, *rest;
	unsigned int number, by;

	cw_diag_limit(diag, 100000);
	ck_assert(cw_lint_shadows(set, diag));
	said = text_diag(diag);
	for (rest = said; (line = strsep(&rest, "\n"));)
		if ((sscanf(line, "rules:%u:1: warning: the rule never "
			    "decides: shadowed by line %u", &number,
			    &by) == 2 ||
		     sscanf(line, "rules:%u:1: warning: the rule adds nothing: "
			    "line %u", &number, &by) == 2) && by < number)
			is_dead[number] = 1;
	free(said);
	cw_diag_free(diag);
}

START_TEST(shadowed_rules_as_the_plain_model_finds_them)
{
	u8 plain[128], quick[128];
	u32 round, i, dead = 0;
	struct cw_ruleset *set;
	char *text;

	text_seed();
	for (round = 0; round < 200; round++) {
		text = text_random_rules(60);
		set = text_rules(text);
		memset(plain, 0, sizeof(plain));
		memset(quick, 0, sizeof(quick));
		find_plainly(set, plain);
		find_by_lint(set, quick);
		for (i = 0; i < set->rule_count; i++) {
			dead += plain[i];
			ck_assert_msg(plain[i] ==
				      quick[set->rules[i].span.line],
				      "round %u line %u of\n%s", round,
				      set->rules[i].span.line, text);
		}
		cw_ruleset_free(set);
		free(text);
	}
	ck_assert_uint_gt(dead, 1000);
}
END_TEST

/* The lines that several earlier rules take together. */
static u32 find_together(const struct cw_ruleset *set, u8 *is_dead)
{
	struct cw_diag *diag = cw_diag_new();
	char *said, *line, *rest;
	unsigned int number;
	u32 found = 0;

	cw_diag_limit(diag, 100000);
	ck_assert(cw_lint_shadows(set, diag));
	said = text_diag(diag);
	for (rest = said; (line = strsep(&rest, "\n"));)
		if (strstr(line, "earlier rules together") &&
		    sscanf(line, "rules:%u:1: warning: the rule", &number) == 1)
			found += is_dead[number] = 1;
	free(said);
	cw_diag_free(diag);
	return found;
}

/* A rule that is called shadowed is never the one that decides about a process
 * that is known. */
START_TEST(shadowed_rules_never_decide)
{
	const char *ancestor[CW_ANCESTORS];
	struct cw_explanation found;
	struct cw_request request;
	struct cw_ruleset *set;
	struct cw_ident ident;
	u32 round, i, gid;
	u8 dead[128];
	char *text;

	text_seed();
	for (round = 0; round < 50; round++) {
		text = text_random_rules(30);
		set = text_rules(text);
		memset(dead, 0, sizeof(dead));
		find_by_lint(set, dead);
		find_together(set, dead);
		for (i = 0; i < 300; i++) {
			text_random_ident(&ident, &gid, ancestor);
			text_random_request(&request);
			cw_ruleset_explain(set, &ident, &request, &found);
			if (found.verdict.rule == CW_RULE_DEFAULT ||
			    found.is_strict)
				continue;
			ck_assert(!dead[set->rules[found.verdict.rule]
					.span.line]);
		}
		cw_ruleset_free(set);
		free(text);
	}
}
END_TEST

/* A few rules about eight addresses and two protocols. */
static char *crowded_rules(u32 count)
{
	static const char *const protos[] = { "tcp", "udp", "tcp, udp" };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	u32 length;

	while (count--) {
		length = 29 + text_random(4);
		fprintf(out, "%s /x to 10.0.0.%u/%u proto %s\n",
			text_random(2) ? "allow" : "deny",
			text_random(8) & (0xffu << (32 - length)), length,
			protos[text_random(3)]);
	}
	fclose(out);
	return text;
}

/* Every request there is: which rules decide one? */
static void find_deciding(const struct cw_ruleset *set, u8 *decides)
{
	struct cw_ident ident = { .exe = "/x" };
	struct cw_request request = { .family = 4, .addr = { 10 } };
	struct cw_explanation found;
	u32 i;

	for (i = 0; i < 16; i++) {
		request.addr[3] = i / 2;
		request.proto = i % 2 ? CW_PROTO_TCP : CW_PROTO_UDP;
		cw_ruleset_explain(set, &ident, &request, &found);
		if (found.verdict.rule != CW_RULE_DEFAULT)
			decides[set->rules[found.verdict.rule].span.line] = 1;
	}
}

START_TEST(rules_that_others_take_together_are_all_found)
{
	u8 dead[128], decides[128];
	u32 round, line, together = 0;
	struct cw_ruleset *set;
	char *text;

	text_seed();
	for (round = 0; round < 300; round++) {
		text = crowded_rules(12);
		set = text_rules(text);
		memset(dead, 0, sizeof(dead));
		memset(decides, 0, sizeof(decides));
		find_by_lint(set, dead);
		together += find_together(set, dead);
		find_deciding(set, decides);
		for (line = 1; line <= 12; line++)
			ck_assert_msg(dead[line] != decides[line],
				      "round %u line %u of\n%s", round, line,
				      text);
		cw_ruleset_free(set);
		free(text);
	}
	ck_assert_uint_gt(together, 100);
}
END_TEST

/* ---- patterns ----------------------------------------------------------- */

/* If one pattern covers another, no text matches only the inner one. */
START_TEST(pattern_that_covers_matches_all)
{
	static const char letters[] = "/ab*?**";
	char outer[12], inner[12], text[8];
	u32 round, i, pairs = 0;

	text_seed();
	for (round = 0; round < 30000; round++) {
		memset(outer, 0, sizeof(outer));
		memset(inner, 0, sizeof(inner));
		for (i = text_random(6); i < 6; i++) {
			strncat(outer, letters + text_random(5), 1);
			strncat(inner, letters + text_random(5), 1);
		}
		if (strstr(outer, "***") || strstr(inner, "***") ||
		    !cw_cover_glob(outer, inner))
			continue;
		pairs++;
		for (i = 0; i < 100; i++) {
			memset(text, 0, sizeof(text));
			for (u32 j = text_random(6); j < 6; j++)
				strncat(text, letters + text_random(3), 1);
			if (cw_glob_matches(inner, text))
				ck_assert_msg(cw_glob_matches(outer, text),
					      "%s %s %s", outer, inner, text);
		}
	}
	ck_assert_uint_gt(pairs, 100);
}
END_TEST

START_TEST(pattern_covers)
{
	static const struct {
		const char *outer, *inner;
		bool covers;
	} rows[] = {
		{ "/a", "/a", true }, { "/a", "/b", false },
		{ "/a", "/*", false }, { "/*", "/a", true },
		{ "/*", "/a*", true }, { "/a*", "/*", false },
		{ "/**", "/*", true }, { "/*", "/**", false },
		{ "/**", "/a/*/b", true }, { "/a/**/b", "/a/*/b", true },
		{ "/a/*/b", "/a/**/b", false }, { "/?", "/a", true },
		{ "/?", "/*", false }, { "/*", "/?", true },
		{ "/?", "/?", true }, { "/*?", "/?*", false },
		{ "/a*b*c", "/a?b?c", true }, { "/a*c", "/a*b*c", true },
		{ "/*/*", "/*/x", true }, { "/*", "/*/x", false },
		{ "**", "/*", true }, { "/a**", "/a*/b", true },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		ck_assert_msg(cw_cover_glob(rows[i].outer, rows[i].inner) ==
			      rows[i].covers, "%s %s", rows[i].outer,
			      rows[i].inner);
}
END_TEST

/* ---- this host ---------------------------------------------------------- */

static char *said;

static void lint_host(const char *rules)
{
	struct cw_ruleset *set = text_rules(rules);
	struct cw_diag *diag = cw_diag_new();

	free(said);
	ck_assert(cw_lint_host(set, diag));
	said = text_diag(diag);
	cw_diag_free(diag);
	cw_ruleset_free(set);
}

static void expect(const char *part)
{
	ck_assert_msg(strstr(said, part) != NULL, "%s", said);
}

/* A rule about a file below the test's directory. */
static void lint_path(const char *form, const char *name)
{
	char rules[512], path[200];

	snprintf(path, sizeof(path), "%s/%s", text_dir, name);
	snprintf(rules, sizeof(rules), form, path);
	lint_host(rules);
}

START_TEST(paths_that_never_match)
{
	char link[128];

	text_init();
	chmod(text_write("real/prog", ""), 0755);
	snprintf(link, sizeof(link), "%s/link", text_dir);
	ck_assert_int_eq(symlink("real", link), 0);
	lint_path("allow %s to any", "real/prog");
	ck_assert_str_eq(said, "");
	lint_path("allow %s to any", "link/prog");
	expect("1:7: warning: ");
	expect("/real/prog; write that [symlink]");
	lint_path("allow %s to any", "link/*");
	expect("the pattern never matches");
	lint_path("allow %s to any", "real/p*");
	ck_assert_str_eq(said, "");
	lint_path("allow %s to any", "none/p*");
	expect("[missing]");
	lint_path("allow %s to any", "real/none");
	expect("No such file or directory [missing]");
	lint_path("allow %s to any", "real");
	expect("is not a regular file [missing]");
	lint_path("allow any script %s to any", "real/none");
	expect("1:11: warning: ");
	lint_path("allow any parent %s to any", "link/prog");
	expect("[symlink]");
	lint_path("allow any ancestor %s to any", "real/none");
	expect("[missing]");
	lint_path("allow %s to any", "real/q*");
	expect("no file matches ");
	expect("/real/q* [missing]");
	lint_path("allow %s to any", "*/p?og");
	ck_assert_str_eq(said, "");
	chmod(text_write("real/data", ""), 0644);
	lint_path("allow %s to any", "real/data");
	expect("the file is not executable [never]");
	chmod(text_write("real/script", "#! /usr/bin/env -S x\n"), 0755);
	lint_path("allow %s to any", "real/script");
	expect("it is a script, its process executes the interpreter; write "
	       "'INTERPRETER script /");
	lint_path("allow any ancestor %s to any", "real/script");
	expect("[script]");
	lint_path("allow any script %s to any", "real/script");
	ck_assert_str_eq(said, "");
	chmod(text_write("real/script", "#!/bin/sh\n"), 0755);
	lint_path("allow %s to any", "real/script");
	expect("write '/usr/bin/");
	lint_path("allow any script %s to any", "real/prog");
	expect("it does not begin with #! [script]");
	lint_host("allow /*/x to any\nallow any to any\nallow /** to any");
	ck_assert_str_eq(said, "");
	text_exit();
}
END_TEST

START_TEST(paths_that_anyone_may_replace)
{
	char path[128];

	text_init();
	chmod(text_write("d/prog", ""), 0757);
	lint_path("allow %s to any", "d/prog");
	expect("may be overwritten by anyone [writable]");
	chmod(text_write("d/prog", ""), 0755);
	snprintf(path, sizeof(path), "%s/d", text_dir);
	chmod(path, 0777);
	lint_path("allow %s to any", "d/prog");
	expect("/d/prog may be replaced by anyone, who may write to /");
	chmod(path, 01777);
	lint_path("allow %s to any", "d/prog");
	ck_assert_str_eq(said, "");
	/* Who may only add files can add one that the pattern matches. */
	lint_path("allow %s to any", "d/p*");
	expect("may be replaced by anyone");
	lint_path("deny %s to any", "d/p*");
	ck_assert_str_eq(said, "");
	chmod(path, 0755);
	lint_path("allow %s to any", "d/p*");
	ck_assert_str_eq(said, "");
	if (chown(path, 4242, 0))
		ck_abort_msg("the test is for root");
	lint_path("allow %s to any", "d/prog");
	expect("may be replaced by user id 4242, who may write to ");
	ck_assert(!chown(path, 0, 4242) && !chmod(path, 0775));
	lint_path("allow %s to any", "d/prog");
	expect("may be replaced by group id 4242");
	lint_path("deny %s to any", "d/prog");
	ck_assert_str_eq(said, "");
	text_exit();
}
END_TEST

START_TEST(digests_that_no_file_has)
{
	text_init();
	chmod(text_write("prog", "x"), 0755);
	lint_path("allow %s sha256 2d711642b726b04401627ca9fbac32f5c8530fb1903cc"
		  "4db02258717921a4881 to any", "prog");
	ck_assert_str_eq(said, "");
	lint_path("allow %s sha256 3d711642b726b04401627ca9fbac32f5c8530fb1903cc"
		  "4db02258717921a4881 to any", "prog");
	expect("the rule never matches: ");
	expect("/prog has the digest 2d711642b726b04401627ca9fbac32f5c8530fb190"
	       "3cc4db02258717921a4881 [digest]");
	text_exit();
}
END_TEST

/* ---- systemd and the kernel --------------------------------------------- */

static void make_link(const char *to, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", text_dir, name);
	ck_assert_int_eq(symlink(to, path), 0);
}

START_TEST(units_and_cgroups_that_are_not_there)
{
	text_init();
	cw_lint_set_root(text_dir);
	lint_host("allow any unit a.service to any\n"
		  "allow any container c to any");
	expect("rules:1:11: warning: the condition never holds: this host has "
	       "no control groups of version 2 [system]");
	ck_assert_ptr_null(strstr(said, "rules:2"));
	text_write("sys/fs/cgroup/cgroup.controllers", "");
	lint_host("allow any unit a.service to any");
	expect("systemd does not run on this host [system]");
	text_write("run/systemd/system/a.service", "");
	text_write("usr/lib/systemd/system/t@.service", "");
	make_link("a.service", "run/systemd/system/b.service");
	lint_host("allow any unit a.service to any\n"
		  "allow any unit t@1.service to any\n"
		  "allow any unit t@*.service to any\n"
		  "allow any unit session-*.scope to any\n"
		  "allow any unit system.slice to any\n"
		  "allow any unit *.service to any\n"
		  "allow any container x to any");
	ck_assert_str_eq(said, "");
	lint_host("allow any unit ab.service to any");
	expect("there is no unit ab.service [unit]");
	lint_host("allow any unit u@1.service to any");
	expect("there is no unit u@1.service [unit]");
	lint_host("allow any unit t@.service to any");
	expect("it is a template; write its instances, as in t@*.service");
	lint_host("allow any unit b.service to any");
	expect("b.service never matches: it is another name of a.service");
	lint_host("allow any unit x*.service to any");
	expect("there is no unit like x*.service [unit]");
	lint_host("allow any cgroup /none to any");
	expect("note: there is no control group /none at present [missing]");
	text_write("sys/fs/cgroup/some/cgroup.procs", "");
	lint_host("allow any cgroup /some to any");
	ck_assert_str_eq(said, "");
	cw_lint_set_root("");
	text_exit();
}
END_TEST

START_TEST(what_the_kernel_lacks)
{
	struct utsname name;
	char path[200];

	text_init();
	cw_lint_set_root(text_dir);
	text_write("proc/net/tcp", "");
	lint_host("allow any to ::1\nallow any to ::1, 127.0.0.1\n"
		  "allow any to @loopback");
	expect("rules:1:1: warning: the rule never matches: IPv6 is off");
	ck_assert_ptr_null(strstr(said, "rules:2"));
	text_write("proc/net/if_inet6", "");
	ck_assert_int_eq(uname(&name), 0);
	snprintf(path, sizeof(path), "lib/modules/%s/modules.dep",
		 name.release);
	text_write(path, "kernel/net/tls/tls.ko:\n");
	lint_host("allow any to ::1\nallow any to any proto sctp\n"
		  "allow any to any proto tcp, sctp");
	expect("rules:2:1: warning: the rule never matches: this kernel has no "
	       "SCTP [system]");
	ck_assert_ptr_null(strstr(said, "rules:3"));
	text_write(path, "kernel/net/sctp/sctp.ko.xz: x\n");
	lint_host("allow any to any proto sctp");
	ck_assert_str_eq(said, "");
	cw_lint_set_root("");
	text_exit();
}
END_TEST

START_TEST(numbers_without_an_account)
{
	lint_host("allow any user 0 group 0 to any\n"
		  "allow any user 3999999999 to any\n"
		  "allow any group 3999999998 to any\n");
	expect("rules:2:11: warning: no account has the user id 3999999999");
	expect("rules:3:11: warning: no group has the id 3999999998 [account]");
	ck_assert_ptr_null(strstr(said, "rules:1"));
}
END_TEST

START_TEST(each_path_is_said_once)
{
	lint_host("allow /none/x to any\ndeny \\\n /none/x script /none/x to "
		  "10.0.0.1\n");
	ck_assert_ptr_eq(strstr(strstr(said, "warning") + 1, "warning"), NULL);
	lint_host("deny \\\n /none/y to any\n");
	expect("rules:1:1: warning: /none/y");
}
END_TEST

START_TEST(rules_that_have_expired)
{
	lint_host("allow any to any until 2001-01-01");
	expect("the rule has expired and no longer decides [expired]");
	lint_host("allow any to any until 9999-01-01");
	expect("the rule ends in more than ten years");
	lint_host("allow any to any until 2035-01-01");
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(names_are_not_looked_up_yet)
{
	lint_host("set @a = host localhost\nallow any to @a, host b.invalid\n");
	expect("rules:1:10: warning: names of hosts are not looked up yet; "
	       "write the addresses of localhost [host]");
	expect("rules:2:18: warning: ");
}
END_TEST

START_TEST(rules_that_others_may_write)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *set;
	char path[128], *text;

	text_init();
	strcpy(path, text_write("rules.conf", ""));
	chmod(path, 0660);
	set = cw_ruleset_read(path, UINT32_MAX, diag);
	cw_ruleset_lint(set, diag);
	text = text_diag(diag);
	ck_assert_ptr_nonnull(strstr(text, "rules.conf: warning: the file may "
				     "be written by others than its owner "
				     "[open-rules]"));
	free(text);
	cw_ruleset_free(set);
	cw_diag_free(diag);
	text_exit();
}
END_TEST

START_TEST(shadowed_by_a_rule_in_another_file)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *set;
	char *text;

	text_init();
	text_write("a.conf", "\nallow any to 10.0.0.0/8\n");
	set = cw_ruleset_read(text_write("rules.conf", "include \"a.conf\"\n"
					 "deny any to 10.0.0.1\n"),
			      UINT32_MAX, diag);
	ck_assert(cw_lint_rules(set, diag));
	text = text_diag(diag);
	ck_assert_ptr_nonnull(strstr(text, "rules.conf:2:1: warning: the rule "
				     "never decides: shadowed by /"));
	ck_assert_ptr_nonnull(strstr(text, "a.conf:2 [shadowed]"));
	free(text);
	cw_ruleset_free(set);
	cw_diag_free(diag);
	text_exit();
}
END_TEST

/* Rules with long lists are found too, and a million of rules in one file do
 * not make it quadratic. */
START_TEST(many_rules_and_long_lists)
{
	char *text = malloc(8000000), *at = text;
	u8 *dead = calloc(1, 60010);
	struct cw_ruleset *set;
	u32 i;

	at += sprintf(at, "set @long = 10.0.0.0");
	for (i = 1; i < 100; i++)
		at += sprintf(at, ", 10.0.%u.0/25", i);
	at += sprintf(at, "\nallow /w to @long\ndeny /w to 10.0.7.7\n"
		      "deny /w to @long port 80\n");
	for (i = 0; i < 30000; i++)
		at += sprintf(at, "allow /p%u to 10.%u.%u.0/24 port %u\n",
			      i % 1000, i >> 8 & 255, i & 255, i & 15);
	for (i = 0; i < 5000; i++)
		at += sprintf(at, "deny any to 11.%u.%u.0 port %u\n",
			      i >> 8 & 255, i & 255, i);
	sprintf(at, "deny /p1 to 11.0.1.0 port 1\n");
	set = text_rules(text);
	find_by_lint(set, dead);
	ck_assert(!dead[2] && dead[3] && dead[4]);
	for (i = 5; i < 35005; i++)
		ck_assert(!dead[i]);
	ck_assert(dead[35005]);
	cw_ruleset_free(set);
	free(dead);
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lint");
	TCase *tests = tcase_create("lint");
	int status;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, shadowed_rules_as_the_plain_model_finds_them);
	tcase_add_test(tests, shadowed_rules_never_decide);
	tcase_add_test(tests, rules_that_others_take_together_are_all_found);
	tcase_add_test(tests, pattern_that_covers_matches_all);
	tcase_add_test(tests, pattern_covers);
	tcase_add_test(tests, paths_that_never_match);
	tcase_add_test(tests, paths_that_anyone_may_replace);
	tcase_add_test(tests, digests_that_no_file_has);
	tcase_add_test(tests, units_and_cgroups_that_are_not_there);
	tcase_add_test(tests, what_the_kernel_lacks);
	tcase_add_test(tests, numbers_without_an_account);
	tcase_add_test(tests, each_path_is_said_once);
	tcase_add_test(tests, rules_that_have_expired);
	tcase_add_test(tests, names_are_not_looked_up_yet);
	tcase_add_test(tests, rules_that_others_may_write);
	tcase_add_test(tests, shadowed_by_a_rule_in_another_file);
	tcase_add_test(tests, many_rules_and_long_lists);
	suite_add_tcase(suite, tests);
	status = text_main(suite);
	free(said);
	return status;
}
