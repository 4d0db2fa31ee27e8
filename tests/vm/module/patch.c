// SPDX-License-Identifier: GPL-2.0-only
/*
 * A livepatch of tcp_fastopen_defer_connect(): the new one defers nothing, as the
 * old one does for sockets without TCP_FASTOPEN_CONNECT.
 */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <net/sock.h>

static bool patched_defer(struct sock *sk, int *err)
{
	return false;
}

static struct klp_func functions[] = {
	{ .old_name = "tcp_fastopen_defer_connect", .new_func = patched_defer },
	{ }
};

static struct klp_object objects[] = {
	{ .funcs = functions },	/* no name: vmlinux */
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
};

static int __init patch_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit patch_exit(void)
{
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_DESCRIPTION("Livepatch of a function that connwarden hooks");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
