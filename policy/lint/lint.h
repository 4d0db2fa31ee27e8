/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the lint's files share: which requests a rule is about, as ranges that
 * can be compared.
 */
#ifndef CW_LINT_H
#define CW_LINT_H

#include "policy/text/passes.h"

typedef unsigned __int128 u128;

/* Addresses lo..hi of one family, both included. */
struct cw_range {
	u128 lo, hi;
	u32 family;	/* 4 or 6; 0 = what has no address */
	const char *zone;	/* kept string; NULL = of every one */
};

struct cw_port_range {
	u16 lo, hi;
};

/*
 * What a rule's right-hand side covers.  Ranges and ports are sorted and do
 * not touch; borrowed until the next cw_cover_rule() with the same slot.
 */
struct cw_cover {
	const struct cw_range *range;
	const struct cw_port_range *port;
	const struct cw_port_range *from;	/* the socket's own */
	char *const *host;	/* kept strings, not sorted */
	u32 ranges, ports, froms, hosts;
	u8 protos;
};

struct cw_coverer {
	const struct cw_ruleset *ruleset;
	struct cw_set_cover *sets;	/* by set, filled when first asked */
	struct {
		struct cw_array ranges, ports, froms, hosts;
	} slot[2];
};

/* False = no memory. */
bool cw_cover_begin(struct cw_coverer *coverer,
		    const struct cw_ruleset *ruleset);
void cw_cover_end(struct cw_coverer *coverer);
bool cw_cover_rule(struct cw_coverer *coverer, const struct cw_rule *rule,
		   u32 slot, struct cw_cover *cover);
/* Does @outer hold all that @inner holds? */
bool cw_cover_contains(const struct cw_cover *outer,
		       const struct cw_cover *inner);
/* Zero: of one family and zone, so that their addresses can be compared. */
int cw_cover_compare(const struct cw_range *a, const struct cw_range *b);
void cw_cover_range(const struct cw_dest *dest, struct cw_range *range);

/* Sorts ranges (struct cw_range), and joins what overlaps or touches. */
void cw_cover_join(struct cw_array *ranges);

/* Does every text that matches @inner match @outer?  May say no wrongly when
 * both have wildcards, never yes. */
bool cw_cover_glob(const char *outer, const char *inner);
/* Does every process that meets @inner meet @outer? */
bool cw_cover_cond(const struct cw_cond *outer, const struct cw_cond *inner);
bool cw_cover_subject(const struct cw_rule *outer, const struct cw_rule *inner);

/*
 * Left-hand sides as keys (form.c).
 *
 * A pattern may cover any text, so patterns are filed by kind alone; a cgroup
 * covers what is below it and is filed like a pattern.
 */
bool cw_form_is_pattern(const struct cw_cond *cond);
u64 cw_form_pattern(enum cw_cond_kind kind);
/* @kind: a parent may be asked for as an ancestor. */
u64 cw_form_text(const struct cw_cond *cond, enum cw_cond_kind kind);
/*
 * Which conditions a left-hand side has: for each kind 1 = a text, 2 = a
 * pattern in two bits; ancestors are counted, as there may be several.
 */
#define CW_FORM_ANCESTOR_TEXT		(1ull << 32)
#define CW_FORM_ANCESTOR_PATTERN	(1ull << 36)
u64 cw_form_cond(const struct cw_cond *cond);
bool cw_form_is_same(const struct cw_rule *a, const struct cw_rule *b);

/* How a range and its ports are filed; prefix lengths of both. */
struct cw_place {
	u128 prefix;
	u32 family, length;	/* of the range; 1 = host name */
	u32 block, block_length;
};

/* Rules filed so that one which covers another is found (filing.c). */
struct cw_filing {
	const struct cw_ruleset *ruleset;
	struct cw_coverer coverer;
	struct cw_array subjects, shapes, entries, globs, forms;
	struct cw_map signatures;	/* -> subject + 1 */
	struct cw_map places;		/* -> entry + 1 */
	struct cw_map directories;	/* -> glob + 1 */
	u64 salt;			/* another salt = nothing filed yet */
	bool is_out_of_memory;
	/* The rule being looked for, and what was found. */
	const struct cw_rule *rule;
	struct cw_cover cover;
	struct cw_place place;
	u32 found;
};

#define CW_FILING_NONE	0xffffffffu

bool cw_filing_begin(struct cw_filing *filing,
		     const struct cw_ruleset *ruleset);
void cw_filing_end(struct cw_filing *filing);
/* Nothing is filed any more. */
bool cw_filing_forget(struct cw_filing *filing);
/* The lowest rule filed that covers @rule; NONE = there is none. */
u32 cw_filing_find(struct cw_filing *filing, const struct cw_rule *rule);
/* Files rule @number, the one that was looked for last. */
bool cw_filing_add(struct cw_filing *filing, u32 number);

/* The name of a program for which @rule is and that does for anyone what it is
 * told, NULL = it is for none. */
const char *cw_lint_tool(const struct cw_rule *rule);
/* Warns about what whoever starts a program can bring about by himself. */
void cw_lint_trust(const struct cw_ruleset *ruleset, const struct cw_rule *rule,
		   struct cw_diag *diag);
/* The parts of cw_ruleset_lint(); false = no memory. */
bool cw_lint_together(struct cw_coverer *coverer, struct cw_diag *diag,
		      const u8 *is_dead);
bool cw_lint_shadows(const struct cw_ruleset *ruleset, struct cw_diag *diag);
bool cw_lint_rules(const struct cw_ruleset *ruleset, struct cw_diag *diag);
bool cw_lint_wide(const struct cw_ruleset *ruleset, struct cw_diag *diag);
bool cw_lint_carriers(const struct cw_ruleset *ruleset, struct cw_diag *diag);
bool cw_lint_never(const struct cw_ruleset *ruleset, struct cw_diag *diag);
void cw_lint_empty(const struct cw_ruleset *ruleset, struct cw_diag *diag);
bool cw_lint_host(const struct cw_ruleset *ruleset, struct cw_diag *diag);
/* Where cw_lint_host() looks for systemd, control groups and the kernel; for
 * tests.  @root is borrowed; "" = this host. */
void cw_lint_set_root(const char *root);

void cw_lint_places(const struct cw_ruleset *ruleset, struct cw_diag *diag);
/* Does every process meet @cond? */
bool cw_lint_narrows_nothing(const struct cw_cond *cond);

void cw_lint_say(struct cw_diag *diag, const struct cw_ruleset *ruleset,
		 enum cw_severity severity, const char *check,
		 const struct cw_span *span, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

#endif
