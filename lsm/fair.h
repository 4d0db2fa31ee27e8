/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How something of which there is a bounded number (entries of the table, slots
 * of the audit log, names of executables) is divided among its owners, so that
 * no owner can take it from the others.  Arithmetic alone, for the kernel and for
 * the tests in userspace; whoever calls holds a lock.
 *
 *   limit = root's floors | little: floors of the others | common
 *
 * Connections are of two kinds, those that come in and those that go out, and an
 * owner has a floor for each, so that peers who connect to him leave him room for
 * connections of his own.  Below it he gets one more in any case, as long as
 * `little' has room for all floors that are in use.  Beyond it he may have
 * CW_FAIR_ONE times what is still free of the common part, and of both kinds
 * together CW_FAIR_BOTH times as much, so that there is always something left for
 * one more owner: alone he gets 15/16 of it.
 */
#ifndef CW_FAIR_H
#define CW_FAIR_H

#include "policy/engine/port.h"

#define CW_FAIR_BOTH	15
#define CW_FAIR_ONE	7

/**
 * struct cw_fair - one bounded thing
 * @limit:	how many there are
 * @root:	each floor of root
 * @floor:	each floor of every other owner
 * @little:	kept for these floors
 * @used:	by all owners
 * @low:	of these: below the floors of owners who are not root
 * @common:	of these: above the floors of all owners
 */
struct cw_fair {
	u32 limit;
	u32 root;
	u32 floor;
	u32 little;
	u32 used;
	u32 low;
	u32 common;
};

/**
 * struct cw_fair_part - what one owner has of it
 * @kind:	how many of each of two kinds
 * @is_root:	his floors are root's
 */
struct cw_fair_part {
	u32 kind[2];
	bool is_root;
};

static inline void cw_fair_init(struct cw_fair *fair, u32 limit)
{
	u32 least = limit / 128 < 4 ? limit / 128 : 4;

	memset(fair, 0, sizeof(*fair));
	fair->limit = limit;
	fair->root = limit / 16;
	fair->little = limit / 8;
	fair->floor = limit / 2048 > least ? limit / 2048 : least;
	if (!fair->floor)
		fair->floor = 1;
}

static inline u32 cw_fair_number(const struct cw_fair_part *part)
{
	return part->kind[0] + part->kind[1];
}

static inline u32 cw_fair_floor(const struct cw_fair *fair,
				const struct cw_fair_part *part)
{
	return part->is_root ? fair->root : fair->floor;
}

/* What is free of the common part.  Floors in use that `little' has no room for
 * are taken from it. */
static inline u64 cw_fair_free(const struct cw_fair *fair)
{
	u32 low = fair->low > fair->little ? fair->low : fair->little;
	u64 gone = 2ull * fair->root + low + fair->common;

	return gone < fair->limit ? fair->limit - gone : 0;
}

/* What @part has beyond its floor of @kind. */
static inline u64 cw_fair_beyond(const struct cw_fair *fair,
				 const struct cw_fair_part *part, bool kind)
{
	u32 floor = cw_fair_floor(fair, part);

	return part->kind[kind] > floor ? part->kind[kind] - floor : 0;
}

static inline bool cw_fair_is_below(const struct cw_fair *fair,
				    const struct cw_fair_part *part, bool kind)
{
	return part->kind[kind] < cw_fair_floor(fair, part);
}

/* Is there one left?  What root's floors do not use is not, but for root. */
static inline bool cw_fair_has_space(const struct cw_fair *fair,
				     const struct cw_fair_part *part, bool kind)
{
	if (part->is_root && cw_fair_is_below(fair, part, kind))
		return true;
	return (u64)fair->low + fair->common + 2ull * fair->root < fair->limit;
}

/* Has @part as many beyond its floor of @kind as it may? */
static inline bool cw_fair_is_full_of(const struct cw_fair *fair,
				      const struct cw_fair_part *part, bool kind)
{
	return cw_fair_beyond(fair, part, kind) >=
	       CW_FAIR_ONE * cw_fair_free(fair);
}

/* Likewise of both. */
static inline bool cw_fair_is_full(const struct cw_fair *fair,
				   const struct cw_fair_part *part)
{
	return cw_fair_beyond(fair, part, false) +
	       cw_fair_beyond(fair, part, true) >=
	       CW_FAIR_BOTH * cw_fair_free(fair);
}

static inline bool cw_fair_may_add(const struct cw_fair *fair,
				   const struct cw_fair_part *part, bool kind)
{
	return cw_fair_has_space(fair, part, kind) &&
	       (cw_fair_is_below(fair, part, kind) ||
		(!cw_fair_is_full(fair, part) &&
		 !cw_fair_is_full_of(fair, part, kind)));
}

/* Of which kind @part has more. */
static inline bool cw_fair_larger(const struct cw_fair_part *part)
{
	return part->kind[1] > part->kind[0];
}

/*
 * May @taker, who has no room, have something of @giver's?  Only of one who has
 * more than he, and of that kind of which @giver has more than is his to keep.
 */
static inline bool cw_fair_yields(const struct cw_fair *fair,
				  const struct cw_fair_part *giver,
				  const struct cw_fair_part *taker)
{
	bool kind = cw_fair_larger(giver);

	return cw_fair_number(giver) > cw_fair_number(taker) &&
	       cw_fair_beyond(fair, giver, kind) &&
	       (cw_fair_is_full(fair, giver) ||
		cw_fair_is_full_of(fair, giver, kind));
}

static inline void cw_fair_add(struct cw_fair *fair, struct cw_fair_part *part,
			       bool kind)
{
	fair->used++;
	if (!cw_fair_is_below(fair, part, kind))
		fair->common++;
	else if (!part->is_root)
		fair->low++;
	part->kind[kind]++;
}

static inline void cw_fair_remove(struct cw_fair *fair,
				  struct cw_fair_part *part, bool kind)
{
	part->kind[kind]--;
	fair->used--;
	if (!cw_fair_is_below(fair, part, kind))
		fair->common--;
	else if (!part->is_root)
		fair->low--;
}

#endif
