// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a file that is executed is called, so that the name says where it is, and
 * whether a rule may go by its path.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/nsproxy.h>
#include <linux/path.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#include "cw.h"

/* Root directory of the host: that of process 1 when the module was loaded. */
static struct path host_root __read_mostly;

/* Longest text before a path: [ENGINE:NAME,MAJOR:MINOR](deleted) */
#define MARK_MAX (CW_CONTAINER_SHOWN + 48)

/*
 * A path and room before it, for each CPU, used with preemption off, in task
 * context only.  Allocated, for static per-CPU memory of modules is a few KiB in
 * all.
 */
static char __percpu *path_buffer __read_mostly;
#define BUFFER_SIZE (MARK_MAX + CW_PATH_MAX)

/* ---- views ------------------------------------------------------------------ */

/* The host's own view: its mounts, its root. */
static bool is_host_view(const struct task_struct *task,
			 const struct path *root)
{
	return task->nsproxy->mnt_ns == init_task.nsproxy->mnt_ns &&
	       path_equal(root, &host_root);
}

/*
 * A view of the host's root directory that only a privileged process can have
 * made: the sandboxes of systemd's services.  A container has another root
 * directory, an unprivileged user another user namespace.
 */
static bool is_trusted_view(const struct task_struct *task,
			    const struct path *root)
{
	return __task_cred(task)->user_ns == &init_user_ns &&
	       root->dentry == host_root.dentry;
}

/*
 * Does the path of @file mean the host's file?  Not when somebody could have put
 * any file at that path: by a bind mount in a mount namespace of his own, by
 * chroot, or by running a file of another mount namespace (/proc/PID/root/...),
 * whose path d_path() gives as if it were here.  fs->lock held.
 */
static bool is_on_host(const struct task_struct *task, const struct file *file)
{
	const struct path *root = &task->fs->root;

	return task->nsproxy &&
	       (is_host_view(task, root) || is_trusted_view(task, root)) &&
	       path_is_under(&file->f_path, root);
}

/* Whoever makes a user namespace can make mounts in it. */
static bool is_made_by_root(const struct user_namespace *ns)
{
	for (; ns != &init_user_ns; ns = ns->parent)
		if (!uid_eq(ns->owner, GLOBAL_ROOT_UID))
			return false;
	return true;
}

/*
 * Does the path of @file, from the root directory of @task, mean a file of the
 * container that @task is in?  fs->lock held.
 */
static bool is_in_container(const struct task_struct *task,
			    const struct file *file)
{
	return is_made_by_root(__task_cred(task)->user_ns) &&
	       path_is_under(&file->f_path, &task->fs->root);
}

/* A file that never had a path, such as one of memfd_create(). */
static bool is_nameless(const struct dentry *dentry)
{
	return IS_ROOT(dentry) && d_unhashed(dentry);
}

/*
 * The path as the task sees it, without what d_path() puts behind that of a
 * deleted file: a file can have a name that ends so.
 */
char *cw_describe_path(const struct file *file, char *buffer, int size,
		       bool *deleted)
{
	static const char mark[] = " (deleted)";
	const struct dentry *dentry = file->f_path.dentry;
	char *path;
	size_t length;

	*deleted = d_unlinked(dentry);
	path = d_path(&file->f_path, buffer, size);
	/* Deleted in between?  It stays so. */
	if (!*deleted && d_unlinked(dentry)) {
		*deleted = true;
		path = d_path(&file->f_path, buffer, size);
	}
	if (IS_ERR(path) || !*deleted)
		return path;
	length = strlen(path);
	if (length >= strlen(mark) &&
	    !strcmp(path + length - strlen(mark), mark))
		path[length - strlen(mark)] = '\0';
	return path;
}

/* Puts [WHERE,OF](deleted) before @path, which has room for it. */
static char *put_prefix(char *path, const char *where, const char *of,
			bool deleted)
{
	char prefix[MARK_MAX] = "";
	int length = 0;

	if (where[0] || of[0])
		length = scnprintf(prefix, sizeof(prefix), "[%s%s%s]", where,
				   where[0] && of[0] ? "," : "", of);
	if (deleted)
		length += scnprintf(prefix + length, sizeof(prefix) - length,
				    "(deleted)");
	if (length + strlen(path) >= CW_PATH_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	return memcpy(path - length, prefix, length);
}

static char *nameless_path(const struct file *file, char *buffer,
			   const char *where)
{
	static const char memfd[] = "memfd:";
	const char *name = file->f_path.dentry->d_name.name;

	if (strncmp(name, memfd, strlen(memfd)))
		return ERR_PTR(-ENOENT);
	strscpy(buffer + MARK_MAX, name + strlen(memfd), CW_PATH_MAX);
	return put_prefix(buffer + MARK_MAX, where, "memfd", false);
}

/*
 * What @file is when its path would say something else to others: its file
 * system and the path in there.
 */
static char *foreign_path(const struct file *file, char *buffer,
			  const char *where)
{
	struct dentry *dentry = file->f_path.dentry;
	dev_t dev = file_inode(file)->i_sb->s_dev;
	char of[24], *path = ERR_PTR(-ENOENT);

	if (is_nameless(dentry))
		path = nameless_path(file, buffer, where);
	if (!IS_ERR(path))
		return path;
	snprintf(of, sizeof(of), "%u:%u", MAJOR(dev), MINOR(dev));
	path = dentry_path_raw(dentry, buffer + MARK_MAX, CW_PATH_MAX);
	return IS_ERR(path) ? path :
	       put_prefix(path, where, of, d_unlinked(dentry));
}

/*
 * No two of these forms can be the same text, and none of them begins with a
 * slash but that of a file on the host, which is there:
 *
 *	/usr/bin/curl				on the host
 *	(deleted)/usr/bin/curl			it was on the host
 *	[docker:0123456789ab]/usr/bin/curl	in a container, as seen in there
 *	[254:1]/home/u/curl			elsewhere: device, path in its
 *						file system
 *	[memfd]name				in memory only
 *
 * and their combinations.  fs->lock held, so that the root cannot change between
 * the path and what is found out about it; the path first, for a mount that is
 * taken away meanwhile stays away.  @where: "" = not in a container.  @keep: that
 * it is deleted does not matter.
 */
static char *describe_locked(const struct task_struct *task,
			     const struct file *file, char *buffer,
			     const char *where, bool keep, bool *plain)
{
	bool deleted, on_host;
	char *path = cw_describe_path(file, buffer + MARK_MAX, CW_PATH_MAX,
				      &deleted);

	on_host = is_on_host(task, file);
	*plain = !IS_ERR(path) && on_host && (!deleted || keep);
	if (*plain || (IS_ERR(path) && on_host))
		return path;
	if (on_host)
		return put_prefix(path, "", "", deleted);
	if (where[0] && is_in_container(task, file))
		return IS_ERR(path) ? path :
		       put_prefix(path, where, "", deleted);
	return foreign_path(file, buffer, where);
}

static char *describe(const struct task_struct *task, const struct file *file,
		      char *buffer, const char *where, bool keep, bool *plain)
{
	char *path = ERR_PTR(-ENOENT);

	if (task->fs) {
		cw_compat_fs_lock(task->fs);
		path = describe_locked(task, file, buffer, where, keep, plain);
		cw_compat_fs_unlock(task->fs);
	}
	return path;
}

/* Leaves @where as it is when @task is in no container. */
static void find_container(struct task_struct *task,
			   char where[CW_CONTAINER_SHOWN])
{
	const char *cgroup = cw_ident_cgroup_rcu(task);
	struct cw_container container;

	if (cgroup && cw_container_find(cgroup, &container))
		cw_container_show(&container, where);
}

/*
 * A path that does not fit is none that a rule could name.  Containers are looked
 * for only when they matter, since most programs are the host's.
 */
static struct cw_exe *intern(struct task_struct *task, const struct file *file,
			     const char *asked_as, bool keep)
{
	char where[CW_CONTAINER_SHOWN] = "", *buffer, *path;
	struct cw_exe *exe;
	bool plain = false;
	size_t length;

	preempt_disable();
	buffer = this_cpu_ptr(path_buffer);
	path = describe(task, file, buffer, where, keep, &plain);
	if (!plain) {
		find_container(task, where);	/* in the same buffer */
		path = describe(task, file, buffer, where, keep, &plain);
	}
	if (IS_ERR(path)) {
		strscpy(buffer, "[path-too-long]", CW_PATH_MAX);
		path = buffer;
	}
	/* d_path() writes up to the end, and of this nothing was cut. */
	length = plain && !keep ? buffer + BUFFER_SIZE - 1 - path : strlen(path);
	exe = cw_exe_intern(path, length, plain &&
			    (!asked_as || !strcmp(asked_as, path)));
	preempt_enable();
	return exe;
}

struct cw_exe *cw_describe(struct task_struct *task, const struct file *file,
			   const char *asked_as)
{
	return intern(task, file, asked_as, false);
}

struct cw_exe *cw_describe_preloaded(struct task_struct *task,
				     const struct file *file)
{
	return intern(task, file, NULL,
		      cw_replaced_keeps(file->f_path.dentry));
}

char *cw_describe_buffer(void)
{
	return this_cpu_ptr(path_buffer);
}

bool cw_describe_sees_host(void)
{
	bool sees;

	cw_compat_fs_lock(current->fs);
	sees = is_host_view(current, &current->fs->root);
	cw_compat_fs_unlock(current->fs);
	return sees;
}

/* ---- start and end ---------------------------------------------------------- */

static int find_host_root(void)
{
	struct task_struct *init;

	rcu_read_lock();
	init = pid_task(find_pid_ns(1, &init_pid_ns), PIDTYPE_PID);
	if (init)
		get_task_struct(init);
	rcu_read_unlock();
	if (!init)
		return -ESRCH;
	task_lock(init);
	if (init->fs)
		get_fs_root(init->fs, &host_root);
	task_unlock(init);
	put_task_struct(init);
	return host_root.dentry ? 0 : -ESRCH;
}

int cw_describe_init(void)
{
	int ret = find_host_root();

	if (ret)
		return ret;
	path_buffer = __alloc_percpu(BUFFER_SIZE, 1);
	if (path_buffer)
		return 0;
	path_put(&host_root);
	return -ENOMEM;
}

void cw_describe_exit(void)
{
	free_percpu(path_buffer);
	path_put(&host_root);
}
