// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of an association: TCP has counted them in its socket, those of SCTP
 * are counted by its doors.
 */
#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "conn.h"

/* At the end sk_state is the one before, for the tracepoint comes first. */
static bool is_fin_acknowledged(const struct sock *sk)
{
	const struct tcp_sock *tcp = tcp_sk(sk);

	switch (READ_ONCE(sk->sk_state)) {
	case TCP_FIN_WAIT2:
		return true;
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		return READ_ONCE(tcp->snd_una) == READ_ONCE(tcp->write_seq);
	}
	return false;
}

/*
 * The kernel counts FIN as a byte once it is acknowledged, and so the SYN of
 * who asked for the connection.
 */
static u64 bytes_sent(const struct conn *conn, const struct sock *sk)
{
	u64 bytes = READ_ONCE(tcp_sk(sk)->bytes_acked);

	if (bytes && !conn->in)
		bytes--;
	if (bytes && is_fin_acknowledged(sk))
		bytes--;
	return bytes;
}

/* SOCK_DONE: the FIN of the peer has come, which is counted as well. */
static u64 bytes_received(const struct sock *sk)
{
	u64 bytes = READ_ONCE(tcp_sk(sk)->bytes_received);

	return bytes && sock_flag(sk, SOCK_DONE) ? bytes - 1 : bytes;
}

/* MPTCP's own socket, which accept() gave, has no such counters. */
static bool has_counters(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP;
}

/* The socket is alive as long as its list has @conn. */
void cw_bytes_read(struct conn *conn)
{
	const struct sock *sk = conn->key;

	if (conn->flow || conn->proto != CW_PROTO_TCP ||
	    hlist_unhashed(&conn->by_sock) || !has_counters(sk))
		return;
	atomic64_set(&conn->sent, bytes_sent(conn, sk));
	atomic64_set(&conn->received, bytes_received(sk));
}

void cw_bytes_add(const void *key, u64 sent, u64 received)
{
	struct conn *conn;

	rcu_read_lock();
	conn = cw_conn_find(key);
	if (conn && !cw_conn_is_over(conn)) {
		atomic64_add(sent, &conn->sent);
		atomic64_add(received, &conn->received);
	}
	rcu_read_unlock();
}
