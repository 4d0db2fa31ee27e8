/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs have connections: in the kernel's table now, and before.
 *
 * Functions return 0 or a negative errno unless it is said otherwise.
 */
#ifndef CW_LIVE_H
#define CW_LIVE_H

#include "rows.h"

/* ---- live.c: the kernel's table of connections --------------------------- */

#define CW_LIVE_COLUMNS	20
#define CW_LIVE_TEXT	(2 * CW_PATH_MAX)

/* Where each column is, -1 = this module has none. */
struct cw_live_header {
	int at[CW_LIVE_COLUMNS];
};

/* A line; times are exact to the ms, script, unit and ancestors not told. */
struct cw_live {
	struct cw_past past;		/* its id is the kernel's */
	enum cw_state state;
	char exe[CW_LIVE_TEXT], user[CW_LIVE_TEXT];	/* of past */
};

/* Cuts @line at each space; what is missing becomes "-". */
unsigned cw_live_split(char *line, char **values, unsigned room);
void cw_live_header(struct cw_live_header *header, const char *const *names,
		    unsigned count);
/* false = the line is not one of a connection. */
bool cw_live_parse(const struct cw_live_header *header, char *const *values,
		   struct cw_live *live);
/* The whole table; not 0 from @each ends it and is returned. */
int cw_live_read(const char *securityfs,
		 int (*each)(void *data, const struct cw_live *live),
		 void *data);

/* ---- who.c: connections by program ---------------------------------------- */

/* A program, with what is known of the newest of its connections. */
struct cw_whose {
	uint64_t connections;		/* that were not refused */
	uint64_t refused, would_deny;
	int64_t first, last;
	struct cw_past newest;
};

/* Starts as zeroes but for the first three. */
struct cw_who {
	const struct cw_past_filter *filter;
	int (*each)(void *data, const struct cw_past *past);	/* or NULL */
	void *data;
	struct cw_whose *whose;		/* the last seen first, when finished */
	size_t count;
	/* The rest is who.c's own: */
	size_t room;
	struct cw_names names, keys, programs;
	struct cw_who_live *live;
	size_t lives, live_room;
	uint32_t *head;			/* of a key's list in live */
	size_t heads, head_room;
};

/* First the kernel's table, then rows of the history, then the end. */
int cw_who_read_live(struct cw_who *who, const char *securityfs);
int cw_who_add(struct cw_who *who, const struct cw_past *past);
int cw_who_finish(struct cw_who *who);
void cw_who_free(struct cw_who *who);

/* ---- top.c: what happens now, by program ---------------------------------- */

#define CW_TOP_PEERS	3

struct cw_top_peer {
	uint64_t connections;
	uint32_t program;
	uint16_t port;			/* 0 = it came in, from any */
	uint8_t family, proto;
	bool in;
	uint8_t address[16];
};

/* Of a program: what is open, and what has been since the last look. */
struct cw_top_row {
	const char *exe;
	uint64_t open, opened, refused, bytes;
	bool has_bytes;			/* of one connection at least */
	unsigned peers;			/* busiest first */
	struct cw_top_peer peer[CW_TOP_PEERS];
};

struct cw_top_seen;

/* Starts as zeroes but for the filter. */
struct cw_top {
	const struct cw_past_filter *filter;
	double seconds;			/* since the last look, 0 = first one */
	struct cw_top_row total;
	struct cw_top_row *row;
	size_t count;
	/* The rest is top.c's own: */
	size_t room;
	int64_t time;			/* of this look, ns since 1970 */
	struct cw_names names, keys;
	struct cw_top_peer *peer;
	size_t peer_room;
	struct cw_top_seen *seen, *before;	/* bytes by number */
	size_t seens, befores, seen_room;
};

int cw_top_look(struct cw_top *top, const char *securityfs);
/* 'c' open connections, 'n' new, 'r' refused, 'b' bytes; most first. */
void cw_top_sort(struct cw_top *top, int key);
void cw_top_print_title(FILE *out, const struct cw_top *top);
void cw_top_print_row(FILE *out, const struct cw_top *top,
		      const struct cw_top_row *row);
void cw_top_free(struct cw_top *top);

#endif
