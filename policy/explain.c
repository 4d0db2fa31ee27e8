// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict on one request found the slow and plain way, rule after rule,
 * with the reason why each rule that came close does not decide.  Must agree
 * with cw_match(), and is tested against it.
 */
#include "passes.h"

/* One rule against one request. */
struct trial {
	const struct cw_ruleset *ruleset;
	const struct cw_ident *ident;
	const struct cw_request *request;
	const struct cw_rule *rule;
	u32 misses;	/* mask of 1 << enum cw_miss */
	u32 cond;	/* the first condition that fails */
	u32 score;
};

/* ---- the request -------------------------------------------------------- */

static bool dests_match(const struct trial *trial, const struct cw_dest *dest,
			u32 count)
{
	const struct cw_request *request = trial->request;
	const struct cw_set *set;
	u32 size = request->family == 4 ? 4 : 16;

	for (; count; count--, dest++) {
		switch (dest->kind) {
		case CW_DEST_ANY:
			return true;
		case CW_DEST_ADDR:
			if (dest->family == request->family &&
			    memcmp(dest->lo, request->addr, size) <= 0 &&
			    memcmp(dest->hi, request->addr, size) >= 0)
				return true;
			break;
		case CW_DEST_SET:
			set = &trial->ruleset->sets[dest->set];
			if (dests_match(trial, set->dests, set->dest_count))
				return true;
			break;
		case CW_DEST_HOST:
			break;
		}
	}
	return false;
}

static bool ports_match(const struct trial *trial, const struct cw_port *port,
			u32 count)
{
	const struct cw_set *set;

	for (; count; count--, port++) {
		if (port->is_set) {
			set = &trial->ruleset->sets[port->set];
			if (ports_match(trial, set->ports, set->port_count))
				return true;
		} else if (port->lo <= trial->request->port &&
			   port->hi >= trial->request->port) {
			return true;
		}
	}
	return false;
}

/* ---- the process -------------------------------------------------------- */

static bool ends_with(const char *text, size_t size, const char *suffix)
{
	size_t length = strlen(suffix);

	return size >= length && !memcmp(text + size - length, suffix, length);
}

static bool component_matches(const char *pattern, const char *text,
			      size_t size)
{
	char name[256];

	if (!size || size >= sizeof(name))
		return false;
	memcpy(name, text, size);
	name[size] = 0;
	return cw_glob_matches(pattern, name);
}

/* The slices at the top, and the first component that is none. */
static bool unit_matches(const char *unit, const char *cgroup)
{
	size_t size;

	for (; *cgroup == '/'; cgroup += size) {
		size = strcspn(++cgroup, "/");
		if (component_matches(unit, cgroup, size))
			return true;
		if (!ends_with(cgroup, size, ".slice"))
			return false;
	}
	return false;
}

/* The name inside "docker-NAME.scope" and the like. */
static bool scope_matches(const char *container, const char *text, size_t size)
{
	static const char *const prefix[] = {
		"docker-", "libpod-", "cri-containerd-", "crio-", "machine-",
		"lxc.payload.", "systemd-nspawn@",
	};
	size_t i, length;

	if (ends_with(text, size, ".scope"))
		size -= strlen(".scope");
	else if (ends_with(text, size, ".service"))
		size -= strlen(".service");
	for (i = 0; i < ARRAY_SIZE(prefix); i++) {
		length = strlen(prefix[i]);
		if (size < length || memcmp(text, prefix[i], length))
			continue;
		return component_matches(container, text + length,
					 size - length);
	}
	return component_matches(container, text, size);
}

/* Users name the cgroups below user.slice as they like. */
static bool container_matches(const char *container, const char *cgroup)
{
	size_t size;

	if (cw_glob_matches_below("/user.slice", cgroup))
		return false;
	for (; *cgroup == '/'; cgroup += size) {
		size = strcspn(++cgroup, "/");
		if (scope_matches(container, cgroup, size))
			return true;
	}
	return false;
}

static bool group_matches(const struct cw_ident *ident, u32 gid)
{
	u32 i;

	for (i = 0; i < ident->gids; i++)
		if (ident->gid[i] == gid)
			return true;
	return false;
}

static bool ancestor_matches(const struct cw_ident *ident, const char *path,
			     u32 generations)
{
	u32 i;

	for (i = 0; i < generations && i < ident->ancestors; i++)
		if (ident->ancestor[i] &&
		    cw_glob_matches(path, ident->ancestor[i]))
			return true;
	return false;
}

static bool cond_matches(const struct cw_ident *ident,
			 const struct cw_cond *cond)
{
	const char *text = cond->text;

	switch (cond->kind) {
	case CW_COND_SCRIPT:
		return ident->script && cw_glob_matches(text, ident->script);
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
		return ancestor_matches(ident, text, 1);
	case CW_COND_ANCESTOR:
		return ancestor_matches(ident, text, ident->ancestors);
	case CW_COND_SHA256:
		return ident->flags & CW_IDENT_HASHED &&
		       !memcmp(ident->sha256, cond->digest, 32);
	case CW_COND_COUNT:
		break;
	}
	return false;
}

static bool exe_matches(const struct cw_ident *ident,
			const struct cw_rule *rule)
{
	if (ident->flags & CW_IDENT_KERNEL || rule->exe_kind == CW_EXE_KERNEL)
		return ident->flags & CW_IDENT_KERNEL &&
		       rule->exe_kind == CW_EXE_KERNEL;
	if (ident->flags & CW_IDENT_UNKNOWN)
		return false;
	if (rule->exe_kind == CW_EXE_ANY)
		return true;
	return ident->exe && (rule->exe_kind == CW_EXE_PATH ?
			      !strcmp(rule->exe, ident->exe) :
			      cw_glob_matches(rule->exe, ident->exe));
}

/* ---- rules that came close ---------------------------------------------- */

/* A copy or a namesake of the program that a rule names. */
static bool has_same_name(const struct trial *trial)
{
	const char *exe = trial->ident->exe, *rule = trial->rule->exe;

	return exe && rule && strrchr(exe, '/') && strrchr(rule, '/') &&
	       !strcmp(strrchr(exe, '/'), strrchr(rule, '/'));
}

static void miss(struct trial *trial, enum cw_miss what)
{
	trial->misses |= 1u << what;
}

static void try_subject(struct trial *trial)
{
	const struct cw_rule *rule = trial->rule;
	u32 i;

	if (!exe_matches(trial->ident, rule)) {
		miss(trial, CW_MISS_EXE);
		trial->score += has_same_name(trial) ? 4 : 0;
	} else if (rule->exe_kind != CW_EXE_ANY) {
		trial->score += rule->exe_kind == CW_EXE_GLOB ? 4 : 5;
	}
	for (i = 0; i < rule->cond_count; i++) {
		if (cond_matches(trial->ident, &rule->conds[i])) {
			trial->score++;
			continue;
		}
		/* Two conditions that fail are not close. */
		if (trial->misses & (1u << CW_MISS_COND))
			miss(trial, CW_MISS_LATER);
		else
			trial->cond = i;
		miss(trial, CW_MISS_COND);
	}
}

static void try_request(struct trial *trial)
{
	const struct cw_request *request = trial->request;
	const struct cw_rule *rule = trial->rule;

	if (!dests_match(trial, rule->dests, rule->dest_count))
		miss(trial, CW_MISS_DEST);
	else if (rule->dests[0].kind != CW_DEST_ANY)
		trial->score += 3;
	if (request->proto >= CW_PROTO_COUNT ||
	    !(rule->protos >> request->proto & 1))
		miss(trial, CW_MISS_PROTO);
	if (rule->port_count) {
		if (!ports_match(trial, rule->ports, rule->port_count))
			miss(trial, CW_MISS_PORT);
		else
			trial->score += 2;
	}
	if (rule->until && request->now >= rule->until)
		miss(trial, CW_MISS_EXPIRED);
}

static void try_rule(struct trial *trial, u32 number)
{
	trial->rule = &trial->ruleset->rules[number];
	trial->misses = trial->cond = trial->score = 0;
	try_subject(trial);
	try_request(trial);
}

static void keep_near(struct cw_explanation *out, const struct cw_near *near)
{
	u32 at = out->near_count;

	while (at && out->near[at - 1].score < near->score)
		at--;
	if (at == CW_NEAR_MAX)
		return;
	if (out->near_count < CW_NEAR_MAX)
		out->near_count++;
	memmove(&out->near[at + 1], &out->near[at],
		(out->near_count - at - 1) * sizeof(*near));
	out->near[at] = *near;
}

/* All but one thing fits, and what fits is more than `any`. */
static void keep_if_close(struct trial *trial, u32 number,
			  struct cw_explanation *out)
{
	struct cw_near near = {
		.rule = number, .cond = trial->cond, .score = trial->score,
	};

	if (!trial->misses || trial->misses & (trial->misses - 1) ||
	    trial->score < 3)
		return;
	near.miss = __builtin_ctz(trial->misses);
	keep_near(out, &near);
}

/* ---- the verdict -------------------------------------------------------- */

static void decide(const struct trial *trial, u32 number,
		   struct cw_verdict *verdict)
{
	const struct cw_rule *rule = trial->rule;
	enum cw_log log = trial->ruleset->log;

	verdict->rule = number;
	verdict->allow = rule->allow;
	verdict->monitor = rule->monitor;
	verdict->log = log == CW_LOG_ALL ||
		       (log == CW_LOG_DENY && !rule->allow);
	if (rule->log != CW_RULE_LOG_INHERIT)
		verdict->log = rule->log == CW_RULE_LOG_YES;
}

/* The kernel's own sockets are never denied by default. */
static void decide_default(const struct trial *trial,
			   struct cw_verdict *verdict)
{
	const struct cw_ruleset *ruleset = trial->ruleset;

	verdict->rule = CW_RULE_DEFAULT;
	verdict->allow = ruleset->default_allow ||
			 trial->ident->flags & CW_IDENT_KERNEL;
	verdict->monitor = false;
	verdict->log = ruleset->log == CW_LOG_ALL ||
		       (ruleset->log == CW_LOG_DENY && !verdict->allow);
}

/* The first later rule that would decide otherwise: what the order hides. */
static void find_hidden(struct trial *trial, u32 number,
			struct cw_explanation *out)
{
	const struct cw_rule *rule = trial->ruleset->rules;
	struct cw_near near = { .miss = CW_MISS_LATER, .score = UINT32_MAX };

	for (near.rule = number + 1; near.rule < trial->ruleset->rule_count;
	     near.rule++) {
		if (rule[near.rule].allow == rule[number].allow &&
		    rule[near.rule].monitor == rule[number].monitor)
			continue;
		try_rule(trial, near.rule);
		if (trial->misses)
			continue;
		keep_near(out, &near);
		return;
	}
}

void cw_ruleset_explain(const struct cw_ruleset *ruleset,
			const struct cw_ident *ident,
			const struct cw_request *request,
			struct cw_explanation *out)
{
	struct trial trial = {
		.ruleset = ruleset, .ident = ident, .request = request,
	};
	u32 i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < ruleset->rule_count; i++) {
		try_rule(&trial, i);
		if (!trial.misses) {
			decide(&trial, i, &out->verdict);
			find_hidden(&trial, i, out);
			return;
		}
		keep_if_close(&trial, i, out);
	}
	decide_default(&trial, &out->verdict);
}
