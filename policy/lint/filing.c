// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds a rule that covers another, among millions.
 *
 * A rule is filed under its left-hand side and, for each of its addresses,
 * under the smallest prefix and the smallest block of ports around it.  What
 * covers a rule is filed under prefixes and blocks around those of the rule,
 * so a few look-ups find it.  Look-ups only propose; whether a rule really
 * covers another is decided on the whole of both.
 */
#include "lint.h"

#define RANGES_FILED	64	/* rules with more: searched one by one */
#define WIDE_MAX	256	/* of those, for one left-hand side */
#define CHAIN_MAX	1024	/* candidates looked at under one key */
#define GLOBS_MAX	1024	/* patterns looked at for one directory */
#define FORMS_MAX	256	/* combinations of conditions */
#define PLACES_AT_ONCE	32	/* fetches under way */
#define GLOB_SEEN	(~0ull)	/* in place of conditions, among the places */
#define NONE		CW_FILING_NONE

/* A kind of place under which a subject has filed rules. */
struct shape {
	u32 next;
	u8 family, length, block_length;
};

struct subject {
	u32 rule;	/* a rule with this left-hand side */
	u32 next;	/* subject with the same signature */
	u32 shapes;	/* first, NONE = no more */
	u32 wide;	/* first entry of rules with many ranges */
	u32 wide_count;
};

struct entry {
	u32 rule;
	u32 next;
};

struct glob {
	const char *text;
	u32 next;	/* pattern with the same directory */
};

/* ---- places ------------------------------------------------------------- */

static u32 common_bits(u128 lo, u128 hi, u32 bits)
{
	u128 differ = (lo ^ hi) << (128 - bits);

	if (!differ)
		return bits;
	if (differ >> 64)
		return __builtin_clzll(differ >> 64);
	return 64 + __builtin_clzll((u64)differ);
}

static u128 prefix_of(u128 address, u32 length, u32 bits)
{
	return length ? address >> (bits - length) : 0;
}

static void place_ports(const struct cw_cover *cover, struct cw_place *place)
{
	u32 lo = cover->port[0].lo, hi = cover->port[cover->ports - 1].hi;

	place->block_length = common_bits(lo, hi, 16);
	place->block = prefix_of(lo, place->block_length, 16);
}

static void place_range(const struct cw_cover *cover,
			const struct cw_range *range, struct cw_place *place)
{
	u32 bits = range->family == 4 ? 32 : 128;

	place->family = range->family;
	place->length = common_bits(range->lo, range->hi, bits);
	place->prefix = prefix_of(range->lo, place->length, bits);
	place_ports(cover, place);
}

/* Names are kept strings: equal when the pointers are. */
static void place_host(const struct cw_cover *cover, const char *name,
		       struct cw_place *place)
{
	place->family = 1;
	place->length = 0;
	place->prefix = (uintptr_t)name;
	place_ports(cover, place);
}

static u64 place_key(const struct cw_filing *filing, u32 subject,
		     const struct cw_place *place)
{
	u64 key = cw_map_mix(filing->salt, subject);

	key = cw_map_mix(key, (u64)place->prefix);
	key = cw_map_mix(key, (u64)(place->prefix >> 64));
	key = cw_map_mix(key, place->family << 24 | place->length << 16 |
			 place->block_length << 8);
	return cw_map_mix(key, place->block) | 1;
}

/* ---- signatures of left-hand sides -------------------------------------- */

static u64 exe_key(enum cw_exe_kind kind, const char *exe)
{
	if (kind == CW_EXE_ANY || kind == CW_EXE_KERNEL)
		return kind + 1;
	return cw_map_hash(exe, strlen(exe));
}

/* A sum, so that the order of conditions does not matter. */
static u64 signature(const struct cw_filing *filing, u64 exe, u64 conds)
{
	return cw_map_mix(cw_map_mix(filing->salt, exe), conds) | 1;
}

/* ---- looking up --------------------------------------------------------- */

static void try_rule(struct cw_filing *filing, u32 candidate)
{
	const struct cw_rule *rule = &filing->ruleset->rules[candidate];
	struct cw_cover cover;

	if (filing->found != NONE && filing->found <= candidate)
		return;
	if (!cw_cover_subject(rule, filing->rule))
		return;
	if (!cw_cover_rule(&filing->coverer, rule, 1, &cover))
		filing->is_out_of_memory = true;
	else if (cw_cover_contains(&cover, &filing->cover))
		filing->found = candidate;
}

static void try_chain(struct cw_filing *filing, u32 at)
{
	const struct entry *entry = filing->entries.data;
	u32 left = CHAIN_MAX;

	for (; at != NONE && left--; at = entry[at].next)
		try_rule(filing, entry[at].rule);
}

/* The place around the rule's own that has the given shape; false = none. */
static bool widen(const struct cw_place *place, const struct shape *shape,
		  struct cw_place *wider)
{
	if (shape->family != place->family || shape->length > place->length ||
	    shape->block_length > place->block_length)
		return false;
	*wider = *place;
	wider->length = shape->length;
	wider->block_length = shape->block_length;
	if (place->family != 1)
		wider->prefix = shape->length ? place->prefix >>
				(place->length - shape->length) : 0;
	wider->block = place->block >> (place->block_length -
					shape->block_length);
	return true;
}

/* A host is also in `any`, whose ranges are filed at the top. */
static bool shape_key(const struct cw_filing *filing, u32 subject,
		      const struct shape *shape, u64 *key)
{
	struct cw_place wider, top = filing->place;

	if (top.family == 1 && shape->family == 4 && !shape->length) {
		top.family = 4;
		top.prefix = 0;
	}
	if (!widen(&top, shape, &wider))
		return false;
	*key = place_key(filing, subject, &wider);
	return true;
}

static void try_places(struct cw_filing *filing, const u64 *key, u32 count)
{
	const u64 *entry;

	for (; count; count--, key++) {
		entry = cw_map_get(&filing->places, *key);
		if (entry)
			try_chain(filing, *entry - 1);
	}
}

/*
 * A place is asked for in every shape, and with a million rules each answer
 * is somewhere else in memory: all are fetched before the first is needed.
 */
static void try_shapes(struct cw_filing *filing, u32 subject, u32 at)
{
	const struct shape *shape = filing->shapes.data;
	u64 key[PLACES_AT_ONCE];
	u32 count = 0;

	for (; at != NONE; at = shape[at].next) {
		if (!shape_key(filing, subject, &shape[at], &key[count]) ||
		    !cw_map_may_have(&filing->places, key[count]) ||
		    ++count < PLACES_AT_ONCE)
			continue;
		try_places(filing, key, count);
		count = 0;
	}
	try_places(filing, key, count);
}

static void try_signature(struct cw_filing *filing, u64 key)
{
	const struct subject *subject = filing->subjects.data;
	const u64 *first = cw_map_get(&filing->signatures, key);
	u32 at = first ? *first - 1 : NONE, left = CHAIN_MAX;

	for (; at != NONE && left--; at = subject[at].next) {
		try_shapes(filing, at, subject[at].shapes);
		try_chain(filing, subject[at].wide);
	}
}

/* Every choice of @left texts among the ancestors of the rule. */
static void try_ancestors(struct cw_filing *filing, u64 exe, u32 at, u32 left,
			  u64 conds)
{
	const struct cw_cond *cond = filing->rule->conds;

	if (!left) {
		try_signature(filing, signature(filing, exe, conds));
		return;
	}
	for (; at < filing->rule->cond_count; at++) {
		if ((cond[at].kind != CW_COND_ANCESTOR &&
		     cond[at].kind != CW_COND_PARENT) ||
		    cw_form_is_pattern(&cond[at]))
			continue;
		try_ancestors(filing, exe, at + 1, left - 1, conds +
			      cw_form_text(&cond[at], CW_COND_ANCESTOR));
	}
}

/* Left-hand sides of this form that the rule's own may imply. */
static void try_form(struct cw_filing *filing, u64 exe, u64 form)
{
	const struct cw_cond *cond = filing->rule->conds;
	u64 conds = (form / CW_FORM_ANCESTOR_PATTERN & 15) *
		    cw_form_pattern(CW_COND_ANCESTOR);
	u32 i, wanted;

	for (i = 0; i < filing->rule->cond_count; i++) {
		if (cond[i].kind == CW_COND_ANCESTOR)
			continue;
		wanted = form >> 2 * cond[i].kind & 3;
		form &= ~(3ull << 2 * cond[i].kind);
		if (wanted == 1 && cw_form_is_pattern(&cond[i]))
			return;
		if (wanted)
			conds += wanted == 1 ?
				 cw_form_text(&cond[i], cond[i].kind) :
				 cw_form_pattern(cond[i].kind);
	}
	if (!(u32)form)
		try_ancestors(filing, exe, 0, form / CW_FORM_ANCESTOR_TEXT & 15,
			      conds);
}

static void try_forms(struct cw_filing *filing, u64 exe)
{
	const u64 *form = filing->forms.data;
	u32 i;

	for (i = 0; i < filing->forms.count; i++)
		try_form(filing, exe, form[i]);
}

static u64 directory_key(const struct cw_filing *filing, const char *path,
			 size_t size)
{
	return cw_map_mix(cw_map_hash(path, size), filing->salt) | 1;
}

static void try_globs(struct cw_filing *filing, const char *path, size_t size)
{
	const struct glob *glob = filing->globs.data;
	const u64 *first = cw_map_get(&filing->directories,
				      directory_key(filing, path, size));
	u32 at = first ? *first - 1 : NONE, left = GLOBS_MAX;

	for (; at != NONE && left--; at = glob[at].next)
		if (strcmp(glob[at].text, path) &&
		    cw_cover_glob(glob[at].text, path))
			try_forms(filing, exe_key(CW_EXE_GLOB, glob[at].text));
}

u32 cw_filing_find(struct cw_filing *filing, const struct cw_rule *rule)
{
	size_t at;

	filing->rule = rule;
	filing->found = NONE;
	if (!cw_cover_rule(&filing->coverer, rule, 0, &filing->cover)) {
		filing->is_out_of_memory = true;
		return NONE;
	}
	if (filing->cover.ranges)
		place_range(&filing->cover, filing->cover.range,
			    &filing->place);
	else
		place_host(&filing->cover, filing->cover.host[0],
			   &filing->place);
	try_forms(filing, exe_key(rule->exe_kind, rule->exe));
	if (!rule->exe)
		return filing->found;
	try_forms(filing, exe_key(CW_EXE_ANY, NULL));
	for (at = 0; rule->exe[at] && !strchr("*?", rule->exe[at]); at++)
		if (rule->exe[at] == '/')
			try_globs(filing, rule->exe, at + 1);
	return filing->found;
}

/* ---- filing ------------------------------------------------------------- */

static bool file_glob(struct cw_filing *filing, const char *text)
{
	size_t size = strcspn(text, "*?");
	struct glob *glob;
	u64 *first, *seen;

	seen = cw_map_put(&filing->places, signature(filing,
			  exe_key(CW_EXE_GLOB, text), GLOB_SEEN));
	if (!seen || *seen)
		return seen;
	*seen = 1;
	while (size && text[size - 1] != '/')
		size--;
	first = cw_map_put(&filing->directories,
			   directory_key(filing, text, size));
	glob = first ? cw_array_push(&filing->globs, sizeof(*glob)) : NULL;
	if (!glob)
		return false;
	glob->text = text;
	glob->next = *first ? *first - 1 : NONE;
	*first = filing->globs.count;
	return true;
}

static bool file_form(struct cw_filing *filing, u64 form)
{
	u64 *known = filing->forms.data;
	u32 i;

	for (i = 0; i < filing->forms.count; i++)
		if (known[i] == form)
			return true;
	if (i == FORMS_MAX)
		return true;
	known = cw_array_push(&filing->forms, sizeof(*known));
	if (known)
		*known = form;
	return known;
}

/* The subject of a rule, new or known; NONE = no memory. */
static u32 file_subject(struct cw_filing *filing, u32 number)
{
	const struct cw_rule *rule = &filing->ruleset->rules[number];
	struct subject *subject = filing->subjects.data;
	u64 conds = 0, form = 0, *first;
	u32 at;

	for (at = 0; at < rule->cond_count; at++) {
		form += cw_form_cond(&rule->conds[at]);
		conds += cw_form_is_pattern(&rule->conds[at]) ?
			 cw_form_pattern(rule->conds[at].kind) :
			 cw_form_text(&rule->conds[at], rule->conds[at].kind);
	}
	first = cw_map_put(&filing->signatures, signature(filing,
			   exe_key(rule->exe_kind, rule->exe), conds));
	if (!first)
		return NONE;
	for (at = *first ? *first - 1 : NONE; at != NONE; at = subject[at].next)
		if (cw_form_is_same(&filing->ruleset->rules[subject[at].rule],
				    rule))
			return at;
	if ((rule->exe_kind == CW_EXE_GLOB && !file_glob(filing, rule->exe)) ||
	    !file_form(filing, form))
		return NONE;
	subject = cw_array_push(&filing->subjects, sizeof(*subject));
	if (!subject)
		return NONE;
	*subject = (struct subject){
		.rule = number, .next = *first ? *first - 1 : NONE,
		.shapes = NONE, .wide = NONE,
	};
	*first = filing->subjects.count;
	return filing->subjects.count - 1;
}

static bool file_shape(struct cw_filing *filing, u32 number,
		       const struct cw_place *place)
{
	struct subject *subject = filing->subjects.data;
	struct shape *shape = filing->shapes.data;
	u32 at;

	for (at = subject[number].shapes; at != NONE; at = shape[at].next)
		if (shape[at].family == place->family &&
		    shape[at].length == place->length &&
		    shape[at].block_length == place->block_length)
			return true;
	shape = cw_array_push(&filing->shapes, sizeof(*shape));
	if (!shape)
		return false;
	*shape = (struct shape){
		.next = subject[number].shapes, .family = place->family,
		.length = place->length, .block_length = place->block_length,
	};
	subject[number].shapes = filing->shapes.count - 1;
	return true;
}

static bool file_place(struct cw_filing *filing, u32 subject, u32 rule,
		       const struct cw_place *place)
{
	struct entry *entry;
	u64 *first;

	first = cw_map_put(&filing->places, place_key(filing, subject, place));
	entry = first ? cw_array_push(&filing->entries, sizeof(*entry)) : NULL;
	if (!entry || !file_shape(filing, subject, place))
		return false;
	entry->rule = rule;
	entry->next = *first ? *first - 1 : NONE;
	*first = filing->entries.count;
	return true;
}

static bool file_wide(struct cw_filing *filing, u32 number, u32 rule)
{
	struct subject *subject = (struct subject *)filing->subjects.data +
				  number;
	struct entry *entry;

	if (subject->wide_count++ >= WIDE_MAX)
		return true;
	entry = cw_array_push(&filing->entries, sizeof(*entry));
	if (!entry)
		return false;
	entry->rule = rule;
	entry->next = subject->wide;
	subject->wide = filing->entries.count - 1;
	return true;
}

bool cw_filing_add(struct cw_filing *filing, u32 rule)
{
	const struct cw_cover *cover = &filing->cover;
	u32 subject = file_subject(filing, rule), i;
	struct cw_place place;

	if (subject == NONE)
		return false;
	if (cover->ranges + cover->hosts > RANGES_FILED)
		return file_wide(filing, subject, rule);
	for (i = 0; i < cover->ranges; i++) {
		place_range(cover, &cover->range[i], &place);
		if (!file_place(filing, subject, rule, &place))
			return false;
	}
	for (i = 0; i < cover->hosts; i++) {
		place_host(cover, cover->host[i], &place);
		if (!file_place(filing, subject, rule, &place))
			return false;
	}
	return true;
}

bool cw_filing_begin(struct cw_filing *filing,
		     const struct cw_ruleset *ruleset)
{
	memset(filing, 0, sizeof(*filing));
	filing->ruleset = ruleset;
	return cw_cover_begin(&filing->coverer, ruleset) &&
	       cw_map_reserve(&filing->places, ruleset->rule_count);
}

static void empty(struct cw_filing *filing)
{
	cw_map_free(&filing->signatures);
	cw_map_free(&filing->places);
	cw_map_free(&filing->directories);
	filing->subjects.count = filing->shapes.count = 0;
	filing->entries.count = filing->globs.count = filing->forms.count = 0;
}

bool cw_filing_forget(struct cw_filing *filing)
{
	empty(filing);
	return cw_map_reserve(&filing->places, filing->ruleset->rule_count);
}

void cw_filing_end(struct cw_filing *filing)
{
	empty(filing);
	cw_cover_end(&filing->coverer);
	cw_free(filing->subjects.data);
	cw_free(filing->shapes.data);
	cw_free(filing->entries.data);
	cw_free(filing->globs.data);
	cw_free(filing->forms.data);
}
