// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of words: what the rules of one prefix say about ports and protocols,
 * and where to go on for the prefix around it.
 *
 * A decision reads the record in the cell, then, if it must, a list for each
 * prefix around the address.  To keep that short, a short list takes in the
 * list around it, as far as a budget of one word a rule allows; beyond it, and
 * around port maps, an UP word links them.
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

	if ((u32)outer == CW_BLOB_PORTS_ALL || (u32)outer == (u32)inner)
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
	return (u32)record == CW_BLOB_PORTS_ALL &&
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

/* ---- nodes and their lists ----------------------------------------------- */

static struct cw_node *node_at(const struct cw_emitter *emitter, u32 node)
{
	return (struct cw_node *)emitter->nodes.data + node;
}

static int add_node(struct cw_emitter *emitter, const struct cw_node *node,
		    u32 *id)
{
	struct cw_node *out = cw_array_grow(&emitter->nodes, 1, sizeof(*out));

	if (!out)
		return -ENOMEM;
	*out = *node;
	*id = emitter->nodes.count++;
	return 0;
}

int cw_node_begin(struct cw_emitter *emitter)
{
	u64 word = CW_BLOB_WORD_NOTHING(CW_BLOB_WORD_LAST);
	struct cw_node node = {
		.record = word, .low = CW_BLOB_ANSWER_NONE,
	};
	u32 id;
	int error = add_node(emitter, &node, &id);

	return error ? error : cw_emit_add(emitter, CW_SECTION_WORD, &word, 1);
}

/* Needs the list of @parent. */
static u64 up_word(const struct cw_node *parent)
{
	return CW_BLOB_WORD(CW_BLOB_WORD_UP, 0, parent->low,
			    (parent->depth + 1) << 24 | parent->word);
}

/* Writes @words as the list of @node, after @up unless that is 0. */
static int write_list(struct cw_emitter *emitter, const u64 *words, u32 count,
		      u64 up, struct cw_node *node)
{
	int error = 0;

	node->word = cw_emit_count(emitter, CW_SECTION_WORD);
	node->depth = up ? CW_BLOB_WORD_DEPTH(up) : 0;
	if (node->word + count + 1 > CW_BLOB_WORDS_MAX) {
		cw_diag_add(emitter->diag, emitter->ruleset, CW_SEVERITY_ERROR,
			    NULL, "too many different lists of rules for addresses: more than %u words",
			    CW_BLOB_WORDS_MAX);
		return -E2BIG;
	}
	if (up)
		error = cw_emit_add(emitter, CW_SECTION_WORD, &up, 1);
	if (!error)
		error = cw_emit_add(emitter, CW_SECTION_WORD, words, count);
	return error;
}

/* Does an answer around the list matter after its first full cover? */
static void drop_useless_up(struct list *list)
{
	u32 i;

	for (i = 0; list->up && i < list->count; i++)
		if (covers_all(list->record[i]) &&
		    CW_BLOB_WORD_ANSWER(list->record[i]) <
		    CW_BLOB_WORD_ANSWER(list->up))
			list->up = 0;
}

/* What taking in the outer list adds to one UP. */
static bool take_budget(struct cw_emitter *emitter, const struct list *outer)
{
	u64 cost = outer->count + !!outer->up - 1;

	if (cost > emitter->merge_budget)
		return false;
	emitter->merge_budget -= cost;
	return true;
}

/* @list becomes all that @node's list is to hold; the parent has its list. */
static void take_in_parent(struct cw_emitter *emitter, struct list *list,
			   const struct cw_node *parent)
{
	struct list outer;

	if (list_read(emitter, parent->word, &outer) &&
	    list->count + outer.count <= SHORT && take_budget(emitter, &outer))
		*list = list_merge(list, &outer);
	else
		list->up = up_word(parent);
	drop_useless_up(list);
}

static int write_short(struct cw_emitter *emitter, struct list *list,
		       struct cw_node *node)
{
	list->record[list->count - 1] |= (u64)CW_BLOB_WORD_LAST << 62;
	return write_list(emitter, list->record, list->count, list->up, node);
}

/* Only nodes of one record come here without a list. */
int cw_node_word(struct cw_emitter *emitter, u32 id, u32 *word)
{
	struct cw_node node = *node_at(emitter, id);
	struct list list = { .count = 1 };
	int error = 0;

	if (id && !node.word) {
		list.record[0] = node.record & ~(3ull << 62);
		if (node.parent)
			take_in_parent(emitter, &list,
				       node_at(emitter, node.parent));
		error = write_short(emitter, &list, &node);
		*node_at(emitter, id) = node;
	}
	*word = node.word;
	return error;
}

/* ---- making nodes -------------------------------------------------------- */

/* A cell with @first and, if it can add anything, @rest, which has @low. */
static void fill_cell(struct cw_node *node, u64 first, u32 rest, u32 low)
{
	u32 tag = !rest ? CW_BLOB_WORD_LAST :
		  low < CW_BLOB_WORD_ANSWER(first) ? CW_BLOB_WORD_UP :
		  CW_BLOB_WORD_RECORD;

	node->record = (first & ~(3ull << 62)) | (u64)tag << 62;
	node->rest = rest;
}

/* The cell has the record, the list around it is the parent's. */
static int make_single(struct cw_emitter *emitter, u64 record, u32 parent,
		       u32 *id)
{
	const struct cw_node *outer = node_at(emitter, parent);
	u32 answer = CW_BLOB_WORD_ANSWER(record);
	struct cw_node node = {
		.parent = parent,
		.low = outer->low < answer ? outer->low : answer,
	};

	if (covers_all(record) && answer < outer->low)
		node.parent = CW_NODE_NOTHING;
	fill_cell(&node, record, node.parent ? outer->word : 0, outer->low);
	return add_node(emitter, &node, id);
}

/* Several records: the cell has the first, and the list has them all. */
static int make_several(struct cw_emitter *emitter, struct list *list,
			u32 parent, u32 *id)
{
	const struct cw_node *outer = node_at(emitter, parent);
	u32 answer = CW_BLOB_WORD_ANSWER(list->record[0]), up;
	struct cw_node node = { .parent = parent };
	int error;

	node.low = outer->low < answer ? outer->low : answer;
	if (parent)
		take_in_parent(emitter, list, outer);
	error = write_short(emitter, list, &node);
	if (error)
		return error;
	up = list->up ? CW_BLOB_WORD_ANSWER(list->up) : CW_BLOB_ANSWER_NONE;
	fill_cell(&node, list->record[0],
		  list->count > 1 || list->up ? node.word : 0, up);
	return add_node(emitter, &node, id);
}

static int make_map(struct cw_emitter *emitter, const u64 *records, u32 count,
		    u32 parent, u32 *id)
{
	const struct cw_node *outer = node_at(emitter, parent);
	u32 answer = CW_BLOB_WORD_ANSWER(records[0]);
	struct cw_node node = {
		.record = CW_BLOB_WORD_NOTHING(CW_BLOB_WORD_UP),
		.parent = parent,
		.low = outer->low < answer ? outer->low : answer,
	};
	u64 word, up = parent ? up_word(outer) : 0;
	int error = cw_portmap_make(emitter, records, count, &word);

	if (!error)
		error = write_list(emitter, &word, 1, up, &node);
	node.rest = node.word;
	return error ? error : add_node(emitter, &node, id);
}

static int make_long(struct cw_emitter *emitter, const u32 *rules, u32 count,
		     u32 parent, u32 *id)
{
	u64 *records = cw_alloc(count * sizeof(*records));
	u32 i, used = 0;
	int error;

	if (!records)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		if ((u32)emitter->record[rules[i]] != CW_BLOB_PORTS_NONE)
			records[used++] = emitter->record[rules[i]];
	error = make_map(emitter, records, used, parent, id);
	cw_free(records);
	return error;
}

/* Does the list around say it all already? */
static bool adds_nothing(const struct cw_emitter *emitter,
			 const struct list *own, u32 parent)
{
	struct list outer, merged;

	if (!parent ||
	    !list_read(emitter, node_at(emitter, parent)->word, &outer) ||
	    own->count + outer.count > SHORT)
		return false;
	merged = list_merge(own, &outer);
	return list_equal(&merged, &outer);
}

int cw_node_make(struct cw_emitter *emitter, const u32 *rules, u32 count,
		 u32 parent, u32 *id)
{
	struct list own = { .count = 0 };
	u32 i, word;
	int error = cw_node_word(emitter, parent, &word);

	if (error)
		return error;
	for (i = 0; i < count; i++) {
		if ((u32)emitter->record[rules[i]] == CW_BLOB_PORTS_NONE)
			continue;
		if (own.count == SHORT)
			return make_long(emitter, rules, count, parent, id);
		list_add(&own, emitter->record[rules[i]]);
	}
	*id = parent;
	if (!own.count || adds_nothing(emitter, &own, parent))
		return 0;
	if (own.count == 1)
		return make_single(emitter, own.record[0], parent, id);
	return make_several(emitter, &own, parent, id);
}
