// SPDX-License-Identifier: GPL-2.0-only
/*
 * Destinations and ports with their sets taken apart: sorted, disjoint spans.
 * Every set is taken apart once, from what its own sets have become.
 */
#include <stdlib.h>

#include "emit.h"

static const u128 family_max[CW_FAMILY_COUNT] = {
	[CW_FAMILY_4] = 0xffffffffu,
	[CW_FAMILY_6] = ~(u128)0,
	[CW_FAMILY_ZONE] = ~(u128)0,
};

static u128 number(const u8 *byte, u32 bytes)
{
	u128 out = 0;

	while (bytes--)
		out = out << 8 | *byte++;
	return out;
}

static int add_spans(struct cw_array *to, const struct cw_span128 *spans,
		     u32 count)
{
	struct cw_span128 *out = cw_array_grow(to, count, sizeof(*out));

	if (!out)
		return -ENOMEM;
	if (count)
		memcpy(out, spans, count * sizeof(*out));
	to->count += count;
	return 0;
}

static int add_any(struct cw_flat *flat)
{
	int family, error = 0;

	flat->any = true;
	for (family = 0; family < CW_FAMILY_COUNT && !error; family++) {
		struct cw_span128 all = { 0, family_max[family] };

		error = add_spans(&flat->span[family], &all, 1);
	}
	return error;
}

static int add_set(struct cw_flat *flat, const struct cw_flat *set)
{
	int family, error = 0;

	flat->any |= set->any;
	for (family = 0; family < CW_FAMILY_COUNT && !error; family++)
		error = add_spans(&flat->span[family], set->span[family].data,
				  set->span[family].count);
	return error;
}

static int add_address(struct cw_emitter *emitter, struct cw_flat *flat,
		       const struct cw_dest *dest)
{
	u32 bytes = dest->family == 4 ? 4 : 16;
	struct cw_span128 span = {
		number(dest->lo, bytes), number(dest->hi, bytes)
	};
	int error = 0;

	if (dest->family == 4)
		return add_spans(&flat->span[CW_FAMILY_4], &span, 1);
	if (!dest->zone)
		error = add_spans(&flat->span[CW_FAMILY_6], &span, 1);
	return error ? error : cw_zone_add(emitter, flat, &span, dest->zone);
}

static int add_dest(struct cw_emitter *emitter, struct cw_flat *flat,
		    const struct cw_dest *dest)
{

	switch (dest->kind) {
	case CW_DEST_ANY:
		return add_any(flat);
	case CW_DEST_SET:
		return add_set(flat, &emitter->flat[dest->set]);
	case CW_DEST_ADDR:
		return add_address(emitter, flat, dest);
	case CW_DEST_HOST:
		break;
	}
	return -EOPNOTSUPP;
}

static int compare_span(const void *a, const void *b)
{
	const struct cw_span128 *x = a, *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Sorted, and spans that overlap or touch made one. */
static void tidy_spans(struct cw_array *vector)
{
	struct cw_span128 *span = vector->data;
	u32 i, last = 0;

	if (vector->count < 2)
		return;
	qsort(span, vector->count, sizeof(*span), compare_span);
	for (i = 1; i < vector->count; i++) {
		if (span[i].lo && span[i].lo - 1 > span[last].hi)
			span[++last] = span[i];
		else if (span[i].hi > span[last].hi)
			span[last].hi = span[i].hi;
	}
	vector->count = last + 1;
}

int cw_flat_dests(struct cw_emitter *emitter, struct cw_flat *flat,
		  const struct cw_dest *dests, u32 count)
{
	u32 i;
	int error;

	for (i = 0; i < count; i++) {
		error = add_dest(emitter, flat, &dests[i]);
		if (error)
			return error;
	}
	for (i = 0; i < CW_FAMILY_COUNT; i++)
		tidy_spans(&flat->span[i]);
	return 0;
}

/* ---- ports: ranges as lo << 16 | hi -------------------------------------- */

static int compare_range(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static void tidy_ranges(struct cw_array *vector)
{
	u32 *range = vector->data, i, last = 0;

	if (vector->count < 2)
		return;
	qsort(range, vector->count, sizeof(*range), compare_range);
	for (i = 1; i < vector->count; i++) {
		if (range[i] >> 16 > (range[last] & 0xffff) + 1)
			range[++last] = range[i];
		else if ((range[i] & 0xffff) > (range[last] & 0xffff))
			range[last] = (range[last] & 0xffff0000) |
				      (range[i] & 0xffff);
	}
	vector->count = last + 1;
}

struct portset {
	const struct cw_emitter *emitter;
	const u32 *range;
	u32 count;
};

static bool same_portset(const void *context, u32 id)
{
	const struct portset *wanted = context;
	const struct cw_array *sections = wanted->emitter->section;
	const u32 *first = sections[CW_SECTION_PORTSET].data;
	const u32 *range = sections[CW_SECTION_PORTRANGE].data;
	u32 next = id + 1 < sections[CW_SECTION_PORTSET].count ?
		   first[id + 1] : sections[CW_SECTION_PORTRANGE].count;

	return next - first[id] == wanted->count &&
	       !memcmp(range + first[id], wanted->range,
		       wanted->count * sizeof(u32));
}

static int add_portset(struct cw_emitter *emitter, const u32 *range, u32 count,
		       u32 *id)
{
	struct portset wanted = { emitter, range, count };
	u32 hash = cw_intern_hash(0, range, count * sizeof(*range)), first;
	u32 *found;
	int error;

	found = cw_intern_find(&emitter->portsets, hash, same_portset, &wanted);
	if (!found)
		return -ENOMEM;
	if (*found == CW_BLOB_NONE) {
		first = cw_emit_count(emitter, CW_SECTION_PORTRANGE);
		*found = cw_emit_count(emitter, CW_SECTION_PORTSET);
		error = cw_emit_add(emitter, CW_SECTION_PORTSET, &first, 1);
		if (!error)
			error = cw_emit_add(emitter, CW_SECTION_PORTRANGE,
					    range, count);
		if (error)
			return error;
	}
	*id = *found;
	return 0;
}

/* Appends the ranges that the low bits of a record stand for. */
static int add_bits(struct cw_emitter *emitter, struct cw_array *ranges,
		    u32 bits)
{
	const u32 *first = emitter->section[CW_SECTION_PORTSET].data;
	const u32 *range = emitter->section[CW_SECTION_PORTRANGE].data;
	u32 set = CW_BLOB_WORD_SET(bits), count = 1, single, *out;

	if (bits == CW_BLOB_PORTS_NONE)
		return 0;
	if (CW_BLOB_WORD_LO(bits) <= CW_BLOB_WORD_HI(bits)) {
		single = CW_BLOB_WORD_LO(bits) << 16 | CW_BLOB_WORD_HI(bits);
		range = &single;
	} else {
		count = (set + 1 < cw_emit_count(emitter, CW_SECTION_PORTSET) ?
			 first[set + 1] :
			 cw_emit_count(emitter, CW_SECTION_PORTRANGE)) -
			first[set];
		range += first[set];
	}
	out = cw_array_grow(ranges, count, sizeof(*out));
	if (!out)
		return -ENOMEM;
	memcpy(out, range, count * sizeof(*out));
	ranges->count += count;
	return 0;
}

static u32 range_bits(u32 lo, u32 hi)
{
	return hi << 16 | lo;
}

static u32 portset_bits(u32 id)
{
	return (id & 0x7fff) << 16 | 0x8000 | id >> 15;
}

static int bits_of_ranges(struct cw_emitter *emitter, u32 *bits)
{
	struct cw_array *ranges = &emitter->ranges;
	const u32 *range;
	u32 id;
	int error;

	tidy_ranges(ranges);
	range = ranges->data;
	*bits = CW_BLOB_PORTS_NONE;
	if (!ranges->count)
		return 0;
	if (ranges->count == 1) {
		*bits = range_bits(range[0] >> 16, range[0] & 0xffff);
		return 0;
	}
	error = add_portset(emitter, range, ranges->count, &id);
	if (!error)
		*bits = portset_bits(id);
	return error;
}

int cw_flat_ports(struct cw_emitter *emitter, const struct cw_port *ports,
		  u32 count, u32 *bits)
{
	u32 i;
	int error;

	*bits = CW_BLOB_PORTS_NONE;
	if (!count)
		return 0;
	if (count == 1) {
		*bits = ports->is_set ? emitter->flat[ports->set].ports :
			range_bits(ports->lo, ports->hi);
		return 0;
	}
	emitter->ranges.count = 0;
	for (i = 0; i < count; i++) {
		error = add_bits(emitter, &emitter->ranges, ports[i].is_set ?
				 emitter->flat[ports[i].set].ports :
				 range_bits(ports[i].lo, ports[i].hi));
		if (error)
			return error;
	}
	return bits_of_ranges(emitter, bits);
}

/* ---- sets --------------------------------------------------------------- */

/* Sets of less depth first; depths are in the set records. */
int cw_flat_sets(struct cw_emitter *emitter)
{
	const struct cw_ruleset *ruleset = emitter->ruleset;
	const struct cw_blob_set *record =
		emitter->section[CW_SECTION_SET].data;
	u32 depth, i;
	int error = 0;

	for (depth = 1; depth <= CW_BLOB_SET_DEPTH_MAX; depth++) {
		for (i = 0; i < ruleset->set_count && !error; i++) {
			const struct cw_set *set = &ruleset->sets[i];

			if (record[i].depth != depth)
				continue;
			error = cw_flat_dests(emitter, &emitter->flat[i],
					      set->dests, set->dest_count);
			if (!error)
				error = cw_flat_ports(emitter, set->ports,
						      set->port_count,
						      &emitter->flat[i].ports);
		}
	}
	return error;
}

void cw_flat_free(struct cw_flat *flat)
{
	u32 i;

	for (i = 0; i < CW_FAMILY_COUNT; i++)
		cw_array_free(&flat->span[i]);
}
