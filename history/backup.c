// SPDX-License-Identifier: GPL-2.0-only
/*
 * A copy of a history that is whole, also while policyd writes it.  What was
 * written last is in the log beside the database, so that a copy of the one file
 * alone may lack it, or be damaged.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history.h"

/* Copies in one step: what is written meanwhile neither gets in nor makes SQLite
 * begin anew. */
static int copy(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
	int ret = -EBUSY;

	if (!backup)
		return cw_sql_error(to);
	if (sqlite3_backup_step(backup, -1) == SQLITE_DONE)
		ret = 0;
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		ret = cw_sql_error(to);
	/* The copy is one file: it has no log of its own. */
	return ret ?: cw_sql_exec(to, "PRAGMA journal_mode=DELETE");
}

static int fill(sqlite3 *from, const char *file)
{
	sqlite3 *to = NULL;
	int ret;

	if (sqlite3_open_v2(file, &to, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK)
		ret = to ? cw_sql_error(to) : -ENOMEM;
	else
		ret = copy(from, to);
	if (sqlite3_close(to) != SQLITE_OK && !ret)
		ret = -EIO;
	return ret;
}

static int sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
	int ret = fd < 0 || fsync(fd) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return ret;
}

/* The name is there when all of the copy is on the disk, and never before; a
 * file that has it already stays. */
static int publish(const char *temporary, const char *file)
{
	char directory[CW_PATH_MAX];
	int ret = sync_path(temporary, 0);

	if (!ret && link(temporary, file))
		ret = -errno;
	snprintf(directory, sizeof(directory), "%s", file);
	return ret ?: sync_path(dirname(directory), O_DIRECTORY);
}

int cw_history_backup(const char *from, const char *file)
{
	char temporary[CW_PATH_MAX];
	sqlite3 *db = NULL;
	int fd, ret;

	if (!access(file, F_OK))
		return -EEXIST;
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", file) >=
	    (int)sizeof(temporary))
		return -ENAMETOOLONG;
	ret = cw_schema_open(&db, from);
	if (ret)
		return ret;
	/* With mode 0600 from the start. */
	fd = mkostemp(temporary, O_CLOEXEC);
	ret = fd < 0 ? -errno : fill(db, temporary);
	ret = ret ?: publish(temporary, file);
	if (fd >= 0) {
		close(fd);
		unlink(temporary);
	}
	sqlite3_close(db);
	return ret;
}
