// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of the compiler fails once, alone and with all that come
 * after it: nothing leaks (the sanitizer looks), nothing is half done, and the
 * cause is said.
 */
#include "text.h"

static const char rules[] =
	"default allow\nlog all\n"
	"set @a = 10.0.0.0/8, 2001:db8::/32, 10.1.0.0/16\n"
	"set @b = @a, 11.0.0.0/8\nset @p = 80, https, 80-90\nset @q = @p\n"
	"allow \"/a\\x20b\" to @b port @q, 443 proto tcp as \"label\"\n"
	"deny /d/* script /s user root group root unit u.service cgroup /c "
	"container k parent /p ancestor /q ancestor /r to 10.0.0.1, any log\n"
	"allow any to @b, 12.0.0.1 until 2001-01-01\n"
	"deny /x to 10.0.0.1 port 80, 90-99, 81\n"
	"deny /x to 10.0.0.1 port 80\n"
	"allow /usr/bin/curl sha256 "
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef "
	"to @internet monitor\nallow kernel to any\n"
	"allow /y to 1.0.0.0, 3.0.0.0, 5.0.0.0, 7.0.0.0\n"
	"deny /y to 1.0.0.0, 5.0.0.0\n";

static const char errors[] =
	"alow any to any\nallow any to @none\nset @a = x.y\nset @b = @a\n"
	"log all\nlog none\nallow \"/x\\q\" to any\nallow /x//y to any\n"
	"allow any user nosuchuser to any port nosuchport\nset @c = 1\n"
	"set @c = 2\nallow any to @c\nallow any to any \x01\n";

/*
 * Runs @step with the nth allocation failing for every n, until it gets
 * through without having met the failure.
 */
static void fail_each(void (*step)(const void *context), const void *context)
{
	u64 before, n;
	int forever;

	for (forever = 0; forever < 2; forever++) {
		for (n = 1;; n++) {
			before = cw_alloc_count();
			cw_alloc_fail(n, forever);
			step(context);
			cw_alloc_fail(0, false);
			if (cw_alloc_count() - before < n)
				break;
		}
	}
}

static void check_said(struct cw_diag *diag)
{
	char *said = text_diag(diag);

	ck_assert_msg(strstr(said, "out of memory") != NULL, "%s", said);
	free(said);
}

static char *expected;

static void parse_and_print(const void *context)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *set;
	char *text;

	if (!diag)
		return;
	set = text_parse(context, diag);
	if (set) {
		text = text_print(set);
		ck_assert_str_eq(text, expected);
		free(text);
	} else {
		check_said(diag);
	}
	cw_ruleset_free(set);
	cw_diag_free(diag);
}

START_TEST(parse_all_or_nothing)
{
	struct cw_ruleset *set = text_rules(rules);

	expected = text_print(set);
	cw_ruleset_free(set);
	fail_each(parse_and_print, rules);
	free(expected);
}
END_TEST

/* Messages may be lost, but never that there was an error. */
static void parse_errors(const void *context)
{
	struct cw_diag *diag = cw_diag_new();

	if (!diag)
		return;
	ck_assert_ptr_null(text_parse(context, diag));
	ck_assert_uint_gt(cw_diag_count(diag, CW_SEVERITY_ERROR), 0);
	free(text_diag(diag));
	cw_diag_free(diag);
}

START_TEST(errors_are_counted)
{
	fail_each(parse_errors, errors);
}
END_TEST

static void read_file(const void *context)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *set;

	if (!diag)
		return;
	set = cw_ruleset_read(context, UINT32_MAX, diag);
	if (set)
		ck_assert_uint_eq(set->rule_count, 3);
	else
		check_said(diag);
	cw_ruleset_free(set);
	cw_diag_free(diag);
}

START_TEST(includes_all_or_nothing)
{
	char path[256];

	text_init();
	text_write("d/a.conf", "allow any to any\n");
	text_write("d/b.conf", "allow any to any\n");
	text_write("c.conf", "allow any to any\n");
	strcpy(path, text_write("rules.conf", "include \"d/*.conf\"\n"
				"include \"c.conf\"\n"));
	fail_each(read_file, path);
	text_exit();
}
END_TEST

static void lint(const void *context)
{
	struct cw_diag *diag = cw_diag_new();
	u64 before = cw_alloc_count();
	char *said;

	if (!diag)
		return;
	cw_ruleset_lint(context, diag);
	said = text_diag(diag);
	/* Lost messages are no error: lint is only advice. */
	if (strstr(said, "out of memory"))
		ck_assert_uint_gt(cw_alloc_count(), before);
	free(said);
	cw_diag_free(diag);
}

START_TEST(lint_ends_early)
{
	struct cw_ruleset *set = text_rules(rules);

	fail_each(lint, set);
	cw_ruleset_free(set);
}
END_TEST

static struct cw_ruleset *other;
static char *difference;

static void compare(const void *context)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	long changes = cw_ruleset_diff(context, other, out);

	fclose(out);
	if (changes >= 0)
		ck_assert_str_eq(text, difference);
	else
		ck_assert_int_eq(changes, -ENOMEM);
	free(text);
}

START_TEST(diff_all_or_an_error)
{
	struct cw_ruleset *set = text_rules(rules);
	size_t size;
	FILE *out;

	other = text_rules("set @p = 80\nallow kernel to any\nallow any to "
			   "10.0.0.1\ndeny /x to 10.0.0.1 port 80\n");
	out = open_memstream(&difference, &size);
	ck_assert_int_gt(cw_ruleset_diff(set, other, out), 0);
	fclose(out);
	fail_each(compare, set);
	free(difference);
	cw_ruleset_free(other);
	cw_ruleset_free(set);
}
END_TEST

START_TEST(failure_is_only_asked_for)
{
	void *memory;

	cw_alloc_fail(2, false);
	memory = cw_alloc(0);
	ck_assert_ptr_nonnull(memory);
	ck_assert_ptr_null(cw_realloc(memory, 10));
	memory = cw_realloc(memory, 0);
	ck_assert_ptr_nonnull(memory);
	cw_alloc_fail(1, true);
	ck_assert_ptr_null(cw_alloc(1));
	ck_assert_ptr_null(cw_alloc(1));
	cw_alloc_fail(0, true);
	cw_free(memory);
	memory = cw_alloc(1);
	ck_assert_ptr_nonnull(memory);
	cw_free(memory);
	cw_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("alloc");
	TCase *tests = tcase_create("alloc");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, parse_all_or_nothing);
	tcase_add_test(tests, errors_are_counted);
	tcase_add_test(tests, includes_all_or_nothing);
	tcase_add_test(tests, lint_ends_early);
	tcase_add_test(tests, diff_all_or_an_error);
	tcase_add_test(tests, failure_is_only_asked_for);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
