/* SPDX-License-Identifier: GPL-2.0-only */
/* Records as the file `events` has them, made one by one. */
#ifndef CW_STREAM_H
#define CW_STREAM_H

#include <stdint.h>
#include <stddef.h>

#include "include/cw_event.h"

struct stream {
	uint8_t *data;		/* multiples of 8 bytes, aligned */
	size_t size, room;
	uint64_t sequence;	/* of the last record */
};

struct stream_program {
	uint64_t process, start;
	uint32_t tgid;
	const char *exe, *script, *cgroup, *command;
	uint32_t auid, session;
	unsigned ancestors;
	struct {
		uint64_t start;
		uint32_t tgid;
		const char *exe;
	} ancestor[8];
};

void stream_free(struct stream *stream);
/* The records so far are forgotten, the sequence goes on. */
void stream_clear(struct stream *stream);
/* A zeroed record with its header, to be filled before the next one. */
void *stream_add(struct stream *stream, uint32_t type, size_t size);

void stream_lost(struct stream *stream, uint64_t count);
void stream_process(struct stream *stream,
		    const struct stream_program *program);
/* Out, tcp, from 127.0.0.1 without a port; to be changed as wanted. */
struct cw_event_open *stream_open(struct stream *stream, uint64_t id,
				  uint64_t time, uint64_t process,
				  const char *remote, uint16_t port,
				  const char *label);
void stream_local(struct stream *stream, uint64_t id, uint64_t time,
		  const char *local, uint16_t port);
struct cw_event_close *stream_close(struct stream *stream, uint64_t id,
				    uint64_t time, uint64_t sent,
				    uint64_t received);
/* Allowed by the default verdict. */
struct cw_event_judged *stream_judged(struct stream *stream, uint64_t id,
				      uint64_t time, const char *label);
struct cw_event_traffic *stream_traffic(struct stream *stream, uint64_t id,
					uint64_t time, uint64_t sent,
					uint64_t received);
void stream_used(struct stream *stream, uint64_t id, uint64_t time,
		 uint64_t process);
void stream_untracked(struct stream *stream, uint64_t since, uint64_t until,
		      uint64_t count, uint32_t owner);

#endif
