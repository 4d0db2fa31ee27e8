// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trees of globs: every text that rules compare with `*` and `?` in mind,
 * grown as a tree and then written level by level.
 */
#include "emit.h"
#include "policy/text/passes.h"

#define NOWHERE 0	/* no place has a root for its child or sibling */

struct leaf {
	u32 child, next;	/* first child, sibling; ordered */
	u32 number;		/* in the blob */
	u8 kind, byte;
	bool ends;
};

struct tree {
	struct cw_emitter *emitter;
	struct cw_array leaves;		/* struct leaf, the roots first */
	struct cw_map by_parent;	/* parent, kind, byte -> leaf + 1 */
	struct cw_array ends;		/* u32: leaf of each text that was added */
};

static struct leaf *leaf_at(const struct tree *tree, u32 at)
{
	return (struct leaf *)tree->leaves.data + at;
}

static int add_leaf(struct tree *tree, u8 kind, u8 byte)
{
	struct leaf *leaf = cw_array_grow(&tree->leaves, 1, sizeof(*leaf));

	if (!leaf)
		return -ENOMEM;
	if (tree->leaves.count == CW_BLOB_PLACES_MAX)
		return cw_emit_too_big(tree->emitter, "bytes of globs",
				       CW_BLOB_PLACES_MAX);
	tree->leaves.count++;
	*leaf = (struct leaf) { .kind = kind, .byte = byte };
	return 0;
}

static u32 order_of(const struct leaf *leaf)
{
	return (u32)leaf->kind << 8 | leaf->byte;
}

/* Among its siblings; there are 259 at most. */
static void insert(struct tree *tree, u32 parent, u32 fresh)
{
	u32 *link = &leaf_at(tree, parent)->child;
	u32 order = order_of(leaf_at(tree, fresh));

	while (*link != NOWHERE && order_of(leaf_at(tree, *link)) < order)
		link = &leaf_at(tree, *link)->next;
	leaf_at(tree, fresh)->next = *link;
	*link = fresh;
}

static int step(struct tree *tree, u32 *at, u8 kind, u8 byte)
{
	u64 key = (u64)*at << 16 | (u64)kind << 8 | byte, *slot;
	u32 fresh = tree->leaves.count;
	int error;

	slot = cw_map_put(&tree->by_parent, key + 1);
	if (!slot)
		return -ENOMEM;
	if (!*slot) {
		error = add_leaf(tree, kind, byte);
		if (error)
			return error;
		insert(tree, *at, fresh);
		*slot = fresh + 1;
	}
	*at = *slot - 1;
	return 0;
}

/* From @at on, which becomes the place where @text ends. */
static int grow(struct tree *tree, u32 *at, const char *text)
{
	int error = 0;

	for (; *text && !error; text++) {
		if (*text == '?') {
			error = step(tree, at, CW_PLACE_ONE, 0);
		} else if (*text != '*') {
			error = step(tree, at, CW_PLACE_BYTE, (u8)*text);
		} else if (text[1] != '*') {
			error = step(tree, at, CW_PLACE_STAR, 0);
		} else {
			error = step(tree, at, CW_PLACE_ANY, 0);
			text++;
		}
	}
	return error;
}

static int add_end(struct tree *tree, u32 at)
{
	leaf_at(tree, at)->ends = true;
	return cw_array_add(&tree->ends, at);
}

static int add_text(struct tree *tree, u32 at, const char *text)
{
	int error = grow(tree, &at, text);

	return error ? error : add_end(tree, at);
}

/* A container is read as ":NAME" and as "ENGINE:NAME" (trait.c); the digits that
 * begin an id stand for every id that begins so. */
static int add_container(struct tree *tree, const char *text)
{
	struct cw_part engine;
	const char *name = cw_container_pattern(text, &engine);
	u32 at = CW_ROOT_CONTAINER;
	int error = 0;

	if (name == text)
		error = grow(tree, &at, ":");
	if (!error)
		error = grow(tree, &at, text);
	if (!error && cw_container_is_id(name))
		error = grow(tree, &at, "**");
	return error ? error : add_end(tree, at);
}

/* ---- what grows ----------------------------------------------------------- */

static const char *text_at(const struct cw_emitter *emitter, u32 at)
{
	return (const char *)emitter->section[CW_SECTION_STRING].data + at;
}

static int grow_cond(struct tree *tree, const struct cw_blob_cond *cond)
{
	const char *text = text_at(tree->emitter, cond->text);
	enum cw_root root = cw_place_root(cond);

	if (root == CW_ROOT_COUNT)
		return cw_array_add(&tree->ends, CW_BLOB_NONE);
	if (root == CW_ROOT_CONTAINER)
		return add_container(tree, text);
	return add_text(tree, root, text);
}

static int grow_conds(struct tree *tree)
{
	const struct cw_emitter *emitter = tree->emitter;
	const struct cw_blob_cond *cond =
		emitter->section[CW_SECTION_COND].data;
	u32 i;
	int error = 0;

	for (i = 0; i < cw_emit_count(emitter, CW_SECTION_COND) && !error; i++)
		error = grow_cond(tree, &cond[i]);
	return error;
}

static int grow_exes(struct tree *tree)
{
	const struct cw_emitter *emitter = tree->emitter;
	const struct cw_blob_subject *s =
		emitter->section[CW_SECTION_SUBJECT].data;
	u32 i;
	int error = 0;

	for (i = 0; i < cw_emit_count(emitter, CW_SECTION_GROUP) && !error; i++)
		error = s[i].kind == CW_EXE_GLOB ?
			add_text(tree, CW_ROOT_PATH,
				 text_at(emitter, s[i].exe)) :
			cw_array_add(&tree->ends, CW_BLOB_NONE);
	return error;
}

/* ---- writing --------------------------------------------------------------- */

/* Level by level: @order lists the leaves as they are written. */
static int write_places(struct tree *tree, u32 *order)
{
	u32 count = tree->leaves.count, done, room = CW_ROOT_COUNT, child;
	struct cw_blob_place place = { .child = 0 };
	int error = 0;

	for (done = 0; done < CW_ROOT_COUNT; done++)
		order[done] = done;
	for (done = 0; done < count && !error; done++) {
		struct leaf *leaf = leaf_at(tree, order[done]);

		leaf->number = done;
		place = (struct cw_blob_place) {
			.child = room, .kind = leaf->kind, .byte = leaf->byte,
			.ends = leaf->ends,
		};
		for (child = leaf->child; child != NOWHERE;
		     child = leaf_at(tree, child)->next)
			order[room++] = child;
		error = cw_emit_add(tree->emitter, CW_SECTION_PLACE, &place, 1);
	}
	place = (struct cw_blob_place) { .child = room };
	return error ? error :
	       cw_emit_add(tree->emitter, CW_SECTION_PLACE, &place, 1);
}

/* Conditions first, then executables, as they were grown. */
static int write_ends(struct tree *tree)
{
	struct cw_emitter *emitter = tree->emitter;
	struct cw_blob_group *group = emitter->section[CW_SECTION_GROUP].data;
	u32 conds = cw_emit_count(emitter, CW_SECTION_COND), i;
	u32 *end = tree->ends.data;

	for (i = 0; i < tree->ends.count; i++) {
		if (end[i] != CW_BLOB_NONE)
			end[i] = leaf_at(tree, end[i])->number;
		if (i >= conds && end[i] != CW_BLOB_NONE)
			group[i - conds].exe = end[i];
	}
	return cw_emit_add(emitter, CW_SECTION_COND_PLACE, end, conds);
}

static int write_tree(struct tree *tree)
{
	u32 *order = cw_alloc((tree->leaves.count + 1) * sizeof(*order));
	int error = order ? write_places(tree, order) : -ENOMEM;

	cw_free(order);
	return error ? error : write_ends(tree);
}

int cw_tree_build(struct cw_emitter *emitter)
{
	struct tree tree = { .emitter = emitter };
	u32 i;
	int error = 0;

	for (i = 0; i < CW_ROOT_COUNT && !error; i++)
		error = add_leaf(&tree, CW_PLACE_BYTE, 0);
	if (!error)
		error = grow_conds(&tree);
	if (!error)
		error = grow_exes(&tree);
	if (!error)
		error = write_tree(&tree);
	cw_array_free(&tree.leaves);
	cw_array_free(&tree.ends);
	cw_map_free(&tree.by_parent);
	return error;
}
