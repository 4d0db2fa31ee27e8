// SPDX-License-Identifier: GPL-2.0-only
/*
 * The history when something is wrong: records that are missing or come twice,
 * clocks that step, files of others, a disk that takes nothing.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rows.h"

/* ---- what is missing, and what comes twice ---------------------------------- */

START_TEST(lost_records_are_a_hole)
{
	stream_process(&rows.stream, &curl);
	stream_open(&rows.stream, 1, 10 * SECOND, 7, "203.0.113.7", 80, "");
	rows_store();
	stream_lost(&rows.stream, 5);
	stream_open(&rows.stream, 4, 20 * SECOND, 7, "203.0.113.7", 80, "");
	stream_close(&rows.stream, 2, 21 * SECOND, 0, 0);
	stream_local(&rows.stream, 3, 21 * SECOND, "198.51.100.1", 1);
	stream_used(&rows.stream, 3, 21 * SECOND, 8);
	rows_store();
	ck_assert_int_eq(rows_query(), 2);
	ck_assert_int_eq(rows.holes, 1);
	ck_assert_int_eq(rows.hole[0].since, OFFSET + 10 * SECOND);
	ck_assert_int_eq(rows.hole[0].until, OFFSET + 20 * SECOND);
	ck_assert_uint_eq(rows.hole[0].records, 5);
	ck_assert_str_eq(rows.hole[0].reason, "kernel");
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->unknown, 3);
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->lost, 5);
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->holes, 1);
}
END_TEST

/* Told once a second while it lasts: one hole, however long. */
START_TEST(connections_without_an_entry_are_a_hole)
{
	stream_process(&rows.stream, &curl);
	for (uint64_t at = 10; at < 40; at++)
		stream_untracked(&rows.stream, at * SECOND, (at + 1) * SECOND,
				 100, 1000);
	rows_store();
	stream_untracked(&rows.stream, 41 * SECOND, 42 * SECOND, 7, 1000);
	stream_untracked(&rows.stream, 4000 * SECOND, 4001 * SECOND, 3, 1000);
	stream_open(&rows.stream, 1, 4002 * SECOND, 7, "203.0.113.7", 80, "");
	rows_store();
	ck_assert_int_eq(rows_query(), 1);
	ck_assert_int_eq(rows.holes, 2);
	ck_assert_int_eq(rows.hole[0].since, OFFSET + 10 * SECOND);
	ck_assert_int_eq(rows.hole[0].until, OFFSET + 42 * SECOND);
	ck_assert_uint_eq(rows.hole[0].records, 3007);
	ck_assert_str_eq(rows.hole[0].reason, CW_HOLE_TABLE);
	ck_assert_uint_eq(rows.hole[1].records, 3);
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->holes, 2);
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->lost, 0);
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->malformed, 0);
}
END_TEST

START_TEST(program_that_was_lost_is_unknown)
{
	stream_open(&rows.stream, 1, 10 * SECOND, 9, "203.0.113.7", 80, "");
	rows_store();
	ck_assert_int_eq(rows_query(), 1);
	ck_assert_int_eq(rows.row[0].program.id, 0);
	ck_assert_str_eq(rows.row[0].program.exe, "");
	ck_assert_uint_eq(rows.row[0].program.tgid, 0);
}
END_TEST

START_TEST(records_that_others_took_are_a_hole)
{
	rows.stream.sequence = 100;
	stream_open(&rows.stream, 50, 10 * SECOND, 9, "203.0.113.7", 80, "");
	rows_store();
	rows_query();
	ck_assert_int_eq(rows.holes, 1);
	ck_assert_uint_eq(rows.hole[0].records, 100);
	ck_assert_str_eq(rows.hole[0].reason, "elsewhere");
}
END_TEST

START_TEST(records_that_come_again_are_known)
{
	struct stream again = { 0 };
	uint64_t upto;

	rows_make_six();
	rows_stop();
	rows_start("0123456789abcdef");
	stream_process(&again, &curl);
	stream_process(&again, &script);
	for (int id = 1; id <= 6; id++)
		stream_open(&again, id, 99 * SECOND, 7, "192.0.2.1", 1, "");
	stream_close(&again, 5, 99 * SECOND, 0, 0);
	ck_assert_int_eq(cw_ingest_batch(rows.ingest, again.data, again.size, OFFSET,
					 &upto), 0);
	ck_assert_uint_eq(upto, 9);
	stream_free(&again);
	rows_assert_found("123456");
	rows_filter_address("192.0.2.1", 32);
	rows_assert_found("");
	ck_assert_int_eq(rows.holes, 0);
	stream_close(&rows.stream, 5, 100 * SECOND, 7, 7);
	rows_store();
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->unknown, 0);
	rows.filter.in = 1;
	rows_query();
	ck_assert_int_eq(rows.row[0].closed, OFFSET + 100 * SECOND);
}
END_TEST

START_TEST(new_load_of_the_module_begins_anew)
{
	rows_make_six();
	rows_stop();
	rows_start("fedcba9876543210");
	rows.stream.sequence = 0;
	stream_process(&rows.stream, &script);
	stream_open(&rows.stream, 1, 100 * SECOND, 8, "203.0.113.7", 80, "");
	stream_close(&rows.stream, 5, 110 * SECOND, 7, 7);
	rows_store();
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->unknown, 1);
	rows_assert_found("1234567");
	ck_assert_int_eq(rows.holes, 0);
	ck_assert(!rows.row[4].is_live);
	ck_assert_int_eq(rows.row[4].closed, 0);
	ck_assert(rows.row[6].is_live);
	ck_assert_str_eq(rows.row[6].program.script, "/opt/backup/run.py");
	ck_assert_str_eq(rows.row[0].program.exe, "/usr/bin/curl");
	/* The old one was open until its module was last heard of. */
	rows.filter.since = rows.filter.until = OFFSET + 52 * SECOND;
	rows_assert_found("5");
	rows.filter.since = OFFSET + 61 * SECOND;
	rows_assert_found("7");
}
END_TEST

START_TEST(another_boot_has_nothing_live)
{
	rows_make_six();
	rows_stop();
	strcpy(rows.boot, "00000000-0000-0000-0000-000000000000");
	rows_start("0123456789abcdef");
	stream_open(&rows.stream, 1, 100 * SECOND, 8, "203.0.113.7", 80, "");
	rows_store();
	ck_assert_int_eq(rows_query(), 7);
	for (int i = 0; i < rows.count; i++)
		ck_assert(!rows.row[i].is_live);
}
END_TEST

START_TEST(malformed_records_are_passed_over)
{
	struct cw_event_open *event;
	struct cw_event *other;
	uint64_t upto;

	stream_process(&rows.stream, &curl);
	stream_open(&rows.stream, 0, SECOND, 7, "203.0.113.7", 80, "no number");
	stream_open(&rows.stream, 1ull << 60, SECOND, 7, "203.0.113.7", 80, "");
	event = stream_open(&rows.stream, 1, SECOND, 7, "203.0.113.7", 80, "12345678");
	memset(event + 1, 'x', event->head.size - sizeof(*event));
	other = stream_add(&rows.stream, CW_EVENT_CLOSE, 24);
	((struct cw_event_local *)other)->id = 1;
	stream_add(&rows.stream, 77, 64);
	stream_add(&rows.stream, 0, 64);
	other = stream_add(&rows.stream, CW_EVENT_PROCESS,
			   sizeof(struct cw_event_process));
	((struct cw_event_process *)other)->process = 3;
	((struct cw_event_process *)other)->ancestors = 60000;
	stream_open(&rows.stream, 2, SECOND, 7, "203.0.113.7", 80, "good");
	stream_open(&rows.stream, 2, SECOND, 7, "203.0.113.8", 80, "twice");
	rows_store();
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->malformed, 8);
	ck_assert_int_eq(rows_query(), 1);
	ck_assert_str_eq(rows.row[0].label, "good");
	/* Where the next one begins cannot be told. */
	stream_open(&rows.stream, 3, 2 * SECOND, 7, "203.0.113.7", 80, "");
	other = stream_add(&rows.stream, CW_EVENT_OPEN, 64);
	other->size = 1 << 30;
	ck_assert_int_eq(cw_ingest_batch(rows.ingest, rows.stream.data,
					 rows.stream.size, OFFSET, &upto), 0);
	ck_assert_uint_eq(upto, rows.stream.sequence - 1);
	stream_clear(&rows.stream);
	stream_open(&rows.stream, 4, 3 * SECOND, 7, "203.0.113.7", 80, "");
	rows_store();
	ck_assert_int_eq(rows_query(), 3);
	ck_assert_int_eq(rows.holes, 1);
	ck_assert_uint_eq(rows.hole[0].records, 1);
}
END_TEST

/* ---- clocks --------------------------------------------------------------- */

START_TEST(step_of_the_clock_turns_no_time_around)
{
	uint64_t upto;

	stream_process(&rows.stream, &curl);
	stream_open(&rows.stream, 1, 10 * SECOND, 7, "203.0.113.7", 80, "");
	rows_store();
	stream_close(&rows.stream, 1, 11 * SECOND, 0, 0);
	stream_open(&rows.stream, 2, 12 * SECOND, 7, "203.0.113.7", 80, "");
	ck_assert_int_eq(cw_ingest_batch(rows.ingest, rows.stream.data,
					 rows.stream.size, OFFSET - 3600 * SECOND, &upto), 0);
	ck_assert_int_eq(rows_query(), 2);
	ck_assert_int_eq(rows.row[0].opened, OFFSET - 3588 * SECOND);
	ck_assert_int_eq(rows.row[1].closed, rows.row[1].opened);
}
END_TEST

/* What measuring adds must not make two of one process. */
START_TEST(start_of_a_process_is_the_same_in_each_batch)
{
	struct stream_program child = curl;
	uint64_t upto;

	stream_process(&rows.stream, &curl);
	stream_open(&rows.stream, 1, 10 * SECOND, 7, "203.0.113.7", 80, "");
	rows_store();
	child.process = 9;
	stream_process(&rows.stream, &child);
	stream_open(&rows.stream, 2, 10 * SECOND, 9, "203.0.113.7", 80, "");
	ck_assert_int_eq(cw_ingest_batch(rows.ingest, rows.stream.data,
					 rows.stream.size, OFFSET + 4321, &upto), 0);
	ck_assert_int_eq(rows_query(), 2);
	ck_assert_int_eq(rows.row[0].program.ancestor[0].start,
			 rows.row[1].program.ancestor[0].start);
}
END_TEST

/* ---- files ---------------------------------------------------------------- */

START_TEST(file_is_for_root_alone)
{
	struct stat st;

	rows_make_six();
	ck_assert_int_eq(stat(rows.file, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(missing_file_is_enoent)
{
	ck_assert_int_eq(cw_history_open(&rows.history, rows.file), -ENOENT);
	ck_assert_ptr_null(rows.history);
	fixture_write(&rows.fixture, "history.db", "");
	ck_assert_int_eq(cw_history_open(&rows.history, rows.file), -ENOENT);
	fixture_write(&rows.fixture, "history.db", "no database at all, but text "
		      "that is long enough to have a header of 100 bytes and "
		      "so is looked at as if it were one");
	ck_assert_int_eq(cw_history_open(&rows.history, rows.file), -EUCLEAN);
}
END_TEST

START_TEST(file_of_others_is_left_alone)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(rows.file, &db), SQLITE_OK);
	ck_assert_int_eq(cw_sql_exec(db, "CREATE TABLE theirs (a)"), 0);
	sqlite3_close(db);
	ck_assert_int_eq(cw_ingest_open(rows.ingest, OFFSET), -EPROTO);
	ck_assert_int_eq(cw_history_open(&rows.history, rows.file), -EPROTO);
	ck_assert_int_eq(sqlite3_open(rows.file, &db), SQLITE_OK);
	ck_assert_int_eq(cw_sql_exec(db, "SELECT * FROM theirs"), 0);
	sqlite3_close(db);
}
END_TEST

START_TEST(file_of_another_version_is_left_alone)
{
	sqlite3 *db;

	rows_make_six();
	rows_stop();
	ck_assert_int_eq(sqlite3_open(rows.file, &db), SQLITE_OK);
	ck_assert_int_eq(cw_sql_exec(db, "PRAGMA user_version=4"), 0);
	sqlite3_close(db);
	rows_start("0123456789abcdef");
	ck_assert_int_eq(cw_ingest_open(rows.ingest, OFFSET), -EPROTO);
	ck_assert_int_eq(cw_history_open(&rows.history, rows.file), -EPROTO);
}
END_TEST

START_TEST(corrupt_file_is_moved_aside)
{
	char command[300];

	fixture_write(&rows.fixture, "history.db", "no database at all, but text "
		      "that is long enough to have a header of 100 bytes and "
		      "so is looked at as if it were one");
	rows_make_six();
	rows_assert_found("123456");
	snprintf(command, sizeof(command), "grep -q 'no database at all' "
		 "%s/history.db.corrupt-*", rows.fixture.dir);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

/* ---- a disk that takes nothing -------------------------------------------- */

static void limit_pages(int more)
{
	sqlite3 *db = cw_store_db(cw_ingest_store(rows.ingest));
	char text[64];
	int64_t pages;

	ck_assert_int_eq(cw_sql_number(db, "PRAGMA page_count", &pages), 0);
	snprintf(text, sizeof(text), "PRAGMA max_page_count=%lld",
		 (long long)pages + more);
	ck_assert_int_eq(cw_sql_exec(db, text), 0);
}

static void add_many(int from, int count)
{
	char address[32];

	for (int id = from; id < from + count; id++) {
		snprintf(address, sizeof(address), "10.%d.%d.%d", id >> 16,
			 id >> 8 & 255, id & 255);
		stream_open(&rows.stream, id, id * SECOND, 7, address, 80, "");
	}
}

START_TEST(batch_that_had_no_room_is_stored_later)
{
	uint64_t upto;

	rows_make_six();
	limit_pages(4);
	add_many(1000, 2000);
	ck_assert_int_eq(cw_ingest_batch(rows.ingest, rows.stream.data,
					 rows.stream.size, OFFSET, &upto), -ENOSPC);
	rows_assert_found("123456");
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->connections, 6);
	/* The limit went with the connection to the database. */
	rows_store();
	rows_filter_address("10.0.0.0", 8);
	rows.filter.limit = 2;
	ck_assert_int_eq(rows_query(), 2);
	ck_assert_int_eq(rows.row[1].id, 2999);
	ck_assert_int_eq(rows.holes, 0);
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->connections, 2006);
}
END_TEST

START_TEST(batch_that_is_given_up_is_a_hole_with_its_programs)
{
	uint64_t upto;

	stream_process(&rows.stream, &curl);
	stream_open(&rows.stream, 1, 10 * SECOND, 7, "203.0.113.7", 80, "");
	rows_store();
	limit_pages(4);
	stream_process(&rows.stream, &script);
	add_many(1000, 2000);
	ck_assert_int_eq(cw_ingest_batch(rows.ingest, rows.stream.data,
					 rows.stream.size, OFFSET, &upto), -ENOSPC);
	cw_ingest_drop(rows.ingest, rows.stream.data, rows.stream.size, OFFSET, &upto);
	ck_assert_uint_eq(upto, rows.stream.sequence);
	stream_clear(&rows.stream);
	stream_lost(&rows.stream, 30);
	cw_ingest_drop(rows.ingest, rows.stream.data, rows.stream.size, OFFSET, &upto);
	stream_clear(&rows.stream);
	stream_open(&rows.stream, 5000, 9000 * SECOND, 8, "203.0.113.8", 80, "");
	rows_store();
	ck_assert_int_eq(rows_query(), 2);
	ck_assert_str_eq(rows.row[1].program.script, "/opt/backup/run.py");
	ck_assert_int_eq(rows.holes, 1);
	ck_assert_str_eq(rows.hole[0].reason, "disk");
	ck_assert_uint_eq(rows.hole[0].records, 2031);
	ck_assert_int_eq(rows.hole[0].since, OFFSET + 10 * SECOND);
	ck_assert_uint_eq(cw_ingest_counts(rows.ingest)->dropped, 2031);
}
END_TEST

static Suite *hole_suite(void)
{
	Suite *suite = suite_create("hole");
	TCase *tests = tcase_create("hole");

	tcase_add_checked_fixture(tests, rows_setup, rows_teardown);
	tcase_add_test(tests, lost_records_are_a_hole);
	tcase_add_test(tests, connections_without_an_entry_are_a_hole);
	tcase_add_test(tests, program_that_was_lost_is_unknown);
	tcase_add_test(tests, records_that_others_took_are_a_hole);
	tcase_add_test(tests, records_that_come_again_are_known);
	tcase_add_test(tests, new_load_of_the_module_begins_anew);
	tcase_add_test(tests, another_boot_has_nothing_live);
	tcase_add_test(tests, malformed_records_are_passed_over);
	tcase_add_test(tests, step_of_the_clock_turns_no_time_around);
	tcase_add_test(tests, start_of_a_process_is_the_same_in_each_batch);
	tcase_add_test(tests, file_is_for_root_alone);
	tcase_add_test(tests, missing_file_is_enoent);
	tcase_add_test(tests, file_of_others_is_left_alone);
	tcase_add_test(tests, file_of_another_version_is_left_alone);
	tcase_add_test(tests, corrupt_file_is_moved_aside);
	tcase_add_test(tests, batch_that_had_no_room_is_stored_later);
	tcase_add_test(tests, batch_that_is_given_up_is_a_hole_with_its_programs);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, hole_suite);
}
