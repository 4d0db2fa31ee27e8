// SPDX-License-Identifier: GPL-2.0-only
/* The clock of the history, which nobody can set, and that of the host, which
 * somebody may. */
#include <time.h>

#include "history.h"

#define SECOND		1000000000ll	/* ns */
/* A clock that was set moves times further than measuring it does. */
#define STEP		(SECOND / 100)
/* One that whoever looks back should know of. */
#define STEP_NOTED	SECOND

int64_t cw_clock_read(int clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

int64_t cw_clock_at(const struct cw_event_source *source, int64_t boottime)
{
	return source->base + boottime / SECOND;
}

void cw_clock_hear(struct cw_event_source *source, int64_t boottime)
{
	int64_t clock = cw_clock_at(source, boottime);

	if (clock > source->heard)
		source->heard = clock;
}

bool cw_clock_set(struct cw_event_source *source, int64_t offset,
		  struct cw_step *step)
{
	int64_t by = offset - source->offset, boottime;

	if (by <= STEP && by >= -STEP)
		return false;
	boottime = cw_clock_read(CLOCK_BOOTTIME);
	step->before = source->offset + boottime;
	step->after = offset + boottime;
	source->offset = offset;
	return by >= STEP_NOTED || by <= -STEP_NOTED;
}

void cw_clock_log(const struct cw_step *step)
{
	log_warn("history: the clock was set by %+lld seconds; connections of "
		 "before keep the times of the old one, and their age",
		 (long long)((step->after - step->before) / SECOND));
}
