// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of words: what the rules of one prefix say about ports and protocols,
 * and where to go on for the prefix around it.
 *
 * A decision visits a list for each prefix around the address.  To keep that
 * short, a short list takes in the list around it as far as a budget of one
 * word a rule allows; beyond it, and around port maps, an UP word links them.
 */
#include <stdlib.h>

#include "emit.h"

#define SHORT	8	/* records that are better searched than mapped */

/* A list before it is written. */
struct list {
	u64 record[SHORT];
	u32 count;
	u64 up;			/* 0 = none */
};

static bool ports_cover(u64 outer, u64 inner)
{
	u32 lo = CW_BLOB_WORD_LO(outer), hi = CW_BLOB_WORD_HI(outer);
	u32 from = CW_BLOB_WORD_LO(inner), to = CW_BLOB_WORD_HI(inner);

	if ((u32)outer == CW_PORTS_ALL || (u32)outer == (u32)inner)
		return true;
	return lo <= hi && from <= to && lo <= from && to <= hi;
}

/* Is every request that @inner matches matched by @outer? */
static bool record_covers(u64 outer, u64 inner)
{
	return !(CW_BLOB_WORD_PROTOS(inner) & ~CW_BLOB_WORD_PROTOS(outer)) &&
	       ports_cover(outer, inner);
}

static bool covers_all(u64 record)
{
	return (u32)record == CW_PORTS_ALL &&
	       CW_BLOB_WORD_PROTOS(record) == CW_PROTO_MASK_ALL;
}

/* Appends @record, the highest so far, unless a lower one leaves it nothing. */
static void list_add(struct list *list, u64 record)
{
	u32 i;

	for (i = 0; i < list->count; i++)
		if (record_covers(list->record[i], record))
			return;
	list->record[list->count++] = record;
}

/* Reads the list at @word; false when it is too long or a map. */
static bool list_read(const struct cw_emitter *emitter, u32 word,
		      struct list *list)
{
	const u64 *words = emitter->section[CW_SECTION_WORD].data;

	list->count = 0;
	list->up = 0;
	if (CW_BLOB_WORD_TAG(words[word]) == CW_BLOB_WORD_UP)
		list->up = words[word++];
	for (;; word++) {
		if (CW_BLOB_WORD_TAG(words[word]) == CW_BLOB_WORD_MAP ||
		    list->count == SHORT)
			return false;
		list->record[list->count++] = words[word] & ~(3ull << 62);
		if (CW_BLOB_WORD_TAG(words[word]) == CW_BLOB_WORD_LAST)
			return true;
	}
}

/* Both lists in one, in order; at most SHORT records are given. */
static struct list list_merge(const struct list *a, const struct list *b)
{
	struct list out = { .up = b->up };
	u32 i = 0, j = 0;

	while (i < a->count || j < b->count) {
		if (j == b->count ||
		    (i < a->count && CW_BLOB_WORD_ANSWER(a->record[i]) <
				     CW_BLOB_WORD_ANSWER(b->record[j])))
			list_add(&out, a->record[i++]);
		else
			list_add(&out, b->record[j++]);
	}
	return out;
}

static bool list_equal(const struct list *a, const struct list *b)
{
	return a->count == b->count && a->up == b->up &&
	       !memcmp(a->record, b->record, a->count * sizeof(a->record[0]));
}

static u64 up_word(const struct cw_node *parent)
{
	return CW_BLOB_WORD(CW_BLOB_WORD_UP, 0, parent->low,
			    (parent->depth + 1) << 24 | parent->word);
}

/* Writes @count words as a list after @up; fills in @node. */
static int write_list(struct cw_emitter *emitter, const u64 *words, u32 count,
		      u64 up, u32 low, struct cw_node *node)
{
	int error = 0;

	node->word = cw_emit_count(emitter, CW_SECTION_WORD);
	node->low = low;
	node->depth = 0;
	if (node->word + count + 1 > CW_BLOB_WORDS_MAX) {
		cw_diag_add(emitter->diag, emitter->ruleset, CW_SEVERITY_ERROR,
			    NULL, "too many different lists of rules for addresses: more than %u words",
			    CW_BLOB_WORDS_MAX);
		return -E2BIG;
	}
	if (up) {
		node->depth = CW_BLOB_WORD_DEPTH((u32)up);
		if (CW_BLOB_WORD_ANSWER(up) < low)
			node->low = CW_BLOB_WORD_ANSWER(up);
		error = cw_emit_add(emitter, CW_SECTION_WORD, &up, 1);
	}
	if (!error)
		error = cw_emit_add(emitter, CW_SECTION_WORD, words, count);
	return error;
}

static int write_short(struct cw_emitter *emitter, struct list *list,
		       struct cw_node *node)
{
	u32 i;

	for (i = 0; list->up && i < list->count; i++)
		if (covers_all(list->record[i]) &&
		    CW_BLOB_WORD_ANSWER(list->record[i]) <
		    CW_BLOB_WORD_ANSWER(list->up))
			list->up = 0;
	list->record[list->count - 1] |= (u64)CW_BLOB_WORD_LAST << 62;
	return write_list(emitter, list->record, list->count, list->up,
			  CW_BLOB_WORD_ANSWER(list->record[0]), node);
}

/* What merging adds: the parent's records instead of one UP. */
static bool take_budget(struct cw_emitter *emitter, const struct list *outer)
{
	u64 cost = outer->count + !!outer->up - 1;

	if (cost > emitter->merge_budget)
		return false;
	emitter->merge_budget -= cost;
	return true;
}

static int make_short(struct cw_emitter *emitter, struct list *own,
		      const struct cw_node *parent, struct cw_node *node)
{
	struct list outer, merged;

	if (!parent->word)
		return write_short(emitter, own, node);
	if (list_read(emitter, parent->word, &outer) &&
	    own->count + outer.count <= SHORT &&
	    take_budget(emitter, &outer)) {
		merged = list_merge(own, &outer);
		if (!list_equal(&merged, &outer))
			return write_short(emitter, &merged, node);
		*node = *parent;
		return 0;
	}
	own->up = up_word(parent);
	return write_short(emitter, own, node);
}

static int make_map(struct cw_emitter *emitter, const u64 *records, u32 count,
		    const struct cw_node *parent, struct cw_node *node)
{
	u64 word;
	int error = cw_portmap_make(emitter, records, count, &word);

	if (error)
		return error;
	return write_list(emitter, &word, 1,
			  parent->word ? up_word(parent) : 0,
			  CW_BLOB_WORD_ANSWER(records[0]), node);
}

static int make_long(struct cw_emitter *emitter, const u32 *rules, u32 count,
		     const struct cw_node *parent, struct cw_node *node)
{
	u64 *records = cw_alloc(count * sizeof(*records));
	u32 i, used = 0;
	int error = 0;

	if (!records)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		if ((u32)emitter->record[rules[i]] != CW_PORTS_NONE)
			records[used++] = emitter->record[rules[i]];
	*node = *parent;
	if (used)
		error = make_map(emitter, records, used, parent, node);
	cw_free(records);
	return error;
}

int cw_node_make(struct cw_emitter *emitter, const u32 *rules, u32 count,
		 const struct cw_node *parent, struct cw_node *node)
{
	struct list own = { .count = 0 };
	u32 i;

	for (i = 0; i < count; i++) {
		if ((u32)emitter->record[rules[i]] == CW_PORTS_NONE)
			continue;
		if (own.count == SHORT)
			return make_long(emitter, rules, count, parent, node);
		list_add(&own, emitter->record[rules[i]]);
	}
	if (own.count)
		return make_short(emitter, &own, parent, node);
	*node = *parent;
	return 0;
}
