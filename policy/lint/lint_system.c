// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: units, control groups and protocols of rules against what systemd and
 * the kernel of this host have.
 */
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lint_host.h"

#define WARN(lint, check, span, ...) \
	cw_host_say(lint, CW_SEVERITY_WARNING, check, span, __VA_ARGS__)

static bool exists(const struct cw_host_lint *lint, const char *path)
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s%s", lint->root, path);
	return !access(whole, F_OK);
}

/* ---- control groups ----------------------------------------------------- */

/* Where the hierarchy of version 2 is mounted; NULL = nowhere. */
static const char *find_hierarchy(const struct cw_host_lint *lint)
{
	static const char *const places[] = {
		"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
	};
	char file[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(file, sizeof(file), "%s/cgroup.procs", places[i]);
		if (exists(lint, file))
			return places[i];
		snprintf(file, sizeof(file), "%s/cgroup.controllers",
			 places[i]);
		if (exists(lint, file))
			return places[i];
	}
	return NULL;
}

static bool has_cgroups(struct cw_host_lint *lint, const struct cw_span *span)
{
	if (find_hierarchy(lint))
		return true;
	if (!lint->said_no_cgroups)
		WARN(lint, "system", span, "the condition never holds: this "
		     "host has no control groups of version 2");
	lint->said_no_cgroups = true;
	return false;
}

/* It may come later; a mistake in its name does not look otherwise. */
void cw_lint_cgroup(struct cw_host_lint *lint, const struct cw_cond *cond)
{
	char path[PATH_MAX];

	if (!has_cgroups(lint, &cond->span) ||
	    cond->kind != CW_COND_CGROUP || strpbrk(cond->text, "*?"))
		return;
	snprintf(path, sizeof(path), "%s%s", find_hierarchy(lint), cond->text);
	if (!exists(lint, path))
		cw_host_say(lint, CW_SEVERITY_NOTE, "missing", &cond->span,
			    "there is no control group %.300s at present",
			    cond->text);
}

/* ---- units -------------------------------------------------------------- */

static const char *const unit_places[] = {
	"/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator",
	"/run/systemd/transient", "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system", "/lib/systemd/system",
};

/* "name@instance.service" as "name@.service"; false = it is no instance. */
static bool make_template(const char *unit, char template[NAME_MAX + 1])
{
	const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');

	if (!at || !dot || dot < at)
		return false;
	snprintf(template, NAME_MAX + 1, "%.*s%s", (int)(at + 1 - unit), unit,
		 dot);
	return true;
}

/* The file of a unit, and the unit that it is another name of. */
static bool find_unit(const struct cw_host_lint *lint, const char *unit,
		      char alias[NAME_MAX + 1])
{
	char path[PATH_MAX], real[PATH_MAX];
	const char *name;
	size_t i;

	*alias = 0;
	for (i = 0; i < ARRAY_SIZE(unit_places); i++) {
		snprintf(path, sizeof(path), "%s%s/%s", lint->root,
			 unit_places[i], unit);
		if (access(path, F_OK) || !realpath(path, real))
			continue;
		name = strrchr(real, '/') + 1;
		/* A mask leads to /dev/null, a link may lead anywhere. */
		if (strcmp(name, unit) && strchr(name, '.'))
			snprintf(alias, NAME_MAX + 1, "%s", name);
		return true;
	}
	return false;
}

static bool pattern_has_unit(const struct cw_host_lint *lint,
			     const char *pattern)
{
	char path[PATH_MAX];
	glob_t found;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unit_places); i++) {
		snprintf(path, sizeof(path), "%s%s/%s", lint->root,
			 unit_places[i], pattern);
		if (!glob(path, GLOB_NOSORT, NULL, &found)) {
			globfree(&found);
			return true;
		}
	}
	return false;
}

static void check_name(struct cw_host_lint *lint, const struct cw_cond *cond)
{
	char template[NAME_MAX + 1], alias[NAME_MAX + 1];
	const bool is_instance = make_template(cond->text, template);

	if (is_instance && !strcmp(cond->text, template))
		WARN(lint, "unit", &cond->span, "%s never matches: it is a "
		     "template; write its instances, as in %.*s*%s", cond->text,
		     (int)(strchr(template, '@') + 1 - template), template,
		     strrchr(template, '.'));
	else if (find_unit(lint, cond->text, alias) && *alias)
		WARN(lint, "unit", &cond->span, "%s never matches: it is "
		     "another name of %s; write that", cond->text, alias);
	else if (!find_unit(lint, cond->text, alias) &&
		 !(is_instance && find_unit(lint, template, alias)))
		WARN(lint, "unit", &cond->span, "there is no unit %s",
		     cond->text);
}

/* Scopes and slices are made while the system runs. */
void cw_lint_unit(struct cw_host_lint *lint, const struct cw_cond *cond)
{
	const bool is_pattern = strpbrk(cond->text, "*?");
	char template[NAME_MAX + 1];

	if (!has_cgroups(lint, &cond->span))
		return;
	if (!exists(lint, "/run/systemd/system")) {
		if (!lint->said_no_systemd)
			WARN(lint, "system", &cond->span, "the condition never "
			     "holds: systemd does not run on this host");
		lint->said_no_systemd = true;
		return;
	}
	if (cw_ends_with(cond->text, ".scope") || cw_ends_with(cond->text, ".slice"))
		return;
	if (!is_pattern)
		check_name(lint, cond);
	else if (!pattern_has_unit(lint, cond->text) &&
		 !(make_template(cond->text, template) &&
		   pattern_has_unit(lint, template)))
		WARN(lint, "unit", &cond->span, "there is no unit like %s",
		     cond->text);
}

/* ---- the kernel --------------------------------------------------------- */

/* Built in, loaded, or a module that can be. */
static bool has_sctp(const struct cw_host_lint *lint)
{
	char path[PATH_MAX], *line = NULL;
	struct utsname name;
	bool is_found = false;
	size_t room = 0;
	FILE *file;

	if (exists(lint, "/proc/net/sctp") || uname(&name))
		return true;
	snprintf(path, sizeof(path), "%s/lib/modules/%s/modules.dep",
		 lint->root, name.release);
	file = fopen(path, "re");
	if (!file)
		return true;	/* not known: say nothing */
	while (!is_found && getline(&line, &room, file) > 0)
		is_found = strstr(line, "/sctp.ko");
	free(line);
	fclose(file);
	return is_found;
}

static bool is_only_v6(const struct cw_ruleset *ruleset,
		       const struct cw_dest *dest, u32 count)
{
	for (; count; count--, dest++)
		if (dest->kind == CW_DEST_SET ?
		    !is_only_v6(ruleset, ruleset->sets[dest->set].dests,
				ruleset->sets[dest->set].dest_count) :
		    dest->kind != CW_DEST_ADDR || dest->family != 6)
			return false;
	return true;
}

void cw_lint_kernel(struct cw_host_lint *lint, const struct cw_rule *rule)
{
	if (rule->protos == 1 << CW_PROTO_SCTP && !has_sctp(lint))
		WARN(lint, "system", &rule->span, "the rule never matches: "
		     "this kernel has no SCTP");
	if (is_only_v6(lint->ruleset, rule->dests, rule->dest_count) &&
	    exists(lint, "/proc/net/tcp") &&
	    !exists(lint, "/proc/net/if_inet6"))
		WARN(lint, "system", &rule->span, "the rule never matches: "
		     "IPv6 is off on this host");
}
