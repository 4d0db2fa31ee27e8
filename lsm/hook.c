// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks every door through a provider.  It hooks functions of our own as well,
 * which tell at load whether it refuses, and whether it still does whenever
 * `status` is read.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>

#include "cw.h"

#define AUTO "auto"

static char *wanted = AUTO;
module_param_named(provider, wanted, charp, 0444);
MODULE_PARM_DESC(provider, "how functions are hooked: auto (the first that works), ftrace or kretprobe");

/* Best first: the order of auto. */
static const struct cw_provider * const providers[] = {
	&cw_provider_ftrace,
#ifdef CONFIG_KRETPROBES
	&cw_provider_kretprobe,
#endif
};

static const struct cw_provider *provider;

/* Where and why the first provider failed; set before the files appear. */
static const char *failed_function;
static int failed_error;

/* ---- proof --------------------------------------------------------------- */

#define PROOF_ARGUMENT 0x636f6e6e

/* Three arguments and an int, like the doors.  Must not be inlined, cloned or
 * made one, and a compiler must not know what they return. */
#define PROOF(name) \
	noinline int name(unsigned long a, unsigned long b, int c); \
	noinline int name(unsigned long a, unsigned long b, int c) \
	{ \
		int result = 0; \
		asm volatile("# " #name : "+r" (a), "+r" (b), "+r" (c), \
			     "+r" (result) : : "memory"); \
		return result; \
	}

PROOF(cw_hook_proof_answer)
PROOF(cw_hook_proof_act)

static int enter_proof(const unsigned long *arg)
{
	return arg[0] == PROOF_ARGUMENT && arg[1] == ~arg[0] &&
	       (int)arg[2] == -1 ? -EPERM : 0;
}

/* A provider may hook the two kinds in different ways. */
static const struct cw_door proof_doors[CW_HOOK_PROOFS] = {
	{ .function = "cw_hook_proof_answer", .governs = true,
	  .enter = enter_proof },
	{ .function = "cw_hook_proof_act", .governs = true, .acts = true,
	  .enter = enter_proof },
};

/* Refused when the callback says so, let through when not. */
static bool refuses(int (*function)(unsigned long a, unsigned long b, int c))
{
	return function(PROOF_ARGUMENT, ~(unsigned long)PROOF_ARGUMENT, -1) ==
	       -EPERM &&
	       !function(PROOF_ARGUMENT + 1,
			 ~(unsigned long)(PROOF_ARGUMENT + 1), -1);
}

static bool works(void)
{
	return refuses(cw_hook_proof_answer) && refuses(cw_hook_proof_act);
}

/* ---- starting and stopping ------------------------------------------------- */

/*
 * A hook that cannot be removed calls our text for as long as the kernel runs.
 * Neither exit nor a failed init can keep the text by a reference, it is freed
 * when they return: so they do not.  No locks are held here; TASK_IDLE is no
 * load and no hung task.  The hooks that are left go on as before.
 */
static void __noreturn stay(void)
{
	pr_crit("%s: ftrace was stopped by an error, so hooks cannot be removed: the module stays until reboot, and this command never ends\n",
		CW_NAME);
	for (;;)
		schedule_timeout_idle(MAX_SCHEDULE_TIMEOUT);
}

static void stop(const struct cw_provider *candidate)
{
	if (candidate->stop())
		stay();
}

/* The first failure is what `status` tells. */
static int failed(const char *function, int error)
{
	if (!failed_function) {
		failed_function = function;
		failed_error = error;
	}
	return error;
}

static int add_all(const struct cw_provider *candidate,
		   const struct cw_door *doors, unsigned int count)
{
	unsigned int i;
	int ret;

	for (i = 0; i < count; i++) {
		ret = candidate->add(&doors[i]);
		if (ret)
			return failed(doors[i].function, ret);
	}
	return 0;
}

static int start_all(const struct cw_provider *candidate)
{
	const char *culprit = NULL;
	int ret;

	ret = candidate->start(&culprit);
	if (ret)
		return failed(culprit, ret);
	if (works())
		return 0;
	pr_err("%s: provider %s does not refuse a test call: %s\n", CW_NAME,
	       candidate->name, candidate->when_off);
	return failed(proof_doors[0].function, -EOPNOTSUPP);
}

/* All or nothing. */
static int start(const struct cw_provider *candidate)
{
	int ret;

	ret = add_all(candidate, cw_doors, cw_door_count);
	if (!ret)
		ret = add_all(candidate, proof_doors, CW_HOOK_PROOFS);
	if (!ret)
		ret = start_all(candidate);
	if (ret)
		stop(candidate);
	else
		provider = candidate;
	return ret;
}

static int start_named(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(providers); i++)
		if (!strcmp(wanted, providers[i]->name))
			return start(providers[i]);
	pr_err("%s: no provider \"%s\": take auto, ftrace or kretprobe\n",
	       CW_NAME, wanted);
	return -EINVAL;
}

static int start_first(void)
{
	int ret = -EOPNOTSUPP;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(providers); i++) {
		ret = start(providers[i]);
		/* Too little memory is no reason to take a weaker one.  One
		 * that was on and does not refuse is a kernel to stay out of:
		 * sockets that it told of have no end now. */
		if (!ret || ret == -ENOMEM || ret == -EOPNOTSUPP)
			break;
	}
	if (!ret && i)
		pr_warn("%s: falls back to provider %s, which root can switch off: %s cannot hook %s\n",
			CW_NAME, provider->name, providers[0]->name,
			failed_function);
	return ret;
}

/* ---- all of them ---------------------------------------------------------- */

int cw_hook_init(void)
{
	return strcmp(wanted, AUTO) ? start_named() : start_first();
}

void cw_hook_exit(void)
{
	stop(provider);
}

const struct cw_provider *cw_hook_provider(void)
{
	return provider;
}

const char *cw_hook_fallback(int *error)
{
	*error = failed_error;
	return failed_function;
}

/*
 * Called with a file open, so the module cannot go: the time to make sure that
 * rmmod is refused, rather than never to end, when hooks cannot be removed.
 */
static void pin_if_stuck(void)
{
	static atomic_t pinned;

	if (!provider->stuck() || atomic_xchg(&pinned, 1))
		return;
	__module_get(THIS_MODULE);
	pr_crit("%s: ftrace was stopped by an error, so hooks cannot be removed: the module stays until reboot\n",
		CW_NAME);
}

const char *cw_hook_trouble(void)
{
	pin_if_stuck();
	return works() ? NULL : provider->when_off;
}

u64 cw_hook_missed(void)
{
	return provider->missed();
}
