// SPDX-License-Identifier: GPL-2.0-only
/*
 * Growing arrays and a hash index over what is in them, for the emitter.
 */
#include "emit.h"

void *cw_array_grow(struct cw_array *vector, u64 more, size_t size)
{
	u64 need = vector->count + more, room = vector->room;
	void *data;

	if (need > 0x7fffffff)
		return NULL;
	if (need > room || !vector->data) {
		room = room * 2 > need ? room * 2 : need;
		if (room < 16)
			room = 16;
		data = cw_realloc(vector->data, room * size);
		if (!data)
			return NULL;
		vector->data = data;
		vector->room = (u32)room;
	}
	return (char *)vector->data + vector->count * size;
}

int cw_array_push(struct cw_array *vector, u32 value)
{
	u32 *out = cw_array_grow(vector, 1, sizeof(*out));

	if (!out)
		return -ENOMEM;
	*out = value;
	vector->count++;
	return 0;
}

void cw_array_free(struct cw_array *vector)
{
	cw_free(vector->data);
	*vector = (struct cw_array) { 0 };
}

static u32 mix(u32 hash, u64 value)
{
	value = (value ^ hash) * 0x9e3779b97f4a7c15ull;
	return (u32)(value ^ value >> 32);
}

u32 cw_hash_bytes(u32 hash, const void *data, size_t size)
{
	const u8 *byte = data;
	u64 value;

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

static int intern_resize(struct cw_intern *intern, u32 slots)
{
	struct cw_intern_slot *slot = cw_alloc(slots * sizeof(*slot));
	u32 i, at;

	if (!slot)
		return -ENOMEM;
	for (i = 0; i < slots; i++)
		slot[i].id = CW_BLOB_NONE;
	for (i = 0; intern->slot && i <= intern->mask; i++) {
		if (intern->slot[i].id == CW_BLOB_NONE)
			continue;
		at = intern->slot[i].hash & (slots - 1);
		while (slot[at].id != CW_BLOB_NONE)
			at = (at + 1) & (slots - 1);
		slot[at] = intern->slot[i];
	}
	cw_free(intern->slot);
	intern->slot = slot;
	intern->mask = slots - 1;
	return 0;
}

u32 *cw_intern_find(struct cw_intern *intern, u32 hash,
		    bool (*same)(const void *context, u32 id),
		    const void *context)
{
	struct cw_intern_slot *slot;
	u32 at;

	if (!intern->slot && intern_resize(intern, 64))
		return NULL;
	if (intern->used > intern->mask / 2 &&
	    intern_resize(intern, 2 * (intern->mask + 1)))
		return NULL;
	for (at = hash & intern->mask;; at = (at + 1) & intern->mask) {
		slot = &intern->slot[at];
		if (slot->id == CW_BLOB_NONE)
			break;
		if (slot->hash == hash && same(context, slot->id))
			return &slot->id;
	}
	slot->hash = hash;
	intern->used++;
	return &slot->id;
}

void cw_intern_free(struct cw_intern *intern)
{
	cw_free(intern->slot);
	*intern = (struct cw_intern) { 0 };
}
