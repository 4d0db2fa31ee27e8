// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tree with names to a tree without: sets, users, groups, services.  Refuses
 * what needs more than one word to be seen as wrong, and every construct that
 * the target cannot judge.
 */

#include "passes.h"

struct resolver {
	struct cw_ruleset *ruleset;
	struct cw_diag *diag;
	struct cw_map sets;	/* kept name -> index + 1; BROKEN */
	struct cw_map names;	/* users, groups, services: see lookup.c */
	struct cw_map links;	/* kept path -> kept target; NO_LINK */
	u64 *elements;		/* by set: addresses or ports, in full */
	u8 *depth;		/* by set: 1 = holds no sets */
	u32 features;
	bool is_out_of_memory;
};

/* A set that had an error of its own: what uses it is not to blame. */
#define BROKEN	(~0ull)
#define NO_LINK	(~0ull)

static void __attribute__((format(printf, 3, 4)))
fail(struct resolver *resolver, const struct cw_span *span,
     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cw_diag_vadd(resolver->diag, resolver->ruleset, CW_SEVERITY_ERROR, span,
		     format, args);
	va_end(args);
}

static void need(struct resolver *resolver, u32 feature,
		 const struct cw_span *span, const char *what)
{
	if (!(resolver->features & feature))
		fail(resolver, span, "%s cannot be judged by this module yet; "
		     "the rule is refused", what);
}

/* ---- sets --------------------------------------------------------------- */

/* A name close to @name among the first @count sets, NULL = none. */
static const char *similar_set(const struct resolver *resolver,
			       const char *name, u32 count)
{
	const struct cw_set *set = resolver->ruleset->sets;
	u32 best = strlen(name) <= 3 ? 2 : 3, distance, i;
	const char *found = NULL;

	for (i = 0; i < count && i < 1000; i++) {
		distance = cw_word_distance(name, strlen(name), set[i].name,
					   strlen(set[i].name), best);
		if (distance >= best)
			continue;
		best = distance;
		found = set[i].name;
	}
	return found;
}

static void fail_unknown(struct resolver *resolver, const char *name,
			 const struct cw_span *span, u32 visible)
{
	const char *meant = similar_set(resolver, name, visible);
	const u64 *place = cw_map_get(&resolver->sets, (uintptr_t)name);

	if (place && *place == BROKEN)
		return;
	if (place) {
		fail(resolver, span, "set @%s is used before it is defined",
		     name);
		cw_diag_note(resolver->diag, resolver->ruleset,
			     &resolver->ruleset->sets[*place - 1].span,
			     "it is defined here");
	} else if (meant) {
		fail(resolver, span, "unknown set @%s; did you mean @%s?",
		     name, meant);
	} else {
		fail(resolver, span, "unknown set @%s", name);
	}
}

/*
 * The set that a name means at a place where @visible sets have been defined.
 * NULL = an error was said.
 */
static const struct cw_set *find_set(struct resolver *resolver,
				     const char *name, bool of_ports,
				     const struct cw_span *span, u32 visible)
{
	const u64 *place = cw_map_get(&resolver->sets, (uintptr_t)name);
	const struct cw_set *set;

	if (!place || *place == BROKEN || *place > visible) {
		fail_unknown(resolver, name, span, visible);
		return NULL;
	}
	set = &resolver->ruleset->sets[*place - 1];
	if (set->of_ports == of_ports)
		return set;
	fail(resolver, span, "set @%s holds %s, here %s are wanted", name,
	     set->of_ports ? "ports" : "addresses",
	     of_ports ? "ports" : "addresses");
	if (set->builtin)
		cw_diag_note(resolver->diag, NULL, NULL, "@%s is built in",
			     name);
	else
		cw_diag_note(resolver->diag, resolver->ruleset, &set->span,
			     "it is defined here");
	return NULL;
}

/* Elements of a list counted in full; the deepest nesting in *@depth. */
static u64 resolve_dests(struct resolver *resolver, struct cw_dest *dest,
			 u32 count, u8 *depth)
{
	const struct cw_set *set;
	u64 elements = count;

	for (; count; count--, dest++) {
		if (dest->kind == CW_DEST_HOST)
			need(resolver, CW_FEATURE_HOST, &dest->span,
			     "destination 'host'");
		if (dest->kind == CW_DEST_ADDR && dest->zone)
			need(resolver, CW_FEATURE_ZONE, &dest->span,
			     "the zone of an address");
		if (dest->kind != CW_DEST_SET)
			continue;
		set = find_set(resolver, dest->name, false, &dest->span,
			       dest->set);
		if (!set)
			continue;
		dest->set = set - resolver->ruleset->sets;
		elements += resolver->elements[dest->set] - 1;
		if (*depth < resolver->depth[dest->set])
			*depth = resolver->depth[dest->set];
	}
	return elements;
}

static void refuse_service(struct resolver *resolver,
			   const struct cw_port *port)
{
	char message[CW_MESSAGE_MAX];

	/* Asked of the system each time: not for thousands. */
	if (cw_diag_count(resolver->diag, CW_SEVERITY_ERROR) < 100) {
		cw_service_mistake(port->name, message);
		fail(resolver, &port->span, "%s", message);
	} else {
		fail(resolver, &port->span, "unknown service '%s'", port->name);
	}
}

static void resolve_service(struct resolver *resolver, struct cw_port *port,
			    u8 protos)
{
	u32 value = 0;
	int error;

	error = cw_lookup(&resolver->names, CW_LOOKUP_SERVICE, port->name,
			  protos, &value);
	if (error == -ENOMEM)
		resolver->is_out_of_memory = true;
	else if (error == -EEXIST)
		fail(resolver, &port->span, "service '%s' has a different port "
		     "for each protocol; name one with 'proto', or write the "
		     "number", port->name);
	else if (error)
		refuse_service(resolver, port);
	port->lo = port->hi = value;
	port->name = NULL;
}

static u64 resolve_ports(struct resolver *resolver, struct cw_port *port,
			 u32 count, u8 protos, u8 *depth)
{
	const struct cw_set *set;
	u64 elements = count;

	for (; count; count--, port++) {
		if (!port->is_set) {
			if (port->name)
				resolve_service(resolver, port, protos);
			continue;
		}
		set = find_set(resolver, port->name, true, &port->span,
			       port->set);
		if (!set)
			continue;
		port->set = set - resolver->ruleset->sets;
		elements += resolver->elements[port->set] - 1;
		if (*depth < resolver->depth[port->set])
			*depth = resolver->depth[port->set];
	}
	return elements;
}

/* A set of nothing but sets was parsed as one of addresses; see what its
 * first element is. */
static bool turn_to_ports(struct resolver *resolver, struct cw_set *set)
{
	const u64 *place;
	u32 i;

	if (set->of_ports || !set->dest_count ||
	    set->dests[0].kind != CW_DEST_SET)
		return true;
	place = cw_map_get(&resolver->sets, (uintptr_t)set->dests[0].name);
	if (!place || *place == BROKEN || *place > set->dests[0].set ||
	    !resolver->ruleset->sets[*place - 1].of_ports)
		return true;
	for (i = 0; i < set->dest_count; i++)
		if (set->dests[i].kind != CW_DEST_SET)
			return true;
	set->ports = cw_ruleset_alloc(resolver->ruleset, set->dest_count *
				      sizeof(*set->ports));
	if (!set->ports)
		return false;
	for (i = 0; i < set->dest_count; i++)
		set->ports[i] = (struct cw_port){
			.is_set = true, .set = set->dests[i].set,
			.name = set->dests[i].name, .span = set->dests[i].span,
		};
	set->port_count = set->dest_count;
	set->dest_count = 0;
	set->of_ports = true;
	return true;
}

static void define_set(struct resolver *resolver, u32 index)
{
	struct cw_set *set = &resolver->ruleset->sets[index];
	u64 *place = cw_map_put(&resolver->sets, (uintptr_t)set->name);

	if (!place) {
		resolver->is_out_of_memory = true;
	} else if (!*place) {
		*place = index + 1;
	} else if (*place <= CW_BUILTIN_COUNT) {
		fail(resolver, &set->span, "set @%s is built in", set->name);
	} else if (*place != BROKEN) {
		fail(resolver, &set->span, "second definition of set @%s",
		     set->name);
		cw_diag_note(resolver->diag, resolver->ruleset,
			     &resolver->ruleset->sets[*place - 1].span,
			     "the first is here");
	}
}

static void resolve_set(struct resolver *resolver, u32 index)
{
	struct cw_set *set = &resolver->ruleset->sets[index];
	u8 depth = 0;
	u64 elements;

	if (!turn_to_ports(resolver, set)) {
		resolver->is_out_of_memory = true;
		return;
	}
	elements = resolve_dests(resolver, set->dests, set->dest_count,
				 &depth);
	elements += resolve_ports(resolver, set->ports, set->port_count,
				  CW_PROTO_MASK_PORTS, &depth);
	if (++depth > CW_SET_DEPTH_MAX)
		fail(resolver, &set->span, "sets nested deeper than %u",
		     depth = CW_SET_DEPTH_MAX);
	if (elements > CW_SET_ELEMENTS_MAX)
		fail(resolver, &set->span, "set @%s has %llu elements, more "
		     "than %u", set->name, (unsigned long long)elements,
		     CW_SET_ELEMENTS_MAX);
	resolver->elements[index] = elements > CW_SET_ELEMENTS_MAX ? 1 :
								     elements;
	resolver->depth[index] = depth;
}

static bool resolve_sets(struct resolver *resolver)
{
	struct cw_arena *arena = resolver->ruleset->arena;
	u32 count = resolver->ruleset->set_count, i;
	char **broken = arena->broken.data;
	u64 *place;

	resolver->elements = cw_alloc((count + 1) * sizeof(u64));
	resolver->depth = cw_alloc(count + 1);
	if (!resolver->elements || !resolver->depth)
		return false;
	for (i = 0; i < count; i++)
		define_set(resolver, i);
	for (i = 0; i < arena->broken.count; i++) {
		place = cw_map_put(&resolver->sets, (uintptr_t)broken[i]);
		if (!place)
			return false;
		if (!*place)
			*place = BROKEN;
	}
	for (i = 0; i < count && !resolver->is_out_of_memory; i++)
		resolve_set(resolver, i);
	return !resolver->is_out_of_memory;
}

/* ---- rules -------------------------------------------------------------- */

static void resolve_id(struct resolver *resolver, struct cw_cond *cond)
{
	bool is_user = cond->kind == CW_COND_USER;
	const char *text = cond->text;
	size_t size = strlen(text);
	u64 id = 0;
	int error;

	if (strspn(text, "0123456789") == size) {
		if (cw_word_has_leading_zero(text, size))
			fail(resolver, &cond->span, "%s id '%s' begins with a "
			     "zero", is_user ? "user" : "group", text);
		else if (!cw_number_parse(text, size, UINT32_MAX - 1, &id))
			fail(resolver, &cond->span, "%s id above 4294967294",
			     is_user ? "user" : "group");
		cond->id = id;
		cond->text = NULL;
		return;
	}
	error = cw_lookup(&resolver->names, is_user ? CW_LOOKUP_USER :
			  CW_LOOKUP_GROUP, cond->text, 0, &cond->id);
	if (error == -ENOMEM)
		resolver->is_out_of_memory = true;
	else if (error)
		fail(resolver, &cond->span, "unknown %s '%s'",
		     is_user ? "user" : "group", cond->text);
}

/* A script may be asked for by a link.  Each name is looked at once. */
static void resolve_link(struct resolver *resolver, struct cw_cond *cond)
{
	char target[CW_PATH_MAX], culprit[CW_PATH_MAX];
	u64 *place;

	if (strpbrk(cond->text, "*?"))
		return;
	place = cw_map_put(&resolver->links, (uintptr_t)cond->text);
	if (place && !*place) {
		*place = NO_LINK;
		if (cw_link_follow(cond->text, target, culprit) > 0)
			*place = (uintptr_t)cw_ruleset_string(
				resolver->ruleset, target, strlen(target));
	}
	if (!place || !*place)
		resolver->is_out_of_memory = true;
	else if (*place != NO_LINK)
		cond->target = (char *)(uintptr_t)*place;
}

static void resolve_cond(struct resolver *resolver, struct cw_cond *cond)
{
	static const struct {
		u32 feature;
		const char *name;
	} needs[CW_COND_COUNT] = {
		[CW_COND_SCRIPT] = { CW_FEATURE_SCRIPT, "condition 'script'" },
		[CW_COND_USER] = { CW_FEATURE_USER, "condition 'user'" },
		[CW_COND_GROUP] = { CW_FEATURE_GROUP, "condition 'group'" },
		[CW_COND_UNIT] = { CW_FEATURE_UNIT, "condition 'unit'" },
		[CW_COND_CGROUP] = { CW_FEATURE_CGROUP, "condition 'cgroup'" },
		[CW_COND_CONTAINER] = { CW_FEATURE_CONTAINER,
					"condition 'container'" },
		[CW_COND_PARENT] = { CW_FEATURE_PARENT, "condition 'parent'" },
		[CW_COND_ANCESTOR] = { CW_FEATURE_ANCESTOR,
				       "condition 'ancestor'" },
		[CW_COND_SHA256] = { CW_FEATURE_SHA256, "condition 'sha256'" },
		[CW_COND_CLEAN_ENV] = { CW_FEATURE_CLEAN_ENV,
					"condition 'clean-env'" },
	};

	need(resolver, needs[cond->kind].feature, &cond->span,
	     needs[cond->kind].name);
	if (cond->kind == CW_COND_USER || cond->kind == CW_COND_GROUP)
		resolve_id(resolver, cond);
	if (cond->kind == CW_COND_SCRIPT)
		resolve_link(resolver, cond);
}

static bool has_digest(const struct cw_rule *rule)
{
	u32 i;

	for (i = 0; i < rule->cond_count; i++)
		if (rule->conds[i].kind == CW_COND_SHA256)
			return true;
	return false;
}

static void check_features(struct resolver *resolver,
			   const struct cw_rule *rule)
{
	switch (rule->exe_kind) {
	case CW_EXE_ANY:
	case CW_EXE_PATH:
		need(resolver, CW_FEATURE_EXE, &rule->span, "a program");
		break;
	case CW_EXE_KERNEL:
		need(resolver, CW_FEATURE_KERNEL, &rule->span,
		     "subject 'kernel'");
		break;
	case CW_EXE_GLOB:
		need(resolver, CW_FEATURE_GLOB, &rule->span,
		     "a path with wildcards");
		break;
	}
	if (rule->exe_kind != CW_EXE_PATH && has_digest(rule))
		need(resolver, CW_FEATURE_SHA256_ANY, &rule->span,
		     "condition 'sha256' without the path of one file");
	if (rule->monitor)
		need(resolver, CW_FEATURE_MONITOR, &rule->span,
		     "option 'monitor'");
	if (rule->until)
		need(resolver, CW_FEATURE_UNTIL, &rule->span,
		     "option 'until'");
	if (rule->from_count)
		need(resolver, CW_FEATURE_FROM, &rule->span,
		     "clause 'from port'");
}

static bool has_port_zero(const struct cw_ruleset *ruleset,
			  const struct cw_port *port, u32 count)
{
	const struct cw_set *set;

	for (; count; count--, port++) {
		set = port->is_set ? &ruleset->sets[port->set] : NULL;
		if (set ? has_port_zero(ruleset, set->ports, set->port_count) :
			  !port->lo)
			return true;
	}
	return false;
}

/* Local port 0 stands for one that is not known: no rule may ask for it.
 * After another error a port may be 0 for that. */
static void check_froms(struct resolver *resolver, const struct cw_rule *rule)
{
	u32 i;

	if (cw_diag_count(resolver->diag, CW_SEVERITY_ERROR))
		return;
	for (i = 0; i < rule->from_count; i++)
		if (has_port_zero(resolver->ruleset, &rule->froms[i], 1))
			fail(resolver, &rule->froms[i].span, "no socket has "
			     "the local port 0, which set @%s holds",
			     rule->froms[i].name);
}

static void resolve_rule(struct resolver *resolver, struct cw_rule *rule)
{
	u8 depth = 0;
	u64 elements;
	u32 i;

	check_features(resolver, rule);
	for (i = 0; i < rule->cond_count; i++)
		resolve_cond(resolver, &rule->conds[i]);
	elements = resolve_dests(resolver, rule->dests, rule->dest_count,
				 &depth);
	elements += resolve_ports(resolver, rule->ports, rule->port_count,
				  rule->protos & CW_PROTO_MASK_PORTS, &depth);
	elements += resolve_ports(resolver, rule->froms, rule->from_count,
				  rule->protos & CW_PROTO_MASK_PORTS, &depth);
	check_froms(resolver, rule);
	if (elements > CW_SET_ELEMENTS_MAX)
		fail(resolver, &rule->span, "the rule has %llu elements, more "
		     "than %u", (unsigned long long)elements,
		     CW_SET_ELEMENTS_MAX);
}

bool cw_resolve(struct cw_ruleset *ruleset, u32 features, struct cw_diag *diag)
{
	struct resolver resolver = {
		.ruleset = ruleset, .diag = diag, .features = features,
	};
	bool is_done = resolve_sets(&resolver);
	u32 i;

	for (i = 0; is_done && i < ruleset->rule_count; i++) {
		resolve_rule(&resolver, &ruleset->rules[i]);
		is_done = !resolver.is_out_of_memory;
	}
	cw_free(resolver.elements);
	cw_free(resolver.depth);
	cw_map_free(&resolver.sets);
	cw_map_free(&resolver.names);
	cw_map_free(&resolver.links);
	return is_done;
}
