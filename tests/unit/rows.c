// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "rows.h"

struct rows rows;

const struct stream_program curl = {
	.process = 7, .start = 5 * SECOND, .tgid = 4194305,
	.exe = "/usr/bin/curl", .cgroup = "/system.slice/backup.service/x",
	.ancestors = 2,
	.ancestor = { { 4 * SECOND, 900, "/usr/bin/bash" },
		      { SECOND, 1, "/usr/sbin/init" } },
};

const struct stream_program script = {
	.process = 8, .start = 6 * SECOND, .tgid = 4194306,
	.exe = "/usr/bin/python3.11", .script = "/opt/backup/run.py",
	.cgroup = "/user.slice/user-1000.slice/user@1000.service/a.slice",
};

static void read_boot(void)
{
	FILE *in = fopen("/proc/sys/kernel/random/boot_id", "r");

	ck_assert_ptr_nonnull(in);
	ck_assert_ptr_nonnull(fgets(rows.boot, sizeof(rows.boot), in));
	rows.boot[strcspn(rows.boot, "\n")] = 0;
	fclose(in);
}

void rows_start(const char *instance)
{
	ck_assert_int_eq(cw_ingest_new(&rows.ingest, rows.file, rows.boot,
				       instance), 0);
}

void rows_stop(void)
{
	cw_ingest_free(rows.ingest);
	rows.ingest = NULL;
}

void rows_setup(void)
{
	fixture_init_at(&rows.fixture, "/dev/shm");
	snprintf(rows.file, sizeof(rows.file), "%s/history.db", rows.fixture.dir);
	read_boot();
	rows_start("0123456789abcdef");
	cw_past_filter_init(&rows.filter);
}

void rows_teardown(void)
{
	cw_history_close(rows.history);
	rows.history = NULL;
	rows_stop();
	stream_free(&rows.stream);
	fixture_exit(&rows.fixture);
}

void rows_store(void)
{
	uint64_t upto;

	ck_assert_int_eq(cw_ingest_batch(rows.ingest, rows.stream.data,
					 rows.stream.size, OFFSET, &upto), 0);
	ck_assert_uint_eq(upto, rows.stream.sequence);
	stream_clear(&rows.stream);
}

static int take_row(void *data, const struct cw_past *past)
{
	(void)data;
	ck_assert_int_lt(rows.count, ROWS);
	rows.row[rows.count++] = *past;
	return 0;
}

static int take_hole(void *data, const struct cw_hole *one)
{
	(void)data;
	ck_assert_int_lt(rows.holes, ROWS);
	rows.hole[rows.holes++] = *one;
	return 0;
}

int rows_query(void)
{
	rows.count = rows.holes = 0;
	cw_history_close(rows.history);
	rows.history = NULL;
	ck_assert_int_eq(cw_history_open(&rows.history, rows.file), 0);
	ck_assert_int_eq(cw_history_query(rows.history, &rows.filter, take_row,
					  NULL), 0);
	ck_assert_int_eq(cw_history_holes(rows.history, 0, 0, take_hole, NULL),
			 0);
	return rows.count;
}

void rows_filter_address(const char *text, uint8_t prefix)
{
	bool is_6 = strchr(text, ':');

	memset(rows.filter.address, 0, sizeof(rows.filter.address));
	rows.filter.family = is_6 ? 6 : 4;
	rows.filter.prefix = prefix;
	ck_assert_int_eq(inet_pton(is_6 ? AF_INET6 : AF_INET, text,
				   rows.filter.address), 1);
}

void rows_assert_address(const uint8_t *address, const char *wanted)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(strchr(wanted, ':') ? AF_INET6 : AF_INET, address, text,
		  sizeof(text));
	ck_assert_str_eq(text, wanted);
}

void rows_make_six(void)
{
	struct cw_event_open *event;

	stream_process(&rows.stream, &curl);
	stream_process(&rows.stream, &script);
	stream_open(&rows.stream, 1, 10 * SECOND, 7, "203.0.113.7", 80, "a");
	stream_open(&rows.stream, 2, 20 * SECOND, 7, "203.0.113.200", 443, "a");
	stream_open(&rows.stream, 3, 30 * SECOND, 7, "203.0.114.7", 443, "");
	stream_open(&rows.stream, 4, 40 * SECOND, 7, "2001:db8::7", 53, "")->proto =
		CW_PROTO_UDP;
	event = stream_open(&rows.stream, 5, 50 * SECOND, 8, "203.0.113.7", 40000,
			    "");
	event->in = 1;
	event->verdict = 3;
	event->uid = 1000;
	stream_open(&rows.stream, 6, 60 * SECOND, 8, "198.51.100.9", 22, "")
		->verdict = 1;
	for (int id = 1; id <= 5; id++)
		stream_local(&rows.stream, id, (10 * id + 1) * SECOND, id == 4
			     ? "2001:db8::1" : "198.51.100.1",
			     id == 5 ? 443 : 50000 + id);
	for (int id = 1; id <= 4; id++)
		stream_close(&rows.stream, id, (10 * id + 5) * SECOND, 1, 2);
	rows_store();
}

void rows_assert_found(const char *wanted)
{
	char found[ROWS + 1] = "";

	rows_query();
	for (int i = 0; i < rows.count; i++)
		found[i] = '0' + rows.row[i].id;
	ck_assert_str_eq(found, wanted);
	cw_past_filter_init(&rows.filter);
}
