/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The history: connections on disk.  policyd writes it, from the records of
 * the file `events`; policyctl reads it.  One SQLite file, one writer, any
 * number of readers.
 *
 * Functions return 0 or a negative errno unless it is said otherwise.
 */
#ifndef CW_HISTORY_H
#define CW_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../include/cw_abi.h"
#include "../include/cw_event.h"

#define CW_HISTORY_FILE		"/var/lib/connwarden/history.db"
#define CW_BYTES_UNKNOWN	UINT64_MAX

/* ---- what is remembered -------------------------------------------------- */

struct cw_ancestor {
	uint32_t tgid;
	int64_t start;			/* ns since 1970 */
	const char *exe;
};

/* A program executed by a process.  Strings are never NULL, "" = none. */
struct cw_program {
	int64_t id;			/* in this history; 0 = there is none */
	uint32_t tgid;			/* 0 = the kernel, or not known */
	int64_t start;			/* of the process, ns since 1970 */
	const char *exe;
	const char *script;
	const char *cgroup;
	const char *unit;		/* systemd's, from the cgroup */
	bool is_plain;			/* path rules may match exe */
	unsigned ancestors;		/* nearest first */
	struct cw_ancestor ancestor[CW_ANCESTORS];
};

/* One connection.  Addresses as in cw_event.h: network order, IPv4 in the
 * first 4 bytes. */
struct cw_past {
	int64_t id;			/* in this history, ascending */
	const char *host;		/* "" = this one */
	int64_t opened;			/* ns since 1970 */
	int64_t closed;			/* likewise, 0 = not known to be over */
	uint8_t family;			/* 4, 6, 0 = not an address */
	uint8_t proto;			/* enum cw_proto */
	bool in;			/* accepted */
	uint8_t verdict;		/* as in struct cw_event_open */
	uint8_t attribution;		/* enum cw_attribution */
	uint8_t local[16], remote[16];
	uint16_t local_port, remote_port;
	uint32_t pid, uid, netns;
	uint64_t generation;		/* of the policy, 0 = none */
	uint32_t rule, line;		/* CW_RULE_DEFAULT, 0 = none */
	const char *label;
	uint64_t sent, received;	/* bytes or CW_BYTES_UNKNOWN */
	struct cw_program program;	/* who opened it */
	struct cw_program user;		/* the last other program that used it */
};

/* Records that are missing, and from when to when they would have been. */
struct cw_hole {
	int64_t since, until;		/* ns since 1970 */
	uint64_t records;
	const char *reason;		/* "kernel" the ring was full, "disk" */
};

/* ---- reading ------------------------------------------------------------- */

/* All that is set must hold. */
struct cw_past_filter {
	int64_t since, until;		/* open at some time between; 0 = any */
	uint8_t family;			/* of address: 4, 6, 0 = any address */
	uint8_t address[16];
	uint8_t prefix;			/* bits of it that count */
	int port;			/* -1 = any */
	bool remote_only;		/* else either end may be address:port */
	const char *exe;		/* path or glob, of exe or script; or NULL */
	int64_t uid;			/* -1 = any */
	int64_t tgid;			/* -1 = any */
	int verdict;			/* -1 = any */
	int proto;			/* -1 = any */
	int in;				/* 0 out, 1 in, -1 = any */
	unsigned limit;			/* the newest that match; 0 = all */
};

struct cw_history;

/* Everything but remote_only, exe and the times set to "any". */
void cw_past_filter_init(struct cw_past_filter *filter);
/* For reading.  -ENOENT there is none; -EACCES; -EPROTO of another version. */
int cw_history_open(struct cw_history **history, const char *file);
void cw_history_close(struct cw_history *history);
/* Ascending by opened; @past is valid during the call.  Not 0 from @each ends
 * the query and is returned. */
int cw_history_query(struct cw_history *history,
		     const struct cw_past_filter *filter,
		     int (*each)(void *data, const struct cw_past *past),
		     void *data);
int cw_history_holes(struct cw_history *history, int64_t since, int64_t until,
		     int (*each)(void *data, const struct cw_hole *hole),
		     void *data);

#endif
