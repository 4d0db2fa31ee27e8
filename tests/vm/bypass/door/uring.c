// SPDX-License-Identifier: GPL-2.0-only
/* Doors of io_uring, by bare system calls: no library is needed for one. */
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "door.h"

static struct io_uring_params params;
static struct io_uring_sqe *entries;
static char *rings;
static int ring;

static void set_up(unsigned int flags)
{
	memset(&params, 0, sizeof(params));
	params.flags = flags;
	params.sq_thread_idle = 1000;
	ring = syscall(SYS_io_uring_setup, 4, &params);
	if (ring < 0)
		_exit(errno == ENOSYS ? ABSENT : errno);
	rings = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	entries = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	if (rings == MAP_FAILED || entries == MAP_FAILED)
		_exit(EBADE);
}

static unsigned int *word(unsigned int offset)
{
	return (unsigned int *)(rings + offset);
}

/* Submits entry 0 and waits; both rings are one mapping (5.4 and newer). */
static int run(void)
{
	const struct io_uring_cqe *done = (void *)(rings + params.cq_off.cqes);
	unsigned int flags = IORING_ENTER_GETEVENTS;
	unsigned int *tail = word(params.sq_off.tail);

	word(params.sq_off.array)[*tail & *word(params.sq_off.ring_mask)] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_SEQ_CST);
	if (params.flags & IORING_SETUP_SQPOLL)
		flags |= IORING_ENTER_SQ_WAKEUP;
	if (syscall(SYS_io_uring_enter, ring, 1, 1, flags, NULL, 0) < 0)
		return errno;
	while (!__atomic_load_n(word(params.cq_off.tail), __ATOMIC_ACQUIRE))
		usleep(1000);
	return done->res < 0 ? -done->res : 0;
}

static int connect_by(const struct target *to, unsigned int setup,
		      unsigned int flags)
{
	int fd = open_socket(to->family, SOCK_STREAM, 0);

	set_up(setup);
	entries[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_CONNECT, .flags = flags, .fd = fd,
		.addr = (unsigned long)to->name, .off = to->size,
	};
	return run();
}

static int inlined(const struct target *to)
{
	return connect_by(to, 0, 0);
}

static int async(const struct target *to)
{
	return connect_by(to, 0, IOSQE_ASYNC);
}

static int polled(const struct target *to)
{
	return connect_by(to, IORING_SETUP_SQPOLL, 0);
}

static int polled_async(const struct target *to)
{
	return connect_by(to, IORING_SETUP_SQPOLL, IOSQE_ASYNC);
}

static int sendmsg_by(const struct target *to, int type, unsigned int setup,
		      unsigned int message_flags)
{
	int fd = open_socket(to->family, type, 0);
	struct msghdr message;
	struct iovec piece;

	one_message(&message, &piece, to);
	set_up(setup);
	entries[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_SENDMSG, .fd = fd, .len = 1,
		.addr = (unsigned long)&message, .msg_flags = message_flags,
	};
	return run();
}

static int sendmsg_udp(const struct target *to)
{
	return sendmsg_by(to, SOCK_DGRAM, 0, 0);
}

static int sendmsg_polled(const struct target *to)
{
	return sendmsg_by(to, SOCK_DGRAM, IORING_SETUP_SQPOLL, 0);
}

static int sendmsg_fastopen(const struct target *to)
{
	return sendmsg_by(to, SOCK_STREAM, 0, MSG_FASTOPEN);
}

/* Since 6.0 a send may carry an address. */
static int send_zc(const struct target *to)
{
	int fd = open_socket(to->family, SOCK_DGRAM, 0), error;

	set_up(0);
	entries[0] = (struct io_uring_sqe){
		.opcode = 47 /* IORING_OP_SEND_ZC */, .fd = fd, .len = 1,
		.addr = (unsigned long)"x",
		.off = (unsigned long)to->name,
		.splice_fd_in = to->size,	/* addr_len */
	};
	error = run();
	return error == EINVAL ? ABSENT : error;
}

/* connect() sends nothing; the thread of the ring sends. */
static int send_after(const struct target *to)
{
	int fd = open_socket(to->family, SOCK_DGRAM, 0);

	if (connect(fd, to->name, to->size))
		return errno == EPERM ? EBADE : errno;
	set_up(IORING_SETUP_SQPOLL);
	entries[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_SEND, .fd = fd, .len = 1,
		.addr = (unsigned long)"x",
	};
	return run();
}

const struct door uring_doors[] = {
	{ "uring-connect", inlined },
	{ "uring-connect-async", async },
	{ "uring-connect-sqpoll", polled },
	{ "uring-connect-sqpoll-async", polled_async },
	{ "uring-sendmsg", sendmsg_udp },
	{ "uring-sendmsg-sqpoll", sendmsg_polled },
	{ "uring-sendmsg-fastopen", sendmsg_fastopen },
	{ "uring-send-zc", send_zc },
	{ "uring-send-sqpoll", send_after },
	{}
};
