/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of the history share: records go into a new file, and rows come
 * out of it. */
#ifndef CW_ROWS_H
#define CW_ROWS_H

#include "history/history.h"
#include "fixture.h"
#include "stream.h"

#define OFFSET		1700000000000000000ll	/* 1970 minus boot */
#define SECOND		1000000000ll
#define ROWS		64

extern struct rows {
	struct fixture fixture;
	char file[128], boot[64];
	struct stream stream;			/* records to be stored */
	struct cw_ingest *ingest;
	struct cw_history *history;		/* of the last query */
	struct cw_past_filter filter;		/* of the next one */
	int count, holes;			/* found */
	struct cw_past row[ROWS];
	struct cw_hole hole[ROWS];
} rows;

extern const struct stream_program curl, script;

void rows_setup(void);
void rows_teardown(void);
/* A load of the module that calls itself @instance; until rows_stop(). */
void rows_start(const char *instance);
void rows_stop(void);
/* Stores the stream, which is empty afterwards. */
void rows_store(void);
/* Connections 1 to 6 of curl (1-4) and of the script (5, 6), stored. */
void rows_make_six(void);
/* The number of rows. */
int rows_query(void);
void rows_filter_address(const char *text, uint8_t prefix);
/* The kernel's numbers of what the filter finds, as digits; the filter is as
 * new afterwards. */
void rows_assert_found(const char *wanted);
void rows_assert_address(const uint8_t *address, const char *wanted);

#endif
