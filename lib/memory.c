// SPDX-License-Identifier: GPL-2.0-only
/* The shim through which every allocation of the compiler goes. */
#include <stdlib.h>

#include "lib.h"

/*
 * A test sets these to make an allocation fail; in a daemon they cost one
 * compare an allocation.
 */
static struct {
	uint64_t count;
	uint64_t fail_at;	/* 0 = never */
	bool forever;
} shim;

static bool refuse(void)
{
	shim.count++;
	if (__builtin_expect(!shim.fail_at, 1))
		return false;
	return shim.forever ? shim.count >= shim.fail_at :
			      shim.count == shim.fail_at;
}

void *cw_alloc(size_t size)
{
	return refuse() ? NULL : malloc(size ? size : 1);
}

void *cw_realloc(void *old, size_t size)
{
	return refuse() ? NULL : realloc(old, size ? size : 1);
}

void cw_free(void *memory)
{
	free(memory);
}

uint64_t cw_alloc_count(void)
{
	return shim.count;
}

void cw_alloc_fail(uint64_t nth, bool forever)
{
	shim.fail_at = nth ? shim.count + nth : 0;
	shim.forever = forever;
}
