// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is asking: executable, process and user of current.  A path is what the
 * kernel's own reference to the executable says, never argv or comm, and a
 * path rule may match it only when the process sees files as the host does.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/nsproxy.h>
#include <linux/path.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "cw.h"

/* Lock: all changes of the table.  irqsave, since observers put in softirq. */
static DEFINE_SPINLOCK(exe_lock);
static DEFINE_HASHTABLE(exe_table, 10);

/*
 * Entries stand for paths in the table of connections and in records; the
 * decision itself never waits for one.  Bounded, since a process can rename
 * its file and connect again: past the bound they share one.
 */
#define EXES_MAX 32768
static atomic_t exes = ATOMIC_INIT(0);
static u32 seed;

/* Never freed: the module owns one reference. */
static struct cw_exe *exe_unknown, *exe_kernel, *exe_many;

/* Root directory of the host: that of process 1 when the module was loaded. */
static struct path host_root;

/*
 * CW_PATH_MAX bytes for each CPU, used with preemption off, in task context
 * only.  Allocated, for static per-CPU memory of modules is a few KiB in all.
 */
static char __percpu *path_buffer;

static u32 hash_exe(const char *path, bool plain)
{
	return jhash(path, strlen(path), seed + plain);
}

static struct cw_exe *find_exe_rcu(const char *path, bool plain, u32 hash)
{
	struct cw_exe *exe;

	hash_for_each_possible_rcu(exe_table, exe, node, hash)
		if (exe->hash == hash && exe->plain == plain &&
		    !strcmp(exe->path, path) &&
		    refcount_inc_not_zero(&exe->users))
			return exe;
	return NULL;
}

/* GFP_ATOMIC: called from hooks with preemption off. */
static struct cw_exe *alloc_exe(const char *path, bool plain, u32 hash)
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

static struct cw_exe *insert_exe(struct cw_exe *fresh)
{
	struct cw_exe *exe;
	unsigned long flags;

	spin_lock_irqsave(&exe_lock, flags);
	exe = find_exe_rcu(fresh->path, fresh->plain, fresh->hash);
	if (!exe) {
		hash_add_rcu(exe_table, &fresh->node, fresh->hash);
		atomic_inc(&exes);
	}
	spin_unlock_irqrestore(&exe_lock, flags);
	if (!exe)
		return fresh;
	kfree(fresh);
	return exe;
}

struct cw_exe *cw_ident_exe_get(struct cw_exe *exe)
{
	refcount_inc(&exe->users);
	return exe;
}

/* The shared entry for @path, with a reference; NULL = no memory. */
static struct cw_exe *intern_exe(const char *path, bool plain)
{
	u32 hash = hash_exe(path, plain);
	struct cw_exe *exe;

	rcu_read_lock();
	exe = find_exe_rcu(path, plain, hash);
	rcu_read_unlock();
	if (exe)
		return exe;
	if (atomic_read(&exes) >= EXES_MAX)
		return cw_ident_exe_get(exe_many);
	exe = alloc_exe(path, plain, hash);
	return exe ? insert_exe(exe) : NULL;
}

void cw_ident_exe_put(struct cw_exe *exe)
{
	unsigned long flags;

	if (!refcount_dec_and_test(&exe->users))
		return;
	spin_lock_irqsave(&exe_lock, flags);
	hash_del_rcu(&exe->node);
	spin_unlock_irqrestore(&exe_lock, flags);
	atomic_dec(&exes);
	kfree_rcu(exe, rcu);
}

/* fs->lock held.  The host's own view: its mounts, its root. */
static bool is_host_view(const struct path *root)
{
	return current->nsproxy->mnt_ns == init_task.nsproxy->mnt_ns &&
	       path_equal(root, &host_root);
}

/*
 * A view of the host's root directory that only a privileged process can have
 * made: the sandboxes of systemd's services.  A container has another root
 * directory, an unprivileged user another user namespace.
 */
static bool is_trusted_view(const struct path *root)
{
	return current_user_ns() == &init_user_ns &&
	       root->dentry == host_root.dentry;
}

/*
 * May a path rule match @file?  Not when somebody could have put any file at
 * that path: by a bind mount in a mount namespace of his own, by chroot, or by
 * running a file of another mount namespace (/proc/PID/root/...), whose path
 * d_path() gives as if it were here.
 */
static bool is_plain(struct file *file)
{
	struct fs_struct *fs = current->fs;
	bool plain;

	if (d_unlinked(file->f_path.dentry) || !current->nsproxy || !fs)
		return false;
	cw_compat_fs_lock(fs);
	plain = (is_host_view(&fs->root) || is_trusted_view(&fs->root)) &&
		path_is_under(&file->f_path, &fs->root);
	cw_compat_fs_unlock(fs);
	return plain;
}

/*
 * The path is judged where it stands, in this CPU's buffer; the entry is for
 * the table and for records, and memory for it may be short.  A path that does
 * not fit is no path that a rule could name.
 */
static void describe_file(struct cw_identity *identity, struct file *file)
{
	bool plain = is_plain(file);
	char *path = d_path(&file->f_path, this_cpu_ptr(path_buffer),
			    CW_PATH_MAX);

	if (IS_ERR(path))
		return;
	if (plain)
		identity->facts.exe = path;
	identity->exe = intern_exe(path, plain);
}

/*
 * mm rather than PF_KTHREAD decides: io_uring workers are kernel threads on
 * 5.10 but act for the process whose mm they use.
 */
static void describe_exe(struct cw_identity *identity)
{
	struct file *file = NULL;

	rcu_read_lock();
	if (current->mm)
		file = cw_compat_exe_file(current->mm);
	rcu_read_unlock();
	if (file) {
		describe_file(identity, file);
		fput(file);
	} else {
		identity->facts.flags = CW_IDENT_UNKNOWN;
	}
	if (!identity->exe)
		identity->exe = cw_ident_exe_get(exe_unknown);
}

static void describe_task(struct cw_identity *identity)
{
	describe_exe(identity);
	identity->tgid = task_tgid_nr(current);
	identity->pid = task_pid_nr(current);
	identity->uid = from_kuid(&init_user_ns, current_uid());
	identity->facts.uid = identity->uid;
}

void cw_ident_take(struct cw_identity *identity, bool kernel)
{
	memset(identity, 0, sizeof(*identity));
	if (!kernel) {
		describe_task(identity);
		return;
	}
	identity->exe = cw_ident_exe_get(exe_kernel);
	identity->facts.flags = CW_IDENT_KERNEL;
}

void cw_ident_drop(struct cw_identity *identity)
{
	cw_ident_exe_put(identity->exe);
}

static int find_host_root(void)
{
	struct task_struct *init;

	rcu_read_lock();
	init = pid_task(find_pid_ns(1, &init_pid_ns), PIDTYPE_PID);
	if (init)
		get_task_struct(init);
	rcu_read_unlock();
	if (!init)
		return -ESRCH;
	task_lock(init);
	if (init->fs)
		get_fs_root(init->fs, &host_root);
	task_unlock(init);
	put_task_struct(init);
	return host_root.dentry ? 0 : -ESRCH;
}

int cw_ident_init(void)
{
	int ret = find_host_root();

	if (ret)
		return ret;
	seed = get_random_u32();
	path_buffer = __alloc_percpu(CW_PATH_MAX, 1);
	exe_many = intern_exe("[too-many-executables]", false);
	exe_unknown = intern_exe("?", false);
	exe_kernel = intern_exe("[kernel]", false);
	if (path_buffer && exe_unknown && exe_kernel && exe_many)
		return 0;
	cw_ident_exit();
	return -ENOMEM;
}

void cw_ident_exit(void)
{
	if (exe_unknown)
		cw_ident_exe_put(exe_unknown);
	if (exe_kernel)
		cw_ident_exe_put(exe_kernel);
	if (exe_many)
		cw_ident_exe_put(exe_many);
	free_percpu(path_buffer);
	path_put(&host_root);
}
