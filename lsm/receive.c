// SPDX-License-Identifier: GPL-2.0-only
/*
 * Datagrams that a process receives: counted where the kernel gives each up after it
 * was copied, whatever call asked for it (recv, recvmmsg, read, splice, io_uring).
 * Never refused.  The first one of a flow that a peer began makes its entry, so a
 * server that never answers is in the table, and one that does is no client.
 *
 * Whoever peeks holds a second reference to the datagram.  It is counted by the last
 * one to give it up, so once.  A datagram is as long as it came, also when the
 * buffer was shorter.
 *
 * Not seen: what the kernel keeps for itself (tunnels, sockmap), since no process
 * receives it from the socket.
 */
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/udp.h>

#include "door.h"
#include "judge.h"

/* ---- from whom ---------------------------------------------------------------- */

static void read_v4(struct cw_attempt *attempt, const struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);

	cw_judge_set_v4(&attempt->request, ip->saddr);
	memcpy(attempt->local.addr, &ip->daddr, sizeof(ip->daddr));
}

#if IS_ENABLED(CONFIG_IPV6)
static void read_v6(struct cw_attempt *attempt, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);

	cw_judge_set_v6(&attempt->request, &ip->saddr);
	cw_judge_set_local6(attempt, &ip->daddr);
	cw_judge_set_scope(&attempt->request, inet6_iif(skb));
}
#else
static void read_v6(struct cw_attempt *attempt, const struct sk_buff *skb)
{
}
#endif

/* The packet tells the family: a socket of IPv6 receives both. */
static void read_ends(struct cw_attempt *attempt, const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		read_v4(attempt, skb);
	else
		read_v6(attempt, skb);
}

static bool is_peeked(const struct sk_buff *skb)
{
	return refcount_read(&skb->users) != 1;
}

/* ---- the first of a flow -------------------------------------------------------- */

static noinline void open_flow(const struct cw_attempt *attempt)
{
	struct cw_decision decision = {
		.key = attempt->key, .sk = attempt->sk,
		.request = attempt->request, .local = attempt->local,
		.number = attempt->number, .bytes = attempt->bytes,
		.flow = true, .outcome = CW_OUTCOME_NONE,
		.verdict.rule = CW_RULE_DEFAULT,
	};

	rcu_read_lock();
	decision.in = !cw_flow_is_begun(attempt->key, &attempt->request);
	cw_ident_take_rcu(&decision.identity);
	cw_conn_open(&decision);
	rcu_read_unlock();
}

static void receive(const struct cw_attempt *attempt)
{
	if (!cw_flow_receives(attempt->key, &attempt->request, attempt->bytes))
		open_flow(attempt);
}

/* ---- UDP, UDP-Lite ---------------------------------------------------------------- */

static bool enter_consume_udp(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, const struct sock *);
	const struct sk_buff *skb = CW_ARG(regs, 1, const struct sk_buff *);
	const struct udphdr *udp = udp_hdr(skb);
	struct cw_attempt attempt = {
		.key = sk, .sk = sk, .bytes = skb->len,
		.request.proto = CW_PROTO_UDP,
		.request.port = ntohs(udp->source),
		.local.port = ntohs(udp->dest),
	};

	if (unlikely(is_peeked(skb)))
		return false;
	read_ends(&attempt, skb);
	receive(&attempt);
	return false;
}

CW_DOOR_TYPE(skb_consume_udp, void, struct sock *, struct sk_buff *, int);

/* ---- raw, ping and packet sockets ------------------------------------------------- */

/* Many other families use the function. */
static bool enter_free_datagram(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, const struct sock *);
	const struct sk_buff *skb = CW_ARG(regs, 1, const struct sk_buff *);
	struct cw_attempt attempt = {};

	if (!cw_judge_is_inet(sk) && sk->sk_family != AF_PACKET)
		return false;
	if (!skb || is_peeked(skb))
		return false;
	attempt.key = attempt.sk = sk;
	attempt.bytes = skb->len;
	attempt.request.proto = cw_judge_proto(sk);
	if (sk->sk_family == AF_PACKET)
		cw_packet_read(&attempt, skb->skb_iif, 0);
	else
		read_ends(&attempt, skb);
	receive(&attempt);
	return false;
}

CW_DOOR_TYPE(skb_free_datagram, void, struct sock *, struct sk_buff *);

static const struct cw_door doors[] = {
	{ "skb_consume_udp", NULL, enter_consume_udp },
	{ "skb_free_datagram", NULL, enter_free_datagram },
};

CW_DOORS(cw_receive_doors, doors);
