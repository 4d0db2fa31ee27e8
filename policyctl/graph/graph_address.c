// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of a graph: when there are more than a picture can hold, prefixes
 * stand for them, and one node for what even those leave over.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policyctl/rows/flow.h"

struct group {
	uint8_t family;
	uint8_t address[16];		/* beyond the prefix: zeroes */
	uint64_t members;		/* different addresses */
	uint64_t weight;		/* connections */
	bool is_rest;
};

struct cw_graph_addresses {
	struct group *group;		/* ascending by address */
	size_t count;
	unsigned level;
	uint64_t rest;			/* addresses in groups that are rest */
};

/* Bits that tell groups apart, IPv4 and IPv6. */
static const struct {
	unsigned bits4, bits6;
} levels[] = {
	{ 32, 128 }, { 24, 48 }, { 16, 32 },
};

#define LEVELS	(sizeof(levels) / sizeof(levels[0]))

static unsigned bits_of(unsigned level, unsigned family)
{
	return family == 4 ? levels[level].bits4 : levels[level].bits6;
}

static int compare(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->family != y->family ? x->family - y->family
		: memcmp(x->address, y->address, sizeof(x->address));
}

/* All prefixes are whole bytes. */
static void mask(struct group *group, unsigned level)
{
	size_t bytes = bits_of(level, group->family) / 8;

	memset(group->address + bytes, 0, sizeof(group->address) - bytes);
}

/* Adds up equal neighbours. */
static void merge(struct cw_graph_addresses *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct group *last = &list->group[kept - !!kept];

		if (kept && !compare(last, &list->group[i])) {
			last->weight += list->group[i].weight;
			/* The same address again is no other member. */
			last->members += list->level ?
				list->group[i].members : 0;
		} else {
			list->group[kept++] = list->group[i];
		}
	}
	list->count = kept;
}

static size_t count_at(const struct cw_graph_addresses *list, unsigned level)
{
	struct group last = { .family = 0 }, next;
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		next = list->group[i];
		mask(&next, level);
		if (!count || compare(&last, &next))
			count++;
		last = next;
	}
	return count;
}

static int compare_weights(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a;
	const struct group *y = *(struct group *const *)b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return compare(x, y);
}

/* Keeps the @limit - 1 most used; the others share a node. */
static int set_rest(struct cw_graph_addresses *list, unsigned limit)
{
	struct group **order = malloc(list->count * sizeof(struct group *));

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		order[i] = &list->group[i];
	qsort(order, list->count, sizeof(struct group *), compare_weights);
	for (size_t i = limit - 1; i < list->count; i++) {
		order[i]->is_rest = true;
		list->rest += order[i]->members;
	}
	free(order);
	return 0;
}

static int reduce(struct cw_graph_addresses *list, unsigned limit)
{
	unsigned level = 0;

	while (level < LEVELS - 1 && count_at(list, level) > limit)
		level++;
	for (size_t i = 0; level && i < list->count; i++)
		mask(&list->group[i], level);
	list->level = level;
	if (level)
		merge(list);
	return list->count > limit ? set_rest(list, limit) : 0;
}

/* An end whose program is not known.  Those of loopback are few. */
static void add(struct cw_graph_addresses *list, const struct cw_flow *flow,
		const struct cw_flow_end *end)
{
	struct group *group = &list->group[list->count];

	if (end->host[0] || !flow->family ||
	    cw_graph_is_loopback(flow->family, end->address))
		return;
	memset(group, 0, sizeof(*group));
	group->family = flow->family;
	memcpy(group->address, end->address, sizeof(group->address));
	group->weight = flow->connections + flow->refused;
	group->members = 1;
	list->count++;
}

int cw_graph_addresses_new(struct cw_graph_addresses **addresses,
			   const struct cw_flows *flows, unsigned limit)
{
	struct cw_graph_addresses *list = calloc(1, sizeof(*list));

	*addresses = list;
	if (!list)
		return -ENOMEM;
	list->group = calloc(2 * flows->count + 1, sizeof(*list->group));
	if (!list->group)
		return -ENOMEM;
	for (size_t i = 0; i < flows->count; i++) {
		add(list, &flows->flow[i], &flows->flow[i].client);
		add(list, &flows->flow[i], &flows->flow[i].server);
	}
	qsort(list->group, list->count, sizeof(*list->group), compare);
	merge(list);
	return reduce(list, limit);
}

void cw_graph_addresses_free(struct cw_graph_addresses *addresses)
{
	if (!addresses)
		return;
	free(addresses->group);
	free(addresses);
}

uint64_t cw_graph_address_name(const struct cw_graph_addresses *addresses,
			       unsigned family, const uint8_t *address,
			       char name[CW_GRAPH_NAME_ROOM])
{
	struct group key = { .family = family };
	const struct group *group;
	char text[INET6_ADDRSTRLEN];

	memcpy(key.address, address, sizeof(key.address));
	mask(&key, addresses->level);
	group = bsearch(&key, addresses->group, addresses->count, sizeof(key),
			compare);
	if (group && group->is_rest) {
		snprintf(name, CW_GRAPH_NAME_ROOM, "other addresses");
		return addresses->rest;
	}
	if (!group || group->members == 1) {
		cw_past_address(family, address, text);
		snprintf(name, CW_GRAPH_NAME_ROOM, "%s", text);
		return 1;
	}
	cw_past_address(family, group->address, text);
	snprintf(name, CW_GRAPH_NAME_ROOM, "%s/%u", text,
		 bits_of(addresses->level, family));
	return group->members;
}
