// SPDX-License-Identifier: GPL-2.0-only
/* What a daemon reads for others: only regular files that root alone may change,
 * and nothing of what are no rules is shown. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/text/compile.h"
#include "fixture.h"

#define SECRET	"hunter2"

static struct fixture fixture;
static char said[1 << 16];
static unsigned errors, warnings, rules;

static void setup(void)
{
	fixture_init(&fixture);
}

static void teardown(void)
{
	fixture_exit(&fixture);
}

static const char *path_of(const char *name)
{
	static char path[4][256];
	static unsigned next;
	char *out = path[next++ % 4];

	if (name[0] == '/')
		snprintf(out, sizeof(path[0]), "%s", name);
	else
		snprintf(out, sizeof(path[0]), "%s/%s", fixture.dir, name);
	return out;
}

static bool read_rules(const char *name, enum cw_trust trust)
{
	const struct cw_guard guard = { .trust = trust, .bytes = 1 << 20 };
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *ruleset;
	FILE *out = fmemopen(said, sizeof(said), "w");

	cw_diag_guard(diag);
	ruleset = cw_ruleset_read_guarded(path_of(name), UINT32_MAX, &guard,
					  diag);
	rules = ruleset ? ruleset->rule_count : 0;
	cw_diag_print(diag, out);
	cw_diag_print_json(diag, out);
	fclose(out);
	errors = cw_diag_count(diag, CW_SEVERITY_ERROR);
	warnings = cw_diag_count(diag, CW_SEVERITY_WARNING);
	cw_diag_free(diag);
	if (ruleset)
		cw_ruleset_free(ruleset);
	return ruleset;
}

static void assert_said(const char *text)
{
	ck_assert_msg(strstr(said, text), "\"%s\" is not in: %.4000s", text,
		      said);
}

static void assert_not_said(const char *text)
{
	ck_assert_msg(!strstr(said, text), "\"%s\" is in: %.4000s", text, said);
}

/* By itself, and by way of an include. */
static void assert_refused(const char *name, const char *why)
{
	char text[512];

	ck_assert_msg(!read_rules(name, CW_TRUST_WARN), "%s is read", name);
	assert_said(why);
	snprintf(text, sizeof(text), "default deny\ninclude \"%s\"\n",
		 path_of(name));
	fixture_write(&fixture, "outer.conf", text);
	ck_assert_msg(!read_rules("outer.conf", CW_TRUST_WARN), "%s is read",
		      name);
	assert_said(why);
}

static void make_socket(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 path_of(name));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
			      sizeof(address)), 0);
	close(fd);
}

START_TEST(only_regular_files_are_read)
{
	ck_assert_int_eq(mkfifo(path_of("fifo"), 0600), 0);
	assert_refused("fifo", "not a regular file");
	ck_assert_int_eq(symlink("fifo", path_of("link")), 0);
	assert_refused("link", "not a regular file");
	make_socket("socket");
	assert_refused("socket", "not a regular file");
	assert_refused("/dev/zero", "not a regular file");
	assert_refused("/dev/null", "not a regular file");
	assert_refused("/proc/self/status", "not a regular file");
	assert_refused("/proc/self/fd/0", "");
	ck_assert_int_eq(mkdir(path_of("dir"), 0700), 0);
	assert_refused("dir", "Is a directory");
	assert_refused("gone", "No such file");
	ck_assert_int_eq(symlink("loop", path_of("loop")), 0);
	assert_refused("loop", "");
}
END_TEST

START_TEST(size_is_limited)
{
	char text[80];
	FILE *file;

	fixture_write(&fixture, "sparse", "");
	ck_assert_int_eq(truncate(path_of("sparse"), 1ll << 40), 0);
	assert_refused("sparse", "File too large");
	/* All files together, too. */
	file = fopen(path_of("half"), "w");
	for (int i = 0; i < 600 * 1024 / 64; i++)
		fprintf(file, "#%062d\n", i);
	fclose(file);
	ck_assert(read_rules("half", CW_TRUST_REFUSE));
	ck_assert_int_eq(link(path_of("half"), path_of("half2")), 0);
	snprintf(text, sizeof(text), "include \"half*\"\n");
	fixture_write(&fixture, "both", text);
	ck_assert(!read_rules("both", CW_TRUST_REFUSE));
	assert_said("File too large");
}
END_TEST

/* As with a server of files that is gone: reading does not end by itself. */
START_TEST(time_is_limited)
{
	const struct cw_guard guard = {
		.trust = CW_TRUST_WARN, .useconds = 1, .bytes = 1 << 30,
	};
	int status;
	pid_t child;

	fixture_write(&fixture, "sparse", "");
	ck_assert_int_eq(truncate(path_of("sparse"), 64 << 20), 0);
	child = fork();
	if (!child) {
		/* The library of the tests has a handler. */
		signal(SIGALRM, SIG_DFL);
		cw_ruleset_read_guarded(path_of("sparse"), UINT32_MAX, &guard,
					cw_diag_new());
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
}
END_TEST

/* ---- who may change it --------------------------------------------------- */

static void assert_not_trusted(const char *name, const char *why)
{
	ck_assert_msg(!read_rules(name, CW_TRUST_REFUSE), "%s: %s", name, why);
	assert_said("not read");
	assert_said(why);
	ck_assert_msg(read_rules(name, CW_TRUST_WARN), "%s: %s", name, said);
	ck_assert_uint_ge(warnings, 1);
	ck_assert_uint_eq(errors, 0);
	assert_said("not-trusted");
	assert_said(why);
}

static void assert_trusted(const char *name)
{
	ck_assert_msg(read_rules(name, CW_TRUST_REFUSE), "%s: %s", name, said);
	ck_assert_uint_eq(warnings, 0);
}

START_TEST(mode_of_file_and_directories_counts)
{
	static const char *const names[] = { "a/b/r.conf", "a/b", "a" };

	ck_assert_int_eq(mkdir(path_of("a"), 0755), 0);
	ck_assert_int_eq(mkdir(path_of("a/b"), 0755), 0);
	fixture_write(&fixture, "a/b/r.conf", "allow any to @loopback\n");
	ck_assert_int_eq(chmod(path_of("a/b/r.conf"), 0644), 0);
	fixture_write(&fixture, "outer.conf", "include \"a/*/*.conf\"\n");
	for (int i = 0; i < 3; i++) {
		assert_trusted("a/b/r.conf");
		assert_trusted("outer.conf");
		ck_assert_int_eq(chmod(path_of(names[i]), 0777), 0);
		assert_not_trusted("a/b/r.conf", "may be changed by everybody");
		assert_not_trusted("outer.conf", "may be changed by everybody");
		ck_assert_int_eq(chmod(path_of(names[i]), 0755), 0);
	}
	/* Whoever may write there cannot replace what root has there. */
	ck_assert_int_eq(chmod(path_of("a"), 01777), 0);
	assert_trusted("outer.conf");
}
END_TEST

START_TEST(owner_and_group_count)
{
	if (geteuid())
		return;
	ck_assert_int_eq(mkdir(path_of("a"), 0755), 0);
	fixture_write(&fixture, "a/r.conf", "allow any to @loopback\n");
	fixture_write(&fixture, "outer.conf", "include \"a/r.conf\"\n");
	ck_assert_int_eq(chown(path_of("a/r.conf"), 1000, 0), 0);
	assert_not_trusted("outer.conf", "belongs to uid 1000");
	ck_assert_int_eq(chown(path_of("a/r.conf"), 0, 1000), 0);
	ck_assert_int_eq(chmod(path_of("a/r.conf"), 0664), 0);
	assert_not_trusted("outer.conf", "may be changed by its group");
	ck_assert_int_eq(chown(path_of("a/r.conf"), 0, 0), 0);
	assert_trusted("outer.conf");
	ck_assert_int_eq(chown(path_of("a"), 1000, 0), 0);
	assert_not_trusted("outer.conf", "belongs to uid 1000");
	ck_assert_int_eq(chown(path_of("a"), 0, 0), 0);
	/* Who owns a link says where it goes. */
	ck_assert_int_eq(symlink("a/r.conf", path_of("link.conf")), 0);
	assert_trusted("link.conf");
	ck_assert_int_eq(lchown(path_of("link.conf"), 1000, 1000), 0);
	assert_not_trusted("link.conf", "belongs to uid 1000");
}
END_TEST

START_TEST(links_are_followed_to_the_end)
{
	ck_assert_int_eq(mkdir(path_of("open"), 0777), 0);
	ck_assert_int_eq(chmod(path_of("open"), 0777), 0);
	ck_assert_int_eq(mkdir(path_of("closed"), 0755), 0);
	fixture_write(&fixture, "open/r.conf", "allow any to @loopback\n");
	fixture_write(&fixture, "closed/r.conf", "allow any to @loopback\n");
	ck_assert_int_eq(symlink("../open/r.conf",
				 path_of("closed/far.conf")), 0);
	ck_assert_int_eq(symlink(path_of("closed"), path_of("way")), 0);
	assert_trusted("way/r.conf");
	assert_trusted("closed/./../way/../closed/r.conf");
	assert_not_trusted("way/far.conf", "open may be changed by everybody");
}
END_TEST

/* ---- what is shown -------------------------------------------------------- */

static void assert_secret(const char *text)
{
	fixture_write(&fixture, "secret", text);
	ck_assert_int_eq(chmod(path_of("secret"), 0600), 0);
	ck_assert_msg(!read_rules("secret", CW_TRUST_REFUSE), "%s", text);
	assert_not_said(SECRET);
	assert_said("does not look like rules");
	fixture_write(&fixture, "outer.conf", "default deny\nallow any to "
		      "@loopback\ninclude \"secret\"\n");
	ck_assert(!read_rules("outer.conf", CW_TRUST_REFUSE));
	assert_not_said(SECRET);
}

START_TEST(what_are_no_rules_is_not_shown)
{
	static const char *const texts[] = {
		"root:$6$" SECRET ":19000:0:99999:7:::\n"
		"daemon:*:19000:0:99999:7:::\n",
		"-----BEGIN PRIVATE KEY-----\n" SECRET "AAAA\n"
		"-----END PRIVATE KEY-----\n",
		"{\"password\": \"" SECRET "\"}\n",
		"{\n  \"a\": [\n    \"" SECRET "\"\n  ]\n}\n",
		"password=" SECRET "\n",
		SECRET "\n",
		SECRET,
		"[client]\nuser = a\npassword = " SECRET "\n",
		"#!/bin/sh\nset -e\nset -- " SECRET "\nlog " SECRET "\n",
		"set system root-authentication encrypted-password "
		SECRET "\nset system services ssh\n",
		"include " SECRET "\ndefault " SECRET "\nlog " SECRET "\n",
		"export TOKEN=" SECRET "\nallow " SECRET "\n",
		"deny " SECRET "\n",
		"a \\\n" SECRET " \\\n" SECRET "\n",
		"\xff\xfe" SECRET "\n",
		"machine a login b password " SECRET "\n",
		"allow any to @loopback\n" SECRET " a b\n" SECRET " c\n"
		SECRET " d\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_secret(texts[i]);
}
END_TEST

/* One foreign line among rules. */
START_TEST(line_that_is_no_statement_is_not_shown)
{
	fixture_write(&fixture, "r.conf", "default deny\n"
		      "allow any to @loopback\n"
		      "root:" SECRET ":1:2:::\n"
		      "  " SECRET " to any\n"
		      "allow any to \\\n 1.2.3.4/77\n");
	ck_assert(!read_rules("r.conf", CW_TRUST_REFUSE));
	assert_not_said(SECRET);
	assert_said("r.conf:3:1: error: this is no statement");
	assert_said("r.conf:4:3: error: this is no statement");
	assert_said(" 1.2.3.4/77\n");
	ck_assert_uint_eq(errors, 3);
}
END_TEST

START_TEST(rules_are_shown_with_a_caret)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "alow any to any\n", "alow any to any\n^~~~\n" },
		{ "default deny\nallow curl to any\n", "allow curl to any\n"
		  "      ^~~~\n" },
		{ "deny  any to 1.2.3.4/77 port 80\n",
		  "deny  any to 1.2.3.4/77 port 80\n" },
		{ "defualt deny\nset @a = 1.2.3.4\nallow any to @b\n",
		  "allow any to @b\n" },
		{ "permit any to any\n", "permit any to any\n^~~~~~\n" },
		{ "include \"nothing-here\"\n", "include \"nothing-here\"\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fixture_write(&fixture, "r.conf", cases[i].text);
		ck_assert(!read_rules("r.conf", CW_TRUST_REFUSE));
		assert_said(cases[i].said);
	}
}
END_TEST

static Suite *guard_suite(void)
{
	Suite *suite = suite_create("guard");
	TCase *tests = tcase_create("guard");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, only_regular_files_are_read);
	tcase_add_test(tests, size_is_limited);
	tcase_add_test(tests, time_is_limited);
	tcase_add_test(tests, mode_of_file_and_directories_counts);
	tcase_add_test(tests, owner_and_group_count);
	tcase_add_test(tests, links_are_followed_to_the_end);
	tcase_add_test(tests, what_are_no_rules_is_not_shown);
	tcase_add_test(tests, line_that_is_no_statement_is_not_shown);
	tcase_add_test(tests, rules_are_shown_with_a_caret);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, guard_suite);
}
