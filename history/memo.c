// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was looked up lately: bytes -> id.  Bounded by construction: one slot
 * for each hash, and the last one in it stays.
 */
#include <stdlib.h>
#include <string.h>

#include "history.h"

#define SLOTS	4096u	/* a power of two */

struct slot {
	int64_t id;
	size_t size;
	void *key;		/* NULL = empty */
};

struct cw_memo {
	struct slot slot[SLOTS];
};

/* FNV-1a: only spreads; who can choose keys gains misses, nothing else. */
static struct slot *slot_of(struct cw_memo *memo, const void *key, size_t size)
{
	const unsigned char *at = key;
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * 0x100000001b3;
	return &memo->slot[(hash ^ hash >> 32) % SLOTS];
}

struct cw_memo *cw_memo_new(void)
{
	return calloc(1, sizeof(struct cw_memo));
}

int64_t cw_memo_get(struct cw_memo *memo, const void *key, size_t size)
{
	const struct slot *slot = slot_of(memo, key, size);

	if (!slot->key || slot->size != size || memcmp(slot->key, key, size))
		return 0;
	return slot->id;
}

/* Without memory it just is not remembered. */
void cw_memo_put(struct cw_memo *memo, const void *key, size_t size, int64_t id)
{
	struct slot *slot = slot_of(memo, key, size);

	free(slot->key);
	slot->key = malloc(size ?: 1);
	if (!slot->key)
		return;
	memcpy(slot->key, key, size);
	slot->size = size;
	slot->id = id;
}

void cw_memo_clear(struct cw_memo *memo)
{
	for (unsigned i = 0; i < SLOTS; i++)
		free(memo->slot[i].key);
	memset(memo, 0, sizeof(*memo));
}

void cw_memo_free(struct cw_memo *memo)
{
	if (memo)
		cw_memo_clear(memo);
	free(memo);
}
