// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of the file `events` into rows: checks each of them, finds what is
 * missing by the sequence numbers, and writes a batch in one transaction.
 *
 * What is known at the last commit is in struct state, so that a batch that
 * could not be stored can be tried again as if nothing had been done.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "history.h"

/* How long the host is up is noted that often, in seconds, if nothing else is. */
#define TICK		600
/* Programs of dropped batches that are kept, in bytes of their records. */
#define KEPT_MAX	(4u << 20)

struct state {
	struct cw_event_source source;
	uint64_t next;		/* sequence number; 0 = not known yet */
	bool is_new;		/* and nothing came before: another history has
				 * what is missing */
	int64_t time;		/* of the last record that has one */
	struct cw_hole hole;	/* records != 0: its end is not known yet */
	struct cw_hole dropped;	/* likewise, not written yet */
	int64_t dropped_clock;
	struct cw_step step;	/* not written yet; zeroed = there is none */
	int64_t heard_stored;	/* source.heard at the last commit */
	struct cw_ingest_counts counts;
};

struct cw_ingest {
	char *file;
	char boot[CW_SOURCE_NAME], instance[CW_SOURCE_NAME];
	struct cw_store *store;		/* NULL = not open */
	struct cw_batch *batch;
	struct state state, saved;
	uint8_t *kept;			/* records of programs */
	size_t kept_size;
};

/* ---- the clock of the history ---------------------------------------------- */

int64_t cw_ingest_clock(const struct cw_ingest *ingest, int64_t boottime)
{
	return cw_clock_at(&ingest->state.source, boottime);
}

/* Of several in a row, where the first began and the last ended. */
static void note_step(struct cw_ingest *ingest, const struct cw_step *step)
{
	struct cw_step *noted = &ingest->state.step;

	if (!noted->before)
		noted->before = step->before;
	noted->after = step->after;
	/* It may have been in the future until now. */
	if (ingest->state.time > step->after)
		ingest->state.time = step->after;
	cw_clock_log(step);
}

static int write_step(struct cw_ingest *ingest)
{
	struct state *state = &ingest->state;
	int ret = 0;

	if (state->step.before)
		ret = cw_store_step(ingest->store, &state->step,
				    state->source.heard);
	memset(&state->step, 0, sizeof(state->step));
	return ret;
}

/* ---- holes --------------------------------------------------------------- */

static int write_hole(struct cw_ingest *ingest, struct cw_hole *hole,
		      int64_t clock)
{
	int ret = 0;

	if (hole->records) {
		ret = cw_store_hole(ingest->store, hole, clock);
		ingest->state.counts.holes++;
	}
	hole->records = 0;
	return ret;
}

/* Records are missing before the one at hand. */
static int note_missing(struct cw_ingest *ingest, uint64_t records,
			const char *reason)
{
	struct state *state = &ingest->state;
	struct cw_hole *hole = &state->hole;
	int ret = 0;

	if (hole->records && strcmp(hole->reason, reason))
		ret = write_hole(ingest, hole, state->source.heard);
	if (!hole->records)
		*hole = (struct cw_hole) {
			.since = state->time, .until = state->time,
			.reason = reason,
		};
	hole->records += records;
	state->counts.lost += records;
	return ret;
}

/* A record with a time ends a hole. */
static int note_time(struct cw_ingest *ingest, uint64_t boottime)
{
	struct state *state = &ingest->state;
	int64_t time = state->source.offset + (int64_t)boottime;

	cw_clock_hear(&state->source, boottime);
	if (time > state->time)
		state->time = time;
	if (!state->hole.records)
		return 0;
	state->hole.until = state->time;
	return write_hole(ingest, &state->hole, state->source.heard);
}

/* ---- one record ---------------------------------------------------------- */

static int take_process(struct cw_ingest *ingest, const void *record)
{
	struct cw_event_source *source = &ingest->state.source;
	struct cw_program program;

	cw_event_program(record, source, &program);
	if (program.id > source->top_program)
		source->top_program = program.id;
	return cw_store_program(ingest->store, &program);
}

static int take_open(struct cw_ingest *ingest, const struct cw_event_open *event)
{
	struct cw_event_source *source = &ingest->state.source;
	struct cw_row *row;
	int64_t id = source->connections + (int64_t)event->id;

	row = cw_batch_add(ingest->batch, id);
	if (!row)
		return errno == EEXIST ? -EBADMSG : -errno;
	cw_event_row(event, source, row);
	if (id > source->top_connection)
		source->top_connection = id;
	ingest->state.counts.connections++;
	return note_time(ingest, event->time);
}

/* @found: as store.c's functions return. */
static int count_unknown(struct cw_ingest *ingest, int found)
{
	if (!found)
		ingest->state.counts.unknown++;
	return found < 0 ? found : 0;
}

/* LOCAL and the rest begin alike, so that any of them tells the time. */
static int take_change(struct cw_ingest *ingest, const struct cw_event *event)
{
	const struct cw_event_local *any = (const void *)event;
	int ret = note_time(ingest, any->time);

	if (ret)
		return ret;
	return count_unknown(ingest, cw_change_take(ingest->store, ingest->batch,
						    &ingest->state.source,
						    event));
}

/* Told once a second while it lasts. */
static int take_untracked(struct cw_ingest *ingest,
			  const struct cw_event_untracked *event)
{
	const struct cw_event_source *source = &ingest->state.source;
	const struct cw_hole hole = {
		.since = source->offset + (int64_t)event->since,
		.until = source->offset + (int64_t)event->until,
		.records = event->count, .reason = CW_HOLE_TABLE,
	};
	int ret = note_time(ingest, event->until);

	ret = ret ?: cw_store_extend_hole(ingest->store, &hole, source->heard);
	if (ret)
		return ret < 0 ? ret : 0;
	ingest->state.counts.holes++;
	return cw_store_hole(ingest->store, &hole, source->heard);
}

static int take(struct cw_ingest *ingest, const struct cw_event *event)
{
	const void *record = event;

	if (!cw_event_is_whole(event))
		return -EBADMSG;
	switch ((enum cw_event_type)event->type) {
	case CW_EVENT_LOST:
		/* How many is known by the sequence numbers. */
		return 0;
	case CW_EVENT_PROCESS:
		return take_process(ingest, record);
	case CW_EVENT_OPEN:
		return take_open(ingest, record);
	case CW_EVENT_LOCAL:
	case CW_EVENT_CLOSE:
	case CW_EVENT_USED:
	case CW_EVENT_JUDGED:
	case CW_EVENT_TRAFFIC:
		return take_change(ingest, event);
	case CW_EVENT_UNTRACKED:
		return take_untracked(ingest, record);
	}
	return -EBADMSG;
}

/* ---- all records of a batch ---------------------------------------------- */

/* 1 = it is new, 0 = it was stored before. */
static int check_sequence(struct cw_ingest *ingest,
			  const struct cw_event *event)
{
	struct state *state = &ingest->state;
	uint64_t missing = 0;
	int ret = 0;

	if (event->sequence < state->next)
		return 0;
	missing = event->sequence - state->next;
	if (missing)
		ret = note_missing(ingest, missing, state->is_new
				   ? "elsewhere" : "kernel");
	state->is_new = false;
	state->next = event->sequence + 1;
	return ret ?: 1;
}

static int take_all(struct cw_ingest *ingest, const uint8_t *at, size_t size,
		    uint64_t *upto)
{
	const uint8_t *end = at + size;
	const struct cw_event *event;
	int ret;

	while ((event = cw_event_next(&at, end))) {
		ret = check_sequence(ingest, event);
		if (ret > 0)
			ret = take(ingest, event);
		if (ret && ret != -EBADMSG)
			return ret;
		if (ret)
			ingest->state.counts.malformed++;
		*upto = event->sequence;
	}
	/* Where the next one begins cannot be told.  What is missing will be
	 * seen by the next number. */
	if (at != end)
		ingest->state.counts.malformed++;
	return 0;
}

static int take_kept(struct cw_ingest *ingest)
{
	const uint8_t *at = ingest->kept, *end = at + ingest->kept_size;
	const struct cw_event *event;
	int ret;

	while (at != end && (event = cw_event_next(&at, end))) {
		ret = take_process(ingest, event);
		if (ret && ret != -EBADMSG)
			return ret;
	}
	return 0;
}

/* A step of the clock holds from here on; see docs/design.md. */
static void set_offset(struct cw_ingest *ingest, int64_t offset)
{
	struct cw_step step;

	if (cw_clock_set(&ingest->state.source, offset, &step))
		note_step(ingest, &step);
}

static int save_source(struct cw_ingest *ingest)
{
	struct state *state = &ingest->state;
	int ret;

	state->source.last = state->next - 1;
	state->source.until = state->time;
	ret = cw_store_save(ingest->store, &state->source);
	ret = ret ?: cw_store_commit(ingest->store);
	if (!ret)
		state->heard_stored = state->source.heard;
	return ret;
}

static int write_batch(struct cw_ingest *ingest, const void *data, size_t size,
		       uint64_t *upto)
{
	struct state *state = &ingest->state;
	int ret = cw_store_begin(ingest->store);

	ret = ret ?: write_step(ingest);
	ret = ret ?: write_hole(ingest, &state->dropped, state->dropped_clock);
	ret = ret ?: take_kept(ingest);
	ret = ret ?: take_all(ingest, data, size, upto);
	ret = ret ?: cw_batch_store(ingest->batch, ingest->store);
	if (!ret && state->hole.records) {
		state->hole.until = cw_clock_read(CLOCK_REALTIME);
		ret = write_hole(ingest, &state->hole, state->source.heard);
	}
	return ret ?: save_source(ingest);
}

/* The batch is given back: it can be tried again as if nothing had been done. */
static void undo(struct cw_ingest *ingest)
{
	ingest->state = ingest->saved;
	cw_store_close(ingest->store);
	ingest->store = NULL;
}

int cw_ingest_batch(struct cw_ingest *ingest, const void *data, size_t size,
		    int64_t offset, uint64_t *upto)
{
	int ret = cw_ingest_open(ingest, offset);

	*upto = 0;
	if (ret)
		return ret;
	set_offset(ingest, offset);
	ingest->saved = ingest->state;
	ret = write_batch(ingest, data, size, upto);
	cw_batch_clear(ingest->batch);
	if (ret) {
		undo(ingest);
		return ret;
	}
	free(ingest->kept);
	ingest->kept = NULL;
	ingest->kept_size = 0;
	return 0;
}

int cw_ingest_tick(struct cw_ingest *ingest, int64_t offset, int64_t boottime)
{
	struct state *state = &ingest->state;
	int ret;

	if (!ingest->store)
		return 0;
	set_offset(ingest, offset);
	cw_clock_hear(&state->source, boottime);
	if (!state->step.before &&
	    state->source.heard < state->heard_stored + TICK)
		return 0;
	ingest->saved = *state;
	ret = cw_store_begin(ingest->store);
	ret = ret ?: write_step(ingest);
	ret = ret ?: save_source(ingest);
	if (ret)
		undo(ingest);
	return ret;
}

/* ---- giving up ------------------------------------------------------------ */

/* The kernel tells of a program once. */
static bool keep(struct cw_ingest *ingest, const struct cw_event *event)
{
	uint8_t *kept;

	if (event->type != CW_EVENT_PROCESS || !cw_event_is_whole(event) ||
	    ingest->kept_size + event->size > KEPT_MAX)
		return false;
	kept = realloc(ingest->kept, ingest->kept_size + event->size);
	if (!kept)
		return false;
	memcpy(kept + ingest->kept_size, event, event->size);
	ingest->kept = kept;
	ingest->kept_size += event->size;
	return true;
}

void cw_ingest_drop(struct cw_ingest *ingest, const void *data, size_t size,
		    int64_t offset, uint64_t *upto)
{
	struct state *state = &ingest->state;
	const uint8_t *at = data, *end = at + size;
	const struct cw_event *event;
	uint64_t records = 0;

	*upto = 0;
	set_offset(ingest, offset);
	while ((event = cw_event_next(&at, end))) {
		*upto = event->sequence;
		if (event->sequence < state->next)
			continue;
		records += event->sequence - (state->next ?: event->sequence);
		records += !keep(ingest, event);
		state->next = event->sequence + 1;
	}
	if (!state->dropped.records) {
		state->dropped.since = state->time ?: cw_clock_read(CLOCK_REALTIME);
		state->dropped.reason = "disk";
	}
	state->time = cw_clock_read(CLOCK_REALTIME);
	state->dropped.until = state->time;
	state->dropped_clock = cw_ingest_clock(ingest, cw_clock_read(CLOCK_BOOTTIME));
	state->dropped.records += records;
	state->counts.dropped += records;
}

/* ---- open and close ------------------------------------------------------- */

static int open_store(struct cw_ingest *ingest, int64_t offset,
		      struct cw_event_source *source)
{
	int ret = cw_store_open(&ingest->store, ingest->file);
	struct cw_step step;

	if (ret)
		return ret;
	ret = cw_store_begin(ingest->store);
	ret = ret ?: cw_store_source(ingest->store, ingest->boot,
				     ingest->instance, offset, source, &step);
	if (!ret && step.before) {
		cw_clock_log(&step);
		ret = cw_store_step(ingest->store, &step, source->heard);
	}
	ret = ret ?: cw_store_commit(ingest->store);
	if (ret) {
		cw_store_close(ingest->store);
		ingest->store = NULL;
	}
	return ret;
}

int cw_ingest_open(struct cw_ingest *ingest, int64_t offset)
{
	struct state *state = &ingest->state;
	struct cw_event_source source;
	int ret;

	if (ingest->store)
		return 0;
	ret = open_store(ingest, offset, &source);
	if (ret == -EUCLEAN) {
		cw_aside_move(ingest->file);
		ret = open_store(ingest, offset, &source);
	}
	if (ret)
		return ret;
	/* What was dropped is not in the file, but it is accounted for. */
	if (!state->next)
		state->is_new = !source.last;
	if (state->next <= source.last)
		state->next = source.last + 1;
	if (state->time < source.until)
		state->time = source.until;
	/* Nor is it that the clock was set, or how long the host is up. */
	if (source.id == state->source.id) {
		source.offset = state->source.offset;
		source.heard = state->source.heard;
	}
	state->heard_stored = state->heard_stored ?: source.heard;
	state->source = source;
	return 0;
}

int cw_ingest_new(struct cw_ingest **out, const char *file, const char *boot,
		  const char *instance)
{
	struct cw_ingest *ingest = calloc(1, sizeof(*ingest));

	if (!ingest)
		return -ENOMEM;
	snprintf(ingest->boot, sizeof(ingest->boot), "%s", boot);
	snprintf(ingest->instance, sizeof(ingest->instance), "%s", instance);
	ingest->file = strdup(file);
	ingest->batch = cw_batch_new();
	if (!ingest->file || !ingest->batch) {
		cw_ingest_free(ingest);
		return -ENOMEM;
	}
	*out = ingest;
	return 0;
}

void cw_ingest_free(struct cw_ingest *ingest)
{
	if (!ingest)
		return;
	cw_store_close(ingest->store);
	cw_batch_free(ingest->batch);
	free(ingest->kept);
	free(ingest->file);
	free(ingest);
}

const struct cw_ingest_counts *cw_ingest_counts(const struct cw_ingest *ingest)
{
	return &ingest->state.counts;
}

struct cw_store *cw_ingest_store(struct cw_ingest *ingest)
{
	return ingest->store;
}

const struct cw_event_source *cw_ingest_source(const struct cw_ingest *ingest)
{
	return &ingest->state.source;
}
