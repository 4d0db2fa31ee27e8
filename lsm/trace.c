// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoints that tell what processes and TCP connections do.  Probes
 * are preemptible on 7.x and have preemption off before; they assume neither.
 */
#include <linux/binfmts.h>
#include <linux/tracepoint.h>
#include <trace/events/sched.h>
#include <trace/events/sock.h>

#include "cw.h"

/* Softirq or task. */
static void probe_state(void *unused, const struct sock *sk, const int old,
			const int state)
{
	cw_ending_state(sk, old, state);
}

static void probe_fork(void *unused, struct task_struct *parent,
		       struct task_struct *child)
{
	cw_process_fork(child);
}

static void probe_exec(void *unused, struct task_struct *task, pid_t old_pid,
		       struct linux_binprm *bprm)
{
	cw_process_exec(bprm);
	cw_use_executed();
}

static void probe_exit(CW_TRACE_EXIT_ARGS)
{
	cw_process_exit(task);
}

static struct watch {
	const char *name;
	void *probe;
	struct tracepoint *tracepoint;
	bool on;
} watches[] = {
	{ "sched_process_exit", probe_exit },
	{ "sched_process_exec", probe_exec },
	{ "sched_process_fork", probe_fork },
	{ "inet_sock_set_state", probe_state },
};

/* Probes are registered as void *: a changed prototype must not compile. */
static void check_types(void)
{
	check_trace_callback_type_sched_process_exit(probe_exit);
	check_trace_callback_type_sched_process_exec(probe_exec);
	check_trace_callback_type_sched_process_fork(probe_fork);
	check_trace_callback_type_inet_sock_set_state(probe_state);
}

static void match(struct tracepoint *tracepoint, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(watches); i++)
		if (!strcmp(tracepoint->name, watches[i].name))
			watches[i].tracepoint = tracepoint;
}

static int attach(struct watch *watch)
{
	int ret = -ENODEV;

	if (watch->tracepoint)
		ret = tracepoint_probe_register(watch->tracepoint, watch->probe,
						NULL);
	if (ret)
		pr_err("%s: cannot use tracepoint %s: error %d\n", CW_NAME,
		       watch->name, ret);
	watch->on = !ret;
	return ret;
}

int cw_trace_init(void)
{
	unsigned int i;
	int ret;

	check_types();
	/* Found by name: the symbols are not exported everywhere. */
	for_each_kernel_tracepoint(match, NULL);
	for (i = 0; i < ARRAY_SIZE(watches); i++) {
		ret = attach(&watches[i]);
		if (ret) {
			cw_trace_exit();
			return ret;
		}
	}
	return 0;
}

/* Afterwards no probe runs or will run. */
void cw_trace_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(watches); i++)
		if (watches[i].on)
			tracepoint_probe_unregister(watches[i].tracepoint,
						    watches[i].probe, NULL);
	tracepoint_synchronize_unregister();
}
