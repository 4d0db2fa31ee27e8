// SPDX-License-Identifier: GPL-2.0-only
/* id -> text, for a reader: each text is kept until the end. */
#include <stdlib.h>
#include <string.h>

#include "history.h"

struct entry {
	int64_t id;		/* 0 = empty */
	char *text;
};

struct cw_strings {
	struct entry *entry;
	size_t count, room;	/* a power of two */
};

struct cw_strings *cw_strings_new(void)
{
	return calloc(1, sizeof(struct cw_strings));
}

void cw_strings_free(struct cw_strings *strings)
{
	if (!strings)
		return;
	for (size_t i = 0; i < strings->room; i++)
		free(strings->entry[i].text);
	free(strings->entry);
	free(strings);
}

/* The entry of @id, or the empty one where it belongs. */
static struct entry *entry_of(struct entry *entry, size_t room, int64_t id)
{
	size_t at = (uint64_t)id * 0x9e3779b97f4a7c15 >> 32;

	for (;; at++)
		if (!entry[at & (room - 1)].id ||
		    entry[at & (room - 1)].id == id)
			return &entry[at & (room - 1)];
}

const char *cw_strings_get(const struct cw_strings *strings, int64_t id)
{
	return strings->room
		? entry_of(strings->entry, strings->room, id)->text : NULL;
}

static bool grow(struct cw_strings *strings)
{
	size_t room = strings->room ? 2 * strings->room : 256;
	struct entry *entry = calloc(room, sizeof(*entry));

	if (!entry)
		return false;
	for (size_t i = 0; i < strings->room; i++)
		if (strings->entry[i].id)
			*entry_of(entry, room, strings->entry[i].id) =
				strings->entry[i];
	free(strings->entry);
	strings->entry = entry;
	strings->room = room;
	return true;
}

const char *cw_strings_put(struct cw_strings *strings, int64_t id,
			   const char *text)
{
	struct entry *entry;
	char *copy;

	if (2 * strings->count >= strings->room && !grow(strings))
		return NULL;
	copy = strdup(text);
	if (!copy)
		return NULL;
	entry = entry_of(strings->entry, strings->room, id);
	strings->count += !entry->id;
	free(entry->text);
	*entry = (struct entry) { .id = id, .text = copy };
	return copy;
}
