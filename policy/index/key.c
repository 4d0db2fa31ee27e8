// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys: the hash by which a process finds the subjects that may apply to it.
 */
#include <stdlib.h>

#include "emit.h"
#include "policy/text/passes.h"

#define SEEDS	64	/* hashes tried before the buckets are too full */

struct wanted {
	const struct cw_emitter *emitter;
	const struct cw_blob_key *key;
};

static bool same_key(const void *context, u32 id)
{
	const struct wanted *wanted = context;
	const struct cw_blob_key *key =
		wanted->emitter->section[CW_SECTION_KEY].data;

	return key[id].kind == wanted->key->kind &&
	       key[id].value == wanted->key->value;
}

static const char *key_text(const struct cw_emitter *emitter,
			    const struct cw_blob_key *key)
{
	return (const char *)emitter->section[CW_SECTION_STRING].data +
	       key->value;
}

/* ---- what a subject asks for ---------------------------------------------- */

/* By its program. */
static struct cw_blob_key exe_key(const struct cw_emitter *emitter, u32 subject)
{
	const struct cw_blob_subject *s =
		emitter->section[CW_SECTION_SUBJECT].data;
	const struct cw_blob_group *group =
		emitter->section[CW_SECTION_GROUP].data;
	struct cw_blob_key key = { .kind = CW_KEY_ANY };

	switch (s[subject].kind) {
	case CW_EXE_KERNEL:
		key.kind = CW_KEY_KERNEL;
		break;
	case CW_EXE_PATH:
		key.kind = CW_KEY_PATH;
		key.value = s[subject].exe;
		key.length = strlen(key_text(emitter, &key));
		break;
	case CW_EXE_GLOB:
		key.kind = CW_KEY_GLOB;
		key.value = group[subject].exe;
		break;
	}
	return key;
}

/* By one of its conditions; false: it cannot be found by that. */
static bool cond_key(const struct cw_emitter *emitter, u32 number,
		     struct cw_blob_key *key)
{
	const struct cw_blob_cond *cond =
		emitter->section[CW_SECTION_COND].data;
	const u32 *place = emitter->section[CW_SECTION_COND_PLACE].data;

	*key = (struct cw_blob_key) { .kind = cond[number].kind };
	key->value = place[number];
	if (key->value != CW_BLOB_NONE)
		return true;
	key->value = cond[number].id;
	return key->kind == CW_COND_USER ? key->value != CW_BLOB_NONE :
	       key->kind == CW_COND_GROUP;
}

static u64 *key_use(struct cw_map *uses, const struct cw_blob_key *key)
{
	return cw_map_put(uses, (u64)(key->kind + 1) << 32 | key->value);
}

/* How many subjects ask for each thing. */
static int count_uses(const struct cw_emitter *emitter, struct cw_map *uses)
{
	const struct cw_blob_subject *s =
		emitter->section[CW_SECTION_SUBJECT].data;
	struct cw_blob_key key;
	u32 subject, i;
	u64 *count;

	for (subject = 0; subject < cw_emit_count(emitter, CW_SECTION_GROUP);
	     subject++) {
		key = exe_key(emitter, subject);
		count = key_use(uses, &key);
		if (!count)
			return -ENOMEM;
		++*count;
		for (i = s[subject].cond; i < s[subject + 1].cond; i++) {
			if (!cond_key(emitter, i, &key))
				continue;
			count = key_use(uses, &key);
			if (!count)
				return -ENOMEM;
			++*count;
		}
	}
	return 0;
}

/*
 * The rarest of what a subject asks for, so that few subjects have to be
 * tested for a process.  The kernel has none of what conditions ask for.
 */
static struct cw_blob_key subject_key(const struct cw_emitter *emitter,
				      struct cw_map *uses, u32 subject)
{
	const struct cw_blob_subject *s =
		emitter->section[CW_SECTION_SUBJECT].data;
	struct cw_blob_key best = exe_key(emitter, subject), key;
	u64 least = *key_use(uses, &best), count;
	u32 i;

	if (best.kind == CW_KEY_KERNEL)
		return best;
	for (i = s[subject].cond; i < s[subject + 1].cond; i++) {
		if (!cond_key(emitter, i, &key))
			continue;
		count = *key_use(uses, &key);
		if (count < least || best.kind == CW_KEY_ANY) {
			least = count;
			best = key;
		}
	}
	return best;
}

/* Every key once; the one of each subject into its group. */
static int collect_keys(struct cw_emitter *emitter, struct cw_map *uses,
			struct cw_intern *by_value)
{
	u32 i, *found;
	int error;

	for (i = 0; i < cw_emit_count(emitter, CW_SECTION_GROUP); i++) {
		struct cw_blob_group *group =
			emitter->section[CW_SECTION_GROUP].data;
		struct cw_blob_key key = subject_key(emitter, uses, i);
		struct wanted wanted = { emitter, &key };

		found = cw_intern_find(by_value,
				       cw_hash_value(0, key.kind, key.value),
				       same_key, &wanted);
		if (!found)
			return -ENOMEM;
		group[i].key = *found;
		if (*found != CW_BLOB_NONE)
			continue;
		group[i].key = *found = cw_emit_count(emitter, CW_SECTION_KEY);
		error = cw_emit_add(emitter, CW_SECTION_KEY, &key, 1);
		if (error)
			return error;
	}
	return 0;
}

static int make_keys(struct cw_emitter *emitter)
{
	struct cw_intern by_value = { .slot = NULL };
	struct cw_map uses = { .slots = NULL };
	int error = count_uses(emitter, &uses);

	if (!error)
		error = collect_keys(emitter, &uses, &by_value);
	cw_intern_free(&by_value);
	cw_map_free(&uses);
	return error;
}

/* ---- groups --------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	u32 left = *(const u32 *)a, right = *(const u32 *)b;

	return (left > right) - (left < right);
}

static int list_gids(struct cw_emitter *emitter)
{
	const struct cw_blob_key *key = emitter->section[CW_SECTION_KEY].data;
	struct cw_array *gids = &emitter->section[CW_SECTION_GID];
	u32 i;
	int error = 0;

	for (i = 0; i < cw_emit_count(emitter, CW_SECTION_KEY) && !error; i++)
		if (key[i].kind == CW_COND_GROUP)
			error = cw_array_add(gids, key[i].value);
	if (gids->count)
		qsort(gids->data, gids->count, sizeof(u32), compare);
	return error;
}

/* ---- buckets -------------------------------------------------------------- */

static u32 hash_path(const char *text, u32 seed)
{
	while (*text)
		seed = cw_hash_byte(seed, *text++);
	return seed;
}

/* A path's hash without its kind stands in the group, for comparisons. */
static void hash_groups(struct cw_emitter *emitter)
{
	const struct cw_blob_subject *s =
		emitter->section[CW_SECTION_SUBJECT].data;
	struct cw_blob_group *group = emitter->section[CW_SECTION_GROUP].data;
	const char *text = emitter->section[CW_SECTION_STRING].data;
	u32 i;

	for (i = 0; i < cw_emit_count(emitter, CW_SECTION_GROUP); i++)
		if (s[i].kind == CW_EXE_PATH)
			group[i].exe = hash_path(text + s[i].exe,
						 emitter->seed);
}

static void hash_keys(struct cw_emitter *emitter, u32 seed)
{
	struct cw_blob_key *key = emitter->section[CW_SECTION_KEY].data;
	u32 i;

	for (i = 0; i < cw_emit_count(emitter, CW_SECTION_KEY); i++)
		key[i].hash = key[i].kind == CW_KEY_PATH ?
			cw_hash_end(hash_path(key_text(emitter, &key[i]), seed),
				    CW_KEY_PATH) :
			cw_hash_value(seed, key[i].kind, key[i].value);
}

/* Counts the keys of each bucket into bucket[1..]; the fullest's count. */
static u32 count_buckets(const struct cw_emitter *emitter, u32 *bucket,
			 u32 buckets)
{
	const struct cw_blob_key *key = emitter->section[CW_SECTION_KEY].data;
	u32 i, most = 0;

	memset(bucket, 0, (buckets + 1) * sizeof(*bucket));
	for (i = 0; i < cw_emit_count(emitter, CW_SECTION_KEY); i++) {
		u32 *count = &bucket[1 + (key[i].hash & (buckets - 1))];

		if (++*count > most)
			most = *count;
	}
	return most;
}

/* Sorts keys into their buckets; @place says where each has gone. */
static int place_keys(struct cw_emitter *emitter, u32 *bucket, u32 buckets,
		      u32 *place)
{
	struct cw_array *section = &emitter->section[CW_SECTION_KEY];
	const struct cw_blob_key *old = section->data;
	struct cw_blob_key *key = cw_alloc((section->count + 1) * sizeof(*key));
	u32 i;

	if (!key)
		return -ENOMEM;
	for (i = 0; i < buckets; i++)
		bucket[i + 1] += bucket[i];
	for (i = section->count; i--;) {
		u32 to = --bucket[1 + (old[i].hash & (buckets - 1))];

		place[i] = to;
		key[to] = old[i];
	}
	/* now bucket[b + 1] is where bucket b begins */
	memmove(bucket, bucket + 1, buckets * sizeof(*bucket));
	bucket[buckets] = section->count;
	cw_free(section->data);
	section->data = key;
	section->room = section->count + 1;
	return 0;
}

static int too_many(struct cw_emitter *emitter, const struct cw_blob_key *key)
{
	const char *text = key->kind == CW_KEY_PATH ? key_text(emitter, key) :
			   "any";

	if (key->kind != CW_KEY_PATH && key->kind != CW_KEY_ANY)
		return cw_emit_too_big(emitter,
				       "different subjects that ask for the same thing",
				       CW_BLOB_KEY_REFS_MAX);
	cw_diag_add(emitter->diag, emitter->ruleset, CW_SEVERITY_ERROR, NULL,
		    "more than %u different subjects for `%s`",
		    CW_BLOB_KEY_REFS_MAX, text);
	return -E2BIG;
}

/* Lists the subjects of each key in order. */
static int write_refs(struct cw_emitter *emitter, const u32 *place)
{
	u32 subjects = cw_emit_count(emitter, CW_SECTION_GROUP);
	struct cw_blob_group *group = emitter->section[CW_SECTION_GROUP].data;
	struct cw_blob_key end = { .ref = subjects }, *key;
	struct cw_array *refs = &emitter->section[CW_SECTION_REF];
	u32 i, keys = cw_emit_count(emitter, CW_SECTION_KEY), *ref;

	ref = cw_array_grow(refs, subjects, sizeof(*ref));
	if (!ref || cw_emit_add(emitter, CW_SECTION_KEY, &end, 1))
		return -ENOMEM;
	refs->count = subjects;
	key = emitter->section[CW_SECTION_KEY].data;
	for (i = 0; i < subjects; i++) {
		group[i].key = place[group[i].key];
		key[group[i].key].ref++;
	}
	for (i = 0; i < keys; i++) {
		if (key[i].ref > CW_BLOB_KEY_REFS_MAX)
			return too_many(emitter, &key[i]);
		key[i].ref += i ? key[i - 1].ref : 0;
	}
	for (i = subjects; i--;)
		ref[--key[group[i].key].ref] = i;
	return 0;
}

/* A seed under which no bucket is too full; with so many, one of the first. */
static int choose_seed(struct cw_emitter *emitter, u32 *bucket, u32 buckets)
{
	u32 i;

	for (i = 0; i < SEEDS; i++) {
		emitter->seed = 0x811c9dc5u + i;
		hash_keys(emitter, emitter->seed);
		if (count_buckets(emitter, bucket, buckets) <=
		    CW_BLOB_BUCKET_MAX)
			return 0;
	}
	cw_diag_add(emitter->diag, emitter->ruleset, CW_SEVERITY_ERROR, NULL,
		    "the names of the programs cannot be hashed");
	return -E2BIG;
}

static int build_buckets(struct cw_emitter *emitter)
{
	u32 keys = cw_emit_count(emitter, CW_SECTION_KEY), buckets = 1;
	u32 *bucket, *place = cw_alloc((keys + 1) * sizeof(*place));
	int error = -ENOMEM;

	while (buckets < keys)
		buckets *= 2;
	bucket = cw_array_grow(&emitter->section[CW_SECTION_BUCKET],
				buckets + 1, sizeof(*bucket));
	if (place && bucket) {
		emitter->section[CW_SECTION_BUCKET].count = buckets + 1;
		error = choose_seed(emitter, bucket, buckets);
		if (!error)
			error = place_keys(emitter, bucket, buckets, place);
		if (!error)
			error = write_refs(emitter, place);
	}
	cw_free(place);
	return error;
}

int cw_key_build(struct cw_emitter *emitter)
{
	int error = make_keys(emitter);

	if (!error)
		error = list_gids(emitter);
	if (!error)
		error = build_buckets(emitter);
	if (!error)
		hash_groups(emitter);
	return error;
}
