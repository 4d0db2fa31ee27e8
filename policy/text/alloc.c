// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the compiler: the shim through which every allocation goes, and
 * the small containers that the passes share.
 */
#include <stdlib.h>

#include "passes.h"

/*
 * The only variables in policy/ but for one below.  A test sets them to make an allocation fail;
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

/* The room in which threads of userspace match. */
struct cw_traits *cw_traits_room(void)
{
	static _Thread_local struct cw_traits room;

	return &room;
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

/*
 * Beside the slots are four bits for each, one of them set for every key.  Most
 * keys that are asked for are not there, and the bits, which fit into a cache
 * where the slots do not, nearly always say so.
 */
#define HINTS	4
#define ROOM_LEAST	64u		/* slots */
#define ROOM_MOST	(1u << 30)

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

static u8 *map_hint(const struct cw_map *map, u64 key, u8 *bit)
{
	u64 i = cw_map_mix(key, 1) >> 32 & (HINTS * (u64)map->room - 1);

	*bit = 1u << i % 8;
	return &map->hints[i / 8];
}

static struct cw_map_slot *map_add(struct cw_map *map, u64 key)
{
	struct cw_map_slot *slot = map_slot(map, key);
	u8 bit, *hint = map_hint(map, key, &bit);

	slot->key = key;
	*hint |= bit;
	map->count++;
	return slot;
}

/* Slots and hints are one piece of memory. */
static bool map_grow(struct cw_map *map, u32 room)
{
	struct cw_map bigger = { .room = room };
	size_t slots = bigger.room * sizeof(*bigger.slots);
	size_t hints = bigger.room / 8 * HINTS;
	u32 i;

	bigger.slots = cw_alloc(slots + hints);
	if (!bigger.slots)
		return false;
	memset(bigger.slots, 0, slots + hints);
	bigger.hints = (u8 *)bigger.slots + slots;
	for (i = 0; i < map->room; i++)
		if (map->slots[i].key)
			map_add(&bigger, map->slots[i].key)->value =
				map->slots[i].value;
	cw_free(map->slots);
	*map = bigger;
	return true;
}

u64 *cw_map_put(struct cw_map *map, u64 key)
{
	struct cw_map_slot *slot;

	if (map->count * 2 >= map->room &&
	    !map_grow(map, map->room ? map->room * 2 : ROOM_LEAST))
		return NULL;
	slot = map_slot(map, key);
	return slot->key ? &slot->value : &map_add(map, key)->value;
}

bool cw_map_reserve(struct cw_map *map, u32 count)
{
	u32 room = map->room ? map->room : ROOM_LEAST;

	while (room / 2 <= count && room < ROOM_MOST)
		room *= 2;
	return room == map->room || map_grow(map, room);
}

bool cw_map_may_have(const struct cw_map *map, u64 key)
{
	u8 bit;

	if (!map->room)
		return false;
	if (!(*map_hint(map, key, &bit) & bit))
		return false;
	__builtin_prefetch(&map->slots[cw_map_mix(key, 1) & (map->room - 1)]);
	return true;
}

u64 *cw_map_get(const struct cw_map *map, u64 key)
{
	struct cw_map_slot *slot;

	if (!cw_map_may_have(map, key))
		return NULL;
	slot = map_slot(map, key);
	return slot->key ? &slot->value : NULL;
}

void cw_map_free(struct cw_map *map)
{
	cw_free(map->slots);
	memset(map, 0, sizeof(*map));
}
