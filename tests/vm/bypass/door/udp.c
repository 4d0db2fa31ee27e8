// SPDX-License-Identifier: GPL-2.0-only
/* Doors of datagrams that anybody may send: UDP, UDP-Lite, ping. */
#include <fcntl.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "door.h"

static int udp(const struct target *to)
{
	return open_socket(to->family, SOCK_DGRAM, 0);
}

static int send_to(int fd, const struct target *to)
{
	return error_of(sendto(fd, "\x08\0\0\0\0\1\0\1", 8, 0, to->name,
			       to->size));
}


/* connect() of a datagram socket sends nothing and passes; what follows sends. */
static int connect_and_send(int fd, const struct target *to, const char *data)
{
	if (connect(fd, to->name, to->size))
		return errno == EPERM ? EBADE : errno;
	return error_of(send(fd, data, 8, 0));
}

static int plain(const struct target *to)
{
	return connect_and_send(udp(to), to, "8 bytes");
}

static int by_sendto(const struct target *to)
{
	return send_to(udp(to), to);
}

static int by_sendmsg(const struct target *to)
{
	struct msghdr message;
	struct iovec piece;

	one_message(&message, &piece, to);
	return error_of(sendmsg(udp(to), &message, 0));
}

static int by_sendmmsg(const struct target *to)
{
	struct mmsghdr message;
	struct iovec piece;

	one_message(&message.msg_hdr, &piece, to);
	return error_of(sendmmsg(udp(to), &message, 1, 0));
}

/* Only the number that went out tells that the third was refused. */
static int sendmmsg_third(const struct target *to)
{
	struct mmsghdr messages[3];
	struct iovec pieces[3];
	int sent;

	one_message(&messages[0].msg_hdr, &pieces[0], &allowed);
	one_message(&messages[1].msg_hdr, &pieces[1], &allowed);
	one_message(&messages[2].msg_hdr, &pieces[2], to);
	sent = sendmmsg(udp(to), messages, 3, 0);
	if (sent == 2)
		return EPERM;
	return sent == 3 ? 0 : EBADE;
}

/* Connected to one address, a datagram may still name another. */
static int connected_sendto(const struct target *to)
{
	int fd = udp(to);

	if (connect(fd, allowed.name, allowed.size))
		return EBADE;
	return send_to(fd, to);
}

static int alternating(const struct target *to)
{
	int fd = udp(to);

	return send_to(fd, &allowed) ? EBADE : send_to(fd, to);
}

static int lite(const struct target *to)
{
	return send_to(open_socket(to->family, SOCK_DGRAM, IPPROTO_UDPLITE),
		       to);
}

static int lite_connect(const struct target *to)
{
	return connect_and_send(open_socket(to->family, SOCK_DGRAM,
					    IPPROTO_UDPLITE), to, "8 bytes");
}

/* One send of several datagrams. */
static int segments(const struct target *to)
{
	int fd = udp(to), size = 8;
	char data[64] = {};

	if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)))
		return ABSENT;
	return error_of(sendto(fd, data, sizeof(data), 0, to->name, to->size));
}

static int zero_copy(const struct target *to)
{
	int fd = udp(to), on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)))
		return ABSENT;
	return error_of(sendto(fd, "x", 1, MSG_ZEROCOPY, to->name, to->size));
}

static int connected(const struct target *to)
{
	int fd = udp(to);

	if (connect(fd, to->name, to->size))
		_exit(errno == EPERM ? EBADE : errno);
	return fd;
}

static int by_splice(const struct target *to)
{
	int fd = connected(to), ends[2];

	if (pipe(ends) || write(ends[1], "x", 1) != 1)
		return EBADE;
	return error_of(splice(ends[0], NULL, fd, NULL, 1, 0));
}

static int by_sendfile(const struct target *to)
{
	int file = open("/proc/self/exe", O_RDONLY);

	return error_of(sendfile(connected(to), file, NULL, 64));
}

static int by_write(const struct target *to)
{
	return error_of(write(connected(to), "x", 1));
}

static int connected_sendmmsg(const struct target *to)
{
	struct mmsghdr messages[2];
	struct iovec pieces[2];

	one_message(&messages[0].msg_hdr, &pieces[0], NULL);
	one_message(&messages[1].msg_hdr, &pieces[1], NULL);
	return error_of(sendmmsg(connected(to), messages, 2, 0));
}

/* IPv4 sockets take AF_UNSPEC for AF_INET; IPv6 ones for no address. */
static int unspec_on(int protocol, const struct target *to)
{
	struct target same = *to;

	if (to->family != AF_INET)
		return ABSENT;
	same.name = (void *)&same.address;
	same.name->sa_family = AF_UNSPEC;
	return send_to(open_socket(AF_INET, SOCK_DGRAM, protocol), &same);
}

static int unspec(const struct target *to)
{
	return unspec_on(0, to);
}

static int unspec_lite(const struct target *to)
{
	return unspec_on(IPPROTO_UDPLITE, to);
}

/* IPv6 takes AF_UNSPEC for no address: it goes where the socket is connected to. */
static int unspec_connected(const struct target *to)
{
	struct sockaddr_in6 none = { .sin6_family = AF_UNSPEC };

	if (to->family != AF_INET6)
		return ABSENT;
	return error_of(sendto(connected(to), "x", 1, 0, (void *)&none,
			       sizeof(none)));
}

static int inet_on_inet6(const struct target *to)
{
	if (to->family != AF_INET)
		return ABSENT;
	return send_to(open_socket(AF_INET6, SOCK_DGRAM, 0), to);
}

static int inet_connect_on_inet6(const struct target *to)
{
	if (to->family != AF_INET)
		return ABSENT;
	return connect_and_send(open_socket(AF_INET6, SOCK_DGRAM, 0), to,
				"8 bytes");
}

static int ping_socket(const struct target *to)
{
	return open_socket(to->family, SOCK_DGRAM, to->family == AF_INET ?
			   IPPROTO_ICMP : IPPROTO_ICMPV6);
}

static const char *echo(const struct target *to)
{
	return to->family == AF_INET ? "\x08\0\0\0\0\1\0\1" :
				       "\x80\0\0\0\0\1\0\1";
}

static int ping(const struct target *to)
{
	return error_of(sendto(ping_socket(to), echo(to), 8, 0, to->name,
			       to->size));
}

static int ping_connect(const struct target *to)
{
	return connect_and_send(ping_socket(to), to, echo(to));
}

/* ---- an address that changes while the kernel reads it --------------------- */

static struct target flipping;
static volatile bool stop;

static void *flip(void *to)
{
	const struct target *denied = to;

	while (!stop) {
		memcpy(&flipping.address, &allowed.address, allowed.size);
		memcpy(&flipping.address, &denied->address, denied->size);
	}
	return NULL;
}

/* The wire is the judge: whoever looks there sees what got through. */
static int race(const struct target *to)
{
	int fd = udp(to), i, refused = 0;
	pthread_t thread;

	flipping = *to;
	flipping.name = (void *)&flipping.address;
	if (pthread_create(&thread, NULL, flip, (void *)to))
		return EBADE;
	for (i = 0; i < 300; i++)
		refused += send_to(fd, &flipping) == EPERM;
	stop = true;
	pthread_join(thread, NULL);
	return refused ? EPERM : 0;
}

const struct door udp_doors[] = {
	{ "udp-connect", plain },
	{ "udp-sendto", by_sendto },
	{ "udp-sendmsg", by_sendmsg },
	{ "udp-sendmmsg", by_sendmmsg },
	{ "udp-sendmmsg-third", sendmmsg_third },
	{ "udp-connected-sendto", connected_sendto },
	{ "udp-alternating", alternating },
	{ "udp-segments", segments },
	{ "udp-zerocopy", zero_copy },
	{ "udp-splice", by_splice },
	{ "udp-sendfile", by_sendfile },
	{ "udp-write", by_write },
	{ "udp-connected-sendmmsg", connected_sendmmsg },
	{ "udp-race-on-address", race },
	{ "udplite-sendto", lite },
	{ "udplite-connect", lite_connect },
	{ "udp-unspec-sendto", unspec },
	{ "udplite-unspec-sendto", unspec_lite },
	{ "udp-unspec-connected", unspec_connected },
	{ "udp-inet-on-inet6", inet_on_inet6 },
	{ "udp-inet-on-inet6-connect", inet_connect_on_inet6 },
	{ "ping-sendto", ping },
	{ "ping-connect", ping_connect },
	{}
};
