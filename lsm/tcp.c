// SPDX-License-Identifier: GPL-2.0-only
/*
 * The door of TCP: tcp_v4_connect() and tcp_v6_connect() call
 * tcp_fastopen_defer_connect() directly before the SYN, under the socket's lock,
 * when both ends are settled and BPF programs of the cgroup have rewritten what
 * they like.  connect() in every form comes by here, and so do MSG_FASTOPEN,
 * TCP_FASTOPEN_CONNECT, MPTCP, SMC, io_uring and the kernel's own connections.
 *
 * What fails before (no route, no free port) sends nothing and is not judged.
 * With TCP_FASTOPEN_CONNECT the SYN leaves with the first send, which may be
 * another process's; the connection is who asked for it.
 */
#include <linux/net.h>
#include <net/inet_sock.h>
#include <net/mptcp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "door.h"
#include "judge.h"

/*
 * The kernel makes all sockets of one MPTCP connection with the inode number of
 * the one that the user has (Linux 6.1), by which further subflows, which a kernel
 * thread connects, are found to be that user's.
 */
static u64 mptcp_inode(const struct sock *sk)
{
	if (!sk_is_mptcp(sk) || !sk->sk_socket)
		return 0;
	return SOCK_INODE(sk->sk_socket)->i_ino;
}

static bool enter_connect(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, const struct sock *);
	struct cw_attempt attempt = {};

	cw_judge_read_ends(&attempt, sk);
	if (unlikely(cw_route_is_set(sk)))
		cw_judge_forget_end(&attempt);
	attempt.mptcp = mptcp_inode(sk);
	return cw_judge_connection(&attempt);
}

/* The caller then closes the socket and gives the error back. */
static noinline notrace bool refuse_connect(struct sock *sk, int *err)
{
	*err = -EPERM;
	return false;
}

CW_DOOR_TYPE(tcp_fastopen_defer_connect, bool, struct sock *, int *);

static const struct cw_door doors[] = {
	{ "tcp_fastopen_defer_connect", refuse_connect, enter_connect },
};

CW_DOORS(cw_tcp_doors, doors);
