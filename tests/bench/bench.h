/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the engine's bench and the things it is compared with share: one-prefix
 * one-port rules, keys, and a barrier that keeps look-ups apart.
 */
#ifndef CW_BENCH_H
#define CW_BENCH_H

#include <stdint.h>
#include <stddef.h>

struct bench_rule {
	uint32_t addr;		/* host order, bits below the prefix are 0 */
	uint8_t length;
	uint16_t port;
};

struct bench_key {
	uint32_t addr;
	uint16_t port;
	uint16_t zero;
};

/* Cold: each key once, more keys than caches hold.  Hot: 16 keys for ever. */
struct bench_keys {
	const struct bench_key *key;
	uint32_t count;		/* a power of two */
	uint32_t rounds;	/* look-ups */
};

struct bench_result {
	double build;		/* seconds */
	double bytes;		/* of the compiled form, all in all */
	double hot, cold;	/* ns a look-up, each waits for the last */
	double batch;		/* ns a look-up, cold, many at a time; or 0 */
};

double bench_now(void);		/* seconds */
uint32_t bench_random(void);

/*
 * Called after every look-up: none begins before the last one has its answer,
 * not even by speculation, as nothing overlaps two calls of connect().
 */
static inline void bench_wait(void)
{
#if defined(__x86_64__)
	__asm__ volatile("lfence" ::: "memory");
#elif defined(__aarch64__)
	__asm__ volatile("dsb ld\n\tisb" ::: "memory");
#else
	__sync_synchronize();
#endif
}

/* 0, or -1: not on this machine. */
int acl_init(void);
int acl_bench(const struct bench_rule *rules, uint32_t count,
	      const struct bench_keys *hot, const struct bench_keys *cold,
	      struct bench_result *result);

#endif
