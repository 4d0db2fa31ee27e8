/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes that two processes exchange in one way, and what the history must say of
 * them.  The peer is a child, made when its socket is ready.  What system calls have
 * returned is what counts.
 */
#ifndef CW_MOVE_H
#define CW_MOVE_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Exit status: this kernel cannot do it. */
#define ABSENT 77

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_ll link;
};

struct kind {
	const char *name;
	void (*act)(void);
};

/* By file; each ends with a kind that has no name. */
extern const struct kind streams[], datagrams[], others[];

/* Of the command line. */
extern const char *kind, *address;
extern int port, family;

/* By this process so far; say() begins anew. */
extern long long sent, received;
extern char data[65536];

void die(const char *what);
/* Ends if @result is negative. */
long check(long result, const char *what);

socklen_t name_of(union name *name, const char *text, int number);
int port_of(int fd);
int open_socket(int type, int protocol);
void bind_to(int fd, const char *text, int number);
/* To address and port of the command line. */
void connect_to(int fd);

/* Prints the words of card.py: what finds the entry, and what it must have. */
void say(const char *match);
void say_client(const char *proto, int fd);
void say_server(const char *proto);

/* True in the child. */
bool be_peer(void);
/* Tells the child that it is over, and waits for it. */
void end_peer(void);
/* False: there is nothing on @fd any more, and the parent says it is over. */
bool wait_for(int fd);

void put(int fd, size_t size);
long get(int fd);
void get_all(int fd);

#endif
