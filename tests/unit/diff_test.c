// SPDX-License-Identifier: GPL-2.0-only
/* Two policies compared by statements. */
#include "text.h"

static char *text;

static long diff(const struct cw_ruleset *old, const struct cw_ruleset *new,
		 bool is_json)
{
	size_t size;
	FILE *out;
	long changes;

	free(text);
	out = open_memstream(&text, &size);
	changes = is_json ? cw_ruleset_diff_json(old, new, out) :
			    cw_ruleset_diff(old, new, out);
	fclose(out);
	return changes;
}

static void expect(const char *old, const char *new, long changes,
		   const char *expected)
{
	struct cw_ruleset *a = text_rules(old), *b = text_rules(new);

	ck_assert_int_eq(diff(a, b, false), changes);
	ck_assert_str_eq(text, expected);
	cw_ruleset_free(a);
	cw_ruleset_free(b);
}

START_TEST(nothing_for_the_same_rules)
{
	expect("", "", 0, "");
	expect("allow any to any # x\n", "\n\nallow  any to \\\n any", 0, "");
	expect("set @a = 80\nallow any to any port @a",
	       "set @a = http\nallow any to any port @a", 0, "");
	expect("allow any to 10.0.0.0-10.0.0.255", "allow any to 10.0.0.0/24",
	       0, "");
	expect("default deny\nlog deny", "", 0, "");
}
END_TEST

START_TEST(added_and_removed)
{
	expect("allow /a to any\nallow /b to any\n",
	       "allow /a to any\n\nallow /c to any\nallow /d to any", 3,
	       "- rules:2: allow /b to any\n"
	       "+ rules:3: allow /c to any\n"
	       "+ rules:4: allow /d to any\n");
	expect("", "allow /a to any", 1, "+ rules:1: allow /a to any\n");
	expect("allow /a to any", "", 1, "- rules:1: allow /a to any\n");
}
END_TEST

START_TEST(order_is_a_difference)
{
	expect("allow /a to any\nallow /b to any\nallow /c to any\n",
	       "allow /b to any\nallow /c to any\nallow /a to any\n", 1,
	       "~ rules:3: allow /a to any\n");
	expect("allow /a to any\nallow /b to any\nallow /x to any\n",
	       "allow /b to any\nallow /a to any\nallow /y to any\n", 3,
	       "~ rules:1: allow /b to any\n"
	       "- rules:3: allow /x to any\n"
	       "+ rules:3: allow /y to any\n");
}
END_TEST

START_TEST(the_same_rule_several_times)
{
	expect("allow /a to any\nallow /a to any\nallow /a to any\n",
	       "allow /a to any\n", 2,
	       "- rules:2: allow /a to any\n- rules:3: allow /a to any\n");
	expect("allow /a to any\n",
	       "allow /a to any\nallow /a to any\n", 1,
	       "+ rules:2: allow /a to any\n");
}
END_TEST

START_TEST(settings_and_sets)
{
	expect("default deny\nlog all\nset @a = 80\nset @b = 81",
	       "default allow\nset @a = 80, 81\nset @b = 81", 4,
	       "- default deny\n+ default allow\n- log all\n+ log deny\n"
	       "- rules:3: set @a = 80\n+ rules:2: set @a = 80, 81\n");
}
END_TEST

START_TEST(json_one_object_a_line)
{
	struct cw_ruleset *a = text_rules("log all\nallow /a to any\n"
					  "allow /b to any\nallow /x to any");
	struct cw_ruleset *b = text_rules("set @s = 80\nallow /b to any\n"
					  "allow /a to any\nallow /y to any");

	ck_assert_int_eq(diff(a, b, true), 5);
	ck_assert_str_eq(text,
		"{\"change\":\"changed\",\"kind\":\"log\",\"old\":\"all\","
		"\"new\":\"deny\"}\n"
		"{\"change\":\"added\",\"kind\":\"set\",\"text\":\"set @s = 80"
		"\",\"new\":{\"index\":0,\"file\":\"rules\",\"line\":1}}\n"
		"{\"change\":\"moved\",\"kind\":\"rule\",\"text\":\"allow /b "
		"to any\",\"old\":{\"index\":1,\"file\":\"rules\",\"line\":3},"
		"\"new\":{\"index\":0,\"file\":\"rules\",\"line\":2}}\n"
		"{\"change\":\"removed\",\"kind\":\"rule\",\"text\":\"allow /x "
		"to any\",\"old\":{\"index\":2,\"file\":\"rules\",\"line\":4}}"
		"\n"
		"{\"change\":\"added\",\"kind\":\"rule\",\"text\":\"allow /y "
		"to any\",\"new\":{\"index\":2,\"file\":\"rules\",\"line\":4}}"
		"\n");
	cw_ruleset_free(a);
	cw_ruleset_free(b);
}
END_TEST

/* What the kernel has against the file that it was made from. */
START_TEST(nothing_against_the_decoded_blob)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *set, *decoded;
	struct cw_blob blob;
	char *rules;
	void *data;
	size_t size;
	int i;

	text_seed();
	for (i = 0; i < 20; i++) {
		rules = text_random_rules(30);
		set = text_rules(rules);
		ck_assert_int_eq(cw_ruleset_emit(set, &data, &size, diag), 0);
		ck_assert_int_eq(cw_blob_open(&blob, data, size), 0);
		decoded = cw_ruleset_decode(&blob);
		ck_assert_int_eq(diff(decoded, set, false), 0);
		ck_assert_str_eq(text, "");
		cw_ruleset_free(decoded);
		cw_ruleset_free(set);
		free(data);
		free(rules);
	}
	cw_diag_free(diag);
}
END_TEST

static void shuffle(u32 *order, u32 count)
{
	u32 i, j, moved;

	for (i = 0; i < count; i++) {
		j = text_random(count);
		moved = order[i];
		order[i] = order[j];
		order[j] = moved;
	}
}

/* A shuffled policy: what is not said to have moved stands in order. */
START_TEST(what_is_not_named_is_in_order)
{
	u32 order[40], round, i, last, moved;
	char rules[2][40 * 32], line[64];
	struct cw_ruleset *a, *b;

	text_seed();
	for (i = 0; i < 40; i++)
		order[i] = i;
	for (round = 0; round < 50; round++) {
		rules[0][0] = rules[1][0] = 0;
		shuffle(order, round < 25 ? 40 : 5);
		for (i = 0; i < 40; i++) {
			sprintf(rules[0] + strlen(rules[0]),
				"allow /p%u to any\n", i);
			sprintf(rules[1] + strlen(rules[1]),
				"allow /p%u to any\n", order[i]);
		}
		a = text_rules(rules[0]);
		b = text_rules(rules[1]);
		moved = diff(a, b, false);
		for (i = last = 0; i < 40; i++) {
			sprintf(line, "allow /p%u to any\n", order[i]);
			if (strstr(text, line)) {
				moved--;
				continue;
			}
			ck_assert_uint_le(last, order[i]);
			last = order[i];
		}
		ck_assert_uint_eq(moved, 0);
		cw_ruleset_free(a);
		cw_ruleset_free(b);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diff");
	TCase *tests = tcase_create("diff");
	int status;

	tcase_add_test(tests, nothing_for_the_same_rules);
	tcase_add_test(tests, added_and_removed);
	tcase_add_test(tests, order_is_a_difference);
	tcase_add_test(tests, the_same_rule_several_times);
	tcase_add_test(tests, settings_and_sets);
	tcase_add_test(tests, json_one_object_a_line);
	tcase_add_test(tests, nothing_against_the_decoded_blob);
	tcase_add_test(tests, what_is_not_named_is_in_order);
	suite_add_tcase(suite, tests);
	status = text_main(suite);
	free(text);
	return status;
}
