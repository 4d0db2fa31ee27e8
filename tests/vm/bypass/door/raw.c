// SPDX-License-Identifier: GPL-2.0-only
/* Doors of raw IP, which need CAP_NET_RAW. */
#include <netinet/ip.h>
#include <string.h>

#include "door.h"

#define EXPERIMENT 254		/* an IP protocol that nobody uses */

/* A raw IPv6 socket takes the port for a protocol number. */
static struct target without_port(const struct target *to)
{
	struct target same = *to;

	((struct sockaddr_in *)&same.address)->sin_port = 0;
	return same;
}

static int send_raw(int fd, const struct target *to, sa_family_t family)
{
	struct target same = without_port(to);

	same.address.ss_family = family;
	return error_of(sendto(fd, "\x08\0\0\0\0\1\0\1", 8, 0,
			       (void *)&same.address, same.size));
}

static int raw_socket(const struct target *to)
{
	return open_socket(to->family, SOCK_RAW, EXPERIMENT);
}

static int by_sendto(const struct target *to)
{
	return send_raw(raw_socket(to), to, to->family);
}

static int plain(const struct target *to)
{
	struct target same = without_port(to);
	int fd = raw_socket(to);

	if (connect(fd, (void *)&same.address, same.size))
		return errno == EPERM ? EBADE : errno;
	return error_of(send(fd, "x", 1, 0));
}

static int unspec(const struct target *to)
{
	return send_raw(raw_socket(to), to, AF_UNSPEC);
}

/* @named is what the kernel is told, @to what the packet says. */
static int with_header(const struct target *named, const struct target *to)
{
	struct iphdr header = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = EXPERIMENT,
		.tot_len = htons(sizeof(header)),
	};
	int fd;

	if (to->family != AF_INET)
		return ABSENT;
	fd = open_socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	memcpy(&header.daddr, &((struct sockaddr_in *)to->name)->sin_addr, 4);
	return error_of(sendto(fd, &header, sizeof(header), 0, named->name,
			       named->size));
}

static int header(const struct target *to)
{
	return with_header(to, to);
}

static int false_header(const struct target *to)
{
	return with_header(&allowed, to);
}

static int l2tp(const struct target *to)
{
	return send_raw(open_socket(to->family, SOCK_DGRAM, 115), to,
			to->family);
}

const struct door raw_doors[] = {
	{ "raw-sendto", by_sendto },
	{ "raw-connect", plain },
	{ "raw-unspec-sendto", unspec },
	{ "rawhdr-same-address", header },
	{ "raw-l2tp", l2tp },
	{ "rawhdr-other-address", false_header },
	{}
};
