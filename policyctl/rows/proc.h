/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections as /proc shows them: /proc/PID/net/{tcp,udp,...} of each network
 * namespace joined with /proc/PID/fd by the inode of the socket.  What every
 * kernel tells, and so what a host without the module has, and what the
 * module's table is checked against.
 *
 * It is a look at one moment that takes a while: a connection that ends
 * meanwhile may have lost its holder, and what came and went between two looks
 * is not seen at all.
 */
#ifndef CW_PROC_H
#define CW_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/lib.h"

#define CW_PROC_NONE	UINT32_MAX	/* index of nothing */

enum cw_proc_state {
	CW_PROC_OPENING,
	CW_PROC_OPEN,
	CW_PROC_CLOSED,			/* TIME_WAIT */
	CW_PROC_LISTENING,		/* not a connection */
};

/* A socket with a peer, or one that listens.  Addresses in network order, IPv4
 * in the first 4 bytes, IPv4-mapped as IPv4. */
struct cw_proc_socket {
	uint64_t inode;			/* 0 = no process has it: closed, or
					 * not accepted yet */
	uint32_t netns, uid;
	uint32_t holder;		/* the first one, of the oldest process */
	uint32_t next;			/* of the same inode */
	uint8_t local[16], remote[16];
	uint16_t local_port, remote_port;	/* 0 for what has none */
	uint8_t family;			/* 4, 6 */
	uint8_t proto;			/* enum cw_proto */
	uint8_t state;			/* enum cw_proc_state */
	bool in;			/* something listens on its port: a guess */
};

/* A process that has sockets open. */
struct cw_proc_process {
	uint32_t tgid;
	uint64_t start;			/* clock ticks since boot, 0 = unknown */
	char *exe;			/* escaped as in securityfs; "?" */
};

struct cw_proc_holder {
	uint32_t process;		/* index */
	uint32_t next;			/* holder of the same socket */
};

struct cw_proc {
	struct cw_proc_socket *sockets;
	struct cw_proc_process *processes;
	struct cw_proc_holder *holders;
	uint32_t *namespaces;		/* those that were read */
	struct cw_map first;		/* socket + 1, by inode */
	size_t socket_count, process_count, holder_count, namespace_count;
	size_t socket_room, process_room, holder_room, namespace_room;
	unsigned hidden;		/* processes whose files we may not see */
	unsigned unread;		/* namespaces that could not be read */
	unsigned long datagrams_most;	/* of a namespace, 0 = any number */
	unsigned long datagrams_unread;	/* where there were more */
};

/* ---- proc.c: the walk and the join --------------------------------------- */

/* @root is where /proc is.  -ENOMEM, or why @root cannot be read; processes
 * that vanish meanwhile are no error. */
int cw_proc_read(struct cw_proc *proc, const char *root);
/* Without the UDP sockets of a namespace that has more than @datagrams. */
int cw_proc_read_some(struct cw_proc *proc, const char *root,
		      unsigned long datagrams);
void cw_proc_free(struct cw_proc *proc);
bool cw_proc_has_namespace(const struct cw_proc *proc, uint32_t netns);

/* ---- proc_table.c: the tables of one namespace --------------------------- */

/* Adds the sockets of the tables below @dir of @root, as of @netns. */
int cw_proc_read_tables(struct cw_proc *proc, int root, const char *dir,
			uint32_t netns);
/* The tables print words in the order of the machine.  8 or 32 digits. */
bool cw_proc_decode_address(const char *hex, bool big_endian,
			    uint8_t address[16], uint8_t *family);

#endif
