/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two peers of both programs: policyd's control socket, whose protocol is in
 * include/cw_proto.h, and the files that the module has in securityfs.
 *
 * Functions return 0 or a negative errno unless it is said otherwise.
 */
#ifndef CW_MESSAGE_H
#define CW_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "include/cw_abi.h"
#include "include/cw_proto.h"

#define CW_SHA256_SIZE		65	/* in hex, with the NUL */

/* ---- message.c: the control protocol, for both sides ---------------------- */

struct cw_message {
	enum cw_command command;
	enum cw_result result;
	size_t length;			/* of text, without the NUL */
	char text[CW_CONTROL_TEXT_MAX + 1];
};

void cw_message_init(struct cw_message *message, enum cw_command command,
		     enum cw_result result);
/* Adds "key: value\n"; what does not fit is left out as a whole line. */
void cw_message_add(struct cw_message *message, const char *key,
		    const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Bytes written to @record, which holds CW_RECORD_MAX. */
size_t cw_message_encode(const struct cw_message *message, void *record);
/* -EPROTO not a frame of ours; -EPROTONOSUPPORT of another version. */
int cw_message_decode(struct cw_message *message, const void *record,
		      size_t size);
/* One record; @fd goes with it unless it is -1.  Never blocks on a socket
 * that is O_NONBLOCK. */
int cw_message_send(int sock, const struct cw_message *message, int fd);
/* @fd gets the descriptor that came along, or -1; NULL = none is wanted.
 * -ENODATA the peer has closed. */
int cw_message_receive(int sock, struct cw_message *message, int *fd);

#define CW_RECORD_MAX	(sizeof(struct cw_frame) + CW_CONTROL_TEXT_MAX)

/* One "key: value" line of a text, borrowed from it. */
struct cw_pair {
	const char *key, *value;
	size_t key_length, value_length;
};

/* Takes the next line off *@text; lines without ": " are skipped. */
bool cw_pair_next(const char **text, struct cw_pair *pair);
/* Copies the value of @key with its \ooo undone; false = not there, or does
 * not fit. */
bool cw_pair_get(const char *text, const char *key, char *value, size_t size);
/* 0 when the key is missing or not a number. */
uint64_t cw_pair_number(const char *text, const char *key);
/* ---- kernel.c: the only file that opens securityfs ---------------------- */

/* The parts of the status file that policyd acts on. */
struct cw_kernel_status {
	uint32_t abi, features, rules;
	uint64_t generation;
	enum cw_mode mode;
	char sha256[CW_SHA256_SIZE];	/* "-" = no policy */
	char instance[24];		/* "-" = the module does not say */
};

/* -ENOENT no module; -EPROTO a module that speaks another ABI. */
int cw_kernel_status(const char *dir, struct cw_kernel_status *status);
/* A whole file, with a NUL behind it, malloc()ed; @size without the NUL. */
int cw_kernel_read(const char *dir, const char *file, char **data,
		   size_t *size);
FILE *cw_kernel_open(const char *dir, const char *file);
/* The file `events`, to read and acknowledge, O_NONBLOCK; a descriptor. */
int cw_kernel_events(const char *dir);
/* How much the kernel keeps of what was not acknowledged. */
size_t cw_kernel_event_bytes(void);
/* One write() and so one transaction. */
int cw_kernel_load(const char *dir, const void *blob, size_t size);
int cw_kernel_set_mode(const char *dir, enum cw_mode mode);
/* What an error of the functions above means, for people. */
void cw_kernel_explain(int error, const char *file, size_t size, char *message,
		       size_t room);

#endif
