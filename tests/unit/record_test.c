// SPDX-License-Identifier: GPL-2.0-only
/* Audit records: their text, and what happens when audit refuses or sleeps. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policyd/policyd.h"
#include "fixture.h"

static struct cw_record record;
static char text[9000];

static void setup(void)
{
	memset(&record, 0, sizeof(record));
	record.kind = CW_RECORD_LOAD;
	record.success = true;
	record.auid = 1000;
	record.generation = 42;
	record.old_generation = 41;
	record.rules = 120;
	strcpy(record.sha256, "9f86d081");
	strcpy(record.file, "/etc/connwarden/rules.conf");
}

START_TEST(load_as_documented)
{
	ck_assert_int_eq(cw_record_format(&record, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "op=load-policy lsm=connwarden gen=42 "
			 "old-gen=41 rules=120 sha256=9f86d081 "
			 "file=\"/etc/connwarden/rules.conf\" sauid=1000");
}
END_TEST

START_TEST(failed_load_has_a_reason)
{
	record.success = false;
	record.generation = 41;
	record.sha256[0] = 0;
	strcpy(record.reason, "invalid-rules");
	ck_assert_int_eq(cw_record_format(&record, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "op=load-policy lsm=connwarden gen=41 "
			 "old-gen=41 reason=invalid-rules "
			 "file=\"/etc/connwarden/rules.conf\" sauid=1000");
}
END_TEST

START_TEST(hostile_file_name_is_encoded)
{
	strcpy(record.file, "/a b\" res=success sauid=0");
	ck_assert_int_eq(cw_record_format(&record, text, sizeof(text)), 0);
	ck_assert_ptr_nonnull(strstr(text, " file=2F6120622220"));
	ck_assert_ptr_null(strstr(text, "sauid=0"));
	ck_assert_ptr_nonnull(strstr(text, " sauid=1000"));
}
END_TEST

START_TEST(longest_name_leaves_room_for_the_rest)
{
	memset(record.file, '\n', sizeof(record.file) - 1);
	record.generation = record.old_generation = UINT64_MAX;
	record.rules = record.auid = UINT32_MAX;
	memset(record.sha256, 'a', 64);
	memset(record.reason, 'r', sizeof(record.reason) - 1);
	ck_assert_int_eq(cw_record_format(&record, text, 8700), 0);
	ck_assert_str_eq(text + strlen(text) - 17, " sauid=4294967295");
	ck_assert_ptr_nonnull(strstr(text, " file=0A0A"));
	ck_assert_uint_lt(strlen(text), 8700);
	/* A small buffer loses the name, not what follows. */
	ck_assert_int_eq(cw_record_format(&record, text, 400), 0);
	ck_assert_ptr_nonnull(strstr(text, " file=? sauid=4294967295"));
}
END_TEST

START_TEST(mode_as_documented)
{
	record.kind = CW_RECORD_MODE;
	record.mode = CW_MODE_ENFORCE;
	record.old_mode = CW_MODE_MONITOR;
	ck_assert_int_eq(cw_record_format(&record, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "lsm=connwarden enforcing=1 old_enforcing=0 "
			 "sauid=1000");
	strcpy(record.reason, "ENODATA");
	ck_assert_int_eq(cw_record_format(&record, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "lsm=connwarden enforcing=1 old_enforcing=0 "
			 "reason=ENODATA sauid=1000");
}
END_TEST

/* ---- the recorder, with a writer of our own ------------------------------ */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int verdict;

static int gated_writer(int fd, const struct cw_record *what)
{
	(void)fd;
	ck_assert_uint_eq(what->auid, 1000);
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return verdict;
}

static sd_event *event;
static struct cw_recorder *recorder;

static void start(int result, int fd)
{
	verdict = result;
	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_eq(cw_recorder_new(&recorder, event, fd, gated_writer),
			 0);
}

static uint64_t counter(const char *key)
{
	struct cw_message message;

	cw_message_init(&message, CW_COMMAND_STATUS, CW_RESULT_OK);
	cw_recorder_status(recorder, &message);
	return cw_pair_number(message.text, key);
}

static void run_until(const char *key, uint64_t value)
{
	while (counter(key) < value)
		ck_assert_int_ge(sd_event_run(event, 5000000), 0);
}

static void finish(void)
{
	cw_recorder_free(recorder);
	sd_event_unref(event);
}

static int some_fd(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

START_TEST(written_records_are_counted)
{
	start(5, some_fd());
	for (int i = 0; i < 10; i++)
		cw_recorder_add(recorder, &record);
	run_until(CW_KEY_RECORDS_WRITTEN, 10);
	ck_assert_uint_eq(counter(CW_KEY_RECORDS_FAILED), 0);
	finish();
}
END_TEST

/* libaudit answers 0 and not -1 when it hides a missing right. */
START_TEST(zero_is_a_failure)
{
	start(0, some_fd());
	cw_recorder_add(recorder, &record);
	run_until(CW_KEY_RECORDS_FAILED, 1);
	ck_assert_uint_eq(counter(CW_KEY_RECORDS_WRITTEN), 0);
	finish();
}
END_TEST

START_TEST(without_audit_every_record_fails)
{
	start(1, -1);
	cw_recorder_add(recorder, &record);
	run_until(CW_KEY_RECORDS_FAILED, 1);
	finish();
}
END_TEST

START_TEST(sleeping_audit_costs_records_not_time)
{
	start(1, some_fd());
	pthread_mutex_lock(&gate);
	for (int i = 0; i < 1000; i++)
		cw_recorder_add(recorder, &record);
	ck_assert_uint_eq(counter(CW_KEY_RECORDS_DROPPED), 1000 - 256);
	pthread_mutex_unlock(&gate);
	run_until(CW_KEY_RECORDS_WRITTEN, 256);
	cw_recorder_add(recorder, &record);
	run_until(CW_KEY_RECORDS_WRITTEN, 257);
	finish();
}
END_TEST

START_TEST(records_on_their_way_are_written_at_the_end)
{
	start(1, some_fd());
	for (int i = 0; i < 100; i++)
		cw_recorder_add(recorder, &record);
	finish();
}
END_TEST

static Suite *record_suite(void)
{
	Suite *suite = suite_create("record");
	TCase *tests = tcase_create("record");

	tcase_add_checked_fixture(tests, setup, NULL);
	tcase_add_test(tests, load_as_documented);
	tcase_add_test(tests, failed_load_has_a_reason);
	tcase_add_test(tests, hostile_file_name_is_encoded);
	tcase_add_test(tests, longest_name_leaves_room_for_the_rest);
	tcase_add_test(tests, mode_as_documented);
	tcase_add_test(tests, written_records_are_counted);
	tcase_add_test(tests, zero_is_a_failure);
	tcase_add_test(tests, without_audit_every_record_fails);
	tcase_add_test(tests, sleeping_audit_costs_records_not_time);
	tcase_add_test(tests, records_on_their_way_are_written_at_the_end);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, record_suite);
}
