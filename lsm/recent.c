// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flow of a socket that was used lately: the next datagram of the socket most
 * often belongs to it, and is found without a search.  The flow that stands for all
 * of the socket (flow.c) has it, until it is over.
 *
 * Whoever found it before it was over may still read it until rcu_read_unlock().
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "conn.h"
#include "recent.h"

/* Has current begun @conn, or a thread of its process? */
static bool is_of_current(const struct conn *conn)
{
	return conn->tgid == current->tgid &&
	       conn->opener == cw_program_mark(current);
}

struct conn *cw_recent_find(const void *key, const struct cw_request *request)
{
	const struct conn *head = cw_flow_head(key);
	struct conn *conn = head ? READ_ONCE(head->recent) : NULL;

	if (likely(conn && cw_conn_same_remote(conn, request) &&
		   is_of_current(conn) &&
		   READ_ONCE(conn->state) == STATE_OPEN))
		return conn;
	return NULL;
}

static noinline void set(struct conn *conn)
{
	spinlock_t *lock = cw_conn_lock(conn->key);
	unsigned long flags;
	struct conn *head;

	spin_lock_irqsave(lock, flags);
	head = hlist_unhashed(&conn->by_flow) ? NULL : cw_flow_head(conn->key);
	if (head)
		WRITE_ONCE(head->recent, conn);
	spin_unlock_irqrestore(lock, flags);
}

/* Not changed for each datagram, if they are of many flows. */
void cw_recent_set(struct conn *conn)
{
	const struct conn *head = cw_flow_head(conn->key);
	const struct conn *recent = head ? READ_ONCE(head->recent) : NULL;

	if (conn != recent &&
	    (!recent || READ_ONCE(recent->used) != jiffies))
		set(conn);
}
