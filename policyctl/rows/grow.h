/* SPDX-License-Identifier: GPL-2.0-only */
/* Arrays that grow by one. */
#ifndef CW_GROW_H
#define CW_GROW_H

#include <stddef.h>

/* @array with room for one more than @count members of @size, perhaps moved;
 * NULL = no memory, and @array is as it was. */
void *cw_grow(void *array, size_t count, size_t *room, size_t size);

#endif
