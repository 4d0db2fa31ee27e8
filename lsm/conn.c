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
 * Every entry has a number, by which all can be walked (number.c).  One entry of each
 * living socket is in cw_conn_heads: its association, or the one that stands for
 * its flows (flow.c).  Those that are over wait in ended, oldest first, for the
 * reaper.  Kept by the address of the socket, or of the SCTP association: a door
 * tells when that becomes invalid.
 *
 * Locks: conn.h.
 */
#include <linux/cache.h>
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "include/cw_event.h"
#include "conn.h"
#include "judge.h"

struct hlist_head *cw_conn_heads __read_mostly;
unsigned int cw_conn_bucket_bits __read_mostly;

static struct {
	spinlock_t lock;
} ____cacheline_aligned_in_smp locks[CW_CONN_LOCKS];

const void *cw_conn_key(const struct sock *sk)
{
	return cw_judge_is_sctp(sk) ? cw_sctp_key(sk) : (const void *)sk;
}

spinlock_t *cw_conn_lock(const void *key)
{
	return &locks[cw_conn_bucket(key) & (CW_CONN_LOCKS - 1)].lock;
}

struct conn *cw_conn_find(const void *key)
{
	struct conn *conn;

	hlist_for_each_entry_rcu(conn, &cw_conn_heads[cw_conn_bucket(key)],
				 by_sock, lockdep_is_held(cw_conn_lock(key)))
		if (conn->key == key && !conn->flow)
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
	cw_age_queue_ended(conn);
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
	enum cw_conn_state state = first_state(decision);

	conn->established = state == STATE_OPENING ? CW_ESTABLISHED_NO :
						     CW_ESTABLISHED_YES;
	WRITE_ONCE(conn->state, state);
	hash_mptcp_locked(conn);
	hlist_add_head_rcu(&conn->by_sock,
			   &cw_conn_heads[cw_conn_bucket(conn->key)]);
}

/*
 * It is over when it begins, and in no list of its key: so nobody else changes it,
 * and it needs neither the key's lock nor a second look at the clock.  It may be
 * freed as soon as it waits for that.
 */
static void enter_refused(struct conn *conn)
{
	conn->closed = conn->opened;
	WRITE_ONCE(conn->state, STATE_REFUSED);
	cw_age_queue_ended(conn);
}

static void enter(struct conn *conn, const struct cw_decision *decision)
{
	spinlock_t *lock = cw_conn_lock(conn->key);
	struct conn *previous;
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	previous = cw_conn_find(conn->key);
	if (previous && decision->preexisting) {
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
			cw_conn_close(decision->key, CW_ENDING_UNKNOWN);
		return false;
	}
	cw_event_open(conn, decision);
	if (decision->outcome == CW_OUTCOME_DENY)
		enter_refused(conn);
	else
		enter(conn, decision);
	return false;
}

/* ---- what becomes of it ---------------------------------------------------- */

/*
 * Most sockets that change or are freed have no entry.  An entry of @key was made
 * before by who had the socket, so an empty bucket is not mistaken.
 */
static bool is_unknown(const void *key)
{
	return hlist_empty(&cw_conn_heads[cw_conn_bucket(key)]);
}

void cw_conn_close(const void *key, enum cw_ending ending)
{
	spinlock_t *lock = cw_conn_lock(key);
	struct conn *conn;
	unsigned long flags;

	if (is_unknown(key))
		return;
	spin_lock_irqsave(lock, flags);
	conn = cw_conn_find(key);
	if (conn && !cw_conn_is_over(conn)) {
		conn->ending = ending;
		cw_conn_end_locked(conn, STATE_CLOSED);
	}
	spin_unlock_irqrestore(lock, flags);
}

static noinline void forget(const void *key)
{
	spinlock_t *lock = cw_conn_lock(key);
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	conn = cw_conn_find(key);
	if (conn)
		unhash_locked(conn);
	spin_unlock_irqrestore(lock, flags);
	if (!conn)
		cw_flow_forget(key);
}

void cw_conn_forget(const void *key)
{
	if (!is_unknown(key))
		forget(key);
}

void cw_conn_establish(const void *key)
{
	spinlock_t *lock = cw_conn_lock(key);
	struct conn *conn;
	unsigned long flags;

	if (is_unknown(key))
		return;
	spin_lock_irqsave(lock, flags);
	conn = cw_conn_find(key);
	if (conn && conn->state == STATE_OPENING) {
		conn->established = CW_ESTABLISHED_YES;
		WRITE_ONCE(conn->state, STATE_OPEN);
	}
	spin_unlock_irqrestore(lock, flags);
}

/* ---- start and end ---------------------------------------------------------- */

static int init_tables(void)
{
	int ret;

	cw_conn_heads = kvcalloc(1u << cw_conn_bucket_bits,
				 sizeof(*cw_conn_heads), GFP_KERNEL);
	if (!cw_conn_heads)
		return -ENOMEM;
	ret = cw_number_init();
	if (ret)
		goto err_heads;
	ret = cw_flow_init();
	if (!ret)
		return 0;
	cw_number_exit();
err_heads:
	kvfree(cw_conn_heads);
	return ret;
}

static void exit_tables(void)
{
	cw_flow_exit();
	cw_number_exit();
	kvfree(cw_conn_heads);
}

int cw_conn_init(void)
{
	unsigned int i;
	int ret;

	cw_share_init();
	cw_conn_bucket_bits = clamp(ilog2(cw_conn_limit() | 1), 8, 20);
	for (i = 0; i < CW_CONN_LOCKS; i++)
		spin_lock_init(&locks[i].lock);
	ret = init_tables();
	if (ret)
		return ret;
	ret = cw_entry_init();
	if (ret)
		exit_tables();
	else
		cw_age_start();
	return ret;
}

void cw_conn_stop(void)
{
	cw_age_stop();
}

/* Nobody else has the table any more. */
static struct conn *find_from(loff_t *position)
{
	struct conn *conn;

	rcu_read_lock();
	conn = cw_number_find_rcu(position);
	rcu_read_unlock();
	return conn;
}

void cw_conn_exit(void)
{
	struct conn *conn;
	loff_t position = CW_NUMBER_BEGIN;

	while ((conn = find_from(&position))) {
		cw_conn_drop(conn);
		cond_resched();
	}
	cw_entry_exit();
	exit_tables();
}
