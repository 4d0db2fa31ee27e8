// SPDX-License-Identifier: GPL-2.0-only
/*
 * Globs: `*` any bytes but `/`, `**` any bytes, `?` one byte but `/`.
 *
 * All ways to match are followed at once, one bit for each place in the
 * pattern, so the cost is at most length of pattern times length of text: no
 * pattern makes it explode as backtracking would.
 */
#include "engine.h"

#define BITS (CW_BLOB_GLOB_MAX + 1)

struct places {
	u64 bit[BITS / 64];
};

static void place_set(struct places *places, u32 at)
{
	places->bit[at / 64] |= 1ull << (at % 64);
}

static bool place_isset(const struct places *places, u32 at)
{
	return places->bit[at / 64] >> (at % 64) & 1;
}

static bool is_wild(char c)
{
	return c == '*' || c == '?';
}

/*
 * Moves every place in @now over the byte @c into @next (may be NULL: only
 * moves past stars that match nothing).  Places only lead to later ones.
 */
static bool step(const char *pattern, u32 length, struct places *now,
		 struct places *next, char c)
{
	bool any = false;
	u32 at;

	for (at = 0; at < length; at++) {
		bool across = pattern[at] == '*' && pattern[at + 1] == '*';

		if (!(now->bit[at / 64] >> (at % 64))) {
			at |= 63;
			continue;
		}
		if (!place_isset(now, at))
			continue;
		if (pattern[at] == '*') {
			place_set(now, at + 1 + across);
			if (!next || (c == '/' && !across))
				continue;
			place_set(next, at);
		} else {
			if (!next || (pattern[at] == '?' ? c == '/' :
				      c != pattern[at]))
				continue;
			place_set(next, at + 1);
		}
		any = true;
	}
	return any;
}

static bool wild_matches(const char *pattern, const char *text, bool below)
{
	struct places now = { { 1 } }, next;
	u32 length = strnlen(pattern, CW_BLOB_GLOB_MAX + 1);

	if (length > CW_BLOB_GLOB_MAX)
		return false;
	for (;; text++) {
		if (!*text || (below && *text == '/')) {
			step(pattern, length, &now, NULL, 0);
			if (place_isset(&now, length))
				return true;
			if (!*text)
				return false;
		}
		memset(&next, 0, sizeof(next));
		if (!step(pattern, length, &now, &next, *text))
			return false;
		now = next;
	}
}

/* @below: also matches when the pattern matches a directory above @text. */
static bool glob_matches(const char *pattern, const char *text, bool below)
{
	for (; *pattern && !is_wild(*pattern); pattern++, text++)
		if (*pattern != *text)
			return false;
	if (!*pattern)
		return !*text || (below && *text == '/');
	return wild_matches(pattern, text, below);
}

bool cw_glob_matches(const char *pattern, const char *path)
{
	return glob_matches(pattern, path, false);
}

bool cw_glob_matches_below(const char *pattern, const char *path)
{
	return glob_matches(pattern, path, true);
}
