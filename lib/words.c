// SPDX-License-Identifier: GPL-2.0-only
/* The words of include/cw_words.h, both ways. */
#include <assert.h>
#include <string.h>

#include "lib.h"

#define LENGTH(table)	(sizeof(table) / sizeof((table)[0]))

static const char *const protos[] = { CW_PROTO_WORDS };
static const char *const modes[] = { CW_MODE_WORDS };
static const char *const outcomes[] = { CW_OUTCOME_WORDS };
static const char *const states[] = { CW_STATE_WORDS };
static const char *const attributions[] = { CW_ATTRIBUTION_WORDS };
static const char *const endings[] = { CW_ENDING_WORDS };

static_assert(LENGTH(protos) == CW_PROTO_COUNT, "a word for each protocol");
static_assert(LENGTH(modes) == CW_MODE_COUNT, "a word for each mode");
static_assert(LENGTH(outcomes) == CW_OUTCOME_COUNT, "a word for each outcome");
static_assert(LENGTH(states) == CW_STATE_COUNT, "a word for each state");
static_assert(LENGTH(attributions) == CW_ATTRIBUTION_COUNT,
	      "a word for each attribution");
static_assert(LENGTH(endings) == CW_ENDING_COUNT, "a word for each ending");

/* Numbers come from files and other hosts, and may be of another release. */
static const char *name(const char *const *words, size_t count, size_t number)
{
	return number < count ? words[number] : "?";
}

int cw_word_find(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i], word))
			return i;
	return -1;
}

const char *cw_proto_name(unsigned proto)
{
	return name(protos, LENGTH(protos), proto);
}

int cw_proto_parse(const char *word)
{
	return cw_word_find(protos, LENGTH(protos), word);
}

const char *cw_mode_name(unsigned mode)
{
	return name(modes, LENGTH(modes), mode);
}

bool cw_mode_parse(const char *word, enum cw_mode *mode)
{
	int found = cw_word_find(modes, LENGTH(modes), word);

	if (found >= 0)
		*mode = found;
	return found >= 0;
}

const char *cw_outcome_name(unsigned outcome)
{
	return name(outcomes, LENGTH(outcomes),
		    outcome < CW_OUTCOME_NONE ? outcome : CW_OUTCOME_NONE);
}

int cw_outcome_parse(const char *word)
{
	return cw_word_find(outcomes, CW_OUTCOME_NONE, word);
}

int cw_state_parse(const char *word)
{
	return cw_word_find(states, LENGTH(states), word);
}

const char *cw_attribution_name(unsigned attribution)
{
	return name(attributions, LENGTH(attributions),
		    attribution < CW_ATTRIBUTION_COUNT ? attribution
						       : CW_ATTRIBUTION_UNKNOWN);
}

int cw_attribution_parse(const char *word)
{
	return cw_word_find(attributions, LENGTH(attributions), word);
}

const char *cw_ending_name(unsigned ending)
{
	return name(endings, LENGTH(endings),
		    ending < CW_ENDING_COUNT ? ending : CW_ENDING_UNKNOWN);
}

int cw_ending_parse(const char *word)
{
	return cw_word_find(endings, LENGTH(endings), word);
}
