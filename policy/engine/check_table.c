// SPDX-License-Identifier: GPL-2.0-only
/*
 * The door, second half: address tables.  Searches in them must be exact and
 * must not leave the group's cells.
 */
#include "engine.h"

/* IPv4 addresses are in the low half. */
static u128 cell_key(const struct cw_blob *blob, u8 family, u32 cell)
{
	const struct cw_blob_cell4 *cell4 = blob->section[CW_SECTION_CELL4];
	const struct cw_blob_cell6 *cell6 = blob->section[CW_SECTION_CELL6];

	if (family == 4)
		return cell4[cell].key;
	return u128_of(cell6[cell].hi, cell6[cell].lo);
}

static u32 cell_count(const struct cw_blob *blob, u8 family)
{
	return blob->count[family == 4 ? CW_SECTION_CELL4 : CW_SECTION_CELL6];
}

/* First address of slot @i. */
static u128 slot_start(const struct cw_blob_table *table, u32 i)
{
	return cw_blob_base(table) + ((u128)i << table->shift);
}

/* Last slot's first address must not pass the end of the address space. */
static bool slots_fit(const struct cw_blob_table *table)
{
	u128 last = slot_start(table, table->slots - 1);

	if (table->family == 4)
		return last <= 0xffffffffu;
	/* neither the shift nor the sum may have lost a bit */
	if (table->shift > 96 &&
	    (table->slots - 1) >> (128 - table->shift))
		return false;
	return last >= cw_blob_base(table);
}

static bool shape_ok(const struct cw_blob *blob,
		     const struct cw_blob_table *table)
{
	u32 count, slots = blob->count[CW_SECTION_SLOT];

	if (table->family != 4 && table->family != 6)
		return false;
	count = cell_count(blob, table->family);
	if (table->depth > CW_BLOB_TABLE_DEPTH_MAX ||
	    !cw_blob_is_zero(table->zero, sizeof(table->zero)) ||
	    !table->cells ||
	    table->cell > count || table->cells > count - table->cell ||
	    !table->slots || table->slot > slots ||
	    table->slots >= slots - table->slot)
		return false;
	if (table->family == 4 &&
	    (table->base_hi || table->base_lo > 0xffffffffu))
		return false;
	return table->shift < (table->family == 4 ? 32 : 128) &&
	       slots_fit(table);
}

/* A table that takes over from one of @parent's slots. */
static bool child_ok(const struct cw_blob *blob, u32 parent, u32 child)
{
	const struct cw_blob_table *table = blob->section[CW_SECTION_TABLE];

	return child > parent && child < blob->count[CW_SECTION_TABLE] &&
	       table[child].depth == table[parent].depth + 1 &&
	       table[child].family == table[parent].family;
}

/* The cell that a slot names, by itself or by its table; false = neither. */
static bool slot_cell(const struct cw_blob *blob, u32 table, u32 slot,
		      u32 *cell)
{
	const struct cw_blob_table *t = blob->section[CW_SECTION_TABLE];
	u32 child = slot & ~CW_BLOB_SLOT_TABLE;

	*cell = slot;
	if (!(slot & CW_BLOB_SLOT_TABLE))
		return true;
	if (!child_ok(blob, table, child))
		return false;
	*cell = t[child].cell;
	return true;
}

/*
 * The cells of slot @i, from @first on, are the table's, reach to @last, and
 * hold every address of the slot.
 */
static bool slot_ok(const struct cw_blob *blob, u32 table, u32 i, u32 first,
		    u32 last)
{
	const struct cw_blob_table *t = blob->section[CW_SECTION_TABLE];
	const u32 *slot = blob->section[CW_SECTION_SLOT];
	u32 end, child;

	slot += t[table].slot + i;
	end = t[table].cell + t[table].cells;
	if (first < t[table].cell || last < first || last >= end)
		return false;
	child = *slot & ~CW_BLOB_SLOT_TABLE;
	if (*slot & CW_BLOB_SLOT_TABLE && t[child].cells != last - first + 1)
		return false;
	t += table;
	if (slot_start(t, i) < cell_key(blob, t->family, first))
		return false;
	if (i + 1 == t->slots)
		return last == end - 1 && slot[1] == last;
	return last == end - 1 ||
	       cell_key(blob, t->family, last + 1) >= slot_start(t, i + 1);
}

static bool slots_ok(const struct cw_blob *blob, u32 table)
{
	const struct cw_blob_table *t = blob->section[CW_SECTION_TABLE];
	const u32 *slot = blob->section[CW_SECTION_SLOT];
	u32 i, first, last;

	t += table;
	slot += t->slot;
	if (!slot_cell(blob, table, slot[0], &first))
		return false;
	for (i = 0; i < t->slots; i++, first = last)
		if (!slot_cell(blob, table, slot[i + 1], &last) ||
		    !slot_ok(blob, table, i, first, last))
			return false;
	return true;
}

/* Addresses below the base are in the first cell and no other. */
static bool base_ok(const struct cw_blob *blob,
		    const struct cw_blob_table *table)
{
	return table->cells == 1 ||
	       cell_key(blob, table->family, table->cell + 1) >= cw_blob_base(table);
}

static bool table_ok(const struct cw_blob *blob, u32 i)
{
	const struct cw_blob_table *table = blob->section[CW_SECTION_TABLE];

	return base_ok(blob, &table[i]) && slots_ok(blob, i);
}

/* What is past the end of a cell is in a cell of the same group. */
static bool after_ok(const struct cw_blob *blob,
		     const struct cw_blob_table *table, u32 cell)
{
	const struct cw_blob_cell6 *cell6 = blob->section[CW_SECTION_CELL6];

	return table->family == 4 ||
	       (cell6[cell].after >= table->cell &&
		cell6[cell].after - table->cell < table->cells);
}

/* A group's cells start at address 0 and ascend. */
static bool cells_ok(const struct cw_blob *blob,
		     const struct cw_blob_table *table)
{
	u128 last = cell_key(blob, table->family, table->cell), key;
	u32 i;

	if (last || !after_ok(blob, table, table->cell))
		return false;
	for (i = table->cell + 1; i < table->cell + table->cells; i++) {
		key = cell_key(blob, table->family, i);
		if (key <= last || !after_ok(blob, table, i))
			return false;
		last = key;
	}
	return true;
}

/*
 * Groups' tables share out the cells, all tables share out the slots, in
 * order; so every cell and slot is looked at once and there are no others.
 */
bool cw_check_tables(const struct cw_blob *blob)
{
	const struct cw_blob_table *t = blob->section[CW_SECTION_TABLE];
	u32 i, cell4 = 0, cell6 = 0, slot = 0;

	for (i = 0; i < blob->count[CW_SECTION_TABLE]; i++) {
		u32 *cell = t[i].family == 4 ? &cell4 : &cell6;

		if (t[i].slot != slot || !shape_ok(blob, &t[i]))
			return false;
		slot += t[i].slots + 1;
		if (t[i].depth)
			continue;
		if (t[i].cell != *cell || !cells_ok(blob, &t[i]))
			return false;
		*cell += t[i].cells;
	}
	if (cell4 != blob->count[CW_SECTION_CELL4] ||
	    cell6 != blob->count[CW_SECTION_CELL6] ||
	    slot != blob->count[CW_SECTION_SLOT])
		return false;
	for (i = 0; i < blob->count[CW_SECTION_TABLE]; i++)
		if (!table_ok(blob, i))
			return false;
	return true;
}
