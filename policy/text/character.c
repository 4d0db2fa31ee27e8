// SPDX-License-Identifier: GPL-2.0-only
/* Says which character of a file is refused, and why. */
#include <uniname.h>

#include "passes.h"

/* The first @size bytes at @at as a quoted string has them. */
static void write_escapes(const char *at, size_t size,
			  char escapes[CW_ESCAPES_MAX])
{
	for (; size; at++, size--, escapes += 4)
		sprintf(escapes, "\\x%02x", (u8)*at);
}

/* "U+200B ZERO WIDTH SPACE"; controls and private characters have no name. */
static void write_name(u32 code, char *name, size_t room)
{
	char found[UNINAME_MAX];

	if (unicode_character_name(code, found))
		snprintf(name, room, "U+%04X %s", code, found);
	else
		snprintf(name, room, "U+%04X", code);
}

size_t cw_character_describe(const char *at, size_t size,
			     char message[CW_MESSAGE_MAX])
{
	static const char *const text[] = {
		[CW_CHARACTER_VISIBLE] = "is not allowed here",
		[CW_CHARACTER_CONTROL] = "is a control character",
		[CW_CHARACTER_BIDI] = "changes the order of the text",
		[CW_CHARACTER_SPACE] = "looks like a blank and is none; write "
				       "a blank",
		[CW_CHARACTER_INVISIBLE] = "is invisible",
		[CW_CHARACTER_UNASSIGNED] = "is unassigned or for private use",
	};
	char name[UNINAME_MAX + 16];
	u32 code;
	size_t n = cw_character_decode(at, size, &code);

	if (!n) {
		snprintf(message, CW_MESSAGE_MAX, "byte 0x%02x is not UTF-8",
			 (u8)*at);
		return 1;
	}
	write_name(code, name, sizeof(name));
	snprintf(message, CW_MESSAGE_MAX, "character %s %s", name,
		 text[cw_character_kind(code)]);
	return n;
}

void cw_character_fault(const char *at, size_t size,
			char message[CW_MESSAGE_MAX])
{
	char escapes[CW_ESCAPES_MAX];
	size_t used;

	write_escapes(at, cw_character_describe(at, size, message), escapes);
	used = strlen(message);
	snprintf(message + used, CW_MESSAGE_MAX - used,
		 "; in a quoted string write %s", escapes);
}
