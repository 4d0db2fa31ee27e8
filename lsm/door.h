/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Doors: the kernel functions by which a connection is asked for, made or
 * ended, and how they are hooked.  The files that have doors include this, and
 * door.c and ftrace.c, which hook them.
 */
#ifndef CW_DOOR_H
#define CW_DOOR_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/ftrace.h>
#include <linux/types.h>

struct cw_attempt;
struct msghdr;

/* Reads the flow of a call from its first two arguments; false: it has none that is
 * judged here.  @attempt is all zeroes.  In a hook. */
typedef bool cw_sent_read(struct cw_attempt *attempt, const void *sender,
			  const struct msghdr *msg);

/**
 * struct cw_door - a kernel function that is hooked
 * @function:	its name
 * @stub:	runs in place of a refused call and has the function's type, so
 *		that it can answer as the function does when it fails; NULL = the
 *		door only observes.  Must not sleep: unhooking waits by RCU-tasks
 *		for a task that is in it
 * @enter:	called before the function, with preemption off, in a task or in a
 *		softirq; reads arguments by CW_ARG().  True = refuse the call
 * @read:	of a function that tells how much it has sent, which nothing else does:
 *		see sent.c.  NULL = what it sends is counted otherwise, or not
 */
struct cw_door {
	const char *function;
	void *stub;
	bool (*enter)(struct ftrace_regs *regs);
	cw_sent_read *read;
};

/**
 * struct cw_doors - doors that are hooked together
 * @module:	the kernel module that has the functions, as a protocol; NULL = they
 *		are in the kernel itself, and a load fails without them
 * @is_builtin:	so does it without this protocol, which is in the kernel itself
 * @door:	the first of @count doors
 * @count:	number of doors
 */
struct cw_doors {
	const char *module;
	bool is_builtin;
	const struct cw_door *door;
	unsigned int count;
};

/* Argument @n, from 0, of the hooked function, as @type. */
#define CW_ARG(regs, n, type) ((type)ftrace_regs_get_argument(regs, n))

/*
 * A door reads arguments by number, so a change of the function must not
 * compile: CW_DOOR_TYPE(function, result, argument types...).  Functions that no
 * header declares are reached through a table of the kernel, whose member has
 * their type: CW_DOOR_MEMBER(struct, member, result, argument types...).
 */
#define CW_DOOR_TYPE(function, result, ...) \
	static_assert(__same_type(function, result (__VA_ARGS__)), \
		      #function " has another type in this kernel")
#define CW_DOOR_MEMBER(type, member, result, ...) \
	static_assert(__same_type(*((type *)0)->member, result (__VA_ARGS__)), \
		      #type "." #member " has another type in this kernel")

#define CW_DOORS(name, doors) \
	const struct cw_doors name = { \
		.door = doors, .count = ARRAY_SIZE(doors), \
	}

extern const struct cw_doors cw_tcp_doors;	/* tcp.c */
extern const struct cw_doors cw_datagram_doors;	/* datagram.c */
extern const struct cw_doors cw_receive_doors;	/* receive.c */
extern const struct cw_doors cw_route_doors;	/* route.c */
extern const struct cw_doors cw_socket_doors;	/* socket.c */
extern const struct cw_doors cw_process_doors;	/* socket.c */
extern const struct cw_doors cw_sctp_doors;	/* sctp.c */
/* protocol.c */
extern const struct cw_doors cw_other_doors[];
extern const unsigned int cw_other_count;

/* ---- sent.c: sends that tell how much they have sent --------------------------- */

struct cw_sent;
struct cw_hooks;

/* Of the @read of a door: true = refuse. */
bool cw_sent_judge(struct ftrace_regs *regs, cw_sent_read *read);
/* Counts what the doors of @hooks send, which are on; NULL = nothing, which is in
 * the log if it should be.  May sleep. */
struct cw_sent *cw_sent_start(const struct cw_hooks *hooks);
/* NULL is fine.  May sleep. */
void cw_sent_stop(struct cw_sent *sent);

/* ---- ftrace.c: how the kernel is made to call us --------------------------- */

#define CW_HOOKS_MAX 24
/* Places for hooks; more than hooks, so that most have theirs. */
#define CW_HOOK_PLACES 64

/**
 * struct cw_hooks - functions that are hooked by one ftrace op
 * @ops:	unregistering one waits for RCU-tasks, under a lock of ftrace,
 *		which under load takes a second: so not one for each function.  Its
 *		filter must be whole when it is registered: a function added later
 *		works, but a BPF trampoline that is on it already is not told that
 *		it has to respect the instruction pointer (6.1), and goes past the
 *		stub
 * @governs:	some of the doors have a stub, so that no other user of ftrace may
 *		redirect any of the functions
 * @on:		registered
 * @sent:	of those that send, while it is on
 * @count:	valid entries of @hook; does not change while it is on
 * @hook:	the functions, in the order in which they were added
 * @by_place:	copies of them, each where place_of() says, unless another is there
 */
struct cw_hooks {
	struct ftrace_ops ops;
	bool governs;
	bool on;
	struct cw_sent *sent;
	unsigned int count;
	struct cw_hook {
		unsigned long entry;	/* where the function begins */
		const char *module;
		const struct cw_door *door;
	} hook[CW_HOOKS_MAX], by_place[CW_HOOK_PLACES];
};

/* Notes a door of @module (NULL = the kernel itself), each function once; 0, or
 * -ENOSPC.  Not while it is on. */
int cw_hooks_add(struct cw_hooks *hooks, const char *module,
		 const struct cw_door *door);
/*
 * Hooks all that was added.  0; -ENOENT the first function is one of a module
 * that is not there; or an errno, with the reason in the log and the function in
 * @culprit.  May sleep.
 */
int cw_hooks_start(struct cw_hooks *hooks, const char **culprit);
/*
 * Unhooks and forgets all.  0: nothing of ours runs or will run in them.  Errno:
 * they cannot be removed, and the callback goes on being called.  May sleep.
 */
int cw_hooks_stop(struct cw_hooks *hooks);
/* Calls that found no door since the load: never, unless ftrace.c is wrong. */
u64 cw_hooks_missed(void);
/* ftrace has stopped itself: what is hooked now cannot be unhooked any more. */
bool cw_hooks_stuck(void);

/* ---- door.c: all of them ---------------------------------------------------- */

int cw_door_init(void);
void cw_door_exit(void);
/* Tries a hook: NULL = it refuses now; else why it does not.  May sleep. */
const char *cw_door_trouble(void);
/* Tells each function that is hooked now, and whether it governs.  May sleep. */
void cw_door_each(void (*tell)(struct seq_file *to, const struct cw_door *door),
		  struct seq_file *to);
/* Tells the modules of protocols that are hooked, or @hooked false: that are
 * not there now.  May sleep. */
void cw_door_each_protocol(struct seq_file *to, bool hooked);

#endif
