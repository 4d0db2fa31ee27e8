// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: any bytes on the control socket are either no message, or one
 * whose text can be taken apart, put together again and stays the same.  What
 * no input gets right by chance is put right here (magic, version, size).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/lib.h"
#include "lib/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cw_message message, again;

static void require(bool is_true)
{
	if (!is_true)
		abort();
}

/* What the daemon and the command ask a text for, with rooms as they have. */
static void check_keys(const char *text)
{
	static const struct {
		const char *key;
		size_t room;
	} keys[] = {
		{ CW_KEY_FILE, CW_PATH_MAX }, { CW_KEY_MODE, 16 },
		{ CW_KEY_MESSAGE, 400 }, { CW_KEY_SHA256, CW_SHA256_SIZE },
		{ CW_KEY_GENERATION, 1 },
	};
	char value[CW_PATH_MAX];
	enum cw_mode mode;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (cw_pair_get(text, keys[i].key, value, keys[i].room)) {
			require(strlen(value) < keys[i].room);
			cw_mode_parse(value, &mode);
		}
		cw_pair_number(text, keys[i].key);
	}
}

/* A value that is written comes back; what does not fit is left out whole. */
static void check_value(const char *value, size_t length)
{
	char plain[CW_CONTROL_TEXT_MAX + 1], back[CW_CONTROL_TEXT_MAX + 1];

	require(cw_unescape(plain, value, length) <= length);
	cw_message_init(&again, CW_COMMAND_STATUS, CW_RESULT_OK);
	cw_message_add(&again, CW_KEY_MESSAGE, "%s", plain);
	if (!again.length)
		return;
	require(again.length <= CW_CONTROL_TEXT_MAX);
	require(again.text[again.length - 1] == '\n');
	require(cw_pair_get(again.text, CW_KEY_MESSAGE, back, sizeof(back)));
	require(!strcmp(plain, back));
}

static void check_pairs(void)
{
	const char *text = message.text, *end = text + message.length;
	struct cw_pair pair;

	while (cw_pair_next(&text, &pair)) {
		require(pair.key + pair.key_length + 2 == pair.value);
		require(pair.value + pair.value_length <= end);
		check_value(pair.value, pair.value_length);
	}
	require(text == end);
}

/* Through a socket it must be what it is in memory. */
static void check_socket(const void *record, size_t size, int expected)
{
	static int sock[2];
	int fd = -1;

	if (!sock[0])
		require(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
				    sock));
	require(send(sock[0], record, size, 0) == (ssize_t)size);
	require(cw_message_receive(sock[1], &again, &fd) == expected);
	require(fd == -1);
}

static void check(const void *record, size_t size)
{
	char encoded[CW_RECORD_MAX];
	int ret = cw_message_decode(&message, record, size);

	require(!ret || ret == -EPROTO || ret == -EPROTONOSUPPORT);
	if (size)
		check_socket(record, size, size > CW_RECORD_MAX ? -EPROTO : ret);
	if (ret)
		return;
	require(message.length == strlen(message.text));
	require(cw_message_encode(&message, encoded) == size);
	require(!memcmp(encoded, record, size));
	check_keys(message.text);
	check_pairs();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cw_frame frame;
	char *copy;

	check(data, size);
	if (size < sizeof(frame))
		return 0;
	memcpy(&frame, data, sizeof(frame));
	frame.magic = CW_CONTROL_MAGIC;
	frame.version = CW_CONTROL_VERSION;
	frame.command %= CW_COMMAND_COUNT;
	frame.result %= CW_RESULT_COUNT;
	frame.size = size - sizeof(frame);
	copy = malloc(size);
	memcpy(copy, data, size);
	memcpy(copy, &frame, sizeof(frame));
	check(copy, size);
	free(copy);
	return 0;
}
