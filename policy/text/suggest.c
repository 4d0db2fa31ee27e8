// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a misspelt word may have meant.
 */
#include <strings.h>

#include "passes.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

/* Leading letters that both have: most misspellings start right. */
static size_t common(const char *text, size_t size, const char *name)
{
	size_t n = 0;

	while (n < size && lower(text[n]) == name[n])
		n++;
	return n;
}

/* What other programs call it. */
static const struct synonym {
	const char *word;
	enum cw_keyword keyword;
} synonyms[] = {
	{ "permit", CW_WORD_ALLOW }, { "accept", CW_WORD_ALLOW },
	{ "pass", CW_WORD_ALLOW }, { "drop", CW_WORD_DENY },
	{ "reject", CW_WORD_DENY }, { "block", CW_WORD_DENY },
	{ "all", CW_WORD_ANY }, { "*", CW_WORD_ANY },
	{ "uid", CW_WORD_USER }, { "gid", CW_WORD_GROUP },
	{ "service", CW_WORD_UNIT }, { "slice", CW_WORD_UNIT },
	{ "dst", CW_WORD_TO }, { "dest", CW_WORD_TO },
	{ "destination", CW_WORD_TO }, { "dport", CW_WORD_PORT },
	{ "protocol", CW_WORD_PROTO }, { "label", CW_WORD_AS },
	{ "clean", CW_WORD_CLEAN_ENV }, { "env", CW_WORD_CLEAN_ENV },
	{ "clean-environment", CW_WORD_CLEAN_ENV },
	{ "comment", CW_WORD_AS }, { "expires", CW_WORD_UNTIL },
	{ "define", CW_WORD_SET },
};

static const char *find_synonym(const char *text, size_t size, u64 mask)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(synonyms); i++)
		if (mask & CW_BIT(synonyms[i].keyword) &&
		    strlen(synonyms[i].word) == size &&
		    !strncasecmp(synonyms[i].word, text, size))
			return cw_lex_keyword_name(synonyms[i].keyword);
	return NULL;
}

const char *cw_lex_suggest(const char *text, size_t size, u64 mask)
{
	const char *name, *found = find_synonym(text, size, mask);
	u32 best = size <= 3 ? 1 : 2, distance, i;

	if (found)
		return found;
	for (i = 1; i < CW_WORD_COUNT; i++) {
		if (!(mask >> i & 1))
			continue;
		name = cw_lex_keyword_name(i);
		distance = cw_word_distance(text, size, name, strlen(name),
					   best);
		if (distance > best || distance >= strlen(name))
			continue;
		if (distance == best && found && common(text, size, name) <=
		    common(text, size, found))
			continue;
		best = distance;
		found = name;
	}
	return found;
}
