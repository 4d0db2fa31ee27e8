// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decision: one look-up for each subject of the process, lowest rule wins.
 * Nothing is checked here that cw_blob_open() has checked.
 *
 * Most decisions end in one cell, so that way is kept short: what is rare is
 * in functions of its own (those that make verdicts without an answer are in
 * verdict.c), and each family has its own copy of the way.
 * Searches are branchless: for keys as random as addresses a mispredicted
 * branch costs more than the steps that leaving early would save.
 */
#include "engine.h"

#define RARE __attribute__((__noinline__))

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
static inline struct cells find_cells4(const struct cw_blob *blob,
				       const struct cw_blob_table *table,
				       u32 addr)
{
	struct cells cells;

	do {
		if (addr < (u32)table->base_lo)
			return (struct cells) { table->cell, table->cell };
	} while (!read_slot(blob, &table, (addr - (u32)table->base_lo) >>
					  table->shift, &cells));
	return cells;
}

static inline struct found find4(const struct cw_blob *blob, u32 table,
				 u32 addr)
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

static inline struct cells find_cells6(const struct cw_blob *blob,
				       const struct cw_blob_table *table,
				       u128 addr)
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

static inline struct found find6(const struct cw_blob *blob, u32 table,
				 u128 addr)
{
	const struct cw_blob_table *tables = blob->section[CW_SECTION_TABLE];
	const struct cw_blob_cell6 *cell = blob->section[CW_SECTION_CELL6];
	struct cells cells = find_cells6(blob, tables + table, addr);
	u32 count = cells.last - cells.first + 1, half;

	__builtin_prefetch(&cell[cells.last]);
	cell += cells.first;
	while ((half = count / 2)) {
		cell += key_of(&cell[half]) <= addr ? half : 0;
		count -= half;
	}
	return (struct found) { cell->record, cell->rest };
}

/* ---- ports and protocols ------------------------------------------------- */

RARE static bool set_has_port(const struct cw_blob *blob, u32 set, u32 port)
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
static inline bool word_has_port(const struct cw_blob *blob, u64 word, u32 port)
{
	u32 lo = CW_BLOB_WORD_LO(word), hi = CW_BLOB_WORD_HI(word);

	if (unlikely(lo > hi))
		return set_has_port(blob, CW_BLOB_WORD_SET(word), port);
	return port - lo <= hi - lo;
}

static inline bool record_has(const struct cw_blob *blob, u64 word,
			      struct door door)
{
	return word & door.bit && word_has_port(blob, word, door.key & 0xffff);
}

/* The last entry that begins by the door. */
static u32 map_answer(const struct cw_blob *blob, u64 word, struct door door)
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
static inline u32 list_answer(const struct cw_blob *blob, const u64 *list,
			      struct door door, u32 best)
{
	u32 answer;

	for (;; list++) {
		u32 tag = CW_BLOB_WORD_TAG(*list);

		if (tag == CW_BLOB_WORD_MAP) {
			answer = map_answer(blob, *list, door);
			return answer < best ? answer : best;
		}
		answer = CW_BLOB_WORD_ANSWER(*list);
		if (answer >= best)
			return best;
		if (record_has(blob, *list, door))
			return answer;
		if (tag == CW_BLOB_WORD_LAST)
			return best;
	}
}

/* Lists from the narrowest prefix outwards, as long as they can be lower. */
RARE static u32 word_answer(const struct cw_blob *blob, u32 word,
			    struct door door, u32 best)
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

static inline u32 cell_answer(const struct cw_blob *blob, struct found cell,
			      struct door door, u32 best)
{
	u32 answer = CW_BLOB_WORD_ANSWER(cell.record);
	u32 tag = CW_BLOB_WORD_TAG(cell.record);

	if (answer < best && record_has(blob, cell.record, door))
		best = answer;
	if (tag == CW_BLOB_WORD_LAST ||
	    (tag == CW_BLOB_WORD_RECORD && answer >= best))
		return best;
	return word_answer(blob, cell.rest, door, best);
}

/* ---- subjects ------------------------------------------------------------ */

static inline u32 load32(const u8 *byte)
{
	return (u32)byte[0] << 24 | (u32)byte[1] << 16 | (u32)byte[2] << 8 |
	       byte[3];
}

static inline u64 load64(const u8 *byte)
{
	return (u64)load32(byte) << 32 | load32(byte + 4);
}

static inline struct door request_door(const struct cw_request *request)
{
	return (struct door) {
		.key = (u32)request->proto << 16 | request->port,
		.bit = 1ull << (56 + request->proto),
	};
}

/* @group's answer for the request if it is lower than @best, or @best. */
static inline u32 group_answer4(const struct cw_blob *blob,
				const struct cw_blob_group *group,
				const struct cw_request *request, u32 best)
{
	struct found cell;

	if (group->table4 == CW_BLOB_NONE)
		return best;
	cell = find4(blob, group->table4, load32(request->addr));
	return cell_answer(blob, cell, request_door(request), best);
}

/* Number of a zone that rules name; 0 = they do not name it. */
static u32 find_zone(const struct cw_blob *blob, const char *name)
{
	const u32 *zone = blob->section[CW_SECTION_ZONE];
	u32 lo = 0, hi = blob->count[CW_SECTION_ZONE];

	while (name && lo < hi) {
		u32 middle = (lo + hi) / 2;
		int order = strcmp(cw_blob_text(blob, zone[middle]), name);

		if (!order)
			return middle + 1;
		if (order < 0)
			lo = middle + 1;
		else
			hi = middle;
	}
	return 0;
}

RARE static u32 group_answer6(const struct cw_blob *blob,
			      const struct cw_blob_group *group,
			      const struct cw_request *request, u32 best)
{
	u64 hi = load64(request->addr), top = hi >> 48;
	u32 table = group->table6;
	struct found cell;

	if (unlikely(blob->count[CW_SECTION_ZONE] && cw_zone_has(top))) {
		top = cw_zone_code(top, find_zone(blob, request->zone));
		hi = (hi & ~0ull >> 16) | top << 48;
		table = group->tablez;
	}
	if (table == CW_BLOB_NONE)
		return best;
	cell = find6(blob, table, u128_of(hi, load64(request->addr + 8)));
	return cell_answer(blob, cell, request_door(request), best);
}

/* Do time and local port allow the group's rules to answer? */
RARE static bool holds_now(const struct cw_blob *blob,
			   const struct cw_blob_group *group,
			   const struct cw_request *request)
{
	if (group->until && request->now >= group->until)
		return false;
	return group->from != CW_BLOB_PORTS_NONE &&
	       word_has_port(blob, group->from, request->from);
}

static inline bool is_limited(const struct cw_blob_group *group)
{
	return group->until || group->from != CW_BLOB_PORTS_ALL;
}

static u32 group_answer(const struct cw_blob *blob,
			const struct cw_blob_group *group,
			const struct cw_request *request, u32 best)
{
	if (unlikely(is_limited(group)) && !holds_now(blob, group, request))
		return best;
	if (request->family == 4)
		return group_answer4(blob, group, request, best);
	if (request->family == 6)
		return group_answer6(blob, group, request, best);
	return word_answer(blob, group->any, request_door(request), best);
}

struct search {
	const struct cw_blob *blob;
	const struct cw_request *request;
	u32 best;
};

static bool search_group(void *context, u32 subject)
{
	struct search *search = context;
	const struct cw_blob_group *group =
		search->blob->section[CW_SECTION_GROUP];

	group += subject;
	if (group->rule < search->best >> CW_BLOB_ANSWER_SHIFT)
		search->best = group_answer(search->blob, group,
					    search->request, search->best);
	return false;
}

/* More subjects apply than could be kept: look for them once more. */
RARE static u32 walk_answer(const struct cw_blob *blob,
			    const struct cw_ident *ident,
			    const struct cw_request *request)
{
	struct search search = { blob, request, CW_BLOB_ANSWER_NONE };

	cw_walk(blob, ident, search_group, &search);
	return search.best;
}

/* Subjects come in the order of their first rules. */
RARE static u32 kept_answer(const struct cw_blob *blob,
			    const struct cw_subjects *subjects,
			    const struct cw_request *request)
{
	const struct cw_blob_group *groups = blob->section[CW_SECTION_GROUP];
	u32 best = CW_BLOB_ANSWER_NONE, i;

	for (i = 0; i < subjects->count; i++) {
		const struct cw_blob_group *group = &groups[subjects->id[i]];

		if (group->rule >= best >> CW_BLOB_ANSWER_SHIFT)
			break;
		best = group_answer(blob, group, request, best);
	}
	return best;
}

/* One subject is what most processes have, thanks to folding. */
static inline u32 find_answer(const struct cw_blob *blob,
			      const struct cw_subjects *subjects,
			      const struct cw_ident *ident,
			      const struct cw_request *request)
{
	const struct cw_blob_group *groups = blob->section[CW_SECTION_GROUP];

	if (unlikely(subjects->overflow))
		return walk_answer(blob, ident, request);
	if (likely(subjects->count == 1))
		return group_answer(blob, &groups[subjects->id[0]], request,
				    CW_BLOB_ANSWER_NONE);
	return kept_answer(blob, subjects, request);
}

static inline struct cw_verdict verdict_of(u32 answer)
{
	return (struct cw_verdict) {
		.rule = answer >> CW_BLOB_ANSWER_SHIFT,
		.allow = answer & CW_BLOB_RULE_ALLOW,
		.monitor = answer & CW_BLOB_RULE_MONITOR,
		.log = answer & CW_BLOB_RULE_LOGS,
	};
}

static struct cw_verdict match_one(const struct cw_blob *blob,
				   const struct cw_subjects *subjects,
				   const struct cw_ident *ident,
				   const struct cw_request *request)
{
	struct cw_verdict verdict;
	u32 answer = CW_BLOB_ANSWER_NONE;

	if (unlikely(subjects->many))
		return cw_verdict_refusal(blob);
	if (likely(request->proto < CW_PROTO_COUNT))
		answer = find_answer(blob, subjects, ident, request);
	verdict = likely(answer != CW_BLOB_ANSWER_NONE) ?
		  verdict_of(answer) : cw_verdict_default(blob, ident);
	if (unlikely(cw_ident_is_unknown(ident)))
		return cw_verdict_strictest(blob, ident, verdict);
	return verdict;
}

/* The address carries an IPv4 address, which must be allowed as well. */
RARE static struct cw_verdict match_inner(const struct cw_blob *blob,
					  const struct cw_subjects *subjects,
					  const struct cw_ident *ident,
					  const struct cw_request *inner,
					  struct cw_verdict outer)
{
	struct cw_verdict verdict = match_one(blob, subjects, ident, inner);

	return cw_verdict_is_stricter(&verdict, &outer) ? verdict : outer;
}

struct cw_verdict cw_match(const struct cw_blob *blob,
			   const struct cw_subjects *subjects,
			   const struct cw_ident *ident,
			   const struct cw_request *request)
{
	struct cw_verdict verdict = match_one(blob, subjects, ident, request);
	struct cw_request inner;

	if (unlikely(request->family == 6 && verdict.allow | verdict.monitor &&
		     cw_request_inner(request, &inner)))
		return match_inner(blob, subjects, ident, &inner, verdict);
	return verdict;
}
