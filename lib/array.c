// SPDX-License-Identifier: GPL-2.0-only
/* Growing arrays. */
#include <errno.h>
#include <string.h>

#include "lib.h"

#define COUNT_MAX	0x7fffffff

void *cw_array_grow(struct cw_array *array, uint64_t more, size_t size)
{
	uint64_t need = array->count + more, room = array->room;
	void *data;

	if (need > COUNT_MAX)
		return NULL;
	if (need > room || !array->data) {
		room = room * 2 > need ? room * 2 : need;
		if (room < 16)
			room = 16;
		data = cw_realloc(array->data, room * size);
		if (!data)
			return NULL;
		array->data = data;
		array->room = (uint32_t)room;
	}
	return (char *)array->data + array->count * size;
}

void *cw_array_push(struct cw_array *array, size_t size)
{
	void *element = cw_array_grow(array, 1, size);

	if (!element)
		return NULL;
	array->count++;
	return memset(element, 0, size);
}

int cw_array_add(struct cw_array *array, uint32_t value)
{
	uint32_t *element = cw_array_push(array, sizeof(*element));

	if (!element)
		return -ENOMEM;
	*element = value;
	return 0;
}

void cw_array_free(struct cw_array *array)
{
	cw_free(array->data);
	*array = (struct cw_array) { 0 };
}

void *cw_grow(void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 64;

	if (count < *room)
		return array;
	if (more > SIZE_MAX / size)
		return NULL;
	array = cw_realloc(array, more * size);
	if (array)
		*room = more;
	return array;
}
