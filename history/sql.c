// SPDX-License-Identifier: GPL-2.0-only
/* SQLite's calls in the manner of this house: 0 or a negative errno. */
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "history.h"

int cw_sql_error(sqlite3 *db)
{
	int error = sqlite3_system_errno(db);

	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_PERM:
		return -EACCES;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	}
	return error > 0 ? -error : -EIO;
}

int cw_sql_exec(sqlite3 *db, const char *text)
{
	return sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK
		? 0 : cw_sql_error(db);
}

int cw_sql_prepare(sqlite3 *db, const char *text, sqlite3_stmt **statement)
{
	return sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT,
				  statement, NULL) == SQLITE_OK
		? 0 : cw_sql_error(db);
}

int cw_sql_run(sqlite3_stmt *statement)
{
	int ret = 0;

	if (sqlite3_step(statement) != SQLITE_DONE)
		ret = cw_sql_error(sqlite3_db_handle(statement)) ?: -EIO;
	sqlite3_reset(statement);
	return ret;
}

int cw_sql_row(sqlite3_stmt *statement)
{
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	}
	return cw_sql_error(sqlite3_db_handle(statement)) ?: -EIO;
}

int cw_sql_number(sqlite3 *db, const char *text, int64_t *number)
{
	sqlite3_stmt *statement;
	int ret = cw_sql_prepare(db, text, &statement);

	if (ret)
		return ret;
	ret = cw_sql_row(statement);
	if (ret > 0)
		*number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return ret < 0 ? ret : ret ? 0 : -ENODATA;
}

void cw_sql_bind_bytes(sqlite3_stmt *statement, int at, uint64_t bytes)
{
	if (bytes > INT64_MAX)
		sqlite3_bind_null(statement, at);
	else
		sqlite3_bind_int64(statement, at, bytes);
}

void cw_sql_bind_unless(sqlite3_stmt *statement, int at, int64_t value,
			int64_t none)
{
	if (value == none)
		sqlite3_bind_null(statement, at);
	else
		sqlite3_bind_int64(statement, at, value);
}
