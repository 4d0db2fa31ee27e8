// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of sockets: connections that come in, descriptors that are handed
 * on, the end of a socket; and those that were there before the module.
 */
#include <linux/net.h>
#include <linux/security.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "conn.h"
#include "door.h"
#include "judge.h"

/* A decision about what is there and not asked for: every member but the identity,
 * which is set if there is a key. */
static void describe(struct cw_decision *decision, const struct sock *sk,
		     bool flow, bool in)
{
	struct cw_attempt attempt = {};

	cw_judge_read_ends(&attempt, sk);
	decision->sk = sk;
	decision->key = cw_conn_key(sk);
	decision->request = attempt.request;
	decision->local = attempt.local;
	if (decision->key && cw_judge_is_sctp(sk))
		cw_sctp_read_ends(decision);
	decision->verdict = (struct cw_verdict) { .rule = CW_RULE_DEFAULT };
	decision->outcome = CW_OUTCOME_NONE;
	decision->in = in;
	decision->flow = flow;
	decision->preexisting = false;
	decision->bytes = 0;
	decision->number = 0;
	decision->mptcp = 0;
	decision->policy = NULL;
	decision->generation = 0;
}

/* ---- connections that come in ------------------------------------------------------ */

/* Current accepts a connection as @sk.  The socket's lock is held, BH are off. */
static void accept(const struct sock *sk, const struct socket *sock)
{
	struct cw_decision decision;

	if (!cw_judge_is_inet(sk))
		return;
	describe(&decision, sk, false, true);
	if (!decision.key)
		return;
	if (sk->sk_protocol == IPPROTO_MPTCP)
		decision.mptcp = SOCK_INODE((struct socket *)sock)->i_ino;
	rcu_read_lock();
	cw_ident_take_rcu(&decision.identity);
	cw_conn_open(&decision);
	/* It may have been closed before it was accepted. */
	if (READ_ONCE(sk->sk_state) == TCP_CLOSE)
		cw_conn_close(decision.key, CW_ENDING_UNKNOWN);
	rcu_read_unlock();
}

/* ---- those that were there before the module ------------------------------------------ */

/*
 * Did a connection come in or go out?  A port that connect() chose by itself is
 * marked so; a socket that bind() gave a certain port knows it, one that accept()
 * gave has its listener's without knowing.  One that bind() gave any port looks
 * like these.
 */
static bool came_in(const struct sock *sk)
{
	const struct inet_bind_bucket *bucket;

	if (sk->sk_type != SOCK_STREAM || sk->sk_protocol != IPPROTO_TCP ||
	    sk->sk_userlocks & SOCK_BINDPORT_LOCK)
		return false;
	bucket = inet_csk(sk)->icsk_bind_hash;
	return bucket && bucket->fastreuse >= 0;
}

void cw_socket_enter(const struct sock *sk, struct task_struct *task,
		     bool is_still)
{
	struct cw_decision decision;
	bool flow;

	/* The list of SCTP's associations may change when somebody else owns
	 * the socket, and the bucket of a port may go. */
	if (cw_judge_is_sctp(sk) && !is_still)
		return;
	flow = sk->sk_type != SOCK_STREAM && !cw_judge_is_sctp(sk);
	describe(&decision, sk, flow, is_still && came_in(sk));
	if (!decision.key)
		return;
	decision.preexisting = true;
	rcu_read_lock();
	preempt_disable();	/* as in a hook: buffers of the CPU are used */
	if (pid_alive(task) && !(task->flags & PF_EXITING)) {
		cw_ident_take_other_rcu(&decision.identity, task);
		cw_conn_open(&decision);
	}
	preempt_enable();
	rcu_read_unlock();
}

/* ---- doors ------------------------------------------------------------------------------ */

static bool enter_graft(struct ftrace_regs *regs)
{
	accept(CW_ARG(regs, 0, const struct sock *),
	       CW_ARG(regs, 1, const struct socket *));
	return false;
}

/* Softirq or task; the socket's memory goes away. */
static bool enter_free(struct ftrace_regs *regs)
{
	const struct sock *sk = CW_ARG(regs, 0, const struct sock *);

	cw_conn_forget(sk);
	cw_sctp_forget(sk);
	return false;
}

/* A descriptor in a message (SCM_RIGHTS), pidfd_getfd(), seccomp's notifier. */
static bool enter_receive(struct ftrace_regs *regs)
{
	cw_use_received(CW_ARG(regs, 0, struct file *));
	return false;
}

CW_DOOR_TYPE(security_sock_graft, void, struct sock *, struct socket *);
CW_DOOR_TYPE(security_sk_free, void, struct sock *);
CW_DOOR_TYPE(security_file_receive, int, struct file *);

static const struct cw_door doors[] = {
	{ "security_sk_free", NULL, enter_free },
	{ "security_sock_graft", NULL, enter_graft },
	{ "security_file_receive", NULL, enter_receive },
};

CW_DOORS(cw_socket_doors, doors);
