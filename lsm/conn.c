// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of connections.  An entry is made when a connection is asked for
 * and stays for a while after its end.  Decisions never depend on it, but for
 * datagrams of flows that were allowed (flow.c).
 *
 *             open()             ESTABLISHED            CLOSE, sk_free
 *   (none) ----------> opening -------------> open --------------------> closed
 *             |                                                            |
 *             | refused                                        ttl seconds |
 *             +-----------------------------> refused ----------------> freed
 *
 * Every entry is in by_id, which gives the order for dumps.  Those of living
 * sockets are in associations, or with the flows (flow.c), as well; those that
 * are over wait in ended, oldest first, for the reaper.  Kept by the address of
 * the socket, or of the SCTP association: a door tells when that becomes invalid.
 *
 * Locks: conn.h.
 */
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "../include/cw_event.h"
#include "conn.h"
#include "judge.h"

static struct kmem_cache *cache;
static struct hlist_head *associations;
unsigned int cw_conn_bucket_bits;
static spinlock_t locks[CW_CONN_LOCKS];

DEFINE_XARRAY_FLAGS(cw_conn_by_id, XA_FLAGS_LOCK_IRQ);
static atomic64_t last_id = ATOMIC64_INIT(0);

u32 cw_conn_bucket(const void *key)
{
	return hash_ptr(key, cw_conn_bucket_bits);
}

const void *cw_conn_key(const struct sock *sk)
{
	return cw_judge_is_sctp(sk) ? cw_sctp_key(sk) : (const void *)sk;
}

spinlock_t *cw_conn_lock(const void *key)
{
	return &locks[cw_conn_bucket(key) & (CW_CONN_LOCKS - 1)];
}

/* ---- life ----------------------------------------------------------------- */

static void free_rcu(struct rcu_head *rcu)
{
	struct conn *conn = container_of(rcu, struct conn, rcu);

	if (conn->user)
		cw_process_put(conn->user);
	cw_process_put(conn->process);
	kmem_cache_free(cache, conn);
}

void cw_conn_drop(struct conn *conn)
{
	unsigned long flags;

	xa_lock_irqsave(&cw_conn_by_id, flags);
	__xa_erase(&cw_conn_by_id, conn->id);
	xa_unlock_irqrestore(&cw_conn_by_id, flags);
	cw_share_give_back(conn->share);
	call_rcu(&conn->rcu, free_rcu);
}

struct conn *cw_conn_find(const void *key)
{
	struct conn *conn;

	hlist_for_each_entry_rcu(conn, &associations[cw_conn_bucket(key)],
				 by_sock, lockdep_is_held(cw_conn_lock(key)))
		if (conn->key == key)
			return conn;
	return NULL;
}

/* ---- MPTCP ------------------------------------------------------------------ */

/* Associations of MPTCP, for the owner of further subflows.  Few have any, and
 * these are made and ended seldom. */
static DEFINE_HASHTABLE(by_inode, 8);
static DEFINE_SPINLOCK(mptcp_lock);

struct conn *cw_conn_find_mptcp_rcu(u64 inode, const struct sock *sk)
{
	struct conn *conn;

	hash_for_each_possible_rcu(by_inode, conn, by_flow, inode)
		if (conn->inode == inode &&
		    conn->netns == sock_net(sk)->ns.inum)
			return conn;
	return NULL;
}

/* Lock of the key held, interrupts off. */
static void hash_mptcp_locked(struct conn *conn)
{
	if (!conn->inode)
		return;
	spin_lock(&mptcp_lock);
	hash_add_rcu(by_inode, &conn->by_flow, conn->inode);
	spin_unlock(&mptcp_lock);
}

static void unhash_mptcp_locked(struct conn *conn)
{
	if (hlist_unhashed(&conn->by_flow))
		return;
	spin_lock(&mptcp_lock);
	hash_del_rcu(&conn->by_flow);
	spin_unlock(&mptcp_lock);
}

/* ---- end ------------------------------------------------------------------------ */

void cw_conn_end_locked(struct conn *conn, enum cw_conn_state state)
{
	cw_bytes_read(conn);
	WRITE_ONCE(conn->state, state);
	conn->closed = ktime_get_boottime_ns();
	cw_share_queue_ended(conn);
	if (state == STATE_CLOSED)
		cw_event_close(conn);
}

/* Lock of the key held: the socket is gone or serves another connection. */
static void unhash_locked(struct conn *conn)
{
	if (!cw_conn_is_over(conn))
		cw_conn_end_locked(conn, STATE_CLOSED);
	unhash_mptcp_locked(conn);
	hlist_del_init_rcu(&conn->by_sock);
}

/* Taken off ended, so that nobody else frees it. */
void cw_conn_retire(struct conn *conn)
{
	spinlock_t *lock = cw_conn_lock(conn->key);
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	if (conn->flow) {
		cw_flow_unhash_locked(conn);
	} else {
		unhash_mptcp_locked(conn);
		hlist_del_init_rcu(&conn->by_sock);
	}
	spin_unlock_irqrestore(lock, flags);
	cw_conn_drop(conn);
}

/* ---- a connection is asked for -------------------------------------------- */

static u16 share_of(const struct cw_decision *decision)
{
	return cw_share_of(decision->identity.owner, decision->in);
}

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

/* Streams tell themselves; of datagrams, what is given to the socket is
 * counted. */
static u64 first_sent(const struct cw_decision *decision)
{
	switch (decision->request.proto) {
	case CW_PROTO_TCP:
	case CW_PROTO_SCTP:
		return CW_BYTES_UNKNOWN;
	}
	if (decision->preexisting)
		return CW_BYTES_UNKNOWN;
	return decision->outcome == CW_OUTCOME_DENY ? 0 : decision->bytes;
}

static void fill(struct conn *conn, const struct cw_decision *decision)
{
	const struct cw_request *request = &decision->request;

	conn->key = decision->key;
	conn->opened = ktime_get_boottime_ns();
	conn->generation = decision->generation;
	if (decision->flow)
		conn->terms = cw_flow_terms(decision->identity.known,
					    decision->local.port);
	else
		conn->inode = decision->mptcp;
	conn->process = cw_process_hold_rcu(decision->identity.process);
	conn->attribution = attribution_of(conn, decision);
	conn->opener = decision->identity.program;
	conn->share = share_of(decision);
	conn->tgid = decision->identity.tgid;
	conn->pid = decision->identity.pid;
	conn->uid = decision->identity.uid;
	conn->euid = decision->identity.facts.uid;
	conn->netns = sock_net(decision->sk)->ns.inum;
	conn->netns_owner =
		sock_net(decision->sk)->user_ns == &init_user_ns
		? CW_NETNS_ROOT : CW_NETNS_USER;
	conn->rule = decision->verdict.rule;
	conn->local_port = decision->local.port;
	memcpy(conn->local, decision->local.addr, sizeof(conn->local));
	conn->remote_port = request->port;
	conn->scope = request->scope;
	memcpy(conn->remote, request->addr, sizeof(conn->remote));
	conn->family = request->family;
	conn->proto = request->proto;
	conn->outcome = decision->outcome;
	conn->in = decision->in;
	conn->flow = decision->flow;
	conn->used = jiffies;
	atomic64_set(&conn->sent, first_sent(decision));
	conn->received = CW_BYTES_UNKNOWN;
}

/* GFP_ATOMIC: hooks run with preemption off. */
static struct conn *make(const struct cw_decision *decision)
{
	struct conn *conn;

	conn = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		return NULL;
	INIT_HLIST_NODE(&conn->by_sock);
	INIT_HLIST_NODE(&conn->by_flow);
	INIT_LIST_HEAD(&conn->siblings);
	INIT_LIST_HEAD(&conn->queue);
	fill(conn, decision);
	conn->id = atomic64_inc_return(&last_id);
	return conn;
}

static int enter_by_id(struct conn *conn)
{
	unsigned long flags;
	void *old;

	xa_lock_irqsave(&cw_conn_by_id, flags);
	old = __xa_store(&cw_conn_by_id, conn->id, conn, GFP_ATOMIC | __GFP_NOWARN);
	xa_unlock_irqrestore(&cw_conn_by_id, flags);
	return xa_err(old);
}

/* Datagrams have no handshake: they are open at once. */
static enum cw_conn_state first_state(const struct cw_decision *decision)
{
	if (decision->preexisting)
		return READ_ONCE(decision->sk->sk_state) == TCP_SYN_SENT ?
		       STATE_OPENING : STATE_OPEN;
	if (decision->in)
		return STATE_OPEN;
	return decision->request.proto == CW_PROTO_TCP ||
	       decision->request.proto == CW_PROTO_SCTP ?
	       STATE_OPENING : STATE_OPEN;
}

static void hash_locked(struct conn *conn, const struct cw_decision *decision)
{
	WRITE_ONCE(conn->state, first_state(decision));
	hash_mptcp_locked(conn);
	hlist_add_head_rcu(&conn->by_sock,
			   &associations[cw_conn_bucket(conn->key)]);
}

static void enter(struct conn *conn, const struct cw_decision *decision)
{
	spinlock_t *lock = cw_conn_lock(conn->key);
	struct conn *previous;
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	previous = cw_conn_find(conn->key);
	if (conn->outcome == CW_OUTCOME_DENY) {
		cw_conn_end_locked(conn, STATE_REFUSED);
	} else if (previous && decision->preexisting) {
		/* A hook has been faster, and what it saw is newer. */
		cw_conn_end_locked(conn, STATE_CLOSED);
	} else {
		if (previous)
			unhash_locked(previous);
		hash_locked(conn, decision);
	}
	spin_unlock_irqrestore(lock, flags);
}

bool cw_conn_same_remote(const struct conn *conn,
			 const struct cw_request *request)
{
	return conn->family == request->family &&
	       conn->proto == request->proto &&
	       conn->remote_port == request->port &&
	       conn->scope == request->scope &&
	       !memcmp(conn->remote, request->addr, sizeof(conn->remote));
}

struct conn *cw_conn_make(const struct cw_decision *decision)
{
	struct conn *conn;

	if (!cw_share_reserve(share_of(decision)))
		goto untracked;
	conn = make(decision);
	if (!conn)
		goto unreserve;
	if (!enter_by_id(conn))
		return conn;
	cw_process_put(conn->process);
	kmem_cache_free(cache, conn);
unreserve:
	cw_share_give_back(share_of(decision));
untracked:
	cw_count_add(CW_COUNT_UNTRACKED, 1);
	return NULL;
}

bool cw_conn_open(const struct cw_decision *decision)
{
	struct conn *conn;

	if (decision->flow)
		return cw_flow_open(decision);
	if (decision->preexisting && cw_conn_find(decision->key))
		return true;
	conn = cw_conn_make(decision);
	if (!conn) {
		/* What the socket did before is over all the same. */
		if (decision->outcome != CW_OUTCOME_DENY)
			cw_conn_close(decision->key);
		return false;
	}
	cw_event_open(conn, decision);
	enter(conn, decision);
	return false;
}

/* ---- what becomes of it ---------------------------------------------------- */

void cw_conn_close(const void *key)
{
	spinlock_t *lock = cw_conn_lock(key);
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	conn = cw_conn_find(key);
	if (conn && !cw_conn_is_over(conn))
		cw_conn_end_locked(conn, STATE_CLOSED);
	spin_unlock_irqrestore(lock, flags);
}

/*
 * Most sockets that are freed have no entry.  An entry of @key was made before by
 * who had the socket, so an empty bucket is not mistaken.
 */
void cw_conn_forget(const void *key)
{
	spinlock_t *lock = cw_conn_lock(key);
	struct conn *conn;
	unsigned long flags;

	if (hlist_empty(&associations[cw_conn_bucket(key)]))
		return;
	spin_lock_irqsave(lock, flags);
	conn = cw_conn_find(key);
	if (conn)
		unhash_locked(conn);
	spin_unlock_irqrestore(lock, flags);
}

void cw_conn_establish(const void *key)
{
	spinlock_t *lock = cw_conn_lock(key);
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	conn = cw_conn_find(key);
	if (conn && conn->state == STATE_OPENING)
		WRITE_ONCE(conn->state, STATE_OPEN);
	spin_unlock_irqrestore(lock, flags);
}

void cw_conn_state(const struct sock *sk, int state)
{
	if (state == TCP_ESTABLISHED)
		cw_conn_establish(sk);
	else if (state == TCP_CLOSE)
		cw_conn_close(sk);
}

/* ---- start and end ---------------------------------------------------------- */

int cw_conn_init(void)
{
	unsigned int i;
	int ret;

	cw_share_init();
	cw_conn_bucket_bits = clamp(ilog2(cw_conn_limit() | 1), 8, 20);
	for (i = 0; i < CW_CONN_LOCKS; i++)
		spin_lock_init(&locks[i]);
	associations = kvcalloc(1u << cw_conn_bucket_bits,
				sizeof(*associations), GFP_KERNEL);
	if (!associations)
		return -ENOMEM;
	ret = cw_flow_init();
	if (ret)
		goto err_associations;
	cache = kmem_cache_create("connwarden_conn", sizeof(struct conn), 0, 0,
				  NULL);
	if (!cache) {
		ret = -ENOMEM;
		goto err_flow;
	}
	cw_share_start();
	return 0;

err_flow:
	cw_flow_exit();
err_associations:
	kvfree(associations);
	return ret;
}

void cw_conn_stop(void)
{
	cw_share_stop();
}

void cw_conn_exit(void)
{
	struct conn *conn;
	unsigned long id;

	xa_for_each(&cw_conn_by_id, id, conn) {
		cw_conn_drop(conn);
		cond_resched();
	}
	/* free_rcu() is code of this module. */
	rcu_barrier();
	xa_destroy(&cw_conn_by_id);
	kmem_cache_destroy(cache);
	cw_flow_exit();
	kvfree(associations);
}
