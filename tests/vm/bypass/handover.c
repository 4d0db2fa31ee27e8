// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a socket and lets another program use it:
 *
 *	handover exec|scm|pidfd USE ADDRESS PORT PROGRAM
 *
 * The socket goes over exec(), by SCM_RIGHTS or by pidfd_getfd() to PROGRAM,
 * a copy of this one.  USE is what PROGRAM does with it:
 *	connect  the socket is new
 *	sendto   a new UDP socket
 *	again    sendto() on a UDP socket from which we sent there already
 *	write    the socket was connected by us
 * PROGRAM prints "used" or the error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"

static struct sockaddr_in to = { .sin_family = AF_INET };

static int is(const char *text, const char *word)
{
	return !strcmp(text, word);
}

static int send_there(int fd)
{
	return sendto(fd, "x", 1, 0, (void *)&to, sizeof(to)) == 1 ? 0 : errno;
}

static int connect_there(int fd)
{
	return connect(fd, (void *)&to, sizeof(to)) ? errno : 0;
}

/* ---- who makes it ---------------------------------------------------------------- */

static int make(const char *use)
{
	int datagrams = is(use, "sendto") || is(use, "again");
	int fd = socket(AF_INET, datagrams ? SOCK_DGRAM : SOCK_STREAM, 0);
	int error = 0;

	if (is(use, "again"))
		error = send_there(fd);
	if (is(use, "write"))
		error = connect_there(fd);
	if (error) {
		printf("the maker itself: %s\n", strerror(error));
		exit(3);
	}
	return fd;
}

/* PROGRAM takes "WAY USE ADDRESS PORT NUMBER NUMBER". */
static void become(char **argv, int first, int second)
{
	char one[16], two[16];

	snprintf(one, sizeof(one), "%d", first);
	snprintf(two, sizeof(two), "%d", second);
	execl(argv[5], argv[5], argv[1], argv[2], argv[3], argv[4], one, two,
	      NULL);
	perror(argv[5]);
	_exit(3);
}

static int over_scm(char **argv, int fd)
{
	int pair[2], status;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 3;
	if (!fork()) {
		close(fd);
		become(argv, pair[1], 0);
	}
	send_fd(pair[0], fd);
	wait(&status);
	return WEXITSTATUS(status);
}

static int over_pidfd(char **argv, int fd)
{
	int self = getpid(), status;

	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);	/* where Yama is */
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (!fork())
		become(argv, self, fd);
	wait(&status);
	return WEXITSTATUS(status);
}

/* ---- who uses it ------------------------------------------------------------------- */

static int take(const char *way, int first, int second)
{
	if (is(way, "scm"))
		return receive_fd(first);
	if (is(way, "exec"))
		return first;
	return syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, first, 0),
		       second, 0);
}

static int use_it(char **argv)
{
	int fd = take(argv[1], atoi(argv[5]), atoi(argv[6])), error;

	if (fd < 0) {
		perror("no socket came");
		return 3;
	}
	if (is(argv[2], "connect"))
		error = connect_there(fd);
	else if (is(argv[2], "write"))
		error = write(fd, "x", 1) == 1 ? 0 : errno;
	else
		error = send_there(fd);
	puts(error ? strerror(error) : "used");
	return error != 0;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc < 6)
		return 2;
	alarm(20);
	to.sin_port = htons(atoi(argv[4]));
	if (inet_pton(AF_INET, argv[3], &to.sin_addr) != 1)
		return 2;
	if (argc == 7)
		return use_it(argv);
	fd = make(argv[2]);
	fflush(stdout);
	if (is(argv[1], "scm"))
		return over_scm(argv, fd);
	if (is(argv[1], "pidfd"))
		return over_pidfd(argv, fd);
	become(argv, fd, 0);
	return 3;
}
