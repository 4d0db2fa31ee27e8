// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classes: rules of one subject with the same destinations go through the
 * making of the index as one, and so do runs of classes that come again.
 */
#include <stdlib.h>

#include "emit.h"

#define PREFIXES_MAX	(1u << 25)	/* of one subject and family */

const struct cw_blob_rule *cw_class_rule(const struct cw_indexer *x, u32 rule)
{
	return (const struct cw_blob_rule *)
		x->emitter->section[CW_SECTION_RULE].data + rule;
}

static const u32 *rule_dests(const struct cw_indexer *x, u32 rule, u32 *count)
{
	const struct cw_blob_rule *r = cw_class_rule(x, rule);

	*count = r[1].dest - r[0].dest;
	return (const u32 *)x->emitter->section[CW_SECTION_DEST].data +
	       r[0].dest;
}

struct wanted {
	const struct cw_indexer *x;
	u32 subject, rule;
};

static bool same_class(const void *context, u32 id)
{
	const struct wanted *wanted = context;
	const struct cw_class *class = wanted->x->classes.data;
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

static int add_prefixes(struct cw_indexer *x, struct cw_array *out,
			const struct cw_span128 *span, u32 class)
{
	struct cw_prefix *prefix;
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

static u32 count_prefixes(const struct cw_indexer *x)
{
	u32 family, count = 0;

	for (family = 0; family < CW_FAMILY_COUNT; family++)
		count += x->prefixes[family].count;
	return count;
}

static int add_class_prefixes(struct cw_indexer *x, u32 id,
			      const struct cw_flat *flat)
{
	u32 before = count_prefixes(x);
	struct cw_class *class = x->classes.data;
	u32 family, i;
	int error = 0;

	for (family = 0; family < CW_FAMILY_COUNT; family++) {
		const struct cw_span128 *span = flat->span[family].data;

		for (i = 0; i < flat->span[family].count && !error; i++)
			error = add_prefixes(x, &x->prefixes[family], &span[i],
					     id);
	}
	class[id].any = flat->any;
	class[id].alone = count_prefixes(x) <= before + 1;
	if (!error && flat->any)
		error = cw_array_add(&x->any, id);
	return error;
}

static int add_class(struct cw_indexer *x, u32 subject, u32 rule, u32 *id)
{
	const struct cw_rule *source = &x->emitter->ruleset->rules[rule];
	struct cw_class *class = cw_array_grow(&x->classes, 1, sizeof(*class));
	struct cw_flat flat = { .any = false };
	int error;

	if (!class)
		return -ENOMEM;
	*class = (struct cw_class) {
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

/* Where the class of rules with a single address is kept, or NULL. */
static u32 *class_of_address(struct cw_indexer *x, u32 dest)
{
	u32 index = dest & CW_BLOB_DEST_INDEX;

	switch (dest & CW_BLOB_DEST_KIND) {
	case CW_BLOB_DEST_ADDR4:
		return &x->by_addr4[index];
	case CW_BLOB_DEST_ADDR6:
		return &x->by_addr6[index];
	default:
		return NULL;
	}
}

/* The class of @rule; NONE in it, to be replaced, if there is none yet. */
static u32 *find_class(struct cw_indexer *x, u32 subject, u32 rule)
{
	struct wanted wanted = { x, subject, rule };
	const struct cw_class *class = x->classes.data;
	u32 count, *found = NULL;
	const u32 *dests = rule_dests(x, rule, &count);

	if (count == 1)
		found = class_of_address(x, dests[0]);
	if (!found)
		return cw_intern_find(&x->by_dests,
				      cw_intern_hash(subject, dests,
						    count * sizeof(*dests)),
				      same_class, &wanted);
	if (*found != CW_BLOB_NONE && class[*found].subject != subject)
		*found = CW_BLOB_NONE;
	return found;
}

/* Puts @rule into its class, which it may be the first of. */
int cw_class_add(struct cw_indexer *x, u32 subject, u32 rule)
{
	u32 *found = find_class(x, subject, rule);
	struct cw_class *class;

	x->next[rule] = CW_BLOB_NONE;
	if (!found)
		return -ENOMEM;
	if (*found == CW_BLOB_NONE)
		return add_class(x, subject, rule, found);
	class = (struct cw_class *)x->classes.data + *found;
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

static int make_node(struct cw_indexer *x, u32 parent, u32 *node)
{
	const struct cw_class *classes = x->classes.data;
	const u32 *run = x->run.data;
	u32 i, rule;

	x->run_rules.count = 0;
	for (i = 0; i < x->run.count; i++)
		for (rule = classes[run[i]].first; rule != CW_BLOB_NONE;
		     rule = x->next[rule])
			if (cw_array_add(&x->run_rules, rule))
				return -ENOMEM;
	if (x->run.count > 1)
		qsort(x->run_rules.data, x->run_rules.count, sizeof(u32),
		      compare_u32);
	return cw_node_make(x->emitter, x->run_rules.data, x->run_rules.count,
			    parent, node);
}

struct wanted_run {
	const struct cw_indexer *x;
	u32 parent;
};

static bool same_run(const void *context, u32 id)
{
	const struct wanted_run *wanted = context;
	const struct cw_indexer *x = wanted->x;
	const struct cw_memo *memo = (const struct cw_memo *)x->memos.data + id;
	const u32 *classes = x->memo_classes.data;

	return memo->parent == wanted->parent && memo->count == x->run.count &&
	       !memcmp(classes + memo->class, x->run.data,
		       memo->count * sizeof(u32));
}

static int add_memo(struct cw_indexer *x, u32 parent, u32 *id)
{
	struct cw_memo *memo = cw_array_grow(&x->memos, 1, sizeof(*memo));
	u32 *classes = cw_array_grow(&x->memo_classes, x->run.count,
				      sizeof(*classes));

	if (!memo || !classes)
		return -ENOMEM;
	memcpy(classes, x->run.data, x->run.count * sizeof(*classes));
	*memo = (struct cw_memo) {
		.parent = parent,
		.class = x->memo_classes.count, .count = x->run.count,
	};
	x->memo_classes.count += x->run.count;
	*id = x->memos.count++;
	return make_node(x, parent, &memo->node);
}

/* The node for the classes in x->run; made once if they can come again. */
int cw_class_node(struct cw_indexer *x, u32 parent, u32 *node)
{
	const struct cw_class *classes = x->classes.data;
	struct wanted_run wanted = { x, parent };
	const u32 *run = x->run.data;
	u32 i, *found;
	int error = 0;

	for (i = 0; i < x->run.count; i++)
		if (classes[run[i]].alone)
			return make_node(x, parent, node);
	found = cw_intern_find(&x->by_classes,
			       cw_intern_hash(parent, run,
					     x->run.count * sizeof(*run)),
			       same_run, &wanted);
	if (!found)
		return -ENOMEM;
	if (*found == CW_BLOB_NONE)
		error = add_memo(x, parent, found);
	if (!error)
		*node = ((const struct cw_memo *)x->memos.data)[*found].node;
	return error;
}
