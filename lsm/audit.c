// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records in the audit log, in the form that ausearch and aureport read.
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
#include <linux/cred.h>
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

static unsigned int audit_rate = 50;
module_param(audit_rate, uint, 0444);
MODULE_PARM_DESC(audit_rate, "audit records a second");

static unsigned int audit_burst = 100;
module_param(audit_burst, uint, 0444);
MODULE_PARM_DESC(audit_burst, "audit records at once");

/* A record that grows past 8970 bytes loses tclass=, which comes last, and so
 * the whole event is lost to ausearch.  Bytes of path in a context, in exe=;
 * in hex they take twice as many. */
#define CONTEXT_PATH_MAX 256
#define EXE_PATH_MAX 2048

#define SLOTS		1024	/* power of two */
#define PROBES		8	/* slots in which an event may be */
#define QUIET		(10 * HZ)	/* repeats within this only count */
#define FLUSH_INTERVAL	(2 * HZ)

/**
 * struct event - what a record says about decisions that are alike
 * @exe:	reference held while in a slot
 */
struct event {
	struct cw_request request;
	struct cw_exe *exe;
	u64 generation;
	u32 rule;
	u32 line;
	u8 outcome;
	char label[CW_LABEL_MAX];
};

/**
 * struct slot - decisions that are alike; all under slot_lock
 * @used:	holds an event
 * @written:	jiffies when a record was last written
 * @pending:	decisions since then
 */
struct slot {
	struct event event;
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

static atomic64_t sequence = ATOMIC64_INIT(0);

static void flush(struct work_struct *work);
static DECLARE_DELAYED_WORK(flusher, flush);

/* ---- fields ---------------------------------------------------------------- */

static bool is_safe(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		u8 byte = text[i];

		if (byte == '"' || byte < 0x21 || byte > 0x7e)
			return false;
	}
	return true;
}

static void log_hex(struct audit_buffer *ab, const char *text, size_t length)
{
	char chunk[2 * 32 + 1];
	size_t n;

	for (; length; text += n, length -= n) {
		size_t i;

		n = min_t(size_t, length, 32);
		for (i = 0; i < n; i++)
			snprintf(chunk + 2 * i, 3, "%02X", (u8)text[i]);
		audit_log_format(ab, "%s", chunk);
	}
}

/* The kernel's own rule for untrusted strings; its helper is not exported. */
static void log_string(struct audit_buffer *ab, const char *name,
		       const char *text)
{
	size_t length = strnlen(text, EXE_PATH_MAX);

	audit_log_format(ab, " %s=", name);
	if (is_safe(text, length))
		audit_log_format(ab, "\"%.*s\"", (int)length, text);
	else
		log_hex(ab, text, length);
}

/* In a context, which ausearch compares as it stands: no quotes. */
static void log_context_path(struct audit_buffer *ab, const char *path)
{
	size_t length = min_t(size_t, strlen(path), CONTEXT_PATH_MAX);

	if (is_safe(path, length))
		audit_log_format(ab, "%.*s", (int)length, path);
	else
		log_hex(ab, path, length);
}

static const char *class_of(u8 proto)
{
	static const char * const classes[] = {
		[CW_PROTO_TCP] = "tcp_socket",
		[CW_PROTO_UDP] = "udp_socket",
		[CW_PROTO_SCTP] = "sctp_socket",
		[CW_PROTO_ICMP] = "icmp_socket",
		[CW_PROTO_RAW] = "rawip_socket",
		[CW_PROTO_PACKET] = "packet_socket",
	};

	return classes[proto];
}

static void log_destination(struct audit_buffer *ab,
			    const struct cw_request *request)
{
	if (request->family == 6)
		audit_log_format(ab, " daddr=%pI6c", request->addr);
	else if (request->family == 4)
		audit_log_format(ab, " daddr=%pI4", request->addr);
	else
		audit_log_format(ab, " daddr=?");
	audit_log_format(ab, " dest=%u", request->port);
}

static void log_rule(struct audit_buffer *ab, const struct event *event)
{
	audit_log_format(ab, " lsm=" CW_NAME);
	if (event->rule == CW_RULE_DEFAULT)
		audit_log_format(ab, " rule=default");
	else
		audit_log_format(ab, " rule=%u line=%u", event->rule,
				 event->line);
	if (event->label[0])
		log_string(ab, "label", event->label);
	audit_log_format(ab, " gen=%llu", event->generation);
}

static void log_contexts(struct audit_buffer *ab, const struct event *event)
{
	const struct cw_request *request = &event->request;

	audit_log_format(ab, " scontext=" CW_NAME ":");
	log_context_path(ab, event->exe->path);
	if (request->family == 6)
		audit_log_format(ab, " tcontext=" CW_NAME ":[%pI6c]:%u",
				 request->addr, request->port);
	else
		audit_log_format(ab, " tcontext=" CW_NAME ":%pI4:%u",
				 request->addr, request->port);
	audit_log_format(ab, " tclass=%s permissive=%d",
			 class_of(request->proto),
			 event->outcome == CW_OUTCOME_WOULD_DENY);
}

static void log_begin(struct audit_buffer *ab, const struct event *event)
{
	/* "denied" with permissive=1 is what would be denied, as SELinux says
	 * it. */
	audit_log_format(ab, "avc:  %s  { connect } for ",
			 event->outcome == CW_OUTCOME_ALLOW ? "granted" :
							      "denied");
}

static void log_end(struct audit_buffer *ab, const struct event *event,
		    u64 suppressed)
{
	log_destination(ab, &event->request);
	log_rule(ab, event);
	audit_log_format(ab, " seq=%lld suppressed=%llu",
			 atomic64_inc_return(&sequence), suppressed);
	log_contexts(ab, event);
	audit_log_end(ab);
}

/* ---- records of decisions --------------------------------------------------- */

/* The order of the fields is what ausearch's parser wants: see docs/design.md. */
static bool write_decision(const struct event *event,
			   const struct cw_identity *identity, u64 suppressed)
{
	char comm[TASK_COMM_LEN] = "kernel";
	struct audit_buffer *ab;

	/* A softirq that sends has interrupted a task which it does not act
	 * for, and which may hold the lock of its name. */
	if (identity->tgid)
		get_task_comm(comm, current);
	ab = audit_log_start(identity->tgid ? audit_context() : NULL, GFP_ATOMIC | __GFP_NOWARN,
			     AUDIT_AVC);
	if (!ab)
		return false;
	log_begin(ab, event);
	audit_log_format(ab, " pid=%d", identity->tgid);
	log_string(ab, "comm", comm);
	log_string(ab, "exe", event->exe->path);
	audit_log_format(ab, " uid=%u auid=%u ses=%u", identity->uid,
			 from_kuid(&init_user_ns,
				   audit_get_loginuid(current)),
			 audit_get_sessionid(current));
	log_end(ab, event, suppressed);
	return true;
}

/* From the work: no task to name, and it may wait for auditd. */
static bool write_summary(const struct event *event, u64 suppressed, gfp_t gfp)
{
	struct audit_buffer *ab;

	ab = audit_log_start(NULL, gfp, AUDIT_AVC);
	if (!ab)
		return false;
	log_begin(ab, event);
	audit_log_format(ab, " pid=0 comm=\"" CW_NAME "\"");
	log_string(ab, "exe", event->exe->path);
	audit_log_format(ab, " op=summary");
	log_end(ab, event, suppressed);
	return true;
}

static bool write_overflow(u64 suppressed, gfp_t gfp)
{
	struct audit_buffer *ab;

	ab = audit_log_start(NULL, gfp, AUDIT_AVC);
	if (!ab)
		return false;
	audit_log_format(ab, "avc:  denied  { connect } for  pid=0 comm=\""
			 CW_NAME "\" lsm=" CW_NAME
			 " op=overflow seq=%lld suppressed=%llu scontext="
			 CW_NAME ":summary tcontext=" CW_NAME
			 ":summary tclass=tcp_socket permissive=0",
			 atomic64_inc_return(&sequence), suppressed);
	audit_log_end(ab);
	return true;
}

/* ---- alike or not ------------------------------------------------------------ */

static bool is_alike(const struct event *event,
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

static void fill(struct event *event, const struct cw_decision *decision)
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
	struct event event;
	u64 suppressed = 0;

	if (admit(decision, &suppressed) == ADMIT_RECORD) {
		fill(&event, decision);
		if (write_decision(&event, &decision->identity, suppressed)) {
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
static u64 take_pending(struct slot *slot, struct event *event, bool force)
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
	struct event event;
	u64 pending = take_pending(slot, &event, force);
	bool written = true;

	if (!pending)
		return true;
	written = write_summary(&event, pending, gfp);
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
	if (!write_overflow(pending, gfp)) {
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
