// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that were running when the module came, and whose file had been
 * replaced or deleted by then: an upgrade does that.  The dentry of such a file
 * still has the name that was taken away from it, and its directory.  When root
 * alone could put a file there and take it away, nobody else can have made the
 * process look like that program, and it keeps its path.
 *
 * Root alone could when the directory is found by its path today, and it and all
 * above it belong to root and nobody else may write there; the bits of the group
 * also bound what an ACL gives.  Whether somebody may delete in it (the sticky
 * bit) does not matter: he must not create.  What a user mounts has no setuid
 * programs, so owners there mean nothing.
 *
 * All of it happens while the module is loaded, in task context, and may sleep
 * but for the look at the processes.  Only those that were there before are
 * asked about: who executes a deleted file later is not its program.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "cw.h"

/**
 * struct replaced - a file that was replaced, of one program or more
 * @list:	in the list of all of them
 * @file:	reference, so that nothing else gets the dentry's address
 */
struct replaced {
	struct list_head list;
	struct file *file;
};

/* Only the task that loads the module touches it. */
static LIST_HEAD(all);

static void drop(struct replaced *replaced)
{
	list_del(&replaced->list);
	fput(replaced->file);
	kfree(replaced);
}

/* ---- finding them --------------------------------------------------------------- */

static bool is_roots_alone(const struct inode *inode)
{
	return uid_eq(inode->i_uid, GLOBAL_ROOT_UID) && !(inode->i_mode & 0022);
}

/*
 * A first look, without sleeping, so that users cannot make the list long.  A
 * dentry that is unlinked is not moved any more.
 */
static bool may_be_roots(const struct file *file)
{
	const struct dentry *dentry = file->f_path.dentry;

	return d_unlinked(dentry) && S_ISREG(file_inode(file)->i_mode) &&
	       is_roots_alone(d_inode(dentry->d_parent)) &&
	       dentry->d_sb->s_user_ns == &init_user_ns &&
	       !(file->f_path.mnt->mnt_flags & MNT_NOSUID);
}

bool cw_replaced_keeps(const struct dentry *dentry)
{
	const struct replaced *replaced;

	list_for_each_entry(replaced, &all, list)
		if (replaced->file->f_path.dentry == dentry)
			return true;
	return false;
}

/* Takes over the reference to @file.  Without memory it is not kept. */
static void note(struct file *file)
{
	struct replaced *replaced = NULL;

	if (may_be_roots(file) && !cw_replaced_keeps(file->f_path.dentry))
		replaced = kmalloc(sizeof(*replaced), GFP_ATOMIC | __GFP_NOWARN);
	if (!replaced) {
		fput(file);
		return;
	}
	replaced->file = file;
	list_add(&replaced->list, &all);
}

static void note_all(void)
{
	struct task_struct *leader, *task;
	struct file *file;

	rcu_read_lock();
	for_each_process_thread(leader, task) {
		task_lock(task);
		file = cw_process_file(task);
		task_unlock(task);
		if (file)
			note(file);
	}
	rcu_read_unlock();
}

/* ---- could root alone have done it? --------------------------------------------- */

/* @path: a directory; @last: and it has to be this one, NULL = any. */
static bool check_directory(const char *path, const struct dentry *last)
{
	struct path at;
	bool ok;

	if (kern_path(path, 0, &at))
		return false;
	ok = S_ISDIR(d_inode(at.dentry)->i_mode) &&
	     is_roots_alone(d_inode(at.dentry)) && (!last || at.dentry == last);
	path_put(&at);
	return ok;
}

/* @path is absolute and is changed for the time of the call. */
static bool check_directories(char *path, const struct dentry *parent)
{
	char *last = strrchr(path, '/'), *slash = path;
	bool ok;

	if (!check_directory("/", last == path ? parent : NULL))
		return false;
	while (slash != last) {
		slash = strchr(slash + 1, '/');
		*slash = '\0';
		ok = check_directory(path, slash == last ? parent : NULL);
		*slash = '/';
		if (!ok)
			return false;
	}
	return true;
}

static bool could_root_alone(const struct file *file, char *buffer)
{
	bool deleted;
	char *path = cw_describe_path(file, buffer, CW_PATH_MAX, &deleted);

	return !IS_ERR(path) && deleted && path[0] == '/' &&
	       check_directories(path, file->f_path.dentry->d_parent);
}

void cw_replaced_find(void)
{
	struct replaced *replaced, *next;
	char *buffer;

	/* Paths are looked up as the task sees them that loads the module. */
	if (!cw_describe_sees_host())
		return;
	note_all();
	buffer = kmalloc(CW_PATH_MAX, GFP_KERNEL);
	list_for_each_entry_safe(replaced, next, &all, list)
		if (!buffer || !could_root_alone(replaced->file, buffer))
			drop(replaced);
	kfree(buffer);
}

void cw_replaced_forget(void)
{
	struct replaced *replaced, *next;

	list_for_each_entry_safe(replaced, next, &all, list)
		drop(replaced);
}
