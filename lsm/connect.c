// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decision: makes a request out of what the kernel is about to do, asks
 * the policy, remembers and reports the answer.  The only file that sees
 * identity, policy, connections and records together.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/sctp.h>
#include <linux/socket.h>
#include <linux/timekeeping.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "cw.h"

/* IPPROTO_MPTCP and IPPROTO_SMC carry streams to the same kind of address. */
static u8 protocol_of(const struct sock *sk)
{
	if (sk->sk_family == AF_PACKET)
		return CW_PROTO_PACKET;
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

static bool is_inet(const struct sock *sk)
{
	return sk->sk_family == AF_INET || sk->sk_family == AF_INET6;
}

/*
 * With a source route packets go to its first hop, not to the address that is
 * asked for.  Such a request has no address that a rule could name.
 */
static bool has_source_route_rcu(const struct sock *sk)
{
	const struct ip_options_rcu *v4;
	bool routed = false;

	if (!is_inet(sk))
		return false;
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
	return routed;
}

/*
 * The kernel takes 0.0.0.0 to mean this host: the address that the socket is
 * bound to, else one of the device that it is bound to, else loopback.  Judge
 * the address that will be used; false if it is not known here.
 */
static bool read_v4(struct cw_request *request, const struct sock *sk,
		    __be32 address)
{
	if (!address && is_inet(sk)) {
		address = inet_sk(sk)->inet_saddr;
		if (!address && (sk->sk_bound_dev_if || inet_sk(sk)->uc_index))
			return false;
	}
	set_v4(request, address ?: htonl(INADDR_LOOPBACK));
	return true;
}

/* With a socket that is bound to a mapped address, :: is 127.0.0.1. */
static bool is_mapped_any(const struct sock *sk, const struct in6_addr *address)
{
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_addr_any(address) && sk->sk_family == AF_INET6 &&
	       ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr);
#else
	return false;
#endif
}

static bool read_v6(struct cw_request *request, const struct sock *sk,
		    const struct in6_addr *address)
{
	if (ipv6_addr_v4mapped(address))
		return read_v4(request, sk, address->s6_addr32[3]);
	if (is_mapped_any(sk, address)) {
		set_v4(request, htonl(INADDR_LOOPBACK));
		return true;
	}
	request->family = 6;
	memcpy(request->addr, address, sizeof(*address));
	if (ipv6_addr_any(address))
		request->addr[15] = 1;
	return true;
}

/*
 * False: not an Internet address, so not ours to judge.  Decided on the
 * family of the address, not of the socket: an SMC socket connects to AF_INET.
 * An address that is too short stays family 0, which no rule matches; the
 * kernel refuses it with -EINVAL when the default verdict has not.
 */
static bool read_address_rcu(struct cw_request *request, const struct sock *sk,
			     sa_family_t family, const void *address,
			     int length)
{
	const struct sockaddr_in *in = address;
	const struct sockaddr_in6 *in6 = address;
	bool known = false;

	request->proto = protocol_of(sk);
	switch (family) {
	case AF_INET:
		if (length < (int)sizeof(*in))
			return true;
		known = read_v4(request, sk, in->sin_addr.s_addr);
		request->port = ntohs(in->sin_port);
		break;
	case AF_INET6:
		if (length < SIN6_LEN_RFC2133)
			return true;
		known = read_v6(request, sk, &in6->sin6_addr);
		request->port = ntohs(in6->sin6_port);
		break;
	default:
		return false;
	}
	if (!has_ports(request->proto))
		request->port = 0;
	if (!known || has_source_route_rcu(sk))
		request->family = 0;
	return true;
}

/* ---- connections that come in ------------------------------------------------ */

void cw_connect_read_peer(struct cw_request *request, const struct sock *sk)
{
	request->proto = protocol_of(sk);
	request->port = ntohs(inet_sk(sk)->inet_dport);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6 && !ipv6_addr_v4mapped(&sk->sk_v6_daddr)) {
		request->family = 6;
		memcpy(request->addr, &sk->sk_v6_daddr, 16);
		return;
	}
#endif
	set_v4(request, inet_sk(sk)->inet_daddr);
}

void cw_connect_accept(const struct sock *sk)
{
	struct cw_decision decision = {
		.in = true, .outcome = CW_OUTCOME_NONE,
		.verdict.rule = CW_RULE_DEFAULT,
	};

	if (!is_inet(sk))
		return;
	cw_connect_read_peer(&decision.request, sk);
	rcu_read_lock();
	cw_ident_take_rcu(&decision.identity);
	cw_conn_open(sk, &decision);
	/* It may have been closed before it was accepted. */
	if (READ_ONCE(sk->sk_state) == TCP_CLOSE)
		cw_conn_close(sk);
	rcu_read_unlock();
}

void cw_connect_enter_peer_rcu(const struct sock *sk)
{
	struct cw_decision decision = {
		.outcome = CW_OUTCOME_NONE, .verdict.rule = CW_RULE_DEFAULT,
	};

	cw_connect_read_peer(&decision.request, sk);
	cw_ident_take_rcu(&decision.identity);
	cw_conn_open(sk, &decision);
}

/*
 * Did a connection come in or go out?  A port that connect() chose by itself is
 * marked so; a socket that bind() gave a certain port knows it, one that accept()
 * gave has its listener's without knowing.  One that bind() gave any port looks
 * like these.
 */
static bool came_in(const struct sock *sk)
{
	const struct inet_bind_bucket *bucket;

	if (sk->sk_type != SOCK_STREAM || sk->sk_protocol != IPPROTO_TCP ||
	    sk->sk_userlocks & SOCK_BINDPORT_LOCK)
		return false;
	bucket = inet_csk(sk)->icsk_bind_hash;
	return bucket && bucket->fastreuse >= 0;
}

void cw_connect_enter(const struct sock *sk, struct task_struct *task,
		      bool is_still)
{
	struct cw_decision decision = {
		.outcome = CW_OUTCOME_NONE, .preexisting = true,
		.verdict.rule = CW_RULE_DEFAULT,
	};

	/* The bucket of its port may go when somebody else owns the socket. */
	decision.in = is_still && came_in(sk);
	cw_connect_read_peer(&decision.request, sk);
	rcu_read_lock();
	preempt_disable();	/* as in a hook: buffers of the CPU are used */
	if (pid_alive(task) && !(task->flags & PF_EXITING)) {
		cw_ident_take_other_rcu(&decision.identity, task);
		cw_conn_open(sk, &decision);
	}
	preempt_enable();
	rcu_read_unlock();
}

/* ---- the decision -------------------------------------------------------------- */

u32 cw_connect_rule_line(const struct cw_decision *decision)
{
	if (decision->verdict.rule == CW_RULE_DEFAULT)
		return 0;
	return cw_blob_rule_line(&decision->policy->blob,
				 decision->verdict.rule);
}

const char *cw_connect_rule_label(const struct cw_decision *decision)
{
	if (decision->verdict.rule == CW_RULE_DEFAULT)
		return "";
	return cw_blob_rule_label(&decision->policy->blob,
				  decision->verdict.rule);
}

/* Without a policy everything is allowed, and only remembered. */
static void ask_rcu(struct cw_decision *decision, const struct cw_policy *policy)
{
	decision->verdict.rule = CW_RULE_DEFAULT;
	decision->verdict.allow = true;
	if (!policy)
		return;
	decision->policy = policy;
	decision->generation = policy->generation;
	decision->verdict = cw_ident_match_rcu(&decision->identity, policy,
					       &decision->request);
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

/*
 * One more datagram of a flow that was allowed: as long as the policy is the
 * same, and what it has to know about who sends, so is the answer.  Not where
 * rules end by themselves.
 */
static bool goes_on_rcu(const struct sock *sk, const struct cw_request *request,
			const struct cw_policy *policy, u32 bytes)
{
	const struct cw_process *process;
	u64 known;

	if (!policy || cw_ident_is_kernel() ||
	    cw_blob_features(&policy->blob) & CW_FEATURE_UNTIL)
		return false;
	process = cw_process_find_rcu();
	known = cw_ident_known_rcu(process, policy);
	return known && cw_flow_goes_on(sk, request, process, known, bytes);
}

/* What is allowed is recorded once for each connection or flow of datagrams. */
static noinline int decide_rcu(const struct sock *sk,
			       const struct cw_request *request,
			       const struct cw_policy *policy, bool flow,
			       u32 bytes)
{
	struct cw_decision decision = {
		.request = *request, .flow = flow, .bytes = bytes,
	};
	bool known;

	decision.request.now = ktime_get_real_seconds();
	cw_ident_take_rcu(&decision.identity);
	ask_rcu(&decision, policy);
	decision.outcome = outcome_of(&decision.verdict);
	count(decision.outcome);
	known = cw_conn_open(sk, &decision);
	if (decision.verdict.log &&
	    !(known && decision.outcome == CW_OUTCOME_ALLOW))
		cw_audit_decision(&decision);
	return decision.outcome == CW_OUTCOME_DENY ? -EPERM : 0;
}

static int judge_rcu(const struct sock *sk, const struct cw_request *request,
		     bool flow, u32 bytes)
{
	const struct cw_policy *policy = cw_store_policy_rcu();

	if (flow && goes_on_rcu(sk, request, policy, bytes)) {
		count(CW_OUTCOME_ALLOW);
		return 0;
	}
	return decide_rcu(sk, request, policy, flow, bytes);
}

static int judge(const struct sock *sk, sa_family_t family, const void *address,
		 int length, bool flow, u32 bytes)
{
	struct cw_request request = {};
	int ret = 0;

	rcu_read_lock();
	if (read_address_rcu(&request, sk, family, address, length))
		ret = judge_rcu(sk, &request, flow, bytes);
	rcu_read_unlock();
	return ret;
}

int cw_connect_judge(struct socket *sock, struct sockaddr *address, int length)
{
	const struct sock *sk = sock->sk;

	if (!sk || length < (int)sizeof(address->sa_family))
		return 0;
	if (address->sa_family == AF_UNSPEC) {
		/* Dissolves the association; that is always allowed.  Streams
		 * tell their end themselves, and may refuse. */
		if (sk->sk_type == SOCK_DGRAM)
			cw_conn_close(sk);
		return 0;
	}
	return judge(sk, address->sa_family, address, length, false, 0);
}

/* Of a destination that no rule can name: `to any`, or the default verdict. */
static int judge_unnamed(const struct sock *sk, u32 bytes)
{
	const struct cw_request request = { .proto = protocol_of(sk) };
	int ret;

	rcu_read_lock();
	ret = judge_rcu(sk, &request, true, bytes);
	rcu_read_unlock();
	return ret;
}

/* Of these a send with an address makes an association, if anything. */
static bool makes_association(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM || sk->sk_protocol == IPPROTO_SCTP;
}

/* Does a send with an address go there?  A stream ignores the address unless
 * Fast Open makes the send connect. */
static bool goes_to_name(const struct sock *sk, const struct msghdr *msg)
{
	return sk->sk_type != SOCK_STREAM || sk->sk_protocol == IPPROTO_SCTP ||
	       msg->msg_flags & MSG_FASTOPEN;
}

/*
 * Sockets that send datagrams take AF_UNSPEC for their own family; but UDP
 * over IPv6 takes it for no address.
 */
static sa_family_t family_of_name(const struct sock *sk,
				  const struct sockaddr *name)
{
	if (name->sa_family != AF_UNSPEC)
		return name->sa_family;
	if (sk->sk_family == AF_INET)
		return AF_INET;
	if (sk->sk_family == AF_INET6 && sk->sk_protocol != IPPROTO_UDP &&
	    sk->sk_protocol != IPPROTO_UDPLITE)
		return AF_INET6;
	return AF_UNSPEC;
}

static int judge_name(const struct sock *sk, const struct msghdr *msg, int size)
{
	const struct sockaddr *name = msg->msg_name;

	/* Without an address it goes where connect() was allowed to. */
	if (!name || msg->msg_namelen < (int)sizeof(name->sa_family) ||
	    !goes_to_name(sk, msg)) {
		if (is_inet(sk))
			cw_conn_use(sk, size);
		return 0;
	}
	return judge(sk, family_of_name(sk, name), name, msg->msg_namelen,
		     !makes_association(sk), size);
}

/* ---- control messages -------------------------------------------------------- */

/* More addresses than a host has: a way to keep a CPU busy in here. */
#define ADDRESSES_MAX 64

/*
 * A further address of the association that a message to SCTP makes.  SCTP
 * takes longer ones for it as well.
 */
static int judge_sctp_address(const struct sock *sk, const struct msghdr *msg,
			      const struct cmsghdr *cmsg)
{
	const struct sockaddr_in *name = msg->msg_name;
	union {
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} to = {};
	bool v4 = cmsg->cmsg_type == SCTP_DSTADDRV4;
	size_t size = v4 ? sizeof(to.in.sin_addr) : sizeof(to.in6.sin6_addr);

	/* The ports of both families are in the same place. */
	if (name && msg->msg_namelen >= (int)sizeof(*name))
		to.in.sin_port = name->sin_port;
	if (cmsg->cmsg_len < CMSG_LEN(size))
		return 0;	/* which SCTP refuses */
	memcpy(v4 ? (void *)&to.in.sin_addr : &to.in6.sin6_addr,
	       CMSG_DATA(cmsg), size);
	return judge(sk, v4 ? AF_INET : AF_INET6, &to,
		     v4 ? sizeof(to.in) : sizeof(to.in6), false, 0);
}

static bool is_sctp_address(const struct cmsghdr *cmsg)
{
	return cmsg->cmsg_level == SOL_SCTP &&
	       (cmsg->cmsg_type == SCTP_DSTADDRV4 ||
		cmsg->cmsg_type == SCTP_DSTADDRV6);
}

/* They have been copied to the kernel before. */
static int judge_sctp_addresses(const struct sock *sk, struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	int ret, judged = 0;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return 0;	/* which the kernel refuses */
		if (!is_sctp_address(cmsg))
			continue;
		if (judged++ == ADDRESSES_MAX)
			return judge_unnamed(sk, 0);
		ret = judge_sctp_address(sk, msg, cmsg);
		if (ret)
			return ret;
	}
	return 0;
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
 * Where the kernel reads the control messages of a datagram, of a flow label
 * and of IPV6_2292PKTOPTIONS: sendmmsg() does not ask for each message, and a
 * flow label has none.  msg_control_is_user is not set for all of these.
 */
int cw_connect_judge_control(const struct sock *sk, struct msghdr *msg)
{
	struct cmsghdr *cmsg;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return 0;	/* which the kernel refuses */
		if (is_route(cmsg))
			return judge_unnamed(sk, 0);
	}
	return 0;
}

int cw_connect_judge_send(struct socket *sock, struct msghdr *msg, int size)
{
	const struct sock *sk = sock->sk;
	int ret = 0;

	if (unlikely(!sk))
		return 0;
	if (sk->sk_family == AF_PACKET)
		return judge_unnamed(sk, size);
	if (unlikely(msg->msg_controllen) && is_inet(sk) &&
	    sk->sk_protocol == IPPROTO_SCTP && !msg->msg_control_is_user)
		ret = judge_sctp_addresses(sk, msg);
	return ret ?: judge_name(sk, msg, size);
}

/*
 * A source route can be set on a socket that is connected already and then
 * sends everything to its first hop.  The value is not at hand here: other
 * options of the kind, or to take them away, are judged as well.
 */
static bool may_set_route(int level, int option)
{
	if (level == SOL_IP)
		return option == IP_OPTIONS;
	return level == SOL_IPV6 &&
	       (option == IPV6_RTHDR || option == IPV6_2292RTHDR);
}

int cw_connect_judge_option(struct socket *sock, int level, int option)
{
	const struct sock *sk = sock->sk;

	if (likely(!may_set_route(level, option)) || !sk || !is_inet(sk))
		return 0;
	return judge_unnamed(sk, 0);
}

/* Bytes that an address takes in SCTP's packed arrays; 0 = not an address. */
static int packed_size(sa_family_t family)
{
	switch (family) {
	case AF_INET:
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	}
	return 0;
}

/*
 * All of them must be allowed: the association may use any.  An array that
 * cannot be read to its end fails as a whole, in the kernel, afterwards.
 */
int cw_connect_judge_packed(const struct sock *sk, const void *addresses,
			    int length)
{
	const struct sockaddr *address;
	int size, ret, judged = 0;

	while (length >= (int)sizeof(address->sa_family)) {
		address = addresses;
		size = packed_size(address->sa_family);
		if (!size || size > length)
			return 0;
		if (judged++ == ADDRESSES_MAX)
			return judge_unnamed(sk, 0);
		ret = judge(sk, address->sa_family, address, size, false, 0);
		if (ret)
			return ret;
		addresses += size;
		length -= size;
	}
	return 0;
}

/*
 * Rules do not go by /proc/self/exe, but people do, and so do processes that
 * are alive when the module comes: it must not be changed.  In monitor mode
 * neither, for the change would outlast it.
 */
int cw_connect_judge_exe_change(void)
{
	pr_notice_ratelimited("%s: process %d (%*pE) tried to replace its executable\n",
			      CW_NAME, task_tgid_nr(current),
			      (int)strnlen(current->comm, TASK_COMM_LEN),
			      current->comm);
	return -EPERM;
}
