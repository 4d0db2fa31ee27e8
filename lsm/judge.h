/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decision, for the files that have doors.
 *
 * A door says what is about to happen as a struct cw_attempt and asks one of the
 * functions below.  They run in a hook: preemption is off, nothing sleeps, a
 * softirq is possible.
 */
#ifndef CW_JUDGE_H
#define CW_JUDGE_H

#include <net/ipv6.h>

#include "cw.h"

struct sock;

/**
 * struct cw_attempt - one thing that current is about to do
 * @key:	what the connection is known by in the table: the address of its
 *		socket, or of its SCTP association.  Compared, never followed
 * @sk:		the socket; alive during the call
 * @request:	the other end, as rules see it
 * @local:	this end
 * @bytes:	of a datagram; 0 where it may still fail, and is counted later
 * @number:	of a packet socket: the ethertype, 0 = not known
 * @mptcp:	inode number of the user's MPTCP socket, 0 = not MPTCP
 * @further:	one more address of a connection: entered only when it is not
 *		allowed, as over already
 * @who:	for whom the kernel does it; valid during the call.  NULL = current
 */
struct cw_attempt {
	const void *key;
	const struct sock *sk;
	struct cw_request request;
	struct cw_local local;
	u32 bytes;
	u16 number;
	u64 mptcp;
	bool further;
	const struct cw_identity *who;
};

/* enum cw_proto of what @sk carries. */
u8 cw_judge_proto(const struct sock *sk);
bool cw_judge_is_inet(const struct sock *sk);
/* A raw socket may have the protocol number of SCTP and is none. */
bool cw_judge_is_sctp(const struct sock *sk);

/* True = refuse.  A connection: it is entered in the table, refused or not. */
bool cw_judge_connection(const struct cw_attempt *attempt);
/* True = refuse.  A datagram of a flow, whose entry is made by the first. */
bool cw_judge_datagram(const struct cw_attempt *attempt);
/* True = refuse.  @sk sends to a destination that no rule can name: rules `to any`
 * decide, or the default verdict. */
bool cw_judge_unnamed(const struct sock *sk);
/* The same, to be judged. */
void cw_judge_read_unnamed(struct cw_attempt *attempt, const struct sock *sk);

/* Both ends that a connected @sk has now.  Its owner is the caller, or waits. */
void cw_judge_read_ends(struct cw_attempt *attempt, const struct sock *sk);

/*
 * protocol.c: the interface and ethertype of the packet socket @attempt->sk.
 * @ifindex, @number: of the frame, 0 = the socket is bound to them, or to none.
 */
void cw_packet_read(struct cw_attempt *attempt, u32 ifindex, u16 number);

/* route.c: an option of the socket @sk asks for a source route.  Any context. */
bool cw_route_is_set(const struct sock *sk);

/* Where it goes is not what it names: no rule with an address or port matches. */
static inline void cw_judge_forget_end(struct cw_attempt *attempt)
{
	attempt->request.family = 0;
	attempt->request.port = 0;
	memset(attempt->request.addr, 0, sizeof(attempt->request.addr));
}

/*
 * Notes the interface that the request's IPv6 address belongs to, if it has a
 * zone.  0 = not known here.
 */
static inline void cw_judge_set_scope(struct cw_request *request, u32 ifindex)
{
	if (request->family == 6 &&
	    unlikely(cw_zone_has(request->addr[0] << 8 | request->addr[1])))
		request->scope = ifindex;
}

static inline void cw_judge_set_v4(struct cw_request *request, __be32 address)
{
	request->family = 4;
	memcpy(request->addr, &address, sizeof(address));
}

/* A mapped address becomes the IPv4 address that it carries. */
static inline void cw_judge_set_v6(struct cw_request *request,
				   const struct in6_addr *address)
{
	if (ipv6_addr_v4mapped(address)) {
		cw_judge_set_v4(request, address->s6_addr32[3]);
		return;
	}
	request->family = 6;
	memcpy(request->addr, address, sizeof(*address));
}

/* This end, when the other one is an IPv6 address; unknown if that was mapped. */
static inline void cw_judge_set_local6(struct cw_attempt *attempt,
				       const struct in6_addr *address)
{
	if (attempt->request.family == 6)
		memcpy(attempt->local.addr, address, sizeof(*address));
}

#endif
