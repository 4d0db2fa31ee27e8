/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Records of the file `events`: what happened to connections, for a program
 * that writes history.
 *
 * read() returns whole records in order, as many as fit, and keeps them: a
 * record is there until it is acknowledged.  write() of a u64 acknowledges all
 * records up to that sequence number; what was acknowledged is gone.  A reader
 * that dies before it has stored what it read gets the same again, so a store
 * that remembers the last sequence number has no record twice and misses none.
 * The read position is behind the last record that was read since open(), which
 * starts with the oldest one.
 *
 *   open   -EBUSY     somebody has it open
 *          -EPERM     without CAP_MAC_ADMIN
 *   read   -EMSGSIZE  the buffer is too small for the next record: give
 *                     CW_EVENT_MAX at least
 *          -EAGAIN    nothing new, with O_NONBLOCK; else it waits
 *   write  -EINVAL    not 8 bytes, or a number that was not read yet
 *   poll   POLLIN when there is something new
 *
 * When nobody acknowledges and the memory (module parameter event_bytes) is
 * full, new records are lost.  The next one that has room follows a record
 * CW_EVENT_LOST that says how many were; sequence numbers of lost records are
 * left out as well.
 *
 * Sequence numbers, and numbers of processes and connections, begin anew with
 * each load of the module.  `instance` in the file status tells loads apart.
 *
 * Numbers are in host order, addresses in network order; IPv4 in the first 4
 * bytes, IPv4-mapped as IPv4.  Times are ns since boot (CLOCK_BOOTTIME).
 * Strings end with a NUL and follow the fixed part in the order named there;
 * each record is a multiple of 8 bytes, filled up with zeroes.
 */
#ifndef CW_EVENT_H
#define CW_EVENT_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#include "cw_words.h"

#define CW_FILE_EVENTS	"events"
#define CW_EVENT_MAX	65536	/* bytes of the longest record */

/* Limits of the module's parameter event_bytes. */
#define CW_EVENT_BYTES_DEFAULT	(8ul << 20)
#define CW_EVENT_BYTES_LEAST	(2ul * CW_EVENT_MAX)
#define CW_EVENT_BYTES_MOST	(1ul << 30)

enum cw_event_type {
	CW_EVENT_LOST = 1,
	CW_EVENT_PROCESS,
	CW_EVENT_OPEN,
	CW_EVENT_LOCAL,		/* not made any more: OPEN has both ends */
	CW_EVENT_CLOSE,
	CW_EVENT_USED,
	CW_EVENT_UNTRACKED,
	CW_EVENT_JUDGED,
	CW_EVENT_TRAFFIC,
};

/* How far a connection of TCP or SCTP came. */
enum cw_established {
	CW_ESTABLISHED_UNKNOWN,		/* datagrams; or it was not seen */
	CW_ESTABLISHED_YES,
	CW_ESTABLISHED_NO,		/* not yet, or never */
	CW_ESTABLISHED_COUNT
};

/* Who made a network namespace: whoever did chooses the addresses in it. */
enum cw_netns_owner {
	CW_NETNS_UNKNOWN,		/* not told: an older module */
	CW_NETNS_ROOT,			/* root, in the initial user namespace */
	CW_NETNS_USER,			/* somebody in a user namespace */
	CW_NETNS_OWNERS
};

struct cw_event {
	uint32_t size;		/* with this header */
	uint32_t type;		/* enum cw_event_type */
	uint64_t sequence;	/* from 1 on, ascending */
};

struct cw_event_lost {
	struct cw_event head;
	uint64_t count;
};

/*
 * A program executed by a process; comes before the first record that names
 * it after the file was opened, and so may come again, the same, with another
 * cgroup or login perhaps.  Strings: executable, script ("" =
 * none), cgroup ("" = not known), then the executable of each ancestor, then
 * the command line, as it was at the execution: arguments with a blank between
 * them.  Modules of this release do not send it: it is always "" (not known).
 */
struct cw_event_process {
	struct cw_event head;
	uint64_t process;	/* number, never used again */
	uint64_t start;		/* of the process: with tgid, who it is */
	uint64_t ino;
	uint32_t dev;		/* as st_dev is printed: major << 20 | minor */
	uint32_t inode_generation;
	uint32_t tgid;		/* in the initial pid namespace; 0 = stands for
				 * the kernel or for processes not known */
	uint16_t flags;		/* CW_EVENT_PRELOADED... */
	uint16_t ancestors;	/* how many follow, nearest first */
	uint32_t auid;		/* login user; ~0 = none, or not known */
	uint32_t session;	/* of audit; likewise */
	struct {
		uint64_t start;
		uint32_t tgid;
		uint32_t zero;
	} ancestor[];
};

#define CW_EVENT_PRELOADED	1u	/* was there before the module */
#define CW_EVENT_PLAIN		2u	/* path rules may match it */

/*
 * A connection was asked for or accepted.  Strings: label of the rule ("" =
 * none), interface of a packet socket or of an address that has a zone ("" = none,
 * or not known).
 */
struct cw_event_open {
	struct cw_event head;
	uint64_t id;		/* as in the file `connections` */
	uint64_t time;
	uint64_t process;
	uint64_t generation;	/* of the policy */
	uint32_t pid;		/* the thread */
	uint32_t uid;
	uint32_t netns;		/* inode number */
	uint32_t rule;		/* index, 0xffffffff = the default verdict */
	uint32_t line;		/* of the rule in its source, 0 = none */
	uint16_t local_port;	/* 0 = none, or not known */
	uint16_t remote_port;
	uint8_t local[16];	/* zeroes = not known */
	uint8_t remote[16];
	uint8_t family;		/* 4, 6; 0 = an address that was not judged */
	uint8_t proto;		/* enum cw_proto */
	uint8_t in;		/* 1 = accepted; of datagrams: the peer began it */
	uint8_t verdict;	/* enum cw_outcome */
	uint8_t attribution;	/* enum cw_attribution */
	uint8_t netns_owner;	/* enum cw_netns_owner */
	uint16_t number;	/* IP protocol of a raw socket, ethertype of a
				 * packet socket; 0 = none */
};

/* The local end is known now.  Modules before 0.2 made it after OPEN. */
struct cw_event_local {
	struct cw_event head;
	uint64_t id;
	uint64_t time;
	uint8_t local[16];
	uint16_t local_port;
	uint16_t zero[3];
};

/* It is over.  A refused one has no such record: it never began. */
struct cw_event_close {
	struct cw_event head;
	uint64_t id;
	uint64_t time;
	uint64_t sent;		/* bytes, ~0 = not known */
	uint64_t received;	/* bytes, ~0 = not known */
	uint8_t established;	/* enum cw_established */
	uint8_t ending;		/* enum cw_ending */
	uint8_t zero[6];
};

/* What it has moved so far.  Modules of this release do not send it. */
struct cw_event_traffic {
	struct cw_event head;
	uint64_t id;
	uint64_t time;
	uint64_t sent;		/* as in struct cw_event_close */
	uint64_t received;
	uint8_t established;
	uint8_t zero[7];
};

/*
 * Datagrams that came in are answered: what was said about the first answer is the
 * verdict of the connection from now on.  Strings: label of the rule ("" = none).
 */
struct cw_event_judged {
	struct cw_event head;
	uint64_t id;
	uint64_t time;
	uint64_t generation;	/* of the policy */
	uint32_t rule;		/* as in struct cw_event_open */
	uint32_t line;
	uint8_t verdict;	/* likewise */
	uint8_t zero[7];
};

/*
 * Another program has the stream open than the one that opened it: a descriptor was
 * passed, or the process executed something else.  Told for each change of user,
 * CW_EVENT_USED_MAX times for a connection at most.
 */
struct cw_event_used {
	struct cw_event head;
	uint64_t id;
	uint64_t time;
	uint64_t process;
	uint32_t pid;		/* the thread */
	uint32_t uid;
};

#define CW_EVENT_USED_MAX	4

/*
 * Connections of one owner that were judged, and of which nothing else is told:
 * the table had no room for them, as the owner had as many as he may have.
 */
struct cw_event_untracked {
	struct cw_event head;
	uint64_t since;		/* of the first */
	uint64_t until;
	uint64_t count;
	uint32_t owner;		/* uid, 0xffffffff = of several */
	uint32_t zero;
};

#endif
