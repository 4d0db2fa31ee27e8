// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model of the policy language, see model.h.
 */
#include "model.h"

bool model_glob(const char *pattern, const char *text)
{
	if (!*pattern)
		return !*text;
	if (pattern[0] == '*' && pattern[1] == '*')
		return model_glob(pattern + 2, text) ||
		       (*text && model_glob(pattern, text + 1));
	if (*pattern == '*')
		return model_glob(pattern + 1, text) ||
		       (*text && *text != '/' && model_glob(pattern, text + 1));
	if (!*text)
		return false;
	if (*pattern == '?' ? *text == '/' : *pattern != *text)
		return false;
	return model_glob(pattern + 1, text + 1);
}

/* @text cut at every slash and at its end: does one of these match? */
static bool glob_above(const char *pattern, const char *text)
{
	char part[CW_PATH_MAX];
	size_t i;

	for (i = 0; i <= strlen(text); i++) {
		if (text[i] && text[i] != '/')
			continue;
		memcpy(part, text, i);
		part[i] = '\0';
		if (model_glob(pattern, part))
			return true;
	}
	return false;
}

/* Component @n of a path, counted from 0; false when it has fewer. */
static bool component(const char *path, u32 n, char *out)
{
	char copy[CW_PATH_MAX], *save, *token;

	strcpy(copy, path);
	for (token = strtok_r(copy, "/", &save); token && n; n--)
		token = strtok_r(NULL, "/", &save);
	if (token)
		strcpy(out, token);
	return token;
}

static bool has_suffix(const char *text, const char *suffix)
{
	size_t length = strlen(text), tail = strlen(suffix);

	return length >= tail && !strcmp(text + length - tail, suffix);
}

static bool unit_holds(const char *unit, const char *cgroup)
{
	static const char *const type[] = {
		".service", ".scope", ".socket", ".mount", ".swap",
	};
	char name[CW_PATH_MAX];
	u32 i, j;

	for (i = 0; component(cgroup, i, name); i++) {
		if (has_suffix(name, ".slice")) {
			if (model_glob(unit, name))
				return true;
			continue;
		}
		for (j = 0; j < ARRAY_SIZE(type); j++)
			if (has_suffix(name, type[j]))
				return model_glob(unit, name);
		return false;
	}
	return false;
}

/*
 * The forms of paths of containers, behind the slices that a path begins with
 * ("=": only when there is none).  @ is the name.
 */
static const struct {
	const char *engine, *form;
} container_form[] = {
	{ "docker", "docker-@.scope" }, { "podman", "libpod-@.scope" },
	{ "containerd", "cri-containerd-@.scope" },
	{ "crio", "crio-@.scope" }, { "nerdctl", "nerdctl-@.scope" },
	{ "nspawn", "systemd-nspawn@@.service" },
	{ "nspawn", "machine-@.scope" }, { "lxc", "=lxc.payload.@" },
	{ "lxc", "=lxc.payload/@" }, { "lxc", "=lxc/@" },
	{ "docker", "=docker/buildkit/@" }, { "docker", "=docker/@" },
	{ "podman", "=libpod_parent/libpod-@" },
	{ "podman", "=libpod_parent/*/libpod-@" },
	{ "crio", "=kubepods/pod*/crio-@" }, { "containerd", "=kubepods/pod*/@" },
	{ "crio", "=kubepods/burstable/pod*/crio-@" },
	{ "containerd", "=kubepods/burstable/pod*/@" },
	{ "crio", "=kubepods/besteffort/pod*/crio-@" },
	{ "containerd", "=kubepods/besteffort/pod*/@" },
};

/* The name in @path by @form, whose last component has it; "" = none. */
static const char *name_by(const char *form, const char *path, char *below)
{
	static char name[CW_PATH_MAX];
	char glob[CW_PATH_MAX], head[CW_PATH_MAX];
	const char *last = strrchr(form, '/') ? strrchr(form, '/') + 1 : form;
	const char *at = strrchr(last, '@'), *part;
	u32 slashes = 0;
	size_t i;

	for (i = 0; form[i]; i++)
		slashes += form[i] == '/';
	for (i = 0; path[i] && (path[i] != '/' || slashes--); i++)
		head[i] = path[i];
	head[i] = '\0';
	strcpy(below, path[i] ? path + i + 1 : "");
	sprintf(glob, "%.*s?*%s", (int)(at - form), form, at + 1);
	if (!model_glob(glob, head))
		return "";
	part = strrchr(head, '/') ? strrchr(head, '/') + 1 : head;
	strcpy(name, part + (at - last));
	name[strlen(name) - strlen(at + 1)] = '\0';
	return name;
}

static const char *find_container(const char *cgroup, const char **engine,
				  char *below)
{
	char first[CW_PATH_MAX];
	const char *path = cgroup + 1, *form, *name;
	u32 i;

	if (component(cgroup, 0, first) && !strcmp(first, "user.slice"))
		return "";
	while (component(path, 0, first) && has_suffix(first, ".slice") &&
	       path[strlen(first)])
		path += strlen(first) + 1;
	for (i = 0; i < ARRAY_SIZE(container_form); i++) {
		form = container_form[i].form;
		if (*form == '=' && path != cgroup + 1)
			continue;
		name = name_by(form + (*form == '='), path, below);
		*engine = container_form[i].engine;
		if (*name)
			return name;
	}
	return "";
}

static bool container_holds(const char *container, const char *cgroup)
{
	char below[CW_PATH_MAX], glob[CW_PATH_MAX], name[CW_PATH_MAX], *dash;
	const char *engine, *colon = strchr(container, ':');

	strcpy(name, find_container(cgroup, &engine, below));
	if (!*name || model_glob("conmon-?*", name))
		return false;
	if (!strcmp(engine, "nspawn") &&
	    (model_glob("qemu\\x2d?*", name) || !strcmp(below, "supervisor") ||
	     model_glob("supervisor/**", below)))
		return false;
	while ((dash = strstr(name, "\\x2d"))) {
		*dash = '-';
		memmove(dash + 1, dash + 4, strlen(dash + 4) + 1);
	}
	if (colon && (strncmp(container, engine, colon - container) ||
		      strlen(engine) != (size_t)(colon - container)))
		return false;
	strcpy(glob, colon ? colon + 1 : container);
	if (strlen(glob) >= 12 &&
	    strspn(glob, "0123456789abcdef") == strlen(glob))
		strcat(glob, "*");
	return model_glob(glob, name);
}

static bool ancestor_holds(const struct cw_cond *cond,
			   const struct cw_ident *ident, u32 count)
{
	u32 i;

	for (i = 0; i < count && i < ident->ancestors; i++)
		if (ident->ancestor[i] &&
		    model_glob(cond->text, ident->ancestor[i]))
			return true;
	return false;
}

static bool group_holds(const struct cw_cond *cond,
			const struct cw_ident *ident)
{
	u32 i;

	if ((ident->flags & CW_IDENT_EGID) && ident->egid == cond->id)
		return true;
	for (i = 0; i < ident->gids; i++)
		if (ident->gid[i] == cond->id)
			return true;
	return false;
}

static bool script_holds(const struct cw_cond *cond,
			 const struct cw_ident *ident)
{
	if (ident->script && model_glob(cond->text, ident->script))
		return true;
	if (!cond->target)
		return false;
	if (ident->script)
		return !strcmp(ident->script, cond->target);
	return ident->link && !strcmp(ident->link, cond->text) &&
	       !strcmp(ident->link_file, cond->target);
}

static bool cond_holds(const struct cw_cond *cond, const struct cw_ident *ident)
{
	switch (cond->kind) {
	case CW_COND_SCRIPT:
		return script_holds(cond, ident);
	case CW_COND_USER:
		return ident->uid == cond->id;
	case CW_COND_GROUP:
		return group_holds(cond, ident);
	case CW_COND_UNIT:
		return ident->cgroup && unit_holds(cond->text, ident->cgroup);
	case CW_COND_CGROUP:
		return ident->cgroup && glob_above(cond->text, ident->cgroup);
	case CW_COND_CONTAINER:
		return ident->cgroup &&
		       container_holds(cond->text, ident->cgroup);
	case CW_COND_PARENT:
		return ancestor_holds(cond, ident, 1);
	case CW_COND_ANCESTOR:
		return ancestor_holds(cond, ident, CW_ANCESTORS);
	case CW_COND_SHA256:
		return ident->flags & CW_IDENT_HASHED &&
		       !memcmp(cond->digest, ident->sha256, 32);
	case CW_COND_CLEAN_ENV:
		return ident->flags & CW_IDENT_CLEAN_ENV;
	case CW_COND_COUNT:
		break;
	}
	return false;
}

/*
 * Does the left-hand side ask more than user, groups and control group?  Or, of
 * a process that is absent, anything?
 */
static bool asks_for_program(const struct cw_rule *rule,
			     const struct cw_ident *ident)
{
	u32 i;

	if (ident->flags & CW_IDENT_ABSENT && rule->cond_count)
		return true;
	for (i = 0; i < rule->cond_count; i++)
		if (rule->conds[i].kind != CW_COND_USER &&
		    rule->conds[i].kind != CW_COND_GROUP &&
		    rule->conds[i].kind != CW_COND_UNIT &&
		    rule->conds[i].kind != CW_COND_CGROUP &&
		    rule->conds[i].kind != CW_COND_CONTAINER)
			return true;
	return rule->exe;
}

static bool subject_holds(const struct cw_rule *rule,
			  const struct cw_ident *ident)
{
	bool kernel = ident->flags & CW_IDENT_KERNEL;
	u32 i;

	if (kernel != (rule->exe_kind == CW_EXE_KERNEL))
		return false;
	if (!kernel && ident->flags & CW_IDENT_UNKNOWN &&
	    asks_for_program(rule, ident))
		return false;
	if (rule->exe_kind == CW_EXE_PATH &&
	    (!ident->exe || strcmp(rule->exe, ident->exe)))
		return false;
	if (rule->exe_kind == CW_EXE_GLOB &&
	    (!ident->exe || !model_glob(rule->exe, ident->exe)))
		return false;
	for (i = 0; i < rule->cond_count; i++)
		if (!cond_holds(&rule->conds[i], ident) ||
		    (rule->conds[i].kind == CW_COND_SCRIPT &&
		     ident->flags & CW_IDENT_BY_ENV &&
		     rule->exe_kind == CW_EXE_ANY))
			return false;
	return true;
}

static bool dests_hold(const struct cw_ruleset *ruleset,
		       const struct cw_dest *dests, u32 count,
		       const struct cw_request *request)
{
	u32 i, bytes = request->family == 4 ? 4 : 16;

	for (i = 0; i < count; i++) {
		const struct cw_dest *dest = &dests[i];

		if (dest->kind == CW_DEST_ANY)
			return true;
		if (dest->kind == CW_DEST_SET &&
		    dests_hold(ruleset, ruleset->sets[dest->set].dests,
			       ruleset->sets[dest->set].dest_count, request))
			return true;
		if (dest->kind == CW_DEST_ADDR &&
		    dest->family == request->family &&
		    memcmp(dest->lo, request->addr, bytes) <= 0 &&
		    memcmp(request->addr, dest->hi, bytes) <= 0 &&
		    (!dest->zone || (request->zone &&
		     !strcmp(dest->zone, request->zone))))
			return true;
	}
	return false;
}

static bool ports_hold(const struct cw_ruleset *ruleset,
		       const struct cw_port *ports, u32 count, u16 port)
{
	u32 i;

	for (i = 0; i < count; i++) {
		const struct cw_set *set = &ruleset->sets[ports[i].set];

		if (ports[i].is_set ?
		    ports_hold(ruleset, set->ports, set->port_count, port) :
		    ports[i].lo <= port && port <= ports[i].hi)
			return true;
	}
	return false;
}

static bool rule_holds(const struct cw_ruleset *ruleset,
		       const struct cw_rule *rule, const struct cw_ident *ident,
		       const struct cw_request *request)
{
	return subject_holds(rule, ident) &&
	       (!rule->until || request->now < rule->until) &&
	       request->proto < CW_PROTO_COUNT &&
	       rule->protos >> request->proto & 1 &&
	       (!rule->port_count ||
		ports_hold(ruleset, rule->ports, rule->port_count,
			   request->port)) &&
	       (!rule->from_count ||
		ports_hold(ruleset, rule->froms, rule->from_count,
			   request->from)) &&
	       dests_hold(ruleset, rule->dests, rule->dest_count, request);
}

static bool is_strict(const struct cw_ident *ident)
{
	return ident->flags & CW_IDENT_UNKNOWN &&
	       !(ident->flags & CW_IDENT_KERNEL);
}

static bool passes(const struct cw_rule *rule)
{
	return rule->allow || rule->monitor;
}

/*
 * Which rule decides, or CW_RULE_DEFAULT.  For an unknown process, under
 * `default allow`, also the first one that denies a program; under `default
 * deny` none that lets it pass.
 */
static u32 deciding_rule(const struct cw_ruleset *ruleset,
			 const struct cw_ident *ident,
			 const struct cw_request *request)
{
	u32 i, program = CW_RULE_DEFAULT;

	for (i = 0; i < ruleset->rule_count; i++) {
		const struct cw_rule *rule = &ruleset->rules[i];

		if (rule_holds(ruleset, rule, ident, request))
			break;
		if (is_strict(ident) && program == CW_RULE_DEFAULT &&
		    asks_for_program(rule, ident) && !passes(rule))
			program = i;
	}
	if (i == ruleset->rule_count)
		i = CW_RULE_DEFAULT;
	if (!is_strict(ident) ||
	    (i != CW_RULE_DEFAULT && !passes(&ruleset->rules[i])))
		return i;
	if (!ruleset->default_allow)
		return CW_RULE_DEFAULT;
	return program != CW_RULE_DEFAULT ? program : i;
}

static struct cw_verdict first_match(const struct cw_ruleset *ruleset,
				     const struct cw_ident *ident,
				     const struct cw_request *request)
{
	struct cw_verdict verdict = {
		.rule = deciding_rule(ruleset, ident, request),
	};
	const struct cw_rule *rule;
	enum cw_rule_log log = CW_RULE_LOG_INHERIT;

	if (verdict.rule == CW_RULE_DEFAULT) {
		verdict.allow = ruleset->default_allow ||
				ident->flags & CW_IDENT_KERNEL;
	} else {
		rule = &ruleset->rules[verdict.rule];
		verdict.allow = rule->allow;
		verdict.monitor = rule->monitor;
		log = rule->log;
	}
	verdict.log = log == CW_RULE_LOG_YES ||
		      (log == CW_RULE_LOG_INHERIT &&
		       (ruleset->log == CW_LOG_ALL ||
			(ruleset->log == CW_LOG_DENY && !verdict.allow)));
	return verdict;
}

static int strictness(struct cw_verdict verdict)
{
	return verdict.allow ? 0 : verdict.monitor ? 1 : 2;
}

/* An ISATAP address is judged as what it is and as what it carries. */
struct cw_verdict model_match(const struct cw_ruleset *ruleset,
			      const struct cw_ident *ident,
			      const struct cw_request *request)
{
	struct cw_verdict outer = first_match(ruleset, ident, request), verdict;
	struct cw_request inner = *request;

	if (request->family != 6 ||
	    (memcmp(request->addr + 8, "\0\0\x5e\xfe", 4) &&
	     memcmp(request->addr + 8, "\2\0\x5e\xfe", 4)))
		return outer;
	inner.family = 4;
	memset(inner.addr, 0, sizeof(inner.addr));
	memcpy(inner.addr, request->addr + 12, 4);
	verdict = first_match(ruleset, ident, &inner);
	return strictness(verdict) > strictness(outer) ? verdict : outer;
}

/* ---- equality ----------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_dests(const struct cw_dest *a, const struct cw_dest *b,
		       u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (a[i].kind != b[i].kind || a[i].family != b[i].family ||
		    memcmp(a[i].lo, b[i].lo, 16) ||
		    memcmp(a[i].hi, b[i].hi, 16) || a[i].set != b[i].set ||
		    !same_text(a[i].zone, b[i].zone) ||
		    !same_text(a[i].name, b[i].name))
			return false;
	return true;
}

static bool same_ports(const struct cw_port *a, const struct cw_port *b,
		       u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (a[i].is_set != b[i].is_set || a[i].lo != b[i].lo ||
		    a[i].hi != b[i].hi || a[i].set != b[i].set ||
		    !same_text(a[i].name, b[i].name))
			return false;
	return true;
}

static bool same_place(struct cw_span a, struct cw_span b)
{
	return a.file == b.file && a.line == b.line;
}

static bool same_set(const struct cw_set *a, const struct cw_set *b)
{
	return same_text(a->name, b->name) && a->builtin == b->builtin &&
	       a->of_ports == b->of_ports && a->dest_count == b->dest_count &&
	       a->port_count == b->port_count && same_place(a->span, b->span) &&
	       same_dests(a->dests, b->dests, a->dest_count) &&
	       same_ports(a->ports, b->ports, a->port_count);
}

static bool same_conds(const struct cw_cond *a, const struct cw_cond *b,
		       u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (a[i].kind != b[i].kind || a[i].id != b[i].id ||
		    memcmp(a[i].digest, b[i].digest, 32) ||
		    !same_text(a[i].text, b[i].text) ||
		    !same_text(a[i].target, b[i].target))
			return false;
	return true;
}

static bool same_rule(const struct cw_rule *a, const struct cw_rule *b)
{
	return same_place(a->span, b->span) && a->allow == b->allow &&
	       a->monitor == b->monitor && a->log == b->log &&
	       a->exe_kind == b->exe_kind && same_text(a->exe, b->exe) &&
	       a->cond_count == b->cond_count &&
	       a->dest_count == b->dest_count &&
	       a->port_count == b->port_count &&
	       a->from_count == b->from_count && a->protos == b->protos &&
	       a->protos_given == b->protos_given && a->until == b->until &&
	       same_text(a->label, b->label) &&
	       same_conds(a->conds, b->conds, a->cond_count) &&
	       same_dests(a->dests, b->dests, a->dest_count) &&
	       same_ports(a->ports, b->ports, a->port_count) &&
	       same_ports(a->froms, b->froms, a->from_count);
}

bool model_equal(const struct cw_ruleset *a, const struct cw_ruleset *b)
{
	u32 i;

	if (a->default_allow != b->default_allow || a->log != b->log ||
	    a->file_count != b->file_count || a->set_count != b->set_count ||
	    a->rule_count != b->rule_count)
		return false;
	for (i = 0; i < a->file_count; i++)
		if (!same_text(a->files[i], b->files[i]))
			return false;
	for (i = 0; i < a->set_count; i++)
		if (!same_set(&a->sets[i], &b->sets[i]))
			return false;
	for (i = 0; i < a->rule_count; i++)
		if (!same_rule(&a->rules[i], &b->rules[i]))
			return false;
	return true;
}
