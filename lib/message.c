// SPDX-License-Identifier: GPL-2.0-only
/* The control protocol: records and their text, for policyd and policyctl. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib.h"
#include "message.h"

void cw_message_init(struct cw_message *message, enum cw_command command,
		     enum cw_result result)
{
	message->command = command;
	message->result = result;
	message->length = 0;
	message->text[0] = 0;
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c != 0x7f && c != '\\';
}

/* Writes @value escaped; returns where it ends, NULL = does not fit. */
static char *escape(char *out, const char *end, const char *value)
{
	for (; *value; value++) {
		unsigned char c = *value;

		if (end - out < 5)
			return NULL;
		if (is_plain(c))
			*out++ = c;
		else
			out += sprintf(out, "\\%03o", c);
	}
	return out;
}

void cw_message_add(struct cw_message *message, const char *key,
		    const char *format, ...)
{
	char *end = message->text + sizeof(message->text);
	char *out = message->text + message->length;
	char value[CW_CONTROL_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	if (strlen(key) + 4 < (size_t)(end - out)) {
		out = stpcpy(stpcpy(out, key), ": ");
		out = escape(out, end - 2, value);
		if (out) {
			*out++ = '\n';
			message->length = out - message->text;
		}
	}
	message->text[message->length] = 0;
}

size_t cw_message_encode(const struct cw_message *message, void *record)
{
	struct cw_frame frame = {
		.magic = CW_CONTROL_MAGIC,
		.version = CW_CONTROL_VERSION,
		.command = message->command,
		.result = message->result,
		.size = message->length,
	};

	memcpy(record, &frame, sizeof(frame));
	memcpy((char *)record + sizeof(frame), message->text, message->length);
	return sizeof(frame) + message->length;
}

int cw_message_decode(struct cw_message *message, const void *record,
		      size_t size)
{
	const char *text = (const char *)record + sizeof(struct cw_frame);
	struct cw_frame frame;

	if (size < sizeof(frame))
		return -EPROTO;
	memcpy(&frame, record, sizeof(frame));
	if (frame.magic != CW_CONTROL_MAGIC)
		return -EPROTO;
	if (frame.version != CW_CONTROL_VERSION)
		return -EPROTONOSUPPORT;
	if (frame.size != size - sizeof(frame) ||
	    frame.size > CW_CONTROL_TEXT_MAX ||
	    frame.command >= CW_COMMAND_COUNT ||
	    frame.result >= CW_RESULT_COUNT ||
	    memchr(text, 0, frame.size))
		return -EPROTO;
	cw_message_init(message, frame.command, frame.result);
	memcpy(message->text, text, frame.size);
	message->text[frame.size] = 0;
	message->length = frame.size;
	return 0;
}

union control_buffer {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static void attach(struct msghdr *header, union control_buffer *control, int fd)
{
	struct cmsghdr *cmsg;

	memset(control, 0, sizeof(*control));
	header->msg_control = control;
	header->msg_controllen = sizeof(*control);
	cmsg = CMSG_FIRSTHDR(header);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
}

int cw_message_send(int sock, const struct cw_message *message, int fd)
{
	char record[CW_RECORD_MAX];
	size_t size = cw_message_encode(message, record);
	struct iovec part = { .iov_base = record, .iov_len = size };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	union control_buffer control;
	ssize_t sent;

	if (fd >= 0)
		attach(&header, &control, fd);
	do
		sent = sendmsg(sock, &header, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	return (size_t)sent == size ? 0 : -EIO;
}

static int detach(struct msghdr *header)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(header);
	int fd;

	if (!cmsg || cmsg->cmsg_level != SOL_SOCKET ||
	    cmsg->cmsg_type != SCM_RIGHTS ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

static ssize_t receive_record(int sock, struct msghdr *header, int flags)
{
	size_t room = header->msg_controllen;
	ssize_t got;

	do {
		header->msg_controllen = room;
		got = recvmsg(sock, header, MSG_CMSG_CLOEXEC | flags);
	} while (got < 0 && errno == EINTR);
	return got;
}

/*
 * Linux looks whether there is a record, then whether the peer has closed: if it
 * sends and closes between the two, that is the end, and the record is still
 * there.
 */
static ssize_t receive_last(int sock, struct msghdr *header)
{
	ssize_t got = receive_record(sock, header, MSG_DONTWAIT);

	return got < 0 && errno == EAGAIN ? 0 : got;
}

/*
 * Without @fd there is no room for descriptors, so the kernel installs none:
 * a peer cannot fill our table with them.
 */
int cw_message_receive(int sock, struct cw_message *message, int *fd)
{
	char record[CW_RECORD_MAX];
	struct iovec part = { .iov_base = record, .iov_len = sizeof(record) };
	union control_buffer control;
	const struct msghdr empty = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = fd ? &control : NULL,
		.msg_controllen = fd ? sizeof(control) : 0,
	};
	struct msghdr header = empty;
	ssize_t got = receive_record(sock, &header, 0);
	int ret;

	if (got == 0 && !header.msg_controllen) {
		header = empty;
		got = receive_last(sock, &header);
	}
	if (got < 0)
		return -errno;
	if (fd)
		*fd = detach(&header);
	if (got == 0)
		ret = -ENODATA;
	else if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		ret = -EPROTO;
	else
		ret = cw_message_decode(message, record, got);
	if (ret && fd && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	return ret;
}

bool cw_pair_next(const char **text, struct cw_pair *pair)
{
	while (**text) {
		const char *line = *text;
		const char *end = strchrnul(line, '\n');
		const char *colon = memmem(line, end - line, ": ", 2);

		*text = *end ? end + 1 : end;
		if (!colon)
			continue;
		pair->key = line;
		pair->key_length = colon - line;
		pair->value = colon + 2;
		pair->value_length = end - pair->value;
		return true;
	}
	return false;
}

static bool find(const char *text, const char *key, struct cw_pair *pair)
{
	size_t length = strlen(key);

	while (cw_pair_next(&text, pair))
		if (pair->key_length == length &&
		    !memcmp(pair->key, key, length))
			return true;
	return false;
}

bool cw_pair_get(const char *text, const char *key, char *value, size_t size)
{
	char whole[CW_CONTROL_TEXT_MAX + 1];
	struct cw_pair pair;
	size_t length;

	if (!find(text, key, &pair) || pair.value_length >= sizeof(whole))
		return false;
	length = cw_unescape(whole, pair.value, pair.value_length);
	if (length >= size || strlen(whole) != length)
		return false;
	memcpy(value, whole, length + 1);
	return true;
}

uint64_t cw_pair_number(const char *text, const char *key)
{
	char value[32], *end;
	uint64_t number;

	if (!cw_pair_get(text, key, value, sizeof(value)) ||
	    value[0] < '0' || value[0] > '9')
		return 0;
	errno = 0;
	number = strtoull(value, &end, value[1] == 'x' ? 16 : 10);
	return *end || errno ? 0 : number;
}
