// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams that are handed on.  Whoever opened a connection is its process.  Another
 * one is told as its user, a few times for each connection, when it gets the
 * descriptor by a message or pidfd_getfd(), or keeps it over an exec.
 *
 * Sends of streams are not looked at, so that they cost nothing.  To have a stream
 * open, to close it or to end with it is no sign of use: a child of fork has all
 * that its parent has.  Datagrams need none of this, since each is judged by who
 * sends it.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <net/sock.h>

#include "../include/cw_event.h"
#include "conn.h"
#include "judge.h"

static bool is_current(pid_t tgid, u32 program)
{
	return tgid == current->tgid && program == cw_program_mark(current);
}

/* Lock of the socket held. */
static bool is_news_locked(const struct conn *conn,
			   const struct cw_process *process)
{
	return cw_conn_find(conn->key) == conn && !cw_conn_is_over(conn) &&
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
	spinlock_t *lock = cw_conn_lock(conn->key);
	struct cw_process *old = NULL;
	struct cw_identity identity = {};
	unsigned long flags;
	const char *cgroup;

	preempt_disable();	/* the cgroup's path is in a buffer of the CPU */
	cw_ident_take_rcu(&identity);
	cgroup = cw_event_cgroup_rcu(&identity);
	spin_lock_irqsave(lock, flags);
	if (is_news_locked(conn, identity.process)) {
		old = replace_user_locked(conn, &identity);
		cw_event_used(conn, &identity, cgroup);
	}
	spin_unlock_irqrestore(lock, flags);
	preempt_enable();
	if (old)
		cw_process_put(old);
}

static bool is_stream(const struct sock *sk)
{
	return cw_judge_is_inet(sk) && (sk->sk_type == SOCK_STREAM ||
					sk->sk_protocol == IPPROTO_SCTP);
}

/* Current has the stream @sk, which is alive, open now.  Takes no lock but for
 * news. */
static void use(const struct sock *sk)
{
	struct conn *conn;

	rcu_read_lock();
	conn = cw_conn_find(cw_conn_key(sk));
	if (conn && !cw_conn_is_over(conn) &&
	    !is_current(conn->tgid, conn->opener) &&
	    !is_current(READ_ONCE(conn->user_tgid),
			READ_ONCE(conn->user_program)) &&
	    READ_ONCE(conn->users) < CW_EVENT_USED_MAX)
		change_user(conn);
	rcu_read_unlock();
}

/* The stream that @file is, or NULL.  @file stays. */
static const struct sock *stream_of(struct file *file)
{
	struct socket *sock = cw_compat_sock(file);

	return sock && sock->sk && is_stream(sock->sk) ? sock->sk : NULL;
}

void cw_use_received(struct file *file)
{
	const struct sock *sk = stream_of(file);

	if (sk && !cw_ident_is_kernel())
		use(sk);
}

/* Descriptors of a new program that are looked at. */
#define DESCRIPTORS_MAX 1024

/*
 * The tracepoint of exec: what exec closes is closed, and exec has given current a
 * table of its own, so that no file in it can go meanwhile.
 */
void cw_use_executed(void)
{
	const struct fdtable *table;
	const struct sock *sk;
	unsigned int i, end;
	struct file *file;

	rcu_read_lock();
	table = rcu_dereference(current->files->fdt);
	end = min_t(unsigned int, table->max_fds, DESCRIPTORS_MAX);
	for (i = 0; i < end; i++) {
		file = rcu_dereference(table->fd[i]);
		sk = file ? stream_of(file) : NULL;
		if (sk)
			use(sk);
	}
	rcu_read_unlock();
}
