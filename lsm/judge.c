// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decision: asks the policy about what a door has seen, remembers and
 * reports the answer.  The only file that sees identity, policy, connections and
 * records together.
 */
#include <linux/in.h>
#include <linux/netdevice.h>
#include <linux/socket.h>
#include <linux/timekeeping.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "conn.h"
#include "judge.h"

/* IPPROTO_MPTCP and IPPROTO_SMC carry streams to the same kind of address. */
u8 cw_judge_proto(const struct sock *sk)
{
	if (sk->sk_family == AF_PACKET)
		return CW_PROTO_PACKET;
	if (cw_judge_is_sctp(sk))
		return CW_PROTO_SCTP;
	if (sk->sk_type == SOCK_STREAM &&
	    (cw_judge_is_inet(sk) || sk->sk_family == AF_SMC))
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

bool cw_judge_is_inet(const struct sock *sk)
{
	return sk->sk_family == AF_INET || sk->sk_family == AF_INET6;
}

bool cw_judge_is_sctp(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_SCTP && cw_judge_is_inet(sk) &&
	       (sk->sk_type == SOCK_STREAM || sk->sk_type == SOCK_SEQPACKET);
}

#if IS_ENABLED(CONFIG_IPV6)
static bool is_v6(const struct sock *sk)
{
	return sk->sk_family == AF_INET6 && !ipv6_addr_v4mapped(&sk->sk_v6_daddr);
}

static void read_v6(struct cw_attempt *attempt, const struct sock *sk)
{
	attempt->request.family = 6;
	memcpy(attempt->request.addr, &sk->sk_v6_daddr, 16);
	/* connect() binds to the interface of an address that has one. */
	cw_judge_set_scope(&attempt->request, sk->sk_bound_dev_if);
	memcpy(attempt->local.addr, &inet6_sk(sk)->saddr, 16);
}
#else
static bool is_v6(const struct sock *sk)
{
	return false;
}

static void read_v6(struct cw_attempt *attempt, const struct sock *sk)
{
}
#endif

/* A socket that is connected to a mapped address has the IPv4 one as well. */
void cw_judge_read_ends(struct cw_attempt *attempt, const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);

	attempt->key = attempt->sk = sk;
	attempt->request.proto = cw_judge_proto(sk);
	attempt->request.port = ntohs(inet->inet_dport);
	attempt->local.port = ntohs(inet->inet_sport);
	if (is_v6(sk)) {
		read_v6(attempt, sk);
		return;
	}
	cw_judge_set_v4(&attempt->request, inet->inet_daddr);
	memcpy(attempt->local.addr, &inet->inet_saddr, 4);
}

/* ---- which rule --------------------------------------------------------------- */

u32 cw_judge_rule_line(const struct cw_decision *decision)
{
	if (decision->verdict.rule == CW_RULE_DEFAULT)
		return 0;
	return cw_blob_rule_line(&decision->policy->blob,
				 decision->verdict.rule);
}

const char *cw_judge_rule_label(const struct cw_decision *decision)
{
	if (decision->verdict.rule == CW_RULE_DEFAULT)
		return "";
	return cw_blob_rule_label(&decision->policy->blob,
				  decision->verdict.rule);
}

/* Without a policy everything is allowed, and only remembered. */
static void ask_rcu(struct cw_decision *decision, const struct cw_policy *policy)
{
	decision->policy = policy;
	if (likely(policy)) {
		decision->generation = policy->generation;
		decision->verdict = cw_ident_match_rcu(&decision->identity,
						       policy,
						       &decision->request);
		return;
	}
	decision->generation = 0;
	decision->verdict = (struct cw_verdict) {
		.rule = CW_RULE_DEFAULT, .allow = true,
	};
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

/* ---- the decision -------------------------------------------------------------- */

/*
 * Fast path for one more datagram of a flow that was allowed: if neither the
 * policy nor the sender's subjects changed, the verdict cannot have changed.  Not
 * where a rule ends by itself.
 */
static bool goes_on_rcu(const struct cw_attempt *attempt,
			const struct cw_policy *policy)
{
	if (cw_ident_is_kernel() ||
	    (policy && cw_blob_features(&policy->blob) & CW_FEATURE_UNTIL))
		return false;
	return cw_flow_goes_on(attempt->key, &attempt->request, policy,
			       attempt->local.port, attempt->bytes);
}

/*
 * A kernel thread connects further subflows of MPTCP: for the process that has the
 * first one.
 */
static void take_identity_rcu(struct cw_decision *decision,
			      const struct cw_identity *who)
{
	const struct conn *first;

	if (unlikely(who)) {
		decision->identity = *who;
		return;
	}
	if (likely(!decision->mptcp || !cw_ident_is_kernel())) {
		cw_ident_take_rcu(&decision->identity);
		return;
	}
	first = cw_conn_find_mptcp_rcu(decision->mptcp, decision->sk);
	if (first)
		cw_ident_take_opener_rcu(&decision->identity, first);
	else
		cw_ident_take_unknown_rcu(&decision->identity);
}

/*
 * The name of the request's interface, for rules that ask for it, until
 * rcu_read_unlock().  Only the host's own network namespace: in another one its
 * owner calls interfaces as he likes.  Root may rename it meanwhile, which is
 * then seen or not.
 */
static const char *zone_rcu(const struct cw_attempt *attempt,
			    const struct cw_policy *policy)
{
	const struct net_device *device;

	if (likely(!attempt->request.scope) || !policy ||
	    sock_net(attempt->sk) != &init_net ||
	    !(cw_blob_features(&policy->blob) & CW_FEATURE_ZONE))
		return NULL;
	device = dev_get_by_index_rcu(&init_net, attempt->request.scope);
	return device ? device->name : NULL;
}

/* Sets every member but what ask_rcu() and the outcome are. */
static void begin_rcu(struct cw_decision *decision,
		      const struct cw_attempt *attempt,
		      const struct cw_policy *policy, bool flow)
{
	decision->key = attempt->key;
	decision->sk = attempt->sk;
	decision->request = attempt->request;
	decision->request.now = ktime_get_real_seconds();
	decision->request.from = attempt->local.port;
	decision->request.zone = zone_rcu(attempt, policy);
	decision->local = attempt->local;
	decision->in = false;
	decision->flow = flow;
	decision->preexisting = false;
	decision->bytes = attempt->bytes;
	decision->number = attempt->number;
	decision->mptcp = attempt->mptcp;
	take_identity_rcu(decision, attempt->who);
}

/* An allowed connection is recorded once, and so is an allowed flow. */
static noinline bool decide_rcu(const struct cw_attempt *attempt,
				const struct cw_policy *policy, bool flow)
{
	struct cw_decision decision;
	bool known;

	begin_rcu(&decision, attempt, policy, flow);
	ask_rcu(&decision, policy);
	decision.outcome = outcome_of(&decision.verdict);
	count(decision.outcome);
	if (attempt->further && decision.outcome == CW_OUTCOME_ALLOW)
		return false;
	known = cw_conn_open(&decision);
	if (attempt->further)
		cw_conn_close(attempt->key, CW_ENDING_UNKNOWN);
	if (decision.verdict.log &&
	    !(known && decision.outcome == CW_OUTCOME_ALLOW))
		cw_audit_decision(&decision);
	return decision.outcome == CW_OUTCOME_DENY;
}

bool cw_judge_connection(const struct cw_attempt *attempt)
{
	bool refuse;

	rcu_read_lock();
	refuse = decide_rcu(attempt, cw_store_policy_rcu(), false);
	rcu_read_unlock();
	return refuse;
}

bool cw_judge_datagram(const struct cw_attempt *attempt)
{
	const struct cw_policy *policy;
	bool refuse = false;

	rcu_read_lock();
	policy = cw_store_policy_rcu();
	if (goes_on_rcu(attempt, policy))
		count(CW_OUTCOME_ALLOW);
	else
		refuse = decide_rcu(attempt, policy, true);
	rcu_read_unlock();
	return refuse;
}

void cw_judge_read_unnamed(struct cw_attempt *attempt, const struct sock *sk)
{
	*attempt = (struct cw_attempt){
		.key = sk, .sk = sk, .request.proto = cw_judge_proto(sk),
	};
}

bool cw_judge_unnamed(const struct sock *sk)
{
	struct cw_attempt attempt;

	cw_judge_read_unnamed(&attempt, sk);
	return cw_judge_datagram(&attempt);
}
