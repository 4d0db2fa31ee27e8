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
	char name[CW_PATH_MAX];
	u32 i;

	for (i = 0; component(cgroup, i, name); i++) {
		if (model_glob(unit, name))
			return true;
		if (!has_suffix(name, ".slice"))
			return false;
	}
	return false;
}

static bool container_holds(const char *container, const char *cgroup)
{
	static const char *const prefix[] = {
		"docker-", "libpod-", "cri-containerd-", "crio-", "machine-",
		"lxc.payload.", "systemd-nspawn@",
	};
	char name[CW_PATH_MAX], *at;
	u32 i, j;

	if (component(cgroup, 0, name) && !strcmp(name, "user.slice"))
		return false;
	for (i = 0; component(cgroup, i, name); i++) {
		at = name;
		if (has_suffix(at, ".scope"))
			at[strlen(at) - strlen(".scope")] = '\0';
		else if (has_suffix(at, ".service"))
			at[strlen(at) - strlen(".service")] = '\0';
		for (j = 0; j < ARRAY_SIZE(prefix); j++)
			if (!strncmp(at, prefix[j], strlen(prefix[j]))) {
				at += strlen(prefix[j]);
				break;
			}
		if (*at && model_glob(container, at))
			return true;
	}
	return false;
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

static bool cond_holds(const struct cw_cond *cond, const struct cw_ident *ident)
{
	switch (cond->kind) {
	case CW_COND_SCRIPT:
		return ident->script && model_glob(cond->text, ident->script);
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
	case CW_COND_COUNT:
		break;
	}
	return false;
}

static bool subject_holds(const struct cw_rule *rule,
			  const struct cw_ident *ident)
{
	bool kernel = ident->flags & CW_IDENT_KERNEL;
	u32 i;

	if (kernel != (rule->exe_kind == CW_EXE_KERNEL))
		return false;
	if (!kernel && ident->flags & CW_IDENT_UNKNOWN)
		return false;
	if (rule->exe_kind == CW_EXE_PATH &&
	    (!ident->exe || strcmp(rule->exe, ident->exe)))
		return false;
	if (rule->exe_kind == CW_EXE_GLOB &&
	    (!ident->exe || !model_glob(rule->exe, ident->exe)))
		return false;
	for (i = 0; i < rule->cond_count; i++)
		if (!cond_holds(&rule->conds[i], ident))
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
		    memcmp(request->addr, dest->hi, bytes) <= 0)
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
	       dests_hold(ruleset, rule->dests, rule->dest_count, request);
}

static struct cw_verdict first_match(const struct cw_ruleset *ruleset,
				     const struct cw_ident *ident,
				     const struct cw_request *request)
{
	struct cw_verdict verdict = { .rule = CW_RULE_DEFAULT };
	enum cw_rule_log log = CW_RULE_LOG_INHERIT;
	u32 i;

	verdict.allow = ruleset->default_allow ||
			ident->flags & CW_IDENT_KERNEL;
	for (i = 0; i < ruleset->rule_count; i++) {
		const struct cw_rule *rule = &ruleset->rules[i];

		if (!rule_holds(ruleset, rule, ident, request))
			continue;
		verdict.rule = i;
		verdict.allow = rule->allow;
		verdict.monitor = rule->monitor;
		log = rule->log;
		break;
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
		    !same_text(a[i].text, b[i].text))
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
	       a->port_count == b->port_count && a->protos == b->protos &&
	       a->protos_given == b->protos_given && a->until == b->until &&
	       same_text(a->label, b->label) &&
	       same_conds(a->conds, b->conds, a->cond_count) &&
	       same_dests(a->dests, b->dests, a->dest_count) &&
	       same_ports(a->ports, b->ports, a->port_count);
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
