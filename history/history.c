// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the history.  Rows are fetched a few at a time, each time in a
 * transaction of its own that ends before anybody is told of them: whoever is
 * told may take hours.  What was removed in between is passed over.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

#define CHUNK		256u
#define PROGRAMS	1024u	/* remembered */

enum statement { CONNECTION, PROGRAM, ANCESTOR, TEXT, LABEL, STATEMENTS };

static const char *const text_of[STATEMENTS] = {
	[CONNECTION] = "SELECT opened, closed, family, proto, incoming, "
		"verdict, attribution, local, local_port, remote, "
		"remote_port, program, user, pid, uid, netns, generation, "
		"rule, line, label, sent, received, number, interface, "
		"established, ending "
		"FROM connection WHERE id=?",
	[PROGRAM] = "SELECT tgid, start, exe, script, cgroup, unit, plain, "
		"ancestor, auid, session, command FROM program WHERE id=?",
	[ANCESTOR] = "SELECT tgid, start, exe, next FROM ancestor WHERE id=?",
	[TEXT] = "SELECT value FROM text WHERE id=?",
	[LABEL] = "SELECT value FROM label WHERE id=?",
};

struct cw_history {
	sqlite3 *db;
	sqlite3_stmt *statement[STATEMENTS];
	struct cw_strings *texts, *labels;
	struct cw_program *program;	/* by id % PROGRAMS */
	int64_t live_from;		/* ids above may be of live ones */
	struct cw_past past[CHUNK];
};

/* ---- open and close ------------------------------------------------------ */

static int prepare(struct cw_history *history, const char *file)
{
	int ret = cw_schema_open(&history->db, file);

	ret = ret ?: cw_select_init(history->db);
	for (int i = 0; i < STATEMENTS && !ret; i++)
		ret = cw_sql_prepare(history->db, text_of[i],
				     &history->statement[i]);
	return ret;
}

int cw_history_open(struct cw_history **out, const char *file)
{
	struct cw_history *history = calloc(1, sizeof(*history));
	int ret = -ENOMEM;

	if (!history)
		return ret;
	history->texts = cw_strings_new();
	history->labels = cw_strings_new();
	history->program = calloc(PROGRAMS, sizeof(*history->program));
	if (history->texts && history->labels && history->program)
		ret = prepare(history, file);
	if (ret)
		cw_history_close(history);
	else
		*out = history;
	return ret;
}

void cw_history_close(struct cw_history *history)
{
	if (!history)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(history->statement[i]);
	sqlite3_close(history->db);
	cw_strings_free(history->texts);
	cw_strings_free(history->labels);
	free(history->program);
	free(history);
}

/* ---- texts and programs -------------------------------------------------- */

static int load_string(struct cw_history *history, enum statement which,
		       struct cw_strings *strings, int64_t id,
		       const char **text)
{
	sqlite3_stmt *load = history->statement[which];
	int ret;

	*text = id ? cw_strings_get(strings, id) : "";
	if (*text)
		return 0;
	sqlite3_bind_int64(load, 1, id);
	ret = cw_sql_row(load);
	*text = ret > 0 ? cw_strings_put(strings, id, (const char *)
				sqlite3_column_text(load, 0) ?: "") : "";
	sqlite3_reset(load);
	if (ret < 0)
		return ret;
	return *text ? 0 : -ENOMEM;
}

static int load_text(struct cw_history *history, int64_t id, const char **text)
{
	return load_string(history, TEXT, history->texts, id, text);
}

static int load_ancestors(struct cw_history *history,
			  struct cw_program *program, int64_t id)
{
	sqlite3_stmt *load = history->statement[ANCESTOR];
	int ret = 0;

	while (id && program->ancestors < CW_ANCESTORS && !ret) {
		struct cw_ancestor *ancestor =
			&program->ancestor[program->ancestors];
		int64_t exe;

		sqlite3_bind_int64(load, 1, id);
		ret = cw_sql_row(load);
		if (ret <= 0)
			break;
		ancestor->tgid = sqlite3_column_int64(load, 0);
		ancestor->start = sqlite3_column_int64(load, 1);
		exe = sqlite3_column_int64(load, 2);
		id = sqlite3_column_int64(load, 3);
		sqlite3_reset(load);
		ret = load_text(history, exe, &ancestor->exe);
		program->ancestors++;
	}
	sqlite3_reset(load);
	return ret < 0 ? ret : 0;
}

/* The number, or @none for NULL. */
static int64_t read_unless(sqlite3_stmt *load, int column, int64_t none)
{
	return sqlite3_column_type(load, column) == SQLITE_NULL
		? none : sqlite3_column_int64(load, column);
}

static int fill_program(struct cw_history *history, sqlite3_stmt *load,
			struct cw_program *program)
{
	int64_t id[4], ancestor = sqlite3_column_int64(load, 7);
	int64_t command = sqlite3_column_int64(load, 10);
	int ret;

	program->tgid = sqlite3_column_int64(load, 0);
	program->start = sqlite3_column_int64(load, 1);
	for (int i = 0; i < 4; i++)
		id[i] = sqlite3_column_int64(load, 2 + i);
	program->is_plain = sqlite3_column_int(load, 6);
	program->auid = read_unless(load, 8, UINT32_MAX);
	program->session = read_unless(load, 9, UINT32_MAX);
	ret = load_text(history, id[0], &program->exe);
	ret = ret ?: load_text(history, id[1], &program->script);
	ret = ret ?: load_text(history, id[2], &program->cgroup);
	ret = ret ?: load_text(history, id[3], &program->unit);
	ret = ret ?: load_text(history, command, &program->command);
	return ret ?: load_ancestors(history, program, ancestor);
}

static void clear_program(struct cw_program *program)
{
	*program = (struct cw_program) {
		.exe = "", .script = "", .cgroup = "", .unit = "",
		.command = "", .auid = UINT32_MAX, .session = UINT32_MAX,
	};
}

/* One that is not there has an id of 0 in @out: it is not known. */
static int load_program(struct cw_history *history, int64_t id,
			struct cw_program *out)
{
	struct cw_program *known = &history->program[id % PROGRAMS];
	sqlite3_stmt *load = history->statement[PROGRAM];
	int ret;

	if (known->id != id || !id) {
		clear_program(known);
		sqlite3_bind_int64(load, 1, id);
		ret = cw_sql_row(load);
		if (ret > 0)
			ret = fill_program(history, load, known) ?: 1;
		sqlite3_reset(load);
		if (ret < 0)
			return ret;
		known->id = ret ? id : 0;
	}
	*out = *known;
	return 0;
}

/* ---- one connection ------------------------------------------------------ */

static void read_address(sqlite3_stmt *load, int column, uint8_t address[16])
{
	int size = sqlite3_column_bytes(load, column);
	const void *blob = sqlite3_column_blob(load, column);

	if (blob && size <= 16)
		memcpy(address, blob, size);
}

static uint64_t read_bytes(sqlite3_stmt *load, int column)
{
	return read_unless(load, column, -1);
}

static void read_numbers(sqlite3_stmt *load, struct cw_past *past)
{
	past->opened = sqlite3_column_int64(load, 0);
	past->closed = sqlite3_column_int64(load, 1);
	past->family = sqlite3_column_int(load, 2);
	past->proto = sqlite3_column_int(load, 3);
	past->in = sqlite3_column_int(load, 4);
	past->verdict = sqlite3_column_int(load, 5);
	past->attribution = sqlite3_column_int(load, 6);
	read_address(load, 7, past->local);
	past->local_port = sqlite3_column_int(load, 8);
	read_address(load, 9, past->remote);
	past->remote_port = sqlite3_column_int(load, 10);
	past->pid = sqlite3_column_int64(load, 13);
	past->uid = sqlite3_column_int64(load, 14);
	past->netns = sqlite3_column_int64(load, 15);
	past->netns_owner = sqlite3_column_int64(load, 15) >> 32 & 3;
	past->generation = sqlite3_column_int64(load, 16);
	past->rule = sqlite3_column_int64(load, 17);
	past->line = sqlite3_column_int64(load, 18);
	past->sent = read_bytes(load, 20);
	past->received = read_bytes(load, 21);
	past->number = sqlite3_column_int(load, 22);
	past->established = sqlite3_column_int(load, 24);
	past->ending = sqlite3_column_int(load, 25);
}

static int read_names(struct cw_history *history, sqlite3_stmt *load,
		      struct cw_past *past)
{
	int64_t user = sqlite3_column_int64(load, 12);
	int ret = load_string(history, LABEL, history->labels,
			      sqlite3_column_int64(load, 19), &past->label);

	ret = ret ?: load_text(history, sqlite3_column_int64(load, 23),
			       &past->interface);
	ret = ret ?: load_program(history, sqlite3_column_int64(load, 11),
				  &past->program);
	clear_program(&past->user);
	if (!ret && user) {
		ret = load_program(history, user, &past->user);
		past->attribution = CW_ATTRIBUTION_INHERITED;
	}
	return ret;
}

/* 1 = it is there. */
static int load_past(struct cw_history *history, int64_t id,
		     struct cw_past *past)
{
	sqlite3_stmt *load = history->statement[CONNECTION];
	int ret;

	memset(past, 0, sizeof(*past));
	sqlite3_bind_int64(load, 1, id);
	ret = cw_sql_row(load);
	if (ret > 0) {
		past->id = id;
		past->host = "";
		read_numbers(load, past);
		past->is_live = !past->closed && id > history->live_from;
		ret = read_names(history, load, past) ?: 1;
	}
	sqlite3_reset(load);
	return ret;
}

/* ---- sources ------------------------------------------------------------- */

/* @open_from: below are sources that had ended at @since. */
static int read_sources(struct cw_history *history, int64_t since,
			int64_t *open_from)
{
	char boot[CW_SOURCE_NAME] = "";
	sqlite3_stmt *load;
	int ret = cw_sql_prepare(history->db, "SELECT connections, until, boot "
				 "FROM source ORDER BY id DESC", &load);
	bool is_newest = true;

	if (ret)
		return ret;
	/* Without it none is live. */
	if (cw_boot_read(boot, sizeof(boot)))
		boot[0] = 0;
	*open_from = history->live_from = INT64_MAX;
	while ((ret = cw_sql_row(load)) > 0) {
		int64_t base = sqlite3_column_int64(load, 0);
		const char *name = (const char *)sqlite3_column_text(load, 2);

		if (is_newest && name && !strcmp(name, boot))
			*open_from = history->live_from = base;
		else if (sqlite3_column_int64(load, 1) >= since)
			*open_from = base;
		is_newest = false;
	}
	sqlite3_finalize(load);
	return ret;
}

/* ---- queries ------------------------------------------------------------- */

void cw_past_filter_init(struct cw_past_filter *filter)
{
	*filter = (struct cw_past_filter) {
		.port = -1, .uid = -1, .tgid = -1, .verdict = -1, .proto = -1,
		.in = -1,
	};
}

static int load_chunk(struct cw_history *history, const struct cw_found *found,
		      size_t count, unsigned *loaded)
{
	int ret = cw_sql_exec(history->db, "BEGIN");

	*loaded = 0;
	for (size_t i = 0; i < count && ret >= 0; i++) {
		ret = load_past(history, found[i].id, &history->past[*loaded]);
		*loaded += ret > 0;
	}
	cw_sql_exec(history->db, "COMMIT");
	return ret < 0 ? ret : 0;
}

static int tell(struct cw_history *history, const struct cw_select *select,
		int (*each)(void *data, const struct cw_past *past), void *data)
{
	unsigned loaded;
	int ret = 0;

	for (size_t at = 0; at < select->count && !ret; at += CHUNK) {
		size_t left = select->count - at;

		ret = load_chunk(history, select->found + at,
				 left < CHUNK ? left : CHUNK, &loaded);
		for (unsigned i = 0; i < loaded && !ret; i++)
			ret = each(data, &history->past[i]);
	}
	return ret;
}

int cw_history_query(struct cw_history *history,
		     const struct cw_past_filter *filter,
		     int (*each)(void *data, const struct cw_past *past),
		     void *data)
{
	struct cw_select select = { .db = history->db, .filter = filter };
	int ret = read_sources(history, filter->since, &select.open_from);

	ret = ret ?: cw_select_run(&select);
	ret = ret ?: tell(history, &select, each, data);
	cw_select_free(&select);
	return ret;
}

static const char *reason_of(const char *text)
{
	static const char *const reasons[] = {
		"kernel", "disk", "elsewhere", CW_HOLE_TABLE,
		CW_HOLE_SIZE,
	};

	for (size_t i = 0; text && i < sizeof(reasons) / sizeof(*reasons); i++)
		if (!strcmp(text, reasons[i]))
			return reasons[i];
	return "unknown";
}

/* A step is said of where it left, of where it went, and of all between. */
int cw_history_steps(struct cw_history *history, int64_t since, int64_t until,
		     int (*each)(void *data, const struct cw_step *step),
		     void *data)
{
	sqlite3_stmt *load;
	int ret = cw_sql_prepare(history->db, "SELECT before, after FROM step "
				 "WHERE max(before, after)>=?1 AND "
				 "min(before, after)<=?2 ORDER BY id", &load);

	if (ret)
		return ret;
	sqlite3_bind_int64(load, 1, since);
	sqlite3_bind_int64(load, 2, until ?: INT64_MAX);
	while ((ret = cw_sql_row(load)) > 0) {
		struct cw_step step = {
			.before = sqlite3_column_int64(load, 0),
			.after = sqlite3_column_int64(load, 1),
		};

		ret = each(data, &step);
		if (ret)
			break;
	}
	sqlite3_finalize(load);
	return ret;
}

int cw_history_oldest(struct cw_history *history, int64_t *opened)
{
	return cw_sql_number(history->db, "SELECT ifnull(min(opened), 0) FROM "
			     "connection", opened);
}

int cw_history_traffic(struct cw_history *history, int64_t connection,
		       int64_t since, int64_t until,
		       int (*each)(void *data, const struct cw_traffic *traffic),
		       void *data)
{
	sqlite3_stmt *load;
	int ret = cw_sql_prepare(history->db, connection
		? "SELECT connection, time, sent, received FROM traffic WHERE "
		  "connection=?3 AND time BETWEEN ?1 AND ?2 ORDER BY time"
		: "SELECT connection, time, sent, received FROM traffic WHERE "
		  "time BETWEEN ?1 AND ?2 ORDER BY time", &load);

	if (ret)
		return ret;
	sqlite3_bind_int64(load, 1, since);
	sqlite3_bind_int64(load, 2, until ?: INT64_MAX);
	sqlite3_bind_int64(load, 3, connection);
	while ((ret = cw_sql_row(load)) > 0) {
		struct cw_traffic traffic = {
			.connection = sqlite3_column_int64(load, 0),
			.time = sqlite3_column_int64(load, 1),
			.sent = read_bytes(load, 2),
			.received = read_bytes(load, 3),
		};

		ret = each(data, &traffic);
		if (ret)
			break;
	}
	sqlite3_finalize(load);
	return ret;
}

int cw_history_holes(struct cw_history *history, int64_t since, int64_t until,
		     int (*each)(void *data, const struct cw_hole *hole),
		     void *data)
{
	sqlite3_stmt *load;
	int ret = cw_sql_prepare(history->db, "SELECT since, until, records, "
				 "reason FROM hole WHERE until>=?1 AND "
				 "since<=?2 ORDER BY since, id", &load);

	if (ret)
		return ret;
	sqlite3_bind_int64(load, 1, since);
	sqlite3_bind_int64(load, 2, until ?: INT64_MAX);
	while ((ret = cw_sql_row(load)) > 0) {
		struct cw_hole hole = {
			.since = sqlite3_column_int64(load, 0),
			.until = sqlite3_column_int64(load, 1),
			.records = sqlite3_column_int64(load, 2),
			.reason = reason_of((const char *)
					    sqlite3_column_text(load, 3)),
		};

		ret = each(data, &hole);
		if (ret)
			break;
	}
	sqlite3_finalize(load);
	return ret;
}
