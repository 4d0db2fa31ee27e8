// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records in the audit log of what administrators did with the module: each is
 * written, whatever the log has to take otherwise.
 *
 * audit makes whoever writes wait when its backlog is full, for a minute and
 * more.  policyd changes the mode in its loop, which must not stand still, so such
 * a record is written by a work if there is no room for it at once.
 */
#include <linux/audit.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>

#include "cw.h"

/**
 * struct admin - who did something, and with which end
 * @auid:	in the initial user namespace
 * @session:	as audit numbers it
 * @error:	0 = it was done
 */
struct admin {
	uid_t auid;
	unsigned int session;
	int error;
};

static struct admin admin_now(int error)
{
	return (struct admin) {
		.auid = from_kuid(&init_user_ns, audit_get_loginuid(current)),
		.session = audit_get_sessionid(current),
		.error = error,
	};
}

static void log_end(struct audit_buffer *ab, const struct admin *admin)
{
	audit_log_format(ab, " auid=%u ses=%u lsm=" CW_NAME " res=%d",
			 admin->auid, admin->session, !admin->error);
	audit_log_end(ab);
}

/* ---- the policy -------------------------------------------------------------- */

void cw_audit_policy_load(u64 generation, u64 old, const struct cw_blob *blob,
			  int error)
{
	const struct admin admin = admin_now(error);
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
	log_end(ab, &admin);
}

/* ---- the mode ---------------------------------------------------------------- */

/**
 * struct change - of the mode
 * @next:	in changes, oldest first
 * @admin:	the process that made the change
 * @enforcing:	the mode from then on
 * @old_enforcing: the mode before
 */
struct change {
	struct list_head next;
	struct admin admin;
	bool enforcing;
	bool old_enforcing;
};

static void write_changes(struct work_struct *work);
static DECLARE_WORK(writer, write_changes);
static DEFINE_SPINLOCK(change_lock);	/* task context only */
static LIST_HEAD(changes);

static bool write_change(const struct change *change,
			 struct audit_context *context, gfp_t gfp)
{
	struct audit_buffer *ab;

	ab = audit_log_start(context, gfp, AUDIT_MAC_STATUS);
	if (!ab)
		return false;
	audit_log_format(ab,
			 "enforcing=%d old_enforcing=%d enabled=1 old-enabled=1",
			 change->enforcing, change->old_enforcing);
	log_end(ab, &change->admin);
	return true;
}

static struct change *take_change(void)
{
	struct change *change;

	spin_lock(&change_lock);
	change = list_first_entry_or_null(&changes, struct change, next);
	if (change)
		list_del(&change->next);
	spin_unlock(&change_lock);
	return change;
}

/* Waits as long as audit makes it wait.  What audit then does not take was told to
 * it all the same, and audit counts it as lost. */
static void write_changes(struct work_struct *work)
{
	struct change *change;

	while ((change = take_change())) {
		write_change(change, NULL, GFP_KERNEL);
		kfree(change);
	}
}

/* Without memory the record waits where it is. */
static void write_later(const struct change *change)
{
	struct change *copy = kmemdup(change, sizeof(*change), GFP_KERNEL);

	if (!copy) {
		write_change(change, audit_context(), GFP_KERNEL);
		return;
	}
	spin_lock(&change_lock);
	list_add_tail(&copy->next, &changes);
	spin_unlock(&change_lock);
	queue_work(system_unbound_wq, &writer);
}

/* In order: behind those that wait already. */
void cw_audit_mode(enum cw_mode mode, enum cw_mode old, int error)
{
	const struct change change = {
		.admin = admin_now(error),
		.enforcing = mode == CW_MODE_ENFORCE,
		.old_enforcing = old == CW_MODE_ENFORCE,
	};

	if (!list_empty_careful(&changes) ||
	    !write_change(&change, audit_context(), GFP_ATOMIC | __GFP_NOWARN))
		write_later(&change);
}

/* ---- the module -------------------------------------------------------------- */

void cw_audit_enabled(bool enabled)
{
	int enforcing = cw_store_mode() == CW_MODE_ENFORCE;
	const struct admin admin = admin_now(0);
	struct audit_buffer *ab;

	ab = audit_log_start(audit_context(), GFP_KERNEL, AUDIT_MAC_STATUS);
	if (!ab)
		return;
	audit_log_format(ab,
			 "enforcing=%d old_enforcing=%d enabled=%d old-enabled=%d",
			 enabled ? enforcing : 0, enabled ? 0 : enforcing,
			 enabled, !enabled);
	log_end(ab, &admin);
}

void cw_admin_exit(void)
{
	flush_work(&writer);
}
