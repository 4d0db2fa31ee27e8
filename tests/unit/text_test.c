// SPDX-License-Identifier: GPL-2.0-only
/* Text that strangers choose: nothing of it forges what stands around it. */
#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"
#include "lib/message.h"
#include "fixture.h"

static char *printed(enum cw_text_kind kind, const char *text,
		     const char *separators)
{
	char *out = NULL;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	cw_text_print(file, kind, text, separators);
	fclose(file);
	return out;
}

static void prints(enum cw_text_kind kind, const char *text,
		   const char *separators, const char *want)
{
	char *out = printed(kind, text, separators);
	char back[256], buffer[1024];

	ck_assert_str_eq(out, want);
	cw_text_escape(kind, text, strlen(text), separators, buffer);
	ck_assert_str_eq(buffer, want);
	cw_unescape(back, out, strlen(out));
	ck_assert_str_eq(back, text);
	free(out);
}

START_TEST(ascii_for_terminals)
{
	prints(CW_TEXT_ASCII, "/usr/bin/curl", " ", "/usr/bin/curl");
	prints(CW_TEXT_ASCII, "/a b", " ", "/a\\040b");
	prints(CW_TEXT_ASCII, "/a b", "", "/a b");
	prints(CW_TEXT_ASCII, "/a\\040b", " ", "/a\\134040b");
	prints(CW_TEXT_ASCII, "/\033[2J\n\t\177", " ", "/\\033[2J\\012\\011\\177");
	prints(CW_TEXT_ASCII, "/\xc3\xa9\xff", " ", "/\\303\\251\\377");
	prints(CW_TEXT_ASCII, "sh(1)>x", "()>", "sh\\0501\\051\\076x");
	prints(CW_TEXT_ASCII, "", " ", "");
}
END_TEST

START_TEST(unicode_for_pictures)
{
	static const char *const hidden[] = {
		"\xe2\x80\xae",		/* RIGHT-TO-LEFT OVERRIDE */
		"\xd8\x9c",		/* ARABIC LETTER MARK */
		"\xe2\x80\x8b",		/* ZERO WIDTH SPACE */
		"\xe2\x81\xa0",		/* WORD JOINER */
		"\xc2\xad",		/* SOFT HYPHEN */
		"\xc2\xa0",		/* NO-BREAK SPACE */
		"\xe2\x80\xa8",		/* LINE SEPARATOR */
		"\xf3\xa0\x80\xa1",	/* TAG EXCLAMATION MARK */
		"\xef\xb8\x8f",		/* VARIATION SELECTOR-16 */
		"\xe3\x85\xa4",		/* HANGUL FILLER */
		"\xee\x80\x80",		/* for private use */
		"\xc2\x9b",		/* CONTROL SEQUENCE INTRODUCER */
		"\xd7\x90",		/* HEBREW LETTER ALEF: turns digits around */
		"\xd9\xa3",		/* ARABIC-INDIC DIGIT THREE */
	};
	char text[32], *out;

	prints(CW_TEXT_UNICODE, "/m\xc3\xbcll/\xe6\xbc\xa2", "",
	       "/m\xc3\xbcll/\xe6\xbc\xa2");
	prints(CW_TEXT_UNICODE, "e\xcc\x81", "", "e\xcc\x81");
	/* A mark at the start would sit on what stands before the text. */
	prints(CW_TEXT_UNICODE, "\xcc\xb8x", "", "\\314\\270x");
	prints(CW_TEXT_UNICODE, "a -> b", " @>", "a\\040-\\076\\040b");
	prints(CW_TEXT_UNICODE, "a\xff\n", "", "a\\377\\012");
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		snprintf(text, sizeof(text), "a%sb", hidden[i]);
		out = printed(CW_TEXT_UNICODE, text, "");
		for (const char *at = out; *at; at++)
			ck_assert_msg((unsigned char)*at < 0x80, "%zu: %s", i, out);
		free(out);
	}
}
END_TEST

static void json_is(const char *text, size_t size, const char *want)
{
	char *out = NULL;
	size_t room;
	FILE *file = open_memstream(&out, &room);

	cw_json_bytes(file, text, size);
	fclose(file);
	ck_assert_str_eq(out, want);
	free(out);
}

/* One rule for every JSON that is printed. */
START_TEST(json)
{
	json_is("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
	json_is("\n\x01\x7f", 3, "\"\\u000a\\u0001\\u007f\"");
	json_is("a\0b", 3, "\"a\\u0000b\"");
	json_is("\xc3\xa9", 2, "\"\xc3\xa9\"");
	json_is("\xff\xc0\xaf", 3, "\"\\\\377\\\\300\\\\257\"");
	json_is("\\377", 4, "\"\\\\134377\"");
	json_is("\\x2d", 4, "\"\\\\x2d\"");
	json_is("\xe2\x80\xae", 3, "\"\\u202e\"");
	json_is("\xf3\xa0\x80\xa1", 4, "\"\\udb40\\udc21\"");
	json_is("\xd7\x90", 2, "\"\\u05d0\"");
	json_is("", 0, "\"\"");
}
END_TEST

START_TEST(messages_are_tamed)
{
	char text[] = "a\nb\033[31m\xe2\x80\xae \xc3\xbc \\040 \xff";

	cw_text_tame(text);
	ck_assert_str_eq(text, "a?b?[31m??? \xc3\xbc \\040 ?");
}
END_TEST

static Suite *text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tests = tcase_create("text");

	tcase_add_test(tests, ascii_for_terminals);
	tcase_add_test(tests, unicode_for_pictures);
	tcase_add_test(tests, json);
	tcase_add_test(tests, messages_are_tamed);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, text_suite);
}
