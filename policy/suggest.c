// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a misspelt word may have meant.
 */
#include "passes.h"

#define WORD_MAX	32	/* longer words are not compared */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static u32 least(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows of the usual table. */
u32 cw_lex_distance(const char *a, size_t a_size, const char *b, size_t b_size,
		    u32 limit)
{
	u32 row[3][WORD_MAX + 1];
	u32 *before = row[0], *last = row[1], *now = row[2], *spare;
	size_t i, j;

	if (a_size > WORD_MAX || b_size > WORD_MAX)
		return limit + 1;
	for (j = 0; j <= b_size; j++)
		last[j] = j;
	for (i = 1; i <= a_size; i++) {
		now[0] = i;
		for (j = 1; j <= b_size; j++) {
			char x = lower(a[i - 1]), y = lower(b[j - 1]);

			now[j] = least(last[j - 1] + (x != y),
				       least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && x == lower(b[j - 2]) &&
			    y == lower(a[i - 2]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return least(last[b_size], limit + 1);
}

/* Leading letters that both have: most misspellings start right. */
static size_t common(const char *text, size_t size, const char *name)
{
	size_t n = 0;

	while (n < size && lower(text[n]) == name[n])
		n++;
	return n;
}

const char *cw_lex_suggest(const char *text, size_t size, u64 mask)
{
	u32 best = size <= 3 ? 1 : 2, distance, i;
	const char *name, *found = NULL;

	for (i = 1; i < CW_WORD_COUNT; i++) {
		if (!(mask >> i & 1))
			continue;
		name = cw_lex_keyword_name(i);
		distance = cw_lex_distance(text, size, name, strlen(name),
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
