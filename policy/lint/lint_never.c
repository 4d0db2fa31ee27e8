// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: rules that cannot hold as they are written, seen from the text alone:
 * what nobody can ask for, what no door of the kernel sees, and words that
 * mean something else than they look like.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "lint.h"

#define BY_HAND	16	/* elements of a list that a person writes */

struct never_lint {
	const struct cw_ruleset *ruleset;
	struct cw_diag *diag;
	struct cw_coverer coverer;
};

static void __attribute__((format(printf, 5, 6)))
say(struct never_lint *lint, enum cw_severity severity, const char *check,
    const struct cw_span *span, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cw_diag_vadd(lint->diag, lint->ruleset, severity, span, format, args);
	va_end(args);
	cw_diag_tag(lint->diag, check);
}

#define WARN(lint, check, ...) \
	say(lint, CW_SEVERITY_WARNING, check, __VA_ARGS__)
#define NOTE(lint, check, ...) \
	say(lint, CW_SEVERITY_NOTE, check, __VA_ARGS__)

/* ---- addresses ---------------------------------------------------------- */

/* Is the address that is judged when this one is named another one? */
static bool check_unspecified(struct never_lint *lint,
			      const struct cw_dest *dest)
{
	const u8 family = dest->family;
	char text[INET6_ADDRSTRLEN];
	struct cw_request request;

	if (memcmp(dest->lo, dest->hi, 16))
		return false;
	cw_request_name(&request, family, dest->lo, NULL);
	if (request.family == family &&
	    !memcmp(request.addr, dest->lo, family == 4 ? 4 : 16))
		return false;
	inet_ntop(family == 4 ? AF_INET : AF_INET6, dest->lo, text,
		  sizeof(text));
	WARN(lint, "never", &dest->span, "%s never matches: the kernel takes "
	     "it to mean this host, write @loopback%s", text,
	     family == 4 ? ", or 0.0.0.0/0 for every IPv4 address" :
			   ", or ::/0 for every IPv6 address");
	return true;
}

/* 10.0.0.0 and 2001:db8:: are hardly ever meant as one address. */
static void check_network(struct never_lint *lint, const struct cw_dest *dest)
{
	static const u8 zero[8];

	if (memcmp(dest->lo, dest->hi, 16))
		return;
	if (dest->family == 4 && !dest->lo[3] && dest->lo[0])
		WARN(lint, "network", &dest->span, "this is one address; for "
		     "a network write its length, as in /24");
	if (dest->family == 6 && !memcmp(dest->lo + 8, zero, 8) &&
	    memcmp(dest->lo, zero, 8))
		WARN(lint, "network", &dest->span, "this is one address; for "
		     "a network write its length, as in /64");
}

/* Long lists come from a program, and have single addresses of every kind. */
static void check_dests(struct never_lint *lint, const struct cw_dest *dest,
			u32 count)
{
	const bool is_long = count > BY_HAND;

	for (; count; count--, dest++)
		if (dest->kind == CW_DEST_ADDR &&
		    !check_unspecified(lint, dest) && !is_long)
			check_network(lint, dest);
}

/* TCP and SCTP connect to one host. */
static bool is_for_many(const struct cw_range *range)
{
	const u128 broadcast = 0xffffffff, multicast6 = (u128)0xff << 120;

	if (range->family == 4)
		return (range->lo >= 0xe0000000 && range->hi <= 0xefffffff) ||
		       (range->lo == broadcast && range->hi == broadcast);
	return range->family == 6 && range->lo >= multicast6;
}

static bool check_multicast(struct never_lint *lint, const struct cw_rule *rule)
{
	const u8 streams = 1 << CW_PROTO_TCP | 1 << CW_PROTO_SCTP;
	struct cw_cover cover;
	u32 i;

	if (rule->protos & ~streams)
		return true;
	if (!cw_cover_rule(&lint->coverer, rule, 0, &cover))
		return false;
	for (i = 0; i < cover.ranges; i++)
		if (!is_for_many(&cover.range[i]))
			return true;
	if (cover.ranges && !cover.hosts)
		WARN(lint, "never", &rule->span, "the rule never matches: TCP "
		     "and SCTP do not connect to multicast or broadcast "
		     "addresses");
	return true;
}

/* ---- ports -------------------------------------------------------------- */

static void check_ports(struct never_lint *lint, const struct cw_port *port,
			u32 count)
{
	for (; count; count--, port++) {
		if (port->is_set)
			continue;
		if (!port->hi)
			WARN(lint, "never", &port->span, "port 0 is no port "
			     "that programs talk to; for every port leave out "
			     "'port'");
		else if (port->lo <= 1 && port->hi == 65535)
			WARN(lint, "ports", &port->span, "this is every port; "
			     "leave out 'port' (and name protocols by 'proto') "
			     "to say so");
	}
}

/* ---- the kernel's own sockets ------------------------------------------- */

/*
 * Doors see what is sent through a socket.  Tunnels of the kernel (WireGuard,
 * VXLAN, GENEVE, GTP, FOU, ESP in UDP) give their packets to the IP layer, and
 * its ICMP, IGMP and neighbour discovery answers are made there.
 */
static void check_kernel(struct never_lint *lint, const struct cw_rule *rule)
{
	const u8 seen = 1 << CW_PROTO_TCP | 1 << CW_PROTO_SCTP;

	if (rule->exe_kind != CW_EXE_KERNEL || !(rule->protos & ~seen))
		return;
	if (!(rule->protos & seen))
		WARN(lint, "unseen", &rule->span, "the rule does not hold for "
		     "tunnels (WireGuard, VXLAN, ...) nor for ICMP, IGMP and "
		     "neighbour discovery: the kernel sends these without a "
		     "socket's send; use a packet filter");
	else if ((rule->port_count || rule->from_count) &&
		 rule->protos >> CW_PROTO_UDP & 1)
		WARN(lint, "unseen", &rule->span, "of UDP the rule does not "
		     "hold for tunnels (WireGuard, VXLAN, ...), which the "
		     "kernel sends without a socket's send; name 'proto tcp', "
		     "and use a packet filter for tunnels");
	else if (!rule->allow)
		NOTE(lint, "unseen", &rule->span, "the rule does not hold for "
		     "packets of tunnels (WireGuard, VXLAN, ...)");
}

/* ---- paths and conditions ----------------------------------------------- */

static void check_path(struct never_lint *lint, const char *path,
		       const struct cw_span *span)
{
	static const char *const places[] = { "/proc/", "/sys/" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		if (!strncmp(path, places[i], strlen(places[i])))
			WARN(lint, "never", span, "no program lies in %s",
			     places[i]);
	if (cw_ends_with(path, " (deleted)"))
		WARN(lint, "never", span, "never matches: '(deleted)' is not "
		     "part of the path, and a deleted program matches no path");
	if (strpbrk(path, "[]{}|^$"))
		WARN(lint, "literal", span, "brackets, braces, '|', '^' and "
		     "'$' stand for themselves; wildcards are *, ** and ?");
	else if (strstr(path, "/.*"))
		NOTE(lint, "literal", span, "'.*' is a dot and any text, so "
		     "it matches hidden files only");
}

static void check_conds(struct never_lint *lint, const struct cw_rule *rule)
{
	const struct cw_cond *cond = rule->conds;
	u32 i;

	for (i = 0; i < rule->cond_count; i++, cond++) {
		if (cond->kind == CW_COND_SCRIPT ||
		    cond->kind == CW_COND_PARENT ||
		    cond->kind == CW_COND_ANCESTOR)
			check_path(lint, cond->text, &cond->span);
		if (cw_lint_narrows_nothing(cond))
			WARN(lint, "always", &cond->span, "the condition holds "
			     "for nearly every process");
		if (cond->kind == CW_COND_SHA256 && !rule->allow)
			WARN(lint, "evaded", &cond->span, "a changed copy has "
			     "another digest, so that the rule no longer "
			     "denies it; deny the path");
	}
}

static void check_options(struct never_lint *lint, const struct cw_rule *rule)
{
	if (rule->allow && rule->monitor)
		WARN(lint, "monitor", &rule->span, "'monitor' changes nothing: "
		     "what the rule allows is not denied anyway");
}

/* ---- the whole ---------------------------------------------------------- */

static bool check_rule(struct never_lint *lint, const struct cw_rule *rule)
{
	struct cw_span span = rule->span;

	if (rule->exe_column) {
		span.column = rule->exe_column;
		span.length = rule->exe_length;
	}
	if (rule->exe)
		check_path(lint, rule->exe, &span);
	check_conds(lint, rule);
	check_options(lint, rule);
	check_kernel(lint, rule);
	check_dests(lint, rule->dests, rule->dest_count);
	check_ports(lint, rule->ports, rule->port_count);
	return check_multicast(lint, rule);
}

bool cw_lint_never(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	struct never_lint lint = { .ruleset = ruleset, .diag = diag };
	const struct cw_set *set = ruleset->sets;
	bool is_done = cw_cover_begin(&lint.coverer, ruleset);
	u32 i;

	for (i = CW_BUILTIN_COUNT; is_done && i < ruleset->set_count; i++) {
		check_dests(&lint, set[i].dests, set[i].dest_count);
		check_ports(&lint, set[i].ports, set[i].port_count);
	}
	for (i = 0; is_done && i < ruleset->rule_count; i++)
		is_done = check_rule(&lint, &ruleset->rules[i]);
	cw_cover_end(&lint.coverer);
	return is_done;
}

static bool has_rule(const struct cw_ruleset *ruleset, bool allow)
{
	u32 i;

	for (i = 0; i < ruleset->rule_count; i++)
		if (ruleset->rules[i].allow == allow ||
		    (allow && ruleset->rules[i].monitor))
			return true;
	return false;
}

/* A file that was forgotten, or cut off, is a policy too. */
void cw_lint_empty(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	const struct cw_span whole = { .file = 0 };

	if (ruleset->default_allow ? has_rule(ruleset, false) :
				     has_rule(ruleset, true))
		return;
	if (ruleset->default_allow)
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "empty", &whole,
			    "no rule denies anything and the default is to "
			    "allow: every connection is allowed");
	else
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "empty", &whole,
			    "no rule allows anything and the default is to "
			    "deny: every connection is denied");
}
