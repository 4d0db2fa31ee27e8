// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that were alive when the module came.  They are entered by the file
 * that the kernel says they execute, and are marked `preloaded`.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "cw.h"

/* A process's real parent is older, so it has been entered before. */
static struct cw_lineage *lineage_of(const struct task_struct *task)
{
	const struct task_struct *parent = rcu_dereference(task->real_parent);
	struct cw_process *process;

	process = cw_process_at_rcu(parent->tgid);
	return process ? cw_lineage_of_children(process) : NULL;
}

/* NULL = a kernel thread or a zombie; else an entry or an error. */
static struct cw_process *make_preloaded(struct task_struct *task)
{
	struct cw_process *process = NULL;
	struct file *file;

	task_lock(task);
	file = cw_process_file(task);
	if (file) {
		process = cw_process_alloc(task->tgid, cw_process_start(task));
		if (process) {
			process->exe = cw_describe_preloaded(task, file);
			cw_digest_read_inode(&process->inode, file);
			process->preloaded = true;
		}
		fput(file);
	}
	task_unlock(task);
	if (!file)
		return NULL;
	if (process && process->exe)
		return process;
	if (process)
		cw_process_free(process);
	return ERR_PTR(-ENOMEM);
}

/* An upgrade that loads the module anew should not find out by an EPERM. */
static void tell_if_lost(const struct cw_process *process)
{
	const char *path = process->exe->path;

	if (path[0] == '(')
		pr_warn_ratelimited("%s: process %d runs %*pE: no path rule matches it until it is started anew\n",
				    CW_NAME, process->tgid,
				    (int)min_t(size_t, strlen(path), 200),
				    path);
}

static int preload(struct task_struct *task)
{
	struct cw_process *process = make_preloaded(task);

	if (IS_ERR_OR_NULL(process))
		return PTR_ERR_OR_ZERO(process);
	process->lineage = lineage_of(task);
	tell_if_lost(process);
	if (!cw_process_enter(process, task))
		cw_process_free(process);
	return 0;
}

static int preload_all(void)
{
	struct task_struct *leader, *task;
	int ret = 0;

	rcu_read_lock();
	for_each_process_thread(leader, task) {
		if (cw_process_at_rcu(task->tgid))
			continue;
		ret = preload(task);
		if (ret)
			break;
	}
	rcu_read_unlock();
	return ret;
}

/*
 * The tracepoints are on: whoever forks or executes meanwhile enters itself.
 * Every thread is tried, for a leader may have ended before the others.
 */
int cw_preload(void)
{
	int ret;

	cw_replaced_find();
	ret = preload_all();
	cw_replaced_forget();
	return ret;
}
