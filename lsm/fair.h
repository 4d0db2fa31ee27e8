/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How something of which there is a bounded number (entries of the table, slots
 * of the audit log, names of executables) is divided among its owners, so that
 * no owner can take it from the others.  Arithmetic alone, for the kernel and for
 * the tests in userspace; whoever calls holds a lock.
 *
 *   limit  = root's floor | little: floors of the others | common
 *
 * An owner who has less than his floor gets one more in any case, as long as
 * `little' has room for all floors that are in use.  Beyond his floor he may
 * have CW_FAIR_BOTH times what is still free of the common part, so that there
 * is always something left for one more owner: alone he gets 15/16 of it.  Of
 * one kind (connections that come in, or that go out) he may have
 * CW_FAIR_ONE times as much, so that peers who connect to him leave him room for
 * connections of his own.
 */
#ifndef CW_FAIR_H
#define CW_FAIR_H

#include "policy/engine/port.h"

#define CW_FAIR_BOTH	15
#define CW_FAIR_ONE	7

/**
 * struct cw_fair - one bounded thing
 * @limit:	how many there are
 * @root:	floor of root
 * @floor:	floor of each other owner
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
 * @is_root:	his floor is root's
 */
struct cw_fair_part {
	u32 kind[2];
	bool is_root;
};

static inline void cw_fair_init(struct cw_fair *fair, u32 limit)
{
	u32 least = limit / 64 < 8 ? limit / 64 : 8;

	memset(fair, 0, sizeof(*fair));
	fair->limit = limit;
	fair->root = limit / 8;
	fair->little = limit / 8;
	fair->floor = limit / 1024 > least ? limit / 1024 : least;
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
	u64 gone = (u64)fair->root + low + fair->common;

	return gone < fair->limit ? fair->limit - gone : 0;
}

/* How many @part may have now, of both kinds. */
static inline u64 cw_fair_most(const struct cw_fair *fair,
			       const struct cw_fair_part *part)
{
	return cw_fair_floor(fair, part) + CW_FAIR_BOTH * cw_fair_free(fair);
}

/* How many of one kind.  A quarter of the floor is left to the other one. */
static inline u64 cw_fair_most_of_one(const struct cw_fair *fair,
				      const struct cw_fair_part *part)
{
	u32 floor = cw_fair_floor(fair, part);

	return floor - floor / 4 + CW_FAIR_ONE * cw_fair_free(fair);
}

/* Is there one left that is not kept for root?  What root's floor does not use
 * is. */
static inline bool cw_fair_has_space(const struct cw_fair *fair,
				     const struct cw_fair_part *part)
{
	if (part->is_root && cw_fair_number(part) < fair->root)
		return fair->used < fair->limit;
	return (u64)fair->low + fair->common + fair->root < fair->limit;
}

/* Has @part as many of this kind as it may? */
static inline bool cw_fair_is_full_of(const struct cw_fair *fair,
				      const struct cw_fair_part *part, bool kind)
{
	return part->kind[kind] >= cw_fair_most_of_one(fair, part);
}

/* Has @part as many as it may? */
static inline bool cw_fair_is_full(const struct cw_fair *fair,
				   const struct cw_fair_part *part)
{
	return cw_fair_number(part) >= cw_fair_most(fair, part);
}

static inline bool cw_fair_may_add(const struct cw_fair *fair,
				   const struct cw_fair_part *part, bool kind)
{
	return !cw_fair_is_full(fair, part) &&
	       !cw_fair_is_full_of(fair, part, kind) &&
	       cw_fair_has_space(fair, part);
}

/*
 * May @taker, who has no room, have something of @giver's?  Only of one who has
 * more than he, and more than is his to keep.
 */
static inline bool cw_fair_yields(const struct cw_fair *fair,
				  const struct cw_fair_part *giver,
				  const struct cw_fair_part *taker)
{
	u32 floor = cw_fair_floor(fair, giver);
	u32 number = cw_fair_number(giver);

	return number > cw_fair_number(taker) && number > floor &&
	       number >= cw_fair_most(fair, giver);
}

/* Of which kind @part has more. */
static inline bool cw_fair_larger(const struct cw_fair_part *part)
{
	return part->kind[1] > part->kind[0];
}

static inline void cw_fair_add(struct cw_fair *fair, struct cw_fair_part *part,
			       bool kind)
{
	fair->used++;
	if (cw_fair_number(part) >= cw_fair_floor(fair, part))
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
	if (cw_fair_number(part) >= cw_fair_floor(fair, part))
		fair->common--;
	else if (!part->is_root)
		fair->low--;
}

#endif
