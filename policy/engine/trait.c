// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a process is, as far as a policy asks: which of its globs match the
 * texts that say so.  Each text is read once for all globs.
 */
#include "engine.h"

/* Ends the list of one text: the next one begins behind it. */
static void close_hits(struct cw_traits *traits, struct cw_hits *hits)
{
	hits->place = traits->pool + traits->used;
	traits->used += hits->count;
	traits->many |= hits->many;
}

static void hash_path(const struct cw_blob *blob, const char *path,
		      struct cw_hits *hits)
{
	hits->hash = blob->header->seed;
	for (hits->length = 0; path[hits->length]; hits->length++)
		hits->hash = cw_hash_byte(hits->hash, path[hits->length]);
}

void cw_traits_path(const struct cw_blob *blob, const char *path,
		    struct cw_traits *traits, struct cw_hits *hits)
{
	traits->used = traits->work = 0;
	*hits = (struct cw_hits) { .count = 0 };
	hash_path(blob, path, hits);
	cw_hits_add(blob, traits, hits, CW_ROOT_PATH, path, hits->length);
	close_hits(traits, hits);
}

/* What has been found out before need not be read. */
static bool take_known(const struct cw_hits *known, struct cw_traits *traits,
		       struct cw_hits *hits)
{
	if (!known)
		return false;
	*hits = *known;
	traits->many |= hits->many;
	return true;
}

static void take_path(const struct cw_blob *blob, const char *path,
		      const struct cw_hits *known, struct cw_traits *traits,
		      struct cw_hits *hits)
{
	if (!path || take_known(known, traits, hits))
		return;
	hash_path(blob, path, hits);
	cw_hits_add(blob, traits, hits, CW_ROOT_PATH, path, hits->length);
	close_hits(traits, hits);
}

static void take_ancestors(const struct cw_blob *blob,
			   const struct cw_ident *ident,
			   const struct cw_texts *texts,
			   struct cw_traits *traits)
{
	u32 i, count = ident->ancestors;

	if (!(blob->header->features & CW_FEATURE_ANCESTOR) && count)
		count = 1;	/* the parent */
	for (i = 0; i < count; i++)
		take_path(blob, ident->ancestor[i], texts->ancestor[i], traits,
			  &traits->ancestor[i]);
}

static void take_cgroup(const struct cw_blob *blob, const char *cgroup,
			const struct cw_hits *known, struct cw_traits *traits)
{
	if (take_known(known, traits, &traits->cgroup) || !cgroup)
		return;
	cw_hits_add(blob, traits, &traits->cgroup, CW_ROOT_CGROUP, cgroup,
		    strlen(cgroup));
	close_hits(traits, &traits->cgroup);
}

/* A component is below 256 bytes; a longer one is none that exists. */
static void add_name(const struct cw_blob *blob, struct cw_traits *traits,
		     struct cw_hits *hits, enum cw_root root,
		     struct cw_part name)
{
	if (name.size < 256)
		cw_hits_add(blob, traits, hits, root, name.text, name.size);
}

static void take_unit(const struct cw_blob *blob, const char *cgroup,
		      const struct cw_hits *known, struct cw_traits *traits)
{
	struct cw_part name;

	if (take_known(known, traits, &traits->unit) || !cgroup)
		return;
	while (cw_cgroup_next_unit(&cgroup, &name))
		add_name(blob, traits, &traits->unit, CW_ROOT_UNIT, name);
	close_hits(traits, &traits->unit);
}

#define ENGINE_MAX	16	/* bytes of the name of an engine */

/* As tree.c has them: ENGINE:NAME, and :NAME for rules that name no engine. */
static void add_container(const struct cw_blob *blob, struct cw_traits *traits,
			  const char *cgroup)
{
	char text[ENGINE_MAX + CW_CONTAINER_MAX];
	struct cw_container container;
	size_t engine, size;

	if (!cw_container_find(cgroup, &container))
		return;
	engine = strlen(container.engine);
	memcpy(text, container.engine, engine);
	text[engine] = ':';
	if (!cw_container_name(&container, text + engine + 1))
		return;
	size = strlen(text);
	cw_hits_add(blob, traits, &traits->container, CW_ROOT_CONTAINER, text,
		    size);
	cw_hits_add(blob, traits, &traits->container, CW_ROOT_CONTAINER,
		    text + engine, size - engine);
}

static void take_container(const struct cw_blob *blob, const char *cgroup,
			   const struct cw_hits *known,
			   struct cw_traits *traits)
{
	if (take_known(known, traits, &traits->container) || !cgroup)
		return;
	add_container(blob, traits, cgroup);
	close_hits(traits, &traits->container);
}

/* Everything but the room. */
static void clear(struct cw_traits *traits)
{
	memset(traits, 0, offsetof(struct cw_traits, pool));
}

static void take_files(const struct cw_blob *blob, const struct cw_ident *ident,
		       const struct cw_texts *texts, struct cw_traits *traits)
{
	u32 features = blob->header->features;

	take_path(blob, ident->exe, texts->exe, traits, &traits->exe);
	if (features & CW_FEATURE_SCRIPT)
		take_path(blob, ident->script, texts->script, traits,
			  &traits->script);
	if (features & (CW_FEATURE_PARENT | CW_FEATURE_ANCESTOR))
		take_ancestors(blob, ident, texts, traits);
}

static void take_cgroups(const struct cw_blob *blob,
			 const struct cw_ident *ident,
			 const struct cw_texts *texts, struct cw_traits *traits)
{
	u32 features = blob->header->features;

	if (features & CW_FEATURE_CGROUP)
		take_cgroup(blob, ident->cgroup, texts->cgroup, traits);
	if (features & CW_FEATURE_UNIT)
		take_unit(blob, ident->cgroup, texts->unit, traits);
	if (features & CW_FEATURE_CONTAINER)
		take_container(blob, ident->cgroup, texts->container, traits);
}

/* Texts that are not known for sure count as if they were not there. */
void cw_traits_find(const struct cw_blob *blob, const struct cw_ident *ident,
		    struct cw_traits *traits)
{
	static const struct cw_texts nothing;
	const struct cw_texts *texts = ident->texts ? ident->texts : &nothing;
	bool is_unknown = cw_ident_is_unknown(ident);

	clear(traits);
	if (!is_unknown)
		take_files(blob, ident, texts, traits);
	if (!is_unknown || !(ident->flags & CW_IDENT_ABSENT))
		take_cgroups(blob, ident, texts, traits);
}
