// SPDX-License-Identifier: GPL-2.0-only
/* The history: what is read is what the records said. */
#include <string.h>

#include "rows.h"

START_TEST(all_that_was_told_is_read)
{
	struct cw_event_open *event;

	stream_process(&rows.stream, &curl);
	event = stream_open(&rows.stream, 12, 10 * SECOND, 7, "203.0.113.7", 80,
			    "the mirror");
	event->uid = 33;
	event->rule = 4;
	event->line = 9;
	event->generation = 3;
	stream_local(&rows.stream, 12, 11 * SECOND, "198.51.100.1", 47504);
	stream_close(&rows.stream, 12, 12 * SECOND, 76, 221);
	rows_store();
	ck_assert_int_eq(rows_query(), 1);
	ck_assert_int_eq(rows.row[0].opened, OFFSET + 10 * SECOND);
	ck_assert_int_eq(rows.row[0].closed, OFFSET + 12 * SECOND);
	ck_assert(!rows.row[0].is_live);
	ck_assert_int_eq(rows.row[0].family, 4);
	rows_assert_address(rows.row[0].local, "198.51.100.1");
	ck_assert_uint_eq(rows.row[0].local_port, 47504);
	rows_assert_address(rows.row[0].remote, "203.0.113.7");
	ck_assert_uint_eq(rows.row[0].remote_port, 80);
	ck_assert_uint_eq(rows.row[0].pid, 4000000);
	ck_assert_uint_eq(rows.row[0].uid, 33);
	ck_assert_uint_eq(rows.row[0].netns, 4026531840);
	ck_assert_uint_eq(rows.row[0].rule, 4);
	ck_assert_uint_eq(rows.row[0].line, 9);
	ck_assert_uint_eq(rows.row[0].generation, 3);
	ck_assert_str_eq(rows.row[0].label, "the mirror");
	ck_assert_uint_eq(rows.row[0].sent, 76);
	ck_assert_uint_eq(rows.row[0].received, 221);
	ck_assert_int_eq(rows.row[0].attribution, CW_ATTRIBUTION_EXACT);
	ck_assert_int_eq(rows.row[0].user.id, 0);
	ck_assert_str_eq(rows.row[0].host, "");
}
END_TEST

START_TEST(program_is_read_with_ancestors_and_unit)
{
	const struct cw_program *program = &rows.row[0].program;

	stream_process(&rows.stream, &curl);
	stream_open(&rows.stream, 12, 10 * SECOND, 7, "203.0.113.7", 80, "");
	rows_store();
	ck_assert_int_eq(rows_query(), 1);
	ck_assert_int_ne(program->id, 0);
	ck_assert_uint_eq(program->tgid, 4194305);
	ck_assert_int_eq(program->start, OFFSET + 5 * SECOND);
	ck_assert_str_eq(program->exe, "/usr/bin/curl");
	ck_assert_str_eq(program->script, "");
	ck_assert_str_eq(program->unit, "backup.service");
	ck_assert(program->is_plain);
	ck_assert_uint_eq(program->ancestors, 2);
	ck_assert_str_eq(program->ancestor[0].exe, "/usr/bin/bash");
	ck_assert_uint_eq(program->ancestor[0].tgid, 900);
	ck_assert_str_eq(program->ancestor[1].exe, "/usr/sbin/init");
	ck_assert_int_eq(program->ancestor[1].start, OFFSET + SECOND);
	ck_assert_uint_eq(rows.row[0].rule, UINT32_MAX);
	ck_assert_uint_eq(rows.row[0].sent, CW_BYTES_UNKNOWN);
	ck_assert_int_eq(rows.row[0].closed, 0);
	ck_assert(rows.row[0].is_live);
}
END_TEST

/* Each record in a batch of its own. */
START_TEST(later_batches_complete_a_row)
{
	stream_process(&rows.stream, &curl);
	stream_process(&rows.stream, &script);
	rows_store();
	stream_open(&rows.stream, 1, SECOND, 7, "2001:db8::7", 443, "");
	stream_open(&rows.stream, 2, SECOND, 7, "203.0.113.7", 443, "");
	rows_store();
	stream_local(&rows.stream, 1, 2 * SECOND, "2001:db8::1", 50000);
	stream_local(&rows.stream, 2, 2 * SECOND, "198.51.100.1", 50001);
	rows_store();
	stream_used(&rows.stream, 1, 3 * SECOND, 8);
	stream_used(&rows.stream, 1, 3 * SECOND, 7);
	stream_used(&rows.stream, 2, 3 * SECOND, 7);
	rows_store();
	stream_close(&rows.stream, 1, 4 * SECOND, ~0ull, 3);
	rows_store();
	ck_assert_int_eq(rows_query(), 2);
	rows_assert_address(rows.row[0].local, "2001:db8::1");
	ck_assert_uint_eq(rows.row[0].local_port, 50000);
	ck_assert_str_eq(rows.row[0].user.script, "/opt/backup/run.py");
	ck_assert_str_eq(rows.row[0].user.unit, "user@1000.service");
	ck_assert_int_eq(rows.row[0].attribution, CW_ATTRIBUTION_INHERITED);
	ck_assert_int_eq(rows.row[0].closed, OFFSET + 4 * SECOND);
	ck_assert_uint_eq(rows.row[0].sent, CW_BYTES_UNKNOWN);
	ck_assert_uint_eq(rows.row[0].received, 3);
	rows_assert_address(rows.row[1].local, "198.51.100.1");
	ck_assert_int_eq(rows.row[1].user.id, 0);
	ck_assert_int_eq(cw_ingest_counts(rows.ingest)->unknown, 0);
}
END_TEST

START_TEST(refused_one_has_no_length)
{
	stream_process(&rows.stream, &curl);
	stream_open(&rows.stream, 1, SECOND, 7, "203.0.113.7", 1, "")->verdict = 1;
	stream_open(&rows.stream, 2, SECOND, 7, "203.0.113.7", 1, "")->verdict = 2;
	rows_store();
	ck_assert_int_eq(rows_query(), 2);
	ck_assert_int_eq(rows.row[0].closed, rows.row[0].opened);
	ck_assert(!rows.row[0].is_live);
	ck_assert_int_eq(rows.row[1].closed, 0);
	ck_assert(rows.row[1].is_live);
}
END_TEST

START_TEST(address_finds_either_end)
{
	rows_make_six();
	rows_filter_address("203.0.113.7", 32);
	rows_assert_found("15");
	rows_filter_address("203.0.113.0", 24);
	rows_assert_found("125");
	rows_filter_address("203.0.112.0", 22);
	rows_assert_found("1235");
	rows_filter_address("198.51.100.1", 32);
	rows_assert_found("1235");
	rows_filter_address("198.51.100.1", 32);
	rows.filter.remote_only = true;
	rows_assert_found("");
	rows_filter_address("198.51.100.0", 24);
	rows.filter.remote_only = true;
	rows_assert_found("6");
	rows_filter_address("2001:db8::", 32);
	rows_assert_found("4");
	rows_filter_address("::", 0);
	rows_assert_found("4");
	rows_filter_address("0.0.0.0", 0);
	rows_assert_found("12356");
	/* 32.1.13.184 is 2001:db8 as bytes. */
	rows_filter_address("32.1.13.184", 31);
	rows_assert_found("");
}
END_TEST

START_TEST(address_and_port_belong_to_one_end)
{
	rows_make_six();
	rows_filter_address("203.0.113.7", 32);
	rows.filter.port = 80;
	rows_assert_found("1");
	rows_filter_address("198.51.100.1", 32);
	rows.filter.port = 443;
	rows_assert_found("5");
	rows_filter_address("198.51.100.0", 24);
	rows.filter.port = 50002;
	rows_assert_found("2");
	rows_filter_address("203.0.113.7", 32);
	rows.filter.port = 50001;
	rows_assert_found("");
}
END_TEST

START_TEST(each_condition_filters)
{
	rows_make_six();
	rows_assert_found("123456");
	rows.filter.port = 443;
	rows_assert_found("235");
	rows.filter.port = 443;
	rows.filter.remote_only = true;
	rows_assert_found("23");
	rows.filter.exe = "/usr/bin/curl";
	rows_assert_found("1234");
	rows.filter.exe = "/usr/bin/cur";
	rows_assert_found("");
	rows.filter.exe = "/opt/**";
	rows_assert_found("56");
	rows.filter.exe = "/usr/bin/python3*";
	rows.filter.tgid = 4194306;
	rows_assert_found("56");
	rows.filter.tgid = 4194305;
	rows_assert_found("1234");
	rows.filter.uid = 1000;
	rows_assert_found("5");
	rows.filter.verdict = 1;
	rows_assert_found("6");
	rows.filter.verdict = 0;
	rows.filter.port = 443;
	rows_assert_found("23");
	rows.filter.proto = CW_PROTO_UDP;
	rows_assert_found("4");
	rows.filter.in = 1;
	rows_assert_found("5");
	rows.filter.limit = 2;
	rows_assert_found("56");
	rows_filter_address("203.0.113.7", 32);
	rows.filter.limit = 1;
	rows_assert_found("5");
}
END_TEST

START_TEST(time_finds_what_was_open_then)
{
	rows_make_six();
	rows.filter.since = OFFSET + 30 * SECOND;
	rows_assert_found("3456");
	rows.filter.since = OFFSET + 25 * SECOND;
	rows_assert_found("23456");
	rows.filter.until = OFFSET + 20 * SECOND;
	rows_assert_found("12");
	rows.filter.since = OFFSET + 26 * SECOND;
	rows.filter.until = OFFSET + 29 * SECOND;
	rows_assert_found("");
	rows.filter.since = rows.filter.until = OFFSET + 70 * SECOND;
	rows_assert_found("5");
	rows.filter.since = OFFSET + 61 * SECOND;
	rows.filter.exe = "/usr/bin/python3.11";
	rows_assert_found("5");
	rows.filter.since = OFFSET + 22 * SECOND;
	rows_filter_address("203.0.113.0", 24);
	rows_assert_found("25");
}
END_TEST

/* The same, by the way that is taken when an index finds too many. */
START_TEST(time_wins_over_an_index_that_finds_many)
{
	stream_process(&rows.stream, &curl);
	for (int id = 1; id <= 20100; id++) {
		stream_open(&rows.stream, id, id * SECOND, 7, "203.0.113.7", 80, "");
		if (id % 2)
			stream_close(&rows.stream, id, id * SECOND, 0, 0);
	}
	rows_store();
	rows.filter.since = OFFSET + 20098 * SECOND;
	rows.filter.limit = 3;
	rows_filter_address("203.0.113.7", 32);
	ck_assert_int_eq(rows_query(), 3);
	ck_assert_int_eq(rows.row[2].id, 20100);
	rows.filter.limit = 0;
	rows.filter.verdict = 0;
	rows.filter.in = 0;
	rows.filter.until = OFFSET + 20099 * SECOND;
	rows.filter.since = OFFSET + 20099 * SECOND;
	rows.filter.exe = "/usr/bin/curl";
	rows.filter.limit = ROWS;
	ck_assert_int_eq(rows_query(), ROWS);
	ck_assert_int_eq(rows.row[ROWS - 1].id, 20099);
	ck_assert_int_eq(rows.row[ROWS - 2].id, 20098);
	ck_assert_int_eq(rows.row[ROWS - 3].id, 20096);
}
END_TEST

static Suite *history_suite(void)
{
	Suite *suite = suite_create("history");
	TCase *tests = tcase_create("history");

	tcase_add_checked_fixture(tests, rows_setup, rows_teardown);
	tcase_add_test(tests, all_that_was_told_is_read);
	tcase_add_test(tests, program_is_read_with_ancestors_and_unit);
	tcase_add_test(tests, later_batches_complete_a_row);
	tcase_add_test(tests, refused_one_has_no_length);
	tcase_add_test(tests, address_finds_either_end);
	tcase_add_test(tests, address_and_port_belong_to_one_end);
	tcase_add_test(tests, each_condition_filters);
	tcase_add_test(tests, time_finds_what_was_open_then);
	tcase_add_test(tests, time_wins_over_an_index_that_finds_many);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, history_suite);
}
