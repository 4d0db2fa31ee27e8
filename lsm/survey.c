// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections that are there already when the module comes.  All that processes
 * have open is looked through once, the oldest process first; who has a socket
 * open then is taken for its opener, and the entry says so.
 *
 * The hooks are on before: a connection that is made meanwhile enters itself,
 * and is not entered twice.  A socket that no process has open (waiting to be
 * accepted, on its way in a message, of the kernel) is not found here.
 *
 * Sockets are collected under the lock of the table of descriptors, with a
 * reference, and looked at under their spinlock: then nothing becomes of the
 * connection between the look and the entry, unless a task owns the socket.
 * That is not waited for, as a task may own it for as long as it likes (a send
 * from memory that a FUSE daemon fills); it is looked at twice instead.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/idr.h>
#include <linux/net.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/xarray.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "cw.h"

#define BATCH 64

/* Descriptors looked at in one go, with locks held. */
#define CHUNK 1024

/**
 * struct survey - what is under way
 * @sk:		found in this batch, with references
 * @count:	number of sockets in @sk
 * @looks:	number of descriptors looked at since the last pause
 * @seen:	tables of descriptors that are shared, by address.  One that is
 *		freed meanwhile may hide another
 */
struct survey {
	struct sock *sk[BATCH];
	unsigned int count;
	unsigned int looks;
	struct xarray seen;
};

/* Listeners are no connections; nor is a socket that has no peer. */
static bool is_connected(const struct sock *sk)
{
	if (sk->sk_family != AF_INET && sk->sk_family != AF_INET6)
		return false;
	switch (READ_ONCE(sk->sk_state)) {
	case TCP_CLOSE:
	case TCP_LISTEN:
	case TCP_TIME_WAIT:
		return false;
	}
	return inet_sk(sk)->inet_dport || sk->sk_type == SOCK_RAW;
}

/* Of iterate_fd(), under the lock of the table: @file stays.  Not 0 = enough
 * for now; go on with descriptor - 1. */
static int note(const void *data, struct file *file, unsigned int descriptor)
{
	struct survey *survey = (struct survey *)data;
	struct socket *sock = cw_compat_sock(file);

	if (survey->count == BATCH || ++survey->looks == CHUNK)
		return descriptor + 1;
	if (!sock || !sock->sk || !is_connected(sock->sk))
		return 0;
	sock_hold(sock->sk);
	survey->sk[survey->count++] = sock->sk;
	return 0;
}

/* From descriptor @from on; 0 = that was all. */
static int collect(struct task_struct *task, int from, struct survey *survey)
{
	int more = 0;

	survey->count = 0;
	survey->looks = 0;
	task_lock(task);
	if (task->files)
		more = iterate_fd(task->files, from, note, survey);
	task_unlock(task);
	return more;
}

static void enter(struct sock *sk, struct task_struct *task)
{
	local_bh_disable();
	bh_lock_sock(sk);
	if (is_connected(sk)) {
		cw_socket_enter(sk, task, !sock_owned_by_user(sk));
		/* Whoever owns it may have closed it, and told so before. */
		if (!is_connected(sk))
			cw_conn_close(sk, CW_ENDING_UNKNOWN);
	}
	bh_unlock_sock(sk);
	local_bh_enable();
	sock_put(sk);
}

static void look_through(struct task_struct *task, struct survey *survey)
{
	unsigned int i;
	int more = 1;

	do {
		more = collect(task, more - 1, survey);
		for (i = 0; i < survey->count; i++)
			enter(survey->sk[i], task);
		cond_resched();
	} while (more && !fatal_signal_pending(current));
	if (more)
		cw_count_add(CW_COUNT_UNTRACKED, 1);
}

/* The table of @task if it shares it, as threads do; NULL = it does not. */
static void *shared_files(struct task_struct *task)
{
	void *files = NULL;

	task_lock(task);
	if (task->files && atomic_read(&task->files->count) > 1)
		files = task->files;
	task_unlock(task);
	return files;
}

/* Without memory a table is looked through once more. */
static bool is_new(struct task_struct *task, struct survey *survey)
{
	void *files = shared_files(task);

	return !files || xa_insert(&survey->seen, (unsigned long)files,
				   xa_mk_value(1),
				   GFP_KERNEL | __GFP_NOWARN) != -EBUSY;
}

/* The first with number @number or above, with a reference. */
static struct task_struct *find_task(int *number)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	while (!task && (pid = idr_get_next(&init_pid_ns.idr, number))) {
		task = pid_task(pid, PIDTYPE_PID);
		if (task)
			get_task_struct(task);
		++*number;
	}
	rcu_read_unlock();
	return task;
}

void cw_survey(void)
{
	struct task_struct *task;
	struct survey *survey;
	int number = 1;

	/* Without memory they are unknown, as without a survey; and said so. */
	survey = kmalloc(sizeof(*survey), GFP_KERNEL);
	if (!survey) {
		cw_count_add(CW_COUNT_UNTRACKED, 1);
		return;
	}
	xa_init(&survey->seen);
	while ((task = find_task(&number))) {
		if (is_new(task, survey))
			look_through(task, survey);
		put_task_struct(task);
		cond_resched();
	}
	xa_destroy(&survey->seen);
	kfree(survey);
}
