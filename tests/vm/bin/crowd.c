// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many TCP connections, with both ends in this process:
 *
 *	crowd COUNT ADDRESS PORT
 *
 * Prints "connected COUNT" and keeps them until it is killed.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in at = { .sin_family = AF_INET };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void allow_files(rlim_t number)
{
	struct rlimit limit = { number, number };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit");
}

static int listener(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (void *)&at, sizeof(at)) || listen(fd, 16))
		die("listen");
	return fd;
}

int main(int argc, char **argv)
{
	int i, count, server;

	if (argc != 4 || inet_pton(AF_INET, argv[2], &at.sin_addr) != 1)
		return 2;
	count = atoi(argv[1]);
	at.sin_port = htons(atoi(argv[3]));
	allow_files(2 * count + 64);
	server = listener();
	for (i = 0; i < count; i++) {
		if (connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&at,
			    sizeof(at)))
			die("connect");
		if (accept(server, NULL, NULL) < 0)
			die("accept");
	}
	printf("connected %d\n", count);
	fflush(stdout);
	pause();
	return 0;
}
