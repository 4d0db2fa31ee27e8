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

#include "conn.h"

/* Root directory of the host: that of process 1 when the module was loaded. */
static struct path host_root;

/* Longest text before a path: [ENGINE:NAME,MAJOR:MINOR](deleted) */
#define MARK_MAX (CW_CONTAINER_SHOWN + 48)

/*
 * A path and room before it, for each CPU, used with preemption off, in task
 * context only.  Allocated, for static per-CPU memory of modules is a few KiB in
 * all.
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
 * Does the path of @file mean the host's file?  Not when somebody could have put
 * any file at that path: by a bind mount in a mount namespace of his own, by
 * chroot, or by running a file of another mount namespace (/proc/PID/root/...),
 * whose path d_path() gives as if it were here.  fs->lock held.
 */
static bool is_on_host(const struct task_struct *task, const struct file *file)
{
	const struct path *root = &task->fs->root;

	return task->nsproxy &&
	       (is_host_view(task, root) || is_trusted_view(task, root)) &&
	       path_is_under(&file->f_path, root);
}

/* Whoever makes a user namespace can make mounts in it. */
static bool is_made_by_root(const struct user_namespace *ns)
{
	for (; ns != &init_user_ns; ns = ns->parent)
		if (!uid_eq(ns->owner, GLOBAL_ROOT_UID))
			return false;
	return true;
}

/*
 * Does the path of @file, from the root directory of @task, mean a file of the
 * container that @task is in?  fs->lock held.
 */
static bool is_in_container(const struct task_struct *task,
			    const struct file *file)
{
	return is_made_by_root(__task_cred(task)->user_ns) &&
	       path_is_under(&file->f_path, &task->fs->root);
}

/* A file that never had a path, such as one of memfd_create(). */
static bool is_nameless(const struct dentry *dentry)
{
	return IS_ROOT(dentry) && d_unhashed(dentry);
}

/*
 * The path as the task sees it, without what d_path() puts behind that of a
 * deleted file: a file can have a name that ends so.
 */
static char *path_in_view(const struct file *file, char *buffer, int size,
			  bool *deleted)
{
	static const char mark[] = " (deleted)";
	const struct dentry *dentry = file->f_path.dentry;
	char *path;
	size_t length;

	*deleted = d_unlinked(dentry);
	path = d_path(&file->f_path, buffer, size);
	/* Deleted in between?  It stays so. */
	if (!*deleted && d_unlinked(dentry)) {
		*deleted = true;
		path = d_path(&file->f_path, buffer, size);
	}
	if (IS_ERR(path) || !*deleted)
		return path;
	length = strlen(path);
	if (length >= strlen(mark) &&
	    !strcmp(path + length - strlen(mark), mark))
		path[length - strlen(mark)] = '\0';
	return path;
}

/* Puts [WHERE,OF](deleted) before @path, which has room for it. */
static char *put_prefix(char *path, const char *where, const char *of,
			bool deleted)
{
	char prefix[MARK_MAX] = "";
	int length = 0;

	if (where[0] || of[0])
		length = scnprintf(prefix, sizeof(prefix), "[%s%s%s]", where,
				   where[0] && of[0] ? "," : "", of);
	if (deleted)
		length += scnprintf(prefix + length, sizeof(prefix) - length,
				    "(deleted)");
	if (length + strlen(path) >= CW_PATH_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	return memcpy(path - length, prefix, length);
}

static char *nameless_path(const struct file *file, char *buffer,
			   const char *where)
{
	static const char memfd[] = "memfd:";
	const char *name = file->f_path.dentry->d_name.name;

	if (strncmp(name, memfd, strlen(memfd)))
		return ERR_PTR(-ENOENT);
	strscpy(buffer + MARK_MAX, name + strlen(memfd), CW_PATH_MAX);
	return put_prefix(buffer + MARK_MAX, where, "memfd", false);
}

/*
 * What @file is when its path would say something else to others: its file
 * system and the path in there.
 */
static char *foreign_path(const struct file *file, char *buffer,
			  const char *where)
{
	struct dentry *dentry = file->f_path.dentry;
	dev_t dev = file_inode(file)->i_sb->s_dev;
	char of[24], *path = ERR_PTR(-ENOENT);

	if (is_nameless(dentry))
		path = nameless_path(file, buffer, where);
	if (!IS_ERR(path))
		return path;
	snprintf(of, sizeof(of), "%u:%u", MAJOR(dev), MINOR(dev));
	path = dentry_path_raw(dentry, buffer + MARK_MAX, CW_PATH_MAX);
	return IS_ERR(path) ? path :
	       put_prefix(path, where, of, d_unlinked(dentry));
}

/*
 * No two of these forms can be the same text, and none of them begins with a
 * slash but that of a file on the host, which is there:
 *
 *	/usr/bin/curl				on the host
 *	(deleted)/usr/bin/curl			it was on the host
 *	[docker:0123456789ab]/usr/bin/curl	in a container, as seen in there
 *	[254:1]/home/u/curl			elsewhere: device, path in its
 *						file system
 *	[memfd]name				in memory only
 *
 * and their combinations.  fs->lock held, so that the root cannot change between
 * the path and what is found out about it; the path first, for a mount that is
 * taken away meanwhile stays away.  @where: "" = not in a container.
 */
static char *describe_locked(const struct task_struct *task,
			     const struct file *file, char *buffer,
			     const char *where, bool *plain)
{
	bool deleted, on_host;
	char *path = path_in_view(file, buffer + MARK_MAX, CW_PATH_MAX,
				  &deleted);

	on_host = is_on_host(task, file);
	*plain = !IS_ERR(path) && on_host && !deleted;
	if (*plain || (IS_ERR(path) && on_host))
		return path;
	if (on_host)
		return put_prefix(path, "", "", deleted);
	if (where[0] && is_in_container(task, file))
		return IS_ERR(path) ? path :
		       put_prefix(path, where, "", deleted);
	return foreign_path(file, buffer, where);
}

static char *describe(const struct task_struct *task, const struct file *file,
		      char *buffer, const char *where, bool *plain)
{
	char *path = ERR_PTR(-ENOENT);

	if (task->fs) {
		cw_compat_fs_lock(task->fs);
		path = describe_locked(task, file, buffer, where, plain);
		cw_compat_fs_unlock(task->fs);
	}
	return path;
}

/* Leaves @where as it is when @task is in no container. */
static void find_container(struct task_struct *task,
			   char where[CW_CONTAINER_SHOWN])
{
	const char *cgroup = cw_ident_cgroup_rcu(task);
	struct cw_container container;

	if (cgroup && cw_container_find(cgroup, &container))
		cw_container_show(&container, where);
}

/*
 * A path that does not fit is none that a rule could name.  Containers are looked
 * for only when they matter, since most programs are the host's.
 */
struct cw_exe *cw_ident_describe(struct task_struct *task,
				 const struct file *file,
				 const char *asked_as)
{
	char where[CW_CONTAINER_SHOWN] = "", *buffer, *path;
	struct cw_exe *exe;
	bool plain = false;

	preempt_disable();
	buffer = this_cpu_ptr(path_buffer);
	path = describe(task, file, buffer, where, &plain);
	if (!plain) {
		find_container(task, where);	/* in the same buffer */
		path = describe(task, file, buffer, where, &plain);
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

#define CGROUP_FEATURES (CW_FEATURE_CGROUP | CW_FEATURE_UNIT | \
			 CW_FEATURE_CONTAINER)

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

static void add_digest(struct cw_identity *identity,
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

/*
 * Adds what is needed only to find the subjects.  Preemption is off until
 * the facts are no longer needed; the credentials are current's own.
 */
static void complete_facts(struct cw_identity *identity,
			   const struct cw_policy *policy,
			   struct cgroup *cgroup)
{
	const struct group_info *groups = current_cred()->group_info;
	struct cw_ident *facts = &identity->facts;

	add_digest(identity, policy);
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
	if (process->lineage) {
		facts->ancestor = process->lineage->path;
		facts->ancestors = process->lineage->count;
	}
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

/* ---- subjects --------------------------------------------------------------- */

/**
 * struct cw_known - the subjects that a process is, under given circumstances
 * @id:		of these, never used again
 * @cred:	reference held, so that the address is not used again
 * @cgroup:	number of the cgroup, never used again; 0 = does not matter
 */
struct cw_known {
	struct rcu_head rcu;
	u64 id;
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

/* Of current, if a rule may ask for it; one for the whole decision. */
static struct cgroup *relevant_cgroup(const struct cw_policy *policy)
{
	return cw_blob_features(&policy->blob) & CGROUP_FEATURES ?
	       task_dfl_cgroup(current) : NULL;
}

static u64 number_of(struct cgroup *cgroup)
{
	return cgroup ? cgroup_id(cgroup) : 0;
}

static bool is_current(const struct cw_known *known,
		       const struct cw_policy *policy,
		       struct cgroup *cgroup)
{
	return known && known->generation == policy->generation &&
	       known->cred == current_cred() &&
	       known->cgroup == number_of(cgroup);
}

void cw_known_forget(struct cw_process *process)
{
	struct cw_known *known;

	known = unrcu_pointer(xchg(&process->known, NULL));
	if (known)
		call_rcu(&known->rcu, free_known_rcu);
}

/* For the next time; without memory there is none.  Gives back its number, or
 * 0. */
static u64 remember(struct cw_process *process,
		    const struct cw_policy *policy,
		    struct cgroup *cgroup,
		    const struct cw_subjects *subjects)
{
	static atomic64_t last_id = ATOMIC64_INIT(0);
	struct cw_known *known;
	u64 id;

	known = kmalloc(sizeof(*known), GFP_ATOMIC | __GFP_NOWARN);
	if (!known)
		return 0;
	known->id = id = atomic64_inc_return(&last_id);
	known->generation = policy->generation;
	known->cred = get_current_cred();
	known->cgroup = number_of(cgroup);
	known->subjects = *subjects;
	known = unrcu_pointer(xchg(&process->known, RCU_INITIALIZER(known)));
	if (known)
		call_rcu(&known->rcu, free_known_rcu);
	return id;
}

#define NOT_REMEMBERED (CW_IDENT_KERNEL | CW_IDENT_UNKNOWN)
#define ABSENT_FEATURES (CGROUP_FEATURES | CW_FEATURE_GROUP)

/* Current is a kernel thread that works for @identity's process. */
static struct cw_verdict match_absent(const struct cw_policy *policy,
				      struct cw_identity *identity,
				      const struct cw_request *request)
{
	struct cw_ident *facts = &identity->facts;
	struct cw_subjects subjects;

	if (cw_blob_features(&policy->blob) & ABSENT_FEATURES)
		facts->flags |= CW_IDENT_UNKNOWN;
	add_digest(identity, policy);
	cw_match_subjects(&policy->blob, facts, &subjects);
	return cw_match(&policy->blob, &subjects, facts, request);
}

static struct cw_verdict match(const struct cw_policy *policy,
			       struct cw_identity *identity,
			       struct cgroup *cgroup,
			       const struct cw_request *request)
{
	struct cw_ident *facts = &identity->facts;
	struct cw_subjects subjects;

	if (identity->absent)
		return match_absent(policy, identity, request);
	/* A softirq must not use the buffer of the task that it interrupted. */
	if (!(facts->flags & CW_IDENT_KERNEL))
		complete_facts(identity, policy, cgroup);
	cw_match_subjects(&policy->blob, facts, &subjects);
	if (!(facts->flags & NOT_REMEMBERED) && !subjects.overflow)
		identity->known = remember(identity->process, policy, cgroup,
					   &subjects);
	return cw_match(&policy->blob, &subjects, facts, request);
}

/* NULL = nothing, or it is not so any more. */
static const struct cw_known *find_known(const struct cw_process *process,
					 const struct cw_policy *policy,
					 struct cgroup *cgroup)
{
	const struct cw_known *known = rcu_dereference(process->known);

	return is_current(known, policy, cgroup) ? known : NULL;
}

u64 cw_ident_known_rcu(const struct cw_process *process,
		       const struct cw_policy *policy)
{
	const struct cw_known *known;

	known = find_known(process, policy, relevant_cgroup(policy));
	return known ? known->id : 0;
}

struct cw_verdict cw_ident_match_rcu(struct cw_identity *identity,
				     const struct cw_policy *policy,
				     const struct cw_request *request)
{
	struct cgroup *cgroup = relevant_cgroup(policy);
	const struct cw_known *known;

	known = identity->absent ? NULL :
		find_known(identity->process, policy, cgroup);
	if (!known)
		return match(policy, identity, cgroup, request);
	identity->known = known->id;
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
	path_buffer = __alloc_percpu(MARK_MAX + CW_PATH_MAX, 1);
	if (path_buffer)
		return 0;
	path_put(&host_root);
	return -ENOMEM;
}

/* After cw_process_end(), which waited for free_known_rcu() as well. */
void cw_ident_exit(void)
{
	free_percpu(path_buffer);
	path_put(&host_root);
}
