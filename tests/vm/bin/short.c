// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections that are over before anybody could look:
 *
 *	short COUNT FILE ADDRESS PORT
 *
 * One after the other: connect, send, close.  Then appends a line for each to
 * FILE, as JSON: who connected, both ends, when (ns since 1970: before and
 * after connect(), after close()) and how much was sent.  Perl and other
 * interpreters write the same, so that a test can compare what programs did
 * with what the history says.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 1000

static const char request[] = "GET / HTTP/1.0\r\n\r\n";

static struct done {
	struct sockaddr_storage local;
	long long before, connected, after;
} done[COUNT_MAX];

static struct sockaddr_storage to;
static socklen_t to_size;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long long now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	return at.tv_sec * 1000000000ll + at.tv_nsec;
}

static void read_target(const char *text, int port)
{
	struct sockaddr_in *in = (void *)&to;
	struct sockaddr_in6 *in6 = (void *)&to;

	in->sin_port = htons(port);	/* at the same place in both */
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		to.ss_family = AF_INET;
		to_size = sizeof(*in);
	} else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
		to.ss_family = AF_INET6;
		to_size = sizeof(*in6);
	} else {
		fprintf(stderr, "short: not an address: %s\n", text);
		exit(2);
	}
}

static void connect_once(struct done *one)
{
	socklen_t size = sizeof(one->local);
	int fd = socket(to.ss_family, SOCK_STREAM, 0);

	one->before = now();
	if (fd < 0 || connect(fd, (void *)&to, to_size))
		die("connect");
	one->connected = now();
	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		die("send");
	getsockname(fd, (void *)&one->local, &size);
	close(fd);
	one->after = now();
}

static const char *name_of(const struct sockaddr_storage *end, char *text)
{
	const struct sockaddr_in *in = (const void *)end;
	const struct sockaddr_in6 *in6 = (const void *)end;
	const void *address = end->ss_family == AF_INET ?
		(const void *)&in->sin_addr : &in6->sin6_addr;

	return inet_ntop(end->ss_family, address, text, INET6_ADDRSTRLEN);
}

static int port_of(const struct sockaddr_storage *end)
{
	return ntohs(((const struct sockaddr_in *)end)->sin_port);
}

/* In one write(), so that lines of several processes do not mix. */
static void report(int file, const char *exe, const struct done *one)
{
	char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];

	dprintf(file, "{\"tgid\":%d,\"exe\":\"%s\",\"script\":null,"
		"\"local\":\"%s\",\"local_port\":%d,"
		"\"remote\":\"%s\",\"remote_port\":%d,\"sent\":%zu,"
		"\"before\":%lld,\"connected\":%lld,\"after\":%lld}\n",
		getpid(), exe, name_of(&one->local, local),
		port_of(&one->local), name_of(&to, remote), port_of(&to),
		sizeof(request) - 1, one->before, one->connected, one->after);
}

int main(int argc, char **argv)
{
	char exe[4096] = "";
	int i, count, file;

	if (argc != 5)
		return 2;
	count = atoi(argv[1]);
	file = open(argv[2], O_WRONLY | O_APPEND | O_CREAT, 0644);
	if (count > COUNT_MAX || file < 0 ||
	    readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		die(argv[2]);
	read_target(argv[3], atoi(argv[4]));
	for (i = 0; i < count; i++)
		connect_once(&done[i]);
	for (i = 0; i < count; i++)
		report(file, exe, &done[i]);
	return 0;
}
