// SPDX-License-Identifier: GPL-2.0-only
/*
 * The doors of datagrams.  connect() of a datagram socket sends nothing: it is
 * not judged.  Each datagram is, for whoever sends it.
 *
 * UDP is judged at ip_send_skb() and ip6_send_skb(), which see each datagram once,
 * finished: with the address that it really goes to, whatever a control message,
 * a BPF program, another thread or a corked datagram did to it before.  Raw and
 * ping sockets are judged at ip_append_data() and ip6_append_data(), which have
 * the flow that the packet is made from.  A raw socket that brings its own IP
 * header does not come by there.
 */
#include <linux/icmp.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/socket.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/if_inet6.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/udp.h>

#include "conn.h"
#include "door.h"
#include "judge.h"

/* ---- UDP, UDP-Lite ---------------------------------------------------------------- */

/* The kernel sends its own replies by the same functions, from raw sockets. */
static bool is_udp(const struct sock *sk)
{
	return sk && sk_fullsock(sk) && sk->sk_type == SOCK_DGRAM &&
	       (sk->sk_protocol == IPPROTO_UDP ||
		sk->sk_protocol == IPPROTO_UDPLITE);
}

static void read_udp(struct cw_attempt *attempt, const struct sk_buff *skb)
{
	const struct udphdr *udp = udp_hdr(skb);

	attempt->key = attempt->sk = skb->sk;
	attempt->request.proto = CW_PROTO_UDP;
	attempt->request.port = ntohs(udp->dest);
	attempt->local.port = ntohs(udp->source);
	attempt->bytes = skb->len - skb_transport_offset(skb) - sizeof(*udp);
}

static bool enter_ip_send(struct ftrace_regs *regs)
{
	struct sk_buff *skb = CW_ARG(regs, 1, struct sk_buff *);
	const struct iphdr *ip = ip_hdr(skb);
	struct cw_attempt attempt = {};

	if (!is_udp(skb->sk))
		return false;
	read_udp(&attempt, skb);
	cw_judge_set_v4(&attempt.request, ip->daddr);
	memcpy(attempt.local.addr, &ip->saddr, sizeof(ip->saddr));
	if (unlikely(ip->ihl > 5 && IPCB(skb)->opt.srr))
		cw_judge_forget_end(&attempt);	/* the first hop gets it */
	return cw_judge_datagram(&attempt);
}

/* Callers give the datagram away. */
static noinline notrace int refuse_ip_send(struct net *net, struct sk_buff *skb)
{
	kfree_skb(skb);
	return -EPERM;
}

CW_DOOR_TYPE(ip_send_skb, int, struct net *, struct sk_buff *);

#if IS_ENABLED(CONFIG_IPV6)
static bool has_route6(const struct sk_buff *skb)
{
	unsigned int offset = 0;

	return skb_transport_offset(skb) - skb_network_offset(skb) >
	       (int)sizeof(struct ipv6hdr) &&
	       ipv6_find_hdr(skb, &offset, NEXTHDR_ROUTING, NULL, NULL) >= 0;
}

/* Not the device of the route, which is loopback for the host's own addresses. */
static u32 interface_of(const struct sk_buff *skb)
{
	const struct inet6_dev *device = NULL;

	if (skb_dst(skb))
		device = ip6_dst_idev(skb_dst(skb));
	return device ? device->dev->ifindex : 0;
}

static bool enter_ip6_send(struct ftrace_regs *regs)
{
	struct sk_buff *skb = CW_ARG(regs, 0, struct sk_buff *);
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	struct cw_attempt attempt = {};

	if (!is_udp(skb->sk))
		return false;
	read_udp(&attempt, skb);
	cw_judge_set_v6(&attempt.request, &ip->daddr);
	cw_judge_set_local6(&attempt, &ip->saddr);
	cw_judge_set_scope(&attempt.request, interface_of(skb));
	if (unlikely(has_route6(skb)))
		cw_judge_forget_end(&attempt);	/* the first hop gets it */
	return cw_judge_datagram(&attempt);
}

static noinline notrace int refuse_ip6_send(struct sk_buff *skb)
{
	kfree_skb(skb);
	return -EPERM;
}

CW_DOOR_TYPE(ip6_send_skb, int, struct sk_buff *);
#endif

/* What was sent so far is over: the port may be another for what comes next. */
static bool enter_udp_disconnect(struct ftrace_regs *regs)
{
	cw_flow_forget(CW_ARG(regs, 0, const struct sock *));
	return false;
}

CW_DOOR_TYPE(__udp_disconnect, int, struct sock *, int);

/* ---- raw and ping sockets -------------------------------------------------------- */

/*
 * UDP that is corked comes by here as well, and is judged when it is sent.  The
 * kernel answers for itself (ICMP, resets of TCP) by raw sockets of its own, also
 * in a task whose packet it handles; no look-up can find these, unlike a user's.
 */
static bool is_raw_of_task(const struct sock *sk)
{
	if (is_udp(sk) || !in_task())
		return false;
	return !(sk->sk_kern_sock && sk_unhashed(sk));
}

static bool enter_ip_append(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, const struct sock *);
	const struct flowi4 *flow = CW_ARG(regs, 1, const struct flowi4 *);
	struct cw_attempt attempt = {};

	if (!is_raw_of_task(sk))
		return false;
	if (unlikely(cw_route_is_set(sk)))
		return cw_judge_unnamed(sk);
	attempt.key = attempt.sk = sk;
	attempt.request.proto = cw_judge_proto(sk);
	cw_judge_set_v4(&attempt.request, flow->daddr);
	memcpy(attempt.local.addr, &flow->saddr, sizeof(flow->saddr));
	return cw_judge_datagram(&attempt);
}

typedef int getfrag_t(void *from, char *to, int offset, int len, int odd,
		      struct sk_buff *skb);

static noinline notrace int refuse_ip_append(struct sock *sk, struct flowi4 *fl4,
					     getfrag_t *getfrag, void *from,
					     int length, int transhdrlen,
					     struct ipcm_cookie *ipc,
					     struct rtable **rtp,
					     unsigned int flags)
{
	return -EPERM;
}

CW_DOOR_TYPE(ip_append_data, int, struct sock *, struct flowi4 *, getfrag_t *,
	     void *, int, int, struct ipcm_cookie *, struct rtable **,
	     unsigned int);

#if IS_ENABLED(CONFIG_IPV6)
static bool enter_ip6_append(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, const struct sock *);
	const struct ipcm6_cookie *cookie =
		CW_ARG(regs, 5, const struct ipcm6_cookie *);
	const struct flowi6 *flow = CW_ARG(regs, 6, const struct flowi6 *);
	struct cw_attempt attempt = {};

	if (!is_raw_of_task(sk))
		return false;
	/* What is pending goes, with this, to where the first of it went. */
	if (unlikely(!skb_queue_empty(&sk->sk_write_queue)))
		flow = &inet_sk(sk)->cork.fl.u.ip6;
	if (unlikely(cookie->opt && cookie->opt->srcrt))
		return cw_judge_unnamed(sk);
	attempt.key = attempt.sk = sk;
	attempt.request.proto = cw_judge_proto(sk);
	cw_judge_set_v6(&attempt.request, &flow->daddr);
	cw_judge_set_local6(&attempt, &flow->saddr);
	cw_judge_set_scope(&attempt.request, flow->flowi6_oif);
	return cw_judge_datagram(&attempt);
}

static noinline notrace int refuse_ip6_append(struct sock *sk,
					      getfrag_t *getfrag, void *from,
					      size_t length, int transhdrlen,
					      struct ipcm6_cookie *ipc6,
					      struct flowi6 *fl6,
					      struct rt6_info *rt,
					      unsigned int flags)
{
	return -EPERM;
}

CW_DOOR_TYPE(ip6_append_data, int, struct sock *, getfrag_t *, void *, size_t,
	     int, struct ipcm6_cookie *, struct flowi6 *, struct rt6_info *,
	     unsigned int);
#endif

/* ---- what these have sent ------------------------------------------------------------ */

/*
 * A message that is too long, or memory of the caller that is not there, fails
 * between the two.  What is pushed is whole, with all parts that were corked.  A
 * source route hides the address, as above.
 */
static void count_pushed(const struct sock *sk, struct cw_request *request)
{
	u32 bytes = inet_sk(sk)->cork.base.length;

	request->proto = cw_judge_proto(sk);
	if (skb_queue_empty(&sk->sk_write_queue) ||
	    cw_flow_sent(sk, request, bytes))
		return;
	*request = (struct cw_request){ .proto = request->proto };
	cw_flow_sent(sk, request, bytes);
}

static bool enter_ip_push(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, const struct sock *);
	struct cw_request request = {};

	if (!is_raw_of_task(sk))
		return false;
	cw_judge_set_v4(&request, CW_ARG(regs, 1, const struct flowi4 *)->daddr);
	count_pushed(sk, &request);
	return false;
}

CW_DOOR_TYPE(ip_push_pending_frames, int, struct sock *, struct flowi4 *);

#if IS_ENABLED(CONFIG_IPV6)
static bool enter_ip6_push(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, const struct sock *);
	const struct flowi6 *flow = &inet_sk(sk)->cork.fl.u.ip6;
	struct cw_request request = {};

	if (!is_raw_of_task(sk))
		return false;
	cw_judge_set_v6(&request, &flow->daddr);
	cw_judge_set_scope(&request, flow->flowi6_oif);
	count_pushed(sk, &request);
	return false;
}

CW_DOOR_TYPE(ip6_push_pending_frames, int, struct sock *);
#endif

/* ---- raw sockets that bring the IP header ------------------------------------------ */

/*
 * The header may name any address.  To set the option is judged as well (route.c),
 * since another thread may set it between this look and the kernel's.
 */
static bool read_raw(struct cw_attempt *attempt, const void *sender,
		     const struct msghdr *msg)
{
	const struct sock *sk = sender;

	if (!cw_compat_hdrincl(sk))
		return false;
	cw_judge_read_unnamed(attempt, sk);
	return true;
}

static bool enter_raw_send(struct ftrace_regs *regs)
{
	return cw_sent_judge(regs, read_raw);
}

static noinline notrace int refuse_raw_send(struct sock *sk, struct msghdr *msg,
					    size_t size)
{
	return -EPERM;
}

/* raw_sendmsg(), rawv6_sendmsg().  Static functions of other protocols have the
 * name as well: in the kernel itself, they could be taken for these. */
CW_DOOR_MEMBER(struct proto, sendmsg, int, struct sock *, struct msghdr *,
	       size_t);
#if IS_BUILTIN(CONFIG_CAN_RAW) || IS_BUILTIN(CONFIG_IEEE802154_SOCKET)
#error "connwarden cannot tell raw_sendmsg of CAN or IEEE 802.15.4 from that of IP"
#endif

/* ---- doors -------------------------------------------------------------------------- */

static const struct cw_door doors[] = {
	{ "ip_send_skb", refuse_ip_send, enter_ip_send },
	{ "ip_append_data", refuse_ip_append, enter_ip_append },
	{ "raw_sendmsg", refuse_raw_send, enter_raw_send, read_raw },
#if IS_ENABLED(CONFIG_IPV6)
	{ "ip6_send_skb", refuse_ip6_send, enter_ip6_send },
	{ "ip6_append_data", refuse_ip6_append, enter_ip6_append },
	{ "rawv6_sendmsg", refuse_raw_send, enter_raw_send, read_raw },
#endif
	{ "ip_push_pending_frames", NULL, enter_ip_push },
#if IS_ENABLED(CONFIG_IPV6)
	{ "ip6_push_pending_frames", NULL, enter_ip6_push },
#endif
	{ "__udp_disconnect", NULL, enter_udp_disconnect },
};

CW_DOORS(cw_datagram_doors, doors);
