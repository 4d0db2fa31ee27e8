// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connects as fast as it can, from several processes, to every port given.
 *
 *	hammer PROCESSES SECONDS ADDRESS PORT...
 *
 * Nobody needs to listen: a connection that is allowed ends in ECONNREFUSED.
 * Prints "allowed N denied N other N" at the end; status 1 when there were
 * others.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct totals {
	unsigned long allowed, denied, other;
	int last_error;
};

static void add(unsigned long *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

static void connect_once(struct totals *totals, struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (!connect(fd, (void *)to, sizeof(*to)) || errno == ECONNREFUSED) {
		add(&totals->allowed);
	} else if (errno == EPERM) {
		add(&totals->denied);
	} else {
		totals->last_error = errno;
		add(&totals->other);
	}
	close(fd);
}

static void hammer(struct totals *totals, time_t end, struct sockaddr_in *to,
		   char **ports)
{
	while (time(NULL) < end) {
		for (char **port = ports; *port; port++) {
			to->sin_port = htons(atoi(*port));
			connect_once(totals, to);
		}
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct totals *totals;
	time_t end;
	int i;

	if (argc < 5 || inet_pton(AF_INET, argv[3], &to.sin_addr) != 1)
		return 2;
	totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	end = time(NULL) + atoi(argv[2]);
	for (i = 0; i < atoi(argv[1]); i++) {
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			hammer(totals, end, &to, argv + 4);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	printf("allowed %lu denied %lu other %lu\n", totals->allowed,
	       totals->denied, totals->other);
	if (totals->other)
		printf("last other error: %s\n", strerror(totals->last_error));
	return totals->other != 0;
}
