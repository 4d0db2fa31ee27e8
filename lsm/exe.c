// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executables and scripts: each path once, shared by all processes that run it
 * and by all connections and records that name it.
 */
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "cw.h"

/* Lock: all changes of the table.  irqsave: last references go in softirq. */
static DEFINE_SPINLOCK(lock);
static DEFINE_HASHTABLE(table, 10);
static atomic_t number = ATOMIC_INIT(0);
static u32 seed;

static u32 hash_path(const char *path, bool plain)
{
	return jhash(path, strlen(path), seed + plain);
}

/* With a reference.  Under rcu_read_lock() or the lock. */
static struct cw_exe *find(const char *path, bool plain, u32 hash)
{
	struct cw_exe *exe;

	hash_for_each_possible_rcu(table, exe, node, hash,
				   lockdep_is_held(&lock))
		if (exe->hash == hash && exe->plain == plain &&
		    !strcmp(exe->path, path) &&
		    refcount_inc_not_zero(&exe->users))
			return exe;
	return NULL;
}

/* GFP_ATOMIC: called from hooks with preemption off. */
static struct cw_exe *alloc(const char *path, bool plain, u32 hash)
{
	size_t size = strlen(path) + 1;
	struct cw_exe *exe;

	exe = kmalloc(sizeof(*exe) + size, GFP_ATOMIC | __GFP_NOWARN);
	if (!exe)
		return NULL;
	refcount_set(&exe->users, 1);
	exe->hash = hash;
	exe->plain = plain;
	memcpy(exe->path, path, size);
	return exe;
}

static struct cw_exe *insert(struct cw_exe *fresh)
{
	struct cw_exe *exe;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	exe = find(fresh->path, fresh->plain, fresh->hash);
	if (!exe) {
		hash_add_rcu(table, &fresh->node, fresh->hash);
		atomic_inc(&number);
	}
	spin_unlock_irqrestore(&lock, flags);
	if (!exe)
		return fresh;
	kfree(fresh);
	return exe;
}

struct cw_exe *cw_exe_intern(const char *path, bool plain)
{
	u32 hash = hash_path(path, plain);
	struct cw_exe *exe;

	rcu_read_lock();
	exe = find(path, plain, hash);
	rcu_read_unlock();
	if (exe)
		return exe;
	exe = alloc(path, plain, hash);
	return exe ? insert(exe) : NULL;
}

struct cw_exe *cw_exe_get(struct cw_exe *exe)
{
	refcount_inc(&exe->users);
	return exe;
}

void cw_exe_put(struct cw_exe *exe)
{
	unsigned long flags;

	if (!exe || !refcount_dec_and_test(&exe->users))
		return;
	spin_lock_irqsave(&lock, flags);
	hash_del_rcu(&exe->node);
	spin_unlock_irqrestore(&lock, flags);
	atomic_dec(&number);
	kfree_rcu(exe, rcu);
}

u32 cw_exe_number(void)
{
	return atomic_read(&number);
}

void cw_exe_init(void)
{
	seed = get_random_u32();
}
