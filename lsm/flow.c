// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flows: datagrams that one process exchanges by one socket with one address.  They
 * share an entry of the table, found without a lock, so that a flow is one
 * connection however many its datagrams are.
 *
 * Each flow is in flows_by_address.  All flows of a socket are linked by
 * siblings, and one of them stands for all in cw_conn_heads, for the moment when
 * the socket dies.  A socket's flows are spread over the buckets that have the
 * socket's lock.  Refused ones are there as well, so that a program that tries
 * again and again has one entry, too.
 *
 * A flow that a peer began comes in and is not judged.  The first datagram that is
 * sent back is judged, and its verdict becomes that of the flow: allowed answers are
 * in the same entry.  A refused answer has an entry of its own beside it.
 *
 * An allowed flow answers for its next datagram (cw_flow_goes_on()).  That is
 * right because verdict, policy and rule of a judged entry never change, nor does
 * the protocol of a socket, and a socket that dies takes its flows along.
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
#include "recent.h"

static struct hlist_head *flows_by_address __read_mostly;
static u32 seed __read_mostly;

/* Its low bits are those that choose the lock of the socket. */
static struct hlist_head *bucket_of(const void *key, const u8 *address,
				    u16 port)
{
	u32 word[4], hash, bucket;

	memcpy(word, address, sizeof(word));
	/* Of an IPv4 address the rest is zeroes. */
	if (word[1] | word[2] | word[3])
		word[0] = jhash2(word, ARRAY_SIZE(word), seed);
	hash = jhash_2words(word[0], port, seed ^ (u32)(uintptr_t)key);
	bucket = (hash & ~(CW_CONN_LOCKS - 1)) |
		 (cw_conn_bucket(key) & (CW_CONN_LOCKS - 1));
	return &flows_by_address[bucket & ((1u << cw_conn_bucket_bits) - 1)];
}

static struct hlist_head *head_bucket_of(const void *key)
{
	return &cw_conn_heads[cw_conn_bucket(key)];
}

struct conn *cw_flow_head(const void *key)
{
	struct conn *conn;

	hlist_for_each_entry_rcu(conn, head_bucket_of(key), by_sock,
				 lockdep_is_held(cw_conn_lock(key)))
		if (conn->key == key && conn->flow)
			return conn;
	return NULL;
}

/* ---- lists; lock of the socket held ----------------------------------------- */

/* Lists of one socket are walked under locks: it may not have more flows, and
 * loses the oldest. */
#define FLOWS_MAX 1024

static void hash_locked(struct conn *conn)
{
	struct conn *head = cw_flow_head(conn->key);

	if (head) {
		list_add_tail(&conn->siblings, &head->siblings);
		head->flows++;
	} else {
		conn->flows = 1;
		hlist_add_head_rcu(&conn->by_sock, head_bucket_of(conn->key));
	}
	hlist_add_head_rcu(&conn->by_flow, bucket_of(conn->key, conn->remote,
						     conn->remote_port));
}

/* @head leaves; the oldest of the others stands for all from now on.  Whoever looks
 * without the lock finds one of the two. */
static void replace_head_locked(struct conn *head)
{
	struct conn *next = list_next_entry(head, siblings);

	if (next != head) {
		next->flows = head->flows - 1;
		WRITE_ONCE(next->recent, head->recent);
		hlist_add_head_rcu(&next->by_sock, head_bucket_of(head->key));
	}
	hlist_del_init_rcu(&head->by_sock);
}

/* @conn leaves.  Whoever found @head before it left may still read what it has, but
 * only until rcu_read_unlock(). */
static void forget_recent_locked(struct conn *head, const struct conn *conn)
{
	if (head->recent == conn)
		WRITE_ONCE(head->recent, NULL);
}

void cw_flow_unhash_locked(struct conn *conn)
{
	struct conn *head;

	if (hlist_unhashed(&conn->by_flow))
		return;
	hlist_del_init_rcu(&conn->by_flow);
	head = cw_flow_head(conn->key);
	if (head)
		forget_recent_locked(head, conn);
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
		while (count && (conn = cw_flow_head(key))) {
			end_locked(conn);
			count--;
		}
		spin_unlock_irqrestore(lock, flags);
	} while (!count);
}

/* ---- which one ---------------------------------------------------------------- */

/* A fresh socket has none, and is not searched. */
static struct hlist_head *flows_of(const void *key,
				   const struct cw_request *request)
{
	static struct hlist_head none __read_mostly;

	return cw_flow_head(key) ?
	       bucket_of(key, request->addr, request->port) : &none;
}

/* The flows of @key with the other end of @request, of any process.  Under
 * rcu_read_lock(), with preemption off or with the lock of the socket held. */
#define for_each_flow(conn, key, request) \
	hlist_for_each_entry_rcu(conn, flows_of(key, request), by_flow, \
				 lockdep_is_held(cw_conn_lock(key))) \
		if (conn->key == (key) && cw_conn_same_remote(conn, request))

/* Did nothing go out yet that was judged? */
static bool is_unanswered(const struct conn *conn)
{
	return READ_ONCE(conn->outcome) == CW_OUTCOME_NONE;
}

/* The flow of @process that was judged. */
static struct conn *find(const void *key, const struct cw_request *request,
			 const struct cw_process *process)
{
	struct conn *conn;

	for_each_flow(conn, key, request)
		if (conn->process == process && !is_unanswered(conn))
			return conn;
	return NULL;
}

/* The one that goes on, if @process has several; @unanswered: if it was not judged. */
static struct conn *find_open(const void *key, const struct cw_request *request,
			      const struct cw_process *process, bool unanswered)
{
	struct conn *conn;

	for_each_flow(conn, key, request)
		if (conn->process == process && !cw_conn_is_over(conn) &&
		    (!unanswered || is_unanswered(conn)))
			return conn;
	return NULL;
}

/* Has a process begun it by the same socket? */
bool cw_flow_is_begun(const void *key, const struct cw_request *request)
{
	struct conn *conn;

	for_each_flow(conn, key, request)
		if (!conn->in && !cw_conn_is_over(conn))
			return true;
	return false;
}

static bool same_verdict(const struct conn *conn,
			 const struct cw_decision *decision)
{
	return conn->generation == decision->generation &&
	       conn->rule == decision->verdict.rule &&
	       READ_ONCE(conn->outcome) == decision->outcome;
}

/* The flow that @decision is about, unless it is a new one. */
static struct conn *find_same(const struct cw_decision *decision,
			      const struct cw_process *process)
{
	if (decision->outcome == CW_OUTCOME_NONE)
		return find_open(decision->key, &decision->request, process,
				 false);
	return find(decision->key, &decision->request, process);
}

/* What came in, or was there before the module, belongs to any flow. */
static bool is_same(const struct conn *conn, const struct cw_decision *decision)
{
	return decision->outcome == CW_OUTCOME_NONE ||
	       same_verdict(conn, decision);
}

/* It is read by all that use the socket: so not written for each datagram. */
static void touch(struct conn *conn)
{
	if (READ_ONCE(conn->used) != jiffies)
		WRITE_ONCE(conn->used, jiffies);
}

static void count_sent(struct conn *conn, u32 bytes)
{
	if (READ_ONCE(conn->outcome) != CW_OUTCOME_DENY)
		atomic64_add(bytes, &conn->sent);
	touch(conn);
}

static void count_received(struct conn *conn, u32 bytes)
{
	atomic64_add(bytes, &conn->received);
	touch(conn);
}

static void count(struct conn *conn, const struct cw_decision *decision)
{
	if (decision->outcome == CW_OUTCOME_NONE)
		count_received(conn, decision->bytes);
	else
		count_sent(conn, decision->bytes);
}

/* ---- a datagram is sent ------------------------------------------------------ */

/* The lists of @conn's socket are its own; @conn is fresh. */
static void enter_locked(struct conn *conn)
{
	struct conn *head = cw_flow_head(conn->key);

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
	old = find_same(decision, conn->process);
	fresh = !old || !is_same(old, decision);
	if (fresh) {
		if (old)
			end_locked(old);
		enter_locked(conn);
	} else {
		count(old, decision);
	}
	spin_unlock_irqrestore(lock, flags);
	return fresh;
}

/*
 * Was @conn allowed to @process, which is current's, under what it is now?  What is
 * known of a process is forgotten when it ends or executes another program.
 */
static bool answers(const struct conn *conn, const struct cw_process *process,
		    const struct cw_policy *policy, u16 local_port)
{
	u64 known;

	if (READ_ONCE(conn->outcome) != CW_OUTCOME_ALLOW)
		return false;
	if (!policy)
		return !conn->generation;
	known = cw_ident_known_rcu(process, policy);
	return known && READ_ONCE(conn->terms) ==
			cw_flow_terms(known, local_port);
}

bool cw_flow_goes_on(const void *key, const struct cw_request *request,
		     const struct cw_policy *policy, u16 local_port, u32 bytes)
{
	struct conn *conn = cw_recent_find(key, request);
	const struct cw_process *process;

	if (likely(conn)) {
		process = conn->process;
	} else {
		process = cw_process_find_rcu();
		conn = find(key, request, cw_process_keepable(process));
		if (!conn)
			return false;
		cw_recent_set(conn);
	}
	if (!answers(conn, process, policy, local_port))
		return false;
	count_sent(conn, bytes);
	return true;
}

/* It has been so ever since, under any circumstances. */
static void go_on(struct conn *conn, const struct cw_decision *decision)
{
	if (decision->outcome != CW_OUTCOME_NONE)
		WRITE_ONCE(conn->terms,
			   cw_flow_terms(decision->identity.known,
					 decision->local.port));
	count(conn, decision);
}

/* The verdict about the first answer becomes that of a flow which came in. */
static void answer_locked(struct conn *conn, const struct cw_decision *decision)
{
	conn->generation = decision->generation;
	conn->rule = decision->verdict.rule;
	/* Others look at this first. */
	WRITE_ONCE(conn->outcome, decision->outcome);
	go_on(conn, decision);
	cw_event_judged(conn, decision);
}

/* False: @process has no flow that came in and waits for an answer. */
static bool answer(const struct cw_decision *decision,
		   const struct cw_process *process)
{
	spinlock_t *lock = cw_conn_lock(decision->key);
	struct conn *conn;
	unsigned long flags;

	if (decision->outcome == CW_OUTCOME_DENY ||
	    decision->outcome == CW_OUTCOME_NONE ||
	    !find_open(decision->key, &decision->request, process, true))
		return false;
	spin_lock_irqsave(lock, flags);
	conn = find_open(decision->key, &decision->request, process, true);
	if (conn)
		answer_locked(conn, decision);
	spin_unlock_irqrestore(lock, flags);
	return conn;
}

/* Answers go on in a flow that came in when the policy has changed. */
static bool is_answer(const struct cw_decision *decision,
		      const struct conn *former)
{
	return decision->in || (former && former->in &&
				decision->outcome != CW_OUTCOME_DENY);
}

bool cw_flow_open(const struct cw_decision *decision)
{
	const struct cw_process *process =
		cw_process_keepable(decision->identity.process);
	struct conn *former = find_same(decision, process), *conn;

	if (former && is_same(former, decision)) {
		go_on(former, decision);
		return true;
	}
	if (answer(decision, process))
		return false;
	conn = cw_conn_make(decision);
	if (!conn)
		return false;
	conn->in = is_answer(decision, former);
	cw_event_open(conn, decision);
	if (enter(conn, decision))
		return false;
	conn->closed = conn->opened;
	cw_event_close(conn);
	cw_conn_drop(conn);
	return true;
}

/* Current, as entries have it. */
static const struct cw_process *sender_rcu(void)
{
	if (cw_ident_is_kernel())
		return cw_process_kernel();
	return cw_process_keepable(cw_process_find_rcu());
}

bool cw_flow_sent(const void *key, const struct cw_request *request, u64 bytes)
{
	struct conn *conn;

	rcu_read_lock();
	conn = find_open(key, request, sender_rcu(), false);
	if (conn)
		atomic64_add(bytes, &conn->sent);
	rcu_read_unlock();
	return conn;
}

/* ---- a datagram is received ---------------------------------------------------- */

bool cw_flow_receives(const void *key, const struct cw_request *request,
		      u32 bytes)
{
	struct conn *conn = cw_recent_find(key, request);

	if (unlikely(!conn)) {
		conn = find_open(key, request, sender_rcu(), false);
		if (!conn)
			return false;
		cw_recent_set(conn);
	}
	count_received(conn, bytes);
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
