// SPDX-License-Identifier: GPL-2.0-only
/*
 * systemd's unit of a cgroup, by the rule of the condition `unit`
 * (policy/subject.c): leading slices are passed, what follows is the unit if
 * its name is one of a unit.  What lies below is not looked at: the unit's own
 * processes may have named it.  Slices alone: the last of them.
 */
#include <string.h>

#include "history.h"

static const char *const types[] = {
	".service", ".scope", ".socket", ".mount", ".swap",
};

static bool ends_with(const char *text, size_t size, const char *suffix)
{
	size_t length = strlen(suffix);

	return size > length && !memcmp(text + size - length, suffix, length);
}

static bool is_unit(const char *name, size_t size)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (ends_with(name, size, types[i]))
			return true;
	return false;
}

size_t cw_unit_find(const char *cgroup, const char **unit)
{
	const char *at = cgroup;
	size_t length = 0;

	*unit = "";
	while (*at == '/') {
		size_t size = strcspn(++at, "/");
		bool is_slice = ends_with(at, size, ".slice");

		if (is_slice || is_unit(at, size)) {
			*unit = at;
			length = size;
		}
		if (!is_slice)
			break;
		at += size;
	}
	return length;
}
