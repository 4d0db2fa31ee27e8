// SPDX-License-Identifier: GPL-2.0-only
/*
 * What connections cost: for each path the least number of time stamp counts
 * that one call took.  Under `-icount shift=0` a count is an instruction, and
 * the least is the same in every boot (tests/bench/hooks.sh).
 *
 *	cost ALLOWED DENIED
 *
 * prints "PATH COUNT" for
 *	tcp        connect() of a fresh TCP socket: judged, a new entry
 *	refuse     the same to DENIED (if that is not refused: "refuse -")
 *	accept     accept() of what tcp connected
 *	tcp-send   a send by a connected TCP socket
 *	first      the first datagram of a fresh UDP socket: judged, a new entry
 *	send       a send by a connected UDP socket
 *	sendto     a send by one that is not connected, the same address
 *	close      close() of a UDP socket that has sent nothing
 *	spawn      fork, exec, exit and wait; of itself, "cost -"
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define ROUNDS	3000
#define SPAWNS	100

extern char **environ;

static struct sockaddr_in allowed, denied, listening;
/* The fresh ones are made anew before each call. */
static int fresh_stream = -1, fresh_datagram = -1, accepted = -1;
static int listener, stream, peer, connected, sink;

static int open_socket(int type)
{
	int fd = socket(AF_INET, type, 0);

	if (fd < 0) {
		perror("cost: socket");
		exit(1);
	}
	return fd;
}

static int connect_tcp(void)
{
	return connect(fresh_stream, (void *)&listening, sizeof(listening));
}

static int refuse(void)
{
	return connect(fresh_stream, (void *)&denied, sizeof(denied)) &&
	       errno == EPERM ? 0 : -1;
}

static int accept_one(void)
{
	accepted = accept(listener, NULL, NULL);
	return accepted < 0 ? -1 : 0;
}

static int send_stream(void)
{
	return send(stream, "x", 1, 0) == 1 ? 0 : -1;
}

static int send_first(void)
{
	return sendto(fresh_datagram, "x", 1, 0, (void *)&allowed,
		      sizeof(allowed)) == 1 ? 0 : -1;
}

static int close_fresh(void)
{
	int ret = close(fresh_datagram);

	fresh_datagram = -1;
	return ret;
}

static int send_connected(void)
{
	return send(connected, "x", 1, 0) == 1 ? 0 : -1;
}

static int send_named(void)
{
	return sendto(sink, "x", 1, 0, (void *)&allowed, sizeof(allowed)) == 1
		? 0 : -1;
}

static int spawn(void)
{
	char self[] = "/proc/self/exe", dash[] = "-";
	char *argv[] = { self, dash, NULL };
	pid_t pid;
	int status;

	if (posix_spawn(&pid, argv[0], NULL, NULL, argv, environ))
		return -1;
	return waitpid(pid, &status, 0) == pid && !status ? 0 : -1;
}

/* What arrived is taken out, or the buffers would fill. */
static void drain(void)
{
	char byte;

	while (recv(sink, &byte, 1, MSG_DONTWAIT) > 0)
		;
	while (recv(peer, &byte, 1, MSG_DONTWAIT) > 0)
		;
	if (accepted < 0)
		accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	close(accepted);
	accepted = -1;
}

static void renew(void)
{
	close(fresh_stream);
	close(fresh_datagram);
	fresh_stream = open_socket(SOCK_STREAM);
	fresh_datagram = open_socket(SOCK_DGRAM);
}

static void nothing(void)
{
}

static void be_connected_to(void)
{
	if (connect_tcp())
		perror("cost: connect");
}

static bool measure(const char *name, void (*prepare)(void), int (*path)(void),
		    int rounds)
{
	uint64_t least = UINT64_MAX, start, took;

	for (int i = 0; i < rounds; i++) {
		prepare();
		start = __rdtsc();
		if (path()) {
			printf("%s -\n", name);
			return false;
		}
		took = __rdtsc() - start;
		if (took < least)
			least = took;
		drain();
		renew();
	}
	printf("%s %llu\n", name, (unsigned long long)least);
	return true;
}

static struct sockaddr_in address_of(const char *text, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_port = htons(port);
	if (inet_pton(AF_INET, text, &to.sin_addr) != 1) {
		fprintf(stderr, "cost: not an address: %s\n", text);
		exit(2);
	}
	return to;
}

static void must(int result, const char *what)
{
	if (result) {
		fprintf(stderr, "cost: %s: %m\n", what);
		exit(1);
	}
}

static void set_up(void)
{
	socklen_t size = sizeof(listening);

	listener = open_socket(SOCK_STREAM);
	listening = allowed;
	listening.sin_port = 0;
	must(bind(listener, (void *)&listening, size) ||
	     listen(listener, 8) ||
	     getsockname(listener, (void *)&listening, &size), "listen");
	stream = open_socket(SOCK_STREAM);
	must(connect(stream, (void *)&listening, size), "connect");
	peer = accept(listener, NULL, NULL);
	must(peer < 0 ? -1 : 0, "accept");
	must(fcntl(listener, F_SETFL, O_NONBLOCK), "fcntl");
	sink = open_socket(SOCK_DGRAM);
	must(bind(sink, (void *)&allowed, size), "bind");
	connected = open_socket(SOCK_DGRAM);
	must(connect(connected, (void *)&allowed, size), "connect UDP");
	renew();
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "-"))
		return 0;	/* what is spawned */
	if (argc != 3) {
		fprintf(stderr, "usage: cost ALLOWED DENIED\n");
		return 2;
	}
	allowed = address_of(argv[1], 7001);
	denied = address_of(argv[2], 7001);
	set_up();
	measure("tcp", nothing, connect_tcp, ROUNDS);
	measure("refuse", nothing, refuse, ROUNDS);
	measure("accept", be_connected_to, accept_one, ROUNDS);
	measure("tcp-send", nothing, send_stream, ROUNDS);
	measure("first", nothing, send_first, ROUNDS);
	measure("send", nothing, send_connected, ROUNDS);
	measure("sendto", nothing, send_named, ROUNDS);
	measure("close", nothing, close_fresh, ROUNDS);
	measure("spawn", nothing, spawn, SPAWNS);
	return 0;
}
