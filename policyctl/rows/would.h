/* SPDX-License-Identifier: GPL-2.0-only */
/* What enforce would refuse, added up. */
#ifndef CW_WOULD_H
#define CW_WOULD_H

#include "live.h"

/* Strings are never NULL, "" = none. */
struct cw_would_row {
	const char *exe, *script, *unit, *label;
	uint8_t remote[16];
	uint16_t port;
	uint8_t family, proto;		/* as in struct cw_past */
	uint32_t uid, rule, line;
	uint64_t generation, count;
	int64_t first, last;		/* ns since 1970 */
};

/* Starts as zeroes but for the first three. */
struct cw_would {
	uint64_t generation;		/* of the policy; 0 = any */
	/* Whether enforce lets it pass nevertheless; NULL = none. */
	bool (*passes)(void *data, const struct cw_past *past);
	void *data;
	struct cw_would_row *row;
	size_t count;
	uint64_t connections;		/* in these rows */
	uint64_t passing;		/* left out: enforce lets them pass */
	/* The rest is would.c's own: */
	size_t room;
	struct cw_names keys, labels;
};

/* Takes what is would-deny.  -ENOMEM. */
int cw_would_add(struct cw_would *would, const struct cw_past *past);
void cw_would_sort(struct cw_would *would);
void cw_would_free(struct cw_would *would);

#endif
