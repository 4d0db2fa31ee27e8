// SPDX-License-Identifier: GPL-2.0-only
/* A graph for Graphviz, and through it as SVG. */
#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policyctl/rows/flow.h"

extern char **environ;

/* Dashes say the same as colours, for those who do not see them and for
 * printers. */
static const struct {
	const char *color, *style, *head;
} looks[] = {
	[CW_GRAPH_ALLOW] = { "#3b6f98", "solid", "normal" },
	[CW_GRAPH_DENY] = { "#bd3d08", "dashed", "tee" },
	[CW_GRAPH_PARTLY] = { "#bd3d08", "dashed", "normal" },
	[CW_GRAPH_WOULD_DENY] = { "#8a5a00", "dotted", "empty" },
	[CW_GRAPH_UNJUDGED] = { "#666e78", "solid", "vee" },
};

/*
 * Text as the inside of a quoted string.  Graphviz replaces \N and its like,
 * and HTML entities, also within quotes.
 */
static void print_quoted(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '\\' || *text == '"')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

/* A name; @separators stand around it. */
static void print_name(FILE *out, const char *name, const char *separators)
{
	char *shown = NULL;
	size_t size;
	FILE *buffer = open_memstream(&shown, &size);

	if (!buffer)
		return;
	cw_text_print(buffer, CW_TEXT_UNICODE, name, separators);
	if (!fclose(buffer))
		print_quoted(out, shown);
	free(shown);
}

/* Graphviz does not find its way around boxes that are as wide as a path may
 * be long; the tooltip has all of it. */
#define TITLE_MAX	48

static void print_title(FILE *out, const char *text)
{
	char cut[TITLE_MAX + 4];
	size_t size = strlen(text);

	if (size > TITLE_MAX) {
		size = TITLE_MAX;
		/* Not within a character. */
		while (size && (text[size] & 0xc0) == 0x80)
			size--;
		snprintf(cut, sizeof(cut), "%.*s...", (int)size, text);
		text = cut;
	}
	print_name(out, text, "");
}

static void print_node(FILE *out, const struct cw_graph *graph, size_t number)
{
	const struct cw_graph_node *node = &graph->node[number];
	bool is_address = node->kind == CW_GRAPH_ADDRESS;

	fprintf(out, "\t\tn%zu [label=\"", number);
	print_title(out, node->title);
	if (node->sub[0]) {
		fputs("\\n", out);
		print_title(out, node->sub);
	}
	fputs("\", tooltip=\"", out);
	print_name(out, node->exe[0] ? node->exe : node->title, " ");
	if (node->script[0]) {
		fputs(" running ", out);
		print_name(out, node->script, " ");
	}
	fprintf(out, "\"%s];\n", is_address ? ", style=rounded" : "");
}

/* Nodes are sorted by host; those of none come last. */
static void print_nodes(FILE *out, const struct cw_graph *graph)
{
	const char *last = "";

	for (size_t i = 0; i < graph->nodes; i++) {
		const char *host = graph->by == CW_FLOW_BY_HOST
			? "" : graph->node[i].host;

		if (strcmp(last, host) && last[0])
			fputs("\t}\n", out);
		if (strcmp(last, host) && host[0]) {
			fprintf(out, "\tsubgraph cluster_%zu {\n"
				"\t\tlabel=\"", i);
			print_title(out, host);
			fputs("\";\n", out);
		}
		print_node(out, graph, i);
		last = host;
	}
	if (last[0])
		fputs("\t}\n", out);
}

static void print_tooltip(FILE *out, const struct cw_graph *graph,
			  const struct cw_graph_edge *edge)
{
	char *sample = NULL;
	size_t size;
	FILE *buffer = open_memstream(&sample, &size);

	if (!buffer)
		return;
	if (edge->flow.line)
		fprintf(out, "line %u ", edge->flow.line);
	if (edge->flow.label[0]) {
		fputs("\\\"", out);
		print_name(out, edge->flow.label, "\"");
		fputs("\\\" ", out);
	}
	if (edge->flow.samples)
		cw_graph_print_sample(buffer, graph, edge, 0);
	if (!fclose(buffer))
		print_quoted(out, sample);
	free(sample);
}

static void print_edge(FILE *out, const struct cw_graph *graph,
		       const struct cw_graph_edge *edge)
{
	const struct cw_flow *flow = &edge->flow;
	enum cw_graph_state state = cw_graph_state(edge);

	fprintf(out, "\tn%u -> n%u [label=\"%s", edge->from, edge->to,
		cw_proto_name(flow->proto));
	if (cw_past_has_ports(flow->proto))
		fprintf(out, " %u", flow->port);
	fprintf(out, " x%" PRIu64, flow->connections + flow->refused);
	if (state == CW_GRAPH_PARTLY)
		fprintf(out, ", %" PRIu64 " refused", flow->refused);
	fputs("\", tooltip=\"", out);
	print_tooltip(out, graph, edge);
	fprintf(out, "\", color=\"%s\", style=%s, arrowhead=%s];\n",
		looks[state].color, looks[state].style, looks[state].head);
}

void cw_graph_print_dot(FILE *out, const struct cw_graph *graph)
{
	fputs("digraph connwarden {\n"
	      "\tgraph [rankdir=LR, fontname=\"sans-serif\", fontsize=12, "
	      "ranksep=1.2, nodesep=0.15, style=filled, color=\"#f3f4f0\", "
	      "bgcolor=white];\n"
	      "\tnode [shape=box, fontname=\"sans-serif\", fontsize=10, "
	      "height=0.3, style=filled, fillcolor=white, "
	      "color=\"#aeb4b9\"];\n"
	      "\tedge [fontname=\"sans-serif\", fontsize=8, "
	      "fontcolor=\"#626a73\"];\n", out);
	print_nodes(out, graph);
	for (size_t i = 0; i < graph->edges; i++)
		print_edge(out, graph, &graph->edge[i]);
	fputs("}\n", out);
}

/* ---- SVG ---------------------------------------------------------------- */

/* From @in to @out, so that no pipe can fill up; an errno of the start. */
static int start_dot(FILE *in, FILE *out, pid_t *child)
{
	static char name[] = "dot", format[] = "-Tsvg";
	char *argv[] = { name, format, NULL };
	posix_spawn_file_actions_t actions;
	int ret = posix_spawn_file_actions_init(&actions);

	if (ret)
		return ret;
	ret = posix_spawn_file_actions_adddup2(&actions, fileno(in), 0);
	if (!ret)
		ret = posix_spawn_file_actions_adddup2(&actions, fileno(out),
						       1);
	if (!ret)
		ret = posix_spawnp(child, name, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return ret;
}

static int run_dot(FILE *in, FILE *out)
{
	pid_t child;
	int status, ret;

	fflush(out);
	ret = start_dot(in, out, &child);
	if (ret == ENOENT) {
		log_error("SVG needs the program dot: install the package "
			  "graphviz, or use --format html");
		return -ret;
	}
	while (!ret && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			ret = errno;
	if (ret) {
		log_error("cannot run dot: %s", strerror(ret));
		return -ret;
	}
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	log_error("dot failed");
	return -EIO;
}

int cw_graph_print_svg(FILE *out, const struct cw_graph *graph)
{
	FILE *file = tmpfile();
	int ret = -EIO;

	if (!file) {
		log_error("cannot make a temporary file: %m");
		return -errno;
	}
	cw_graph_print_dot(file, graph);
	if (fflush(file) || fseek(file, 0, SEEK_SET))
		log_error("cannot write a temporary file: %m");
	else
		ret = run_dot(file, out);
	fclose(file);
	return ret;
}
