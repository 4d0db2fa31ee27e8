// SPDX-License-Identifier: GPL-2.0-only
/* The history: what is read is what the records said. */
#include <arpa/inet.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../policyd/history.h"
#include "fixture.h"
#include "stream.h"

#define OFFSET		1700000000000000000ll	/* 1970 minus boot */
#define SECOND		1000000000ll
#define ROWS		64

static struct fixture fixture;
static struct stream stream;
static struct cw_ingest *ingest;
static struct cw_history *history;
static struct cw_past_filter filter;
static struct cw_past row[ROWS];
static int rows;
static struct cw_hole hole[ROWS];
static int holes;
static char file[128], boot[64];

static const struct stream_program curl = {
	.process = 7, .start = 5 * SECOND, .tgid = 4194305,
	.exe = "/usr/bin/curl", .cgroup = "/system.slice/backup.service/x",
	.ancestors = 2,
	.ancestor = { { 4 * SECOND, 900, "/usr/bin/bash" },
		      { SECOND, 1, "/usr/sbin/init" } },
};

static const struct stream_program script = {
	.process = 8, .start = 6 * SECOND, .tgid = 4194306,
	.exe = "/usr/bin/python3.11", .script = "/opt/backup/run.py",
	.cgroup = "/user.slice/user-1000.slice/user@1000.service/a.slice",
};

static void read_boot(void)
{
	FILE *in = fopen("/proc/sys/kernel/random/boot_id", "r");

	ck_assert_ptr_nonnull(in);
	ck_assert_ptr_nonnull(fgets(boot, sizeof(boot), in));
	boot[strcspn(boot, "\n")] = 0;
	fclose(in);
}

static void start(const char *instance)
{
	ck_assert_int_eq(cw_ingest_new(&ingest, file, boot, instance), 0);
}

static void stop(void)
{
	cw_ingest_free(ingest);
	ingest = NULL;
}

static void setup(void)
{
	fixture_init(&fixture);
	snprintf(file, sizeof(file), "%s/history.db", fixture.dir);
	read_boot();
	start("0123456789abcdef");
	cw_past_filter_init(&filter);
}

static void teardown(void)
{
	cw_history_close(history);
	history = NULL;
	stop();
	stream_free(&stream);
	fixture_exit(&fixture);
}

/* Stores the stream, which is empty afterwards. */
static void store(void)
{
	uint64_t upto;

	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 OFFSET, &upto), 0);
	ck_assert_uint_eq(upto, stream.sequence);
	stream_clear(&stream);
}

static int take_row(void *data, const struct cw_past *past)
{
	(void)data;
	ck_assert_int_lt(rows, ROWS);
	row[rows++] = *past;
	return 0;
}

static int take_hole(void *data, const struct cw_hole *one)
{
	(void)data;
	ck_assert_int_lt(holes, ROWS);
	hole[holes++] = *one;
	return 0;
}

static int query(void)
{
	rows = holes = 0;
	cw_history_close(history);
	history = NULL;
	ck_assert_int_eq(cw_history_open(&history, file), 0);
	ck_assert_int_eq(cw_history_query(history, &filter, take_row, NULL), 0);
	ck_assert_int_eq(cw_history_holes(history, 0, 0, take_hole, NULL), 0);
	return rows;
}

static void filter_address(const char *text, uint8_t prefix)
{
	bool is_6 = strchr(text, ':');

	memset(filter.address, 0, sizeof(filter.address));
	filter.family = is_6 ? 6 : 4;
	filter.prefix = prefix;
	ck_assert_int_eq(inet_pton(is_6 ? AF_INET6 : AF_INET, text,
				   filter.address), 1);
}

static void assert_address(const uint8_t *address, const char *wanted)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(strchr(wanted, ':') ? AF_INET6 : AF_INET, address, text,
		  sizeof(text));
	ck_assert_str_eq(text, wanted);
}

START_TEST(all_that_was_told_is_read)
{
	struct cw_event_open *event;

	stream_process(&stream, &curl);
	event = stream_open(&stream, 12, 10 * SECOND, 7, "203.0.113.7", 80,
			    "the mirror");
	event->uid = 33;
	event->rule = 4;
	event->line = 9;
	event->generation = 3;
	stream_local(&stream, 12, 11 * SECOND, "198.51.100.1", 47504);
	stream_close(&stream, 12, 12 * SECOND, 76, 221);
	store();
	ck_assert_int_eq(query(), 1);
	ck_assert_int_eq(row[0].opened, OFFSET + 10 * SECOND);
	ck_assert_int_eq(row[0].closed, OFFSET + 12 * SECOND);
	ck_assert(!row[0].is_live);
	ck_assert_int_eq(row[0].family, 4);
	assert_address(row[0].local, "198.51.100.1");
	ck_assert_uint_eq(row[0].local_port, 47504);
	assert_address(row[0].remote, "203.0.113.7");
	ck_assert_uint_eq(row[0].remote_port, 80);
	ck_assert_uint_eq(row[0].pid, 4000000);
	ck_assert_uint_eq(row[0].uid, 33);
	ck_assert_uint_eq(row[0].netns, 4026531840);
	ck_assert_uint_eq(row[0].rule, 4);
	ck_assert_uint_eq(row[0].line, 9);
	ck_assert_uint_eq(row[0].generation, 3);
	ck_assert_str_eq(row[0].label, "the mirror");
	ck_assert_uint_eq(row[0].sent, 76);
	ck_assert_uint_eq(row[0].received, 221);
	ck_assert_int_eq(row[0].attribution, CW_ATTRIBUTION_EXACT);
	ck_assert_int_eq(row[0].user.id, 0);
	ck_assert_str_eq(row[0].host, "");
}
END_TEST

START_TEST(program_is_read_with_ancestors_and_unit)
{
	const struct cw_program *program = &row[0].program;

	stream_process(&stream, &curl);
	stream_open(&stream, 12, 10 * SECOND, 7, "203.0.113.7", 80, "");
	store();
	ck_assert_int_eq(query(), 1);
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
	ck_assert_uint_eq(row[0].rule, UINT32_MAX);
	ck_assert_uint_eq(row[0].sent, CW_BYTES_UNKNOWN);
	ck_assert_int_eq(row[0].closed, 0);
	ck_assert(row[0].is_live);
}
END_TEST

/* Each record in a batch of its own. */
START_TEST(later_batches_complete_a_row)
{
	stream_process(&stream, &curl);
	stream_process(&stream, &script);
	store();
	stream_open(&stream, 1, SECOND, 7, "2001:db8::7", 443, "");
	stream_open(&stream, 2, SECOND, 7, "203.0.113.7", 443, "");
	store();
	stream_local(&stream, 1, 2 * SECOND, "2001:db8::1", 50000);
	stream_local(&stream, 2, 2 * SECOND, "198.51.100.1", 50001);
	store();
	stream_used(&stream, 1, 3 * SECOND, 8);
	stream_used(&stream, 1, 3 * SECOND, 7);
	stream_used(&stream, 2, 3 * SECOND, 7);
	store();
	stream_close(&stream, 1, 4 * SECOND, ~0ull, 3);
	store();
	ck_assert_int_eq(query(), 2);
	assert_address(row[0].local, "2001:db8::1");
	ck_assert_uint_eq(row[0].local_port, 50000);
	ck_assert_str_eq(row[0].user.script, "/opt/backup/run.py");
	ck_assert_str_eq(row[0].user.unit, "user@1000.service");
	ck_assert_int_eq(row[0].attribution, CW_ATTRIBUTION_INHERITED);
	ck_assert_int_eq(row[0].closed, OFFSET + 4 * SECOND);
	ck_assert_uint_eq(row[0].sent, CW_BYTES_UNKNOWN);
	ck_assert_uint_eq(row[0].received, 3);
	assert_address(row[1].local, "198.51.100.1");
	ck_assert_int_eq(row[1].user.id, 0);
	ck_assert_int_eq(cw_ingest_counts(ingest)->unknown, 0);
}
END_TEST

START_TEST(refused_one_has_no_length)
{
	stream_process(&stream, &curl);
	stream_open(&stream, 1, SECOND, 7, "203.0.113.7", 1, "")->verdict = 1;
	stream_open(&stream, 2, SECOND, 7, "203.0.113.7", 1, "")->verdict = 2;
	store();
	ck_assert_int_eq(query(), 2);
	ck_assert_int_eq(row[0].closed, row[0].opened);
	ck_assert(!row[0].is_live);
	ck_assert_int_eq(row[1].closed, 0);
	ck_assert(row[1].is_live);
}
END_TEST

static Suite *history_suite(void)
{
	Suite *suite = suite_create("history");
	TCase *tests = tcase_create("history");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, all_that_was_told_is_read);
	tcase_add_test(tests, program_is_read_with_ancestors_and_unit);
	tcase_add_test(tests, later_batches_complete_a_row);
	tcase_add_test(tests, refused_one_has_no_length);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, history_suite);
}
