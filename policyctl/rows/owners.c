// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose addresses are they?  A connection that was refused has no row at its
 * other end; when one host of the input has that address as its own, it went to
 * that host.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"

/* Without holes: it is its own key. */
struct address {
	uint8_t bytes[16];
	uint8_t family, zero[3];
};

struct owners {
	struct cw_names addresses;	/* number = place in host */
	uint32_t *host;			/* CW_NAME_NONE = more than one */
	size_t room;
};

/* Loopback and link-local addresses are on every host, and those of groups are
 * nobody's. */
static bool is_of_one_host(unsigned family, const uint8_t *address)
{
	if (cw_graph_is_loopback(family, address))
		return false;
	if (family == 4)
		return address[0] && address[0] < 224 &&
		       !(address[0] == 169 && address[1] == 254);
	return family == 6 && address[0] != 0xff &&
	       !(address[0] == 0xfe && (address[1] & 0xc0) == 0x80);
}

static uint32_t number_of(struct owners *owners, unsigned family,
			  const uint8_t *bytes)
{
	struct address address;

	memset(&address, 0, sizeof(address));
	address.family = family;
	memcpy(address.bytes, bytes, sizeof(address.bytes));
	return cw_names_add(&owners->addresses, &address, sizeof(address));
}

static int add(struct owners *owners, const struct cw_seen *row)
{
	uint32_t known = owners->addresses.name.count;
	uint32_t number = number_of(owners, row->family, row->local);
	uint32_t *host;

	if (number == CW_NAME_NONE)
		return -ENOMEM;
	host = cw_grow(owners->host, number, &owners->room, sizeof(*host));
	if (!host)
		return -ENOMEM;
	owners->host = host;
	if (number == known)
		host[number] = row->host;
	else if (host[number] != row->host)
		host[number] = CW_NAME_NONE;
	return 0;
}

/* An address in a namespace that a user made says nothing. */
static bool owns(const struct cw_join *join, const struct cw_seen *row)
{
	return row->has_local && is_of_one_host(row->family, row->local) &&
	       (row->netns_owner != CW_NETNS_USER || join->across_netns);
}

/* Only the first @owned addresses have an owner. */
static int set_server(struct owners *owners, uint32_t owned,
		      struct cw_seen *row)
{
	uint32_t number = number_of(owners, row->family, row->remote);

	if (number == CW_NAME_NONE)
		return -ENOMEM;
	if (number < owned && owners->host[number] != row->host)
		row->server_host = owners->host[number];
	return 0;
}

int cw_owners_find(struct cw_join *join)
{
	struct owners owners = { .room = 0 };
	uint32_t owned;
	int ret = 0;

	for (size_t i = 0; !ret && i < join->rows; i++)
		if (owns(join, &join->row[i]))
			ret = add(&owners, &join->row[i]);
	owned = owners.addresses.name.count;
	for (size_t i = 0; !ret && owned && i < join->rows; i++) {
		struct cw_seen *row = &join->row[i];

		if (row->verdict == CW_OUTCOME_DENY && !row->in &&
		    is_of_one_host(row->family, row->remote))
			ret = set_server(&owners, owned, row);
	}
	cw_names_free(&owners.addresses);
	free(owners.host);
	return ret;
}
