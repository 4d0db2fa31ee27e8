// SPDX-License-Identifier: GPL-2.0-only
/*
 * Datagrams from one socket that is never connected:
 *
 *	flow one PORT COUNT ADDRESS		all to one address
 *	flow two PORT COUNT ALLOWED DENIED	to each in turn
 *	flow until PORT SECONDS ADDRESS		until one is refused
 *
 * or from SOCKETS sockets an empty one each to COUNT addresses from ADDRESS on;
 * prints how many and keeps the sockets until it is killed:
 *
 *	flow spread PORT COUNT ADDRESS SOCKETS
 *
 * Status 1 when an answer was not as it must be: 0 from an allowed address,
 * EPERM from a denied one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int fd;

static struct sockaddr_in address_of(const char *text, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_port = htons(atoi(port));
	if (inet_pton(AF_INET, text, &to.sin_addr) != 1) {
		fprintf(stderr, "flow: not an address: %s\n", text);
		exit(2);
	}
	return to;
}

static int send_one(const struct sockaddr_in *to)
{
	return sendto(fd, "x", 1, 0, (const void *)to, sizeof(*to)) < 0 ?
	       errno : 0;
}

/* @to[0] is allowed, @to[1] is not. */
static int send_all(const struct sockaddr_in *to, int addresses, int count)
{
	static const int wanted[] = { 0, EPERM };
	int turn, bad = 0;

	for (turn = 0; turn < count; turn++) {
		int which = turn % addresses, error = send_one(&to[which]);

		if (error == wanted[which])
			continue;
		if (!bad++)
			printf("datagram %d, address %d: %s\n", turn, which,
			       strerror(error));
	}
	printf("%d datagrams, %d wrong answers\n", count, bad);
	return bad != 0;
}

static int send_until_refused(const struct sockaddr_in *to, int seconds)
{
	time_t end = time(NULL) + seconds;
	int error, count = 0;

	while (time(NULL) < end) {
		error = send_one(to);
		if (error) {
			printf("%d sent, then %s\n", count, strerror(error));
			return error != EPERM;
		}
		count++;
		usleep(1000);
	}
	printf("%d sent, none refused\n", count);
	return 1;
}

static int spread(struct sockaddr_in to, int count, int sockets)
{
	in_addr_t first = ntohl(to.sin_addr.s_addr);
	int i, sent = 0;

	for (; sockets; sockets--) {
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		for (i = 0; i < count; i++) {
			to.sin_addr.s_addr = htonl(first + i);
			if (!sendto(fd, "", 0, 0, (void *)&to, sizeof(to)))
				sent++;
		}
	}
	printf("%d sent\n", sent);
	fflush(stdout);
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to[2];
	int i;

	if (argc < 5 || argc > 6)
		return 2;
	if (!strcmp(argv[1], "spread"))
		return spread(address_of(argv[4], argv[2]), atoi(argv[3]),
			      argc == 6 ? atoi(argv[5]) : 1);
	for (i = 4; i < argc; i++)
		to[i - 4] = address_of(argv[i], argv[2]);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (!strcmp(argv[1], "until"))
		return send_until_refused(to, atoi(argv[3]));
	return send_all(to, argc - 4, atoi(argv[3]));
}
