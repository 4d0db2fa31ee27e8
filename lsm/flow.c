// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flows: datagrams that one process sends by one socket to one address, which
 * each name it.  They share an entry of the table, found without a lock, so
 * that a flow is one connection however many its datagrams are.
 *
 * Each flow is in flows_by_address.  All flows of a socket are linked by
 * siblings, and one of them stands for all in cw_conn_heads, for the moment when
 * the socket dies.  A socket's flows are spread over the buckets that have the
 * socket's lock.  Refused ones are there as well, so that a program that tries
 * again and again has one entry, too.
 *
 * An allowed flow answers for its next datagram (cw_flow_goes_on()).  That is
 * right because verdict, policy and rule of an entry never change, nor does the
 * protocol of a socket, and a socket that dies takes its flows along.
 */
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "conn.h"

static struct hlist_head *flows_by_address __read_mostly;
static u32 seed __read_mostly;

/* Its low bits are those that choose the lock of the socket. */
static struct hlist_head *bucket_of(const void *key,
				    const struct cw_process *process,
				    const u8 *address, u16 port)
{
	u32 word[4], hash, bucket;

	memcpy(word, address, sizeof(word));
	/* Of an IPv4 address the rest is zeroes. */
	if (word[1] | word[2] | word[3])
		word[0] = jhash2(word, ARRAY_SIZE(word), seed);
	hash = jhash_3words(word[0], port, (u32)process->id,
			    seed ^ (u32)(uintptr_t)key);
	bucket = (hash & ~(CW_CONN_LOCKS - 1)) |
		 (cw_conn_bucket(key) & (CW_CONN_LOCKS - 1));
	return &flows_by_address[bucket & ((1u << cw_conn_bucket_bits) - 1)];
}

static struct hlist_head *head_bucket_of(const void *key)
{
	return &cw_conn_heads[cw_conn_bucket(key)];
}

/* ---- lists; lock of the socket held ----------------------------------------- */

static struct conn *find_head_locked(const void *key)
{
	struct conn *conn;

	hlist_for_each_entry(conn, head_bucket_of(key), by_sock)
		if (conn->key == key && conn->flow)
			return conn;
	return NULL;
}

/* Lists of one socket are walked under locks: it may not have more flows, and
 * loses the oldest. */
#define FLOWS_MAX 1024

static void hash_locked(struct conn *conn)
{
	struct conn *head = find_head_locked(conn->key);

	if (head) {
		list_add_tail(&conn->siblings, &head->siblings);
		head->flows++;
	} else {
		conn->flows = 1;
		hlist_add_head_rcu(&conn->by_sock,
				   head_bucket_of(conn->key));
	}
	hlist_add_head_rcu(&conn->by_flow,
			   bucket_of(conn->key, conn->process, conn->remote,
				     conn->remote_port));
}

/* @head leaves; the oldest of the others stands for all from now on. */
static void replace_head_locked(struct conn *head)
{
	struct conn *next = list_next_entry(head, siblings);

	hlist_del_init_rcu(&head->by_sock);
	if (list_empty(&head->siblings))
		return;
	next->flows = head->flows - 1;
	hlist_add_head_rcu(&next->by_sock, head_bucket_of(head->key));
}

void cw_flow_unhash_locked(struct conn *conn)
{
	struct conn *head;

	if (hlist_unhashed(&conn->by_flow))
		return;
	hlist_del_init_rcu(&conn->by_flow);
	head = find_head_locked(conn->key);
	if (head == conn)
		replace_head_locked(conn);
	else if (head)
		head->flows--;
	list_del_init(&conn->siblings);
}

static void end_locked(struct conn *conn)
{
	if (!cw_conn_is_over(conn))
		cw_conn_end_locked(conn, STATE_CLOSED);
	cw_flow_unhash_locked(conn);
}

void cw_flow_forget(const void *key)
{
	spinlock_t *lock = cw_conn_lock(key);
	struct conn *conn;
	unsigned long flags;
	int count;

	do {
		count = 32;
		spin_lock_irqsave(lock, flags);
		while (count && (conn = find_head_locked(key))) {
			end_locked(conn);
			count--;
		}
		spin_unlock_irqrestore(lock, flags);
	} while (!count);
}

/* ---- a datagram is sent ------------------------------------------------------ */

/* Under rcu_read_lock() or with the lock of the socket held. */
static struct conn *find(const void *key,
			 const struct cw_request *request,
			 const struct cw_process *process)
{
	struct hlist_head *bucket = bucket_of(key, process, request->addr,
					      request->port);
	struct conn *conn;

	hlist_for_each_entry_rcu(conn, bucket, by_flow,
				 lockdep_is_held(cw_conn_lock(key)))
		if (conn->key == key && conn->process == process &&
		    cw_conn_same_remote(conn, request))
			return conn;
	return NULL;
}

static bool same_verdict(const struct conn *conn,
			 const struct cw_decision *decision)
{
	return conn->generation == decision->generation &&
	       conn->rule == decision->verdict.rule &&
	       conn->outcome == decision->outcome;
}

static void touch(struct conn *conn, size_t bytes)
{
	if (conn->outcome != CW_OUTCOME_DENY)
		atomic64_add(bytes, &conn->sent);
	if (READ_ONCE(conn->used) != jiffies)
		WRITE_ONCE(conn->used, jiffies);
}

/* The lists of @conn's socket are its own; @conn is fresh. */
static void enter_locked(struct conn *conn)
{
	struct conn *head = find_head_locked(conn->key);

	if (head && head->flows >= FLOWS_MAX)
		end_locked(head);
	hash_locked(conn);
	if (conn->outcome == CW_OUTCOME_DENY) {
		cw_conn_end_locked(conn, STATE_REFUSED);
		return;
	}
	WRITE_ONCE(conn->state, STATE_OPEN);
	cw_age_queue_flow(conn);
}

/* False: another thread has been faster with the same. */
static bool enter(struct conn *conn, const struct cw_decision *decision)
{
	spinlock_t *lock = cw_conn_lock(conn->key);
	struct conn *old;
	unsigned long flags;
	bool fresh;

	spin_lock_irqsave(lock, flags);
	old = find(conn->key, &decision->request, conn->process);
	fresh = !old || !same_verdict(old, decision);
	/* A hook has been faster, and what it saw is newer. */
	if (old && decision->preexisting)
		fresh = false;
	if (fresh) {
		if (old)
			end_locked(old);
		enter_locked(conn);
	} else {
		atomic64_add(decision->bytes, &old->sent);
	}
	spin_unlock_irqrestore(lock, flags);
	return fresh;
}

bool cw_flow_goes_on(const void *key, const struct cw_request *request,
		     const struct cw_process *process, u64 terms, u32 bytes)
{
	struct conn *conn = find(key, request, cw_process_keepable(process));

	if (!conn || conn->outcome != CW_OUTCOME_ALLOW ||
	    READ_ONCE(conn->terms) != terms)
		return false;
	touch(conn, bytes);
	return true;
}

bool cw_flow_open(const struct cw_decision *decision)
{
	struct conn *conn;

	conn = find(decision->key, &decision->request,
		    cw_process_keepable(decision->identity.process));
	if (conn && same_verdict(conn, decision)) {
		/* It has been so ever since, under any circumstances. */
		WRITE_ONCE(conn->terms,
			   cw_flow_terms(decision->identity.known,
					 decision->local.port));
		touch(conn, decision->bytes);
		return true;
	}
	conn = cw_conn_make(decision);
	if (!conn)
		return false;
	cw_event_open(conn, decision);
	if (enter(conn, decision))
		return false;
	conn->closed = conn->opened;
	cw_event_close(conn);
	cw_conn_drop(conn);
	return true;
}

/* ---- idle ones ---------------------------------------------------------------- */

void cw_flow_age(struct conn *conn, unsigned long idle)
{
	spinlock_t *lock = cw_conn_lock(conn->key);
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	if (cw_conn_is_over(conn))
		;	/* its socket died meanwhile: it is in ended */
	else if (time_before(jiffies, READ_ONCE(conn->used) + idle))
		cw_age_queue_flow(conn);
	else
		end_locked(conn);
	spin_unlock_irqrestore(lock, flags);
}

/* ---- start and end ------------------------------------------------------------ */

int cw_flow_init(void)
{
	u32 count = 1u << cw_conn_bucket_bits;

	seed = get_random_u32();
	flows_by_address = kvcalloc(count, sizeof(*flows_by_address),
				    GFP_KERNEL);
	return flows_by_address ? 0 : -ENOMEM;
}

void cw_flow_exit(void)
{
	kvfree(flows_by_address);
}
