// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which subjects of a policy a process is.  What can be known early is found
 * out early: which globs match a path, when it is executed or when a policy is
 * loaded (exe.c).  The rest is put together at the first decision: a few
 * look-ups and comparisons of numbers.  It is remembered with the process until
 * the policy, the credentials or, if a rule tests it, the cgroup is another.
 */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "cw.h"

/*
 * Where processes are matched, with preemption off.  For each CPU one for its
 * task and one for the softirq that may interrupt it meanwhile.
 */
struct rooms {
	struct room {
		struct cw_traits traits;
		struct cw_texts texts;
	} of_task, of_softirq;
};

static struct rooms __percpu *rooms __read_mostly;

static struct room *find_room(void)
{
	struct rooms *here = this_cpu_ptr(rooms);

	return in_serving_softirq() ? &here->of_softirq : &here->of_task;
}

struct cw_traits *cw_traits_room(void)
{
	return &find_room()->traits;
}

/* What rules may test of a cgroup. */
enum part {
	PART_CGROUP,
	PART_UNIT,
	PART_CONTAINER,
	PART_COUNT
};

/**
 * struct cw_known - the subjects that a process is, under given circumstances
 * @rcu:	replaced while readers may look at it
 * @id:		of these, never used again
 * @generation:	of the policy whose subjects these are
 * @cred:	reference held, so that the address is not used again
 * @cgroup:	number of the cgroup, never used again; 0 = does not matter
 * @subjects:	the result: the subjects that match
 * @hits:	the globs that match the cgroup, for when only @cred changes
 * @places:	theirs, one after the other
 */
struct cw_known {
	struct rcu_head rcu;
	u64 id;
	u64 generation;
	const struct cred *cred;
	u64 cgroup;
	struct cw_subjects subjects;
	struct cw_hits hits[PART_COUNT];
	u32 places[];
};

/* ---- life ------------------------------------------------------------------- */

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

void cw_known_forget(struct cw_process *process)
{
	struct cw_known *known;

	/* Most processes never asked for a decision. */
	if (!rcu_access_pointer(process->known))
		return;
	known = unrcu_pointer(xchg(&process->known, NULL));
	if (known)
		call_rcu(&known->rcu, free_known_rcu);
}

#define CGROUP_FEATURES (CW_FEATURE_CGROUP | CW_FEATURE_UNIT | \
			 CW_FEATURE_CONTAINER)

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

static void copy_hits(struct cw_known *known, enum part part,
		      const struct cw_hits *hits, u32 *used)
{
	known->hits[part] = *hits;
	known->hits[part].place = known->places + *used;
	memcpy(known->places + *used, hits->place, hits->count * sizeof(u32));
	*used += hits->count;
}

/* For the next time; without memory there is none.  Gives back its number, or
 * 0.  This CPU's room has what the process was found to be. */
static u64 remember(struct cw_process *process,
		    const struct cw_policy *policy,
		    struct cgroup *cgroup,
		    const struct cw_subjects *subjects)
{
	static atomic64_t last_id = ATOMIC64_INIT(0);
	const struct cw_traits *traits = cw_traits_room();
	struct cw_known *known;
	u32 used = 0;
	u64 id;

	known = kmalloc(struct_size(known, places, traits->cgroup.count +
				    traits->unit.count +
				    traits->container.count),
			GFP_ATOMIC | __GFP_NOWARN);
	if (!known)
		return 0;
	known->id = id = atomic64_inc_return(&last_id);
	known->generation = policy->generation;
	known->cred = get_current_cred();
	known->cgroup = number_of(cgroup);
	known->subjects = *subjects;
	copy_hits(known, PART_CGROUP, &traits->cgroup, &used);
	copy_hits(known, PART_UNIT, &traits->unit, &used);
	copy_hits(known, PART_CONTAINER, &traits->container, &used);
	known = unrcu_pointer(xchg(&process->known, RCU_INITIALIZER(known)));
	if (known)
		call_rcu(&known->rcu, free_known_rcu);
	return id;
}

/* ---- finding out ------------------------------------------------------------ */

static void take_files(struct cw_texts *texts, const struct cw_ident *facts,
		       const struct cw_policy *policy,
		       const struct cw_process *process)
{
	u32 features = cw_blob_features(&policy->blob), i;
	const struct cw_lineage *lineage = process->lineage;

	if (facts->exe)
		texts->exe = cw_exe_match_rcu(process->exe, policy);
	if (facts->script && features & CW_FEATURE_SCRIPT)
		texts->script = cw_exe_match_rcu(process->script, policy);
	if (!(features & (CW_FEATURE_PARENT | CW_FEATURE_ANCESTOR)))
		return;
	for (i = 0; i < facts->ancestors; i++)
		if (facts->ancestor[i])
			texts->ancestor[i] =
				cw_exe_match_rcu(lineage->of[i].exe, policy);
}

static struct cw_texts *clear_texts(void)
{
	return memset(&find_room()->texts, 0, sizeof(struct cw_texts));
}

/* False: the path of the cgroup has to be read. */
static bool take_cgroup(struct cw_texts *texts, const struct cw_known *known,
			const struct cw_policy *policy, struct cgroup *cgroup)
{
	if (!cgroup)
		return true;
	if (!known || known->generation != policy->generation ||
	    known->cgroup != number_of(cgroup))
		return false;
	texts->cgroup = &known->hits[PART_CGROUP];
	texts->unit = &known->hits[PART_UNIT];
	texts->container = &known->hits[PART_CONTAINER];
	return true;
}

/* All facts that a policy may ask for.  Not in a softirq: the path of the cgroup
 * has one buffer for each CPU. */
static void gather(struct cw_ident *facts, const struct cw_process *process,
		   const struct cw_policy *policy, struct cgroup *cgroup,
		   const struct cw_known *known)
{
	struct cw_texts *texts = clear_texts();

	if (take_cgroup(texts, known, policy, cgroup))
		cgroup = NULL;
	cw_ident_complete_rcu(facts, process, policy, cgroup);
	take_files(texts, facts, policy, process);
	facts->texts = texts;
}

#define NOT_REMEMBERED (CW_IDENT_KERNEL | CW_IDENT_UNKNOWN)
#define ABSENT_FEATURES (CGROUP_FEATURES | CW_FEATURE_GROUP)

/* Current is a kernel thread that works for @process. */
static struct cw_verdict match_absent(const struct cw_policy *policy,
				      const struct cw_process *process,
				      struct cw_ident *facts,
				      const struct cw_request *request)
{
	struct cw_texts *texts = clear_texts();
	struct cw_subjects subjects;

	if (cw_blob_features(&policy->blob) & ABSENT_FEATURES)
		facts->flags |= CW_IDENT_UNKNOWN;
	cw_ident_add_digest(facts, process, policy);
	if (facts->flags & CW_IDENT_UNKNOWN)
		facts->flags |= CW_IDENT_ABSENT;
	else
		take_files(texts, facts, policy, process);
	facts->texts = texts;
	cw_match_subjects(&policy->blob, facts, &subjects);
	return cw_match(&policy->blob, &subjects, facts, request);
}

/* Finds the subjects, and remembers them if it can. */
static noinline struct cw_verdict match(const struct cw_policy *policy,
					struct cw_identity *identity,
					struct cgroup *cgroup,
					const struct cw_request *request)
{
	struct cw_subjects subjects;
	struct cw_ident facts;

	cw_ident_describe(&facts, identity);
	if (identity->absent)
		return match_absent(policy, identity->process, &facts, request);
	if (!(facts.flags & CW_IDENT_KERNEL))
		gather(&facts, identity->process, policy, cgroup,
		       rcu_dereference(identity->process->known));
	cw_match_subjects(&policy->blob, &facts, &subjects);
	if (subjects.many)
		cw_count_add(CW_COUNT_UNDECIDED, 1);
	if (!(facts.flags & NOT_REMEMBERED))
		identity->known = remember(identity->process, policy, cgroup,
					   &subjects);
	return cw_match(&policy->blob, &subjects, &facts, request);
}

/* More subjects than are kept are looked for again. */
static noinline struct cw_verdict match_again(const struct cw_policy *policy,
					      const struct cw_identity *identity,
					      struct cgroup *cgroup,
					      const struct cw_known *known,
					      const struct cw_request *request)
{
	struct cw_ident facts;

	cw_ident_describe(&facts, identity);
	gather(&facts, identity->process, policy, cgroup, known);
	return cw_match(&policy->blob, &known->subjects, &facts, request);
}

static bool is_current(const struct cw_known *known,
		       const struct cw_policy *policy,
		       struct cgroup *cgroup)
{
	return known && known->generation == policy->generation &&
	       known->cred == current_cred() &&
	       known->cgroup == number_of(cgroup);
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

static noinline struct cw_verdict match_known(const struct cw_policy *policy,
					      const struct cw_identity *identity,
					      struct cgroup *cgroup,
					      const struct cw_known *known,
					      const struct cw_request *request)
{
	/* Subjects were found by the facts; with these nothing but whether the
	 * process is the kernel or unknown is asked for, and it is neither. */
	static const struct cw_ident no_facts;
	struct cw_verdict verdict;

	verdict = unlikely(known->subjects.overflow) ?
		match_again(policy, identity, cgroup, known, request) :
		cw_match(&policy->blob, &known->subjects, &no_facts, request);
	cw_answer_keep(known->id, policy, request, &verdict);
	return verdict;
}

struct cw_verdict cw_ident_match_rcu(struct cw_identity *identity,
				     const struct cw_policy *policy,
				     const struct cw_request *request)
{
	struct cgroup *cgroup = relevant_cgroup(policy);
	const struct cw_verdict *answer;
	const struct cw_known *known;

	known = identity->absent ? NULL :
		find_known(identity->process, policy, cgroup);
	if (unlikely(!known))
		return match(policy, identity, cgroup, request);
	identity->known = known->id;
	answer = cw_answer_find(known->id, policy, request);
	if (likely(answer))
		return *answer;
	return match_known(policy, identity, cgroup, known, request);
}

/* ---- start and end ---------------------------------------------------------- */

void cw_known_prepare_rcu(const struct cw_process *process)
{
	const struct cw_policy *policy = cw_store_policy_rcu();

	if (!policy)
		return;
	preempt_disable();
	cw_exe_match_rcu(process->exe, policy);
	if (process->script)
		cw_exe_match_rcu(process->script, policy);
	preempt_enable();
}

int cw_known_init(void)
{
	int ret = cw_answer_init();

	if (ret)
		return ret;
	rooms = alloc_percpu(struct rooms);
	if (rooms)
		return 0;
	cw_answer_exit();
	return -ENOMEM;
}

/* After cw_process_end(), which waited for free_known_rcu() as well. */
void cw_known_exit(void)
{
	free_percpu(rooms);
	cw_answer_exit();
}
