// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the compiler: the shim through which every allocation goes, and
 * the small containers that the passes share.
 */
#include <stdlib.h>

#include "passes.h"

/*
 * The only variables in policy/.  A test sets them to make an allocation fail;
 * in a daemon they cost one compare an allocation.
 */
static struct {
	u64 count;
	u64 fail_at;	/* 0 = never */
	bool forever;
} shim;

static bool refuse(void)
{
	shim.count++;
	if (likely(!shim.fail_at))
		return false;
	return shim.forever ? shim.count >= shim.fail_at :
			      shim.count == shim.fail_at;
}

void *cw_alloc(size_t size)
{
	return refuse() ? NULL : malloc(size ? size : 1);
}

void *cw_realloc(void *old, size_t size)
{
	return refuse() ? NULL : realloc(old, size ? size : 1);
}

void cw_free(void *memory)
{
	free(memory);
}

u64 cw_alloc_count(void)
{
	return shim.count;
}

void cw_alloc_fail(u64 nth, bool forever)
{
	shim.fail_at = nth ? shim.count + nth : 0;
	shim.forever = forever;
}

void *cw_vector_push(struct cw_vector *vector, size_t size)
{
	u32 room;
	void *data;

	if (vector->count == vector->room) {
		room = vector->room ? vector->room * 2 : 16;
		data = cw_realloc(vector->data, room * size);
		if (!data)
			return NULL;
		vector->data = data;
		vector->room = room;
	}
	data = (char *)vector->data + vector->count++ * size;
	return memset(data, 0, size);
}

u64 cw_map_mix(u64 a, u64 b)
{
	unsigned __int128 product;

	product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15ull) *
		  (b ^ 0xbf58476d1ce4e5b9ull);
	return (u64)product ^ (u64)(product >> 64);
}

/* Eight bytes at a time: a million paths are hashed for every load. */
u64 cw_map_hash(const void *data, size_t size)
{
	const char *at = data;
	u64 hash = size, word;

	for (; size >= 8; at += 8, size -= 8) {
		memcpy(&word, at, 8);
		hash = cw_map_mix(hash, word);
	}
	word = 0;
	memcpy(&word, at, size);
	return cw_map_mix(hash, word);
}

struct cw_map_slot {
	u64 key, value;
};

static struct cw_map_slot *map_slot(const struct cw_map *map, u64 key)
{
	u32 i = cw_map_mix(key, 1) & (map->room - 1);

	while (map->slots[i].key && map->slots[i].key != key)
		i = (i + 1) & (map->room - 1);
	return &map->slots[i];
}

static bool map_grow(struct cw_map *map)
{
	struct cw_map bigger = { .room = map->room ? map->room * 2 : 64 };
	u32 i;

	bigger.slots = cw_alloc(bigger.room * sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	memset(bigger.slots, 0, bigger.room * sizeof(*bigger.slots));
	for (i = 0; i < map->room; i++)
		if (map->slots[i].key)
			*map_slot(&bigger, map->slots[i].key) = map->slots[i];
	bigger.count = map->count;
	cw_free(map->slots);
	*map = bigger;
	return true;
}

u64 *cw_map_put(struct cw_map *map, u64 key)
{
	struct cw_map_slot *slot;

	if (map->count * 2 >= map->room && !map_grow(map))
		return NULL;
	slot = map_slot(map, key);
	if (!slot->key) {
		slot->key = key;
		map->count++;
	}
	return &slot->value;
}

u64 *cw_map_get(const struct cw_map *map, u64 key)
{
	struct cw_map_slot *slot;

	if (!map->room)
		return NULL;
	slot = map_slot(map, key);
	return slot->key ? &slot->value : NULL;
}

void cw_map_free(struct cw_map *map)
{
	cw_free(map->slots);
	memset(map, 0, sizeof(*map));
}
