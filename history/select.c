// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which connections match a filter: their ids, in order, by the index that
 * leaves the fewest.
 *
 * Rows are read later and a few at a time (history.c), since a reader that
 * stands still inside of a transaction keeps the log from being emptied.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/engine/engine.h"
#include "history.h"

/* With a limit in time, an index that leaves more than this is not used. */
#define MANY	"20000"

/* Numbers of the parameters, the same in every statement. */
enum parameter {
	LOW = 1, HIGH, PORT, EXE, UID, TGID, VERDICT, PROTO, IN, SINCE, UNTIL,
	FAMILY, LIMIT, OPEN_FROM,
};

/* One way to find rows: an index and what it is searched for. */
struct arm {
	const char *index;
	const char *where;
};

struct way {
	unsigned arms;
	struct arm arm[3];
};

#define TEXTS_EQUAL	"(SELECT id FROM text WHERE value=?4)"
#define TEXTS_GLOB	"(SELECT id FROM text WHERE glob_matches(?4, value))"

/* ---- programs ------------------------------------------------------------ */

static void glob_matches(sqlite3_context *context, int count,
			 sqlite3_value **value)
{
	const char *pattern = (const char *)sqlite3_value_text(value[0]);
	const char *text = (const char *)sqlite3_value_text(value[1]);

	(void)count;
	sqlite3_result_int(context, pattern && text &&
			   cw_glob_matches(pattern, text));
}

int cw_select_init(sqlite3 *db)
{
	return sqlite3_create_function(db, "glob_matches", 2, SQLITE_UTF8 |
				       SQLITE_DETERMINISTIC, NULL, glob_matches,
				       NULL, NULL) == SQLITE_OK
		? 0 : cw_sql_error(db);
}

static bool has_program(const struct cw_past_filter *filter)
{
	return filter->exe || filter->tgid >= 0;
}

/* The programs that match, as a subquery. */
static void put_programs(FILE *out, const struct cw_past_filter *filter)
{
	const char *texts = filter->exe && strpbrk(filter->exe, "*?")
		? TEXTS_GLOB : TEXTS_EQUAL;
	const char *tgid = filter->tgid >= 0 ? " AND tgid=?6" : "";

	if (filter->exe)
		fprintf(out, "(SELECT id FROM program WHERE exe IN %s%s UNION "
			"SELECT id FROM program WHERE script IN %s%s)",
			texts, tgid, texts, tgid);
	else
		fputs("(SELECT id FROM program WHERE tgid=?6)", out);
}

/* ---- conditions ---------------------------------------------------------- */

/* The unary plus keeps SQLite from another index than the one chosen. */
static void put_end(FILE *out, const struct cw_past_filter *filter,
		    const char *end)
{
	fputs("(1", out);
	if (filter->family)
		fprintf(out, " AND +c.family=?12 AND +c.%s BETWEEN ?1 AND ?2",
			end);
	if (filter->port >= 0)
		fprintf(out, " AND +c.%s_port=?3", end);
	fputs(")", out);
}

static void put_ends(FILE *out, const struct cw_past_filter *filter)
{
	if (!filter->family && filter->port < 0)
		return;
	fputs(" AND (", out);
	put_end(out, filter, "remote");
	if (!filter->remote_only) {
		fputs(" OR ", out);
		put_end(out, filter, "local");
	}
	fputs(")", out);
}

static void put_owner(FILE *out, const struct cw_past_filter *filter)
{
	if (!has_program(filter))
		return;
	fputs(" AND (+c.program IN ", out);
	put_programs(out, filter);
	fputs(" OR +c.user IN ", out);
	put_programs(out, filter);
	fputs(")", out);
}

/* What each row must meet, whichever index found it.  Of a connection whose
 * end is not known, the end of its source is the latest. */
static void put_conditions(FILE *out, const struct cw_past_filter *filter)
{
	put_ends(out, filter);
	put_owner(out, filter);
	if (filter->uid >= 0)
		fputs(" AND c.uid=?5", out);
	if (filter->verdict >= 0)
		fputs(" AND c.verdict=?7", out);
	if (filter->proto >= 0)
		fputs(" AND c.proto=?8", out);
	if (filter->in >= 0)
		fputs(" AND c.incoming=?9", out);
	if (filter->since)
		fputs(" AND (+c.closed>=?10 OR "
		      "(+c.closed IS NULL AND c.id>?14))", out);
	if (filter->until)
		fputs(" AND +c.opened<=?11", out);
}

/* ---- ways ---------------------------------------------------------------- */

/* Ports that clients are given by chance have no index: it would cost more than
 * all others together, and few ask for one without an address. */
#define HAS_INDEX(port)	port "<" CW_PORT_INDEXED

/* Remote end first: with remote_only the second arm is left out. */
static const struct way by_address = { 2, {
	{ "connection_remote", "c.remote BETWEEN ?1 AND ?2" },
	{ "connection_local", "c.local BETWEEN ?1 AND ?2" },
} };

/* A host has few addresses of its own and many ports. */
static const struct way by_address_and_port = { 2, {
	{ "connection_remote", "c.remote=?1 AND c.remote_port=?3" },
	{ "connection_local_port", "c.local_port=?3 AND "
	  HAS_INDEX("c.local_port") },
} };

static const struct way by_port = { 2, {
	{ "connection_remote_port", "c.remote_port=?3 AND "
	  HAS_INDEX("c.remote_port") },
	{ "connection_local_port", "c.local_port=?3 AND "
	  HAS_INDEX("c.local_port") },
} };

static const struct way by_time = { 3, {
	{ "connection_opened", "c.opened BETWEEN ?10 AND ?11" },
	{ "connection_closed", "c.closed>=?10 AND +c.opened<?10" },
	{ "connection_closed", "c.closed IS NULL AND +c.opened<?10" },
} };

static const struct way by_exe = { 2, {
	{ "connection_program", "c.program IN " },
	{ "connection_user", "c.user IN " },
} };

static const struct way all = { 1, {
	{ "connection_opened", "1" },
} };

static bool is_whole_address(const struct cw_past_filter *filter)
{
	return filter->prefix == (filter->family == 4 ? 32 : 128);
}

static bool has_indexed_port(const struct cw_past_filter *filter)
{
	return filter->port >= 0 && filter->port < atoi(CW_PORT_INDEXED);
}

/* By what the question is about; NULL: by nothing that has an index. */
static const struct way *way_of_subject(const struct cw_past_filter *filter)
{
	if (filter->family && filter->prefix)
		return has_indexed_port(filter) && is_whole_address(filter)
			? &by_address_and_port : &by_address;
	if (has_program(filter))
		return &by_exe;
	return has_indexed_port(filter) ? &by_port : NULL;
}

/* ---- statements ---------------------------------------------------------- */

static void put_from(FILE *out, const struct way *way, unsigned arm,
		     const struct cw_past_filter *filter)
{
	fprintf(out, " FROM connection c INDEXED BY %s WHERE %s",
		way->arm[arm].index, way->arm[arm].where);
	if (way == &by_exe)
		put_programs(out, filter);
}

static void bind(sqlite3_stmt *statement, const struct cw_select *select)
{
	const struct cw_past_filter *filter = select->filter;
	int size = filter->family == 4 ? 4 : 16;

	sqlite3_bind_blob(statement, LOW, select->low, size, SQLITE_STATIC);
	sqlite3_bind_blob(statement, HIGH, select->high, size, SQLITE_STATIC);
	sqlite3_bind_int(statement, PORT, filter->port);
	sqlite3_bind_text(statement, EXE, filter->exe, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, UID, filter->uid);
	sqlite3_bind_int64(statement, TGID, filter->tgid);
	sqlite3_bind_int(statement, VERDICT, filter->verdict);
	sqlite3_bind_int(statement, PROTO, filter->proto);
	sqlite3_bind_int(statement, IN, filter->in);
	sqlite3_bind_int64(statement, SINCE, filter->since);
	sqlite3_bind_int64(statement, UNTIL, filter->until ?: INT64_MAX);
	sqlite3_bind_int(statement, FAMILY, filter->family);
	sqlite3_bind_int64(statement, LIMIT, filter->limit ? (int64_t)filter->limit : -1);
	sqlite3_bind_int64(statement, OPEN_FROM, select->open_from);
}

/* @select->text has the statement; 1 = a row is there. */
static int start(struct cw_select *select, sqlite3_stmt **statement)
{
	int ret = select->text ? cw_sql_prepare(select->db, select->text,
						statement) : -ENOMEM;

	if (ret)
		return ret;
	bind(*statement, select);
	ret = cw_sql_row(*statement);
	if (ret <= 0)
		sqlite3_finalize(*statement);
	return ret;
}

/* Text that is written to the result replaces the last one. */
static FILE *open_text(struct cw_select *select)
{
	free(select->text);
	select->text = NULL;
	return open_memstream(&select->text, &select->text_size);
}

/* Whether more rows than MANY are in one arm of @way. */
static int has_many(struct cw_select *select, const struct way *way,
		    unsigned arm)
{
	FILE *out = open_text(select);
	sqlite3_stmt *statement;
	int ret;

	if (!out)
		return -ENOMEM;
	fputs("SELECT 1", out);
	put_from(out, way, arm, select->filter);
	fputs(" LIMIT 1 OFFSET " MANY, out);
	fclose(out);
	ret = start(select, &statement);
	if (ret > 0)
		sqlite3_finalize(statement);
	return ret;
}

static unsigned arms_of(const struct way *way,
			const struct cw_past_filter *filter)
{
	return filter->remote_only && way->arms == 2 && way != &by_exe
		? 1 : way->arms;
}

static int choose(struct cw_select *select, const struct way **way)
{
	const struct cw_past_filter *filter = select->filter;
	int ret = 0;

	*way = way_of_subject(filter);
	if (!*way) {
		*way = filter->since ? &by_time : &all;
		return 0;
	}
	if (!filter->since)
		return 0;
	for (unsigned i = 0; i < arms_of(*way, filter) && !ret; i++)
		ret = has_many(select, *way, i);
	if (ret > 0)
		*way = &by_time;
	return ret < 0 ? ret : 0;
}

/* ---- ids ----------------------------------------------------------------- */

static bool grow(struct cw_select *select)
{
	size_t room = select->room ? 2 * select->room : 1024;
	struct cw_found *found = realloc(select->found, room * sizeof(*found));

	if (!found)
		return false;
	select->found = found;
	select->room = room;
	return true;
}

static int take_rows(struct cw_select *select, sqlite3_stmt *statement)
{
	int ret;

	do {
		if (select->count == select->room && !grow(select))
			return -ENOMEM;
		select->found[select->count++] = (struct cw_found) {
			.opened = sqlite3_column_int64(statement, 0),
			.id = sqlite3_column_int64(statement, 1),
		};
		ret = cw_sql_row(statement);
	} while (ret > 0);
	return ret;
}

static int run_arm(struct cw_select *select, const struct way *way,
		   unsigned arm)
{
	FILE *out = open_text(select);
	sqlite3_stmt *statement;
	int ret;

	if (!out)
		return -ENOMEM;
	fputs("SELECT c.opened, c.id", out);
	put_from(out, way, arm, select->filter);
	put_conditions(out, select->filter);
	if (select->filter->limit)
		fputs(" ORDER BY c.opened DESC, c.id DESC LIMIT ?13", out);
	fclose(out);
	ret = start(select, &statement);
	if (ret <= 0)
		return ret;
	ret = take_rows(select, statement);
	sqlite3_finalize(statement);
	return ret;
}

static int compare(const void *left, const void *right)
{
	const struct cw_found *a = left, *b = right;

	if (a->opened != b->opened)
		return a->opened < b->opened ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* In order, each once, and the newest of them. */
static void finish(struct cw_select *select)
{
	struct cw_found *found = select->found;
	unsigned limit = select->filter->limit;
	size_t kept = 0;

	if (!select->count)
		return;
	qsort(found, select->count, sizeof(*found), compare);
	for (size_t i = 0; i < select->count; i++)
		if (!i || found[i].id != found[kept - 1].id)
			found[kept++] = found[i];
	select->count = kept;
	if (limit && kept > limit) {
		memmove(found, found + kept - limit, limit * sizeof(*found));
		select->count = limit;
	}
}

static void set_range(struct cw_select *select)
{
	const struct cw_past_filter *filter = select->filter;

	for (unsigned i = 0; i < sizeof(select->low); i++) {
		unsigned bits = filter->prefix > 8 * i
			? filter->prefix - 8 * i : 0;
		uint8_t mask = bits >= 8 ? 0xff : 0xff00 >> bits;

		select->low[i] = filter->address[i] & mask;
		select->high[i] = filter->address[i] | (uint8_t)~mask;
	}
}

int cw_select_run(struct cw_select *select)
{
	const struct way *way;
	int ret;

	set_range(select);
	ret = choose(select, &way);
	for (unsigned i = 0; !ret && i < arms_of(way, select->filter); i++)
		ret = run_arm(select, way, i);
	if (!ret)
		finish(select);
	return ret;
}

void cw_select_free(struct cw_select *select)
{
	free(select->found);
	free(select->text);
}
