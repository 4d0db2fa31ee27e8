// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is asking: what rules may test about current.  The executable was fixed
 * when it was executed (process.c); user, groups and cgroup are those of the
 * moment.
 */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/nsproxy.h>
#include <linux/path.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "conn.h"

/* Root directory of the host: that of process 1 when the module was loaded. */
static struct path host_root;

/*
 * CW_PATH_MAX bytes for each CPU, used with preemption off, in task context
 * only.  Allocated, for static per-CPU memory of modules is a few KiB in all.
 */
static char __percpu *path_buffer;

/* ---- files ------------------------------------------------------------------ */

/* The host's own view: its mounts, its root. */
static bool is_host_view(const struct task_struct *task,
			 const struct path *root)
{
	return task->nsproxy->mnt_ns == init_task.nsproxy->mnt_ns &&
	       path_equal(root, &host_root);
}

/*
 * A view of the host's root directory that only a privileged process can have
 * made: the sandboxes of systemd's services.  A container has another root
 * directory, an unprivileged user another user namespace.
 */
static bool is_trusted_view(const struct task_struct *task,
			    const struct path *root)
{
	return __task_cred(task)->user_ns == &init_user_ns &&
	       root->dentry == host_root.dentry;
}

/*
 * May a path rule match @file?  Not when somebody could have put any file at
 * that path: by a bind mount in a mount namespace of his own, by chroot, or by
 * running a file of another mount namespace (/proc/PID/root/...), whose path
 * d_path() gives as if it were here.  fs->lock held.
 */
static bool is_plain(const struct task_struct *task, const struct file *file)
{
	const struct path *root = &task->fs->root;

	return !d_unlinked(file->f_path.dentry) && task->nsproxy &&
	       (is_host_view(task, root) || is_trusted_view(task, root)) &&
	       path_is_under(&file->f_path, root);
}

/*
 * What @file is when its path would say something else to others: its file
 * system and the path in there.
 */
static char *foreign_path(const struct file *file, char *buffer)
{
	dev_t dev = file_inode(file)->i_sb->s_dev;
	char name[24];
	int length = snprintf(name, sizeof(name), "[%u:%u]", MAJOR(dev),
			      MINOR(dev));
	char *path = dentry_path_raw(file->f_path.dentry, buffer + length,
				     CW_PATH_MAX - length);

	return IS_ERR(path) ? path : memcpy(path - length, name, length);
}

/*
 * fs->lock held, so that the root cannot change between the path and what is
 * found out about it; the path first, for a mount that is taken away meanwhile
 * stays away.
 */
static char *describe_locked(const struct task_struct *task,
			     const struct file *file, char *buffer,
			     bool *plain)
{
	char *path = d_path(&file->f_path, buffer, CW_PATH_MAX);

	*plain = !IS_ERR(path) && is_plain(task, file);
	if (*plain || d_unlinked(file->f_path.dentry))
		return path;
	return foreign_path(file, buffer);
}

/* A path that does not fit is none that a rule could name. */
struct cw_exe *cw_ident_describe(const struct task_struct *task,
				 const struct file *file,
				 const char *asked_as)
{
	char *path = ERR_PTR(-ENOENT);
	struct cw_exe *exe;
	bool plain = false;

	preempt_disable();
	if (task->fs) {
		cw_compat_fs_lock(task->fs);
		path = describe_locked(task, file, this_cpu_ptr(path_buffer),
				       &plain);
		cw_compat_fs_unlock(task->fs);
	}
	if (IS_ERR(path))
		exe = cw_exe_intern("[path-too-long]", false);
	else
		exe = cw_exe_intern(path, plain &&
				    (!asked_as || !strcmp(asked_as, path)));
	preempt_enable();
	return exe;
}

/* ---- facts ------------------------------------------------------------------ */

/* In this CPU's buffer. */
static const char *path_of(struct cgroup *cgroup)
{
	char *path = this_cpu_ptr(path_buffer);
	int length = cgroup_path(cgroup, path, CW_PATH_MAX);

	return length < 0 || length >= CW_PATH_MAX ? NULL : path;
}

/* In the hierarchy of version 2, where systemd keeps units. */
const char *cw_ident_cgroup_rcu(struct task_struct *task)
{
	return path_of(task_dfl_cgroup(task));
}

static_assert(sizeof(kgid_t) == sizeof(u32));

void cw_ident_add_digest(struct cw_identity *identity,
			 const struct cw_policy *policy)
{
	struct cw_ident *facts = &identity->facts;
	const u8 *digest = cw_digest_find(policy->digests,
					  &identity->process->inode);

	if (!digest)
		return;
	memcpy(facts->sha256, digest, sizeof(facts->sha256));
	facts->flags |= CW_IDENT_HASHED;
}

void cw_ident_complete_rcu(struct cw_identity *identity,
			   const struct cw_policy *policy,
			   struct cgroup *cgroup)
{
	const struct group_info *groups = current_cred()->group_info;
	struct cw_ident *facts = &identity->facts;

	cw_ident_add_digest(identity, policy);
	if (cgroup)
		facts->cgroup = path_of(cgroup);
	facts->flags |= CW_IDENT_EGID;
	facts->egid = from_kgid(&init_user_ns, current_egid());
	facts->gid = (const u32 *)groups->gid;
	facts->gids = groups->ngroups;
}

static void describe_process(struct cw_ident *facts,
			     const struct cw_process *process)
{
	if (process->exe->plain)
		facts->exe = process->exe->path;
	if (process->script && process->script->plain)
		facts->script = process->script->path;
	if (process->script_name) {
		facts->link = process->script_name->path;
		facts->link_file = process->script->path;
	}
	if (process->by_env)
		facts->flags |= CW_IDENT_BY_ENV;
	if (process->lineage) {
		facts->ancestor = process->lineage->path;
		facts->ancestors = process->lineage->count;
	}
	if (process->clean_env)
		facts->flags |= CW_IDENT_CLEAN_ENV;
}

/*
 * Users are given as the initial user namespace has them, which is what the
 * kernel has: here and below __kuid_val() is from_kuid() without the search.
 */

/*
 * Whose share of the table it is.  Whoever makes a user namespace can have
 * many uids in it, and is responsible for all of them; but not root, who makes
 * those of containers.
 */
static uid_t owner_of(const struct cred *cred)
{
	const struct user_namespace *ns = cred->user_ns;
	kuid_t owner = cred->uid;

	for (; ns != &init_user_ns; ns = ns->parent)
		owner = ns->owner;
	if (uid_eq(owner, GLOBAL_ROOT_UID))
		owner = cred->uid;
	return __kuid_val(owner);
}

void cw_ident_take_other_rcu(struct cw_identity *identity,
			     struct task_struct *task)
{
	const struct cred *cred = __task_cred(task);

	identity->process = cw_process_of_rcu(task);
	identity->task = task;
	identity->tgid = identity->pid = task_tgid_nr(task);
	identity->uid = __kuid_val(cred->uid);
	identity->owner = owner_of(cred);
	identity->program = cw_program_mark(task);
}

/*
 * A kernel thread that has an mm borrowed it from the process it works for: the
 * workers of io_uring before 5.12, and vhost before 6.4.
 */
bool cw_ident_is_kernel(void)
{
	return !in_task() || (current->flags & PF_KTHREAD && !current->mm);
}

void cw_ident_take_rcu(struct cw_identity *identity)
{
	const struct cred *cred = current_cred();

	if (cw_ident_is_kernel()) {
		identity->process = cw_process_kernel();
		identity->facts.flags = CW_IDENT_KERNEL;
		return;
	}
	identity->process = cw_process_find_rcu();
	identity->task = current;
	identity->tgid = task_tgid_nr(current);
	identity->pid = task_pid_nr(current);
	identity->uid = __kuid_val(cred->uid);
	identity->owner = owner_of(cred);
	identity->program = cw_program_mark(current);
	identity->facts.uid = __kuid_val(cred->euid);
	if (identity->process->tgid)
		describe_process(&identity->facts, identity->process);
	else
		identity->facts.flags = CW_IDENT_UNKNOWN;
}

void cw_ident_take_unknown_rcu(struct cw_identity *identity)
{
	identity->process = cw_process_unknown();
	identity->facts.flags = CW_IDENT_UNKNOWN;
	identity->absent = true;
}

void cw_ident_take_opener_rcu(struct cw_identity *identity,
			      const struct conn *conn)
{
	identity->process = conn->process;
	identity->tgid = conn->tgid;
	identity->pid = conn->pid;
	identity->uid = conn->uid;
	identity->owner = conn->uid;
	identity->program = conn->opener;
	identity->facts.uid = conn->uid;
	identity->absent = true;
	if (conn->process->tgid)
		describe_process(&identity->facts, conn->process);
	else
		identity->facts.flags = CW_IDENT_UNKNOWN;
}

/* ---- start and end ---------------------------------------------------------- */

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
	path_buffer = __alloc_percpu(CW_PATH_MAX, 1);
	if (path_buffer)
		return 0;
	path_put(&host_root);
	return -ENOMEM;
}

void cw_ident_exit(void)
{
	free_percpu(path_buffer);
	path_put(&host_root);
}
