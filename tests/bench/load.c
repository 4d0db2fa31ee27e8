// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a load of 1,000,000 rules costs from the text to the kernel's check, by
 * the parts that policyd goes through one after another.
 *
 * plain	one program, as in the engine's bench
 * mixed	five hundred programs, globs, `any`, users
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/text/compile.h"
#include "bench.h"

#define RULES	1000000u
#define ROUNDS	3
#define BUDGET	3.0	/* seconds of processor time, plain */

enum part { PART_READ, PART_LINT, PART_COMPILE, PART_CHECK, PARTS };

/* Seconds by the clock, and of this process alone, as others are busy too. */
struct cost {
	double clock, processor;
};

static struct cost now(void)
{
	return (struct cost) { bench_now(), bench_processor() };
}

static void write_mixed(FILE *out)
{
	static const char *const program[] = {
		"any", "/usr/bin/curl", "/usr/bin/wget", "/usr/sbin/nginx",
		"/usr/lib/systemd/systemd-*",
	};
	u32 which = bench_random() % (ARRAY_SIZE(program) + 1);

	if (which < ARRAY_SIZE(program))
		fputs(program[which], out);
	else
		fprintf(out, "/opt/app%u/bin/x", bench_random() % 500);
	if (bench_random() % 4 == 0)
		fprintf(out, " user %u", bench_random() % 50);
}

static void write_rule(FILE *out, bool mixed)
{
	u32 length = 24 + bench_random() % 9;
	u32 addr = bench_random() & (0xffffffffu << (32 - length));

	fputs(bench_random() % 2 ? "allow " : "deny ", out);
	if (mixed)
		write_mixed(out);
	else
		fputs("/usr/bin/curl", out);
	fprintf(out, " to %u.%u.%u.%u/%u port %u proto tcp\n", addr >> 24,
		addr >> 16 & 255, addr >> 8 & 255, addr & 255, length,
		bench_random() & 0xffff);
}

static char *make_text(bool mixed, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);
	u32 i;

	for (i = 0; out && i < RULES; i++)
		write_rule(out, mixed);
	if (!out || fclose(out)) {
		fprintf(stderr, "bench: out of memory\n");
		exit(1);
	}
	return text;
}

static void need(bool is_done, const struct cw_diag *diag)
{
	if (is_done)
		return;
	cw_diag_print(diag, stderr);
	exit(1);
}

/* One load; @at gets the time before each part and after the last. */
static void load(const char *text, size_t size, struct cost at[PARTS + 1])
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *ruleset;
	struct cw_blob blob;
	void *data;

	at[PART_READ] = now();
	ruleset = cw_ruleset_parse("bench", text, size, UINT32_MAX, diag);
	need(ruleset, diag);
	at[PART_LINT] = now();
	cw_ruleset_lint(ruleset, diag);
	at[PART_COMPILE] = now();
	need(!cw_ruleset_emit(ruleset, &data, &size, diag), diag);
	at[PART_CHECK] = now();
	need(!cw_blob_open(&blob, data, size), diag);
	at[PARTS] = now();
	cw_ruleset_free(ruleset);
	cw_diag_free(diag);
	free(data);
}

static void keep_least(struct cost *least, struct cost cost)
{
	if (cost.clock < least->clock)
		least->clock = cost.clock;
	if (cost.processor < least->processor)
		least->processor = cost.processor;
}

/* The least of some rounds: the time of a machine that is not busy. */
static void measure(const char *text, size_t size, struct cost part[PARTS + 1])
{
	struct cost at[PARTS + 1];
	u32 round, i;

	for (i = 0; i <= PARTS; i++)
		part[i] = (struct cost) { 1e9, 1e9 };
	for (round = 0; round < ROUNDS; round++) {
		load(text, size, at);
		for (i = 0; i < PARTS; i++)
			keep_least(&part[i], (struct cost) {
				at[i + 1].clock - at[i].clock,
				at[i + 1].processor - at[i].processor,
			});
		keep_least(&part[PARTS], (struct cost) {
			at[PARTS].clock - at[0].clock,
			at[PARTS].processor - at[0].processor,
		});
	}
}

static void print_load(bool mixed)
{
	struct cost part[PARTS + 1];
	size_t size;
	char *text = make_text(mixed, &size);
	u32 i;

	measure(text, size, part);
	free(text);
	printf("%9u  %-10s", RULES, mixed ? "mixed" : "plain");
	for (i = 0; i <= PARTS; i++)
		printf(" %8.3f", part[i].clock);
	printf(" %8.3f", part[PARTS].processor);
	if (!mixed)
		printf("  processor %.0f %s", BUDGET,
		       bench_verdict(part[PARTS].processor, BUDGET));
	printf("\n");
	fflush(stdout);
}

void load_bench(void)
{
	printf("%9s             read s   lint s  compile    check      all  processor  budgets\n",
	       "load");
	print_load(false);
	print_load(true);
}
