// SPDX-License-Identifier: GPL-2.0-only
/*
 * Doors of source routes: the socket is for the allowed address, the route's
 * first hop, where packets really go, is the denied one.  IPv4 options need
 * CAP_NET_RAW; IPv6 routing headers of type 2 are for everybody.
 */
#include <string.h>
#include <unistd.h>

#include "door.h"

#define V4_OPTIONS	4	/* IP_OPTIONS */
#define V4_ANCILLARY	7	/* IP_RETOPTS */
#define V6_HEADER	57	/* IPV6_RTHDR */

struct route {
	int level, option, ancillary;
	socklen_t size;
	unsigned char bytes[24];
};

static struct route route_by(const struct target *to)
{
	const struct sockaddr_in *in = (void *)to->name;
	const struct sockaddr_in6 *in6 = (void *)to->name;
	struct route v4 = { IPPROTO_IP, V4_OPTIONS, V4_ANCILLARY, 8,
			    { 0x83, 7, 4 } };
	struct route v6 = { IPPROTO_IPV6, V6_HEADER, V6_HEADER, 24,
			    { 0, 2, 2, 1 } };

	memcpy(v4.bytes + 3, &in->sin_addr, 4);
	memcpy(v6.bytes + 8, &in6->sin6_addr, 16);
	return to->family == AF_INET ? v4 : v6;
}

static int set_route(int fd, const struct target *to)
{
	struct route route = route_by(to);

	return error_of(setsockopt(fd, route.level, route.option, route.bytes,
				   route.size));
}

static int udp(const struct target *to)
{
	return open_socket(to->family, SOCK_DGRAM, 0);
}

static int then_send(const struct target *to)
{
	int fd = udp(to);

	return set_route(fd, to) ?:
	       error_of(sendto(fd, "x", 1, 0, allowed.name, allowed.size));
}

static int then_connect(const struct target *to)
{
	int fd = udp(to);

	return set_route(fd, to) ?:
	       error_of(connect(fd, allowed.name, allowed.size));
}

static int after_connect(const struct target *to, int type)
{
	int fd = open_socket(to->family, type, 0);

	if (connect(fd, allowed.name, allowed.size))
		return EBADE;
	return set_route(fd, to) ?: error_of(send(fd, "x", 1, 0));
}

static int udp_after_connect(const struct target *to)
{
	return after_connect(to, SOCK_DGRAM);
}

static int tcp_after_connect(const struct target *to)
{
	return after_connect(to, SOCK_STREAM);
}

/* SMC hands options on to the TCP socket below it. */
static int smc_then_connect(const struct target *to)
{
	int fd = open_socket(43, SOCK_STREAM, to->family == AF_INET6);

	return set_route(fd, to) ?:
	       error_of(connect(fd, allowed.name, allowed.size));
}

/* A message to the allowed address with the route in @control. */
static void routed_message(struct msghdr *message, struct iovec *piece,
			   const struct target *to, char *control)
{
	struct route route = route_by(to);
	struct cmsghdr *head;

	one_message(message, piece, &allowed);
	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(route.size);
	head = CMSG_FIRSTHDR(message);
	head->cmsg_level = route.level;
	head->cmsg_type = route.ancillary;
	head->cmsg_len = CMSG_LEN(route.size);
	memcpy(CMSG_DATA(head), route.bytes, route.size);
}

/* Given with one send. */
static int in_one_send(const struct target *to)
{
	char control[CMSG_SPACE(24)] = {};
	struct msghdr message;
	struct iovec piece;

	routed_message(&message, &piece, to, control);
	return error_of(sendmsg(udp(to), &message, 0));
}

/*
 * Given with the second message of sendmmsg(): for one to the same address the
 * kernel does not ask its security modules again.  It gives the number that
 * went, and the error with the next call.
 */
static int in_second_message(const struct target *to)
{
	char control[CMSG_SPACE(24)] = {};
	struct mmsghdr messages[2] = {};
	struct iovec pieces[2];
	int fd = udp(to), sent;

	one_message(&messages[0].msg_hdr, &pieces[0], &allowed);
	routed_message(&messages[1].msg_hdr, &pieces[1], to, control);
	sent = sendmmsg(fd, messages, 2, 0);
	if (sent == 2)
		return 0;
	return sent == 1 ? error_of(sendmsg(fd, &messages[1].msg_hdr, 0)) :
			   EBADE;
}

#define V6_LABELS	32	/* IPV6_FLOWLABEL_MGR */
#define V6_LABEL_SEND	33	/* IPV6_FLOWINFO_SEND */

/* As the kernel has it. */
struct label_request {
	struct in6_addr to;
	uint32_t label;
	uint8_t action, share;
	uint16_t flags, expires, linger;
	uint32_t pad;
	char control[CMSG_SPACE(24)];
};

/* In a flow label, which has options of its own. */
static int in_flow_label(const struct target *to)
{
	struct sockaddr_in6 name = *(struct sockaddr_in6 *)allowed.name;
	struct label_request request = {
		.action = 0, .share = 1, .flags = 1, .linger = 6,
	};
	struct msghdr message;
	struct iovec piece;
	int fd = udp(to), one = 1, error;

	if (to->family != AF_INET6)
		_exit(ABSENT);
	request.to = name.sin6_addr;
	/* its own: a label is kept for a while when its socket is gone */
	request.label = htonl(0x10000 | (getpid() & 0xffff));
	routed_message(&message, &piece, to, request.control);
	error = error_of(setsockopt(fd, IPPROTO_IPV6, V6_LABELS, &request,
				    sizeof(request)));
	if (error)
		return error;
	setsockopt(fd, IPPROTO_IPV6, V6_LABEL_SEND, &one, sizeof(one));
	name.sin6_flowinfo = request.label;
	return error_of(sendto(fd, "x", 1, 0, (struct sockaddr *)&name,
			       sizeof(name)));
}

const struct door route_doors[] = {
	{ "route-then-send", then_send },
	{ "route-then-connect", then_connect },
	{ "route-after-connect-udp", udp_after_connect },
	{ "route-after-connect-tcp", tcp_after_connect },
	{ "smcroute-then-connect", smc_then_connect },
	{ "route-in-one-send", in_one_send },
	{ "route-in-second-message", in_second_message },
	{ "route-in-flow-label", in_flow_label },
	{}
};
