// SPDX-License-Identifier: GPL-2.0-only
/*
 * The address of a request: which one is judged when a program names one, and
 * which one it carries inside.  Lint and `policyctl test` ask here for what the
 * kernel has done when its doors look at a socket.
 */
#include "engine.h"

static const u8 mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };
static const u8 loopback4[4] = { 127, 0, 0, 1 };

static bool is_mapped(const u8 *address)
{
	return !memcmp(address, mapped_prefix, sizeof(mapped_prefix));
}

static void set_v4(struct cw_request *request, const u8 *address)
{
	request->family = 4;
	memset(request->addr, 0, sizeof(request->addr));
	memcpy(request->addr, address, 4);
}

/* 0.0.0.0 is the IPv4 address that the socket is bound to, else loopback. */
static void name_v4(struct cw_request *request, const u8 *address,
		    const u8 *bound)
{
	if (!cw_blob_is_zero(address, 4))
		set_v4(request, address);
	else if (bound && is_mapped(bound) && !cw_blob_is_zero(bound + 12, 4))
		set_v4(request, bound + 12);
	else
		set_v4(request, loopback4);
}

void cw_request_name(struct cw_request *request, u8 family, const u8 *address,
		     const u8 *bound)
{
	if (family == 4) {
		name_v4(request, address, bound);
		return;
	}
	if (is_mapped(address)) {
		name_v4(request, address + 12, bound);
		return;
	}
	if (cw_blob_is_zero(address, 16) && bound && is_mapped(bound)) {
		set_v4(request, loopback4);
		return;
	}
	request->family = 6;
	memcpy(request->addr, address, 16);
	if (cw_blob_is_zero(address, 16))
		request->addr[15] = 1;
}

bool cw_request_inner(const struct cw_request *request,
		      struct cw_request *inner)
{
	/* The identifier of an ISATAP interface, RFC 5214: 00-00-5E-FE and
	 * the IPv4 address; the bit 0x02 of the first byte says "global". */
	static const u8 isatap[4] = { 0x00, 0x00, 0x5e, 0xfe };
	const u8 *id = request->addr + 8;

	if (request->family != 6 || (id[0] & ~0x02) != isatap[0] ||
	    memcmp(id + 1, isatap + 1, 3))
		return false;
	*inner = *request;
	set_v4(inner, id + 4);
	return true;
}
