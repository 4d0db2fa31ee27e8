/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of one record of decisions, for audit.c alone. */
#ifndef CW_RECORD_H
#define CW_RECORD_H

#include "cw.h"

/**
 * struct cw_record - what a record says about decisions that are alike
 * @request:	the question
 * @exe:	reference held while in a slot
 * @generation:	of the policy that decided
 * @rule:	the rule that decided, or CW_RULE_DEFAULT
 * @line:	of the rule in its file; 0 = none
 * @owner:	uid of the owner who is held responsible
 * @outcome:	enum cw_outcome
 * @label:	of the rule; "" = none
 */
struct cw_record {
	struct cw_request request;
	struct cw_exe *exe;
	u64 generation;
	u32 rule;
	u32 line;
	uid_t owner;
	u8 outcome;
	char label[CW_LABEL_MAX];
};

/* Each returns false when audit gives no buffer; nothing is written then.
 * @suppressed: decisions that this record tells beside its own. */

/**
 * cw_record_write() - write one decision, from the hook that made it
 *
 * Context: any; does not sleep.
 */
bool cw_record_write(const struct cw_record *event,
		     const struct cw_identity *identity, u64 suppressed);
/**
 * cw_record_summarise() - write decisions that were only counted so far
 *
 * Context: process; sleeps for auditd if @gfp allows it.
 */
bool cw_record_summarise(const struct cw_record *event, u64 suppressed,
			 gfp_t gfp);
/* The same for decisions whose details are gone. */
bool cw_record_overflow(uid_t owner, u64 suppressed, gfp_t gfp);

#endif
