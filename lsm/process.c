// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every process and what it executes.  An entry is made when a process
 * executes a program, copied when it forks and dropped when it ends; nothing
 * that the process does in between changes it.
 *
 *          fork                exec                       exit
 *   parent ----> same program  ----> new entry, same      ----> dropped
 *                ancestors + 1       ancestors
 *
 * Processes that were alive when the module came are entered then (preload.c).
 *
 * Found by number of the thread group; the start time of its leader tells a
 * number that is used again.  Lock: a bucket's own, taken in task context
 * only; look-ups are under RCU.  A reference keeps an entry for longer.
 */
#include <linux/binfmts.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/path.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "cw.h"

#define BUCKET_BITS 12

static struct bucket {
	spinlock_t lock;
	struct hlist_head head;
} *buckets __read_mostly;

static struct kmem_cache *cache __read_mostly;

/* Each CPU counts by nr_cpu_ids, from where no other does: no number comes twice,
 * and none is written by two CPUs. */
static DEFINE_PER_CPU(u64, last_id);

/* For those that have no entry.  Never freed: the module has a reference. */
static struct cw_process *unknown __read_mostly, *kernel __read_mostly,
			 *many __read_mostly;

static struct bucket *bucket_of(pid_t tgid)
{
	return &buckets[hash_32(tgid, BUCKET_BITS)];
}

/* ---- life ------------------------------------------------------------------ */

void cw_process_free(struct cw_process *process)
{
	cw_exe_put(process->exe);
	cw_exe_put(process->script);
	cw_exe_put(process->script_name);
	cw_exe_put(process->asked);
	cw_exe_put(process->asked_name);
	cw_lineage_put(process->lineage);
	cw_lineage_put(process->children);
	cw_known_free(rcu_dereference_raw(process->known));
	kmem_cache_free(cache, process);
}

static void free_rcu(struct rcu_head *rcu)
{
	cw_process_free(container_of(rcu, struct cw_process, rcu));
}

void cw_process_put(struct cw_process *process)
{
	if (refcount_dec_and_test(&process->users))
		call_rcu(&process->rcu, free_rcu);
}

/*
 * GFP_ATOMIC: probes run with preemption off.  Field by field, which costs a
 * fraction of zeroing three cache lines.
 */
struct cw_process *cw_process_alloc(pid_t tgid, u64 start)
{
	struct cw_process *process;

	process = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!process)
		return NULL;
	INIT_HLIST_NODE(&process->node);
	process->id = this_cpu_add_return(last_id, nr_cpu_ids);
	process->start = start;
	process->tgid = tgid;
	process->preloaded = process->clean_env = process->by_env = false;
	process->exe = process->script = process->script_name = NULL;
	process->lineage = process->children = NULL;
	RCU_INIT_POINTER(process->known, NULL);
	process->inode = (struct cw_inode) {};
	refcount_set(&process->users, 1);
	process->told = 0;
	process->told_at = 0;
	process->asked = process->asked_name = NULL;
	process->asked_by_env = process->hands_on = false;
	return process;
}

/* With a constructor the kernel leaves what it gives out as it is. */
static void construct(void *process)
{
}

/* The bucket's lock held, or under rcu_read_lock(). */
static struct cw_process *find(struct bucket *bucket, pid_t tgid)
{
	struct cw_process *process;

	hlist_for_each_entry_rcu(process, &bucket->head, node,
				 lockdep_is_held(&bucket->lock))
		if (process->tgid == tgid)
			return process;
	return NULL;
}

/* It is in no list any more. */
static void drop(struct cw_process *process)
{
	cw_known_forget(process);
	cw_process_put(process);
}

/* Enters @fresh, if not NULL, in place of what is there for @tgid. */
static void replace(pid_t tgid, struct cw_process *fresh)
{
	struct bucket *bucket = bucket_of(tgid);
	struct cw_process *old;

	spin_lock(&bucket->lock);
	old = find(bucket, tgid);
	if (old && fresh)
		hlist_replace_rcu(&old->node, &fresh->node);
	else if (old)
		hlist_del_rcu(&old->node);
	else if (fresh)
		hlist_add_head_rcu(&fresh->node, &bucket->head);
	spin_unlock(&bucket->lock);
	if (old)
		drop(old);
}

/*
 * 5.10 lets kernel threads work for a process whose memory they borrow, which
 * names its owner.
 */
static const struct task_struct *acting_rcu(void)
{
	if (likely(!(current->flags & PF_KTHREAD)))
		return current;
#ifdef CONFIG_MEMCG
	if (current->mm)
		return rcu_dereference(current->mm->owner);
#endif
	return NULL;
}

struct cw_process *cw_process_of_rcu(const struct task_struct *task)
{
	struct cw_process *process = find(bucket_of(task->tgid), task->tgid);

	if (!process || unlikely(process->start != cw_process_start(task)))
		return unknown;
	return process;
}

struct cw_process *cw_process_at_rcu(pid_t tgid)
{
	return find(bucket_of(tgid), tgid);
}

struct cw_process *cw_process_find_rcu(void)
{
	const struct task_struct *task = acting_rcu();

	return task ? cw_process_of_rcu(task) : unknown;
}

struct cw_process *cw_process_unknown(void)
{
	return unknown;
}

struct cw_process *cw_process_kernel(void)
{
	return kernel;
}

/*
 * More executables than this are not kept for the sake of connections: a
 * process can rename its file, execute it and connect, again and again.
 */
#define EXES_MAX 32768

static bool has_room(void)
{
	return likely(cw_exe_number() <= EXES_MAX);
}

const struct cw_process *cw_process_keepable(const struct cw_process *process)
{
	return has_room() ? process : many;
}

struct cw_process *cw_process_hold_rcu(struct cw_process *process)
{
	if (!has_room())
		process = many;
	if (!refcount_inc_not_zero(&process->users)) {
		process = unknown;
		refcount_inc(&process->users);
	}
	return process;
}

u32 cw_process_number(void)
{
	const struct cw_process *process;
	u32 number = 0, i;

	for (i = 0; i < 1u << BUCKET_BITS; i++) {
		rcu_read_lock();
		hlist_for_each_entry_rcu(process, &buckets[i].head, node)
			number++;
		rcu_read_unlock();
	}
	return number;
}

struct file *cw_process_file(const struct task_struct *task)
{
	if (!task->mm || task->flags & PF_KTHREAD)
		return NULL;
	return cw_compat_exe_file(task->mm);
}

/* ---- fork, exec, exit ------------------------------------------------------ */

/* Counted, and from now on "unknown", which cw_match() treats strictly. */
static void lose(pid_t tgid)
{
	replace(tgid, NULL);
	cw_count_add(CW_COUNT_UNIDENTIFIED, 1);
}

static struct cw_process *copy(struct cw_process *parent, pid_t tgid, u64 start)
{
	struct cw_process *child = cw_process_alloc(tgid, start);

	if (!child)
		return NULL;
	child->lineage = cw_lineage_of_children(parent);
	child->exe = cw_exe_get(parent->exe);
	if (parent->script)
		child->script = cw_exe_get(parent->script);
	if (parent->script_name)
		child->script_name = cw_exe_get(parent->script_name);
	child->by_env = parent->by_env;
	child->inode = parent->inode;
	child->preloaded = parent->preloaded;
	child->clean_env = parent->clean_env;
	if (child->lineage)
		return child;
	cw_process_free(child);
	return NULL;
}

/*
 * Tracepoint sched_process_fork, in the parent, before the child runs.  New
 * threads come by here too; kernel threads are no processes of ours, and those
 * that execute a program are entered then.
 */
void cw_process_fork(struct task_struct *child)
{
	struct cw_process *parent, *process;

	if (child->flags & PF_KTHREAD || !thread_group_leader(child))
		return;
	rcu_read_lock();
	parent = cw_process_find_rcu();
	if (parent != unknown) {
		process = copy(parent, child->tgid, child->start_boottime);
		if (process)
			replace(child->tgid, process);
		else
			lose(child->tgid);
	}
	rcu_read_unlock();
}

/* What current executes now, heir of @old, which may be "unknown". */
static struct cw_process *make_executed(struct cw_process *old,
					const struct linux_binprm *bprm)
{
	struct cw_process *process = cw_process_alloc(current->tgid,
						      cw_process_start(current));
	struct file *file;

	if (!process)
		return NULL;
	cw_script_take(process, old, bprm);
	process->clean_env = cw_environ_is_clean(bprm);
	if (old->lineage) {
		process->lineage = old->lineage;
		refcount_inc(&process->lineage->users);
	}
	file = cw_compat_exe_file(current->mm);
	if (file) {
		process->exe = cw_describe(current, file, NULL);
		cw_digest_read_inode(&process->inode, file);
		fput(file);
	}
	if (!process->exe) {
		cw_process_free(process);
		return NULL;
	}
	process->hands_on = cw_script_runs_env(process);
	return process;
}

/* Tracepoint sched_process_exec, in the task, before the program runs. */
void cw_process_exec(const struct linux_binprm *bprm)
{
	struct cw_process *process;

	rcu_read_lock();
	process = make_executed(cw_process_find_rcu(), bprm);
	if (process) {
		cw_known_prepare_rcu(process);
		replace(current->tgid, process);
	} else {
		lose(current->tgid);
	}
	rcu_read_unlock();
}

/* Tracepoint sched_process_exit: of every thread; the last one counts. */
void cw_process_exit(const struct task_struct *task)
{
	if (!atomic_read(&task->signal->live))
		replace(task->tgid, NULL);
}

/*
 * When `live` is not 0 under the lock, sched_process_exit is still to come and
 * will wait for it.
 */
bool cw_process_enter(struct cw_process *process,
		      const struct task_struct *task)
{
	struct bucket *bucket = bucket_of(process->tgid);
	bool enter;

	spin_lock(&bucket->lock);
	enter = atomic_read(&task->signal->live) &&
		!find(bucket, process->tgid);
	if (enter)
		hlist_add_head_rcu(&process->node, &bucket->head);
	spin_unlock(&bucket->lock);
	return enter;
}

/* ---- start and end --------------------------------------------------------- */

static struct cw_process *make_sentinel(const char *name)
{
	struct cw_process *process = cw_process_alloc(0, 0);

	if (!process)
		return NULL;
	process->exe = cw_exe_intern(name, strlen(name), false);
	if (process->exe)
		return process;
	cw_process_free(process);
	return NULL;
}

static int make_sentinels(void)
{
	unknown = make_sentinel("?");
	kernel = make_sentinel("[kernel]");
	many = make_sentinel("[too-many-executables]");
	return unknown && kernel && many ? 0 : -ENOMEM;
}

/*
 * Not merged with other caches, for the constructor; each process has its lines of
 * memory for itself.
 */
static struct kmem_cache *make_cache(void)
{
	return kmem_cache_create("connwarden_process",
				 sizeof(struct cw_process), 0,
				 SLAB_HWCACHE_ALIGN, construct);
}

int cw_process_init(void)
{
	unsigned int i;

	for_each_possible_cpu(i)
		per_cpu(last_id, i) = i;
	buckets = kvcalloc(1u << BUCKET_BITS, sizeof(*buckets), GFP_KERNEL);
	if (!buckets)
		return -ENOMEM;
	for (i = 0; i < 1u << BUCKET_BITS; i++)
		spin_lock_init(&buckets[i].lock);
	cache = make_cache();
	if (!cache) {
		kvfree(buckets);
		return -ENOMEM;
	}
	if (!make_sentinels())
		return 0;
	cw_process_end();
	return -ENOMEM;
}

static void drop_all(void)
{
	struct cw_process *process;
	struct hlist_node *next;
	unsigned int i;

	for (i = 0; i < 1u << BUCKET_BITS; i++) {
		hlist_for_each_entry_safe(process, next, &buckets[i].head,
					  node) {
			hlist_del_rcu(&process->node);
			drop(process);
		}
		cond_resched();
	}
}

/* Probes and hooks are gone, connections and records have put theirs. */
void cw_process_end(void)
{
	drop_all();
	if (unknown)
		cw_process_put(unknown);
	if (kernel)
		cw_process_put(kernel);
	if (many)
		cw_process_put(many);
	/* free_rcu() is code of this module. */
	rcu_barrier();
	kmem_cache_destroy(cache);
	kvfree(buckets);
}
