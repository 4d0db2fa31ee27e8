// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints how often this host's time stamp counter counts in a millisecond.
 *
 * QEMU without KVM gives its guest the host's counter.  The guest's kernel
 * measures its rate against an emulated timer, and on a busy host comes to a rate
 * that is wrong by any factor: its clocks then run fast and all waits end early.
 * vm.sh tells the guest this rate instead.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct moment {
	uint64_t tsc, ns;
	uint64_t error; /* in counts: how long it took to read both */
};

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* Of many readings the one that was interrupted the least. */
static struct moment read_moment(void)
{
	struct moment best = { .error = UINT64_MAX };

	for (int i = 0; i < 1000; i++) {
		uint64_t before = __rdtsc();
		uint64_t ns = clock_ns();
		uint64_t error = __rdtsc() - before;

		if (error < best.error)
			best = (struct moment){ before + error / 2, ns, error };
	}
	return best;
}

int main(void)
{
	struct timespec pause = { .tv_nsec = 100000000 };
	struct moment first = read_moment(), last;

	nanosleep(&pause, NULL);
	last = read_moment();
	printf("%.0f\n", (double)(last.tsc - first.tsc) * 1e6 / (double)(last.ns - first.ns));
}
