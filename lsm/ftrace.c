// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook mechanism: an ftrace callback on the entry of a function.  The
 * callback decides; to refuse, it makes the function return to the door's stub
 * instead of running.  The original is never called from here, so there is neither
 * recursion nor an indirect call to a function whose ENDBR was sealed.
 */
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/kprobes.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cw.h"
#include "door.h"

/* Callbacks that found no door. */
static atomic_long_t lost;

/* The place of ftrace's call in a function: 0 on x86 (4 with IBT, if the entry
 * is not adjusted for it), 4 or 8 on arm64.  No function is as short. */
#define CALL_WITHIN 12

/* The same for the entry and the place of the call, but where a function is not
 * aligned to 16. */
static unsigned int notrace place_of(unsigned long ip)
{
	return ip / 16 % CW_HOOK_PLACES;
}

static bool notrace is_in(const struct cw_hook *hook, unsigned long ip)
{
	return ip - hook->entry < CALL_WITHIN;
}

static noinline const struct cw_door * notrace
search(const struct cw_hooks *hooks, unsigned long ip)
{
	unsigned int i;

	for (i = 0; i < hooks->count; i++)
		if (is_in(&hooks->hook[i], ip))
			return hooks->hook[i].door;
	atomic_long_inc(&lost);
	return NULL;
}

static const struct cw_door * notrace find(const struct cw_hooks *hooks,
					   unsigned long ip)
{
	const struct cw_hook *hook = &hooks->by_place[place_of(ip)];

	return likely(is_in(hook, ip)) ? hook->door : search(hooks, ip);
}

/*
 * No guard against recursion is asked of ftrace: no door calls a function that
 * is hooked here, and where the guard strikes a call goes by unjudged.  May be
 * preempted before and after, but never sleeps by itself: see cw_hooks_stop().
 */
static void notrace enter(unsigned long ip, unsigned long parent_ip,
			  struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct cw_door *door;

	preempt_disable_notrace();
	door = find(container_of(ops, struct cw_hooks, ops), ip);
	if (likely(door) && door->enter(fregs) && door->stub)
		ftrace_regs_set_instruction_pointer(fregs,
					(unsigned long)door->stub);
	preempt_enable_notrace();
}

static void clear_filter(struct ftrace_ops *ops)
{
	/* ftrace_free_filter() is not exported on 5.10. */
	ftrace_set_filter(ops, NULL, 0, 1);
}

/* Compares the name of every function there is. */
static int filter_by_name(struct ftrace_ops *ops, const char *function)
{
	return ftrace_set_filter(ops, (unsigned char *)function,
				 strlen(function), 0);
}

/* Before 5.18 the place of the call is wanted, which arm64 has further in. */
static int filter(struct ftrace_ops *ops, const char *function,
		  unsigned long entry)
{
	int ret = ftrace_set_filter_ip(ops, entry, 0, 0);

	return ret == -EINVAL ? filter_by_name(ops, function) : ret;
}

/* ---- what ftrace answers --------------------------------------------------- */

/* Not a hook: registered or filtered only to see the error. */
static struct ftrace_ops trial;
static DEFINE_MUTEX(trial_lock);

static void notrace ignore(unsigned long ip, unsigned long parent_ip,
			   struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

/*
 * What registering an op with @flags on @function gives.  Should ftrace die
 * between the two calls, the hooks cannot be removed either and door.c
 * keeps our text.
 */
static int try(const char *function, unsigned long flags)
{
	int ret;

	mutex_lock(&trial_lock);
	trial.func = ignore;
	trial.flags = flags;
	ret = filter_by_name(&trial, function);
	if (!ret)
		ret = register_ftrace_function(&trial);
	if (!ret)
		unregister_ftrace_function(&trial);
	clear_filter(&trial);
	mutex_unlock(&trial_lock);
	return ret;
}

/*
 * An observer shares a function with anybody, so that only ftrace_enabled=0
 * makes it EBUSY: PERMANENT insists on 1.
 */
static bool is_switched_off(const char *function)
{
	return try(function, CW_FTRACE_OBSERVE) == -EBUSY;
}

/* After an error of its own ftrace answers ENODEV to everything. */
bool cw_hooks_stuck(void)
{
	int ret;

	mutex_lock(&trial_lock);
	ret = ftrace_set_filter(&trial, NULL, 0, 1);
	mutex_unlock(&trial_lock);
	return ret == -ENODEV;
}

static void explain(const char *function, int error)
{
	if (error == -EBUSY && is_switched_off(function))
		pr_err("%s: cannot hook %s: kernel.ftrace_enabled is 0\n",
		       CW_NAME, function);
	else if (error == -EBUSY)
		pr_err("%s: cannot hook %s: it is taken by a livepatch, another module that redirects it or a BPF trampoline (Linux 5.10); its line in /sys/kernel/tracing/enabled_functions says by whom\n",
		       CW_NAME, function);
	else if (error == -ENODEV)
		pr_err("%s: cannot hook %s: ftrace was stopped by an error, see the kernel log from before\n",
		       CW_NAME, function);
	else if (error == -EINVAL || error == -ENOENT)
		pr_err("%s: cannot hook %s: this kernel has no such function or it cannot be traced\n",
		       CW_NAME, function);
	else
		pr_err("%s: cannot hook %s: error %d\n", CW_NAME, function,
		       error);
}

/* ---- starting and stopping -------------------------------------------------- */

int cw_hooks_add(struct cw_hooks *hooks, const char *module,
		 const struct cw_door *door)
{
	struct cw_hook *hook = &hooks->hook[hooks->count];

	if (hooks->count == CW_HOOKS_MAX)
		return -ENOSPC;
	hook->module = module;
	hook->door = door;
	hooks->governs |= door->stub != NULL;
	hooks->count++;
	return 0;
}

static unsigned long flags_of(const struct cw_hooks *hooks)
{
	return hooks->governs ? CW_FTRACE_GOVERN : CW_FTRACE_OBSERVE;
}

/* A function whose address is asked for. */
struct look_up {
	struct kprobe probe;
	char name[MODULE_NAME_LEN + KSYM_NAME_LEN];
};

static int try_name(struct look_up *look_up, const char *module,
		    const char *function)
{
	snprintf(look_up->name, sizeof(look_up->name), "%s%s%s", module,
		 *module ? ":" : "", function);
	memset(&look_up->probe, 0, sizeof(look_up->probe));
	look_up->probe.symbol_name = look_up->name;
	look_up->probe.flags = KPROBE_FLAG_DISABLED;
	return register_kprobe(&look_up->probe);
}

/* A protocol may be a module or in the kernel itself. */
static int look_up(struct look_up *look_up, struct cw_hook *hook)
{
	const char *function = hook->door->function;
	int ret = -ENOENT;

	if (hook->module)
		ret = try_name(look_up, hook->module, function);
	if (ret == -ENOENT)
		ret = try_name(look_up, "", function);
	if (!ret)
		hook->entry = (unsigned long)look_up->probe.addr;
	return ret;
}

/*
 * A disabled kprobe patches nothing, but knows the address.  All are given back
 * together: that waits for RCU once.
 */
static int look_up_all(struct cw_hooks *hooks, const char **culprit)
{
	struct kprobe *done[CW_HOOKS_MAX];
	struct look_up *look_ups;
	unsigned int i;
	int ret = 0;

	look_ups = kcalloc(hooks->count, sizeof(*look_ups), GFP_KERNEL);
	if (!look_ups)
		return -ENOMEM;
	for (i = 0; i < hooks->count; i++) {
		*culprit = hooks->hook[i].door->function;
		ret = look_up(&look_ups[i], &hooks->hook[i]);
		if (ret)
			break;
		done[i] = &look_ups[i].probe;
	}
	if (i)
		unregister_kprobes(done, i);
	kfree(look_ups);
	return ret;
}

static int filter_all(struct cw_hooks *hooks, const char **culprit)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < hooks->count; i++) {
		*culprit = hooks->hook[i].door->function;
		ret = filter(&hooks->ops, *culprit, hooks->hook[i].entry);
	}
	return ret;
}

/* The error is that of the op; the function is the first that has it alone,
 * else the first of all. */
static const char *find_culprit(const struct cw_hooks *hooks, int error)
{
	unsigned int i;

	for (i = 0; i < hooks->count; i++)
		if (try(hooks->hook[i].door->function, flags_of(hooks)) ==
		    error)
			return hooks->hook[i].door->function;
	return hooks->hook[0].door->function;
}

/* Of two for one place the first gets it: the doors that are used most. */
static void place_all(struct cw_hooks *hooks)
{
	unsigned int i = hooks->count;

	while (i--)
		hooks->by_place[place_of(hooks->hook[i].entry)] =
			hooks->hook[i];
}

static int start(struct cw_hooks *hooks, const char **culprit)
{
	int ret;

	hooks->ops.func = enter;
	hooks->ops.flags = flags_of(hooks);
	ret = look_up_all(hooks, culprit) ?: filter_all(hooks, culprit);
	if (ret)
		return ret;
	place_all(hooks);
	ret = register_ftrace_function(&hooks->ops);
	if (ret)
		*culprit = find_culprit(hooks, ret);
	return ret;
}

int cw_hooks_start(struct cw_hooks *hooks, const char **culprit)
{
	int ret;

	/* An op without a filter would be on every function there is. */
	if (!hooks->count)
		return 0;
	ret = start(hooks, culprit);
	hooks->on = !ret;
	if (!ret)
		hooks->sent = cw_sent_start(hooks);
	/* The module of a protocol is not there: nothing to tell. */
	if (ret == -ENOENT && hooks->hook[0].module &&
	    *culprit == hooks->hook[0].door->function)
		return ret;
	if (ret)
		explain(*culprit, ret);
	return ret;
}

/*
 * unregister_ftrace_function() waits until no CPU runs our callback and, by
 * RCU-tasks, until no task that was preempted is in it or in a stub.  It fails
 * when ftrace was stopped by an error: then the callback goes on being called,
 * and the hooks must stay.
 */
int cw_hooks_stop(struct cw_hooks *hooks)
{
	int ret;

	cw_sent_stop(hooks->sent);
	hooks->sent = NULL;
	ret = hooks->on ? unregister_ftrace_function(&hooks->ops) : 0;
	if (ret)
		return ret;
	clear_filter(&hooks->ops);
	memset(hooks, 0, sizeof(*hooks));
	return 0;
}

u64 cw_hooks_missed(void)
{
	return atomic_long_read(&lost);
}
