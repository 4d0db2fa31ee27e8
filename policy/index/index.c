// SPDX-License-Identifier: GPL-2.0-only
/*
 * The index: for each subject its rules, their addresses as prefixes, and the
 * disjoint intervals that the prefixes make.
 */
#include "emit.h"

#define FOLDED_RULES	64		/* as many as are folded into others */
#define FOLDED_SPANS	64		/* addresses and ranges in them */

static const struct cw_blob_subject *subject_record(const struct cw_indexer *x,
						    u32 subject)
{
	return (const struct cw_blob_subject *)
		x->emitter->section[CW_SECTION_SUBJECT].data + subject;
}

/* How many addresses and ranges the rules of a subject name. */
static int count_spans(struct cw_indexer *x, u32 subject, u32 *count)
{
	u32 i;
	int error = 0;

	*count = 0;
	for (i = x->start[subject]; i < x->start[subject + 1] && !error; i++) {
		const struct cw_rule *rule =
			&x->emitter->ruleset->rules[x->rules[i]];
		struct cw_flat flat = { .any = false };

		error = cw_flat_dests(x->emitter, &flat, rule->dests,
				      rule->dest_count);
		*count += flat.span[CW_FAMILY_4].count +
			  flat.span[CW_FAMILY_6].count +
			  flat.span[CW_FAMILY_ZONE].count;
		cw_flat_free(&flat);
	}
	return error;
}

/* `any` without a condition, if it has few rules about few addresses. */
static int find_common(struct cw_indexer *x, u32 subjects)
{
	u32 i, spans;
	int error;

	x->common = CW_BLOB_NONE;
	x->fold_budget = x->emitter->ruleset->rule_count / 4 + (1 << 15);
	for (i = 0; i < subjects; i++) {
		const struct cw_blob_subject *s = subject_record(x, i);

		if (s->kind != CW_EXE_ANY || cw_subject_is_limited(s) ||
		    s[0].cond != s[1].cond ||
		    x->start[i + 1] - x->start[i] > FOLDED_RULES)
			continue;
		error = count_spans(x, i, &spans);
		if (error)
			return error;
		if (spans <= FOLDED_SPANS)
			x->common = i;
		x->common_spans = spans;
		break;
	}
	return 0;
}

/* A subject that is limited cannot answer for another that is not. */
static bool take_fold(struct cw_indexer *x, u32 subject)
{
	const struct cw_blob_subject *s = subject_record(x, subject);

	if (x->common == CW_BLOB_NONE || subject == x->common ||
	    cw_subject_is_limited(s) || s->kind == CW_EXE_KERNEL || x->common_spans > x->fold_budget)
		return false;
	x->fold_budget -= x->common_spans;
	return true;
}

/* The rules of @subject and those of @folds, in order. */
static int classify_all(struct cw_indexer *x, u32 subject, u32 folds)
{
	u32 i = x->start[subject], end = x->start[subject + 1];
	u32 j = 0, folds_end = 0, rule;
	int error = 0;

	if (folds != CW_BLOB_NONE) {
		j = x->start[folds];
		folds_end = x->start[folds + 1];
	}
	while ((i < end || j < folds_end) && !error) {
		if (j == folds_end || (i < end && x->rules[i] < x->rules[j]))
			rule = x->rules[i++];
		else
			rule = x->rules[j++];
		error = cw_class_add(x, subject, rule);
	}
	return error;
}

static u32 first_rule(const struct cw_indexer *x, u32 subject, u32 folds)
{
	u32 own = x->rules[x->start[subject]];

	if (folds == CW_BLOB_NONE || own < x->rules[x->start[folds]])
		return own;
	return x->rules[x->start[folds]];
}

/* The local ports of a subject; any of its rules has them. */
static int build_from(struct cw_indexer *x, u32 subject, u32 *from)
{
	const struct cw_rule *rule = &x->emitter->ruleset->rules[
		x->rules[x->start[subject]]];

	*from = CW_BLOB_PORTS_ALL;
	if (!rule->from_count)
		return 0;
	return cw_flat_ports(x->emitter, rule->froms, rule->from_count, from);
}

static int build_group(struct cw_indexer *x, u32 subject)
{
	u32 folds = take_fold(x, subject) ? x->common : CW_BLOB_NONE;
	struct cw_blob_group group = {
		.until = subject_record(x, subject)->until,
		.rule = first_rule(x, subject, folds),
		.folds = folds,
	};
	int error;

	x->prefixes[CW_FAMILY_4].count = 0;
	x->prefixes[CW_FAMILY_6].count = 0;
	x->prefixes[CW_FAMILY_ZONE].count = 0;
	x->any.count = 0;
	error = classify_all(x, subject, folds);
	if (!error)
		error = build_from(x, subject, &group.from);
	if (!error)
		error = cw_sweep_any(x, &group.any);
	if (!error)
		error = cw_sweep_family(x, CW_FAMILY_4, &group.table4);
	if (!error)
		error = cw_sweep_family(x, CW_FAMILY_6, &group.table6);
	if (!error)
		error = cw_sweep_family(x, CW_FAMILY_ZONE, &group.tablez);
	if (!error)
		error = cw_emit_add(x->emitter, CW_SECTION_GROUP, &group, 1);
	return error;
}

/* Sorts the rules by subject, in order. */
static int sort_rules(struct cw_indexer *x, u32 subjects)
{
	u32 rules = x->emitter->ruleset->rule_count, i;

	x->start = cw_alloc((subjects + 2) * sizeof(u32));
	x->rules = cw_alloc((rules + 1) * sizeof(u32));
	x->next = cw_alloc((rules + 1) * sizeof(u32));
	if (!x->start || !x->rules || !x->next)
		return -ENOMEM;
	memset(x->start, 0, (subjects + 2) * sizeof(u32));
	for (i = 0; i < rules; i++)
		x->start[cw_class_rule(x, i)->subject + 2]++;
	for (i = 2; i < subjects + 2; i++)
		x->start[i] += x->start[i - 1];
	for (i = 0; i < rules; i++)
		x->rules[x->start[cw_class_rule(x, i)->subject + 1]++] = i;
	return 0;
}

static u32 *make_classes(const struct cw_indexer *x, enum cw_section section)
{
	size_t size = (cw_emit_count(x->emitter, section) + 1) * sizeof(u32);
	u32 *out = cw_alloc(size);

	return out ? memset(out, 0xff, size) : NULL;
}

static int make_classes_by_address(struct cw_indexer *x)
{
	x->by_addr4 = make_classes(x, CW_SECTION_ADDR4);
	x->by_addr6 = make_classes(x, CW_SECTION_ADDR6);
	return x->by_addr4 && x->by_addr6 ? 0 : -ENOMEM;
}

static void indexer_free(struct cw_indexer *x)
{
	cw_free(x->by_addr4);
	cw_free(x->by_addr6);
	cw_free(x->start);
	cw_free(x->rules);
	cw_free(x->next);
	cw_intern_free(&x->by_dests);
	cw_intern_free(&x->by_classes);
	cw_array_free(&x->classes);
	cw_array_free(&x->prefixes[CW_FAMILY_4]);
	cw_array_free(&x->prefixes[CW_FAMILY_6]);
	cw_array_free(&x->prefixes[CW_FAMILY_ZONE]);
	cw_array_free(&x->any);
	cw_array_free(&x->run);
	cw_array_free(&x->run_rules);
	cw_array_free(&x->memos);
	cw_array_free(&x->memo_classes);
	cw_array_free(&x->cells);
}

int cw_index_build(struct cw_emitter *emitter)
{
	u32 subjects = cw_emit_count(emitter, CW_SECTION_SUBJECT) - 1, i;
	struct cw_indexer x = { .emitter = emitter };
	int error = cw_node_begin(emitter);

	if (!error)
		error = sort_rules(&x, subjects);
	if (!error)
		error = make_classes_by_address(&x);
	if (!error)
		error = find_common(&x, subjects);
	for (i = 0; i < subjects && !error; i++)
		error = build_group(&x, i);
	indexer_free(&x);
	return error;
}
