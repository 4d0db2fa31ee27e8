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
#include <linux/bitops.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <net/sock.h>

#include "include/cw_event.h"
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
					cw_judge_is_sctp(sk));
}

/* MPTCP has an entry for each subflow, not for the socket that users have; the first
 * that is found stands for all. */
static struct conn *find_rcu(struct socket *sock)
{
	struct conn *conn = cw_conn_find(cw_conn_key(sock->sk));

	if (conn || sock->sk->sk_protocol != IPPROTO_MPTCP)
		return conn;
	return cw_conn_find_mptcp_rcu(SOCK_INODE(sock)->i_ino, sock->sk);
}

/* Current has the stream @sock, which stays, open now.  Takes no lock but for
 * news. */
static void use(struct socket *sock)
{
	struct conn *conn;

	rcu_read_lock();
	conn = find_rcu(sock);
	if (conn && !cw_conn_is_over(conn) &&
	    !is_current(conn->tgid, conn->opener) &&
	    !is_current(READ_ONCE(conn->user_tgid),
			READ_ONCE(conn->user_program)) &&
	    READ_ONCE(conn->users) < CW_EVENT_USED_MAX)
		change_user(conn);
	rcu_read_unlock();
}

/* The stream that @file is, or NULL.  @file stays. */
static struct socket *stream_of(struct file *file)
{
	struct socket *sock = cw_compat_sock(file);

	return sock && sock->sk && is_stream(sock->sk) ? sock : NULL;
}

void cw_use_received(struct file *file)
{
	struct socket *sock = stream_of(file);

	if (sock && !cw_ident_is_kernel())
		use(sock);
}

/* Open files of a new program that are looked at, of how many it may have. */
#define FILES_MAX 1024

/*
 * The tracepoint of exec: what exec closes is closed, and exec has given current a
 * table of its own, so that no file in it can go meanwhile.
 */
void cw_use_executed(void)
{
	const struct fdtable *table;
	unsigned int fd, count = 0;
	struct socket *sock;
	struct file *file;

	rcu_read_lock();
	table = rcu_dereference(current->files->fdt);
	for_each_set_bit(fd, table->open_fds, table->max_fds) {
		if (++count > FILES_MAX)
			break;
		file = rcu_dereference(table->fd[fd]);
		sock = file ? stream_of(file) : NULL;
		if (sock)
			use(sock);
	}
	rcu_read_unlock();
}
