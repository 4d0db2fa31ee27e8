// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables of the history, and what must hold before anyone uses them.
 *
 *   source      one load of the module: boot and instance, the last record
 *               stored.  A row's id in connection and in program is the base
 *               of its source plus the kernel's number, so that no record can
 *               be there twice and none must be looked for.
 *   connection  addresses of 4 or 16 bytes, so a prefix is a range; NULL =
 *               none, not known.  closed of a refused one is opened.
 *   program     what a process executed; ancestor: who forked whom, nearest
 *               first, shared by siblings
 *   text        paths and names, each once
 *   label       of rules; few, so that they stay for good
 *   hole        records that are missing
 *
 * Times are ns since 1970.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history.h"

#define APPLICATION	0x43574849	/* "CWHI" */
#define VERSION		1

#define STRING(x)	#x
#define NUMBER(x)	STRING(x)

static const char schema[] =
"PRAGMA application_id=" NUMBER(APPLICATION) ";"
"PRAGMA user_version=" NUMBER(VERSION) ";"
"CREATE TABLE source ("
"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
"	boot TEXT NOT NULL,"		/* boot_id of the kernel */
"	instance TEXT NOT NULL,"	/* of the module */
"	since INTEGER NOT NULL,"	/* the boot */
"	until INTEGER NOT NULL,"	/* time of its last record */
"	last INTEGER NOT NULL,"		/* sequence number stored last */
"	offset INTEGER NOT NULL,"	/* 1970 minus boot, ns */
"	connections INTEGER NOT NULL,"	/* bases of ids */
"	programs INTEGER NOT NULL,"
"	top_connection INTEGER NOT NULL,"	/* largest ids so far */
"	top_program INTEGER NOT NULL);"
"CREATE TABLE text (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"	value TEXT NOT NULL UNIQUE);"
"CREATE TABLE label (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"	value TEXT NOT NULL UNIQUE);"
"CREATE TABLE ancestor (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"	tgid INTEGER NOT NULL, start INTEGER NOT NULL,"
"	exe INTEGER NOT NULL,"		/* text */
"	next INTEGER NOT NULL,"		/* ancestor, 0 = the last */
"	UNIQUE (tgid, start, exe, next));"
"CREATE TABLE program (id INTEGER PRIMARY KEY,"
"	tgid INTEGER NOT NULL, start INTEGER NOT NULL,"
"	exe INTEGER NOT NULL, script INTEGER, cgroup INTEGER,"	/* text */
"	unit INTEGER,"			/* text */
"	plain INTEGER NOT NULL,"
"	ancestor INTEGER NOT NULL);"	/* the nearest, 0 = none */
"CREATE INDEX program_exe ON program (exe);"
"CREATE INDEX program_script ON program (script) WHERE script IS NOT NULL;"
"CREATE INDEX program_tgid ON program (tgid);"
"CREATE TABLE connection (id INTEGER PRIMARY KEY,"
"	opened INTEGER NOT NULL, closed INTEGER,"
"	family INTEGER NOT NULL, proto INTEGER NOT NULL,"
"	incoming INTEGER NOT NULL, verdict INTEGER NOT NULL,"
"	attribution INTEGER NOT NULL,"
"	local BLOB, local_port INTEGER NOT NULL,"
"	remote BLOB, remote_port INTEGER NOT NULL,"
"	program INTEGER NOT NULL, user INTEGER,"
"	pid INTEGER NOT NULL, uid INTEGER NOT NULL,"
"	netns INTEGER NOT NULL,"	/* number, and its owner << 32 */
"	generation INTEGER NOT NULL, rule INTEGER NOT NULL,"
"	line INTEGER NOT NULL, label INTEGER,"
"	sent INTEGER, received INTEGER);"
"CREATE INDEX connection_remote ON connection (remote, remote_port);"
"CREATE INDEX connection_local ON connection (local);"
"CREATE INDEX connection_remote_port ON connection (remote_port);"
"CREATE INDEX connection_local_port ON connection (local_port);"
"CREATE INDEX connection_opened ON connection (opened);"
"CREATE INDEX connection_closed ON connection (closed);"
"CREATE INDEX connection_program ON connection (program);"
"CREATE INDEX connection_user ON connection (user) WHERE user IS NOT NULL;"
"CREATE TABLE hole (id INTEGER PRIMARY KEY,"
"	since INTEGER NOT NULL, until INTEGER NOT NULL,"
"	records INTEGER NOT NULL, reason TEXT NOT NULL);"
"CREATE INDEX hole_until ON hole (until);";

static int create(sqlite3 *db)
{
	int ret = cw_sql_exec(db, "BEGIN IMMEDIATE");

	ret = ret ?: cw_sql_exec(db, schema);
	ret = ret ?: cw_sql_exec(db, "COMMIT");
	if (ret)
		cw_sql_exec(db, "ROLLBACK");
	return ret;
}

/* 0 one of ours; -ENOENT a new file, without tables; -EPROTO of others, or of
 * another version, and left alone. */
static int check(sqlite3 *db)
{
	int64_t application, version, tables;
	int ret;

	ret = cw_sql_number(db, "PRAGMA application_id", &application);
	ret = ret ?: cw_sql_number(db, "PRAGMA user_version", &version);
	ret = ret ?: cw_sql_number(db, "SELECT count(*) FROM sqlite_master",
				   &tables);
	if (ret)
		return ret;
	if (!tables && !application && !version)
		return -ENOENT;
	return application == APPLICATION && version == VERSION ? 0 : -EPROTO;
}

/*
 * FULL: what was acknowledged to the kernel survives a loss of power.  A
 * transaction is a batch, so it costs one sync each.  auto_vacuum must come
 * before the first table; journal_size_limit cuts the log when it has grown.
 */
static int prepare(sqlite3 *db)
{
	return cw_sql_exec(db,
		"PRAGMA auto_vacuum=INCREMENTAL;"
		"PRAGMA journal_mode=WAL;"
		"PRAGMA synchronous=FULL;"
		"PRAGMA cache_size=-32768;"
		"PRAGMA wal_autocheckpoint=8192;"
		"PRAGMA journal_size_limit=67108864;");
}

/* SQLite would make it readable to all, by the umask of whoever comes first. */
static int create_file(const char *file)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int open_file(sqlite3 **db, const char *file, int flags)
{
	int ret = sqlite3_open_v2(file, db, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (!*db)
		return -ENOMEM;
	return ret == SQLITE_OK ? 0 : cw_sql_error(*db);
}

int cw_schema_create(sqlite3 **out, const char *file)
{
	sqlite3 *db = NULL;
	bool is_new;
	int ret = create_file(file);

	if (ret)
		return ret;
	ret = open_file(&db, file, SQLITE_OPEN_READWRITE);
	if (!ret)
		sqlite3_busy_timeout(db, CW_SQL_WAIT);
	ret = ret ?: check(db);
	is_new = ret == -ENOENT;
	if (!ret || is_new)
		ret = prepare(db);
	if (!ret && is_new)
		ret = create(db);
	if (ret)
		sqlite3_close(db);
	else
		*out = db;
	return ret;
}

int cw_schema_open(sqlite3 **out, const char *file)
{
	sqlite3 *db = NULL;
	int ret = 0;

	if (access(file, R_OK))
		return -errno;
	ret = open_file(&db, file, SQLITE_OPEN_READONLY);
	if (!ret)
		sqlite3_busy_timeout(db, 10000);
	ret = ret ?: check(db);
	if (ret)
		sqlite3_close(db);
	else
		*out = db;
	return ret;
}
