// SPDX-License-Identifier: GPL-2.0-only
/* The only part of the engine that is not in the kernel, which has its own. */
#include "engine.h"

/* Each thread matches in a room of its own. */
struct cw_traits *cw_traits_room(void)
{
	static _Thread_local struct cw_traits room;

	return &room;
}
