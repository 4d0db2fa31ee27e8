// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random policies and requests, see random_policy.h.
 */
#include <stdlib.h>

#include "random_policy.h"

u32 random_next(struct random *random)
{
	u64 z = random->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (u32)(z ^ z >> 31);
}

u32 random_below(struct random *random, u32 limit)
{
	return (u32)((u64)random_next(random) * limit >> 32);
}

bool random_one_in(struct random *random, u32 n)
{
	return !random_below(random, n);
}

#define PICK(random, list) ((list)[random_below(random, ARRAY_SIZE(list))])

static const char *const paths[] = {
	"/usr/bin/curl", "/usr/bin/python3.11", "/usr/sbin/nginx", "/sbin/a",
	"/opt/1/2/3/4/5/6/7/8/9/run", "/usr/bin/python3", "/init", "/usr/bin/",
	"/opt/1/2/3/4/5/6/7/8/9/",
};
static const char *const globs[] = {
	"/usr/bin/*", "/usr/**", "/usr/bin/python3.*", "/**/run", "/usr/*/c?rl",
	"/opt/1/2/3/4/5/6/7/8/9/*", "/*", "/*/*/nginx", "/usr/bin/python?*",
	"/opt/1/2/3/4/5/6/7/**/r*n", "/usr/sbin/?ginx", "**", "*bin*",
	"/usr/*bin/*",
};
static const char *const cgroups[] = {
	"/", "/system.slice/nginx.service", "/system.slice/nginx.service/sub",
	"/user.slice/user-1000.slice/user@1000.service/nginx.service",
	"/system.slice/docker-0123456789ab.scope",
	"/user.slice/docker-0123456789ab.scope",
	"/machine.slice/libpod-web.scope/container", "/init.scope",
	"/machine.slice/systemd-nspawn@web.service",
	"/machine.slice/systemd-nspawn@web.service/supervisor",
	"/machine.slice/machine-my\\x2dweb.scope/payload/init.scope",
	"/machine.slice/machine-qemu\\x2d1\\x2dweb.scope",
	"/machine.slice/libpod-conmon-web.scope", "/lxc.payload.web/system.slice",
	"/docker/0123456789ab", "/docker/buildkit/web", "/docker", "/docker/",
	"/system.slice/docker.service/docker-web.scope",
	"/system.slice/docker/web", "/lxc/web/ns", "/lxc.monitor.web",
	"/kubepods.slice/kubepods-pod1.slice/cri-containerd-0123456789ab.scope",
	"/kubepods/burstable/pod1/0123456789abcdef", "/kubepods/pod1/crio-web",
	"/kubepods/pod1", "/kubepods/burstable/web/web",
	"/libpod_parent/libpod-web", "/libpod_parent/pod/libpod-web/container",
	"/system.slice/docker-0123456789abcdef.scope/x.slice/docker-web.scope",
};
static const char *const cgroup_globs[] = {
	"/system.slice", "/system.slice/nginx.service", "/*", "/user.slice/**",
	"/system.slice/*", "/", "/**/sub", "/system.?", "/*.slice/ngin?",
};
static const char *const units[] = {
	"nginx.service", "system.slice", "user@1000.service", "*.service",
	"init.scope", "user-*.slice", "*", "?ginx.*",
};
static const char *const containers[] = {
	"web", "0123456789ab", "0123*", "container", "*", "?eb", "*ab",
	"docker:*", "podman:web", "lxc:?eb", "nspawn:my-web", "crio:web",
	"containerd:0123456789ab", "0123456789abcdef", "docker:0123456789ab",
	"d*", "doc:*",
};
static const char *const labels[] = { "cloud metadata", "x", "why?", "*" };
static const char *const zones[] = { "eth0", "eth0.1", "br-lan", "lo" };
static const u32 ids[] = { 0, 33, 1000, 1001, 0xfffffffe };
static const u16 ports[] = {
	0, 1, 52, 53, 54, 79, 80, 443, 444, 8079, 8080, 8081, 65534, 65535,
};

static void *take(struct random_policy *policy, u32 count, size_t size)
{
	void *memory = cw_ruleset_alloc(policy->ruleset, count * size + 1);

	if (!memory)
		abort();
	return memory;
}

static char *text(struct random_policy *policy, const char *source)
{
	char *copy = cw_ruleset_string(policy->ruleset, source, strlen(source));

	if (!copy)
		abort();
	return copy;
}

/* ---- addresses ---------------------------------------------------------- */

/* Adds @step (1 or -1) to a number in network order; wraps. */
static void step_address(u8 *addr, u32 bytes, int step)
{
	while (bytes--) {
		addr[bytes] = (u8)(addr[bytes] + step);
		if (addr[bytes] != (step > 0 ? 0 : 0xff))
			break;
	}
}

/* An address that shares a random number of leading bits with a base. */
static void make_address(struct random_policy *policy, u8 family, u8 *addr)
{
	struct random *random = &policy->random;
	u32 which = random_below(random, 4), bytes = family == 4 ? 4 : 16, i;
	u32 keep = random_below(random, bytes * 8 + 1);

	memset(addr, 0, 16);
	memcpy(addr, family == 4 ? policy->base4[which] : policy->base6[which],
	       bytes);
	if (policy->crowded && keep < bytes * 6)
		keep = bytes * 6 + random_below(random, bytes * 2);
	for (i = keep; i < bytes * 8; i++)
		if (random_one_in(random, 2))
			addr[i / 8] ^= 0x80 >> i % 8;
}

/* An address of the same network that carries an IPv4 address. */
static void make_isatap(struct random_policy *policy, u8 *addr)
{
	u8 carried[16];

	make_address(policy, 4, carried);
	memcpy(addr + 8, "\0\0\x5e\xfe", 4);
	addr[8] |= random_one_in(&policy->random, 2) ? 0x02 : 0;
	memcpy(addr + 12, carried, 4);
}

static void add_edge(struct random_policy *policy, u8 family, const u8 *addr)
{
	u32 at = policy->edges < RANDOM_EDGES ? policy->edges++ :
		 random_below(&policy->random, RANDOM_EDGES);

	policy->edge[at].family = family;
	memcpy(policy->edge[at].addr, addr, 16);
}

static void make_prefix(struct random_policy *policy, struct cw_dest *dest)
{
	u32 bits = dest->family == 4 ? 32 : 128, i;
	u32 length = random_below(&policy->random, bits + 1);

	if (policy->crowded && length < bits / 2)
		length += bits / 2;
	make_address(policy, dest->family, dest->lo);
	memcpy(dest->hi, dest->lo, 16);
	for (i = length; i < bits; i++) {
		dest->lo[i / 8] &= ~(0x80 >> i % 8);
		dest->hi[i / 8] |= 0x80 >> i % 8;
	}
}

static void make_range(struct random_policy *policy, struct cw_dest *dest)
{
	u8 other[16];

	make_address(policy, dest->family, dest->lo);
	make_address(policy, dest->family, dest->hi);
	if (memcmp(dest->lo, dest->hi, 16) > 0) {
		memcpy(other, dest->lo, 16);
		memcpy(dest->lo, dest->hi, 16);
		memcpy(dest->hi, other, 16);
	}
}

/* One that has a zone, of a few that are alike. */
static void make_scoped(struct random *random, u8 addr[16])
{
	static const u8 tops[][2] = {
		{ 0xfe, 0x80 }, { 0xfe, 0xbf }, { 0xff, 0x01 }, { 0xff, 0x02 },
		{ 0xff, 0x12 }, { 0xff, 0xf2 },
	};

	memset(addr, 0, 16);
	memcpy(addr, tops[random_below(random, ARRAY_SIZE(tops))], 2);
	addr[15] = random_below(random, 4);
}

static void make_zoned(struct random_policy *policy, struct cw_dest *dest)
{
	struct random *random = &policy->random;

	dest->family = 6;
	make_scoped(random, dest->lo);
	memcpy(dest->hi, dest->lo, 16);
	if (random_one_in(random, 3)) {
		memset(dest->lo + 2, 0, 14);
		memset(dest->hi + 2, 0xff, 14);
	}
	if (random_one_in(random, 4) && dest->lo[0] == 0xfe) {
		dest->lo[1] = 0x80;
		dest->hi[1] = 0xbf;
	}
	if (!random_one_in(random, 3))
		dest->zone = text(policy, PICK(random, zones));
	add_edge(policy, 6, dest->lo);
	add_edge(policy, 6, dest->hi);
}

/* Never nests a set of @below or later into one of them. */
static void make_dest(struct random_policy *policy, struct cw_dest *dest,
		      u32 below)
{
	struct random *random = &policy->random;
	u32 kind = random_below(random, 12), set;

	if (kind == 0) {
		dest->kind = CW_DEST_ANY;
		return;
	}
	set = below ? random_below(random, below) : 0;
	if (kind <= 3 && below && !policy->ruleset->sets[set].of_ports) {
		dest->kind = CW_DEST_SET;
		dest->set = set;
		dest->name = policy->ruleset->sets[set].name;
		return;
	}
	dest->kind = CW_DEST_ADDR;
	if (policy->zoned && random_one_in(random, 2)) {
		make_zoned(policy, dest);
		return;
	}
	dest->family = random_one_in(random, 3) ? 6 : 4;
	if (kind == 4)
		make_range(policy, dest);
	else
		make_prefix(policy, dest);
	add_edge(policy, dest->family, dest->lo);
	add_edge(policy, dest->family, dest->hi);
}

static void make_port(struct random_policy *policy, struct cw_port *port,
		      u32 below)
{
	struct random *random = &policy->random;
	u32 set = below ? random_below(random, below) : 0;
	u16 other;

	if (below && random_one_in(random, 4) &&
	    policy->ruleset->sets[set].of_ports) {
		port->is_set = true;
		port->set = set;
		port->name = policy->ruleset->sets[set].name;
		return;
	}
	port->lo = port->hi = PICK(random, ports);
	if (random_one_in(random, 2)) {
		other = PICK(random, ports);
		if (other < port->lo)
			port->lo = other;
		else
			port->hi = other;
	}
}

/* ---- sets and rules ----------------------------------------------------- */

static u32 few(struct random *random)
{
	return random_one_in(random, 16) ? random_below(random, 24) :
	       random_below(random, 4);
}

static void make_dests(struct random_policy *policy, struct cw_dest **dests,
		       u32 *count, u32 sets)
{
	u32 i;

	*dests = take(policy, *count, sizeof(**dests));
	for (i = 0; i < *count; i++)
		make_dest(policy, &(*dests)[i], sets);
	if (!*count)
		*dests = NULL;
}

static void make_ports(struct random_policy *policy, struct cw_port **list,
		       u32 *count, u32 sets)
{
	u32 i;

	*list = take(policy, *count, sizeof(**list));
	for (i = 0; i < *count; i++)
		make_port(policy, &(*list)[i], sets);
	if (!*count)
		*list = NULL;
}

static void make_sets(struct random_policy *policy)
{
	struct cw_ruleset *ruleset = policy->ruleset;
	struct random *random = &policy->random;
	char name[16];
	u32 i;

	ruleset->set_count = random_below(random, 7);
	ruleset->sets = take(policy, ruleset->set_count,
			     sizeof(*ruleset->sets));
	for (i = 0; i < ruleset->set_count; i++) {
		struct cw_set *set = &ruleset->sets[i];

		snprintf(name, sizeof(name), "s%u", i);
		set->name = text(policy, name);
		set->of_ports = random_one_in(random, 3);
		set->builtin = random_one_in(random, 5);
		set->span.line = i + 1;
		if (set->of_ports) {
			set->port_count = few(random);
			make_ports(policy, &set->ports, &set->port_count, i);
		} else {
			set->dest_count = few(random);
			make_dests(policy, &set->dests, &set->dest_count, i);
		}
	}
}

static void make_cond(struct random_policy *policy, struct cw_cond *cond)
{
	struct random *random = &policy->random;
	const char *glob = random_one_in(random, 2) ? PICK(random, globs) :
			   PICK(random, paths);

	cond->kind = random_below(random, CW_COND_COUNT);
	switch (cond->kind) {
	case CW_COND_USER:
	case CW_COND_GROUP:
		cond->id = PICK(random, ids);
		if (random_one_in(random, 2))
			cond->text = text(policy, "name");
		return;
	case CW_COND_SHA256:
		memset(cond->digest, random_below(random, 2), 32);
		return;
	case CW_COND_CLEAN_ENV:
		return;
	case CW_COND_UNIT:
		glob = PICK(random, units);
		break;
	case CW_COND_CGROUP:
		glob = PICK(random, cgroup_globs);
		break;
	case CW_COND_CONTAINER:
		glob = PICK(random, containers);
		break;
	default:
		break;
	}
	cond->text = text(policy, glob);
	if (cond->kind == CW_COND_SCRIPT && random_one_in(random, 3))
		cond->target = text(policy, PICK(random, paths));
}

static void make_subject(struct random_policy *policy, struct cw_rule *rule)
{
	struct random *random = &policy->random;
	u32 i;

	rule->exe_kind = random_below(random, CW_EXE_GLOB + 1);
	if (rule->exe_kind == CW_EXE_PATH)
		rule->exe = text(policy, PICK(random, paths));
	if (rule->exe_kind == CW_EXE_GLOB)
		rule->exe = text(policy, PICK(random, globs));
	if (random_one_in(random, 3))
		rule->cond_count = random_below(random, 3);
	if (random_one_in(random, 5))
		rule->until = 1 + random_below(random, 4);
	if (random_one_in(random, 5)) {
		rule->from_count = few(random);
		make_ports(policy, &rule->froms, &rule->from_count,
			   policy->ruleset->set_count);
	}
	if (policy->many_subjects) {
		rule->exe_kind = CW_EXE_ANY;
		rule->exe = NULL;
		rule->until = 1 + random_below(random, 1000);
	}
	if (!rule->cond_count)
		return;
	rule->conds = take(policy, rule->cond_count, sizeof(*rule->conds));
	for (i = 0; i < rule->cond_count; i++)
		make_cond(policy, &rule->conds[i]);
}

static void make_rule(struct random_policy *policy, struct cw_rule *rule)
{
	struct random *random = &policy->random;
	u32 sets = policy->ruleset->set_count;

	rule->span.file = random_below(random, policy->ruleset->file_count);
	rule->span.line = random_below(random, 1000);
	rule->allow = random_one_in(random, 2);
	rule->monitor = random_one_in(random, 4);
	rule->log = random_below(random, 3);
	make_subject(policy, rule);
	rule->dest_count = 1 + few(random);
	make_dests(policy, &rule->dests, &rule->dest_count, sets);
	rule->port_count = random_one_in(random, 3) ? 0 : few(random);
	make_ports(policy, &rule->ports, &rule->port_count, sets);
	rule->protos = CW_PROTO_MASK_ALL;
	rule->protos_given = random_one_in(random, 2);
	if (rule->protos_given)
		rule->protos = 1 + random_below(random, CW_PROTO_MASK_ALL);
	if (random_one_in(random, 3))
		rule->label = text(policy, PICK(random, labels));
}

/* Mostly small: few rules show most mistakes and shrink well. */
static u32 rule_count(struct random *random)
{
	if (random_one_in(random, 40))
		return 100 + random_below(random, 400);
	if (random_one_in(random, 6))
		return random_below(random, 80);
	return random_below(random, 9);
}

/* Bases far apart; or, half of the times that addresses are crowded, one: then
 * all that a group has may be in one /64. */
static void make_bases(struct random_policy *policy)
{
	struct random *random = &policy->random;
	u32 i;

	for (i = 0; i < sizeof(policy->base4); i++)
		((u8 *)policy->base4)[i] = random_next(random);
	for (i = 0; i < sizeof(policy->base6); i++)
		((u8 *)policy->base6)[i] = random_next(random);
	policy->crowded = random_one_in(random, 3);
	if (!policy->crowded || random_one_in(random, 2))
		return;
	for (i = 1; i < 4; i++) {
		memcpy(policy->base4[i], policy->base4[0], 4);
		memcpy(policy->base6[i], policy->base6[0], 16);
	}
}

void random_policy_make(struct random_policy *policy, u64 seed)
{
	struct random *random = &policy->random;
	struct cw_ruleset *ruleset = cw_ruleset_new();
	u32 i;

	memset(policy, 0, sizeof(*policy));
	random->state = seed * 0x2545f4914f6cdd1dull;
	policy->ruleset = ruleset;
	if (!ruleset)
		abort();
	make_bases(policy);
	policy->zoned = random_one_in(random, 4);
	policy->many_subjects = random_one_in(random, 30);
	ruleset->default_allow = random_one_in(random, 3);
	ruleset->log = random_below(random, 3);
	ruleset->file_count = 1 + random_below(random, 2);
	ruleset->files = take(policy, ruleset->file_count, sizeof(char *));
	for (i = 0; i < ruleset->file_count; i++)
		ruleset->files[i] = text(policy, i ? "b.conf" : "a.conf");
	make_sets(policy);
	ruleset->rule_count = rule_count(random);
	ruleset->rules = take(policy, ruleset->rule_count,
			      sizeof(*ruleset->rules));
	for (i = 0; i < ruleset->rule_count; i++)
		make_rule(policy, &ruleset->rules[i]);
}

void random_policy_free(struct random_policy *policy)
{
	cw_ruleset_free(policy->ruleset);
}

/* ---- who asks for what -------------------------------------------------- */

void random_ident_make(struct random_policy *policy, struct random_ident *ident)
{
	struct random *random = &policy->random;
	struct cw_ident *facts = &ident->facts;
	u32 i;

	memset(ident, 0, sizeof(*ident));
	if (!random_one_in(random, 10))
		facts->exe = PICK(random, paths);
	if (random_one_in(random, 2))
		facts->script = PICK(random, paths);
	else
		facts->link = PICK(random, paths);
	facts->link_file = PICK(random, paths);
	if (!random_one_in(random, 5))
		facts->cgroup = PICK(random, cgroups);
	facts->ancestor = ident->ancestor;
	facts->ancestors = random_below(random, CW_ANCESTORS + 1);
	for (i = 0; i < facts->ancestors; i++)
		ident->ancestor[i] = random_one_in(random, 8) ? NULL :
				     PICK(random, paths);
	facts->gid = ident->gid;
	facts->gids = random_below(random, 4);
	for (i = 0; i < facts->gids; i++)
		ident->gid[i] = PICK(random, ids);
	facts->uid = PICK(random, ids);
	facts->egid = PICK(random, ids);
	if (random_one_in(random, 2))
		facts->flags |= CW_IDENT_EGID;
	memset(facts->sha256, random_below(random, 2), 32);
	if (random_one_in(random, 8))
		facts->flags |= CW_IDENT_KERNEL;
	if (random_one_in(random, 8))
		facts->flags |= CW_IDENT_UNKNOWN |
				(random_one_in(random, 2) ? CW_IDENT_ABSENT : 0);
	if (random_one_in(random, 2))
		facts->flags |= CW_IDENT_HASHED;
	if (random_one_in(random, 2))
		facts->flags |= CW_IDENT_CLEAN_ENV;
	if (random_one_in(random, 3))
		facts->flags |= CW_IDENT_BY_ENV;
}

struct cw_request random_request(struct random_policy *policy)
{
	struct random *random = &policy->random;
	struct cw_request request = {
		.now = random_below(random, 6),
		.port = PICK(random, ports),
		.from = PICK(random, ports),
		.proto = random_below(random, CW_PROTO_COUNT),
		.family = random_one_in(random, 3) ? 6 : 4,
	};
	u32 edge;

	if (policy->many_subjects)
		request.now = random_below(random, 1001);
	if (!random_one_in(random, 4))
		request.zone = PICK(random, zones);
	if (random_one_in(random, 20))
		request.zone = "unheard";
	if (random_one_in(random, 8))
		request.port = random_next(random);
	if (random_one_in(random, 500))
		request.proto = CW_PROTO_COUNT + random_below(random, 3);
	if (random_one_in(random, 50)) {
		request.family = 0;
		return request;
	}
	if (!policy->edges || random_one_in(random, 4)) {
		make_address(policy, request.family, request.addr);
		if (request.family == 6 && random_one_in(random, 4))
			make_isatap(policy, request.addr);
		return request;
	}
	if (policy->zoned && random_one_in(random, 3)) {
		request.family = 6;
		make_scoped(random, request.addr);
		return request;
	}
	edge = random_below(random, policy->edges);
	request.family = policy->edge[edge].family;
	memcpy(request.addr, policy->edge[edge].addr, 16);
	if (random_one_in(random, 2))
		step_address(request.addr, request.family == 4 ? 4 : 16,
			     random_one_in(random, 2) ? 1 : -1);
	return request;
}
