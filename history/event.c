// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of the file `events`, checked before anything in them is used: the
 * kernel is believed, but a module of another release is not.
 */
#include <string.h>

#include "history.h"

/* Numbers above this cannot come from a counter; ids must not overflow. */
#define NUMBER_MAX	((uint64_t)1 << 48)

const struct cw_event *cw_event_next(const uint8_t **at, const uint8_t *end)
{
	const struct cw_event *event = (const void *)*at;
	size_t left = end - *at;

	if (left < sizeof(*event) || event->size < sizeof(*event) ||
	    event->size > left || event->size % 8 ||
	    event->size > CW_EVENT_MAX)
		return NULL;
	*at += event->size;
	return event;
}

static bool is_number(uint64_t number)
{
	return number && number < NUMBER_MAX;
}

/* Takes the next string off what is left of a record; NULL = it has no end. */
static const char *next_text(const char **at, const char *end)
{
	const char *text = *at;
	const char *nul = text < end ? memchr(text, 0, end - text) : NULL;

	if (!nul)
		return NULL;
	*at = nul + 1;
	return text;
}

/* Each text in turn; false: one has no end. */
static bool has_texts(const struct cw_event *event, size_t fixed,
		      unsigned count)
{
	const char *at = (const char *)event + fixed;
	const char *end = (const char *)event + event->size;

	while (count--)
		if (!next_text(&at, end))
			return false;
	return true;
}

static bool is_process(const struct cw_event_process *event)
{
	size_t fixed = sizeof(*event) +
		       event->ancestors * sizeof(event->ancestor[0]);

	return is_number(event->process) && event->ancestors <= CW_ANCESTORS &&
	       event->head.size >= fixed &&
	       has_texts(&event->head, fixed, 4 + event->ancestors);
}

static bool is_open(const struct cw_event_open *event)
{
	return is_number(event->id) && is_number(event->process) &&
	       has_texts(&event->head, sizeof(*event), 2);
}

static bool is_judged(const struct cw_event_judged *event)
{
	return is_number(event->id) &&
	       has_texts(&event->head, sizeof(*event), 1);
}

bool cw_event_is_whole(const struct cw_event *event)
{
	static const uint32_t size_of[] = {
		[CW_EVENT_LOST] = sizeof(struct cw_event_lost),
		[CW_EVENT_PROCESS] = sizeof(struct cw_event_process),
		[CW_EVENT_OPEN] = sizeof(struct cw_event_open),
		[CW_EVENT_LOCAL] = sizeof(struct cw_event_local),
		[CW_EVENT_CLOSE] = sizeof(struct cw_event_close),
		[CW_EVENT_USED] = sizeof(struct cw_event_used),
		[CW_EVENT_UNTRACKED] = sizeof(struct cw_event_untracked),
		[CW_EVENT_JUDGED] = sizeof(struct cw_event_judged),
		[CW_EVENT_TRAFFIC] = sizeof(struct cw_event_traffic),
	};
	const void *record = event;

	if (!event->type || event->type >= sizeof(size_of) / sizeof(*size_of) ||
	    event->size < size_of[event->type])
		return false;
	switch ((enum cw_event_type)event->type) {
	case CW_EVENT_LOST:
	case CW_EVENT_UNTRACKED:
		return true;
	case CW_EVENT_PROCESS:
		return is_process(record);
	case CW_EVENT_OPEN:
		return is_open(record);
	case CW_EVENT_LOCAL:
		return is_number(((const struct cw_event_local *)record)->id);
	case CW_EVENT_CLOSE:
		return is_number(((const struct cw_event_close *)record)->id);
	case CW_EVENT_USED:
		return is_number(((const struct cw_event_used *)record)->id) &&
		       is_number(((const struct cw_event_used *)
				  record)->process);
	case CW_EVENT_JUDGED:
		return is_judged(record);
	case CW_EVENT_TRAFFIC:
		return is_number(((const struct cw_event_traffic *)
				  record)->id);
	}
	return false;
}

void cw_event_program(const struct cw_event_process *event,
		      const struct cw_event_source *source,
		      struct cw_program *program)
{
	const char *at = (const char *)&event->ancestor[event->ancestors];
	const char *end = (const char *)event + event->head.size;

	program->id = source->programs + (int64_t)event->process;
	program->tgid = event->tgid;
	program->start = source->offset + (int64_t)event->start;
	program->is_plain = event->flags & CW_EVENT_PLAIN;
	program->exe = next_text(&at, end);
	program->script = next_text(&at, end);
	program->cgroup = next_text(&at, end);
	program->ancestors = event->ancestors;
	for (unsigned i = 0; i < event->ancestors; i++) {
		struct cw_ancestor *ancestor = &program->ancestor[i];

		ancestor->tgid = event->ancestor[i].tgid;
		ancestor->start = source->offset +
				  (int64_t)event->ancestor[i].start;
		ancestor->exe = next_text(&at, end);
	}
	program->command = next_text(&at, end);
	program->auid = event->auid;
	program->session = event->session;
}

void cw_event_row(const struct cw_event_open *event,
		  const struct cw_event_source *source, struct cw_row *row)
{
	const char *at = (const char *)(event + 1);
	const char *end = (const char *)event + event->head.size;

	row->opened = source->offset + (int64_t)event->time;
	row->clock = cw_clock_at(source, event->time);
	row->closed = event->verdict == CW_OUTCOME_DENY ? row->opened : 0;
	row->program = source->programs + (int64_t)event->process;
	row->generation = event->generation;
	row->sent = row->received = CW_BYTES_UNKNOWN;
	row->label = next_text(&at, end);
	row->interface = next_text(&at, end);
	row->pid = event->pid;
	row->uid = event->uid;
	row->netns = event->netns;
	row->netns_owner = event->netns_owner < CW_NETNS_OWNERS
		? event->netns_owner : CW_NETNS_UNKNOWN;
	row->rule = event->rule;
	row->line = event->line;
	row->local_port = event->local_port;
	row->remote_port = event->remote_port;
	memcpy(row->local, event->local, sizeof(row->local));
	memcpy(row->remote, event->remote, sizeof(row->remote));
	row->family = event->family;
	row->proto = event->proto;
	row->in = event->in;
	row->verdict = event->verdict;
	row->attribution = event->attribution;
	row->number = event->number;
}
