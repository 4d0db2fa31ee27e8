// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source files: the only part of the compiler that reads from disk.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "passes.h"

#define READ_SIZE	(1u << 16)	/* bytes; doubles */
#define WHY_MAX		512		/* bytes of a reason */

static struct cw_guard *guard_of(struct cw_ruleset *ruleset)
{
	struct cw_arena *arena = ruleset->arena;

	return &arena->guard;
}

/* The time that is left for reading runs between these two. */
static void start_clock(const struct cw_guard *guard)
{
	const struct itimerval left = {
		.it_value.tv_sec = guard->useconds / 1000000,
		.it_value.tv_usec = guard->useconds % 1000000,
	};

	if (guard->useconds)
		setitimer(ITIMER_REAL, &left, NULL);
}

static void stop_clock(struct cw_guard *guard)
{
	const struct itimerval none = { .it_value = { .tv_sec = 0 } };
	struct itimerval left;

	if (!guard->useconds)
		return;
	setitimer(ITIMER_REAL, &none, &left);
	guard->useconds = left.it_value.tv_sec * 1000000ull +
			  left.it_value.tv_usec;
	/* 0 would be no limit. */
	guard->useconds += !guard->useconds;
}

void cw_source_guard(struct cw_ruleset *ruleset, const struct cw_guard *guard)
{
	*guard_of(ruleset) = *guard;
}

/* Takes over @text, which is freed when there is no memory. */
static int push_source(struct cw_ruleset *ruleset, const char *name, char *text,
		       size_t size)
{
	struct cw_arena *arena = ruleset->arena;
	struct cw_source *source;
	char **file, *copy;

	copy = cw_ruleset_string(ruleset, name, strlen(name));
	file = copy ? cw_array_push(&arena->files, sizeof(*file)) : NULL;
	source = file ? cw_array_push(&arena->sources, sizeof(*source)) : NULL;
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
			     error == -EAGAIN ? "it was changed while it was "
						"read" :
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

static bool is_same_state(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int read_open(struct cw_ruleset *ruleset, int fd,
		     const struct stat *before, const char *name)
{
	struct cw_guard *guard = guard_of(ruleset);
	u64 most = guard->bytes && guard->bytes < CW_SOURCE_MAX
		? guard->bytes : CW_SOURCE_MAX;
	struct stat after;
	char *text = NULL;
	size_t size = 0;
	int error = (u64)before->st_size > most ? -EFBIG :
		    cw_file_read(fd, before->st_size, most, &text, &size);

	if (!error && guard->trust &&
	    (fstat(fd, &after) || !is_same_state(before, &after)))
		error = -EAGAIN;
	if (error) {
		cw_free(text);
		return error;
	}
	/* 0 would be no limit. */
	if (guard->bytes)
		guard->bytes -= size < guard->bytes ? size : guard->bytes - 1;
	return push_source(ruleset, name, text, size);
}

/* As cw_source_read(), but the reason is only in the error number, or in @why
 * that others may change the file. */
static int read_source(struct cw_ruleset *ruleset, const char *name,
		       struct cw_include *include, char why[WHY_MAX])
{
	enum cw_trust trust = guard_of(ruleset)->trust;
	struct stat status;
	int fd, error;

	fd = trust == CW_TRUST_ALL
		? open_source(name, !include->outer, &status)
		: cw_trust_open(name, &status, why, WHY_MAX);
	if (fd < 0)
		return fd;
	include->device = status.st_dev;
	include->inode = status.st_ino;
	include->file = ruleset->file_count;
	if (is_being_read(include))
		error = -ELOOP;
	else if (why[0] && trust == CW_TRUST_REFUSE)
		error = -EPERM;
	else
		error = read_open(ruleset, fd, &status, name);
	close(fd);
	return error;
}

/* Whoever may change the file decides what the policy is. */
static void say_untrusted(struct cw_ruleset *ruleset, struct cw_diag *diag,
			  const struct cw_span *span, const char *name,
			  const char *why)
{
	bool is_error = guard_of(ruleset)->trust == CW_TRUST_REFUSE;

	cw_diag_add(diag, ruleset, is_error ? CW_SEVERITY_ERROR
					    : CW_SEVERITY_WARNING, span,
		    "%s: %s: %s", name, is_error ? "not read" : "not root alone "
		    "decides what it says", why);
	if (!is_error)
		cw_diag_tag(diag, "not-trusted");
}

int cw_source_read(struct cw_ruleset *ruleset, const char *name,
		   const struct cw_span *span, struct cw_diag *diag,
		   struct cw_include *include)
{
	char why[WHY_MAX] = "";
	int error;

	start_clock(guard_of(ruleset));
	error = read_source(ruleset, name, include, why);
	stop_clock(guard_of(ruleset));
	if (why[0] && (!error || error == -EPERM))
		say_untrusted(ruleset, diag, span, name, why);
	if (!error || error == -ENOMEM)
		return error;
	if (!why[0] || error != -EPERM)
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

static int push_name(struct cw_array *names, const char *name)
{
	char **slot = cw_array_push(names, sizeof(*slot));

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

static int expand(const char *pattern, struct cw_array *names)
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

int cw_source_glob(struct cw_ruleset *ruleset, const char *includer,
		   const char *pattern, struct cw_array *names)
{
	char *path = join(includer, pattern);
	int error;

	if (!path)
		return -ENOMEM;
	start_clock(guard_of(ruleset));
	if (is_pattern(pattern))
		error = expand(path, names);
	else
		error = push_name(names, path);
	stop_clock(guard_of(ruleset));
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

void cw_source_unglob(struct cw_array *names)
{
	char **name = names->data;
	u32 i;

	for (i = 0; i < names->count; i++)
		cw_free(name[i]);
	cw_free(names->data);
}
