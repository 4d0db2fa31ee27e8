// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may change a file of rules: opens it the way the kernel would, one name
 * of the path after the other, and looks at the owner and the mode of all that
 * decides which file that is.
 *
 * Nothing is opened before it is known to be a regular file: opening a device
 * may already do something, and a FIFO may never be opened.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "passes.h"

#define LINKS_MAX	40	/* as in the kernel */

struct walk {
	int dir, fd;		/* O_PATH */
	struct stat status;	/* of fd */
	u32 links;
	char rest[CW_PATH_MAX * 2];	/* of the path, not walked yet */
	char done[CW_PATH_MAX * 2];	/* for messages */
	char *why;
	size_t room;
};

/* In a sticky directory nobody can replace a file of root. */
static void judge(struct walk *walk)
{
	const struct stat *status = &walk->status;
	bool is_sticky = S_ISDIR(status->st_mode) && status->st_mode & S_ISVTX;
	const char *who = NULL;

	if (walk->why[0])
		return;
	if (status->st_uid && status->st_uid != geteuid())
		snprintf(walk->why, walk->room, "%s belongs to uid %u",
			 walk->done, status->st_uid);
	else if (S_ISLNK(status->st_mode) || is_sticky)
		return;
	else if (status->st_mode & S_IWOTH)
		who = "everybody";
	else if (status->st_mode & S_IWGRP && status->st_gid)
		who = "its group";
	if (who)
		snprintf(walk->why, walk->room, "%s may be changed by %s (mode "
			 "%04o, gid %u)", walk->done, who,
			 status->st_mode & 07777, status->st_gid);
}

static int set_dir(struct walk *walk, int fd)
{
	if (fd < 0)
		return -errno;
	if (walk->dir >= 0)
		close(walk->dir);
	walk->dir = fd;
	return 0;
}

static int go_to_root(struct walk *walk)
{
	int error = set_dir(walk, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));

	strcpy(walk->done, "/");
	if (error || fstat(walk->dir, &walk->status))
		return error ? error : -errno;
	judge(walk);
	return 0;
}

/* What a link says comes before what is left of the path. */
static int follow(struct walk *walk)
{
	char target[CW_PATH_MAX], rest[sizeof(walk->rest)];
	ssize_t size = readlinkat(walk->fd, "", target, sizeof(target) - 1);
	char *slash;

	if (size <= 0)
		return size ? -errno : -ENOENT;
	target[size] = 0;
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	if (snprintf(rest, sizeof(rest), "%s%s", target, walk->rest) >=
	    (int)sizeof(rest))
		return -ENAMETOOLONG;
	strcpy(walk->rest, rest);
	if (*target == '/')
		return go_to_root(walk);
	slash = strrchr(walk->done, '/');
	slash[slash == walk->done] = 0;
	return 0;
}

/* Takes the next name off the path; NULL = there is none. */
static char *next_name(struct walk *walk, char name[CW_PATH_MAX])
{
	size_t skip = strspn(walk->rest, "/");
	size_t size = strcspn(walk->rest + skip, "/");

	if (!size || size >= CW_PATH_MAX)
		return NULL;
	memcpy(name, walk->rest + skip, size);
	name[size] = 0;
	memmove(walk->rest, walk->rest + skip + size,
		strlen(walk->rest + skip + size) + 1);
	return name;
}

static void note_name(struct walk *walk, const char *name)
{
	size_t size = strlen(walk->done);

	snprintf(walk->done + size, sizeof(walk->done) - size, "%s%s",
		 size > 1 ? "/" : "", name);
}

/* 1 = walk->fd is the file, 0 = go on. */
static int step(struct walk *walk)
{
	char name[CW_PATH_MAX];
	int error;

	if (!next_name(walk, name))
		return -EISDIR;
	if (!strcmp(name, "."))
		return 0;
	walk->fd = openat(walk->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (walk->fd < 0 || fstat(walk->fd, &walk->status))
		return -errno;
	note_name(walk, name);
	if (S_ISREG(walk->status.st_mode) && walk->rest[0])
		return -ENOTDIR;
	if (!S_ISDIR(walk->status.st_mode) && !S_ISLNK(walk->status.st_mode) &&
	    !S_ISREG(walk->status.st_mode))
		return -ENXIO;
	judge(walk);
	if (S_ISREG(walk->status.st_mode))
		return 1;
	if (S_ISDIR(walk->status.st_mode)) {
		error = set_dir(walk, walk->fd);
	} else {
		error = follow(walk);
		close(walk->fd);
	}
	walk->fd = -1;
	return error;
}

/* What the kernel makes up as it is read, some of it without an end. */
static bool is_made_up(int fd)
{
	static const unsigned long magic[] = {
		PROC_SUPER_MAGIC, SYSFS_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC,
		SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
		BPF_FS_MAGIC, PSTOREFS_MAGIC, EFIVARFS_MAGIC, SELINUX_MAGIC,
	};
	struct statfs fs;
	u32 i;

	if (fstatfs(fd, &fs))
		return false;
	for (i = 0; i < ARRAY_SIZE(magic); i++)
		if ((unsigned long)fs.f_type == magic[i])
			return true;
	return false;
}

/* Of an open O_PATH descriptor, so that no other file can take its place. */
static int open_for_reading(int path)
{
	char name[32];
	int fd;

	if (is_made_up(path))
		return -ENXIO;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", path);
	fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int cw_trust_open(const char *path, struct stat *status, char *why,
		  size_t room)
{
	struct walk walk = { .dir = -1, .fd = -1, .why = why, .room = room };
	int result;

	why[0] = 0;
	if (strlen(path) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	strcpy(walk.rest, path);
	result = go_to_root(&walk);
	while (!result)
		result = step(&walk);
	*status = walk.status;
	if (result > 0)
		result = open_for_reading(walk.fd);
	if (walk.fd >= 0)
		close(walk.fd);
	if (walk.dir >= 0)
		close(walk.dir);
	return result;
}
