// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does one left-hand side cover another?  Patterns against patterns.
 */
#include <stdio.h>

#include "lint.h"

static bool has_wildcard(const char *text)
{
	return strpbrk(text, "*?") != NULL;
}

/*
 * Places in @outer reachable after some bytes of @inner, as a row of flags.
 * Stars may match nothing: opens the place behind each open star.
 */
static void pass_stars(const char *outer, u8 *row, size_t size)
{
	size_t at;

	for (at = 0; at < size; at++)
		if (row[at] && outer[at] == '*')
			row[at + (outer[at + 1] == '*' ? 2 : 1)] = 1;
}

/* What one piece of @inner (a byte, `?`, `*` or `**`) leads to. */
static bool pass_piece(const char *outer, const u8 *row, u8 *next, size_t size,
		       char piece, bool across)
{
	bool is_byte = piece != '*' && piece != '?', is_alive = false;
	size_t at, to;

	memset(next, 0, size + 1);
	for (at = 0; at < size; at++) {
		if (!row[at])
			continue;
		to = size + 1;
		if (outer[at] == '*') {
			if (outer[at + 1] == '*' || (piece != '/' && !across))
				to = at;
		} else if (outer[at] == '?') {
			if (piece == '?' || (is_byte && piece != '/'))
				to = at + 1;
		} else if (is_byte && outer[at] == piece) {
			to = at + 1;
		}
		if (to > size)
			continue;
		next[to] = 1;
		is_alive = true;
	}
	return is_alive;
}

static bool pattern_covers(const char *outer, const char *inner)
{
	u8 rows[2][CW_PATH_MAX + 1], *row = rows[0], *next = rows[1], *spare;
	size_t size = strlen(outer);
	bool across;

	if (size >= CW_PATH_MAX)
		return false;
	memset(row, 0, size + 1);
	row[0] = 1;
	for (; *inner; inner += across ? 2 : 1) {
		across = inner[0] == '*' && inner[1] == '*';
		pass_stars(outer, row, size);
		if (!pass_piece(outer, row, next, size, *inner, across))
			return false;
		spare = row;
		row = next;
		next = spare;
	}
	pass_stars(outer, row, size);
	return row[size];
}

/*
 * Let the wildcards of @inner stand for a byte that @outer does not have: then
 * each run of plain bytes in @outer can only match within a run of @inner, one
 * after the other.  This settles most pairs at once.
 */
static bool has_runs(const char *outer, const char *inner)
{
	size_t size;

	for (; *outer; outer += size + !!outer[size]) {
		size = strcspn(outer, "*?");
		if (!size)
			continue;
		inner = memmem(inner, strlen(inner), outer, size);
		if (!inner)
			return false;
		inner += size;
	}
	return true;
}

bool cw_cover_glob(const char *outer, const char *inner)
{
	size_t literal = strcspn(outer, "*?");

	if (!outer[literal])
		return !strcmp(outer, inner);
	if (strncmp(outer, inner, literal))
		return false;
	if (!has_wildcard(inner))
		return cw_glob_matches(outer, inner);
	if (!strcmp(outer, inner))
		return true;
	return has_runs(outer, inner) && pattern_covers(outer, inner);
}

/* A cgroup condition holds in every cgroup below as well. */
static bool covers_cgroup(const char *outer, const char *inner)
{
	char above[CW_PATH_MAX];
	size_t at;

	for (at = 1; inner[at]; at++) {
		if (inner[at] != '/' || at >= sizeof(above))
			continue;
		memcpy(above, inner, at);
		above[at] = 0;
		if (cw_cover_glob(outer, above))
			return true;
	}
	return cw_cover_glob(outer, inner);
}

/* A link stands for itself and for its file, never for what else it may be. */
static bool covers_script(const struct cw_cond *outer,
			  const struct cw_cond *inner)
{
	if (inner->target)
		return outer->target && !strcmp(outer->target, inner->target) &&
		       !strcmp(outer->text, inner->text);
	return cw_cover_glob(outer->text, inner->text) ||
	       (outer->target && !strcmp(outer->target, inner->text));
}

/* The digits that begin an id stand for whatever begins with them. */
static bool write_pattern(char *to, size_t size, const char *pattern)
{
	int length = snprintf(to, size, "%s%s", pattern,
			      cw_container_is_id(pattern) ? "*" : "");

	return length >= 0 && (size_t)length < size;
}

static bool covers_container(const char *outer, const char *inner)
{
	struct cw_part engine, of_inner;
	char out[CW_PATH_MAX], in[CW_PATH_MAX];

	outer = cw_container_pattern(outer, &engine);
	inner = cw_container_pattern(inner, &of_inner);
	if (engine.size && (engine.size != of_inner.size ||
			    memcmp(engine.text, of_inner.text, engine.size)))
		return false;
	return write_pattern(out, sizeof(out), outer) &&
	       write_pattern(in, sizeof(in), inner) &&
	       cw_cover_glob(out, in);
}

bool cw_cover_cond(const struct cw_cond *outer, const struct cw_cond *inner)
{
	if (outer->kind != inner->kind &&
	    !(outer->kind == CW_COND_ANCESTOR &&
	      inner->kind == CW_COND_PARENT))
		return false;
	switch (outer->kind) {
	case CW_COND_USER:
	case CW_COND_GROUP:
		return outer->id == inner->id;
	case CW_COND_CGROUP:
		return covers_cgroup(outer->text, inner->text);
	case CW_COND_SHA256:
		return !memcmp(outer->digest, inner->digest, 32);
	case CW_COND_CLEAN_ENV:
		return true;
	case CW_COND_CONTAINER:
		return covers_container(outer->text, inner->text);
	case CW_COND_SCRIPT:
		return covers_script(outer, inner);
	case CW_COND_UNIT:
	case CW_COND_PARENT:
	case CW_COND_ANCESTOR:
		return cw_cover_glob(outer->text, inner->text);
	case CW_COND_COUNT:
		break;
	}
	return false;
}

static bool covers_exe(const struct cw_rule *outer, const struct cw_rule *inner)
{
	switch (outer->exe_kind) {
	case CW_EXE_ANY:
		return inner->exe_kind != CW_EXE_KERNEL;
	case CW_EXE_KERNEL:
		return inner->exe_kind == CW_EXE_KERNEL;
	case CW_EXE_PATH:
	case CW_EXE_GLOB:
		return inner->exe && cw_cover_glob(outer->exe, inner->exe);
	}
	return false;
}

bool cw_cover_subject(const struct cw_rule *outer, const struct cw_rule *inner)
{
	u32 i, j;

	if (outer->until && (!inner->until || inner->until > outer->until))
		return false;
	if (!covers_exe(outer, inner))
		return false;
	for (i = 0; i < outer->cond_count; i++) {
		/* A script started through env is none for `any`. */
		if (outer->conds[i].kind == CW_COND_SCRIPT &&
		    outer->exe_kind == CW_EXE_ANY &&
		    inner->exe_kind != CW_EXE_ANY)
			return false;
		for (j = 0; j < inner->cond_count; j++)
			if (cw_cover_cond(&outer->conds[i], &inner->conds[j]))
				break;
		if (j == inner->cond_count)
			return false;
	}
	return true;
}
