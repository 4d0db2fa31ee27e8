/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From an address, a port and a protocol to the lowest answer: what a decision
 * does in one address table and its lists.  Only match.c includes this file.  It
 * inlines all of it, so that each family has a copy without calls.
 *
 * Searches are branchless: for keys as random as addresses a mispredicted
 * branch costs more than the steps that leaving early would save.
 */
#ifndef CW_CELL_H
#define CW_CELL_H

#include "engine.h"

#define INLINE static inline __attribute__((__always_inline__))

/* A port of a protocol, in the two forms that the index compares with. */
struct door {
	u32 key;	/* protocol << 16 | port */
	u64 bit;	/* of the protocol in a record */
};

/* What a cell says. */
struct found {
	u64 record;
	u32 rest;
};

/* ---- addresses ---------------------------------------------------------- */

/* Cells @first to @last; the search begins before they have arrived. */
struct cells {
	u32 first, last;
};

/* Slot @i of a table, or the table that it hands over to. */
static inline bool read_slot(const struct cw_blob *blob,
			     const struct cw_blob_table **table, u64 i,
			     struct cells *cells)
{
	const struct cw_blob_table *tables = blob->section[CW_SECTION_TABLE];
	const u32 *slot = blob->section[CW_SECTION_SLOT];
	const struct cw_blob_table *t = *table;

	slot += t->slot + (i < t->slots ? i : t->slots - 1);
	cells->first = slot[0];
	cells->last = slot[1];
	if (unlikely((slot[0] | slot[1]) & CW_BLOB_SLOT_TABLE)) {
		if (slot[0] & CW_BLOB_SLOT_TABLE) {
			*table = tables + (slot[0] & ~CW_BLOB_SLOT_TABLE);
			return false;
		}
		t = tables + (slot[1] & ~CW_BLOB_SLOT_TABLE);
		cells->last = t->cell;
	}
	return true;
}

/* At most 1 + TABLE_DEPTH_MAX rounds. */
INLINE struct cells find_cells4(const struct cw_blob *blob,
				const struct cw_blob_table *table, u32 addr)
{
	struct cells cells;

	do {
		if (addr < (u32)table->base_lo)
			return (struct cells) { table->cell, table->cell };
	} while (!read_slot(blob, &table, (addr - (u32)table->base_lo) >>
					  table->shift, &cells));
	return cells;
}

INLINE struct found find4(const struct cw_blob *blob, u32 table, u32 addr)
{
	const struct cw_blob_table *tables = blob->section[CW_SECTION_TABLE];
	const struct cw_blob_cell4 *cell = blob->section[CW_SECTION_CELL4];
	struct cells cells = find_cells4(blob, tables + table, addr);
	u32 count = cells.last - cells.first + 1, half;

	__builtin_prefetch(&cell[cells.last]);
	cell += cells.first;
	while ((half = count / 2)) {
		cell += cell[half].key <= addr ? half : 0;
		count -= half;
	}
	return (struct found) { cell->record, cell->rest };
}

/* @past: how far the address is past the table's base. */
static inline u64 slot_of6(const struct cw_blob_table *table, u128 past)
{
	/* Tables of prefixes up to /64 need no more than this half. */
	if (likely(table->shift >= 64))
		return (u64)(past >> 64) >> (table->shift - 64);
	past >>= table->shift;
	return past >> 64 ? ~0ull : (u64)past;
}

INLINE struct cells find_cells6(const struct cw_blob *blob,
				const struct cw_blob_table *table, u128 addr)
{
	struct cells cells;
	u128 base;

	do {
		base = cw_blob_base(table);
		if (addr < base)
			return (struct cells) { table->cell, table->cell };
	} while (!read_slot(blob, &table, slot_of6(table, addr - base),
			    &cells));
	return cells;
}

static inline u128 key_of(const struct cw_blob_cell6 *cell)
{
	return u128_of(cell->hi, cell->lo);
}

/*
 * Is @addr, which is not below the key, past the end of the cell's first
 * interval?  Most cells end with a prefix up to /64.
 */
INLINE bool is_past6(const struct cw_blob_cell6 *cell, u128 addr)
{
	u64 hi = cell->hi ^ (u64)(addr >> 64), lo = cell->lo ^ (u64)addr;
	u32 bits = CW_BLOB_CELL6_BITS(cell);

	if (likely(bits >= 64))
		return hi >> (bits - 64);
	return hi || lo >> bits;
}

INLINE struct found find6(const struct cw_blob *blob, u32 table, u128 addr)
{
	const struct cw_blob_table *tables = blob->section[CW_SECTION_TABLE];
	const struct cw_blob_cell6 *first_cell = blob->section[CW_SECTION_CELL6];
	struct cells cells = find_cells6(blob, tables + table, addr);
	const struct cw_blob_cell6 *cell = first_cell + cells.first;
	u32 count = cells.last - cells.first + 1, half;

	__builtin_prefetch(&first_cell[cells.last]);
	while ((half = count / 2)) {
		cell += key_of(&cell[half]) <= addr ? half : 0;
		count -= half;
	}
	if (is_past6(cell, addr))
		cell = first_cell + cell->after;
	return (struct found) { cell->record, CW_BLOB_CELL6_REST(cell) };
}

/* ---- ports and protocols ------------------------------------------------- */

INLINE bool set_has_port(const struct cw_blob *blob, u32 set, u32 port)
{
	const u32 *first = blob->section[CW_SECTION_PORTSET];
	const u32 *range = blob->section[CW_SECTION_PORTRANGE];
	u32 count = first[set + 1] - first[set];

	range += first[set];
	while (count > 1) {
		u32 half = count / 2;

		range += range[half] >> 16 <= port ? half : 0;
		count -= half;
	}
	return *range >> 16 <= port && port <= (*range & 0xffff);
}

/* Bits 0-31 of @word say which ports. */
INLINE bool word_has_port(const struct cw_blob *blob, u64 word, u32 port)
{
	u32 lo = CW_BLOB_WORD_LO(word), hi = CW_BLOB_WORD_HI(word);

	if (unlikely(lo > hi))
		return set_has_port(blob, CW_BLOB_WORD_SET(word), port);
	return port - lo <= hi - lo;
}

INLINE bool record_has(const struct cw_blob *blob, u64 word, struct door door)
{
	return word & door.bit && word_has_port(blob, word, door.key & 0xffff);
}

/* The last entry that begins by the door. */
static inline u32 map_answer(const struct cw_blob *blob, u64 word, struct door door)
{
	const u64 *entry = blob->section[CW_SECTION_PORTMAP];
	u64 limit = (u64)door.key << 32 | 0xffffffffu;
	u32 count = CW_BLOB_WORD_ENTRIES(word), half;

	entry += CW_BLOB_WORD_ENTRY(word);
	while ((half = count / 2)) {
		entry += entry[half] <= limit ? half : 0;
		count -= half;
	}
	return (u32)*entry;
}

/* The lowest answer below @best in one list; @list is past its UP. */
INLINE u32 list_answer(const struct cw_blob *blob, const u64 *list,
		       struct door door, u32 best)
{
	u32 answer = CW_BLOB_ANSWER_NONE;

	if (unlikely(CW_BLOB_WORD_TAG(*list) == CW_BLOB_WORD_MAP)) {
		answer = map_answer(blob, *list, door);
	} else {
		while (!record_has(blob, *list, door))
			if (CW_BLOB_WORD_TAG(*list++) == CW_BLOB_WORD_LAST)
				return best;
		answer = CW_BLOB_WORD_ANSWER(*list);
	}
	return answer < best ? answer : best;
}

/* Lists from the narrowest prefix outwards, as long as they can be lower. */
INLINE u32 word_answer(const struct cw_blob *blob, u32 word, struct door door,
		       u32 best)
{
	const u64 *words = blob->section[CW_SECTION_WORD];

	for (;;) {
		u64 up = words[word];

		if (CW_BLOB_WORD_TAG(up) != CW_BLOB_WORD_UP)
			return list_answer(blob, words + word, door, best);
		best = list_answer(blob, words + word + 1, door, best);
		if (CW_BLOB_WORD_ANSWER(up) >= best)
			return best;
		word = CW_BLOB_WORD_UP_TO(up);
	}
}

/* The cell's own answer; @more: its list can have a lower one. */
INLINE u32 cell_answer(const struct cw_blob *blob, struct found cell,
		       struct door door, u32 best, bool *more)
{
	u32 answer = CW_BLOB_WORD_ANSWER(cell.record);
	u32 tag = CW_BLOB_WORD_TAG(cell.record);

	if (answer < best && record_has(blob, cell.record, door))
		best = answer;
	*more = tag == CW_BLOB_WORD_UP ||
		(tag == CW_BLOB_WORD_RECORD && answer < best);
	return best;
}

#endif
