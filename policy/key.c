// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys: the hash by which a process finds the subjects that may apply to it.
 */
#include <stdlib.h>

#include "emit.h"

#define SEEDS	64	/* hashes tried before the buckets are too full */

struct wanted {
	const struct cw_emitter *emitter;
	const struct cw_blob_key *key;
};

static const char *key_text(const struct cw_emitter *emitter,
			    const struct cw_blob_key *key)
{
	return (const char *)emitter->section[CW_SECTION_STRING].data +
	       key->text;
}

static bool same_key(const void *context, u32 id)
{
	const struct wanted *wanted = context;
	const struct cw_blob_key *key =
		wanted->emitter->section[CW_SECTION_KEY].data;

	return key[id].uid == wanted->key->uid &&
	       key[id].length == wanted->key->length &&
	       !memcmp(key_text(wanted->emitter, &key[id]),
		       key_text(wanted->emitter, wanted->key),
		       wanted->key->length);
}

/* Leading directories up to the first wildcard, not too many, with slash. */
static u32 glob_key_length(const char *glob)
{
	u32 i, length = 0, slashes = 0;

	for (i = 0; glob[i] && glob[i] != '*' && glob[i] != '?'; i++)
		if (glob[i] == '/' && slashes++ < CW_BLOB_KEY_SLASHES)
			length = i + 1;
	return length;
}

/* The uid that @subject asks for, or CW_BLOB_NONE. */
static u32 subject_uid(const struct cw_emitter *emitter,
		       const struct cw_blob_subject *subject)
{
	const struct cw_blob_cond *cond =
		emitter->section[CW_SECTION_COND].data;
	u32 i;

	for (i = subject[0].cond; i < subject[1].cond; i++)
		if (cond[i].kind == CW_COND_USER)
			return cond[i].id;
	return CW_BLOB_NONE;
}

static int subject_key(struct cw_emitter *emitter, u32 subject,
		       struct cw_blob_key *key)
{
	const struct cw_blob_subject *s =
		emitter->section[CW_SECTION_SUBJECT].data;
	const char *text;
	u32 at;
	int error;

	s += subject;
	*key = (struct cw_blob_key) { .uid = CW_BLOB_NONE, .text = s->exe };
	if (s->kind == CW_EXE_KERNEL) {
		error = cw_emit_text(emitter, CW_KEY_KERNEL, &at);
		key->text = at;
		key->length = strlen(CW_KEY_KERNEL);
		return error;
	}
	text = key_text(emitter, key);
	key->length = s->kind == CW_EXE_GLOB ? glob_key_length(text) :
		      strlen(text);
	key->uid = subject_uid(emitter, s);
	return 0;
}

/* Every key once; the one of each subject into its group. */
static int collect_keys(struct cw_emitter *emitter, struct cw_intern *by_text)
{
	u32 i, *found;
	int error;

	for (i = 0; i < cw_emit_count(emitter, CW_SECTION_GROUP); i++) {
		struct cw_blob_group *group =
			emitter->section[CW_SECTION_GROUP].data;
		struct cw_blob_key key;
		struct wanted wanted = { emitter, &key };

		error = subject_key(emitter, i, &key);
		if (error)
			return error;
		found = cw_intern_find(by_text,
				       cw_hash_bytes(key.uid,
						     key_text(emitter, &key),
						     key.length),
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

static void hash_keys(struct cw_emitter *emitter, u32 seed)
{
	struct cw_blob_key *key = emitter->section[CW_SECTION_KEY].data;
	u32 i, j, hash;

	for (i = 0; i < cw_emit_count(emitter, CW_SECTION_KEY); i++) {
		const char *text = key_text(emitter, &key[i]);

		hash = seed;
		for (j = 0; j < key[i].length; j++)
			hash = cw_hash_byte(hash, text[j]);
		key[i].hash = cw_hash_end(hash, key[i].uid);
	}
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
	cw_diag_add(emitter->diag, emitter->ruleset, CW_SEVERITY_ERROR, NULL,
		    "more than %u different subjects for `%.*s`",
		    CW_BLOB_KEY_REFS_MAX,
		    key->length ? (int)key->length : 3,
		    key->length ? key_text(emitter, key) : "any");
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
	struct cw_intern by_text = { .slot = NULL };
	int error = collect_keys(emitter, &by_text);

	cw_intern_free(&by_text);
	return error ? error : build_buckets(emitter);
}
