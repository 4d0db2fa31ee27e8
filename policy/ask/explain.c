// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict on one request found the slow and plain way, rule after rule,
 * with the reason why each rule that came close does not decide.  Must agree
 * with cw_match(), and is tested against it.
 */
#include "policy/text/passes.h"

/* One rule against one request. */
struct trial {
	const struct cw_ruleset *ruleset;
	const struct cw_ident *ident;
	const struct cw_request *request;
	const struct cw_rule *rule;
	u32 misses;	/* mask of 1 << enum cw_miss */
	u32 cond;	/* the first condition that fails */
	u32 score;
};

/* ---- the request -------------------------------------------------------- */

static bool dests_match(const struct trial *trial, const struct cw_dest *dest,
			u32 count)
{
	const struct cw_request *request = trial->request;
	const struct cw_set *set;
	u32 size = request->family == 4 ? 4 : 16;

	for (; count; count--, dest++) {
		switch (dest->kind) {
		case CW_DEST_ANY:
			return true;
		case CW_DEST_ADDR:
			if (dest->family == request->family &&
			    memcmp(dest->lo, request->addr, size) <= 0 &&
			    memcmp(dest->hi, request->addr, size) >= 0 &&
			    (!dest->zone || (request->zone &&
			     !strcmp(dest->zone, request->zone))))
				return true;
			break;
		case CW_DEST_SET:
			set = &trial->ruleset->sets[dest->set];
			if (dests_match(trial, set->dests, set->dest_count))
				return true;
			break;
		case CW_DEST_HOST:
			break;
		}
	}
	return false;
}

static bool ports_match(const struct trial *trial, const struct cw_port *port,
			u32 count, u16 wanted)
{
	const struct cw_set *set;

	for (; count; count--, port++) {
		if (port->is_set) {
			set = &trial->ruleset->sets[port->set];
			if (ports_match(trial, set->ports, set->port_count,
					wanted))
				return true;
		} else if (port->lo <= wanted && port->hi >= wanted) {
			return true;
		}
	}
	return false;
}

/* ---- rules that came close ---------------------------------------------- */

static bool meets(const struct trial *trial, const struct cw_cond *cond)
{
	return cw_subject_meets(trial->ident, &(struct cw_subject_cond){
		.kind = cond->kind, .id = cond->id, .text = cond->text,
		.digest = cond->digest, .target = cond->target,
		.of_any = trial->rule->exe_kind == CW_EXE_ANY,
	});
}

/* A copy or a namesake of the program that a rule names. */
static bool has_same_name(const struct trial *trial)
{
	const char *exe = trial->ident->exe, *rule = trial->rule->exe;

	return exe && rule && strrchr(exe, '/') && strrchr(rule, '/') &&
	       !strcmp(strrchr(exe, '/'), strrchr(rule, '/'));
}

static void miss(struct trial *trial, enum cw_miss what)
{
	trial->misses |= 1u << what;
}

static void try_subject(struct trial *trial)
{
	const struct cw_rule *rule = trial->rule;
	u32 i;

	if (!cw_subject_runs(trial->ident, rule->exe_kind, rule->exe)) {
		miss(trial, CW_MISS_EXE);
		trial->score += has_same_name(trial) ? 4 : 0;
	} else if (rule->exe_kind != CW_EXE_ANY) {
		trial->score += rule->exe_kind == CW_EXE_GLOB ? 4 : 5;
	}
	for (i = 0; i < rule->cond_count; i++) {
		if (meets(trial, &rule->conds[i])) {
			trial->score++;
			continue;
		}
		/* Two conditions that fail are not close. */
		if (trial->misses & (1u << CW_MISS_COND))
			miss(trial, CW_MISS_LATER);
		else
			trial->cond = i;
		miss(trial, CW_MISS_COND);
	}
}

static void try_request(struct trial *trial)
{
	const struct cw_request *request = trial->request;
	const struct cw_rule *rule = trial->rule;

	if (!dests_match(trial, rule->dests, rule->dest_count))
		miss(trial, CW_MISS_DEST);
	else if (rule->dests[0].kind != CW_DEST_ANY)
		trial->score += 3;
	if (request->proto >= CW_PROTO_COUNT ||
	    !(rule->protos >> request->proto & 1))
		miss(trial, CW_MISS_PROTO);
	if (rule->port_count) {
		if (!ports_match(trial, rule->ports, rule->port_count,
				 request->port))
			miss(trial, CW_MISS_PORT);
		else
			trial->score += 2;
	}
	if (rule->from_count) {
		if (!ports_match(trial, rule->froms, rule->from_count,
				 request->from))
			miss(trial, CW_MISS_FROM);
		else
			trial->score += 2;
	}
	if (rule->until && request->now >= rule->until)
		miss(trial, CW_MISS_EXPIRED);
}

static void try_rule(struct trial *trial, u32 number)
{
	trial->rule = &trial->ruleset->rules[number];
	trial->misses = trial->cond = trial->score = 0;
	try_subject(trial);
	try_request(trial);
}

static void keep_near(struct cw_explanation *out, const struct cw_near *near)
{
	u32 at = out->near_count;

	while (at && out->near[at - 1].score < near->score)
		at--;
	if (at == CW_NEAR_MAX)
		return;
	if (out->near_count < CW_NEAR_MAX)
		out->near_count++;
	memmove(&out->near[at + 1], &out->near[at],
		(out->near_count - at - 1) * sizeof(*near));
	out->near[at] = *near;
}

/* All but one thing fits, and what fits is more than `any`. */
static void keep_if_close(struct trial *trial, u32 number,
			  struct cw_explanation *out)
{
	struct cw_near near = {
		.rule = number, .cond = trial->cond, .score = trial->score,
	};

	if (!trial->misses || trial->misses & (trial->misses - 1) ||
	    trial->score < 3)
		return;
	near.miss = __builtin_ctz(trial->misses);
	keep_near(out, &near);
}

/* ---- the verdict -------------------------------------------------------- */

static void decide(const struct trial *trial, u32 number,
		   struct cw_verdict *verdict)
{
	const struct cw_rule *rule = trial->rule;

	verdict->rule = number;
	verdict->allow = rule->allow;
	verdict->monitor = rule->monitor;
	verdict->log = cw_rule_logs(trial->ruleset, rule);
}

/* The kernel's own sockets are never denied by default. */
static void decide_default(const struct trial *trial,
			   struct cw_verdict *verdict)
{
	const struct cw_ruleset *ruleset = trial->ruleset;

	verdict->rule = CW_RULE_DEFAULT;
	verdict->allow = ruleset->default_allow ||
			 trial->ident->flags & CW_IDENT_KERNEL;
	verdict->monitor = false;
	verdict->log = cw_log_has(ruleset->log, verdict->allow);
}

/* The first later rule that would decide otherwise: what the order hides. */
static void find_hidden(struct trial *trial, u32 number,
			struct cw_explanation *out)
{
	const struct cw_rule *rule = trial->ruleset->rules;
	struct cw_near near = { .miss = CW_MISS_LATER, .score = UINT32_MAX };

	for (near.rule = number + 1; near.rule < trial->ruleset->rule_count;
	     near.rule++) {
		if (rule[near.rule].allow == rule[number].allow &&
		    rule[near.rule].monitor == rule[number].monitor)
			continue;
		try_rule(trial, near.rule);
		if (trial->misses)
			continue;
		keep_near(out, &near);
		return;
	}
}

static bool is_veiled(const struct trial *trial)
{
	bool absent = trial->ident->flags & CW_IDENT_ABSENT;
	const struct cw_rule *rule = trial->rule;
	u32 i;

	for (i = 0; i < rule->cond_count; i++)
		if (cw_cond_is_veiled(rule->conds[i].kind, absent))
			return true;
	return cw_exe_is_veiled(rule->exe_kind);
}

/* An unknown process may be what an earlier rule denies.  True: @verdict is
 * another one now. */
static bool be_strict(struct trial *trial, struct cw_verdict *verdict)
{
	const struct cw_ruleset *ruleset = trial->ruleset;
	u32 i;

	if (!cw_verdict_passes(verdict))
		return false;
	if (!ruleset->default_allow) {
		decide_default(trial, verdict);
		return true;
	}
	for (i = 0; i < ruleset->rule_count && i < verdict->rule; i++) {
		trial->rule = &ruleset->rules[i];
		if (trial->rule->allow || trial->rule->monitor ||
		    !is_veiled(trial))
			continue;
		decide(trial, i, verdict);
		return true;
	}
	return false;
}

static void find_verdict(struct trial *trial, struct cw_explanation *out)
{
	u32 i;

	for (i = 0; i < trial->ruleset->rule_count; i++) {
		try_rule(trial, i);
		if (!trial->misses) {
			decide(trial, i, &out->verdict);
			find_hidden(trial, i, out);
			return;
		}
		keep_if_close(trial, i, out);
	}
	decide_default(trial, &out->verdict);
}

static void explain_one(const struct cw_ruleset *ruleset,
			const struct cw_ident *ident,
			const struct cw_request *request,
			struct cw_explanation *out)
{
	struct trial trial = {
		.ruleset = ruleset, .ident = ident, .request = request,
	};

	memset(out, 0, sizeof(*out));
	find_verdict(&trial, out);
	if (cw_ident_is_unknown(ident))
		out->is_strict = be_strict(&trial, &out->verdict);
}

void cw_ruleset_explain(const struct cw_ruleset *ruleset,
			const struct cw_ident *ident,
			const struct cw_request *request,
			struct cw_explanation *out)
{
	struct cw_explanation about_inner;
	struct cw_request inner;

	explain_one(ruleset, ident, request, out);
	if (!cw_request_inner(request, &inner))
		return;
	explain_one(ruleset, ident, &inner, &about_inner);
	if (!cw_verdict_is_stricter(&about_inner.verdict, &out->verdict))
		return;
	*out = about_inner;
	out->is_of_inner = true;
	memcpy(out->inner, inner.addr, sizeof(out->inner));
}
