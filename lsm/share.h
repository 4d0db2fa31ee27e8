/* SPDX-License-Identifier: GPL-2.0-only */
/* What share.c and age.c do for each other. */
#ifndef CW_SHARE_H
#define CW_SHARE_H

#include "owner.h"

/* ---- share.c --------------------------------------------------------------- */

/* Gives back the credit of @stripe.  @owner is pinned, or under rcu_read_lock(). */
void cw_share_settle(struct cw_owner *owner, struct cw_stripe *stripe);
/* Tells of connections without an entry, if there are any.  @owner is pinned. */
void cw_share_say_untracked(struct cw_owner *owner);
/* Finds out who has most of those who have something to give up.  Task context. */
void cw_share_find_heaviest(void);

/* ---- age.c ----------------------------------------------------------------- */

/* Has @owner entries that are over, or flows? */
bool cw_age_has_victims(const struct cw_owner *owner);
/*
 * Frees up to @count entries of @owner that are over, or if there are none, flows
 * that are idle now; how many there were.  @in: of which direction.  Hook, under
 * rcu_read_lock(); no key's lock held.
 */
u32 cw_age_evict(struct cw_owner *owner, bool in, u32 count);

#endif
