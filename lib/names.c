// SPDX-License-Identifier: GPL-2.0-only
/* Strings stored once and known by number: a million rows name few programs. */
#include <string.h>
#include <sys/random.h>

#include "lib.h"

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

/* What a name is compared with. */
struct wanted {
	const struct cw_names *names;
	const void *data;
	size_t size;
};

static const struct cw_name *name_of(const struct cw_names *names,
				     uint32_t number)
{
	return (const struct cw_name *)names->name.data + number;
}

static bool is_same(const void *context, uint32_t number)
{
	const struct wanted *wanted = context;
	const struct cw_name *name = name_of(wanted->names, number);

	return name->size == wanted->size &&
	       !memcmp(name->data, wanted->data, wanted->size);
}

/* The place of a name in the index holds CW_INTERN_NONE when there is no
 * memory, and so the next search finds no name there. */
static uint32_t append(struct cw_names *names, const void *data, size_t size)
{
	char *copy = cw_alloc(size + 1);
	struct cw_name *name = copy ? cw_array_push(&names->name, sizeof(*name))
				    : NULL;

	if (!name) {
		cw_free(copy);
		return CW_NAME_NONE;
	}
	memcpy(copy, data, size);
	copy[size] = 0;
	*name = (struct cw_name) { .data = copy, .size = size };
	return names->name.count - 1;
}

uint32_t cw_names_add(struct cw_names *names, const void *data, size_t size)
{
	const struct wanted wanted = { names, data, size };
	uint32_t *number = cw_intern_find(&names->intern,
					  cw_names_hash(data, size), is_same,
					  &wanted);

	if (!number)
		return CW_NAME_NONE;
	if (*number == CW_INTERN_NONE)
		*number = append(names, data, size);
	return *number;
}

const char *cw_names_get(const struct cw_names *names, uint32_t number)
{
	return number < names->name.count ? name_of(names, number)->data : "";
}

void cw_names_free(struct cw_names *names)
{
	for (uint32_t i = 0; i < names->name.count; i++)
		cw_free(name_of(names, i)->data);
	cw_array_free(&names->name);
	cw_intern_free(&names->intern);
}
