// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine's bench: rules of one prefix and one port each, 10 to 1,000,000.
 * Plain: prefixes of 24 to 32 bits.  Nested: of 16 to 32 bits, so that with
 * many rules most addresses are in several prefixes.
 * Beside it, in the same run on the same keys: a plain hash look-up of address
 * and port, which is what any decision costs at least, and DPDK's rte_acl.
 *
 * hot	the same 16 keys again and again
 * cold	2^20 random keys, and no look-up begins before the one before it has
 *	ended, as no connect() does; what is touched is in the caches only as
 *	far as it fits there.  What the loop and its barrier cost is taken off.
 * stream	the same keys without the barrier: the processor overlaps them
 *
 * build	seconds of processor time from the tree of rules to a blob that has
 *	passed the check; what comes before, text and lint, is in load.c
 *
 * Budgets are for a host on which the hash look-up takes 13 to 37 ns; where it
 * takes longer, cold budgets grow with it.
 *
 * The files that decide are compiled as the kernel compiles them (bench.mk),
 * and the blob lies where the kernel would have it (bench_place).
 *
 *	build/bench/engine [--no-acl] [--small-pages] [--load]
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "policy/text/compile.h"
#include "bench.h"

#define COLD_KEYS	(1u << 20)
#define HOT_KEYS	16
#define EXE		"/usr/bin/curl"

static double read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double bench_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

double bench_processor(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

uint32_t bench_random(void)
{
	static u64 state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (u32)(state >> 16);
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double bench_decile(double *values, uint32_t count)
{
	qsort(values, count, sizeof(*values), compare_double);
	return values[count / 10];
}

const char *bench_verdict(double value, double budget)
{
	return value <= budget ? "ok" : "OVER";
}

static void *need(void *memory)
{
	if (!memory) {
		fprintf(stderr, "bench: out of memory\n");
		exit(1);
	}
	return memory;
}

/* ---- memory -------------------------------------------------------------- */

#define LARGE_PAGE	(2u << 20)

bool bench_small_pages;

void bench_enlarge(void *memory, size_t size)
{
	madvise(memory, size, bench_small_pages ? MADV_NOHUGEPAGE :
						  MADV_HUGEPAGE);
}

static size_t place_size(size_t size)
{
	return (size + 2 * LARGE_PAGE) & ~(size_t)(LARGE_PAGE - 1);
}

/* The start is moved to a large page; what is before it stays untouched. */
void *bench_place(size_t size)
{
	size_t room = place_size(size);
	char *memory = mmap(NULL, room, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(memory == MAP_FAILED ? NULL : memory);
	bench_enlarge(memory, room);
	return memory + (-(uintptr_t)memory & (LARGE_PAGE - 1));
}

void bench_unplace(void *memory, size_t size)
{
	/* a whole large page less than was mapped at most */
	munmap(memory, place_size(size) - LARGE_PAGE);
}

/* ---- rules and keys ------------------------------------------------------ */

static struct bench_rule *make_rules(u32 count, u32 shortest)
{
	struct bench_rule *rules = need(calloc(count, sizeof(*rules)));
	u32 i;

	for (i = 0; i < count; i++) {
		rules[i].length = shortest + bench_random() % (33 - shortest);
		rules[i].addr = bench_random() &
				(0xffffffffu << (32 - rules[i].length));
		rules[i].port = bench_random();
	}
	return rules;
}

/* Three of four keys are inside a rule's prefix and have its port. */
static struct bench_key *make_keys(const struct bench_rule *rules, u32 count,
				   u32 keys)
{
	struct bench_key *key = need(calloc(keys, sizeof(*key)));
	u32 i;

	for (i = 0; i < keys; i++) {
		const struct bench_rule *rule = &rules[bench_random() % count];
		u32 inside = rule->length == 32 ? 0 :
			     0xffffffffu >> rule->length;

		key[i].addr = rule->addr | (bench_random() & inside);
		key[i].port = rule->port;
		if (i % 4 == 3)
			key[i].addr = bench_random();
	}
	return key;
}

/* ---- the engine ---------------------------------------------------------- */

static void store(u8 *byte, u32 value)
{
	byte[0] = value >> 24;
	byte[1] = value >> 16;
	byte[2] = value >> 8;
	byte[3] = value;
}

/* @v6: the same rules in 2001:db8:ADDRESS::, prefixes 32 to 64 */
static void fill_dest(struct cw_dest *dest, const struct bench_rule *rule,
		      bool v6)
{
	u32 last = rule->length == 32 ? rule->addr :
		   rule->addr | 0xffffffffu >> rule->length;

	dest->kind = CW_DEST_ADDR;
	dest->family = v6 ? 6 : 4;
	store(dest->lo, v6 ? 0x20010db8 : rule->addr);
	store(dest->hi, v6 ? 0x20010db8 : last);
	if (v6) {
		store(dest->lo + 4, rule->addr);
		store(dest->hi + 4, last);
		memset(dest->hi + 8, 0xff, 8);
	}
}

static struct cw_ruleset *make_ruleset(const struct bench_rule *rules,
				       u32 count, bool v6)
{
	struct cw_ruleset *out = need(cw_ruleset_new());
	u32 i;

	out->rules = need(cw_ruleset_alloc(out, count * sizeof(*out->rules)));
	out->rule_count = count;
	for (i = 0; i < count; i++) {
		struct cw_rule *rule = &out->rules[i];

		rule->allow = i & 1;
		rule->exe_kind = CW_EXE_PATH;
		rule->exe = (char *)EXE;
		rule->protos = CW_PROTO_MASK_PORTS;
		rule->span.line = i + 1;
		rule->dest_count = rule->port_count = 1;
		rule->dests = need(cw_ruleset_alloc(out, sizeof(*rule->dests)));
		rule->ports = need(cw_ruleset_alloc(out, sizeof(*rule->ports)));
		rule->ports->lo = rule->ports->hi = rules[i].port;
		fill_dest(rule->dests, &rules[i], v6);
	}
	return out;
}

struct engine {
	struct cw_blob blob;
	struct cw_ident ident;
	struct cw_subjects subjects;
	struct cw_request request;
};

static u32 find4(void *context, const struct bench_key *key)
{
	struct engine *engine = context;

	store(engine->request.addr, key->addr);
	engine->request.port = key->port;
	return cw_match(&engine->blob, &engine->subjects, &engine->ident,
			&engine->request).rule;
}

static u32 find6(void *context, const struct bench_key *key)
{
	struct engine *engine = context;
	u64 half[2] = { htobe64(0x20010db8ull << 32 | key->addr), 0 };

	/* whole, as the kernel copies a struct in6_addr */
	memcpy(engine->request.addr, half, sizeof(half));
	engine->request.port = key->port;
	return cw_match(&engine->blob, &engine->subjects, &engine->ident,
			&engine->request).rule;
}

/* Opens the blob, which is what the kernel does on its side of a load. */
static void engine_open(struct engine *engine, const void *data, size_t size,
			bool v6, struct bench_result *result)
{
	double start = bench_processor();

	if (cw_blob_open(&engine->blob, data, size))
		exit(1);
	result->check = bench_processor() - start;
	engine->ident = (struct cw_ident) { .exe = EXE };
	engine->request = (struct cw_request) { .family = v6 ? 6 : 4 };
	cw_match_subjects(&engine->blob, &engine->ident, &engine->subjects);
}

static void engine_bench(const struct bench_rule *rules, u32 count,
			 const struct bench_keys *hot,
			 const struct bench_keys *cold, bool v6,
			 struct bench_result *result)
{
	struct cw_ruleset *ruleset = make_ruleset(rules, count, v6);
	struct cw_diag *diag = need(cw_diag_new());
	double start = bench_processor();
	struct engine engine;
	void *data, *placed;
	size_t size;

	if (cw_ruleset_emit(ruleset, &data, &size, diag)) {
		cw_diag_print(diag, stderr);
		exit(1);
	}
	result->build = bench_processor() - start;
	result->bytes = size;
	cw_ruleset_free(ruleset);
	cw_diag_free(diag);
	placed = memcpy(bench_place(size), data, size);
	free(data);
	engine_open(&engine, placed, size, v6, result);
	if (v6)
		bench_times(hot, cold, find6, &engine, result);
	else
		bench_times(hot, cold, find4, &engine, result);
	bench_unplace(placed, size);
}

/* ---- a plain hash look-up ------------------------------------------------ */

struct hash_entry {
	u64 key;		/* address << 16 | port, + 1; 0 = free */
	u64 rule;
};

struct hash {
	struct hash_entry *entry;
	u32 mask;
};

static u64 hash_key(u32 addr, u16 port)
{
	return ((u64)addr << 16 | port) + 1;
}

static u32 hash_slot(u64 key)
{
	return (key * 0x9e3779b97f4a7c15ull) >> 32;
}

__attribute__((__noinline__))
static u32 hash_find(void *context, const struct bench_key *key)
{
	const struct hash *hash = context;
	u64 wanted = hash_key(key->addr, key->port);
	u32 at = hash_slot(wanted) & hash->mask;

	for (; hash->entry[at].key; at = (at + 1) & hash->mask)
		if (hash->entry[at].key == wanted)
			return hash->entry[at].rule;
	return CW_RULE_DEFAULT;
}

static void hash_bench(const struct bench_rule *rules, u32 count,
		       const struct bench_keys *hot,
		       const struct bench_keys *cold,
		       struct bench_result *result)
{
	struct hash hash = { .mask = 15 };
	double start = bench_processor();
	size_t size;
	u32 i, at;

	while (hash.mask < 2 * count)
		hash.mask = hash.mask * 2 + 1;
	size = (hash.mask + 1.0) * sizeof(*hash.entry);
	hash.entry = bench_place(size);
	for (i = 0; i < count; i++) {
		u64 key = hash_key(rules[i].addr, rules[i].port);

		at = hash_slot(key) & hash.mask;
		while (hash.entry[at].key)
			at = (at + 1) & hash.mask;
		hash.entry[at] = (struct hash_entry) { key, i };
	}
	result->build = bench_processor() - start;
	result->bytes = size;
	bench_times(hot, cold, hash_find, &hash, result);
	bench_unplace(hash.entry, size);
}

/* ---- output -------------------------------------------------------------- */

/*
 * What a decision may cost: on a host where the plain look-up, cold, takes
 * @hash ns.  Where it takes longer everything does, and so may the decision.
 */
struct budget {
	u32 rules;
	double hash, cold;	/* ns */
};

static const struct budget budgets[] = {
	{ 10, 13, 40 }, { 1000, 13, 40 }, { 100000, 26, 80 },
	{ 1000000, 37, 150 },
};

#define BUDGET_HOT	15.0	/* ns, anywhere */
#define BUDGET_BUILD	3.0	/* seconds, 1M rules */
#define BUDGET_BYTES4	78.5	/* a rule of one IPv4 prefix, 1M rules */
#define BUDGET_BYTES6	100.0	/* likewise IPv6 */

static double budget_cold(const struct budget *budget,
			  const struct bench_result *hash)
{
	double slower = hash->cold / budget->hash;

	return budget->cold * (slower > 1 ? slower : 1);
}

static void print_row(u32 rules, const char *what,
		      const struct bench_result *result)
{
	printf("%9u  %-10s %8.3f %9.1f %8.1f %8.1f %8.1f", rules, what,
	       result->build, result->bytes / rules, result->hot, result->cold,
	       result->stream);
}

/* The budget of every number that has one, and whether it is kept. */
static void print_budget(const struct budget *budget,
			 const struct bench_result *result,
			 const struct bench_result *hash, bool v6)
{
	double cold = budget_cold(budget, hash);
	double bytes = v6 ? BUDGET_BYTES6 : BUDGET_BYTES4;

	printf("  hot %.0f %s, cold %.0f %s", BUDGET_HOT,
	       bench_verdict(result->hot, BUDGET_HOT), cold,
	       bench_verdict(result->cold, cold));
	if (budget->rules == 1000000)
		printf(", build %.0f %s", BUDGET_BUILD,
		       bench_verdict(result->build, BUDGET_BUILD));
	if (budget->rules == 1000000)
		printf(", B %.0f %s", bytes,
		       bench_verdict(result->bytes / budget->rules, bytes));
	printf("  (check %.3f s)\n", result->check);
	fflush(stdout);
}

static void print_acl(u32 rules, const struct bench_result *acl,
		      const struct bench_result *engine)
{
	print_row(rules, "rte_acl", acl);
	printf("  %.1f in batches of 32; engine v4 ahead: %s\n", acl->batch,
	       acl->build + 0.01 > engine->build && acl->bytes > engine->bytes &&
	       acl->hot > engine->hot && acl->cold > engine->cold ?
	       "everywhere" : "NOT EVERYWHERE");
	fflush(stdout);
}

static void bench(const struct budget *budget, u32 shortest, bool acl)
{
	struct bench_rule *rules = make_rules(budget->rules, shortest);
	struct bench_key *key = make_keys(rules, budget->rules, COLD_KEYS);
	struct bench_keys hot = { key, HOT_KEYS }, cold = { key, COLD_KEYS };
	struct bench_result hash = { 0 }, v4 = { 0 }, v6 = { 0 }, other = { 0 };
	u32 count = budget->rules;

	hash_bench(rules, count, &hot, &cold, &hash);
	print_row(count, "hash", &hash);
	printf("\n");
	engine_bench(rules, count, &hot, &cold, false, &v4);
	print_row(count, "engine v4", &v4);
	print_budget(budget, &v4, &hash, false);
	engine_bench(rules, count, &hot, &cold, true, &v6);
	print_row(count, "engine v6", &v6);
	print_budget(budget, &v6, &hash, true);
	if (acl && !acl_bench(rules, count, &hot, &cold, &other))
		print_acl(count, &other, &v4);
	free(key);
	free(rules);
}

static void bench_all(const char *what, u32 shortest, bool acl)
{
	u32 i;

	printf("%9s             build s  B a rule   hot ns  cold ns   stream  budgets\n",
	       what);
	for (i = 0; i < ARRAY_SIZE(budgets); i++)
		bench(&budgets[i], shortest, acl);
}

static bool has_option(int argc, char **argv, const char *option)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], option))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	bool acl;

	bench_small_pages = has_option(argc, argv, "--small-pages");
	acl = !has_option(argc, argv, "--no-acl") &&
	      !has_option(argc, argv, "--load") && !acl_init();
	if (!acl)
		printf("rte_acl: skipped (libdpdk-dev is not installed or it does not start)\n");
	if (!has_option(argc, argv, "--load")) {
		bench_all("plain", 24, acl);
		bench_all("nested", 16, acl);
	}
	load_bench();
	getrusage(RUSAGE_SELF, &usage);
	printf("peak memory %ld MiB\n", usage.ru_maxrss / 1024);
	return 0;
}
