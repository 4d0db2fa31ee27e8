// SPDX-License-Identifier: GPL-2.0-only
/* TCP and SCTP. */
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>

#include "move.h"

/* ---- TCP ----------------------------------------------------------------------- */

static int listen_on(int protocol)
{
	int fd = open_socket(SOCK_STREAM, protocol);

	bind_to(fd, address, port);
	check(listen(fd, 100), "listen");
	return fd;
}

static void serve_stream(int listener, size_t answer)
{
	int fd = check(accept(listener, NULL, NULL), "accept");

	for (; answer; answer -= 1000)
		put(fd, 1000);
	shutdown(fd, SHUT_WR);
	get_all(fd);
	close(fd);
}

static void stream(size_t up, size_t down)
{
	int listener = listen_on(0), fd;

	if (be_peer()) {
		serve_stream(listener, down);
		say_server("tcp");
		exit(0);
	}
	fd = open_socket(SOCK_STREAM, 0);
	connect_to(fd);
	for (; up; up -= 1000)
		put(fd, 1000);
	shutdown(fd, SHUT_WR);
	get_all(fd);
	say_client("tcp", fd);
	close(fd);
	end_peer();
}

static void tcp_up(void) { stream(200000, 0); }
static void tcp_down(void) { stream(0, 200000); }
static void tcp_duplex(void) { stream(100000, 150000); }

/* ---- SCTP ------------------------------------------------------------------------ */

static void swap_messages(int fd, int give, int take)
{
	while (give--)
		put(fd, 1000);
	while (received < take * 1000)
		get(fd);
}

/* No end of it can be half closed: both know how much there is. */
static void sctp(void)
{
	int listener = listen_on(IPPROTO_SCTP), fd;

	if (be_peer()) {
		fd = check(accept(listener, NULL, NULL), "accept");
		swap_messages(fd, 30, 20);
		wait_for(fd);
		say_server("sctp");
		exit(0);
	}
	fd = open_socket(SOCK_STREAM, IPPROTO_SCTP);
	connect_to(fd);
	swap_messages(fd, 20, 30);
	say_client("sctp", fd);
	close(fd);
	end_peer();
}

/* ---- TCP in other ways ------------------------------------------------------------- */

/* By whatever @give does, to a peer that takes all. */
static void tcp_by(void (*give)(int fd), void (*take)(int fd))
{
	int listener = listen_on(0), fd;

	if (be_peer()) {
		fd = check(accept(listener, NULL, NULL), "accept");
		take(fd);
		close(fd);
		say_server("tcp");
		exit(0);
	}
	fd = open_socket(SOCK_STREAM, 0);
	connect_to(fd);
	give(fd);
	shutdown(fd, SHUT_WR);
	get_all(fd);
	say_client("tcp", fd);
	close(fd);
	end_peer();
}

static void give_file(int fd)
{
	int file = check(memfd_create("file", 0), "memfd_create");

	check(write(file, data, sizeof(data)), "write");
	for (off_t at = 0; at < (off_t)sizeof(data);)
		sent += check(sendfile(fd, file, &at, sizeof(data)), "sendfile");
}

static void splice_out(int fd)
{
	int ends[2];

	check(pipe(ends), "pipe");
	for (int turn = 0; turn < 10; turn++) {
		long left = check(write(ends[1], data, 10000), "write");

		while (left) {
			long got = check(splice(ends[0], NULL, fd, NULL, left,
						0), "splice");

			left -= got;
			sent += got;
		}
	}
}

static void splice_in(int fd)
{
	int ends[2];
	long got;

	check(pipe(ends), "pipe");
	while ((got = check(splice(fd, NULL, ends[1], NULL, 10000, 0), "splice"))) {
		received += got;
		while (got)
			got -= check(read(ends[0], data, got), "read");
	}
}

static void drip(int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (int turn = 0; turn < 20; turn++) {
		put(fd, 1);
		usleep(10000);
	}
}

static void use_sendfile(void) { tcp_by(give_file, get_all); }
static void use_splice(void) { tcp_by(splice_out, splice_in); }
static void slow_drip(void) { tcp_by(drip, get_all); }

/* One after the other, each with a number of bytes of its own. */
static void many(int count)
{
	int listener = listen_on(0), fd;

	if (be_peer()) {
		while (count--) {
			fd = check(accept(listener, NULL, NULL), "accept");
			get_all(fd);
			close(fd);
		}
		exit(0);
	}
	while (count--) {
		fd = open_socket(SOCK_STREAM, 0);
		connect_to(fd);
		put(fd, 1000 + 100 * count);
		shutdown(fd, SHUT_WR);
		get_all(fd);
		say_client("tcp", fd);
		close(fd);
	}
	end_peer();
}

static void many_60(void) { many(60); }
static void many_30(void) { many(30); }

/* Of 20 processes, which live no longer. */
static void short_processes(void)
{
	int listener = listen_on(0), fd, status;

	for (int turn = 0; turn < 20; turn++) {
		if (check(fork(), "fork")) {
			fd = check(accept(listener, NULL, NULL), "accept");
			get_all(fd);
			close(fd);
			received = 0;	/* the next child begins with it */
			wait(&status);
			if (status)
				exit(1);
			continue;
		}
		fd = open_socket(SOCK_STREAM, 0);
		connect_to(fd);
		put(fd, 500 + turn);
		say_client("tcp", fd);
		exit(0);
	}
}

const struct kind streams[] = {
	{ "tcp-up", tcp_up }, { "tcp-down", tcp_down },
	{ "tcp-duplex", tcp_duplex }, { "sctp", sctp },
	{ "sendfile", use_sendfile }, { "splice", use_splice },
	{ "slow-drip", slow_drip }, { "connections-60", many_60 },
	{ "connections-30", many_30 }, { "short-processes", short_processes },
	{ NULL }
};
