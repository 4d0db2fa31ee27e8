// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decision: one look-up for each subject of the process, lowest rule wins.
 * Nothing is checked here that cw_blob_open() has checked.
 *
 * Searches are branchless: for keys as random as addresses a mispredicted
 * branch costs more than the two steps that leaving early would save.
 */
#include "engine.h"

/* What is looked for, in the forms that the index compares with. */
struct want {
	u64 hi, lo;	/* the address as a number; IPv4 in @lo */
	u64 proto;	/* the bit of a record */
	u32 port;
	u32 map;	/* proto << 16 | port */
	u8 family;
};

/* Of @count > 0 ascending entries, the last with upper half <= @key. */
static inline u64 search_entry(const u64 *entry, u32 count, u32 key)
{
	u64 limit = (u64)key << 32 | 0xffffffffu;

	while (count > 1) {
		u32 half = count / 2;

		entry += entry[half] <= limit ? half : 0;
		count -= half;
	}
	return *entry;
}

static inline bool cell6_after(const struct cw_blob_cell6 *cell,
			       const struct want *want)
{
	return (cell->hi > want->hi) |
	       ((cell->hi == want->hi) & (cell->lo > want->lo));
}

static inline u32 search_cell6(const struct cw_blob_cell6 *cell, u32 count,
			       const struct want *want)
{
	while (count > 1) {
		u32 half = count / 2;

		cell += cell6_after(&cell[half], want) ? 0 : half;
		count -= half;
	}
	return cell->word;
}

/* Number of the slot, which may lie past the last one. */
static inline u64 slot_of6(const struct cw_blob_table *table,
			   const struct want *want)
{
	u64 lo = want->lo - table->base_lo;
	u64 hi = want->hi - table->base_hi - (want->lo < table->base_lo);
	u32 shift = table->shift;

	if (shift >= 64)
		return hi >> (shift - 64);
	if (hi >> shift)
		return ~0ull;
	return shift ? hi << (64 - shift) | lo >> shift : lo;
}

static inline bool is_below(const struct cw_blob_table *table,
			    const struct want *want)
{
	return want->hi < table->base_hi ||
	       (want->hi == table->base_hi && want->lo < table->base_lo);
}

/* Narrows down to the cells of one slot; at most TABLE_DEPTH_MAX rounds. */
static inline struct cw_blob_slot find_slot(const struct cw_blob *blob,
					    u32 root, bool v6,
					    const struct want *want)
{
	const struct cw_blob_table *table = blob->section[CW_SECTION_TABLE];
	const struct cw_blob_slot *slots = blob->section[CW_SECTION_SLOT];
	struct cw_blob_slot slot = { .more = CW_BLOB_SLOT_TABLE | root };
	u64 i;

	do {
		const struct cw_blob_table *t =
			table + (slot.more & ~CW_BLOB_SLOT_TABLE);

		slot.first = t->cell;
		slot.more = t->cells;
		if (!t->slots)
			break;
		if (v6 ? is_below(t, want) : want->lo < t->base_lo) {
			slot.more = 1;
			break;
		}
		i = v6 ? slot_of6(t, want) :
			 (want->lo - t->base_lo) >> t->shift;
		slot = slots[t->slot + (i < t->slots ? i : t->slots - 1)];
	} while (slot.more & CW_BLOB_SLOT_TABLE);
	return slot;
}

/* The word for the address, 0 = no rule has it. */
static inline u32 find_word(const struct cw_blob *blob,
			    const struct cw_blob_group *group,
			    const struct want *want)
{
	const struct cw_blob_cell6 *cell6;
	struct cw_blob_slot slot;
	const u64 *cell4;

	if (want->family == 4) {
		if (group->table4 == CW_BLOB_NONE)
			return 0;
		slot = find_slot(blob, group->table4, false, want);
		cell4 = blob->section[CW_SECTION_CELL4];
		return search_entry(cell4 + slot.first, slot.more, want->lo);
	}
	if (want->family != 6)
		return group->any;
	if (group->table6 == CW_BLOB_NONE)
		return 0;
	slot = find_slot(blob, group->table6, true, want);
	cell6 = blob->section[CW_SECTION_CELL6];
	return search_cell6(cell6 + slot.first, slot.more, want);
}

static bool set_has_port(const struct cw_blob *blob, u32 set, u32 port)
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

static inline bool record_has(const struct cw_blob *blob, u64 word,
			      const struct want *want)
{
	u32 lo = CW_BLOB_WORD_LO(word), hi = CW_BLOB_WORD_HI(word);

	if (!(word & want->proto))
		return false;
	if (unlikely(lo > hi))
		return set_has_port(blob, CW_BLOB_WORD_SET(word), want->port);
	return want->port - lo <= hi - lo;
}

static u32 map_answer(const struct cw_blob *blob, u64 word, u32 key)
{
	const u64 *entry = blob->section[CW_SECTION_PORTMAP];

	return search_entry(entry + CW_BLOB_WORD_ENTRY(word),
			    CW_BLOB_WORD_ENTRIES(word), key);
}

/* The lowest answer below @best in one list; @list is past its UP. */
static inline u32 list_answer(const struct cw_blob *blob, const u64 *list,
			      const struct want *want, u32 best)
{
	u32 answer;

	for (;; list++) {
		u32 tag = CW_BLOB_WORD_TAG(*list);

		if (tag == CW_BLOB_WORD_MAP) {
			answer = map_answer(blob, *list, want->map);
			return answer < best ? answer : best;
		}
		answer = CW_BLOB_WORD_ANSWER(*list);
		if (answer >= best)
			return best;
		if (record_has(blob, *list, want))
			return answer;
		if (tag == CW_BLOB_WORD_LAST)
			return best;
	}
}

/* Lists from the narrowest prefix outwards, as long as they can be lower. */
static inline u32 word_answer(const struct cw_blob *blob, u32 word,
			      const struct want *want, u32 best)
{
	const u64 *words = blob->section[CW_SECTION_WORD];

	for (;;) {
		u64 up = words[word];

		if (CW_BLOB_WORD_TAG(up) != CW_BLOB_WORD_UP)
			return list_answer(blob, words + word, want, best);
		best = list_answer(blob, words + word + 1, want, best);
		if (CW_BLOB_WORD_ANSWER(up) >= best)
			return best;
		word = CW_BLOB_WORD_UP_TO(up);
	}
}

static inline u32 group_answer(const struct cw_blob *blob,
			       const struct cw_blob_group *group, u64 now,
			       const struct want *want, u32 best)
{
	if (group->until && now >= group->until)
		return best;
	return word_answer(blob, find_word(blob, group, want), want, best);
}

/* More subjects apply than could be kept: look for them once more. */
__attribute__((__noinline__))
static u32 walk_answer(const struct cw_blob *blob, const struct cw_ident *ident,
		       u64 now, const struct want *want)
{
	const struct cw_blob_group *groups = blob->section[CW_SECTION_GROUP];
	u32 best = CW_BLOB_ANSWER_NONE, subject;
	struct cw_walk walk;

	cw_walk_begin(blob, ident, &walk);
	while ((subject = cw_walk_next(blob, ident, &walk)) != CW_BLOB_NONE) {
		if (groups[subject].rule >= best >> CW_BLOB_ANSWER_SHIFT)
			break;
		best = group_answer(blob, &groups[subject], now, want, best);
	}
	return best;
}

static inline u32 kept_answer(const struct cw_blob *blob,
			      const struct cw_subjects *subjects, u64 now,
			      const struct want *want)
{
	const struct cw_blob_group *groups = blob->section[CW_SECTION_GROUP];
	u32 best = CW_BLOB_ANSWER_NONE, i;

	for (i = 0; i < subjects->count; i++) {
		const struct cw_blob_group *group = &groups[subjects->id[i]];

		if (group->rule >= best >> CW_BLOB_ANSWER_SHIFT)
			break;
		best = group_answer(blob, group, now, want, best);
	}
	return best;
}

static inline u32 load32(const u8 *byte)
{
	return (u32)byte[0] << 24 | (u32)byte[1] << 16 | (u32)byte[2] << 8 |
	       byte[3];
}

static inline u64 load64(const u8 *byte)
{
	return (u64)load32(byte) << 32 | load32(byte + 4);
}

static inline void want_init(struct want *want,
			     const struct cw_request *request)
{
	want->family = request->family;
	if (request->family == 4) {
		want->hi = 0;
		want->lo = load32(request->addr);
	} else {
		want->hi = load64(request->addr);
		want->lo = load64(request->addr + 8);
	}
	want->proto = 1ull << (56 + request->proto);
	want->port = request->port;
	want->map = (u32)request->proto << 16 | request->port;
}

/* The kernel's own sockets are never denied by default. */
static struct cw_verdict default_verdict(const struct cw_blob *blob,
					 const struct cw_ident *ident)
{
	struct cw_verdict verdict = {
		.rule = CW_RULE_DEFAULT,
		.allow = blob->header->default_allow ||
			 ident->flags & CW_IDENT_KERNEL,
	};

	verdict.log = blob->header->log == CW_LOG_ALL ||
		      (blob->header->log == CW_LOG_DENY && !verdict.allow);
	return verdict;
}

struct cw_verdict cw_match(const struct cw_blob *blob,
			   const struct cw_subjects *subjects,
			   const struct cw_ident *ident,
			   const struct cw_request *request)
{
	struct want want;
	u32 best;

	if (unlikely(request->proto >= CW_PROTO_COUNT))
		return default_verdict(blob, ident);
	want_init(&want, request);
	if (likely(!subjects->overflow))
		best = kept_answer(blob, subjects, request->now, &want);
	else
		best = walk_answer(blob, ident, request->now, &want);
	if (best == CW_BLOB_ANSWER_NONE)
		return default_verdict(blob, ident);
	return (struct cw_verdict) {
		.rule = best >> CW_BLOB_ANSWER_SHIFT,
		.allow = best & CW_BLOB_RULE_ALLOW,
		.monitor = best & CW_BLOB_RULE_MONITOR,
		.log = best & CW_BLOB_RULE_LOGS,
	};
}
