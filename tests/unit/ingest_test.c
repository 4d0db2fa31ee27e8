// SPDX-License-Identifier: GPL-2.0-only
/* Random streams against a simple model, and writers that are killed. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "history/history.h"
#include "fixture.h"
#include "stream.h"

#define OFFSET		1700000000000000000ll
#define IDS		400u
#define KILLS		20

static struct fixture fixture;
static struct stream stream;
static char file[128];
static uint32_t seed;

static void setup(void)
{
	fixture_init_at(&fixture, "/dev/shm");
	snprintf(file, sizeof(file), "%s/history.db", fixture.dir);
}

static void teardown(void)
{
	stream_free(&stream);
	fixture_exit(&fixture);
}

static uint32_t next_random(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* ---- the model ------------------------------------------------------------ */

struct model {
	bool is_there;
	uint64_t opened, closed, sent;
	uint64_t generation;
	uint8_t verdict, established, ending;
	unsigned traffic;	/* how often it was told */
	uint32_t program, user;
	uint16_t port;		/* of the local end */
};

static struct model model[IDS];
static uint64_t unknown, lost;
static unsigned traffic;

static void say_open(uint32_t id, uint64_t time)
{
	uint32_t program = 1 + next_random(9);
	struct cw_event_open *event;

	if (model[id].is_there)
		return;
	event = stream_open(&stream, id, time, program, "203.0.113.7", 80, "");
	event->verdict = next_random(4);
	model[id] = (struct model) {
		.is_there = true, .opened = time, .program = program,
		.closed = event->verdict == 1 ? time : 0,
		.sent = CW_BYTES_UNKNOWN, .verdict = event->verdict,
	};
}

static void say_local(uint32_t id, uint64_t time)
{
	uint16_t port = 1 + next_random(60000);

	stream_local(&stream, id, time, "198.51.100.1", port);
	unknown += !model[id].is_there;
	if (model[id].is_there)
		model[id].port = port;
}

static void say_close(uint32_t id, uint64_t time)
{
	uint64_t sent = next_random(100000);
	struct cw_event_close *event = stream_close(&stream, id, time, sent,
						    sent);

	event->established = next_random(CW_ESTABLISHED_COUNT);
	event->ending = next_random(CW_ENDING_COUNT);
	unknown += !model[id].is_there;
	if (model[id].is_there) {
		model[id].closed = time;
		model[id].sent = sent;
		model[id].established = event->established;
		model[id].ending = event->ending;
	}
}

static void say_judged(uint32_t id, uint64_t time)
{
	uint64_t generation = 1 + next_random(9);
	struct cw_event_judged *event = stream_judged(&stream, id, time,
						      "answers");

	event->generation = generation;
	unknown += !model[id].is_there;
	if (model[id].is_there) {
		model[id].verdict = event->verdict;
		model[id].generation = generation;
	}
}

static void say_traffic(uint32_t id, uint64_t time)
{
	uint64_t sent = next_random(100000);

	stream_traffic(&stream, id, time, sent, CW_BYTES_UNKNOWN)->established =
		CW_ESTABLISHED_YES;
	unknown += !model[id].is_there;
	if (model[id].is_there) {
		model[id].sent = sent;
		model[id].established = CW_ESTABLISHED_YES;
		model[id].traffic++;
		traffic++;
	}
}

static void say_used(uint32_t id, uint64_t time)
{
	uint32_t program = 1 + next_random(9);

	stream_used(&stream, id, time, program);
	unknown += !model[id].is_there;
	if (model[id].is_there && program != model[id].program)
		model[id].user = program;
}

static void say_something(uint64_t time)
{
	uint32_t id = 1 + next_random(IDS - 1), many;

	switch (next_random(12)) {
	case 0:
		many = 1 + next_random(5);
		if (next_random(2))
			stream_lost(&stream, many);
		else
			stream.sequence += many;
		lost += many;
		return;
	case 1:
		say_used(id, time);
		return;
	case 2:
	case 3:
		say_local(id, time);
		return;
	case 4:
	case 5:
		say_close(id, time);
		return;
	case 6:
		say_judged(id, time);
		return;
	case 7:
		say_traffic(id, time);
		return;
	}
	say_open(id, time);
}

static unsigned seen;

static int check_row(void *data, const struct cw_past *past)
{
	const struct model *m = &model[past->id];

	(void)data;
	seen++;
	ck_assert(m->is_there);
	ck_assert_int_eq(past->opened, OFFSET + (int64_t)m->opened);
	ck_assert_int_eq(past->closed, m->closed ? OFFSET + (int64_t)m->closed
						 : 0);
	ck_assert_uint_eq(past->sent, m->sent);
	ck_assert_uint_eq(past->local_port, m->port);
	ck_assert_uint_eq(past->verdict, m->verdict);
	ck_assert_uint_eq(past->generation, m->generation);
	ck_assert_str_eq(past->label, m->generation ? "answers" : "");
	ck_assert_uint_eq(past->established, m->established);
	ck_assert_uint_eq(past->ending, m->ending);
	ck_assert_uint_eq(past->program.tgid, 100 + m->program);
	ck_assert_uint_eq(past->user.tgid, m->user ? 100 + m->user : 0);
	return 0;
}

static int count_traffic(void *data, const struct cw_traffic *one)
{
	ck_assert_uint_eq(one->received, CW_BYTES_UNKNOWN);
	ck_assert(model[one->connection].traffic--);
	++*(unsigned *)data;
	return 0;
}

static int add_hole(void *data, const struct cw_hole *hole)
{
	*(uint64_t *)data += hole->records;
	ck_assert_int_le(hole->since, hole->until);
	return 0;
}

static void check_all(const struct cw_ingest *ingest)
{
	struct cw_past_filter filter;
	struct cw_history *history;
	unsigned wanted = 0, told = 0;
	uint64_t records = 0;

	seen = 0;
	for (unsigned id = 0; id < IDS; id++)
		wanted += model[id].is_there;
	cw_past_filter_init(&filter);
	ck_assert_int_eq(cw_history_open(&history, file), 0);
	ck_assert_int_eq(cw_history_query(history, &filter, check_row, NULL),
			 0);
	ck_assert_int_eq(cw_history_holes(history, 0, 0, add_hole, &records),
			 0);
	ck_assert_int_eq(cw_history_traffic(history, 0, 0, 0, count_traffic,
					    &told), 0);
	cw_history_close(history);
	ck_assert_uint_eq(told, traffic);
	ck_assert_uint_eq(seen, wanted);
	ck_assert_uint_eq(records, lost);
	ck_assert_uint_eq(cw_ingest_counts(ingest)->unknown, unknown);
	ck_assert_uint_eq(cw_ingest_counts(ingest)->malformed, 0);
}

static void say_programs(void)
{
	for (unsigned i = 1; i < 10; i++) {
		struct stream_program program = {
			.process = i, .tgid = 100 + i, .exe = "/usr/bin/x",
		};

		stream_process(&stream, &program);
	}
}

/* A batch may come twice: the reader died before it acknowledged. */
START_TEST(history_is_as_the_model)
{
	struct cw_ingest *ingest;
	uint64_t upto, time = 0;

	seed = _i + 1;
	memset(model, 0, sizeof(model));
	unknown = lost = traffic = 0;
	ck_assert_int_eq(cw_ingest_new(&ingest, file, "boot", "1"), 0);
	say_programs();
	for (int batch = 0; batch < 12; batch++) {
		for (uint32_t i = next_random(200); i > 0; i--)
			say_something(time += 1000);
		/* A hole that ends a batch is seen by the next. */
		stream_local(&stream, IDS + 1, time += 1000, "127.0.0.1", 1);
		unknown++;
		for (int again = next_random(2); again >= 0; again--)
			ck_assert_int_eq(cw_ingest_batch(ingest, stream.data,
				stream.size, OFFSET, &upto), 0);
		stream_clear(&stream);
	}
	check_all(ingest);
	cw_ingest_free(ingest);
}
END_TEST

/* ---- killed in the middle -------------------------------------------------- */

/* What the kernel would keep: a stream, and how much was acknowledged. */
struct shared {
	uint64_t acknowledged;
};

static void make_stream(void)
{
	stream.sequence = 0;
	stream_clear(&stream);
	say_programs();
	for (unsigned id = 1; id <= 20000; id++) {
		stream_open(&stream, id, id * 1000, 1 + id % 9, "203.0.113.7",
			    80, "");
		if (id > 30)
			stream_close(&stream, id - 30, id * 1000, id, id);
	}
}

/* From the first record that was not acknowledged, as from the kernel. */
static void write_from(struct shared *shared)
{
	const uint8_t *at = stream.data, *end = at + stream.size, *from = at;
	struct cw_ingest *ingest;
	uint64_t upto;

	if (cw_ingest_new(&ingest, file, "boot", "1"))
		_exit(1);
	for (const struct cw_event *event; (event = cw_event_next(&at, end));) {
		if (event->sequence <= shared->acknowledged) {
			from = at;
			continue;
		}
		if (event->sequence % 97 && at != end)
			continue;
		if (cw_ingest_batch(ingest, from, at - from, OFFSET, &upto))
			_exit(1);
		usleep(next_random(50));
		shared->acknowledged = upto;
		from = at;
	}
	cw_ingest_free(ingest);
	_exit(0);
}

static bool is_finished(struct shared *shared, unsigned delay)
{
	pid_t child = fork();
	int status;

	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		write_from(shared);
	}
	if (delay) {
		usleep(delay);
		kill(child, SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) || !WEXITSTATUS(status));
	return WIFEXITED(status);
}

static int count_row(void *data, const struct cw_past *past)
{
	unsigned *next = data;

	ck_assert_int_eq(past->id, ++*next);
	ck_assert_int_eq(past->closed != 0, past->id <= 20000 - 30);
	ck_assert_str_eq(past->program.exe, "/usr/bin/x");
	return 0;
}

START_TEST(killed_writers_leave_all_and_nothing_twice)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ |
				     PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				     -1, 0);
	struct cw_past_filter filter;
	struct cw_history *history;
	uint64_t records = 0;
	unsigned next = 0;

	seed = 7;
	make_stream();
	for (int i = 0; i < KILLS; i++)
		is_finished(shared, 5000 + next_random(40000));
	ck_assert_uint_gt(shared->acknowledged, 0);
	ck_assert(is_finished(shared, 0));
	ck_assert_uint_eq(shared->acknowledged, stream.sequence);
	cw_past_filter_init(&filter);
	ck_assert_int_eq(cw_history_open(&history, file), 0);
	ck_assert_int_eq(cw_history_query(history, &filter, count_row, &next),
			 0);
	ck_assert_int_eq(cw_history_holes(history, 0, 0, add_hole, &records),
			 0);
	cw_history_close(history);
	ck_assert_uint_eq(next, 20000);
	ck_assert_uint_eq(records, 0);
	munmap(shared, sizeof(*shared));
}
END_TEST

static Suite *ingest_suite(void)
{
	Suite *suite = suite_create("ingest");
	TCase *tests = tcase_create("ingest");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, history_is_as_the_model, 0, 20);
	tcase_add_test(tests, killed_writers_leave_all_and_nothing_twice);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, ingest_suite);
}
