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
 *   step        the host's clock was set
 *   traffic     bytes that a connection had moved by then
 *
 * Times are ns since 1970, by the clock of the host at that moment.  Columns
 * `clock', `base' and `heard' are the clock of the history, in seconds: see
 * history.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history.h"

#define APPLICATION	0x43574849	/* "CWHI" */
#define VERSION		3

#define STRING(x)	#x
#define NUMBER(x)	STRING(x)

/* What version 3 has new, beside columns. */
#define TRAFFIC \
"CREATE TABLE traffic (id INTEGER PRIMARY KEY," \
"	connection INTEGER NOT NULL," \
"	time INTEGER NOT NULL," \
"	sent INTEGER, received INTEGER,"	/* so far; NULL = not known */ \
"	clock INTEGER NOT NULL);" \
"CREATE INDEX traffic_connection ON traffic (connection, time);" \
"CREATE INDEX traffic_time ON traffic (time);" \
"CREATE INDEX connection_interface ON connection (interface)" \
"	WHERE interface IS NOT NULL;" \
"CREATE TRIGGER traffic_remove AFTER DELETE ON connection BEGIN" \
"	DELETE FROM traffic WHERE connection=OLD.id; END;"

#define STEP \
"CREATE TABLE step (id INTEGER PRIMARY KEY," \
"	before INTEGER NOT NULL, after INTEGER NOT NULL," \
"	clock INTEGER NOT NULL);"

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
"	base INTEGER NOT NULL,"		/* clock at the boot */
"	heard INTEGER NOT NULL,"	/* clock when it was last heard of */
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
"	ancestor INTEGER NOT NULL,"	/* the nearest, 0 = none */
"	auid INTEGER, session INTEGER,"	/* of the login */
"	command INTEGER);"		/* text */
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
"	sent INTEGER, received INTEGER,"
"	clock INTEGER NOT NULL,"	/* of the end, else of the begin */
"	number INTEGER,"		/* IP protocol, ethertype */
"	interface INTEGER,"		/* text */
"	established INTEGER, ending INTEGER);"
"CREATE INDEX connection_remote ON connection (remote, remote_port);"
"CREATE INDEX connection_local ON connection (local);"
"CREATE INDEX connection_remote_port ON connection (remote_port)"
"	WHERE remote_port<" CW_PORT_INDEXED ";"
"CREATE INDEX connection_local_port ON connection (local_port)"
"	WHERE local_port<" CW_PORT_INDEXED ";"
"CREATE INDEX connection_opened ON connection (opened);"
"CREATE INDEX connection_closed ON connection (closed);"
"CREATE INDEX connection_clock ON connection (clock);"
"CREATE INDEX connection_program ON connection (program);"
"CREATE INDEX connection_user ON connection (user) WHERE user IS NOT NULL;"
"CREATE TABLE hole (id INTEGER PRIMARY KEY,"
"	since INTEGER NOT NULL, until INTEGER NOT NULL,"
"	records INTEGER NOT NULL, reason TEXT NOT NULL,"
"	clock INTEGER NOT NULL);"
"CREATE INDEX hole_until ON hole (until);"
STEP TRAFFIC;

/*
 * From version 1, which had no clock of its own: the last record of its newest
 * source is taken for the moment 0, and what is older, by the host's clock, for
 * as old as it says.  What claims to be younger is not.
 */
#define NEWEST	"(SELECT until FROM source ORDER BY id DESC LIMIT 1)"

static const char clocks[] =
"PRAGMA user_version=2;"
"ALTER TABLE source ADD COLUMN base INTEGER NOT NULL DEFAULT 0;"
"ALTER TABLE source ADD COLUMN heard INTEGER NOT NULL DEFAULT 0;"
"ALTER TABLE connection ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;"
"ALTER TABLE hole ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;"
"UPDATE source SET base=(offset-until)/1000000000,"
"	heard=min(0, (until-" NEWEST ")/1000000000);"
"UPDATE connection SET"
"	clock=min(0, (ifnull(closed, opened)-" NEWEST ")/1000000000);"
"UPDATE hole SET clock=min(0, (until-" NEWEST ")/1000000000);"
"CREATE INDEX connection_clock ON connection (clock);"
STEP;

/* From version 2, which knew less. */
static const char facts[] =
"PRAGMA user_version=3;"
"ALTER TABLE program ADD COLUMN auid INTEGER;"
"ALTER TABLE program ADD COLUMN session INTEGER;"
"ALTER TABLE program ADD COLUMN command INTEGER;"
"ALTER TABLE connection ADD COLUMN number INTEGER;"
"ALTER TABLE connection ADD COLUMN interface INTEGER;"
"ALTER TABLE connection ADD COLUMN established INTEGER;"
"ALTER TABLE connection ADD COLUMN ending INTEGER;"
TRAFFIC;

/* By the version that each begins with. */
static const char *const upgrades[VERSION] = { NULL, clocks, facts };

static int change(sqlite3 *db, const char *text)
{
	int ret = cw_sql_exec(db, "BEGIN IMMEDIATE");

	ret = ret ?: cw_sql_exec(db, text);
	ret = ret ?: cw_sql_exec(db, "COMMIT");
	if (ret)
		cw_sql_exec(db, "ROLLBACK");
	return ret;
}

/* 0 one of ours; -ENOENT a new file, without tables; -ESTALE of an earlier
 * version, that can be upgraded; -EPROTO of others, or of a later version, and
 * left alone. */
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
	if (application != APPLICATION)
		return -EPROTO;
	return version == VERSION ? 0 : version > 0 && version < VERSION
		? -ESTALE : -EPROTO;
}

/* From any earlier version, a step at a time. */
static int upgrade(sqlite3 *db)
{
	int64_t version;
	int ret = cw_sql_number(db, "PRAGMA user_version", &version);

	while (!ret && version < VERSION)
		ret = change(db, upgrades[version++]);
	return ret;
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
	int ret = create_file(file), state;

	if (ret)
		return ret;
	ret = open_file(&db, file, SQLITE_OPEN_READWRITE);
	if (!ret)
		sqlite3_busy_timeout(db, CW_SQL_WAIT);
	state = ret ?: check(db);
	ret = state;
	if (!state || state == -ENOENT || state == -ESTALE)
		ret = prepare(db);
	if (!ret && state)
		ret = state == -ENOENT ? change(db, schema) : upgrade(db);
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
	if (ret == -ESTALE)
		ret = -EPROTO;
	if (ret)
		sqlite3_close(db);
	else
		*out = db;
	return ret;
}
