// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same rules and keys through DPDK's rte_acl, one key at a time as a
 * connect() comes, and in batches, which is what it is made for.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_acl.h>
#include <rte_byteorder.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "bench.h"

#define BATCH	32

enum { FIELD_PROTO, FIELD_ADDR, FIELD_PORT, FIELDS };

/* Fields after the first byte are taken four bytes at a time. */
struct acl_key {
	uint8_t proto;
	uint8_t zero[3];
	uint32_t addr;		/* network order, like the ports */
	uint16_t port, unused;
};

RTE_ACL_RULE_DEF(acl_rule, FIELDS);

static const struct rte_acl_field_def fields[FIELDS] = {
	{
		.type = RTE_ACL_FIELD_TYPE_BITMASK, .size = 1,
		.field_index = FIELD_PROTO, .input_index = 0,
		.offset = offsetof(struct acl_key, proto),
	}, {
		.type = RTE_ACL_FIELD_TYPE_MASK, .size = 4,
		.field_index = FIELD_ADDR, .input_index = 1,
		.offset = offsetof(struct acl_key, addr),
	}, {
		.type = RTE_ACL_FIELD_TYPE_RANGE, .size = 2,
		.field_index = FIELD_PORT, .input_index = 2,
		.offset = offsetof(struct acl_key, port),
	},
};

static int enlarge(const struct rte_memseg_list *list, void *context)
{
	(void)context;
	bench_enlarge(list->base_va, list->len);
	return 0;
}

int acl_init(void)
{
	static char *arguments[] = {
		(char *)"bench", (char *)"--no-huge", (char *)"--no-pci",
		(char *)"--no-shconf", (char *)"--no-telemetry",
		(char *)"-m", (char *)"6144", (char *)"-l", (char *)"0",
		(char *)"--log-level=1",
	};
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	int result;

	/* it announces itself whatever the log level */
	dup2(null, STDERR_FILENO);
	result = rte_eal_init(sizeof(arguments) / sizeof(arguments[0]),
			      arguments);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(null);
	if (result < 0)
		return -1;
	rte_memseg_list_walk(enlarge, NULL);
	return 0;
}

static int add_rules(struct rte_acl_ctx *context,
		     const struct bench_rule *rules, uint32_t count)
{
	struct acl_rule rule = { .data.category_mask = 1 };
	uint32_t i;
	int error = 0;

	for (i = 0; i < count && !error; i++) {
		rule.data.priority = RTE_ACL_MAX_PRIORITY - i;
		rule.data.userdata = i + 1;
		rule.field[FIELD_PROTO].value.u8 = 6;
		rule.field[FIELD_PROTO].mask_range.u8 = 0xff;
		rule.field[FIELD_ADDR].value.u32 = rules[i].addr;
		rule.field[FIELD_ADDR].mask_range.u32 = rules[i].length;
		rule.field[FIELD_PORT].value.u16 = rules[i].port;
		rule.field[FIELD_PORT].mask_range.u16 = rules[i].port;
		error = rte_acl_add_rules(context,
					  (struct rte_acl_rule *)&rule, 1);
	}
	return error;
}

static void fill_key(struct acl_key *out, const struct bench_key *key)
{
	out->proto = 6;
	out->addr = rte_cpu_to_be_32(key->addr);
	out->port = rte_cpu_to_be_16(key->port);
}

static uint32_t find(void *context, const struct bench_key *from)
{
	struct acl_key key = { 0 };
	const uint8_t *data = (const uint8_t *)&key;
	uint32_t found = 0;

	fill_key(&key, from);
	rte_acl_classify(context, &data, &found, 1, 1);
	return found;
}

static double time_batch(struct rte_acl_ctx *context,
			 const struct bench_keys *keys)
{
	static struct acl_key key[BATCH];
	const uint8_t *data[BATCH];
	uint32_t found[BATCH], i, j;
	double start = bench_now();

	for (i = 0; i < keys->count; i += BATCH) {
		for (j = 0; j < BATCH; j++) {
			fill_key(&key[j], &keys->key[i + j]);
			data[j] = (const uint8_t *)&key[j];
		}
		rte_acl_classify(context, data, found, BATCH, 1);
	}
	return (bench_now() - start) / keys->count * 1e9;
}

/* Bytes that DPDK's own heap has given out. */
static double allocated(void)
{
	struct rte_malloc_socket_stats stats = { 0 };

	rte_malloc_get_socket_stats(0, &stats);
	return (double)stats.heap_allocsz_bytes;
}

int acl_bench(const struct bench_rule *rules, uint32_t count,
	      const struct bench_keys *hot, const struct bench_keys *cold,
	      struct bench_result *result)
{
	struct rte_acl_param parameters = {
		.name = "bench", .socket_id = SOCKET_ID_ANY,
		.rule_size = RTE_ACL_RULE_SZ(FIELDS), .max_rule_num = count,
	};
	struct rte_acl_config config = {
		.num_categories = 1, .num_fields = FIELDS,
	};
	double before = allocated(), start = bench_processor();
	struct rte_acl_ctx *context = rte_acl_create(&parameters);
	int error;

	memcpy(config.defs, fields, sizeof(fields));
	error = !context || add_rules(context, rules, count);
	if (!error)
		error = rte_acl_build(context, &config);
	if (!error) {
		result->build = bench_processor() - start;
		result->bytes = allocated() - before;
		bench_times(hot, cold, find, context, result);
		result->batch = time_batch(context, cold);
	} else {
		printf("%9u  rte_acl: cannot build: %d\n", count, error);
	}
	rte_acl_free(context);
	return error ? -1 : 0;
}
