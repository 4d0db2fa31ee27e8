// SPDX-License-Identifier: GPL-2.0-only
/*
 * The source of events: one boot of the host and one instance of the module.
 * When either is new, its ids and its times begin where those of the last end.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "history.h"

#define STEP_LEAST	1000000000ll	/* ns: less is no news */

static int read_newest(sqlite3 *db, struct cw_event_source *source, char *boot,
		       char *instance)
{
	sqlite3_stmt *find;
	int ret = cw_sql_prepare(db, "SELECT id, since, until, last, offset, "
				 "connections, programs, top_connection, "
				 "top_program, boot, instance, base, heard FROM source "
				 "ORDER BY id DESC LIMIT 1", &find);

	if (ret)
		return ret;
	ret = cw_sql_row(find);
	if (ret > 0) {
		source->id = sqlite3_column_int64(find, 0);
		source->since = sqlite3_column_int64(find, 1);
		source->until = sqlite3_column_int64(find, 2);
		source->last = sqlite3_column_int64(find, 3);
		source->offset = sqlite3_column_int64(find, 4);
		source->connections = sqlite3_column_int64(find, 5);
		source->programs = sqlite3_column_int64(find, 6);
		source->top_connection = sqlite3_column_int64(find, 7);
		source->top_program = sqlite3_column_int64(find, 8);
		snprintf(boot, CW_SOURCE_NAME, "%s",
			 (const char *)sqlite3_column_text(find, 9) ?: "");
		snprintf(instance, CW_SOURCE_NAME, "%s",
			 (const char *)sqlite3_column_text(find, 10) ?: "");
		source->base = sqlite3_column_int64(find, 11);
		source->heard = sqlite3_column_int64(find, 12);
	}
	sqlite3_finalize(find);
	return ret;
}

static int add_source(sqlite3 *db, struct cw_event_source *source, const char *boot,
		      const char *instance)
{
	sqlite3_stmt *add;
	int ret = cw_sql_prepare(db, "INSERT INTO source (boot, instance, "
				 "since, until, last, offset, connections, "
				 "programs, top_connection, top_program, "
				 "base, heard) VALUES (?, ?, ?, ?, 0, ?, ?, ?, "
				 "?, ?, ?, ?)", &add);

	if (ret)
		return ret;
	sqlite3_bind_text(add, 1, boot, -1, SQLITE_STATIC);
	sqlite3_bind_text(add, 2, instance, -1, SQLITE_STATIC);
	sqlite3_bind_int64(add, 3, source->since);
	sqlite3_bind_int64(add, 4, source->until);
	sqlite3_bind_int64(add, 5, source->offset);
	sqlite3_bind_int64(add, 6, source->connections);
	sqlite3_bind_int64(add, 7, source->programs);
	sqlite3_bind_int64(add, 8, source->top_connection);
	sqlite3_bind_int64(add, 9, source->top_program);
	sqlite3_bind_int64(add, 10, source->base);
	sqlite3_bind_int64(add, 11, source->heard);
	ret = cw_sql_run(add);
	source->id = sqlite3_last_insert_rowid(db);
	sqlite3_finalize(add);
	return ret;
}

/*
 * Only the newest one can go on: ids of one that has been followed by another
 * would run into those of its successor.
 */
int cw_store_source(struct cw_store *store, const char *boot,
		    const char *instance, int64_t offset,
		    struct cw_event_source *source, struct cw_step *step)
{
	char old_boot[CW_SOURCE_NAME], old_instance[CW_SOURCE_NAME];
	sqlite3 *db = cw_store_db(store);
	int ret;

	memset(source, 0, sizeof(*source));
	memset(step, 0, sizeof(*step));
	ret = read_newest(db, source, old_boot, old_instance);
	if (ret < 0)
		return ret;
	if (ret && !strcmp(boot, old_boot) && !strcmp(instance, old_instance))
		return 0;
	/* How long the host was off between two boots is not known: the clock of
	 * either may have been wrong. */
	if (strcmp(boot, old_boot)) {
		source->base = source->heard;
		if (source->until - offset > STEP_LEAST)
			*step = (struct cw_step){ source->until, offset };
	}
	/* It cannot have told of anything before the boot. */
	source->since = source->until = offset;
	source->last = 0;
	source->offset = offset;
	source->connections = source->top_connection;
	source->programs = source->top_program;
	return add_source(db, source, boot, instance);
}
