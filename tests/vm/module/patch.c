// SPDX-License-Identifier: GPL-2.0-only
/*
 * A livepatch of security_socket_connect(): the new one allows everything, as
 * the old one does where no security module judges connect().
 */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/socket.h>

static int patched_connect(struct socket *sock, struct sockaddr *address,
			   int length)
{
	return 0;
}

static struct klp_func functions[] = {
	{ .old_name = "security_socket_connect", .new_func = patched_connect },
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
