// SPDX-License-Identifier: GPL-2.0-only
/*
 * What enforce would refuse: connections that passed in monitor mode only, added
 * up by program, destination and rule.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "would.h"

/* What makes a row; without holes.  Three strings, each with its NUL, follow. */
struct key {
	uint8_t remote[16];
	uint64_t generation;
	uint32_t uid, rule;
	uint16_t port;
	uint8_t family, proto;
	uint32_t zero;
};

#define KEY_MAX		(sizeof(struct key) + 3 * CW_PATH_MAX)

static size_t make_key(const struct cw_past *past, char text[KEY_MAX])
{
	char folded[CW_PATH_MAX];
	const char *parts[] = {
		past->program.exe, past->program.script,
		cw_unit_fold(past->program.unit, folded),
	};
	struct key key;
	size_t used = sizeof(key);

	memset(&key, 0, sizeof(key));
	memcpy(key.remote, past->remote, sizeof(key.remote));
	key.generation = past->generation;
	key.uid = past->uid;
	key.rule = past->rule;
	key.port = past->remote_port;
	key.family = past->family;
	key.proto = past->proto;
	memcpy(text, &key, sizeof(key));
	for (int i = 0; i < 3; i++) {
		size_t size = strnlen(parts[i], CW_PATH_MAX - 1);

		memcpy(text + used, parts[i], size);
		used += size;
		text[used++] = 0;
	}
	return used;
}

static void begin_row(struct cw_would *would, struct cw_would_row *row,
		      const struct cw_past *past, uint32_t number)
{
	memset(row, 0, sizeof(*row));
	row->exe = cw_names_get(&would->keys, number) + sizeof(struct key);
	row->script = row->exe + strlen(row->exe) + 1;
	row->unit = row->script + strlen(row->script) + 1;
	memcpy(row->remote, past->remote, sizeof(row->remote));
	row->port = past->remote_port;
	row->family = past->family;
	row->proto = past->proto;
	row->uid = past->uid;
	row->rule = past->rule;
	row->line = past->line;
	row->generation = past->generation;
	row->first = past->opened;
}

static void add_to_row(struct cw_would *would, struct cw_would_row *row,
		       const struct cw_past *past)
{
	uint32_t label = cw_names_add(&would->labels, past->label,
				      strlen(past->label));

	row->label = cw_names_get(&would->labels, label);
	row->count++;
	if (past->opened < row->first)
		row->first = past->opened;
	if (past->opened > row->last)
		row->last = past->opened;
}

int cw_would_add(struct cw_would *would, const struct cw_past *past)
{
	char key[KEY_MAX];
	struct cw_would_row *row;
	uint32_t number;

	if (past->verdict != CW_OUTCOME_WOULD_DENY ||
	    (would->generation && past->generation != would->generation))
		return 0;
	if (would->passes && would->passes(would->data, past)) {
		would->passing++;
		return 0;
	}
	number = cw_names_add(&would->keys, key, make_key(past, key));
	row = number == CW_NAME_NONE ? NULL
		: cw_grow(would->row, number, &would->room, sizeof(*row));
	if (!row)
		return -ENOMEM;
	would->row = row;
	row += number;
	if (number == would->count) {
		begin_row(would, row, past, number);
		would->count++;
	}
	add_to_row(would, row, past);
	would->connections++;
	return 0;
}

/* The most frequent first. */
static int compare(const void *a, const void *b)
{
	const struct cw_would_row *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

void cw_would_sort(struct cw_would *would)
{
	if (would->count)
		qsort(would->row, would->count, sizeof(*would->row), compare);
}

void cw_would_free(struct cw_would *would)
{
	cw_names_free(&would->keys);
	cw_names_free(&would->labels);
	free(would->row);
}
