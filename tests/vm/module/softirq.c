// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends a datagram to 127.0.0.9, to the port `port`, from a softirq that
 * interrupts the task which loads this module.
 */
#include <linux/bottom_half.h>
#include <linux/in.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/net.h>
#include <net/net_namespace.h>
#include <net/sock.h>

static unsigned short port = 7100;
module_param(port, ushort, 0);

static struct socket *sock;

static void send_one(struct tasklet_struct *unused)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(0x7f000009),
	};
	struct msghdr message = {
		.msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_flags = MSG_DONTWAIT,
	};
	struct kvec byte = { .iov_base = "x", .iov_len = 1 };

	pr_info("a softirq interrupts %s and sends: %d\n", current->comm,
		kernel_sendmsg(sock, &message, &byte, 1, 1));
}

static DECLARE_TASKLET(tasklet, send_one);

static int __init send_init(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int ret = sock_create_kern(&init_net, AF_INET, SOCK_DGRAM, IPPROTO_UDP,
				   &sock);

	if (ret)
		return ret;
	/* A send would bind the socket, under a lock that is not for softirqs. */
	ret = kernel_bind(sock, (void *)&any, sizeof(any));
	if (ret) {
		sock_release(sock);
		return ret;
	}
	/* A softirq must not sleep for memory. */
	sock->sk->sk_allocation = GFP_ATOMIC;
	/* What was raised meanwhile runs at local_bh_enable(), in this task. */
	local_bh_disable();
	tasklet_schedule(&tasklet);
	local_bh_enable();
	return 0;
}

static void __exit send_exit(void)
{
	tasklet_kill(&tasklet);
	sock_release(sock);
}

module_init(send_init);
module_exit(send_exit);
MODULE_DESCRIPTION("Sends a datagram from a softirq");
MODULE_LICENSE("GPL");
