// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decision: one look-up for each subject of the process, lowest rule wins.
 * Nothing is checked here that cw_blob_open() has checked.
 *
 * Most processes have one subject, and most decisions end in one cell or in the
 * list that it names.  That way is kept short: each family has its own copy of
 * it, which calls other functions only as its last act, so that hardly a register
 * is saved.  Whatever is rare goes another way, match_any(), which is slower and
 * knows everything; verdicts without an answer are in verdict.c, searches in cell.h.
 */
#include "cell.h"

#define RARE __attribute__((__noinline__))
/* The last of the four bytes that say that an IPv4 address comes. */
#define ISATAP 0xfe

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

static inline u128 address6(const struct cw_request *request)
{
	return u128_of(load64(request->addr), load64(request->addr + 8));
}

static inline struct door request_door(const struct cw_request *request)
{
	return (struct door) {
		.key = (u32)request->proto << 16 | request->port,
		.bit = 1ull << (56 + request->proto),
	};
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

static inline bool has_zone(const struct cw_blob *blob,
			    const struct cw_request *request)
{
	return blob->count[CW_SECTION_ZONE] &&
	       cw_zone_has(load32(request->addr) >> 16);
}

/* The key of an address that has a zone, in the table for these. */
static u128 zone_key(const struct cw_blob *blob,
		     const struct cw_request *request)
{
	u64 hi = load64(request->addr), top = hi >> 48;

	top = cw_zone_code(top, find_zone(blob, request->zone));
	return u128_of((hi & ~0ull >> 16) | top << 48,
		       load64(request->addr + 8));
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

/* The cell of the address; false = the group has no address of the family. */
static bool find_address(const struct cw_blob *blob,
			 const struct cw_blob_group *group,
			 const struct cw_request *request, struct found *cell)
{
	bool zoned = request->family == 6 && has_zone(blob, request);
	u32 table = request->family == 4 ? group->table4 :
		    zoned ? group->tablez : group->table6;

	if (table == CW_BLOB_NONE)
		return false;
	if (request->family == 4)
		*cell = find4(blob, table, load32(request->addr));
	else
		*cell = find6(blob, table, zoned ? zone_key(blob, request) :
					   address6(request));
	return true;
}

/* @group's answer for the request if it is lower than @best, or @best. */
static u32 group_answer(const struct cw_blob *blob,
			const struct cw_blob_group *group,
			const struct cw_request *request, u32 best)
{
	struct door door = request_door(request);
	struct found cell;
	bool more = true;

	if (is_limited(group) && !holds_now(blob, group, request))
		return best;
	if (request->family != 4 && request->family != 6)
		return word_answer(blob, group->any, door, best);
	if (!find_address(blob, group, request, &cell))
		return best;
	best = cell_answer(blob, cell, door, best, &more);
	return more ? word_answer(blob, cell.rest, door, best) : best;
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
static u32 walk_answer(const struct cw_blob *blob, const struct cw_ident *ident,
		       const struct cw_request *request)
{
	struct search search = { blob, request, CW_BLOB_ANSWER_NONE };

	cw_walk(blob, ident, search_group, &search);
	return search.best;
}

/* Subjects come in the order of their first rules. */
static u32 kept_answer(const struct cw_blob *blob,
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

/* ---- verdicts ------------------------------------------------------------ */

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

	if (subjects->many)
		return cw_verdict_refusal(blob);
	if (request->proto < CW_PROTO_COUNT)
		answer = subjects->overflow ?
			 walk_answer(blob, ident, request) :
			 kept_answer(blob, subjects, request);
	verdict = answer != CW_BLOB_ANSWER_NONE ? verdict_of(answer) :
		  cw_verdict_default(blob, ident);
	if (cw_ident_is_unknown(ident))
		return cw_verdict_strictest(blob, ident, verdict);
	return verdict;
}

/*
 * The way that knows everything.  An IPv4 address that the address carries must
 * be allowed as well.
 */
RARE static struct cw_verdict match_any(const struct cw_blob *blob,
					const struct cw_subjects *subjects,
					const struct cw_ident *ident,
					const struct cw_request *request)
{
	struct cw_verdict verdict = match_one(blob, subjects, ident, request);
	struct cw_verdict other;
	struct cw_request inner;

	if (!cw_verdict_passes(&verdict) || !cw_request_inner(request, &inner))
		return verdict;
	other = match_one(blob, subjects, ident, &inner);
	return cw_verdict_is_stricter(&other, &verdict) ? other : verdict;
}

RARE static struct cw_verdict match_list(const struct cw_blob *blob,
					 const struct cw_ident *ident, u32 word,
					 struct door door, u32 best)
{
	u32 answer = word_answer(blob, word, door, best);

	if (unlikely(answer == CW_BLOB_ANSWER_NONE))
		return cw_verdict_default(blob, ident);
	return verdict_of(answer);
}

RARE static struct cw_verdict match4(const struct cw_blob *blob, u32 table,
				     const struct cw_ident *ident,
				     const struct cw_request *request)
{
	struct door door = request_door(request);
	struct found cell = find4(blob, table, load32(request->addr));
	bool more;
	u32 answer = cell_answer(blob, cell, door, CW_BLOB_ANSWER_NONE, &more);

	if (more)
		return match_list(blob, ident, cell.rest, door, answer);
	if (unlikely(answer == CW_BLOB_ANSWER_NONE))
		return cw_verdict_default(blob, ident);
	return verdict_of(answer);
}

RARE static struct cw_verdict match6(const struct cw_blob *blob, u32 table,
				     const struct cw_ident *ident,
				     const struct cw_request *request)
{
	struct door door = request_door(request);
	struct found cell = find6(blob, table, address6(request));
	bool more;
	u32 answer = cell_answer(blob, cell, door, CW_BLOB_ANSWER_NONE, &more);

	if (more)
		return match_list(blob, ident, cell.rest, door, answer);
	if (unlikely(answer == CW_BLOB_ANSWER_NONE))
		return cw_verdict_default(blob, ident);
	return verdict_of(answer);
}

/* One subject, and nothing but an address, a port and a protocol to look at. */
static inline bool is_plain(const struct cw_subjects *subjects,
			    const struct cw_ident *ident,
			    const struct cw_request *request)
{
	return subjects->count == 1 && !(subjects->many | subjects->overflow) &&
	       request->proto < CW_PROTO_COUNT && !cw_ident_is_unknown(ident);
}

struct cw_verdict cw_match(const struct cw_blob *blob,
			   const struct cw_subjects *subjects,
			   const struct cw_ident *ident,
			   const struct cw_request *request)
{
	const struct cw_blob_group *group = blob->section[CW_SECTION_GROUP];

	if (unlikely(!is_plain(subjects, ident, request)))
		return match_any(blob, subjects, ident, request);
	group += subjects->id[0];
	if (unlikely(is_limited(group)))
		return match_any(blob, subjects, ident, request);
	if (request->family == 4 && group->table4 != CW_BLOB_NONE)
		return match4(blob, group->table4, ident, request);
	if (request->family == 6 && group->table6 != CW_BLOB_NONE &&
	    request->addr[11] != ISATAP && !has_zone(blob, request))
		return match6(blob, group->table6, ident, request);
	return match_any(blob, subjects, ident, request);
}
