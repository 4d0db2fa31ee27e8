// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provider "kretprobe", for when a livepatch or, on 5.10, a BPF trampoline owns
 * a function that ftrace would redirect.  The call is judged at the entry; a
 * refused function runs all the same and its result is overwritten, which is
 * right for functions that only answer.  The others, and those that are only
 * observed, are hooked by ftrace here as well: nobody livepatches both.
 *
 * Unlike ftrace's, these hooks can be switched off by root: debugfs
 * kprobes/enabled.  kernel.ftrace_enabled cannot, the hooks by ftrace hold it.
 */
#include <linux/kprobes.h>
#include <linux/string.h>

#include "cw.h"

/*
 * Calls of one function that may be on their way at the same time after being
 * refused; one more gets through, and is counted.  An allowed call gives its
 * instance back at the entry.  A refused one keeps it while the function runs,
 * which does not sleep in the kernel's own security modules, so this is how
 * many tasks can be preempted in there.  About 64 bytes each.
 */
#define INSTANCES 4096

/* Those that are not by ftrace; whole before they are registered. */
static struct hook {
	struct kretprobe probe;
	const struct cw_door *door;
} hooks[CW_HOOK_MAX];
static unsigned int count, registered;

/*
 * Task or softirq context, preemption off, on some kernels interrupts as well.
 * The probe cannot go before preemption is on again.  0 = come back when the
 * function returns.
 */
static int enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct kretprobe *probe = get_kretprobe(instance);
	unsigned long arg[CW_DOOR_ARGS];
	const struct cw_door *door;
	int i;

	/* Being unregistered: the door is open already. */
	if (!probe)
		return 1;
	door = container_of(probe, struct hook, probe)->door;
	for (i = 0; i < CW_DOOR_ARGS; i++)
		arg[i] = regs_get_kernel_argument(regs, i);
	return !door->enter(arg);
}
NOKPROBE_SYMBOL(enter);

/* Reached by refused calls only.  Preemption off. */
static int leave(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	regs_set_return_value(regs, -EPERM);
	return 0;
}
NOKPROBE_SYMBOL(leave);

static void explain(const char *function, int error)
{
	if (error == -ENOENT)
		pr_err("%s: cannot hook %s: this kernel has no such function\n",
		       CW_NAME, function);
	else if (error == -EINVAL || error == -EADDRNOTAVAIL)
		pr_err("%s: cannot hook %s: this kernel allows no kretprobe on it\n",
		       CW_NAME, function);
	else
		pr_err("%s: cannot hook %s by a kretprobe: error %d\n", CW_NAME,
		       function, error);
}

static int add(const struct cw_door *door)
{
	struct hook *hook = &hooks[count];

	if (!door->governs || door->acts)
		return cw_provider_ftrace.add(door);
	if (count == CW_HOOK_MAX)
		return -ENOSPC;
	hook->door = door;
	hook->probe.kp.symbol_name = door->function;
	hook->probe.entry_handler = enter;
	hook->probe.handler = leave;
	hook->probe.maxactive = INSTANCES;
	count++;
	return 0;
}

/* The hooks by ftrace first: they watch the end of what these enter. */
static int start(const char **culprit)
{
	int ret = cw_provider_ftrace.start(culprit);

	while (!ret && registered < count) {
		ret = register_kretprobe(&hooks[registered].probe);
		if (ret) {
			*culprit = hooks[registered].door->function;
			explain(*culprit, ret);
		} else {
			registered++;
		}
	}
	return ret;
}

/*
 * unregister_kretprobes() waits until preemption was on once on each CPU, so
 * no handler of ours runs or will; a call that is still in the function returns
 * what the function returned.  One wait for all.
 */
static int stop(void)
{
	struct kretprobe *probes[CW_HOOK_MAX];
	unsigned int i;

	for (i = 0; i < registered; i++)
		probes[i] = &hooks[i].probe;
	if (registered)
		unregister_kretprobes(probes, registered);
	/* The kernel wants fresh ones next time. */
	memset(hooks, 0, sizeof(hooks));
	registered = count = 0;
	return cw_provider_ftrace.stop();
}

/* No instance was left, or the CPU was in the handler of another probe. */
static u64 missed(void)
{
	u64 sum = cw_provider_ftrace.missed();
	unsigned int i;

	for (i = 0; i < registered; i++)
		sum += (u64)READ_ONCE(hooks[i].probe.nmissed) +
		       READ_ONCE(hooks[i].probe.kp.nmissed);
	return sum;
}

static bool stuck(void)
{
	return cw_provider_ftrace.stuck();
}

const struct cw_provider cw_provider_kretprobe = {
	.name = "kretprobe",
	.when_off = "kprobes are switched off (/sys/kernel/debug/kprobes/enabled)",
	.switchable = true,
	.add = add,
	.start = start,
	.stop = stop,
	.missed = missed,
	.stuck = stuck,
};
