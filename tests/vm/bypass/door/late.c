// SPDX-License-Identifier: GPL-2.0-only
/*
 * Doors whose address changes after the call that a look at the call would see:
 * corked datagrams, and sockets that other threads connect elsewhere.  The wire is
 * the judge, because the last call may succeed although nothing is sent.
 */
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "door.h"

static int udp(const struct target *to)
{
	return open_socket(to->family, SOCK_DGRAM, 0);
}

static int connect_to(int fd, const struct target *to)
{
	return error_of(connect(fd, to->name, to->size));
}

static int set_cork(int fd, int on)
{
	return error_of(setsockopt(fd, SOL_UDP, UDP_CORK, &on, sizeof(on)));
}

/* The option takes the cork out when the socket is connected elsewhere. */
static int cork_option(const struct target *to)
{
	int fd = udp(to);

	if (connect_to(fd, &allowed) || set_cork(fd, 1) ||
	    send(fd, "x", 1, 0) != 1 || connect_to(fd, to))
		return EBADE;
	return set_cork(fd, 0);
}

/* The last send takes it out. */
static int cork_more(const struct target *to)
{
	int fd = udp(to);

	if (connect_to(fd, &allowed) || send(fd, "x", 1, MSG_MORE) != 1 ||
	    connect_to(fd, to))
		return EBADE;
	return error_of(send(fd, "y", 1, 0));
}

static int cork_named(const struct target *to)
{
	int fd = udp(to);

	if (sendto(fd, "x", 1, MSG_MORE, allowed.name, allowed.size) != 1 ||
	    connect_to(fd, to))
		return EBADE;
	return error_of(send(fd, "y", 1, 0));
}

/* ---- threads that connect -------------------------------------------------------- */

static int shared;
static volatile bool stop;

static void *connect_forever(void *to)
{
	while (!stop)
		connect_to(shared, to);
	return NULL;
}

/* Two threads connect by turns to who is allowed and who is not; this one sends. */
static int race(int fd, const struct target *to, const char *data)
{
	pthread_t threads[2];
	int i;

	shared = fd;
	if (connect_to(fd, &allowed))
		return EBADE;
	if (pthread_create(&threads[0], NULL, connect_forever, &allowed) ||
	    pthread_create(&threads[1], NULL, connect_forever, (void *)to))
		return EBADE;
	for (i = 0; i < 4000; i++) {
		send(fd, data, 8, 0);
		if (i % 8 == 0)
			sched_yield();
	}
	stop = true;
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return 0;
}

static int race_udp(const struct target *to)
{
	return race(udp(to), to, "8 bytes");
}

static int race_ping(const struct target *to)
{
	bool v4 = to->family == AF_INET;

	return race(open_socket(to->family, SOCK_DGRAM, v4 ? IPPROTO_ICMP :
							     IPPROTO_ICMPV6),
		    to, v4 ? "\x08\0\0\0\0\1\0\1" :
			     "\x80\0\0\0\0\1\0\1");
}

static int race_raw(const struct target *to)
{
	struct target same = *to;

	((struct sockaddr_in *)&same.address)->sin_port = 0;
	same.name = (void *)&same.address;
	((struct sockaddr_in *)&allowed.address)->sin_port = 0;
	return race(open_socket(to->family, SOCK_RAW, 253), &same, "8 bytes");
}

const struct door late_doors[] = {
	{ "late-cork-option", cork_option },
	{ "late-cork-more", cork_more },
	{ "late-cork-named", cork_named },
	{ "late-race-udp", race_udp },
	{ "late-race-ping", race_ping },
	{ "late-race-raw", race_raw },
	{}
};
