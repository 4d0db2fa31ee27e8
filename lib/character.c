// SPDX-License-Identifier: GPL-2.0-only
/*
 * Characters: UTF-8, and which characters a reader of a text cannot see.  The
 * properties are those of Unicode as libunistring has them.
 */
#include <unictype.h>
#include <unistr.h>

#include "lib.h"

/*
 * Characters that are drawn as nothing although no property says so: their
 * category is "symbol", their glyph is blank.
 */
#define BRAILLE_PATTERN_BLANK		0x2800
#define MUSICAL_SYMBOL_NULL_NOTEHEAD	0x1d159

enum cw_character_kind cw_character_kind(uint32_t code)
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

size_t cw_character_decode(const char *at, size_t size, uint32_t *code)
{
	ucs4_t found;
	int n = size ? u8_mbtoucr(&found, (const uint8_t *)at, size) : -1;

	if (n <= 0)
		return 0;
	*code = found;
	return n;
}

size_t cw_character_visible(const char *at, size_t size)
{
	uint32_t code;
	size_t n;

	if (size && *at >= 0x20 && *at < 0x7f)
		return 1;
	n = cw_character_decode(at, size, &code);
	return n && cw_character_kind(code) == CW_CHARACTER_VISIBLE ? n : 0;
}
