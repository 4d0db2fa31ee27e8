// SPDX-License-Identifier: GPL-2.0-only
/* Canonical text: stable, and with nothing lost. */
#include "policy/lint/lint.h"
#include "text.h"

/* Printing what was printed changes nothing. */
static void check_stable(const struct cw_ruleset *set)
{
	char *first = text_print(set), *second;
	struct cw_ruleset *again = text_rules(first);

	second = text_print(again);
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
	cw_ruleset_free(again);
}

START_TEST(random_rules_are_stable)
{
	struct cw_ruleset *set;
	char *text;
	int i;

	text_seed();
	for (i = 0; i < 150; i++) {
		text = text_random_rules(20);
		set = text_rules(text);
		check_stable(set);
		cw_ruleset_free(set);
		free(text);
	}
}
END_TEST

/* The same through a blob: what is in force can be shown. */
START_TEST(random_rules_come_back_from_a_blob)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *set, *decoded;
	char *text, *first, *second;
	struct cw_blob blob;
	void *data;
	size_t size;
	int i;

	text_seed();
	for (i = 0; i < 100; i++) {
		text = text_random_rules(20);
		set = text_rules(text);
		ck_assert_int_eq(cw_ruleset_emit(set, &data, &size, diag), 0);
		ck_assert_int_eq(cw_blob_open(&blob, data, size), 0);
		decoded = cw_ruleset_decode(&blob);
		first = text_print(set);
		second = text_print(decoded);
		ck_assert_str_eq(first, second);
		free(first);
		free(second);
		cw_ruleset_free(decoded);
		free(data);
		cw_ruleset_free(set);
		free(text);
	}
	cw_diag_free(diag);
}
END_TEST

/* Every byte that a path may have. */
START_TEST(every_byte_in_a_path)
{
	struct cw_ruleset *set;
	char text[64];
	int byte;

	for (byte = 1; byte < 256; byte++) {
		snprintf(text, sizeof(text), "allow \"/a\\x%02xb\" to any",
			 byte);
		set = text_rules(text);
		ck_assert_uint_eq((u8)set->rules->exe[2], byte);
		check_stable(set);
		cw_ruleset_free(set);
	}
}
END_TEST

START_TEST(two_odd_bytes_in_a_path)
{
	struct cw_ruleset *set;
	char text[64];
	u32 i;

	text_seed();
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text),
			 "allow \"/\\x%02x\\x%02x\\x%02xb\" "
			 "to any",
			 0xc0 + text_random(64), 0x80 + text_random(128),
			 0x80 + text_random(128));
		set = text_rules(text);
		check_stable(set);
		cw_ruleset_free(set);
	}
}
END_TEST

/* The longest rule there can be still fits into lines that are read. */
START_TEST(long_rules_wrap)
{
	size_t size = 0;
	char *text = malloc(1 << 22), *at = text, *printed, *line;
	struct cw_ruleset *set;
	int i, j;

	at += sprintf(at, "allow ");
	for (i = 0; i < 10; i++) {
		at += sprintf(at, i == 0 ? "\"/" : i == 1 ? "script \"/" :
			      "ancestor \"/%d", i);
		for (j = 0; j < 4090; j++)
			at += sprintf(at, "\\x01");
		at += sprintf(at, "\" \\\n ");
	}
	at += sprintf(at, "to 10.0.0.0");
	for (i = 1; i < 5000; i++)
		at += sprintf(at, ", \\\n10.0.%d.%d", i >> 8, i & 255);
	at += sprintf(at, " port 0");
	for (i = 1; i < 5000; i++)
		at += sprintf(at, ", \\\n%d", i);
	set = text_rules(text);
	check_stable(set);
	printed = text_print(set);
	for (line = printed; *line; line += size + 1) {
		size = strcspn(line, "\n");
		ck_assert_uint_lt(size, CW_LINE_MAX);
	}
	free(printed);
	cw_ruleset_free(set);
	free(text);
}
END_TEST

START_TEST(short_rules_stay_on_a_line)
{
	struct cw_ruleset *set = text_rules("allow \\\n/x \\\nto any, \\\n::1");
	char *text = text_rule(set, 0);

	ck_assert_str_eq(text, "allow /x to any, ::1");
	free(text);
	cw_ruleset_free(set);
}
END_TEST

/* Days of five centuries, through the printer and back. */
START_TEST(days_and_seconds)
{
	struct cw_ruleset *set = text_rules("allow any to any until "
					    "2026-01-01");
	char message[CW_MESSAGE_MAX], *text, *word;
	u64 time, again;

	for (time = 1; time < 500ull * 366 * 86400; time += 5 * 86400 - 1) {
		set->rules->until = time;
		text = text_rule(set, 0);
		word = strrchr(text, ' ') + 1;
		ck_assert_int_eq(cw_word_time(word, strlen(word), &again,
					      message), 0);
		ck_assert_uint_eq(time, again);
		free(text);
	}
	cw_ruleset_free(set);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("print");
	TCase *tests = tcase_create("print");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, random_rules_are_stable);
	tcase_add_test(tests, random_rules_come_back_from_a_blob);
	tcase_add_test(tests, every_byte_in_a_path);
	tcase_add_test(tests, two_odd_bytes_in_a_path);
	tcase_add_test(tests, long_rules_wrap);
	tcase_add_test(tests, short_rules_stay_on_a_line);
	tcase_add_test(tests, days_and_seconds);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
