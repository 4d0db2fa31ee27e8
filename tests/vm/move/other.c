// SPDX-License-Identifier: GPL-2.0-only
/* Ping, raw and packet sockets, and io_uring. */
#include <linux/io_uring.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "move.h"

#define TEST_ETHERTYPE 0x88b5
#define RAW_PROTOCOL 253

/* What cannot be sent is tried often: it counts nothing. */
static void try_in_vain(int fd, const union name *to, socklen_t size)
{
	for (int turn = 0; turn < 1000; turn++)
		if (sendto(fd, data, 0x7fffffff, 0, &to->any, size) >= 0)
			die("send of 2 GB");
}

/* ---- ping ----------------------------------------------------------------------- */

static void say_without_ports(const char *proto, const char *more)
{
	char match[300];

	snprintf(match, sizeof(match), "proto=%s %s", proto, more);
	say(match);
}

static void ping(void)
{
	int type = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	int fd = open_socket(SOCK_DGRAM, family == AF_INET
			     ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6);
	union name to;
	socklen_t size = name_of(&to, address, 0);

	for (int turn = 0; turn < 100; turn++) {
		data[0] = type;
		sent += check(sendto(fd, data, 64, 0, &to.any, size), "sendto");
		get(fd);
	}
	try_in_vain(fd, &to, size);
	say_without_ports("icmp", "dir=out");
}

/* ---- raw sockets ------------------------------------------------------------------ */

static void take_raw(int fd)
{
	while (wait_for(fd))
		get(fd);
	say_without_ports("raw", "dir=in ip_protocol=253");
	exit(0);
}

/* Each end is bound to an address of its own, or it would receive all. */
static void raw(void)
{
	int server = open_socket(SOCK_RAW, RAW_PROTOCOL), fd;
	union name to;
	socklen_t size = name_of(&to, address, 0);

	bind_to(server, address, 0);
	if (be_peer())
		take_raw(server);
	fd = open_socket(SOCK_RAW, RAW_PROTOCOL);
	bind_to(fd, family == AF_INET ? "127.0.0.1" : "::1", 0);
	for (int turn = 0; turn < 50; turn++)
		sent += check(sendto(fd, data, 800, 0, &to.any, size), "sendto");
	try_in_vain(fd, &to, size);
	say_without_ports("raw", "dir=out ip_protocol=253");
	end_peer();
}

/* Brings the header: where it goes is not told. */
static void raw_with_header(void)
{
	struct iphdr *ip = (void *)data;
	union name to;
	socklen_t size = name_of(&to, address, 0);
	int fd = open_socket(SOCK_RAW, IPPROTO_RAW);

	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = RAW_PROTOCOL;
	ip->daddr = to.v4.sin_addr.s_addr;
	for (int turn = 0; turn < 50; turn++)
		sent += check(sendto(fd, data, 800, 0, &to.any, size), "sendto");
	try_in_vain(fd, &to, size);
	say_without_ports("raw", "dir=out ip_protocol=255");
}

/* ---- packet sockets ---------------------------------------------------------------- */

static int frames(union name *name, int protocol)
{
	int fd = check(socket(AF_PACKET, SOCK_DGRAM, 0), "socket");

	memset(name, 0, sizeof(*name));
	name->link.sll_family = AF_PACKET;
	name->link.sll_protocol = htons(protocol);
	name->link.sll_ifindex = if_nametoindex("lo");
	name->link.sll_halen = 6;
	return fd;
}

static void packet(void)
{
	union name name;
	int server = frames(&name, TEST_ETHERTYPE), fd;

	check(bind(server, &name.any, sizeof(name.link)), "bind");
	if (be_peer()) {
		while (wait_for(server))
			get(server);
		say_without_ports("packet", "dir=in ethertype=34997 interface=lo");
		exit(0);
	}
	fd = frames(&name, TEST_ETHERTYPE);
	for (int turn = 0; turn < 50; turn++)
		sent += check(sendto(fd, data, 900, 0, &name.any,
				     sizeof(name.link)), "sendto");
	try_in_vain(fd, &name, sizeof(name.link));
	say_without_ports("packet", "dir=out ethertype=34997 interface=lo");
	end_peer();
}

/* ---- io_uring ----------------------------------------------------------------------- */

static struct io_uring_params params;
static struct io_uring_sqe *entries;
static char *rings;
static int ring;

static void set_up(void)
{
	ring = syscall(SYS_io_uring_setup, 4, &params);
	if (ring < 0)
		exit(ABSENT);
	rings = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	entries = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	if (rings == MAP_FAILED || entries == MAP_FAILED)
		die("mmap");
}

static unsigned int *word(unsigned int offset)
{
	return (unsigned int *)(rings + offset);
}

/* One request at a time; what it gives back. */
static long do_by_ring(int opcode, int fd, size_t size)
{
	struct io_uring_cqe *done = (void *)(rings + params.cq_off.cqes);
	unsigned int *tail = word(params.sq_off.tail);
	unsigned int *head = word(params.cq_off.head);
	long result;

	entries[0] = (struct io_uring_sqe){
		.opcode = opcode, .fd = fd, .len = size,
		.addr = (unsigned long)data,
	};
	word(params.sq_off.array)[*tail & *word(params.sq_off.ring_mask)] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_SEQ_CST);
	check(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		      NULL, 0), "io_uring_enter");
	result = done[*head & *word(params.cq_off.ring_mask)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_SEQ_CST);
	errno = -result;
	return check(result, "io_uring");
}

/* Datagrams, sent and received by a ring each. */
static void uring(void)
{
	int server = open_socket(SOCK_DGRAM, 0), fd;

	bind_to(server, address, port);
	if (be_peer()) {
		set_up();
		while (wait_for(server))
			received += do_by_ring(IORING_OP_RECV, server, 2000);
		say_server("udp");
		exit(0);
	}
	set_up();
	fd = open_socket(SOCK_DGRAM, 0);
	connect_to(fd);
	for (int turn = 0; turn < 50; turn++)
		sent += do_by_ring(IORING_OP_SEND, fd, 1000);
	say_client("udp", fd);
	end_peer();
}

const struct kind others[] = {
	{ "ping", ping }, { "raw", raw }, { "raw-with-header", raw_with_header },
	{ "packet", packet }, { "io-uring", uring },
	{ NULL }
};
