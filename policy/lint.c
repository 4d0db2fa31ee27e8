// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: warnings about rules that are right but probably not meant, seen from
 * the text alone.
 */
#include <stdlib.h>

#include "lint.h"

void cw_lint_say(struct cw_diag *diag, const struct cw_ruleset *ruleset,
		 enum cw_severity severity, const char *check,
		 const struct cw_span *span, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cw_diag_vadd(diag, ruleset, severity, span, format, args);
	va_end(args);
	cw_diag_tag(diag, check);
}

/* ---- too wide ----------------------------------------------------------- */

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

/* The name of a tool that the pattern lets through, NULL = none. */
static const char *matched_tool(const char *glob)
{
	size_t i;

	if (glob_has_tool(glob, "curl"))
		return "curl";
	for (i = 0; i < ARRAY_SIZE(tools); i++)
		if (glob_has_tool(glob, tools[i]))
			return tools[i];
	return NULL;
}

const char *cw_lint_tool(const struct cw_rule *rule)
{
	if (!rule->exe)
		return NULL;
	if (rule->exe_kind == CW_EXE_GLOB)
		return matched_tool(rule->exe);
	return is_tool(rule->exe) ? strrchr(rule->exe, '/') + 1 : NULL;
}

static bool is_everywhere(const struct cw_ruleset *ruleset,
			  const struct cw_dest *dest)
{
	if (dest->kind == CW_DEST_SET)
		return ruleset->sets[dest->set].builtin &&
		       !strcmp(ruleset->sets[dest->set].name, "internet");
	return dest->kind == CW_DEST_ANY || (dest->kind == CW_DEST_ADDR &&
	       !cw_word_prefix_length(dest));
}

static void check_wide(const struct cw_ruleset *ruleset,
		       const struct cw_rule *rule, struct cw_diag *diag)
{
	const char *tool;
	u32 i;

	if (!rule->allow || rule->cond_count || rule->port_count ||
	    rule->from_count || !rule->exe)
		return;
	for (i = 0; i < rule->dest_count; i++)
		if (is_everywhere(ruleset, &rule->dests[i]))
			break;
	if (i == rule->dest_count)
		return;
	tool = cw_lint_tool(rule);
	if (tool)
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "wide",
			    &rule->span, "the rule is for %s, which does what "
			    "anyone tells it, and for every address and port; "
			    "name destinations, ports, a script, a user or an "
			    "ancestor", tool);
}

/* `allow any to any` without anything else. */
static void check_everything(const struct cw_ruleset *ruleset,
			     const struct cw_rule *rule, struct cw_diag *diag)
{
	if (rule->allow && rule->exe_kind == CW_EXE_ANY && !rule->cond_count &&
	    rule->dest_count == 1 && rule->dests->kind == CW_DEST_ANY &&
	    !rule->port_count && rule->protos == CW_PROTO_MASK_ALL)
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "everything",
			    &rule->span, "every program may reach everything; "
			    "'default allow' says so more plainly");
}

/* ---- lists -------------------------------------------------------------- */

struct item {
	struct cw_range range;
	const struct cw_span *span;
};

/* Wider ones first, so that what is covered comes after what covers it. */
static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	int order = cw_cover_compare(&x->range, &y->range);

	if (order)
		return order;
	if (x->range.lo != y->range.lo)
		return x->range.lo < y->range.lo ? -1 : 1;
	if (x->range.hi != y->range.hi)
		return x->range.hi > y->range.hi ? -1 : 1;
	return x->span < y->span ? -1 : x->span > y->span;
}

static void say_repeated(const struct cw_ruleset *ruleset, struct item *item,
			 u32 count, struct cw_diag *diag)
{
	u32 i, widest = 0;

	qsort(item, count, sizeof(*item), compare_items);
	for (i = 1; i < count; i++) {
		if (cw_cover_compare(&item[i].range, &item[widest].range) ||
		    item[i].range.hi > item[widest].range.hi) {
			widest = i;
			continue;
		}
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "repeated",
			    item[i].span, "another element of the list has "
			    "this already");
		cw_diag_note(diag, ruleset, item[widest].span,
			     "this element covers it");
	}
}

static bool check_dests(const struct cw_ruleset *ruleset,
			const struct cw_dest *dest, u32 count,
			struct cw_diag *diag)
{
	struct item *item;
	u32 i, used = 0;

	if (count < 2)
		return true;
	item = cw_alloc(count * sizeof(*item));
	if (!item)
		return false;
	for (i = 0; i < count; i++) {
		if (dest[i].kind == CW_DEST_ANY)
			cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING,
				    "repeated", &dest[i].span, "'any' makes "
				    "the rest of the list pointless");
		if (dest[i].kind != CW_DEST_ADDR)
			continue;
		cw_cover_range(&dest[i], &item[used].range);
		item[used++].span = &dest[i].span;
	}
	say_repeated(ruleset, item, used, diag);
	cw_free(item);
	return true;
}

static bool check_ports(const struct cw_ruleset *ruleset,
			const struct cw_port *port, u32 count,
			struct cw_diag *diag)
{
	struct item *item;
	u32 i, used = 0;

	if (count < 2)
		return true;
	item = cw_alloc(count * sizeof(*item));
	if (!item)
		return false;
	for (i = 0; i < count; i++) {
		if (port[i].is_set)
			continue;
		item[used].range = (struct cw_range){
			.lo = port[i].lo, .hi = port[i].hi,
		};
		item[used++].span = &port[i].span;
	}
	say_repeated(ruleset, item, used, diag);
	cw_free(item);
	return true;
}

/* ---- the rest ----------------------------------------------------------- */

/* AF_PACKET sends frames, not to an address: only `any` can match. */
static void check_packet(const struct cw_ruleset *ruleset,
			 const struct cw_rule *rule, struct cw_diag *diag)
{
	u32 i;

	if (!rule->protos_given || !(rule->protos >> CW_PROTO_PACKET & 1))
		return;
	for (i = 0; i < rule->dest_count; i++)
		if (rule->dests[i].kind == CW_DEST_ANY)
			return;
	cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "packet", &rule->span,
		    "packet sockets send to no IP address; only 'to any' "
		    "matches them");
}

static void mark_used(const struct cw_dest *dest, u32 dests,
		      const struct cw_port *port, u32 ports, u8 *is_used)
{
	for (; dests; dests--, dest++)
		if (dest->kind == CW_DEST_SET)
			is_used[dest->set] = 1;
	for (; ports; ports--, port++)
		if (port->is_set)
			is_used[port->set] = 1;
}

static bool check_unused(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	u8 *is_used = cw_alloc(ruleset->set_count + 1);
	const struct cw_rule *rule = ruleset->rules;
	const struct cw_set *set = ruleset->sets;
	u32 i;

	if (!is_used)
		return false;
	memset(is_used, 0, ruleset->set_count + 1);
	for (i = 0; i < ruleset->rule_count; i++) {
		mark_used(rule[i].dests, rule[i].dest_count, rule[i].ports,
			  rule[i].port_count, is_used);
		mark_used(NULL, 0, rule[i].froms, rule[i].from_count, is_used);
	}
	for (i = ruleset->set_count; i-- > 0;)
		if (is_used[i])
			mark_used(set[i].dests, set[i].dest_count, set[i].ports,
				  set[i].port_count, is_used);
	for (i = 0; i < ruleset->set_count; i++)
		if (!is_used[i] && !set[i].builtin)
			cw_lint_say(diag, ruleset, CW_SEVERITY_NOTE, "unused",
				    &set[i].span, "set @%s is not used",
				    set[i].name);
	cw_free(is_used);
	return true;
}

bool cw_lint_rules(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	const struct cw_rule *rule = ruleset->rules;
	const struct cw_set *set = ruleset->sets;
	u32 i;

	for (i = 0; i < ruleset->set_count; i++)
		if (!set[i].builtin &&
		    (!check_dests(ruleset, set[i].dests, set[i].dest_count,
				  diag) ||
		     !check_ports(ruleset, set[i].ports, set[i].port_count,
				  diag)))
			return false;
	for (i = 0; i < ruleset->rule_count; i++) {
		check_wide(ruleset, &rule[i], diag);
		check_everything(ruleset, &rule[i], diag);
		check_packet(ruleset, &rule[i], diag);
		cw_lint_trust(ruleset, &rule[i], diag);
		if (!check_dests(ruleset, rule[i].dests, rule[i].dest_count,
				 diag) ||
		    !check_ports(ruleset, rule[i].ports, rule[i].port_count,
				 diag) ||
		    !check_ports(ruleset, rule[i].froms, rule[i].from_count,
				 diag))
			return false;
	}
	return check_unused(ruleset, diag) && cw_lint_shadows(ruleset, diag);
}

void cw_ruleset_lint(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	if (!cw_lint_rules(ruleset, diag) || !cw_lint_host(ruleset, diag))
		cw_diag_nomem(diag);
}
