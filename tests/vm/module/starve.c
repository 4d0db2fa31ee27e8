// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes connwarden know nothing about what processes named "starve" fork and
 * execute, as if there were no memory for it.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

static noinline void do_nothing(void)
{
	barrier();
}

/* In place of a function that returns nothing. */
static int skip(struct kprobe *probe, struct pt_regs *regs)
{
	if (strcmp(current->comm, "starve"))
		return 0;
	instruction_pointer_set(regs, (unsigned long)do_nothing);
	return 1;
}

static struct kprobe on_fork = {
	.symbol_name = "cw_process_fork", .pre_handler = skip,
};

static struct kprobe on_exec = {
	.symbol_name = "cw_process_exec", .pre_handler = skip,
};

static struct kprobe *probes[] = { &on_fork, &on_exec };

static int __init starve_init(void)
{
	return register_kprobes(probes, ARRAY_SIZE(probes));
}

static void __exit starve_exit(void)
{
	unregister_kprobes(probes, ARRAY_SIZE(probes));
}

module_init(starve_init);
module_exit(starve_exit);
MODULE_DESCRIPTION("Hides processes from connwarden");
MODULE_LICENSE("GPL");
