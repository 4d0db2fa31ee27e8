// SPDX-License-Identifier: GPL-2.0-only
/*
 * What really left the host:
 *
 *	sniff FILE DEVICE ADDRESS...
 *
 * Goes on in the background and appends a line to FILE for each IP packet that
 * leaves by DEVICE to one of the addresses.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_device(const char *name)
{
	struct sockaddr_ll device = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(name),
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL)), big = 4 << 20;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	return bind(fd, (void *)&device, sizeof(device)) ? -1 : fd;
}

/* Destinations stand at byte 16 of an IPv4 header and 24 of an IPv6 one. */
static bool goes_to(const unsigned char *packet, const char *address)
{
	unsigned char wanted[16];

	if (packet[0] >> 4 == 4)
		return inet_pton(AF_INET, address, wanted) == 1 &&
		       !memcmp(packet + 16, wanted, 4);
	return inet_pton(AF_INET6, address, wanted) == 1 &&
	       !memcmp(packet + 24, wanted, 16);
}

static void note(int file, const unsigned char *packet, char **addresses)
{
	for (; *addresses; addresses++)
		if (goes_to(packet, *addresses))
			dprintf(file, "%s\n", *addresses);
}

/* Who reads our output to its end must not wait for us. */
static void let_go(void)
{
	int null = open("/dev/null", O_RDWR), fd;

	for (fd = 0; fd < 3; fd++)
		dup2(null, fd);
}

static void watch(int fd, int file, char **addresses)
{
	unsigned char packet[128];
	struct sockaddr_ll from;
	socklen_t size = sizeof(from);

	while (recvfrom(fd, packet, sizeof(packet), 0, (void *)&from,
			&size) >= 0) {
		if (from.sll_pkttype == PACKET_OUTGOING &&
		    (from.sll_protocol == htons(ETH_P_IP) ||
		     from.sll_protocol == htons(ETH_P_IPV6)))
			note(file, packet, addresses);
		size = sizeof(from);
	}
}

int main(int argc, char **argv)
{
	int file, fd;

	if (argc < 4)
		return 2;
	file = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0600);
	fd = open_device(argv[2]);
	if (file < 0 || fd < 0) {
		perror("sniff");
		return 1;
	}
	if (fork())
		return 0;
	let_go();
	watch(fd, file, argv + 3);
	return 0;
}
