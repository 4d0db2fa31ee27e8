// SPDX-License-Identifier: GPL-2.0-only
/*
 * Left-hand sides as keys: what can be looked up of them, and what two have in
 * common.
 */
#include "lint.h"

bool cw_form_is_pattern(const struct cw_cond *cond)
{
	if (cond->kind == CW_COND_USER || cond->kind == CW_COND_GROUP ||
	    cond->kind == CW_COND_SHA256 || cond->kind == CW_COND_CLEAN_ENV)
		return false;
	return cond->kind == CW_COND_CGROUP || strpbrk(cond->text, "*?");
}

u64 cw_form_pattern(enum cw_cond_kind kind)
{
	return cw_map_mix(0, kind + 1);
}

u64 cw_form_text(const struct cw_cond *cond, enum cw_cond_kind kind)
{
	u64 value;

	if (cond->kind == CW_COND_USER || cond->kind == CW_COND_GROUP)
		value = cond->id;
	else if (cond->kind == CW_COND_SHA256)
		value = cw_map_hash(cond->digest, 32);
	else if (cond->kind == CW_COND_CLEAN_ENV)
		value = 0;
	else
		value = cw_map_hash(cond->text, strlen(cond->text));
	return cw_map_mix(value, kind + 1);
}

u64 cw_form_cond(const struct cw_cond *cond)
{
	if (cond->kind == CW_COND_ANCESTOR)
		return cw_form_is_pattern(cond) ? CW_FORM_ANCESTOR_PATTERN :
						  CW_FORM_ANCESTOR_TEXT;
	return (cw_form_is_pattern(cond) ? 2ull : 1ull) << 2 * cond->kind;
}

static bool is_same_cond(const struct cw_cond *a, const struct cw_cond *b)
{
	return a->kind == b->kind && a->id == b->id &&
	       !memcmp(a->digest, b->digest, 32) &&
	       (a->text && b->text && a->kind != CW_COND_USER &&
		a->kind != CW_COND_GROUP ? !strcmp(a->text, b->text) : true) &&
	       (a->target && b->target ? !strcmp(a->target, b->target) :
					 a->target == b->target);
}

bool cw_form_is_same(const struct cw_rule *a, const struct cw_rule *b)
{
	u32 i;

	if (a->exe_kind != b->exe_kind || a->cond_count != b->cond_count ||
	    (a->exe && strcmp(a->exe, b->exe)))
		return false;
	for (i = 0; i < a->cond_count; i++)
		if (!is_same_cond(&a->conds[i], &b->conds[i]))
			return false;
	return true;
}
