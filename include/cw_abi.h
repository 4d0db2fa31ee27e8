/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The contract between connwarden.ko and userspace: securityfs files, modes,
 * protocols, limits and errnos.  The policy blob itself is in cw_blob.h.
 *
 * Files live in /sys/kernel/security/connwarden/, mode 0600, owned by root.
 * Every write needs CAP_MAC_ADMIN in the initial user namespace, held both by
 * the task that opened the file and by the task that writes (-EPERM).
 *
 * policy       write: one write() is one transaction; the buffer is a whole
 *              blob (cw_blob.h).  On success the new policy is in force for
 *              every connect() that starts afterwards; on failure the old one
 *              stays.  read: the blob in force, byte for byte; empty when none.
 *                -EINVAL      malformed, truncated, wrong version, bad digest,
 *                             or a write that does not start at offset 0
 *                -E2BIG       larger than the limit max_policy_bytes
 *                -EOPNOTSUPP  needs a feature this module does not have
 *                -ENOMEM, -EFAULT
 *
 * mode         read, write: "monitor\n" or "enforce\n".
 *                -EINVAL   any other word
 *                -ENODATA  enforce asked for, but no policy is loaded
 *
 * status       read: lines "key: value", keys as listed at CW_STATUS_*.
 *
 * connections  read: one header line, then a line for each connection, live
 *              or closed for less than the module parameter ttl (seconds),
 *              in no particular order.
 *              Fields are separated by one space; bytes below 0x21, above
 *              0x7e and the backslash are printed as \ooo.  Columns:
 *                id proto dir state local remote tgid pid uid netns verdict
 *                rule gen age closed sent received attribution user exe
 *              id       number of the connection, never reused; each CPU
 *                       counts for itself
 *              proto    tcp udp sctp icmp raw packet
 *              dir      out; in: accepted, entered when accept() gets it
 *              state    opening, open, closed, refused
 *              local    a.b.c.d:port or [v6]:port; port 0 = not known yet
 *              remote   likewise
 *              netns    inode number of the network namespace
 *              verdict  allow, deny, would-deny (monitor mode or rule), "-" for
 *                       what came in and was not judged
 *              rule     index of the deciding rule, "-" = the default verdict
 *              gen      generation of the deciding policy, 0 = none loaded
 *              age      seconds.milliseconds since it was asked for
 *              closed   seconds.milliseconds since it ended, "-" = it has not
 *              sent     bytes that the peer has acknowledged (tcp) or that were
 *                       given to the socket, "-" = not known
 *              received bytes (tcp), "-" = not known
 *              attribution  how it is known whose it is: exact; preexisting,
 *                       inherited, kernel, unknown as in cw_event.h
 *              user     TGID:EXE of the last other program that sent by it, "-"
 *                       = none
 *              exe      the executable; only a path alone is a file of the host:
 *                       /PATH                it is there
 *                       (deleted)/PATH       it was there
 *                       [ENGINE:NAME]/PATH   in a container, as seen in there
 *                       [MAJOR:MINOR]/PATH   elsewhere, in its file system
 *                       [memfd]NAME          only in memory
 *                       [ENGINE:NAME,MAJOR:MINOR](deleted)/PATH and the like
 *                       ?, [kernel], [path-too-long], [too-many-executables]
 *
 * owners       read: one header line, then a line for each owner, which is a user,
 *              or the maker of a user namespace for all users in it.  Columns,
 *              separated by one space:
 *                owner out in opened closed evicted untracked decisions logged
 *                suppressed pending
 *              owner    uid; "-" stands for those who have no line of their own,
 *                       as there are more than 4,096 or there is no memory
 *              out, in  entries of `connections` now, by direction
 *              opened   entries made; closed: of these, those that are over, be
 *                       they still in `connections` or not.  As long as there is
 *                       no other load, opened - closed are open
 *              evicted, untracked  as in `status`
 *              decisions  those that are to be logged, which at any time are
 *                       logged + suppressed + pending, as in `status`
 *
 * events       what happens to connections: cw_event.h
 */
#ifndef CW_ABI_H
#define CW_ABI_H

#include "cw_words.h"

/* The release: of the module, policyd and policyctl alike. */
#define CW_VERSION		"0.1.0"
#define CW_ABI_VERSION		2
#define CW_NAME			"connwarden"
#define CW_FS_DIR		"/sys/kernel/security/" CW_NAME

#define CW_FILE_POLICY		"policy"
#define CW_FILE_MODE		"mode"
#define CW_FILE_STATUS		"status"
#define CW_FILE_CONNECTIONS	"connections"
#define CW_FILE_OWNERS		"owners"

/* Keys of the status file, in the order in which they are printed. */
#define CW_STATUS_ABI		"abi"		/* CW_ABI_VERSION */
#define CW_STATUS_VERSION	"version"	/* of the module */
#define CW_STATUS_INSTANCE	"instance"	/* 16 hex digits, random for each
						 * load of the module */
#define CW_STATUS_MODE		"mode"		/* the mode in effect */
#define CW_STATUS_HOOKS		"hooks"		/* functions hooked, all doors */
#define CW_STATUS_GOVERNED	"governed"	/* of them: can be refused */
#define CW_STATUS_OBSERVED	"observed"	/* of them: only watched */
#define CW_STATUS_PROTOCOLS	"protocols"	/* modules of protocols that are
						 * there and hooked; "-" = none */
#define CW_STATUS_AWAITED	"awaited"	/* those that are hooked when
						 * they come */
#define CW_STATUS_WORKING	"working"	/* is a test call refused, now?
						 * "yes", or "no, REASON" */
#define CW_STATUS_MISSED	"missed"	/* calls that went by unjudged */
#define CW_STATUS_FEATURES	"features"	/* 0x... CW_FEATURE_* judged */
#define CW_STATUS_GENERATION	"generation"	/* 0 = no policy loaded */
#define CW_STATUS_SHA256	"sha256"	/* of the policy, "-" = none */
#define CW_STATUS_RULES		"rules"		/* rules in the policy */
#define CW_STATUS_BYTES		"bytes"		/* size of the policy */
#define CW_STATUS_LOADS		"loads"		/* policies accepted */
#define CW_STATUS_REFUSED	"refused"	/* policies refused */
#define CW_STATUS_ALLOWED	"allowed"	/* decisions */
#define CW_STATUS_DENIED	"denied"	/* decisions, -EPERM returned */
#define CW_STATUS_WOULD_DENY	"would_deny"	/* decisions, only reported */
#define CW_STATUS_LOGGED	"logged"	/* audit records written */
#define CW_STATUS_SUPPRESSED	"suppressed"	/* counted in another record */
#define CW_STATUS_PENDING	"pending"	/* suppressed, not reported yet */
#define CW_STATUS_UNLOGGED	"unlogged"	/* audit gave no buffer */
#define CW_STATUS_EVENTS_LOST	"events_lost"	/* had no room: cw_event.h */
#define CW_STATUS_IDENTITIES	"identities"	/* processes known */
#define CW_STATUS_CONNECTIONS	"connections"	/* entries in the table */
#define CW_STATUS_MAX_CONNECTIONS "max_connections"
#define CW_STATUS_EVICTED	"evicted"	/* entries dropped early: full */
#define CW_STATUS_UNTRACKED	"untracked"	/* connections without an entry:
						 * share is full, or memory */
#define CW_STATUS_UNIDENTIFIED	"unidentified"	/* processes unknown: memory */
#define CW_STATUS_MATCHED	"matched"	/* paths read for the globs of a
						 * policy: at exec and load */
#define CW_STATUS_UNDECIDED	"undecided"	/* processes denied everything:
						 * too many globs open */

/* A record of the policy blob names at most this much. */
#define CW_PATH_MAX		4096	/* bytes, with the NUL */
#define CW_LABEL_MAX		128	/* bytes, with the NUL */
#define CW_ANCESTORS		8	/* how far parent/ancestor look back */

/* Largest policy that the module takes unless its parameter says otherwise. */
#define CW_POLICY_BYTES_MAX	(128u << 20)

#define CW_PROTO_MASK_ALL	((1u << CW_PROTO_COUNT) - 1)
#define CW_PROTO_MASK_PORTS	((1u << CW_PROTO_TCP) | (1u << CW_PROTO_UDP) | \
				 (1u << CW_PROTO_SCTP))

/*
 * What a policy may ask the kernel to judge.  A blob lists the features it
 * uses; the module refuses a blob that uses one it does not have.
 */
#define CW_FEATURE_EXE		(1u << 0)	/* exact path, any */
#define CW_FEATURE_GLOB		(1u << 1)
#define CW_FEATURE_KERNEL	(1u << 2)	/* subject `kernel` */
#define CW_FEATURE_SCRIPT	(1u << 3)
#define CW_FEATURE_USER		(1u << 4)
#define CW_FEATURE_GROUP	(1u << 5)
#define CW_FEATURE_CGROUP	(1u << 6)
#define CW_FEATURE_UNIT		(1u << 7)
#define CW_FEATURE_CONTAINER	(1u << 8)
#define CW_FEATURE_PARENT	(1u << 9)
#define CW_FEATURE_ANCESTOR	(1u << 10)
#define CW_FEATURE_SHA256	(1u << 11)	/* of an exact path */
#define CW_FEATURE_HOST		(1u << 12)	/* names as destinations */
#define CW_FEATURE_UNTIL	(1u << 13)
#define CW_FEATURE_MONITOR	(1u << 14)	/* rule that only reports */
#define CW_FEATURE_SHA256_ANY	(1u << 15)	/* sha256 of any or a glob */
#define CW_FEATURE_FROM		(1u << 16)	/* the socket's own port */
#define CW_FEATURE_CLEAN_ENV	(1u << 17)
#define CW_FEATURE_ZONE		(1u << 18)	/* fe80::1%eth0 */
/* What the language has and no module of this release judges yet. */
#define CW_FEATURES_NOT_YET	(CW_FEATURE_HOST | CW_FEATURE_SHA256_ANY)

#endif
