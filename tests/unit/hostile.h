/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A blob of unknown origin: it is refused, or everything that is done with a
 * policy can be done with it.  For tests and the fuzzer, under sanitizers.
 */
#ifndef CW_HOSTILE_H
#define CW_HOSTILE_H

#include "policy/text/compile.h"

/* True if cw_blob_open() took it; then it has also been used all over.
 * @data may have any alignment; it is copied to memory of just @size. */
bool hostile_try(const void *data, size_t size);

#endif
