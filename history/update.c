// SPDX-License-Identifier: GPL-2.0-only
/* What becomes of rows of the history that are there already.  For store.c, in its
 * transactions. */
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "history.h"

enum statement {
	SET_LOCAL, SET_CLOSED, SET_USER, SET_JUDGED, SET_BYTES, ADD_TRAFFIC,
	STATEMENTS
};

static const char *const text_of[STATEMENTS] = {
	[SET_LOCAL] = "UPDATE connection SET local_port=?3, local=CASE family "
		"WHEN 4 THEN substr(?2, 1, 4) WHEN 6 THEN ?2 END WHERE id=?1",
	[SET_CLOSED] = "UPDATE connection SET closed=max(opened, ?2), sent=?3, "
		"received=?4, clock=?5, established=?6, ending=?7 WHERE id=?1",
	[SET_USER] = "UPDATE connection SET "
		"user=iif(program=?2, user, ?2) WHERE id=?1",
	[SET_JUDGED] = "UPDATE connection SET verdict=?2, generation=?3, "
		"rule=?4, line=?5, label=?6 WHERE id=?1",
	[SET_BYTES] = "UPDATE connection SET sent=?2, received=?3, "
		"established=?4 WHERE id=?1",
	[ADD_TRAFFIC] = "INSERT INTO traffic (connection, time, sent, "
		"received, clock) VALUES (?, ?, ?, ?, ?)",
};

struct cw_updates {
	sqlite3 *db;
	sqlite3_stmt *statement[STATEMENTS];
};

int cw_updates_new(struct cw_updates **out, sqlite3 *db)
{
	struct cw_updates *updates = calloc(1, sizeof(*updates));
	int ret = updates ? 0 : -ENOMEM;

	*out = updates;
	if (updates)
		updates->db = db;
	for (int i = 0; i < STATEMENTS && !ret; i++)
		ret = cw_sql_prepare(db, text_of[i], &updates->statement[i]);
	return ret;
}

void cw_updates_free(struct cw_updates *updates)
{
	if (!updates)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(updates->statement[i]);
	free(updates);
}

static int run(struct cw_updates *updates, enum statement which)
{
	int ret = cw_sql_run(updates->statement[which]);

	return ret ?: sqlite3_changes(updates->db);
}

int cw_update_local(struct cw_updates *updates, int64_t id, const uint8_t *local,
		    uint16_t port)
{
	sqlite3_stmt *set = updates->statement[SET_LOCAL];

	sqlite3_bind_int64(set, 1, id);
	cw_store_bind_local(set, 2, 6, local, port);
	return run(updates, SET_LOCAL);
}

int cw_update_closed(struct cw_updates *updates, const struct cw_row *row)
{
	sqlite3_stmt *set = updates->statement[SET_CLOSED];

	sqlite3_bind_int64(set, 1, row->id);
	sqlite3_bind_int64(set, 2, row->closed);
	cw_sql_bind_bytes(set, 3, row->sent);
	cw_sql_bind_bytes(set, 4, row->received);
	sqlite3_bind_int64(set, 5, row->clock);
	cw_sql_bind_unless(set, 6, row->established, 0);
	cw_sql_bind_unless(set, 7, row->ending, 0);
	return run(updates, SET_CLOSED);
}

int cw_update_user(struct cw_updates *updates, int64_t id, int64_t program)
{
	sqlite3_stmt *set = updates->statement[SET_USER];

	sqlite3_bind_int64(set, 1, id);
	sqlite3_bind_int64(set, 2, program);
	return run(updates, SET_USER);
}

int cw_update_judged(struct cw_updates *updates, const struct cw_row *row,
		     int64_t label)
{
	sqlite3_stmt *set = updates->statement[SET_JUDGED];

	sqlite3_bind_int64(set, 1, row->id);
	sqlite3_bind_int(set, 2, row->verdict);
	sqlite3_bind_int64(set, 3, row->generation);
	sqlite3_bind_int(set, 4, (int32_t)row->rule);
	sqlite3_bind_int64(set, 5, row->line);
	cw_sql_bind_unless(set, 6, label, 0);
	return run(updates, SET_JUDGED);
}

int cw_update_bytes(struct cw_updates *updates, const struct cw_row *row)
{
	sqlite3_stmt *set = updates->statement[SET_BYTES];

	sqlite3_bind_int64(set, 1, row->id);
	cw_sql_bind_bytes(set, 2, row->sent);
	cw_sql_bind_bytes(set, 3, row->received);
	cw_sql_bind_unless(set, 4, row->established, 0);
	return run(updates, SET_BYTES);
}

int cw_update_traffic(struct cw_updates *updates,
		      const struct cw_traffic *traffic, int64_t clock)
{
	sqlite3_stmt *add = updates->statement[ADD_TRAFFIC];

	sqlite3_bind_int64(add, 1, traffic->connection);
	sqlite3_bind_int64(add, 2, traffic->time);
	cw_sql_bind_bytes(add, 3, traffic->sent);
	cw_sql_bind_bytes(add, 4, traffic->received);
	sqlite3_bind_int64(add, 5, clock);
	return cw_sql_run(add);
}
