// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every command, however it is called: what it exits with, and that each answer
 * names the thing and the next step.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policyctl/commands/ctl.h"
#include "fixture.h"

/* With the operands that each needs, and an option that it does not take. */
static const struct {
	const char *name, *operands, *foreign, *nearest;
} commands[] = {
	{ "status", "", "--limit 3", "--json" },
	{ "load", "good.conf", "--lint", "--json" },
	{ "check", "good.conf", "--lmit 3", NULL },
	{ "mode", "", "--once", "--json" },
	{ "show", "", "--json", NULL },
	{ "test", "--file good.conf /usr/bin/curl to 192.0.2.1 port 80",
	  "--exe /x", "--file" },
	{ "diff", "good.conf good.conf", "--file x", "--json" },
	{ "connections", "", "--limit 3", "--pid" },
	{ "doctor", "", "--source proc", "--json" },
	{ "history", "", "--source proc", "--since" },
	{ "who", "192.0.2.1", "--by exe", "--at" },
	{ "flows", "", "--format dot", "--port" },
	{ "graph", "", "--once", "--since" },
	{ "export", "", "--json", "--in" },
	{ "would-deny", "", "--once", "--since" },
	{ "backup", "copy.db", "--json", "--history" },
	{ "top", "--once --interval 0.1", "--json", "--to" },
	{ "completion", "bash", "--json", NULL },
	{ "version", "", "--json", NULL },
	{ "help", "", "--json", NULL },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static struct fixture fixture;
static struct ran ran;

static void setup(void)
{
	fixture_init(&fixture);
	fixture_write(&fixture, "good.conf", "default deny\n"
		      "allow any to 192.0.2.0/24\n");
	fixture_write(&fixture, "connections", "id proto dir state local "
		      "remote tgid pid uid netns verdict rule gen age closed "
		      "sent received attribution user exe\n"
		      "1 tcp out open 10.0.0.1:4242 192.0.2.1:80 12 13 1000 "
		      "4026531840 allow 0 7 1.500 - - - exact - /bin/x\n");
}

static void teardown(void)
{
	fixture_exit(&fixture);
}

static void ctl(const char *format, const char *name, const char *operands)
{
	char line[512];

	snprintf(line, sizeof(line), format, name, operands);
	fixture_ctl(&fixture, &ran, line);
}

static void exits(int status, const char *name)
{
	ck_assert_msg(ran.status == status, "%s: exits %d, not %d\n%.500s%.500s",
		      name, ran.status, status, ran.out, ran.err);
}

static void complains(const char *text, const char *name)
{
	ck_assert_msg(strstr(ran.err, text), "%s: no %s in: %.1000s", name,
		      text, ran.err);
}

START_TEST(help)
{
	char wanted[64];

	for (size_t i = 0; i < COMMANDS; i++) {
		const char *name = commands[i].name;

		snprintf(wanted, sizeof(wanted), "usage: policyctl %s", name);
		ctl("%s --help%s", name, "");
		exits(CW_EXIT_OK, name);
		ck_assert_ptr_eq(strstr(ran.out, wanted), ran.out);
		ctl("help %s%s", name, "");
		exits(CW_EXIT_OK, name);
		ck_assert_ptr_eq(strstr(ran.out, wanted), ran.out);
		ck_assert_str_eq(ran.err, "");
	}
}
END_TEST

START_TEST(too_many_operands_and_too_few)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const char *name = commands[i].name;

		if (strcmp(name, "test") && strcmp(name, "flows") &&
		    strcmp(name, "graph")) {
			ctl("%s a b c surplus%s", name, "");
			exits(CW_EXIT_USAGE, name);
			complains("too many arguments: ", name);
			complains("usage: policyctl ", name);
		}
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		const char *name = commands[i].name;

		if (strcmp(name, "check") && strcmp(name, "who") &&
		    strcmp(name, "diff") && strcmp(name, "test") &&
		    strcmp(name, "backup") && strcmp(name, "completion"))
			continue;
		ctl("%s%s", name, "");
		exits(CW_EXIT_USAGE, name);
		complains("an argument is missing", name);
		complains("usage: policyctl ", name);
	}
	ctl("%s%s", "", "");
	exits(CW_EXIT_USAGE, "nothing");
	complains("a command is missing", "nothing");
}
END_TEST

START_TEST(options_that_are_not_there_or_not_taken)
{
	char wanted[64];

	for (size_t i = 0; i < COMMANDS; i++) {
		const char *name = commands[i].name;

		ctl("%s --hsitory x %s", name, commands[i].operands);
		exits(CW_EXIT_USAGE, name);
		complains("there is no option --hsitory; did you mean "
			  "--history?", name);
		ctl("%s -x %s", name, commands[i].operands);
		exits(CW_EXIT_USAGE, name);
		complains("there is no option -x", name);
		if (!strstr(commands[i].foreign, "lmit")) {
			ctl("%s %s", name, commands[i].foreign);
			exits(CW_EXIT_USAGE, name);
			snprintf(wanted, sizeof(wanted), "%s does not take %.*s",
				 name, (int)strcspn(commands[i].foreign, " "),
				 commands[i].foreign);
			complains(wanted, name);
			complains(commands[i].nearest ?: "it has no options",
				  name);
		}
	}
	ctl("%s%s", "history --since", "");
	exits(CW_EXIT_USAGE, "--since");
	complains("--since needs a value", "--since");
	ctl("%s%s", "status --json=yes", "");
	complains("--json takes no value", "--json");
	ctl("%s%s", "history --s x", "");
	complains("--s may be one of several", "--s");
	ctl("%s%s", "history --in --out", "");
	complains("--out: cannot be together with --in", "--out");
	ctl("%s%s", "stauts", "");
	exits(CW_EXIT_USAGE, "stauts");
	complains("there is no command stauts; did you mean status?", "stauts");
	ctl("%s%s", "status --sokcet x", "");
	complains("did you mean --socket?", "--sokcet");
	ctl("%s%s", "completion fish", "");
	exits(CW_EXIT_USAGE, "completion fish");
	complains("it must be bash or zsh", "completion fish");
	ctl("%s%s", "help stauts", "");
	complains("did you mean status?", "help stauts");
}
END_TEST

/* What is printed cannot be written: that, and nothing else, is wrong. */
static void cannot_write(const char *why)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const char *name = commands[i].name;

		/* These have nothing to say here, or policyd is missing. */
		if (!strcmp(name, "diff") || !strcmp(name, "load") ||
		    !strcmp(name, "show") || !strcmp(name, "history") ||
		    !strcmp(name, "flows") || !strcmp(name, "graph") ||
		    !strcmp(name, "export") || !strcmp(name, "backup") ||
		    !strcmp(name, "would-deny"))
			continue;
		ctl("%s %s", name, commands[i].operands);
		exits(!strcmp(name, "who") || !strcmp(name, "test")
		      ? CW_EXIT_UNKNOWN : CW_EXIT_FAILED, name);
		complains("cannot write to standard output: ", name);
		complains(why, name);
		ck_assert_msg(!strstr(ran.err, "Input/output error"), "%s: %s",
			      name, ran.err);
	}
}

START_TEST(disk_is_full)
{
	fixture.output = "/dev/full";
	cannot_write("No space left on device");
	ctl("%s%s", "connections --source proc", "");
	exits(CW_EXIT_FAILED, "proc");
	complains("No space left on device", "proc");
	ctl("%s%s", "mode --json", "");
	complains("No space left on device", "mode --json");
}
END_TEST

START_TEST(output_is_closed)
{
	fixture.output = "";
	cannot_write("Bad file descriptor");
}
END_TEST

START_TEST(nothing_is_there)
{
	static const char *const names[] = {
		"status", "mode", "policy", "connections",
	};
	char path[128];

	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", fixture.dir, names[i]);
		ck_assert_int_eq(unlink(path), 0);
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		const char *name = commands[i].name;
		bool is_history = !strcmp(name, "history") ||
			!strcmp(name, "export") || !strcmp(name, "flows") ||
			!strcmp(name, "graph") || !strcmp(name, "backup");

		ctl("%s %s", name, commands[i].operands);
		if (!strcmp(name, "load")) {
			exits(CW_EXIT_FAILED, name);
			complains("systemctl start policyd", name);
		} else if (is_history) {
			exits(CW_EXIT_FAILED, name);
			complains("policyd writes one while it runs", name);
		} else if (!strcmp(name, "mode") || !strcmp(name, "show") ||
			   !strcmp(name, "connections") ||
			   !strcmp(name, "top")) {
			exits(CW_EXIT_FAILED, name);
			complains("modprobe connwarden", name);
		} else if (!strcmp(name, "who") ||
			   !strcmp(name, "would-deny")) {
			exits(CW_EXIT_UNKNOWN, name);
			complains("modprobe connwarden", name);
		} else if (!strcmp(name, "status") || !strcmp(name, "doctor")) {
			exits(CW_EXIT_FAILED, name);
			ck_assert_ptr_nonnull(strstr(ran.out,
						     "modprobe connwarden"));
		} else {
			exits(CW_EXIT_OK, name);
		}
	}
	ctl("%s%s", "test /bin/x to 192.0.2.1 port 1", "");
	exits(CW_EXIT_UNKNOWN, "test");
	complains("modprobe connwarden", "test");
	ctl("%s%s", "diff good.conf", "");
	exits(CW_EXIT_UNKNOWN, "diff");
	complains("modprobe connwarden", "diff");
}
END_TEST

START_TEST(without_rights)
{
	static const char *const needs_root[] = {
		"show", "mode", "connections", "top --once", "who 192.0.2.1",
	};

	ck_assert_int_eq(chmod(fixture.dir, 0700), 0);
	fixture.is_nobody = true;
	for (size_t i = 0; i < sizeof(needs_root) / sizeof(*needs_root); i++) {
		ctl("%s%s", needs_root[i], "");
		exits(!strncmp(needs_root[i], "who", 3) ? CW_EXIT_UNKNOWN
						        : CW_EXIT_FAILED,
		      needs_root[i]);
		complains("only root", needs_root[i]);
	}
}
END_TEST

START_TEST(rules_from_standard_input)
{
	char path[128];

	fixture.input = "default deny\ninclude \"some.d/*.conf\"\n";
	snprintf(path, sizeof(path), "%s/some.d", fixture.dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	fixture_write(&fixture, "some.d/a.conf", "allow any to 192.0.2.0/24\n");
	ctl("%s%s", "check -", "");
	exits(CW_EXIT_OK, "check -");
	ck_assert_ptr_eq(strstr(ran.out, "standard input: 1 rule, "), ran.out);
	ctl("%s%s", "diff - good.conf", "");
	exits(CW_EXIT_OK, "diff -");
	ctl("%s%s", "test --file - /bin/x to 192.0.2.1 port 1", "");
	exits(CW_EXIT_OK, "test --file -");
	ctl("%s%s", "diff - -", "");
	exits(CW_EXIT_USAGE, "diff - -");
	ctl("%s%s", "load -", "");
	exits(CW_EXIT_USAGE, "load -");
	complains("must be in a file", "load -");
	fixture.input = "alow any to any\n";
	ctl("%s%s", "check -", "");
	exits(CW_EXIT_FAILED, "check -");
	complains("./<stdin>:1:1: error: ", "check -");
}
END_TEST

static Suite *commands_suite(void)
{
	Suite *suite = suite_create("commands");
	TCase *tests = tcase_create("commands");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, help);
	tcase_add_test(tests, too_many_operands_and_too_few);
	tcase_add_test(tests, options_that_are_not_there_or_not_taken);
	tcase_add_test(tests, disk_is_full);
	tcase_add_test(tests, output_is_closed);
	tcase_add_test(tests, nothing_is_there);
	tcase_add_test(tests, without_rights);
	tcase_add_test(tests, rules_from_standard_input);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, commands_suite);
}
