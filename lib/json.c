// SPDX-License-Identifier: GPL-2.0-only
/* Strings and members of JSON objects.  They are written here rather than by a
 * library because an export is longer than memory may be, and because bytes that
 * are not UTF-8 must come back as they were. */
#include <inttypes.h>
#include <string.h>

#include "lib.h"

/* As UTF-16, which is what JSON's escapes are. */
static void print_json_escape(FILE *out, uint32_t code)
{
	if (code < 0x10000) {
		fprintf(out, "\\u%04x", code);
		return;
	}
	code -= 0x10000;
	fprintf(out, "\\u%04x\\u%04x", 0xd800 + (code >> 10),
		0xdc00 + (code & 0x3ff));
}

static size_t print_json_character(FILE *out, const char *text, size_t size,
				   bool is_first)
{
	uint32_t code;
	size_t n = cw_character_decode(text, size, &code);

	if (!n)
		fprintf(out, "\\\\%03o", (uint8_t)*text);
	else if (cw_text_is_escape(text, size))
		fputs("\\\\134", out);
	else if (code == '"' || code == '\\')
		fprintf(out, "\\%c", *text);
	else if (cw_text_is_steady(code, is_first))
		fwrite(text, 1, n, out);
	else
		print_json_escape(out, code);
	return n + !n;
}

void cw_json_bytes(FILE *out, const char *text, size_t size)
{
	size_t at, n;

	fputc('"', out);
	for (at = 0; at < size; at += n) {
		for (n = 0; at + n < size && text[at + n] >= ' ' &&
			    text[at + n] < 0x7f && text[at + n] != '"' &&
			    text[at + n] != '\\'; n++)
			;
		fwrite(text + at, 1, n, out);
		if (!n)
			n = print_json_character(out, text + at, size - at,
						 !at);
	}
	fputc('"', out);
}

void cw_json_string(FILE *out, const char *text)
{
	cw_json_bytes(out, text, strlen(text));
}

/* ---- members after the first: what is not known is null ------------------ */

void cw_json_text(FILE *out, const char *key, const char *text)
{
	fprintf(out, ",\"%s\":", key);
	if (text && text[0])
		cw_json_string(out, text);
	else
		fputs("null", out);
}

void cw_json_number(FILE *out, const char *key, uint64_t number, uint64_t none)
{
	if (number == none)
		fprintf(out, ",\"%s\":null", key);
	else
		fprintf(out, ",\"%s\":%" PRIu64, key, number);
}

void cw_json_time(FILE *out, const char *key, int64_t time)
{
	char text[CW_TIME_ROOM];

	cw_json_text(out, key, time ? cw_time_utc(time, text) : "");
}
