// SPDX-License-Identifier: GPL-2.0-only
/* What is too old or too much goes, and nothing that is still needed. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../history/history.h"
#include "fixture.h"
#include "stream.h"

#define OFFSET		1700000000000000000ll
#define SECOND		1000000000ll
#define DAY		(86400 * SECOND)
#define DEAD		4194305		/* no process has such a number */

static struct fixture fixture;
static struct stream stream;
static struct cw_ingest *ingest;
static struct cw_expiry *expiry;
static char file[128];

static void start(const char *instance, unsigned days, unsigned megabytes)
{
	ck_assert_int_eq(cw_ingest_new(&ingest, file, "boot", instance), 0);
	ck_assert_int_eq(cw_expiry_new(&expiry, days, megabytes), 0);
}

static void stop(void)
{
	cw_expiry_free(expiry);
	cw_ingest_free(ingest);
}

static void setup(void)
{
	fixture_init_at(&fixture, "/dev/shm");
	snprintf(file, sizeof(file), "%s/history.db", fixture.dir);
	start("1", 30, 1024);
}

static void teardown(void)
{
	stop();
	stream_free(&stream);
	fixture_exit(&fixture);
}

static void store(void)
{
	uint64_t upto;

	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 OFFSET, &upto), 0);
	stream_clear(&stream);
}

static void expire(int64_t now, int rounds)
{
	int ret = 0;

	for (int i = 0; i < rounds || ret; i++) {
		ret = cw_expiry_step(expiry, cw_ingest_store(ingest),
				     cw_ingest_source(ingest), OFFSET + now,
				     true);
		ck_assert_int_ge(ret, 0);
	}
}

static int64_t count(const char *text)
{
	int64_t number = -1;

	ck_assert_int_eq(cw_sql_number(cw_store_db(cw_ingest_store(ingest)),
				       text, &number), 0);
	return number;
}

static void add(uint64_t id, uint64_t process, uint32_t tgid, uint64_t opened,
		uint64_t closed)
{
	char exe[64];
	struct stream_program program = {
		.process = process, .tgid = tgid, .exe = exe,
		.cgroup = "/system.slice/a.service", .ancestors = 1,
		.ancestor = { { process, 1, "/usr/sbin/init" } },
	};

	snprintf(exe, sizeof(exe), "/usr/bin/%llu",
		 (unsigned long long)process);
	stream_process(&stream, &program);
	stream_open(&stream, id, opened, process, "203.0.113.7", 80, "rule");
	if (closed)
		stream_close(&stream, id, closed, 0, 0);
}

START_TEST(old_connections_go_by_their_end)
{
	add(1, 1, DEAD, SECOND, 2 * SECOND);
	add(2, 2, DEAD, SECOND, 20 * DAY);
	add(3, 3, DEAD, SECOND, 0);
	stream_lost(&stream, 3);
	add(4, 4, DEAD, 25 * DAY, 26 * DAY);
	store();
	expire(29 * DAY, 1);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 4);
	expire(31 * DAY, 1);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 3);
	ck_assert_int_eq(count("SELECT count(*) FROM hole"), 1);
	/* The third is still open, for all that is known. */
	expire(60 * DAY, 1);
	ck_assert_int_eq(count("SELECT id FROM connection"), 3);
	ck_assert_int_eq(count("SELECT count(*) FROM hole"), 0);
}
END_TEST

START_TEST(open_ones_of_earlier_loads_go_by_their_start)
{
	add(1, 1, DEAD, SECOND, 0);
	store();
	stop();
	start("2", 30, 1024);
	stream.sequence = 0;
	add(1, 1, DEAD, 25 * DAY, 0);
	store();
	expire(32 * DAY, 3);
	ck_assert_int_eq(count("SELECT id FROM connection"), 2);
	ck_assert_int_eq(count("SELECT id FROM program"), 2);
	ck_assert_int_eq(count("SELECT count(*) FROM source"), 1);
}
END_TEST

START_TEST(programs_go_with_what_names_them)
{
	add(1, 1, DEAD, SECOND, 2 * SECOND);
	add(2, 2, DEAD, SECOND, 40 * DAY);
	stream_used(&stream, 2, 3 * SECOND, 1);
	add(3, 3, DEAD, SECOND, 2 * SECOND);
	store();
	expire(35 * DAY, 4);
	/* The first is the user of the second. */
	ck_assert_int_eq(count("SELECT count(*) FROM program"), 2);
	ck_assert_int_eq(count("SELECT max(id) FROM program"), 2);
	ck_assert_int_eq(count("SELECT count(*) FROM ancestor"), 2);
	ck_assert_int_eq(count("SELECT count(*) FROM text WHERE "
			       "value='/usr/bin/3'"), 0);
	ck_assert_int_eq(count("SELECT count(*) FROM text WHERE "
			       "value='/usr/sbin/init'"), 1);
	/* Texts that were forgotten can come again. */
	add(4, 4, DEAD, 36 * DAY, 36 * DAY);
	add(5, 3, DEAD, 36 * DAY, 36 * DAY);
	store();
	ck_assert_int_eq(count("SELECT count(*) FROM program p JOIN text t ON "
			       "t.id=p.exe WHERE t.value='/usr/bin/3'"), 1);
}
END_TEST

/* Who lives may connect again, and the kernel will not say again who it is. */
START_TEST(program_of_a_living_process_stays)
{
	add(1, 1, getpid(), SECOND, 2 * SECOND);
	add(2, 2, 0, SECOND, 2 * SECOND);
	store();
	expire(40 * DAY, 4);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 0);
	ck_assert_int_eq(count("SELECT count(*) FROM program"), 2);
}
END_TEST

START_TEST(program_stays_until_all_of_it_was_read)
{
	struct cw_store *db;

	add(1, 1, DEAD, SECOND, 2 * SECOND);
	store();
	db = cw_ingest_store(ingest);
	for (int i = 0; i < 5; i++)
		ck_assert_int_ge(cw_expiry_step(expiry, db,
			cw_ingest_source(ingest), OFFSET + 40 * DAY, i == 0), 0);
	ck_assert_int_eq(count("SELECT count(*) FROM program"), 1);
	/* It had connected once more before it died. */
	stream_open(&stream, 2, 40 * DAY, 1, "203.0.113.7", 80, "");
	store();
	expire(40 * DAY, 3);
	ck_assert_int_eq(count("SELECT count(*) FROM program"), 1);
}
END_TEST

START_TEST(oldest_go_when_there_is_too_much)
{
	sqlite3 *db;
	struct stat before, after;

	for (int id = 1; id <= 12000; id++)
		add(id, id, DEAD, id * SECOND, (id + 1) * SECOND);
	store();
	db = cw_store_db(cw_ingest_store(ingest));
	ck_assert_int_eq(cw_sql_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
	ck_assert_int_eq(stat(file, &before), 0);
	ck_assert_int_gt(before.st_size, 3 << 20);
	cw_expiry_free(expiry);
	ck_assert_int_eq(cw_expiry_new(&expiry, 30, 2), 0);
	expire(20000 * SECOND, 8);
	ck_assert_int_eq(cw_sql_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
	ck_assert_int_eq(stat(file, &after), 0);
	ck_assert_int_le(after.st_size, (2 << 20) + (1 << 19));
	ck_assert_int_gt(count("SELECT count(*) FROM connection"), 1000);
	ck_assert_int_eq(count("SELECT max(id) FROM connection"), 12000);
	ck_assert_int_eq(count("SELECT count(*) FROM connection WHERE id<="
			       "(SELECT max(id)-count(*) FROM connection)"), 0);
}
END_TEST

static int64_t size_of_all(void)
{
	char log[256];
	struct stat st;
	int64_t size;

	ck_assert_int_eq(stat(file, &st), 0);
	size = st.st_size;
	snprintf(log, sizeof(log), "%s-wal", file);
	return size + (stat(log, &st) ? 0 : st.st_size);
}

/* Nothing else cuts it: the limit is of both files. */
START_TEST(log_counts_as_well)
{
	cw_expiry_free(expiry);
	ck_assert_int_eq(cw_expiry_new(&expiry, 30, 4), 0);
	for (int batch = 0; batch < 8; batch++) {
		for (int id = batch * 3000 + 1; id <= (batch + 1) * 3000; id++)
			add(id, id, DEAD, id * SECOND, (id + 1) * SECOND);
		store();
		expire(30000 * SECOND, 8);
		ck_assert_int_le(size_of_all(), (4 << 20) + (1 << 20));
	}
	ck_assert_int_gt(count("SELECT count(*) FROM connection"), 2000);
	ck_assert_int_eq(count("SELECT max(id) FROM connection"), 24000);
}
END_TEST

/* A reader keeps the log as it is; that must not push out everything. */
START_TEST(log_that_is_read_pushes_out_half_at_most)
{
	struct cw_history *reader;
	sqlite3 *db;

	cw_expiry_free(expiry);
	ck_assert_int_eq(cw_expiry_new(&expiry, 30, 4), 0);
	add(1, 1, DEAD, SECOND, 2 * SECOND);
	store();
	ck_assert_int_eq(cw_history_open(&reader, file), 0);
	ck_assert_int_eq(cw_schema_open(&db, file), 0);
	ck_assert_int_eq(cw_sql_exec(db, "BEGIN; SELECT * FROM connection"), 0);
	for (int id = 2; id <= 20000; id++)
		add(id, id, DEAD, id * SECOND, (id + 1) * SECOND);
	store();
	expire(30000 * SECOND, 8);
	ck_assert_int_gt(count("SELECT count(*) FROM connection"), 2000);
	sqlite3_close(db);
	cw_history_close(reader);
}
END_TEST

static Suite *expire_suite(void)
{
	Suite *suite = suite_create("expire");
	TCase *tests = tcase_create("expire");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, old_connections_go_by_their_end);
	tcase_add_test(tests, open_ones_of_earlier_loads_go_by_their_start);
	tcase_add_test(tests, programs_go_with_what_names_them);
	tcase_add_test(tests, program_of_a_living_process_stays);
	tcase_add_test(tests, program_stays_until_all_of_it_was_read);
	tcase_add_test(tests, oldest_go_when_there_is_too_much);
	tcase_add_test(tests, log_counts_as_well);
	tcase_add_test(tests, log_that_is_read_pushes_out_half_at_most);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, expire_suite);
}
