// SPDX-License-Identifier: GPL-2.0-only
/* Records as the file `events` has them. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

void stream_free(struct stream *stream)
{
	free(stream->data);
	memset(stream, 0, sizeof(*stream));
}

void stream_clear(struct stream *stream)
{
	stream->size = 0;
}

void *stream_add(struct stream *stream, uint32_t type, size_t size)
{
	struct cw_event *event;

	size = (size + 7) & ~(size_t)7;
	if (stream->size + size > stream->room) {
		stream->room = 2 * (stream->room + size);
		stream->data = realloc(stream->data, stream->room);
		if (!stream->data)
			abort();
	}
	event = (void *)(stream->data + stream->size);
	memset(event, 0, size);
	event->size = size;
	event->type = type;
	event->sequence = ++stream->sequence;
	stream->size += size;
	return event;
}

void stream_lost(struct stream *stream, uint64_t count)
{
	struct cw_event_lost *event;

	stream->sequence += count;
	event = stream_add(stream, CW_EVENT_LOST, sizeof(*event));
	event->count = count;
}

void stream_process(struct stream *stream,
		    const struct stream_program *program)
{
	size_t fixed = sizeof(struct cw_event_process) +
		16 * program->ancestors;
	const char *texts[12] = { program->exe, program->script ?: "",
				  program->cgroup ?: "" };
	struct cw_event_process *event;
	size_t size = fixed;
	char *at;

	for (unsigned i = 0; i < program->ancestors; i++)
		texts[3 + i] = program->ancestor[i].exe;
	texts[3 + program->ancestors] = program->command ?: "";
	for (unsigned i = 0; i < 4 + program->ancestors; i++)
		size += strlen(texts[i]) + 1;
	event = stream_add(stream, CW_EVENT_PROCESS, size);
	event->process = program->process;
	event->start = program->start;
	event->tgid = program->tgid;
	event->flags = CW_EVENT_PLAIN;
	event->auid = program->auid;
	event->session = program->session;
	event->ancestors = program->ancestors;
	for (unsigned i = 0; i < program->ancestors; i++) {
		event->ancestor[i].start = program->ancestor[i].start;
		event->ancestor[i].tgid = program->ancestor[i].tgid;
	}
	at = (char *)event + fixed;
	for (unsigned i = 0; i < 4 + program->ancestors; i++)
		at = stpcpy(at, texts[i]) + 1;
}

static uint8_t set_address(uint8_t address[16], const char *text)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	if (inet_pton(family, text, address) != 1)
		abort();
	return family == AF_INET6 ? 6 : 4;
}

struct cw_event_open *stream_open(struct stream *stream, uint64_t id,
				  uint64_t time, uint64_t process,
				  const char *remote, uint16_t port,
				  const char *label)
{
	struct cw_event_open *event = stream_add(stream, CW_EVENT_OPEN,
		sizeof(*event) + strlen(label) + 1 + IF_NAMESIZE);

	event->id = id;
	event->time = time;
	event->process = process;
	event->pid = 4000000;
	event->netns = 4026531840;
	event->rule = UINT32_MAX;
	event->family = set_address(event->remote, remote);
	event->remote_port = port;
	strcpy((char *)(event + 1), label);
	return event;
}

void stream_local(struct stream *stream, uint64_t id, uint64_t time,
		  const char *local, uint16_t port)
{
	struct cw_event_local *event = stream_add(stream, CW_EVENT_LOCAL,
						  sizeof(*event));

	event->id = id;
	event->time = time;
	set_address(event->local, local);
	event->local_port = port;
}

struct cw_event_close *stream_close(struct stream *stream, uint64_t id,
				    uint64_t time, uint64_t sent,
				    uint64_t received)
{
	struct cw_event_close *event = stream_add(stream, CW_EVENT_CLOSE,
						  sizeof(*event));

	event->id = id;
	event->time = time;
	event->sent = sent;
	event->received = received;
	return event;
}

struct cw_event_judged *stream_judged(struct stream *stream, uint64_t id,
				      uint64_t time, const char *label)
{
	struct cw_event_judged *event = stream_add(stream, CW_EVENT_JUDGED,
		sizeof(*event) + strlen(label) + 1);

	event->id = id;
	event->time = time;
	event->rule = UINT32_MAX;
	strcpy((char *)(event + 1), label);
	return event;
}

struct cw_event_traffic *stream_traffic(struct stream *stream, uint64_t id,
					uint64_t time, uint64_t sent,
					uint64_t received)
{
	struct cw_event_traffic *event = stream_add(stream, CW_EVENT_TRAFFIC,
						    sizeof(*event));

	event->id = id;
	event->time = time;
	event->sent = sent;
	event->received = received;
	return event;
}

void stream_used(struct stream *stream, uint64_t id, uint64_t time,
		 uint64_t process)
{
	struct cw_event_used *event = stream_add(stream, CW_EVENT_USED,
						 sizeof(*event));

	event->id = id;
	event->time = time;
	event->process = process;
}

void stream_untracked(struct stream *stream, uint64_t since, uint64_t until,
		      uint64_t count, uint32_t owner)
{
	struct cw_event_untracked *event = stream_add(stream, CW_EVENT_UNTRACKED,
						      sizeof(*event));

	event->since = since;
	event->until = until;
	event->count = count;
	event->owner = owner;
}
