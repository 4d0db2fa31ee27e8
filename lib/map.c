// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hash tables.  They are our own because a load of a million rules looks up a
 * few million keys, nearly all of which are not there (see the hints below), and
 * because a test must be able to make each of their allocations fail.
 */
#include <string.h>

#include "lib.h"

uint64_t cw_map_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product;

	product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15ull) *
		  (b ^ 0xbf58476d1ce4e5b9ull);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes at a time: a million paths are hashed for every load. */
uint64_t cw_map_hash(const void *data, size_t size)
{
	const char *at = data;
	uint64_t hash = size, word;

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
	uint64_t key, value;
};

static struct cw_map_slot *map_slot(const struct cw_map *map, uint64_t key)
{
	uint32_t i = cw_map_mix(key, 1) & (map->room - 1);

	while (map->slots[i].key && map->slots[i].key != key)
		i = (i + 1) & (map->room - 1);
	return &map->slots[i];
}

static uint8_t *map_hint(const struct cw_map *map, uint64_t key, uint8_t *bit)
{
	uint64_t i = cw_map_mix(key, 1) >> 32 & (HINTS * (uint64_t)map->room - 1);

	*bit = 1u << i % 8;
	return &map->hints[i / 8];
}

static struct cw_map_slot *map_add(struct cw_map *map, uint64_t key)
{
	struct cw_map_slot *slot = map_slot(map, key);
	uint8_t bit, *hint = map_hint(map, key, &bit);

	slot->key = key;
	*hint |= bit;
	map->count++;
	return slot;
}

/* Slots and hints are one piece of memory. */
static bool map_grow(struct cw_map *map, uint32_t room)
{
	struct cw_map bigger = { .room = room };
	size_t slots = bigger.room * sizeof(*bigger.slots);
	size_t hints = bigger.room / 8 * HINTS;
	uint32_t i;

	bigger.slots = cw_alloc(slots + hints);
	if (!bigger.slots)
		return false;
	memset(bigger.slots, 0, slots + hints);
	bigger.hints = (uint8_t *)bigger.slots + slots;
	for (i = 0; i < map->room; i++)
		if (map->slots[i].key)
			map_add(&bigger, map->slots[i].key)->value =
				map->slots[i].value;
	cw_free(map->slots);
	*map = bigger;
	return true;
}

uint64_t *cw_map_put(struct cw_map *map, uint64_t key)
{
	struct cw_map_slot *slot;

	if (map->count * 2 >= map->room &&
	    !map_grow(map, map->room ? map->room * 2 : ROOM_LEAST))
		return NULL;
	slot = map_slot(map, key);
	return slot->key ? &slot->value : &map_add(map, key)->value;
}

bool cw_map_reserve(struct cw_map *map, uint32_t count)
{
	uint32_t room = map->room ? map->room : ROOM_LEAST;

	while (room / 2 <= count && room < ROOM_MOST)
		room *= 2;
	return room == map->room || map_grow(map, room);
}

bool cw_map_may_have(const struct cw_map *map, uint64_t key)
{
	uint8_t bit;

	if (!map->room)
		return false;
	if (!(*map_hint(map, key, &bit) & bit))
		return false;
	__builtin_prefetch(&map->slots[cw_map_mix(key, 1) & (map->room - 1)]);
	return true;
}

uint64_t *cw_map_get(const struct cw_map *map, uint64_t key)
{
	struct cw_map_slot *slot;

	if (!cw_map_may_have(map, key))
		return NULL;
	slot = map_slot(map, key);
	return slot->key ? &slot->value : NULL;
}

void cw_map_clear(struct cw_map *map)
{
	if (map->count)
		memset(map->slots, 0, map->room * sizeof(*map->slots) +
		       map->room / 8 * HINTS);
	map->count = 0;
}

void cw_map_free(struct cw_map *map)
{
	cw_free(map->slots);
	memset(map, 0, sizeof(*map));
}
