// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executables and scripts: each path once, shared by all processes that run it
 * and by all connections and records that name it.
 */
#include <linux/hashtable.h>
#include <linux/overflow.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "cw.h"

/**
 * struct cw_exe_hits - which globs of one policy match a path; never changes
 * @rcu:	replaced while readers may look at it
 * @generation:	of the policy
 * @hits:	@place is @places
 * @places:	of the globs that match, @hits.count of them
 */
struct cw_exe_hits {
	struct rcu_head rcu;
	u64 generation;
	struct cw_hits hits;
	u32 places[];
};

/* Lock: all changes of the table.  irqsave: last references go in softirq.  The
 * two are apart from what is only read. */
static struct {
	spinlock_t lock;
	atomic_t number;
} ____cacheline_aligned_in_smp changes = {
	.lock = __SPIN_LOCK_UNLOCKED(changes.lock),
};
static DEFINE_HASHTABLE(table, 10);
static u32 seed __read_mostly;

/* With a reference.  Under rcu_read_lock() or the lock. */
static struct cw_exe *find(const char *path, size_t length, bool plain,
			   u32 hash)
{
	struct cw_exe *exe;

	hash_for_each_possible_rcu(table, exe, node, hash,
				   lockdep_is_held(&changes.lock))
		if (exe->hash == hash && exe->plain == plain &&
		    exe->length == length && !memcmp(exe->path, path, length) &&
		    refcount_inc_not_zero(&exe->users))
			return exe;
	return NULL;
}

/* GFP_ATOMIC: called from hooks with preemption off. */
static struct cw_exe *alloc(const char *path, size_t length, bool plain,
			    u32 hash)
{
	struct cw_exe *exe;

	exe = kmalloc(struct_size(exe, path, length + 1),
		      GFP_ATOMIC | __GFP_NOWARN);
	if (!exe)
		return NULL;
	refcount_set(&exe->users, 1);
	exe->hash = hash;
	exe->length = length;
	exe->plain = plain;
	RCU_INIT_POINTER(exe->hits, NULL);
	memcpy(exe->path, path, length + 1);
	return exe;
}

static struct cw_exe *insert(struct cw_exe *fresh)
{
	struct cw_exe *exe;
	unsigned long flags;

	spin_lock_irqsave(&changes.lock, flags);
	exe = find(fresh->path, fresh->length, fresh->plain, fresh->hash);
	if (!exe) {
		hash_add_rcu(table, &fresh->node, fresh->hash);
		atomic_inc(&changes.number);
	}
	spin_unlock_irqrestore(&changes.lock, flags);
	if (!exe)
		return fresh;
	kfree(fresh);
	return exe;
}

struct cw_exe *cw_exe_intern(const char *path, size_t length, bool plain)
{
	u32 hash = jhash(path, length, seed + plain);
	struct cw_exe *exe;

	rcu_read_lock();
	exe = find(path, length, plain, hash);
	rcu_read_unlock();
	if (exe)
		return exe;
	exe = alloc(path, length, plain, hash);
	return exe ? insert(exe) : NULL;
}

struct cw_exe *cw_exe_get(struct cw_exe *exe)
{
	refcount_inc(&exe->users);
	return exe;
}

void cw_exe_put(struct cw_exe *exe)
{
	struct cw_exe_hits *kept;
	unsigned long flags;

	if (!exe || !refcount_dec_and_test(&exe->users))
		return;
	/* Only who has a reference keeps something here. */
	kept = rcu_dereference_protected(exe->hits, true);
	if (kept)
		kfree_rcu(kept, rcu);
	spin_lock_irqsave(&changes.lock, flags);
	hash_del_rcu(&exe->node);
	spin_unlock_irqrestore(&changes.lock, flags);
	atomic_dec(&changes.number);
	kfree_rcu(exe, rcu);
}

u32 cw_exe_number(void)
{
	return atomic_read(&changes.number);
}

/* ---- globs ------------------------------------------------------------------ */

static const struct cw_hits *find_hits(const struct cw_exe *exe,
				       const struct cw_policy *policy)
{
	const struct cw_exe_hits *kept = rcu_dereference(exe->hits);

	return kept && kept->generation == policy->generation ? &kept->hits :
								NULL;
}

static struct cw_exe_hits *copy_hits(const struct cw_hits *hits,
				     u64 generation)
{
	struct cw_exe_hits *kept;

	kept = kmalloc(struct_size(kept, places, hits->count),
		       GFP_ATOMIC | __GFP_NOWARN);
	if (!kept)
		return NULL;
	kept->generation = generation;
	kept->hits = *hits;
	kept->hits.place = kept->places;
	memcpy(kept->places, hits->place, hits->count * sizeof(u32));
	return kept;
}

/* Policies are not gone back to, so what is newer stays. */
static bool is_due(const struct cw_exe *exe, const struct cw_policy *policy)
{
	const struct cw_exe_hits *kept = rcu_dereference(exe->hits);

	return exe->plain && (!kept || kept->generation < policy->generation);
}

const struct cw_hits *cw_exe_match_rcu(struct cw_exe *exe,
				       const struct cw_policy *policy)
{
	struct cw_exe_hits *kept, *old;
	struct cw_hits hits;

	if (!is_due(exe, policy))
		return find_hits(exe, policy);
	cw_traits_path(&policy->blob, exe->path, cw_traits_room(), &hits);
	cw_count_add(CW_COUNT_MATCHED, 1);
	kept = copy_hits(&hits, policy->generation);
	if (!kept)
		return NULL;
	old = unrcu_pointer(xchg(&exe->hits, RCU_INITIALIZER(kept)));
	if (old)
		kfree_rcu(old, rcu);
	return &kept->hits;
}

/* The first of a bucket that is not matched, with a reference. */
static struct cw_exe *find_unmatched(u32 bucket, const struct cw_policy *policy)
{
	struct cw_exe *exe;

	rcu_read_lock();
	hlist_for_each_entry_rcu(exe, &table[bucket], node)
		if (is_due(exe, policy) &&
		    refcount_inc_not_zero(&exe->users)) {
			rcu_read_unlock();
			return exe;
		}
	rcu_read_unlock();
	return NULL;
}

/* One path at a time, so that nobody waits long for the processor.  False: there
 * is no memory. */
static bool match_one(struct cw_exe *exe, const struct cw_policy *policy)
{
	bool is_done;

	rcu_read_lock();
	preempt_disable();
	is_done = cw_exe_match_rcu(exe, policy) || !is_due(exe, policy);
	preempt_enable();
	rcu_read_unlock();
	cw_exe_put(exe);
	cond_resched();
	return is_done;
}

/* Without memory it is left to the decisions. */
void cw_exe_match_all(const struct cw_policy *policy)
{
	struct cw_exe *exe;
	u32 bucket;

	for (bucket = 0; bucket < HASH_SIZE(table); bucket++)
		while ((exe = find_unmatched(bucket, policy)))
			if (!match_one(exe, policy))
				return;
}

void cw_exe_init(void)
{
	seed = get_random_u32();
}
