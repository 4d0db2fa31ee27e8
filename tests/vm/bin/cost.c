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
 *	tcp-recv   the receive of what it sent
 *	first      the first datagram of a fresh UDP socket: judged, a new entry
 *	send       a send by a connected UDP socket
 *	sendto     a send by one that is not connected, the same address
 *	udp-recv   the receive of one datagram
 *	unix-send  a send by a connected UNIX socket
 *	close      close() of a UDP socket that has sent nothing
 *	spawn      fork, exec, exit and wait; of itself, "cost -"
 *	process    tcp as the first connection of a process, "cost ADDRESS PORT FD"
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
static int unix_pair[2];

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

static int receive_stream(void)
{
	char byte;

	return recv(peer, &byte, 1, 0) == 1 ? 0 : -1;
}

static int receive_datagram(void)
{
	char byte;

	return recv(sink, &byte, 1, 0) == 1 ? 0 : -1;
}

static int send_unix(void)
{
	return send(unix_pair[0], "x", 1, 0) == 1 ? 0 : -1;
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
	while (recv(unix_pair[1], &byte, 1, MSG_DONTWAIT) > 0)
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

static void send_to_peer(void)
{
	if (send_stream())
		perror("cost: send");
}

static void send_to_sink(void)
{
	if (send_named())
		perror("cost: sendto");
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

/* Of each of these processes only the first connection is measured, by itself. */
static int connect_first(int out)
{
	uint64_t start, took;

	fresh_stream = open_socket(SOCK_STREAM);
	start = __rdtsc();
	if (connect_tcp())
		return 1;
	took = __rdtsc() - start;
	return write(out, &took, sizeof(took)) != sizeof(took);
}

static bool spawn_first(char *address, int out)
{
	char self[] = "/proc/self/exe", port[8], fd[8];
	char *argv[] = { self, address, port, fd, NULL };
	pid_t pid;
	int status;

	snprintf(port, sizeof(port), "%d", ntohs(listening.sin_port));
	snprintf(fd, sizeof(fd), "%d", out);
	return !posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) &&
	       waitpid(pid, &status, 0) == pid && !status;
}

static void measure_first(char *address)
{
	uint64_t least = UINT64_MAX, took;
	int ends[2];

	if (pipe(ends)) {
		perror("cost: pipe");
		exit(1);
	}
	for (int i = 0; i < SPAWNS; i++) {
		if (!spawn_first(address, ends[1]) ||
		    read(ends[0], &took, sizeof(took)) != sizeof(took)) {
			printf("process -\n");
			return;
		}
		if (took < least)
			least = took;
		drain();
	}
	printf("process %llu\n", (unsigned long long)least);
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
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, unix_pair), "socketpair");
	renew();
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "-"))
		return 0;	/* what is spawned */
	if (argc == 4) {
		listening = address_of(argv[1], atoi(argv[2]));
		return connect_first(atoi(argv[3]));
	}
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
	measure("tcp-recv", send_to_peer, receive_stream, ROUNDS);
	measure("first", nothing, send_first, ROUNDS);
	measure("send", nothing, send_connected, ROUNDS);
	measure("sendto", nothing, send_named, ROUNDS);
	measure("udp-recv", send_to_sink, receive_datagram, ROUNDS);
	measure("unix-send", nothing, send_unix, ROUNDS);
	measure("close", nothing, close_fresh, ROUNDS);
	measure("spawn", nothing, spawn, SPAWNS);
	measure_first(argv[1]);
	return 0;
}
