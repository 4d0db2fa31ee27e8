// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records that say what became of a connection: into its row, which may be of the
 * batch under way and not written yet, or be in the tables already.
 */
#include <string.h>

#include "history.h"

/* What all records of this kind begin with. */
struct change {
	struct cw_event head;
	uint64_t id;
	uint64_t time;
};

struct context {
	struct cw_store *store;
	const struct cw_event_source *source;
	struct cw_row *row;		/* NULL = it is in the tables */
	int64_t id, time, clock;
};

static struct cw_updates *updates_of(const struct context *context)
{
	return cw_store_updates(context->store);
}

static int take_local(const struct context *context,
		      const struct cw_event_local *event)
{
	struct cw_row *row = context->row;

	if (!row)
		return cw_update_local(updates_of(context), context->id,
				       event->local, event->local_port);
	memcpy(row->local, event->local, sizeof(row->local));
	row->local_port = event->local_port;
	return 1;
}

static int take_close(const struct context *context,
		      const struct cw_event_close *event)
{
	struct cw_row other = { .id = context->id };
	struct cw_row *row = context->row ?: &other;

	row->clock = context->clock;
	row->closed = context->time > row->opened ? context->time : row->opened;
	row->sent = event->sent;
	row->received = event->received;
	row->established = event->established;
	row->ending = event->ending;
	return context->row ? 1 : cw_update_closed(updates_of(context), row);
}

static int take_used(const struct context *context,
		     const struct cw_event_used *event)
{
	int64_t user = context->source->programs + (int64_t)event->process;
	struct cw_row *row = context->row;

	if (!row)
		return cw_update_user(updates_of(context), context->id, user);
	if (user != row->program)
		row->user = user;
	return 1;
}

static int take_judged(const struct context *context,
		       const struct cw_event_judged *event)
{
	struct cw_row other = { .id = context->id };
	struct cw_row *row = context->row ?: &other;
	int64_t label;

	row->verdict = event->verdict;
	row->generation = event->generation;
	row->rule = event->rule;
	row->line = event->line;
	row->label = (const char *)(event + 1);
	if (context->row)
		return 1;
	label = cw_store_label(context->store, row->label);
	return label < 0 ? label : cw_update_judged(updates_of(context), row,
						    label);
}

/* The row has the newest, for whoever does not ask when. */
static int take_traffic(const struct context *context,
			const struct cw_event_traffic *event)
{
	const struct cw_traffic traffic = {
		.connection = context->id, .time = context->time,
		.sent = event->sent, .received = event->received,
	};
	struct cw_row other = { .id = context->id };
	struct cw_row *row = context->row ?: &other;
	int ret = 1;

	row->sent = event->sent;
	row->received = event->received;
	row->established = event->established;
	if (!context->row)
		ret = cw_update_bytes(updates_of(context), row);
	if (ret <= 0)
		return ret;
	return cw_update_traffic(updates_of(context), &traffic,
				 context->clock) ?: 1;
}

int cw_change_take(struct cw_store *store, struct cw_batch *batch,
		   const struct cw_event_source *source,
		   const struct cw_event *event)
{
	const struct change *change = (const void *)event;
	const void *record = event;
	struct context context = {
		.store = store, .source = source,
		.id = source->connections + (int64_t)change->id,
		.time = source->offset + (int64_t)change->time,
		.clock = cw_clock_at(source, change->time),
	};

	context.row = cw_batch_find(batch, context.id);
	switch (event->type) {
	case CW_EVENT_LOCAL:
		return take_local(&context, record);
	case CW_EVENT_CLOSE:
		return take_close(&context, record);
	case CW_EVENT_USED:
		return take_used(&context, record);
	case CW_EVENT_JUDGED:
		return take_judged(&context, record);
	default:
		return take_traffic(&context, record);
	}
}
