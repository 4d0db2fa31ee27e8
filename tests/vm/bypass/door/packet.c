// SPDX-License-Identifier: GPL-2.0-only
/* Doors of frames: AF_PACKET.  They go to a device, the target is not used. */
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/mman.h>

#include "door.h"

static const char frame[60] = "\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\x88\xb5";

static struct sockaddr_ll device(void)
{
	return (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(0x88b5),
		.sll_ifindex = if_nametoindex("net0"),
		.sll_halen = 6,
		.sll_addr = "\xff\xff\xff\xff\xff\xff",
	};
}

static int send_frame(int type)
{
	struct sockaddr_ll to = device();

	return error_of(sendto(open_socket(AF_PACKET, type, 0), frame,
			       sizeof(frame), 0, (void *)&to, sizeof(to)));
}

static int raw(const struct target *to)
{
	(void)to;
	return send_frame(SOCK_RAW);
}

static int dgram(const struct target *to)
{
	(void)to;
	return send_frame(SOCK_DGRAM);
}

static int bound(void)
{
	struct sockaddr_ll to = device();
	int fd = open_socket(AF_PACKET, SOCK_RAW, 0);

	return bind(fd, (void *)&to, sizeof(to)) ? -1 : fd;
}

static int after_bind(const struct target *to)
{
	(void)to;
	return error_of(send(bound(), frame, sizeof(frame), 0));
}

static int ring(const struct target *to)
{
	struct tpacket_req request = { 4096, 1, 2048, 2 };
	struct tpacket_hdr *slot;
	int fd = bound();

	(void)to;
	if (setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &request,
		       sizeof(request)))
		return EBADE;
	slot = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (slot == MAP_FAILED)
		return EBADE;
	memcpy((char *)slot + TPACKET_ALIGN(sizeof(*slot)), frame,
	       sizeof(frame));
	slot->tp_len = sizeof(frame);
	slot->tp_status = TP_STATUS_SEND_REQUEST;
	return error_of(send(fd, NULL, 0, 0));
}

const struct door packet_doors[] = {
	{ "packet-raw", raw },
	{ "packet-dgram", dgram },
	{ "packet-bound", after_bind },
	{ "packet-ring", ring },
	{}
};
