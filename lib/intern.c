// SPDX-License-Identifier: GPL-2.0-only
/* A hash index over things that are kept elsewhere, so that equal ones can be
 * found. */
#include <errno.h>
#include <string.h>

#include "lib.h"

#define SLOTS_LEAST	64u
#define SLOTS_MOST	(1u << 31)

static uint32_t mix(uint32_t hash, uint64_t value)
{
	value = (value ^ hash) * 0x9e3779b97f4a7c15ull;
	return (uint32_t)(value ^ value >> 32);
}

uint32_t cw_intern_hash(uint32_t hash, const void *data, size_t size)
{
	const uint8_t *byte = data;
	uint64_t value;

	hash = mix(hash, size);
	for (; size >= sizeof(value); size -= sizeof(value)) {
		memcpy(&value, byte, sizeof(value));
		byte += sizeof(value);
		hash = mix(hash, value);
	}
	value = 0;
	memcpy(&value, byte, size);
	return mix(hash, value);
}

static int intern_resize(struct cw_intern *intern, uint32_t slots)
{
	struct cw_intern_slot *slot = cw_alloc(slots * sizeof(*slot));
	uint32_t i, at;

	if (!slot)
		return -ENOMEM;
	for (i = 0; i < slots; i++)
		slot[i].id = CW_INTERN_NONE;
	for (i = 0; intern->slot && i <= intern->mask; i++) {
		if (intern->slot[i].id == CW_INTERN_NONE)
			continue;
		at = intern->slot[i].hash & (slots - 1);
		while (slot[at].id != CW_INTERN_NONE)
			at = (at + 1) & (slots - 1);
		slot[at] = intern->slot[i];
	}
	cw_free(intern->slot);
	intern->slot = slot;
	intern->mask = slots - 1;
	return 0;
}

uint32_t *cw_intern_find(struct cw_intern *intern, uint32_t hash,
		    bool (*same)(const void *context, uint32_t id),
		    const void *context)
{
	struct cw_intern_slot *slot;
	uint32_t at;

	if (!intern->slot && intern_resize(intern, SLOTS_LEAST))
		return NULL;
	if (intern->used > intern->mask / 2 &&
	    intern_resize(intern, 2 * (intern->mask + 1)))
		return NULL;
	for (at = hash & intern->mask;; at = (at + 1) & intern->mask) {
		slot = &intern->slot[at];
		if (slot->id == CW_INTERN_NONE)
			break;
		if (slot->hash == hash && same(context, slot->id))
			return &slot->id;
	}
	slot->hash = hash;
	intern->used++;
	return &slot->id;
}

bool cw_intern_reserve(struct cw_intern *intern, uint32_t count)
{
	uint32_t slots = intern->slot ? intern->mask + 1 : SLOTS_LEAST;

	while (slots / 2 <= count && slots < SLOTS_MOST)
		slots *= 2;
	return (intern->slot && slots == intern->mask + 1) ||
	       !intern_resize(intern, slots);
}

void cw_intern_clear(struct cw_intern *intern)
{
	for (uint32_t i = 0; intern->slot && i <= intern->mask; i++)
		intern->slot[i].id = CW_INTERN_NONE;
	intern->used = 0;
}

void cw_intern_free(struct cw_intern *intern)
{
	cw_free(intern->slot);
	*intern = (struct cw_intern) { 0 };
}
