// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text that strangers choose (names of programs, units, hosts, labels), written
 * so that it cannot be taken for anything else: the only place that escapes.
 */
#include <string.h>
#include <unictype.h>

#include "lib.h"

/*
 * Whether a character looks like itself, and leaves all others where they are.
 * A letter that is written from right to left is not hidden, but it moves the
 * digits and signs around it.  So does a mark that sits on the character before
 * it: at the start of a text, that is one of ours.
 */
bool cw_text_is_steady(uint32_t code, bool is_first)
{
	if (code >= 0x20 && code < 0x7f)
		return true;
	switch (uc_bidi_category(code)) {
	case UC_BIDI_R:
	case UC_BIDI_AL:
	case UC_BIDI_AN:
		return false;
	}
	return cw_character_kind(code) == CW_CHARACTER_VISIBLE &&
	       !(is_first && uc_is_general_category(code, UC_CATEGORY_M));
}

static bool is_octal(char byte)
{
	return byte >= '0' && byte <= '7';
}

bool cw_text_is_escape(const char *text, size_t size)
{
	return size >= 4 && text[0] == '\\' && text[1] <= '3' &&
	       is_octal(text[1]) && is_octal(text[2]) && is_octal(text[3]);
}

/* Bytes of the character at @text that may stand as it is; 0 = none may. */
static size_t stands(enum cw_text_kind kind, const char *text, size_t size,
		     const char *separators, bool is_first)
{
	uint32_t code;
	size_t n;

	if (kind == CW_TEXT_ASCII || (uint8_t)*text < 0x80)
		return *text >= ' ' && *text < 0x7f && *text != '\\' &&
		       !strchr(separators, *text);
	n = cw_character_decode(text, size, &code);
	return n && cw_text_is_steady(code, is_first) ? n : 0;
}

/* Writes one character; returns how many bytes of @text that were. */
static size_t escape_next(enum cw_text_kind kind, const char *text, size_t size,
			  const char *separators, bool is_first, char **out)
{
	size_t n = stands(kind, text, size, separators, is_first);
	uint8_t byte = *text;

	memcpy(*out, text, n);
	*out += n;
	if (n)
		return n;
	*(*out)++ = '\\';
	*(*out)++ = '0' + (byte >> 6);
	*(*out)++ = '0' + (byte >> 3 & 7);
	*(*out)++ = '0' + (byte & 7);
	return 1;
}

size_t cw_text_escape(enum cw_text_kind kind, const char *text, size_t size,
		      const char *separators, char *out)
{
	char *end = out;
	size_t at = 0;

	while (at < size)
		at += escape_next(kind, text + at, size - at, separators, !at,
				  &end);
	*end = 0;
	return end - out;
}

void cw_text_print(FILE *out, enum cw_text_kind kind, const char *text,
		   const char *separators)
{
	size_t size = strlen(text), at = 0;
	char escaped[8], *end;

	while (at < size) {
		end = escaped;
		at += escape_next(kind, text + at, size - at, separators, !at,
				  &end);
		fwrite(escaped, 1, end - escaped, out);
	}
}

size_t cw_unescape(char *out, const char *text, size_t length)
{
	const char *end = text + length;
	char *start = out;

	while (text < end) {
		if (cw_text_is_escape(text, end - text)) {
			*out++ = (text[1] - '0') << 6 | (text[2] - '0') << 3 |
				 (text[3] - '0');
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = 0;
	return out - start;
}

void cw_text_tame(char *text)
{
	size_t size = strlen(text), at, n;
	uint32_t code;

	for (at = 0; at < size; at += n) {
		n = cw_character_decode(text + at, size - at, &code);
		if (n && cw_text_is_steady(code, !at))
			continue;
		n += !n;
		memset(text + at, '?', n);
	}
}
