// SPDX-License-Identifier: GPL-2.0-only
/* The three styles of output. */
#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "policyctl/rows/rows.h"
#include "fixture.h"

static struct cw_printer printer;
static FILE *file;
static char text[65536];

static void start(bool json)
{
	file = tmpfile();
	ck_assert_ptr_nonnull(file);
	cw_printer_init(&printer, file, json);
}

static const char *finish(void)
{
	size_t got;

	fflush(file);
	rewind(file);
	got = fread(text, 1, sizeof(text) - 1, file);
	text[got] = 0;
	fclose(file);
	return text;
}

static void print_object(void)
{
	printer.style->section(&printer, "kernel", "", "loaded");
	printer.style->field(&printer, "rules", "120");
	printer.style->field(&printer, "version", "1");
	printer.style->field(&printer, "sha256", "-");
	printer.style->section(&printer, "daemon", "daemon_", "running");
	printer.style->field(&printer, "loading", "no");
	printer.style->field(&printer, "last_file", "/a\\040b");
	printer.style->end(&printer);
}

START_TEST(object_plain)
{
	start(false);
	print_object();
	ck_assert_str_eq(finish(), "kernel: loaded\nrules: 120\nversion: 1\n"
			 "sha256: -\ndaemon: running\ndaemon_loading: no\n"
			 "daemon_last_file: /a\\040b\n");
}
END_TEST

START_TEST(object_json)
{
	start(true);
	print_object();
	ck_assert_str_eq(finish(), "{\"kernel\":{\"state\":\"loaded\","
			 "\"rules\":120,\"version\":\"1\",\"sha256\":null},"
			 "\"daemon\":{\"state\":\"running\",\"loading\":false,"
			 "\"last_file\":\"/a b\"}}\n");
}
END_TEST

static const char *const columns[] = { "id", "remote", "age", "closed", "exe" };

static void print_rows(unsigned count)
{
	static char id[] = "12", remote[] = "[::1]:80", age[] = "1.250",
		closed[] = "-", exe[] = "/a\\134b\\012\\042\\303\\251\\377";
	char *values[] = { id, remote, age, closed, exe };

	printer.columns = 5;
	memcpy(printer.names, columns, sizeof(columns));
	ck_assert_int_eq(printer.style->columns(&printer), 0);
	while (count--)
		ck_assert_int_eq(printer.style->row(&printer, values), 0);
	ck_assert_int_eq(printer.style->flush(&printer), 0);
}

START_TEST(rows_plain)
{
	start(false);
	print_rows(1);
	ck_assert_str_eq(finish(), "id remote age closed exe\n12 [::1]:80 "
			 "1.250 - /a\\134b\\012\\042\\303\\251\\377\n");
}
END_TEST

START_TEST(rows_json)
{
	start(true);
	print_rows(2);
	finish();
	ck_assert_str_eq(strchr(text, '\n') + 1, "{\"id\":12,\"remote\":"
			 "\"[::1]:80\",\"age\":1.250,\"closed\":null,\"exe\":"
			 "\"/a\\\\b\\u000a\\\"\xc3\xa9\\\\377\"}\n");
}
END_TEST

/* Through a terminal, as people see it. */
static size_t print_on_terminal(unsigned rows)
{
	int master, slave;
	size_t used = 0;
	ssize_t got;
	pid_t child;

	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
	child = fork();
	if (!child) {
		close(master);
		file = fdopen(slave, "w");
		cw_printer_init(&printer, file, false);
		print_rows(rows);
		fclose(file);
		_exit(0);
	}
	close(slave);
	while (used < sizeof(text) - 1 &&
	       (got = read(master, text + used, sizeof(text) - 1 - used)) > 0)
		used += got;
	text[used] = 0;
	close(master);
	return used;
}

START_TEST(rows_aligned_on_a_terminal)
{
	print_on_terminal(2);
	ck_assert_ptr_eq(strstr(text, "ID REMOTE "), text);
	ck_assert_ptr_nonnull(strstr(text, "12 [::1]:80 "));
}
END_TEST

START_TEST(header_once_even_without_rows)
{
	print_on_terminal(0);
	ck_assert_ptr_eq(strstr(text, "ID REMOTE AGE CLOSED EXE"), text);
}
END_TEST

START_TEST(not_numbers)
{
	static const char *const words[] = {
		"007", "1.", ".5", "1e3", "0x1f", "1234567890123456", "+1",
		"1.2.3", "",
	};
	char wanted[64];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		start(true);
		printer.style->section(&printer, "a", "", "b");
		printer.style->field(&printer, "k", words[i]);
		printer.style->end(&printer);
		snprintf(wanted, sizeof(wanted), words[i][0]
			 ? "\"k\":\"%s\"}}\n" : "\"k\":null%s}}\n", words[i]);
		ck_assert_msg(strstr(finish(), wanted), "%s in %s", wanted,
			      text);
	}
}
END_TEST

START_TEST(utf8_kept_and_everything_else_escaped)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "\\342\\202\\254", "\"\xe2\x82\xac\"" },
		{ "\\360\\237\\224\\222", "\"\xf0\x9f\x94\x92\"" },
		{ "\\300\\257", "\"\\\\300\\\\257\"" },		/* overlong */
		{ "\\355\\240\\200", "\"\\\\355\\\\240\\\\200\"" },
		{ "\\364\\220\\200\\200", "\"\\\\364\\\\220\\\\200\\\\200\"" },
		{ "\\342\\202", "\"\\\\342\\\\202\"" },		/* cut off */
		{ "\\033[31m", "\"\\u001b[31m\"" },
		{ "\\177", "\"\\u007f\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(true);
		printer.style->section(&printer, "a", "", cases[i].in);
		printer.style->end(&printer);
		ck_assert_msg(strstr(finish(), cases[i].out), "%s: %s",
			      cases[i].out, text);
	}
}
END_TEST

/* doctor at a terminal of 80 columns. */
START_TEST(sentences_are_wrapped_between_words)
{
	static const char what[] = "no rule about system calls is loaded: "
		"records come without SYSCALL and SOCKADDR, and ausearch -x, "
		"-ui, -hn do not find them";
	static const char advice[] = "augenrules --load, with "
		"70-connwarden.rules in /etc/audit/rules.d";
	static char check[] = "audit-companions", result[] = "problem";
	char *values[] = { check, result, (char *)what, (char *)advice };
	static const char *const names[] = {
		"check", "result", "what", "advice",
	};
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char words[256], *word, *rest = words;
	int master, slave;
	size_t used = 0;
	ssize_t got;

	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, &size), 0);
	file = fdopen(slave, "w");
	cw_printer_init(&printer, file, false);
	printer.columns = 4;
	memcpy(printer.names, names, sizeof(names));
	ck_assert_int_eq(printer.style->columns(&printer), 0);
	ck_assert_int_eq(printer.style->row(&printer, values), 0);
	ck_assert_int_eq(printer.style->flush(&printer), 0);
	/* The other end stays open until all was read. */
	while (!used || text[used - 1] != '\n' || !strstr(text, "them")) {
		got = read(master, text + used, sizeof(text) - 1 - used);
		ck_assert_int_gt(got, 0);
		used += got;
		text[used] = 0;
	}
	fclose(file);
	close(master);
	snprintf(words, sizeof(words), "%s %s", what, advice);
	while ((word = strsep(&rest, " ")))
		ck_assert_msg(strstr(text, word), "%s is broken in:\n%s", word,
			      text);
	for (char *line = text; *line; line += strcspn(line, "\n") + 1)
		ck_assert_msg(strcspn(line, "\r\n") <= 80, "too wide:\n%s",
			      text);
}
END_TEST

static Suite *output_suite(void)
{
	Suite *suite = suite_create("output");
	TCase *tests = tcase_create("output");

	tcase_add_test(tests, object_plain);
	tcase_add_test(tests, object_json);
	tcase_add_test(tests, rows_plain);
	tcase_add_test(tests, rows_json);
	tcase_add_test(tests, rows_aligned_on_a_terminal);
	tcase_add_test(tests, header_once_even_without_rows);
	tcase_add_test(tests, sentences_are_wrapped_between_words);
	tcase_add_test(tests, not_numbers);
	tcase_add_test(tests, utf8_kept_and_everything_else_escaped);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, output_suite);
}
