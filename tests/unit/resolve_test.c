// SPDX-License-Identifier: GPL-2.0-only
/* Names to numbers.  Most errors are in tests/golden/. */
#include <grp.h>
#include <pwd.h>

#include "policy/lint/lint.h"
#include "text.h"

START_TEST(users_and_groups_of_this_host)
{
	struct passwd *user = getpwuid(0);
	struct group *group = getgrgid(0);
	struct cw_ruleset *set;
	char text[256];

	snprintf(text, sizeof(text), "allow any user %s group %s to any",
		 user->pw_name, group->gr_name);
	set = text_rules(text);
	ck_assert_uint_eq(set->rules->conds[0].id, 0);
	ck_assert_str_eq(set->rules->conds[0].text, user->pw_name);
	ck_assert_uint_eq(set->rules->conds[1].id, 0);
	cw_ruleset_free(set);
}
END_TEST

/* Not a measurement: without a cache this takes minutes. */
START_TEST(a_name_is_looked_up_once)
{
	char *text = malloc(4000000), *at = text;
	struct cw_ruleset *set;
	u32 i;

	for (i = 0; i < 50000; i++)
		at += sprintf(at, "allow any user root group root to any port "
			      "https\n");
	set = text_rules(text);
	ck_assert_uint_eq(set->rules[49999].ports->lo, 443);
	cw_ruleset_free(set);
	free(text);
}
END_TEST

START_TEST(numbers_and_names_answer_from_the_cache)
{
	struct cw_ruleset *set = text_rules("");
	char *root = cw_ruleset_string(set, "root", 4);
	char *none = cw_ruleset_string(set, "nosuch", 6);
	char *http = cw_ruleset_string(set, "http", 4);
	struct cw_map cache = { 0 };
	u32 value, round;

	for (round = 0; round < 2; round++) {
		ck_assert_int_eq(cw_lookup(&cache, CW_LOOKUP_USER, root, 0,
					   &value), 0);
		ck_assert_uint_eq(value, 0);
		ck_assert_int_eq(cw_lookup(&cache, CW_LOOKUP_GROUP, root, 0,
					   &value), 0);
		ck_assert_int_eq(cw_lookup(&cache, CW_LOOKUP_USER, none, 0,
					   &value), -ENOENT);
		ck_assert_int_eq(cw_lookup(&cache, CW_LOOKUP_GROUP, none, 0,
					   &value), -ENOENT);
		ck_assert_int_eq(cw_lookup(&cache, CW_LOOKUP_SERVICE, http, 1,
					   &value), 0);
		ck_assert_uint_eq(value, 80);
		ck_assert_int_eq(cw_lookup(&cache, CW_LOOKUP_SERVICE, none, 1,
					   &value), -ENOENT);
	}
	cw_map_free(&cache);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(v4_mapped_is_v4)
{
	struct cw_ruleset *set = text_rules("allow any to ::ffff:10.1.2.3");
	const struct cw_dest *dest = set->rules->dests;

	ck_assert_uint_eq(dest->family, 4);
	ck_assert_mem_eq(dest->lo, "\x0a\x01\x02\x03\0\0\0\0\0\0\0\0\0\0\0\0",
			 16);
	ck_assert_mem_eq(dest->lo, dest->hi, 16);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(set_of_sets_turns_to_ports)
{
	struct cw_ruleset *set = text_rules("set @a = 80\nset @b = @a\n"
					    "allow any to any port @b");
	const struct cw_set *b = &set->sets[CW_BUILTIN_COUNT + 1];

	ck_assert(b->of_ports);
	ck_assert_uint_eq(b->dest_count, 0);
	ck_assert_uint_eq(b->port_count, 1);
	ck_assert_uint_eq(b->ports->set, CW_BUILTIN_COUNT);
	ck_assert_uint_eq(set->rules->ports->set, CW_BUILTIN_COUNT + 1);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(prefix_lengths)
{
	static const struct {
		const char *text;
		int length;
	} rows[] = {
		{ "0.0.0.0/0", 0 }, { "10.0.0.1", 32 }, { "10.0.0.0/7", 7 },
		{ "10.0.0.0-10.0.0.1", 31 }, { "10.0.0.1-10.0.0.2", -1 },
		{ "10.0.0.0-10.0.0.2", -1 }, { "10.0.0.1-10.0.0.3", -1 },
		{ "::/0", 0 }, { "::1", 128 }, { "2001:db8::/61", 61 },
		{ "2001:db8::-2001:db8::2", -1 }, { "8000::/1", 1 },
	};
	char message[CW_MESSAGE_MAX];
	struct cw_dest dest;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ck_assert_int_eq(cw_word_address(rows[i].text,
						 strlen(rows[i].text), &dest,
						 message), 0);
		ck_assert_int_eq(cw_word_prefix_length(&dest), rows[i].length);
	}
}
END_TEST

START_TEST(rule_with_too_many_elements)
{
	char *text = malloc(1000), *said;
	struct cw_diag *diag = cw_diag_new();
	int i, j;

	strcpy(text, "set @s0 = 1,2,3,4,5,6,7,8,9,10\n");
	for (i = 1; i < 6; i++) {
		sprintf(text + strlen(text), "set @s%d = @s%d", i, i - 1);
		for (j = 1; j < 10; j++)
			sprintf(text + strlen(text), ",@s%d", i - 1);
		strcat(text, "\n");
	}
	strcat(text, "allow any to any port @s5\n"
	       "allow any to any port @s5, @s5\n");
	ck_assert_ptr_null(text_parse(text, diag));
	said = text_diag(diag);
	ck_assert_msg(strstr(said, "rules:8:1: error: the rule has 2000001 "
			     "elements, more than 1048576") != NULL, "%s",
		      said);
	ck_assert_ptr_null(strstr(said, "rules:7"));
	free(said);
	free(text);
	cw_diag_free(diag);
}
END_TEST

/* Paths are limited by what the kernel's records can name. */
START_TEST(paths_up_to_the_limit)
{
	char path[CW_PATH_MAX + 1], message[CW_MESSAGE_MAX];
	bool is_glob;

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	ck_assert_int_eq(cw_word_path(path, CW_PATH_ROOM, &is_glob, message),
			 0);
	ck_assert_int_eq(cw_word_path(path, CW_PATH_ROOM + 1, &is_glob,
				      message), -EINVAL);
	ck_assert_str_eq(message, "path longer than 4095 bytes");
	path[1000] = '?';
	ck_assert_int_eq(cw_word_path(path, 1000 + CW_BLOB_GLOB_MAX, &is_glob,
				      message), 0);
	ck_assert(is_glob);
	ck_assert_int_eq(cw_word_path(path, 1001 + CW_BLOB_GLOB_MAX, &is_glob,
				      message), -EINVAL);
}
END_TEST

START_TEST(host_names_up_to_the_limit)
{
	char text[300], name[256], message[CW_MESSAGE_MAX];
	int i;

	for (i = 0; i < 254; i++)
		text[i] = i % 32 == 31 ? '.' : 'a';
	ck_assert_int_eq(cw_word_host(text, 253, name, message), 0);
	ck_assert_uint_eq(strlen(name), 253);
	ck_assert_int_eq(cw_word_host(text, 254, name, message), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("resolve");
	TCase *tests = tcase_create("resolve");

	tcase_add_test(tests, users_and_groups_of_this_host);
	tcase_add_test(tests, a_name_is_looked_up_once);
	tcase_add_test(tests, numbers_and_names_answer_from_the_cache);
	tcase_add_test(tests, v4_mapped_is_v4);
	tcase_add_test(tests, set_of_sets_turns_to_ports);
	tcase_add_test(tests, prefix_lengths);
	tcase_add_test(tests, rule_with_too_many_elements);
	tcase_add_test(tests, paths_up_to_the_limit);
	tcase_add_test(tests, host_names_up_to_the_limit);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
