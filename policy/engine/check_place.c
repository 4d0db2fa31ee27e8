// SPDX-License-Identifier: GPL-2.0-only
/*
 * The door, third part: the trees of globs.
 */
#include "engine.h"

bool cw_check_end(const struct cw_blob *blob, u32 place)
{
	const struct cw_blob_place *p = blob->section[CW_SECTION_PLACE];

	return place < blob->count[CW_SECTION_PLACE] - 1 && p[place].ends;
}

/* A place without children that is no end would be a way to nowhere. */
static bool place_ok(const struct cw_blob_place *place)
{
	return place->kind <= CW_PLACE_ANY && place->ends <= 1 &&
	       !place->zero && (place->kind == CW_PLACE_BYTE || !place->byte) &&
	       (place->ends || place[0].child != place[1].child);
}

static bool root_ok(const struct cw_blob_place *place)
{
	return place->kind == CW_PLACE_BYTE && !place->byte && !place->ends &&
	       !place->zero;
}

static u32 order_of(const struct cw_blob_place *place)
{
	return (u32)place->kind << 8 | place->byte;
}

/* Children come later than their parent and in order, each kind once. */
static bool children_ok(const struct cw_blob_place *place, u32 parent,
			u32 count)
{
	u32 first = place[parent].child, end = place[parent + 1].child, i;

	if (!cw_blob_range_ok(first, end, count) ||
	    (first < end && first <= parent))
		return false;
	for (i = first; i + 1 < end; i++)
		if (order_of(&place[i]) >= order_of(&place[i + 1]))
			return false;
	return true;
}

/*
 * The lists of children follow each other without a gap, so that each place
 * has one parent: a search comes to each star in few ways.
 */
static bool places_ok(const struct cw_blob *blob)
{
	const struct cw_blob_place *place = blob->section[CW_SECTION_PLACE];
	u32 count = blob->count[CW_SECTION_PLACE] - 1, i;

	if (place[0].child != CW_ROOT_COUNT || place[count].child != count)
		return false;
	for (i = 0; i < count; i++)
		if (!children_ok(place, i, count) ||
		    !(i < CW_ROOT_COUNT ? root_ok(&place[i]) :
					  place_ok(&place[i])))
			return false;
	return root_ok(&place[count]);
}

enum cw_root cw_place_root(const struct cw_blob_cond *cond)
{
	switch (cond->kind) {
	case CW_COND_CGROUP:
		return CW_ROOT_CGROUP;
	case CW_COND_UNIT:
		return CW_ROOT_UNIT;
	case CW_COND_CONTAINER:
		return CW_ROOT_CONTAINER;
	case CW_COND_SCRIPT:
		return cond->id ? CW_ROOT_COUNT : CW_ROOT_PATH;
	case CW_COND_PARENT:
	case CW_COND_ANCESTOR:
		return CW_ROOT_PATH;
	}
	return CW_ROOT_COUNT;
}

static bool cond_places_ok(const struct cw_blob *blob)
{
	const struct cw_blob_cond *cond = blob->section[CW_SECTION_COND];
	const u32 *place = blob->section[CW_SECTION_COND_PLACE];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_COND]; i++)
		if (cw_place_root(&cond[i]) == CW_ROOT_COUNT ?
		    place[i] != CW_BLOB_NONE : !cw_check_end(blob, place[i]))
			return false;
	return true;
}

static bool gids_ok(const struct cw_blob *blob)
{
	const u32 *gid = blob->section[CW_SECTION_GID];
	u32 i;

	for (i = 1; i < blob->count[CW_SECTION_GID]; i++)
		if (gid[i] <= gid[i - 1])
			return false;
	return true;
}

bool cw_check_places(const struct cw_blob *blob)
{
	return places_ok(blob) && cond_places_ok(blob) && gids_ok(blob);
}
