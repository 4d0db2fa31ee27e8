// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records in the audit log: which decisions get one, and when (record.c has the
 * text).
 *
 * A program that retries in a loop must not flood the log, nor stall on it, so
 * decisions that are alike (same executable, destination, rule and outcome)
 * share a slot: the first is written at once, repeats are only counted, and
 * the count goes out as suppressed= in a later record of that slot.  A token
 * bucket bounds the whole.  At any time
 *
 *	decisions to be logged = logged + suppressed + pending
 *
 * where suppressed is what records have said, pending what they have not yet.
 *
 * Never sleeps in a hook: GFP_ATOMIC, and audit then answers a full backlog
 * with no buffer, which is counted as unlogged and tried again from the work.
 */
#include <linux/audit.h>
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>

#include "cw.h"
#include "record.h"

static unsigned int audit_rate = 50;
module_param(audit_rate, uint, 0444);
MODULE_PARM_DESC(audit_rate, "audit records a second");

static unsigned int audit_burst = 100;
module_param(audit_burst, uint, 0444);
MODULE_PARM_DESC(audit_burst, "audit records at once");

#define SLOTS		1024	/* power of two */
#define PROBES		8	/* slots in which an event may be */
#define QUIET		(10 * HZ)	/* repeats within this only count */
#define FLUSH_INTERVAL	(2 * HZ)

/**
 * struct slot - decisions that are alike; all under slot_lock
 * @used:	holds an event
 * @written:	jiffies when a record was last written
 * @pending:	decisions since then
 */
struct slot {
	struct cw_record event;
	bool used;
	unsigned long written;
	u64 pending;
};

static DEFINE_SPINLOCK(slot_lock);
static struct slot *slots;
/* Decisions whose slot was taken by others; told without their details. */
static u64 overflow;
static u64 pending_total;
static unsigned int tokens;		/* in records */
static unsigned long tokens_at;		/* jiffies of the last refill */
static u32 seed;

static void flush(struct work_struct *work);
static DECLARE_DELAYED_WORK(flusher, flush);

/* ---- alike or not ------------------------------------------------------------ */

static bool is_alike(const struct cw_record *event,
		     const struct cw_decision *decision)
{
	const struct cw_request *a = &event->request, *b = &decision->request;

	return event->exe == decision->identity.process->exe &&
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
	return jhash_2words(decision->outcome, decision->generation, hash);
}

static void fill(struct cw_record *event, const struct cw_decision *decision)
{
	event->request = decision->request;
	event->exe = decision->identity.process->exe;
	event->generation = decision->generation;
	event->rule = decision->verdict.rule;
	event->line = cw_judge_rule_line(decision);
	event->outcome = decision->outcome;
	strscpy(event->label, cw_judge_rule_label(decision),
		sizeof(event->label));
}

/* slot_lock held.  Takes one of the records that are still allowed now. */
static bool take_token(void)
{
	unsigned long elapsed = jiffies - tokens_at;
	unsigned int fresh = min_t(u64, (u64)elapsed * audit_rate / HZ,
				   audit_burst);

	if (fresh) {
		tokens = min(tokens + fresh, audit_burst);
		tokens_at = jiffies;
	}
	if (!tokens)
		return false;
	tokens--;
	return true;
}

/* slot_lock held.  Its decisions are all told, and it is not needed to keep
 * repeats quiet any more. */
static bool is_idle(const struct slot *slot)
{
	return !slot->used || (!slot->pending &&
			       !time_before(jiffies, slot->written + QUIET));
}

static void occupy(struct slot *slot, const struct cw_decision *decision)
{
	if (slot->used)
		cw_exe_put(slot->event.exe);
	fill(&slot->event, decision);
	cw_exe_get(slot->event.exe);
	slot->used = true;
	slot->written = jiffies - QUIET;
}

/* slot_lock held.  The slot of decisions like this one; NULL = all taken. */
static struct slot *claim(const struct cw_decision *decision)
{
	u32 hash = hash_decision(decision), i;
	struct slot *slot, *idle = NULL;

	for (i = 0; i < PROBES; i++) {
		slot = &slots[(hash + i) & (SLOTS - 1)];
		if (slot->used && is_alike(&slot->event, decision))
			return slot;
		if (!idle && is_idle(slot))
			idle = slot;
	}
	if (idle)
		occupy(idle, decision);
	return idle;
}

enum admission {
	ADMIT_RECORD,
	ADMIT_COUNT,
	ADMIT_OVERFLOW,
};

/* What to do with one more decision.  *@suppressed: to be told if written. */
static enum admission admit(const struct cw_decision *decision, u64 *suppressed)
{
	enum admission what = ADMIT_RECORD;
	unsigned long flags;
	struct slot *slot;

	spin_lock_irqsave(&slot_lock, flags);
	slot = claim(decision);
	if (!slot) {
		what = ADMIT_OVERFLOW;
		overflow++;
		pending_total++;
	} else if (time_before(jiffies, slot->written + QUIET) ||
		   !take_token()) {
		what = ADMIT_COUNT;
		slot->pending++;
		pending_total++;
	} else {
		slot->written = jiffies;
		*suppressed = slot->pending;
		pending_total -= slot->pending;
		slot->pending = 0;
	}
	spin_unlock_irqrestore(&slot_lock, flags);
	return what;
}

/* A record could not be written: its decisions are still to be told. */
static void take_back(u64 decisions)
{
	unsigned long flags;

	cw_count_add(CW_COUNT_UNLOGGED, 1);
	spin_lock_irqsave(&slot_lock, flags);
	overflow += decisions;
	pending_total += decisions;
	spin_unlock_irqrestore(&slot_lock, flags);
}

void cw_audit_decision(const struct cw_decision *decision)
{
	struct cw_record event;
	u64 suppressed = 0;

	if (admit(decision, &suppressed) == ADMIT_RECORD) {
		fill(&event, decision);
		if (cw_record_write(&event, &decision->identity, suppressed)) {
			cw_count_add(CW_COUNT_LOGGED, 1);
			cw_count_add(CW_COUNT_SUPPRESSED, suppressed);
			return;
		}
		take_back(suppressed + 1);
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

/* Takes what @slot has pending, with the event to tell it by; 0 = nothing.
 * @force: without a token.  The caller puts event->exe. */
static u64 take_pending(struct slot *slot, struct cw_record *event, bool force)
{
	unsigned long flags;
	u64 pending = 0;

	spin_lock_irqsave(&slot_lock, flags);
	if (slot->pending && (force || take_token())) {
		*event = slot->event;
		cw_exe_get(event->exe);
		pending = slot->pending;
		slot->pending = 0;
		slot->written = jiffies;
		pending_total -= pending;
	}
	spin_unlock_irqrestore(&slot_lock, flags);
	return pending;
}

static u64 take_overflow(void)
{
	unsigned long flags;
	u64 pending;

	spin_lock_irqsave(&slot_lock, flags);
	pending = overflow;
	overflow = 0;
	pending_total -= pending;
	spin_unlock_irqrestore(&slot_lock, flags);
	return pending;
}

/* False: audit takes no more now. */
static bool summarise_slot(struct slot *slot, bool force, gfp_t gfp)
{
	struct cw_record event;
	u64 pending = take_pending(slot, &event, force);
	bool written = true;

	if (!pending)
		return true;
	written = cw_record_summarise(&event, pending, gfp);
	if (written)
		cw_count_add(CW_COUNT_SUPPRESSED, pending);
	else
		take_back(pending);
	cw_exe_put(event.exe);
	return written;
}

static bool summarise_overflow(gfp_t gfp)
{
	u64 pending = take_overflow();

	if (!pending)
		return true;
	if (!cw_record_overflow(pending, gfp)) {
		take_back(pending);
		return false;
	}
	cw_count_add(CW_COUNT_SUPPRESSED, pending);
	return true;
}

/*
 * @force: without tokens and without waiting, for the module is going: with
 * auditd stopped each record could wait for minutes.
 */
static void summarise(bool force)
{
	gfp_t gfp = force ? GFP_ATOMIC | __GFP_NOWARN : GFP_KERNEL;
	unsigned int i;

	if (!summarise_overflow(gfp))
		return;
	for (i = 0; i < SLOTS; i++)
		if (!summarise_slot(&slots[i], force, gfp))
			return;
}

static void flush(struct work_struct *work)
{
	u64 pending;

	summarise(false);
	pending = cw_audit_pending();
	if (!pending)
		return;
	pr_warn_ratelimited("%s: %llu decisions wait for the audit log\n",
			    CW_NAME, pending);
	schedule_delayed_work(&flusher, FLUSH_INTERVAL);
}

/* ---- administration ------------------------------------------------------------ */

static void log_admin_end(struct audit_buffer *ab, int error)
{
	audit_log_format(ab, " auid=%u ses=%u lsm=" CW_NAME " res=%d",
			 from_kuid(&init_user_ns,
				   audit_get_loginuid(current)),
			 audit_get_sessionid(current), !error);
	audit_log_end(ab);
}

void cw_audit_policy_load(u64 generation, u64 old, const struct cw_blob *blob,
			  int error)
{
	struct audit_buffer *ab;

	ab = audit_log_start(audit_context(), GFP_KERNEL,
			     AUDIT_MAC_POLICY_LOAD);
	if (!ab)
		return;
	audit_log_format(ab, "policy_gen=%llu old_gen=%llu", generation, old);
	if (blob)
		audit_log_format(ab, " rules=%u sha256=%*phN",
				 cw_blob_rules(blob), 32,
				 cw_blob_sha256(blob));
	else
		audit_log_format(ab, " errno=%d", -error);
	log_admin_end(ab, error);
}

void cw_audit_mode(enum cw_mode mode, enum cw_mode old, int error)
{
	struct audit_buffer *ab;

	ab = audit_log_start(audit_context(), GFP_KERNEL, AUDIT_MAC_STATUS);
	if (!ab)
		return;
	audit_log_format(ab,
			 "enforcing=%d old_enforcing=%d enabled=1 old-enabled=1",
			 mode == CW_MODE_ENFORCE, old == CW_MODE_ENFORCE);
	log_admin_end(ab, error);
}

void cw_audit_enabled(bool enabled)
{
	struct audit_buffer *ab;
	int enforcing = cw_store_mode() == CW_MODE_ENFORCE;

	ab = audit_log_start(audit_context(), GFP_KERNEL, AUDIT_MAC_STATUS);
	if (!ab)
		return;
	audit_log_format(ab,
			 "enforcing=%d old_enforcing=%d enabled=%d old-enabled=%d",
			 enabled ? enforcing : 0, enabled ? 0 : enforcing,
			 enabled, !enabled);
	log_admin_end(ab, 0);
}

int cw_audit_init(void)
{
	slots = kvcalloc(SLOTS, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	seed = get_random_u32();
	tokens = audit_burst;
	tokens_at = jiffies;
	return 0;
}

void cw_audit_exit(void)
{
	unsigned int i;

	cancel_delayed_work_sync(&flusher);
	summarise(true);
	if (cw_audit_pending())
		pr_warn("%s: %llu decisions never reached the audit log\n",
			CW_NAME, cw_audit_pending());
	for (i = 0; i < SLOTS; i++)
		if (slots[i].used)
			cw_exe_put(slots[i].event.exe);
	kvfree(slots);
}
