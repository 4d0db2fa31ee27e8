// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: a file of rows, as other hosts send them, is refused with the
 * line that is wrong, or it becomes a graph.  What was read is printed and read
 * again: it must be the same.  The first byte says how the flows are made.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "policyctl/rows/flow.h"

#define ADDRESSES	4	/* nodes; few, so that they are put together */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read: into @join unless it is NULL, and printed to @out. */
struct reading {
	struct cw_join *join;
	FILE *out;
};

static void require(bool is_true)
{
	if (!is_true)
		abort();
}

static int take(void *data, const struct cw_past *past)
{
	struct reading *reading = data;

	cw_past_print(reading->out, past);
	return reading->join ? cw_join_add(reading->join, past, true) : 0;
}

static int take_hole(void *data, const struct cw_hole *hole)
{
	struct reading *reading = data;

	cw_hole_print(reading->out, "", hole);
	return 0;
}

/* What the rows are printed as, or NULL: they were refused. */
static char *read_rows(const char *rows, size_t size, struct cw_join *join)
{
	FILE *in = fmemopen((void *)rows, size, "r");
	struct reading reading = { .join = join };
	char *printed;
	size_t length;
	int ret;

	require(in);
	reading.out = open_memstream(&printed, &length);
	ret = cw_past_read_holes(in, "rows", take, take_hole, &reading);
	require(!ret || ret == -EPROTO);
	fclose(in);
	fclose(reading.out);
	if (!ret)
		return printed;
	free(printed);
	return NULL;
}

static void require_json(const char *text, size_t length)
{
	json_t *json = json_loadb(text, length, 0, NULL);

	require(json);
	json_decref(json);
}

static void draw(const struct cw_flows *flows, enum cw_flow_by by)
{
	struct cw_graph graph;
	size_t length;
	char *text;
	FILE *out;

	require(!cw_graph_make(&graph, flows, by, ADDRESSES));
	out = open_memstream(&text, &length);
	cw_graph_print_json(out, &graph);
	fclose(out);
	require_json(text, length);
	free(text);
	out = open_memstream(&text, &length);
	cw_graph_print_dot(out, &graph);
	require(!cw_graph_print_html(out, &graph));
	fclose(out);
	free(text);
	cw_graph_free(&graph);
}

static void check(const char *rows, size_t size, enum cw_flow_by by)
{
	struct cw_join join = { 0 };
	char *printed = read_rows(rows, size, &join), *again;
	struct cw_flows flows;

	if (printed && *printed) {
		again = read_rows(printed, strlen(printed), NULL);
		require(again && !strcmp(printed, again));
		free(again);
		require(!cw_join_match(&join));
		require(!cw_flows_make(&flows, &join, by));
		draw(&flows, by);
		cw_flows_free(&flows);
	}
	free(printed);
	cw_join_free(&join);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 1)
		check((const char *)data + 1, size - 1,
		      data[0] % (CW_FLOW_BY_HOST + 1));
	return 0;
}
