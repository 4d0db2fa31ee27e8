// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is asking: what rules may test about current.  The executable was fixed
 * when it was executed (process.c); user, groups and cgroup are those of the
 * moment.  Which subjects of the policy that makes is remembered with the
 * process until one of these changes.
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

#include "cw.h"

/* Root directory of the host: that of process 1 when the module was loaded. */
static struct path host_root;

/*
 * CW_PATH_MAX bytes for each CPU, used with preemption off, in task context
 * only.  Allocated, for static per-CPU memory of modules is a few KiB in all.
 */
static char __percpu *path_buffer;

/* ---- files ------------------------------------------------------------------ */

/* fs->lock held.  The host's own view: its mounts, its root. */
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
 * d_path() gives as if it were here.
 */
static bool is_plain(const struct task_struct *task, const struct file *file)
{
	struct fs_struct *fs = task->fs;
	bool plain;

	if (d_unlinked(file->f_path.dentry) || !task->nsproxy || !fs)
		return false;
	cw_compat_fs_lock(fs);
	plain = (is_host_view(task, &fs->root) ||
		 is_trusted_view(task, &fs->root)) &&
		path_is_under(&file->f_path, &fs->root);
	cw_compat_fs_unlock(fs);
	return plain;
}

/* A path that does not fit is none that a rule could name. */
struct cw_exe *cw_ident_describe(const struct task_struct *task,
				 const struct file *file)
{
	bool plain = is_plain(task, file);
	struct cw_exe *exe;
	char *path;

	preempt_disable();
	path = d_path(&file->f_path, this_cpu_ptr(path_buffer), CW_PATH_MAX);
	exe = IS_ERR(path) ? cw_exe_intern("[path-too-long]", false) :
			     cw_exe_intern(path, plain);
	preempt_enable();
	return exe;
}

/* ---- facts ------------------------------------------------------------------ */

#define CGROUP_FEATURES (CW_FEATURE_CGROUP | CW_FEATURE_UNIT | \
			 CW_FEATURE_CONTAINER)

/* In the hierarchy of version 2, where systemd keeps units; under RCU. */
static u64 cgroup_of_current(void)
{
	return cgroup_id(task_dfl_cgroup(current));
}

/* In this CPU's buffer. */
const char *cw_ident_cgroup(void)
{
	char *path = this_cpu_ptr(path_buffer);
	int length = cgroup_path(task_dfl_cgroup(current), path, CW_PATH_MAX);

	return length < 0 || length >= CW_PATH_MAX ? NULL : path;
}

/* Primary and supplementary; to be freed.  NULL = no memory. */
static u32 *groups_of(const struct cred *cred, u32 *count)
{
	const struct group_info *info = cred->group_info;
	u32 *gid, i;

	gid = kmalloc_array(1 + info->ngroups, sizeof(*gid),
			    GFP_ATOMIC | __GFP_NOWARN);
	if (!gid)
		return NULL;
	gid[0] = from_kgid(&init_user_ns, cred->egid);
	for (i = 0; i < info->ngroups; i++)
		gid[i + 1] = from_kgid(&init_user_ns, info->gid[i]);
	*count = 1 + info->ngroups;
	return gid;
}

/*
 * Adds what costs something, when a rule asks for it.  Preemption is off until
 * the facts are no longer needed.  False: no memory.
 */
static bool complete_facts(struct cw_identity *identity,
			   const struct cw_policy *policy)
{
	u32 features = cw_blob_features(&policy->blob);
	struct cw_ident *facts = &identity->facts;
	const u8 *digest = cw_digest_find(policy->digests,
					  &identity->process->inode);

	if (digest) {
		memcpy(facts->sha256, digest, sizeof(facts->sha256));
		facts->flags |= CW_IDENT_HASHED;
	}
	if (features & CGROUP_FEATURES)
		facts->cgroup = cw_ident_cgroup();
	if (!(features & CW_FEATURE_GROUP))
		return true;
	facts->gid = groups_of(current_cred(), &facts->gids);
	return facts->gid;
}

static void release_facts(struct cw_identity *identity)
{
	kfree(identity->facts.gid);
	identity->facts.gid = NULL;
	identity->facts.gids = 0;
}

static void describe_process(struct cw_ident *facts,
			     const struct cw_process *process)
{
	if (process->exe->plain)
		facts->exe = process->exe->path;
	if (process->script && process->script->plain)
		facts->script = process->script->path;
	if (process->lineage) {
		facts->ancestor = process->lineage->path;
		facts->ancestors = process->lineage->count;
	}
}

void cw_ident_take_rcu(struct cw_identity *identity, bool is_kernel)
{
	memset(identity, 0, sizeof(*identity));
	if (is_kernel) {
		identity->process = cw_process_kernel();
		identity->facts.flags = CW_IDENT_KERNEL;
		return;
	}
	identity->process = cw_process_find_rcu();
	identity->tgid = task_tgid_nr(current);
	identity->pid = task_pid_nr(current);
	identity->uid = from_kuid(&init_user_ns, current_uid());
	identity->facts.uid = from_kuid(&init_user_ns, current_euid());
	if (identity->process->tgid)
		describe_process(&identity->facts, identity->process);
	else
		identity->facts.flags = CW_IDENT_UNKNOWN;
}

/* ---- subjects --------------------------------------------------------------- */

/**
 * struct cw_known - the subjects that a process is, under given circumstances
 * @cred:	reference held, so that the address is not used again
 * @cgroup:	number of the cgroup, never used again; 0 = does not matter
 */
struct cw_known {
	struct rcu_head rcu;
	u64 generation;
	const struct cred *cred;
	u64 cgroup;
	struct cw_subjects subjects;
};

void cw_known_free(struct cw_known *known)
{
	if (!known)
		return;
	put_cred(known->cred);
	kfree(known);
}

static void free_known_rcu(struct rcu_head *rcu)
{
	cw_known_free(container_of(rcu, struct cw_known, rcu));
}

static u64 relevant_cgroup(const struct cw_policy *policy)
{
	return cw_blob_features(&policy->blob) & CGROUP_FEATURES ?
	       cgroup_of_current() : 0;
}

static bool is_current(const struct cw_known *known,
		       const struct cw_policy *policy)
{
	return known && known->generation == policy->generation &&
	       known->cred == current_cred() &&
	       known->cgroup == relevant_cgroup(policy);
}

/* For the next time; without memory there is none. */
static void remember(struct cw_process *process,
		     const struct cw_policy *policy,
		     const struct cw_subjects *subjects)
{
	struct cw_known *known;

	known = kmalloc(sizeof(*known), GFP_ATOMIC | __GFP_NOWARN);
	if (!known)
		return;
	known->generation = policy->generation;
	known->cred = get_current_cred();
	known->cgroup = relevant_cgroup(policy);
	known->subjects = *subjects;
	known = unrcu_pointer(xchg(&process->known, RCU_INITIALIZER(known)));
	if (known)
		call_rcu(&known->rcu, free_known_rcu);
}

static struct cw_verdict match(const struct cw_policy *policy,
			       struct cw_identity *identity,
			       const struct cw_request *request)
{
	struct cw_subjects subjects;
	struct cw_verdict verdict;

	if (!complete_facts(identity, policy)) {
		identity->facts.flags |= CW_IDENT_UNKNOWN;
		cw_count_add(CW_COUNT_UNIDENTIFIED, 1);
	}
	cw_match_subjects(&policy->blob, &identity->facts, &subjects);
	verdict = cw_match(&policy->blob, &subjects, &identity->facts, request);
	if (!(identity->facts.flags & ~CW_IDENT_HASHED) && !subjects.overflow)
		remember(identity->process, policy, &subjects);
	release_facts(identity);
	return verdict;
}

struct cw_verdict cw_ident_match_rcu(struct cw_identity *identity,
				     const struct cw_policy *policy,
				     const struct cw_request *request)
{
	const struct cw_known *known;

	known = rcu_dereference(identity->process->known);
	if (!is_current(known, policy))
		return match(policy, identity, request);
	return cw_match(&policy->blob, &known->subjects, &identity->facts,
			request);
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

/* After the last process is gone: free_known_rcu() is code of this module. */
void cw_ident_exit(void)
{
	rcu_barrier();
	free_percpu(path_buffer);
	path_put(&host_root);
}
