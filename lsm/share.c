// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who has how much of the table of connections, and what goes when it is full.
 *
 * How much each owner may have is said by fair.h.  Whoever has that much gives up
 * entries of his own that are over, or takes those of one who has more; if there
 * are none, his connection gets no entry.  It is counted, and an event tells it.
 *
 * Entries are taken from the common account a few at a time, as credit of one
 * CPU's stripe of the owner, and given back likewise.  So most connections change
 * nothing that another CPU changes as well, and making room for several at once
 * costs a connection in a full table nothing that it does not cost in an empty one.
 *
 * Locks: conn.h.  account_lock and that of a stripe are never held together.
 */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "include/cw_event.h"
#include "conn.h"
#include "share.h"

static unsigned int max_connections __read_mostly = 262144;
module_param(max_connections, uint, 0444);
MODULE_PARM_DESC(max_connections, "most entries in the table of connections");

static DEFINE_SPINLOCK(account_lock);
static struct cw_fair table;		/* account_lock */
/* Had most when it was last looked at; account_lock.  He has something, so that he
 * is pinned. */
static struct cw_owner *heaviest;

/* ---- the account; account_lock held ------------------------------------------ */

static void add_locked(struct cw_owner *owner, bool in)
{
	cw_fair_add(&table, &owner->part, in);
	if (!heaviest || cw_fair_number(&owner->part) >
			 cw_fair_number(&heaviest->part))
		heaviest = owner;
}

/* @owner is pinned as long as he has something. */
static void remove_locked(struct cw_owner *owner, bool in)
{
	cw_fair_remove(&table, &owner->part, in);
	if (cw_fair_number(&owner->part))
		return;
	if (heaviest == owner)
		heaviest = NULL;
	cw_owner_unpin(owner);
}

/* False: he is gone. */
static bool keep_locked(struct cw_owner *owner)
{
	return cw_fair_number(&owner->part) || cw_owner_pin(owner);
}

/* ---- credit ------------------------------------------------------------------ */

#define CREDIT_MAX 32

/* How many entries are taken or given back at once: so few that what lies about
 * as credit is never much of what the owner has. */
static u32 batch_of(const struct cw_owner *owner)
{
	u32 number = READ_ONCE(owner->part.kind[0]) +
		     READ_ONCE(owner->part.kind[1]);

	return min_t(u32, CREDIT_MAX, number / (16 * cw_owner_stripes));
}

static void give_back(struct cw_owner *owner, bool in, u32 count)
{
	unsigned long flags;

	if (!count)
		return;
	spin_lock_irqsave(&account_lock, flags);
	while (count--)
		remove_locked(owner, in);
	spin_unlock_irqrestore(&account_lock, flags);
}

static bool spend(struct cw_stripe *stripe, bool in)
{
	unsigned long flags;
	bool has_credit;

	spin_lock_irqsave(&stripe->lock, flags);
	has_credit = stripe->credit[in];
	if (has_credit) {
		stripe->credit[in]--;
		stripe->opened++;
	}
	spin_unlock_irqrestore(&stripe->lock, flags);
	return has_credit;
}

/* One more entry is made, and @more may be made later. */
static void lend(struct cw_stripe *stripe, bool in, u32 more)
{
	unsigned long flags;

	spin_lock_irqsave(&stripe->lock, flags);
	stripe->credit[in] += more;
	stripe->opened++;
	spin_unlock_irqrestore(&stripe->lock, flags);
}

void cw_share_settle(struct cw_owner *owner, struct cw_stripe *stripe)
{
	unsigned long flags;
	u32 credit[2];

	spin_lock_irqsave(&stripe->lock, flags);
	memcpy(credit, stripe->credit, sizeof(credit));
	memset(stripe->credit, 0, sizeof(stripe->credit));
	spin_unlock_irqrestore(&stripe->lock, flags);
	give_back(owner, false, credit[false]);
	give_back(owner, true, credit[true]);
}

static void settle_all(struct cw_owner *owner)
{
	unsigned int i;

	for (i = 0; i < cw_owner_stripes; i++)
		cw_share_settle(owner, &owner->stripe[i]);
}

static u32 credit_of(const struct cw_owner *owner)
{
	u32 sum = 0;
	unsigned int i;

	for (i = 0; i < cw_owner_stripes; i++)
		sum += READ_ONCE(owner->stripe[i].credit[0]) +
		       READ_ONCE(owner->stripe[i].credit[1]);
	return sum;
}

/* ---- room -------------------------------------------------------------------- */

/**
 * struct wish - an owner wants one more entry
 * @owner:	who may be gone, and is then looked for again
 * @giver:	another one, who has more than he may keep; NULL = nobody
 * @uid:	of @owner, by which it is looked for again
 * @in:		the direction of the entry that is wanted
 * @any:	he may give up entries of either direction
 */
struct wish {
	struct cw_owner *owner;
	struct cw_owner *giver;
	uid_t uid;
	bool in;
	bool any;
};

/* How many entries @wish's owner got, of @count; also when it is his turn no
 * more, if @forced, and only if they are there. */
static u32 charge(struct wish *wish, u32 count, bool forced)
{
	struct cw_owner *owner;
	unsigned long flags;
	u32 done = 0;

	spin_lock_irqsave(&account_lock, flags);
	while (!keep_locked(wish->owner))
		wish->owner = cw_owner_find_rcu(wish->uid);
	owner = wish->owner;
	while (done < count &&
	       (forced ? cw_fair_has_space(&table, &owner->part, wish->in)
		       : cw_fair_may_add(&table, &owner->part, wish->in))) {
		add_locked(owner, wish->in);
		done++;
	}
	if (!cw_fair_number(&owner->part))
		cw_owner_unpin(owner);
	wish->giver = NULL;
	wish->any = !cw_fair_is_full_of(&table, &owner->part, wish->in);
	if (!done && heaviest && heaviest != owner &&
	    cw_fair_yields(&table, &heaviest->part, &owner->part))
		wish->giver = heaviest;
	spin_unlock_irqrestore(&account_lock, flags);
	return done;
}

/* Evicts what another one has too much. */
static u32 take_from_giver(const struct wish *wish, u32 count)
{
	struct cw_owner *giver = wish->giver;
	u32 done = cw_age_evict(giver, cw_fair_larger(&giver->part), count);

	cw_share_settle(giver, cw_owner_stripe(giver));
	return done;
}

/* Twice as many as are needed: others may have come since he had as much as he
 * may, and he has more than that now. */
static u32 take_from_himself(const struct wish *wish, u32 count)
{
	struct cw_owner *owner = wish->owner;
	bool in = wish->any ? cw_fair_larger(&owner->part) : wish->in;
	u32 done = cw_age_evict(owner, in, 2 * count);

	if (!done && wish->any)
		done = cw_age_evict(owner, !in, 2 * count);
	cw_share_settle(owner, cw_owner_stripe(owner));
	return min(done, count);
}

static u32 make_room(struct wish *wish)
{
	u32 count = max(1u, batch_of(wish->owner)), done = 0;

	if (wish->giver)
		done = take_from_giver(wish, count);
	if (!done)
		done = take_from_himself(wish, count);
	return done ? charge(wish, done, true) : 0;
}

static noinline bool refill(struct wish *wish)
{
	u32 got = charge(wish, max(1u, batch_of(wish->owner)), false);

	got = got ?: make_room(wish);
	if (!got && credit_of(wish->owner)) {
		settle_all(wish->owner);
		got = charge(wish, 1, false);
	}
	if (!got)
		return false;
	lend(cw_owner_stripe(wish->owner), wish->in, got - 1);
	return true;
}

bool cw_share_reserve(uid_t uid, bool in, struct cw_share_place *place)
{
	struct wish wish = { .uid = uid, .in = in };
	struct cw_stripe *stripe;

	wish.owner = cw_owner_find_rcu(uid);
	stripe = cw_owner_stripe(wish.owner);
	if (!spend(stripe, in) && unlikely(!refill(&wish)))
		return false;
	place->share = wish.owner->index;
	place->stripe = cw_owner_stripe(wish.owner) - wish.owner->stripe;
	return true;
}

void cw_share_give_back(const struct cw_share_place *place, bool in,
			bool is_over)
{
	struct cw_owner *owner = cw_owner_at(place->share);
	struct cw_stripe *stripe = cw_owner_stripe(owner);
	u32 batch = batch_of(owner), spare = 0;
	unsigned long flags;

	spin_lock_irqsave(&stripe->lock, flags);
	if (!is_over)
		stripe->closed++;
	if (++stripe->credit[in] > 2 * batch) {
		spare = stripe->credit[in] - batch;
		stripe->credit[in] = batch;
	}
	spin_unlock_irqrestore(&stripe->lock, flags);
	give_back(owner, in, spare);
}

/* The entry may be gone from the table by now, and its owner with it. */
uid_t cw_share_owner_rcu(const struct conn *conn)
{
	const struct cw_owner *owner = cw_owner_at(conn->place.share);

	return owner ? owner->uid : conn->uid;
}

/* ---- who has most ------------------------------------------------------------ */

/* Who has nothing to give up is no help to the others. */
static void weigh(struct cw_owner *owner, struct cw_owner **most)
{
	if (cw_age_has_victims(owner) &&
	    (!*most || cw_fair_number(&owner->part) >
		       cw_fair_number(&(*most)->part)))
		*most = owner;
}

void cw_share_find_heaviest(void)
{
	struct cw_owner *owner, *most = NULL;
	unsigned long flags;
	u32 index = 0;

	rcu_read_lock();
	for (; (owner = cw_owner_next_rcu(&index)); index++)
		weigh(owner, &most);
	spin_lock_irqsave(&account_lock, flags);
	if (!most || cw_fair_number(&most->part))
		heaviest = most;
	spin_unlock_irqrestore(&account_lock, flags);
	rcu_read_unlock();
}

/* ---- connections without an entry -------------------------------------------- */

/* Pinned from the first one on until it was told. */
void cw_share_untracked(uid_t uid)
{
	struct cw_owner *owner = cw_owner_find_rcu(uid);
	unsigned long flags;

	spin_lock_irqsave(&account_lock, flags);
	while (!cw_owner_pin(owner))
		owner = cw_owner_find_rcu(uid);
	owner->untracked++;
	if (owner->unsaid++)
		cw_owner_unpin(owner);
	else
		owner->unsaid_since = ktime_get_boottime_ns();
	spin_unlock_irqrestore(&account_lock, flags);
	cw_count_add(CW_COUNT_UNTRACKED, 1);
}

/* Once a second at most, so that who is refused much makes few events.  Told
 * later if the events have no room. */
void cw_share_say_untracked(struct cw_owner *owner)
{
	struct cw_event_untracked record = { .owner = owner->uid };
	unsigned long flags;

	if (!READ_ONCE(owner->unsaid))
		return;
	spin_lock_irqsave(&account_lock, flags);
	record.since = owner->unsaid_since;
	record.count = owner->unsaid;
	spin_unlock_irqrestore(&account_lock, flags);
	record.until = ktime_get_boottime_ns();
	if (!cw_event_untracked(&record, owner->index))
		return;
	spin_lock_irqsave(&account_lock, flags);
	owner->unsaid -= record.count;
	owner->unsaid_since = record.until;
	if (!owner->unsaid)
		cw_owner_unpin(owner);
	spin_unlock_irqrestore(&account_lock, flags);
}

/* ---- what is said ------------------------------------------------------------ */

u32 cw_conn_number(void)
{
	struct cw_owner *owner;
	u32 index = 0, credit = 0, number;

	rcu_read_lock();
	for (; (owner = cw_owner_next_rcu(&index)); index++)
		credit += credit_of(owner);
	number = READ_ONCE(table.used);
	rcu_read_unlock();
	return number > credit ? number - credit : 0;
}

u32 cw_conn_limit(void)
{
	return max_connections;
}

/* ---- start and end ----------------------------------------------------------- */

void cw_share_init(void)
{
	cw_fair_init(&table, max_connections);
}
