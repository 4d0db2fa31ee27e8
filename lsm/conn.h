/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What conn.c, entry.c, number.c, bytes.c, share.c, age.c, flow.c, recent.c, use.c,
 * event.c and dump.c have in common: an entry of the table of connections.
 *
 * Locks, in this order: the lock of a key (lists of its entries, and the fields of
 * these) -> that of a stripe (flows, ended; owner.h), mptcp_lock, that of a CPU's
 * numbers or records.  All irqsave: sockets change state and die in tasks, in softirq and in
 * between.
 */
#ifndef CW_CONN_H
#define CW_CONN_H

#include <linux/hash.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "cw.h"

#define CW_BYTES_UNKNOWN (~(u64)0)

enum cw_conn_state {
	STATE_OPENING,
	STATE_OPEN,
	STATE_CLOSED,
	STATE_REFUSED,
};

/* Index of an owner, and which of his stripes (owner.h). */
struct cw_share_place {
	u16 share;
	u16 stripe;
};

/**
 * struct conn - one connection: an association, made by connect(), or a flow
 *		 of datagrams to one address
 * @by_sock:	in cw_conn_heads, while @key is alive and not used for another
 *		connection.  Flow: if it is the one that stands for all flows of
 *		@key
 * @by_flow:	flow: in flows_by_address[], likewise, read under RCU.  Association
 *		of MPTCP: in by_inode[], as long as @by_sock is in its list
 * @by_id:	by number, as long as it is there; read under RCU
 * @queue:	over: in ended; a flow that is not: in flows, both of its stripe, and
 *		under that one's lock
 * @rcu:	dumps walk by number under RCU; once it is in no list
 * @siblings:	flow: the other flows of @key; until it is in no list any more
 * @terms:	flow: cw_flow_terms() for which @outcome was found; READ_ONCE,
 *		WRITE_ONCE
 * @used:	flow: jiffies of the last datagram; READ_ONCE, WRITE_ONCE
 * @flows:	flow: how many @key has, if this one stands for all
 * @recent:	flow that stands for all: one that was used lately, or NULL; read
 *		under RCU, written with the lock of @key
 * @user:	association: the last other program that sent by it, or NULL;
 *		reference held; lock of @key
 * @inode:	association: of the user's MPTCP socket, 0 = not MPTCP
 * @user_program: association: cw_program_mark() of @user
 * @user_tgid:	association: with @user_program, as @tgid and @opener of @user;
 *		READ_ONCE, WRITE_ONCE
 * @users:	association: how many changes of @user there were; lock of @key
 * @id:		never changes, like all that have no lock named
 * @key:	the address of the socket, or of an SCTP association.  Followed for
 *		TCP only, as long as @by_sock is in its list
 * @opened:	boot time in ns
 * @closed:	boot time in ns, 0 = not yet; lock of @key
 * @told:	the last event of it, cw_ring_finish(); lock of @key
 * @generation:	of the policy that judged it, 0 = none was loaded
 * @process:	reference held
 * @opener:	with @tgid, which program @process is: cw_program_mark()
 * @tgid:	in the initial pid namespace; 0 = the kernel
 * @pid:	of the thread that opened it, likewise
 * @uid:	real user when it was opened
 * @euid:	effective user when it was opened, for what the kernel does with it
 * @netns:	inode number of the network namespace
 * @scope:	flow: as in struct cw_request; fe80::1 is another address there.  Of a
 *		packet socket: the interface
 * @rule:	the rule that decided, or CW_RULE_DEFAULT
 * @number:	as in struct cw_decision
 * @sent:	CW_BYTES_UNKNOWN or bytes that the peer has acknowledged (TCP) or
 *		that the socket has sent (others)
 * @received:	likewise bytes that came in (TCP) or that a process has received
 *		(others)
 * @local_port:	0 = not known, or none
 * @remote_port: host order; 0 = none
 * @local:	network order, family as @remote
 * @remote:	network order, of @family
 * @place:	whose it is, and in which stripe
 * @netns_owner: enum cw_netns_owner
 * @family:	4, 6; 0 = an address that was not judged
 * @proto:	enum cw_proto
 * @outcome:	enum cw_outcome
 * @state:	lock of @key to write, READ_ONCE, WRITE_ONCE
 * @attribution: enum cw_attribution
 * @established: enum cw_established; lock of @key, like @ending
 * @ending:	enum cw_ending
 * @in:		accepted, or begun by the peer
 * @flow:	of datagrams; else an association
 */
struct conn {
	struct hlist_node by_sock;
	struct hlist_node by_flow;
	struct hlist_node by_id;
	union {
		struct list_head queue;
		struct rcu_head rcu;
	};
	union {
		struct {
			struct list_head siblings;
			u64 terms;
			unsigned long used;
			struct conn *recent;
			u32 flows;
		};
		struct {
			struct cw_process *user;
			u64 inode;
			u32 user_program;
			pid_t user_tgid;
			u8 users;
		};
	};
	u64 id;
	const void *key;
	u64 opened;
	u64 closed;
	u64 told;
	u64 generation;
	struct cw_process *process;
	u32 opener;
	pid_t tgid;
	pid_t pid;
	uid_t uid;
	uid_t euid;
	u32 netns;
	u32 scope;
	u32 rule;
	atomic64_t sent;
	atomic64_t received;
	u16 local_port;
	u16 remote_port;
	u16 number;
	u8 local[16];
	u8 remote[16];
	struct cw_share_place place;
	u8 netns_owner;
	u8 family;
	u8 proto;
	u8 outcome;
	u8 state;
	u8 attribution;
	u8 established;
	u8 ending;
	bool in;
	bool flow;
};

/* ---- conn.c ---------------------------------------------------------------- */

/* A power of two of buckets; those of one key have the key's lock. */
extern struct hlist_head *cw_conn_heads;
extern unsigned int cw_conn_bucket_bits;
#define CW_CONN_LOCKS 256

static inline u32 cw_conn_bucket(const void *key)
{
	return hash_ptr(key, cw_conn_bucket_bits);
}

spinlock_t *cw_conn_lock(const void *key);
/* By what a stream's connection is known.  @sk is alive. */
const void *cw_conn_key(const struct sock *sk);

/* Lock of the key held; @conn is not over yet. */
void cw_conn_end_locked(struct conn *conn, enum cw_conn_state state);
static inline bool cw_conn_is_over(const struct conn *conn)
{
	u8 state = READ_ONCE(conn->state);

	return state == STATE_CLOSED || state == STATE_REFUSED;
}
bool cw_conn_same_remote(const struct conn *conn,
			 const struct cw_request *request);
/* The association; NULL = none.  Under rcu_read_lock() or with the lock of @key
 * held. */
struct conn *cw_conn_find(const void *key);
/* An association of MPTCP in the network namespace of @sk; NULL = none.  Under
 * rcu_read_lock(). */
struct conn *cw_conn_find_mptcp_rcu(u64 inode, const struct sock *sk);
/* Frees @conn, which was taken off the queue of its share. */
void cw_conn_retire(struct conn *conn);

/* ---- entry.c --------------------------------------------------------------- */

/* -ENOMEM.  May sleep. */
int cw_entry_init(void);
/* Waits for those that are to be freed.  May sleep. */
void cw_entry_exit(void);
/* A new entry, in no list but by number; NULL = counted as untracked.  Hook. */
struct conn *cw_conn_make(const struct cw_decision *decision);
/* @conn is in no list but by number any more. */
void cw_conn_drop(struct conn *conn);

/* ---- number.c -------------------------------------------------------------- */

/* A position is a bucket and, in the low 40 bits, what else is in a number. */
#define CW_NUMBER_REST ((1ull << 40) - 1)

/* After cw_conn_bucket_bits is set.  -ENOMEM.  May sleep. */
int cw_number_init(void);
/* The table is empty, and nobody looks at it any more. */
void cw_number_exit(void);
/* Gives @conn its number, by which walks find it from now on.  Any context. */
void cw_number_enter(struct conn *conn);
/* Walks that are at @conn may go on until rcu_read_unlock().  Any context. */
void cw_number_leave(struct conn *conn);
/*
 * A walk: the first entry at @position or behind it, which becomes its own; NULL =
 * there is none.  Whatever is in the table from the begin to the end of a walk is
 * found once.  Under rcu_read_lock().
 */
#define CW_NUMBER_BEGIN ((loff_t)CW_NUMBER_REST)
struct conn *cw_number_find_rcu(loff_t *position);
struct conn *cw_number_find_next_rcu(const struct conn *conn, loff_t *position);

/* ---- bytes.c --------------------------------------------------------------- */

/* Lock of the key held.  What a live connection's socket says now. */
void cw_bytes_read(struct conn *conn);
/* Counts what an association has moved.  Hook. */
void cw_bytes_add(const void *key, u64 sent, u64 received);

/* ---- share.c --------------------------------------------------------------- */

void cw_share_init(void);
/*
 * Room for one more entry of the owner @uid, which comes in or goes out; false =
 * he has as many as he may.  Hook, under rcu_read_lock(); no key's lock held.
 */
bool cw_share_reserve(uid_t uid, bool in, struct cw_share_place *place);
/* The entry is gone.  @is_over: it was queued as ended before.  Under
 * rcu_read_lock() if not from a work. */
void cw_share_give_back(const struct cw_share_place *place, bool in,
			bool is_over);
/* Whose @conn is.  Under rcu_read_lock(). */
uid_t cw_share_owner_rcu(const struct conn *conn);
/* A connection of @uid has no entry: counts it, and has it told.  Likewise. */
void cw_share_untracked(uid_t uid);

/* ---- age.c ----------------------------------------------------------------- */

void cw_age_start(void);
/* Nothing is freed for its age any more. */
void cw_age_stop(void);
void cw_age_queue_ended(struct conn *conn);
/* Puts a flow that is not over at the end of the queue of flows. */
void cw_age_queue_flow(struct conn *conn);

/* ---- flow.c ---------------------------------------------------------------- */

/* Jiffies without a datagram after which a flow is over. */
#define CW_FLOW_IDLE (120 * HZ)

/*
 * What an answer depends on beside the flow itself: what its sender is, and the
 * local port, which a socket can change.  One word, so that both are read and
 * written at once; @known, of cw_ident_known_rcu(), counts up from 1 and has no
 * use for the high bits.
 */
static inline u64 cw_flow_terms(u64 known, u16 local_port)
{
	return known << 16 | local_port;
}

int cw_flow_init(void);
void cw_flow_exit(void);
/* Stands for all flows of @key, or NULL.  As cw_conn_find(). */
struct conn *cw_flow_head(const void *key);
/* As cw_conn_open(). */
bool cw_flow_open(const struct cw_decision *decision);
/* Lock of the key held. */
void cw_flow_unhash_locked(struct conn *conn);
/* The socket is dying, or disconnected: ends all its flows. */
void cw_flow_forget(const void *key);
/* @conn was taken out of the queue of flows: ends it, or puts it back if it
 * was used within @idle jiffies.  Under rcu_read_lock(). */
void cw_flow_age(struct conn *conn, unsigned long idle);

#endif
