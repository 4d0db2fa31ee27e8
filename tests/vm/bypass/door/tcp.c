// SPDX-License-Identifier: GPL-2.0-only
/* Doors of streams: TCP, MPTCP, SMC, DCCP. */
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "door.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define AF_SMC_NUMBER 43
#define SOCK_DCCP_NUMBER 6
#define IPPROTO_DCCP_NUMBER 33

static int connect_to(int fd, const struct target *to)
{
	return error_of(connect(fd, to->name, to->size));
}

static int tcp(const struct target *to)
{
	return open_socket(to->family, SOCK_STREAM, 0);
}

static int plain(const struct target *to)
{
	return connect_to(tcp(to), to);
}

static int wait_for(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;

	if (poll(&poller, 1, 5000) != 1)
		return ETIMEDOUT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error;
}

static int nonblocking(const struct target *to)
{
	int fd = open_socket(to->family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int error = connect_to(fd, to);

	return error == EINPROGRESS ? wait_for(fd) : error;
}

static int mptcp(const struct target *to)
{
	return connect_to(open_socket(to->family, SOCK_STREAM, IPPROTO_MPTCP),
			  to);
}

/* Protocol 0 carries IPv4, 1 IPv6. */
static int smc_socket(const struct target *to)
{
	return open_socket(AF_SMC_NUMBER, SOCK_STREAM, to->family == AF_INET6);
}

static int smc(const struct target *to)
{
	return connect_to(smc_socket(to), to);
}

/*
 * The option makes SMC fall back to TCP: from then on the descriptor is the
 * socket that the kernel made for itself below the SMC socket.
 */
static int smc_fallback(const struct target *to)
{
	int fd = smc_socket(to), off = 0;

	if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &off,
		       sizeof(off)))
		_exit(errno);
	return fd;
}

static int connect_smc_fallback(const struct target *to)
{
	int fd = smc_fallback(to);

	return connect_to(fd, to) ?: error_of(write(fd, "x", 1));
}

static int dccp(const struct target *to)
{
	return connect_to(open_socket(to->family, SOCK_DCCP_NUMBER,
				      IPPROTO_DCCP_NUMBER), to);
}

static int fastopen_to(int fd, const struct target *to)
{
	return error_of(sendto(fd, "x", 1, MSG_FASTOPEN, to->name, to->size));
}

static int fastopen_sendto(const struct target *to)
{
	return fastopen_to(tcp(to), to);
}

static int fastopen_sendmsg(const struct target *to)
{
	struct msghdr message;
	struct iovec piece;

	one_message(&message, &piece, to);
	return error_of(sendmsg(tcp(to), &message, MSG_FASTOPEN));
}

static int fastopen_sendmmsg(const struct target *to)
{
	struct mmsghdr messages[1];
	struct iovec piece;

	one_message(&messages[0].msg_hdr, &piece, to);
	return error_of(sendmmsg(tcp(to), messages, 1, MSG_FASTOPEN));
}

static int fastopen_mptcp(const struct target *to)
{
	return fastopen_to(open_socket(to->family, SOCK_STREAM, IPPROTO_MPTCP),
			   to);
}

static int fastopen_smc(const struct target *to)
{
	return fastopen_to(smc_socket(to), to);
}

static int fastopen_smc_fallback(const struct target *to)
{
	return fastopen_to(smc_fallback(to), to);
}

/* Without a cookie connect() sends the SYN; with one the first write does. */
static int fastopen_connect_by(int fd, const struct target *to)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)))
		return errno;
	return connect_to(fd, to) ?: error_of(write(fd, "x", 1));
}

static int fastopen_connect(const struct target *to)
{
	return fastopen_connect_by(tcp(to), to);
}

static int fastopen_connect_mptcp(const struct target *to)
{
	int fd = open_socket(to->family, SOCK_STREAM, IPPROTO_MPTCP), on = 1;

	/* Before 6.2 MPTCP has no such option. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)))
		return ABSENT;
	return fastopen_connect_by(fd, to);
}

static int disconnect(int fd)
{
	struct sockaddr name = { .sa_family = AF_UNSPEC };

	return error_of(connect(fd, &name, sizeof(name)));
}

/* A socket that was let through once has not earned anything. */
static int reconnect(const struct target *to)
{
	int fd = tcp(to);

	if (connect_to(fd, &allowed) || disconnect(fd))
		return EBADE;
	return connect_to(fd, to);
}

static int listen_connect(const struct target *to)
{
	int fd = tcp(to);

	if (listen(fd, 1) || disconnect(fd))
		return EBADE;
	return connect_to(fd, to);
}

/* Who ignores the refusal must not be able to send either. */
static int sendfile_after(const struct target *to)
{
	int fd = tcp(to), error = connect_to(fd, to);
	int file = open("/proc/self/exe", O_RDONLY);

	return sendfile(fd, file, NULL, 64) < 0 ? error ?: errno : 0;
}

static int splice_after(const struct target *to)
{
	int fd = tcp(to), error = connect_to(fd, to), ends[2];

	if (pipe(ends) || write(ends[1], "x", 1) != 1)
		return EBADE;
	return splice(ends[0], NULL, fd, NULL, 1, 0) < 0 ? error ?: errno : 0;
}

/* Dissolves an association: always allowed. */
static int unspec(const struct target *to)
{
	int fd = tcp(to);

	return connect_to(fd, &allowed) ?: disconnect(fd);
}

const struct door tcp_doors[] = {
	{ "connect", plain },
	{ "connect-nonblocking", nonblocking },
	{ "connect-mptcp", mptcp },
	{ "connect-smc", smc },
	{ "connect-smc-fallback", connect_smc_fallback },
	{ "connect-dccp", dccp },
	{ "connect-reconnect", reconnect },
	{ "connect-listener", listen_connect },
	{ "connect-sendfile", sendfile_after },
	{ "connect-splice", splice_after },
	{ "fastopen-sendto", fastopen_sendto },
	{ "fastopen-sendmsg", fastopen_sendmsg },
	{ "fastopen-sendmmsg", fastopen_sendmmsg },
	{ "fastopen-mptcp", fastopen_mptcp },
	{ "fastopen-smc", fastopen_smc },
	{ "fastopen-smc-fallback", fastopen_smc_fallback },
	{ "fastopen-connect", fastopen_connect },
	{ "fastopen-connect-mptcp", fastopen_connect_mptcp },
	{ "unspec-disconnect", unspec },
	{}
};
