// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: rules that never decide, because several earlier ones together take
 * all that they say.  For one protocol after another the addresses of those
 * earlier rules are joined that are for the same program and ports.
 *
 *	deny  any to 10.0.0.0/9
 *	deny  any to 10.128.0.0/9
 *	allow /x  to 10.0.0.0/8		never decides
 */
#include "lint.h"

/* Each pair of rules is looked at: not in policies that programs write. */
#define RULES_MAX	2000
#define RANGES_MAX	10000	/* of all earlier rules for one rule */

struct together {
	struct cw_coverer *coverer;
	struct cw_array ranges;	/* of earlier rules */
	const struct cw_rule *first;	/* the first of them */
	bool is_other;		/* one of them has another effect */
	bool is_out_of_memory;
};

static bool push_ranges(struct together *all, const struct cw_cover *cover)
{
	struct cw_range *range;
	u32 i;

	for (i = 0; i < cover->ranges; i++) {
		range = cw_array_push(&all->ranges, sizeof(*range));
		if (!range)
			return false;
		*range = cover->range[i];
	}
	return true;
}

/* The rule as if it were for one protocol. */
static bool cover_one(struct together *all, const struct cw_rule *rule,
		      u32 proto, u32 slot, struct cw_cover *cover)
{
	struct cw_rule one = *rule;

	one.protos = 1 << proto;
	if (cw_cover_rule(all->coverer, &one, slot, cover))
		return true;
	all->is_out_of_memory = true;
	return false;
}

/* Adds the addresses of @outer when it takes all ports of @inner. */
static bool add(struct together *all, const struct cw_rule *outer, u32 proto,
		const struct cw_cover *inner)
{
	struct cw_cover cover, ports = *inner;

	if (!(outer->protos >> proto & 1))
		return true;
	if (!cover_one(all, outer, proto, 0, &cover))
		return false;
	ports.ranges = ports.hosts = 0;
	if (!cw_cover_contains(&cover, &ports))
		return true;
	if (!all->first)
		all->first = outer;
	if (all->ranges.count + cover.ranges > RANGES_MAX)
		return true;
	all->is_out_of_memory = !push_ranges(all, &cover);
	return !all->is_out_of_memory;
}

static bool has_same_effect(const struct cw_ruleset *ruleset,
			    const struct cw_rule *a, const struct cw_rule *b)
{
	return a->allow == b->allow && a->monitor == b->monitor &&
	       cw_rule_logs(ruleset, a) == cw_rule_logs(ruleset, b);
}

/* Do the rules before @number take all that it says of one protocol? */
static bool takes_protocol(struct together *all, u32 number, u32 proto)
{
	const struct cw_ruleset *ruleset = all->coverer->ruleset;
	const struct cw_rule *rule = &ruleset->rules[number], *outer;
	struct cw_cover inner, joined;
	u32 i;

	if (!cover_one(all, rule, proto, 1, &inner) || inner.hosts)
		return false;
	all->ranges.count = 0;
	for (i = 0; i < number; i++) {
		outer = &ruleset->rules[i];
		if (!cw_cover_subject(outer, rule))
			continue;
		if (!add(all, outer, proto, &inner))
			return false;
		all->is_other |= !has_same_effect(ruleset, outer, rule);
	}
	cw_cover_join(&all->ranges);
	joined = inner;
	joined.range = all->ranges.data;
	joined.ranges = all->ranges.count;
	return cw_cover_contains(&joined, &inner);
}

static bool is_taken(struct together *all, u32 number)
{
	const struct cw_rule *rule = &all->coverer->ruleset->rules[number];
	u32 proto;

	all->first = NULL;
	all->is_other = false;
	for (proto = 0; proto < CW_PROTO_COUNT; proto++)
		if (rule->protos >> proto & 1 &&
		    !takes_protocol(all, number, proto))
			return false;
	return all->first != NULL;
}

bool cw_lint_together(struct cw_coverer *coverer, struct cw_diag *diag,
		      const u8 *is_dead)
{
	const struct cw_ruleset *ruleset = coverer->ruleset;
	struct together all = { .coverer = coverer };
	u32 i;

	if (ruleset->rule_count > RULES_MAX)
		return true;
	for (i = 0; i < ruleset->rule_count && !all.is_out_of_memory; i++) {
		if (is_dead[i] || !is_taken(&all, i))
			continue;
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING,
			    all.is_other ? "shadowed" : "redundant",
			    &ruleset->rules[i].span, all.is_other ?
			    "the rule never decides: earlier rules together "
			    "take all that it says" : "the rule adds nothing: "
			    "earlier rules together say all of it");
		cw_diag_note(diag, ruleset, &all.first->span,
			     "the first of them");
	}
	cw_free(all.ranges.data);
	return !all.is_out_of_memory;
}
