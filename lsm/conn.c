// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of connections.  An entry is made when a connection is asked for
 * and stays for a while after its end.  Decisions never depend on it.
 *
 *             open()             ESTABLISHED            CLOSE, sk_free
 *   (none) ----------> opening -------------> open --------------------> closed
 *             |                                                            |
 *             | refused                                        ttl seconds |
 *             +-----------------------------> refused ----------------> freed
 *
 * Every entry is in by_id, which gives the order for dumps.  Those of living
 * sockets are in by_sock as well; those that are over wait in ended, oldest
 * first, for the reaper.  Kept by the socket's address, which is compared and
 * never followed: security_sk_free tells when it becomes invalid.
 *
 * Locks, in this order: bucket lock (by_sock, and the fields of the entries
 * that hash there) -> ended_lock (ended) -> by_id's own lock.  All irqsave:
 * sockets change state and die in tasks, in softirq and in between.
 */
#include <linux/hash.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "cw.h"

static unsigned int max_connections = 262144;
module_param(max_connections, uint, 0444);
MODULE_PARM_DESC(max_connections, "most entries in the table of connections");

static unsigned int ttl = 60;
module_param(ttl, uint, 0444);
MODULE_PARM_DESC(ttl, "seconds for which an ended connection is kept");

enum state {
	STATE_OPENING,
	STATE_OPEN,
	STATE_CLOSED,
	STATE_REFUSED,
};

/**
 * struct conn - one connection
 * @by_sock:	in buckets[], while @sk is alive and not used for another one
 * @ended:	in ended, from the end on
 * @rcu:	dumps walk by_id under RCU
 * @id:		key in by_id; never changes, like all that have no lock named
 * @sk:		the socket's address, a key only
 * @opened:	boot time in ns
 * @closed:	boot time in ns, 0 = not yet; bucket lock
 * @exe:	reference held
 * @local:	network order, family as @remote; bucket lock
 * @state:	bucket lock
 */
struct conn {
	struct hlist_node by_sock;
	struct list_head ended;
	struct rcu_head rcu;
	u64 id;
	const struct sock *sk;
	u64 opened;
	u64 closed;
	u64 generation;
	struct cw_exe *exe;
	pid_t tgid;
	pid_t pid;
	uid_t uid;
	u32 netns;
	u32 rule;
	u16 local_port;
	u16 remote_port;
	u8 local[16];
	u8 remote[16];
	u8 family;
	u8 proto;
	u8 outcome;
	u8 state;
};

#define BUCKET_LOCKS 256	/* power of two */

static struct kmem_cache *cache;
static struct hlist_head *buckets;
static unsigned int bucket_bits;
static spinlock_t bucket_lock[BUCKET_LOCKS];

static DEFINE_XARRAY_FLAGS(by_id, XA_FLAGS_LOCK_IRQ);
static atomic64_t last_id = ATOMIC64_INIT(0);
static atomic_t number = ATOMIC_INIT(0);

static LIST_HEAD(ended);
static DEFINE_SPINLOCK(ended_lock);

static void reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(reaper, reap);

#define REAP_INTERVAL HZ

static u32 bucket_of(const struct sock *sk)
{
	return hash_ptr(sk, bucket_bits);
}

static spinlock_t *lock_of(const struct sock *sk)
{
	return &bucket_lock[bucket_of(sk) & (BUCKET_LOCKS - 1)];
}

/* ---- life ----------------------------------------------------------------- */

static void free_rcu(struct rcu_head *rcu)
{
	struct conn *conn = container_of(rcu, struct conn, rcu);

	cw_ident_exe_put(conn->exe);
	kmem_cache_free(cache, conn);
}

/* @conn is in no list but by_id any more. */
static void drop(struct conn *conn)
{
	unsigned long flags;

	xa_lock_irqsave(&by_id, flags);
	__xa_erase(&by_id, conn->id);
	xa_unlock_irqrestore(&by_id, flags);
	atomic_dec(&number);
	call_rcu(&conn->rcu, free_rcu);
}

/* Bucket lock held. */
static struct conn *find_locked(const struct sock *sk)
{
	struct conn *conn;

	hlist_for_each_entry(conn, &buckets[bucket_of(sk)], by_sock)
		if (conn->sk == sk)
			return conn;
	return NULL;
}

/* Bucket lock held; @conn is not over yet. */
static void end_locked(struct conn *conn, enum state state)
{
	unsigned long flags;

	conn->state = state;
	conn->closed = ktime_get_boottime_ns();
	spin_lock_irqsave(&ended_lock, flags);
	list_add_tail(&conn->ended, &ended);
	spin_unlock_irqrestore(&ended_lock, flags);
}

static bool is_over(const struct conn *conn)
{
	return conn->state == STATE_CLOSED || conn->state == STATE_REFUSED;
}

/* Bucket lock held: the socket is gone or serves another connection. */
static void unhash_locked(struct conn *conn)
{
	if (!is_over(conn))
		end_locked(conn, STATE_CLOSED);
	hlist_del_init(&conn->by_sock);
}

/* Takes the oldest entry off ended if it ended at or before @before. */
static struct conn *take_ended(u64 before)
{
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(&ended_lock, flags);
	conn = list_first_entry_or_null(&ended, struct conn, ended);
	if (conn && conn->closed <= before)
		list_del(&conn->ended);
	else
		conn = NULL;
	spin_unlock_irqrestore(&ended_lock, flags);
	return conn;
}

/* Taken off ended, so that nobody else frees it. */
static void retire(struct conn *conn)
{
	spinlock_t *lock = lock_of(conn->sk);
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	hlist_del_init(&conn->by_sock);
	spin_unlock_irqrestore(lock, flags);
	drop(conn);
}

static void reap(struct work_struct *work)
{
	u64 kept = (u64)READ_ONCE(ttl) * NSEC_PER_SEC;
	u64 now = ktime_get_boottime_ns();
	struct conn *conn;

	while (now > kept && (conn = take_ended(now - kept))) {
		retire(conn);
		cond_resched();
	}
	schedule_delayed_work(&reaper, REAP_INTERVAL);
}

/* Room for one more: the oldest ended entry has to go when the table is full.
 * No bucket lock held. */
static bool reserve(void)
{
	struct conn *victim;

	if (atomic_inc_return(&number) <= max_connections)
		return true;
	victim = take_ended(U64_MAX);
	if (victim) {
		retire(victim);
		cw_count_add(CW_COUNT_EVICTED, 1);
		return true;
	}
	atomic_dec(&number);
	return false;
}

/* ---- a connection is asked for -------------------------------------------- */

static void fill(struct conn *conn, const struct sock *sk,
		 const struct cw_decision *decision)
{
	const struct cw_request *request = &decision->request;

	conn->sk = sk;
	conn->opened = ktime_get_boottime_ns();
	conn->generation = decision->generation;
	conn->exe = cw_ident_exe_get(decision->identity.exe);
	conn->tgid = decision->identity.tgid;
	conn->pid = decision->identity.pid;
	conn->uid = decision->identity.uid;
	conn->netns = sock_net(sk)->ns.inum;
	conn->rule = decision->verdict.rule;
	conn->remote_port = request->port;
	memcpy(conn->remote, request->addr, sizeof(conn->remote));
	conn->family = request->family;
	conn->proto = request->proto;
	conn->outcome = decision->outcome;
}

/* GFP_ATOMIC: hooks run with preemption off. */
static struct conn *make(const struct sock *sk,
			 const struct cw_decision *decision)
{
	struct conn *conn;

	conn = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		return NULL;
	INIT_HLIST_NODE(&conn->by_sock);
	fill(conn, sk, decision);
	conn->id = atomic64_inc_return(&last_id);
	return conn;
}

static int enter_by_id(struct conn *conn)
{
	unsigned long flags;
	void *old;

	xa_lock_irqsave(&by_id, flags);
	old = __xa_store(&by_id, conn->id, conn, GFP_ATOMIC | __GFP_NOWARN);
	xa_unlock_irqrestore(&by_id, flags);
	return xa_err(old);
}

/* Datagram sockets have no handshake: they are open at once. */
static enum state first_state(const struct conn *conn)
{
	return conn->proto == CW_PROTO_TCP || conn->proto == CW_PROTO_SCTP ?
	       STATE_OPENING : STATE_OPEN;
}

static void enter_by_sock(struct conn *conn)
{
	spinlock_t *lock = lock_of(conn->sk);
	struct conn *previous;
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	previous = find_locked(conn->sk);
	if (conn->outcome == CW_OUTCOME_DENY) {
		end_locked(conn, STATE_REFUSED);
	} else {
		if (previous)
			unhash_locked(previous);
		conn->state = first_state(conn);
		hlist_add_head(&conn->by_sock, &buckets[bucket_of(conn->sk)]);
	}
	spin_unlock_irqrestore(lock, flags);
}

static bool same_remote(const struct conn *conn,
			const struct cw_request *request)
{
	return conn->family == request->family &&
	       conn->remote_port == request->port &&
	       !memcmp(conn->remote, request->addr, sizeof(conn->remote));
}

/* A stream that is being or has been connected refuses another connect(). */
static bool is_busy(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM &&
	       READ_ONCE(sk->sk_state) != TCP_CLOSE;
}

/* A non-blocking connect() is called again to learn how it went, and io_uring
 * issues one twice: that is the connection which is there already. */
static bool is_known(const struct sock *sk, const struct cw_decision *decision)
{
	spinlock_t *lock = lock_of(sk);
	struct conn *conn;
	unsigned long flags;
	bool known;

	if (decision->outcome == CW_OUTCOME_DENY)
		return false;
	spin_lock_irqsave(lock, flags);
	conn = find_locked(sk);
	known = conn && !is_over(conn) &&
		(is_busy(sk) || same_remote(conn, &decision->request));
	spin_unlock_irqrestore(lock, flags);
	return known;
}

void cw_conn_open(const struct sock *sk, const struct cw_decision *decision)
{
	struct conn *conn;

	if (is_known(sk, decision))
		return;
	if (!reserve())
		goto untracked;
	conn = make(sk, decision);
	if (!conn)
		goto unreserve;
	if (enter_by_id(conn))
		goto err_free;
	enter_by_sock(conn);
	return;

err_free:
	cw_ident_exe_put(conn->exe);
	kmem_cache_free(cache, conn);
unreserve:
	atomic_dec(&number);
untracked:
	cw_count_add(CW_COUNT_UNTRACKED, 1);
}

/* ---- what becomes of it ---------------------------------------------------- */

void cw_conn_close(const struct sock *sk)
{
	spinlock_t *lock = lock_of(sk);
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	conn = find_locked(sk);
	if (conn && !is_over(conn))
		end_locked(conn, STATE_CLOSED);
	spin_unlock_irqrestore(lock, flags);
}

void cw_conn_forget(const struct sock *sk)
{
	spinlock_t *lock = lock_of(sk);
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	conn = find_locked(sk);
	if (conn)
		unhash_locked(conn);
	spin_unlock_irqrestore(lock, flags);
}

/* The socket is alive here: the state is changed by its owner. */
static void read_local(struct conn *conn, const struct sock *sk)
{
	conn->local_port = ntohs(inet_sk(sk)->inet_sport);
	if (conn->family == 4)
		memcpy(conn->local, &inet_sk(sk)->inet_saddr, 4);
#if IS_ENABLED(CONFIG_IPV6)
	else if (sk->sk_family == AF_INET6)
		memcpy(conn->local, &inet6_sk(sk)->saddr, 16);
#endif
}

static void establish(const struct sock *sk)
{
	spinlock_t *lock = lock_of(sk);
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	conn = find_locked(sk);
	if (conn && conn->state == STATE_OPENING) {
		read_local(conn, sk);
		conn->state = STATE_OPEN;
	}
	spin_unlock_irqrestore(lock, flags);
}

void cw_conn_state(const struct sock *sk, int state)
{
	if (state == TCP_ESTABLISHED)
		establish(sk);
	else if (state == TCP_CLOSE)
		cw_conn_close(sk);
}

u32 cw_conn_number(void)
{
	return atomic_read(&number);
}

u32 cw_conn_limit(void)
{
	return max_connections;
}

/* ---- the file `connections` ------------------------------------------------ */

/* seq_file restarts at every read(): by_id finds the next id in O(log n). */
static void *seq_start(struct seq_file *seq, loff_t *pos)
{
	unsigned long id = *pos;

	rcu_read_lock();
	if (!id)
		return SEQ_START_TOKEN;
	return xa_find(&by_id, &id, ULONG_MAX, XA_PRESENT);
}

static void *seq_next(struct seq_file *seq, void *v, loff_t *pos)
{
	unsigned long id = v == SEQ_START_TOKEN ? 0 : ((struct conn *)v)->id;
	void *next = xa_find_after(&by_id, &id, ULONG_MAX, XA_PRESENT);

	*pos = next ? id : *pos + 1;
	return next;
}

static void seq_stop(struct seq_file *seq, void *v)
{
	rcu_read_unlock();
}

static void print_end(struct seq_file *seq, const struct conn *conn,
		      const u8 *address, u16 port)
{
	if (conn->family == 6)
		seq_printf(seq, " [%pI6c]:%u", address, port);
	else
		seq_printf(seq, " %pI4:%u", address, port);
}

static void print_seconds(struct seq_file *seq, u64 ns)
{
	u64 ms = div_u64(ns, NSEC_PER_MSEC);
	u32 rest;
	u64 seconds = div_u64_rem(ms, 1000, &rest);

	seq_printf(seq, " %llu.%03u", seconds, rest);
}

static void print_verdict(struct seq_file *seq, const struct conn *conn)
{
	static const char * const verdicts[] = {
		[CW_OUTCOME_ALLOW] = "allow",
		[CW_OUTCOME_DENY] = "deny",
		[CW_OUTCOME_WOULD_DENY] = "would-deny",
	};

	seq_printf(seq, " %s", verdicts[conn->outcome]);
	if (conn->rule == CW_RULE_DEFAULT)
		seq_puts(seq, " -");
	else
		seq_printf(seq, " %u", conn->rule);
	seq_printf(seq, " %llu", conn->generation);
}

static void print_path(struct seq_file *seq, const char *path)
{
	for (; *path; path++) {
		u8 byte = *path;

		if (byte < 0x21 || byte > 0x7e || byte == '\\')
			seq_printf(seq, "\\%03o", byte);
		else
			seq_putc(seq, byte);
	}
}

static void print_conn(struct seq_file *seq, const struct conn *conn, u64 now)
{
	static const char * const protos[] = {
		[CW_PROTO_TCP] = "tcp",
		[CW_PROTO_UDP] = "udp",
		[CW_PROTO_SCTP] = "sctp",
		[CW_PROTO_ICMP] = "icmp",
		[CW_PROTO_RAW] = "raw",
		[CW_PROTO_PACKET] = "packet",
	};
	static const char * const states[] = {
		[STATE_OPENING] = "opening",
		[STATE_OPEN] = "open",
		[STATE_CLOSED] = "closed",
		[STATE_REFUSED] = "refused",
	};

	seq_printf(seq, "%llu %s out %s", conn->id, protos[conn->proto],
		   states[conn->state]);
	print_end(seq, conn, conn->local, conn->local_port);
	print_end(seq, conn, conn->remote, conn->remote_port);
	seq_printf(seq, " %d %d %u %u", conn->tgid, conn->pid, conn->uid,
		   conn->netns);
	print_verdict(seq, conn);
	print_seconds(seq, now - conn->opened);
	if (conn->closed)
		print_seconds(seq, now - conn->closed);
	else
		seq_puts(seq, " -");
	seq_putc(seq, ' ');
	print_path(seq, conn->exe->path);
	seq_putc(seq, '\n');
}

/* A copy, so that the line shows one moment. */
static int seq_show(struct seq_file *seq, void *v)
{
	const struct conn *conn = v;
	unsigned long flags;
	struct conn copy;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "id proto dir state local remote tgid pid uid netns verdict rule gen age closed exe\n");
		return 0;
	}
	spin_lock_irqsave(lock_of(conn->sk), flags);
	copy = *conn;
	spin_unlock_irqrestore(lock_of(conn->sk), flags);
	print_conn(seq, &copy, ktime_get_boottime_ns());
	return 0;
}

const struct seq_operations cw_conn_seq_ops = {
	.start = seq_start,
	.next = seq_next,
	.stop = seq_stop,
	.show = seq_show,
};

/* ---- start and end ---------------------------------------------------------- */

int cw_conn_init(void)
{
	unsigned int i;

	bucket_bits = clamp(ilog2(max_connections | 1), 8, 20);
	buckets = kvcalloc(1u << bucket_bits, sizeof(*buckets), GFP_KERNEL);
	if (!buckets)
		return -ENOMEM;
	cache = kmem_cache_create("connwarden_conn", sizeof(struct conn), 0, 0,
				  NULL);
	if (!cache) {
		kvfree(buckets);
		return -ENOMEM;
	}
	for (i = 0; i < BUCKET_LOCKS; i++)
		spin_lock_init(&bucket_lock[i]);
	schedule_delayed_work(&reaper, REAP_INTERVAL);
	return 0;
}

/* The hooks and the files are gone: nobody else looks at the table. */
void cw_conn_exit(void)
{
	struct conn *conn;
	unsigned long id;

	cancel_delayed_work_sync(&reaper);
	xa_for_each(&by_id, id, conn)
		drop(conn);
	/* free_rcu() is code of this module. */
	rcu_barrier();
	xa_destroy(&by_id);
	kmem_cache_destroy(cache);
	kvfree(buckets);
}
