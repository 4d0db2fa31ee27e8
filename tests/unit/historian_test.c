// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread that writes history: what is acknowledged is stored, and a disk
 * that is full is told once.  A terminal in raw mode stands in for the file
 * events; what its other end writes is told, what is acknowledged comes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "policyd/policyd.h"
#include "rows.h"

static struct cw_historian *historian;
static struct cw_historian_config config;
static struct cw_message message;
static int kernel, events;		/* the two ends of the terminal */
static int said;			/* what goes to standard error */
static uint64_t connections;

static void setup(void)
{
	struct termios raw;
	char device[64], name[128];
	int ends[2];

	rows_setup();
	/* The thread has one of its own. */
	rows_stop();
	memset(&raw, 0, sizeof(raw));
	cfmakeraw(&raw);
	ck_assert_int_eq(openpty(&kernel, &events, device, &raw, NULL), 0);
	snprintf(name, sizeof(name), "%s/events", rows.fixture.dir);
	ck_assert_int_eq(symlink(device, name), 0);
	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	said = ends[0];
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	signal(SIGXFSZ, SIG_IGN);
	config = (struct cw_historian_config) {
		.file = rows.file, .securityfs = rows.fixture.dir,
		.days = CW_HISTORY_DAYS, .megabytes = CW_HISTORY_MEGABYTES,
	};
	ck_assert_int_eq(cw_historian_new(&historian, &config), 0);
}

static void teardown(void)
{
	cw_historian_free(historian);
	close(kernel);
	close(events);
	close(said);
	rows_teardown();
}

/* One connection that is over. */
static void tell(void)
{
	uint64_t id = ++connections;

	stream_open(&rows.stream, id, id * SECOND, 7, "203.0.113.7", 80, "");
	stream_close(&rows.stream, id, id * SECOND + 1, 1, 2);
	if (write(kernel, rows.stream.data, rows.stream.size) !=
	    (ssize_t)rows.stream.size)
		perror("events");
	stream_clear(&rows.stream);
}

static bool is_acknowledged(int seconds)
{
	struct pollfd fd = { .fd = kernel, .events = POLLIN };
	uint64_t upto = 0;

	while (upto < rows.stream.sequence) {
		if (poll(&fd, 1, 1000 * seconds) <= 0 ||
		    read(kernel, &upto, sizeof(upto)) != sizeof(upto))
			return false;
	}
	return upto == rows.stream.sequence;
}

static bool wait_for_state(const char *wanted, int seconds)
{
	char value[500];
	int tries = 10 * seconds;

	do {
		cw_message_init(&message, CW_COMMAND_STATUS, CW_RESULT_OK);
		cw_historian_status(historian, &message);
		if (cw_pair_get(message.text, CW_KEY_HISTORY, value,
				sizeof(value)) &&
		    !strncmp(value, wanted, strlen(wanted)))
			return true;
		usleep(100000);
	} while (--tries > 0);
	return false;
}

static int times_said(const char *text, const char *what)
{
	int times = 0;

	while ((text = strstr(text, what))) {
		text++;
		times++;
	}
	return times;
}

/* No file may grow, so nothing here may assert: check writes to files. */
static void with_a_full_disk(bool (*run)(void))
{
	struct rlimit before, none;
	bool is_good;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_FSIZE, &none);
	is_good = run();
	setrlimit(RLIMIT_FSIZE, &before);
	ck_assert(is_good);
}

static bool fails(void)
{
	tell();
	return wait_for_state("failing", 10) && !is_acknowledged(1);
}

START_TEST(what_is_acknowledged_is_stored)
{
	ck_assert(wait_for_state("on", 10));
	tell();
	tell();
	ck_assert(is_acknowledged(10));
	ck_assert_int_eq(rows_query(), 2);
	ck_assert_int_eq(rows.row[1].id, connections);
}
END_TEST

START_TEST(what_is_there_at_the_end_is_stored)
{
	ck_assert(wait_for_state("on", 10));
	tell();
	cw_historian_free(historian);
	historian = NULL;
	ck_assert_int_eq(rows_query(), 1);
}
END_TEST

START_TEST(full_disk_is_told_once_though_some_fits)
{
	static char text[65536];
	ssize_t size;

	tell();
	ck_assert(is_acknowledged(10));
	with_a_full_disk(fails);
	/* The disk has room for a while: not yet as good as before. */
	ck_assert(is_acknowledged(10));
	ck_assert(wait_for_state("failing", 1));
	with_a_full_disk(fails);
	ck_assert(is_acknowledged(10));
	ck_assert(wait_for_state("on", 30));
	size = read(said, text, sizeof(text) - 1);
	ck_assert_int_gt(size, 0);
	ck_assert_int_eq(times_said(text, "history is failing"), 1);
	ck_assert_int_eq(times_said(text, "history: writing"), 2);
	ck_assert_int_eq(rows_query(), 3);
	ck_assert_int_eq(rows.holes, 0);
}
END_TEST

static Suite *historian_suite(void)
{
	Suite *suite = suite_create("historian");
	TCase *tests = tcase_create("historian");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, what_is_acknowledged_is_stored);
	tcase_add_test(tests, what_is_there_at_the_end_is_stored);
	tcase_add_test(tests, full_disk_is_told_once_though_some_fits);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, historian_suite);
}
