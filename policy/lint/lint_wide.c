// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: rules that allow far more than they seem to.
 */
#include <stdlib.h>

#include "lint.h"

/* Half of what there is, and more, counts as everything. */
#define WIDE_PORTS	32768u
#define WIDE_V4		(1ull << 31)	/* addresses */
#define WIDE_V6		(1ull << 60)	/* networks of 64 bits; 2000::/4 */

/* Sizes of the elements of a list, added up. */
struct width {
	u64 v4, v6;	/* in the units above */
	bool is_any;
};

/* Programs that do for anyone what they are told. */
static const char *const tools[] = {
	"ash", "aria2c", "awk", "bash", "bun", "busybox", "csh", "curl",
	"dash", "deno", "env", "expect", "fish", "ftp", "gawk", "gdb", "git",
	"java", "ksh", "lftp", "lua", "lynx", "mosh", "nc", "nc.openbsd",
	"nc.traditional", "ncat", "netcat", "node", "nodejs", "openssl",
	"perl", "php", "pwsh", "python", "rclone", "rsync", "ruby", "scp",
	"sftp", "sh", "socat", "ssh", "sudo", "tclsh", "telnet", "tftp",
	"w3m", "wget", "zsh",
};

static int compare_tool(const void *name, const void *tool)
{
	return strcmp(name, *(const char *const *)tool);
}

/* "python3.11" is python: a version behind the name does not matter. */
static bool is_tool(const char *exe)
{
	const char *base = strrchr(exe, '/') + 1;
	char name[32];
	size_t size = strlen(base);

	if (size >= sizeof(name))
		return false;
	strcpy(name, base);
	if (bsearch(name, tools, ARRAY_SIZE(tools), sizeof(*tools),
		    compare_tool))
		return true;
	while (size && strchr("0123456789.-", name[size - 1]))
		name[--size] = 0;
	return size && bsearch(name, tools, ARRAY_SIZE(tools), sizeof(*tools),
			       compare_tool);
}

/* Does the pattern match the tool in one of the usual places? */
static bool glob_has_tool(const char *glob, const char *tool)
{
	static const char *const places[] = {
		"/usr/bin/", "/usr/local/bin/", "/bin/",
	};
	char path[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s%s", places[i], tool);
		if (cw_glob_matches(glob, path))
			return true;
		/* The form that Debian gives to versions. */
		snprintf(path, sizeof(path), "%s%s3.11", places[i], tool);
		if (cw_glob_matches(glob, path))
			return true;
	}
	return false;
}

/* How many tools the pattern lets through; one of them in @name. */
static u32 count_tools(const char *glob, const char **name)
{
	u32 count = 0;
	size_t i;

	*name = NULL;
	for (i = 0; i < ARRAY_SIZE(tools); i++) {
		if (!glob_has_tool(glob, tools[i]))
			continue;
		if (!count++)
			*name = tools[i];
		/* Best known. */
		if (!strcmp(tools[i], "curl") ||
		    (!strcmp(tools[i], "bash") && strcmp(*name, "curl")))
			*name = tools[i];
	}
	return count;
}

const char *cw_lint_tool(const struct cw_rule *rule)
{
	const char *tool;

	if (!rule->exe)
		return NULL;
	if (rule->exe_kind != CW_EXE_GLOB)
		return is_tool(rule->exe) ? strrchr(rule->exe, '/') + 1 : NULL;
	count_tools(rule->exe, &tool);
	return tool;
}

/* ---- how wide ----------------------------------------------------------- */

/* A sum of 1024 halves would not fit. */
static void add(u64 *sum, u64 size)
{
	*sum = *sum + size < *sum ? ~0ull : *sum + size;
}

/* @of_set: widths of the sets that were defined before. */
static struct width measure(const struct width *of_set,
			    const struct cw_dest *dest, u32 count)
{
	struct width width = { .is_any = false };
	struct cw_range range;

	for (; count; count--, dest++) {
		if (dest->kind == CW_DEST_ANY)
			width.is_any = true;
		if (dest->kind == CW_DEST_SET) {
			add(&width.v4, of_set[dest->set].v4);
			add(&width.v6, of_set[dest->set].v6);
		}
		if (dest->kind != CW_DEST_ADDR)
			continue;
		cw_cover_range(dest, &range);
		if (range.family == 4)
			add(&width.v4, (u64)(range.hi - range.lo) + 1);
		else
			add(&width.v6, (u64)((range.hi - range.lo) >> 64));
	}
	return width;
}

static bool is_wide(const struct width *width)
{
	return width->is_any || width->v4 >= WIDE_V4 || width->v6 >= WIDE_V6;
}

static u32 count_ports(const struct cw_ruleset *ruleset,
		       const struct cw_port *port, u32 count)
{
	const struct cw_set *set;
	u32 sum = 0;

	for (; count && sum < WIDE_PORTS; count--, port++) {
		set = &ruleset->sets[port->set];
		sum += !port->is_set ? port->hi - port->lo + 1u :
		       count_ports(ruleset, set->ports, set->port_count);
	}
	return sum;
}

static bool is_most_ports(const struct cw_ruleset *ruleset,
			  const struct cw_port *port, u32 count)
{
	return !count || count_ports(ruleset, port, count) >= WIDE_PORTS;
}

static bool has_wide_ports(const struct cw_ruleset *ruleset,
			   const struct cw_rule *rule)
{
	return is_most_ports(ruleset, rule->ports, rule->port_count) &&
	       is_most_ports(ruleset, rule->froms, rule->from_count);
}

bool cw_lint_narrows_nothing(const struct cw_cond *cond)
{
	switch (cond->kind) {
	case CW_COND_CGROUP:
		return !strcmp(cond->text, "/");
	case CW_COND_PARENT:
	case CW_COND_ANCESTOR:
		/* Every process descends from process 1. */
		return cw_cover_glob(cond->text, "/**") ||
		       (cond->kind == CW_COND_ANCESTOR &&
			cw_cover_glob(cond->text, "/usr/lib/systemd/systemd"));
	default:
		return false;
	}
}

/* A clean environment does not keep a tool from doing what it is told. */
static bool has_narrow_condition(const struct cw_rule *rule)
{
	u32 i;

	for (i = 0; i < rule->cond_count; i++)
		if (rule->conds[i].kind != CW_COND_CLEAN_ENV &&
		    !cw_lint_narrows_nothing(&rule->conds[i]))
			return true;
	return false;
}

/* ---- what is said ------------------------------------------------------- */

#define AND_EVERYWHERE	"and for most addresses and ports; name " \
			"destinations, ports, a script, a user or an ancestor"

static void warn(const struct cw_ruleset *ruleset, const struct cw_rule *rule,
		 struct cw_diag *diag, const char *check, const char *message)
{
	cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, check, &rule->span,
		    "%s", message);
}

static void say_path(const struct cw_ruleset *ruleset,
		     const struct cw_rule *rule, struct cw_diag *diag)
{
	if (is_tool(rule->exe))
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "wide",
			    &rule->span, "the rule is for %s, which does what "
			    "anyone tells it, " AND_EVERYWHERE,
			    strrchr(rule->exe, '/') + 1);
}

static void say_pattern(const struct cw_ruleset *ruleset,
			const struct cw_rule *rule, struct cw_diag *diag)
{
	const char *tool;
	u32 count = count_tools(rule->exe, &tool);

	if (cw_cover_glob(rule->exe, "/**"))
		warn(ruleset, rule, diag, "wide", "the pattern is for every "
		     "program of the host, " AND_EVERYWHERE);
	else if (count > 1)
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "wide",
			    &rule->span, "the pattern is for %s and %u other "
			    "programs that do what anyone tells them, "
			    AND_EVERYWHERE, tool, count - 1);
	else if (count)
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "wide",
			    &rule->span, "the rule is for %s, which does what "
			    "anyone tells it, " AND_EVERYWHERE, tool);
}

static void say_any(const struct cw_ruleset *ruleset,
		    const struct cw_rule *rule, struct cw_diag *diag)
{
	if (!rule->cond_count && rule->dests->kind == CW_DEST_ANY &&
	    !rule->port_count && rule->protos == CW_PROTO_MASK_ALL)
		warn(ruleset, rule, diag, "everything", "every program may "
		     "reach everything; 'default allow' says so more plainly");
	else if (rule->protos & CW_PROTO_MASK_PORTS)
		warn(ruleset, rule, diag, "everything", "every program may "
		     "reach most addresses and ports");
}

static void check_rule(const struct cw_ruleset *ruleset,
		       const struct cw_rule *rule, const struct width *of_set,
		       struct cw_diag *diag)
{
	struct width width;

	if (!rule->allow ||
	    rule->exe_kind == CW_EXE_KERNEL || has_narrow_condition(rule) ||
	    !has_wide_ports(ruleset, rule))
		return;
	width = measure(of_set, rule->dests, rule->dest_count);
	if (!is_wide(&width))
		return;
	if (rule->exe_kind == CW_EXE_ANY)
		say_any(ruleset, rule, diag);
	else if (rule->exe_kind == CW_EXE_GLOB)
		say_pattern(ruleset, rule, diag);
	else
		say_path(ruleset, rule, diag);
}

bool cw_lint_wide(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	const struct cw_set *set = ruleset->sets;
	struct width *of_set;
	u32 i;

	of_set = cw_alloc((ruleset->set_count + 1) * sizeof(*of_set));
	if (!of_set)
		return false;
	for (i = 0; i < ruleset->set_count; i++)
		of_set[i] = measure(of_set, set[i].dests, set[i].dest_count);
	for (i = 0; i < ruleset->rule_count; i++)
		check_rule(ruleset, &ruleset->rules[i], of_set, diag);
	cw_free(of_set);
	return true;
}
