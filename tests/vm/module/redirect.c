// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes a function the way a livepatch does, by ftrace with IPMODIFY, and
 * leaves it as it is.  The parameter `function` says which.
 */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/string.h>

static char *function = "tcp_fastopen_defer_connect";
module_param(function, charp, 0);

static void notrace leave_it(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

static struct ftrace_ops redirect_ops = {
	.func = leave_it,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

static int __init redirect_init(void)
{
	int ret;

	ret = ftrace_set_filter(&redirect_ops, function, strlen(function), 0);
	if (!ret)
		ret = register_ftrace_function(&redirect_ops);
	/* The filter is memory that nobody else frees. */
	if (ret)
		ftrace_set_filter(&redirect_ops, NULL, 0, 1);
	return ret;
}

static void __exit redirect_exit(void)
{
	unregister_ftrace_function(&redirect_ops);
	ftrace_set_filter(&redirect_ops, NULL, 0, 1);
}

module_init(redirect_init);
module_exit(redirect_exit);
MODULE_DESCRIPTION("Owns a kernel function");
MODULE_LICENSE("GPL");
