/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The history: connections on disk.  policyd writes it, from the records of
 * the file `events`; policyctl reads it.  One SQLite file, one writer, any
 * number of readers.
 *
 * Functions return 0 or a negative errno unless it is said otherwise.
 */
#ifndef CW_HISTORY_H
#define CW_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/cw_abi.h"
#include "include/cw_event.h"
#include "lib/lib.h"

#define CW_HISTORY_FILE		"/var/lib/connwarden/history.db"
#define CW_BYTES_UNKNOWN	UINT64_MAX

/* ---- what is remembered -------------------------------------------------- */

struct cw_ancestor {
	uint32_t tgid;
	int64_t start;			/* ns since 1970 */
	const char *exe;
};

/* A program executed by a process.  Strings are never NULL, "" = none. */
struct cw_program {
	int64_t id;			/* in this history; 0 = there is none */
	uint32_t tgid;			/* 0 = the kernel, or not known */
	int64_t start;			/* of the process, ns since 1970 */
	const char *exe;
	const char *script;
	const char *cgroup;
	const char *unit;		/* systemd's, from the cgroup */
	const char *command;		/* line, as it was executed */
	uint32_t auid, session;		/* of the login; UINT32_MAX = none */
	bool is_plain;			/* path rules may match exe */
	unsigned ancestors;		/* nearest first */
	struct cw_ancestor ancestor[CW_ANCESTORS];
};

/* One connection.  Addresses as in cw_event.h: network order, IPv4 in the
 * first 4 bytes. */
struct cw_past {
	int64_t id;			/* in this history, ascending */
	const char *host;		/* "" = this one */
	int64_t opened;			/* ns since 1970 */
	int64_t closed;			/* likewise, 0 = not known to be over;
					 * of a refused one = opened */
	bool is_live;			/* not over, and the module that told
					 * of it is the last one, of this boot */
	uint8_t family;			/* 4, 6, 0 = not an address */
	uint8_t proto;			/* enum cw_proto */
	bool in;			/* accepted */
	uint8_t verdict;		/* as in struct cw_event_open */
	uint8_t attribution;		/* enum cw_attribution */
	uint8_t local[16], remote[16];
	uint16_t local_port, remote_port;
	uint32_t pid, uid, netns;
	uint8_t netns_owner;		/* enum cw_netns_owner */
	uint64_t generation;		/* of the policy, 0 = none */
	uint32_t rule, line;		/* CW_RULE_DEFAULT, 0 = none */
	const char *label;
	uint16_t number;		/* IP protocol (raw), ethertype (packet),
					 * 0 = none */
	const char *interface;		/* "" = none */
	uint8_t established;		/* enum cw_established */
	uint8_t ending;			/* enum cw_ending */
	uint64_t sent, received;	/* bytes or CW_BYTES_UNKNOWN */
	struct cw_program program;	/* who opened it */
	struct cw_program user;		/* the last other program that used it */
};

/* Records that are missing, and from when to when they would have been. */
struct cw_hole {
	int64_t since, until;		/* ns since 1970 */
	uint64_t records;
	/* "kernel" the ring was full; "disk" they could not be written;
	 * "elsewhere" they went to another reader or history;
	 * CW_HOLE_TABLE connections that the kernel's table had no room for;
	 * CW_HOLE_SIZE connections that went before their time, as the history
	 * was too large */
	const char *reason;
};

#define CW_HOLE_TABLE	"table"
#define CW_HOLE_SIZE	"size"

/* Bytes that a connection had moved by then. */
struct cw_traffic {
	int64_t connection;		/* id */
	int64_t time;			/* ns since 1970 */
	uint64_t sent, received;	/* bytes or CW_BYTES_UNKNOWN */
};

/* The clock of the host was set.  Times stored before are by the old one. */
struct cw_step {
	int64_t before, after;		/* ns since 1970, of one moment */
};

/* ---- reading ------------------------------------------------------------- */

/* All that is set must hold. */
struct cw_past_filter {
	int64_t since, until;		/* open at some time between; 0 = any */
	uint8_t family;			/* of address: 4, 6, 0 = any address */
	uint8_t address[16];
	uint8_t prefix;			/* bits of it that count */
	int port;			/* -1 = any */
	bool remote_only;		/* else either end may be address:port */
	const char *exe;		/* path or glob, of exe or script; or NULL */
	int64_t uid;			/* -1 = any */
	int64_t tgid;			/* -1 = any */
	int verdict;			/* -1 = any */
	int proto;			/* -1 = any */
	int in;				/* 0 out, 1 in, -1 = any */
	unsigned limit;			/* the newest that match; 0 = all */
};

struct cw_history;

/* Everything but remote_only, exe and the times set to "any". */
void cw_past_filter_init(struct cw_past_filter *filter);
/* For reading.  -ENOENT there is none; -EACCES; -EPROTO of another version. */
int cw_history_open(struct cw_history **history, const char *file);
void cw_history_close(struct cw_history *history);
/* Ascending by opened; @past is valid during the call.  Not 0 from @each ends
 * the query and is returned. */
int cw_history_query(struct cw_history *history,
		     const struct cw_past_filter *filter,
		     int (*each)(void *data, const struct cw_past *past),
		     void *data);
/* When the oldest connection was opened, 0 = there is none. */
int cw_history_oldest(struct cw_history *history, int64_t *opened);
int cw_history_holes(struct cw_history *history, int64_t since, int64_t until,
		     int (*each)(void *data, const struct cw_hole *hole),
		     void *data);

/* What connections had moved at times between @since and @until, 0 = any; of
 * @connection, 0 = of all.  Ascending by time. */
int cw_history_traffic(struct cw_history *history, int64_t connection,
		       int64_t since, int64_t until,
		       int (*each)(void *data, const struct cw_traffic *traffic),
		       void *data);

/* Those for which a time between @since and @until may be one of the other
 * clock; 0 = any. */
int cw_history_steps(struct cw_history *history, int64_t since, int64_t until,
		     int (*each)(void *data, const struct cw_step *step),
		     void *data);

/* ---- backup.c ------------------------------------------------------------- */

/*
 * Copies the history @from to @file, which must not be there (-EEXIST): whole
 * and on the disk, or not at all; mode 0600.  policyd may write meanwhile.
 */
int cw_history_backup(const char *from, const char *file);

/* ---- boot.c -------------------------------------------------------------- */

int cw_boot_read(char *boot, size_t size);

/* ---- sql.c: SQLite as 0 or a negative errno ------------------------------ */

struct sqlite3;
struct sqlite3_stmt;

/* -EUCLEAN corrupt; -ENOSPC; -EROFS; -EBUSY; ... */
int cw_sql_error(struct sqlite3 *db);
int cw_sql_exec(struct sqlite3 *db, const char *text);
int cw_sql_prepare(struct sqlite3 *db, const char *text,
		   struct sqlite3_stmt **statement);
/* Binds a number of bytes, or NULL for one that is not known. */
void cw_sql_bind_bytes(struct sqlite3_stmt *statement, int at, uint64_t bytes);
/* Binds @value, or NULL for @none. */
void cw_sql_bind_unless(struct sqlite3_stmt *statement, int at, int64_t value,
			int64_t none);
/* All of a statement that returns no rows; it can be run again. */
int cw_sql_run(struct sqlite3_stmt *statement);
/* 1 = a row, 0 = no more. */
int cw_sql_row(struct sqlite3_stmt *statement);
/* The one value that @text selects. */
int cw_sql_number(struct sqlite3 *db, const char *text, int64_t *number);

/* How long a writer waits for others, ms. */
#define CW_SQL_WAIT	1000

/* ---- log_size.c: the write-ahead log ------------------------------------- */

/* Cuts the log when it is too large for a history of @most bytes, outside of a
 * transaction; returns the bytes that the log counts. */
int64_t cw_log_size_bound(struct sqlite3 *db, int64_t most);

/* ---- schema.c: the tables ------------------------------------------------ */

/* For writing, and makes what is missing.  -EPROTO it is of another version,
 * or no history; -EUCLEAN it is corrupt. */
int cw_schema_create(struct sqlite3 **db, const char *file);
/* For reading. */
int cw_schema_open(struct sqlite3 **db, const char *file);

/* Ports below this have an index.  Linux gives others to clients. */
#define CW_PORT_INDEXED	"32768"

/* ---- strings.c: id -> text, for readers ----------------------------------- */

struct cw_strings;

struct cw_strings *cw_strings_new(void);
void cw_strings_free(struct cw_strings *strings);
/* NULL = not there.  Valid until cw_strings_free(). */
const char *cw_strings_get(const struct cw_strings *strings, int64_t id);
/* NULL = no memory. */
const char *cw_strings_put(struct cw_strings *strings, int64_t id,
			   const char *text);

/* ---- select.c: which connections match ------------------------------------ */

struct cw_found {
	int64_t opened, id;
};

/* Zeroed, but for what is marked as input. */
struct cw_select {
	struct sqlite3 *db;			/* input */
	const struct cw_past_filter *filter;	/* input */
	int64_t open_from;			/* input: of those whose end is
						 * not known, ids above this
						 * may still be open at since */
	uint8_t low[16], high[16];
	char *text;
	size_t text_size;
	struct cw_found *found;			/* output: ascending */
	size_t count, room;
};

/* Once for each connection to the database. */
int cw_select_init(struct sqlite3 *db);
int cw_select_run(struct cw_select *select);
void cw_select_free(struct cw_select *select);

/* ---- memo.c: bytes -> id, bounded ---------------------------------------- */

struct cw_memo;

struct cw_memo *cw_memo_new(void);
void cw_memo_free(struct cw_memo *memo);
void cw_memo_clear(struct cw_memo *memo);
int64_t cw_memo_get(struct cw_memo *memo, const void *key, size_t size);
void cw_memo_put(struct cw_memo *memo, const void *key, size_t size,
		 int64_t id);

/* ---- store.c: rows, for one thread --------------------------------------- */

#define CW_SOURCE_NAME	40	/* boot_id, instance; with the NUL */

/* One load of the module, as it was at the last commit. */
struct cw_event_source {
	int64_t id;
	int64_t since, until;
	int64_t base;			/* the history's clock at the boot, s */
	int64_t heard;			/* the same when it was last heard of */
	uint64_t last;			/* sequence number */
	int64_t offset;			/* ns: since 1970 minus since boot */
	int64_t connections, programs;	/* ids are these plus the kernel's */
	int64_t top_connection, top_program;
};

/* A connection as it is written; fields as in struct cw_past. */
struct cw_row {
	int64_t id, opened, closed;
	int64_t clock;			/* the history's, s: of the end, or of
					 * the begin while that is not known */
	int64_t program, user;		/* ids, 0 = none */
	uint64_t generation, sent, received;
	const char *label, *interface;	/* borrowed until it is stored */
	uint32_t pid, uid, netns, rule, line;
	uint8_t netns_owner;
	uint16_t local_port, remote_port, number;
	uint8_t local[16], remote[16];
	uint8_t family, proto, in, verdict, attribution, established, ending;
};

struct cw_store;

int cw_store_open(struct cw_store **store, const char *file);
void cw_store_close(struct cw_store *store);
struct sqlite3 *cw_store_db(struct cw_store *store);
/* Rows of texts or ancestors were removed. */
void cw_store_forget(struct cw_store *store);
int cw_store_begin(struct cw_store *store);
int cw_store_commit(struct cw_store *store);
/* The one that goes on, or a new one.  @step: before it, the clock was set back;
 * zeroed if that is not known. */
int cw_store_source(struct cw_store *store, const char *boot,
		    const char *instance, int64_t offset,
		    struct cw_event_source *source, struct cw_step *step);
int cw_store_save(struct cw_store *store, const struct cw_event_source *source);
/* What is there already stays as it is. */
int cw_store_program(struct cw_store *store, const struct cw_program *program);
int cw_store_connection(struct cw_store *store, const struct cw_row *row);
/* An id, 0 for "", or a negative errno. */
int64_t cw_store_label(struct cw_store *store, const char *label);
struct cw_updates *cw_store_updates(struct cw_store *store);
/* The local end, which may not be known yet: binds address and port. */
void cw_store_bind_local(struct sqlite3_stmt *statement, int at, uint8_t family,
			 const uint8_t *address, uint16_t port);
/* @clock: the history's, s. */
int cw_store_hole(struct cw_store *store, const struct cw_hole *hole,
		  int64_t clock);
/* Adds @hole to the last one, if that has the same reason and is not long over.
 * 1 = done, 0 = it must be stored itself. */
int cw_store_extend_hole(struct cw_store *store, const struct cw_hole *hole,
			 int64_t clock);
int cw_store_step(struct cw_store *store, const struct cw_step *step,
		  int64_t clock);

/* ---- update.c: what becomes of rows --------------------------------------- */

struct cw_updates;
struct cw_batch;

int cw_updates_new(struct cw_updates **updates, struct sqlite3 *db);
void cw_updates_free(struct cw_updates *updates);
/* 1 = done, 0 = there is no such connection. */
int cw_update_local(struct cw_updates *updates, int64_t id, const uint8_t *local,
		    uint16_t port);
/* @row: its id, the end, the bytes, and how it ended. */
int cw_update_closed(struct cw_updates *updates, const struct cw_row *row);
int cw_update_user(struct cw_updates *updates, int64_t id, int64_t program);
/* @row: its id and verdict; @label: an id, 0 = none. */
int cw_update_judged(struct cw_updates *updates, const struct cw_row *row,
		     int64_t label);
/* Bytes until now, of @row. */
int cw_update_bytes(struct cw_updates *updates, const struct cw_row *row);
/* Notes them for that time as well.  @clock: the history's, s. */
int cw_update_traffic(struct cw_updates *updates,
		      const struct cw_traffic *traffic, int64_t clock);

/* ---- change.c: records about connections that are there -------------------- */

/* LOCAL, CLOSE, USED, JUDGED, TRAFFIC.  1 = done, 0 = no such connection. */
int cw_change_take(struct cw_store *store, struct cw_batch *batch,
		   const struct cw_event_source *source,
		   const struct cw_event *event);

/* ---- clock.c: the history's clock, and the host's ------------------------- */

/*
 * Age is by a clock of the history's own, which nobody can set: the seconds that
 * the host was up since the history began, summed over all boots.  It never runs
 * ahead of the time that has really passed.
 */

/* A clock of clock_gettime(2), ns. */
int64_t cw_clock_read(int clock);
/* The history's clock, s, at @boottime, ns. */
int64_t cw_clock_at(const struct cw_event_source *source, int64_t boottime);
/* The source is heard of at @boottime. */
void cw_clock_hear(struct cw_event_source *source, int64_t boottime);
/* The host's clock has @offset now.  true = it was set by so much that whoever
 * looks back must know of @step. */
bool cw_clock_set(struct cw_event_source *source, int64_t offset,
		  struct cw_step *step);
void cw_clock_log(const struct cw_step *step);

/* ---- aside.c --------------------------------------------------------------- */

/* Moves a corrupt history away, with its log. */
void cw_aside_move(const char *file);

/* ---- batch.c: connections until the end of a transaction ------------------ */

struct cw_batch;

struct cw_batch *cw_batch_new(void);
void cw_batch_free(struct cw_batch *batch);
void cw_batch_clear(struct cw_batch *batch);
/* Zeroed but for the id; NULL: there is no memory, or (errno = EEXIST) it is
 * there already.  Valid until the next one is added. */
struct cw_row *cw_batch_add(struct cw_batch *batch, int64_t id);
struct cw_row *cw_batch_find(struct cw_batch *batch, int64_t id);
/* All, in the order in which they were added. */
int cw_batch_store(struct cw_batch *batch, struct cw_store *store);

/* ---- event.c: records of the file events ---------------------------------- */

/* The next one, or NULL: *@at is the end, or no record can begin there. */
const struct cw_event *cw_event_next(const uint8_t **at, const uint8_t *end);
/* It has all that its type promises; only then may it be used. */
bool cw_event_is_whole(const struct cw_event *event);
/* Texts point into @event. */
void cw_event_program(const struct cw_event_process *event,
		      const struct cw_event_source *source,
		      struct cw_program *program);
/* All but the id. */
void cw_event_row(const struct cw_event_open *event,
		  const struct cw_event_source *source, struct cw_row *row);

/* ---- ingest.c: records into rows, for one thread -------------------------- */

/* Since the start. */
struct cw_ingest_counts {
	uint64_t connections;	/* stored */
	uint64_t lost;		/* records that did not come: see cw_hole */
	uint64_t dropped;	/* records given up by cw_ingest_drop() */
	uint64_t holes;		/* rows */
	uint64_t unknown;	/* records about connections not known */
	uint64_t malformed;	/* records */
};

struct cw_ingest;

/* Opens nothing yet.  @boot and @instance say which load of the module. */
int cw_ingest_new(struct cw_ingest **ingest, const char *file,
		  const char *boot, const char *instance);
/* Closes cleanly. */
void cw_ingest_free(struct cw_ingest *ingest);
/* Opens the file if it is not; a corrupt one is moved aside. */
int cw_ingest_open(struct cw_ingest *ingest, int64_t offset);
/*
 * Stores all records of @data, in one transaction; *@upto = the last sequence
 * number, which may be acknowledged then.  On an error nothing is stored, the
 * file is closed, and the same can be tried again.  @offset: ns since 1970
 * minus since boot.
 */
int cw_ingest_batch(struct cw_ingest *ingest, const void *data, size_t size,
		    int64_t offset, uint64_t *upto);
/* Gives them up: programs are remembered and the hole, to be stored with the
 * next batch that can be. */
void cw_ingest_drop(struct cw_ingest *ingest, const void *data, size_t size,
		    int64_t offset, uint64_t *upto);
/* Looks at the clock when there is nothing to store: notes that it was set, and
 * now and then how long the host is up.  @boottime: ns.  Like a batch, when it
 * fails. */
int cw_ingest_tick(struct cw_ingest *ingest, int64_t offset, int64_t boottime);
/* The history's clock at @boottime, s. */
int64_t cw_ingest_clock(const struct cw_ingest *ingest, int64_t boottime);
const struct cw_ingest_counts *cw_ingest_counts(const struct cw_ingest *ingest);
/* NULL = not open. */
struct cw_store *cw_ingest_store(struct cw_ingest *ingest);
const struct cw_event_source *cw_ingest_source(const struct cw_ingest *ingest);

/* ---- room.c: what goes before its time ------------------------------------- */

struct cw_room;

struct cw_room *cw_room_new(void);
void cw_room_free(struct cw_room *room);
/* In a transaction: removes some connections of who has most, and notes the hole;
 * 1 = some went, 0 = there is none that may.  @now: the history's clock, s. */
int cw_room_make(struct cw_room *room, struct sqlite3 *db,
		 const struct cw_event_source *source, int64_t now);
/* Connections went or came otherwise: counts anew. */
void cw_room_forget(struct cw_room *room);

/* ---- expire.c: what is too old, or too much, goes -------------------------- */

struct cw_expiry;

int cw_expiry_new(struct cw_expiry **expiry, unsigned days,
		  unsigned megabytes);
void cw_expiry_free(struct cw_expiry *expiry);
/*
 * One transaction; 1 = there may be more to do.  @now: the history's clock, s.
 * @caught_up: since the last step, all that the kernel had to tell was read
 * and stored.
 */
int cw_expiry_step(struct cw_expiry *expiry, struct cw_store *store,
		   const struct cw_event_source *source, int64_t now, bool caught_up);

#endif
