// SPDX-License-Identifier: GPL-2.0-only
/*
 * The write-ahead log counts towards the size of a history.  It does not shrink
 * by removing rows, but by a checkpoint, which writes it back to the database,
 * and which a reader may hold up.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

#include "history.h"

/* Of the size that a history may have, the log gets no more than this part. */
#define PART		4
#define LOG_MOST	(64ll << 20)

static int64_t log_size(sqlite3 *db)
{
	const char *file = sqlite3_db_filename(db, "main");
	char path[CW_PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s-wal", file ? file : "");
	return stat(path, &st) ? 0 : st.st_size;
}

int64_t cw_log_size_bound(sqlite3 *db, int64_t most)
{
	int64_t part = most / PART < LOG_MOST ? most / PART : LOG_MOST;
	int64_t size = log_size(db);

	if (size > part) {
		/* Not now if somebody reads: records wait for this thread. */
		sqlite3_busy_timeout(db, 0);
		sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
					  NULL, NULL);
		sqlite3_busy_timeout(db, CW_SQL_WAIT);
		size = log_size(db);
	}
	/* What a reader holds must not push out all that there is. */
	return size < most / 2 ? size : most / 2;
}
