/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Owners: who is held responsible for connections, records and names (see
 * struct cw_identity).  Each has his share of what the module keeps.
 */
#ifndef CW_OWNER_H
#define CW_OWNER_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "fair.h"

/* Owners known at a time; those that come when there are so many are one. */
#define CW_OWNERS 4096

/* Stands for them. */
#define CW_OWNER_OTHERS ((uid_t)-1)

/**
 * struct cw_stripe - what one CPU, or some, have of an owner's entries
 * @lock:	of all that follows; inside a key's lock, outside none
 * @credit:	entries of each direction that are the owner's already, though
 *		not made: they make further ones cheap
 * @opened:	entries made
 * @closed:	of these: over
 * @ended:	entries that are over, by direction, oldest first
 * @flows:	flows that are not, likewise, used longest ago first
 */
struct cw_stripe {
	spinlock_t lock;
	u32 credit[2];
	u64 opened;
	u64 closed;
	struct list_head ended[2];
	struct list_head flows[2];
} ____cacheline_aligned_in_smp;

/**
 * struct cw_owner - one user, or the maker of a user namespace
 * @by_uid:	in the table of owners
 * @rcu:	looked up under RCU
 * @pins:	1 while in the table of owners, and one for each file of the module
 *		that has something of his; 0 = gone
 * @uid:	in the initial user namespace
 * @index:	small number that stands for the owner in events
 * @part:	of the table of connections, with @credit of all stripes;
 *		share.c's lock, like the next three but one
 * @evicted:	entries that went before their time
 * @untracked:	connections without an entry
 * @unsaid:	of these: that no event has told yet
 * @unsaid_since: boot time in ns of the first of these
 * @audit:	of the records of decisions; audit.c's lock
 * @audit.overflow: of the pending ones: those without a slot
 * @audit.tokens: records that he may write now; @audit.tokens_at: since when
 * @stripe:	cw_owner_stripes
 */
struct cw_owner {
	struct hlist_node by_uid;
	struct rcu_head rcu;
	atomic_t pins;
	uid_t uid;
	u16 index;
	struct cw_fair_part part;
	atomic64_t evicted;
	u64 untracked;
	u64 unsaid;
	u64 unsaid_since;
	struct cw_owner_audit {
		struct cw_fair_part part;
		u64 decisions;
		u64 logged;
		u64 suppressed;
		u64 pending;
		u64 overflow;
		unsigned long tokens_at;
		u32 tokens;
	} audit;
	struct cw_stripe stripe[];
};

/* A power of two. */
extern unsigned int cw_owner_stripes;

int cw_owner_init(void);
/* Nobody looks for owners any more. */
void cw_owner_exit(void);
/*
 * The owner with this uid, who is made if he is not known; never NULL.  Valid
 * until rcu_read_unlock(), or as long as he is pinned.  Any context with
 * preemption off.
 */
struct cw_owner *cw_owner_find_rcu(uid_t uid);
/* By his index, while something of his is there that has it. */
struct cw_owner *cw_owner_at(u16 index);
/* The owner of @index or of the first one after it, and in *@index his; NULL =
 * there is none.  Under rcu_read_lock(). */
struct cw_owner *cw_owner_next_rcu(u32 *index);
/* False: he is gone, and must be looked for again. */
static inline bool cw_owner_pin(struct cw_owner *owner)
{
	return atomic_inc_not_zero(&owner->pins);
}

static inline void cw_owner_unpin(struct cw_owner *owner)
{
	atomic_dec(&owner->pins);
}

/* Likewise with a pin, for who does not stay under rcu_read_lock().  Any context. */
struct cw_owner *cw_owner_next_pinned(u32 *index);

/* Once there are many: forgets those of whom nothing is there.  Task context. */
void cw_owner_reclaim(void);

struct seq_file;

/* The file `owners`. */
int cw_owner_show(struct seq_file *seq, void *v);

static inline struct cw_stripe *cw_owner_stripe(struct cw_owner *owner)
{
	return &owner->stripe[raw_smp_processor_id() & (cw_owner_stripes - 1)];
}

#endif
