// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last good policy: what was in force last, kept in the state directory for
 * a boot at which the configured rules cannot be loaded.
 *
 *   SLOT        the compiled policy, as the kernel took it
 *   SLOT.conf   the same rules as text, in one file and with uids and gids as
 *               numbers, for a policyd or a module that has another format
 *
 * Each file is written aside, synced and renamed, so that after a loss of power
 * it is the old one or the new one.  Runs in the loader's thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/text/compile.h"
#include "policyd.h"

#define BLOB_MAX	((size_t)1 << 30)	/* bytes */

__attribute__((format(printf, 3, 4)))
static void explain(char *why, size_t room, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, room, format, args);
	va_end(args);
}

/* Others than root could have put there what they like. */
static bool is_roots(const struct stat *st)
{
	bool is_sticky = S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX;

	return (!st->st_uid || st->st_uid == geteuid()) &&
	       (is_sticky || !(st->st_mode & (S_IWGRP | S_IWOTH)));
}

static int refuse(const char *what, const struct stat *st, char *why,
		  size_t room)
{
	explain(why, room, "%s belongs to uid %u and has the mode %04o: only "
		"root may be able to change it", what, st->st_uid,
		st->st_mode & 07777);
	return -EPERM;
}

/* @path has no symbolic link in it. */
static int check_path(char *path, char *why, size_t room)
{
	char *slash = path;
	struct stat st;
	char kept;

	do {
		slash += strcspn(slash + 1, "/") + 1;
		kept = *slash;
		*slash = 0;
		if (lstat(path, &st)) {
			explain(why, room, "%s: %s", path, strerror(errno));
			return -errno;
		}
		if (!is_roots(&st))
			return refuse(path, &st, why, room);
		*slash = kept;
	} while (kept);
	return 0;
}

int cw_state_open(const char *dir, char *why, size_t room)
{
	char *path;
	int fd, ret;

	/* If it cannot be made, opening it says why. */
	if (mkdir(dir, 0700) && errno != EEXIST && errno != EROFS) {
		explain(why, room, "cannot make %s: %s", dir, strerror(errno));
		return -errno;
	}
	path = realpath(dir, NULL);
	if (!path) {
		explain(why, room, "%s: %s", dir, strerror(errno));
		return -errno;
	}
	ret = check_path(path, why, room);
	fd = ret ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
			     O_CLOEXEC);
	if (!ret && fd < 0) {
		ret = -errno;
		explain(why, room, "%s: %s", path, strerror(-ret));
	}
	free(path);
	return ret ? ret : fd;
}

/* ---- writing ------------------------------------------------------------- */

static int write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		at += put;
		size -= put;
	}
	return 0;
}

static int copy_all(int to, int from)
{
	off_t at = 0;
	ssize_t put;

	do
		put = sendfile(to, from, &at, 1 << 20);
	while (put > 0 || (put < 0 && errno == EINTR));
	return put < 0 ? -errno : 0;
}

/* @data, or else the descriptor @from, becomes the file @name. */
static int replace(int dir, const char *name, const void *data, size_t size,
		   int from)
{
	char temporary[NAME_MAX + 1];
	int fd, ret;

	snprintf(temporary, sizeof(temporary), "%s.new", name);
	unlinkat(dir, temporary, 0);
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
		    O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ret = data ? write_all(fd, data, size) : copy_all(fd, from);
	if (!ret && fsync(fd))
		ret = -errno;
	close(fd);
	if (!ret && renameat(dir, temporary, dir, name))
		ret = -errno;
	if (ret)
		unlinkat(dir, temporary, 0);
	return ret;
}

static bool holds(int fd, const char *data, size_t size)
{
	char buffer[1 << 16];
	ssize_t got;

	while ((got = read(fd, buffer, sizeof(buffer))) > 0) {
		if ((size_t)got > size || memcmp(buffer, data, got))
			return false;
		data += got;
		size -= got;
	}
	return !got && !size;
}

/* Every boot loads the same rules: they need not be written again. */
static bool is_there(int dir, const char *slot, const void *blob, size_t size)
{
	int fd = openat(dir, slot, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
			O_CLOEXEC);
	bool is_same = fd >= 0 && holds(fd, blob, size);

	if (fd >= 0)
		close(fd);
	return is_same;
}

int cw_last_good_store(const char *dir, const char *slot, const void *blob,
		       size_t size, int text, char *why, size_t room)
{
	char name[NAME_MAX + 1];
	int fd = cw_state_open(dir, why, room), ret = 0;

	if (fd < 0)
		return fd;
	snprintf(name, sizeof(name), "%s" CW_LAST_GOOD_TEXT, slot);
	if (is_there(fd, slot, blob, size) &&
	    (text < 0 || !faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW)))
		goto out;
	ret = replace(fd, slot, blob, size, -1);
	if (!ret && text >= 0)
		ret = replace(fd, name, NULL, 0, text);
	if (!ret && fsync(fd))
		ret = -errno;
	if (ret)
		explain(why, room, "%s/%s: %s", dir, slot, strerror(-ret));
out:
	close(fd);
	return ret;
}

/* ---- reading ------------------------------------------------------------- */

static int read_blob(int fd, off_t bytes, void **data, size_t *size)
{
	size_t got = 0;
	ssize_t part;

	if (bytes <= 0 || (size_t)bytes > BLOB_MAX)
		return -EFBIG;
	*size = bytes;
	*data = malloc(*size);
	if (!*data)
		return -ENOMEM;
	while (got < *size) {
		part = read(fd, (char *)*data + got, *size - got);
		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0) {
			free(*data);
			return part ? -errno : -EIO;
		}
		got += part;
	}
	return 0;
}

/* A bit that has flipped on the disk must not become a rule. */
static int check_blob(const void *data, size_t size)
{
	struct cw_blob blob;
	u8 digest[32];

	if (cw_blob_open(&blob, data, size))
		return -EPROTO;
	cw_blob_digest(data, size, digest);
	return memcmp(digest, cw_blob_sha256(&blob), 32) ? -EUCLEAN : 0;
}

static int read_slot(int dir, const char *slot, void **data, size_t *size,
		     char *why, size_t room)
{
	int fd = openat(dir, slot, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
			O_CLOEXEC);
	int ret = fd < 0 ? -errno : 0;
	struct stat st;

	if (!ret && fstat(fd, &st))
		ret = -errno;
	if (!ret && !S_ISREG(st.st_mode))
		ret = -EINVAL;
	if (!ret && !is_roots(&st)) {
		ret = refuse(slot, &st, why, room);
	} else {
		ret = ret ? ret : read_blob(fd, st.st_size, data, size);
		if (ret)
			explain(why, room, "%s", strerror(-ret));
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

int cw_last_good_read(const char *dir, const char *slot, void **data,
		      size_t *size, char *why, size_t room)
{
	int fd = cw_state_open(dir, why, room), ret;
	u32 version;

	if (fd < 0)
		return fd;
	ret = read_slot(fd, slot, data, size, why, room);
	close(fd);
	if (ret)
		return ret;
	ret = check_blob(*data, *size);
	if (!ret)
		return 0;
	version = cw_blob_version(*data, *size);
	free(*data);
	if (version && version != CW_BLOB_VERSION)
		explain(why, room, "another release compiled it: it is in "
			"format %u, and this release reads format %u", version,
			CW_BLOB_VERSION);
	else
		explain(why, room, "it is damaged");
	return ret;
}

bool cw_last_good_time(const char *dir, const char *slot, time_t *when)
{
	char path[CW_PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, slot);
	if (lstat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	*when = st.st_mtime;
	return true;
}
