// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the store of the history takes: connections a second, as records of
 * the file `events` (open, local end, close; a program for every ten), bytes
 * on disk, and time to find an address; beside SQLite alone, which inserts
 * the same columns without an index, in as large transactions.
 *
 *	history DIRECTORY [CONNECTIONS]
 */
#include <arpa/inet.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "history/history.h"
#include "tests/unit/stream.h"

#define OFFSET		1700000000000000000ll
#define BATCH		((size_t)4 << 20)	/* as historian.c has it */
#define ADDRESSES	200000u
#define LOOKUPS		100
#define BUDGET_RATE	50000.0
#define BUDGET_MS	50.0

static char file[4096];
static uint32_t seed = 1;

static double now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static uint32_t next_random(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

/* Spread over all of the Internet, as scattered as an index can have it. */
static void address_text(uint32_t number, char *text, size_t size)
{
	uint32_t address = htonl((number % ADDRESSES + 1) * 2654435761u);

	inet_ntop(AF_INET, &address, text, size);
}

static void remove_file(void)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char path[4200];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", file, suffixes[i]);
		unlink(path);
	}
}

/* ---- ingest -------------------------------------------------------------- */

static void add_program(struct stream *stream, uint32_t id)
{
	char exe[64], cgroup[64];
	struct stream_program program = {
		.process = id / 10 + 1, .start = id * 50000ull,
		.tgid = 1000 + id / 10, .exe = exe, .cgroup = cgroup,
		.ancestors = 3,
		.ancestor = { { 7, 900 + id / 1000, "/usr/bin/bash" },
			      { 5, 700, "/usr/sbin/cron" },
			      { 1, 1, "/usr/lib/systemd/systemd" } },
	};

	snprintf(exe, sizeof(exe), "/usr/bin/program-%u", id / 10 % 500);
	snprintf(cgroup, sizeof(cgroup), "/system.slice/service-%u.service",
		 id / 10 % 100);
	stream_process(stream, &program);
}

/* One of four accepted. */
static void add_connection(struct stream *stream, uint32_t id)
{
	uint64_t time = id * 50000ull;
	uint16_t port = 32768 + next_random() % 28232;
	struct cw_event_open *event;
	bool in = id % 4 == 3;
	char remote[32];

	if (id % 10 == 0)
		add_program(stream, id);
	address_text(next_random(), remote, sizeof(remote));
	event = stream_open(stream, id + 1, time, id / 10 + 1, remote,
			    in ? port : 443, "the web");
	event->in = in;
	event->uid = 1000;
	event->generation = 4;
	event->rule = id % 20;
	event->line = id % 20 + 3;
	stream_local(stream, id + 1, time + 30000, "198.51.100.1",
		     in ? 443 : port);
	stream_close(stream, id + 1, time + 5000000, 400 + id % 100,
		     3000 + id % 5000);
}

struct took {
	double wall, processor, longest;	/* seconds */
	unsigned batches;
};

static void store(struct cw_ingest *ingest, struct stream *stream,
		  struct took *took)
{
	double wall = now(CLOCK_MONOTONIC);
	double processor = now(CLOCK_PROCESS_CPUTIME_ID);
	uint64_t upto;

	if (cw_ingest_batch(ingest, stream->data, stream->size, OFFSET,
			    &upto)) {
		fprintf(stderr, "history: cannot store a batch\n");
		exit(1);
	}
	stream_clear(stream);
	wall = now(CLOCK_MONOTONIC) - wall;
	took->wall += wall;
	took->processor += now(CLOCK_PROCESS_CPUTIME_ID) - processor;
	took->longest = fmax(took->longest, wall);
	took->batches++;
}

static struct took ingest_all(uint32_t count)
{
	struct stream stream = { 0 };
	struct cw_ingest *ingest;
	struct took took = { 0 };

	if (cw_ingest_new(&ingest, file, "boot", "bench"))
		exit(1);
	for (uint32_t id = 0; id < count; id++) {
		add_connection(&stream, id);
		if (stream.size >= BATCH || id + 1 == count)
			store(ingest, &stream, &took);
	}
	if (cw_ingest_counts(ingest)->connections != count ||
	    cw_ingest_counts(ingest)->lost ||
	    cw_ingest_counts(ingest)->unknown) {
		fprintf(stderr, "history: records were lost\n");
		exit(1);
	}
	cw_ingest_free(ingest);
	stream_free(&stream);
	return took;
}

/* ---- SQLite alone -------------------------------------------------------- */

static void run(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "history: %s\n", sqlite3_errmsg(db));
		exit(1);
	}
}

static void insert_one(sqlite3_stmt *insert, uint32_t id)
{
	uint32_t address = next_random();

	sqlite3_bind_int64(insert, 1, id + 1);
	for (int i = 2; i <= 3; i++)
		sqlite3_bind_int64(insert, i, OFFSET + id * 50000ll);
	for (int i = 4; i <= 8; i++)
		sqlite3_bind_int(insert, i, i % 2);
	sqlite3_bind_blob(insert, 9, &address, 4, SQLITE_STATIC);
	sqlite3_bind_int(insert, 10, address % 60000);
	sqlite3_bind_blob(insert, 11, &address, 4, SQLITE_STATIC);
	for (int i = 12; i <= 23; i++)
		sqlite3_bind_int(insert, i, 443 + i);
	sqlite3_step(insert);
	sqlite3_reset(insert);
}

static double insert_all(uint32_t count, uint32_t batch)
{
	double start = now(CLOCK_MONOTONIC);
	sqlite3_stmt *insert;
	sqlite3 *db;

	if (sqlite3_open(file, &db) != SQLITE_OK)
		exit(1);
	run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	    "PRAGMA wal_autocheckpoint=8192; CREATE TABLE bare ("
	    "a INTEGER PRIMARY KEY,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w)");
	sqlite3_prepare_v2(db, "INSERT INTO bare VALUES (?,?,?,?,?,?,?,?,?,?,"
			   "?,?,?,?,?,?,?,?,?,?,?,?,?)", -1, &insert, NULL);
	for (uint32_t id = 0; id < count; id++) {
		if (id % batch == 0)
			run(db, "BEGIN");
		insert_one(insert, id);
		if (id % batch == batch - 1 || id + 1 == count)
			run(db, "COMMIT");
	}
	sqlite3_finalize(insert);
	sqlite3_close(db);
	return now(CLOCK_MONOTONIC) - start;
}

/* ---- looking up ---------------------------------------------------------- */

static int count_row(void *data, const struct cw_past *past)
{
	*(unsigned *)data += past->program.exe[0] == '/';
	return 0;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Each as policyctl does it: open, ask, close. */
static double look_up(uint32_t number, unsigned *found)
{
	double start = now(CLOCK_MONOTONIC);
	struct cw_past_filter filter;
	struct cw_history *history;
	char text[32];

	cw_past_filter_init(&filter);
	address_text(number, text, sizeof(text));
	inet_pton(AF_INET, text, filter.address);
	filter.family = 4;
	filter.prefix = 32;
	if (cw_history_open(&history, file) ||
	    cw_history_query(history, &filter, count_row, found))
		exit(1);
	cw_history_close(history);
	return (now(CLOCK_MONOTONIC) - start) * 1e3;
}

static void bench_lookups(void)
{
	double ms[LOOKUPS];
	unsigned found = 0;

	for (int i = 0; i < LOOKUPS; i++)
		ms[i] = look_up(next_random(), &found);
	qsort(ms, LOOKUPS, sizeof(ms[0]), compare);
	printf("who ADDRESS           median %.2f ms, longest %.2f ms of %d "
	       "(%u rows); budget %.0f ms: %s\n", ms[LOOKUPS / 2],
	       ms[LOOKUPS - 1], LOOKUPS, found, BUDGET_MS,
	       ms[LOOKUPS - 1] < BUDGET_MS ? "ok" : "OVER");
}

int main(int argc, char **argv)
{
	uint32_t count = argc > 2 ? atoi(argv[2]) : 1000000;
	struct took took;
	struct stat st;
	double bare;

	if (argc < 2 || !count)
		return 2;
	snprintf(file, sizeof(file), "%s/history-bench.db", argv[1]);
	remove_file();
	took = ingest_all(count);
	if (stat(file, &st))
		return 1;
	printf("stored                %u connections, %u programs, 0 lost\n",
	       count, (count + 9) / 10);
	printf("ingest                %.0f connections/s (%.0f by processor "
	       "time), longest batch of %u %.2f s; budget %.0f/s: %s\n",
	       count / took.wall, count / took.processor, took.batches,
	       took.longest, BUDGET_RATE,
	       count / took.wall > BUDGET_RATE ? "ok" : "OVER");
	printf("on disk               %.0f bytes a connection\n",
	       (double)st.st_size / count);
	bench_lookups();
	remove_file();
	bare = insert_all(count, count / took.batches + 1);
	printf("SQLite alone          %.0f rows/s without an index: %.1f times "
	       "as many\n", count / bare, took.wall / bare);
	remove_file();
	return 0;
}
