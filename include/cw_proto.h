/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between policyd and policyctl: what passes over the control
 * socket.
 *
 * The socket is SOCK_SEQPACKET, mode 0600, owned by root.  A conversation is
 * one command and one reply, each one record, then policyd closes:
 *
 *   policyctl                                   policyd
 *      | -- frame, text ------------------------> |
 *      | <------- frame, text [, descriptor] ---- |
 *
 * A record is a struct cw_frame in host byte order, then frame.size bytes of
 * text without a NUL.  Text is lines "key: value"; bytes below 0x20 and 0x7f
 * in a value are printed as \ooo, so a value is always one line.
 *
 * Anything long (the diagnostics of a million rules) does not pass through
 * the socket: the reply carries the descriptor of a sealed memfd that holds
 * it, so a slow reader holds up nobody and there is no limit of size.
 *
 * command  text            reply
 * status   -               CW_KEY_* below, about policyd itself
 * load     file: PATH      generation, rules, sha256, errors, warnings,
 *          (absolute; no   message; descriptor: the diagnostics, for people
 *          text: the file
 *          of --rules)
 * mode     mode: WORD      message
 *
 * policyd closes at once when it has too many conversations, after 5 seconds
 * without a command, and after a record that is not a frame.  Whatever a peer
 * sends after its command is not read.
 */
#ifndef CW_PROTO_H
#define CW_PROTO_H

#include <assert.h>
#include <stdint.h>

#define CW_RULES_FILE		"/etc/connwarden/rules.conf"
#define CW_CONTROL_SOCKET	"/run/connwarden/control"
#define CW_CONTROL_MAGIC	0x31435743u	/* "CWC1" */
#define CW_CONTROL_VERSION	1
#define CW_CONTROL_TEXT_MAX	24576u	/* bytes: a path, all of it escaped */

enum cw_command {
	CW_COMMAND_STATUS,
	CW_COMMAND_LOAD,
	CW_COMMAND_MODE,
	CW_COMMAND_COUNT
};

enum cw_result {
	CW_RESULT_OK,
	CW_RESULT_FAILED,	/* the message says why */
	CW_RESULT_REFUSED,	/* the peer is not root */
	CW_RESULT_BUSY,		/* another load is under way */
	CW_RESULT_INVALID,	/* unknown command, malformed text, version */
	CW_RESULT_PARTLY,	/* loaded, but not enforced as it should be */
	CW_RESULT_COUNT
};

struct cw_frame {
	uint32_t magic;
	uint16_t version;
	uint16_t command;	/* enum cw_command, the same in the reply */
	uint32_t result;	/* enum cw_result; 0 in a command */
	uint32_t size;		/* bytes of text that follow */
};

static_assert(sizeof(struct cw_frame) == 16, "struct cw_frame is the contract");

#define CW_KEY_FILE		"file"
#define CW_KEY_MODE		"mode"
#define CW_KEY_MESSAGE		"message"	/* one sentence for people */

#define CW_KEY_GENERATION	"generation"
#define CW_KEY_RULES		"rules"
#define CW_KEY_SHA256		"sha256"
#define CW_KEY_ERRORS		"errors"
#define CW_KEY_WARNINGS		"warnings"

#define CW_KEY_VERSION		"version"	/* of policyd */
#define CW_KEY_PID		"pid"
#define CW_KEY_UPTIME		"uptime"	/* seconds */
#define CW_KEY_RULES_FILE	"rules_file"	/* --rules */
#define CW_KEY_LOADING		"loading"	/* yes, no: a load under way */
#define CW_KEY_LAST_LOAD	"last_load"	/* ok, failed, none */
#define CW_KEY_BOOT_MODE	"boot_mode"	/* enforce, monitor: after a boot */
/* What is in force: configured (the file of --rules), other (a file that was
 * loaded by name), last-good (stored earlier), kept (what the kernel had when
 * policyd started), nothing. */
#define CW_KEY_IN_FORCE		"in_force"
#define CW_KEY_IN_FORCE_SINCE	"in_force_stored"	/* UTC, of last-good */
#define CW_KEY_ENFORCE_DUE	"enforce_due"	/* yes: --enforce waits for a
						 * policy; no */
#define CW_KEY_RULES_FAILING	"rules_failing"	/* why the rules of --rules
						 * cannot be loaded, which is
						 * tried again; "-" */
#define CW_KEY_LAST_GOOD	"last_good"	/* when it was stored, UTC; none;
						 * "failing, REASON" */
#define CW_KEY_LAST_FILE	"last_file"
#define CW_KEY_LAST_MESSAGE	"last_message"
#define CW_KEY_AUDIT		"audit"		/* on, or why it is not */
#define CW_KEY_RECORDS_WRITTEN	"records_written"
#define CW_KEY_RECORDS_FAILED	"records_failed"	/* audit said no */
#define CW_KEY_RECORDS_DROPPED	"records_dropped"	/* audit too slow */
#define CW_KEY_HISTORY		"history"	/* on; off or failing, and
						 * why: "off, REASON" */
#define CW_KEY_HISTORY_FILE	"history_file"
#define CW_KEY_HISTORY_STORED	"history_stored"	/* connections */
#define CW_KEY_HISTORY_LOST	"history_lost"	/* records that did not come */
#define CW_KEY_HISTORY_DROPPED	"history_dropped"	/* records that the
							 * disk did not take */
#define CW_KEY_HISTORY_HOLES	"history_holes"	/* noted, of either kind */
#define CW_KEY_HISTORY_UNKNOWN	"history_unknown"	/* records about lost
							 * connections */
#define CW_KEY_HISTORY_MALFORMED "history_malformed"	/* records */

#endif
