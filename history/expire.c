// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removes what is too old, or some of what is not when there is too much (room.c):
 * a little at a time, between batches.
 *
 * The kernel tells of a program once, so one of this load of the module goes
 * only when its process is dead and all that was told of it has been read:
 * found dead in one step, it is removed in a later one that has caught up
 * with the kernel in between.
 */
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "history.h"

#define CONNECTIONS	"1000"	/* removed in a step */
#define TRAFFIC		"10000"	/* likewise */
#define PROGRAMS	4000u	/* looked at in a step */
#define PAGES		"1024"	/* given back to the file system in a step */

#define IS_USED(id) \
	"(EXISTS (SELECT 1 FROM connection WHERE program=" id ") OR " \
	"EXISTS (SELECT 1 FROM connection WHERE user=" id "))"

/* What connections have moved, minute by minute, takes a quarter of the room at
 * most; a row with its indexes has about as many bytes. */
#define TRAFFIC_PART	4
#define TRAFFIC_BYTES	100

enum statement {
	REMOVE_OLD, REMOVE_TRAFFIC, REMOVE_HOLES, REMOVE_STEPS, REMOVE_SOURCES,
	LIST_PROGRAMS, REMOVE_PROGRAM,
	REMOVE_ANCESTORS, REMOVE_TEXTS,
	STATEMENTS
};

/* When the source of a connection was last heard of: an earlier one's that has
 * no end was open until then, for all that is known. */
#define HEARD \
	"ifnull((SELECT heard FROM source WHERE connections<c.id " \
	"ORDER BY connections DESC LIMIT 1), c.clock)"

/* ?1 = what is too old by the clock of the history, ?2 = base of the source that
 * goes on, ?3 = how many rows of traffic are kept. */
static const char *const text_of[STATEMENTS] = {
	[REMOVE_OLD] = "DELETE FROM connection WHERE id IN (SELECT c.id "
		"FROM connection c INDEXED BY connection_clock WHERE "
		"c.clock<?1 AND (c.closed IS NOT NULL OR "
		"(c.id<=?2 AND " HEARD "<?1)) "
		"ORDER BY c.clock LIMIT " CONNECTIONS ")",
	[REMOVE_HOLES] = "DELETE FROM hole WHERE clock<?1",
	[REMOVE_STEPS] = "DELETE FROM step WHERE clock<?1",
	[REMOVE_SOURCES] = "DELETE FROM source WHERE heard<?1 AND "
		"connections<?2",
	[LIST_PROGRAMS] = "SELECT id, tgid, " IS_USED("program.id")
		" FROM program WHERE id>?1 ORDER BY id LIMIT ?2",
	[REMOVE_PROGRAM] = "DELETE FROM program WHERE id=?1 AND NOT "
		IS_USED("?1"),
	[REMOVE_ANCESTORS] = "DELETE FROM ancestor WHERE id NOT IN "
		"(SELECT ancestor FROM program UNION "
		"SELECT next FROM ancestor)",
	[REMOVE_TEXTS] = "DELETE FROM text WHERE id NOT IN "
		"(SELECT exe FROM program UNION SELECT exe FROM ancestor "
		"UNION SELECT ifnull(script, 0) FROM program "
		"UNION SELECT ifnull(cgroup, 0) FROM program "
		"UNION SELECT ifnull(unit, 0) FROM program "
		"UNION SELECT ifnull(command, 0) FROM program "
		"UNION SELECT interface FROM connection "
		"WHERE interface IS NOT NULL)",
	[REMOVE_TRAFFIC] = "DELETE FROM traffic WHERE id<min("
		"(SELECT min(id) FROM traffic)+" TRAFFIC ", "
		"max((SELECT max(id) FROM traffic)-?3, "
		"ifnull((SELECT id FROM traffic WHERE clock>=?1 "
		"ORDER BY id LIMIT 1), 9223372036854775807)))",
};

struct cw_expiry {
	int64_t age;			/* s */
	int64_t bytes;
	struct cw_room *room;
	int64_t cursor;			/* of programs: all below were seen */
	bool is_littered;		/* programs went since the last sweep */
	int64_t dead[PROGRAMS];
	unsigned dead_count;
};

/* One step, in one transaction. */
struct step {
	struct cw_expiry *expiry;
	sqlite3 *db;
	const struct cw_event_source *source;
	int64_t now;			/* by the history's clock */
	int64_t before;			/* too old, likewise */
	int64_t log;			/* bytes that are not in the database */
};

int cw_expiry_new(struct cw_expiry **out, unsigned days, unsigned megabytes)
{
	struct cw_expiry *expiry = calloc(1, sizeof(*expiry));

	if (!expiry)
		return -ENOMEM;
	expiry->age = days * 86400ll;
	expiry->bytes = (int64_t)megabytes << 20;
	expiry->room = cw_room_new();
	if (!expiry->room) {
		free(expiry);
		return -ENOMEM;
	}
	*out = expiry;
	return 0;
}

void cw_expiry_free(struct cw_expiry *expiry)
{
	if (expiry)
		cw_room_free(expiry->room);
	free(expiry);
}

/* Statements are seldom run, so that they are not kept. */
static int remove_rows(const struct step *step, enum statement which,
		       int64_t before)
{
	sqlite3_stmt *statement;
	int ret = cw_sql_prepare(step->db, text_of[which], &statement);

	if (ret)
		return ret;
	sqlite3_bind_int64(statement, 1, before);
	sqlite3_bind_int64(statement, 2, step->source->connections);
	sqlite3_bind_int64(statement, 3, step->expiry->bytes / TRAFFIC_PART /
			   TRAFFIC_BYTES);
	ret = cw_sql_run(statement);
	sqlite3_finalize(statement);
	return ret ?: sqlite3_changes(step->db);
}

/* ---- connections --------------------------------------------------------- */

static int bytes_used(sqlite3 *db, int64_t *bytes)
{
	int64_t pages, unused, size;
	int ret = cw_sql_number(db, "PRAGMA page_count", &pages);

	ret = ret ?: cw_sql_number(db, "PRAGMA freelist_count", &unused);
	ret = ret ?: cw_sql_number(db, "PRAGMA page_size", &size);
	if (!ret)
		*bytes = (pages - unused) * size;
	return ret;
}

/* 1 = some were removed and there may be more. */
static int remove_connections(const struct step *step)
{
	int64_t bytes;
	int ret = remove_rows(step, REMOVE_OLD, step->before);

	if (ret > 0)
		cw_room_forget(step->expiry->room);
	if (ret)
		return ret > 0 ? 1 : ret;
	ret = bytes_used(step->db, &bytes);
	if (ret || bytes + step->log <= step->expiry->bytes)
		return ret;
	return cw_room_make(step->expiry->room, step->db, step->source,
			    step->now);
}

/* ---- programs ------------------------------------------------------------ */

static int remove_program(const struct step *step, int64_t id)
{
	int ret = remove_rows(step, REMOVE_PROGRAM, id);

	if (ret > 0)
		step->expiry->is_littered = true;
	return ret < 0 ? ret : 0;
}

static int remove_dead(const struct step *step)
{
	struct cw_expiry *expiry = step->expiry;
	int ret = 0;

	for (unsigned i = 0; i < expiry->dead_count && !ret; i++)
		ret = remove_program(step, expiry->dead[i]);
	expiry->dead_count = 0;
	return ret;
}

/* Process 0 stands for the kernel, which does not die. */
static bool is_dead(const struct step *step, int64_t program, pid_t tgid)
{
	if (program <= step->source->programs)
		return true;
	return tgid > 0 && kill(tgid, 0) && errno == ESRCH;
}

/* Notes those of the next programs that nothing refers to; the number of all
 * that were looked at. */
static int find_dead(const struct step *step)
{
	struct cw_expiry *expiry = step->expiry;
	sqlite3_stmt *list;
	int ret = cw_sql_prepare(step->db, text_of[LIST_PROGRAMS], &list);
	unsigned seen = 0;

	if (ret)
		return ret;
	sqlite3_bind_int64(list, 1, expiry->cursor);
	sqlite3_bind_int64(list, 2, PROGRAMS);
	while ((ret = cw_sql_row(list)) > 0) {
		int64_t id = sqlite3_column_int64(list, 0);

		seen++;
		expiry->cursor = id;
		if (!sqlite3_column_int(list, 2) &&
		    is_dead(step, id, sqlite3_column_int64(list, 1)))
			expiry->dead[expiry->dead_count++] = id;
	}
	sqlite3_finalize(list);
	return ret < 0 ? ret : (int)seen;
}

/* Once around all programs.  An ancestor goes when what named it has gone, so
 * that a lineage takes some rounds. */
static int sweep(const struct step *step)
{
	int ret;

	step->expiry->cursor = 0;
	if (!step->expiry->is_littered)
		return 0;
	step->expiry->is_littered = false;
	ret = remove_rows(step, REMOVE_ANCESTORS, 0);
	if (ret > 0)
		step->expiry->is_littered = true;
	if (ret >= 0)
		ret = remove_rows(step, REMOVE_TEXTS, 0);
	return ret < 0 ? ret : 0;
}

static int remove_programs(const struct step *step)
{
	int ret = remove_dead(step), seen;

	if (ret)
		return ret;
	seen = find_dead(step);
	if (seen < 0)
		return seen;
	return seen < (int)PROGRAMS ? sweep(step) : 0;
}

/* ---- a step -------------------------------------------------------------- */

/* 1 = there may be more to do. */
static int remove_all(const struct step *step, bool caught_up)
{
	int ret = remove_connections(step), more = ret > 0;

	if (ret >= 0)
		ret = remove_rows(step, REMOVE_TRAFFIC, step->before);
	if (ret >= 0)
		ret = remove_rows(step, REMOVE_HOLES, step->before);
	if (ret >= 0)
		ret = remove_rows(step, REMOVE_STEPS, step->before);
	if (ret >= 0)
		ret = remove_rows(step, REMOVE_SOURCES, step->before);
	if (ret >= 0 && caught_up)
		ret = remove_programs(step);
	return ret < 0 ? ret : more;
}

int cw_expiry_step(struct cw_expiry *expiry, struct cw_store *store,
		   const struct cw_event_source *source, int64_t now, bool caught_up)
{
	struct step step = {
		.expiry = expiry, .db = cw_store_db(store), .source = source,
		.now = now, .before = now - expiry->age,
		.log = cw_log_size_bound(cw_store_db(store), expiry->bytes),
	};
	int ret = cw_store_begin(store), more = 0;

	if (!ret) {
		more = remove_all(&step, caught_up);
		ret = more < 0 ? more : cw_store_commit(store);
	}
	/* Ids in it may be gone, or were never there. */
	cw_store_forget(store);
	if (ret) {
		cw_sql_exec(step.db, "ROLLBACK");
		cw_room_forget(expiry->room);
		return ret;
	}
	ret = cw_sql_exec(step.db, "PRAGMA incremental_vacuum(" PAGES ")");
	return ret ?: more;
}
