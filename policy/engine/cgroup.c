// SPDX-License-Identifier: GPL-2.0-only
/*
 * A control group's path: which systemd unit it belongs to and which container.
 * The kernel module judges by these functions, history and policyctl show what
 * they find.
 *
 * A path tells the truth as long as only root named its components.  systemd
 * runs as root and gives a user the right to make control groups only below a
 * service or a scope.  So slices at the beginning of a path are passed, the
 * component that follows is the unit, and nothing below a unit is looked at:
 * its processes may have chosen the name.  Below user.slice there is no
 * container at all: users' own engines work there.
 */
#include "engine.h"

static struct cw_part take_component(const char **rest)
{
	struct cw_part part = { *rest, 0 };

	if (**rest == '/') {
		part.text++;
		part.size = strcspn(part.text, "/");
		*rest = part.text + part.size;
	}
	return part;
}

static bool is(struct cw_part part, const char *text)
{
	return part.size == strlen(text) && !memcmp(part.text, text, part.size);
}

static bool starts_with(struct cw_part part, const char *prefix)
{
	size_t size = strlen(prefix);

	return part.size > size && !memcmp(part.text, prefix, size);
}

static bool ends_with(struct cw_part part, const char *suffix)
{
	size_t size = strlen(suffix);

	return part.size > size &&
	       !memcmp(part.text + part.size - size, suffix, size);
}

/* ---- units ---------------------------------------------------------------- */

static bool is_unit(struct cw_part part)
{
	static const char *const types[] = {
		".service", ".scope", ".socket", ".mount", ".swap",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (ends_with(part, types[i]))
			return true;
	return false;
}

bool cw_cgroup_next_unit(const char **rest, struct cw_part *unit)
{
	*unit = take_component(rest);
	if (ends_with(*unit, ".slice"))
		return true;
	*rest = "";
	return is_unit(*unit);
}

struct cw_part cw_cgroup_unit(const char *cgroup)
{
	struct cw_part unit = { "", 0 }, next;

	while (cw_cgroup_next_unit(&cgroup, &next))
		unit = next;
	return unit;
}

/* ---- containers ----------------------------------------------------------- */

/* How an engine names the unit or the control group of a container. */
struct form {
	const char *engine, *prefix, *suffix;
};

/* Units, which systemd makes for the engine. */
static const struct form units[] = {
	{ "docker", "docker-", ".scope" },
	{ "podman", "libpod-", ".scope" },
	{ "containerd", "cri-containerd-", ".scope" },
	{ "crio", "crio-", ".scope" },
	{ "nerdctl", "nerdctl-", ".scope" },
	{ "nspawn", "systemd-nspawn@", ".service" },
	{ "nspawn", "machine-", ".scope" },
	{ NULL }
};

/* Control groups that engines make themselves. */
static const struct form lxc = { "lxc", "lxc.payload.", "" };
static const struct form libpod = { "podman", "libpod-", "" };
static const struct form crio = { "crio", "crio-", "" };

static const char *const engines[] = {
	"docker", "podman", "containerd", "crio", "nerdctl", "lxc", "nspawn",
	NULL
};

const char *const *cw_container_engines(void)
{
	return engines;
}

static bool match_form(struct cw_part part, const struct form *form,
		       struct cw_container *container)
{
	size_t prefix = strlen(form->prefix), suffix = strlen(form->suffix);

	if (part.size <= prefix + suffix || !starts_with(part, form->prefix) ||
	    (suffix && !ends_with(part, form->suffix)))
		return false;
	container->engine = form->engine;
	container->name.text = part.text + prefix;
	container->name.size = part.size - prefix - suffix;
	return true;
}

static bool match_forms(struct cw_part part, const struct form *form,
			struct cw_container *container)
{
	for (; form->engine; form++)
		if (match_form(part, form, container))
			return true;
	return false;
}

static bool take_name(struct cw_part part, const char *engine,
		      struct cw_container *container)
{
	container->engine = engine;
	container->name = part;
	return part.size;
}

/*
 * Programs of the host that belong to a container: the monitor of Podman and
 * CRI-O, systemd-nspawn itself, and QEMU, whose guest is no container.
 */
static bool is_helper(const struct cw_container *container,
		      struct cw_part below)
{
	return starts_with(container->name, "conmon-") ||
	       (!strcmp(container->engine, "nspawn") &&
		(is(below, "supervisor") ||
		 starts_with(container->name, "qemu\\x2d")));
}

/* /kubepods/[QOS/]podUID/ID, with or without a prefix of the engine's. */
static bool read_pod(const char *rest, struct cw_container *container)
{
	struct cw_part part = take_component(&rest);

	if (is(part, "burstable") || is(part, "besteffort"))
		part = take_component(&rest);
	if (!starts_with(part, "pod"))
		return false;
	part = take_component(&rest);
	return match_form(part, &crio, container) ||
	       take_name(part, "containerd", container);
}

/* /libpod_parent/[POD/]libpod-ID */
static bool read_libpod(const char *rest, struct cw_container *container)
{
	struct cw_part part = take_component(&rest);

	if (!starts_with(part, "libpod-"))
		part = take_component(&rest);
	return match_form(part, &libpod, container);
}

/* What engines make at the root when systemd does not do it for them. */
static bool read_group(struct cw_part first, const char *rest,
		       struct cw_container *container)
{
	struct cw_part part;

	if (is(first, "kubepods"))
		return read_pod(rest, container);
	if (is(first, "libpod_parent"))
		return read_libpod(rest, container);
	if (match_form(first, &lxc, container))
		return true;
	part = take_component(&rest);
	if (is(first, "lxc") || is(first, "lxc.payload"))
		return take_name(part, "lxc", container);
	if (!is(first, "docker"))
		return false;
	if (is(part, "buildkit"))
		part = take_component(&rest);
	return take_name(part, "docker", container);
}

bool cw_container_find(const char *cgroup, struct cw_container *container)
{
	struct cw_part part = take_component(&cgroup);
	bool is_first = true;

	if (is(part, "user.slice"))
		return false;
	for (; ends_with(part, ".slice"); is_first = false)
		part = take_component(&cgroup);
	if (!match_forms(part, units, container) &&
	    !(is_first && read_group(part, cgroup, container)))
		return false;
	return !is_helper(container, take_component(&cgroup));
}

/* systemd writes '-' in the names of its scopes as "\x2d". */
bool cw_container_name(const struct cw_container *container,
		       char name[CW_CONTAINER_MAX])
{
	static const char dash[] = "\\x2d";
	struct cw_part rest = container->name;
	size_t at = 0;

	while (rest.size && at < CW_CONTAINER_MAX - 1) {
		size_t size = 1;

		name[at] = *rest.text;
		if (rest.size >= 4 && !memcmp(rest.text, dash, 4)) {
			name[at] = '-';
			size = 4;
		}
		rest.text += size;
		rest.size -= size;
		at++;
	}
	name[at] = '\0';
	return !rest.size;
}

static bool is_harmless(const char *name)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789._-:@+";

	return !name[strspn(name, harmless)];
}

bool cw_container_show(const struct cw_container *container,
		       char text[CW_CONTAINER_SHOWN])
{
	size_t engine = strlen(container->engine), size;
	char name[CW_CONTAINER_MAX];

	if (!cw_container_name(container, name) || !is_harmless(name))
		return false;
	size = strlen(name);
	if (size == 64 && cw_container_is_id(name))
		size = CW_CONTAINER_ID;
	if (engine + 1 + size >= CW_CONTAINER_SHOWN)
		return false;
	memcpy(text, container->engine, engine);
	text[engine] = ':';
	memcpy(text + engine + 1, name, size);
	text[engine + 1 + size] = '\0';
	return true;
}

bool cw_container_is_id(const char *pattern)
{
	size_t size = strspn(pattern, "0123456789abcdef");

	return size >= CW_CONTAINER_ID && !pattern[size];
}

const char *cw_container_pattern(const char *text, struct cw_part *engine)
{
	const char *colon = strchr(text, ':');

	engine->text = text;
	engine->size = colon ? colon - text : 0;
	return colon ? colon + 1 : text;
}

bool cw_container_matches(const char *text, const char *cgroup)
{
	struct cw_container container;
	char name[CW_CONTAINER_MAX];
	struct cw_part engine;
	const char *pattern = cw_container_pattern(text, &engine);

	if (!cw_container_find(cgroup, &container) ||
	    !cw_container_name(&container, name) ||
	    (pattern != text && !is(engine, container.engine)))
		return false;
	if (cw_container_is_id(pattern))
		return !strncmp(name, pattern, strlen(pattern));
	return cw_glob_matches(pattern, name);
}
