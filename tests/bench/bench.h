/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the engine's bench and the things it is compared with share: one-prefix
 * one-port rules, keys, and a barrier that keeps look-ups apart.
 */
#ifndef CW_BENCH_H
#define CW_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Keys are looked up in rounds over all of them. */
struct bench_keys {
	const struct bench_key *key;
	uint32_t count;		/* a power of two */
};

struct bench_result {
	double build;		/* seconds of processor time */
	double bytes;		/* of the compiled form, all in all */
	double hot;		/* ns a look-up: few keys, one after another */
	double cold;		/* many keys, none overlaps another */
	double stream;		/* many keys, one after another */
	double batch;		/* many keys, handed over 32 at a time */
	double check;		/* likewise: what the kernel does at a load */
};

double bench_now(void);		/* seconds */
double bench_processor(void);	/* seconds that this process was running */
uint32_t bench_random(void);
/* What only a tenth of the values are below; puts them in order. */
double bench_decile(double *values, uint32_t count);
const char *bench_verdict(double value, double budget);	/* "ok", "OVER" */
/*
 * Zeroed memory where the kernel would have it: kvmalloc() gives large pages
 * to what is large, from Linux 5.18 on.  With bench_small_pages as before.
 */
void *bench_place(size_t size);
void bench_unplace(void *memory, size_t size);
/* The same for memory that is there already; as far as it goes. */
void bench_enlarge(void *memory, size_t size);
extern bool bench_small_pages;

/*
 * None begins before the last one has its answer, not even by speculation, as
 * nothing overlaps two calls of connect().
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

typedef uint32_t bench_look_up(void *context, const struct bench_key *key);

#define BENCH_CHUNKS	512
#define BENCH_CHUNK	8192	/* look-ups; short beside a time slice */

/*
 * Many short runs, of which the fastest tenth counts: other programs are busy
 * on this machine, and take caches and time.
 */
__attribute__((__always_inline__))
static inline double bench_time(const struct bench_keys *keys, bool wait,
				bench_look_up *look_up, void *context)
{
	double ns[BENCH_CHUNKS], start;
	uint32_t chunk, i, at = 0;
	volatile uint32_t sink;

	for (chunk = 0; chunk < BENCH_CHUNKS; chunk++) {
		start = bench_now();
		for (i = 0; i < BENCH_CHUNK; i++) {
			sink = look_up(context, &keys->key[at]);
			at = (at + 1) & (keys->count - 1);
			if (wait)
				bench_wait();
		}
		ns[chunk] = (bench_now() - start) / BENCH_CHUNK * 1e9;
	}
	(void)sink;
	return bench_decile(ns, BENCH_CHUNKS);
}

static inline uint32_t bench_nothing(void *context, const struct bench_key *key)
{
	(void)context;
	return key->addr + key->port;
}

/* All three times of one way to look up, without what the loop costs. */
__attribute__((__always_inline__))
static inline void bench_times(const struct bench_keys *hot,
			       const struct bench_keys *cold,
			       bench_look_up *look_up, void *context,
			       struct bench_result *result)
{
	result->cold = bench_time(cold, true, look_up, context) -
		       bench_time(cold, true, bench_nothing, NULL);
	result->hot = bench_time(hot, false, look_up, context);
	result->stream = bench_time(cold, false, look_up, context);
}

/* load.c: loads of a million rules, from the text on. */
void load_bench(void);

/* acl.c.  0, or -1: not on this machine. */
int acl_init(void);
int acl_bench(const struct bench_rule *rules, uint32_t count,
	      const struct bench_keys *hot, const struct bench_keys *cold,
	      struct bench_result *result);

#endif
