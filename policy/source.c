// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source files: the only part of the compiler that reads from disk.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "passes.h"

#define READ_SIZE	(1u << 16)	/* bytes; doubles */

/* Takes over @text, which is freed when there is no memory. */
static int push_source(struct cw_ruleset *ruleset, const char *name, char *text,
		       size_t size)
{
	struct cw_arena *arena = ruleset->arena;
	struct cw_source *source;
	char **file, *copy;

	copy = cw_ruleset_string(ruleset, name, strlen(name));
	file = copy ? cw_vector_push(&arena->files, sizeof(*file)) : NULL;
	source = file ? cw_vector_push(&arena->sources, sizeof(*source)) : NULL;
	if (file)
		*file = copy;
	cw_ruleset_settle(ruleset);
	if (!source) {
		cw_free(text);
		return -ENOMEM;
	}
	source->text = text;
	source->size = size;
	return 0;
}

int cw_source_add(struct cw_ruleset *ruleset, const char *name,
		  const char *text, size_t size)
{
	char *copy;

	if (size > CW_SOURCE_MAX)
		return -E2BIG;
	copy = cw_alloc(size + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, size);
	copy[size] = 0;
	return push_source(ruleset, name, copy, size);
}

/* The rest of a file; 0 or -errno. */
static int read_all(int fd, size_t expected, char **text, size_t *size)
{
	size_t room = expected + 1 > READ_SIZE ? expected + 1 : READ_SIZE;
	char *bigger = NULL;
	ssize_t n;

	*text = NULL;
	for (*size = 0;; *size += n) {
		if (!*text || *size == room) {
			room *= *text ? 2 : 1;
			bigger = cw_realloc(*text, room + 1);
			if (!bigger)
				return -ENOMEM;
			*text = bigger;
		}
		n = read(fd, *text + *size, room - *size);
		if (n < 0)
			return -errno;
		if (!n) {
			(*text)[*size] = 0;
			return 0;
		}
		if (*size + n > CW_SOURCE_MAX)
			return -EFBIG;
	}
}

/*
 * Devices and sockets are refused: reading them may never end.  A pipe is fine
 * when it was asked for by name (`policyctl check <(generate)`).
 */
static int open_source(const char *name, bool may_be_pipe, struct stat *status)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY |
		      (may_be_pipe ? 0 : O_NONBLOCK));
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, status))
		error = -errno;
	else if (S_ISDIR(status->st_mode))
		error = -EISDIR;
	else if (!S_ISREG(status->st_mode) &&
		 !(may_be_pipe && S_ISFIFO(status->st_mode)))
		error = -ENXIO;
	if (!error)
		return fd;
	close(fd);
	return error;
}

static void say(struct cw_ruleset *ruleset, struct cw_diag *diag,
		const struct cw_span *span, const char *name, int error)
{
	const char *reason = error == -ENXIO ? "not a regular file" :
			     error == -ELOOP ? "the file includes itself" :
			     strerror(-error);

	cw_diag_add(diag, ruleset, CW_SEVERITY_ERROR, span, "%s: %s", name,
		    reason);
}

static bool is_being_read(const struct cw_include *include)
{
	const struct cw_include *outer = include->outer;

	for (; outer; outer = outer->outer)
		if (outer->device == include->device &&
		    outer->inode == include->inode)
			return true;
	return false;
}

/* As cw_source_read(), but the reason is only in the error number. */
static int read_source(struct cw_ruleset *ruleset, const char *name,
		       struct cw_include *include)
{
	size_t size = 0;
	char *text = NULL;
	struct stat status;
	int fd, error;

	fd = open_source(name, !include->outer, &status);
	if (fd < 0)
		return fd;
	include->device = status.st_dev;
	include->inode = status.st_ino;
	include->file = ruleset->file_count;
	if (is_being_read(include))
		error = -ELOOP;
	else if (status.st_size > CW_SOURCE_MAX)
		error = -EFBIG;
	else
		error = read_all(fd, status.st_size, &text, &size);
	close(fd);
	if (!error)
		return push_source(ruleset, name, text, size);
	cw_free(text);
	return error;
}

int cw_source_read(struct cw_ruleset *ruleset, const char *name,
		   const struct cw_span *span, struct cw_diag *diag,
		   struct cw_include *include)
{
	int error = read_source(ruleset, name, include);

	if (!error || error == -ENOMEM)
		return error;
	say(ruleset, diag, span, name, error);
	return -EINVAL;
}

/* ---- include patterns --------------------------------------------------- */

static bool is_pattern(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

/* @pattern beside @includer; characters of the directory stand for themselves
 * when the result is to be a pattern. */
static char *join(const char *includer, const char *pattern)
{
	const char *slash = strrchr(includer, '/');
	size_t size = slash && *pattern != '/' ? slash + 1 - includer : 0, i;
	char *path = cw_alloc(size * 2 + strlen(pattern) + 1), *at = path;

	if (!path)
		return NULL;
	for (i = 0; i < size; i++) {
		if (is_pattern(pattern) && strchr("*?[\\", includer[i]))
			*at++ = '\\';
		*at++ = includer[i];
	}
	strcpy(at, pattern);
	return path;
}

static int push_name(struct cw_vector *names, const char *name)
{
	char **slot = cw_vector_push(names, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	*slot = cw_alloc(strlen(name) + 1);
	if (!*slot)
		return -ENOMEM;
	strcpy(*slot, name);
	return 0;
}

/* A directory that is not there has no files; one that is closed hides some. */
static int stop_unless_missing(const char *path, int error)
{
	(void)path;
	return error != ENOENT;
}

/* By byte: the order of rules must not depend on the locale. */
static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int expand(const char *pattern, struct cw_vector *names)
{
	glob_t found = { 0 };
	int result = glob(pattern, GLOB_NOSORT, stop_unless_missing, &found);
	int error = result == GLOB_NOSPACE ? -ENOMEM :
		    result == GLOB_ABORTED ? -EACCES : 0;
	size_t i;

	for (i = 0; !error && i < found.gl_pathc; i++)
		error = push_name(names, found.gl_pathv[i]);
	globfree(&found);
	if (!error && names->count)
		qsort(names->data, names->count, sizeof(char *), compare_names);
	return error;
}

int cw_source_glob(const char *includer, const char *pattern,
		   struct cw_vector *names)
{
	char *path = join(includer, pattern);
	int error;

	if (!path)
		return -ENOMEM;
	if (is_pattern(pattern))
		error = expand(path, names);
	else
		error = push_name(names, path);
	cw_free(path);
	return error;
}

int cw_source_has_directory(const char *includer, const char *pattern)
{
	char *path = join(includer, pattern), *wildcard;
	int result;

	if (!path)
		return -ENOMEM;
	wildcard = strpbrk(path, "*?[\\");
	if (wildcard)
		*wildcard = 0;
	wildcard = strrchr(path, '/');
	if (wildcard)
		*wildcard = 0;
	result = !wildcard || !*path || !access(path, F_OK);
	cw_free(path);
	return result;
}

void cw_source_unglob(struct cw_vector *names)
{
	char **name = names->data;
	u32 i;

	for (i = 0; i < names->count; i++)
		cw_free(name[i]);
	cw_free(names->data);
}
