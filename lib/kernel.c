// SPDX-License-Identifier: GPL-2.0-only
/* securityfs: the only file that opens what the module shows there. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "include/cw_event.h"
#include "lib.h"
#include "message.h"

/* Where the module's own limits can be read. */
#define PARAMETERS	"/sys/module/" CW_NAME "/parameters/"
#define LIMIT_FILE	PARAMETERS "max_policy_bytes"
#define EVENTS_FILE	PARAMETERS "event_bytes"
/* Nothing that the module shows is as long as this. */
#define READ_MAX	((size_t)4 << 30)

static int open_file(const char *dir, const char *file, int flags)
{
	char path[CW_PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	do
		fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

int cw_kernel_read(const char *dir, const char *file, char **data, size_t *size)
{
	int fd = open_file(dir, file, O_RDONLY);
	int ret;

	if (fd < 0)
		return fd;
	ret = cw_file_read(fd, 0, READ_MAX, data, size);
	close(fd);
	return ret;
}

FILE *cw_kernel_open(const char *dir, const char *file)
{
	int fd = open_file(dir, file, O_RDONLY);
	FILE *stream;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	stream = fdopen(fd, "r");
	if (!stream) {
		int error = errno;

		close(fd);
		errno = error;
	}
	return stream;
}

int cw_kernel_events(const char *dir)
{
	return open_file(dir, CW_FILE_EVENTS, O_RDWR | O_NONBLOCK);
}

static unsigned long long read_parameter(const char *path)
{
	unsigned long long value = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return 0;
	if (fscanf(file, "%llu", &value) != 1)
		value = 0;
	fclose(file);
	return value;
}

size_t cw_kernel_event_bytes(void)
{
	size_t wanted = read_parameter(EVENTS_FILE) ?: CW_EVENT_BYTES_DEFAULT;
	size_t bytes = CW_EVENT_BYTES_LEAST;

	while (bytes < wanted && bytes < CW_EVENT_BYTES_MOST)
		bytes *= 2;
	return bytes;
}

/*
 * All of it or nothing: the module takes each write() as one transaction, so
 * the rest of a short one must not follow.  EINTR means that nothing was
 * taken.
 */
static int write_once(const char *dir, const char *file, const void *data,
		      size_t size)
{
	int fd = open_file(dir, file, O_WRONLY);
	ssize_t put;
	int error;

	if (fd < 0)
		return fd;
	do
		put = write(fd, data, size);
	while (put < 0 && errno == EINTR);
	error = put < 0 ? errno : (size_t)put == size ? 0 : EIO;
	if (close(fd) && !error)
		error = errno;
	return -error;
}

int cw_kernel_load(const char *dir, const void *blob, size_t size)
{
	return write_once(dir, CW_FILE_POLICY, blob, size);
}

int cw_kernel_set_mode(const char *dir, enum cw_mode mode)
{
	char line[16];

	snprintf(line, sizeof(line), "%s\n", cw_mode_name(mode));
	return write_once(dir, CW_FILE_MODE, line, strlen(line));
}

static int parse_status(const char *text, struct cw_kernel_status *status)
{
	char mode[16];

	status->abi = cw_pair_number(text, CW_STATUS_ABI);
	if (status->abi != CW_ABI_VERSION ||
	    !cw_pair_get(text, CW_STATUS_MODE, mode, sizeof(mode)) ||
	    !cw_mode_parse(mode, &status->mode) ||
	    !cw_pair_get(text, CW_STATUS_SHA256, status->sha256,
			 sizeof(status->sha256)))
		return -EPROTO;
	status->features = cw_pair_number(text, CW_STATUS_FEATURES);
	status->rules = cw_pair_number(text, CW_STATUS_RULES);
	status->generation = cw_pair_number(text, CW_STATUS_GENERATION);
	if (!cw_pair_get(text, CW_STATUS_INSTANCE, status->instance,
			 sizeof(status->instance)))
		strcpy(status->instance, "-");
	return 0;
}

int cw_kernel_status(const char *dir, struct cw_kernel_status *status)
{
	size_t size;
	char *text;
	int ret;

	memset(status, 0, sizeof(*status));
	ret = cw_kernel_read(dir, CW_FILE_STATUS, &text, &size);
	if (ret)
		return ret;
	ret = parse_status(text, status);
	free(text);
	return ret;
}

static void explain_size(size_t size, char *message, size_t room)
{
	unsigned long long limit = read_parameter(LIMIT_FILE);

	if (limit)
		snprintf(message, room, "the policy is %zu bytes, more than "
			 "the module's limit max_policy_bytes=%llu", size,
			 limit);
	else
		snprintf(message, room, "the policy is %zu bytes, more than "
			 "the module's limit max_policy_bytes", size);
}

void cw_kernel_explain(int error, const char *file, size_t size, char *message,
		       size_t room)
{
	switch (error < 0 ? -error : error) {
	case ENOENT:
		snprintf(message, room, "the kernel module is not loaded: "
			 "load it with `modprobe connwarden'");
		break;
	case EPROTO:
		snprintf(message, room, "the kernel module speaks another ABI "
			 "than %d: install both from one release",
			 CW_ABI_VERSION);
		break;
	case ENODATA:
		snprintf(message, room,
			 "no policy is loaded: load one first");
		break;
	case EINVAL:
		snprintf(message, room, "the kernel module calls the %s "
			 "malformed: it may be of another release", file);
		break;
	case E2BIG:
		explain_size(size, message, room);
		break;
	case EOPNOTSUPP:
		snprintf(message, room, "the policy uses a feature that this "
			 "kernel module does not have");
		break;
	case EPERM:
		snprintf(message, room, "the kernel module refuses: "
			 "CAP_MAC_ADMIN is missing");
		break;
	case EACCES:
		snprintf(message, room, "only root may use the %s of the "
			 "kernel module", file);
		break;
	default:
		snprintf(message, room, "%s: %s", file, strerror(abs(error)));
		break;
	}
}
