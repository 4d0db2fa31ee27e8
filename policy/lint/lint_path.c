// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: paths of rules against the files of this host.
 */
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lint_host.h"

#define WARN(lint, check, span, ...) \
	cw_host_say(lint, CW_SEVERITY_WARNING, check, span, __VA_ARGS__)

#define NAME_ROOM	64

/* ---- who may put another program there ---------------------------------- */

static void name_user(u32 uid, char who[NAME_ROOM])
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(who, NAME_ROOM, "user %.40s", user->pw_name);
	else
		snprintf(who, NAME_ROOM, "user id %u", uid);
}

static void name_group(u32 gid, char who[NAME_ROOM])
{
	const struct group *group = getgrgid(gid);

	if (group)
		snprintf(who, NAME_ROOM, "group %.40s", group->gr_name);
	else
		snprintf(who, NAME_ROOM, "group id %u", gid);
}

/*
 * Who without root's rights may change what has @status?  @may_add: also who
 * may only add to a directory that is sticky.  False = nobody.
 */
static bool find_writer(const struct stat *status, bool may_add,
			char who[NAME_ROOM])
{
	const bool is_sticky = S_ISDIR(status->st_mode) &&
			       status->st_mode & S_ISVTX && !may_add;

	if (status->st_uid)
		name_user(status->st_uid, who);
	else if (is_sticky)
		return false;
	else if (status->st_mode & S_IWOTH)
		strcpy(who, "anyone");
	else if (status->st_mode & S_IWGRP && status->st_gid)
		name_group(status->st_gid, who);
	else
		return false;
	return true;
}

/* From the file up to the root: the first that somebody may change. */
static void check_writable(struct cw_host_lint *lint, const char *path,
			   bool may_add, const struct cw_span *span)
{
	char part[CW_PATH_MAX], who[NAME_ROOM];
	struct stat status;
	char *slash;

	strcpy(part, path);
	do {
		if (!stat(*part ? part : "/", &status) &&
		    find_writer(&status, may_add, who)) {
			if (!strcmp(part, path) && !may_add)
				WARN(lint, "writable", span, "%.200s may be "
				     "overwritten by %s", path, who);
			else
				WARN(lint, "writable", span, "%.200s may be "
				     "replaced by %s, who may write to %.200s",
				     path, who, *part ? part : "/");
			return;
		}
		may_add = false;
		slash = strrchr(part, '/');
		if (slash)
			*slash = 0;
	} while (slash);
}

/* ---- one file ----------------------------------------------------------- */

/* The interpreter behind #!, without its arguments; false = no script. */
static bool read_interpreter(const char *path, char interpreter[256])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char line[256];
	ssize_t size = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	char *at = line + 2;

	if (fd >= 0)
		close(fd);
	if (size < 2 || memcmp(line, "#!", 2))
		return false;
	line[size] = 0;
	at += strspn(at, " \t");
	at[strcspn(at, " \t\n")] = 0;
	strcpy(interpreter, at);
	return true;
}

static void check_program(struct cw_host_lint *lint, const char *path,
			  const struct stat *status, const struct cw_span *span)
{
	char interpreter[256], real[PATH_MAX];

	if (read_interpreter(path, interpreter)) {
		if (!realpath(interpreter, real))
			snprintf(real, sizeof(real), "%s", interpreter);
		if (!strcmp(strrchr(real, '/') ?: real, "/env"))
			strcpy(real, "INTERPRETER");
		WARN(lint, "script", span, "%.200s never matches: it is a "
		     "script, its process executes the interpreter; write "
		     "'%.200s script %.200s'", path, real, path);
	} else if (!(status->st_mode & 0111)) {
		WARN(lint, "never", span, "%.300s never matches: the file is "
		     "not executable", path);
	}
}

static void check_script(struct cw_host_lint *lint, const char *path,
			 const struct cw_span *span)
{
	char interpreter[256];

	if (!access(path, R_OK) && !read_interpreter(path, interpreter))
		WARN(lint, "script", span, "%.300s is not started as a script: "
		     "it does not begin with #!", path);
}

/* Is it a file that the kernel knows by this path?  Says once if not. */
static bool is_file(struct cw_host_lint *lint, const char *path, bool is_new,
		    struct stat *status, const struct cw_span *span)
{
	char real[PATH_MAX];

	if (!realpath(path, real) || stat(real, status)) {
		if (is_new)
			WARN(lint, errno == ENOENT || errno == ENOTDIR ?
			     "missing" : "unreadable", span, "%.300s: %s",
			     path, strerror(errno));
	} else if (strcmp(real, path)) {
		if (is_new)
			WARN(lint, "symlink", span, "%.200s never matches: "
			     "behind symbolic links it is %.200s; write that",
			     path, real);
	} else if (!S_ISREG(status->st_mode)) {
		if (is_new)
			WARN(lint, "missing", span, "%.300s is not a regular "
			     "file", path);
	} else {
		return true;
	}
	return false;
}

/* ---- patterns ----------------------------------------------------------- */

/* As glob(3) has it: only * and ? are special. */
static void escape(const char *pattern, char *escaped)
{
	for (; *pattern; pattern++) {
		if (strchr("[\\", *pattern))
			*escaped++ = '\\';
		*escaped++ = *pattern;
	}
	*escaped = 0;
}

/* Below a directory that is closed there may be one. */
static int stop_if_closed(const char *path, int error)
{
	(void)path;
	return error != ENOENT && error != ENOTDIR;
}

/* Looks only where that is quick: not through a whole tree. */
static void check_matches(struct cw_host_lint *lint, const char *pattern,
			  const struct cw_span *span)
{
	char escaped[2 * CW_PATH_MAX];
	const char *at = strpbrk(pattern, "*?");
	glob_t found = { 0 };
	u32 components = 0;

	for (; at; at = strpbrk(at + strcspn(at, "/"), "*?"))
		components++;
	if (components > 2 || strstr(pattern, "**"))
		return;
	escape(pattern, escaped);
	if (glob(escaped, GLOB_NOSORT | GLOB_PERIOD, stop_if_closed, &found) ==
	    GLOB_NOMATCH)
		WARN(lint, "missing", span, "no file matches %.300s",
		     pattern);
	globfree(&found);
}

/* The directories before the first wildcard. */
static void check_pattern(struct cw_host_lint *lint, const char *pattern,
			  bool allow, const struct cw_span *span)
{
	size_t size = strcspn(pattern, "*?");
	char directory[CW_PATH_MAX], real[PATH_MAX];

	while (size && pattern[size - 1] != '/')
		size--;
	if (size < 2)
		return;
	memcpy(directory, pattern, size - 1);
	directory[size - 1] = 0;
	if (!realpath(directory, real)) {
		WARN(lint, "missing", span, "%.300s: %s", directory,
		     strerror(errno));
	} else if (strcmp(real, directory)) {
		WARN(lint, "symlink", span, "the pattern never matches: behind "
		     "symbolic links %.200s is %.200s; write that", directory,
		     real);
	} else {
		check_matches(lint, pattern, span);
		if (allow)
			check_writable(lint, directory, true, span);
	}
}

/* What depends on the use of a path is said once for each. */
enum aspect {
	ASPECT_ANY,
	ASPECT_PROGRAM,
	ASPECT_SCRIPT,
	ASPECT_ALLOWED,
};

static bool check_file(struct cw_host_lint *lint, const char *path,
		       enum cw_path_use use, bool allow,
		       const struct cw_span *span)
{
	const bool is_script = use == CW_PATH_SCRIPT;
	int is_new = cw_host_is_new(lint, ASPECT_ANY, path);
	struct stat status;

	if (is_new < 0 || !is_file(lint, path, is_new, &status, span))
		return is_new >= 0;
	is_new = cw_host_is_new(lint, is_script ? ASPECT_SCRIPT :
				ASPECT_PROGRAM, path);
	if (is_new > 0 && is_script)
		check_script(lint, path, span);
	else if (is_new > 0)
		check_program(lint, path, &status, span);
	if (is_new < 0 || !allow)
		return is_new >= 0;
	is_new = cw_host_is_new(lint, ASPECT_ALLOWED, path);
	if (is_new > 0)
		check_writable(lint, path, false, span);
	return is_new >= 0;
}

bool cw_lint_path(struct cw_host_lint *lint, const char *path,
		  enum cw_path_use use, bool allow, const struct cw_span *span)
{
	int is_new;

	if (!strpbrk(path, "*?"))
		return check_file(lint, path, use, allow, span);
	is_new = cw_host_is_new(lint, allow ? ASPECT_ALLOWED : ASPECT_ANY,
				path);
	if (is_new > 0)
		check_pattern(lint, path, allow, span);
	return is_new >= 0;
}

/* ---- digests ------------------------------------------------------------ */

static bool hash_file(const char *path, u8 digest[32])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct sha256_ctx context;
	u8 buffer[16384];
	struct stat status;
	ssize_t size = -1;

	sha256_init(&context);
	if (fd >= 0 && !fstat(fd, &status) && S_ISREG(status.st_mode))
		while ((size = read(fd, buffer, sizeof(buffer))) > 0)
			sha256_update(&context, size, buffer);
	if (fd >= 0)
		close(fd);
	sha256_digest(&context, SHA256_DIGEST_SIZE, digest);
	return !size;
}

void cw_lint_digest(struct cw_host_lint *lint, const struct cw_rule *rule)
{
	const struct cw_cond *cond = rule->conds;
	char text[65];
	u8 digest[32];
	u32 i, j;

	if (rule->exe_kind != CW_EXE_PATH)
		return;
	for (i = 0; i < rule->cond_count; i++, cond++) {
		if (cond->kind != CW_COND_SHA256 ||
		    !hash_file(rule->exe, digest) ||
		    !memcmp(digest, cond->digest, sizeof(digest)))
			continue;
		for (j = 0; j < sizeof(digest); j++)
			sprintf(text + 2 * j, "%02x", digest[j]);
		WARN(lint, "digest", &cond->span, "the rule never matches: "
		     "%.200s has the digest %s", rule->exe, text);
	}
}
