// SPDX-License-Identifier: GPL-2.0-only
/*
 * Doors of other protocols that reach Internet addresses and are modules of their
 * own.  UDP below some of them is sent by the kernel in a thread of its own, so
 * they are judged where the user sends.  Whoever has named no address in the
 * message sends to one that is not at hand here: rules `to any` decide.
 */
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <uapi/linux/rxrpc.h>

#include "door.h"
#include "judge.h"

/* False: @address has none that a rule could name. */
static bool read_address(struct cw_request *request, const void *address,
			 int length)
{
	const struct sockaddr_in *in = address;
	const struct sockaddr_in6 *in6 = address;

	if (!address || length < (int)sizeof(*in))
		return false;
	request->port = ntohs(in->sin_port);
	if (in->sin_family == AF_INET && in->sin_addr.s_addr) {
		cw_judge_set_v4(request, in->sin_addr.s_addr);
		return true;
	}
	if (in->sin_family != AF_INET6 || length < SIN6_LEN_RFC2133 ||
	    ipv6_addr_any(&in6->sin6_addr))
		return false;
	cw_judge_set_v6(request, &in6->sin6_addr);
	if (length >= (int)sizeof(*in6))
		cw_judge_set_scope(request, in6->sin6_scope_id);
	return true;
}

/* A datagram of @sk, as @proto, to the socket address @address. */
static void read_datagram(struct cw_attempt *attempt, const struct sock *sk,
			  enum cw_proto proto, const void *address, int length)
{
	attempt->key = attempt->sk = sk;
	attempt->request.proto = proto;
	if (!read_address(&attempt->request, address, length) ||
	    cw_route_is_set(sk))
		cw_judge_read_unnamed(attempt, sk);
	if (!(CW_PROTO_MASK_PORTS & 1u << proto))
		attempt->request.port = 0;
}

static noinline notrace int refuse_sk_send(struct sock *sk, struct msghdr *msg,
					   size_t size)
{
	return -EPERM;
}

static noinline notrace int refuse_sock_send(struct socket *sock,
					     struct msghdr *msg, size_t size)
{
	return -EPERM;
}

CW_DOOR_MEMBER(struct proto, sendmsg, int, struct sock *, struct msghdr *,
	       size_t);
CW_DOOR_MEMBER(struct proto_ops, sendmsg, int, struct socket *, struct msghdr *,
	       size_t);

/* ---- frames -------------------------------------------------------------------------- */

/* A socket of type SOCK_PACKET has names instead of numbers, and is not asked. */
void cw_packet_read(struct cw_attempt *attempt, u32 ifindex, u16 number)
{
	struct socket *sock = attempt->sk->sk_socket;
	struct sockaddr_storage bound = {};
	const struct sockaddr_ll *link = (const void *)&bound;

	/* Takes no lock, and does not sleep. */
	if (sock && sock->type != SOCK_PACKET &&
	    sock->ops->getname(sock, (struct sockaddr *)&bound, 0) > 0) {
		ifindex = ifindex ?: link->sll_ifindex;
		number = number ?: ntohs(link->sll_protocol);
	}
	attempt->request.scope = ifindex;
	attempt->number = number;
}

/* The address of a frame is of a device: only rules `to any` can match. */
static bool read_frame(struct cw_attempt *attempt, const void *sender,
		       const struct msghdr *msg)
{
	const struct sockaddr_ll *link = msg->msg_name;
	const struct socket *sock = sender;

	if (!sock->sk)
		return false;
	attempt->key = attempt->sk = sock->sk;
	attempt->request.proto = CW_PROTO_PACKET;
	if (link && sock->type != SOCK_PACKET &&
	    msg->msg_namelen >= (int)sizeof(*link))
		cw_packet_read(attempt, link->sll_ifindex,
			       ntohs(link->sll_protocol));
	else
		cw_packet_read(attempt, 0, 0);
	return true;
}

static bool enter_packet(struct ftrace_regs *regs)
{
	return cw_sent_judge(regs, read_frame);
}

/* What is sent over a link of PPP has no address of its own. */
static bool read_link(struct cw_attempt *attempt, const void *sender,
		      const struct msghdr *msg)
{
	const struct socket *sock = sender;

	if (!sock->sk)
		return false;
	cw_judge_read_unnamed(attempt, sock->sk);
	return true;
}

static bool enter_link(struct ftrace_regs *regs)
{
	return cw_sent_judge(regs, read_link);
}

static const struct cw_door af_packet[] = {
	{ "packet_sendmsg", refuse_sock_send, enter_packet, read_frame },
	{ "packet_sendmsg_spkt", refuse_sock_send, enter_packet, read_frame },
};

/* ---- L2TP ------------------------------------------------------------------------- */

/* A struct sockaddr_l2tpip, which has its address where sockaddr_in has it, and
 * no port.  IPv6 is sent by ip6_append_data(). */
static bool read_l2tp_ip(struct cw_attempt *attempt, const void *sender,
			 const struct msghdr *msg)
{
	read_datagram(attempt, sender, CW_PROTO_RAW, msg->msg_name,
		      msg->msg_namelen);
	return true;
}

static bool enter_l2tp_ip(struct ftrace_regs *regs)
{
	return cw_sent_judge(regs, read_l2tp_ip);
}

static const struct cw_door l2tp_ip[] = {
	{ "l2tp_ip_sendmsg", refuse_sk_send, enter_l2tp_ip, read_l2tp_ip },
};
static const struct cw_door l2tp_ppp[] = {
	{ "pppol2tp_sendmsg", refuse_sock_send, enter_link, read_link },
};
static const struct cw_door pppoe[] = {
	{ "pppoe_sendmsg", refuse_sock_send, enter_link, read_link },
};

/* ---- RDS, RxRPC ---------------------------------------------------------------------- */

static bool read_rds(struct cw_attempt *attempt, const void *sender,
		     const struct msghdr *msg)
{
	const struct socket *sock = sender;

	if (!sock->sk)
		return false;
	read_datagram(attempt, sock->sk, CW_PROTO_RAW, msg->msg_name,
		      msg->msg_namelen);
	return true;
}

static bool enter_rds(struct ftrace_regs *regs)
{
	return cw_sent_judge(regs, read_rds);
}

static bool read_rxrpc(struct cw_attempt *attempt, const void *sender,
		       const struct msghdr *msg)
{
	const struct sockaddr_rxrpc *name = msg->msg_name;
	const struct socket *sock = sender;
	bool is_named = name && msg->msg_namelen >= (int)sizeof(*name);

	if (!sock->sk)
		return false;
	read_datagram(attempt, sock->sk, CW_PROTO_UDP,
		      is_named ? &name->transport : NULL,
		      sizeof(name->transport));
	return true;
}

static bool enter_rxrpc(struct ftrace_regs *regs)
{
	return cw_sent_judge(regs, read_rxrpc);
}

static const struct cw_door rds[] = {
	{ "rds_sendmsg", refuse_sock_send, enter_rds, read_rds },
};
static const struct cw_door rxrpc[] = {
	{ "rxrpc_sendmsg", refuse_sock_send, enter_rxrpc, read_rxrpc },
};

/* ---- DCCP ------------------------------------------------------------------------------ */

#if IS_ENABLED(CONFIG_IP_DCCP)
/* Under the socket's lock, in state CLOSED.  IPv6 calls IPv4 for a mapped one. */
static bool enter_dccp(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, const struct sock *);
	struct cw_attempt attempt = {
		.key = sk, .sk = sk, .request.proto = CW_PROTO_RAW,
	};

	if (!read_address(&attempt.request, CW_ARG(regs, 1, const void *),
			  CW_ARG(regs, 2, int)) || cw_route_is_set(sk))
		return cw_judge_unnamed(sk);
	attempt.request.port = 0;
	return cw_judge_connection(&attempt);
}

static noinline notrace int refuse_sk_connect(struct sock *sk,
					      struct sockaddr *address,
					      int length)
{
	return -EPERM;
}

CW_DOOR_MEMBER(struct proto, connect, int, struct sock *, struct sockaddr *,
	       int);

static const struct cw_door dccp_ipv4[] = {
	{ "dccp_v4_connect", refuse_sk_connect, enter_dccp },
};
static const struct cw_door dccp_ipv6[] = {
	{ "dccp_v6_connect", refuse_sk_connect, enter_dccp },
};
#endif

#define PROTOCOL(name, config) \
	{ .module = #name, .is_builtin = IS_BUILTIN(config), .door = name, \
	  .count = ARRAY_SIZE(name) }

const struct cw_doors cw_other_doors[] = {
	PROTOCOL(af_packet, CONFIG_PACKET), PROTOCOL(l2tp_ip, CONFIG_L2TP_IP),
	PROTOCOL(l2tp_ppp, CONFIG_PPPOL2TP), PROTOCOL(pppoe, CONFIG_PPPOE),
	PROTOCOL(rds, CONFIG_RDS), PROTOCOL(rxrpc, CONFIG_AF_RXRPC),
#if IS_ENABLED(CONFIG_IP_DCCP)
	PROTOCOL(dccp_ipv4, CONFIG_IP_DCCP), PROTOCOL(dccp_ipv6, CONFIG_IP_DCCP),
#endif
};

const unsigned int cw_other_count = ARRAY_SIZE(cw_other_doors);
