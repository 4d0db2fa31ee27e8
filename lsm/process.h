/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes, for the files of the module.  The contexts are those of cw.h.
 */
#ifndef CW_PROCESS_H
#define CW_PROCESS_H

#include <linux/cache.h>
#include <linux/refcount.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "policy/engine/engine.h"
#include "digest.h"

struct cw_exe;
struct cw_known;
struct file;
struct linux_binprm;

struct cw_ancestor {
	struct cw_exe *exe;
	pid_t tgid;
	u64 start;	/* ns since boot */
};

/**
 * struct cw_lineage - ancestors, nearest first; shared by siblings
 * @users:	references, 0 = about to be freed; apart from the rest: written at
 *		each fork, the rest is read by decisions
 * @count:	number of ancestors, at most CW_ANCESTORS
 * @path:	for the engine: of @of, NULL where not plain
 * @of:		the ancestors
 */
struct cw_lineage {
	refcount_t users;
	u32 count ____cacheline_aligned_in_smp;
	const char *path[CW_ANCESTORS];
	struct cw_ancestor of[CW_ANCESTORS];
};

/**
 * struct cw_process - one program executed by one process; never changes but
 *		       for @children, @asked and what follows it, and @known
 * @node:	in the table of processes
 * @rcu:	looked up under RCU
 * @users:	references; 0 = about to be freed
 * @id:		never used again
 * @tgid:	in the initial pid namespace; 0 = stands for others
 * @start:	of the process, ns since boot
 * @exe:	reference, never NULL, like the following ones
 * @script:	the file that was asked for, if @exe is its interpreter, or NULL;
 *		plain if it was asked for by its own path
 * @script_name: else the absolute name that it was asked for by, or NULL
 * @by_env:	@exe was executed by env, which was the interpreter of @script
 * @lineage:	or NULL = no ancestors but the kernel
 * @children:	lineage of the children, made when the first is forked
 * @asked:	file of an execution under way, or of one that failed; what
 *		becomes its @script.  Like the next three it is changed by the
 *		process only, under its cred_guard_mutex
 * @asked_name:	likewise its @script_name
 * @asked_by_env: likewise its @by_env
 * @hands_on:	@exe is env, and its next execution may still get @script
 * @known:	RCU; ident.c
 * @inode:	of @exe, when it was executed
 * @preloaded:	@exe was read when the module was loaded, not at exec
 * @clean_env:	cw_environ_is_clean() at exec; false if @preloaded
 * @users:	with what follows, apart from the rest: written whenever a
 *		connection is made, the rest is read by decisions
 * @told:	to which reader of events, 0 = none; acquire, release
 * @told_at:	by which record, cw_ring_finish(); READ_ONCE, WRITE_ONCE
 *
 * cw_process_alloc() sets every one of them.
 */
struct cw_process {
	struct hlist_node node;
	u64 id;
	u64 start;
	pid_t tgid;
	bool preloaded;
	bool clean_env;
	bool by_env;
	struct cw_exe *exe;
	struct cw_exe *script;
	struct cw_exe *script_name;
	struct cw_lineage *lineage;
	struct cw_known __rcu *known;
	struct cw_inode inode;

	refcount_t users ____cacheline_aligned_in_smp;
	u32 told;
	u64 told_at;
	struct rcu_head rcu;
	struct cw_lineage *children;
	struct cw_exe *asked;
	struct cw_exe *asked_name;
	bool asked_by_env;
	bool hands_on;
};

/* ---- process.c: what each process executes ------------------------------- */

int cw_process_init(void);
void cw_process_end(void);
/* Tracepoints and hooks: task context, current is the one they are about
 * (fork: its parent). */
void cw_process_fork(struct task_struct *child);
void cw_process_exec(const struct linux_binprm *bprm);
void cw_process_exit(const struct task_struct *task);
/* Of current, "unknown" at worst; valid until rcu_read_unlock(). */
struct cw_process *cw_process_find_rcu(void);
/* Likewise of another task. */
struct cw_process *cw_process_of_rcu(const struct task_struct *task);
/* Stands for those that are not known. */
struct cw_process *cw_process_unknown(void);
/* The file that @task executes, with a reference; NULL = none.  task_lock() held,
 * under rcu_read_lock(). */
struct file *cw_process_file(const struct task_struct *task);
/* Stands for the kernel itself. */
struct cw_process *cw_process_kernel(void);
/* @process, or what stands for it when there are too many executables. */
const struct cw_process *cw_process_keepable(const struct cw_process *process);
/* A reference to @process, or to one that stands for it when there are too
 * many executables. */
struct cw_process *cw_process_hold_rcu(struct cw_process *process);
/* Any context. */
void cw_process_put(struct cw_process *process);
u32 cw_process_number(void);

/*
 * For those that make entries.
 */

/* Of the thread group: a thread that executes takes over the leader's. */
static inline u64 cw_process_start(const struct task_struct *task)
{
	return task->group_leader->start_boottime;
}

/* A new entry, in no list; NULL = no memory.  Any context. */
struct cw_process *cw_process_alloc(pid_t tgid, u64 start);
/* RCU callback, or nobody else has seen @process. */
void cw_process_free(struct cw_process *process);
/* The entry with this number, whatever its start; NULL = none. */
struct cw_process *cw_process_at_rcu(pid_t tgid);
/* Enters @process, which is @task's, unless fork or exec have entered it by now,
 * or it ended: false.  Task context. */
bool cw_process_enter(struct cw_process *process,
		      const struct task_struct *task);

/* ---- script.c: what the kernel was asked to execute ---------------------- */

/* The kernel was asked to execute a file, or its interpreter.  Hook. */
void cw_script_asked(const struct linux_binprm *bprm);
/* Gives @process, which current executes now, the script that @old, its entry
 * before, has kept.  Tracepoint, under rcu_read_lock(). */
void cw_script_take(struct cw_process *process, struct cw_process *old,
		    const struct linux_binprm *bprm);
/*
 * Does @process execute env on behalf of a script whose #! names it?  Then env
 * executes the interpreter next, and nothing of its user's can have run in it.
 */
bool cw_script_runs_env(const struct cw_process *process);

/* ---- preload.c: processes that were alive before the module --------------- */

/* Once the tracepoints are on; -ENOMEM.  May sleep. */
int cw_preload(void);

/* ---- lineage.c: ancestors ------------------------------------------------ */

/*
 * The ancestors of the children of @process, with a reference; made once for all
 * children.  NULL = no memory.  @process cannot go away: it is the caller's own,
 * or the caller has a reference.
 */
struct cw_lineage *cw_lineage_of_children(struct cw_process *process);
/* NULL is fine.  Any context. */
void cw_lineage_put(struct cw_lineage *lineage);

#endif
