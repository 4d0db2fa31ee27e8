// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which subjects of a policy apply to a process.  Each subject is filed under
 * one thing that it asks for, its key.  Whatever the process is, is looked up;
 * the subjects found are then tested in full, by comparing numbers.
 */
#include "engine.h"

struct walk {
	const struct cw_blob *blob;
	const struct cw_ident *ident;
	struct cw_traits *traits;	/* NULL = the kernel */
	cw_visit *visit;
	void *context;
	bool stop;
};

static bool has_hit(const struct cw_hits *hits, u32 place)
{
	u32 i;

	for (i = 0; i < hits->count; i++)
		if (hits->place[i] == place)
			return true;
	return false;
}

static bool has_ancestor(const struct cw_traits *traits, u32 place)
{
	u32 i;

	for (i = 0; i < CW_ANCESTORS; i++)
		if (has_hit(&traits->ancestor[i], place))
			return true;
	return false;
}

/* A condition whose text is in a tree: it ends at @place. */
static bool meets_place(const struct cw_traits *traits, u32 kind, u32 place)
{
	switch (kind) {
	case CW_COND_SCRIPT:
		return has_hit(&traits->script, place);
	case CW_COND_UNIT:
		return has_hit(&traits->unit, place);
	case CW_COND_CGROUP:
		return has_hit(&traits->cgroup, place);
	case CW_COND_CONTAINER:
		return has_hit(&traits->container, place);
	case CW_COND_PARENT:
		return has_hit(&traits->ancestor[0], place);
	case CW_COND_ANCESTOR:
		return has_ancestor(traits, place);
	}
	return false;
}

/* A condition of another kind, or of the kernel, which has no texts. */
static bool meets_itself(const struct walk *walk, bool of_any,
			 const struct cw_blob_cond *record)
{
	const u8 *digest = walk->blob->section[CW_SECTION_DIGEST];
	struct cw_subject_cond cond = {
		.kind = record->kind, .id = record->id,
		.text = cw_blob_text(walk->blob, record->text),
		.of_any = of_any,
	};

	if (cond.kind == CW_COND_SHA256)
		cond.digest = digest + 32 * (size_t)cond.id;
	if (cond.kind == CW_COND_SCRIPT)
		cond.target = cw_blob_text(walk->blob, cond.id);
	return cw_subject_meets(walk->ident, &cond);
}

/* Condition @number of a left-hand side; @of_any: it names no program. */
static bool meets(const struct walk *walk, bool of_any, u32 number)
{
	const struct cw_blob_cond *cond = walk->blob->section[CW_SECTION_COND];
	const u32 *place = walk->blob->section[CW_SECTION_COND_PLACE];

	cond += number;
	if (!walk->traits || place[number] == CW_BLOB_NONE)
		return meets_itself(walk, of_any, cond);
	/* The trees know texts only, not how the script was started. */
	if (of_any && cond->kind == CW_COND_SCRIPT &&
	    walk->ident->flags & CW_IDENT_BY_ENV)
		return false;
	return meets_place(walk->traits, cond->kind, place[number]);
}

/* Texts that are equal are one text in a blob, so one comparison will do. */
static bool is_path(const struct walk *walk, u32 text, u32 hash)
{
	struct cw_traits *traits = walk->traits;

	if (text == traits->text)
		return true;
	if (!walk->ident->exe || hash != traits->exe.hash ||
	    strcmp(cw_blob_text(walk->blob, text), walk->ident->exe))
		return false;
	traits->text = text;
	return true;
}

static bool runs(const struct walk *walk, u32 subject)
{
	const struct cw_blob_subject *s =
		walk->blob->section[CW_SECTION_SUBJECT];
	const struct cw_blob_group *group =
		walk->blob->section[CW_SECTION_GROUP];

	s += subject;
	if (cw_ident_is_unknown(walk->ident))
		return cw_subject_runs(walk->ident, s->kind, NULL);
	switch (s->kind) {
	case CW_EXE_ANY:
		return walk->traits;
	case CW_EXE_KERNEL:
		return !walk->traits;
	case CW_EXE_PATH:
		return walk->traits && is_path(walk, s->exe, group[subject].exe);
	case CW_EXE_GLOB:
		return walk->traits &&
		       has_hit(&walk->traits->exe, group[subject].exe);
	}
	return false;
}

static bool applies(const struct walk *walk, u32 subject)
{
	const struct cw_blob_subject *s =
		walk->blob->section[CW_SECTION_SUBJECT];
	u32 i;

	if (!runs(walk, subject))
		return false;
	for (i = s[subject].cond; i < s[subject + 1].cond; i++)
		if (!meets(walk, s[subject].kind == CW_EXE_ANY, i))
			return false;
	return true;
}

/* ---- keys ---------------------------------------------------------------- */

static void visit_list(struct walk *walk, const struct cw_blob_key *key)
{
	const u32 *ref = walk->blob->section[CW_SECTION_REF];
	u32 i;

	for (i = key[0].ref; i < key[1].ref && !walk->stop; i++)
		if (applies(walk, ref[i]))
			walk->stop = walk->visit(walk->context, ref[i]);
}

static void bucket_of(const struct walk *walk, u32 hash, u32 *at, u32 *end)
{
	const u32 *bucket = walk->blob->section[CW_SECTION_BUCKET];

	bucket += hash & (walk->blob->count[CW_SECTION_BUCKET] - 2);
	*at = bucket[0];
	*end = bucket[1];
}

static void visit_value(struct walk *walk, u32 kind, u32 value)
{
	const struct cw_blob_key *key = walk->blob->section[CW_SECTION_KEY];
	u32 hash = cw_hash_value(walk->blob->header->seed, kind, value);
	u32 at, end;

	for (bucket_of(walk, hash, &at, &end); at < end; at++)
		if (key[at].hash == hash && key[at].kind == kind &&
		    key[at].value == value) {
			visit_list(walk, &key[at]);
			return;
		}
}

static void visit_path(struct walk *walk)
{
	const struct cw_blob_key *key = walk->blob->section[CW_SECTION_KEY];
	const struct cw_hits *exe = &walk->traits->exe;
	u32 hash = cw_hash_end(exe->hash, CW_KEY_PATH), at, end;

	for (bucket_of(walk, hash, &at, &end); at < end; at++)
		if (key[at].hash == hash && key[at].kind == CW_KEY_PATH &&
		    key[at].length == exe->length &&
		    !memcmp(cw_blob_text(walk->blob, key[at].value),
			    walk->ident->exe, exe->length)) {
			walk->traits->text = key[at].value;
			visit_list(walk, &key[at]);
			return;
		}
}

static void visit_hits(struct walk *walk, u32 kind, const struct cw_hits *hits)
{
	u32 i;

	for (i = 0; i < hits->count && !walk->stop; i++)
		visit_value(walk, kind, hits->place[i]);
}

/* From the shorter of both lists: a process can have 65,536 groups. */
static void visit_groups(struct walk *walk)
{
	const u32 *gid = walk->blob->section[CW_SECTION_GID];
	const struct cw_ident *ident = walk->ident;
	u32 i, count = walk->blob->count[CW_SECTION_GID];

	if (!count)
		return;
	if (ident->flags & CW_IDENT_EGID)
		visit_value(walk, CW_COND_GROUP, ident->egid);
	if (ident->gids <= count) {
		for (i = 0; i < ident->gids && !walk->stop; i++)
			visit_value(walk, CW_COND_GROUP, ident->gid[i]);
		return;
	}
	for (i = 0; i < count && !walk->stop; i++)
		if (cw_subject_meets(ident, &(struct cw_subject_cond) {
				     .kind = CW_COND_GROUP, .id = gid[i] }))
			visit_value(walk, CW_COND_GROUP, gid[i]);
}

static void visit_all(struct walk *walk)
{
	const struct cw_traits *traits = walk->traits;
	u32 i;

	visit_value(walk, CW_KEY_ANY, 0);
	if (walk->ident->exe && !cw_ident_is_unknown(walk->ident) &&
	    !walk->stop)
		visit_path(walk);
	visit_hits(walk, CW_KEY_GLOB, &traits->exe);
	visit_hits(walk, CW_COND_SCRIPT, &traits->script);
	visit_hits(walk, CW_COND_PARENT, &traits->ancestor[0]);
	for (i = 0; i < CW_ANCESTORS; i++)
		visit_hits(walk, CW_COND_ANCESTOR, &traits->ancestor[i]);
	visit_hits(walk, CW_COND_UNIT, &traits->unit);
	visit_hits(walk, CW_COND_CGROUP, &traits->cgroup);
	visit_hits(walk, CW_COND_CONTAINER, &traits->container);
	if (!walk->stop && walk->ident->uid != CW_BLOB_NONE)
		visit_value(walk, CW_COND_USER, walk->ident->uid);
	if (!walk->stop)
		visit_groups(walk);
}

bool cw_walk(const struct cw_blob *blob, const struct cw_ident *ident,
	     cw_visit *visit, void *context)
{
	struct walk walk = {
		.blob = blob, .ident = ident, .visit = visit,
		.context = context,
	};

	if (ident->flags & CW_IDENT_KERNEL) {
		visit_value(&walk, CW_KEY_KERNEL, 0);
		return false;
	}
	walk.traits = cw_traits_room();
	cw_traits_find(blob, ident, walk.traits);
	if (!walk.traits->many)
		visit_all(&walk);
	return walk.traits->many;
}

/* ---- the subjects of a process ------------------------------------------- */

/* Puts @subject in its place, once; true: there is no room. */
static bool keep(void *context, u32 subject)
{
	struct cw_subjects *out = context;
	u32 at = out->count;

	while (at && out->id[at - 1] > subject)
		at--;
	if (at && out->id[at - 1] == subject)
		return false;
	if (out->count == CW_SUBJECTS_KEPT) {
		out->overflow = true;
		return true;
	}
	memmove(&out->id[at + 1], &out->id[at],
		(out->count - at) * sizeof(out->id[0]));
	out->id[at] = subject;
	out->count++;
	return false;
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
	out->count = 0;
	out->overflow = false;
	out->many = cw_walk(blob, ident, keep, out);
	drop_folded(blob, out);
}
