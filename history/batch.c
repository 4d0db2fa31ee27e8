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
	size_t count, room;
	struct cw_map place;		/* by id: place in row, + 1 */
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
	cw_map_free(&batch->place);
	free(batch);
}

void cw_batch_clear(struct cw_batch *batch)
{
	cw_map_clear(&batch->place);
	batch->count = 0;
}

struct cw_row *cw_batch_add(struct cw_batch *batch, int64_t id)
{
	struct cw_row *row = cw_grow(batch->row, batch->count, &batch->room,
				     sizeof(*row));
	uint64_t *place;

	errno = ENOMEM;
	if (!row)
		return NULL;
	batch->row = row;
	place = cw_map_put(&batch->place, id);
	if (!place)
		return NULL;
	errno = EEXIST;
	if (*place)
		return NULL;
	row = &batch->row[batch->count++];
	*place = batch->count;
	memset(row, 0, sizeof(*row));
	row->id = id;
	return row;
}

struct cw_row *cw_batch_find(struct cw_batch *batch, int64_t id)
{
	const uint64_t *place = cw_map_get(&batch->place, id);

	return place && *place ? &batch->row[*place - 1] : NULL;
}

int cw_batch_store(struct cw_batch *batch, struct cw_store *store)
{
	int ret = 0;

	for (size_t i = 0; i < batch->count && !ret; i++)
		ret = cw_store_connection(store, &batch->row[i]);
	return ret;
}
