// SPDX-License-Identifier: GPL-2.0-only
/* Characters to tokens, and what a misspelt word may have meant. */
#include <unictype.h>
#include <unistr.h>

#include "policy/lint/lint.h"
#include "text.h"

static struct cw_ruleset *ruleset;
static struct cw_diag *diag;
static struct cw_lexer lexer;

static void begin(const char *text)
{
	ruleset = cw_ruleset_new();
	diag = cw_diag_new();
	ck_assert_int_eq(cw_source_add(ruleset, "text", text, strlen(text)), 0);
	cw_lex_begin(&lexer, ruleset, diag, 0);
}

static void end(void)
{
	cw_lex_end(&lexer);
	cw_ruleset_free(ruleset);
	cw_diag_free(diag);
}

static const struct cw_token *token(u32 index)
{
	ck_assert_uint_lt(index, lexer.tokens.count);
	return (const struct cw_token *)lexer.tokens.data + index;
}

static void expect(u32 index, enum cw_token_kind kind, const char *text,
		   u32 line, u32 column, u32 length)
{
	const struct cw_token *found = token(index);

	ck_assert_uint_eq(found->kind, kind);
	ck_assert_uint_eq(found->size, strlen(text));
	ck_assert_mem_eq(found->text, text, found->size);
	ck_assert_uint_eq(found->line, line);
	ck_assert_uint_eq(found->column, column);
	ck_assert_uint_eq(found->length, length);
}

START_TEST(tokens_with_their_places)
{
	begin("\n  allow \"a\\x41\\\"\" ,to\t@x=1 # comment\n");
	ck_assert(cw_lex_statement(&lexer));
	expect(0, CW_TOKEN_WORD, "allow", 2, 3, 5);
	ck_assert_uint_eq(token(0)->keyword, CW_WORD_ALLOW);
	expect(1, CW_TOKEN_STRING, "aA\"", 2, 9, 9);
	expect(2, CW_TOKEN_COMMA, ",", 2, 19, 1);
	expect(3, CW_TOKEN_WORD, "to", 2, 20, 2);
	expect(4, CW_TOKEN_WORD, "@x", 2, 23, 2);
	expect(5, CW_TOKEN_EQUALS, "=", 2, 25, 1);
	expect(6, CW_TOKEN_WORD, "1", 2, 26, 1);
	expect(7, CW_TOKEN_END, "", 2, 27, 1);
	ck_assert(!cw_lex_statement(&lexer));
	end();
}
END_TEST

START_TEST(statement_over_several_lines)
{
	begin("a \\\n  b\\\n c\nd");
	ck_assert(cw_lex_statement(&lexer));
	expect(1, CW_TOKEN_WORD, "b", 2, 3, 1);
	expect(2, CW_TOKEN_WORD, "c", 3, 2, 1);
	expect(3, CW_TOKEN_END, "", 3, 3, 1);
	end();
}
END_TEST

START_TEST(empty_texts_have_no_statement)
{
	static const char *const texts[] = {
		"",
		"\n",
		"\r\n",
		" \t \n\n",
		"# x",
		"# x\n  # y\n",
		"\\",
		"\\\n",
		"\xef\xbb\xbf",
		"\xef\xbb\xbf\n",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		begin(texts[i]);
		ck_assert(!cw_lex_statement(&lexer));
		ck_assert_uint_eq(cw_diag_count(diag, CW_SEVERITY_ERROR), 0);
		end();
	}
}
END_TEST

START_TEST(one_message_for_each_bad_line)
{
	begin("a \x01 \x02 \x03 \\\n b \x04\nc");
	ck_assert(cw_lex_statement(&lexer));
	ck_assert(lexer.is_bad);
	ck_assert_uint_eq(cw_diag_count(diag, CW_SEVERITY_ERROR), 2);
	ck_assert(cw_lex_statement(&lexer));
	expect(0, CW_TOKEN_WORD, "c", 3, 1, 1);
	end();
}
END_TEST

START_TEST(refuse_line_above_the_limit)
{
	char *text = malloc(CW_LINE_MAX + 10), *said;

	memset(text, 'a', CW_LINE_MAX);
	strcpy(text + CW_LINE_MAX, "\nb");
	begin(text);
	ck_assert(cw_lex_statement(&lexer));
	ck_assert(!lexer.is_bad);
	end();
	strcpy(text + CW_LINE_MAX, "a\nb");
	begin(text);
	ck_assert(cw_lex_statement(&lexer));
	ck_assert(lexer.is_bad);
	said = text_diag(diag);
	ck_assert_ptr_nonnull(strstr(said, ":1:65537: error: line longer than "
				     "65536 bytes"));
	free(said);
	end();
	free(text);
}
END_TEST

START_TEST(every_keyword_is_found)
{
	const char *name, *last = "";
	char longer[32];
	u32 i;

	for (i = 1; i < CW_WORD_COUNT; i++) {
		name = cw_lex_keyword_name(i);
		ck_assert_int_lt(strcmp(last, name), 0);
		/* The lexer asks only for words that begin like this. */
		ck_assert(*name >= 'a' && *name <= 'u');
		ck_assert_uint_eq(cw_lex_keyword(name, strlen(name)), i);
		snprintf(longer, sizeof(longer), "%sx", name);
		ck_assert_uint_eq(cw_lex_keyword(longer, strlen(longer)), 0);
		last = name;
	}
	ck_assert_uint_eq(cw_lex_keyword("al", 2), 0);
	ck_assert_uint_eq(cw_lex_keyword("zzz", 3), 0);
	ck_assert_uint_eq(cw_lex_keyword("aaa", 3), 0);
}
END_TEST

START_TEST(characters_as_utf8_defines_them)
{
	static const struct {
		const char *text;
		size_t size;
	} rows[] = {
		{ "a", 1 }, { " ", 1 }, { "~", 1 }, { "\x7f", 0 }, { "\t", 0 },
		{ "\xc2\xa0", 0 }, { "\xc2\x9f", 0 }, { "\xc3\xa9", 2 },
		{ "\xe2\x82\xac", 3 }, { "\xf0\x9f\x98\x80", 4 },
		{ "\xf4\x8f\xbf\xbf", 0 }, { "\xf4\x90\x80\x80", 0 },
		{ "\xed\x9e\xa3", 3 }, { "\xed\x9f\xbf", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xee\x80\x80", 0 }, { "\xc1\xbf", 0 }, { "\xe0\x9f\xbf", 0 },
		{ "\xf0\x8f\xbf\xbf", 0 }, { "\x80", 0 }, { "\xff", 0 },
		{ "\xc3", 0 }, { "\xc3x", 0 }, { "\xe2\x82", 0 },
		{ "\xe2\x80\x8a", 0 }, { "\xe2\x80\x8b", 0 },
		{ "\xe2\x80\xae", 0 }, { "\xe2\x81\xa6", 0 },
		{ "\xef\xbb\xbf", 0 }, { "\xf8\x88\x80\x80", 0 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		ck_assert_msg(cw_character_visible(rows[i].text,
					       strlen(rows[i].text)) ==
			      rows[i].size, "row %u", i);
}
END_TEST

/* Every code point that Unicode calls invisible in one way or another. */
START_TEST(no_character_that_a_reader_cannot_see)
{
	u8 text[8];
	u32 code, refused = 0;
	int n;

	for (code = 0; code < 0x110000; code++) {
		n = u8_uctomb(text, code, sizeof(text));
		if (n < 0 || code == ' ' ||
		    !(uc_is_property_white_space(code) ||
		      uc_is_property_bidi_control(code) ||
		      uc_is_property_default_ignorable_code_point(code) ||
		      uc_is_general_category(code, UC_CATEGORY_C)))
			continue;
		refused++;
		ck_assert_msg(!cw_character_visible((char *)text, n), "U+%04X",
			      code);
	}
	ck_assert_uint_gt(refused, 4000);
}
END_TEST

static u32 distance(const char *a, const char *b, u32 limit)
{
	u32 one = cw_word_distance(a, strlen(a), b, strlen(b), limit);

	ck_assert_uint_eq(one, cw_word_distance(b, strlen(b), a, strlen(a),
					       limit));
	return one;
}

START_TEST(distance_of_words)
{
	ck_assert_uint_eq(distance("", "", 9), 0);
	ck_assert_uint_eq(distance("allow", "allow", 9), 0);
	ck_assert_uint_eq(distance("ALLOW", "allow", 9), 0);
	ck_assert_uint_eq(distance("alow", "allow", 9), 1);
	ck_assert_uint_eq(distance("allwo", "allow", 9), 1);
	ck_assert_uint_eq(distance("allop", "allow", 9), 1);
	ck_assert_uint_eq(distance("", "allow", 9), 5);
	ck_assert_uint_eq(distance("deny", "allow", 9), 5);
	ck_assert_uint_eq(distance("deny", "allow", 2), 3);
	ck_assert_uint_eq(distance("ca", "abc", 9), 3);
	ck_assert_uint_eq(distance("an unusually long word, this one",
				   "an unusually long word, this one", 3), 0);
	ck_assert_uint_eq(distance("a word that is too long to compare",
				   "a word that is too long to compare", 3),
			  4);
}
END_TEST

START_TEST(suggest_only_what_is_close)
{
	u64 all = ~0ull;

	ck_assert_str_eq(cw_lex_suggest("prot", 4, all), "proto");
	ck_assert_str_eq(cw_lex_suggest("prt", 3, all), "port");
	ck_assert_str_eq(cw_lex_suggest("monitr", 6, all), "monitor");
	ck_assert_ptr_null(cw_lex_suggest("monitr", 6,
					  CW_BIT(CW_WORD_ALLOW)));
	ck_assert_ptr_null(cw_lex_suggest("firewall", 8, all));
	ck_assert_ptr_null(cw_lex_suggest("x", 1, all));
	ck_assert_ptr_null(cw_lex_suggest("", 0, all));
}
END_TEST

/* Whatever the bytes: the lexer ends, and every token is inside its line. */
START_TEST(any_bytes_end_in_tokens)
{
	static const char bytes[] = "a\"\\\n\t #,=@x\xc3\xa9\xff\r0/";
	char text[64];
	u32 round, i, size;

	text_seed();
	for (round = 0; round < 5000; round++) {
		size = text_random(sizeof(text) - 1);
		for (i = 0; i < size; i++)
			text[i] = bytes[text_random(sizeof(bytes) - 1)];
		text[size] = 0;
		begin(text);
		for (i = 0; cw_lex_statement(&lexer); i++)
			ck_assert_uint_lt(i, sizeof(text));
		ck_assert_ptr_eq(lexer.at, lexer.end);
		end();
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lex");
	TCase *tests = tcase_create("lex");

	tcase_add_test(tests, tokens_with_their_places);
	tcase_add_test(tests, statement_over_several_lines);
	tcase_add_test(tests, empty_texts_have_no_statement);
	tcase_add_test(tests, one_message_for_each_bad_line);
	tcase_add_test(tests, refuse_line_above_the_limit);
	tcase_add_test(tests, every_keyword_is_found);
	tcase_add_test(tests, characters_as_utf8_defines_them);
	tcase_add_test(tests, no_character_that_a_reader_cannot_see);
	tcase_add_test(tests, distance_of_words);
	tcase_add_test(tests, suggest_only_what_is_close);
	tcase_add_test(tests, any_bytes_end_in_tokens);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
