// SPDX-License-Identifier: GPL-2.0-only
/* Doors of SCTP. */
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Uses the above without including it. */
#include <linux/sctp.h>

#include "door.h"

static int sctp(const struct target *to, int type)
{
	return open_socket(to->family, type, IPPROTO_SCTP);
}

static int plain(const struct target *to)
{
	return error_of(connect(sctp(to, SOCK_STREAM), to->name, to->size));
}

static size_t pack(char *array, const struct target *first,
		   const struct target *second)
{
	memcpy(array, first->name, first->size);
	if (!second)
		return first->size;
	memcpy(array + first->size, second->name, second->size);
	return first->size + second->size;
}

/* A positive answer is the number of the association. */
static int by_option(int option, const struct target *first,
		     const struct target *second)
{
	char array[2 * sizeof(struct sockaddr_in6)];
	int fd = sctp(first, SOCK_STREAM);
	size_t size = pack(array, first, second);

	return error_of(setsockopt(fd, IPPROTO_SCTP, option, array, size));
}

static int connectx(const struct target *to)
{
	return by_option(SCTP_SOCKOPT_CONNECTX, to, NULL);
}

static int connectx_second(const struct target *to)
{
	return by_option(SCTP_SOCKOPT_CONNECTX, &allowed, to);
}

static int connectx_old(const struct target *to)
{
	return by_option(SCTP_SOCKOPT_CONNECTX_OLD, to, NULL);
}

static int connectx3(const struct target *to)
{
	char array[2 * sizeof(struct sockaddr_in6)];
	struct sctp_getaddrs_old {
		int32_t assoc_id;
		int32_t addr_num;
		struct sockaddr *addrs;
	} request = { .addrs = (void *)array };
	socklen_t size = sizeof(request);

	request.addr_num = pack(array, to, NULL);
	return error_of(getsockopt(sctp(to, SOCK_STREAM), IPPROTO_SCTP,
				   SCTP_SOCKOPT_CONNECTX3, &request, &size));
}

static int by_sendmsg(const struct target *to)
{
	struct msghdr message;
	struct iovec piece;

	one_message(&message, &piece, to);
	return error_of(sendmsg(sctp(to, SOCK_SEQPACKET), &message, 0));
}

/* What sctp_sendv() does: more addresses in control messages; SCTP takes them
 * with @extra bytes behind as well. */
static int sendv_with(const struct target *to, size_t extra)
{
	size_t size = to->family == AF_INET ? sizeof(struct in_addr) :
					      sizeof(struct in6_addr);
	char control[CMSG_SPACE(sizeof(struct in6_addr) + 8)] = {};
	const char *name = (const char *)to->name;
	struct msghdr message;
	struct cmsghdr *head;
	struct iovec piece;
	int fd = sctp(to, SOCK_SEQPACKET);

	one_message(&message, &piece, &allowed);
	message.msg_control = control;
	message.msg_controllen = CMSG_SPACE(size + extra);
	head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = IPPROTO_SCTP;
	head->cmsg_type = to->family == AF_INET ? SCTP_DSTADDRV4 :
						  SCTP_DSTADDRV6;
	head->cmsg_len = CMSG_LEN(size + extra);
	memcpy(CMSG_DATA(head), name + (to->family == AF_INET ? 4 : 8), size);
	if (sendmsg(fd, &message, 0) < 0)
		return errno;
	sleep(3);	/* the second address is asked for its heartbeat */
	return 0;
}

static int sendv(const struct target *to)
{
	return sendv_with(to, 0);
}

static int sendv_longer(const struct target *to)
{
	return sendv_with(to, 1);
}

const struct door sctp_doors[] = {
	{ "sctp-connect", plain },
	{ "sctp-connectx", connectx },
	{ "sctp-connectx-second", connectx_second },
	{ "sctp-connectx-old", connectx_old },
	{ "sctp-connectx3", connectx3 },
	{ "sctp-sendmsg", by_sendmsg },
	{ "sctpv-second-address", sendv },
	{ "sctpv-longer-address", sendv_longer },
	{}
};
