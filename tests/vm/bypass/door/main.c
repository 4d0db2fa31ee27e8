// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tries doors to an address:
 *
 *	door [-a ALLOWED] ADDRESS PORT DOOR...
 *
 * Prints "DOOR PID ANSWER" for each: 0, the name of an errno, "absent" or
 * "killed".  A name that ends in "*" stands for all that begin so.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "door.h"

struct target allowed;

static const struct door * const families[] = {
	tcp_doors, udp_doors, raw_doors, sctp_doors, uring_doors, compat_doors,
	packet_doors, route_doors, late_doors,
};

int open_socket(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
	case ESOCKTNOSUPPORT:
		_exit(ABSENT);
	}
	_exit(errno);
}

void one_message(struct msghdr *message, struct iovec *piece,
		 const struct target *to)
{
	piece->iov_base = (char []){ "\x08\0\0\0\0\1\0\1" };
	piece->iov_len = 8;
	memset(message, 0, sizeof(*message));
	message->msg_name = to ? to->name : NULL;
	message->msg_namelen = to ? to->size : 0;
	message->msg_iov = piece;
	message->msg_iovlen = 1;
}

static void read_target(struct target *to, const char *text, int port)
{
	struct sockaddr_in *in = (void *)&to->address;
	struct sockaddr_in6 *in6 = (void *)&to->address;

	to->name = (void *)&to->address;
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		to->size = sizeof(*in);
	} else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
		to->size = sizeof(*in6);
	} else {
		fprintf(stderr, "door: not an address: %s\n", text);
		exit(2);
	}
	to->family = to->size == sizeof(*in) ? AF_INET : AF_INET6;
	to->address.ss_family = to->family;
	in->sin_port = htons(port);	/* at the same place in both */
}

static void try(const struct door *door, const struct target *to)
{
	const char *answer = "killed";
	pid_t pid = fork();
	int status;

	if (!pid) {
		alarm(20);
		_exit(door->open(to));
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == ABSENT)
		answer = "absent";
	else if (WIFEXITED(status))
		answer = strerrorname_np(WEXITSTATUS(status));
	printf("%s %d %s\n", door->name, pid, answer ? answer : "unknown");
	fflush(stdout);
}

static int matches(const char *name, const char *pattern)
{
	size_t length = strcspn(pattern, "*");

	return !strncmp(name, pattern, length) &&
	       (pattern[length] || !name[length]);
}

static void try_all(const char *pattern, const struct target *to)
{
	const struct door *door;
	unsigned int i, tried = 0;

	for (i = 0; i < sizeof(families) / sizeof(*families); i++) {
		for (door = families[i]; door->name; door++) {
			if (!matches(door->name, pattern))
				continue;
			try(door, to);
			tried++;
		}
	}
	if (!tried) {
		fprintf(stderr, "door: no door is named %s\n", pattern);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	const char *allowed_text = NULL;
	struct target to = {};
	int option;

	while ((option = getopt(argc, argv, "a:")) != -1) {
		if (option != 'a')
			return 2;
		allowed_text = optarg;
	}
	if (argc - optind < 3)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	read_target(&to, argv[optind], atoi(argv[optind + 1]));
	if (allowed_text)
		read_target(&allowed, allowed_text, atoi(argv[optind + 1]));
	for (argv += optind + 2; *argv; argv++)
		try_all(*argv, &to);
	return 0;
}
