// SPDX-License-Identifier: GPL-2.0-only
/*
 * All globs of a policy at once.  They are one tree of places: a place is what
 * has been read of a glob, and globs that begin alike share places.  A text is
 * read once; after each byte the open places are those that some beginning of
 * a glob has reached by then.
 *
 * The work for one text has a limit that does not depend on the number of
 * globs.  A text that would need more, because somebody built it to keep very
 * many globs undecided, is told as `many`, and nothing is allowed to it.
 */
#include "engine.h"

struct run {
	const struct cw_blob_place *place;
	struct cw_traits *traits;
	struct cw_hits *hits;
	u32 *now, *next;	/* CW_PLACES_OPEN each */
	u32 open, opened;	/* places in @now, in @next */
	u32 work;
};

static bool is_loop(u8 kind)
{
	return kind == CW_PLACE_STAR || kind == CW_PLACE_ANY;
}

/* A glob that ends with `**`: from here on it matches, whatever comes. */
static bool is_decided(const struct run *run, u32 place)
{
	return run->place[place].kind == CW_PLACE_ANY &&
	       run->place[place].child == run->place[place + 1].child;
}

/* Notes that the glob which ends at @place matches. */
static void hit(struct run *run, u32 place)
{
	struct cw_hits *hits = run->hits;
	u32 *id = run->traits->pool + run->traits->used, i;

	for (i = 0; i < hits->count; i++)
		if (id[i] == place)
			return;
	run->work += i;
	if (hits->count == CW_HITS_MAX ||
	    run->traits->used + hits->count == CW_POOL_MAX)
		hits->many = true;
	else
		id[hits->count++] = place;
}

static void open_place(struct run *run, u32 place)
{
	if (run->opened == CW_PLACES_OPEN)
		run->hits->many = true;
	else
		run->next[run->opened++] = place;
}

/* A star is reached again and again; every other place in one way only. */
static void open_loop(struct run *run, u32 place)
{
	u32 i;

	if (is_decided(run, place)) {
		hit(run, place);
		return;
	}
	for (i = 0; i < run->opened; i++)
		if (run->next[i] == place)
			return;
	run->work += i;
	open_place(run, place);
}

/* The children of a place: bytes in ascending order, then wildcards. */
static void open_child(struct run *run, u32 place, u8 byte)
{
	u32 low = run->place[place].child, high = run->place[place + 1].child;
	u32 end = high, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (run->place[middle].kind == CW_PLACE_BYTE &&
		    run->place[middle].byte < byte)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < end && run->place[low].kind == CW_PLACE_BYTE &&
	    run->place[low].byte == byte)
		open_place(run, low);
}

/* The wildcards that follow @place; @one: else those that match nothing. */
static void open_wild(struct run *run, u32 place, bool one)
{
	u32 first = run->place[place].child, at = run->place[place + 1].child;

	while (at-- > first && run->place[at].kind != CW_PLACE_BYTE) {
		if (is_loop(run->place[at].kind)) {
			if (!one)
				open_loop(run, at);
		} else if (one) {
			open_place(run, at);
		}
	}
}

/* Stars may match nothing: what follows what is open is open as well. */
static void turn(struct run *run)
{
	u32 *spare = run->now, i;

	for (i = 0; i < run->opened && !run->hits->many; i++)
		open_wild(run, run->next[i], false);
	run->work += run->opened;
	run->now = run->next;
	run->next = spare;
	run->open = run->opened;
	run->opened = 0;
}

static void step(struct run *run, char byte)
{
	u32 i;

	for (i = 0; i < run->open; i++) {
		u32 place = run->now[i];
		u8 kind = run->place[place].kind;

		if (kind == CW_PLACE_ANY ||
		    (kind == CW_PLACE_STAR && byte != '/'))
			open_loop(run, place);
		open_child(run, place, byte);
		if (byte != '/')
			open_wild(run, place, true);
	}
	turn(run);
}

static void hit_ends(struct run *run)
{
	u32 i;

	for (i = 0; i < run->open; i++)
		if (run->place[run->now[i]].ends)
			hit(run, run->now[i]);
}

/*
 * How many bytes may be passed over: while nothing but one `**` is open, and
 * it waits for one certain byte.
 */
static size_t idle_bytes(const struct run *run, const char *text, size_t size)
{
	const struct cw_blob_place *wait = &run->place[run->now[0]];
	size_t at = 0;

	if (run->open != 1 || wait->kind != CW_PLACE_ANY ||
	    wait[1].child - wait->child != 1 ||
	    run->place[wait->child].kind != CW_PLACE_BYTE)
		return 0;
	while (at < size && (u8)text[at] != run->place[wait->child].byte)
		at++;
	return at;
}

void cw_hits_add(const struct cw_blob *blob, struct cw_traits *traits,
		 struct cw_hits *hits, enum cw_root root, const char *text,
		 size_t size)
{
	struct run run = {
		.place = blob->section[CW_SECTION_PLACE],
		.traits = traits, .hits = hits,
		.now = traits->now, .next = traits->next,
	};
	bool below = root == CW_ROOT_CGROUP;
	size_t at = 0;

	open_place(&run, root);
	turn(&run);
	while (at < size && run.open && !hits->many) {
		if (below && text[at] == '/')
			hit_ends(&run);
		else if (!below)
			at += idle_bytes(&run, text + at, size - at);
		if (at < size)
			step(&run, text[at++]);
		if (run.work > CW_GLOB_WORK_MAX)
			hits->many = true;
	}
	if (!hits->many)
		hit_ends(&run);
	traits->work += run.work;
}
