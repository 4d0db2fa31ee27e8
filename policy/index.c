// SPDX-License-Identifier: GPL-2.0-only
/*
 * The index: for each subject its rules, their addresses as prefixes, and the
 * disjoint intervals that the prefixes make.
 *
 * Rules of one subject with the same destinations are a class and go through
 * all this as one.  Ranges are cut into prefixes because prefixes either nest
 * or are apart: a sweep with a stack then finds every interval together with
 * all prefixes around it.
 */
#include <stdlib.h>

#include "emit.h"

#define PREFIXES_MAX	(1u << 25)	/* of one subject and family */

/* Rules with one subject and one list of destinations. */
struct class {
	u32 subject;
	u32 first, last;	/* rules, linked by next[] */
	bool any;		/* holds every address and no address */
	bool alone;		/* one prefix in all */
};

struct prefix {
	u128 lo;
	u32 class;
	u8 length;		/* of 128 bits for both families */
};

/* A node made before, for classes that come again together. */
struct memo {
	u32 parent;		/* node */
	u32 class, count;	/* in memo_classes */
	u32 node;
};

struct indexer {
	struct cw_emitter *emitter;
	u32 *start;		/* of each subject in rules[], one past */
	u32 *rules;		/* by subject, ascending */
	u32 *next;		/* rule of the same class */
	struct cw_intern by_dests, by_classes;
	struct cw_array classes;		/* struct class */
	struct cw_array prefixes[CW_FAMILY_COUNT]; /* of this subject */
	struct cw_array any;			/* u32: classes */
	struct cw_array run;			/* u32: classes */
	struct cw_array run_rules;		/* u32 */
	struct cw_array memos, memo_classes;	/* struct memo, u32 */
	struct cw_array cells;			/* struct cw_cell */
};

static int push_u32(struct cw_array *vector, u32 value)
{
	u32 *out = cw_array_grow(vector, 1, sizeof(*out));

	if (!out)
		return -ENOMEM;
	*out = value;
	vector->count++;
	return 0;
}

/* ---- classes ------------------------------------------------------------ */

static const struct cw_blob_rule *rule_record(const struct indexer *x, u32 rule)
{
	return (const struct cw_blob_rule *)
		x->emitter->section[CW_SECTION_RULE].data + rule;
}

static const u32 *rule_dests(const struct indexer *x, u32 rule, u32 *count)
{
	const struct cw_blob_rule *r = rule_record(x, rule);

	*count = r[1].dest - r[0].dest;
	return (const u32 *)x->emitter->section[CW_SECTION_DEST].data +
	       r[0].dest;
}

struct wanted {
	const struct indexer *x;
	u32 subject, rule;
};

static bool same_class(const void *context, u32 id)
{
	const struct wanted *wanted = context;
	const struct class *class = wanted->x->classes.data;
	const u32 *a, *b;
	u32 a_count, b_count;

	if (class[id].subject != wanted->subject)
		return false;
	a = rule_dests(wanted->x, wanted->rule, &a_count);
	b = rule_dests(wanted->x, class[id].first, &b_count);
	return a_count == b_count && !memcmp(a, b, a_count * sizeof(*a));
}

/* The length of the widest prefix that starts at @lo and ends by @hi. */
static u8 prefix_length(u128 lo, u128 hi)
{
	u8 length = 128;

	while (length) {
		u128 bit = (u128)1 << (128 - length);

		if (lo & bit || lo + (bit * 2 - 1) > hi || lo + (bit - 1) == hi)
			break;
		length--;
	}
	return length;
}

static int add_prefixes(struct indexer *x, struct cw_array *out,
			const struct cw_span128 *span, u32 class)
{
	struct prefix *prefix;
	u128 lo = span->lo, last;

	do {
		prefix = cw_array_grow(out, 1, sizeof(*prefix));
		if (!prefix)
			return -ENOMEM;
		if (out->count >= PREFIXES_MAX) {
			cw_diag_add(x->emitter->diag, x->emitter->ruleset,
				    CW_SEVERITY_ERROR, NULL,
				    "the rules of one program name more than %u prefixes",
				    PREFIXES_MAX);
			return -E2BIG;
		}
		out->count++;
		prefix->lo = lo;
		prefix->class = class;
		prefix->length = prefix_length(lo, span->hi);
		last = lo | (prefix->length ?
			     ((u128)1 << (128 - prefix->length)) - 1 :
			     ~(u128)0);
		lo = last + 1;
	} while (last != span->hi);
	return 0;
}

static int add_class_prefixes(struct indexer *x, u32 id,
			      const struct cw_flat *flat)
{
	u32 before = x->prefixes[0].count + x->prefixes[1].count;
	struct class *class = x->classes.data;
	u32 family, i;
	int error = 0;

	for (family = 0; family < CW_FAMILY_COUNT; family++) {
		const struct cw_span128 *span = flat->span[family].data;

		for (i = 0; i < flat->span[family].count && !error; i++)
			error = add_prefixes(x, &x->prefixes[family], &span[i],
					     id);
	}
	class[id].any = flat->any;
	class[id].alone = x->prefixes[0].count + x->prefixes[1].count <=
			  before + 1;
	if (!error && flat->any)
		error = push_u32(&x->any, id);
	return error;
}

static int add_class(struct indexer *x, u32 subject, u32 rule, u32 *id)
{
	const struct cw_rule *source = &x->emitter->ruleset->rules[rule];
	struct class *class = cw_array_grow(&x->classes, 1, sizeof(*class));
	struct cw_flat flat = { .any = false };
	int error;

	if (!class)
		return -ENOMEM;
	*class = (struct class) {
		.subject = subject, .first = rule, .last = rule,
	};
	*id = x->classes.count++;
	error = cw_flat_dests(x->emitter, &flat, source->dests,
			      source->dest_count);
	if (!error)
		error = add_class_prefixes(x, *id, &flat);
	cw_flat_free(&flat);
	return error;
}

/* Puts @rule into its class, which it may be the first of. */
static int classify(struct indexer *x, u32 subject, u32 rule)
{
	struct wanted wanted = { x, subject, rule };
	struct class *class;
	u32 count, *found;
	const u32 *dests = rule_dests(x, rule, &count);

	found = cw_intern_find(&x->by_dests,
			       cw_hash_bytes(subject, dests,
					     count * sizeof(*dests)),
			       same_class, &wanted);
	x->next[rule] = CW_BLOB_NONE;
	if (!found)
		return -ENOMEM;
	if (*found == CW_BLOB_NONE)
		return add_class(x, subject, rule, found);
	class = (struct class *)x->classes.data + *found;
	x->next[class->last] = rule;
	class->last = rule;
	return 0;
}

/* ---- lists for runs of classes ------------------------------------------ */

static int compare_u32(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static int make_node(struct indexer *x, u32 parent, u32 *node)
{
	const struct class *classes = x->classes.data;
	const u32 *run = x->run.data;
	u32 i, rule;

	x->run_rules.count = 0;
	for (i = 0; i < x->run.count; i++)
		for (rule = classes[run[i]].first; rule != CW_BLOB_NONE;
		     rule = x->next[rule])
			if (push_u32(&x->run_rules, rule))
				return -ENOMEM;
	if (x->run.count > 1)
		qsort(x->run_rules.data, x->run_rules.count, sizeof(u32),
		      compare_u32);
	return cw_node_make(x->emitter, x->run_rules.data, x->run_rules.count,
			    parent, node);
}

struct wanted_run {
	const struct indexer *x;
	u32 parent;
};

static bool same_run(const void *context, u32 id)
{
	const struct wanted_run *wanted = context;
	const struct indexer *x = wanted->x;
	const struct memo *memo = (const struct memo *)x->memos.data + id;
	const u32 *classes = x->memo_classes.data;

	return memo->parent == wanted->parent && memo->count == x->run.count &&
	       !memcmp(classes + memo->class, x->run.data,
		       memo->count * sizeof(u32));
}

static int add_memo(struct indexer *x, u32 parent, u32 *id)
{
	struct memo *memo = cw_array_grow(&x->memos, 1, sizeof(*memo));
	u32 *classes = cw_array_grow(&x->memo_classes, x->run.count,
				      sizeof(*classes));

	if (!memo || !classes)
		return -ENOMEM;
	memcpy(classes, x->run.data, x->run.count * sizeof(*classes));
	*memo = (struct memo) {
		.parent = parent,
		.class = x->memo_classes.count, .count = x->run.count,
	};
	x->memo_classes.count += x->run.count;
	*id = x->memos.count++;
	return make_node(x, parent, &memo->node);
}

/* The node for the classes in x->run; made once if they can come again. */
static int run_node(struct indexer *x, u32 parent, u32 *node)
{
	const struct class *classes = x->classes.data;
	struct wanted_run wanted = { x, parent };
	const u32 *run = x->run.data;
	u32 i, *found;
	int error = 0;

	for (i = 0; i < x->run.count; i++)
		if (classes[run[i]].alone)
			return make_node(x, parent, node);
	found = cw_intern_find(&x->by_classes,
			       cw_hash_bytes(parent, run,
					     x->run.count * sizeof(*run)),
			       same_run, &wanted);
	if (!found)
		return -ENOMEM;
	if (*found == CW_BLOB_NONE)
		error = add_memo(x, parent, found);
	if (!error)
		*node = ((const struct memo *)x->memos.data)[*found].node;
	return error;
}

/* ---- sweep -------------------------------------------------------------- */

struct open_prefix {
	u128 last;
	u32 node;
};

struct sweep {
	struct indexer *x;
	u128 max;
	u32 depth;
	/* [0] stands for no prefix at all */
	struct open_prefix open[128 + 2];
};

static int add_cell(struct cw_array *cells, u128 key, u32 node)
{
	struct cw_cell *cell = cw_array_grow(cells, 1, sizeof(*cell));

	if (!cell)
		return -ENOMEM;
	/* several prefixes may begin or end at one address */
	if (cells->count && cell[-1].key == key) {
		cells->count--;
		cell--;
	}
	if (cells->count && cell[-1].node == node)
		return 0;
	cell->key = key;
	cell->node = node;
	cells->count++;
	return 0;
}

/* Ends every open prefix that does not reach @lo; @all: every one. */
static int close_prefixes(struct sweep *sweep, u128 lo, bool all)
{
	while (sweep->depth) {
		u128 last = sweep->open[sweep->depth].last;

		if (!all && last >= lo)
			break;
		sweep->depth--;
		if (last < sweep->max &&
		    add_cell(&sweep->x->cells, last + 1,
			     sweep->open[sweep->depth].node))
			return -ENOMEM;
	}
	return 0;
}

static int open_run(struct sweep *sweep, const struct prefix *prefix)
{
	struct open_prefix *open = &sweep->open[sweep->depth + 1];
	int error = run_node(sweep->x, open[-1].node, &open->node);

	if (error)
		return error;
	open->last = prefix->lo | (prefix->length ?
		((u128)1 << (128 - prefix->length)) - 1 : ~(u128)0);
	sweep->depth++;
	return add_cell(&sweep->x->cells, prefix->lo, open->node);
}

static int compare_prefix(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return x->class < y->class ? -1 : x->class > y->class;
}

static int sweep_prefixes(struct sweep *sweep, const struct prefix *prefix,
			  u32 count)
{
	struct indexer *x = sweep->x;
	u32 i, j;
	int error = add_cell(&x->cells, 0, CW_NODE_NOTHING);

	for (i = 0; i < count && !error; i = j) {
		x->run.count = 0;
		for (j = i; j < count && prefix[j].lo == prefix[i].lo &&
		     prefix[j].length == prefix[i].length; j++)
			if (push_u32(&x->run, prefix[j].class))
				return -ENOMEM;
		error = close_prefixes(sweep, prefix[i].lo, false);
		if (!error)
			error = open_run(sweep, &prefix[i]);
	}
	return error ? error : close_prefixes(sweep, 0, true);
}

static int build_family(struct indexer *x, enum cw_family family, u32 *table)
{
	struct cw_array *prefixes = &x->prefixes[family];
	struct sweep sweep = {
		.x = x,
		.max = family == CW_FAMILY_4 ? 0xffffffffu : ~(u128)0,
	};
	int error;

	*table = CW_BLOB_NONE;
	if (!prefixes->count)
		return 0;
	x->cells.count = 0;
	qsort(prefixes->data, prefixes->count, sizeof(struct prefix),
	      compare_prefix);
	error = sweep_prefixes(&sweep, prefixes->data, prefixes->count);
	if (error)
		return error;
	return cw_table_build(x->emitter, family, x->cells.data,
			      x->cells.count, table);
}

static int build_any(struct indexer *x, u32 *word)
{
	u32 node = CW_NODE_NOTHING, i;
	int error;

	x->run.count = 0;
	for (i = 0; i < x->any.count; i++) {
		error = push_u32(&x->run, ((const u32 *)x->any.data)[i]);
		if (error)
			return error;
	}
	error = x->run.count ? run_node(x, CW_NODE_NOTHING, &node) : 0;
	return error ? error : cw_node_word(x->emitter, node, word);
}

/* ---- groups ------------------------------------------------------------- */

static int build_group(struct indexer *x, u32 subject)
{
	const struct cw_blob_subject *subjects =
		x->emitter->section[CW_SECTION_SUBJECT].data;
	struct cw_blob_group group = {
		.until = subjects[subject].until,
		.rule = x->rules[x->start[subject]],
	};
	u32 i;
	int error = 0;

	x->prefixes[CW_FAMILY_4].count = 0;
	x->prefixes[CW_FAMILY_6].count = 0;
	x->any.count = 0;
	for (i = x->start[subject]; i < x->start[subject + 1] && !error; i++)
		error = classify(x, subject, x->rules[i]);
	if (!error)
		error = build_any(x, &group.any);
	if (!error)
		error = build_family(x, CW_FAMILY_4, &group.table4);
	if (!error)
		error = build_family(x, CW_FAMILY_6, &group.table6);
	if (!error)
		error = cw_emit_add(x->emitter, CW_SECTION_GROUP, &group, 1);
	return error;
}

/* Sorts the rules by subject, in order. */
static int sort_rules(struct indexer *x, u32 subjects)
{
	u32 rules = x->emitter->ruleset->rule_count, i;

	x->start = cw_alloc((subjects + 2) * sizeof(u32));
	x->rules = cw_alloc((rules + 1) * sizeof(u32));
	x->next = cw_alloc((rules + 1) * sizeof(u32));
	if (!x->start || !x->rules || !x->next)
		return -ENOMEM;
	memset(x->start, 0, (subjects + 2) * sizeof(u32));
	for (i = 0; i < rules; i++)
		x->start[rule_record(x, i)->subject + 2]++;
	for (i = 2; i < subjects + 2; i++)
		x->start[i] += x->start[i - 1];
	for (i = 0; i < rules; i++)
		x->rules[x->start[rule_record(x, i)->subject + 1]++] = i;
	return 0;
}

static void indexer_free(struct indexer *x)
{
	cw_free(x->start);
	cw_free(x->rules);
	cw_free(x->next);
	cw_intern_free(&x->by_dests);
	cw_intern_free(&x->by_classes);
	cw_array_free(&x->classes);
	cw_array_free(&x->prefixes[CW_FAMILY_4]);
	cw_array_free(&x->prefixes[CW_FAMILY_6]);
	cw_array_free(&x->any);
	cw_array_free(&x->run);
	cw_array_free(&x->run_rules);
	cw_array_free(&x->memos);
	cw_array_free(&x->memo_classes);
	cw_array_free(&x->cells);
}

int cw_index_build(struct cw_emitter *emitter)
{
	u32 subjects = cw_emit_count(emitter, CW_SECTION_SUBJECT) - 1, i;
	struct indexer x = { .emitter = emitter };
	int error = cw_node_begin(emitter);

	if (!error)
		error = sort_rules(&x, subjects);
	for (i = 0; i < subjects && !error; i++)
		error = build_group(&x, i);
	indexer_free(&x);
	return error;
}
