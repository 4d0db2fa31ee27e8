// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections of the batch under way.  Most end in the batch in which they
 * begin: they become one row, written once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

struct cw_batch {
	struct cw_row *row;
	uint32_t count, room;
	uint32_t *slot;		/* index + 1 into row, 0 = empty */
	uint32_t slots;		/* a power of two, at least 2 * room */
};

struct cw_batch *cw_batch_new(void)
{
	return calloc(1, sizeof(struct cw_batch));
}

void cw_batch_free(struct cw_batch *batch)
{
	if (!batch)
		return;
	free(batch->row);
	free(batch->slot);
	free(batch);
}

void cw_batch_clear(struct cw_batch *batch)
{
	if (batch->count)
		memset(batch->slot, 0, batch->slots * sizeof(*batch->slot));
	batch->count = 0;
}

/* The slot that holds @id, or the empty one where it belongs. */
static uint32_t *slot_of(const struct cw_batch *batch, int64_t id)
{
	uint32_t at = (uint64_t)id * 0x9e3779b97f4a7c15 >> 32;

	for (;; at++) {
		uint32_t *slot = &batch->slot[at & (batch->slots - 1)];

		if (!*slot || batch->row[*slot - 1].id == id)
			return slot;
	}
}

static bool grow(struct cw_batch *batch)
{
	uint32_t room = batch->room ? 2 * batch->room : 1024;
	struct cw_row *row = realloc(batch->row, room * sizeof(*row));
	uint32_t *slot;

	if (!row)
		return false;
	batch->row = row;
	slot = calloc(2 * room, sizeof(*slot));
	if (!slot)
		return false;
	free(batch->slot);
	batch->slot = slot;
	batch->slots = 2 * room;
	batch->room = room;
	for (uint32_t i = 0; i < batch->count; i++)
		*slot_of(batch, row[i].id) = i + 1;
	return true;
}

struct cw_row *cw_batch_add(struct cw_batch *batch, int64_t id)
{
	struct cw_row *row;
	uint32_t *slot;

	errno = ENOMEM;
	if (batch->count == batch->room && !grow(batch))
		return NULL;
	slot = slot_of(batch, id);
	errno = EEXIST;
	if (*slot)
		return NULL;
	row = &batch->row[batch->count++];
	*slot = batch->count;
	memset(row, 0, sizeof(*row));
	row->id = id;
	return row;
}

struct cw_row *cw_batch_find(struct cw_batch *batch, int64_t id)
{
	uint32_t slot = batch->count ? *slot_of(batch, id) : 0;

	return slot ? &batch->row[slot - 1] : NULL;
}

int cw_batch_store(struct cw_batch *batch, struct cw_store *store)
{
	int ret = 0;

	for (uint32_t i = 0; i < batch->count && !ret; i++)
		ret = cw_store_connection(store, &batch->row[i]);
	return ret;
}
