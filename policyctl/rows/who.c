// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who talked to an address: connections of the history and of the kernel's
 * table, which may be newer, by program.
 *
 * A connection may be in both.  The two number them differently, and the table
 * tells times to the millisecond only, so the same process, the same ends and
 * nearly the same time make it the same; each row of the history stands for
 * one of the table at most.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

#define NEARLY	1000000000ll	/* ns; the clock may have been set */

/* ---- the kernel's table ------------------------------------------------- */

/* What is the same in both; without holes, for memcmp(). */
struct key {
	uint8_t remote[16];
	uint32_t tgid, pid, netns;
	uint16_t port;
	uint8_t proto, in;
};

/* A row of the table until it is found in the history. */
struct cw_who_live {
	struct cw_past past;		/* strings are names */
	uint32_t next;			/* of the same key */
	bool is_known;
};

static uint32_t find_key(struct cw_who *who, const struct cw_past *past)
{
	struct key key;

	memset(&key, 0, sizeof(key));
	memcpy(key.remote, past->remote, sizeof(key.remote));
	key.tgid = past->program.tgid;
	key.pid = past->pid;
	key.netns = past->netns;
	key.port = past->remote_port;
	key.proto = past->proto;
	key.in = past->in;
	return cw_names_add(&who->keys, &key, sizeof(key));
}

static const char *keep(struct cw_who *who, const char *text)
{
	return cw_names_get(&who->names,
			    cw_names_add(&who->names, text, strlen(text)));
}

static int add_head(struct cw_who *who, uint32_t number)
{
	uint32_t *head = cw_grow(who->head, number, &who->head_room,
				 sizeof(*head));

	if (!head)
		return -ENOMEM;
	who->head = head;
	if (number == who->heads) {
		who->head[number] = CW_NAME_NONE;
		who->heads++;
	}
	return 0;
}

static int add_live(void *data, const struct cw_live *row)
{
	struct cw_who *who = data;
	struct cw_who_live *live;
	uint32_t number;

	if (!cw_filter_matches(who->filter, &row->past))
		return 0;
	number = find_key(who, &row->past);
	if (number == CW_NAME_NONE || add_head(who, number))
		return -ENOMEM;
	live = cw_grow(who->live, who->lives, &who->live_room, sizeof(*live));
	if (!live)
		return -ENOMEM;
	who->live = live;
	live += who->lives;
	live->past = row->past;
	live->past.program.exe = keep(who, row->past.program.exe);
	live->past.user.exe = keep(who, row->past.user.exe);
	live->is_known = false;
	live->next = who->head[number];
	who->head[number] = who->lives++;
	return 0;
}

int cw_who_read_live(struct cw_who *who, const char *securityfs)
{
	return cw_live_read(securityfs, add_live, who);
}

static bool is_same_local(const struct cw_past *a, const struct cw_past *b)
{
	return !cw_past_has_local(a) || !cw_past_has_local(b) ||
	       (a->local_port == b->local_port &&
		!memcmp(a->local, b->local, sizeof(a->local)));
}

/* The row of the table that @past is, if any, is not told again. */
static int strike_out(struct cw_who *who, const struct cw_past *past)
{
	uint32_t number = find_key(who, past), at;

	if (number == CW_NAME_NONE || add_head(who, number))
		return -ENOMEM;
	for (at = who->head[number]; at != CW_NAME_NONE;
	     at = who->live[at].next) {
		struct cw_who_live *live = &who->live[at];
		int64_t apart = live->past.opened - past->opened;

		if (live->is_known || apart > NEARLY || apart < -NEARLY ||
		    !is_same_local(&live->past, past))
			continue;
		live->is_known = true;
		break;
	}
	return 0;
}

/* ---- by program --------------------------------------------------------- */

static void add_text(FILE *out, const char *text)
{
	fwrite(text, strlen(text) + 1, 1, out);
}

/* Everything that makes it another program for people. */
static uint32_t find_program(struct cw_who *who, const struct cw_past *past)
{
	uint32_t number = CW_NAME_NONE;
	char *text = NULL, unit[CW_PATH_MAX];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return CW_NAME_NONE;
	add_text(out, past->program.exe);
	add_text(out, past->program.script);
	add_text(out, cw_unit_fold(past->program.unit, unit));
	add_text(out, past->user.exe);
	add_text(out, past->user.script);
	fwrite(&past->uid, sizeof(past->uid), 1, out);
	fwrite(&past->netns, sizeof(past->netns), 1, out);
	if (!fclose(out))
		number = cw_names_add(&who->programs, text, size);
	free(text);
	return number;
}

static void keep_program(struct cw_who *who, struct cw_program *program)
{
	char unit[CW_PATH_MAX];

	program->exe = keep(who, program->exe);
	program->script = keep(who, program->script);
	program->cgroup = keep(who, program->cgroup);
	program->unit = keep(who, cw_unit_fold(program->unit, unit));
	for (unsigned i = 0; i < program->ancestors; i++)
		program->ancestor[i].exe = keep(who, program->ancestor[i].exe);
}

static void set_newest(struct cw_who *who, struct cw_whose *whose,
		       const struct cw_past *past)
{
	whose->newest = *past;
	whose->newest.host = "";
	whose->newest.label = keep(who, past->label);
	keep_program(who, &whose->newest.program);
	keep_program(who, &whose->newest.user);
}

static void count(struct cw_whose *whose, const struct cw_past *past)
{
	int64_t last = past->closed > past->opened ? past->closed
						   : past->opened;

	if (past->verdict == CW_OUTCOME_DENY)
		whose->refused++;
	else
		whose->connections++;
	if (past->verdict == CW_OUTCOME_WOULD_DENY)
		whose->would_deny++;
	if (!whose->first || past->opened < whose->first)
		whose->first = past->opened;
	if (last > whose->last)
		whose->last = last;
}

static int add(struct cw_who *who, const struct cw_past *past)
{
	uint32_t number = find_program(who, past);
	struct cw_whose *whose;

	if (number == CW_NAME_NONE)
		return -ENOMEM;
	whose = cw_grow(who->whose, number, &who->room, sizeof(*whose));
	if (!whose)
		return -ENOMEM;
	who->whose = whose;
	whose += number;
	if (number == who->count) {
		memset(whose, 0, sizeof(*whose));
		who->count++;
	}
	count(whose, past);
	if (past->opened >= whose->newest.opened)
		set_newest(who, whose, past);
	return who->each ? who->each(who->data, past) : 0;
}

int cw_who_add(struct cw_who *who, const struct cw_past *past)
{
	return strike_out(who, past) ?: add(who, past);
}

static int compare(const void *a, const void *b)
{
	const struct cw_whose *x = a, *y = b;

	return x->last > y->last ? -1 : x->last < y->last;
}

int cw_who_finish(struct cw_who *who)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < who->lives; i++)
		if (!who->live[i].is_known)
			ret = add(who, &who->live[i].past);
	if (!ret && who->count)
		qsort(who->whose, who->count, sizeof(*who->whose), compare);
	return ret;
}

void cw_who_free(struct cw_who *who)
{
	cw_names_free(&who->names);
	cw_names_free(&who->keys);
	cw_names_free(&who->programs);
	free(who->live);
	free(who->head);
	free(who->whose);
}
