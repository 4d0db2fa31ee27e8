// SPDX-License-Identifier: GPL-2.0-only
/* A graph as one JSON object: for programs, and inside the page. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "policyctl/rows/flow.h"

/* @shown is what cw_text_print() has written: it has no byte that JSON does not
 * take, but for two. */
static void print_shown(FILE *out, const char *shown)
{
	fputc('"', out);
	for (; *shown; shown++) {
		if (*shown == '"' || *shown == '\\')
			fputc('\\', out);
		fputc(*shown, out);
	}
	fputc('"', out);
}

/* The graph is for people, also as JSON: it has names as they are shown. */
static void print_name(FILE *out, const char *name)
{
	char *shown = NULL;
	size_t size;
	FILE *buffer = open_memstream(&shown, &size);

	if (!buffer)
		return;
	cw_text_print(buffer, CW_TEXT_UNICODE, name, "");
	if (!fclose(buffer))
		print_shown(out, shown);
	free(shown);
}

static void print_member(FILE *out, const char *key, const char *name)
{
	fprintf(out, ",\"%s\":", key);
	if (name[0])
		print_name(out, name);
	else
		fputs("null", out);
}

static void print_node(FILE *out, const struct cw_graph *graph, size_t number)
{
	static const char *const kinds[] = {
		[CW_GRAPH_PROGRAM] = "program",
		[CW_GRAPH_HOST] = "host",
		[CW_GRAPH_ADDRESS] = "address",
	};
	const struct cw_graph_node *node = &graph->node[number];
	bool is_address = node->kind == CW_GRAPH_ADDRESS;

	fprintf(out, "%s\n{\"id\":%zu,\"kind\":\"%s\"", number ? "," : "",
		number, kinds[node->kind]);
	print_member(out, "title", node->title);
	print_member(out, "sub", node->sub);
	print_member(out, "host", node->host);
	print_member(out, "exe", is_address ? "" : node->exe);
	print_member(out, "script", node->script);
	print_member(out, "unit", is_address ? "" : node->unit);
	cw_json_number(out, "netns", node->netns, 0);
	cw_json_number(out, "addresses", node->addresses, 0);
	fputc('}', out);
}

static void print_samples(FILE *out, const struct cw_graph *graph,
			  const struct cw_graph_edge *edge)
{
	fputs(",\"samples\":[", out);
	for (unsigned i = 0; i < edge->flow.samples; i++) {
		char *text = NULL;
		size_t size;
		FILE *buffer = open_memstream(&text, &size);

		if (!buffer)
			break;
		cw_graph_print_sample(buffer, graph, edge, i);
		fputs(i ? "," : "", out);
		if (fclose(buffer))
			fputs("null", out);
		else
			print_shown(out, text);
		free(text);
	}
	fputc(']', out);
}

static void print_rule(FILE *out, const struct cw_flow *flow)
{
	cw_json_text(out, "verdict", flow->verdict == CW_OUTCOME_NONE ? ""
		   : cw_outcome_name(flow->verdict));
	cw_json_number(out, "rule", flow->rule, CW_RULE_DEFAULT);
	cw_json_number(out, "line", flow->line, 0);
	print_member(out, "label", flow->label);
}

static void print_edge(FILE *out, const struct cw_graph *graph, size_t number)
{
	const struct cw_graph_edge *edge = &graph->edge[number];
	const struct cw_flow *flow = &edge->flow;

	fprintf(out, "%s\n{\"from\":%u,\"to\":%u,\"state\":\"%s\"",
		number ? "," : "", edge->from, edge->to,
		cw_graph_state_name(cw_graph_state(edge)));
	cw_json_text(out, "proto", cw_proto_name(flow->proto));
	cw_json_number(out, "port", cw_past_has_ports(flow->proto)
		     ? flow->port : UINT64_MAX, UINT64_MAX);
	cw_json_number(out, "connections", flow->connections, UINT64_MAX);
	cw_json_number(out, "open", flow->open, UINT64_MAX);
	cw_json_number(out, "refused", flow->refused, UINT64_MAX);
	cw_json_number(out, "would_deny", flow->would_deny, UINT64_MAX);
	cw_json_number(out, "sent", flow->sent, CW_BYTES_UNKNOWN);
	cw_json_number(out, "received", flow->received, CW_BYTES_UNKNOWN);
	cw_json_number(out, "unmeasured", flow->unmeasured, UINT64_MAX);
	cw_json_time(out, "first", flow->first);
	cw_json_time(out, "last", flow->last);
	print_rule(out, flow);
	fprintf(out, ",\"loopback\":%s", edge->is_loopback ? "true" : "false");
	print_samples(out, graph, edge);
	fputc('}', out);
}

/* Nodes are sorted by host. */
static void print_hosts(FILE *out, const struct cw_graph *graph)
{
	const char *last = "", *comma = "";

	fputs(",\"hosts\":[", out);
	for (size_t i = 0; i < graph->nodes; i++) {
		const struct cw_graph_node *node = &graph->node[i];

		if (!node->host[0] || !strcmp(last, node->host))
			continue;
		last = node->host;
		fputs(comma, out);
		print_name(out, last);
		comma = ",";
	}
	fputc(']', out);
}

void cw_graph_print_json(FILE *out, const struct cw_graph *graph)
{
	static const char *const bys[] = {
		[CW_FLOW_BY_EXE] = "exe",
		[CW_FLOW_BY_UNIT] = "unit",
		[CW_FLOW_BY_ADDRESS] = "address",
		[CW_FLOW_BY_HOST] = "host",
	};

	fprintf(out, "{\"by\":\"%s\"", bys[graph->by]);
	print_hosts(out, graph);
	cw_json_time(out, "since", graph->since);
	cw_json_time(out, "until", graph->until);
	cw_json_number(out, "connections", graph->connections, UINT64_MAX);
	cw_json_number(out, "refused", graph->refused, UINT64_MAX);
	cw_json_number(out, "holes", graph->holes, UINT64_MAX);
	cw_json_number(out, "missing", graph->missing, UINT64_MAX);
	fputs(",\"nodes\":[", out);
	for (size_t i = 0; i < graph->nodes; i++)
		print_node(out, graph, i);
	fputs("],\n\"edges\":[", out);
	for (size_t i = 0; i < graph->edges; i++)
		print_edge(out, graph, i);
	fputs("]}\n", out);
}
