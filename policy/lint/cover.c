// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does one rule say all that another says?  Right-hand sides as ranges, left-
 * hand sides as patterns.
 */
#include <stdlib.h>

#include "lint.h"

/* The flat content of one set. */
struct cw_set_cover {
	struct cw_array ranges, ports, hosts;
	bool is_ready;
};

bool cw_cover_begin(struct cw_coverer *coverer,
		    const struct cw_ruleset *ruleset)
{
	size_t size = ruleset->set_count * sizeof(*coverer->sets);

	memset(coverer, 0, sizeof(*coverer));
	coverer->ruleset = ruleset;
	coverer->sets = cw_alloc(size);
	if (!coverer->sets)
		return false;
	memset(coverer->sets, 0, size);
	return true;
}

void cw_cover_end(struct cw_coverer *coverer)
{
	u32 i;

	for (i = 0; coverer->sets && i < coverer->ruleset->set_count; i++) {
		cw_free(coverer->sets[i].ranges.data);
		cw_free(coverer->sets[i].ports.data);
		cw_free(coverer->sets[i].hosts.data);
	}
	cw_free(coverer->sets);
	for (i = 0; i < ARRAY_SIZE(coverer->slot); i++) {
		cw_free(coverer->slot[i].ranges.data);
		cw_free(coverer->slot[i].ports.data);
		cw_free(coverer->slot[i].froms.data);
		cw_free(coverer->slot[i].hosts.data);
	}
}

/* ---- right-hand sides --------------------------------------------------- */

static u128 read_bytes(const u8 *bytes, u32 count)
{
	u128 value = 0;

	while (count--)
		value = value << 8 | *bytes++;
	return value;
}

void cw_cover_range(const struct cw_dest *dest, struct cw_range *range)
{
	u32 size = dest->family == 4 ? 4 : 16;

	range->family = dest->family;
	range->zone = dest->zone;
	range->lo = read_bytes(dest->lo, size);
	range->hi = read_bytes(dest->hi, size);
}

/* Ranges that can be compared come together, those of every zone first. */
int cw_cover_compare(const struct cw_range *x, const struct cw_range *y)
{
	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return strcmp(x->zone ? x->zone : "", y->zone ? y->zone : "");
}

static int compare_ranges(const void *a, const void *b)
{
	const struct cw_range *x = a, *y = b;
	int order = cw_cover_compare(x, y);

	if (order)
		return order;
	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

static int compare_ports(const void *a, const void *b)
{
	const struct cw_port_range *x = a, *y = b;

	return (int)x->lo - y->lo;
}

void cw_cover_join(struct cw_array *ranges)
{
	struct cw_range *range = ranges->data;
	u32 i, last = 0;

	if (ranges->count < 2)
		return;
	qsort(range, ranges->count, sizeof(*range), compare_ranges);
	for (i = 1; i < ranges->count; i++) {
		if (cw_cover_compare(&range[i], &range[last]) ||
		    (range[i].lo > range[last].hi &&
		     range[i].lo - range[last].hi > 1))
			range[++last] = range[i];
		else if (range[i].hi > range[last].hi)
			range[last].hi = range[i].hi;
	}
	ranges->count = last + 1;
}

static void join_ports(struct cw_array *ports)
{
	struct cw_port_range *port = ports->data;
	u32 i, last = 0;

	if (ports->count < 2)
		return;
	qsort(port, ports->count, sizeof(*port), compare_ports);
	for (i = 1; i < ports->count; i++) {
		if (port[i].lo > port[last].hi + 1)
			port[++last] = port[i];
		else if (port[i].hi > port[last].hi)
			port[last].hi = port[i].hi;
	}
	ports->count = last + 1;
}

static bool push_range(struct cw_array *ranges, const struct cw_range *range)
{
	struct cw_range *slot = cw_array_push(ranges, sizeof(*slot));

	if (slot)
		*slot = *range;
	return slot;
}

static bool push_any(struct cw_array *ranges)
{
	struct cw_range none = { .family = 0 };
	struct cw_range v4 = { .hi = UINT32_MAX, .family = 4 };
	struct cw_range v6 = { .hi = ~(u128)0, .family = 6 };

	return push_range(ranges, &none) && push_range(ranges, &v4) &&
	       push_range(ranges, &v6);
}

static bool push_host(struct cw_array *hosts, char *name)
{
	char **slot = cw_array_push(hosts, sizeof(*slot));

	if (slot)
		*slot = name;
	return slot;
}

static bool push_ports(struct cw_array *ports, u16 lo, u16 hi)
{
	struct cw_port_range *slot = cw_array_push(ports, sizeof(*slot));

	if (slot)
		*slot = (struct cw_port_range){ lo, hi };
	return slot;
}

static struct cw_set_cover *cover_set(struct cw_coverer *coverer, u32 set);

static bool gather_set(struct cw_coverer *coverer, u32 set,
		       struct cw_array *ranges, struct cw_array *hosts)
{
	const struct cw_set_cover *cover = cover_set(coverer, set);
	const struct cw_range *range;
	char **host;
	u32 i;

	if (!cover)
		return false;
	range = cover->ranges.data;
	host = cover->hosts.data;
	for (i = 0; i < cover->ranges.count; i++)
		if (!push_range(ranges, &range[i]))
			return false;
	for (i = 0; i < cover->hosts.count; i++)
		if (!push_host(hosts, host[i]))
			return false;
	return true;
}

static bool gather_dests(struct cw_coverer *coverer, const struct cw_dest *dest,
			 u32 count, struct cw_array *ranges,
			 struct cw_array *hosts)
{
	bool is_done = true;
	struct cw_range range;

	for (; count && is_done; count--, dest++) {
		switch (dest->kind) {
		case CW_DEST_ANY:
			is_done = push_any(ranges);
			break;
		case CW_DEST_ADDR:
			cw_cover_range(dest, &range);
			is_done = push_range(ranges, &range);
			break;
		case CW_DEST_SET:
			is_done = gather_set(coverer, dest->set, ranges, hosts);
			break;
		case CW_DEST_HOST:
			is_done = push_host(hosts, dest->name);
			break;
		}
	}
	cw_cover_join(ranges);
	return is_done;
}

static bool gather_ports(struct cw_coverer *coverer, const struct cw_port *port,
			 u32 count, struct cw_array *ports)
{
	const struct cw_set_cover *set;
	const struct cw_port_range *range;
	u32 i;

	for (; count; count--, port++) {
		if (!port->is_set) {
			if (!push_ports(ports, port->lo, port->hi))
				return false;
			continue;
		}
		set = cover_set(coverer, port->set);
		if (!set)
			return false;
		range = set->ports.data;
		for (i = 0; i < set->ports.count; i++)
			if (!push_ports(ports, range[i].lo, range[i].hi))
				return false;
	}
	join_ports(ports);
	return true;
}

/* Recursion is as deep as sets are nested: CW_SET_DEPTH_MAX. */
static struct cw_set_cover *cover_set(struct cw_coverer *coverer, u32 index)
{
	const struct cw_set *set = &coverer->ruleset->sets[index];
	struct cw_set_cover *cover = &coverer->sets[index];

	if (!cover->is_ready) {
		if (!gather_dests(coverer, set->dests, set->dest_count,
				  &cover->ranges, &cover->hosts) ||
		    !gather_ports(coverer, set->ports, set->port_count,
				  &cover->ports))
			return NULL;
		cover->is_ready = true;
	}
	return cover;
}

/* The same, and every port for a rule that names none. */
static bool gather_all_ports(struct cw_coverer *coverer,
			     const struct cw_port *port, u32 count,
			     struct cw_array *ports)
{
	return count ? gather_ports(coverer, port, count, ports) :
		       push_ports(ports, 0, 65535);
}

bool cw_cover_rule(struct cw_coverer *coverer, const struct cw_rule *rule,
		   u32 slot, struct cw_cover *cover)
{
	struct cw_array *ranges = &coverer->slot[slot].ranges;
	struct cw_array *ports = &coverer->slot[slot].ports;
	struct cw_array *froms = &coverer->slot[slot].froms;
	struct cw_array *hosts = &coverer->slot[slot].hosts;
	const struct cw_set_cover *set;

	ranges->count = ports->count = froms->count = hosts->count = 0;
	if (rule->dest_count == 1 && rule->dests->kind == CW_DEST_SET) {
		set = cover_set(coverer, rule->dests->set);
		if (!set)
			return false;
		ranges = (struct cw_array *)&set->ranges;
		hosts = (struct cw_array *)&set->hosts;
	} else if (!gather_dests(coverer, rule->dests, rule->dest_count,
				 ranges, hosts)) {
		return false;
	}
	if (!gather_all_ports(coverer, rule->ports, rule->port_count, ports) ||
	    !gather_all_ports(coverer, rule->froms, rule->from_count, froms))
		return false;
	*cover = (struct cw_cover){
		.range = ranges->data, .ranges = ranges->count,
		.port = ports->data, .ports = ports->count,
		.from = froms->data, .froms = froms->count,
		.host = hosts->data, .hosts = hosts->count,
		.protos = rule->protos,
	};
	/* Only packet sockets ask for no address. */
	if (cover->ranges && !cover->range->family &&
	    !(rule->protos >> CW_PROTO_PACKET & 1)) {
		cover->range++;
		cover->ranges--;
	}
	return true;
}

static bool contains_kind(const struct cw_cover *outer,
			  const struct cw_range *range)
{
	u32 lo = 0, hi = outer->ranges, middle;
	const struct cw_range *at;
	int order;

	while (lo < hi) {
		middle = (lo + hi) / 2;
		at = &outer->range[middle];
		order = cw_cover_compare(at, range);
		if (order < 0 || (!order && at->hi < range->lo))
			lo = middle + 1;
		else
			hi = middle;
	}
	at = &outer->range[lo];
	return lo < outer->ranges && !cw_cover_compare(at, range) &&
	       at->lo <= range->lo && at->hi >= range->hi;
}

/* What holds in every zone holds in one. */
static bool contains_range(const struct cw_cover *outer,
			   const struct cw_range *range)
{
	struct cw_range wide = *range;

	wide.zone = NULL;
	return contains_kind(outer, range) ||
	       (range->zone && contains_kind(outer, &wide));
}

static bool contains_ports(const struct cw_port_range *outer, u32 outers,
			   const struct cw_port_range *inner, u32 inners)
{
	u32 i, j = 0;

	for (i = 0; i < inners; i++) {
		while (j < outers && outer[j].hi < inner[i].lo)
			j++;
		if (j == outers || outer[j].lo > inner[i].lo ||
		    outer[j].hi < inner[i].hi)
			return false;
	}
	return true;
}

static bool contains_host(const struct cw_cover *outer, const char *name)
{
	u32 i;

	for (i = 0; i < outer->hosts; i++)
		if (!strcmp(outer->host[i], name))
			return true;
	return false;
}

/* A name may stand for any address: only all of both families cover one. */
static bool covers_all(const struct cw_cover *cover)
{
	const struct cw_range v4 = { .hi = UINT32_MAX, .family = 4 };
	const struct cw_range v6 = { .hi = ~(u128)0, .family = 6 };

	return contains_range(cover, &v4) && contains_range(cover, &v6);
}

bool cw_cover_contains(const struct cw_cover *outer,
		       const struct cw_cover *inner)
{
	u32 i;

	if (inner->protos & ~outer->protos ||
	    !contains_ports(outer->port, outer->ports, inner->port,
			    inner->ports) ||
	    !contains_ports(outer->from, outer->froms, inner->from,
			    inner->froms))
		return false;
	/* The same set: it may have a million elements. */
	if (inner->range == outer->range && inner->host == outer->host)
		return true;
	for (i = 0; i < inner->ranges; i++)
		if (!contains_range(outer, &inner->range[i]))
			return false;
	for (i = 0; i < inner->hosts; i++)
		if (!covers_all(outer) &&
		    !contains_host(outer, inner->host[i]))
			return false;
	return true;
}
