/* SPDX-License-Identifier: GPL-2.0-only */
/* Text that strangers choose, written so that it cannot forge anything. */
#ifndef CW_POLICY_TEXT_H
#define CW_POLICY_TEXT_H

#include <stddef.h>
#include <stdio.h>

enum cw_text_kind {
	CW_TEXT_ASCII,		/* for terminals, pipes: printable ASCII stays */
	CW_TEXT_UNICODE,	/* for pictures: what is visible and moves
				 * nothing else stays */
};

/*
 * Bytes that may not stand become \ooo, the backslash and the bytes of
 * @separators (ASCII) among them: what is written can be taken neither for
 * another text nor for what stands around it.  cw_unescape() is the way back.
 */
void cw_text_print(FILE *out, enum cw_text_kind kind, const char *text,
		   const char *separators);
/* @out has room for 4 * @size + 1 bytes; returns how many it got, less the
 * NUL. */
size_t cw_text_escape(enum cw_text_kind kind, const char *text, size_t size,
		      const char *separators, char *out);
/* Makes a whole message harmless: what may not stand becomes question marks;
 * backslashes stay, for names in it have been escaped. */
void cw_text_tame(char *text);
/*
 * A string of JSON with its quotes.  Bytes that are not UTF-8 become \ooo in
 * its value, and so does a backslash that would look like one of these;
 * characters that CW_TEXT_UNICODE escapes are \uXXXX, which is the same value.
 */
void cw_json_bytes(FILE *out, const char *text, size_t size);
void cw_json_string(FILE *out, const char *text);

#endif
