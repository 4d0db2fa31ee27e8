// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running programs whose file was replaced or deleted since they were started,
 * as /proc shows them.  The module knows what they execute as long as it stays
 * loaded.  When it is loaded anew it believes the path of such a file if root
 * alone could replace it: by the rule of lsm/replaced.c.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replaced.h"
#include "include/cw_abi.h"
#include "policy/engine/engine.h"

#define MARK " (deleted)"

/* The text of a link below a directory; false = none, or too long. */
static bool read_link(int dir, const char *name, char *text, size_t size)
{
	ssize_t length = readlinkat(dir, name, text, size - 1);

	text[length > 0 ? length : 0] = '\0';
	return length > 0 && (size_t)length < size - 1;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_same_namespace(int proc, int process, const char *name)
{
	char first[64], own[64], path[64];

	snprintf(path, sizeof(path), "1/%s", name);
	return read_link(proc, path, first, sizeof(first)) &&
	       read_link(process, name, own, sizeof(own)) &&
	       !strcmp(first, own);
}

/* Does the process see the host's files, or a sandbox of root's? */
static bool sees_host(const char *root, int proc, int process)
{
	struct stat host, own;

	return !stat(root[0] ? root : "/", &host) &&
	       !fstatat(process, "root", &own, 0) && is_same(&host, &own) &&
	       (is_same_namespace(proc, process, "ns/mnt") ||
		is_same_namespace(proc, process, "ns/user"));
}

/* Takes the mark off @path; false: the file is there. */
static bool take_mark(const char *root, int process, char *path)
{
	size_t length = strlen(path), mark = strlen(MARK);
	char whole[2 * CW_PATH_MAX];
	struct stat file, there;

	if (length <= mark || strcmp(path + length - mark, MARK) ||
	    !strncmp(path, "/memfd:", 7))
		return false;
	/* A file may be named so. */
	snprintf(whole, sizeof(whole), "%s%s", root, path);
	if (!fstatat(process, "exe", &file, 0) && !stat(whole, &there) &&
	    is_same(&file, &there))
		return false;
	path[length - mark] = '\0';
	return path[0] == '/';
}

static bool is_roots_alone(const char *path)
{
	struct stat dir;

	return !lstat(path, &dir) && S_ISDIR(dir.st_mode) && !dir.st_uid &&
	       !(dir.st_mode & 0022);
}

/* Do all directories above @path belong to root, and may only root write? */
static bool is_kept(const char *root, const char *path)
{
	char whole[2 * CW_PATH_MAX];
	size_t at = strlen(root);

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	if (!is_roots_alone(root[0] ? root : "/"))
		return false;
	while (whole[++at])
		if (whole[at] == '/') {
			whole[at] = '\0';
			if (!is_roots_alone(whole))
				return false;
			whole[at] = '/';
		}
	return true;
}

static void read_unit(int process, char *unit, size_t size)
{
	int fd = openat(process, "cgroup", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[CW_PATH_MAX + 8];

	unit[0] = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		struct cw_part part;

		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::", 3))
			continue;
		part = cw_cgroup_unit(line + 3);
		snprintf(unit, size, "%.*s", (int)part.size, part.text);
	}
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
}

static bool is_known(const struct cw_replaced *replaced,
		     const struct cw_replaced_program *program)
{
	for (size_t i = 0; i < replaced->count; i++)
		if (!strcmp(replaced->programs[i].path, program->path) &&
		    !strcmp(replaced->programs[i].unit, program->unit))
			return true;
	return false;
}

/* Workers of one service count once. */
static int add(struct cw_replaced *replaced, const char *root, int process,
	       uint32_t tgid, const char *path)
{
	struct cw_replaced_program program = { .tgid = tgid }, *more;

	read_unit(process, program.unit, sizeof(program.unit));
	program.path = strdup(path);
	if (!program.path)
		return -ENOMEM;
	if (is_known(replaced, &program)) {
		free(program.path);
		return 0;
	}
	program.is_kept = is_kept(root, path);
	more = reallocarray(replaced->programs, replaced->count + 1,
			    sizeof(*more));
	if (!more) {
		free(program.path);
		return -ENOMEM;
	}
	replaced->programs = more;
	more[replaced->count++] = program;
	replaced->lost += !program.is_kept;
	return 0;
}

static int look_at(struct cw_replaced *replaced, const char *root, int proc,
		   const char *name)
{
	int process = openat(proc, name, O_DIRECTORY | O_PATH | O_CLOEXEC);
	char path[CW_PATH_MAX + sizeof(MARK)];
	int ret = 0;

	if (process < 0)
		return 0;
	if (read_link(process, "exe", path, sizeof(path)) &&
	    take_mark(root, process, path) && sees_host(root, proc, process))
		ret = add(replaced, root, process, atoi(name), path);
	close(process);
	return ret;
}

int cw_replaced_read(struct cw_replaced *replaced, const char *root)
{
	const struct dirent *entry;
	char path[CW_PATH_MAX];
	int ret = 0;
	DIR *dir;

	memset(replaced, 0, sizeof(*replaced));
	snprintf(path, sizeof(path), "%s/proc", root);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (!ret && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			ret = look_at(replaced, root, dirfd(dir),
				      entry->d_name);
	closedir(dir);
	if (ret)
		cw_replaced_free(replaced);
	return ret;
}

void cw_replaced_free(struct cw_replaced *replaced)
{
	for (size_t i = 0; i < replaced->count; i++)
		free(replaced->programs[i].path);
	free(replaced->programs);
	memset(replaced, 0, sizeof(*replaced));
}
