// SPDX-License-Identifier: GPL-2.0-only
/* id -> text, for a reader: each text is kept until the end. */
#include <stdlib.h>
#include <string.h>

#include "history.h"

struct cw_strings {
	struct cw_map place;		/* by id: place in text, + 1 */
	struct cw_array text;		/* char * */
};

struct cw_strings *cw_strings_new(void)
{
	return calloc(1, sizeof(struct cw_strings));
}

static char **text_of(const struct cw_strings *strings, uint64_t place)
{
	return (char **)strings->text.data + place - 1;
}

void cw_strings_free(struct cw_strings *strings)
{
	if (!strings)
		return;
	for (uint64_t i = 1; i <= strings->text.count; i++)
		free(*text_of(strings, i));
	cw_array_free(&strings->text);
	cw_map_free(&strings->place);
	free(strings);
}

const char *cw_strings_get(const struct cw_strings *strings, int64_t id)
{
	const uint64_t *place = cw_map_get(&strings->place, id);

	return place && *place ? *text_of(strings, *place) : NULL;
}

const char *cw_strings_put(struct cw_strings *strings, int64_t id,
			   const char *text)
{
	uint64_t *place = cw_map_put(&strings->place, id);
	char *copy = place ? strdup(text) : NULL, **slot;

	if (!copy)
		return NULL;
	slot = *place ? text_of(strings, *place)
		      : cw_array_push(&strings->text, sizeof(*slot));
	if (!slot) {
		free(copy);
		return NULL;
	}
	if (!*place)
		*place = strings->text.count;
	free(*slot);
	*slot = copy;
	return copy;
}
