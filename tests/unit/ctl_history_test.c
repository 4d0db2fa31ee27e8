// SPDX-License-Identifier: GPL-2.0-only
/* policyctl history, export, who, flows and filtered connections, on a history
 * of one curl, one script that is refused, and a server on the same host. */
#include <errno.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policyctl/commands/ctl.h"
#include "fixture.h"
#include "stream.h"
#include "text.h"

#define SECOND	1000000000ll
#define OFFSET	(1795573300 * SECOND)	/* 2026-11-25T02:21:40Z */

/* The same for all tests, which get a copy: storing waits for the disk. */
static struct fixture template;
static struct fixture fixture;
static struct stream stream;
static struct ran ran;

static const struct stream_program curl = {
	.process = 7, .start = 5 * SECOND, .tgid = 917, .exe = "/usr/bin/curl",
	.cgroup = "/system.slice/backup.service", .ancestors = 2,
	.ancestor = { { 4 * SECOND, 900, "/usr/bin/bash" },
		      { SECOND, 812, "/usr/sbin/sshd" } },
};

static const struct stream_program script = {
	.process = 8, .start = 6 * SECOND, .tgid = 218,
	.exe = "/usr/bin/python3", .script = "/opt/my app\\x", .cgroup = "/",
};

static const struct stream_program server = {
	.process = 9, .start = 2 * SECOND, .tgid = 500,
	.exe = "/usr/sbin/nginx", .cgroup = "/system.slice/nginx.service",
};

static const char header[] =
"id proto dir state local remote tgid pid uid netns verdict rule gen age "
"closed sent received attribution user exe\n";

/* ---- the history -------------------------------------------------------- */

static void add_refused(void)
{
	struct cw_event_open *event;

	event = stream_open(&stream, 2, 10 * SECOND, 8, "2001:db8::9", 25, "");
	event->verdict = CW_OUTCOME_DENY;
	event->rule = UINT32_MAX;
	event->uid = 33;
}

static void add_both_ends(void)
{
	struct cw_event_open *event;

	stream_open(&stream, 3, 11 * SECOND, 7, "198.51.100.1", 80, "");
	stream_local(&stream, 3, 11 * SECOND, "198.51.100.1", 50000);
	event = stream_open(&stream, 4, 11 * SECOND + 1, 9, "198.51.100.1",
			    50000, "");
	event->in = 1;
	event->verdict = CW_OUTCOME_NONE;
	event->local_port = 80;
	stream_local(&stream, 4, 11 * SECOND + 1, "198.51.100.1", 80);
	stream_close(&stream, 3, 12 * SECOND, 100, 2000);
	stream_close(&stream, 4, 12 * SECOND, 2000, 100);
}

static void add_all(void)
{
	struct cw_event_open *event;

	stream_process(&stream, &curl);
	stream_process(&stream, &script);
	stream_process(&stream, &server);
	event = stream_open(&stream, 1, 9 * SECOND + 123456789, 7,
			    "203.0.113.7", 443, "the \"mirror\"");
	event->rule = 4;
	event->line = 9;
	event->generation = 3;
	stream_local(&stream, 1, 9 * SECOND + 200000000, "198.51.100.1", 47504);
	stream_close(&stream, 1, 10 * SECOND, 76, 221);
	add_refused();
	add_both_ends();
}

static void store(const struct fixture *where)
{
	struct cw_ingest *ingest;
	char file[128];
	uint64_t upto;

	snprintf(file, sizeof(file), "%s/history.db", where->dir);
	ck_assert_int_eq(cw_ingest_new(&ingest, file, "boot", "0123456789abcdef"),
			 0);
	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 OFFSET, &upto), 0);
	cw_ingest_free(ingest);
	stream_free(&stream);
}

static void make_template(void)
{
	setenv("TZ", "UTC0", 1);
	fixture_init(&template);
	add_all();
	store(&template);
}

static void remove_template(void)
{
	fixture_exit(&template);
}

static void setup(void)
{
	char command[256];

	fixture_init(&fixture);
	fixture_write(&fixture, "connections", header);
	snprintf(command, sizeof(command), "cp %s/history.db %s", template.dir,
		 fixture.dir);
	ck_assert_int_eq(system(command), 0);
	memset(&stream, 0, sizeof(stream));
}

static void teardown(void)
{
	fixture_exit(&fixture);
}

/* ---- asking ------------------------------------------------------------- */

static void ctl(const char *line, int status)
{
	char whole[1024];

	snprintf(whole, sizeof(whole), "%s --history=history.db", line);
	fixture_ctl(&fixture, &ran, whole);
	ck_assert_msg(ran.status == status, "%s: exits %d, not %d\n"
		      "%.1000s%.1000s", line, ran.status, status, ran.out,
		      ran.err);
}

static void says(const char *text)
{
	ck_assert_msg(strstr(ran.out, text), "no %s in: %.4000s", text,
		      ran.out);
}

static void complains(const char *text)
{
	ck_assert_msg(strstr(ran.err, text), "no %s in: %.2000s", text,
		      ran.err);
}

static unsigned lines(void)
{
	unsigned count = 0;

	for (const char *at = ran.out; (at = strchr(at, '\n')); at++)
		count++;
	return count;
}

/* What it prints at a terminal. */
static void ctl_at_terminal(const char *command, const char *operand)
{
	char name[] = "policyctl", history[] = "--history=history.db";
	char here[] = "--securityfs=.", words[2][64], *argv[] = {
		name, history, here, words[0], words[1], NULL,
	};
	size_t used = 0;
	ssize_t got;
	int master;
	pid_t child;

	snprintf(words[0], sizeof(words[0]), "%s", command);
	snprintf(words[1], sizeof(words[1]), "%s", operand ?: "");
	child = forkpty(&master, NULL, NULL, NULL);
	if (!child) {
		if (chdir(fixture.dir))
			_exit(97);
		exit(cw_ctl_main(operand ? 5 : 4, argv));
	}
	while (used < sizeof(ran.out) - 1 &&
	       (got = read(master, ran.out + used,
			   sizeof(ran.out) - 1 - used)) > 0)
		used += got;
	ran.out[used] = 0;
	close(master);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

/* ---- history ------------------------------------------------------------ */

START_TEST(history_in_a_pipe)
{
	ctl("history", CW_EXIT_OK);
	ck_assert_str_eq(ran.err, "");
	ck_assert_uint_eq(lines(), 5);
	says("opened closed proto dir local remote verdict attribution tgid "
	     "uid exe script unit user sent received rule line label "
	     "established ending ip_protocol ethertype interface\n"
	     "2026-11-25T02:21:49.123Z 2026-11-25T02:21:50.000Z "
	     "tcp out 198.51.100.1:47504 203.0.113.7:443 allow exact 917 0 "
	     "/usr/bin/curl - backup.service - 76 221 4 9 "
	     "the\\040\"mirror\" - - - - -\n");
	says("tcp out - [2001:db8::9]:25 deny exact 218 33 "
	     "/usr/bin/python3 /opt/my\\040app\\134x - - - - - - - - - - - -\n");
	says("tcp in 198.51.100.1:80 198.51.100.1:50000 - exact 500 ");
}
END_TEST

START_TEST(history_at_a_terminal)
{
	ctl_at_terminal("history", NULL);
	ck_assert_ptr_eq(strstr(ran.out, "OPENED"), ran.out);
	says("2026-11-25 02:21:49.123 2026-11-25 02:21:50.000 ");
	says("/opt/my\\040app");
}
END_TEST

START_TEST(history_as_json_is_what_is_read_back)
{
	ctl("history --json", CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 4);
	says("\"label\":\"the \\\"mirror\\\"\"");
	says("\"ancestors\":[{\"tgid\":900,");
	fixture_write(&fixture, "web1.json", ran.out);
	fixture_ctl(&fixture, &ran, "flows web1.json");
	ck_assert_int_eq(ran.status, CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 4);
}
END_TEST

START_TEST(history_with_filters)
{
	static const struct {
		const char *filter;
		unsigned rows;
	} cases[] = {
		{ "--exe /usr/bin/curl", 2 }, { "--exe /opt/*", 1 },
		{ "--exe **/nginx", 1 }, { "--verdict deny", 1 },
		{ "--verdict -", 1 }, { "--in", 1 }, { "--out", 3 },
		{ "--user 33", 1 }, { "--pid 917", 2 }, { "--proto udp", 0 },
		{ "--to 203.0.113.0/24", 1 }, { "--to 198.51.100.1", 2 },
		{ "--to 198.51.100.1 --port 80", 1 }, { "--port 80", 2 }, { "--port 47504", 1 },
		{ "--limit 2", 2 }, { "--to ::/0", 1 },
		{ "--since 2026-11-25T02:21:51Z", 2 },
		{ "--until 2026-11-25T02:21:50Z", 2 },
		{ "--since 1s", 0 },
		{ "--out --exe /usr/bin/curl --port 443 --verdict allow", 1 },
	};
	char line[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), "history %s", cases[i].filter);
		ctl(line, CW_EXIT_OK);
		ck_assert_msg(lines() == cases[i].rows + 1, "%s: %u rows\n%s",
			      cases[i].filter, lines() - 1, ran.out);
	}
}
END_TEST

START_TEST(without_history_it_says_so)
{
	static const char *const commands[] = { "history", "export", "flows" };
	char line[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(line, sizeof(line), "%s --history=/nonexistent/x",
			 commands[i]);
		fixture_ctl(&fixture, &ran, line);
		ck_assert_int_eq(ran.status, CW_EXIT_FAILED);
		complains("there is no history /nonexistent/x");
	}
	fixture_write(&fixture, "history.db", "this is no database, is it?");
	ctl("history", CW_EXIT_FAILED);
	complains("is no history");
}
END_TEST

/* ---- export ------------------------------------------------------------- */

START_TEST(export_has_rows_and_holes)
{
	stream.sequence = 1000;
	stream_lost(&stream, 12);
	stream_open(&stream, 9, 20 * SECOND, 7, "203.0.113.8", 1, "");
	store(&fixture);
	ctl("export", CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 6);
	ck_assert_ptr_eq(strstr(ran.out, "{\"type\":\"hole\","), ran.out);
	says("\"reason\":\"");
	ctl("export --exe /usr/bin/python3", CW_EXIT_OK);
	says("\"verdict\":\"deny\"");
	ctl("history", CW_EXIT_OK);
	complains("records are missing from ");
}
END_TEST

/* An hour forward, and so one that has no connections. */
START_TEST(clock_that_was_set_is_said)
{
	struct cw_ingest *ingest;
	char file[128];

	snprintf(file, sizeof(file), "%s/history.db", fixture.dir);
	ck_assert_int_eq(cw_ingest_new(&ingest, file, "boot",
				       "0123456789abcdef"), 0);
	ck_assert_int_eq(cw_ingest_open(ingest, OFFSET + 3600 * SECOND), 0);
	ck_assert_int_eq(cw_ingest_tick(ingest, OFFSET + 3600 * SECOND,
					60 * SECOND), 0);
	cw_ingest_free(ingest);
	ctl("history", CW_EXIT_OK);
	complains("history: warning: the clock was set from 2026-11-25 ");
	ctl("who 203.0.113.7", CW_EXIT_OK);
	complains("who: warning: the clock was set from 2026-11-25 ");
	ctl("export", CW_EXIT_OK);
	complains("export: warning: the clock was set from 2026-11-25 ");
	ctl("history --until 2026-11-20", CW_EXIT_OK);
	ck_assert_str_eq(ran.err, "");
}
END_TEST

/* ---- backup ------------------------------------------------------------- */

/* As policyd does: all that it stores now is in the log only. */
static struct cw_ingest *write_on(void)
{
	struct cw_ingest *ingest;
	char path[128];
	uint64_t upto;

	snprintf(path, sizeof(path), "%s/history.db", fixture.dir);
	ck_assert_int_eq(cw_ingest_new(&ingest, path, "boot",
				       "0123456789abcdef"), 0);
	stream.sequence = 1000;
	stream_open(&stream, 9, 20 * SECOND, 7, "203.0.113.8", 1, "");
	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 OFFSET, &upto), 0);
	stream_free(&stream);
	return ingest;
}

static unsigned rows_of(const char *file)
{
	char line[128];

	snprintf(line, sizeof(line), "history --history=%s", file);
	fixture_ctl(&fixture, &ran, line);
	ck_assert_int_eq(ran.status, CW_EXIT_OK);
	return lines() - 1;
}

START_TEST(backup_is_whole_while_it_is_written)
{
	struct cw_ingest *ingest = write_on();
	char path[128];
	struct stat st;

	ctl("backup copy.db", CW_EXIT_OK);
	says("copy.db: ");
	snprintf(path, sizeof(path), "%s/copy.db", fixture.dir);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
	ck_assert_uint_eq(st.st_nlink, 1);
	cw_ingest_free(ingest);
	ck_assert_uint_eq(rows_of("copy.db"), 5);
	/* One file: reading it makes no other. */
	strcat(path, "-wal");
	ck_assert_int_ne(stat(path, &st), 0);
}
END_TEST

START_TEST(backup_replaces_nothing_and_leaves_nothing)
{
	char text[64];

	fixture_write(&fixture, "there", "mine");
	ctl("backup there", CW_EXIT_FAILED);
	complains("there is there already");
	fixture_read(&fixture, "there", text, sizeof(text));
	ck_assert_str_eq(text, "mine");
	ctl("backup missing/copy.db", CW_EXIT_FAILED);
	complains("cannot write missing/copy.db: No such file or directory");
	ctl("backup", CW_EXIT_USAGE);
	fixture_ctl(&fixture, &ran, "backup copy.db --history=/nonexistent");
	ck_assert_int_eq(ran.status, CW_EXIT_FAILED);
	complains("there is no history /nonexistent");
	fixture_write(&fixture, "history.db", "this is no database, is it?");
	ctl("backup copy.db", CW_EXIT_FAILED);
	complains("is no history");
	fixture_ctl(&fixture, &ran, "history --history=copy.db");
	complains("there is no history copy.db");
}
END_TEST

/* cp of one file of the two. */
START_TEST(copy_without_the_log_is_told)
{
	struct cw_ingest *ingest;
	char path[128], command[300];
	uint64_t upto;

	snprintf(path, sizeof(path), "%s/new.db", fixture.dir);
	ck_assert_int_eq(cw_ingest_new(&ingest, path, "boot", "1"), 0);
	add_all();
	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 OFFSET, &upto), 0);
	stream_free(&stream);
	snprintf(command, sizeof(command), "cp %s %s/half.db", path, fixture.dir);
	ck_assert_int_eq(system(command), 0);
	cw_ingest_free(ingest);
	fixture_ctl(&fixture, &ran, "history --history=half.db");
	ck_assert_int_eq(ran.status, CW_EXIT_FAILED);
	complains("copied without the file half.db-wal; policyctl backup makes "
		  "a whole copy");
}
END_TEST

/* ---- who ---------------------------------------------------------------- */

START_TEST(who_for_scripts)
{
	ctl("who 203.0.113.7", CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 2);
	says("/usr/bin/curl - backup.service 0 - 1 0 0 "
	     "2026-11-25T02:21:49.123Z 2026-11-25T02:21:50.000Z "
	     "tcp out 198.51.100.1:47504 203.0.113.7:443 allow exact 917 "
	     "sshd(812)>bash(900)>curl(917) 4026531840\n");
	ctl("who 203.0.113.7 --json", CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 1);
	says("{\"type\":\"connection\"");
	ctl("who [2001:db8::9]:25", CW_EXIT_OK);
	says("/usr/bin/python3 /opt/my\\040app\\134x - 33 - 0 1 0 ");
	/* A port without an index. */
	ctl("who 198.51.100.1:47504", CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 2);
	says("/usr/bin/curl - backup.service 0 - 1 0 0 ");
	ctl("who 198.51.100.1:47505", CW_EXIT_FAILED);
	ctl("who 198.51.100.0/24", CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 3);
	says("/usr/bin/curl - backup.service 0 - 2 0 0 ");
	says("/usr/sbin/nginx - nginx.service 0 - 1 0 0 ");
}
END_TEST

START_TEST(who_for_people)
{
	ctl_at_terminal("who", "203.0.113.7:443");
	says("/usr/bin/curl\r\n");
	says("  unit         backup.service\r\n");
	says("  user         root (0)\r\n");
	says("  process      sshd(812) > bash(900) > curl(917)\r\n");
	says("  connections  1\r\n");
	says("  seen         2026-11-25 02:21:49.123 to "
	     "2026-11-25 02:21:50.000\r\n");
	says("  newest       2026-11-25 02:21:49.123, tcp 198.51.100.1:47504 "
	     "-> 203.0.113.7:443, allow by rule 4, line 9, \"the "
	     "\\042mirror\\042\"\r\n");
	ctl_at_terminal("who", "2001:db8::9");
	says("/usr/bin/python3 (/opt/my\\040app\\134x)\r\n");
	says("  connections  0, and 1 refused\r\n");
	says("deny by default\r\n");
}
END_TEST

START_TEST(who_at_a_time)
{
	ctl("who 203.0.113.7 --at 2026-11-25T02:21:49.5Z", CW_EXIT_OK);
	ctl("who 203.0.113.7 --at 2026-11-25T02:21:48Z", CW_EXIT_FAILED);
	ck_assert_str_eq(ran.out, "");
	complains("nobody has talked to 203.0.113.7");
	ctl("who 203.0.113.7:80", CW_EXIT_FAILED);
	ctl("who 203.0.113.8", CW_EXIT_FAILED);
	ctl("who example.org", CW_EXIT_USAGE);
	complains("names of hosts are not looked up");
	ctl("who 203.0.113.7 --since 1h --until 2h", CW_EXIT_USAGE);
	complains("--since is after --until");
}
END_TEST

static void write_live(const char *row)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s%s\n", header, row);
	fixture_write(&fixture, "connections", text);
}

START_TEST(who_knows_what_is_not_stored_yet)
{
	write_live("5 tcp out open 198.51.100.1:5000 192.0.2.1:80 12 13 1000 "
		   "4026531840 allow 0 7 1.500 - 10 - exact - "
		   "/opt/my\\040app");
	ctl("who 192.0.2.1", CW_EXIT_OK);
	says("/opt/my\\040app - - 1000 - 1 0 0 ");
	says(" tcp out 198.51.100.1:5000 192.0.2.1:80 allow exact 12 ");
	fixture_ctl(&fixture, &ran, "who 192.0.2.1 --history=/nonexistent");
	ck_assert_int_eq(ran.status, CW_EXIT_OK);
	complains("only the kernel's table of connections is asked");
	ck_assert_uint_eq(lines(), 2);
}
END_TEST

START_TEST(who_counts_what_is_in_both_once)
{
	double age = (cw_time_now() - OFFSET - 20 * SECOND) / 1e9;
	char row[512];

	/* In the table with ms only, and the clock a bit off. */
	snprintf(row, sizeof(row), "9 tcp out open 198.51.100.1:6000 "
		 "192.0.2.9:80 917 4000000 0 4026531840 allow - 0 %.3f - - - "
		 "exact - /usr/bin/curl", age - 0.3);
	write_live(row);
	stream.sequence = 100;
	stream_open(&stream, 9, 20 * SECOND, 7, "192.0.2.9", 80, "");
	stream_local(&stream, 9, 20 * SECOND, "198.51.100.1", 6000);
	store(&fixture);
	ctl("who 192.0.2.9 --json", CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 1);
	says("\"unit\":\"backup.service\"");
}
END_TEST

/* Who answers for nobody, or for a look that failed? */
START_TEST(who_tells_nobody_from_no_answer)
{
	ctl("who 192.0.2.200", CW_EXIT_FAILED);
	complains("nobody has talked to 192.0.2.200");
	fixture_ctl(&fixture, &ran, "who 192.0.2.200 --history=/nonexistent");
	ck_assert_int_eq(ran.status, CW_EXIT_UNKNOWN);
	fixture_write(&fixture, "history.db", "this is no database, is it?");
	ctl("who 192.0.2.200", CW_EXIT_UNKNOWN);
}
END_TEST

/* Nobody, or one of those that the kernel could not note? */
START_TEST(who_tells_nobody_from_what_was_not_known)
{
	char status[1024];

	stream.sequence = 100;
	stream_untracked(&stream, 100 * SECOND, 101 * SECOND, 55, 1000);
	store(&fixture);
	ctl("who 192.0.2.200", CW_EXIT_UNKNOWN);
	complains("55 connections were not tracked from ");
	complains("it is not known who has talked to 192.0.2.200");
	ctl("who 203.0.113.7", CW_EXIT_OK);
	complains("55 connections were not tracked from ");
	ctl("who 192.0.2.200 --until 2026-11-25T02:21:51Z", CW_EXIT_FAILED);
	complains("nobody has talked to 192.0.2.200");
	/* Without a history the module alone knows. */
	snprintf(status, sizeof(status), "abi: %d\nuntracked: 44\n",
		 CW_ABI_VERSION);
	fixture_write(&fixture, "status", status);
	fixture_ctl(&fixture, &ran, "who 192.0.2.200 --history=/nonexistent");
	ck_assert_int_eq(ran.status, CW_EXIT_UNKNOWN);
	complains("44 connections were not tracked since");
}
END_TEST

START_TEST(output_that_cannot_be_written)
{
	static const char *const commands[] = {
		"history", "history --json", "export", "flows", "flows --json",
		"graph", "graph --json", "graph --format html", "who 203.0.113.7",
		"who --json 203.0.113.7",
	};

	fixture.output = "/dev/full";
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		ctl(commands[i], strncmp(commands[i], "who", 3)
		    ? CW_EXIT_FAILED : CW_EXIT_UNKNOWN);
		complains("cannot write to standard output: No space left on "
			  "device");
	}
}
END_TEST

/* Names of a program that would look like another one, or like two. */
START_TEST(who_cannot_be_forged)
{
	static const struct stream_program forger = {
		.process = 20, .start = 7 * SECOND, .tgid = 300,
		.exe = "/usr/bin/python3 (/opt/backup.py)",
		.cgroup = "/system.slice/a b.service", .ancestors = 1,
		.ancestor = { { SECOND, 200, "/x/sshd(1)>bash\n" } },
	};

	stream.sequence = 100;
	stream_process(&stream, &forger);
	stream_open(&stream, 20, 20 * SECOND, 20, "192.0.2.77", 80,
		    "\", allow by rule 1");
	store(&fixture);
	ctl("who 192.0.2.77", CW_EXIT_OK);
	says("/usr/bin/python3\\040(/opt/backup.py) - a\\040b.service ");
	says(" sshd\\0501\\051\\076bash\\012(200)>backup.py\\051(300) ");
	ctl_at_terminal("who", "192.0.2.77");
	says("/usr/bin/python3\\040(/opt/backup.py)\r\n");
	says("sshd\\0501\\051\\076bash\\012(200) > ");
	says("\"\\042, allow by rule 1\"\r\n");
	ctl_at_terminal("flows", NULL);
	says("/usr/bin/python3\\040\\050/opt/backup.py\\051 ");
}
END_TEST

/* ---- would-deny --------------------------------------------------------- */

static void would_deny(uint64_t id, uint64_t process, const char *remote,
		       uint32_t rule)
{
	struct cw_event_open *event;

	event = stream_open(&stream, id, (20 + id) * SECOND, process, remote,
			    25, "to be \"closed\"");
	event->verdict = CW_OUTCOME_WOULD_DENY;
	event->rule = rule;
	event->generation = 7;
}

static void load_policy(void)
{
	fixture_write(&fixture, "rules.conf", "default deny\n"
		      "deny any to 192.0.2.99 monitor\nallow any to @loopback\n");
	fixture_start_daemon(&fixture);
	fixture_ctl(&fixture, &ran, "load rules.conf");
	ck_assert_int_eq(ran.status, CW_EXIT_OK);
}

START_TEST(would_deny_adds_up_what_enforce_would_refuse)
{
	load_policy();
	stream.sequence = 1000;
	for (int id = 30; id < 33; id++)
		would_deny(id, 7, "192.0.2.25", UINT32_MAX);
	would_deny(40, 8, "192.0.2.26", 1);
	store(&fixture);
	ctl("would-deny --since 2026-11-25T02:21:30Z", CW_EXIT_FAILED);
	ck_assert_uint_eq(lines(), 3);
	says("exe script unit uid remote proto rule line label gen count first "
	     "last\n/usr/bin/curl - backup.service 0 192.0.2.25:25 tcp - - "
	     "to\\040be\\040\"closed\" 7 3 2026-11-25T02:22:30.000Z "
	     "2026-11-25T02:22:32.000Z\n");
	says("/usr/bin/python3 /opt/my\\040app\\134x ");
	complains("enforce would refuse 4 connections of 2 kinds");
	ctl("would-deny --json --since 2026-11-25T02:21:30Z", CW_EXIT_FAILED);
	ck_assert_uint_eq(lines(), 2);
	says("\"count\":3,");
	ck_assert_int_eq(fixture_stop_daemon(&fixture, SIGTERM), 0);
	fixture.daemon = 0;
}
END_TEST

/* Nothing found is no answer when not all was looked at. */
START_TEST(would_deny_says_what_it_could_not_look_at)
{
	ctl("would-deny", CW_EXIT_UNKNOWN);
	complains("no policy is loaded");
	load_policy();
	ctl("would-deny", CW_EXIT_UNKNOWN);
	complains("policyd writes no history");
	complains("does not mean that enforce would refuse nothing");
	ck_assert_int_eq(fixture_stop_daemon(&fixture, SIGTERM), 0);
	fixture.daemon = 0;
	ctl("would-deny", CW_EXIT_UNKNOWN);
	complains("policyd does not run: start it");
	stream.sequence = 1000;
	stream_lost(&stream, 12);
	stream_open(&stream, 50, 70 * SECOND, 7, "192.0.2.1", 1, "");
	store(&fixture);
	ctl("would-deny --since 2026-11-25T02:21:30Z", CW_EXIT_UNKNOWN);
	complains("records are missing from the history in that time");
	ctl("would-deny --since 2025-01-01", CW_EXIT_UNKNOWN);
	complains("the history begins at ");
	fixture_ctl(&fixture, &ran, "would-deny --history=/nonexistent");
	ck_assert_int_eq(ran.status, CW_EXIT_UNKNOWN);
	complains("there is no history");
}
END_TEST

/* ---- flows -------------------------------------------------------------- */

START_TEST(flows_of_this_host)
{
	char host[256], wanted[1024];

	gethostname(host, sizeof(host));
	ctl("flows", CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 4);
	snprintf(wanted, sizeof(wanted), "%s /usr/bin/curl - backup.service "
		 "198.51.100.1 %s /usr/sbin/nginx - nginx.service 198.51.100.1 "
		 "80 tcp 1 0 0 0 100 2000 0 2026-11-25T02:21:51.000Z "
		 "2026-11-25T02:21:52.000Z allow - - - - -\n", host, host);
	says(wanted);
	says(" - - - - 203.0.113.7 443 tcp 1 0 0 0 76 221 0 ");
	says(" - - - - 2001:db8::9 25 tcp 0 0 1 0 - - 0 ");
	ctl("flows --json --exe /usr/sbin/nginx", CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 1);
	says("\"client_exe\":\"/usr/bin/curl\"");
	says("\"server_exe\":\"/usr/sbin/nginx\"");
	says("\"connections\":1,");
	ctl("flows --by unit --limit 1", CW_EXIT_OK);
	ck_assert_uint_eq(lines(), 2);
	ctl("flows --by colour", CW_EXIT_USAGE);
	complains("it must be exe, unit");
}
END_TEST

START_TEST(flows_at_a_terminal)
{
	ctl_at_terminal("flows", NULL);
	ck_assert_ptr_eq(strstr(ran.out, "CLIENT"), ran.out);
	says("/usr/sbin/nginx@198.51.100.1 ");
	says("2026-11-25 02:21:52.000");
}
END_TEST

/* The server's rows come from one host, the client's from another. */
START_TEST(flows_across_hosts)
{
	static const char row[] = "{\"type\":\"connection\",\"host\":\"%s\","
		"\"opened\":\"2026-11-25T02:21:49Z\",\"proto\":\"tcp\","
		"\"dir\":\"%s\",\"local\":\"192.0.2.%d\",\"local_port\":%d,"
		"\"remote\":\"192.0.2.%d\",\"remote_port\":%d,\"exe\":\"%s\"}\n";
	char text[1024];

	snprintf(text, sizeof(text), row, "web1", "out", 1, 4000, 2, 5432,
		 "/opt/app");
	fixture_write(&fixture, "web1.json", text);
	snprintf(text, sizeof(text), row, "db1", "in", 2, 5432, 1, 4000,
		 "/usr/bin/postgres");
	fixture_write(&fixture, "db1.json", text);
	fixture_ctl(&fixture, &ran, "flows web1.json db1.json web1.json");
	ck_assert_int_eq(ran.status, CW_EXIT_OK);
	says("web1 /opt/app - - 192.0.2.1 db1 /usr/bin/postgres - - 192.0.2.2 "
	     "5432 tcp ");
	fixture_ctl(&fixture, &ran, "flows web1.json missing.json");
	ck_assert_int_eq(ran.status, CW_EXIT_FAILED);
	complains("missing.json: No such file");
	fixture_write(&fixture, "db1.json", "garbage\n");
	fixture_ctl(&fixture, &ran, "flows web1.json db1.json");
	ck_assert_int_eq(ran.status, CW_EXIT_FAILED);
	ck_assert_str_eq(ran.out, "");
	complains("db1.json:1: not JSON");
}
END_TEST

/* ---- connections -------------------------------------------------------- */

START_TEST(connections_with_filters)
{
	static const struct {
		const char *filter;
		unsigned rows;
	} cases[] = {
		{ "", 3 }, { "--exe /opt/my?app", 1 }, { "--proto udp", 1 },
		{ "--user 1000", 1 }, { "--port 53", 1 }, { "--since 5s", 2 },
		{ "--verdict deny", 1 }, { "--to 192.0.2.0/24", 2 },
		{ "--pid 77", 1 }, { "--exe /usr/bin/nc", 1 },
	};
	char line[256];

	write_live("1 tcp out open 10.0.0.1:4242 192.0.2.1:80 12 13 1000 "
		   "4026531840 allow 0 7 1.500 - - - exact - "
		   "/opt/my\\040app\n"
		   "2 udp out closed [::1]:0 [2001:db8::1]:53 14 14 0 "
		   "4026531840 would-deny - 7 900.000 800.250 5 - exact - "
		   "/usr/bin/dig\n"
		   "3 tcp out refused 0.0.0.0:0 192.0.2.2:81 15 15 0 "
		   "4026531840 deny - 7 2.000 2.000 - - inherited "
		   "77:/usr/bin/nc /bin/sh");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), "connections %s", cases[i].filter);
		fixture_ctl(&fixture, &ran, line);
		ck_assert_int_eq(ran.status, CW_EXIT_OK);
		ck_assert_msg(lines() == cases[i].rows + 1, "%s: %u rows\n%s",
			      cases[i].filter, lines() - 1, ran.out);
	}
	fixture_ctl(&fixture, &ran, "connections --limit 1");
	ck_assert_int_eq(ran.status, CW_EXIT_USAGE);
}
END_TEST

/* ---- the index and the obvious way -------------------------------------- */

static struct cw_past_filter filter;
static unsigned wanted;

static int count_wanted(void *data, const struct cw_past *past)
{
	(void)data;
	wanted += cw_filter_matches(&filter, past);
	return 0;
}

static int count_all(void *data, const struct cw_past *past)
{
	(void)past;
	++*(unsigned *)data;
	return 0;
}

static void random_rows(void)
{
	static const char *const remotes[] = {
		"203.0.113.7", "203.0.113.200", "2001:db8::9", "198.51.100.1",
	};
	struct cw_event_open *event;

	stream.sequence = 1000;
	for (uint64_t id = 100; id < 400; id++) {
		int64_t time = (20 + text_random(20)) * SECOND;

		event = stream_open(&stream, id, time, 7 + text_random(3),
				    remotes[text_random(4)],
				    80 + text_random(3), "");
		event->verdict = text_random(4);
		event->proto = text_random(2);
		event->in = text_random(2);
		event->uid = text_random(2) * 33;
		event->local_port = 80 + text_random(3);
		if (event->verdict != CW_OUTCOME_DENY && text_random(2))
			stream_close(&stream, id, time + text_random(9) *
				     SECOND, 1, 1);
		else if (event->verdict != CW_OUTCOME_DENY && text_random(2))
			stream_used(&stream, id, time, 7 + text_random(3));
	}
	store(&fixture);
}

static void maybe(const char *name, const char *const *values, unsigned count)
{
	if (!text_random(3))
		ck_assert_ptr_null(cw_filter_take(&filter, name,
						  values[text_random(count)]));
}

static void random_filter(void)
{
	static const char *const exes[] = { "/usr/bin/curl", "/usr/**",
					    "/opt/my app\\x", "/opt/?y*" };
	static const char *const ends[] = { "203.0.113.0/24", "0.0.0.0/0",
					    "203.0.113.7", "2001:db8::9",
					    "198.51.100.1" };
	static const char *const ports[] = { "80", "81" };
	static const char *const users[] = { "0", "33" };
	static const char *const pids[] = { "917", "218" };
	static const char *const verdicts[] = { "allow", "deny", "-" };
	static const char *const protos[] = { "tcp", "udp" };
	static const char *const times[] = { "2026-11-25T02:22:05Z",
					     "2026-11-25T02:22:15Z" };

	cw_past_filter_init(&filter);
	maybe("exe", exes, 4);
	maybe("to", ends, 5);
	filter.remote_only &= text_random(2);
	maybe("port", ports, 2);
	maybe("user", users, 2);
	maybe("pid", pids, 2);
	maybe("verdict", verdicts, 3);
	maybe("proto", protos, 2);
	maybe("since", times, 1);
	maybe("until", times + 1, 1);
}

START_TEST(history_selects_what_the_filter_matches)
{
	struct cw_past_filter any;
	struct cw_history *history;
	unsigned got, some = 0;
	char file[128];

	text_seed();
	random_rows();
	cw_past_filter_init(&any);
	snprintf(file, sizeof(file), "%s/history.db", fixture.dir);
	ck_assert_int_eq(cw_history_open(&history, file), 0);
	for (int i = 0; i < 300; i++) {
		random_filter();
		got = wanted = 0;
		ck_assert_int_eq(cw_history_query(history, &filter, count_all,
						  &got), 0);
		ck_assert_int_eq(cw_history_query(history, &any, count_wanted,
						  NULL), 0);
		ck_assert_uint_eq(got, wanted);
		some += got > 0;
	}
	ck_assert_uint_gt(some, 100);
	cw_history_close(history);
}
END_TEST

static Suite *ctl_history_suite(void)
{
	Suite *suite = suite_create("ctl_history");
	TCase *tests = tcase_create("ctl_history");

	tcase_set_timeout(tests, 60);
	tcase_add_unchecked_fixture(tests, make_template, remove_template);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, history_in_a_pipe);
	tcase_add_test(tests, history_at_a_terminal);
	tcase_add_test(tests, history_as_json_is_what_is_read_back);
	tcase_add_test(tests, history_with_filters);
	tcase_add_test(tests, without_history_it_says_so);
	tcase_add_test(tests, export_has_rows_and_holes);
	tcase_add_test(tests, clock_that_was_set_is_said);
	tcase_add_test(tests, backup_is_whole_while_it_is_written);
	tcase_add_test(tests, backup_replaces_nothing_and_leaves_nothing);
	tcase_add_test(tests, copy_without_the_log_is_told);
	tcase_add_test(tests, who_for_scripts);
	tcase_add_test(tests, who_for_people);
	tcase_add_test(tests, who_at_a_time);
	tcase_add_test(tests, who_knows_what_is_not_stored_yet);
	tcase_add_test(tests, who_counts_what_is_in_both_once);
	tcase_add_test(tests, who_tells_nobody_from_no_answer);
	tcase_add_test(tests, who_tells_nobody_from_what_was_not_known);
	tcase_add_test(tests, output_that_cannot_be_written);
	tcase_add_test(tests, who_cannot_be_forged);
	tcase_add_test(tests, would_deny_adds_up_what_enforce_would_refuse);
	tcase_add_test(tests, would_deny_says_what_it_could_not_look_at);
	tcase_add_test(tests, flows_of_this_host);
	tcase_add_test(tests, flows_at_a_terminal);
	tcase_add_test(tests, flows_across_hosts);
	tcase_add_test(tests, connections_with_filters);
	tcase_add_test(tests, history_selects_what_the_filter_matches);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, ctl_history_suite);
}
