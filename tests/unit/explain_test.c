// SPDX-License-Identifier: GPL-2.0-only
/* The verdict by trying rule after rule, and what came close. */
#include "text.h"

static struct cw_ruleset *set;
static struct cw_ident ident;
static struct cw_request request;
static struct cw_explanation found;
static char *text;

static void begin(const char *rules)
{
	set = text_rules(rules);
	memset(&ident, 0, sizeof(ident));
	memset(&request, 0, sizeof(request));
	ident.exe = "/usr/bin/curl";
	ident.uid = 1000;
	request.family = 4;
	memcpy(request.addr, "\x0a\0\0\1", 4);
	request.port = 443;
}

static void explain(bool is_json)
{
	size_t size;
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	cw_ruleset_explain(set, &ident, &request, &found);
	if (is_json)
		cw_explanation_print_json(set, &found, out);
	else
		cw_explanation_print(set, &found, out);
	fclose(out);
}

static void expect(const char *rules, const char *expected)
{
	begin(rules);
	explain(false);
	ck_assert_str_eq(text, expected);
	cw_ruleset_free(set);
}

START_TEST(rule_that_decides)
{
	expect("allow /usr/bin/curl to 10.0.0.0/8 as \"x\"\n",
	       "allow by rule 0\n"
	       "  rules:1: allow /usr/bin/curl to 10.0.0.0/8 as \"x\"\n");
	expect("\ndeny any to any monitor\n",
	       "deny (only reported: monitor) by rule 0\n"
	       "  rules:2: deny any to any monitor\n");
	expect("", "deny by default: no rule matches\n");
	expect("default allow", "allow by default: no rule matches\n");
}
END_TEST

START_TEST(near_misses_say_why)
{
	expect("allow /usr/bin/curl to 11.0.0.0/8 port 443\n"
	       "allow /usr/bin/curl to 10.0.0.0/8 port 80\n"
	       "allow /usr/bin/curl to 10.0.0.0/8 proto udp\n"
	       "allow /usr/bin/curl user 5 to 10.0.0.0/8\n"
	       "allow /opt/curl to 10.0.0.0/8 port 443\n"
	       "allow any to 11.0.0.0/8\n"
	       "allow /usr/bin/curl user 5 group 6 to any\n"
	       "allow /usr/bin/curl to host a.example\n",
	       "deny by default: no rule matches\n"
	       "close:\n"
	       "  rules:5: allow /opt/curl to 10.0.0.0/8 port 443\n"
	       "    another program\n"
	       "  rules:2: allow /usr/bin/curl to 10.0.0.0/8 port 80\n"
	       "    another port\n"
	       "  rules:3: allow /usr/bin/curl to 10.0.0.0/8 proto udp\n"
	       "    another protocol\n"
	       "  rules:4: allow /usr/bin/curl user 5 to 10.0.0.0/8\n"
	       "    condition 'user' does not hold\n"
	       "  rules:1: allow /usr/bin/curl to 11.0.0.0/8 port 443\n"
	       "    another destination\n"
	       "  rules:8: allow /usr/bin/curl to host a.example\n"
	       "    another destination (names are not looked up here)\n");
}
END_TEST

START_TEST(expired_rule_is_close)
{
	begin("allow any to 10.0.0.0/8 port 443 until 1970-01-02\n");
	request.now = 86400;
	explain(false);
	ck_assert_ptr_nonnull(strstr(text, "\n    expired\n"));
	request.now = 86399;
	explain(false);
	ck_assert_ptr_nonnull(strstr(text, "allow by rule 0\n"));
	cw_ruleset_free(set);
}
END_TEST

START_TEST(local_port_is_close)
{
	begin("allow any to 10.0.0.0/8 port 443 from port 53\n");
	explain(false);
	ck_assert_ptr_nonnull(strstr(text, "    another local port, or none "
				     "was given\n"));
	request.from = 54;
	explain(true);
	ck_assert_ptr_nonnull(strstr(text, "\"another local port, or none was "
				     "given\""));
	request.from = 53;
	explain(false);
	ck_assert_ptr_nonnull(strstr(text, "allow by rule 0\n"));
	cw_ruleset_free(set);
}
END_TEST

START_TEST(rule_hidden_by_the_order)
{
	expect("allow any to 10.0.0.0/8\nallow any to 10.0.0.1\n"
	       "deny /usr/bin/curl to 10.0.0.1\ndeny any to any\n",
	       "allow by rule 0\n"
	       "  rules:1: allow any to 10.0.0.0/8\n"
	       "close:\n"
	       "  rules:3: deny /usr/bin/curl to 10.0.0.1\n"
	       "    would decide otherwise, but comes later\n");
}
END_TEST

START_TEST(only_the_closest_are_kept)
{
	char rules[2000] = "";
	int i;

	for (i = 0; i < 20; i++)
		sprintf(rules + strlen(rules), "allow %s to 10.0.0.0/%d port "
			"%d\n", i == 15 ? "/usr/bin/curl" : "any", 8, i + 1);
	begin(rules);
	explain(false);
	ck_assert_uint_eq(found.near_count, CW_NEAR_MAX);
	ck_assert_uint_eq(found.near[0].rule, 15);
	ck_assert_uint_eq(found.near[1].rule, 0);
	ck_assert_uint_eq(found.near[7].rule, 6);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(json_in_one_line)
{
	begin("allow /usr/bin/curl to 10.0.0.0/8 port 80\n"
	      "deny any to any as \"no\"\n");
	explain(true);
	ck_assert_str_eq(text,
		"{\"verdict\":\"deny\",\"monitor\":false,\"log\":true,\"rule\""
		":1,\"file\":\"rules\",\"line\":2,\"label\":\"no\",\"text\":"
		"\"deny any to any as \\\"no\\\"\",\"close\":[{\"rule\":0,"
		"\"file\":\"rules\",\"line\":1,\"text\":\"allow /usr/bin/curl "
		"to 10.0.0.0/8 port 80\",\"reason\":\"another port\"}]}\n");
	cw_ruleset_free(set);
	begin("");
	explain(true);
	ck_assert_str_eq(text, "{\"verdict\":\"deny\",\"monitor\":false,"
			 "\"log\":true,\"rule\":null,\"close\":[]}\n");
	cw_ruleset_free(set);
}
END_TEST

START_TEST(protocol_out_of_range_gets_the_default)
{
	begin("allow any to any\n");
	request.proto = 200;
	explain(false);
	ck_assert_uint_eq(found.verdict.rule, CW_RULE_DEFAULT);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(unknown_program_is_told)
{
	begin("default allow\ndeny /a to any\n");
	ident.flags = CW_IDENT_UNKNOWN;
	explain(false);
	ck_assert_str_eq(text, "deny by rule 0: an unknown program could be "
			 "the one it is about\n  rules:2: deny /a to any\n");
	cw_ruleset_free(set);
	begin("allow any to any\n");
	ident.flags = CW_IDENT_UNKNOWN;
	explain(false);
	ck_assert_str_eq(text, "deny by default: no rule lets an unknown "
			 "program pass\n");
	cw_ruleset_free(set);
}
END_TEST

/* The slow way and the engine decide alike, whatever is asked. */
START_TEST(agrees_with_the_engine)
{
	struct cw_diag *diag = cw_diag_new();
	const char *ancestor[CW_ANCESTORS];
	struct cw_subjects subjects;
	struct cw_verdict verdict;
	u32 round, i, gid;
	struct cw_blob blob;
	void *data;
	size_t size;
	char *rules;

	text_seed();
	for (round = 0; round < 100; round++) {
		rules = text_random_rules(1 + text_random(40));
		set = text_rules(rules);
		ck_assert_int_eq(cw_ruleset_emit(set, &data, &size, diag), 0);
		ck_assert_int_eq(cw_blob_open(&blob, data, size), 0);
		for (i = 0; i < 500; i++) {
			text_random_ident(&ident, &gid, ancestor);
			text_random_request(&request);
			cw_ruleset_explain(set, &ident, &request, &found);
			cw_match_subjects(&blob, &ident, &subjects);
			verdict = cw_match(&blob, &subjects, &ident, &request);
			ck_assert_msg(verdict.rule == found.verdict.rule &&
				      verdict.allow == found.verdict.allow &&
				      verdict.log == found.verdict.log &&
				      verdict.monitor == found.verdict.monitor,
				      "round %u request %u: %d %d of\n%s",
				      round, i, verdict.rule,
				      found.verdict.rule, rules);
		}
		free(data);
		free(rules);
		cw_ruleset_free(set);
	}
	cw_diag_free(diag);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain");
	TCase *tests = tcase_create("explain");
	int status;

	tcase_add_test(tests, rule_that_decides);
	tcase_add_test(tests, near_misses_say_why);
	tcase_add_test(tests, expired_rule_is_close);
	tcase_add_test(tests, local_port_is_close);
	tcase_add_test(tests, rule_hidden_by_the_order);
	tcase_add_test(tests, only_the_closest_are_kept);
	tcase_add_test(tests, json_in_one_line);
	tcase_add_test(tests, protocol_out_of_range_gets_the_default);
	tcase_add_test(tests, unknown_program_is_told);
	tcase_add_test(tests, agrees_with_the_engine);
	suite_add_tcase(suite, tests);
	status = text_main(suite);
	free(text);
	return status;
}
