// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provider "ftrace": an ftrace callback on the entry of a function.  The
 * callback decides; to refuse, it makes the function return to a stub instead
 * of running.  The original is never called from here, so there is neither
 * recursion nor an indirect call to a function whose ENDBR was sealed.
 */
#include <linux/ftrace.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "cw.h"

static struct slot {
	struct ftrace_ops ops;
	const struct cw_door *door;
} slots[CW_HOOK_SLOTS];

/*
 * Entered by a return from the ftrace trampoline, with the arguments of the
 * refused function, which it ignores; works for every function that returns
 * an int.  Never sleeps, so that unregistering, which waits for RCU-tasks,
 * also waits for a task that is in here.
 */
static noinline notrace long refuse_stub(void)
{
	return -EPERM;
}

/* Preemption is off: FL_RECURSION, and 5.10 does so always. */
static void notrace enter(unsigned long ip, unsigned long parent_ip,
			  struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct cw_door *door = container_of(ops, struct slot, ops)->door;
	unsigned long arg[CW_DOOR_ARGS];
	int i;

	for (i = 0; i < CW_DOOR_ARGS; i++)
		arg[i] = ftrace_regs_get_argument(fregs, i);
	if (door->enter(arg) && door->governs)
		ftrace_regs_set_instruction_pointer(fregs,
					(unsigned long)refuse_stub);
}

static void explain(const char *function, int error)
{
	if (error == -EBUSY)
		pr_err("%s: %s is taken: by a livepatch, a BPF trampoline (5.10) or another module that redirects it, or kernel.ftrace_enabled is 0\n",
		       CW_NAME, function);
	else if (error == -EINVAL || error == -ENODEV)
		pr_err("%s: this kernel has no traceable function %s\n",
		       CW_NAME, function);
	else
		pr_err("%s: cannot hook %s: error %d\n", CW_NAME, function,
		       error);
}

static void clear_filter(struct ftrace_ops *ops)
{
	/* ftrace_free_filter() is not exported on 5.10. */
	ftrace_set_filter(ops, NULL, 0, 1);
}

static int attach(unsigned int index, const struct cw_door *door)
{
	struct slot *slot = &slots[index];
	int ret;

	slot->door = door;
	slot->ops.func = enter;
	slot->ops.flags = door->governs ? CW_FTRACE_GOVERN : CW_FTRACE_OBSERVE;
	ret = ftrace_set_filter(&slot->ops, (unsigned char *)door->function,
				strlen(door->function), 0);
	if (!ret) {
		ret = register_ftrace_function(&slot->ops);
		if (ret)
			clear_filter(&slot->ops);
	}
	if (ret)
		explain(door->function, ret);
	return ret;
}

/* unregister_ftrace_function() waits until no CPU runs our callback. */
static void detach(unsigned int index)
{
	unregister_ftrace_function(&slots[index].ops);
	clear_filter(&slots[index].ops);
	memset(&slots[index], 0, sizeof(slots[index]));
}

const struct cw_provider cw_provider_ftrace = {
	.name = "ftrace",
	.switchable = false,
	.attach = attach,
	.detach = detach,
};
