/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One way to reach an address each.  A door gets where to go and answers 0 or
 * an errno; it runs in a process of its own, which ends with that answer.
 */
#ifndef DOOR_H
#define DOOR_H

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define ABSENT 250	/* this kernel or this family has no such door */

struct target {
	struct sockaddr_storage address;
	struct sockaddr *name;	/* points to address */
	socklen_t size;
	int family;
};

struct door {
	const char *name;
	int (*open)(const struct target *to);
};

/* Where the policy lets everybody go; same family as the target. */
extern struct target allowed;

extern const struct door tcp_doors[], udp_doors[], raw_doors[], sctp_doors[];
extern const struct door uring_doors[], compat_doors[], packet_doors[];
extern const struct door route_doors[], late_doors[];

/* ABSENT instead of a socket ends the process. */
int open_socket(int family, int type, int protocol);

/* 0 or the errno of what a system call answered. */
static inline int error_of(long result)
{
	return result < 0 ? errno : 0;
}

void one_message(struct msghdr *message, struct iovec *piece,
		 const struct target *to);

#endif
