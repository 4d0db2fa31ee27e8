// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tests of a left-hand side, one by one, as the language defines them.
 * Explanations use them; a decision finds the subjects that apply by keys
 * (walk.c) and reads each text of the process once (place.c).
 */
#include "engine.h"

/* Copies one component, which the kernel keeps below 256 bytes, and matches. */
static bool component_matches(const char *pattern, const char *text,
			      size_t size)
{
	char name[256];

	if (size >= sizeof(name))
		return false;
	memcpy(name, text, size);
	name[size] = '\0';
	return cw_glob_matches(pattern, name);
}

/* A slice matches as well when the unit is in it. */
static bool unit_matches(const char *pattern, const char *cgroup)
{
	struct cw_part unit;

	while (cw_cgroup_next_unit(&cgroup, &unit))
		if (component_matches(pattern, unit.text, unit.size))
			return true;
	return false;
}

/* Long lists are the kernel's, which keeps them sorted. */
static bool has_group(const u32 *gid, u32 count, u32 wanted)
{
	u32 low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (gid[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && gid[low] == wanted;
}

static bool group_matches(const struct cw_ident *ident, u32 gid)
{
	u32 i;

	if (ident->flags & CW_IDENT_EGID && ident->egid == gid)
		return true;
	if (ident->gids > CW_GIDS_UNSORTED)
		return has_group(ident->gid, ident->gids, gid);
	for (i = 0; i < ident->gids; i++)
		if (ident->gid[i] == gid)
			return true;
	return false;
}

/* Does the glob match one of the nearest @count ancestors? */
static bool ancestor_matches(const struct cw_ident *ident, u32 count,
			     const char *glob)
{
	u32 i;

	for (i = 0; i < count && i < ident->ancestors; i++)
		if (ident->ancestor[i] &&
		    cw_glob_matches(glob, ident->ancestor[i]))
			return true;
	return false;
}

/* By the path of its file; or by a link, if it leads where it led when the
 * rules were read. */
static bool script_matches(const struct cw_ident *ident,
			   const struct cw_subject_cond *cond)
{
	bool has_target = cond->target && *cond->target;

	if (cond->of_any && ident->flags & CW_IDENT_BY_ENV)
		return false;
	if (ident->script)
		return cw_glob_matches(cond->text, ident->script) ||
		       (has_target && !strcmp(cond->target, ident->script));
	return has_target && ident->link &&
	       !strcmp(cond->text, ident->link) &&
	       !strcmp(cond->target, ident->link_file);
}

bool cw_cond_is_veiled(enum cw_cond_kind kind, bool absent)
{
	return absent || kind == CW_COND_SCRIPT || kind == CW_COND_PARENT ||
	       kind == CW_COND_ANCESTOR || kind == CW_COND_SHA256 ||
	       kind == CW_COND_CLEAN_ENV;
}

bool cw_exe_is_veiled(enum cw_exe_kind kind)
{
	return kind == CW_EXE_PATH || kind == CW_EXE_GLOB;
}

bool cw_subject_meets(const struct cw_ident *ident,
		      const struct cw_subject_cond *cond)
{
	const char *text = cond->text;

	if (unlikely(cw_ident_is_unknown(ident)) &&
	    cw_cond_is_veiled(cond->kind, ident->flags & CW_IDENT_ABSENT))
		return false;
	switch (cond->kind) {
	case CW_COND_SCRIPT:
		return script_matches(ident, cond);
	case CW_COND_USER:
		return ident->uid == cond->id;
	case CW_COND_GROUP:
		return group_matches(ident, cond->id);
	case CW_COND_UNIT:
		return ident->cgroup && unit_matches(text, ident->cgroup);
	case CW_COND_CGROUP:
		return ident->cgroup &&
		       cw_glob_matches_below(text, ident->cgroup);
	case CW_COND_CONTAINER:
		return ident->cgroup &&
		       cw_container_matches(text, ident->cgroup);
	case CW_COND_PARENT:
		return ancestor_matches(ident, 1, text);
	case CW_COND_ANCESTOR:
		return ancestor_matches(ident, ident->ancestors, text);
	case CW_COND_SHA256:
		return ident->flags & CW_IDENT_HASHED &&
		       !memcmp(ident->sha256, cond->digest, 32);
	case CW_COND_CLEAN_ENV:
		return ident->flags & CW_IDENT_CLEAN_ENV;
	case CW_COND_COUNT:
		break;
	}
	return false;
}

bool cw_subject_runs(const struct cw_ident *ident, enum cw_exe_kind kind,
		     const char *exe)
{
	if (ident->flags & CW_IDENT_KERNEL)
		return kind == CW_EXE_KERNEL;
	if (cw_ident_is_unknown(ident))
		return kind == CW_EXE_ANY;
	switch (kind) {
	case CW_EXE_ANY:
		return true;
	case CW_EXE_KERNEL:
		return false;
	case CW_EXE_PATH:
		return ident->exe && !strcmp(exe, ident->exe);
	case CW_EXE_GLOB:
		return ident->exe && cw_glob_matches(exe, ident->exe);
	}
	return false;
}
