// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tests of a left-hand side, one by one, as the language defines them.
 * Explanations use them; a decision finds the subjects that apply by keys
 * (walk.c) and reads each text of the process once (place.c).
 */
#include "engine.h"

/* Engines name the scope of a container PREFIX-NAME.scope or PREFIX.NAME. */
static const char *const container_prefix[] = {
	"docker-", "libpod-", "cri-containerd-", "crio-", "machine-",
	"lxc.payload.", "systemd-nspawn@",
};

static const char *const container_suffix[] = { ".scope", ".service" };

static bool starts_with(const char *text, size_t size, const char *prefix)
{
	size_t length = strlen(prefix);

	return size >= length && !memcmp(text, prefix, length);
}

static bool ends_with(const char *text, size_t size, const char *suffix)
{
	size_t length = strlen(suffix);

	return size >= length && !memcmp(text + size - length, suffix, length);
}

/* Copies one component, which the kernel keeps below 256 bytes, and matches. */
static bool component_matches(const char *pattern, const char *text,
			      size_t size)
{
	char name[256];

	if (size >= sizeof(name))
		return false;
	memcpy(name, text, size);
	name[size] = '\0';
	return cw_glob_matches(pattern, name);
}

/*
 * The unit of a cgroup as systemd itself finds it: leading slices are passed,
 * what follows is the unit.  A cgroup further down is never one: its name may
 * have been chosen by the unit's own processes.  A slice matches as well when
 * it is one of those passed.
 */
struct cw_part cw_part_unit(const char **at)
{
	struct cw_part name = { *at, 0 };

	if (**at != '/')
		return name;
	name.text++;
	name.size = strcspn(name.text, "/");
	*at = ends_with(name.text, name.size, ".slice") ?
	      name.text + name.size : "";
	return name;
}

static bool unit_matches(const char *unit, const char *cgroup)
{
	struct cw_part name;

	while ((name = cw_part_unit(&cgroup)).size)
		if (component_matches(unit, name.text, name.size))
			return true;
	return false;
}

static void strip(struct cw_part *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(container_suffix); i++)
		if (ends_with(name->text, name->size, container_suffix[i])) {
			name->size -= strlen(container_suffix[i]);
			break;
		}
	for (i = 0; i < ARRAY_SIZE(container_prefix); i++)
		if (starts_with(name->text, name->size, container_prefix[i])) {
			name->text += strlen(container_prefix[i]);
			name->size -= strlen(container_prefix[i]);
			break;
		}
}

/*
 * The name or id of a container is a component of the cgroup, without what the
 * engine puts around it.  Below user.slice nothing counts: there anyone may
 * give a cgroup any name.
 */
struct cw_part cw_part_container(const char **at)
{
	struct cw_part name = { *at, 0 };

	while (**at == '/' && !name.size) {
		name.text = *at + 1;
		name.size = strcspn(name.text, "/");
		*at = name.text + name.size;
		strip(&name);
	}
	return name;
}

static bool container_matches(const char *container, const char *cgroup)
{
	struct cw_part name;

	if (cw_glob_matches_below("/user.slice", cgroup))
		return false;
	while ((name = cw_part_container(&cgroup)).size)
		if (component_matches(container, name.text, name.size))
			return true;
	return false;
}

/* Long lists are the kernel's, which keeps them sorted. */
static bool has_group(const u32 *gid, u32 count, u32 wanted)
{
	u32 low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (gid[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && gid[low] == wanted;
}

static bool group_matches(const struct cw_ident *ident, u32 gid)
{
	u32 i;

	if (ident->flags & CW_IDENT_EGID && ident->egid == gid)
		return true;
	if (ident->gids > CW_GIDS_UNSORTED)
		return has_group(ident->gid, ident->gids, gid);
	for (i = 0; i < ident->gids; i++)
		if (ident->gid[i] == gid)
			return true;
	return false;
}

/* Does the glob match one of the nearest @count ancestors? */
static bool ancestor_matches(const struct cw_ident *ident, u32 count,
			     const char *glob)
{
	u32 i;

	for (i = 0; i < count && i < ident->ancestors; i++)
		if (ident->ancestor[i] &&
		    cw_glob_matches(glob, ident->ancestor[i]))
			return true;
	return false;
}

/* By the path of its file; or by a link, if it leads where it led when the
 * rules were read. */
static bool script_matches(const struct cw_ident *ident,
			   const struct cw_subject_cond *cond)
{
	bool has_target = cond->target && *cond->target;

	if (cond->of_any && ident->flags & CW_IDENT_BY_ENV)
		return false;
	if (ident->script)
		return cw_glob_matches(cond->text, ident->script) ||
		       (has_target && !strcmp(cond->target, ident->script));
	return has_target && ident->link &&
	       !strcmp(cond->text, ident->link) &&
	       !strcmp(cond->target, ident->link_file);
}

bool cw_subject_meets(const struct cw_ident *ident,
		      const struct cw_subject_cond *cond)
{
	const char *text = cond->text;

	switch (cond->kind) {
	case CW_COND_SCRIPT:
		return script_matches(ident, cond);
	case CW_COND_USER:
		return ident->uid == cond->id;
	case CW_COND_GROUP:
		return group_matches(ident, cond->id);
	case CW_COND_UNIT:
		return ident->cgroup && unit_matches(text, ident->cgroup);
	case CW_COND_CGROUP:
		return ident->cgroup &&
		       cw_glob_matches_below(text, ident->cgroup);
	case CW_COND_CONTAINER:
		return ident->cgroup && container_matches(text, ident->cgroup);
	case CW_COND_PARENT:
		return ancestor_matches(ident, 1, text);
	case CW_COND_ANCESTOR:
		return ancestor_matches(ident, ident->ancestors, text);
	case CW_COND_SHA256:
		return ident->flags & CW_IDENT_HASHED &&
		       !memcmp(ident->sha256, cond->digest, 32);
	case CW_COND_CLEAN_ENV:
		return ident->flags & CW_IDENT_CLEAN_ENV;
	case CW_COND_COUNT:
		break;
	}
	return false;
}

bool cw_subject_runs(const struct cw_ident *ident, enum cw_exe_kind kind,
		     const char *exe)
{
	if (ident->flags & CW_IDENT_KERNEL)
		return kind == CW_EXE_KERNEL;
	if (ident->flags & CW_IDENT_UNKNOWN)
		return false;
	switch (kind) {
	case CW_EXE_ANY:
		return true;
	case CW_EXE_KERNEL:
		return false;
	case CW_EXE_PATH:
		return ident->exe && !strcmp(exe, ident->exe);
	case CW_EXE_GLOB:
		return ident->exe && cw_glob_matches(exe, ident->exe);
	}
	return false;
}
