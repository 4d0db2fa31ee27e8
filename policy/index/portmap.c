// SPDX-License-Identifier: GPL-2.0-only
/*
 * Port maps: many records of one prefix become one sorted list of disjoint
 * intervals of (protocol, port), each with the lowest answer.
 *
 * The records are painted in ascending order on the elementary intervals
 * between all their ends; what is painted is stepped over, so an interval is
 * painted once, however many records cover it.
 */
#include "emit.h"

#define KEYS	((u32)CW_PROTO_COUNT << 16)
#define BITS	(KEYS / 64)

typedef int visit(struct cw_emitter *emitter, u32 lo, u32 hi, u32 answer);

static void mark(struct cw_emitter *emitter, u32 key)
{
	if (key < KEYS)
		emitter->map_bits[key / 64] |= 1ull << (key % 64);
}

static int mark_ends(struct cw_emitter *emitter, u32 lo, u32 hi, u32 answer)
{
	(void)answer;
	mark(emitter, lo);
	mark(emitter, hi + 1);
	return 0;
}

/* Every protocol of a record, for one range of ports. */
static int each_proto(struct cw_emitter *emitter, u64 record, u32 lo, u32 hi,
		      visit *with)
{
	u32 proto;
	int error = 0;

	for (proto = 0; proto < CW_PROTO_COUNT && !error; proto++)
		if (CW_BLOB_WORD_PROTOS(record) >> proto & 1)
			error = with(emitter, proto << 16 | lo,
				      proto << 16 | hi,
				      CW_BLOB_WORD_ANSWER(record));
	return error;
}

static int each_range(struct cw_emitter *emitter, u64 record, visit *with)
{
	const u32 *first = emitter->section[CW_SECTION_PORTSET].data;
	const u32 *range = emitter->section[CW_SECTION_PORTRANGE].data;
	u32 lo = CW_BLOB_WORD_LO(record), hi = CW_BLOB_WORD_HI(record);
	u32 set = CW_BLOB_WORD_SET(record), i, end;
	int error = 0;

	if (lo <= hi)
		return each_proto(emitter, record, lo, hi, with);
	end = set + 1 < cw_emit_count(emitter, CW_SECTION_PORTSET) ?
	      first[set + 1] : cw_emit_count(emitter, CW_SECTION_PORTRANGE);
	for (i = first[set]; i < end && !error; i++)
		error = each_proto(emitter, record, range[i] >> 16,
				   range[i] & 0xffff, with);
	return error;
}

/* The marked keys in order; also clears the marks. */
static int collect_points(struct cw_emitter *emitter)
{
	u32 i, *point;

	emitter->map_points.count = 0;
	for (i = 0; i < BITS; i++) {
		u64 bits = emitter->map_bits[i];

		emitter->map_bits[i] = 0;
		for (; bits; bits &= bits - 1) {
			point = cw_array_grow(&emitter->map_points, 1,
					       sizeof(*point));
			if (!point)
				return -ENOMEM;
			*point = i * 64 + (u32)__builtin_ctzll(bits);
			emitter->map_points.count++;
		}
	}
	return 0;
}

static int prepare_paint(struct cw_emitter *emitter)
{
	u32 count = emitter->map_points.count, i, *next, *answer;

	emitter->map_next.count = 0;
	emitter->map_answer.count = 0;
	next = cw_array_grow(&emitter->map_next, count + 1, sizeof(*next));
	answer = cw_array_grow(&emitter->map_answer, count, sizeof(*answer));
	if (!next || !answer)
		return -ENOMEM;
	for (i = 0; i <= count; i++)
		next[i] = i;
	for (i = 0; i < count; i++)
		answer[i] = CW_BLOB_ANSWER_NONE;
	return 0;
}

/* The first interval from @at on that is not painted; halves the path. */
static u32 unpainted(u32 *next, u32 at)
{
	while (next[at] != at) {
		next[at] = next[next[at]];
		at = next[at];
	}
	return at;
}

static u32 point_index(const struct cw_array *points, u32 key)
{
	const u32 *point = points->data;
	u32 lo = 0, hi = points->count;

	while (lo < hi) {
		u32 middle = lo + (hi - lo) / 2;

		if (point[middle] < key)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

static int paint(struct cw_emitter *emitter, u32 lo, u32 hi, u32 answer)
{
	u32 *next = emitter->map_next.data, *answers = emitter->map_answer.data;
	u32 at = point_index(&emitter->map_points, lo);
	u32 end = point_index(&emitter->map_points, hi + 1);

	for (at = unpainted(next, at); at < end; at = unpainted(next, at)) {
		answers[at] = answer;
		next[at] = at + 1;
	}
	return 0;
}

/* Neighbours with the same answer become one entry. */
static int write_map(struct cw_emitter *emitter)
{
	const u32 *point = emitter->map_points.data;
	const u32 *answer = emitter->map_answer.data;
	u32 i;
	int error;

	for (i = 0; i < emitter->map_points.count; i++) {
		u64 entry = (u64)point[i] << 32 | answer[i];

		if (i && answer[i] == answer[i - 1])
			continue;
		error = cw_emit_add(emitter, CW_SECTION_PORTMAP, &entry, 1);
		if (error)
			return error;
	}
	return 0;
}

static int paint_all(struct cw_emitter *emitter, const u64 *records, u32 count)
{
	u32 i;
	int error;

	mark(emitter, 0);
	for (i = 0; i < count; i++)
		each_range(emitter, records[i], mark_ends);
	error = collect_points(emitter);
	if (!error)
		error = prepare_paint(emitter);
	for (i = 0; i < count && !error; i++)
		error = each_range(emitter, records[i], paint);
	return error;
}

int cw_portmap_make(struct cw_emitter *emitter, const u64 *records, u32 count,
		    u64 *word)
{
	u32 first = cw_emit_count(emitter, CW_SECTION_PORTMAP);
	int error;

	if (!emitter->map_bits) {
		emitter->map_bits = cw_alloc(BITS * sizeof(u64));
		if (!emitter->map_bits)
			return -ENOMEM;
		memset(emitter->map_bits, 0, BITS * sizeof(u64));
	}
	error = paint_all(emitter, records, count);
	if (!error)
		error = write_map(emitter);
	*word = CW_BLOB_WORD(CW_BLOB_WORD_MAP, 0,
			     cw_emit_count(emitter, CW_SECTION_PORTMAP) - first,
			     first);
	return error;
}
