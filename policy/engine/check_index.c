// SPDX-License-Identifier: GPL-2.0-only
/*
 * The door, second half: how subjects are found, and what cells lead to.
 */
#include "engine.h"

/* A group's own table; tables below tables are not for groups. */
static bool root_ok(const struct cw_blob *blob, u32 table, u8 family)
{
	const struct cw_blob_table *t = blob->section[CW_SECTION_TABLE];

	return table == CW_BLOB_NONE ||
	       (table < blob->count[CW_SECTION_TABLE] && !t[table].depth &&
		t[table].family == family);
}

/* Only what applies whenever the group does may be folded into it. */
static bool folds_ok(const struct cw_blob *blob, u32 subject, u32 folds)
{
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];

	return folds == CW_BLOB_NONE ||
	       (folds < blob->count[CW_SECTION_GROUP] && folds != subject &&
		s[folds].kind == CW_EXE_ANY &&
		!cw_subject_is_limited(&s[folds]) &&
		s[folds].cond == s[folds + 1].cond &&
		s[subject].kind != CW_EXE_KERNEL &&
		!cw_subject_is_limited(&s[subject]));
}

/* The first rule is the group's own or one of those folded into it. */
static bool first_rule_ok(const struct cw_blob *blob, u32 subject)
{
	const struct cw_blob_group *g = blob->section[CW_SECTION_GROUP];
	const struct cw_blob_rule *rule = blob->section[CW_SECTION_RULE];
	u32 first = g[subject].rule;

	return first < cw_blob_rules(blob) &&
	       (rule[first].subject == subject ||
		rule[first].subject == g[subject].folds);
}

/* Bits 0-31 of a record: a range, or a set that is there. */
static bool ports_ok(const struct cw_blob *blob, u64 word)
{
	if (CW_BLOB_WORD_LO(word) <= CW_BLOB_WORD_HI(word))
		return true;
	return CW_BLOB_WORD_LO(word) & 0x8000 &&
	       CW_BLOB_WORD_HI(word) < 0x8000 &&
	       CW_BLOB_WORD_SET(word) < blob->count[CW_SECTION_PORTSET] - 1;
}

/* The ports that a group may ask for; all of them where its subject has none. */
static bool from_ok(const struct cw_blob *blob, u32 subject, u32 from)
{
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];

	if (s[subject].from == s[subject + 1].from)
		return from == CW_BLOB_PORTS_ALL;
	return from == CW_BLOB_PORTS_NONE || ports_ok(blob, from);
}

/* How the program is told: see struct cw_blob_group. */
static bool exe_ok(const struct cw_blob *blob, u32 subject, u32 exe)
{
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];

	if (s[subject].kind == CW_EXE_GLOB)
		return cw_check_end(blob, exe);
	return s[subject].kind == CW_EXE_PATH || !exe;
}

static bool groups_ok(const struct cw_blob *blob)
{
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];
	const struct cw_blob_group *g = blob->section[CW_SECTION_GROUP];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_GROUP]; i++)
		if (g[i].until != s[i].until || g[i].zero ||
		    !from_ok(blob, i, g[i].from) ||
		    !exe_ok(blob, i, g[i].exe) ||
		    !folds_ok(blob, i, g[i].folds) || !first_rule_ok(blob, i) ||
		    g[i].key >= blob->count[CW_SECTION_KEY] - 1 ||
		    g[i].any >= blob->count[CW_SECTION_WORD] ||
		    !root_ok(blob, g[i].table4, 4) ||
		    !root_ok(blob, g[i].table6, 6) ||
		    !root_ok(blob, g[i].tablez, 6))
			return false;
	return true;
}

static bool buckets_ok(const struct cw_blob *blob)
{
	const u32 *bucket = blob->section[CW_SECTION_BUCKET];
	u32 count = blob->count[CW_SECTION_BUCKET] - 1, i;

	/* 0 - 1 is refused too: it has more than one bit */
	if (!count || count & (count - 1) || bucket[0] ||
	    bucket[count] != blob->count[CW_SECTION_KEY] - 1)
		return false;
	for (i = 0; i < count; i++)
		if (bucket[i] > bucket[i + 1] ||
		    bucket[i + 1] - bucket[i] > CW_BLOB_BUCKET_MAX)
			return false;
	return true;
}

/* The subjects of a key ascend and say themselves that they are its own. */
static bool refs_ok(const struct cw_blob *blob, u32 key, u32 from, u32 to)
{
	const struct cw_blob_group *group = blob->section[CW_SECTION_GROUP];
	const u32 *ref = blob->section[CW_SECTION_REF];
	u32 i;

	if (to - from > CW_BLOB_KEY_REFS_MAX)
		return false;
	for (i = from; i < to; i++)
		if (ref[i] >= blob->count[CW_SECTION_GROUP] ||
		    group[ref[i]].key != key ||
		    (i > from && ref[i] <= ref[i - 1]))
			return false;
	return true;
}

static bool key_ok(const struct cw_blob *blob, const struct cw_blob_key *key)
{
	u32 size = blob->count[CW_SECTION_STRING];

	if (key->kind == CW_KEY_PATH)
		return key->length < CW_PATH_MAX && key->value < size &&
		       key->length <= size - key->value;
	return !key->length && (key->kind < CW_COND_COUNT ||
				(key->kind >= CW_KEY_ANY &&
				 key->kind <= CW_KEY_GLOB));
}

static bool keys_ok(const struct cw_blob *blob)
{
	const struct cw_blob_key *key = blob->section[CW_SECTION_KEY];
	u32 i, count = blob->count[CW_SECTION_KEY] - 1;

	if (key[0].ref || key[count].ref != blob->count[CW_SECTION_REF])
		return false;
	for (i = 0; i < count; i++)
		if (!key_ok(blob, &key[i]) ||
		    !cw_blob_range_ok(key[i].ref, key[i + 1].ref,
			      blob->count[CW_SECTION_REF]) ||
		    !refs_ok(blob, i, key[i].ref, key[i + 1].ref))
			return false;
	key += count;
	return !key->hash && !key->kind && !key->value && !key->length;
}

/* ---- index: words ------------------------------------------------------- */

/* Names a rule and says of it what the rule says. */
static bool answer_ok(const struct cw_blob *blob, u32 answer)
{
	const struct cw_blob_rule *rule = blob->section[CW_SECTION_RULE];
	u32 number = answer >> CW_BLOB_ANSWER_SHIFT;

	return number < cw_blob_rules(blob) &&
	       (answer & CW_BLOB_ANSWER_FLAGS) ==
	       (rule[number].flags & CW_BLOB_ANSWER_FLAGS);
}

static bool record_ok(const struct cw_blob *blob, u64 word)
{
	if (!CW_BLOB_WORD_PROTOS(word) ||
	    !answer_ok(blob, CW_BLOB_WORD_ANSWER(word)))
		return false;
	return ports_ok(blob, word);
}

/* Leads to an earlier list of less depth: a walk along it comes to an end. */
static bool up_ok(const struct cw_blob *blob, u32 at)
{
	const u64 *word = blob->section[CW_SECTION_WORD];
	u32 to = CW_BLOB_WORD_UP_TO(word[at]);
	u32 depth = CW_BLOB_WORD_DEPTH((u32)word[at]);

	if (CW_BLOB_WORD_PROTOS(word[at]) || to >= at)
		return false;
	if (CW_BLOB_WORD_TAG(word[to]) == CW_BLOB_WORD_UP)
		return CW_BLOB_WORD_DEPTH((u32)word[to]) < depth;
	return depth > 0;
}

static bool map_ok(const struct cw_blob *blob, u64 word, u32 *entry)
{
	const u64 *map = blob->section[CW_SECTION_PORTMAP];
	u32 count = CW_BLOB_WORD_ENTRIES(word), i;

	if (CW_BLOB_WORD_ENTRY(word) != *entry || !count ||
	    word >> 52 & 0x3ff ||
	    count > blob->count[CW_SECTION_PORTMAP] - *entry)
		return false;
	map += *entry;
	*entry += count;
	if (map[0] >> 32)
		return false;
	for (i = 0; i < count; i++) {
		u32 answer = (u32)map[i];

		if (answer != CW_BLOB_ANSWER_NONE && !answer_ok(blob, answer))
			return false;
		if (i && map[i] >> 32 <= map[i - 1] >> 32)
			return false;
	}
	return map[count - 1] >> 32 < CW_PROTO_COUNT << 16;
}

/* Checks the list that starts at @at; returns where the next one starts. */
static u32 list_end(const struct cw_blob *blob, u32 at, u32 *entry)
{
	const u64 *word = blob->section[CW_SECTION_WORD];
	u32 end = blob->count[CW_SECTION_WORD], records = 0, last = 0;

	if (CW_BLOB_WORD_TAG(word[at]) == CW_BLOB_WORD_UP)
		if (!up_ok(blob, at++))
			return 0;
	if (at < end && CW_BLOB_WORD_TAG(word[at]) == CW_BLOB_WORD_MAP)
		return map_ok(blob, word[at], entry) ? at + 1 : 0;
	for (; at < end && records < CW_BLOB_LIST_MAX; at++, records++) {
		u32 tag = CW_BLOB_WORD_TAG(word[at]);
		u32 answer = CW_BLOB_WORD_ANSWER(word[at]);

		if (tag > CW_BLOB_WORD_LAST || !record_ok(blob, word[at]) ||
		    (records && answer <= last))
			return 0;
		if (tag == CW_BLOB_WORD_LAST)
			return at + 1;
		last = answer;
	}
	return 0;
}

static bool words_ok(const struct cw_blob *blob)
{
	const u64 *word = blob->section[CW_SECTION_WORD];
	u32 at = 1, entry = 0;

	if (word[0] != CW_BLOB_WORD_NOTHING(CW_BLOB_WORD_LAST))
		return false;
	while (at && at < blob->count[CW_SECTION_WORD])
		at = list_end(blob, at, &entry);
	return at && entry == blob->count[CW_SECTION_PORTMAP];
}

/* A cell's record, or none; and a list to go on with, or none. */
static bool cell_ok(const struct cw_blob *blob, u64 record, u32 rest)
{
	u32 tag = CW_BLOB_WORD_TAG(record);

	if (tag == CW_BLOB_WORD_MAP || (tag == CW_BLOB_WORD_LAST) != !rest ||
	    rest >= blob->count[CW_SECTION_WORD])
		return false;
	if (record == CW_BLOB_WORD_NOTHING(tag))
		return tag != CW_BLOB_WORD_RECORD;
	return record_ok(blob, record);
}

static bool cell_records_ok(const struct cw_blob *blob)
{
	const struct cw_blob_cell4 *cell4 = blob->section[CW_SECTION_CELL4];
	const struct cw_blob_cell6 *cell6 = blob->section[CW_SECTION_CELL6];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_CELL4]; i++)
		if (!cell_ok(blob, cell4[i].record, cell4[i].rest))
			return false;
	for (i = 0; i < blob->count[CW_SECTION_CELL6]; i++)
		if (!cell_ok(blob, cell6[i].record,
			     CW_BLOB_CELL6_REST(&cell6[i])) ||
		    CW_BLOB_CELL6_BITS(&cell6[i]) > CW_BLOB_CELL6_BITS_MAX)
			return false;
	return true;
}

static bool ranges_ok(const u32 *range, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (range[i] >> 16 > (range[i] & 0xffff) ||
		    (i && range[i] >> 16 <= (range[i - 1] & 0xffff)))
			return false;
	return count > 0;
}

static bool portsets_ok(const struct cw_blob *blob)
{
	const u32 *set = blob->section[CW_SECTION_PORTSET];
	const u32 *range = blob->section[CW_SECTION_PORTRANGE];
	u32 i, count = blob->count[CW_SECTION_PORTSET] - 1;
	u32 ranges = blob->count[CW_SECTION_PORTRANGE];

	if (set[0] || set[count] != ranges)
		return false;
	for (i = 0; i < count; i++)
		if (!cw_blob_range_ok(set[i], set[i + 1], ranges) ||
		    !ranges_ok(range + set[i], set[i + 1] - set[i]))
			return false;
	return true;
}

bool cw_check_index(const struct cw_blob *blob)
{
	return cw_check_places(blob) && groups_ok(blob) && buckets_ok(blob) && keys_ok(blob) &&
	       cw_check_tables(blob) && words_ok(blob) &&
	       cell_records_ok(blob) && portsets_ok(blob);
}
