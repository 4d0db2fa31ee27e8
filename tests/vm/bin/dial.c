// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens one connection and says how it went.
 *
 *	dial [-u] [-n] [-t] [-w SECONDS] ADDRESS PORT
 *
 * -u: UDP, and sends a byte, for connect() sends nothing.  -n: non-blocking, then waits with poll().  -t: connect() twice on
 * the socket, as event loops do.  -w: keeps the connection for that long.
 * Prints "connected" and leaves with 0, or the error and leaves with 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool udp, nonblocking, twice;
static unsigned int wait_seconds;

static socklen_t read_address(const char *text, int port,
			      struct sockaddr_storage *to)
{
	struct sockaddr_in *in = (void *)to;
	struct sockaddr_in6 *in6 = (void *)to;

	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		return sizeof(*in6);
	}
	fprintf(stderr, "dial: not an address: %s\n", text);
	exit(2);
}

/* 0 or an errno. */
static int wait_until_connected(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;

	if (poll(&poller, 1, 5000) != 1)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		return errno;
	return error;
}

static int dial(int fd, const struct sockaddr *to, socklen_t size)
{
	int error = connect(fd, to, size) ? errno : 0;

	if (error == EINPROGRESS)
		error = wait_until_connected(fd);
	if (!error && udp && send(fd, "x", 1, 0) < 0)
		error = errno;
	if (!error && twice && connect(fd, to, size) && errno != EISCONN)
		error = errno;
	return error;
}

static void read_options(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "untw:")) != -1) {
		switch (option) {
		case 'u':
			udp = true;
			break;
		case 'n':
			nonblocking = true;
			break;
		case 't':
			twice = true;
			break;
		case 'w':
			wait_seconds = atoi(optarg);
			break;
		default:
			exit(2);
		}
	}
	if (argc - optind != 2)
		exit(2);
}

int main(int argc, char **argv)
{
	struct sockaddr_storage to;
	socklen_t size;
	int fd, error;

	read_options(argc, argv);
	size = read_address(argv[optind], atoi(argv[optind + 1]), &to);
	fd = socket(to.ss_family, (udp ? SOCK_DGRAM : SOCK_STREAM) |
		    (nonblocking ? SOCK_NONBLOCK : 0), 0);
	error = fd < 0 ? errno : dial(fd, (void *)&to, size);
	puts(error ? strerror(error) : "connected");
	fflush(stdout);
	sleep(wait_seconds);
	return error != 0;
}
