// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing rows of the history.  Knows tables, not records: what must be
 * written is said by ingest.c, and that in one transaction a batch.  After
 * an error nothing of the transaction is there, and the store must be closed.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "policy/engine/engine.h"
#include "history.h"

enum statement {
	BEGIN, COMMIT,
	FIND_TEXT, ADD_TEXT,
	FIND_LABEL, ADD_LABEL,
	FIND_ANCESTOR, ADD_ANCESTOR,
	ADD_PROGRAM,
	ADD_CONNECTION,
	ADD_HOLE, EXTEND_HOLE, ADD_STEP,
	SAVE_SOURCE,
	STATEMENTS
};

static const char *const text_of[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[FIND_TEXT] = "SELECT id FROM text WHERE value=?",
	[ADD_TEXT] = "INSERT INTO text (value) VALUES (?)",
	[FIND_LABEL] = "SELECT id FROM label WHERE value=?",
	[ADD_LABEL] = "INSERT INTO label (value) VALUES (?)",
	[FIND_ANCESTOR] = "SELECT id FROM ancestor WHERE tgid=? AND start=? "
		"AND exe=? AND next=?",
	[ADD_ANCESTOR] = "INSERT INTO ancestor (tgid, start, exe, next) "
		"VALUES (?, ?, ?, ?)",
	[ADD_PROGRAM] = "INSERT INTO program (id, tgid, start, exe, script, "
		"cgroup, unit, plain, ancestor, auid, session, command) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	[ADD_CONNECTION] = "INSERT INTO connection (id, opened, closed, "
		"family, proto, incoming, verdict, attribution, local, "
		"local_port, remote, remote_port, program, user, pid, uid, "
		"netns, generation, rule, line, label, sent, received, clock, "
		"number, interface, established, ending) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		"?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	[ADD_HOLE] = "INSERT INTO hole (since, until, records, reason, clock) "
		"VALUES (?, ?, ?, ?, ?)",
	[EXTEND_HOLE] = "UPDATE hole SET until=max(until, ?2), "
		"records=records+?3, clock=?5 WHERE id=(SELECT max(id) "
		"FROM hole) AND reason=?4 AND ?1 BETWEEN since AND "
		"until+60000000000 AND ?2<since+3600000000000",
	[ADD_STEP] = "INSERT INTO step (before, after, clock) "
		"VALUES (?, ?, ?)",
	[SAVE_SOURCE] = "UPDATE source SET until=?2, last=?3, offset=?4, "
		"top_connection=?5, top_program=?6, heard=?7 WHERE id=?1",
};

struct cw_store {
	sqlite3 *db;
	struct cw_memo *memo;	/* of texts and ancestors */
	struct cw_updates *updates;
	sqlite3_stmt *statement[STATEMENTS];
};

/* ---- open and close ------------------------------------------------------ */

static int prepare_all(struct cw_store *store)
{
	int ret = 0;

	for (int i = 0; i < STATEMENTS && !ret; i++)
		ret = cw_sql_prepare(store->db, text_of[i],
				     &store->statement[i]);
	return ret;
}

int cw_store_open(struct cw_store **out, const char *file)
{
	struct cw_store *store = calloc(1, sizeof(*store));
	int ret = -ENOMEM;

	if (!store)
		return ret;
	store->memo = cw_memo_new();
	if (store->memo)
		ret = cw_schema_create(&store->db, file);
	ret = ret ?: prepare_all(store);
	ret = ret ?: cw_updates_new(&store->updates, store->db);
	if (ret)
		cw_store_close(store);
	else
		*out = store;
	return ret;
}

void cw_store_close(struct cw_store *store)
{
	if (!store)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->statement[i]);
	cw_updates_free(store->updates);
	sqlite3_close(store->db);
	cw_memo_free(store->memo);
	free(store);
}

sqlite3 *cw_store_db(struct cw_store *store)
{
	return store->db;
}

struct cw_updates *cw_store_updates(struct cw_store *store)
{
	return store->updates;
}

void cw_store_forget(struct cw_store *store)
{
	cw_memo_clear(store->memo);
}

int cw_store_begin(struct cw_store *store)
{
	return cw_sql_run(store->statement[BEGIN]);
}

int cw_store_commit(struct cw_store *store)
{
	return cw_sql_run(store->statement[COMMIT]);
}

/* ---- the source ---------------------------------------------------------- */

int cw_store_save(struct cw_store *store, const struct cw_event_source *source)
{
	sqlite3_stmt *save = store->statement[SAVE_SOURCE];

	sqlite3_bind_int64(save, 1, source->id);
	sqlite3_bind_int64(save, 2, source->until);
	sqlite3_bind_int64(save, 3, source->last);
	sqlite3_bind_int64(save, 4, source->offset);
	sqlite3_bind_int64(save, 5, source->top_connection);
	sqlite3_bind_int64(save, 6, source->top_program);
	sqlite3_bind_int64(save, 7, source->heard);
	return cw_sql_run(save);
}

/* ---- what is stored once ------------------------------------------------- */

/* The row that the bound values find, or else make; an id or an error. */
static int64_t find_or_add(struct cw_store *store, sqlite3_stmt *find,
			   sqlite3_stmt *add)
{
	int64_t id = 0;
	int ret = cw_sql_row(find);

	if (ret > 0)
		id = sqlite3_column_int64(find, 0);
	sqlite3_reset(find);
	if (ret)
		return ret < 0 ? ret : id;
	ret = cw_sql_run(add);
	return ret ?: sqlite3_last_insert_rowid(store->db);
}

/* An id, 0 for "", or an error. */
static int64_t text_id(struct cw_store *store, enum statement find,
		       const char *text, size_t size)
{
	sqlite3_stmt *finding = store->statement[find];
	sqlite3_stmt *adding = store->statement[find + 1];
	int64_t id;

	if (!size)
		return 0;
	sqlite3_bind_text(finding, 1, text, size, SQLITE_STATIC);
	sqlite3_bind_text(adding, 1, text, size, SQLITE_STATIC);
	id = find_or_add(store, finding, adding);
	sqlite3_clear_bindings(finding);
	sqlite3_clear_bindings(adding);
	return id;
}

static int64_t known_text(struct cw_store *store, const char *text, size_t size)
{
	int64_t id = cw_memo_get(store->memo, text, size);

	if (id)
		return id;
	id = text_id(store, FIND_TEXT, text, size);
	if (id > 0)
		cw_memo_put(store->memo, text, size, id);
	return id;
}

static int64_t add_ancestor(struct cw_store *store, const int64_t key[4])
{
	/* With a NUL in front it is no text. */
	struct { char zero[8]; int64_t key[4]; } name = { { 0 }, { 0 } };
	int64_t id;

	memcpy(name.key, key, sizeof(name.key));
	id = cw_memo_get(store->memo, &name, sizeof(name));
	if (id)
		return id;
	for (int i = 0; i < 4; i++) {
		sqlite3_bind_int64(store->statement[FIND_ANCESTOR], i + 1,
				   key[i]);
		sqlite3_bind_int64(store->statement[ADD_ANCESTOR], i + 1,
				   key[i]);
	}
	id = find_or_add(store, store->statement[FIND_ANCESTOR],
			 store->statement[ADD_ANCESTOR]);
	if (id > 0)
		cw_memo_put(store->memo, &name, sizeof(name), id);
	return id;
}

/* From the farthest on, as each row names the next; the nearest one's id. */
static int64_t add_ancestors(struct cw_store *store,
			     const struct cw_program *program)
{
	int64_t id = 0, exe;

	for (unsigned i = program->ancestors; i-- > 0;) {
		const struct cw_ancestor *ancestor = &program->ancestor[i];

		exe = known_text(store, ancestor->exe, strlen(ancestor->exe));
		if (exe < 0)
			return exe;
		id = add_ancestor(store, (int64_t[]){ ancestor->tgid,
				  ancestor->start, exe, id });
		if (id < 0)
			return id;
	}
	return id;
}

static int bind_text_id(struct cw_store *store, sqlite3_stmt *statement,
			int at, const char *text, size_t size)
{
	int64_t id = known_text(store, text, size);

	if (id < 0)
		return id;
	if (id)
		sqlite3_bind_int64(statement, at, id);
	else
		sqlite3_bind_null(statement, at);
	return 0;
}

int cw_store_program(struct cw_store *store, const struct cw_program *program)
{
	sqlite3_stmt *add = store->statement[ADD_PROGRAM];
	int64_t exe = known_text(store, program->exe, strlen(program->exe));
	int64_t ancestor = exe < 0 ? exe : add_ancestors(store, program);
	struct cw_part unit = cw_cgroup_unit(program->cgroup);
	int ret;

	if (ancestor < 0)
		return ancestor;
	sqlite3_bind_int64(add, 1, program->id);
	sqlite3_bind_int64(add, 2, program->tgid);
	sqlite3_bind_int64(add, 3, program->start);
	sqlite3_bind_int64(add, 4, exe);
	ret = bind_text_id(store, add, 5, program->script,
			   strlen(program->script));
	ret = ret ?: bind_text_id(store, add, 6, program->cgroup,
				  strlen(program->cgroup));
	ret = ret ?: bind_text_id(store, add, 7, unit.text, unit.size);
	sqlite3_bind_int(add, 8, program->is_plain);
	sqlite3_bind_int64(add, 9, ancestor);
	cw_sql_bind_unless(add, 10, program->auid, UINT32_MAX);
	cw_sql_bind_unless(add, 11, program->session, UINT32_MAX);
	ret = ret ?: bind_text_id(store, add, 12, program->command,
				  strlen(program->command));
	return ret ?: cw_sql_run(add);
}

/* ---- connections --------------------------------------------------------- */

static void bind_address(sqlite3_stmt *statement, int at, uint8_t family,
			 const uint8_t *address)
{
	if (family == 4 || family == 6)
		sqlite3_bind_blob(statement, at, address, family == 4 ? 4 : 16,
				  SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, at);
}

void cw_store_bind_local(sqlite3_stmt *statement, int at, uint8_t family,
			 const uint8_t *address, uint16_t port)
{
	static const uint8_t none[16];

	bind_address(statement, at, port || memcmp(address, none, 16)
		     ? family : 0, address);
	sqlite3_bind_int(statement, at + 1, port);
}

static void bind_ends(sqlite3_stmt *add, const struct cw_row *row)
{
	cw_store_bind_local(add, 9, row->family, row->local, row->local_port);
	bind_address(add, 11, row->family, row->remote);
	sqlite3_bind_int(add, 12, row->remote_port);
}

/* Labels are remembered as texts are, under names that no text has. */
int64_t cw_store_label(struct cw_store *store, const char *label)
{
	char name[1 + CW_LABEL_MAX] = "";
	size_t size = strlen(label);
	int64_t id;

	if (!size || size >= CW_LABEL_MAX)
		return text_id(store, FIND_LABEL, label, size);
	memcpy(name + 1, label, size);
	id = cw_memo_get(store->memo, name, 1 + size);
	if (id)
		return id;
	id = text_id(store, FIND_LABEL, label, size);
	if (id > 0)
		cw_memo_put(store->memo, name, 1 + size, id);
	return id;
}

static int bind_label(struct cw_store *store, sqlite3_stmt *add, int at,
		      const char *label)
{
	int64_t id = cw_store_label(store, label);

	if (id < 0)
		return id;
	cw_sql_bind_unless(add, at, id, 0);
	return 0;
}

int cw_store_connection(struct cw_store *store, const struct cw_row *row)
{
	sqlite3_stmt *add = store->statement[ADD_CONNECTION];
	int ret = bind_label(store, add, 21, row->label);

	ret = ret ?: bind_text_id(store, add, 26, row->interface,
				  strlen(row->interface));
	if (ret)
		return ret;
	sqlite3_bind_int64(add, 1, row->id);
	sqlite3_bind_int64(add, 2, row->opened);
	cw_sql_bind_unless(add, 3, row->closed, 0);
	sqlite3_bind_int(add, 4, row->family);
	sqlite3_bind_int(add, 5, row->proto);
	sqlite3_bind_int(add, 6, row->in);
	sqlite3_bind_int(add, 7, row->verdict);
	sqlite3_bind_int(add, 8, row->attribution);
	bind_ends(add, row);
	sqlite3_bind_int64(add, 13, row->program);
	cw_sql_bind_unless(add, 14, row->user, 0);
	sqlite3_bind_int64(add, 15, row->pid);
	sqlite3_bind_int64(add, 16, row->uid);
	/* The namespace has 32 bits, and its owner the next two. */
	sqlite3_bind_int64(add, 17, (int64_t)row->netns_owner << 32 |
			   row->netns);
	sqlite3_bind_int64(add, 18, row->generation);
	/* The default verdict is -1, which is shorter. */
	sqlite3_bind_int(add, 19, (int32_t)row->rule);
	sqlite3_bind_int64(add, 20, row->line);
	cw_sql_bind_bytes(add, 22, row->sent);
	cw_sql_bind_bytes(add, 23, row->received);
	sqlite3_bind_int64(add, 24, row->clock);
	cw_sql_bind_unless(add, 25, row->number, 0);
	cw_sql_bind_unless(add, 27, row->established, 0);
	cw_sql_bind_unless(add, 28, row->ending, 0);
	return cw_sql_run(add);
}

/* How many rows were changed. */
static int update(struct cw_store *store, enum statement which)
{
	int ret = cw_sql_run(store->statement[which]);

	return ret ?: sqlite3_changes(store->db);
}

static void bind_hole(sqlite3_stmt *statement, const struct cw_hole *hole,
		      int64_t clock)
{
	sqlite3_bind_int64(statement, 1, hole->since);
	sqlite3_bind_int64(statement, 2, hole->until);
	sqlite3_bind_int64(statement, 3, hole->records);
	sqlite3_bind_text(statement, 4, hole->reason, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 5, clock);
}

int cw_store_hole(struct cw_store *store, const struct cw_hole *hole,
		  int64_t clock)
{
	bind_hole(store->statement[ADD_HOLE], hole, clock);
	return cw_sql_run(store->statement[ADD_HOLE]);
}

int cw_store_extend_hole(struct cw_store *store, const struct cw_hole *hole,
			 int64_t clock)
{
	bind_hole(store->statement[EXTEND_HOLE], hole, clock);
	return update(store, EXTEND_HOLE);
}

int cw_store_step(struct cw_store *store, const struct cw_step *step,
		  int64_t clock)
{
	sqlite3_stmt *add = store->statement[ADD_STEP];

	sqlite3_bind_int64(add, 1, step->before);
	sqlite3_bind_int64(add, 2, step->after);
	sqlite3_bind_int64(add, 3, clock);
	return cw_sql_run(add);
}
