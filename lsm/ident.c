// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is asking: what rules may test about current.  The executable was fixed
 * when it was executed (process.c); user, groups and cgroup are those of the
 * moment.  Which subjects of the policy that makes is remembered with the
 * process until one of these changes.
 */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "conn.h"

/* ---- facts ------------------------------------------------------------------ */

#define CGROUP_FEATURES (CW_FEATURE_CGROUP | CW_FEATURE_UNIT | \
			 CW_FEATURE_CONTAINER)

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
	identity->facts.uid = __kuid_val(cred->euid);
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
	identity->facts.uid = conn->euid;
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
	if (facts->flags & CW_IDENT_UNKNOWN)
		facts->flags |= CW_IDENT_ABSENT;
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
