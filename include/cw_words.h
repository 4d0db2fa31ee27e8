/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Words that the kernel module, policyd and policyctl print and read, each beside
 * the number that it stands for.  Whoever needs a table of them makes it of these
 * initializers and checks its size against the COUNT.
 */
#ifndef CW_WORDS_H
#define CW_WORDS_H

/* Protocols as rules and records name them; MPTCP and SMC count as tcp. */
enum cw_proto {
	CW_PROTO_TCP,
	CW_PROTO_UDP,
	CW_PROTO_SCTP,
	CW_PROTO_ICMP,
	CW_PROTO_RAW,
	CW_PROTO_PACKET,
	CW_PROTO_COUNT
};

#define CW_PROTO_WORDS						\
	[CW_PROTO_TCP] = "tcp", [CW_PROTO_UDP] = "udp",		\
	[CW_PROTO_SCTP] = "sctp", [CW_PROTO_ICMP] = "icmp",	\
	[CW_PROTO_RAW] = "raw", [CW_PROTO_PACKET] = "packet"

enum cw_mode {
	CW_MODE_MONITOR,
	CW_MODE_ENFORCE,
	CW_MODE_COUNT
};

#define CW_MODE_NAME_MONITOR	"monitor"
#define CW_MODE_NAME_ENFORCE	"enforce"
#define CW_MODE_WORDS							\
	[CW_MODE_MONITOR] = CW_MODE_NAME_MONITOR,			\
	[CW_MODE_ENFORCE] = CW_MODE_NAME_ENFORCE

/* How a connection was judged: in the module, in an event, in the history. */
enum cw_outcome {
	CW_OUTCOME_ALLOW,
	CW_OUTCOME_DENY,	/* refused */
	CW_OUTCOME_WOULD_DENY,	/* only reported: monitor mode or rule */
	CW_OUTCOME_NONE,	/* not judged: it came in */
	CW_OUTCOME_COUNT
};

#define CW_OUTCOME_WORDS					\
	[CW_OUTCOME_ALLOW] = "allow", [CW_OUTCOME_DENY] = "deny",	\
	[CW_OUTCOME_WOULD_DENY] = "would-deny", [CW_OUTCOME_NONE] = "-"

/* How far a connection has got. */
enum cw_state {
	CW_STATE_OPENING,
	CW_STATE_OPEN,
	CW_STATE_CLOSED,
	CW_STATE_REFUSED,	/* by the policy */
	CW_STATE_COUNT
};

#define CW_STATE_WORDS						\
	[CW_STATE_OPENING] = "opening", [CW_STATE_OPEN] = "open",	\
	[CW_STATE_CLOSED] = "closed", [CW_STATE_REFUSED] = "refused"

/* How it is known whose a connection is. */
enum cw_attribution {
	CW_ATTRIBUTION_EXACT,		/* seen when it was asked for, accepted */
	CW_ATTRIBUTION_PREEXISTING,	/* it was there before the module: the
					 * oldest process that had it open then */
	CW_ATTRIBUTION_INHERITED,	/* another program uses it by now; an
					 * event does not say this, but USED */
	CW_ATTRIBUTION_KERNEL,		/* a socket of the kernel itself */
	CW_ATTRIBUTION_UNKNOWN,		/* no memory to identify the process */
	CW_ATTRIBUTION_COUNT
};

#define CW_ATTRIBUTION_WORDS					\
	[CW_ATTRIBUTION_EXACT] = "exact",			\
	[CW_ATTRIBUTION_PREEXISTING] = "preexisting",		\
	[CW_ATTRIBUTION_INHERITED] = "inherited",		\
	[CW_ATTRIBUTION_KERNEL] = "kernel",			\
	[CW_ATTRIBUTION_UNKNOWN] = "unknown"

/* Why a connection of TCP is over. */
enum cw_ending {
	CW_ENDING_UNKNOWN,		/* also: by the end of a flow */
	CW_ENDING_CLOSED,		/* in order, by either side */
	CW_ENDING_REFUSED,		/* the peer did not want it */
	CW_ENDING_TIMED_OUT,		/* no answer any more, or never */
	CW_ENDING_RESET,		/* by the peer */
	CW_ENDING_UNREACHABLE,		/* the network said so (ICMP) */
	CW_ENDING_GIVEN_UP,		/* the program did not wait for an answer */
	CW_ENDING_ABORTED,		/* by this host: ss --kill, the kernel */
	CW_ENDING_COUNT
};

#define CW_ENDING_WORDS						\
	[CW_ENDING_UNKNOWN] = "-", [CW_ENDING_CLOSED] = "closed",	\
	[CW_ENDING_REFUSED] = "refused",				\
	[CW_ENDING_TIMED_OUT] = "timed-out",				\
	[CW_ENDING_RESET] = "reset",					\
	[CW_ENDING_UNREACHABLE] = "unreachable",			\
	[CW_ENDING_GIVEN_UP] = "given-up",				\
	[CW_ENDING_ABORTED] = "aborted"

#endif
