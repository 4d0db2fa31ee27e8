// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves bytes in one way between two processes, and prints for each connection of
 * either what its entry of the history must look like, in the words of card.py:
 *
 *	move KIND ADDRESS PORT
 */
#include <poll.h>
#include <sys/wait.h>

#include "move.h"

const char *kind, *address;
int port, family;
long long sent, received;
/* The peer ends when the other end of this pipe is closed. */
static int over;
char data[65536];

void die(const char *what)
{
	fprintf(stderr, "move %s: %s: %s\n", kind, what, strerror(errno));
	exit(1);
}

long check(long result, const char *what)
{
	if (result < 0)
		die(what);
	return result;
}

/* ---- names ------------------------------------------------------------------ */

socklen_t name_of(union name *name, const char *text, int number)
{
	memset(name, 0, sizeof(*name));
	name->any.sa_family = family;
	if (family == AF_INET) {
		name->v4.sin_port = htons(number);
		inet_pton(family, text, &name->v4.sin_addr);
		return sizeof(name->v4);
	}
	name->v6.sin6_port = htons(number);
	inet_pton(family, text, &name->v6.sin6_addr);
	return sizeof(name->v6);
}

int port_of(int fd)
{
	union name name;
	socklen_t size = sizeof(name);

	check(getsockname(fd, &name.any, &size), "getsockname");
	return ntohs(name.v4.sin_port);
}

int open_socket(int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd < 0 && (errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT))
		exit(ABSENT);
	return check(fd, "socket");
}

void bind_to(int fd, const char *text, int number)
{
	union name name;
	socklen_t size = name_of(&name, text, number);
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	check(bind(fd, &name.any, size), "bind");
}

void connect_to(int fd)
{
	union name name;
	socklen_t size = name_of(&name, address, port);

	check(connect(fd, &name.any, size), "connect");
}

/* ---- what is printed --------------------------------------------------------- */

void say(const char *match)
{
	const char *proc = getenv("HOST_PROC") ?: "/proc";
	char path[200], tgid[20] = "", exe[200] = "";

	snprintf(path, sizeof(path), "%s/self", proc);
	check(readlink(path, tgid, sizeof(tgid) - 1), path);
	check(readlink("/proc/self/exe", exe, sizeof(exe) - 1), "exe");
	printf("%s %s tgid=%s -- exe=%s attribution=exact sent~%lld received~%lld\n",
	       kind, match, tgid, exe, sent, received);
	fflush(stdout);
	sent = received = 0;
}

void say_client(const char *proto, int fd)
{
	char match[300];

	snprintf(match, sizeof(match),
		 "proto=%s dir=out remote=%s remote_port=%d local_port=%d",
		 proto, address, port, port_of(fd));
	say(match);
}

void say_server(const char *proto)
{
	char match[300];

	snprintf(match, sizeof(match), "proto=%s dir=in local=%s local_port=%d",
		 proto, address, port);
	say(match);
}

/* ---- two processes ------------------------------------------------------------ */

/* The child is the peer; it is over when the parent says so. */
bool be_peer(void)
{
	int ends[2];

	check(pipe(ends), "pipe");
	if (check(fork(), "fork")) {
		close(ends[0]);
		over = ends[1];
		return false;
	}
	close(ends[1]);
	over = ends[0];
	return true;
}

void end_peer(void)
{
	int status;

	close(over);
	check(wait(&status), "wait");
	if (status)
		exit(1);
}

/* False: there is nothing on @fd any more, and the other process says it is over. */
bool wait_for(int fd)
{
	struct pollfd poll_for[] = {
		{ .fd = fd, .events = POLLIN }, { .fd = over, .events = POLLIN },
	};

	check(poll(poll_for, 2, 60000), "poll");
	return poll_for[0].revents & POLLIN;
}

void put(int fd, size_t size)
{
	sent += check(send(fd, data, size, 0), "send");
}

long get(int fd)
{
	long got = check(recv(fd, data, sizeof(data), 0), "recv");

	received += got;
	return got;
}

void get_all(int fd)
{
	while (get(fd))
		;
}

/* ---- kinds ---------------------------------------------------------------------- */

static void act(const struct kind *one)
{
	for (; one->name; one++) {
		if (!strcmp(one->name, kind)) {
			one->act();
			exit(0);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	kind = argv[1];
	address = argv[2];
	port = atoi(argv[3]);
	family = strchr(address, ':') ? AF_INET6 : AF_INET;
	act(streams);
	act(datagrams);
	act(others);
	return 2;
}
