// SPDX-License-Identifier: GPL-2.0-only
/* UDP. */
#include <sys/uio.h>

#include "move.h"

#define UDP_SEGMENT_OPTION 103
#define UDP_GRO_OPTION 104

#define ROOM (4 << 20)

static int datagrams_on(const char *text, int number)
{
	int fd = open_socket(SOCK_DGRAM, 0), room = ROOM;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	bind_to(fd, text, number);
	return fd;
}

static int datagrams_to(void)
{
	int fd = open_socket(SOCK_DGRAM, 0), room = ROOM;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	connect_to(fd);
	return fd;
}

static void take_datagrams(int fd)
{
	while (wait_for(fd))
		get(fd);
}

static void take_many(int fd)
{
	struct iovec part[16];
	struct mmsghdr message[16];

	memset(message, 0, sizeof(message));
	for (int i = 0; i < 16; i++) {
		part[i] = (struct iovec){ data + 4096 * i, 4096 };
		message[i].msg_hdr.msg_iov = &part[i];
		message[i].msg_hdr.msg_iovlen = 1;
	}
	while (wait_for(fd)) {
		int count = check(recvmmsg(fd, message, 16, MSG_DONTWAIT, NULL),
				  "recvmmsg");

		for (int i = 0; i < count; i++)
			received += message[i].msg_len;
	}
}

/* Peeks, and has no room for all of it, which the kernel gives up whole. */
static void take_peeking(int fd)
{
	while (wait_for(fd)) {
		check(recv(fd, data, 10, MSG_PEEK), "recv");
		check(recv(fd, data, sizeof(data), MSG_PEEK), "recv");
		received += check(recv(fd, data, 10, MSG_TRUNC), "recv");
	}
}

static void take_segments(int fd)
{
	int one = 1;

	if (setsockopt(fd, IPPROTO_UDP, UDP_GRO_OPTION, &one, sizeof(one)))
		exit(ABSENT);
	take_datagrams(fd);
}

static void exchange(void (*give)(int fd), void (*take)(int fd))
{
	int server = datagrams_on(address, port), fd;

	if (be_peer()) {
		take(server);
		say_server("udp");
		exit(0);
	}
	fd = datagrams_to();
	give(fd);
	say_client("udp", fd);
	end_peer();
}

static void give_50(int fd)
{
	for (int turn = 0; turn < 50; turn++)
		put(fd, 1000);
}

static void flood(int fd)
{
	for (int turn = 0; turn < 1000; turn++)
		put(fd, 60);
}

static void give_many(int fd)
{
	struct iovec part = { data, 700 };
	struct mmsghdr message[32];

	memset(message, 0, sizeof(message));
	for (int i = 0; i < 32; i++) {
		message[i].msg_hdr.msg_iov = &part;
		message[i].msg_hdr.msg_iovlen = 1;
	}
	check(sendmmsg(fd, message, 32, 0) - 32, "sendmmsg");
	for (int i = 0; i < 32; i++)
		sent += message[i].msg_len;
}

static void give_segments(int fd)
{
	int size = 1000;

	if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT_OPTION, &size, sizeof(size)))
		exit(ABSENT);
	for (int turn = 0; turn < 5; turn++)
		put(fd, 20000);
}

static void udp_up(void) { exchange(give_50, take_datagrams); }
static void udp_flood(void) { exchange(flood, take_datagrams); }
static void use_sendmmsg(void) { exchange(give_many, take_datagrams); }
static void use_recvmmsg(void) { exchange(give_50, take_many); }
static void use_segments(void) { exchange(give_segments, take_segments); }
static void use_peek(void) { exchange(give_50, take_peeking); }

/* A question, and many answers. */
static void udp_down(void)
{
	int server = datagrams_on(address, port), fd;
	socklen_t size = sizeof(union name);
	union name name;

	if (be_peer()) {
		received = check(recvfrom(server, data, 100, 0, &name.any, &size),
				 "recvfrom");
		for (int turn = 0; turn < 50; turn++)
			sent += check(sendto(server, data, 1200, 0, &name.any,
					     size), "sendto");
		say_server("udp");
		exit(0);
	}
	fd = datagrams_to();
	put(fd, 20);
	while (received < 60000)
		get(fd);
	say_client("udp", fd);
	end_peer();
}

/* What fails counts nothing: 2 GB at once are more than a datagram can have. */
static void give_in_vain(int fd)
{
	put(fd, 100);
	for (int turn = 0; turn < 1000; turn++)
		if (send(fd, data, 0x7fffffff, 0) >= 0 || errno != EMSGSIZE)
			die("send of 2 GB");
}

static void udp_in_vain(void) { exchange(give_in_vain, take_datagrams); }

const struct kind datagrams[] = {
	{ "udp-up", udp_up }, { "udp-down", udp_down },
	{ "udp-flood", udp_flood }, { "udp-in-vain", udp_in_vain },
	{ "sendmmsg", use_sendmmsg }, { "recvmmsg", use_recvmmsg },
	{ "gso-gro", use_segments }, { "peek", use_peek },
	{ NULL }
};
