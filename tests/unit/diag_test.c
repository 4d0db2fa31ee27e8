// SPDX-License-Identifier: GPL-2.0-only
/* Messages as people and programs see them. */
#include "text.h"

static char *errors_of(const char *text)
{
	struct cw_diag *diag = cw_diag_new();
	char *said;

	ck_assert_ptr_null(text_parse(text, diag));
	said = text_diag(diag);
	cw_diag_free(diag);
	return said;
}

static void expect(const char *rules, const char *expected)
{
	char *said = errors_of(rules);

	ck_assert_str_eq(said, expected);
	free(said);
}

START_TEST(caret_under_the_word)
{
	expect("allow any to 10.0.0.0/33 port 80",
	       "rules:1:14: error: prefix length '33' is no number from 0 to "
	       "32\n"
	       "allow any to 10.0.0.0/33 port 80\n"
	       "             ^~~~~~~~~~~\n");
}
END_TEST

START_TEST(caret_after_tabs_and_wide_letters)
{
	expect("\tallow\tany\tt0 any\r\n",
	       "rules:1:12: error: unknown word 't0'; did you mean 'to'?\n"
	       "\tallow\tany\tt0 any\n"
	       "\t     \t   \t^~\n");
	expect("allow any to any as \"\xc3\xa9\xe2\x82\xac\" xy\n",
	       "rules:1:29: error: expected a comma, port, proto, an option or "
	       "the end of the statement, not 'xy'\n"
	       "allow any to any as \"\xc3\xa9\xe2\x82\xac\" xy\n"
	       "                         ^~\n");
}
END_TEST

START_TEST(caret_behind_the_end)
{
	expect("allow any # comment",
	       "rules:1:10: error: expected a condition or 'to', but the "
	       "statement ends here\n"
	       "allow any # comment\n"
	       "         ^\n");
	expect("log",
	       "rules:1:4: error: expected 'none', 'deny' or 'all', but the "
	       "statement ends here\n"
	       "log\n"
	       "   ^\n");
}
END_TEST

START_TEST(second_place_as_a_note)
{
	expect("log all\n\n  log none\n",
	       "rules:3:3: error: second 'log' statement\n"
	       "  log none\n"
	       "  ^~~\n"
	       "rules:1:1: note: the first is here\n"
	       "log all\n"
	       "^~~\n");
	expect("allow any to any port @loopback",
	       "rules:1:23: error: set @loopback holds addresses, here ports "
	       "are wanted\n"
	       "allow any to any port @loopback\n"
	       "                      ^~~~~~~~~\n"
	       "note: @loopback is built in\n");
}
END_TEST

START_TEST(all_errors_from_top_to_bottom)
{
	char *said = errors_of("allow any to @x\nalow any to any\n"
			       "allow any user nosuchuser to any\nlog x\n");
	const char *first = strstr(said, "rules:1:14:");
	const char *second = strstr(said, "rules:2:1:");
	const char *third = strstr(said, "rules:3:11:");
	const char *fourth = strstr(said, "rules:4:5:");

	ck_assert(first && second && third && fourth);
	ck_assert(first < second && second < third && third < fourth);
	free(said);
}
END_TEST

START_TEST(terminal_escapes_are_disarmed)
{
	char *said = errors_of("allow any to any # \x1b]0;title\x07 \xff\x01");

	ck_assert_ptr_null(strchr(said, '\x1b'));
	ck_assert_ptr_null(strchr(said, '\x07'));
	ck_assert_ptr_nonnull(strstr(said, "allow any to any # ?]0;title? ??"));
	free(said);
	said = errors_of("allow \"/a\\x1b//b\" to any");
	ck_assert_ptr_null(strchr(said, '\x1b'));
	free(said);
}
END_TEST

START_TEST(long_line_is_cut_around_the_caret)
{
	char text[4000], *said, *caret, *line;

	memset(text, ' ', sizeof(text));
	memcpy(text, "allow any to any", 16);
	strcpy(text + 2000, "oops # and more of this line");
	said = errors_of(text);
	line = strstr(said, "\n") + 1;
	caret = strstr(line, "\n") + 1;
	ck_assert_int_lt(caret - line, 200);
	ck_assert_ptr_eq(strstr(line, "oops") - (line - caret),
			 strchr(caret, '^'));
	free(said);
}
END_TEST

/* @count lines with an error each. */
static char *make_errors(u32 count)
{
	static const char line[] = "alow any to any\n";
	char *text = calloc(count + 1, sizeof(line)), *end = text;

	while (count--)
		end = stpcpy(end, line);
	return text;
}

static u32 count_errors(const char *said)
{
	u32 shown = 0;

	for (; (said = strstr(said, "error: ")); said++)
		shown++;
	return shown;
}

START_TEST(all_errors_are_shown_up_to_ten_thousand)
{
	struct cw_diag *diag = cw_diag_new();
	char *text = make_errors(10150), *said;

	ck_assert_ptr_null(text_parse(text + 150 * strlen("alow any to any\n"),
				      diag));
	said = text_diag(diag);
	ck_assert_uint_eq(count_errors(said), 10000);
	ck_assert_ptr_null(strstr(said, "not shown"));
	free(said);
	cw_diag_free(diag);
	diag = cw_diag_new();
	ck_assert_ptr_null(text_parse(text, diag));
	ck_assert_uint_eq(cw_diag_count(diag, CW_SEVERITY_ERROR), 10150);
	said = text_diag(diag);
	ck_assert_uint_eq(count_errors(said), 10000);
	ck_assert_ptr_nonnull(strstr(said, "\n150 more errors not shown\n"));
	free(said);
	free(text);
	cw_diag_free(diag);
}
END_TEST

START_TEST(what_is_not_shown_is_counted)
{
	struct cw_diag *diag = cw_diag_new();
	char *text = make_errors(250), *said;

	cw_diag_limit(diag, 249);
	ck_assert_ptr_null(text_parse(text, diag));
	said = text_diag(diag);
	ck_assert_ptr_nonnull(strstr(said, "\n1 more error not shown\n"));
	free(said);
	said = text_json(diag);
	ck_assert_ptr_nonnull(strstr(said, "{\"severity\":\"error\","
				     "\"omitted\":1}\n"));
	free(said);
	free(text);
	cw_diag_free(diag);
}
END_TEST

START_TEST(lines_far_down_are_found)
{
	struct cw_diag *diag = cw_diag_new();
	char *text = calloc(1, 100000), *at = text, *said;
	u32 i;

	for (i = 1; i <= 5000; i++)
		at += sprintf(at, i % 1024 < 2 ? "al%u\n" : "#%u\n", i);
	ck_assert_ptr_null(text_parse(text, diag));
	said = text_diag(diag);
	ck_assert_ptr_nonnull(strstr(said, "rules:1:1: "));
	ck_assert_ptr_nonnull(strstr(said, "\nal1\n^~~\n"));
	ck_assert_ptr_nonnull(strstr(said, "rules:1024:1: "));
	ck_assert_ptr_nonnull(strstr(said, "\nal1024\n^~~~~~\n"));
	ck_assert_ptr_nonnull(strstr(said, "\nal1025\n^~~~~~\n"));
	ck_assert_ptr_nonnull(strstr(said, "\nal4097\n^~~~~~\n"));
	free(said);
	free(text);
	cw_diag_free(diag);
}
END_TEST

START_TEST(json_one_object_a_line)
{
	struct cw_diag *diag = cw_diag_new();
	char *said;

	ck_assert_ptr_null(
		text_parse("log all\nlog none\nalow \"\\\"\"\n", diag));
	said = text_json(diag);
	ck_assert_str_eq(said,
		"{\"severity\":\"error\",\"file\":\"rules\",\"line\":2,"
		"\"column\":1,\"length\":3,\"message\":\"second 'log' "
		"statement\",\"notes\":[{\"severity\":\"note\",\"file\":"
		"\"rules\",\"line\":1,\"column\":1,\"length\":3,\"message\":"
		"\"the first is here\"}]}\n"
		"{\"severity\":\"error\",\"file\":\"rules\",\"line\":3,"
		"\"column\":1,\"length\":4,\"message\":\"unknown word 'alow'; "
		"did you mean 'allow'?\"}\n");
	free(said);
	cw_diag_free(diag);
}
END_TEST

START_TEST(json_strings_are_escaped)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cw_json_string(out, "a\"b\\c\n\t\x01\xc3\xa9\xff\xe2\x80\xae\x7f");
	fclose(out);
	ck_assert_str_eq(text, "\"a\\\"b\\\\c\\u000a\\u0009\\u0001\xc3\xa9"
			 "\\\\377\\u202e\\u007f\"");
	free(text);
}
END_TEST

START_TEST(messages_without_a_place)
{
	struct cw_ruleset *ruleset = text_rules("allow any to any\n");
	struct cw_diag *diag = cw_diag_new();
	struct cw_span span = { 0 };
	char *said;

	cw_diag_note(diag, NULL, NULL, "belongs to nothing");
	cw_diag_tag(diag, "nothing");
	cw_diag_add(diag, NULL, CW_SEVERITY_ERROR, NULL, "%s", "bare");
	cw_diag_add(diag, ruleset, CW_SEVERITY_WARNING, &span, "whole file");
	cw_diag_tag(diag, "check");
	span.line = 77;
	cw_diag_add(diag, ruleset, CW_SEVERITY_NOTE, &span, "no such line");
	span.file = 9;
	cw_diag_add(diag, ruleset, CW_SEVERITY_NOTE, &span, "no such file");
	cw_diag_nomem(diag);
	cw_diag_nomem(diag);
	ck_assert_uint_eq(cw_diag_count(diag, CW_SEVERITY_ERROR), 2);
	said = text_diag(diag);
	ck_assert_str_eq(said, "error: bare\nrules: warning: whole file "
			 "[check]\nnote: no such file\nrules:77:0: note: no "
			 "such line\nerror: out of memory\n");
	free(said);
	said = text_json(diag);
	ck_assert_ptr_nonnull(strstr(said, "{\"severity\":\"error\",\"message"
				     "\":\"out of memory\"}\n"));
	ck_assert_ptr_nonnull(strstr(said, "\"check\":\"check\""));
	free(said);
	cw_diag_free(diag);
	cw_diag_free(NULL);
	cw_ruleset_free(ruleset);
	cw_ruleset_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diag");
	TCase *tests = tcase_create("diag");

	tcase_add_test(tests, caret_under_the_word);
	tcase_add_test(tests, caret_after_tabs_and_wide_letters);
	tcase_add_test(tests, caret_behind_the_end);
	tcase_add_test(tests, second_place_as_a_note);
	tcase_add_test(tests, all_errors_from_top_to_bottom);
	tcase_add_test(tests, terminal_escapes_are_disarmed);
	tcase_add_test(tests, long_line_is_cut_around_the_caret);
	tcase_add_test(tests, all_errors_are_shown_up_to_ten_thousand);
	tcase_add_test(tests, what_is_not_shown_is_counted);
	tcase_add_test(tests, lines_far_down_are_found);
	tcase_add_test(tests, json_one_object_a_line);
	tcase_add_test(tests, json_strings_are_escaped);
	tcase_add_test(tests, messages_without_a_place);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
