// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who sends by a connection, and how much.  Usually that is the program that
 * opened it; descriptors are passed on, inherited by fork and kept over exec,
 * and then it is another, which becomes the connection's user.
 *
 * Every send without an address comes by here, so the usual case is a few
 * comparisons and takes no lock.
 */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "../include/cw_event.h"
#include "conn.h"

static bool is_current(pid_t tgid, u32 program)
{
	return tgid == current->tgid && program == cw_program_mark(current);
}

/* Of streams the kernel counts itself. */
static void count_bytes(struct conn *conn, size_t bytes)
{
	if (conn->proto != CW_PROTO_TCP && conn->proto != CW_PROTO_SCTP &&
	    atomic64_read(&conn->sent) != (s64)CW_BYTES_UNKNOWN)
		atomic64_add(bytes, &conn->sent);
}

/* Lock of the socket held. */
static bool is_news_locked(const struct conn *conn,
			   const struct cw_process *process)
{
	return cw_conn_find(conn->sk) == conn && !cw_conn_is_over(conn) &&
	       conn->process != process && conn->user != process &&
	       conn->users < CW_EVENT_USED_MAX;
}

/* Lock of the socket held; the former user is returned. */
static struct cw_process *replace_user_locked(struct conn *conn,
					      const struct cw_identity *identity)
{
	struct cw_process *old = conn->user;

	conn->user = cw_process_hold_rcu(identity->process);
	WRITE_ONCE(conn->user_tgid, identity->tgid);
	WRITE_ONCE(conn->user_program, identity->program);
	WRITE_ONCE(conn->users, conn->users + 1);
	return old;
}

static void change_user(struct conn *conn)
{
	spinlock_t *lock = cw_conn_lock(conn->sk);
	struct cw_process *old = NULL;
	struct cw_identity identity = {};
	unsigned long flags;
	const char *cgroup;

	cw_ident_take_rcu(&identity);
	cgroup = cw_event_cgroup_rcu(&identity);
	spin_lock_irqsave(lock, flags);
	if (is_news_locked(conn, identity.process)) {
		old = replace_user_locked(conn, &identity);
		cw_event_used(conn, &identity, cgroup);
	}
	spin_unlock_irqrestore(lock, flags);
	if (old)
		cw_process_put(old);
}

/*
 * A connect() of a UDP socket that fails after it was allowed (no route) leaves
 * the socket with the peer that it had, and @conn is the one that failed.  Read
 * without the socket's lock, as the kernel does for the send: who connects in
 * another thread meanwhile may make this an entry too many.
 */
static bool is_elsewhere(const struct conn *conn, const struct sock *sk)
{
	struct cw_request peer = {};

	if (conn->proto != CW_PROTO_UDP || !conn->family ||
	    READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
		return false;
	if (sk->sk_family == AF_INET)
		return memcmp(conn->remote, &inet_sk(sk)->inet_daddr, 4) ||
		       conn->remote_port != ntohs(inet_sk(sk)->inet_dport);
	cw_connect_read_peer(&peer, sk);
	return !cw_conn_same_remote(conn, &peer);
}

/* What current sends by now; NULL = it is not known. */
static struct conn *find_used_rcu(const struct sock *sk)
{
	struct conn *conn = cw_conn_find(sk);

	if (conn && !cw_conn_is_over(conn) && unlikely(is_elsewhere(conn, sk))) {
		cw_connect_enter_peer_rcu(sk);
		conn = cw_conn_find(sk);
	}
	return conn && !cw_conn_is_over(conn) ? conn : NULL;
}

void cw_conn_use(const struct sock *sk, size_t bytes)
{
	struct conn *conn;

	rcu_read_lock();
	conn = find_used_rcu(sk);
	if (!conn)
		goto out;
	count_bytes(conn, bytes);
	/* Of a stream it is told when it is established. */
	if (unlikely(!READ_ONCE(conn->local_port)) &&
	    READ_ONCE(conn->state) == STATE_OPEN)
		cw_conn_learn_local(conn);
	if (likely(is_current(conn->tgid, conn->opener)) ||
	    is_current(READ_ONCE(conn->user_tgid),
		       READ_ONCE(conn->user_program)))
		goto out;
	if (READ_ONCE(conn->users) < CW_EVENT_USED_MAX && !cw_ident_is_kernel())
		change_user(conn);
out:
	rcu_read_unlock();
}
