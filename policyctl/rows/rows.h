/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policyctl: how rows are selected, read, and printed; grouped by file.
 *
 * Functions return 0 or a negative errno unless it is said otherwise.
 */
#ifndef CW_POLICYCTL_H
#define CW_POLICYCTL_H

#include <netinet/in.h>

#include "history/history.h"
#include "lib/lib.h"
#include "lib/message.h"
#include "policy/engine/engine.h"

/* ---- output.c: for people, for scripts, as JSON ------------------------- */

#define CW_COLUMNS_MAX	48

struct cw_printer {
	FILE *out;
	const struct cw_output *style;
	/* The rest is output.c's own: */
	const char *prefix;		/* of keys in text */
	bool separate;			/* JSON: a comma comes first */
	unsigned columns;
	const char *names[CW_COLUMNS_MAX];
	struct libscols_table *table;
	size_t waiting;			/* rows in table */
	bool has_header;		/* it has been printed */
};

/*
 * Two shapes: one object with sections of fields, and rows under columns.
 * Text is borrowed for the call, column names until the end of the rows.
 */
struct cw_output {
	/* Fields follow; in text their keys are printed with @prefix. */
	void (*section)(struct cw_printer *printer, const char *name,
			const char *prefix, const char *state);
	void (*field)(struct cw_printer *printer, const char *key,
		      const char *value);
	void (*end)(struct cw_printer *printer);

	int (*columns)(struct cw_printer *printer);
	/* As many values as columns, escaped as in securityfs. */
	int (*row)(struct cw_printer *printer, char *const *values);
	int (*flush)(struct cw_printer *printer);
};

/* JSON when asked for; aligned on a terminal; else one space between, and a tab
 * before the columns `what' and `advice', which hold sentences. */
void cw_printer_init(struct cw_printer *printer, FILE *out, bool json);

/* 0, or why the first write to it failed that did: asked after each row. */
int cw_output_error(FILE *out);

/* Aligned, at a terminal. */
bool cw_printer_is_for_people(const struct cw_printer *printer);

/* ---- past.c: connections of the past as lines of JSON -------------------- */

/* "inherited" as soon as another program uses it. */
const char *cw_past_attribution_name(const struct cw_past *past);
int cw_past_direction(const char *word);	/* 0 out, 1 in */
int cw_past_netns_owner(const char *word);
bool cw_past_has_user(const struct cw_past *past);
bool cw_past_has_ports(unsigned proto);
/* Whether the local address is known. */
bool cw_past_has_local(const struct cw_past *past);
const char *cw_past_address(unsigned family, const uint8_t *address,
			    char text[INET6_ADDRSTRLEN]);
/* "" and NULL are this host. */
const char *cw_past_host(const char *host);
/* The number of its network namespace if a user made it, else 0. */
uint32_t cw_past_users_netns(const struct cw_past *past);

/* One line each. */
void cw_past_print(FILE *out, const struct cw_past *past);
void cw_hole_print(FILE *out, const char *host, const struct cw_hole *hole);

/* ---- past_read.c: read back ---------------------------------------------- */

/* Rows of other types than "connection" are skipped.  A line that is not a row
 * is told on standard error and ends it with -EPROTO: the caller forgets what
 * came before.  @past is valid during the call; not 0 from @each ends the
 * reading and is returned. */
int cw_past_read(FILE *file, const char *name,
		 int (*each)(void *data, const struct cw_past *past),
		 void *data);
/* The same, with the rows of type "hole". */
int cw_past_read_holes(FILE *file, const char *name,
		       int (*each)(void *data, const struct cw_past *past),
		       int (*each_hole)(void *data, const struct cw_hole *hole),
		       void *data);

/* ---- unit.c: units of systemd --------------------------------------------- */

/* "echo@.service" for the instance that was made for one connection; any other
 * unit as it is.  @unit or @folded. */
const char *cw_unit_fold(const char *unit, char folded[CW_PATH_MAX]);

/* ---- cells.c: the values of one row -------------------------------------- */

#define CW_END_ROOM	(INET6_ADDRSTRLEN + 16)

/* To be printed by the row() of a printer. */
struct cw_cells {
	char *value[CW_COLUMNS_MAX];
	unsigned count;
	bool for_people;		/* times may have spaces in them */
	size_t used;
	char text[32 * CW_PATH_MAX];
};

void cw_cells_begin(struct cw_cells *cells, const struct cw_printer *printer);
/* As it is. */
void cw_cells_add(struct cw_cells *cells, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Escaped as in securityfs; "" becomes "-". */
void cw_cells_text(struct cw_cells *cells, const char *text);
void cw_cells_number(struct cw_cells *cells, uint64_t number, uint64_t none);
void cw_cells_time(struct cw_cells *cells, int64_t time);
void cw_cells_address(struct cw_cells *cells, unsigned family,
		      const uint8_t *address);
/* proto dir local remote verdict attribution tgid */
void cw_cells_past(struct cw_cells *cells, const struct cw_past *past);
/* "203.0.113.7:80", "[2001:db8::1]:80"; without the port if it has none. */
const char *cw_end_print(unsigned family, unsigned proto,
			 const uint8_t *address, unsigned port,
			 char text[CW_END_ROOM]);

/* ---- filter.c: which connections are wanted ------------------------------ */

/* Option --@name; NULL, or what is accepted as its value. */
const char *cw_filter_take(struct cw_past_filter *filter, const char *name,
			   const char *value);
/* Sets the address, the port or both (see endpoint.h).  NULL, or the reason to
 * refuse @text, valid until the next call. */
const char *cw_filter_address(struct cw_past_filter *filter, const char *text);
bool cw_filter_is_glob(const char *exe);
/* As cw_history_query() selects, but for the limit. */
bool cw_filter_matches(const struct cw_past_filter *filter,
		       const struct cw_past *past);

#endif
