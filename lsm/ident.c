// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is asking: what rules may test about current.  The executable was fixed
 * when it was executed (process.c); user, groups and cgroup are those of the
 * moment.
 */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/sched.h>

#include "conn.h"

/* ---- facts ------------------------------------------------------------------ */

/* In this CPU's buffer. */
static const char *path_of(struct cgroup *cgroup)
{
	char *path = cw_describe_buffer();
	int length = cgroup_path(cgroup, path, CW_PATH_MAX);

	return length < 0 || length >= CW_PATH_MAX ? NULL : path;
}

/* In the hierarchy of version 2, where systemd keeps units. */
const char *cw_ident_cgroup_rcu(struct task_struct *task)
{
	return path_of(task_dfl_cgroup(task));
}

static_assert(sizeof(kgid_t) == sizeof(u32));

void cw_ident_add_digest(struct cw_ident *facts,
			 const struct cw_process *process,
			 const struct cw_policy *policy)
{
	const u8 *digest = cw_digest_find(policy->digests, &process->inode);

	if (!digest)
		return;
	memcpy(facts->sha256, digest, sizeof(facts->sha256));
	facts->flags |= CW_IDENT_HASHED;
}

void cw_ident_complete_rcu(struct cw_ident *facts,
			   const struct cw_process *process,
			   const struct cw_policy *policy,
			   struct cgroup *cgroup)
{
	const struct group_info *groups = current_cred()->group_info;

	cw_ident_add_digest(facts, process, policy);
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

void cw_ident_describe(struct cw_ident *facts,
		       const struct cw_identity *identity)
{
	memset(facts, 0, sizeof(*facts));
	facts->uid = identity->euid;
	facts->flags = identity->flags;
	if (identity->process->tgid)
		describe_process(facts, identity->process);
}

/*
 * Users are given as the initial user namespace has them, which is what the
 * kernel has: here and below __kuid_val() is from_kuid() without the search.
 */

/*
 * Whose share it is.  Whoever makes a user namespace can have many uids in it,
 * and is responsible for all of them, and for the namespaces in it.  Root makes
 * those of containers, which must not have root's share: such a namespace is an
 * owner of its own, by the uid that its root has; unless that is root, too.
 */
static uid_t owner_of(const struct cred *cred)
{
	struct user_namespace *ns = cred->user_ns;
	kuid_t owner;

	if (likely(ns == &init_user_ns))
		return __kuid_val(cred->uid);
	while (ns->parent != &init_user_ns)
		ns = ns->parent;
	owner = ns->owner;
	if (uid_eq(owner, GLOBAL_ROOT_UID))
		owner = make_kuid(ns, 0);
	if (uid_eq(owner, GLOBAL_ROOT_UID) || !uid_valid(owner))
		owner = cred->uid;
	return __kuid_val(owner);
}

static void take_task_rcu(struct cw_identity *identity,
			  struct task_struct *task, const struct cred *cred)
{
	identity->task = task;
	identity->tgid = task_tgid_nr(task);
	identity->pid = task_pid_nr(task);
	identity->uid = __kuid_val(cred->uid);
	identity->euid = __kuid_val(cred->euid);
	identity->owner = owner_of(cred);
	identity->program = cw_program_mark(task);
	identity->flags = identity->process->tgid ? 0 : CW_IDENT_UNKNOWN;
	identity->known = 0;
	identity->absent = false;
}

/* Who opened it: the process, not the thread of it that was found. */
void cw_ident_take_other_rcu(struct cw_identity *identity,
			     struct task_struct *task)
{
	identity->process = cw_process_of_rcu(task);
	take_task_rcu(identity, task, __task_cred(task));
	identity->pid = identity->tgid;
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
	if (unlikely(cw_ident_is_kernel())) {
		*identity = (struct cw_identity) {
			.process = cw_process_kernel(),
			.flags = CW_IDENT_KERNEL,
		};
		return;
	}
	identity->process = cw_process_find_rcu();
	take_task_rcu(identity, current, current_cred());
}

void cw_ident_take_unknown_rcu(struct cw_identity *identity)
{
	*identity = (struct cw_identity) {
		.process = cw_process_unknown(),
		.flags = CW_IDENT_UNKNOWN,
		.absent = true,
	};
}

void cw_ident_take_opener_rcu(struct cw_identity *identity,
			      const struct conn *conn)
{
	*identity = (struct cw_identity) {
		.process = conn->process,
		.tgid = conn->tgid,
		.pid = conn->pid,
		.uid = conn->uid,
		.euid = conn->euid,
		.owner = cw_share_owner_rcu(conn),
		.program = conn->opener,
		.flags = conn->process->tgid ? 0 : CW_IDENT_UNKNOWN,
		.absent = true,
	};
}
