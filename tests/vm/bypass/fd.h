/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptors that go from one process to another. */
#ifndef FD_H
#define FD_H

#include <string.h>
#include <sys/socket.h>

struct fd_message {
	struct msghdr head;
	struct iovec piece;
	char byte;
	char control[CMSG_SPACE(sizeof(int))];
};

static inline void fd_message_init(struct fd_message *message)
{
	memset(message, 0, sizeof(*message));
	message->piece.iov_base = &message->byte;
	message->piece.iov_len = 1;
	message->head.msg_iov = &message->piece;
	message->head.msg_iovlen = 1;
	message->head.msg_control = message->control;
	message->head.msg_controllen = sizeof(message->control);
}

/* 0 = sent. */
static inline int send_fd(int to, int fd)
{
	struct fd_message message;
	struct cmsghdr *head;

	fd_message_init(&message);
	head = CMSG_FIRSTHDR(&message.head);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	return sendmsg(to, &message.head, 0) == 1 ? 0 : -1;
}

/* -1 = none came. */
static inline int receive_fd(int from)
{
	struct fd_message message;
	struct cmsghdr *head;
	int fd = -1;

	fd_message_init(&message);
	if (recvmsg(from, &message.head, 0) != 1)
		return -1;
	head = CMSG_FIRSTHDR(&message.head);
	if (head && head->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(head), sizeof(int));
	return fd;
}

#endif
