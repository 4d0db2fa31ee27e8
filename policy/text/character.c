// SPDX-License-Identifier: GPL-2.0-only
/*
 * Characters: UTF-8, and which characters a reader of a file cannot see.  The
 * properties are those of Unicode as libunistring has them.
 */
#include <unictype.h>
#include <uniname.h>
#include <unistr.h>

#include "passes.h"

/*
 * Characters that are drawn as nothing although no property says so: their
 * category is "symbol", their glyph is blank.
 */
#define BRAILLE_PATTERN_BLANK		0x2800
#define MUSICAL_SYMBOL_NULL_NOTEHEAD	0x1d159

enum cw_character_kind cw_character_kind(u32 code)
{
	const uc_general_category_t category = uc_general_category(code);

	if (uc_is_general_category(code, UC_CATEGORY_Cc))
		return CW_CHARACTER_CONTROL;
	if (uc_is_property_bidi_control(code))
		return CW_CHARACTER_BIDI;
	if (code != ' ' && (uc_is_property_white_space(code) ||
			    uc_is_general_category(code, UC_CATEGORY_Z)))
		return CW_CHARACTER_SPACE;
	if (uc_is_property_default_ignorable_code_point(code) ||
	    uc_is_general_category(code, UC_CATEGORY_Cf) ||
	    code == BRAILLE_PATTERN_BLANK ||
	    code == MUSICAL_SYMBOL_NULL_NOTEHEAD)
		return CW_CHARACTER_INVISIBLE;
	if (category.bitmask & (UC_CATEGORY_MASK_Cn | UC_CATEGORY_MASK_Co))
		return CW_CHARACTER_UNASSIGNED;
	return CW_CHARACTER_VISIBLE;
}

size_t cw_character_decode(const char *at, size_t size, u32 *code)
{
	ucs4_t found;
	int n = size ? u8_mbtoucr(&found, (const u8 *)at, size) : -1;

	if (n <= 0)
		return 0;
	*code = found;
	return n;
}

size_t cw_lex_character(const char *at, size_t size)
{
	u32 code;
	size_t n;

	if (size && *at >= 0x20 && *at < 0x7f)
		return 1;
	n = cw_character_decode(at, size, &code);
	return n && cw_character_kind(code) == CW_CHARACTER_VISIBLE ? n : 0;
}

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
