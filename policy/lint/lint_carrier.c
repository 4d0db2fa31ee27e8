// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: rules that allow IPv6 addresses which carry IPv4 addresses.  Rules for
 * IPv4 addresses do not stop these.
 */
#include "lint.h"

/* Prefixes whose addresses carry IPv4 addresses. */
static const struct {
	const char *prefix, *what;
} carriers[] = {
	{ "64:ff9b::/96", "NAT64" }, { "64:ff9b:1::/48", "NAT64" },
	{ "2002::/16", "6to4" }, { "2001::/32", "Teredo" },
	{ "::ffff:0:0:0/96", "SIIT" }, { "::/96", "IPv4-compatible" },
};

#define SEARCHES_MAX	1000	/* of all earlier rules */

struct carrier_lint {
	const struct cw_ruleset *ruleset;
	struct cw_diag *diag;
	u8 *is_seen;	/* by set: has been looked through */
	u32 number;	/* of the rule */
	u32 searches;
	struct {
		struct cw_dest dest;
		u32 searched;	/* rules */
		bool is_denied;	/* in part, by one of these */
	} carrier[ARRAY_SIZE(carriers)];
};

#define WARN(lint, span, ...) \
	cw_lint_say((lint)->diag, (lint)->ruleset, CW_SEVERITY_WARNING, \
		    "carrier", span, __VA_ARGS__)

static bool overlaps(const struct cw_dest *a, const struct cw_dest *b)
{
	return a->family == b->family && memcmp(a->lo, b->hi, 16) <= 0 &&
	       memcmp(b->lo, a->hi, 16) <= 0;
}

/* ::1 is IPv6's own. */
static bool is_loopback(const struct cw_dest *dest)
{
	struct cw_request request;

	cw_request_name(&request, 6, (const u8[16]){ 0 }, NULL);
	return !memcmp(dest->lo, request.addr, 16) &&
	       !memcmp(dest->hi, request.addr, 16);
}

static bool denies_part(const struct cw_ruleset *ruleset,
			const struct cw_dest *dest, u32 count,
			const struct cw_dest *of)
{
	const struct cw_set *set;

	for (; count; count--, dest++) {
		set = &ruleset->sets[dest->set];
		if (dest->kind == CW_DEST_ADDR ? overlaps(dest, of) :
		    dest->kind == CW_DEST_SET && !set->builtin &&
		    denies_part(ruleset, set->dests, set->dest_count, of))
			return true;
	}
	return false;
}

/* Does one of the rules from @first on, before this one, deny a part of it? */
static bool is_partly_denied(const struct carrier_lint *lint, u32 first,
			     const struct cw_dest *dest)
{
	const struct cw_rule *rule = lint->ruleset->rules;

	for (; first < lint->number; first++)
		if (!rule[first].allow &&
		    denies_part(lint->ruleset, rule[first].dests,
				rule[first].dest_count, dest))
			return true;
	return false;
}

/* An author who denied a part of it before the rule knows what it is. */
static bool is_known_carrier(struct carrier_lint *lint, u32 i)
{
	if (!lint->carrier[i].is_denied)
		lint->carrier[i].is_denied =
			is_partly_denied(lint, lint->carrier[i].searched,
					 &lint->carrier[i].dest);
	lint->carrier[i].searched = lint->number;
	return lint->carrier[i].is_denied;
}

/* A prefix of 96 bits that is none of the above is hardly anything else than
 * the NAT64 prefix of the site. */
static void check_carrier(struct carrier_lint *lint, const struct cw_dest *dest)
{
	const int length = cw_word_prefix_length(dest);
	u32 i;

	if (dest->family != 6 || !length || is_loopback(dest) ||
	    cw_blob_is_zero(dest->hi, 16))
		return;
	for (i = 0; i < ARRAY_SIZE(carriers); i++) {
		if (!overlaps(dest, &lint->carrier[i].dest))
			continue;
		if (!is_known_carrier(lint, i))
			WARN(lint, &dest->span, "addresses of %s (%s) carry "
			     "IPv4 addresses, which rules for IPv4 addresses "
			     "do not stop; deny what is not meant before this "
			     "rule", carriers[i].prefix, carriers[i].what);
		return;
	}
	if (length == 96 && lint->searches++ < SEARCHES_MAX &&
	    !is_partly_denied(lint, 0, dest))
		WARN(lint, &dest->span, "if this is the NAT64 prefix of the "
		     "site, it is every IPv4 address, which rules for IPv4 "
		     "addresses do not stop; deny what is not meant before "
		     "this rule");
}

/* A deny rule for more than is meant does no harm of this kind. */
static void check_carriers(struct carrier_lint *lint,
			   const struct cw_dest *dest, u32 count)
{
	const struct cw_set *set;

	for (; count; count--, dest++) {
		if (dest->kind == CW_DEST_ADDR)
			check_carrier(lint, dest);
		set = &lint->ruleset->sets[dest->set];
		if (dest->kind != CW_DEST_SET || lint->is_seen[dest->set])
			continue;
		lint->is_seen[dest->set] = 1;
		check_carriers(lint, set->dests, set->dest_count);
	}
}

bool cw_lint_carriers(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	struct carrier_lint lint = { .ruleset = ruleset, .diag = diag };
	const struct cw_rule *rule = ruleset->rules;
	char message[CW_MESSAGE_MAX];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(carriers); i++)
		cw_word_address(carriers[i].prefix, strlen(carriers[i].prefix),
				&lint.carrier[i].dest, message);
	lint.is_seen = cw_alloc(ruleset->set_count + 1);
	if (!lint.is_seen)
		return false;
	memset(lint.is_seen, 0, ruleset->set_count + 1);
	memset(lint.is_seen, 1, CW_BUILTIN_COUNT);	/* these have none */
	for (; lint.number < ruleset->rule_count; lint.number++, rule++)
		if (rule->allow)
			check_carriers(&lint, rule->dests, rule->dest_count);
	cw_free(lint.is_seen);
	return true;
}
