// SPDX-License-Identifier: GPL-2.0-only
/* Strings stored once and known by number: a million rows name few programs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "live.h"

uint64_t cw_names_hash(const void *data, size_t size)
{
	static uint64_t seed;
	const unsigned char *at = data;
	uint64_t hash, word;

	/* Addresses are chosen by strangers, who could make them collide. */
	while (!seed)
		if (getrandom(&seed, sizeof(seed), GRND_INSECURE) < 0)
			seed = 0x9e3779b97f4a7c15;
	hash = seed ^ size;
	while (size) {
		size_t step = size < sizeof(word) ? size : sizeof(word);

		word = 0;
		memcpy(&word, at, step);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 32;
		at += step;
		size -= step;
	}
	return hash * 0xbf58476d1ce4e5b9 ^ hash >> 29;
}

static int grow_slots(struct cw_names *names)
{
	uint32_t size = names->slots ? 2 * (names->mask + 1) : 256;
	uint32_t *slots = malloc(size * sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	memset(slots, 0xff, size * sizeof(*slots));
	for (uint32_t i = 0; i < names->count; i++) {
		uint32_t at = names->name[i].hash & (size - 1);

		while (slots[at] != CW_NAME_NONE)
			at = (at + 1) & (size - 1);
		slots[at] = i;
	}
	free(names->slots);
	names->slots = slots;
	names->mask = size - 1;
	return 0;
}

static int grow(struct cw_names *names)
{
	uint32_t room = names->room ? 2 * names->room : 128;
	struct cw_name *name;

	if (names->count < names->room)
		return 0;
	name = reallocarray(names->name, room, sizeof(*name));
	if (!name)
		return -ENOMEM;
	names->name = name;
	if (grow_slots(names))
		return -ENOMEM;
	names->room = room;
	return 0;
}

static uint32_t append(struct cw_names *names, const void *data, size_t size,
		       uint64_t hash)
{
	struct cw_name *name;
	char *copy = malloc(size + 1);

	if (!copy || grow(names)) {
		free(copy);
		return CW_NAME_NONE;
	}
	memcpy(copy, data, size);
	copy[size] = 0;
	name = &names->name[names->count];
	name->data = copy;
	name->size = size;
	name->hash = hash;
	return names->count++;
}

uint32_t cw_names_add(struct cw_names *names, const void *data, size_t size)
{
	uint64_t hash = cw_names_hash(data, size);
	uint32_t at = hash & names->mask, number;

	while (names->slots && names->slots[at] != CW_NAME_NONE) {
		const struct cw_name *name = &names->name[names->slots[at]];

		if (name->hash == hash && name->size == size &&
		    !memcmp(name->data, data, size))
			return names->slots[at];
		at = (at + 1) & names->mask;
	}
	number = append(names, data, size, hash);
	if (number == CW_NAME_NONE)
		return number;
	/* Growing has moved the slots. */
	at = hash & names->mask;
	while (names->slots[at] != CW_NAME_NONE && names->slots[at] != number)
		at = (at + 1) & names->mask;
	names->slots[at] = number;
	return number;
}

const char *cw_names_get(const struct cw_names *names, uint32_t number)
{
	return number < names->count ? names->name[number].data : "";
}

void cw_names_free(struct cw_names *names)
{
	for (uint32_t i = 0; i < names->count; i++)
		free(names->name[i].data);
	free(names->name);
	free(names->slots);
	memset(names, 0, sizeof(*names));
}
