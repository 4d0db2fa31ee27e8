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

#define SEARCHED	8	/* cells that need no slots */
#define CROWD		16	/* cells of one slot that get a table */
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

static int write_cells(const struct builder *b, u32 count)
{
	u32 i;
	int error = 0;

	for (i = 0; i < count && !error; i++) {
		const struct cw_cell *cell = &b->cells[i];
		struct cw_blob_cell6 wide = {
			.hi = (u64)(cell->key >> 64), .lo = (u64)cell->key,
			.word = cell->word,
		};
		u64 entry = wide.lo << 32 | cell->word;

		if (b->family == CW_FAMILY_4)
			error = cw_emit_add(b->emitter, CW_SECTION_CELL4,
					    &entry, 1);
		else
			error = cw_emit_add(b->emitter, CW_SECTION_CELL6,
					    &wide, 1);
	}
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

/* How many slots: about a cell in two, and how wide each is. */
static void choose_slots(const struct cw_cell *cells, u32 count,
			 struct cw_blob_table *table)
{
	u128 base = cells[1].key, range = cells[count - 1].key - base;
	u32 wanted = 1;

	while (wanted < count / 2)
		wanted *= 2;
	table->base_hi = (u64)(base >> 64);
	table->base_lo = (u64)base;
	while (range >> table->shift >= wanted)
		table->shift++;
	table->slots = (u32)(range >> table->shift) + 1;
}

/* Fills slot @slot, which has @count cells from @first on. */
static int fill_slot(const struct builder *b, u8 depth, u32 slot, u32 first,
		     u32 count)
{
	struct cw_blob_slot record = { b->offset + first, count }, *slots;
	u32 table;
	int error;

	if (count > CROWD && depth < CW_BLOB_TABLE_DEPTH_MAX) {
		error = add_table(b, first, count, depth + 1, &table);
		if (error)
			return error;
		record.more = CW_BLOB_SLOT_TABLE | table;
	}
	slots = b->emitter->section[CW_SECTION_SLOT].data;
	slots[slot] = record;
	return 0;
}

/* The cells of each slot: from the one that holds its first address on. */
static int fill_slots(const struct builder *b, const struct cw_blob_table *table)
{
	const struct cw_cell *cells = b->cells;
	u32 at = table->cell - b->offset, end = at + table->cells, slot, to;
	u128 start = (u128)table->base_hi << 64 | table->base_lo;
	int error = 0;

	for (slot = 0; slot < table->slots && !error; slot++) {
		while (at + 1 < end && cells[at + 1].key <= start)
			at++;
		start += (u128)1 << table->shift;
		to = at + 1;
		while (to < end && (slot + 1 == table->slots ||
				    cells[to].key < start))
			to++;
		error = fill_slot(b, table->depth, table->slot + slot, at,
				  to - at);
		at = to - 1;
	}
	return error;
}

static int add_slots(const struct builder *b, u32 id)
{
	struct cw_array *slots = &b->emitter->section[CW_SECTION_SLOT];
	struct cw_blob_table *tables =
		b->emitter->section[CW_SECTION_TABLE].data;
	struct cw_blob_table table = tables[id];

	table.slot = slots->count;
	if (table.cells > SEARCHED)
		choose_slots(b->cells + (table.cell - b->offset), table.cells,
			     &table);
	tables[id] = table;
	if (!cw_array_grow(slots, table.slots, sizeof(struct cw_blob_slot)))
		return -ENOMEM;
	slots->count += table.slots;
	return fill_slots(b, &table);
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
