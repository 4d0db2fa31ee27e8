// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address tables: the cells of a group and slots that lead to the right few.
 *
 * Slots divide the addresses between the first and the last cell evenly.
 * Where addresses are crowded a slot gets a table of its own, which fits its
 * span to the crowd; a few of these suffice for what real policies hold, and
 * after TABLE_DEPTH_MAX of them a search takes over, so nothing degrades to
 * more than that.
 */
#include "emit.h"

#define PER_SLOT	4	/* cells, on average, up to twice as many */
#define PER_SLOT6	2	/* they are twice as large, and half as many */
#define CROWD		24	/* cells of one slot that get a table */
#define CELLS_MAX	(1u << 30)

struct builder {
	struct cw_emitter *emitter;
	const struct cw_cell *cells;	/* of the group */
	enum cw_family family;
	u32 offset;			/* of cells[0] in its section */
};

static u32 cell_section(enum cw_family family)
{
	return family == CW_FAMILY_4 ? CW_SECTION_CELL4 : CW_SECTION_CELL6;
}

static int write_cell(const struct builder *b, const struct cw_cell *cell)
{
	const struct cw_node *node = b->emitter->nodes.data;
	struct cw_blob_cell4 cell4;
	struct cw_blob_cell6 cell6;
	bool is_one = cell->after == CW_BLOB_NONE;

	node += cell->node;
	if (b->family == CW_FAMILY_4) {
		cell4.key = (u32)cell->key;
		cell4.record = node->record;
		cell4.rest = node->rest;
		return cw_emit_add(b->emitter, CW_SECTION_CELL4, &cell4, 1);
	}
	cell6.hi = (u64)(cell->key >> 64);
	cell6.lo = (u64)cell->key;
	cell6.record = node->record;
	cell6.rest = node->rest |
		     (is_one ? CW_BLOB_CELL6_BITS_MAX : cell->bits) << 24;
	cell6.after = b->offset + (is_one ? cell - b->cells : cell->after);
	return cw_emit_add(b->emitter, CW_SECTION_CELL6, &cell6, 1);
}

static int write_cells(const struct builder *b, u32 count)
{
	u32 i;
	int error = 0;

	for (i = 0; i < count && !error; i++)
		error = write_cell(b, &b->cells[i]);
	return error;
}

/* Appends a table for cells @first to @first + @count without slots yet. */
static int add_table(const struct builder *b, u32 first, u32 count, u8 depth,
		     u32 *id)
{
	struct cw_blob_table table = {
		.cell = b->offset + first,
		.cells = count,
		.depth = depth,
		.family = b->family == CW_FAMILY_4 ? 4 : 6,
	};

	*id = cw_emit_count(b->emitter, CW_SECTION_TABLE);
	if (*id >= CW_BLOB_SLOT_TABLE - 1)
		return -ENOMEM;
	return cw_emit_add(b->emitter, CW_SECTION_TABLE, &table, 1);
}

/* How many slots, and how wide each is. */
static void choose_slots(const struct cw_cell *cells, u32 count,
			 struct cw_blob_table *table)
{
	u128 base, range;
	u32 wanted = 1;

	table->slots = 1;
	if (count == 1)
		return;
	base = cells[1].key;
	range = cells[count - 1].key - base;
	table->base_hi = (u64)(base >> 64);
	table->base_lo = (u64)base;
	while (wanted < count / (table->family == 4 ? PER_SLOT : PER_SLOT6))
		wanted *= 2;
	/* one slot holds any range without a shift that it could not have */
	if (wanted == 1)
		return;
	while (range >> table->shift >= wanted)
		table->shift++;
	table->slots = (u32)(range >> table->shift) + 1;
}

/* A slot for the cells from @first to @last. */
static int make_slot(const struct builder *b, u8 depth, u32 first, u32 last,
		     u32 *slot)
{
	u32 table;
	int error;

	*slot = b->offset + first;
	if (last - first < CROWD || depth >= CW_BLOB_TABLE_DEPTH_MAX)
		return 0;
	error = add_table(b, first, last - first + 1, depth + 1, &table);
	*slot = CW_BLOB_SLOT_TABLE | table;
	return error;
}

static int add_slot(const struct builder *b, u32 slot)
{
	return cw_emit_add(b->emitter, CW_SECTION_SLOT, &slot, 1);
}

/* The last cell from @at on that begins by @address. */
static u32 cell_of(const struct builder *b, u32 at, u32 end, u128 address)
{
	while (at + 1 < end && b->cells[at + 1].key <= address)
		at++;
	return at;
}

static int add_slots(const struct builder *b, u32 id)
{
	struct cw_blob_table *tables =
		b->emitter->section[CW_SECTION_TABLE].data;
	struct cw_blob_table table = tables[id];
	u32 first = table.cell - b->offset, end = first + table.cells;
	u32 i, last, slot;
	u128 start;
	int error = 0;

	table.slot = cw_emit_count(b->emitter, CW_SECTION_SLOT);
	choose_slots(b->cells + first, table.cells, &table);
	tables[id] = table;
	start = cw_blob_base(&table);
	first = cell_of(b, first, end, start);
	for (i = 0; i < table.slots && !error; i++, first = last) {
		start += (u128)1 << table.shift;
		last = i + 1 < table.slots ? cell_of(b, first, end, start) :
		       end - 1;
		error = make_slot(b, table.depth, first, last, &slot);
		if (!error)
			error = add_slot(b, slot);
	}
	return error ? error : add_slot(b, b->offset + end - 1);
}

int cw_table_build(struct cw_emitter *emitter, enum cw_family family,
		   const struct cw_cell *cells, u32 count, u32 *table)
{
	struct builder b = {
		.emitter = emitter, .cells = cells, .family = family,
		.offset = cw_emit_count(emitter, cell_section(family)),
	};
	u32 id;
	int error;

	if (b.offset + count > CELLS_MAX) {
		cw_diag_add(emitter->diag, emitter->ruleset, CW_SEVERITY_ERROR,
			    NULL, "the rules divide the addresses into too many intervals: more than %u",
			    CELLS_MAX);
		return -E2BIG;
	}
	error = write_cells(&b, count);
	if (!error)
		error = add_table(&b, 0, count, 0, table);
	/* tables that slots add come later in the section */
	for (id = *table; !error &&
	     id < cw_emit_count(emitter, CW_SECTION_TABLE); id++)
		error = add_slots(&b, id);
	return error;
}
