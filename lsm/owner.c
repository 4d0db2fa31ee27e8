// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of owners.  An owner is made when he first has something, and is
 * forgotten when there are many and nothing of his is there any more; what was
 * counted of him is then counted of nobody.
 *
 * Each has an entry of his own, so that no uid shares anything with another
 * one, however uids are chosen.  Only when CW_OWNERS of them have something at the
 * same time, or when there is no memory, do the further ones share one entry.
 *
 * Lock: changes of the table.  irqsave: owners are looked for in softirq, too.
 */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "owner.h"

#define BUCKET_BITS 8
/* Stripes at most: they cost each owner 128 bytes. */
#define STRIPES_MAX 64

static DEFINE_SPINLOCK(lock);
static struct hlist_head buckets[1 << BUCKET_BITS] __read_mostly;
static struct cw_owner __rcu *owners[CW_OWNERS] __read_mostly;
static DECLARE_BITMAP(used, CW_OWNERS);	/* lock */
static u32 number;			/* lock */
static struct cw_owner *root __read_mostly, *others __read_mostly;
unsigned int cw_owner_stripes __read_mostly;

static struct hlist_head *bucket_of(uid_t uid)
{
	return &buckets[hash_32(uid, BUCKET_BITS)];
}

/* Under rcu_read_lock() or with the lock held. */
static struct cw_owner *find(uid_t uid)
{
	struct cw_owner *owner;

	hlist_for_each_entry_rcu(owner, bucket_of(uid), by_uid,
				 lockdep_is_held(&lock))
		if (owner->uid == uid)
			return owner;
	return NULL;
}

static void init_stripe(struct cw_stripe *stripe)
{
	unsigned int i;

	spin_lock_init(&stripe->lock);
	for (i = 0; i < 2; i++) {
		INIT_LIST_HEAD(&stripe->ended[i]);
		INIT_LIST_HEAD(&stripe->flows[i]);
	}
}

/* NULL = no memory. */
static struct cw_owner *alloc(uid_t uid, gfp_t gfp)
{
	struct cw_owner *owner;
	unsigned int i;

	owner = kzalloc(struct_size(owner, stripe, cw_owner_stripes), gfp);
	if (!owner)
		return NULL;
	owner->uid = uid;
	atomic_set(&owner->pins, 1);
	for (i = 0; i < cw_owner_stripes; i++)
		init_stripe(&owner->stripe[i]);
	return owner;
}

/* Lock held.  False: there are too many. */
static bool enter_locked(struct cw_owner *owner)
{
	u32 index = find_first_zero_bit(used, CW_OWNERS);

	if (index >= CW_OWNERS)
		return false;
	owner->index = index;
	__set_bit(index, used);
	number++;
	rcu_assign_pointer(owners[index], owner);
	hlist_add_head_rcu(&owner->by_uid, bucket_of(owner->uid));
	return true;
}

static struct cw_owner *make(uid_t uid)
{
	struct cw_owner *fresh = alloc(uid, GFP_ATOMIC | __GFP_NOWARN), *owner;
	unsigned long flags;

	if (!fresh)
		return others;
	spin_lock_irqsave(&lock, flags);
	owner = find(uid);
	if (!owner && enter_locked(fresh))
		owner = fresh;
	spin_unlock_irqrestore(&lock, flags);
	if (owner != fresh)
		kfree(fresh);
	return owner ?: others;
}

struct cw_owner *cw_owner_find_rcu(uid_t uid)
{
	return uid ? find(uid) ?: make(uid) : root;
}

struct cw_owner *cw_owner_at(u16 index)
{
	return rcu_dereference_raw(owners[index]);
}

struct cw_owner *cw_owner_next_rcu(u32 *index)
{
	struct cw_owner *owner;

	for (; *index < CW_OWNERS; ++*index) {
		owner = rcu_dereference(owners[*index]);
		if (owner)
			return owner;
	}
	return NULL;
}

struct cw_owner *cw_owner_next_pinned(u32 *index)
{
	struct cw_owner *owner;

	rcu_read_lock();
	while ((owner = cw_owner_next_rcu(index)) && !cw_owner_pin(owner))
		++*index;
	rcu_read_unlock();
	return owner;
}

/* ---- forgetting ------------------------------------------------------------- */

static void forget(struct cw_owner *owner)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	if (atomic_cmpxchg(&owner->pins, 1, 0) == 1) {
		hlist_del_rcu(&owner->by_uid);
		RCU_INIT_POINTER(owners[owner->index], NULL);
		__clear_bit(owner->index, used);
		number--;
		kfree_rcu(owner, rcu);
	}
	spin_unlock_irqrestore(&lock, flags);
}

void cw_owner_reclaim(void)
{
	struct cw_owner *owner;
	u32 index = 0;

	if (READ_ONCE(number) < CW_OWNERS / 2)
		return;
	rcu_read_lock();
	for (; (owner = cw_owner_next_rcu(&index)); index++)
		if (owner != root && owner != others &&
		    atomic_read(&owner->pins) == 1)
			forget(owner);
	rcu_read_unlock();
}

/* ---- the file ------------------------------------------------------------------ */

static void show_entries(struct seq_file *seq, const struct cw_owner *owner)
{
	u64 opened = 0, closed = 0;
	u32 entries[2], i, in;

	for (in = 0; in < 2; in++)
		entries[in] = READ_ONCE(owner->part.kind[in]);
	for (i = 0; i < cw_owner_stripes; i++) {
		opened += READ_ONCE(owner->stripe[i].opened);
		closed += READ_ONCE(owner->stripe[i].closed);
		for (in = 0; in < 2; in++)
			entries[in] -= READ_ONCE(owner->stripe[i].credit[in]);
	}
	seq_printf(seq, " %d %d %llu %llu %llu %llu", (int)entries[0],
		   (int)entries[1], opened, closed,
		   atomic64_read(&owner->evicted),
		   READ_ONCE(owner->untracked));
}

static void show(struct seq_file *seq, const struct cw_owner *owner)
{
	const struct cw_owner_audit *audit = &owner->audit;

	if (owner == others)
		seq_putc(seq, '-');
	else
		seq_printf(seq, "%u", owner->uid);
	show_entries(seq, owner);
	seq_printf(seq, " %llu %llu %llu %llu\n", READ_ONCE(audit->decisions),
		   READ_ONCE(audit->logged), READ_ONCE(audit->suppressed),
		   READ_ONCE(audit->pending));
}

int cw_owner_show(struct seq_file *seq, void *v)
{
	struct cw_owner *owner;
	u32 index = 0;

	seq_puts(seq, "owner out in opened closed evicted untracked decisions "
		      "logged suppressed pending\n");
	rcu_read_lock();
	for (; (owner = cw_owner_next_rcu(&index)); index++)
		show(seq, owner);
	rcu_read_unlock();
	return 0;
}

/* ---- start and end ---------------------------------------------------------- */

int cw_owner_init(void)
{
	cw_owner_stripes = min_t(unsigned int, STRIPES_MAX,
				 roundup_pow_of_two(nr_cpu_ids));
	root = alloc(0, GFP_KERNEL);
	others = alloc(CW_OWNER_OTHERS, GFP_KERNEL);
	if (!root || !others) {
		kfree(root);
		kfree(others);
		return -ENOMEM;
	}
	root->part.is_root = true;
	root->audit.part.is_root = true;
	enter_locked(root);
	enter_locked(others);
	return 0;
}

/* Those that were forgotten are freed by the kernel itself. */
void cw_owner_exit(void)
{
	u32 index;

	for (index = 0; index < CW_OWNERS; index++)
		kfree(rcu_dereference_raw(owners[index]));
}
