/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only place in policy/ that knows in which world it is compiled: kernel
 * types and helpers as they are, or their libc twins.
 */
#ifndef CW_PORT_H
#define CW_PORT_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

/* An IPv6 address as a number.  Linux has the name too, since 6.4. */
typedef unsigned __int128 u128;

static inline u128 u128_of(u64 hi, u64 lo)
{
	return (u128)hi << 64 | lo;
}

#endif
