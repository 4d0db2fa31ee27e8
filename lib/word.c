// SPDX-License-Identifier: GPL-2.0-only
/* Words of command lines and of files: numbers, cutting, spelling. */
#include <string.h>

#include "lib.h"

bool cw_number_parse(const char *text, size_t size, uint64_t most,
		     uint64_t *number)
{
	uint64_t value = 0;

	if (!size || (*text == '0' && size > 1))
		return false;
	for (size_t i = 0; i < size; i++) {
		uint8_t digit = text[i] - '0';

		if (digit > 9 || value > (most - digit) / 10 || digit > most)
			return false;
		value = value * 10 + digit;
	}
	*number = value;
	return true;
}

bool cw_ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);

	return size >= end_size && !strcmp(text + size - end_size, end);
}

unsigned cw_split(char *line, const char *separators, char **words,
		  unsigned room)
{
	unsigned count = 0;
	char *word;

	while (count < room && (word = strsep(&line, separators)))
		if (*word)
			words[count++] = word;
	return count;
}

/* ---- spelling ------------------------------------------------------------ */

#define WORD_MAX	32	/* longer words are not compared */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows of the usual table. */
uint32_t cw_word_distance(const char *a, size_t a_size, const char *b, size_t b_size,
		    uint32_t limit)
{
	uint32_t row[3][WORD_MAX + 1];
	uint32_t *before = row[0], *last = row[1], *now = row[2], *spare;
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
