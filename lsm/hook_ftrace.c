// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provider "ftrace": an ftrace callback on the entry of a function.  The
 * callback decides; to refuse, it makes the function return to a stub instead
 * of running.  The original is never called from here, so there is neither
 * recursion nor an indirect call to a function whose ENDBR was sealed.
 */
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/string.h>

#include "cw.h"

/* Places for the hooks of a group; more than hooks, so that most have theirs. */
#define PLACES 64

/**
 * struct group - functions that are hooked together
 * @ops:	one for all of them: unregistering one waits for RCU-tasks, under
 *		a lock of ftrace, which under load takes a second.  Its filter must
 *		be whole when it is registered: a function added later works, but a
 *		BPF trampoline that is on it already is not told that it has to
 *		respect the instruction pointer (6.1), and goes past the stub
 * @on:		registered
 * @count:	valid entries of @hooks; does not change while it is on
 * @by_place:	copies of them, each where place_of() says, unless another is there
 */
struct group {
	struct ftrace_ops ops;
	bool on;
	unsigned int count;
	struct hook {
		unsigned long entry;	/* where the function begins */
		const struct cw_door *door;
	} hooks[CW_HOOK_MAX], by_place[PLACES];
};

static struct group governed, observed;

/* Callbacks that found no door: never, unless this file is wrong. */
static atomic_long_t lost;

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

/* The place of ftrace's call in a function: 0 on x86 (4 with IBT, if the entry
 * is not adjusted for it), 4 or 8 on arm64.  No function is as short. */
#define CALL_WITHIN 12

/* The same for the entry and the place of the call, but where a function is not
 * aligned to 16. */
static unsigned int notrace place_of(unsigned long ip)
{
	return ip / 16 % PLACES;
}

static bool notrace is_in(const struct hook *hook, unsigned long ip)
{
	return ip - hook->entry < CALL_WITHIN;
}

static noinline const struct cw_door * notrace search(const struct group *group,
						      unsigned long ip)
{
	unsigned int i;

	for (i = 0; i < group->count; i++)
		if (is_in(&group->hooks[i], ip))
			return group->hooks[i].door;
	atomic_long_inc(&lost);
	return NULL;
}

static const struct cw_door * notrace find(const struct group *group,
					   unsigned long ip)
{
	const struct hook *hook = &group->by_place[place_of(ip)];

	return likely(is_in(hook, ip)) ? hook->door : search(group, ip);
}

static void notrace decide(const struct cw_door *door,
			   struct ftrace_regs *fregs)
{
	const unsigned long arg[] = {
		ftrace_regs_get_argument(fregs, 0),
		ftrace_regs_get_argument(fregs, 1),
		ftrace_regs_get_argument(fregs, 2),
		ftrace_regs_get_argument(fregs, 3),
	};

	static_assert(ARRAY_SIZE(arg) == CW_DOOR_ARGS);
	if (door->enter(arg) && door->governs)
		ftrace_regs_set_instruction_pointer(fregs,
					(unsigned long)refuse_stub);
}

/*
 * No guard against recursion is asked of ftrace: no door calls a function that
 * is hooked here, and where the guard strikes a call goes by unjudged.  May be
 * preempted before and after, but never sleeps by itself: see stop_group().
 */
static void notrace enter(unsigned long ip, unsigned long parent_ip,
			  struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct cw_door *door;

	preempt_disable_notrace();
	door = find(container_of(ops, struct group, ops), ip);
	if (likely(door))
		decide(door, fregs);
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
 * between the two calls, the hooks cannot be removed either and hook.c keeps
 * our text.
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
static bool stuck(void)
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

/* ---- the provider ------------------------------------------------------------ */

/*
 * A disabled kprobe patches nothing, but knows the address.  All are given back
 * together: that waits for RCU once.  Used by init only, so there is one.
 */
static int look_up(struct group *group, const char **culprit)
{
	static struct kprobe probes[CW_HOOK_MAX];
	struct kprobe *list[CW_HOOK_MAX];
	unsigned int i;
	int ret = 0;

	memset(probes, 0, sizeof(probes));
	for (i = 0; i < group->count; i++) {
		*culprit = group->hooks[i].door->function;
		list[i] = &probes[i];
		probes[i].symbol_name = *culprit;
		probes[i].flags = KPROBE_FLAG_DISABLED;
		ret = register_kprobe(&probes[i]);
		if (ret)
			break;
		group->hooks[i].entry = (unsigned long)probes[i].addr;
	}
	if (i)
		unregister_kprobes(list, i);
	return ret;
}

static int add(const struct cw_door *door)
{
	struct group *group = door->governs ? &governed : &observed;
	unsigned int index = group->count;

	if (index == CW_HOOK_MAX)
		return -ENOSPC;
	group->ops.func = enter;
	if (!index)
		group->ops.flags = door->governs ? CW_FTRACE_GOVERN :
						   CW_FTRACE_OBSERVE;
	group->hooks[index].door = door;
	group->count++;
	return 0;
}

static int filter_all(struct group *group, const char **culprit)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < group->count; i++) {
		*culprit = group->hooks[i].door->function;
		ret = filter(&group->ops, *culprit, group->hooks[i].entry);
	}
	return ret;
}

/* The error is that of the group; the function is the first that has it alone,
 * else the first of all. */
static const char *find_culprit(const struct group *group, int error)
{
	unsigned long flags = group == &governed ? CW_FTRACE_GOVERN :
						   CW_FTRACE_OBSERVE;
	unsigned int i;

	for (i = 0; i < group->count; i++)
		if (try(group->hooks[i].door->function, flags) == error)
			return group->hooks[i].door->function;
	return group->hooks[0].door->function;
}

/* Of two for one place the first gets it: the doors that are used most. */
static void place_all(struct group *group)
{
	unsigned int i = group->count;

	while (i--)
		group->by_place[place_of(group->hooks[i].entry)] =
			group->hooks[i];
}

static int start_group(struct group *group, const char **culprit)
{
	int ret;

	/* An op without a filter would be on every function there is. */
	if (!group->count)
		return 0;
	ret = look_up(group, culprit) ?: filter_all(group, culprit);
	if (!ret) {
		place_all(group);
		ret = register_ftrace_function(&group->ops);
		if (ret)
			*culprit = find_culprit(group, ret);
	}
	if (ret)
		explain(*culprit, ret);
	else
		group->on = true;
	return ret;
}

/* Who sees the end of sockets comes before who enters them, and goes after. */
static int start(const char **culprit)
{
	int ret = start_group(&observed, culprit);

	return ret ?: start_group(&governed, culprit);
}

/*
 * unregister_ftrace_function() waits until no CPU runs our callback and, by
 * RCU-tasks, until no task that was preempted is in it or in the stub.  It
 * fails when ftrace was stopped by an error: then the callback goes on being
 * called, and the group must stay.
 */
static int stop_group(struct group *group)
{
	int ret = group->on ? unregister_ftrace_function(&group->ops) : 0;

	if (ret)
		return ret;
	clear_filter(&group->ops);
	memset(group, 0, sizeof(*group));
	return 0;
}

static int stop(void)
{
	int ret = stop_group(&governed);

	return ret ?: stop_group(&observed);
}

static u64 missed(void)
{
	return atomic_long_read(&lost);
}

const struct cw_provider cw_provider_ftrace = {
	.name = "ftrace",
	.when_off = "ftrace was stopped by an error",
	.switchable = false,
	.add = add,
	.start = start,
	.stop = stop,
	.missed = missed,
	.stuck = stuck,
};
