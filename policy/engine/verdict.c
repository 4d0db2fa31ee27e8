// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verdicts that no answer of the index gives: the default one, and those for
 * processes of which too much or too little is known.  They are rare, so the
 * way of a decision (match.c) goes without their code.
 */
#include "engine.h"

/* The kernel's own sockets are never denied by default. */
struct cw_verdict cw_verdict_default(const struct cw_blob *blob,
				     const struct cw_ident *ident)
{
	struct cw_verdict verdict = {
		.rule = CW_RULE_DEFAULT,
		.allow = blob->header->default_allow ||
			 ident->flags & CW_IDENT_KERNEL,
	};

	verdict.log = cw_log_has(blob->header->log, verdict.allow);
	return verdict;
}

struct cw_verdict cw_verdict_refusal(const struct cw_blob *blob)
{
	return (struct cw_verdict) {
		.rule = CW_RULE_DEFAULT,
		.log = cw_log_has(blob->header->log, false),
	};
}

/* That of a rule that denies; its flags are not in an answer here. */
static struct cw_verdict veiled_verdict(const struct cw_blob *blob, u32 number)
{
	const struct cw_blob_rule *rule = blob->section[CW_SECTION_RULE];

	return (struct cw_verdict) {
		.rule = number,
		.log = rule[number].flags & CW_BLOB_RULE_LOGS,
	};
}

struct cw_verdict cw_verdict_strictest(const struct cw_blob *blob,
				       const struct cw_ident *ident,
				       struct cw_verdict verdict)
{
	struct cw_verdict otherwise = cw_verdict_default(blob, ident);
	u32 veiled = blob->veiled[!!(ident->flags & CW_IDENT_ABSENT)];

	if (!cw_verdict_passes(&verdict))
		return verdict;
	if (!otherwise.allow)
		return otherwise;
	return veiled < verdict.rule ? veiled_verdict(blob, veiled) : verdict;
}
