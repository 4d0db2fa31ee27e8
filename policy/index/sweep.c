// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sweep over the prefixes of one subject: the disjoint intervals that they
 * make, each with the node for all prefixes around it.  Prefixes either nest
 * or are apart, so a stack of open ones says what is around.
 */
#include <stdlib.h>

#include "emit.h"

#define AHEAD	8	/* prefixes */

struct open_prefix {
	u128 last;
	u32 node;
};

struct sweep {
	struct cw_indexer *x;
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

static int open_run(struct sweep *sweep, const struct cw_prefix *prefix)
{
	struct open_prefix *open = &sweep->open[sweep->depth + 1];
	int error = cw_class_node(sweep->x, open[-1].node, &open->node);

	if (error)
		return error;
	open->last = prefix->lo | (prefix->length ?
		((u128)1 << (128 - prefix->length)) - 1 : ~(u128)0);
	sweep->depth++;
	return add_cell(&sweep->x->cells, prefix->lo, open->node);
}

static int compare_prefix(const void *a, const void *b)
{
	const struct cw_prefix *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return x->class < y->class ? -1 : x->class > y->class;
}

/*
 * Prefixes come by address, their classes and rules lie in the order of the
 * source: with a million rules each is somewhere else in memory, so what will
 * be needed is fetched in good time, the class first.
 */
static void fetch_ahead(const struct cw_indexer *x,
			const struct cw_prefix *prefix, u32 left)
{
	const struct cw_class *class = x->classes.data;
	u32 rule;

	if (left <= 2 * AHEAD)
		return;
	__builtin_prefetch(&class[prefix[2 * AHEAD].class]);
	rule = class[prefix[AHEAD].class].first;
	__builtin_prefetch(&x->next[rule]);
	__builtin_prefetch(&x->emitter->record[rule]);
}

static int sweep_prefixes(struct sweep *sweep, const struct cw_prefix *prefix,
			  u32 count)
{
	struct cw_indexer *x = sweep->x;
	u32 i, j;
	int error = add_cell(&x->cells, 0, CW_NODE_NOTHING);

	for (i = 0; i < count && !error; i = j) {
		x->run.count = 0;
		fetch_ahead(x, &prefix[i], count - i);
		for (j = i; j < count && prefix[j].lo == prefix[i].lo &&
		     prefix[j].length == prefix[i].length; j++)
			if (cw_array_add(&x->run, prefix[j].class))
				return -ENOMEM;
		error = close_prefixes(sweep, prefix[i].lo, false);
		if (!error)
			error = open_run(sweep, &prefix[i]);
	}
	return error ? error : close_prefixes(sweep, 0, true);
}

int cw_sweep_family(struct cw_indexer *x, enum cw_family family, u32 *table)
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
	qsort(prefixes->data, prefixes->count, sizeof(struct cw_prefix),
	      compare_prefix);
	error = sweep_prefixes(&sweep, prefixes->data, prefixes->count);
	if (error)
		return error;
	return cw_table_build(x->emitter, family, x->cells.data,
			      x->cells.count, table);
}

int cw_sweep_any(struct cw_indexer *x, u32 *word)
{
	u32 node = CW_NODE_NOTHING, i;
	int error;

	x->run.count = 0;
	for (i = 0; i < x->any.count; i++) {
		error = cw_array_add(&x->run, ((const u32 *)x->any.data)[i]);
		if (error)
			return error;
	}
	error = x->run.count ? cw_class_node(x, CW_NODE_NOTHING, &node) : 0;
	return error ? error : cw_node_word(x->emitter, node, word);
}
