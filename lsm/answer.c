// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers that were given a moment ago, kept by each CPU for itself.
 *
 * What is found here cannot be out of date.  The number of what a process is
 * (struct cw_known) stands for one policy, program, set of credentials and, if a
 * rule asks for it, cgroup, and is never used again: after a change of any of them
 * the question is another.  What changes without a new number is the time, the
 * local port and the name of an interface, and answers that depend on these are not
 * kept.
 *
 * Only tasks come here, with preemption off: for a softirq that interrupts them the
 * kernel is the process, which has no such number.
 */
#include <linux/hash.h>
#include <linux/percpu.h>

#include "cw.h"

#define ANSWER_BITS 8

/**
 * struct answer - to one question; all zeroes = none
 * @known:	who asked: cw_ident_known_rcu(), 0 = nobody
 * @to:		the address
 * @door:	protocol, family, port and zone
 * @verdict:	the answer, with the rule that gave it
 */
struct answer {
	u64 known;
	u64 to[2];
	u64 door;
	struct cw_verdict verdict;
};

struct answers {
	struct answer answer[1 << ANSWER_BITS];
};

static struct answers __percpu *answers __read_mostly;

static u64 door_of(const struct cw_request *request)
{
	return (u64)request->scope << 32 | (u32)request->port << 16 |
	       request->proto << 8 | request->family;
}

static struct answer *place_of(u64 known, const u64 to[2], u64 door)
{
	u32 place = hash_64(known + to[0] + (to[1] ^ door), ANSWER_BITS);

	return &this_cpu_ptr(answers)->answer[place];
}

static bool is_kept(const struct cw_policy *policy,
		    const struct cw_request *request)
{
	return !(cw_blob_features(&policy->blob) &
		 (CW_FEATURE_UNTIL | CW_FEATURE_FROM)) && !request->zone;
}

const struct cw_verdict *cw_answer_find(u64 known,
					const struct cw_policy *policy,
					const struct cw_request *request)
{
	const struct answer *answer;
	u64 door, to[2];

	if (unlikely(!is_kept(policy, request)))
		return NULL;
	door = door_of(request);
	memcpy(to, request->addr, sizeof(to));
	answer = place_of(known, to, door);
	if (answer->known == known && answer->door == door &&
	    answer->to[0] == to[0] && answer->to[1] == to[1])
		return &answer->verdict;
	return NULL;
}

void cw_answer_keep(u64 known, const struct cw_policy *policy,
		    const struct cw_request *request,
		    const struct cw_verdict *verdict)
{
	struct answer *answer;
	u64 door, to[2];

	if (!is_kept(policy, request))
		return;
	door = door_of(request);
	memcpy(to, request->addr, sizeof(to));
	answer = place_of(known, to, door);
	answer->known = known;
	answer->to[0] = to[0];
	answer->to[1] = to[1];
	answer->door = door;
	answer->verdict = *verdict;
}

int cw_answer_init(void)
{
	answers = alloc_percpu(struct answers);
	return answers ? 0 : -ENOMEM;
}

/* The doors are gone. */
void cw_answer_exit(void)
{
	free_percpu(answers);
}
