// SPDX-License-Identifier: GPL-2.0-only
/* The control socket against silent, malformed, greedy and foreign peers. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "policyctl/commands/ctl.h"
#include "policyd/policyd.h"
#include "fixture.h"

static struct fixture fixture;
static struct cw_message command, reply;

static void setup(void)
{
	fixture_init(&fixture);
	fixture_start_daemon(&fixture);
}

/* The daemon must have survived everything, and leak nothing (ASan). */
static void teardown(void)
{
	ck_assert_int_eq(fixture_stop_daemon(&fixture, SIGTERM), 0);
	fixture_exit(&fixture);
}

static int ask(enum cw_command what, const char *key, const char *value)
{
	int fd, ret;

	cw_message_init(&command, what, CW_RESULT_OK);
	if (key)
		cw_message_add(&command, key, "%s", value);
	ret = cw_ask(fixture.socket, &command, &reply, &fd);
	if (fd >= 0)
		close(fd);
	return ret;
}

static void assert_answers(void)
{
	ck_assert_int_eq(ask(CW_COMMAND_STATUS, NULL, NULL), 0);
	ck_assert_int_eq(reply.result, CW_RESULT_OK);
}

START_TEST(socket_is_for_root_alone)
{
	struct stat st;

	ck_assert_int_eq(stat(fixture.socket, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(status_tells_about_the_daemon)
{
	char value[64];

	assert_answers();
	ck_assert_uint_eq(cw_pair_number(reply.text, CW_KEY_PID),
			  fixture.daemon);
	ck_assert(cw_pair_get(reply.text, CW_KEY_LAST_LOAD, value,
			      sizeof(value)));
	ck_assert_str_eq(value, "none");
	ck_assert(cw_pair_get(reply.text, CW_KEY_RULES_FILE, value,
			      sizeof(value)));
	ck_assert_str_eq(value, fixture.rules);
}
END_TEST

START_TEST(mode_reaches_kernel_and_audit)
{
	char text[16];

	ck_assert_int_eq(ask(CW_COMMAND_MODE, CW_KEY_MODE, "enforce"), 0);
	ck_assert_int_eq(reply.result, CW_RESULT_OK);
	fixture_read(&fixture, "mode", text, sizeof(text));
	ck_assert_str_eq(text, "enforce\n");
	ck_assert(fixture_wait_for_record(&fixture, "USER_MAC_STATUS "
					  "lsm=connwarden enforcing=1 "
					  "old_enforcing=0 sauid="));
	ck_assert(fixture_wait_for_record(&fixture, "res=success"));
}
END_TEST

START_TEST(failed_mode_is_recorded)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/mode", fixture.dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(ask(CW_COMMAND_MODE, CW_KEY_MODE, "enforce"), 0);
	ck_assert_int_eq(reply.result, CW_RESULT_FAILED);
	ck_assert(fixture_wait_for_record(&fixture, "enforcing=1 "
					  "old_enforcing=0 reason=ENOENT"));
	ck_assert(fixture_wait_for_record(&fixture, "res=failed"));
}
END_TEST

START_TEST(wrong_operands_are_invalid)
{
	static const struct {
		enum cw_command what;
		const char *key, *value;
	} cases[] = {
		{ CW_COMMAND_MODE, NULL, NULL },
		{ CW_COMMAND_MODE, CW_KEY_MODE, "" },
		{ CW_COMMAND_MODE, CW_KEY_MODE, "sleep" },
		{ CW_COMMAND_MODE, CW_KEY_MODE, "enforce\nx" },
		{ CW_COMMAND_MODE, CW_KEY_FILE, "enforce" },
		{ CW_COMMAND_LOAD, CW_KEY_FILE, "relative" },
		{ CW_COMMAND_LOAD, CW_KEY_FILE, "" },
		{ CW_COMMAND_LOAD, CW_KEY_MODE, "enforce" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(ask(cases[i].what, cases[i].key,
				     cases[i].value), 0);
		ck_assert_msg(reply.result == CW_RESULT_INVALID, "case %zu", i);
	}
}
END_TEST

static void send_raw(int fd, const void *data, size_t size)
{
	ck_assert_int_eq(send(fd, data, size, MSG_NOSIGNAL), size);
}

START_TEST(malformed_record_is_answered_and_closed)
{
	int fd = fixture_connect(&fixture), got;

	send_raw(fd, "GET / HTTP/1.1\r\n\r\n", 18);
	ck_assert_int_eq(cw_message_receive(fd, &reply, &got), 0);
	ck_assert_int_eq(reply.result, CW_RESULT_INVALID);
	ck_assert_int_eq(cw_message_receive(fd, &reply, &got), -ENODATA);
	close(fd);
	assert_answers();
}
END_TEST

START_TEST(other_version_is_told_so)
{
	char record[CW_RECORD_MAX], message[128];
	int fd = fixture_connect(&fixture), got;
	uint16_t version = CW_CONTROL_VERSION + 1;
	size_t size;

	cw_message_init(&command, CW_COMMAND_STATUS, CW_RESULT_OK);
	size = cw_message_encode(&command, record);
	memcpy(record + offsetof(struct cw_frame, version), &version, 2);
	send_raw(fd, record, size);
	ck_assert_int_eq(cw_message_receive(fd, &reply, &got), 0);
	ck_assert(cw_pair_get(reply.text, CW_KEY_MESSAGE, message,
			      sizeof(message)));
	ck_assert_ptr_nonnull(strstr(message, "different versions"));
	close(fd);
}
END_TEST

/* Any bytes, any number of records, any moment of hanging up. */
START_TEST(survives_random_peers)
{
	char record[CW_RECORD_MAX + 64];
	size_t size;
	int fd, tries;

	srand(2);
	for (int i = 0; i < 3000; i++) {
		fd = fixture_connect(&fixture);
		fcntl(fd, F_SETFL, O_NONBLOCK);
		for (tries = rand() % 4; tries; tries--) {
			cw_message_init(&command, rand() % CW_COMMAND_COUNT,
					CW_RESULT_OK);
			cw_message_add(&command, rand() % 2 ? "mode" : "file",
				       "%s", rand() % 2 ? "/" : "monitor");
			size = cw_message_encode(&command, record);
			if (rand() % 2)
				record[rand() % size] ^= 1 << rand() % 8;
			if (rand() % 8 == 0)
				size = rand() % sizeof(record);
			send(fd, record, size, MSG_NOSIGNAL);
		}
		if (rand() % 4 == 0)
			shutdown(fd, rand() % 3);
		close(fd);
	}
	assert_answers();
}
END_TEST

START_TEST(silent_peers_do_not_hold_up_others)
{
	int fds[200];
	struct timespec before, after;

	for (int i = 0; i < 60; i++)
		fds[i] = fixture_connect(&fixture);
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_answers();
	clock_gettime(CLOCK_MONOTONIC, &after);
	ck_assert_int_le(after.tv_sec - before.tv_sec, 2);
	for (int i = 0; i < 60; i++)
		close(fds[i]);
	assert_answers();
}
END_TEST

START_TEST(too_many_peers_are_hung_up)
{
	int fds[100], closed = 0;
	char byte;

	for (int i = 0; i < 100; i++)
		fds[i] = fixture_connect(&fixture);
	usleep(300000);
	for (int i = 0; i < 100; i++)
		closed += recv(fds[i], &byte, 1, MSG_DONTWAIT) == 0;
	ck_assert_int_ge(closed, 36);
	ck_assert_int_eq(ask(CW_COMMAND_STATUS, NULL, NULL), -ENODATA);
	for (int i = 0; i < 100; i++)
		close(fds[i]);
	/* A moment, for the daemon to see that they have left. */
	usleep(300000);
	assert_answers();
}
END_TEST

START_TEST(silent_peer_is_hung_up_after_five_seconds)
{
	struct pollfd peer = { .fd = fixture_connect(&fixture),
			       .events = POLLIN };

	ck_assert_int_eq(poll(&peer, 1, 3500), 0);
	ck_assert_int_eq(poll(&peer, 1, 6000), 1);
	close(peer.fd);
	assert_answers();
}
END_TEST

START_TEST(deaf_peer_loses_only_its_reply)
{
	int fd = fixture_connect(&fixture), small = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	shutdown(fd, SHUT_RD);
	cw_message_init(&command, CW_COMMAND_STATUS, CW_RESULT_OK);
	ck_assert_int_eq(cw_message_send(fd, &command, -1), 0);
	assert_answers();
	close(fd);
}
END_TEST

/* Exits with the result of the reply, in the test's stead. */
static void ask_as_nobody(enum cw_command what)
{
	int status;
	pid_t child = fork();

	if (!child) {
		if (setgid(65534) || setuid(65534))
			_exit(99);
		_exit(ask(what, CW_KEY_MODE, "monitor") ? 98
		      : (int)reply.result);
	}
	waitpid(child, &status, 0);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), CW_RESULT_REFUSED);
}

START_TEST(refused_when_not_root)
{
	if (geteuid())
		return;
	/* As if somebody had opened the doors by mistake. */
	ck_assert_int_eq(chmod(fixture.dir, 0755), 0);
	ck_assert_int_eq(chmod(fixture.socket, 0666), 0);
	ask_as_nobody(CW_COMMAND_STATUS);
	ask_as_nobody(CW_COMMAND_MODE);
	ck_assert(fixture_wait_for_record(&fixture, "reason=not-root"));
}
END_TEST

START_TEST(second_daemon_is_refused)
{
	int lock;

	ck_assert_int_eq(cw_control_listen(fixture.socket, &lock),
			 -EADDRINUSE);
	assert_answers();
}
END_TEST

START_TEST(stale_socket_is_replaced)
{
	fixture_stop_daemon(&fixture, SIGKILL);
	ck_assert_int_eq(access(fixture.socket, F_OK), 0);
	ck_assert_int_eq(ask(CW_COMMAND_STATUS, NULL, NULL), -ECONNREFUSED);
	fixture_start_daemon(&fixture);
	assert_answers();
}
END_TEST

static Suite *control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tests = tcase_create("control");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, socket_is_for_root_alone);
	tcase_add_test(tests, status_tells_about_the_daemon);
	tcase_add_test(tests, mode_reaches_kernel_and_audit);
	tcase_add_test(tests, failed_mode_is_recorded);
	tcase_add_test(tests, wrong_operands_are_invalid);
	tcase_add_test(tests, malformed_record_is_answered_and_closed);
	tcase_add_test(tests, other_version_is_told_so);
	tcase_add_test(tests, survives_random_peers);
	tcase_add_test(tests, silent_peers_do_not_hold_up_others);
	tcase_add_test(tests, too_many_peers_are_hung_up);
	tcase_add_test(tests, silent_peer_is_hung_up_after_five_seconds);
	tcase_add_test(tests, deaf_peer_loses_only_its_reply);
	tcase_add_test(tests, refused_when_not_root);
	tcase_add_test(tests, second_daemon_is_refused);
	tcase_add_test(tests, stale_socket_is_replaced);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, control_suite);
}
