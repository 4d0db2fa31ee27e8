// SPDX-License-Identifier: GPL-2.0-only
/*
 * In place of acl.c where libdpdk-dev is not installed.
 */
#include "bench.h"

int acl_init(void)
{
	return -1;
}

int acl_bench(const struct bench_rule *rules, uint32_t count,
	      const struct bench_keys *hot, const struct bench_keys *cold,
	      struct bench_result *result)
{
	(void)rules;
	(void)count;
	(void)hot;
	(void)cold;
	(void)result;
	return -1;
}
