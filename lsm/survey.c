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
 * reference, and looked at under their own lock, which may sleep: then nothing
 * becomes of the connection between the look and the entry.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/idr.h>
#include <linux/net.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "cw.h"

#define BATCH 64

struct found {
	struct sock *sk[BATCH];
	unsigned int count;
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

/* Of iterate_fd(), under the lock of the table: @file stays.  Not 0 = full;
 * go on with descriptor - 1. */
static int note(const void *data, struct file *file, unsigned int descriptor)
{
	struct found *found = (struct found *)data;
	struct socket *sock = cw_compat_sock(file);

	if (!sock || !sock->sk || !is_connected(sock->sk))
		return 0;
	if (found->count == BATCH)
		return descriptor + 1;
	sock_hold(sock->sk);
	found->sk[found->count++] = sock->sk;
	return 0;
}

/* Threads mostly share the table of their leader. */
static bool has_own_files(const struct task_struct *task)
{
	return task == task->group_leader ||
	       READ_ONCE(task->files) != READ_ONCE(task->group_leader->files);
}

/* From descriptor @from on; 0 = that was all. */
static int collect(struct task_struct *task, int from, struct found *found)
{
	int full = 0;

	found->count = 0;
	task_lock(task);
	if (task->files)
		full = iterate_fd(task->files, from, note, found);
	task_unlock(task);
	return full;
}

static void enter(struct sock *sk, struct task_struct *task)
{
	lock_sock(sk);
	if (is_connected(sk))
		cw_connect_enter(sk, task);
	release_sock(sk);
	sock_put(sk);
}

static void survey(struct task_struct *task, struct found *found)
{
	unsigned int i;
	int full = 1;

	do {
		full = collect(task, full - 1, found);
		for (i = 0; i < found->count; i++)
			enter(found->sk[i], task);
		cond_resched();
	} while (full);
}

/* The first with number @number or above, with a reference. */
static struct task_struct *find_task(int *number)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	while (!task && (pid = idr_get_next(&init_pid_ns.idr, number))) {
		task = pid_task(pid, PIDTYPE_PID);
		if (task && has_own_files(task))
			get_task_struct(task);
		else
			task = NULL;
		++*number;
	}
	rcu_read_unlock();
	return task;
}

void cw_survey(void)
{
	struct task_struct *task;
	struct found *found;
	int number = 1;

	/* Without memory they are unknown, as without a survey; and said so. */
	found = kmalloc(sizeof(*found), GFP_KERNEL);
	if (!found) {
		cw_count_add(CW_COUNT_UNTRACKED, 1);
		return;
	}
	while ((task = find_task(&number))) {
		survey(task, found);
		put_task_struct(task);
	}
	kfree(found);
}
