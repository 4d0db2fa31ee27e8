// SPDX-License-Identifier: GPL-2.0-only
/* What is too old or too much goes, and nothing that is still needed. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history/history.h"
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

static void start_boot(const char *boot, const char *instance, unsigned days,
		       unsigned megabytes)
{
	ck_assert_int_eq(cw_ingest_new(&ingest, file, boot, instance), 0);
	ck_assert_int_eq(cw_expiry_new(&expiry, days, megabytes), 0);
}

static void start(const char *instance, unsigned days, unsigned megabytes)
{
	start_boot("boot", instance, days, megabytes);
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

static void store_at(int64_t offset)
{
	uint64_t upto;

	ck_assert_int_eq(cw_ingest_batch(ingest, stream.data, stream.size,
					 offset, &upto), 0);
	stream_clear(&stream);
}

static void store(void)
{
	store_at(OFFSET);
}

static void expire(int64_t now, int rounds)
{
	int ret = 0;

	for (int i = 0; i < rounds || ret; i++) {
		ret = cw_expiry_step(expiry, cw_ingest_store(ingest),
				     cw_ingest_source(ingest), now / SECOND,
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
			cw_ingest_source(ingest), 40 * DAY / SECOND, i == 0),
			0);
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

/* @from to @to - 1, of user @uid, by one program. */
static void add_of(uint32_t uid, int from, int to, uint64_t at)
{
	for (int id = from; id < to; id++) {
		struct cw_event_open *event;

		event = stream_open(&stream, id, at + id * SECOND / 100, 1,
				    "203.0.113.7", 80, "");
		event->uid = uid;
		stream_close(&stream, id, at + id * SECOND / 100 + 1, 0, 0);
	}
	store();
}

static int64_t count_of(uint32_t uid)
{
	char text[80];

	snprintf(text, sizeof(text), "SELECT count(*) FROM connection WHERE "
		 "uid=%u", uid);
	return count(text);
}

/* What root and bob did comes first, and is the oldest by far. */
START_TEST(nobody_pushes_out_what_is_told_of_others)
{
	add_of(0, 1, 301, SECOND);
	add_of(1001, 301, 501, 2 * SECOND);
	cw_expiry_free(expiry);
	ck_assert_int_eq(cw_expiry_new(&expiry, 30, 1), 0);
	for (int i = 0; i < 10; i++) {
		add_of(1000, 501 + i * 3000, 3501 + i * 3000, 60 * SECOND);
		expire(3600 * SECOND, 1);
	}
	ck_assert_int_eq(count_of(0), 300);
	ck_assert_int_eq(count_of(1001), 200);
	ck_assert_int_gt(count_of(1000), 500);
	ck_assert_int_lt(count_of(1000), 10000);
	/* What went is a hole, and its number is right. */
	ck_assert_int_eq(count("SELECT count(*) FROM hole WHERE reason='size'"),
			 1);
	ck_assert_int_eq(count("SELECT records FROM hole WHERE reason='size'"),
			 30000 - count_of(1000));
	ck_assert_int_ge(count("SELECT since FROM hole"), OFFSET + 60 * SECOND);
	/* The oldest of alice went. */
	ck_assert_int_eq(count("SELECT max(id) FROM connection"), 30500);
	ck_assert_int_eq(count("SELECT count(*) FROM connection WHERE uid=1000 "
			       "AND id<=(SELECT max(id)-count(*) FROM "
			       "connection WHERE uid=1000)"), 0);
}
END_TEST

/* Age is no hole: that it goes after some days was asked for. */
START_TEST(what_goes_by_age_is_no_hole)
{
	add_of(1000, 1, 2000, SECOND);
	expire(31 * DAY, 3);
	ck_assert_int_eq(count_of(1000), 0);
	ck_assert_int_eq(count("SELECT count(*) FROM hole"), 0);
}
END_TEST

/* Who has most has only open ones, which may not go: the next one's do. */
START_TEST(what_is_open_does_not_go)
{
	for (int id = 1; id <= 9000; id++)
		stream_open(&stream, id, id * SECOND / 100, 1, "203.0.113.7",
			    80, "")->uid = 1000;
	store();
	add_of(1001, 9001, 14001, 60 * SECOND);
	cw_expiry_free(expiry);
	ck_assert_int_eq(cw_expiry_new(&expiry, 30, 1), 0);
	expire(3600 * SECOND, 3);
	ck_assert_int_eq(count_of(1000), 9000);
	ck_assert_int_eq(count_of(1001) + count("SELECT records FROM hole"),
			 5000);
}
END_TEST

/* ---- a clock that is set --------------------------------------------------- */

static struct cw_step steps[8];
static int step_count;

static int take_step(void *data, const struct cw_step *step)
{
	(void)data;
	steps[step_count++] = *step;
	return 0;
}

static int count_steps(int64_t since, int64_t until)
{
	struct cw_history *history;

	step_count = 0;
	ck_assert_int_eq(cw_history_open(&history, file), 0);
	ck_assert_int_eq(cw_history_steps(history, since, until, take_step,
					  NULL), 0);
	cw_history_close(history);
	return step_count;
}

static void tick(int64_t offset, int64_t boottime)
{
	ck_assert_int_eq(cw_ingest_tick(ingest, offset, boottime), 0);
}

START_TEST(clock_that_is_set_makes_nothing_older)
{
	for (int id = 1; id <= 600; id++)
		add(id, id, DEAD, id * SECOND, (id + 1) * SECOND);
	stream_lost(&stream, 3);
	store();
	tick(OFFSET + 60 * DAY, 700 * SECOND);
	expire(760 * SECOND, 3);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 600);
	ck_assert_int_eq(count_steps(0, 0), 1);
	ck_assert_int_eq(steps[0].after - steps[0].before, 60 * DAY);
	/* Back: what was stored meanwhile says that it is of the future. */
	add(601, 601, DEAD, 800 * SECOND, 801 * SECOND);
	store_at(OFFSET + 60 * DAY);
	add(602, 602, DEAD, 900 * SECOND, 901 * SECOND);
	store();
	expire(29 * DAY, 3);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 602);
	ck_assert_int_eq(count_steps(0, 0), 2);
	expire(31 * DAY, 3);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 0);
	ck_assert_int_eq(count_steps(0, 0), 0);
}
END_TEST

/* A board without a battery begins in 1970. */
START_TEST(boot_before_the_time_is_known)
{
	add(1, 1, DEAD, SECOND, 2 * SECOND);
	add(2, 2, DEAD, SECOND, 0);
	store_at(5 * SECOND);
	tick(OFFSET, 60 * SECOND);
	expire(61 * SECOND, 3);
	/* Its end is by the right clock, its begin by the wrong one. */
	stream_close(&stream, 2, 90 * SECOND, 0, 0);
	add(3, 3, DEAD, 70 * SECOND, 71 * SECOND);
	store();
	expire(29 * DAY, 3);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 3);
	ck_assert_int_eq(count_steps(OFFSET - 7 * DAY, OFFSET + DAY), 1);
	ck_assert_int_eq(count_steps(OFFSET + 7 * DAY, 0), 0);
	expire(30 * DAY + 80 * SECOND, 3);
	ck_assert_int_eq(count("SELECT id FROM connection"), 2);
	expire(30 * DAY + 91 * SECOND, 3);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 0);
}
END_TEST

static void boot(const char *name, int64_t offset)
{
	stop();
	stream.sequence = 0;
	start_boot(name, "1", 30, 1024);
	ck_assert_int_eq(cw_ingest_open(ingest, offset), 0);
}

START_TEST(age_adds_up_over_boots)
{
	add(1, 1, DEAD, SECOND, 2 * SECOND);
	store();
	tick(OFFSET, 20 * DAY);
	/* Whatever the clock says, the host was off for no time that is known. */
	boot("second", OFFSET + 200 * DAY);
	expire(20 * DAY + SECOND, 3);
	add(1, 2, DEAD, DAY, DAY);
	store_at(OFFSET + 200 * DAY);
	ck_assert_int_eq(cw_ingest_clock(ingest, 9 * DAY), 29 * DAY / SECOND);
	expire(29 * DAY, 3);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 2);
	ck_assert_int_eq(count_steps(0, 0), 0);
	expire(31 * DAY, 3);
	ck_assert_int_eq(count("SELECT id FROM connection"), 2);
	/* Back by a year is no time in which the host was off. */
	boot("third", OFFSET - 365 * DAY);
	ck_assert_int_eq(count_steps(0, 0), 1);
	ck_assert_int_eq(steps[0].after, OFFSET - 365 * DAY);
	expire(32 * DAY, 3);
	ck_assert_int_eq(count("SELECT id FROM connection"), 2);
}
END_TEST

/* Who was connected when the power failed was so until then. */
START_TEST(open_ones_are_as_old_as_their_boot)
{
	add(1, 1, DEAD, SECOND, 0);
	add(2, 2, DEAD, 40 * DAY, 41 * DAY);
	store();
	boot("second", OFFSET + 41 * DAY);
	expire(42 * DAY, 3);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 2);
	expire(72 * DAY, 3);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 0);
}
END_TEST

START_TEST(step_is_noted_once)
{
	add(1, 1, DEAD, SECOND, 2 * SECOND);
	store();
	/* A restart of policyd in between. */
	stop();
	start("1", 30, 1024);
	ck_assert_int_eq(cw_ingest_open(ingest, OFFSET + 3 * DAY), 0);
	tick(OFFSET + 3 * DAY, 10 * SECOND);
	tick(OFFSET + 3 * DAY, 70 * SECOND);
	ck_assert_int_eq(count_steps(0, 0), 1);
	/* A little is what NTP does all the time. */
	tick(OFFSET + 3 * DAY + SECOND / 2, 80 * SECOND);
	tick(OFFSET + 3 * DAY, 90 * SECOND);
	ck_assert_int_eq(count_steps(0, 0), 1);
}
END_TEST

/* By the order in which it really was, not by what the clock said. */
START_TEST(size_takes_what_is_really_the_oldest)
{
	for (int id = 1; id <= 12000; id++) {
		add(id, id, DEAD, id * SECOND, (id + 1) * SECOND);
		if (id == 6000)
			store_at(OFFSET + 60 * DAY);
	}
	store();
	cw_expiry_free(expiry);
	ck_assert_int_eq(cw_expiry_new(&expiry, 30, 2), 0);
	expire(20000 * SECOND, 8);
	ck_assert_int_eq(count("SELECT max(id) FROM connection"), 12000);
	ck_assert_int_eq(count("SELECT count(*) FROM connection WHERE id<="
			       "(SELECT max(id)-count(*) FROM connection)"), 0);
}
END_TEST

/* From version 3 to 2. */
#define WITHOUT_FACTS \
	"DROP TRIGGER traffic_remove; DROP TABLE traffic;" \
	"DROP INDEX connection_interface;" \
	"ALTER TABLE program DROP COLUMN auid;" \
	"ALTER TABLE program DROP COLUMN session;" \
	"ALTER TABLE program DROP COLUMN command;" \
	"ALTER TABLE connection DROP COLUMN number;" \
	"ALTER TABLE connection DROP COLUMN interface;" \
	"ALTER TABLE connection DROP COLUMN established;" \
	"ALTER TABLE connection DROP COLUMN ending;" \
	"PRAGMA user_version=2;"

/* A history of version 2 goes on, and what it did not know is not known. */
START_TEST(second_version_is_taken_over)
{
	add(1, 1, DEAD, SECOND, 2 * SECOND);
	store();
	ck_assert_int_eq(cw_sql_exec(cw_store_db(cw_ingest_store(ingest)),
				     WITHOUT_FACTS), 0);
	stop();
	start("1", 30, 1024);
	ck_assert_int_eq(cw_ingest_open(ingest, OFFSET), 0);
	ck_assert_int_eq(count("SELECT count(*) FROM connection WHERE "
			       "ending IS NULL AND interface IS NULL"), 1);
	add(2, 2, DEAD, 3 * SECOND, 4 * SECOND);
	store();
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 2);
	ck_assert_int_eq(count("SELECT count(*) FROM traffic"), 0);
}
END_TEST

/* A history of version 1 had no clock: it keeps what its times say. */
START_TEST(earlier_version_is_taken_over)
{
	static const char downgrade[] = WITHOUT_FACTS
		"DROP INDEX connection_clock; DROP TABLE step;"
		"ALTER TABLE connection DROP COLUMN clock;"
		"ALTER TABLE hole DROP COLUMN clock;"
		"ALTER TABLE source DROP COLUMN base;"
		"ALTER TABLE source DROP COLUMN heard;"
		"PRAGMA user_version=1;";

	add(1, 1, DEAD, SECOND, 2 * SECOND);
	stream_lost(&stream, 3);
	add(2, 2, DEAD, 9 * DAY, 10 * DAY);
	store();
	ck_assert_int_eq(cw_sql_exec(cw_store_db(cw_ingest_store(ingest)),
				     downgrade), 0);
	stop();
	start("1", 30, 1024);
	/* Also when it is 60 days ahead just then. */
	ck_assert_int_eq(cw_ingest_open(ingest, OFFSET + 60 * DAY), 0);
	expire(0, 3);
	ck_assert_int_eq(count("SELECT count(*) FROM connection"), 2);
	ck_assert_int_eq(cw_ingest_clock(ingest, 11 * DAY), DAY / SECOND);
	expire(21 * DAY, 3);
	ck_assert_int_eq(count("SELECT id FROM connection"), 2);
	add(3, 3, DEAD, 11 * DAY, 12 * DAY);
	store();
	expire(31 * DAY, 3);
	ck_assert_int_eq(count("SELECT id FROM connection"), 3);
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
	tcase_add_test(tests, nobody_pushes_out_what_is_told_of_others);
	tcase_add_test(tests, what_goes_by_age_is_no_hole);
	tcase_add_test(tests, what_is_open_does_not_go);
	tcase_add_test(tests, clock_that_is_set_makes_nothing_older);
	tcase_add_test(tests, boot_before_the_time_is_known);
	tcase_add_test(tests, age_adds_up_over_boots);
	tcase_add_test(tests, open_ones_are_as_old_as_their_boot);
	tcase_add_test(tests, step_is_noted_once);
	tcase_add_test(tests, size_takes_what_is_really_the_oldest);
	tcase_add_test(tests, second_version_is_taken_over);
	tcase_add_test(tests, earlier_version_is_taken_over);
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
