// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries that wait to be freed: those that are over, oldest first, until their
 * time has come or somebody needs their room; flows, those used longest ago
 * first, until they are idle.  Each owner has lists of his own (owner.h).
 *
 * Locks: conn.h.
 */
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "conn.h"
#include "share.h"

static unsigned int ttl __read_mostly = 60;
module_param(ttl, uint, 0444);
MODULE_PARM_DESC(ttl, "seconds for which an ended connection is kept");

static void reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(reaper, reap);

#define REAP_INTERVAL HZ

/* ---- waiting ----------------------------------------------------------------- */

static struct cw_stripe *stripe_of(const struct conn *conn)
{
	return &cw_owner_at(conn->place.share)->stripe[conn->place.stripe];
}

void cw_age_queue_ended(struct conn *conn)
{
	struct cw_stripe *stripe = stripe_of(conn);
	unsigned long flags;

	spin_lock_irqsave(&stripe->lock, flags);
	stripe->closed++;
	list_move_tail(&conn->queue, &stripe->ended[conn->in]);
	spin_unlock_irqrestore(&stripe->lock, flags);
}

void cw_age_queue_flow(struct conn *conn)
{
	struct cw_stripe *stripe = stripe_of(conn);
	unsigned long flags;

	spin_lock_irqsave(&stripe->lock, flags);
	list_move_tail(&conn->queue, &stripe->flows[conn->in]);
	spin_unlock_irqrestore(&stripe->lock, flags);
}

/* Takes the oldest entry off ended if it ended at or before @before. */
static struct conn *take_ended(struct cw_stripe *stripe, bool in, u64 before)
{
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(&stripe->lock, flags);
	conn = list_first_entry_or_null(&stripe->ended[in], struct conn, queue);
	if (conn && conn->closed <= before)
		list_del_init(&conn->queue);
	else
		conn = NULL;
	spin_unlock_irqrestore(&stripe->lock, flags);
	return conn;
}

/* When the oldest one ended; U64_MAX = there is none. */
static u64 oldest_ended(struct cw_stripe *stripe, bool in)
{
	struct conn *conn;
	unsigned long flags;
	u64 closed;

	if (list_empty(&stripe->ended[in]))
		return U64_MAX;
	spin_lock_irqsave(&stripe->lock, flags);
	conn = list_first_entry_or_null(&stripe->ended[in], struct conn, queue);
	closed = conn ? conn->closed : U64_MAX;
	spin_unlock_irqrestore(&stripe->lock, flags);
	return closed;
}

/*
 * Takes the oldest flow out of the queue.  Under rcu_read_lock(): its socket
 * may be freed now, and the flow with it.
 */
static struct conn *take_flow_rcu(struct cw_stripe *stripe, bool in)
{
	struct conn *conn;
	unsigned long flags;

	spin_lock_irqsave(&stripe->lock, flags);
	conn = list_first_entry_or_null(&stripe->flows[in], struct conn, queue);
	if (conn)
		list_del_init(&conn->queue);
	spin_unlock_irqrestore(&stripe->lock, flags);
	return conn;
}

/* Looks at @count flows and ends those that were idle for @idle jiffies. */
static void age_flows(struct cw_stripe *stripe, bool in, unsigned long idle,
		      unsigned int count)
{
	struct conn *conn;

	rcu_read_lock();
	while (count-- && (conn = take_flow_rcu(stripe, in)))
		cw_flow_age(conn, idle);
	rcu_read_unlock();
}

/* ---- room -------------------------------------------------------------------- */

/* Looked at without the lock: whoever takes from it looks again. */
bool cw_age_has_victims(const struct cw_owner *owner)
{
	unsigned int i, in;

	for (i = 0; i < cw_owner_stripes; i++)
		for (in = 0; in < 2; in++)
			if (!list_empty(&owner->stripe[i].ended[in]) ||
			    !list_empty(&owner->stripe[i].flows[in]))
				return true;
	return false;
}

static struct cw_stripe *oldest_stripe(struct cw_owner *owner, bool in)
{
	struct cw_stripe *oldest = NULL;
	u64 least = U64_MAX;
	unsigned int i;

	for (i = 0; i < cw_owner_stripes; i++) {
		u64 closed = oldest_ended(&owner->stripe[i], in);

		if (closed >= least)
			continue;
		least = closed;
		oldest = &owner->stripe[i];
	}
	return oldest;
}

/* Frees @count entries of @owner that are over; how many there were. */
static u32 retire(struct cw_owner *owner, bool in, u32 count)
{
	struct cw_stripe *stripe;
	struct conn *victim;
	u32 done = 0;

	while (done < count && (stripe = oldest_stripe(owner, in)))
		while (done < count &&
		       (victim = take_ended(stripe, in, U64_MAX))) {
			cw_conn_retire(victim);
			done++;
		}
	return done;
}

u32 cw_age_evict(struct cw_owner *owner, bool in, u32 count)
{
	u32 done = retire(owner, in, count);
	unsigned int i;

	if (!done) {
		for (i = 0; i < cw_owner_stripes; i++)
			age_flows(&owner->stripe[i], in, HZ, 16);
		done = retire(owner, in, count);
	}
	atomic64_add(done, &owner->evicted);
	cw_count_add(CW_COUNT_EVICTED, done);
	return done;
}

/* ---- once a second ----------------------------------------------------------- */

/* Flows looked at each time, so that a full table has its look every minute;
 * and in one go, for RCU and other tasks wait meanwhile. */
#define AGE_COUNT 8192
#define AGE_CHUNK 256

/* No flow is worth two looks. */
static void age_stripe(struct cw_stripe *stripe, bool in, u32 number)
{
	unsigned int left = min_t(u32, AGE_COUNT, number), chunk;

	for (; left && !list_empty(&stripe->flows[in]); left -= chunk) {
		chunk = min_t(unsigned int, left, AGE_CHUNK);
		age_flows(stripe, in, CW_FLOW_IDLE, chunk);
		cond_resched();
	}
}

static void reap_stripe(struct cw_stripe *stripe, bool in, u32 number)
{
	u64 kept = (u64)READ_ONCE(ttl) * NSEC_PER_SEC;
	u64 now = ktime_get_boottime_ns();
	struct conn *conn;

	age_stripe(stripe, in, number);
	while (now > kept && (conn = take_ended(stripe, in, now - kept))) {
		cw_conn_retire(conn);
		cond_resched();
	}
}

static void reap_owner(struct cw_owner *owner)
{
	u32 number = READ_ONCE(owner->part.kind[0]) +
		     READ_ONCE(owner->part.kind[1]);
	unsigned int i;

	cw_share_say_untracked(owner);
	for (i = 0; number && i < cw_owner_stripes; i++) {
		reap_stripe(&owner->stripe[i], false, number);
		reap_stripe(&owner->stripe[i], true, number);
		cw_share_settle(owner, &owner->stripe[i]);
	}
}

static void reap(struct work_struct *work)
{
	struct cw_owner *owner;
	u32 index = 0;

	for (; (owner = cw_owner_next_pinned(&index)); index++) {
		reap_owner(owner);
		cw_owner_unpin(owner);
	}
	cw_share_find_heaviest();
	cw_owner_reclaim();
	schedule_delayed_work(&reaper, REAP_INTERVAL);
}

void cw_age_start(void)
{
	schedule_delayed_work(&reaper, REAP_INTERVAL);
}

void cw_age_stop(void)
{
	cancel_delayed_work_sync(&reaper);
}
