// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks in the calls in which clients and servers wait.
 *
 *	linger ADDRESS
 *
 * A process each waits in connect() to ADDRESS, which must not answer, in
 * accept(), in recv() on a TCP connection and in recvfrom() on a UDP socket.
 * Prints "waiting" when all are about to; lives until it is killed, and they
 * with it.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in silent = { .sin_family = AF_INET };
static char byte;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int new_socket(int type)
{
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		die("socket");
	return fd;
}

/* On a port of the kernel's choice, which goes to @at. */
static int bound(int type, struct sockaddr_in *at)
{
	socklen_t size = sizeof(*at);
	int fd = new_socket(type);

	memset(at, 0, sizeof(*at));
	at->sin_family = AF_INET;
	at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (void *)at, size) || getsockname(fd, (void *)at, &size))
		die("bind");
	if (type == SOCK_STREAM && listen(fd, 1))
		die("listen");
	return fd;
}

static void wait_in_connect(int ready)
{
	int fd = new_socket(SOCK_STREAM);

	silent.sin_port = htons(80);
	write(ready, "", 1);
	connect(fd, (void *)&silent, sizeof(silent));
}

static void wait_in_accept(int ready)
{
	struct sockaddr_in at;
	int fd = bound(SOCK_STREAM, &at);

	write(ready, "", 1);
	accept(fd, NULL, NULL);
}

static void wait_in_recv(int ready)
{
	struct sockaddr_in at;
	int fd = new_socket(SOCK_STREAM);

	bound(SOCK_STREAM, &at);
	if (connect(fd, (void *)&at, sizeof(at)))
		die("connect");
	write(ready, "", 1);
	recv(fd, &byte, 1, 0);
}

static void wait_in_recvfrom(int ready)
{
	struct sockaddr_in at;
	int fd = bound(SOCK_DGRAM, &at);

	write(ready, "", 1);
	recvfrom(fd, &byte, 1, 0, NULL, NULL);
}

int main(int argc, char **argv)
{
	static void (*const waits[])(int ready) = {
		wait_in_connect, wait_in_accept, wait_in_recv, wait_in_recvfrom,
	};
	int pipes[2], i;

	if (argc != 2 || inet_pton(AF_INET, argv[1], &silent.sin_addr) != 1)
		return 2;
	if (pipe(pipes))
		die("pipe");
	for (i = 0; i < 4; i++) {
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			waits[i](pipes[1]);
			_exit(1);
		}
	}
	for (i = 0; i < 4; i++)
		if (read(pipes[0], &byte, 1) != 1)
			die("read");
	puts("waiting");
	fflush(stdout);
	/* The first to come back was not to. */
	wait(NULL);
	puts("a wait ended");
	return 1;
}
