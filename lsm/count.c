// SPDX-License-Identifier: GPL-2.0-only
/* Counters of the module: one set for each CPU, added up when read. */
#include <linux/percpu.h>

#include "cw.h"

static DEFINE_PER_CPU(u64 [CW_COUNT_END], counters);

void cw_count_add(enum cw_count what, u64 n)
{
	this_cpu_add(counters[what], n);
}

u64 cw_count_read(enum cw_count what)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(counters, cpu)[what]);
	return sum;
}
