// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends of which only the result tells how much was sent: those of packet sockets,
 * of raw sockets that bring the header, L2TP, PPPoE, RDS and RxRPC fail after they
 * were judged (too long, no memory, no device), and call nothing of their own when
 * they have not.  A kretprobe reads the result.  It only counts: a refusal has done
 * its work before (ftrace.c).
 *
 * A call that sleeps keeps one of CALLS_MAX places.  When all are taken, what other
 * calls of that function send meanwhile is not counted.
 */
#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/slab.h>

#include "cw.h"
#include "door.h"
#include "judge.h"

#define CALLS_MAX 256

/* The flow of a call that is under way. */
struct call {
	const void *key;
	struct cw_request request;
};

struct cw_sent {
	unsigned int count;
	struct probe {
		struct kretprobe probe;
		const struct cw_door *door;
	} *probe[CW_HOOKS_MAX];
};

bool cw_sent_judge(struct ftrace_regs *regs, cw_sent_read *read)
{
	struct cw_attempt attempt = {};

	return read(&attempt, CW_ARG(regs, 0, const void *),
		    CW_ARG(regs, 1, const struct msghdr *)) &&
	       cw_judge_datagram(&attempt);
}

/* ---- in a call: preemption is off ------------------------------------------------ */

/* Not 0: its result does not matter. */
static int enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct probe *probe = container_of(cw_compat_kretprobe(instance),
						 struct probe, probe);
	struct call *call = (struct call *)instance->data;
	struct cw_attempt attempt = {};

	if (!probe->door->read(&attempt,
			       (const void *)regs_get_kernel_argument(regs, 0),
			       (const struct msghdr *)
			       regs_get_kernel_argument(regs, 1)))
		return 1;
	call->key = attempt.key;
	call->request = attempt.request;
	return 0;
}

static int leave(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct call *call = (const struct call *)instance->data;
	int sent = regs_return_value(regs);

	if (sent > 0)
		cw_flow_sent(call->key, &call->request, sent);
	return 0;
}

/* ---- start and end ------------------------------------------------------------------ */

static struct probe *start(const struct cw_hook *hook)
{
	struct probe *probe = kzalloc(sizeof(*probe), GFP_KERNEL);
	int ret = -ENOMEM;

	if (probe) {
		probe->door = hook->door;
		probe->probe.kp.addr = (kprobe_opcode_t *)hook->entry;
		probe->probe.entry_handler = enter;
		probe->probe.handler = leave;
		probe->probe.data_size = sizeof(struct call);
		probe->probe.maxactive = CALLS_MAX;
		ret = register_kretprobe(&probe->probe);
	}
	if (!ret)
		return probe;
	kfree(probe);
	pr_warn("%s: bytes that %s sends are not counted: error %d\n", CW_NAME,
		hook->door->function, ret);
	return NULL;
}

struct cw_sent *cw_sent_start(const struct cw_hooks *hooks)
{
	struct cw_sent *sent = kzalloc(sizeof(*sent), GFP_KERNEL);
	unsigned int i;

	if (!sent) {
		pr_warn("%s: no memory to count what is sent\n", CW_NAME);
		return NULL;
	}
	for (i = 0; i < hooks->count; i++) {
		if (hooks->hook[i].door->read)
			sent->probe[sent->count] = start(&hooks->hook[i]);
		if (sent->probe[sent->count])
			sent->count++;
	}
	return sent;
}

/* Waits until no CPU is in our handlers; a call that sleeps returns later without
 * them. */
void cw_sent_stop(struct cw_sent *sent)
{
	struct kretprobe *probes[CW_HOOKS_MAX];
	unsigned int i;

	if (!sent)
		return;
	for (i = 0; i < sent->count; i++)
		probes[i] = &sent->probe[i]->probe;
	if (sent->count)
		unregister_kretprobes(probes, sent->count);
	for (i = 0; i < sent->count; i++)
		kfree(sent->probe[i]);
	kfree(sent);
}
