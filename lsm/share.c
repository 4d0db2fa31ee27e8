// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who has how much of the table of connections, and what goes when it is full
 * or old.  Entries that are over wait here, oldest first, until their time has
 * come; flows, those used longest ago first, until they are idle.
 *
 * Each user has a share of what goes out and one of what comes in, so that one
 * who opens many connections pushes out his own, and his peers what they opened:
 * what goes is taken from the largest.
 *
 * Locks: conn.h.
 */
#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "conn.h"

static unsigned int max_connections = 262144;
module_param(max_connections, uint, 0444);
MODULE_PARM_DESC(max_connections, "most entries in the table of connections");

static unsigned int ttl = 60;
module_param(ttl, uint, 0444);
MODULE_PARM_DESC(ttl, "seconds for which an ended connection is kept");

/**
 * struct share - what one user has, or some of the users who are not root
 * @number:	entries
 * @ended:	those that are over; queue_lock
 * @flows:	flows that are not; queue_lock
 */
static struct share {
	atomic_t number;
	struct list_head ended;
	struct list_head flows;
} shares[2 * CW_SHARES];

static DEFINE_SPINLOCK(queue_lock);
static atomic_t number = ATOMIC_INIT(0);

static void reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(reaper, reap);

#define REAP_INTERVAL HZ

/* ---- waiting -------------------------------------------------------------- */

static void queue(struct conn *conn, struct list_head *list)
{
	unsigned long flags;

	spin_lock_irqsave(&queue_lock, flags);
	list_move_tail(&conn->queue, list);
	spin_unlock_irqrestore(&queue_lock, flags);
}

void cw_share_queue_ended(struct conn *conn)
{
	queue(conn, &shares[conn->share].ended);
}

void cw_share_queue_flow(struct conn *conn)
{
	queue(conn, &shares[conn->share].flows);
}

/* Takes the oldest entry off ended if it ended at or before @before. */
static struct conn *take_ended(struct share *share, u64 before)
{
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(&queue_lock, flags);
	conn = list_first_entry_or_null(&share->ended, struct conn, queue);
	if (conn && conn->closed <= before)
		list_del_init(&conn->queue);
	else
		conn = NULL;
	spin_unlock_irqrestore(&queue_lock, flags);
	return conn;
}

/*
 * Takes the oldest flow out of the queue.  Under rcu_read_lock(): its socket
 * may be freed now, and the flow with it.
 */
static struct conn *take_flow_rcu(struct share *share)
{
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(&queue_lock, flags);
	conn = list_first_entry_or_null(&share->flows, struct conn, queue);
	if (conn)
		list_del_init(&conn->queue);
	spin_unlock_irqrestore(&queue_lock, flags);
	return conn;
}

/* Looks at @count flows and ends those that were idle for @idle jiffies. */
static void age_flows(struct share *share, unsigned long idle,
		      unsigned int count)
{
	struct conn *conn;

	rcu_read_lock();
	while (count-- && (conn = take_flow_rcu(share)))
		cw_flow_age(conn, idle);
	rcu_read_unlock();
}

/* ---- once a second -------------------------------------------------------- */

/* Flows looked at each time, so that a full table has its look every minute;
 * and in one go, for RCU and other tasks wait meanwhile. */
#define AGE_COUNT 8192
#define AGE_CHUNK 256

/* No flow is worth two looks. */
static void age_share(struct share *share)
{
	unsigned int left = min_t(unsigned int, AGE_COUNT,
				  atomic_read(&share->number));
	unsigned int chunk;

	for (; left; left -= chunk) {
		chunk = min_t(unsigned int, left, AGE_CHUNK);
		age_flows(share, CW_FLOW_IDLE, chunk);
		cond_resched();
	}
}

static void reap_share(struct share *share)
{
	u64 kept = (u64)READ_ONCE(ttl) * NSEC_PER_SEC;
	u64 now = ktime_get_boottime_ns();
	struct conn *conn;

	age_share(share);
	while (now > kept && (conn = take_ended(share, now - kept))) {
		cw_conn_retire(conn);
		cond_resched();
	}
}

static void reap(struct work_struct *work)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shares); i++)
		if (atomic_read(&shares[i].number))
			reap_share(&shares[i]);
	schedule_delayed_work(&reaper, REAP_INTERVAL);
}

/* ---- room ----------------------------------------------------------------- */

/* What @share has to give up: its oldest ended entry, else a flow that is idle
 * now. */
static struct conn *take_victim(struct share *share)
{
	struct conn *victim = take_ended(share, U64_MAX);

	if (victim)
		return victim;
	age_flows(share, HZ, 16);
	return take_ended(share, U64_MAX);
}

/* Looked at without the lock: whoever takes from it looks again. */
static bool has_victims(const struct share *share)
{
	return !list_empty(&share->ended) || !list_empty(&share->flows);
}

/* Of those that have something to give up, else the first.  In a full table
 * only, and as long for a million entries as for a hundred. */
static struct share *largest_share(void)
{
	struct share *largest = &shares[0];
	unsigned int i;
	int most = 0;

	for (i = 0; i < ARRAY_SIZE(shares); i++) {
		if (atomic_read(&shares[i].number) <= most ||
		    !has_victims(&shares[i]))
			continue;
		largest = &shares[i];
		most = atomic_read(&largest->number);
	}
	return largest;
}

/* Nobody may have more, so that there is always something left for others. */
static bool is_over(const struct share *share)
{
	return atomic_read(&share->number) >
	       max_connections - max_connections / 8;
}

static bool make_room(struct share *share)
{
	struct conn *victim;

	victim = take_victim(is_over(share) ? share : largest_share());
	if (!victim)
		victim = take_victim(share);
	if (!victim)
		return false;
	cw_conn_retire(victim);
	cw_count_add(CW_COUNT_EVICTED, 1);
	return true;
}

/* The first is root's alone. */
u16 cw_share_of(uid_t owner, bool in)
{
	u16 index = owner ? 1 + owner % (CW_SHARES - 1) : 0;

	return in ? CW_SHARES + index : index;
}

bool cw_share_reserve(u16 index)
{
	struct share *share = &shares[index];

	atomic_inc(&share->number);
	if (atomic_inc_return(&number) <= max_connections && !is_over(share))
		return true;
	if (make_room(share))
		return true;
	cw_share_give_back(index);
	return false;
}

void cw_share_give_back(u16 index)
{
	atomic_dec(&shares[index].number);
	atomic_dec(&number);
}

u32 cw_conn_number(void)
{
	return atomic_read(&number);
}

u32 cw_conn_limit(void)
{
	return max_connections;
}

/* ---- start and end -------------------------------------------------------- */

void cw_share_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shares); i++) {
		INIT_LIST_HEAD(&shares[i].ended);
		INIT_LIST_HEAD(&shares[i].flows);
	}
}

void cw_share_start(void)
{
	schedule_delayed_work(&reaper, REAP_INTERVAL);
}

void cw_share_stop(void)
{
	cancel_delayed_work_sync(&reaper);
}
