// SPDX-License-Identifier: GPL-2.0-only
/* policyctl top: what two looks tell, as text and at a terminal. */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "policyctl/commands/ctl.h"
#include "fixture.h"

static struct fixture fixture;
static struct cw_past_filter filter;
static struct cw_top top;

static const char header[] =
"id proto dir state local remote tgid pid uid netns verdict rule gen age "
"closed sent received attribution user exe\n";

static void write_rows(const char *rows)
{
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", header, rows);
	fixture_write(&fixture, "connections", text);
}

static void setup(void)
{
	fixture_init(&fixture);
	cw_past_filter_init(&filter);
	memset(&top, 0, sizeof(top));
	top.filter = &filter;
}

static void teardown(void)
{
	cw_top_free(&top);
	fixture_exit(&fixture);
}

/* ---- what is counted ---------------------------------------------------- */

#define OLD	"1 tcp out open 10.0.0.1:1 192.0.2.1:80 12 12 0 1 allow 0 7 " \
		"900.000 - %s exact - /bin/a\n"
#define NEW	"2 tcp out open 10.0.0.1:2 192.0.2.1:80 12 12 0 1 allow 0 7 " \
		"0.000 - %s exact - /bin/a\n" \
		"3 tcp out closed 10.0.0.1:3 192.0.2.2:80 12 12 0 1 allow 0 7 " \
		"0.000 0.000 - - exact - /bin/a\n" \
		"4 tcp out refused 0.0.0.0:0 192.0.2.3:80 12 12 0 1 deny 0 7 " \
		"0.000 0.000 - - exact - /bin/b\n" \
		"5 tcp in open 10.0.0.1:80 192.0.2.9:999 13 13 0 1 - - 7 " \
		"0.000 - 5 5 exact - /bin/c\n"

static void look(const char *old_bytes, const char *new_bytes)
{
	char rows[2048];

	snprintf(rows, sizeof(rows), new_bytes ? OLD NEW : OLD, old_bytes,
		 new_bytes);
	write_rows(rows);
	ck_assert_int_eq(cw_top_look(&top, fixture.dir), 0);
}

START_TEST(first_look_knows_no_rates)
{
	look("100 -", NULL);
	ck_assert(top.seconds == 0);
	ck_assert_uint_eq(top.count, 1);
	ck_assert_uint_eq(top.row[0].open, 1);
	ck_assert_uint_eq(top.row[0].opened, 0);
}
END_TEST

START_TEST(second_look_tells_what_is_new)
{
	const struct cw_top_row *row;

	look("100 -", NULL);
	/* Ages have ms. */
	usleep(5000);
	look("150 1000", "7 8");
	ck_assert(top.seconds > 0.004);
	ck_assert_uint_eq(top.count, 3);
	cw_top_sort(&top, 'c');
	row = &top.row[0];
	ck_assert_str_eq(row->exe, "/bin/a");
	ck_assert_uint_eq(row->open, 2);
	ck_assert_uint_eq(row->opened, 2);
	ck_assert_uint_eq(row->refused, 0);
	ck_assert(row->has_bytes);
	ck_assert_uint_eq(row->bytes, 50 + 1000 + 7 + 8);
	ck_assert_uint_eq(row->peers, 2);
	ck_assert_uint_eq(row->peer[0].connections, 2);
	ck_assert_uint_eq(row->peer[0].address[3], 1);
	ck_assert_uint_eq(row->peer[1].connections, 1);
	ck_assert_uint_eq(top.total.open, 3);
	ck_assert_uint_eq(top.total.refused, 1);
	cw_top_sort(&top, 'r');
	ck_assert_str_eq(top.row[0].exe, "/bin/b");
	ck_assert_uint_eq(top.row[0].open, 0);
	ck_assert(!top.row[0].has_bytes);
}
END_TEST

START_TEST(filter_applies)
{
	filter.exe = "/bin/c";
	look("1 1", "1 1");
	ck_assert_uint_eq(top.count, 1);
	ck_assert_str_eq(top.row[0].exe, "/bin/c");
	ck_assert(top.row[0].peer[0].in);
	ck_assert_uint_eq(top.row[0].peer[0].port, 0);
}
END_TEST

START_TEST(many_programs_and_peers)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs(header, out);
	for (int i = 0; i < 3000; i++)
		fprintf(out, "%d tcp out open 10.0.0.1:1 192.0.%d.%d:80 12 12 "
			"0 1 allow 0 7 1.000 - 1 1 exact - /bin/%d\n", i + 1,
			i / 250, i % 250, i % 300);
	fclose(out);
	fixture_write(&fixture, "connections", text);
	free(text);
	ck_assert_int_eq(cw_top_look(&top, fixture.dir), 0);
	ck_assert_int_eq(cw_top_look(&top, fixture.dir), 0);
	ck_assert_uint_eq(top.count, 300);
	ck_assert_uint_eq(top.total.open, 3000);
	for (int i = 0; i < 300; i++)
		ck_assert_uint_eq(top.row[i].peers, CW_TOP_PEERS);
}
END_TEST

/* ---- text --------------------------------------------------------------- */

START_TEST(once_prints_a_screen_as_text)
{
	static struct ran ran;

	write_rows("1 tcp out open 10.0.0.1:1 [2001:db8::1]:80 12 12 0 1 allow "
		   "0 7 900.000 - - - exact - /opt/my\\040app\\033\n");
	fixture_ctl(&fixture, &ran, "top --once --interval 0.1");
	ck_assert_int_eq(ran.status, CW_EXIT_OK);
	ck_assert_str_eq(ran.err, "");
	ck_assert_str_eq(ran.out,
		"    OPEN     NEW/S REFUSED/S   BYTES/S  PROGRAM  PEERS\n"
		"       1       0.0       0.0         -  all 1 programs\n"
		"       1       0.0       0.0         -  /opt/my\\040app\\033"
		"  -> tcp [2001:db8::1]:80 (1)\n");
	/* Output is not a terminal here. */
	fixture_ctl(&fixture, &ran, "top --interval 0.1");
	ck_assert_int_eq(ran.status, CW_EXIT_OK);
	ck_assert_ptr_nonnull(strstr(ran.out, "/opt/my\\040app"));
	fixture_ctl(&fixture, &ran, "top --interval 0");
	ck_assert_int_eq(ran.status, CW_EXIT_USAGE);
	fixture_ctl(&fixture, &ran, "top --since 1h");
	ck_assert_int_eq(ran.status, CW_EXIT_USAGE);
}
END_TEST

/* ---- the screen --------------------------------------------------------- */

static int master;
static pid_t child;
static struct termios before;
static char seen[1 << 16];
static size_t seen_size;

static void start_screen(void)
{
	struct winsize size = { .ws_row = 10, .ws_col = 100 };
	char name[] = "policyctl", dir[96], command[] = "top";
	char interval[] = "--interval=0.1";
	char *argv[] = { name, dir, command, interval, NULL };
	int slave;

	snprintf(dir, sizeof(dir), "--securityfs=%s", fixture.dir);
	setenv("TERM", "xterm", 1);
	seen_size = 0;
	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, &size), 0);
	ck_assert_int_eq(tcgetattr(slave, &before), 0);
	child = fork();
	if (!child) {
		close(master);
		login_tty(slave);
		/* check has handlers of its own. */
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		exit(cw_ctl_main(4, argv));
	}
	close(slave);
}

static void read_some(const char *wanted)
{
	ssize_t got = read(master, seen + seen_size,
			   sizeof(seen) - 1 - seen_size);

	ck_assert_msg(got > 0, "no %s in: %.500s", wanted, seen);
	seen_size += got;
	seen[seen_size] = 0;
}

/* Reads on until @text has been drawn. */
static void wait_for(const char *text)
{
	while (!strstr(seen, text))
		read_some(text);
}

/* Something more is drawn within a while. */
static bool is_drawing(void)
{
	struct pollfd fd = { .fd = master, .events = POLLIN };

	return poll(&fd, 1, 300) > 0;
}

/* The same, drawn whole: else only what has changed is.  A new size goes before
 * the keys, so there must be time for these in between. */
static void wait_for_whole(const char *text)
{
	struct winsize size = { .ws_row = 20, .ws_col = 90 };
	int reads;

	while (!strstr(seen, text)) {
		size.ws_col ^= 1;
		ck_assert_int_eq(ioctl(master, TIOCSWINSZ, &size), 0);
		for (reads = 0; reads < 10 && !strstr(seen, text) &&
		     is_drawing(); reads++)
			read_some(text);
	}
}

static void forget(void)
{
	seen_size = 0;
	seen[0] = 0;
}

static void press(const char *key)
{
	ck_assert_int_eq(write(master, key, 1), 1);
}

/* Its exit status; the terminal is as it was. */
static int end_screen(void)
{
	struct termios after;
	int status;

	/* It leaves the other screen, and what it draws is read. */
	wait_for("\033[?1049l");
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(tcgetattr(master, &after), 0);
	ck_assert_uint_eq(after.c_lflag, before.c_lflag);
	ck_assert_uint_eq(after.c_iflag, before.c_iflag);
	close(master);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(screen_follows_keys_and_size)
{
	look("1 1", "2 2");
	start_screen();
	wait_for("order: connections");
	wait_for("/bin/a");
	press("b");
	wait_for_whole("order: bytes ");
	press("p");
	wait_for_whole("order: bytes  PAUSED");
	press("q");
	ck_assert_int_eq(end_screen(), CW_EXIT_OK);
}
END_TEST

START_TEST(terminal_is_restored_whatever_ends_it)
{
	char path[128];

	look("1 1", "2 2");
	start_screen();
	wait_for("/bin/a");
	kill(child, SIGTERM);
	ck_assert_int_ne(end_screen(), CW_EXIT_OK);
	forget();
	start_screen();
	wait_for("/bin/a");
	press("\003");
	ck_assert_int_ne(end_screen(), CW_EXIT_OK);
	forget();
	start_screen();
	wait_for("/bin/a");
	snprintf(path, sizeof(path), "%s/connections", fixture.dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(end_screen(), CW_EXIT_FAILED);
}
END_TEST

static Suite *top_suite(void)
{
	Suite *suite = suite_create("top");
	TCase *tests = tcase_create("top");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, first_look_knows_no_rates);
	tcase_add_test(tests, second_look_tells_what_is_new);
	tcase_add_test(tests, filter_applies);
	tcase_add_test(tests, many_programs_and_peers);
	tcase_add_test(tests, once_prints_a_screen_as_text);
	tcase_add_test(tests, screen_follows_keys_and_size);
	tcase_add_test(tests, terminal_is_restored_whatever_ends_it);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, top_suite);
}
