// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a path leads through symbolic links, if nobody but root can make it lead
 * elsewhere.
 *
 * An interpreter opens its script again, by the name that was asked for.  When
 * that is a link, both are the same file only if every directory that holds a
 * link or a part of the way is root's own.
 */
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "passes.h"

#define LINKS_MAX	40	/* as many as Linux follows */

struct walk {
	char done[CW_PATH_MAX];		/* no links in it; "" = the root */
	char rest[2 * CW_PATH_MAX];	/* still to be walked */
	char *culprit;			/* first directory that is not root's */
	u32 links;
};

static void check_directory(struct walk *walk)
{
	const char *path = *walk->done ? walk->done : "/";
	struct stat status;

	if (!*walk->culprit &&
	    (stat(path, &status) || status.st_uid ||
	     status.st_mode & (S_IWGRP | S_IWOTH)))
		strcpy(walk->culprit, path);
}

/* The link at @path is next on the way, in place of its name. */
static int follow(struct walk *walk, const char *path, const char *rest)
{
	char content[CW_PATH_MAX], whole[2 * CW_PATH_MAX];
	ssize_t size = readlink(path, content, sizeof(content) - 1);

	if (size <= 0 || ++walk->links > LINKS_MAX)
		return -ELOOP;
	content[size] = 0;
	if (snprintf(whole, sizeof(whole), "%s/%s", content, rest) >=
	    (int)sizeof(whole))
		return -ENAMETOOLONG;
	strcpy(walk->rest, whole);
	if (*content == '/')
		*walk->done = 0;
	return 0;
}

static void leave(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/');

	if (slash)
		*slash = 0;
}

/* Walks on by one component; 1 = there is none left. */
static int step(struct walk *walk)
{
	char path[2 * CW_PATH_MAX], rest[2 * CW_PATH_MAX], *name = walk->rest;
	struct stat status;
	size_t size;

	name += strspn(name, "/");
	size = strcspn(name, "/");
	if (!size)
		return 1;
	strcpy(rest, name + size);
	name[size] = 0;
	check_directory(walk);
	snprintf(path, sizeof(path), "%s/%s", walk->done, name);
	if (strlen(path) >= CW_PATH_MAX)
		return -ENAMETOOLONG;
	if (!strcmp(name, "..")) {
		leave(walk);
	} else if (strcmp(name, ".")) {
		if (lstat(path, &status))
			return -errno;
		if (S_ISLNK(status.st_mode))
			return follow(walk, path, rest);
		strcpy(walk->done, path);
	}
	strcpy(walk->rest, rest);
	return 0;
}

int cw_link_follow(const char *path, char target[CW_PATH_MAX],
		   char culprit[CW_PATH_MAX])
{
	struct walk walk = { .culprit = culprit };
	int error;

	*culprit = 0;
	if (*path != '/' || strlen(path) >= CW_PATH_MAX)
		return -EINVAL;
	strcpy(walk.rest, path);
	do
		error = step(&walk);
	while (!error);
	if (error < 0)
		return error;
	strcpy(target, walk.done);
	if (!walk.links)
		return 0;
	return *culprit ? -EPERM : 1;
}
