// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program whose path is as long as a path can be, and what its connections
 * cost.
 *
 *	deep TOP PIECE END COMMAND ARGUMENT...
 *
 * makes directories called PIECE below TOP, one in the other, as far as a path
 * reaches, copies itself to END there (a path of its own) and executes that,
 * which then does COMMAND:
 *
 *	connect ADDRESS COUNT	connect() of a UDP socket, COUNT times, before
 *				each setuid(getuid()); fails with EPERM
 *	cost ADDRESS		prints "first N", the counts of the time stamp
 *				for the first connect(), and "setuid N", the
 *				least for one after setuid(getuid())
 *	exec			nothing
 *
 * `deep TOP PIECE END` alone makes the program and does not execute it; with
 * "-" for TOP the command is done at once.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <x86intrin.h>

#define ROUNDS	200

static void must(int failed, const char *what)
{
	if (failed) {
		fprintf(stderr, "deep: %s: %s\n", what, strerrorname_np(errno));
		exit(1);
	}
}

/* ---- the path ---------------------------------------------------------------- */

static void enter(const char *name)
{
	must(mkdir(name, 0755) && errno != EEXIST, "mkdir");
	must(chdir(name), "chdir");
}

static void copy_self(const char *name)
{
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	struct stat stat;

	must(from < 0 || to < 0 || fstat(from, &stat), "open");
	must(sendfile(to, from, NULL, stat.st_size) != stat.st_size, "copy");
	close(from);
	close(to);
}

/* Leaves the name that the program has in the last directory. */
static char *make(const char *top, const char *piece, char *end)
{
	size_t length = strlen(top) + strlen(end) + 1;
	char *slash;

	must(chdir(top), "chdir");
	for (; length + strlen(piece) + 1 < PATH_MAX;
	     length += strlen(piece) + 1)
		enter(piece);
	for (; (slash = strchr(end, '/')); end = slash + 1) {
		*slash = '\0';
		enter(end);
	}
	copy_self(end);
	return end;
}

/* ---- connections --------------------------------------------------------------- */

static struct sockaddr_in to = { .sin_family = AF_INET };

static uint64_t connect_once(void)
{
	static uint16_t port = 1024;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint64_t start, took;
	int ret;

	must(fd < 0, "socket");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	to.sin_port = htons(++port);
	start = __rdtsc();
	ret = connect(fd, (void *)&to, sizeof(to));
	took = __rdtsc() - start;
	must(ret && errno != ECONNREFUSED && errno != EINPROGRESS, "connect");
	close(fd);
	return took;
}

static void change_credentials(void)
{
	must(setuid(getuid()), "setuid");
}

static void tell_cost(void)
{
	uint64_t least = UINT64_MAX, took;
	int i;

	printf("first %llu\n", (unsigned long long)connect_once());
	for (i = 0; i < ROUNDS; i++) {
		change_credentials();
		took = connect_once();
		if (took < least)
			least = took;
	}
	printf("setuid %llu\n", (unsigned long long)least);
}

static int act(int argc, char **argv)
{
	int i;

	if (argc > 1)
		must(inet_pton(AF_INET, argv[1], &to.sin_addr) != 1, "address");
	if (!strcmp(argv[0], "cost")) {
		tell_cost();
	} else if (!strcmp(argv[0], "connect")) {
		for (i = 0; i < atoi(argv[2]); i++) {
			change_credentials();
			connect_once();
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	char *name;

	if (argc < 4) {
		fprintf(stderr, "usage: deep TOP PIECE END [COMMAND...]\n");
		return 2;
	}
	if (!strcmp(argv[1], "-"))
		return act(argc - 4, argv + 4);
	name = make(argv[1], argv[2], argv[3]);
	if (argc == 4)
		return 0;
	argv[1] = (char *)"-";
	execv(name, argv);
	must(1, "execute");
}
