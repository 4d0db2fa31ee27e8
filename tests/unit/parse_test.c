// SPDX-License-Identifier: GPL-2.0-only
/* The tree that a text becomes, and files that include files. */
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

START_TEST(tree_has_what_was_written)
{
	struct cw_ruleset *set = text_rules(
		"default allow\nlog none\n"
		"deny /usr/bin/* user 5 script /s to 10.0.0.0/8, any port 80, "
		"90-99 proto tcp log as \"x\" until 2026-01-01\n");
	const struct cw_rule *rule = set->rules;

	ck_assert(set->default_allow);
	ck_assert_int_eq(set->log, CW_LOG_NONE);
	ck_assert_uint_eq(set->rule_count, 1);
	ck_assert(!rule->allow && !rule->monitor);
	ck_assert_int_eq(rule->log, CW_RULE_LOG_YES);
	ck_assert_int_eq(rule->exe_kind, CW_EXE_GLOB);
	ck_assert_str_eq(rule->exe, "/usr/bin/*");
	ck_assert_uint_eq(rule->cond_count, 2);
	ck_assert_int_eq(rule->conds[0].kind, CW_COND_SCRIPT);
	ck_assert_uint_eq(rule->conds[1].id, 5);
	ck_assert_ptr_null(rule->conds[1].text);
	ck_assert_uint_eq(rule->dest_count, 2);
	ck_assert_uint_eq(rule->dests[0].family, 4);
	ck_assert_uint_eq(rule->dests[0].hi[1], 255);
	ck_assert_int_eq(rule->dests[1].kind, CW_DEST_ANY);
	ck_assert_uint_eq(rule->ports[1].lo, 90);
	ck_assert_uint_eq(rule->ports[1].hi, 99);
	ck_assert_uint_eq(rule->protos, 1 << CW_PROTO_TCP);
	ck_assert(rule->protos_given);
	ck_assert_uint_eq(rule->until, 1767225600);
	ck_assert_str_eq(rule->label, "x");
	cw_ruleset_free(set);
}
END_TEST

START_TEST(protocols_are_implied_by_ports)
{
	struct cw_ruleset *set = text_rules("allow any to any\n"
					    "allow any to any port 80\n");

	ck_assert_uint_eq(set->rules[0].protos, CW_PROTO_MASK_ALL);
	ck_assert_uint_eq(set->rules[1].protos, CW_PROTO_MASK_PORTS);
	ck_assert(!set->rules[0].protos_given && !set->rules[1].protos_given);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(places_count_bytes_from_one)
{
	struct cw_ruleset *set = text_rules(
		"\n  allow /bin/x user \\\n 5 to 10.0.0.1, host a.example\n"
		"deny \\\n /x to any # c\n");
	const struct cw_rule *rule = set->rules;

	ck_assert_uint_eq(rule->span.line, 2);
	ck_assert_uint_eq(rule->span.column, 3);
	ck_assert_uint_eq(rule->span.length, 17);
	ck_assert_uint_eq(rule->exe_column, 9);
	ck_assert_uint_eq(rule->exe_length, 6);
	ck_assert_uint_eq(rule->conds->span.column, 16);
	ck_assert_uint_eq(rule->conds->span.length, 4);
	ck_assert_uint_eq(rule->dests[0].span.line, 3);
	ck_assert_uint_eq(rule->dests[0].span.column, 7);
	ck_assert_uint_eq(rule->dests[1].span.length, 14);
	ck_assert_uint_eq(rule[1].span.line, 4);
	ck_assert_uint_eq(rule[1].span.length, 4);
	ck_assert_uint_eq(rule[1].exe_column, 0);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(equal_texts_are_kept_once)
{
	struct cw_ruleset *set = text_rules(
		"allow /x script /x to any as \"/x\"\nallow \"/\\x78\" to any");
	const struct cw_rule *rule = set->rules;

	ck_assert_ptr_eq(rule[0].exe, rule[0].conds->text);
	ck_assert_ptr_eq(rule[0].exe, rule[0].label);
	ck_assert_ptr_eq(rule[0].exe, rule[1].exe);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(built_in_sets_come_first)
{
	static const char *const name[CW_BUILTIN_COUNT] = {
		"loopback", "private", "linklocal", "multicast", "internet",
	};
	struct cw_ruleset *set = text_rules("set @a = 80\n");
	u32 i;

	ck_assert_uint_eq(set->set_count, CW_BUILTIN_COUNT + 1);
	for (i = 0; i < CW_BUILTIN_COUNT; i++) {
		ck_assert(set->sets[i].builtin);
		ck_assert_str_eq(set->sets[i].name, name[i]);
	}
	ck_assert(!set->sets[i].builtin && set->sets[i].of_ports);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(many_rules)
{
	char *text = malloc(2000000), *at = text;
	struct cw_ruleset *set;
	u32 i;

	for (i = 0; i < 20000; i++)
		at += sprintf(at, "allow /usr/bin/p%u to 10.%u.%u.0/24 port "
			      "%u\n", i, i >> 8 & 255, i & 255, i);
	set = text_rules(text);
	ck_assert_uint_eq(set->rule_count, 20000);
	ck_assert_str_eq(set->rules[19999].exe, "/usr/bin/p19999");
	ck_assert_uint_eq(set->rules[12345].ports->lo, 12345);
	cw_ruleset_free(set);
	free(text);
}
END_TEST

START_TEST(list_with_a_hundred_thousand_elements)
{
	char *text = malloc(4000000), *at = text, *printed, *again;
	struct cw_ruleset *set, *second;
	u32 i;

	at += sprintf(at, "set @big = 10.0.0.0");
	for (i = 1; i < 100000; i++)
		at += sprintf(at, ", \\\n10.%u.%u.%u", i >> 16, i >> 8 & 255,
			      i & 255);
	sprintf(at, "\nallow any to @big");
	set = text_rules(text);
	ck_assert_uint_eq(set->sets[CW_BUILTIN_COUNT].dest_count, 100000);
	printed = text_print(set);
	second = text_rules(printed);
	again = text_print(second);
	ck_assert_str_eq(printed, again);
	free(printed);
	free(again);
	free(text);
	cw_ruleset_free(set);
	cw_ruleset_free(second);
}
END_TEST

/* ---- includes ----------------------------------------------------------- */

static struct cw_diag *diag;

static struct cw_ruleset *read_rules(const char *path)
{
	cw_diag_free(diag);
	diag = cw_diag_new();
	return cw_ruleset_read(path, UINT32_MAX, diag);
}

static void expect_rules(const char *path, const char *expected)
{
	struct cw_ruleset *set = read_rules(path);
	char *said = text_diag(diag), *printed;

	ck_assert_msg(set != NULL, "%s", said);
	printed = text_print(set);
	ck_assert_str_eq(printed, expected);
	free(said);
	free(printed);
	cw_ruleset_free(set);
}

static void expect_error(const char *path, const char *part)
{
	struct cw_ruleset *set = read_rules(path);
	char *said = text_diag(diag);

	ck_assert_ptr_null(set);
	ck_assert_msg(strstr(said, part) != NULL, "%s", said);
	free(said);
}

static char main_path[256];

static void write_main(const char *text)
{
	strcpy(main_path, text_write("rules.conf", text));
}

START_TEST(include_is_relative_and_sorted)
{
	text_init();
	write_main("allow any to 10.0.0.1\ninclude \"d/*.conf\"\n"
		   "allow any to 10.0.0.4\n");
	text_write("d/20.conf", "allow any to 10.0.0.3\n");
	text_write("d/10.conf", "set @a = 10.0.0.2\nallow any to @a");
	text_write("d/30.conf.off", "nonsense\n");
	text_write("d/.hidden.conf", "nonsense\n");
	expect_rules(main_path, "default deny\nlog deny\nset @a = 10.0.0.2\n"
		     "allow any to 10.0.0.1\nallow any to @a\n"
		     "allow any to 10.0.0.3\nallow any to 10.0.0.4\n");
	text_exit();
}
END_TEST

START_TEST(include_in_include_from_its_own_directory)
{
	text_init();
	write_main("include \"d/a.conf\"\n");
	text_write("d/a.conf", "include \"b.conf\"\nlog all\n");
	text_write("d/b.conf", "allow any to 10.0.0.1\n");
	expect_rules(main_path, "default deny\nlog all\nallow any to "
		     "10.0.0.1\n");
	text_exit();
}
END_TEST

START_TEST(include_twice_is_two_copies)
{
	text_init();
	write_main("include \"a.conf\"\ninclude \"a.conf\"\n");
	text_write("a.conf", "allow any to 10.0.0.1\n");
	expect_rules(main_path, "default deny\nlog deny\n"
		     "allow any to 10.0.0.1\nallow any to 10.0.0.1\n");
	text_exit();
}
END_TEST

START_TEST(include_absolute_path)
{
	char text[300];

	text_init();
	snprintf(text, sizeof(text), "include \"%s\"\n",
		 text_write("a.conf", "log all\n"));
	write_main(text);
	expect_rules(main_path, "default deny\nlog all\n");
	text_exit();
}
END_TEST

START_TEST(include_from_directory_with_wildcards_in_its_name)
{
	text_init();
	text_write("[x]*/d.conf", "log all\n");
	strcpy(main_path, text_write("[x]*/rules.conf", "include \"d.c*\"\n"));
	expect_rules(main_path, "default deny\nlog all\n");
	text_exit();
}
END_TEST

START_TEST(include_pattern_may_match_nothing_a_name_may_not)
{
	text_init();
	write_main("include \"none/*.conf\"\ninclude \"n*.conf\"\n");
	expect_rules(main_path, "default deny\nlog deny\n");
	write_main("\n include \"none.conf\"\nlog x\n");
	expect_error(main_path, "rules.conf:2:10: error: ");
	expect_error(main_path, "none.conf: No such file or directory\n"
		     " include \"none.conf\"\n         ^~~~~~~~~~~\n");
	expect_error(main_path, "rules.conf:3:5: error: ");
	text_exit();
}
END_TEST

START_TEST(error_in_an_included_file_has_its_name)
{
	text_init();
	write_main("include \"d/a.conf\"\nlog all\n");
	text_write("d/a.conf", "log deny\nalow any to any\n");
	expect_error(main_path, "d/a.conf:2:1: error: unknown word 'alow'");
	expect_error(main_path, "rules.conf:2:1: error: second 'log'");
	expect_error(main_path, "d/a.conf:1:1: note: the first is here\n"
		     "log deny\n^~~\n");
	text_exit();
}
END_TEST

START_TEST(include_of_itself_is_refused)
{
	text_init();
	write_main("include \"a.conf\"\n");
	text_write("a.conf", "include \"./d/../a.conf\"\n");
	text_write("d/x", "");
	expect_error(main_path, "the file includes itself");
	text_write("a.conf", "include \"*.conf\"\n");
	expect_error(main_path, "rules.conf: the file includes itself");
	text_exit();
}
END_TEST

START_TEST(include_too_deep_or_too_many)
{
	char name[32], text[64];
	int i;

	text_init();
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d.conf", i);
		snprintf(text, sizeof(text), "include \"%d.conf\"\n", i + 1);
		text_write(name, text);
	}
	write_main("include \"4.conf\"\n");
	text_write("20.conf", "");
	expect_error(main_path, "19.conf:1:9: error: ");
	expect_error(main_path, "includes nested deeper than 16");
	write_main("include \"5.conf\"\n");
	expect_rules(main_path, "default deny\nlog deny\n");
	for (i = 0; i < 1001; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		text_write(name, "");
	}
	write_main("include \"d/*\"\n");
	expect_error(main_path, "more than 1000 included files");
	text_exit();
}
END_TEST

START_TEST(only_regular_files_are_read)
{
	char text[300], fifo[256];

	text_init();
	write_main("include \"d\"\n");
	text_write("d/x", "");
	expect_error(main_path, "/d: Is a directory");
	snprintf(fifo, sizeof(fifo), "%s/fifo", text_dir);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	write_main("include \"fifo\"\n");
	expect_error(main_path, "fifo: not a regular file");
	write_main("include \"/dev/zero\"\n");
	expect_error(main_path, "/dev/zero: not a regular file");
	snprintf(text, sizeof(text), "%s: ", text_dir);
	expect_error(text_dir, text);
	expect_error("/dev/zero", "/dev/zero: not a regular file");
	expect_error("/nonexistent/rules", "error: /nonexistent/rules: No such "
		     "file or directory\n");
	text_exit();
}
END_TEST

START_TEST(pipe_asked_for_by_name_is_read)
{
	char path[64];
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "log all\n", 8), 8);
	close(ends[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	expect_rules(path, "default deny\nlog all\n");
	close(ends[0]);
}
END_TEST

START_TEST(file_longer_than_the_first_read)
{
	char *text = malloc(1 << 18);
	int ends[2], child;
	char path[64];

	memset(text, '#', 1 << 18);
	memcpy(text + (1 << 18) - 10, "\nlog all\n", 10);
	for (int i = 1000; i < (1 << 18) - 10; i += 1000)
		text[i] = '\n';
	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (!child) {
		close(ends[0]);
		_exit(write(ends[1], text, (1 << 18) - 1) < 0);
	}
	close(ends[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	expect_rules(path, "default deny\nlog all\n");
	close(ends[0]);
	free(text);
}
END_TEST

START_TEST(text_from_memory_may_have_a_directory)
{
	static const char rules[] = "include \"a.conf\"\n";
	struct cw_ruleset *set;
	char name[256];

	text_init();
	text_write("a.conf", "log all\n");
	snprintf(name, sizeof(name), "%s/not there", text_dir);
	cw_diag_free(diag);
	diag = cw_diag_new();
	set = cw_ruleset_parse(name, rules, strlen(rules), UINT32_MAX, diag);
	ck_assert_ptr_nonnull(set);
	ck_assert_int_eq(set->log, CW_LOG_ALL);
	ck_assert_uint_eq(set->file_count, 2);
	cw_ruleset_free(set);
	ck_assert_ptr_null(cw_ruleset_parse("bare", rules, strlen(rules),
					    UINT32_MAX, diag));
	text_exit();
}
END_TEST

START_TEST(text_too_large_is_refused)
{
	char *said;

	cw_diag_free(diag);
	diag = cw_diag_new();
	ck_assert_ptr_null(cw_ruleset_parse("big", "", CW_SOURCE_MAX + 1ul,
					    UINT32_MAX, diag));
	said = text_diag(diag);
	ck_assert_str_eq(said, "error: big: larger than 1073741824 bytes\n");
	free(said);
}
END_TEST

/* Every example of the man page, in the order of the page. */
START_TEST(examples_of_the_manual_compile)
{
	FILE *file = fopen("docs/rules.conf.5", "r");
	char *line = NULL, text[4096] = "", *end = text;
	bool is_example = false;
	int examples = 0;
	size_t room = 0;

	ck_assert_ptr_nonnull(file);
	while (getline(&line, &room, file) > 0) {
		if (!strcmp(line, ".nf\n")) {
			is_example = true;
			end = stpcpy(text, "");
		} else if (!strcmp(line, ".fi\n") && is_example) {
			is_example = false;
			/* Not the grammar, and not what is an error. */
			if (strchr(text, '\\') || strstr(text, "error:"))
				continue;
			if (!strstr(text, "set @dns")) {
				memmove(text + 19, text, end - text + 1);
				memcpy(text, "set @dns = 1.1.1.1\n", 19);
			}
			cw_ruleset_free(text_rules(text));
			examples++;
		} else if (is_example && strncmp(line, "include", 7) &&
			   *line != '.' && *line != '1') {
			end = stpcpy(end, line);
		}
	}
	free(line);
	fclose(file);
	ck_assert_int_ge(examples, 25);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("parse");
	TCase *tests = tcase_create("parse");
	int status;

	tcase_add_test(tests, tree_has_what_was_written);
	tcase_add_test(tests, protocols_are_implied_by_ports);
	tcase_add_test(tests, places_count_bytes_from_one);
	tcase_add_test(tests, equal_texts_are_kept_once);
	tcase_add_test(tests, built_in_sets_come_first);
	tcase_add_test(tests, many_rules);
	tcase_add_test(tests, list_with_a_hundred_thousand_elements);
	tcase_add_test(tests, include_is_relative_and_sorted);
	tcase_add_test(tests, include_in_include_from_its_own_directory);
	tcase_add_test(tests, include_twice_is_two_copies);
	tcase_add_test(tests, include_absolute_path);
	tcase_add_test(tests,
		       include_from_directory_with_wildcards_in_its_name);
	tcase_add_test(tests,
		       include_pattern_may_match_nothing_a_name_may_not);
	tcase_add_test(tests, error_in_an_included_file_has_its_name);
	tcase_add_test(tests, include_of_itself_is_refused);
	tcase_add_test(tests, include_too_deep_or_too_many);
	tcase_add_test(tests, only_regular_files_are_read);
	tcase_add_test(tests, pipe_asked_for_by_name_is_read);
	tcase_add_test(tests, file_longer_than_the_first_read);
	tcase_add_test(tests, text_from_memory_may_have_a_directory);
	tcase_add_test(tests, text_too_large_is_refused);
	tcase_add_test(tests, examples_of_the_manual_compile);
	suite_add_tcase(suite, tests);
	status = text_main(suite);
	cw_diag_free(diag);
	return status;
}
