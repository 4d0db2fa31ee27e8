// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which subjects of a policy apply to a process: left-hand sides are found by
 * keys (path, leading directories of globs, user), then tested in full.
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

static bool group_matches(const struct cw_ident *ident, u32 gid)
{
	u32 i;

	if (ident->flags & CW_IDENT_EGID && ident->egid == gid)
		return true;
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

static bool cond_matches(const struct cw_blob *blob,
			 const struct cw_ident *ident, bool of_any,
			 const struct cw_blob_cond *cond)
{
	const u8 *digest = blob->section[CW_SECTION_DIGEST];
	struct cw_subject_cond test = {
		.kind = cond->kind,
		.id = cond->id,
		.text = cw_blob_text(blob, cond->text),
		.of_any = of_any,
	};

	if (test.kind == CW_COND_SHA256)
		test.digest = digest + 32 * (size_t)cond->id;
	if (test.kind == CW_COND_SCRIPT)
		test.target = cw_blob_text(blob, cond->id);
	return cw_subject_meets(ident, &test);
}

bool cw_subject_matches(const struct cw_blob *blob, u32 subject,
			const struct cw_ident *ident)
{
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];
	const struct cw_blob_cond *conds = blob->section[CW_SECTION_COND];
	u32 i;

	s += subject;
	if (!cw_subject_runs(ident, s->kind, cw_blob_text(blob, s->exe)))
		return false;
	for (i = s[0].cond; i < s[1].cond; i++)
		if (!cond_matches(blob, ident, s->kind == CW_EXE_ANY,
				  &conds[i]))
			return false;
	return true;
}

static void walk_add(const struct cw_blob *blob, struct cw_walk *walk,
		     const char *text, u32 length, u32 hash, u32 uid)
{
	const u32 *bucket = blob->section[CW_SECTION_BUCKET];
	const struct cw_blob_key *keys = blob->section[CW_SECTION_KEY];
	u32 i;

	hash = cw_hash_end(hash, uid);
	bucket += hash & (blob->count[CW_SECTION_BUCKET] - 2);
	for (i = bucket[0]; i < bucket[1]; i++) {
		const struct cw_blob_key *key = &keys[i];

		if (key->hash != hash || key->uid != uid ||
		    key->length != length ||
		    memcmp(cw_blob_text(blob, key->text), text, length))
			continue;
		walk->list[walk->lists].at = key[0].ref;
		walk->list[walk->lists++].end = key[1].ref;
		return;
	}
}

static void walk_add_all(const struct cw_blob *blob, struct cw_walk *walk,
			 const char *text, u32 length, u32 hash, u32 uid)
{
	walk_add(blob, walk, text, length, hash, CW_BLOB_NONE);
	if (blob->header->features & CW_FEATURE_USER && uid != CW_BLOB_NONE)
		walk_add(blob, walk, text, length, hash, uid);
}

/* Lists for `any`, for every leading directory, and for the whole path. */
void cw_walk_begin(const struct cw_blob *blob, const struct cw_ident *ident,
		   struct cw_walk *walk)
{
	u32 hash = blob->header->seed, slashes = 0, i;
	const char *text = ident->exe ? ident->exe : "";

	walk->lists = 0;
	if (!blob->count[CW_SECTION_REF])
		return;
	if (cw_ident_is_unknown(ident))
		text = "";
	if (ident->flags & CW_IDENT_KERNEL)
		text = CW_KEY_KERNEL;
	else
		walk_add_all(blob, walk, text, 0, hash, ident->uid);
	for (i = 0; text[i]; i++) {
		hash = cw_hash_byte(hash, text[i]);
		if (text[i] == '/' && slashes++ < CW_BLOB_KEY_SLASHES)
			walk_add_all(blob, walk, text, i + 1, hash, ident->uid);
	}
	if (i && (text[i - 1] != '/' || slashes > CW_BLOB_KEY_SLASHES))
		walk_add_all(blob, walk, text, i, hash, ident->uid);
}

/* The next subject in ascending order that may apply, or CW_BLOB_NONE. */
static u32 walk_candidate(const struct cw_blob *blob, struct cw_walk *walk)
{
	const u32 *refs = blob->section[CW_SECTION_REF];
	u32 best = CW_BLOB_NONE, from = 0, i;

	for (i = 0; i < walk->lists; i++) {
		u32 at = walk->list[i].at;

		if (at < walk->list[i].end && refs[at] < best) {
			best = refs[at];
			from = i;
		}
	}
	if (best != CW_BLOB_NONE)
		walk->list[from].at++;
	return best;
}

u32 cw_walk_next(const struct cw_blob *blob, const struct cw_ident *ident,
		 struct cw_walk *walk)
{
	u32 subject;

	do
		subject = walk_candidate(blob, walk);
	while (subject != CW_BLOB_NONE &&
	       !cw_subject_matches(blob, subject, ident));
	return subject;
}

/*
 * Leaves out a subject whose rules are folded into another one of the list,
 * which takes the earlier place of the two: the list stays in the order of
 * the groups' first rules.
 */
static void drop_folded(const struct cw_blob *blob, struct cw_subjects *list)
{
	const struct cw_blob_group *groups = blob->section[CW_SECTION_GROUP];
	u32 outer, inner, earlier, later;

	for (outer = 0; outer < list->count; outer++)
		for (inner = 0; inner < list->count; inner++) {
			if (groups[list->id[outer]].folds != list->id[inner])
				continue;
			earlier = outer < inner ? outer : inner;
			later = outer < inner ? inner : outer;
			list->id[earlier] = list->id[outer];
			list->count--;
			memmove(&list->id[later], &list->id[later + 1],
				(list->count - later) * sizeof(list->id[0]));
			return;
		}
}

void cw_match_subjects(const struct cw_blob *blob, const struct cw_ident *ident,
		       struct cw_subjects *out)
{
	struct cw_walk walk;
	u32 subject;

	out->count = 0;
	out->overflow = false;
	cw_walk_begin(blob, ident, &walk);
	while ((subject = cw_walk_next(blob, ident, &walk)) != CW_BLOB_NONE) {
		if (out->count == CW_SUBJECTS_KEPT) {
			out->overflow = true;
			break;
		}
		out->id[out->count++] = subject;
	}
	drop_folded(blob, out);
}
