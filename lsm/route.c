// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source routes: with one, packets go to its first hop and not to the address
 * that is asked for.  Such a request has no address that a rule could name, so
 * rules `to any` decide.
 *
 * tcp.c and datagram.c see what they are about to send.  Here are the doors by
 * which a route is set on a socket or comes with one message.  The option by which a
 * raw socket brings the IP header is likewise.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/security.h>
#include <linux/socket.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/transp_v6.h>

#include "door.h"
#include "judge.h"

bool cw_route_is_set(const struct sock *sk)
{
	const struct ip_options_rcu *v4;
	bool routed = false;

	if (!cw_judge_is_inet(sk))
		return false;
	rcu_read_lock();
	v4 = rcu_dereference(inet_sk(sk)->inet_opt);
	if (v4)
		routed = v4->opt.srr;
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		const struct ipv6_txoptions *v6 =
			rcu_dereference(inet6_sk(sk)->opt);

		routed |= v6 && v6->srcrt;
	}
#endif
	rcu_read_unlock();
	return routed;
}

static bool is_route(const struct cmsghdr *cmsg)
{
	if (cmsg->cmsg_level == SOL_IP)
		return cmsg->cmsg_type == IP_RETOPTS;
	return cmsg->cmsg_level == SOL_IPV6 &&
	       (cmsg->cmsg_type == IPV6_RTHDR ||
		cmsg->cmsg_type == IPV6_2292RTHDR);
}

/*
 * Where the kernel reads the control messages of a datagram, of a flow label and
 * of IPV6_2292PKTOPTIONS: a flow label has no datagram of its own.
 * msg_control_is_user is not set for all of these.
 */
static bool judge_control(const struct sock *sk, struct msghdr *msg)
{
	struct cmsghdr *cmsg;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return false;	/* which the kernel refuses */
		if (is_route(cmsg))
			return cw_judge_unnamed(sk);
	}
	return false;
}

/*
 * A route can be set on a socket that is connected already and then sends
 * everything to its first hop.  The value is not at hand here: other options of
 * the kind, or to take them away, are judged as well.
 */
static bool may_set_route(int level, int option)
{
	if (level == SOL_IP)
		return option == IP_OPTIONS;
	return level == SOL_IPV6 &&
	       (option == IPV6_RTHDR || option == IPV6_2292RTHDR);
}

/* With the option the packet's header may name any address. */
static bool lets_bring_header(const struct sock *sk, int level, int option)
{
	if (sk->sk_type != SOCK_RAW || !cw_judge_is_inet(sk))
		return false;
	if (level == SOL_IP)
		return option == IP_HDRINCL;
	return (level == SOL_IPV6 || level == SOL_RAW) &&
	       option == IPV6_HDRINCL;
}

/* SMC and others pass these options on to a socket of AF_INET below them. */
static bool can_have_route(const struct sock *sk)
{
	return sk->sk_family != AF_UNIX && sk->sk_family != AF_NETLINK;
}

/* ---- doors ---------------------------------------------------------------------- */

static bool enter_cmsg(struct ftrace_regs *regs)
{
	return judge_control(CW_ARG(regs, 0, const struct sock *),
			     CW_ARG(regs, 1, struct msghdr *));
}

static noinline notrace int refuse_cmsg(struct sock *sk, struct msghdr *msg,
					struct ipcm_cookie *ipc, bool allow_ipv6)
{
	return -EPERM;
}

static bool enter_setsockopt(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, struct socket *)->sk;
	int level = CW_ARG(regs, 1, int), option = CW_ARG(regs, 2, int);

	if (likely(level != SOL_IP && level != SOL_IPV6 && level != SOL_RAW) ||
	    !sk)
		return false;
	return ((may_set_route(level, option) && can_have_route(sk)) ||
		lets_bring_header(sk, level, option)) &&
	       cw_judge_unnamed(sk);
}

static noinline notrace int refuse_setsockopt(struct socket *sock, int level,
					      int optname)
{
	return -EPERM;
}

#if IS_ENABLED(CONFIG_IPV6)
static bool enter_cmsg6(struct ftrace_regs *regs)
{
	return judge_control(CW_ARG(regs, 1, const struct sock *),
			     CW_ARG(regs, 2, struct msghdr *));
}

static noinline notrace int refuse_cmsg6(struct net *net, struct sock *sk,
					 struct msghdr *msg, struct flowi6 *fl6,
					 struct ipcm6_cookie *ipc6)
{
	return -EPERM;
}

CW_DOOR_TYPE(ip6_datagram_send_ctl, int, struct net *, struct sock *,
	     struct msghdr *, struct flowi6 *, struct ipcm6_cookie *);
#endif

CW_DOOR_TYPE(ip_cmsg_send, int, struct sock *, struct msghdr *,
	     struct ipcm_cookie *, bool);
CW_DOOR_TYPE(security_socket_setsockopt, int, struct socket *, int, int);

static const struct cw_door doors[] = {
	{ "security_socket_setsockopt", refuse_setsockopt, enter_setsockopt },
	{ "ip_cmsg_send", refuse_cmsg, enter_cmsg },
#if IS_ENABLED(CONFIG_IPV6)
	{ "ip6_datagram_send_ctl", refuse_cmsg6, enter_cmsg6 },
#endif
};

CW_DOORS(cw_route_doors, doors);
