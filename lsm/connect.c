// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decision: makes a request out of what the kernel is about to do, asks
 * the policy, remembers and reports the answer.  The only file that sees
 * identity, policy, connections and records together.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/timekeeping.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "cw.h"

/* IPPROTO_MPTCP and IPPROTO_SMC carry streams to the same kind of address. */
static u8 protocol_of(const struct sock *sk)
{
	if (sk->sk_protocol == IPPROTO_SCTP)
		return CW_PROTO_SCTP;
	if (sk->sk_type == SOCK_STREAM)
		return CW_PROTO_TCP;
	if (sk->sk_type != SOCK_DGRAM)
		return CW_PROTO_RAW;
	switch (sk->sk_protocol) {
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return CW_PROTO_UDP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return CW_PROTO_ICMP;
	}
	return CW_PROTO_RAW;
}

static bool has_ports(u8 proto)
{
	return CW_PROTO_MASK_PORTS & (1u << proto);
}

static void set_v4(struct cw_request *request, __be32 address)
{
	request->family = 4;
	memcpy(request->addr, &address, sizeof(address));
}

/*
 * The kernel takes 0.0.0.0 and :: to mean this host: the address that the
 * socket is bound to, else loopback.  Judge the address that will be used.
 */
static void read_v4(struct cw_request *request, const struct sock *sk,
		    __be32 address)
{
	if (!address && sk->sk_family == AF_INET)
		address = inet_sk(sk)->inet_saddr;
	set_v4(request, address ?: htonl(INADDR_LOOPBACK));
}

static void read_v6(struct cw_request *request, const struct sock *sk,
		    const struct in6_addr *address)
{
	if (ipv6_addr_v4mapped(address)) {
		read_v4(request, sk, address->s6_addr32[3]);
		return;
	}
	request->family = 6;
	memcpy(request->addr, address, sizeof(*address));
	if (ipv6_addr_any(address))
		request->addr[15] = 1;
}

/*
 * False: not an Internet address, so not ours to judge.  Decided on the
 * family of the address, not of the socket: an SMC socket connects to AF_INET.
 * An address that is too short stays family 0, which no rule matches; the
 * kernel refuses it with -EINVAL when the default verdict has not.
 */
static bool read_address(struct cw_request *request, const struct sock *sk,
			 const struct sockaddr *address, int length)
{
	const struct sockaddr_in *in = (const void *)address;
	const struct sockaddr_in6 *in6 = (const void *)address;

	request->proto = protocol_of(sk);
	switch (address->sa_family) {
	case AF_INET:
		if (length < (int)sizeof(*in))
			return true;
		read_v4(request, sk, in->sin_addr.s_addr);
		request->port = ntohs(in->sin_port);
		break;
	case AF_INET6:
		if (length < SIN6_LEN_RFC2133)
			return true;
		read_v6(request, sk, &in6->sin6_addr);
		request->port = ntohs(in6->sin6_port);
		break;
	default:
		return false;
	}
	if (!has_ports(request->proto))
		request->port = 0;
	return true;
}

/* Without a policy everything is allowed, and only remembered. */
static void ask(struct cw_decision *decision, const struct cw_policy *policy)
{
	struct cw_subjects subjects;

	decision->label = "";
	decision->verdict.rule = CW_RULE_DEFAULT;
	decision->verdict.allow = true;
	if (!policy)
		return;
	decision->generation = policy->generation;
	cw_match_subjects(&policy->blob, &decision->identity.facts, &subjects);
	decision->verdict = cw_match(&policy->blob, &subjects,
				     &decision->identity.facts,
				     &decision->request);
	if (decision->verdict.rule == CW_RULE_DEFAULT)
		return;
	decision->line = cw_blob_rule_line(&policy->blob,
					   decision->verdict.rule);
	decision->label = cw_blob_rule_label(&policy->blob,
					     decision->verdict.rule);
}

static enum cw_outcome outcome_of(const struct cw_verdict *verdict)
{
	if (verdict->allow)
		return CW_OUTCOME_ALLOW;
	if (verdict->monitor || cw_store_mode() == CW_MODE_MONITOR)
		return CW_OUTCOME_WOULD_DENY;
	return CW_OUTCOME_DENY;
}

static void count(enum cw_outcome outcome)
{
	static const enum cw_count counter[] = {
		[CW_OUTCOME_ALLOW] = CW_COUNT_ALLOWED,
		[CW_OUTCOME_DENY] = CW_COUNT_DENIED,
		[CW_OUTCOME_WOULD_DENY] = CW_COUNT_WOULD_DENY,
	};

	cw_count_add(counter[outcome], 1);
}

static void decide(struct cw_decision *decision, const struct sock *sk)
{
	rcu_read_lock();
	ask(decision, cw_store_policy_rcu());
	decision->outcome = outcome_of(&decision->verdict);
	count(decision->outcome);
	cw_conn_open(sk, decision);
	if (decision->verdict.log)
		cw_audit_decision(decision);
	rcu_read_unlock();
}

int cw_connect_judge(struct socket *sock, struct sockaddr *address, int length)
{
	struct cw_decision decision = {};
	const struct sock *sk = sock->sk;

	if (!sk || length < (int)sizeof(address->sa_family))
		return 0;
	if (address->sa_family == AF_UNSPEC) {
		/* Dissolves the association; that is always allowed. */
		cw_conn_close(sk);
		return 0;
	}
	if (!read_address(&decision.request, sk, address, length))
		return 0;
	decision.request.now = ktime_get_real_seconds();
	cw_ident_take(&decision.identity, sk->sk_kern_sock);
	decide(&decision, sk);
	cw_ident_drop(&decision.identity);
	return decision.outcome == CW_OUTCOME_DENY ? -EPERM : 0;
}
