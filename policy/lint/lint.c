// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: warnings about rules that are right but probably not meant, seen from
 * the text alone.  What is too wide and what never matches have files of their
 * own.
 */
#include <stdlib.h>

#include "lint.h"

void cw_lint_say(struct cw_diag *diag, const struct cw_ruleset *ruleset,
		 enum cw_severity severity, const char *check,
		 const struct cw_span *span, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cw_diag_vadd(diag, ruleset, severity, span, format, args);
	va_end(args);
	cw_diag_tag(diag, check);
}

/* ---- lists -------------------------------------------------------------- */

#define SET_RANGES_MAX	4096	/* larger sets are not looked through */

struct item {
	struct cw_range range;
	const struct cw_span *span;
	bool of_set;	/* part of a set: covers others, is not reported */
};

/* Wider ones first, so that what is covered comes after what covers it. */
static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	int order = cw_cover_compare(&x->range, &y->range);

	if (order)
		return order;
	if (x->range.lo != y->range.lo)
		return x->range.lo < y->range.lo ? -1 : 1;
	if (x->range.hi != y->range.hi)
		return x->range.hi > y->range.hi ? -1 : 1;
	if (x->of_set != y->of_set)
		return x->of_set ? -1 : 1;
	return x->span < y->span ? -1 : x->span > y->span;
}

static void say_repeated(const struct cw_ruleset *ruleset, struct item *item,
			 u32 count, struct cw_diag *diag)
{
	u32 i, widest = 0;

	qsort(item, count, sizeof(*item), compare_items);
	for (i = 1; i < count; i++) {
		if (cw_cover_compare(&item[i].range, &item[widest].range) ||
		    item[i].range.hi > item[widest].range.hi) {
			widest = i;
			continue;
		}
		if (item[i].of_set)
			continue;
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "repeated",
			    item[i].span, "another element of the list has "
			    "this already");
		cw_diag_note(diag, ruleset, item[widest].span,
			     "this element covers it");
	}
}

static bool push_item(struct cw_array *items, const struct cw_range *range,
		      const struct cw_span *span, bool of_set)
{
	struct item *item = cw_array_push(items, sizeof(*item));

	if (item)
		*item = (struct item){ *range, span, of_set };
	return item;
}

/* What a set in the list has, so that it can cover single addresses. */
static bool push_set(struct cw_coverer *coverer, struct cw_array *items,
		     const struct cw_dest *dest)
{
	const struct cw_rule only = {
		.dests = (struct cw_dest *)dest, .dest_count = 1,
	};
	struct cw_cover cover;
	u32 i;

	if (!cw_cover_rule(coverer, &only, 0, &cover))
		return false;
	if (cover.ranges > SET_RANGES_MAX)
		return true;
	for (i = 0; i < cover.ranges; i++)
		if (!push_item(items, &cover.range[i], &dest->span, true))
			return false;
	return true;
}

static void check_same_set(const struct cw_ruleset *ruleset,
			   const struct cw_dest *dest, u32 index,
			   struct cw_diag *diag)
{
	u32 i;

	for (i = 0; i < index && i < 1000; i++)
		if (dest[i].kind == CW_DEST_SET && dest[i].set ==
		    dest[index].set) {
			cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING,
				    "repeated", &dest[index].span, "another "
				    "element of the list has this already");
			return;
		}
}

static bool check_dests(struct cw_coverer *coverer, const struct cw_dest *dest,
			u32 count, struct cw_diag *diag)
{
	const struct cw_ruleset *ruleset = coverer->ruleset;
	struct cw_array items = { 0 };
	struct cw_range range;
	bool is_done = true;
	u32 i;

	for (i = 0; count > 1 && is_done && i < count; i++) {
		if (dest[i].kind == CW_DEST_ANY)
			cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING,
				    "repeated", &dest[i].span, "'any' makes "
				    "the rest of the list pointless");
		if (dest[i].kind == CW_DEST_SET) {
			check_same_set(ruleset, dest, i, diag);
			is_done = push_set(coverer, &items, &dest[i]);
		}
		if (dest[i].kind != CW_DEST_ADDR)
			continue;
		cw_cover_range(&dest[i], &range);
		is_done = push_item(&items, &range, &dest[i].span, false);
	}
	if (is_done && items.count)
		say_repeated(ruleset, items.data, items.count, diag);
	cw_free(items.data);
	return is_done;
}

static bool check_ports(const struct cw_ruleset *ruleset,
			const struct cw_port *port, u32 count,
			struct cw_diag *diag)
{
	struct item *item;
	u32 i, used = 0;

	if (count < 2)
		return true;
	item = cw_alloc(count * sizeof(*item));
	if (!item)
		return false;
	for (i = 0; i < count; i++) {
		if (port[i].is_set)
			continue;
		item[used++] = (struct item){
			.range = { .lo = port[i].lo, .hi = port[i].hi },
			.span = &port[i].span,
		};
	}
	say_repeated(ruleset, item, used, diag);
	cw_free(item);
	return true;
}

/* ---- the rest ----------------------------------------------------------- */

/* AF_PACKET sends frames, not to an address: only `any` can match. */
static void check_packet(const struct cw_ruleset *ruleset,
			 const struct cw_rule *rule, struct cw_diag *diag)
{
	u32 i;

	if (!rule->protos_given || !(rule->protos >> CW_PROTO_PACKET & 1))
		return;
	for (i = 0; i < rule->dest_count; i++)
		if (rule->dests[i].kind == CW_DEST_ANY)
			return;
	cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "packet", &rule->span,
		    "packet sockets send to no IP address; only 'to any' "
		    "matches them");
}

static void mark_used(const struct cw_dest *dest, u32 dests,
		      const struct cw_port *port, u32 ports, u8 *is_used)
{
	for (; dests; dests--, dest++)
		if (dest->kind == CW_DEST_SET)
			is_used[dest->set] = 1;
	for (; ports; ports--, port++)
		if (port->is_set)
			is_used[port->set] = 1;
}

static bool check_unused(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	u8 *is_used = cw_alloc(ruleset->set_count + 1);
	const struct cw_rule *rule = ruleset->rules;
	const struct cw_set *set = ruleset->sets;
	u32 i;

	if (!is_used)
		return false;
	memset(is_used, 0, ruleset->set_count + 1);
	for (i = 0; i < ruleset->rule_count; i++) {
		mark_used(rule[i].dests, rule[i].dest_count, rule[i].ports,
			  rule[i].port_count, is_used);
		mark_used(NULL, 0, rule[i].froms, rule[i].from_count, is_used);
	}
	for (i = ruleset->set_count; i-- > 0;)
		if (is_used[i])
			mark_used(set[i].dests, set[i].dest_count, set[i].ports,
				  set[i].port_count, is_used);
	for (i = 0; i < ruleset->set_count; i++)
		if (!is_used[i] && !set[i].builtin)
			cw_lint_say(diag, ruleset, CW_SEVERITY_NOTE, "unused",
				    &set[i].span, "set @%s is not used",
				    set[i].name);
	cw_free(is_used);
	return true;
}

static bool check_lists(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	const struct cw_rule *rule = ruleset->rules;
	const struct cw_set *set = ruleset->sets;
	struct cw_coverer coverer;
	bool is_done = cw_cover_begin(&coverer, ruleset);
	u32 i;

	for (i = CW_BUILTIN_COUNT; is_done && i < ruleset->set_count; i++)
		is_done = check_dests(&coverer, set[i].dests,
				      set[i].dest_count, diag) &&
			  check_ports(ruleset, set[i].ports,
				      set[i].port_count, diag);
	for (i = 0; is_done && i < ruleset->rule_count; i++)
		is_done = check_dests(&coverer, rule[i].dests,
				      rule[i].dest_count, diag) &&
			  check_ports(ruleset, rule[i].ports,
				      rule[i].port_count, diag) &&
			  check_ports(ruleset, rule[i].froms,
				      rule[i].from_count, diag);
	cw_cover_end(&coverer);
	return is_done;
}

bool cw_lint_rules(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	u32 i;

	for (i = 0; i < ruleset->rule_count; i++) {
		check_packet(ruleset, &ruleset->rules[i], diag);
		cw_lint_trust(ruleset, &ruleset->rules[i], diag);
	}
	cw_lint_empty(ruleset, diag);
	cw_lint_places(ruleset, diag);
	return check_lists(ruleset, diag) && cw_lint_wide(ruleset, diag) &&
	       cw_lint_never(ruleset, diag) &&
	       cw_lint_carriers(ruleset, diag) && check_unused(ruleset, diag) &&
	       cw_lint_shadows(ruleset, diag);
}

void cw_ruleset_lint(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	if (!cw_lint_rules(ruleset, diag) || !cw_lint_host(ruleset, diag))
		cw_diag_nomem(diag);
}
