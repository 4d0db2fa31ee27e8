// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes before its time, when a history has more bytes than it may: the oldest
 * connections of the user who has most of them, so that nobody pushes out what
 * is told of others.  Root counts for half.  What went is a hole with its number.
 *
 * How many rows each user has is counted once, and then as rows come and go; rows
 * that come late with a small number are missed until policyd starts anew, which is
 * near enough to tell who has most.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

#define ROWS		1000u	/* removed in a step */
#define DAY		(86400 * 1000000000ll)

#define COUNT	"SELECT uid, count(*), max(id) FROM connection WHERE id>?1 " \
		"GROUP BY uid"
/* Those that are over, or were when their source ended. */
#define LIST	"SELECT id, opened, clock FROM connection " \
		"INDEXED BY connection_clock WHERE clock>=?1 AND uid=?2 AND " \
		"(closed IS NOT NULL OR id<=?3) ORDER BY clock LIMIT ?4"
#define REMOVE	"DELETE FROM connection WHERE id=?1"
#define EXTEND	"UPDATE hole SET since=min(since, ?1), until=max(until, ?2), " \
		"records=records+?3, clock=?4 WHERE id=(SELECT max(id) FROM " \
		"hole WHERE reason='" CW_HOLE_SIZE "') AND " \
		"max(until, ?2)-min(since, ?1)<?5"
#define ADD	"INSERT INTO hole (since, until, records, clock, reason) " \
		"VALUES (?1, ?2, ?3, ?4, '" CW_HOLE_SIZE "')"

struct user {
	uint32_t uid;
	int64_t rows;
	int64_t cursor;			/* none that may go has a smaller clock */
	bool is_spent;			/* in this step there is none that may go */
};

struct cw_room {
	struct user *user;
	size_t count;
	int64_t top;			/* rows up to this id are counted */
};

struct victims {
	int64_t id[ROWS];
	unsigned count;
	int64_t since, until;		/* when they were opened */
};

struct cw_room *cw_room_new(void)
{
	return calloc(1, sizeof(struct cw_room));
}

void cw_room_free(struct cw_room *room)
{
	if (room)
		free(room->user);
	free(room);
}

/* ---- who has how much ------------------------------------------------------ */

/* NULL = no memory. */
static struct user *user_of(struct cw_room *room, uint32_t uid)
{
	struct user *user;

	for (size_t i = 0; i < room->count; i++)
		if (room->user[i].uid == uid)
			return &room->user[i];
	user = realloc(room->user, (room->count + 1) * sizeof(*user));
	if (!user)
		return NULL;
	room->user = user;
	user += room->count++;
	*user = (struct user) { .uid = uid, .cursor = INT64_MIN };
	return user;
}

static int count_rows(struct cw_room *room, sqlite3 *db)
{
	sqlite3_stmt *count;
	int64_t top = room->top;
	int ret = cw_sql_prepare(db, COUNT, &count);

	if (ret)
		return ret;
	sqlite3_bind_int64(count, 1, room->top);
	while ((ret = cw_sql_row(count)) > 0) {
		struct user *user = user_of(room, sqlite3_column_int64(count, 0));

		if (!user) {
			ret = -ENOMEM;
			break;
		}
		user->rows += sqlite3_column_int64(count, 1);
		if (sqlite3_column_int64(count, 2) > top)
			top = sqlite3_column_int64(count, 2);
	}
	sqlite3_finalize(count);
	if (!ret)
		room->top = top;
	return ret;
}

static int64_t weight_of(const struct user *user)
{
	return user->uid ? user->rows : user->rows / 2;
}

/* Of those that are not spent; NULL = there is none. */
static struct user *largest(struct cw_room *room)
{
	struct user *most = NULL;

	for (size_t i = 0; i < room->count; i++) {
		struct user *user = &room->user[i];

		if (!user->is_spent && user->rows > 0 &&
		    (!most || weight_of(user) > weight_of(most)))
			most = user;
	}
	return most;
}

/* ---- what goes --------------------------------------------------------------- */

static void note(struct victims *victims, int64_t id, int64_t opened)
{
	if (!victims->count || opened < victims->since)
		victims->since = opened;
	if (!victims->count || opened > victims->until)
		victims->until = opened;
	victims->id[victims->count++] = id;
}

static int find_victims(sqlite3 *db, struct user *user, int64_t ended,
			struct victims *victims)
{
	sqlite3_stmt *list;
	int ret = cw_sql_prepare(db, LIST, &list);

	if (ret)
		return ret;
	victims->count = 0;
	sqlite3_bind_int64(list, 1, user->cursor);
	sqlite3_bind_int64(list, 2, user->uid);
	sqlite3_bind_int64(list, 3, ended);
	sqlite3_bind_int64(list, 4, ROWS);
	while ((ret = cw_sql_row(list)) > 0) {
		note(victims, sqlite3_column_int64(list, 0),
		     sqlite3_column_int64(list, 1));
		user->cursor = sqlite3_column_int64(list, 2);
	}
	sqlite3_finalize(list);
	/* What is open now has its clock set when it ends. */
	if (!ret && victims->count < ROWS)
		user->cursor = INT64_MIN;
	return ret;
}

static int remove_victims(sqlite3 *db, const struct victims *victims)
{
	sqlite3_stmt *remove;
	int ret = cw_sql_prepare(db, REMOVE, &remove);

	if (ret)
		return ret;
	for (unsigned i = 0; !ret && i < victims->count; i++) {
		sqlite3_bind_int64(remove, 1, victims->id[i]);
		ret = cw_sql_run(remove);
	}
	sqlite3_finalize(remove);
	return ret;
}

static int run_hole(sqlite3 *db, const char *text,
		    const struct victims *victims, int64_t now)
{
	sqlite3_stmt *hole;
	int ret = cw_sql_prepare(db, text, &hole);

	if (ret)
		return ret;
	sqlite3_bind_int64(hole, 1, victims->since);
	sqlite3_bind_int64(hole, 2, victims->until);
	sqlite3_bind_int64(hole, 3, victims->count);
	sqlite3_bind_int64(hole, 4, now);
	sqlite3_bind_int64(hole, 5, DAY);
	ret = cw_sql_run(hole);
	sqlite3_finalize(hole);
	return ret;
}

/* One for each day, not one for each step. */
static int write_hole(sqlite3 *db, const struct victims *victims, int64_t now)
{
	int ret = run_hole(db, EXTEND, victims, now);

	if (ret || sqlite3_changes(db))
		return ret;
	return run_hole(db, ADD, victims, now);
}

/* The connections of @user; how many went. */
static int make_room(sqlite3 *db, struct user *user, int64_t ended, int64_t now)
{
	struct victims victims;
	int ret = find_victims(db, user, ended, &victims);

	if (ret || !victims.count)
		return ret;
	ret = remove_victims(db, &victims);
	ret = ret ?: write_hole(db, &victims, now);
	if (ret)
		return ret;
	user->rows -= victims.count;
	return victims.count;
}

int cw_room_make(struct cw_room *room, sqlite3 *db,
		 const struct cw_event_source *source, int64_t now)
{
	struct user *user;
	int ret = count_rows(room, db);

	for (size_t i = 0; i < room->count; i++)
		room->user[i].is_spent = false;
	while (!ret && (user = largest(room))) {
		ret = make_room(db, user, source->connections, now);
		user->is_spent = true;
	}
	return ret > 0 ? 1 : ret;
}

void cw_room_forget(struct cw_room *room)
{
	room->count = 0;
	room->top = 0;
}
