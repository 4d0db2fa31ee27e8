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

#include "../../history/history.h"
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
	fixture_init_at(&fixture, "/dev/shm");
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

/* Connections 1 to 6 of curl (1-4) and of the script (5, 6). */
static void make_six(void)
{
	struct cw_event_open *event;

	stream_process(&stream, &curl);
	stream_process(&stream, &script);
	stream_open(&stream, 1, 10 * SECOND, 7, "203.0.113.7", 80, "a");
	stream_open(&stream, 2, 20 * SECOND, 7, "203.0.113.200", 443, "a");
	stream_open(&stream, 3, 30 * SECOND, 7, "203.0.114.7", 443, "");
	stream_open(&stream, 4, 40 * SECOND, 7, "2001:db8::7", 53, "")->proto =
		CW_PROTO_UDP;
	event = stream_open(&stream, 5, 50 * SECOND, 8, "203.0.113.7", 40000,
			    "");
	event->in = 1;
	event->verdict = 3;
	event->uid = 1000;
	stream_open(&stream, 6, 60 * SECOND, 8, "198.51.100.9", 22, "")
		->verdict = 1;
	for (int id = 1; id <= 5; id++)
		stream_local(&stream, id, (10 * id + 1) * SECOND, id == 4
			     ? "2001:db8::1" : "198.51.100.1",
			     id == 5 ? 443 : 50000 + id);
	for (int id = 1; id <= 4; id++)
		stream_close(&stream, id, (10 * id + 5) * SECOND, 1, 2);
	store();
}

/* The kernel's numbers of what is found, as digits. */
static void assert_found(const char *wanted)
{
	char found[ROWS + 1] = "";

	query();
	for (int i = 0; i < rows; i++)
		found[i] = '0' + row[i].id;
	ck_assert_str_eq(found, wanted);
	cw_past_filter_init(&filter);
}

START_TEST(address_finds_either_end)
{
	make_six();
	filter_address("203.0.113.7", 32);
	assert_found("15");
	filter_address("203.0.113.0", 24);
	assert_found("125");
	filter_address("203.0.112.0", 22);
	assert_found("1235");
	filter_address("198.51.100.1", 32);
	assert_found("1235");
	filter_address("198.51.100.1", 32);
	filter.remote_only = true;
	assert_found("");
	filter_address("198.51.100.0", 24);
	filter.remote_only = true;
	assert_found("6");
	filter_address("2001:db8::", 32);
	assert_found("4");
	filter_address("::", 0);
	assert_found("4");
	filter_address("0.0.0.0", 0);
	assert_found("12356");
	/* 32.1.13.184 is 2001:db8 as bytes. */
	filter_address("32.1.13.184", 31);
	assert_found("");
}
END_TEST

START_TEST(address_and_port_belong_to_one_end)
{
	make_six();
	filter_address("203.0.113.7", 32);
	filter.port = 80;
	assert_found("1");
	filter_address("198.51.100.1", 32);
	filter.port = 443;
	assert_found("5");
	filter_address("198.51.100.0", 24);
	filter.port = 50002;
	assert_found("2");
	filter_address("203.0.113.7", 32);
	filter.port = 50001;
	assert_found("");
}
END_TEST

START_TEST(each_condition_filters)
{
	make_six();
	assert_found("123456");
	filter.port = 443;
	assert_found("235");
	filter.port = 443;
	filter.remote_only = true;
	assert_found("23");
	filter.exe = "/usr/bin/curl";
	assert_found("1234");
	filter.exe = "/usr/bin/cur";
	assert_found("");
	filter.exe = "/opt/**";
	assert_found("56");
	filter.exe = "/usr/bin/python3*";
	filter.tgid = 4194306;
	assert_found("56");
	filter.tgid = 4194305;
	assert_found("1234");
	filter.uid = 1000;
	assert_found("5");
	filter.verdict = 1;
	assert_found("6");
	filter.verdict = 0;
	filter.port = 443;
	assert_found("23");
	filter.proto = CW_PROTO_UDP;
	assert_found("4");
	filter.in = 1;
	assert_found("5");
	filter.limit = 2;
	assert_found("56");
	filter_address("203.0.113.7", 32);
	filter.limit = 1;
	assert_found("5");
}
END_TEST

START_TEST(time_finds_what_was_open_then)
{
	make_six();
	filter.since = OFFSET + 30 * SECOND;
	assert_found("3456");
	filter.since = OFFSET + 25 * SECOND;
	assert_found("23456");
	filter.until = OFFSET + 20 * SECOND;
	assert_found("12");
	filter.since = OFFSET + 26 * SECOND;
	filter.until = OFFSET + 29 * SECOND;
	assert_found("");
	filter.since = filter.until = OFFSET + 70 * SECOND;
	assert_found("5");
	filter.since = OFFSET + 61 * SECOND;
	filter.exe = "/usr/bin/python3.11";
	assert_found("5");
	filter.since = OFFSET + 22 * SECOND;
	filter_address("203.0.113.0", 24);
	assert_found("25");
}
END_TEST

/* The same, by the way that is taken when an index finds too many. */
START_TEST(time_wins_over_an_index_that_finds_many)
{
	stream_process(&stream, &curl);
	for (int id = 1; id <= 20100; id++) {
		stream_open(&stream, id, id * SECOND, 7, "203.0.113.7", 80, "");
		if (id % 2)
			stream_close(&stream, id, id * SECOND, 0, 0);
	}
	store();
	filter.since = OFFSET + 20098 * SECOND;
	filter.limit = 3;
	filter_address("203.0.113.7", 32);
	ck_assert_int_eq(query(), 3);
	ck_assert_int_eq(row[2].id, 20100);
	filter.limit = 0;
	filter.verdict = 0;
	filter.in = 0;
	filter.until = OFFSET + 20099 * SECOND;
	filter.since = OFFSET + 20099 * SECOND;
	filter.exe = "/usr/bin/curl";
	filter.limit = ROWS;
	ck_assert_int_eq(query(), ROWS);
	ck_assert_int_eq(row[ROWS - 1].id, 20099);
	ck_assert_int_eq(row[ROWS - 2].id, 20098);
	ck_assert_int_eq(row[ROWS - 3].id, 20096);
}
END_TEST

/* ---- what is missing, and what comes twice ---------------------------------- */

START_TEST(lost_records_are_a_hole)
{
	stream_process(&stream, &curl);
	stream_open(&stream, 1, 10 * SECOND, 7, "203.0.113.7", 80, "");
	store();
	stream_lost(&stream, 5);
	stream_open(&stream, 4, 20 * SECOND, 7, "203.0.113.7", 80, "");
	stream_close(&stream, 2, 21 * SECOND, 0, 0);
	stream_local(&stream, 3, 21 * SECOND, "198.51.100.1", 1);
	stream_used(&stream, 3, 21 * SECOND, 8);
	store();
	ck_assert_int_eq(query(), 2);
	ck_assert_int_eq(holes, 1);
	ck_assert_int_eq(hole[0].since, OFFSET + 10 * SECOND);
	ck_assert_int_eq(hole[0].until, OFFSET + 20 * SECOND);
	ck_assert_uint_eq(hole[0].records, 5);
	ck_assert_str_eq(hole[0].reason, "kernel");
	ck_assert_uint_eq(cw_ingest_counts(ingest)->unknown, 3);
	ck_assert_uint_eq(cw_ingest_counts(ingest)->lost, 5);
	ck_assert_uint_eq(cw_ingest_counts(ingest)->holes, 1);
}
END_TEST

START_TEST(program_that_was_lost_is_unknown)
{
	stream_open(&stream, 1, 10 * SECOND, 9, "203.0.113.7", 80, "");
	store();
	ck_assert_int_eq(query(), 1);
	ck_assert_int_eq(row[0].program.id, 0);
	ck_assert_str_eq(row[0].program.exe, "");
	ck_assert_uint_eq(row[0].program.tgid, 0);
}
END_TEST

START_TEST(records_that_others_took_are_a_hole)
{
	stream.sequence = 100;
	stream_open(&stream, 50, 10 * SECOND, 9, "203.0.113.7", 80, "");
	store();
	query();
	ck_assert_int_eq(holes, 1);
	ck_assert_uint_eq(hole[0].records, 100);
	ck_assert_str_eq(hole[0].reason, "elsewhere");
}
END_TEST

START_TEST(records_that_come_again_are_known)
{
	struct stream again = { 0 };
	uint64_t upto;

	make_six();
	stop();
	start("0123456789abcdef");
	stream_process(&again, &curl);
	stream_process(&again, &script);
	for (int id = 1; id <= 6; id++)
		stream_open(&again, id, 99 * SECOND, 7, "192.0.2.1", 1, "");
	stream_close(&again, 5, 99 * SECOND, 0, 0);
	ck_assert_int_eq(cw_ingest_batch(ingest, again.data, again.size, OFFSET,
					 &upto), 0);
	ck_assert_uint_eq(upto, 9);
	stream_free(&again);
	assert_found("123456");
	filter_address("192.0.2.1", 32);
	assert_found("");
	ck_assert_int_eq(holes, 0);
	stream_close(&stream, 5, 100 * SECOND, 7, 7);
	store();
	ck_assert_uint_eq(cw_ingest_counts(ingest)->unknown, 0);
	filter.in = 1;
	query();
	ck_assert_int_eq(row[0].closed, OFFSET + 100 * SECOND);
}
END_TEST

START_TEST(new_load_of_the_module_begins_anew)
{
	make_six();
	stop();
	start("fedcba9876543210");
	stream.sequence = 0;
	stream_process(&stream, &script);
	stream_open(&stream, 1, 100 * SECOND, 8, "203.0.113.7", 80, "");
	stream_close(&stream, 5, 110 * SECOND, 7, 7);
	store();
	ck_assert_uint_eq(cw_ingest_counts(ingest)->unknown, 1);
	assert_found("1234567");
	ck_assert_int_eq(holes, 0);
	ck_assert(!row[4].is_live);
	ck_assert_int_eq(row[4].closed, 0);
	ck_assert(row[6].is_live);
	ck_assert_str_eq(row[6].program.script, "/opt/backup/run.py");
	ck_assert_str_eq(row[0].program.exe, "/usr/bin/curl");
	/* The old one was open until its module was last heard of. */
	filter.since = filter.until = OFFSET + 52 * SECOND;
	assert_found("5");
	filter.since = OFFSET + 61 * SECOND;
	assert_found("7");
}
END_TEST

START_TEST(another_boot_has_nothing_live)
{
	make_six();
	stop();
	strcpy(boot, "00000000-0000-0000-0000-000000000000");
	start("0123456789abcdef");
	stream_open(&stream, 1, 100 * SECOND, 8, "203.0.113.7", 80, "");
	store();
	ck_assert_int_eq(query(), 7);
	for (int i = 0; i < rows; i++)
		ck_assert(!row[i].is_live);
}
END_TEST

START_TEST(malformed_records_are_passed_over)
{
	struct cw_event_open *event;
	struct cw_event *other;
	uint64_t upto;

	stream_process(&stream, &curl);
	stream_open(&stream, 0, SECOND, 7, "203.0.113.7", 80, "no number");
	stream_open(&stream, 1ull << 60, SECOND, 7, "203.0.113.7", 80, "");
	event = stream_open(&stream, 1, SECOND, 7, "203.0.113.7", 80, "12345678");
	memset(event + 1, 'x', event->head.size - sizeof(*event));
	other = stream_add(&stream, CW_EVENT_CLOSE, 24);
	((struct cw_event_local *)other)->id = 1;
	stream_add(&stream, 77, 64);
	stream_add(&stream, 0, 64);
	other = stream_add(&stream, CW_EVENT_PROCESS,
			   sizeof(struct cw_event_process));
	((struct cw_event_process *)other)->process = 3;
	((struct cw_event_process *)other)->ancestors = 60000;
	stream_open(&stream, 2, SECOND, 7, "203.0.113.7", 80, "good");
	stream_open(&stream, 2, SECOND, 7, "203.0.113.8", 80, "twice");
	store();
	ck_assert_uint_eq(cw_ingest_counts(ingest)->malformed, 8);
	ck_assert_int_eq(query(), 1);
	ck_assert_str_eq(row[0].label, "good");
	/* Where the next one begins cannot be told. */
	stream_open(&stream, 3, 2 * SECOND, 7, "203.0.113.7", 80, "");
	other = stream_add(&stream, CW_EVENT_OPEN, 64);
	other->size = 1 << 30;
	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 OFFSET, &upto), 0);
	ck_assert_uint_eq(upto, stream.sequence - 1);
	stream_clear(&stream);
	stream_open(&stream, 4, 3 * SECOND, 7, "203.0.113.7", 80, "");
	store();
	ck_assert_int_eq(query(), 3);
	ck_assert_int_eq(holes, 1);
	ck_assert_uint_eq(hole[0].records, 1);
}
END_TEST

/* ---- clocks --------------------------------------------------------------- */

START_TEST(step_of_the_clock_turns_no_time_around)
{
	uint64_t upto;

	stream_process(&stream, &curl);
	stream_open(&stream, 1, 10 * SECOND, 7, "203.0.113.7", 80, "");
	store();
	stream_close(&stream, 1, 11 * SECOND, 0, 0);
	stream_open(&stream, 2, 12 * SECOND, 7, "203.0.113.7", 80, "");
	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 OFFSET - 3600 * SECOND, &upto), 0);
	ck_assert_int_eq(query(), 2);
	ck_assert_int_eq(row[0].opened, OFFSET - 3588 * SECOND);
	ck_assert_int_eq(row[1].closed, row[1].opened);
}
END_TEST

/* What measuring adds must not make two of one process. */
START_TEST(start_of_a_process_is_the_same_in_each_batch)
{
	struct stream_program child = curl;
	uint64_t upto;

	stream_process(&stream, &curl);
	stream_open(&stream, 1, 10 * SECOND, 7, "203.0.113.7", 80, "");
	store();
	child.process = 9;
	stream_process(&stream, &child);
	stream_open(&stream, 2, 10 * SECOND, 9, "203.0.113.7", 80, "");
	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 OFFSET + 4321, &upto), 0);
	ck_assert_int_eq(query(), 2);
	ck_assert_int_eq(row[0].program.ancestor[0].start,
			 row[1].program.ancestor[0].start);
}
END_TEST

/* ---- files ---------------------------------------------------------------- */

START_TEST(file_is_for_root_alone)
{
	struct stat st;

	make_six();
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(missing_file_is_enoent)
{
	ck_assert_int_eq(cw_history_open(&history, file), -ENOENT);
	ck_assert_ptr_null(history);
	fixture_write(&fixture, "history.db", "");
	ck_assert_int_eq(cw_history_open(&history, file), -ENOENT);
	fixture_write(&fixture, "history.db", "no database at all, but text "
		      "that is long enough to have a header of 100 bytes and "
		      "so is looked at as if it were one");
	ck_assert_int_eq(cw_history_open(&history, file), -EUCLEAN);
}
END_TEST

START_TEST(file_of_others_is_left_alone)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(file, &db), SQLITE_OK);
	ck_assert_int_eq(cw_sql_exec(db, "CREATE TABLE theirs (a)"), 0);
	sqlite3_close(db);
	ck_assert_int_eq(cw_ingest_open(ingest, OFFSET), -EPROTO);
	ck_assert_int_eq(cw_history_open(&history, file), -EPROTO);
	ck_assert_int_eq(sqlite3_open(file, &db), SQLITE_OK);
	ck_assert_int_eq(cw_sql_exec(db, "SELECT * FROM theirs"), 0);
	sqlite3_close(db);
}
END_TEST

START_TEST(file_of_another_version_is_left_alone)
{
	sqlite3 *db;

	make_six();
	stop();
	ck_assert_int_eq(sqlite3_open(file, &db), SQLITE_OK);
	ck_assert_int_eq(cw_sql_exec(db, "PRAGMA user_version=2"), 0);
	sqlite3_close(db);
	start("0123456789abcdef");
	ck_assert_int_eq(cw_ingest_open(ingest, OFFSET), -EPROTO);
	ck_assert_int_eq(cw_history_open(&history, file), -EPROTO);
}
END_TEST

START_TEST(corrupt_file_is_moved_aside)
{
	char command[300];

	fixture_write(&fixture, "history.db", "no database at all, but text "
		      "that is long enough to have a header of 100 bytes and "
		      "so is looked at as if it were one");
	make_six();
	assert_found("123456");
	snprintf(command, sizeof(command), "grep -q 'no database at all' "
		 "%s/history.db.corrupt-*", fixture.dir);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

/* ---- a disk that takes nothing -------------------------------------------- */

static void limit_pages(int more)
{
	sqlite3 *db = cw_store_db(cw_ingest_store(ingest));
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
		stream_open(&stream, id, id * SECOND, 7, address, 80, "");
	}
}

START_TEST(batch_that_had_no_room_is_stored_later)
{
	uint64_t upto;

	make_six();
	limit_pages(4);
	add_many(1000, 2000);
	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 OFFSET, &upto), -ENOSPC);
	assert_found("123456");
	ck_assert_uint_eq(cw_ingest_counts(ingest)->connections, 6);
	/* The limit went with the connection to the database. */
	store();
	filter_address("10.0.0.0", 8);
	filter.limit = 2;
	ck_assert_int_eq(query(), 2);
	ck_assert_int_eq(row[1].id, 2999);
	ck_assert_int_eq(holes, 0);
	ck_assert_uint_eq(cw_ingest_counts(ingest)->connections, 2006);
}
END_TEST

START_TEST(batch_that_is_given_up_is_a_hole_with_its_programs)
{
	uint64_t upto;

	stream_process(&stream, &curl);
	stream_open(&stream, 1, 10 * SECOND, 7, "203.0.113.7", 80, "");
	store();
	limit_pages(4);
	stream_process(&stream, &script);
	add_many(1000, 2000);
	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 OFFSET, &upto), -ENOSPC);
	cw_ingest_drop(ingest, stream.data, stream.size, OFFSET, &upto);
	ck_assert_uint_eq(upto, stream.sequence);
	stream_clear(&stream);
	stream_lost(&stream, 30);
	cw_ingest_drop(ingest, stream.data, stream.size, OFFSET, &upto);
	stream_clear(&stream);
	stream_open(&stream, 5000, 9000 * SECOND, 8, "203.0.113.8", 80, "");
	store();
	ck_assert_int_eq(query(), 2);
	ck_assert_str_eq(row[1].program.script, "/opt/backup/run.py");
	ck_assert_int_eq(holes, 1);
	ck_assert_str_eq(hole[0].reason, "disk");
	ck_assert_uint_eq(hole[0].records, 2031);
	ck_assert_int_eq(hole[0].since, OFFSET + 10 * SECOND);
	ck_assert_uint_eq(cw_ingest_counts(ingest)->dropped, 2031);
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
	tcase_add_test(tests, address_finds_either_end);
	tcase_add_test(tests, address_and_port_belong_to_one_end);
	tcase_add_test(tests, each_condition_filters);
	tcase_add_test(tests, time_finds_what_was_open_then);
	tcase_add_test(tests, time_wins_over_an_index_that_finds_many);
	tcase_add_test(tests, lost_records_are_a_hole);
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
	return fixture_main(argc, argv, history_suite);
}
