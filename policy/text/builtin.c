// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sets that need no definition.  @internet is what remains of the globally
 * routed space when the IANA special-purpose registries are taken away; it has
 * neither @private nor the shared space 100.64.0.0/10, nor documentation and
 * benchmarking prefixes.
 *
 * An IPv6 address that carries an IPv4 address is in @internet only when that
 * IPv4 address is: @internet has the corresponding parts of 64:ff9b::/96
 * (NAT64) and 2002::/16 (6to4).  Teredo (2001::/32) carries two IPv4 addresses
 * in places that no list of ranges can tell apart, so @internet has none of
 * it.  ISATAP addresses may have any prefix: see cw_request_inner().
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
	/* Of 2001::/23: PCP, TURN and SRP anycast, AMT, AS112. */
	{ "internet",
	  "1.0.0.0-9.255.255.255 11.0.0.0-100.63.255.255 "
	  "100.128.0.0-126.255.255.255 128.0.0.0-169.253.255.255 "
	  "169.255.0.0-172.15.255.255 172.32.0.0-191.255.255.255 "
	  "192.0.1.0/24 192.0.3.0-192.167.255.255 "
	  "192.169.0.0-198.17.255.255 198.20.0.0-198.51.99.255 "
	  "198.51.101.0-203.0.112.255 203.0.114.0-223.255.255.255 "
	  "2000::-2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	  "2001:1::1-2001:1::3 2001:3::/32 2001:4:112::/48 "
	  "2001:200::-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff "
	  "2001:db9::-2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	  "2003::-3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	  "3fff:1000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
};

/* Prefixes behind which an IPv4 address follows. */
static const struct {
	u8 bytes[12];
	u8 size;
} carriers[] = {
	{ { 0x00, 0x64, 0xff, 0x9b }, 12 },	/* NAT64: 64:ff9b::/96 */
	{ { 0x20, 0x02 }, 2 },			/* 6to4: 2002::/16 */
};

static u32 count_elements(const char *elements)
{
	u32 count = 1;

	for (; *elements; elements++)
		count += *elements == ' ';
	return count;
}

/* All addresses of the carrier that carry one of @v4. */
static void carry(struct cw_dest *dest, const struct cw_dest *v4, u32 carrier)
{
	const u32 size = carriers[carrier].size;

	dest->kind = CW_DEST_ADDR;
	dest->family = 6;
	memset(dest->hi, 0xff, sizeof(dest->hi));
	memcpy(dest->lo, carriers[carrier].bytes, size);
	memcpy(dest->hi, carriers[carrier].bytes, size);
	memcpy(dest->lo + size, v4->lo, 4);
	memcpy(dest->hi + size, v4->hi, 4);
}

static int fill(struct cw_ruleset *ruleset, struct cw_set *set,
		const char *elements, bool carried)
{
	u32 written = count_elements(elements), room, i, j;
	char message[CW_MESSAGE_MAX];
	size_t size;

	room = written * (carried ? 1 + ARRAY_SIZE(carriers) : 1);
	set->dests = cw_ruleset_alloc(ruleset, room * sizeof(*set->dests));
	if (!set->dests)
		return -ENOMEM;
	for (i = 0; i < written; i++) {
		size = strcspn(elements, " ");
		cw_word_address(elements, size, &set->dests[i], message);
		elements += size + 1;
	}
	set->dest_count = written;
	for (i = 0; carried && i < written; i++)
		for (j = 0; set->dests[i].family == 4 &&
		     j < ARRAY_SIZE(carriers); j++)
			carry(&set->dests[set->dest_count++], &set->dests[i],
			      j);
	return 0;
}

int cw_ruleset_add_builtins(struct cw_ruleset *ruleset)
{
	struct cw_arena *arena = ruleset->arena;
	struct cw_set *set;
	u32 i;

	for (i = 0; i < CW_BUILTIN_COUNT; i++) {
		set = cw_array_push(&arena->sets, sizeof(*set));
		if (!set)
			return -ENOMEM;
		set->builtin = true;
		set->name = cw_ruleset_string(ruleset, builtins[i].name,
					      strlen(builtins[i].name));
		if (!set->name || fill(ruleset, set, builtins[i].elements,
				       !strcmp(builtins[i].name, "internet")))
			return -ENOMEM;
	}
	cw_ruleset_settle(ruleset);
	return 0;
}
