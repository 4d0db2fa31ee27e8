/* SPDX-License-Identifier: GPL-2.0-only */
/* Replays the seeds and finds of a fuzzer as a unit test. */
#ifndef SEEDS_H
#define SEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Runs @one on each file that @pattern matches, as a test of the suite @name.
 * @good names those which @takes must take; one that is refused is of an older
 * format: make fuzz-seeds.  NULL = there are none.  Returns an exit status.
 */
struct seeds {
	const char *name, *pattern, *good;
	int (*one)(const uint8_t *data, size_t size);
	bool (*takes)(const uint8_t *data, size_t size);
};

int seeds_main(const struct seeds *seeds);

#endif
