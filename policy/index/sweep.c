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
	u32 cell;	/* one that had the node when it was made, or NONE */
	u8 bits;	/* the prefix leaves open */
};

struct sweep {
	struct cw_indexer *x;
	u128 max;
	bool pairs;	/* a cell may be two intervals */
	u32 depth;
	/* [0] stands for no prefix at all */
	struct open_prefix open[128 + 2];
};

/* The last cell, or NULL. */
static struct cw_cell *last_cell(const struct sweep *sweep)
{
	const struct cw_array *cells = &sweep->x->cells;

	return cells->count ? (struct cw_cell *)cells->data + cells->count - 1 :
	       NULL;
}

static u128 open_bits(u8 bits)
{
	return bits == 128 ? ~(u128)0 : ((u128)1 << bits) - 1;
}

/* What the last cell says from @key on is not to be: another prefix begins or
 * ends there as well. */
static struct cw_cell *make_way(struct sweep *sweep, u128 key)
{
	struct cw_cell *cell = last_cell(sweep);

	if (cell && cell->key == key) {
		sweep->x->cells.count--;
		cell = last_cell(sweep);
	} else if (cell && cell->after != CW_BLOB_NONE &&
		   (cell->key | open_bits(cell->bits)) + 1 == key) {
		cell->after = CW_BLOB_NONE;
	}
	return cell;
}

/* The node of what lies before a cell that is to come. */
static u32 last_node(const struct sweep *sweep, const struct cw_cell *cell)
{
	const struct cw_cell *cells = sweep->x->cells.data;

	return cell->after == CW_BLOB_NONE ? cell->node :
	       cells[cell->after].node;
}

/* From @key on there is @open's node. */
static int add_cell(struct sweep *sweep, u128 key, struct open_prefix *open)
{
	struct cw_cell *cell = make_way(sweep, key);

	if (cell && last_node(sweep, cell) == open->node)
		return 0;
	cell = cw_array_grow(&sweep->x->cells, 1, sizeof(*cell));
	if (!cell)
		return -ENOMEM;
	*cell = (struct cw_cell) {
		.key = key, .node = open->node, .after = CW_BLOB_NONE,
	};
	open->cell = sweep->x->cells.count++;
	return 0;
}

/* Makes the last cell a pair: it ends with @inner, and then there is @outer. */
static bool pair_up(struct sweep *sweep, const struct open_prefix *inner,
		    const struct open_prefix *outer)
{
	struct cw_cell *cell = make_way(sweep, inner->last + 1);
	const struct cw_cell *cells = sweep->x->cells.data;

	if (!sweep->pairs || !cell || cell->after != CW_BLOB_NONE ||
	    inner->bits > CW_BLOB_CELL6_BITS_MAX ||
	    (cell->key | open_bits(inner->bits)) != inner->last ||
	    cell->node == outer->node || outer->cell == CW_BLOB_NONE ||
	    outer->cell >= sweep->x->cells.count ||
	    cells[outer->cell].node != outer->node)
		return false;
	cell->bits = inner->bits;
	cell->after = outer->cell;
	return true;
}

/* Ends every open prefix that does not reach @lo; @all: every one. */
static int close_prefixes(struct sweep *sweep, u128 lo, bool all)
{
	while (sweep->depth) {
		struct open_prefix *inner = &sweep->open[sweep->depth];

		if (!all && inner->last >= lo)
			break;
		sweep->depth--;
		if (inner->last < sweep->max &&
		    !pair_up(sweep, inner, inner - 1) &&
		    add_cell(sweep, inner->last + 1, inner - 1))
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
	open->cell = CW_BLOB_NONE;
	open->bits = 128 - prefix->length;
	open->last = prefix->lo | open_bits(open->bits);
	sweep->depth++;
	return add_cell(sweep, prefix->lo, open);
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
	int error;

	sweep->open[0].node = CW_NODE_NOTHING;
	error = add_cell(sweep, 0, &sweep->open[0]);

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
		.pairs = family != CW_FAMILY_4,
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
