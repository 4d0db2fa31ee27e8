// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: rules that never decide, because one other rule takes all that they
 * say.
 */
#include "lint.h"

#define LINE_NAME	300

static bool has_same_effect(const struct cw_ruleset *ruleset,
			    const struct cw_rule *a, const struct cw_rule *b)
{
	return a->allow == b->allow && a->monitor == b->monitor &&
	       cw_rule_logs(ruleset, a) == cw_rule_logs(ruleset, b);
}

/* "line 12", or "rules.d/web.conf:12" when it is in another file. */
static void name_line(const struct cw_ruleset *ruleset,
		      const struct cw_rule *rule, const struct cw_rule *other,
		      char name[LINE_NAME])
{
	if (rule->span.file == other->span.file)
		snprintf(name, LINE_NAME, "line %u", other->span.line);
	else
		snprintf(name, LINE_NAME, "%s:%u",
			 ruleset->files[other->span.file], other->span.line);
}

static void say_covered(struct cw_filing *filing, struct cw_diag *diag,
			u32 number, u32 by)
{
	const struct cw_ruleset *ruleset = filing->ruleset;
	const struct cw_rule *rule = &ruleset->rules[number];
	const struct cw_rule *other = &ruleset->rules[by];
	char line[LINE_NAME];

	name_line(ruleset, rule, other, line);
	if (has_same_effect(ruleset, rule, other))
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "redundant",
			    &rule->span, "the rule adds nothing: %s says the "
			    "same and more", line);
	else
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "shadowed",
			    &rule->span, "the rule never decides: shadowed by "
			    "%s", line);
	cw_diag_note(diag, ruleset, &other->span, "this rule covers it");
}

/* Top down: is there an earlier rule that takes everything? */
static bool find_shadowed(struct cw_filing *filing, struct cw_diag *diag,
			  u8 *is_dead)
{
	const struct cw_ruleset *ruleset = filing->ruleset;
	u32 i, by;

	for (i = 0; i < ruleset->rule_count; i++) {
		by = cw_filing_find(filing, &ruleset->rules[i]);
		if (by == CW_FILING_NONE) {
			if (!cw_filing_add(filing, i))
				return false;
		} else {
			is_dead[i] = 1;
			say_covered(filing, diag, i, by);
		}
		if (filing->is_out_of_memory)
			return false;
	}
	return true;
}

/*
 * Bottom up, within a run of rules that all do the same, in which order does
 * not matter: is there a later rule that would do?  A label is a reason to
 * have the rule all the same.
 */
static bool find_redundant(struct cw_filing *filing, struct cw_diag *diag,
			   const u8 *is_dead)
{
	const struct cw_ruleset *ruleset = filing->ruleset;
	const struct cw_rule *rule = ruleset->rules;
	bool goes_on = false, goes_back;
	u32 i, by;

	if (!cw_filing_forget(filing))
		return false;
	for (i = ruleset->rule_count; i-- > 0; goes_on = goes_back) {
		goes_back = i && has_same_effect(ruleset, &rule[i - 1],
						 &rule[i]);
		if (!goes_on)
			filing->salt++;
		if (is_dead[i] || (!goes_on && !goes_back))
			continue;
		by = cw_filing_find(filing, &rule[i]);
		if (by != CW_FILING_NONE && !rule[i].label)
			say_covered(filing, diag, i, by);
		else if (!filing->is_out_of_memory && !cw_filing_add(filing, i))
			return false;
		if (filing->is_out_of_memory)
			return false;
	}
	return true;
}

bool cw_lint_shadows(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	u8 *is_dead = cw_alloc(ruleset->rule_count + 1);
	struct cw_filing filing;
	bool is_done;

	is_done = cw_filing_begin(&filing, ruleset) && is_dead;
	if (is_done) {
		memset(is_dead, 0, ruleset->rule_count + 1);
		is_done = find_shadowed(&filing, diag, is_dead) &&
			  cw_lint_together(&filing.coverer, diag, is_dead) &&
			  find_redundant(&filing, diag, is_dead);
	}
	cw_filing_end(&filing);
	cw_free(is_dead);
	return is_done;
}
