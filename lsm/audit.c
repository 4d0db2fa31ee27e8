// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records in the audit log: which decisions get one, and when.  Text: record.c.
 *
 * A program that retries in a loop must not flood the log, nor stall on it, so
 * decisions that are alike (same owner, executable, destination, rule and
 * outcome) share a slot: the first is written at once, repeats are only counted,
 * and the count goes out as suppressed= in a later record of that slot.  Token
 * buckets bound the whole.  At any time, for each owner and for all,
 *
 *	decisions to be logged = logged + suppressed + pending
 *
 * where suppressed is what records have said, pending what they have not yet.
 *
 * Slots are divided among owners by fair.h.  Of the records that are allowed
 * each second every owner has some to himself, so that who floods the log takes
 * from himself, and then from what is free for all.
 *
 * Never sleeps in a hook: GFP_ATOMIC, and audit then answers a full backlog
 * with no buffer, which is counted as unlogged and tried again from the work.
 */
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "cw.h"
#include "owner.h"
#include "record.h"

static unsigned int audit_rate __read_mostly = 50;
module_param(audit_rate, uint, 0444);
MODULE_PARM_DESC(audit_rate, "audit records a second");

static unsigned int audit_burst __read_mostly = 100;
module_param(audit_burst, uint, 0444);
MODULE_PARM_DESC(audit_burst, "audit records at once");

#define SLOTS		1024	/* power of two */
#define QUIET		(10 * HZ)	/* repeats within this only count */
#define FLUSH_INTERVAL	(2 * HZ)

/**
 * struct slot - decisions that are alike; all under slot_lock
 * @by_hash:	in buckets[], while it holds an event
 * @queue:	in used_slots, written longest ago first, or in free_slots
 * @owner:	pinned while it holds an event
 * @event:	the record of the newest of these decisions
 * @written:	jiffies when a record was last written
 * @pending:	decisions since then
 */
struct slot {
	struct hlist_node by_hash;
	struct list_head queue;
	struct cw_owner *owner;
	struct cw_record event;
	unsigned long written;
	u64 pending;
};

static DEFINE_SPINLOCK(slot_lock);
static struct slot *slots __read_mostly;
static struct hlist_head buckets[SLOTS];
static LIST_HEAD(used_slots);
static LIST_HEAD(free_slots);
static struct cw_fair shares;
static u64 pending_total;
static long tokens;		/* in records, for all; below 0 = owed */
static unsigned long tokens_at;	/* jiffies of the last refill */
static u32 seed __read_mostly;

static void flush(struct work_struct *work);
static DECLARE_DELAYED_WORK(flusher, flush);

/* ---- alike or not ------------------------------------------------------------ */

static bool is_alike(const struct slot *slot, const struct cw_owner *owner,
		     const struct cw_decision *decision)
{
	const struct cw_record *event = &slot->event;
	const struct cw_request *a = &event->request, *b = &decision->request;

	return slot->owner == owner &&
	       event->exe == decision->identity.process->exe &&
	       event->outcome == decision->outcome &&
	       event->rule == decision->verdict.rule &&
	       event->generation == decision->generation &&
	       a->port == b->port && a->proto == b->proto &&
	       a->family == b->family &&
	       !memcmp(a->addr, b->addr, sizeof(a->addr));
}

static u32 hash_decision(const struct cw_decision *decision)
{
	const struct cw_request *request = &decision->request;
	u32 hash = jhash(request->addr, sizeof(request->addr), seed);

	hash = jhash_3words(decision->identity.process->exe->hash,
			    request->port << 8 | request->proto,
			    decision->verdict.rule, hash);
	return jhash_3words(decision->outcome, decision->generation,
			    decision->identity.owner, hash);
}

static void fill(struct cw_record *event, const struct cw_decision *decision)
{
	event->request = decision->request;
	event->exe = decision->identity.process->exe;
	event->generation = decision->generation;
	event->rule = decision->verdict.rule;
	event->line = cw_judge_rule_line(decision);
	event->outcome = decision->outcome;
	event->owner = decision->identity.owner;
	strscpy(event->label, cw_judge_rule_label(decision),
		sizeof(event->label));
}

/* ---- how many records; slot_lock held ------------------------------------------- */

/* What an owner has to himself is this part; root has twice as much. */
#define OWN_PART 8

static u32 fresh_since(unsigned long at, u32 part, u32 most)
{
	u64 elapsed = min_t(u64, jiffies - at, (u64)HZ * 3600);

	return min_t(u64, elapsed * audit_rate / part / HZ, most);
}

static void refill_own(struct cw_owner *owner)
{
	struct cw_owner_audit *audit = &owner->audit;
	u32 part = audit->part.is_root ? OWN_PART / 2 : OWN_PART;
	u32 most = DIV_ROUND_UP(audit_burst, part);
	u32 fresh = fresh_since(audit->tokens_at, part, most);

	if (!fresh)
		return;
	audit->tokens = min(audit->tokens + fresh, most);
	audit->tokens_at = jiffies;
}

static void refill_common(void)
{
	u32 fresh = fresh_since(tokens_at, 1, 2 * audit_burst);

	if (!fresh)
		return;
	tokens = min_t(long, tokens + fresh, audit_burst);
	tokens_at = jiffies;
}

/* Takes one of the records that are allowed now.  What owners have to themselves
 * is paid by all, so that the whole stays bounded. */
static bool take_token(struct cw_owner *owner)
{
	refill_common();
	refill_own(owner);
	if (owner->audit.tokens)
		owner->audit.tokens--;
	else if (tokens <= 0)
		return false;
	if (tokens > -(long)audit_burst)
		tokens--;
	return true;
}

/* ---- slots; slot_lock held ------------------------------------------------------ */

/* Its decisions are all told, and it is not needed to keep repeats quiet any
 * more. */
static bool is_idle(const struct slot *slot)
{
	return !slot->pending && !time_before(jiffies, slot->written + QUIET);
}

static void release(struct slot *slot)
{
	hlist_del(&slot->by_hash);
	list_move(&slot->queue, &free_slots);
	cw_fair_remove(&shares, &slot->owner->audit.part, false);
	cw_exe_put(slot->event.exe);
	cw_owner_unpin(slot->owner);
	slot->owner = NULL;
}

/* Looks at those written longest ago. */
static void release_idle(unsigned int count)
{
	struct slot *slot, *next;

	list_for_each_entry_safe(slot, next, &used_slots, queue) {
		if (!count--)
			break;
		if (is_idle(slot))
			release(slot);
	}
}

static struct slot *occupy(struct cw_owner *owner,
			   const struct cw_decision *decision, u32 hash)
{
	struct slot *slot;

	slot = list_first_entry_or_null(&free_slots, struct slot, queue);
	if (!slot || !cw_fair_may_add(&shares, &owner->audit.part, false) ||
	    !cw_owner_pin(owner))
		return NULL;
	cw_fair_add(&shares, &owner->audit.part, false);
	slot->owner = owner;
	fill(&slot->event, decision);
	cw_exe_get(slot->event.exe);
	slot->written = jiffies - QUIET;
	slot->pending = 0;
	hlist_add_head(&slot->by_hash, &buckets[hash & (SLOTS - 1)]);
	list_move_tail(&slot->queue, &used_slots);
	return slot;
}

/* The slot of decisions like this one; NULL = the owner has as many as he may. */
static struct slot *claim(struct cw_owner *owner,
			  const struct cw_decision *decision)
{
	u32 hash = hash_decision(decision);
	struct slot *slot;

	hlist_for_each_entry(slot, &buckets[hash & (SLOTS - 1)], by_hash)
		if (is_alike(slot, owner, decision))
			return slot;
	slot = occupy(owner, decision, hash);
	if (slot)
		return slot;
	release_idle(8);
	return occupy(owner, decision, hash);
}

static void add_pending(struct cw_owner *owner, u64 decisions)
{
	owner->audit.pending += decisions;
	pending_total += decisions;
}

/* Decisions without a slot are told without their details. */
static void add_overflow(struct cw_owner *owner, u64 decisions)
{
	if (!owner->audit.overflow)
		cw_owner_pin(owner);
	owner->audit.overflow += decisions;
	add_pending(owner, decisions);
}

static u64 take_slot(struct slot *slot)
{
	u64 pending = slot->pending;

	slot->written = jiffies;
	list_move_tail(&slot->queue, &used_slots);
	slot->pending = 0;
	slot->owner->audit.pending -= pending;
	pending_total -= pending;
	return pending;
}

/* ---- one more decision ------------------------------------------------------------ */

/* The owner, with a pin.  slot_lock held. */
static struct cw_owner *pin_owner(uid_t uid)
{
	struct cw_owner *owner = cw_owner_find_rcu(uid);

	while (!cw_owner_pin(owner))
		owner = cw_owner_find_rcu(uid);
	return owner;
}

/* The owner, with a pin, if a record is to be written now, which tells *@suppressed
 * as well; else NULL, and it is counted. */
static struct cw_owner *admit(const struct cw_decision *decision, u64 *suppressed)
{
	struct cw_owner *owner;
	unsigned long flags;
	struct slot *slot;
	bool now;

	spin_lock_irqsave(&slot_lock, flags);
	owner = pin_owner(decision->identity.owner);
	owner->audit.decisions++;
	slot = claim(owner, decision);
	now = slot && !time_before(jiffies, slot->written + QUIET) &&
	      take_token(owner);
	if (now) {
		*suppressed = take_slot(slot);
	} else if (slot) {
		slot->pending++;
		add_pending(owner, 1);
	} else {
		add_overflow(owner, 1);
	}
	if (!now)
		cw_owner_unpin(owner);
	spin_unlock_irqrestore(&slot_lock, flags);
	return now ? owner : NULL;
}

/* A record was written, or else its decisions are still to be told.  Gives up the
 * pin. */
static void settle(struct cw_owner *owner, bool written, u32 logged,
		   u64 suppressed)
{
	unsigned long flags;

	spin_lock_irqsave(&slot_lock, flags);
	if (written) {
		owner->audit.logged += logged;
		owner->audit.suppressed += suppressed;
	} else {
		add_overflow(owner, logged + suppressed);
	}
	cw_owner_unpin(owner);
	spin_unlock_irqrestore(&slot_lock, flags);
	if (written) {
		cw_count_add(CW_COUNT_LOGGED, logged);
		cw_count_add(CW_COUNT_SUPPRESSED, suppressed);
	} else {
		cw_count_add(CW_COUNT_UNLOGGED, 1);
	}
}

void cw_audit_decision(const struct cw_decision *decision)
{
	struct cw_owner *owner;
	struct cw_record event;
	u64 suppressed = 0;
	bool written;

	owner = admit(decision, &suppressed);
	if (owner) {
		fill(&event, decision);
		written = cw_record_write(&event, &decision->identity,
					  suppressed);
		settle(owner, written, 1, suppressed);
		if (written)
			return;
	}
	schedule_delayed_work(&flusher, FLUSH_INTERVAL);
}

u64 cw_audit_pending(void)
{
	unsigned long flags;
	u64 pending;

	spin_lock_irqsave(&slot_lock, flags);
	pending = pending_total;
	spin_unlock_irqrestore(&slot_lock, flags);
	return pending;
}

/* ---- summaries ---------------------------------------------------------------- */

/* Takes what @slot has pending, with the event to tell it by, whose executable the
 * caller puts, and its owner with a pin; NULL = nothing.  @force: without a token. */
static struct cw_owner *take_pending(struct slot *slot, struct cw_record *event,
				     u64 *pending, bool force)
{
	struct cw_owner *owner = NULL;
	unsigned long flags;

	spin_lock_irqsave(&slot_lock, flags);
	if (slot->owner && slot->pending && (force || take_token(slot->owner))) {
		*event = slot->event;
		cw_exe_get(event->exe);
		owner = slot->owner;
		cw_owner_pin(owner);
		*pending = take_slot(slot);
	}
	spin_unlock_irqrestore(&slot_lock, flags);
	return owner;
}

/* False: audit takes no more now. */
static bool summarise_slot(struct slot *slot, bool force, gfp_t gfp)
{
	struct cw_record event;
	struct cw_owner *owner;
	bool written;
	u64 pending;

	owner = take_pending(slot, &event, &pending, force);
	if (!owner)
		return true;
	written = cw_record_summarise(&event, pending, gfp);
	settle(owner, written, 0, pending);
	cw_exe_put(event.exe);
	return written;
}

/* The pin that the overflow had is the caller's then. */
static u64 take_overflow(struct cw_owner *owner, bool force)
{
	unsigned long flags;
	u64 pending = 0;

	spin_lock_irqsave(&slot_lock, flags);
	if (owner->audit.overflow && (force || take_token(owner))) {
		pending = owner->audit.overflow;
		owner->audit.overflow = 0;
		owner->audit.pending -= pending;
		pending_total -= pending;
	}
	spin_unlock_irqrestore(&slot_lock, flags);
	return pending;
}

static bool summarise_overflow(struct cw_owner *owner, bool force, gfp_t gfp)
{
	u64 pending = take_overflow(owner, force);
	bool written;

	if (!pending)
		return true;
	written = cw_record_overflow(owner->uid, pending, gfp);
	settle(owner, written, 0, pending);
	return written;
}

/*
 * @force: without tokens and without waiting, for the module is going: with
 * auditd stopped each record could wait for minutes.
 */
static void summarise(bool force)
{
	gfp_t gfp = force ? GFP_ATOMIC | __GFP_NOWARN : GFP_KERNEL;
	struct cw_owner *owner;
	bool written = true;
	u32 index = 0, i;

	for (; written && (owner = cw_owner_next_pinned(&index)); index++) {
		written = summarise_overflow(owner, force, gfp);
		cw_owner_unpin(owner);
	}
	for (i = 0; written && i < SLOTS; i++)
		written = summarise_slot(&slots[i], force, gfp);
}

static void flush(struct work_struct *work)
{
	unsigned long flags;
	u64 pending;

	summarise(false);
	spin_lock_irqsave(&slot_lock, flags);
	release_idle(SLOTS);
	spin_unlock_irqrestore(&slot_lock, flags);
	pending = cw_audit_pending();
	if (!pending)
		return;
	pr_warn_ratelimited("%s: %llu decisions wait for the audit log\n",
			    CW_NAME, pending);
	schedule_delayed_work(&flusher, FLUSH_INTERVAL);
}

/* ---- start and end ----------------------------------------------------------- */

int cw_audit_init(void)
{
	unsigned int i;

	slots = kvcalloc(SLOTS, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	for (i = 0; i < SLOTS; i++)
		list_add_tail(&slots[i].queue, &free_slots);
	cw_fair_init(&shares, SLOTS);
	seed = get_random_u32();
	tokens = audit_burst;
	tokens_at = jiffies;
	return 0;
}

void cw_audit_exit(void)
{
	struct slot *slot, *next;

	cancel_delayed_work_sync(&flusher);
	summarise(true);
	if (cw_audit_pending())
		pr_warn("%s: %llu decisions never reached the audit log\n",
			CW_NAME, cw_audit_pending());
	list_for_each_entry_safe(slot, next, &used_slots, queue)
		release(slot);
	kvfree(slots);
}
