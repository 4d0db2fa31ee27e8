// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "grow.h"

void *cw_grow(void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 64;

	if (count < *room)
		return array;
	array = reallocarray(array, more, size);
	if (array)
		*room = more;
	return array;
}
