// SPDX-License-Identifier: GPL-2.0-only
/*
 * The doors of SCTP, a module of its own.  A connection is an association here:
 * one socket may have many, and one may move to a socket of its own (peeloff), so
 * the table knows them by the address of the association.
 *
 * sctp_primitive_ASSOCIATE() sends INIT, under the socket's lock, for connect(),
 * sctp_connectx() and sends that make an association, when all addresses of the
 * peer that were asked for are listed.  All of them must be allowed, because the
 * association may use any.
 */
#include <linux/hashtable.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <linux/sctp.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/sctp/sctp.h>
#include <net/sctp/structs.h>
#include <net/sctp/ulpevent.h>

#include "conn.h"
#include "door.h"
#include "judge.h"

/* ---- both ends -------------------------------------------------------------------- */

static void read_address(u8 *to, u8 *family, const union sctp_addr *address)
{
	if (address->sa.sa_family == AF_INET) {
		*family = 4;
		memcpy(to, &address->v4.sin_addr, 4);
	} else if (ipv6_addr_v4mapped(&address->v6.sin6_addr)) {
		*family = 4;
		memcpy(to, &address->v6.sin6_addr.s6_addr32[3], 4);
	} else {
		*family = 6;
		memcpy(to, &address->v6.sin6_addr, 16);
	}
}

/* The port of an address is in host order in some kernels: it is not read. */
static void read_remote(struct cw_request *request,
			const struct sctp_association *association,
			const union sctp_addr *address)
{
	request->proto = CW_PROTO_SCTP;
	request->port = association->peer.port;
	read_address(request->addr, &request->family, address);
	if (request->family == 6)
		cw_judge_set_scope(request, address->v6.sin6_scope_id);
}

static void read_path(struct cw_request *request, struct cw_local *local,
		      const struct sctp_association *association,
		      const struct sctp_transport *path)
{
	u8 family;

	read_remote(request, association, &path->ipaddr);
	local->port = association->base.bind_addr.port;
	if (path->saddr.sa.sa_family)
		read_address(local->addr, &family, &path->saddr);
}

const void *cw_sctp_key(const struct sock *sk)
{
	const struct list_head *list = &sctp_sk(sk)->ep->asocs;

	return list_empty(list) ? NULL :
	       list_first_entry(list, struct sctp_association, asocs);
}

void cw_sctp_read_ends(struct cw_decision *decision)
{
	const struct sctp_association *association = decision->key;
	const struct sctp_transport *path = association->peer.primary_path;

	if (!path)
		return;
	memset(&decision->request, 0, sizeof(decision->request));
	memset(&decision->local, 0, sizeof(decision->local));
	read_path(&decision->request, &decision->local, association, path);
}

/* ---- an association is asked for -------------------------------------------------- */

/*
 * More addresses than a host has: a way to keep a CPU busy in here.  An address
 * in an association is a key for each of them.
 */
#define PATHS_MAX 64
/* The last key is for those that the peer announces. */
#define ANNOUNCED (PATHS_MAX - 1)

static bool judge_path(const struct sctp_association *association,
		       const struct sctp_transport *path, unsigned int number)
{
	struct cw_attempt attempt = {
		.key = (const char *)association + number,
		.sk = association->base.sk,
		.further = number > 0,
	};

	read_path(&attempt.request, &attempt.local, association, path);
	return cw_judge_connection(&attempt);
}

static bool judge_association(const struct sctp_association *association)
{
	const struct sctp_transport *first = association->peer.primary_path;
	const struct sctp_transport *path;
	unsigned int number = 0;

	static_assert(sizeof(*association) > PATHS_MAX);
	if (judge_path(association, first, 0))
		return true;
	list_for_each_entry(path, &association->peer.transport_addr_list,
			    transports) {
		if (path == first)
			continue;
		if (++number == ANNOUNCED)
			return cw_judge_unnamed(association->base.sk);
		if (judge_path(association, path, number))
			return true;
	}
	return false;
}

static bool enter_associate(struct ftrace_regs *regs)
{
	return judge_association(CW_ARG(regs, 1,
					const struct sctp_association *));
}

static noinline notrace int refuse_associate(struct net *net,
					     struct sctp_association *asoc,
					     void *arg)
{
	return -EPERM;
}

CW_DOOR_TYPE(sctp_primitive_ASSOCIATE, int, struct net *,
	     struct sctp_association *, void *);

/* ---- who listens ---------------------------------------------------------------------- */

/*
 * Associations that come in to a one-to-many socket are not accepted: they are
 * those of the process that listens.  So is, for every socket, what a peer asks the
 * kernel to send before accept().
 */
struct listener {
	struct hlist_node node;
	struct rcu_head rcu;
	const struct sock *sk;
	struct cw_identity identity;	/* its process is held */
};

static DEFINE_HASHTABLE(listeners, 6);
/* Changes of the table, in tasks and in softirq. */
static DEFINE_SPINLOCK(listener_lock);

static bool is_one_to_many(const struct sock *sk)
{
	return cw_judge_is_sctp(sk) && sk->sk_type == SOCK_SEQPACKET;
}

/* Under rcu_read_lock() or listener_lock. */
static struct listener *find_listener(const struct sock *sk)
{
	struct listener *listener;

	hash_for_each_possible_rcu(listeners, listener, node,
				   (unsigned long)sk,
				   lockdep_is_held(&listener_lock))
		if (listener->sk == sk)
			return listener;
	return NULL;
}

static void free_listener(struct rcu_head *rcu)
{
	struct listener *listener = container_of(rcu, struct listener, rcu);

	cw_process_put(listener->identity.process);
	kfree(listener);
}

static void replace_listener(const struct sock *sk, struct listener *fresh)
{
	struct listener *old;
	unsigned long flags;

	spin_lock_irqsave(&listener_lock, flags);
	old = find_listener(sk);
	if (old)
		hash_del_rcu(&old->node);
	if (fresh)
		hash_add_rcu(listeners, &fresh->node, (unsigned long)sk);
	spin_unlock_irqrestore(&listener_lock, flags);
	if (old)
		call_rcu(&old->rcu, free_listener);
}

/* Without memory what comes in is not entered, and counted as untracked. */
static void note_listener(const struct sock *sk)
{
	struct listener *listener;

	listener = kzalloc(sizeof(*listener), GFP_ATOMIC | __GFP_NOWARN);
	if (!listener)
		return;
	listener->sk = sk;
	rcu_read_lock();
	cw_ident_take_rcu(&listener->identity);
	listener->identity.process =
		cw_process_hold_rcu(listener->identity.process);
	rcu_read_unlock();
	listener->identity.task = NULL;
	listener->identity.absent = true;
	replace_listener(sk, listener);
}

void cw_sctp_forget(const struct sock *sk)
{
	if (cw_judge_is_sctp(sk))
		replace_listener(sk, NULL);
}

static bool enter_listen(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, struct socket *)->sk;

	if (sk && cw_judge_is_sctp(sk) && CW_ARG(regs, 1, int))
		note_listener(sk);
	return false;
}

CW_DOOR_TYPE(sctp_inet_listen, int, struct socket *, int);

/* ---- an association comes up, and ends -------------------------------------------------- */

static void enter_incoming(const struct sctp_association *association)
{
	const struct sock *sk = association->base.sk;
	struct cw_decision decision = {
		.key = association, .sk = sk, .in = true,
		.outcome = CW_OUTCOME_NONE, .verdict.rule = CW_RULE_DEFAULT,
	};
	const struct listener *listener;

	read_path(&decision.request, &decision.local, association,
		  association->peer.primary_path);
	rcu_read_lock();
	listener = find_listener(sk);
	if (listener) {
		decision.identity = listener->identity;
		cw_conn_open(&decision);
	} else {
		cw_count_add(CW_COUNT_UNTRACKED, 1);
	}
	rcu_read_unlock();
}

static bool is_entered(const struct sctp_association *association)
{
	bool entered;

	rcu_read_lock();
	entered = cw_conn_find(association);
	rcu_read_unlock();
	return entered;
}

/*
 * What has come in and nobody has received yet.  The user may receive it when the
 * association is over, and has no entry any more.  The socket's lock is held.
 */
static u64 waiting_bytes(const struct sctp_association *association)
{
	struct sk_buff_head *queue = &association->base.sk->sk_receive_queue;
	struct sctp_ulpevent *event;
	struct sk_buff *skb;
	unsigned long flags;
	u64 bytes = 0;

	spin_lock_irqsave(&queue->lock, flags);
	skb_queue_walk(queue, skb) {
		event = sctp_skb2event(skb);
		if (event->asoc == association &&
		    !(event->msg_flags & MSG_NOTIFICATION))
			bytes += skb->len;
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return bytes;
}

static void end(const struct sctp_association *association,
		enum cw_ending ending)
{
	cw_bytes_add(association, 0, waiting_bytes(association));
	cw_conn_close(association, ending);
}

/* A one-to-many socket has no error of its own. */
static void note_end(const struct sctp_association *association, u16 change)
{
	const struct sock *sk = association->base.sk;
	int error = is_one_to_many(sk) ? 0 : READ_ONCE(sk->sk_err);

	switch (change) {
	case SCTP_SHUTDOWN_COMP:
		end(association, CW_ENDING_CLOSED);
		break;
	case SCTP_COMM_LOST:
	case SCTP_CANT_STR_ASSOC:
		end(association, error ? cw_ending_of(error) :
					 CW_ENDING_ABORTED);
		break;
	}
}

/*
 * Both ends make this event.  Who asked has an entry, and has echoed the cookie
 * unless both asked at the same time; who was asked has a fresh association, which
 * accept() enters if the socket is one-to-one.
 */
static bool enter_change(struct ftrace_regs *regs)
{
	const struct sctp_association *association =
		CW_ARG(regs, 0, const struct sctp_association *);

	if (CW_ARG(regs, 2, u16) != SCTP_COMM_UP) {
		note_end(association, CW_ARG(regs, 2, u16));
		return false;
	}
	if (is_entered(association))
		cw_conn_establish(association);
	else if (association->state != SCTP_STATE_COOKIE_ECHOED &&
		 is_one_to_many(association->base.sk))
		enter_incoming(association);
	return false;
}

CW_DOOR_TYPE(sctp_ulpevent_make_assoc_change, struct sctp_ulpevent *,
	     const struct sctp_association *, __u16, __u16, __u16, __u16, __u16,
	     struct sctp_chunk *, gfp_t);

/* ---- a peer announces more addresses -------------------------------------------------------- */

/* Under rcu_read_lock(). */
static void take_owner(struct cw_identity *who,
		       const struct sctp_association *association)
{
	const struct conn *conn = cw_conn_find(association);
	const struct listener *listener = conn ? NULL :
		find_listener(association->base.sk);

	if (conn)
		cw_ident_take_opener_rcu(who, conn);
	else if (listener)
		*who = listener->identity;
	else
		cw_ident_take_unknown_rcu(who);
}

/* Not known is taken for yes. */
static bool is_on_this_host(const struct sctp_association *association)
{
	const struct sctp_transport *path = association->peer.primary_path;

	return !path || !path->dst || path->dst->dev->flags & IFF_LOOPBACK;
}

/*
 * In its answer, its request or later (ASCONF) the peer may announce any address,
 * also one that it does not have, and the kernel sends there.  A peer on this host
 * may be another process of the same user, so what it announces is judged as if it
 * had been asked for.  Another host that the rules allow has what is sent anyway,
 * and answers from any of its addresses.
 */
static bool enter_add_peer(struct ftrace_regs *regs)
{
	const struct sctp_association *association =
		CW_ARG(regs, 0, const struct sctp_association *);
	struct cw_identity who = {};
	struct cw_attempt attempt = {
		.key = (const char *)association + ANNOUNCED,
		.sk = association->base.sk, .further = true, .who = &who,
	};
	bool refuse;

	if (CW_ARG(regs, 3, int) != SCTP_UNCONFIRMED ||
	    !is_on_this_host(association))
		return false;
	read_remote(&attempt.request, association,
		    CW_ARG(regs, 1, const union sctp_addr *));
	attempt.local.port = association->base.bind_addr.port;
	rcu_read_lock();
	take_owner(&who, association);
	refuse = cw_judge_connection(&attempt);
	rcu_read_unlock();
	return refuse;
}

/* The address is passed over: the association goes on with those that it has. */
static noinline notrace struct sctp_transport *
refuse_add_peer(struct sctp_association *asoc, const union sctp_addr *address,
		const gfp_t gfp, const int peer_state)
{
	return asoc->peer.primary_path;
}

CW_DOOR_TYPE(sctp_assoc_add_peer, struct sctp_transport *,
	     struct sctp_association *, const union sctp_addr *, const gfp_t,
	     const int);

/* ---- what an association moves ------------------------------------------------------------- */

/* A message of the user, whole, in chunks that are to be sent. */
static bool enter_send(struct ftrace_regs *regs)
{
	const struct sctp_association *association =
		CW_ARG(regs, 1, const struct sctp_association *);
	const struct sctp_datamsg *message =
		CW_ARG(regs, 2, const struct sctp_datamsg *);
	u32 header = sctp_datachk_len(&association->stream), bytes = 0;
	const struct sctp_chunk *chunk;

	list_for_each_entry(chunk, &message->chunks, frag_list)
		bytes += ntohs(chunk->chunk_hdr->length) - header;
	cw_bytes_add(association, bytes, 0);
	return false;
}

/* The window opens by what the user has received, a message or a part of one. */
static bool enter_rwnd(struct ftrace_regs *regs)
{
	cw_bytes_add(CW_ARG(regs, 0, const void *), 0,
		     CW_ARG(regs, 1, unsigned int));
	return false;
}

CW_DOOR_TYPE(sctp_primitive_SEND, int, struct net *, struct sctp_association *,
	     void *);
CW_DOOR_TYPE(sctp_assoc_rwnd_increase, void, struct sctp_association *,
	     unsigned int);

/* ---- an association ends ------------------------------------------------------------------- */

static bool enter_end(struct ftrace_regs *regs)
{
	const char *association = CW_ARG(regs, 0, const char *);
	unsigned int number;

	for (number = 0; number < PATHS_MAX; number++)
		cw_conn_forget(association + number);
	return false;
}

CW_DOOR_TYPE(sctp_association_free, void, struct sctp_association *);

static const struct cw_door doors[] = {
	{ "sctp_primitive_ASSOCIATE", refuse_associate, enter_associate },
	{ "sctp_assoc_add_peer", refuse_add_peer, enter_add_peer },
	{ "sctp_association_free", NULL, enter_end },
	{ "sctp_ulpevent_make_assoc_change", NULL, enter_change },
	{ "sctp_inet_listen", NULL, enter_listen },
	{ "sctp_primitive_SEND", NULL, enter_send },
	{ "sctp_assoc_rwnd_increase", NULL, enter_rwnd },
};

const struct cw_doors cw_sctp_doors = {
	.module = "sctp", .is_builtin = IS_BUILTIN(CONFIG_IP_SCTP), .door = doors, .count = ARRAY_SIZE(doors),
};

/* All doors are gone, also that of the end of sockets. */
void cw_sctp_exit(void)
{
	struct listener *listener;
	struct hlist_node *next;
	unsigned int bucket;

	hash_for_each_safe(listeners, bucket, next, listener, node) {
		hash_del_rcu(&listener->node);
		call_rcu(&listener->rcu, free_listener);
	}
	/* free_listener() is code of this module. */
	rcu_barrier();
}
