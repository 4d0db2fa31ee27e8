// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sets that need no definition.  @internet is what remains of the globally
 * routed space when the IANA special-purpose registries are taken away; it has
 * neither @private nor the shared space 100.64.0.0/10, nor documentation and
 * benchmarking prefixes.  6to4, Teredo and NAT64 lead to the Internet, so
 * they are in it.
 */
#include "passes.h"

static const struct {
	const char *name;
	const char *elements;	/* separated by blanks */
} builtins[CW_BUILTIN_COUNT] = {
	{ "loopback", "127.0.0.0/8 ::1" },
	{ "private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7" },
	{ "linklocal", "169.254.0.0/16 fe80::/10" },
	{ "multicast", "224.0.0.0/4 ff00::/8" },
	{ "internet",
	  "1.0.0.0-9.255.255.255 11.0.0.0-100.63.255.255 "
	  "100.128.0.0-126.255.255.255 128.0.0.0-169.253.255.255 "
	  "169.255.0.0-172.15.255.255 172.32.0.0-191.255.255.255 "
	  "192.0.1.0/24 192.0.3.0-192.167.255.255 "
	  "192.169.0.0-198.17.255.255 198.20.0.0-198.51.99.255 "
	  "198.51.101.0-203.0.112.255 203.0.114.0-223.255.255.255 "
	  "64:ff9b::/96 2000::-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff "
	  "2001:db9::-3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	  "3fff:1000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
};

static u32 count_elements(const char *elements)
{
	u32 count = 1;

	for (; *elements; elements++)
		count += *elements == ' ';
	return count;
}

static int fill(struct cw_ruleset *ruleset, struct cw_set *set,
		const char *elements)
{
	char message[CW_MESSAGE_MAX];
	size_t size;
	u32 i;

	set->dest_count = count_elements(elements);
	set->dests = cw_ruleset_alloc(ruleset, set->dest_count *
				      sizeof(*set->dests));
	if (!set->dests)
		return -ENOMEM;
	for (i = 0; i < set->dest_count; i++) {
		size = strcspn(elements, " ");
		cw_word_address(elements, size, &set->dests[i], message);
		elements += size + 1;
	}
	return 0;
}

int cw_ruleset_add_builtins(struct cw_ruleset *ruleset)
{
	struct cw_arena *arena = ruleset->arena;
	struct cw_set *set;
	u32 i;

	for (i = 0; i < CW_BUILTIN_COUNT; i++) {
		set = cw_vector_push(&arena->sets, sizeof(*set));
		if (!set)
			return -ENOMEM;
		set->builtin = true;
		set->name = cw_ruleset_string(ruleset, builtins[i].name,
					      strlen(builtins[i].name));
		if (!set->name || fill(ruleset, set, builtins[i].elements))
			return -ENOMEM;
	}
	cw_ruleset_settle(ruleset);
	return 0;
}
