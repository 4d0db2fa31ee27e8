// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of a source file may be shown.  policyd reads as root what somebody named,
 * and its diagnostics go back to who asked: a line of a password file or of a
 * key must not be among them.  A file is shown when at least half of its
 * statements look like rules, and of it only the lines that do.
 */
#include "passes.h"

#define LOOKED_AT	2000u	/* statements of a file */

#define STATEMENTS \
	(CW_BIT(CW_WORD_ALLOW) | CW_BIT(CW_WORD_DENY) | CW_BIT(CW_WORD_SET) | \
	 CW_BIT(CW_WORD_DEFAULT) | CW_BIT(CW_WORD_LOG) | CW_BIT(CW_WORD_INCLUDE))

struct words {
	const char *at, *end;
};

static size_t next_word(struct words *words, const char **word)
{
	size_t size = 0;

	while (words->at < words->end &&
	       (*words->at == ' ' || *words->at == '\t'))
		words->at++;
	*word = words->at;
	while (words->at < words->end && !strchr(" \t\r", *words->at)) {
		words->at++;
		size++;
	}
	return size;
}

static bool is_word(const char *word, size_t size, const char *wanted)
{
	return size == strlen(wanted) && !memcmp(word, wanted, size);
}

static bool has_word(struct words words, const char *wanted)
{
	const char *word;
	size_t size;

	while ((size = next_word(&words, &word)))
		if (is_word(word, size, wanted))
			return true;
	return false;
}

/* The statement that the word means or, misspelt, may mean; NULL = none. */
static const char *statement_of(const char *word, size_t size)
{
	u8 keyword = cw_lex_keyword(word, size);

	if (keyword && STATEMENTS >> keyword & 1)
		return cw_lex_keyword_name(keyword);
	return cw_lex_suggest(word, size, STATEMENTS);
}

/* Configurations of other programs have these words as well; so what comes
 * behind must fit. */
static bool goes_on(const char *statement, const char *word, size_t size,
		    struct words rest)
{
	switch (statement[0]) {
	case 'a':
		break;
	case 'd':
		if (statement[2] == 'n')
			break;
		return is_word(word, size, "allow") ||
		       is_word(word, size, "deny");
	case 's':
		return *word == '@';
	case 'l':
		return is_word(word, size, "none") ||
		       is_word(word, size, "deny") || is_word(word, size, "all");
	case 'i':
		return *word == '"' || memchr(word, '/', size);
	}
	return *word == '/' || *word == '"' || is_word(word, size, "any") ||
	       is_word(word, size, "kernel") || has_word(rest, "to");
}

static bool looks_like_a_statement(const char *line, size_t size)
{
	struct words words = { line, line + size };
	const char *word, *statement;
	size_t length = next_word(&words, &word);

	statement = length ? statement_of(word, length) : NULL;
	if (!statement)
		return false;
	length = next_word(&words, &word);
	return length && goes_on(statement, word, length, words);
}

static bool is_blank(const char *line, size_t size)
{
	struct words words = { line, line + size };
	const char *word;

	return !next_word(&words, &word) || *word == '#';
}

static bool goes_on_below(const char *line, size_t size)
{
	if (size && line[size - 1] == '\r')
		size--;
	return size && line[size - 1] == '\\';
}

static bool look(const struct cw_source *source)
{
	const char *at = source->text, *end = at + source->size, *next;
	u32 statements = 0, alike = 0;
	bool is_inside = false;

	for (; at < end && statements < LOOKED_AT; at = next + 1) {
		next = memchr(at, '\n', end - at);
		next = next ? next : end;
		if (!is_inside && !is_blank(at, next - at)) {
			statements++;
			alike += looks_like_a_statement(at, next - at);
		}
		is_inside = goes_on_below(at, next - at);
	}
	return alike && alike * 2 >= statements;
}

bool cw_reveal_file(const struct cw_ruleset *ruleset, u32 file)
{
	struct cw_arena *arena = ruleset->arena;
	struct cw_source *source = arena->sources.data;

	if (file >= arena->sources.count || !source[file].text)
		return false;
	source += file;
	if (!source->is_looked_at)
		source->is_alike = look(source);
	source->is_looked_at = true;
	return source->is_alike;
}

bool cw_reveal_line(const struct cw_ruleset *ruleset, u32 file, u32 line)
{
	const char *text = NULL, *above;
	size_t size, length;

	if (!cw_reveal_file(ruleset, file))
		return false;
	text = cw_ruleset_line(ruleset, file, line, &size);
	while (line > 1) {
		above = cw_ruleset_line(ruleset, file, line - 1, &length);
		if (!above || !goes_on_below(above, length))
			break;
		text = above;
		size = length;
		line--;
	}
	return text && (is_blank(text, size) ||
			looks_like_a_statement(text, size));
}
