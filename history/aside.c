// SPDX-License-Identifier: GPL-2.0-only
/* A history that is corrupt is moved out of the way, for who wants to look. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "history.h"

static void move_one(const char *from, const char *suffix, const char *to)
{
	char old[CW_PATH_MAX], new[CW_PATH_MAX + 64];

	snprintf(old, sizeof(old), "%s%s", from, suffix);
	snprintf(new, sizeof(new), "%s%s", to, suffix);
	if (rename(old, new) && errno != ENOENT)
		log_warn("cannot move %s to %s: %m", old, new);
}

/* Seconds tell one from another: what is moved had a second to go bad. */
void cw_aside_move(const char *file)
{
	char to[CW_PATH_MAX + 32];

	snprintf(to, sizeof(to), "%s.corrupt-%lld", file,
		 (long long)time(NULL));
	move_one(file, "", to);
	move_one(file, "-wal", to);
	move_one(file, "-shm", to);
	log_error("history: %s is corrupt and is now %s; a new one begins, "
		  "without the programs that run already", file, to);
}
