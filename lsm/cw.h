/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything the files of the module share, grouped by file; digest.h and
 * process.h are parts of it.  Contexts are said at each function: "hook" means
 * an ftrace callback or a tracepoint probe: nothing may sleep, softirq is
 * possible for observers.
 */
#ifndef CW_H
#define CW_H

#include <linux/net.h>
#include <linux/refcount.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/socket.h>
#include <linux/types.h>

#include "../include/cw_event.h"
#include "policy/engine/engine.h"
#include "digest.h"
#include "process.h"


/* ---- count.c: what happened since the module was loaded ---------------- */

enum cw_count {
	CW_COUNT_LOADS,
	CW_COUNT_REFUSED,
	CW_COUNT_ALLOWED,
	CW_COUNT_DENIED,
	CW_COUNT_WOULD_DENY,
	CW_COUNT_LOGGED,
	CW_COUNT_SUPPRESSED,
	CW_COUNT_UNLOGGED,
	CW_COUNT_EVICTED,
	CW_COUNT_UNTRACKED,
	CW_COUNT_UNIDENTIFIED,
	CW_COUNT_MATCHED,
	CW_COUNT_UNDECIDED,
	CW_COUNT_END
};

/* Any context. */
void cw_count_add(enum cw_count what, u64 n);
u64 cw_count_read(enum cw_count what);

/* ---- store.c: the policy in force and the mode -------------------------- */

/**
 * struct cw_policy - a loaded policy; never changes once published
 * @users:	one for being active, one for each open file that reads it
 * @blob:	checked view of @data
 * @data:	kvmalloc()ed, freed with the policy
 * @digests:	of executables, likewise; NULL = no rule asks for them
 * @generation:	1 for the first policy, then counting up
 */
struct cw_policy {
	refcount_t users;
	struct cw_blob blob;
	void *data;
	struct cw_digests *digests;
	u64 generation;
};

/*
 * Takes over @data (kvmalloc()ed) in every case.  0 or an errno as cw_abi.h
 * says for the file `policy`.  May sleep.
 */
int cw_store_load(void *data, size_t size);
/* Counts and records a policy that did not get as far; gives @error back. */
int cw_store_refuse(int error);
/* CW_FEATURE_* that the module judges. */
u32 cw_store_features(void);
/* NULL = none.  Under rcu_read_lock(), valid until rcu_read_unlock(). */
struct cw_policy *cw_store_policy_rcu(void);
/* NULL = none; give back with cw_store_put().  May sleep. */
struct cw_policy *cw_store_get(void);
void cw_store_put(struct cw_policy *policy);
/* Any context. */
enum cw_mode cw_store_mode(void);
/* 0; -ENODATA enforce without a policy.  May sleep. */
int cw_store_set_mode(enum cw_mode mode);
void cw_store_exit(void);

/* ---- exe.c: executables and scripts by path ----------------------------- */

/**
 * struct cw_exe - a file that was executed, shared by all its users
 * @rcu:	looked up under RCU
 * @users:	references, 0 = about to be freed; apart from the rest: written at
 *		each fork and exec, the rest is read by decisions
 * @node:	in the table, by @hash of @path
 * @hash:	of @path
 * @length:	of @path
 * @plain:	reached through the host's own root and mounts, not deleted, so
 *		that path rules may match it
 * @hits:	RCU; which globs of a policy match @path, NULL = not found out
 * @path:	as shown to people, in a form that says where it is (describe.c)
 */
struct cw_exe {
	struct rcu_head rcu;
	refcount_t users;
	struct hlist_node node ____cacheline_aligned_in_smp;
	u32 hash;
	u16 length;
	bool plain;
	struct cw_exe_hits __rcu *hits;
	char path[];
};

void cw_exe_init(void);
/* The shared entry of @path, which has @length bytes, fewer than CW_PATH_MAX, before
 * its NUL; with a reference; NULL = no memory.  Any context. */
struct cw_exe *cw_exe_intern(const char *path, size_t length, bool plain);
struct cw_exe *cw_exe_get(struct cw_exe *exe);
/* NULL is fine.  Any context. */
void cw_exe_put(struct cw_exe *exe);
u32 cw_exe_number(void);
/*
 * Which globs of @policy match the path; found out if it has not been, and kept.
 * NULL: path rules may not match, there is no memory, or @policy is not the
 * newest.  Hook with preemption off, under rcu_read_lock(), which is
 * how long it is valid; the caller or its process has a reference to @exe.
 */
const struct cw_hits *cw_exe_match_rcu(struct cw_exe *exe,
				       const struct cw_policy *policy);
/* Finds it out for all.  May sleep; the caller has a reference to @policy. */
void cw_exe_match_all(const struct cw_policy *policy);

/* ---- environ.c: what the environment steers ------------------------------ */

/*
 * Is there no variable in the environment of the program that current executes
 * which steers what it loads or runs?  False as well when it cannot be read or is
 * too long.  Tracepoint of exec, so current's memory is nobody else's yet.
 */
bool cw_environ_is_clean(const struct linux_binprm *bprm);

/* ---- describe.c: what an executed file is called ------------------------- */

int cw_describe_init(void);
void cw_describe_exit(void);
/*
 * How @file, which @task executes, is called; a reference, NULL = no memory.
 * @task is current or locked by task_lock().  @asked_as: not plain unless it
 * was asked for by this path; NULL = does not matter.  Under rcu_read_lock().
 */
struct cw_exe *cw_describe(struct task_struct *task, const struct file *file,
			   const char *asked_as);
/* Likewise of a task that was there before the module: see replaced.c. */
struct cw_exe *cw_describe_preloaded(struct task_struct *task,
				     const struct file *file);
/* d_path() without " (deleted)", which @deleted says. */
char *cw_describe_path(const struct file *file, char *buffer, int size,
		       bool *deleted);
/* CW_PATH_MAX bytes of this CPU.  Task context, with preemption off. */
char *cw_describe_buffer(void);
/* Are mounts and root directory of current the host's? */
bool cw_describe_sees_host(void);

/* ---- replaced.c: programs whose file was replaced before the module came -- */

/* Before the processes are entered; may sleep. */
void cw_replaced_find(void);
/* Between both: root alone can have put @dentry where it was and away. */
bool cw_replaced_keeps(const struct dentry *dentry);
void cw_replaced_forget(void);

/* ---- ident.c: who is asking --------------------------------------------- */

/**
 * struct cw_identity - the task that asks, taken once for each decision
 * @process:	never NULL; valid until rcu_read_unlock()
 * @task:	likewise; NULL = the kernel
 * @tgid:	in the initial pid namespace; 0 = the kernel
 * @pid:	of the thread, in the initial pid namespace
 * @uid:	real user, as audit has it
 * @euid:	effective user, which rules test
 * @owner:	who is held responsible: @uid, or in a user namespace, in which
 *		one may have many, who made it
 * @program:	cw_program_mark()
 * @flags:	CW_IDENT_KERNEL, CW_IDENT_UNKNOWN
 * @known:	cw_ident_known_rcu() at the time of the decision
 * @absent:	@process is not current's: nothing is kept with it, and of current
 *		no fact is taken
 */
struct cw_identity {
	struct cw_process *process;
	struct task_struct *task;
	pid_t tgid;
	pid_t pid;
	uid_t uid;
	uid_t euid;
	uid_t owner;
	u32 program;
	u32 flags;
	u64 known;
	bool absent;
};

/*
 * A program of a process, for a comparison without a look-up: with the number
 * of the process, which may be used again, it is as good as unique.  @task is
 * current, or alive under rcu_read_lock().
 */
static inline u32 cw_program_mark(const struct task_struct *task)
{
	return (u32)task->group_leader->start_boottime +
	       (u32)task->self_exec_id;
}

/*
 * Does the kernel act for itself?  It does in a softirq, which borrows the task
 * that it interrupted, and in a kernel thread that works for no process.  The
 * socket does not tell: the kernel makes sockets that it then uses for a user
 * (SMC, MPTCP).  Hook.
 */
bool cw_ident_is_kernel(void);
/* Sets every member for who acts now.  Hook. */
void cw_ident_take_rcu(struct cw_identity *identity);
struct conn;
/*
 * Likewise who opened @conn, for what the kernel does with it in a thread of its
 * own.  User and executable are known, groups and cgroup are not: under a policy
 * that asks for these it is unknown.
 */
void cw_ident_take_opener_rcu(struct cw_identity *identity,
			      const struct conn *conn);
/* Likewise a process that is not known. */
void cw_ident_take_unknown_rcu(struct cw_identity *identity);
/* Likewise who opened what @task has open.  Not for decisions. */
void cw_ident_take_other_rcu(struct cw_identity *identity,
			     struct task_struct *task);
/* What the engine tests of @identity, but for what cw_ident_complete_rcu() adds.
 * Valid until rcu_read_unlock(). */
void cw_ident_describe(struct cw_ident *facts,
		       const struct cw_identity *identity);
/* Adds what the file that was executed contains, if the policy asks. */
void cw_ident_add_digest(struct cw_ident *facts,
			 const struct cw_process *process,
			 const struct cw_policy *policy);
/*
 * Adds what is needed only to find the subjects that current is; without
 * @cgroup, not its path.  Hook, with preemption off until the facts are no
 * longer needed.
 */
void cw_ident_complete_rcu(struct cw_ident *facts,
			   const struct cw_process *process,
			   const struct cw_policy *policy,
			   struct cgroup *cgroup);
/* Of @task, NULL = too long.  With preemption off, until it is on again. */
const char *cw_ident_cgroup_rcu(struct task_struct *task);

/* ---- known.c: which subjects a process is --------------------------------- */

int cw_known_init(void);
void cw_known_exit(void);
/* A program is executed: finds out which globs match what @process runs.  Task
 * context, under rcu_read_lock(). */
void cw_known_prepare_rcu(const struct cw_process *process);
/*
 * A number for what current is under @policy: as long as it is the same, the
 * same rules are looked at.  Never used again; 0 = not known.  Hook.
 */
u64 cw_ident_known_rcu(const struct cw_process *process,
		       const struct cw_policy *policy);
/* What @policy says about @request.  Hook, with preemption off. */
struct cw_verdict cw_ident_match_rcu(struct cw_identity *identity,
				     const struct cw_policy *policy,
				     const struct cw_request *request);
/* The process has ended: gives up what it kept for decisions. */
void cw_known_forget(struct cw_process *process);
/* For whoever frees a process; NULL is fine. */
void cw_known_free(struct cw_known *known);

/* ---- answer.c: answers that were given a moment ago ----------------------- */

int cw_answer_init(void);
void cw_answer_exit(void);
/*
 * What was answered to @request of who has the number @known under @policy; NULL =
 * it is not kept.  Valid until cw_answer_keep().  Task context with preemption off,
 * as for cw_answer_keep().
 */
const struct cw_verdict *cw_answer_find(u64 known,
					const struct cw_policy *policy,
					const struct cw_request *request);
void cw_answer_keep(u64 known, const struct cw_policy *policy,
		    const struct cw_request *request,
		    const struct cw_verdict *verdict);

/* ---- trace.c: tracepoints ------------------------------------------------ */

/* 0 or an errno, with the reason in the log. */
int cw_trace_init(void);
void cw_trace_exit(void);

/* ---- judge.c: the decision; what doors call is in judge.h ------------------ */

/**
 * struct cw_local - this end of a connection
 * @port:	host order; 0 = not known, or none
 * @addr:	network order, of the same family as the other end; zeroes = not
 *		known
 */
struct cw_local {
	u16 port;
	u8 addr[16];
};

/**
 * struct cw_decision - one judged request, on the stack of the hook
 * @key:	by which the connection is found again: the address of its socket or
 *		of its SCTP association
 * @sk:		alive during the call
 * @request:	the question, as the engine takes it
 * @local:	this end
 * @identity:	the process that asks
 * @verdict:	what @policy says
 * @outcome:	what becomes of the call, in this mode
 * @in:		accepted, not asked for; of a flow: a peer began it
 * @flow:	of datagrams, each of which is judged
 * @preexisting: it was there before the module
 * @bytes:	of the datagram; received, if @outcome is none
 * @number:	IP protocol of a raw socket, ethertype of a packet socket; 0 = none
 * @mptcp:	inode number of the user's socket, 0 = not MPTCP
 * @policy:	that judged it, NULL = none was loaded; valid under the same
 *		rcu_read_lock()
 * @generation:	of @policy, 0 = none
 */
struct cw_decision {
	const void *key;
	const struct sock *sk;
	struct cw_request request;
	struct cw_local local;
	struct cw_identity identity;
	struct cw_verdict verdict;
	enum cw_outcome outcome;
	bool in;
	bool flow;
	bool preexisting;
	u32 bytes;
	u16 number;
	u64 mptcp;
	const struct cw_policy *policy;
	u64 generation;
};

/* Of the rule that decided: its source line, 0 = the default verdict, and its
 * label, "" = none.  Under the same rcu_read_lock(). */
u32 cw_judge_rule_line(const struct cw_decision *decision);
const char *cw_judge_rule_label(const struct cw_decision *decision);

/* ---- socket.c ------------------------------------------------------------- */

/*
 * Enters a connection of @task that was there before the module, unless @task
 * ends.  bh_lock_sock() is held; @is_still: and nobody else owns @sk.
 */
void cw_socket_enter(const struct sock *sk, struct task_struct *task,
		     bool is_still);

/* ---- sctp.c ---------------------------------------------------------------- */

/* By what the table knows the association of @sk, which is its only one; NULL =
 * there is none.  The socket's lock is held. */
const void *cw_sctp_key(const struct sock *sk);
/* Both ends of @decision, whose key is that.  Likewise. */
void cw_sctp_read_ends(struct cw_decision *decision);
/* @sk is freed.  Any context. */
void cw_sctp_forget(const struct sock *sk);
/* The doors are gone.  May sleep. */
void cw_sctp_exit(void);

/* ---- use.c: streams that are handed on -------------------------------------- */

struct file;

/* Current got @file from another process.  Hook. */
void cw_use_received(struct file *file);
/* Current executes a new program now.  Tracepoint. */
void cw_use_executed(void);

/* ---- conn.c: the table of connections ----------------------------------- */

int cw_conn_init(void);
/* While sockets still tell their end: nothing is looked at for its age any
 * more. */
void cw_conn_stop(void);
/* After cw_conn_stop(), and when nobody else looks at the table. */
void cw_conn_exit(void);
/* Enters the connection that @decision is about.  True: it is there already.
 * Hook, under rcu_read_lock(). */
bool cw_conn_open(const struct cw_decision *decision);
/* The connection is established now.  Any context. */
void cw_conn_establish(const void *key);
/* The connection is over; its socket may be used again.  Any context. */
void cw_conn_close(const void *key, enum cw_ending ending);
/* The memory that @key is the address of goes away.  Any context. */
void cw_conn_forget(const void *key);
u32 cw_conn_number(void);
u32 cw_conn_limit(void);

/* ---- ending.c: how far a connection came --------------------------------- */

/* TCP changes from state @old to @state, from the tracepoint.  Any context. */
void cw_ending_state(const struct sock *sk, int old, int state);
/* Of an association that is over, by the error of its socket. */
enum cw_ending cw_ending_of(int error);

/* ---- flow.c: flows of datagrams -------------------------------------------- */

/*
 * Counts one more datagram that current, which is not the kernel, sends from
 * @local_port in a flow that was allowed under what current is now, and @policy
 * (NULL = none); false: there is none.  Under rcu_read_lock().
 */
bool cw_flow_goes_on(const void *key, const struct cw_request *request,
		     const struct cw_policy *policy, u16 local_port, u32 bytes);
/*
 * Counts what current has sent for sure in a flow that was judged with no bytes;
 * false: there is no such flow.  Any context.
 */
bool cw_flow_sent(const void *key, const struct cw_request *request, u64 bytes);
/*
 * Counts a datagram that current has received from the other end of @request; false:
 * there is no such flow.  Task context, with preemption off.
 */
bool cw_flow_receives(const void *key, const struct cw_request *request,
		      u32 bytes);
/* Has a process begun the flow by the same socket, rather than its peer?  With
 * preemption off. */
bool cw_flow_is_begun(const void *key, const struct cw_request *request);

/* ---- survey.c: connections that are there already ----------------------- */

/* Once the hooks are on.  May sleep. */
void cw_survey(void);

/* ---- event.c: what happens, for a program that writes it down ------------- */

struct conn;

int cw_event_init(void);
void cw_event_exit(void);
/* Hook: @conn is not in the table yet. */
void cw_event_open(struct conn *conn, const struct cw_decision *decision);
/* Of who @identity is, for events that tell its process; "" = they need not.
 * Hook, with preemption off, until it is on again. */
const char *cw_event_cgroup_rcu(const struct cw_identity *identity);
/* Lock of the connection held, as for cw_event_used(). */
void cw_event_close(const struct conn *conn);
/* What came in was answered; @decision is about the answer.  Under the same
 * rcu_read_lock() as that. */
void cw_event_judged(struct conn *conn, const struct cw_decision *decision);
/* @identity has become the user. */
void cw_event_used(struct conn *conn, const struct cw_identity *identity,
		   const char *cgroup);
struct cw_event_untracked;
/* Fills in the header; false: there is no room.  Any context. */
bool cw_event_untracked(const struct cw_event_untracked *record, u16 share);
/* Random, of this load of the module. */
u64 cw_event_instance(void);
extern const struct file_operations cw_event_fops;

/* ---- dump.c: the table as text ------------------------------------------- */

extern const struct seq_operations cw_dump_seq_ops;

/* ---- audit.c: records --------------------------------------------------- */

int cw_audit_init(void);
/* After the hooks are gone: reports what was still pending. */
void cw_audit_exit(void);
/* Hook, outside of locks, under rcu_read_lock(). */
void cw_audit_decision(const struct cw_decision *decision);
/* Decisions counted but not in a record yet.  Any context. */
u64 cw_audit_pending(void);

/* ---- admin.c: records of what administrators did ------------------------ */

/* Process context, no locks held; that of the mode does not wait for auditd. */
void cw_audit_policy_load(u64 generation, u64 old, const struct cw_blob *blob,
			  int error);
void cw_audit_mode(enum cw_mode mode, enum cw_mode old, int error);
void cw_audit_enabled(bool enabled);
/* Writes what still waits.  May sleep. */
void cw_admin_exit(void);

/* ---- fs.c: securityfs ---------------------------------------------------- */

int cw_fs_init(void);
/* CAP_MAC_ADMIN, of who opened the file and of current. */
bool cw_fs_may_write(struct file *file);
void cw_fs_exit(void);

#endif
