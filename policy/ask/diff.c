// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two policies compared by statements.  A statement is its canonical text; the
 * order of rules decides, so a rule that only changed places is a difference.
 */
#include <stdlib.h>

#include "policy/text/passes.h"

#define NONE	0xffffffffu

/* The statements of one kind of one policy. */
struct side {
	const struct cw_ruleset *ruleset;
	char *text;	/* all of them, one after another, with NUL */
	size_t size;
	size_t *at;	/* by statement: its text */
	u32 *index;	/* by statement: the set or rule */
	u32 *twin;	/* by statement: the equal one on the other side */
	u8 *is_kept;	/* by statement: in the same order as its twin */
	u32 count;
	bool of_sets;
};

enum change {
	REMOVED,
	ADDED,
	MOVED,
};

struct report {
	FILE *out;
	bool is_json;
	long changes;
};

/* ---- statements --------------------------------------------------------- */

static void print_statement(const struct side *side, u32 number, FILE *out)
{
	const struct cw_ruleset *ruleset = side->ruleset;

	number = side->index[number];
	if (side->of_sets)
		cw_set_print(ruleset, &ruleset->sets[number], out);
	else
		cw_rule_print(ruleset, &ruleset->rules[number], out);
}

static const struct cw_span *statement_span(const struct side *side, u32 number)
{
	number = side->index[number];
	return side->of_sets ? &side->ruleset->sets[number].span :
			       &side->ruleset->rules[number].span;
}

static int print_side(struct side *side)
{
	FILE *memory = open_memstream(&side->text, &side->size);
	u32 i;

	if (!memory)
		return -ENOMEM;
	for (i = 0; i < side->count; i++) {
		side->at[i] = ftell(memory);
		print_statement(side, i, memory);
		fputc(0, memory);
	}
	return fclose(memory) ? -ENOMEM : 0;
}

/* Built-in sets are the same everywhere. */
static void list_statements(struct side *side)
{
	const struct cw_ruleset *ruleset = side->ruleset;
	u32 all = side->of_sets ? ruleset->set_count : ruleset->rule_count, i;

	for (i = 0; i < all; i++)
		if (!side->of_sets || !ruleset->sets[i].builtin)
			side->index[side->count++] = i;
}

static int open_side(struct side *side, const struct cw_ruleset *ruleset,
		     bool of_sets)
{
	u32 all = of_sets ? ruleset->set_count : ruleset->rule_count;

	memset(side, 0, sizeof(*side));
	side->ruleset = ruleset;
	side->of_sets = of_sets;
	side->at = cw_alloc(all * sizeof(*side->at));
	side->index = cw_alloc(all * sizeof(*side->index));
	side->twin = cw_alloc(all * sizeof(*side->twin));
	side->is_kept = cw_alloc(all);
	if (!side->at || !side->index || !side->twin || !side->is_kept)
		return -ENOMEM;
	memset(side->twin, 0xff, all * sizeof(*side->twin));
	memset(side->is_kept, 0, all);
	list_statements(side);
	return print_side(side);
}

static void close_side(struct side *side)
{
	free(side->text);
	cw_free(side->at);
	cw_free(side->index);
	cw_free(side->twin);
	cw_free(side->is_kept);
}

static const char *statement(const struct side *side, u32 number)
{
	return side->text + side->at[number];
}

/* ---- twins -------------------------------------------------------------- */

/* Where the queue of this text is; another key when the hash is taken by
 * another text.  NULL = no memory. */
static u64 *find_queue(struct cw_map *map, const struct side *old,
		       const char *text)
{
	u64 key = cw_map_hash(text, strlen(text)) | 1;
	u64 *slot;

	for (;; key += 2) {
		slot = cw_map_put(map, key ? key : 1);
		if (!slot || !*slot)
			return slot;
		if (!strcmp(statement(old, (u32)*slot - 1), text))
			return slot;
	}
}

/*
 * Pairs the nth statement with a text with the nth with that text on the other
 * side.  A slot holds the queue's first statement + 1; @next chains it, and
 * the first one's @tail is its last.
 */
static int pair(struct side *old, struct side *new, struct cw_map *map,
		u32 *next, u32 *tail, u32 *head)
{
	u32 i, first;
	u64 *slot;

	for (i = 0; i < old->count; i++) {
		slot = find_queue(map, old, statement(old, i));
		if (!slot)
			return -ENOMEM;
		next[i] = NONE;
		first = *slot ? (u32)*slot - 1 : i;
		if (*slot)
			next[tail[first]] = i;
		else
			head[i] = i;
		*slot = first + 1;
		tail[first] = i;
	}
	for (i = 0; i < new->count; i++) {
		slot = find_queue(map, old, statement(new, i));
		if (!slot)
			return -ENOMEM;
		if (!*slot || head[*slot - 1] == NONE)
			continue;
		first = (u32)*slot - 1;
		new->twin[i] = head[first];
		old->twin[head[first]] = i;
		head[first] = next[head[first]];
	}
	return 0;
}

static int find_twins(struct side *old, struct side *new)
{
	u32 *links = cw_alloc(((size_t)old->count * 3 + 1) * sizeof(*links));
	struct cw_map map = { 0 };
	int error = -ENOMEM;

	if (links)
		error = pair(old, new, &map, links, links + old->count,
			     links + 2 * (size_t)old->count);
	cw_map_free(&map);
	cw_free(links);
	return error;
}

/*
 * The longest run of twins in the same order on both sides (patience sorting):
 * what is not in it has moved.
 */
static int keep_order(struct side *old, struct side *new)
{
	u32 *pile = cw_alloc(((size_t)new->count * 2 + 1) * sizeof(*pile));
	u32 *before, piles = 0, lo, hi, middle, i;

	if (!pile)
		return -ENOMEM;
	before = pile + new->count;
	for (i = 0; i < new->count; i++) {
		if (new->twin[i] == NONE)
			continue;
		for (lo = 0, hi = piles; lo < hi;) {
			middle = (lo + hi) / 2;
			if (new->twin[pile[middle]] < new->twin[i])
				lo = middle + 1;
			else
				hi = middle;
		}
		before[i] = lo ? pile[lo - 1] : NONE;
		pile[lo] = i;
		if (lo == piles)
			piles++;
	}
	for (i = piles ? pile[piles - 1] : NONE; i != NONE; i = before[i])
		new->is_kept[i] = old->is_kept[new->twin[i]] = 1;
	cw_free(pile);
	return 0;
}

/* ---- report ------------------------------------------------------------- */

static void print_place(const struct side *side, u32 number, FILE *out)
{
	const struct cw_span *span = statement_span(side, number);

	if (span->file < side->ruleset->file_count)
		fprintf(out, "%s:%u: ", side->ruleset->files[span->file],
			span->line);
}

static void print_place_json(const char *name, const struct side *side,
			     u32 number, FILE *out)
{
	const struct cw_span *span = statement_span(side, number);

	fprintf(out, ",\"%s\":{\"index\":%u", name, number);
	if (span->file < side->ruleset->file_count) {
		fputs(",\"file\":", out);
		cw_json_string(out, side->ruleset->files[span->file]);
		fprintf(out, ",\"line\":%u", span->line);
	}
	fputc('}', out);
}

static void say(struct report *report, enum change change,
		const struct side *side, u32 number, const struct side *other)
{
	static const char *const name[] = { "removed", "added", "moved" };
	FILE *out = report->out;

	report->changes++;
	if (!report->is_json) {
		fprintf(out, "%c ", "-+~"[change]);
		print_place(side, number, out);
		fprintf(out, "%s\n", statement(side, number));
		return;
	}
	fprintf(out, "{\"change\":\"%s\",\"kind\":\"%s\",\"text\":",
		name[change], side->of_sets ? "set" : "rule");
	cw_json_string(out, statement(side, number));
	if (change != ADDED)
		print_place_json("old", change == MOVED ? other : side,
				 change == MOVED ? side->twin[number] : number,
				 out);
	if (change != REMOVED)
		print_place_json("new", side, number, out);
	fputs("}\n", out);
}

/* Both sides from the top, in step at each statement that was kept. */
static void walk(struct report *report, const struct side *old,
		 const struct side *new)
{
	u32 i = 0, j = 0;

	while (i < old->count || j < new->count) {
		for (; i < old->count && !old->is_kept[i]; i++)
			if (old->twin[i] == NONE)
				say(report, REMOVED, old, i, new);
		for (; j < new->count && !new->is_kept[j]; j++)
			say(report, new->twin[j] == NONE ? ADDED : MOVED, new,
			    j, old);
		i++;
		j++;
	}
}

static int compare(struct report *report, const struct cw_ruleset *old_rules,
		   const struct cw_ruleset *new_rules, bool of_sets)
{
	struct side old, new;
	int error = open_side(&old, old_rules, of_sets);

	if (open_side(&new, new_rules, of_sets))
		error = -ENOMEM;
	if (!error)
		error = find_twins(&old, &new);
	if (!error)
		error = keep_order(&old, &new);
	if (!error)
		walk(report, &old, &new);
	close_side(&old);
	close_side(&new);
	return error;
}

static void say_word(struct report *report, const char *kind, const char *old,
		     const char *new)
{
	if (!strcmp(old, new))
		return;
	report->changes++;
	if (report->is_json)
		fprintf(report->out, "{\"change\":\"changed\",\"kind\":\"%s\","
			"\"old\":\"%s\",\"new\":\"%s\"}\n", kind, old, new);
	else
		fprintf(report->out, "- %s %s\n+ %s %s\n", kind, old, kind,
			new);
}

static long diff(const struct cw_ruleset *old, const struct cw_ruleset *new,
		 FILE *out, bool is_json)
{
	struct report report = { .out = out, .is_json = is_json };

	say_word(&report, "default", old->default_allow ? "allow" : "deny",
		 new->default_allow ? "allow" : "deny");
	say_word(&report, "log", cw_log_name(old->log), cw_log_name(new->log));
	if (compare(&report, old, new, true) ||
	    compare(&report, old, new, false))
		return -ENOMEM;
	return report.changes;
}

long cw_ruleset_diff(const struct cw_ruleset *old, const struct cw_ruleset *new,
		     FILE *out)
{
	return diff(old, new, out, false);
}

long cw_ruleset_diff_json(const struct cw_ruleset *old,
			  const struct cw_ruleset *new, FILE *out)
{
	return diff(old, new, out, true);
}
