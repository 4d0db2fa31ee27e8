// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of the table of connections: what of a decision is kept, and their memory.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "include/cw_event.h"
#include "conn.h"

static struct kmem_cache *cache __read_mostly;

/* ---- what is kept -------------------------------------------------------------- */

static enum cw_attribution attribution_of(const struct conn *conn,
					  const struct cw_decision *decision)
{
	if (conn->process == cw_process_kernel())
		return CW_ATTRIBUTION_KERNEL;
	if (!conn->process->tgid)
		return CW_ATTRIBUTION_UNKNOWN;
	return decision->preexisting ? CW_ATTRIBUTION_PREEXISTING :
				       CW_ATTRIBUTION_EXACT;
}

/*
 * Sockets of TCP tell (bytes.c).  Of SCTP and of flows each message is counted, from
 * the load of the module on.  Other streams are not.
 */
static void set_first_bytes(struct conn *conn, const struct cw_decision *decision)
{
	u64 unknown = 0;

	if (!decision->flow && conn->proto != CW_PROTO_SCTP)
		unknown = CW_BYTES_UNKNOWN;
	atomic64_set(&conn->sent, unknown);
	atomic64_set(&conn->received, unknown);
	if (decision->flow && decision->outcome != CW_OUTCOME_DENY)
		atomic64_set(decision->outcome == CW_OUTCOME_NONE ?
			     &conn->received : &conn->sent, decision->bytes);
}

static void fill_flow(struct conn *conn, const struct cw_decision *decision)
{
	INIT_LIST_HEAD(&conn->siblings);
	conn->terms = decision->outcome == CW_OUTCOME_NONE ? 0 :
		cw_flow_terms(decision->identity.known, decision->local.port);
	conn->recent = NULL;
	conn->used = jiffies;
	conn->flows = 0;
}

static void fill_association(struct conn *conn,
			     const struct cw_decision *decision)
{
	conn->user = NULL;
	conn->inode = decision->mptcp;
	conn->user_program = 0;
	conn->user_tgid = 0;
	conn->users = 0;
}

static void fill_who(struct conn *conn, const struct cw_decision *decision)
{
	const struct cw_identity *identity = &decision->identity;

	conn->process = cw_process_hold_rcu(identity->process);
	conn->attribution = attribution_of(conn, decision);
	conn->opener = identity->program;
	conn->tgid = identity->tgid;
	conn->pid = identity->pid;
	conn->uid = identity->uid;
	conn->euid = identity->euid;
}

static void fill_ends(struct conn *conn, const struct cw_decision *decision)
{
	const struct cw_request *request = &decision->request;
	const struct net *net = sock_net(decision->sk);

	conn->key = decision->key;
	conn->netns = net->ns.inum;
	conn->netns_owner = net->user_ns == &init_user_ns ? CW_NETNS_ROOT :
							   CW_NETNS_USER;
	conn->local_port = decision->local.port;
	memcpy(conn->local, decision->local.addr, sizeof(conn->local));
	conn->remote_port = request->port;
	conn->scope = request->scope;
	conn->number = request->proto == CW_PROTO_RAW ?
		       decision->sk->sk_protocol : decision->number;
	memcpy(conn->remote, request->addr, sizeof(conn->remote));
	conn->family = request->family;
	conn->proto = request->proto;
}

/* The memory is not zeroed, see construct(): each member is set here, but for the
 * number and the place. */
static void fill(struct conn *conn, const struct cw_decision *decision)
{
	INIT_HLIST_NODE(&conn->by_sock);
	INIT_HLIST_NODE(&conn->by_flow);
	INIT_LIST_HEAD(&conn->queue);
	conn->flow = decision->flow;
	if (decision->flow)
		fill_flow(conn, decision);
	else
		fill_association(conn, decision);
	fill_who(conn, decision);
	fill_ends(conn, decision);
	conn->opened = ktime_get_boottime_ns();
	conn->closed = 0;
	conn->told = 0;
	conn->generation = decision->generation;
	conn->rule = decision->verdict.rule;
	conn->outcome = decision->outcome;
	conn->state = STATE_OPENING;
	conn->in = decision->in;
	conn->established = CW_ESTABLISHED_UNKNOWN;
	conn->ending = CW_ENDING_UNKNOWN;
	set_first_bytes(conn, decision);
}

/* ---- life ------------------------------------------------------------------------ */

/* GFP_ATOMIC: hooks run with preemption off. */
struct conn *cw_conn_make(const struct cw_decision *decision)
{
	uid_t owner = decision->identity.owner;
	struct cw_share_place place;
	struct conn *conn;

	if (!cw_share_reserve(owner, decision->in, &place))
		goto untracked;
	conn = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		goto unreserve;
	fill(conn, decision);
	conn->place = place;
	cw_number_enter(conn);
	return conn;

unreserve:
	cw_share_give_back(&place, decision->in, false);
untracked:
	cw_share_untracked(owner);
	return NULL;
}

static void free_rcu(struct rcu_head *rcu)
{
	struct conn *conn = container_of(rcu, struct conn, rcu);

	if (!conn->flow && conn->user)
		cw_process_put(conn->user);
	cw_process_put(conn->process);
	kmem_cache_free(cache, conn);
}

void cw_conn_drop(struct conn *conn)
{
	cw_number_leave(conn);
	cw_share_give_back(&conn->place, conn->in, cw_conn_is_over(conn));
	call_rcu(&conn->rcu, free_rcu);
}


/* ---- start and end ----------------------------------------------------------------- */

/*
 * With a constructor the kernel leaves what it gives out as it is.  Else many
 * kernels zero it (init_on_alloc), which costs more than the rest of an entry.
 */
static void construct(void *conn)
{
}

int cw_entry_init(void)
{
	cache = kmem_cache_create("connwarden_conn", sizeof(struct conn), 0, 0,
				  construct);
	return cache ? 0 : -ENOMEM;
}

void cw_entry_exit(void)
{
	/* free_rcu() is code of this module. */
	rcu_barrier();
	kmem_cache_destroy(cache);
}
