// SPDX-License-Identifier: GPL-2.0-only
/*
 * What connections cost: for each path the least number of time stamp counts
 * that one call took.  Under `-icount shift=0` a count is an instruction, and
 * the least is the same in every boot (tests/bench/hooks.sh).
 *
 *	cost ALLOWED DENIED
 *
 * prints "PATH COUNT" for
 *	reconnect  connect() of a connected TCP socket: judged, entered before
 *	connect    connect() of a fresh UDP socket: judged, a new entry
 *	refuse     connect() to DENIED (if that is not refused: "refuse -")
 *	send       a send by a connected UDP socket
 *	sendto     a send by one that is not connected, the same address
 *	spawn      fork, exec, exit and wait; of itself, "cost -"
 */
#include <arpa/inet.h>
#include <errno.h>
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
static int tcp, connected, loose, sink;

static int open_socket(int type)
{
	int fd = socket(AF_INET, type, 0);

	if (fd < 0) {
		perror("cost: socket");
		exit(1);
	}
	return fd;
}

static int reconnect(void)
{
	return connect(tcp, (void *)&listening, sizeof(listening)) &&
	       errno == EISCONN ? 0 : -1;
}

static int connect_new(void)
{
	static uint16_t port = 1024;
	struct sockaddr_in to = allowed;

	to.sin_port = htons(++port);
	return connect(loose, (void *)&to, sizeof(to));
}

static int refuse(void)
{
	return connect(loose, (void *)&denied, sizeof(denied)) && errno == EPERM
		? 0 : -1;
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
}

static void renew(void)
{
	close(loose);
	loose = open_socket(SOCK_DGRAM);
}

static bool measure(const char *name, int (*path)(void), int rounds)
{
	uint64_t least = UINT64_MAX, start, took;

	for (int i = 0; i < rounds; i++) {
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
	int listener = open_socket(SOCK_STREAM);

	listening = allowed;
	listening.sin_port = 0;
	must(bind(listener, (void *)&listening, size) ||
	     listen(listener, 1) ||
	     getsockname(listener, (void *)&listening, &size), "listen");
	tcp = open_socket(SOCK_STREAM);
	must(connect(tcp, (void *)&listening, size), "connect");
	sink = open_socket(SOCK_DGRAM);
	must(bind(sink, (void *)&allowed, size), "bind");
	connected = open_socket(SOCK_DGRAM);
	must(connect(connected, (void *)&allowed, size), "connect UDP");
	loose = open_socket(SOCK_DGRAM);
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
	measure("reconnect", reconnect, ROUNDS);
	measure("connect", connect_new, ROUNDS);
	measure("refuse", refuse, ROUNDS);
	measure("send", send_connected, ROUNDS);
	measure("sendto", send_named, ROUNDS);
	measure("spawn", spawn, SPAWNS);
	return 0;
}
