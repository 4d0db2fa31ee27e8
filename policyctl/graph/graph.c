// SPDX-License-Identifier: GPL-2.0-only
/*
 * The graph: flows as nodes and edges.  A node is a program on a host (or a
 * unit, or a host), or an address whose program nobody knows; an edge is all
 * that one node asked of another at one port.  The order is that of names, so
 * the same flows make the same graph, byte for byte.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policyctl/rows/flow.h"

/* What makes a node: its strings, each with its NUL.  Number = node. */
struct maker {
	struct cw_graph *graph;
	struct cw_graph_addresses *addresses;
	size_t room;			/* of nodes */
};

static const uint8_t loopback6[16] = { [15] = 1 };

bool cw_graph_is_loopback(unsigned family, const uint8_t *address)
{
	return family == 4 ? address[0] == 127
		: family == 6 && !memcmp(address, loopback6, 16);
}

/* ---- nodes -------------------------------------------------------------- */

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* Whoever made the namespace chose the addresses in it. */
static int add_netns(struct cw_graph *graph, struct cw_graph_node *node)
{
	char text[CW_PATH_MAX + 40];
	uint32_t number;

	snprintf(text, sizeof(text), "%.*s%snetns %u", CW_PATH_MAX, node->sub,
		 node->sub[0] ? ", " : "", node->netns);
	/* Nodes have numbers of names: this one must not be one of them. */
	number = cw_names_add(&graph->subs, text, strlen(text));
	node->sub = number == CW_NAME_NONE ? ""
		: cw_names_get(&graph->subs, number);
	return number == CW_NAME_NONE ? -ENOMEM : 0;
}

static int set_titles(struct cw_graph *graph, struct cw_graph_node *node)
{
	node->title = node->sub = "";
	if (node->kind == CW_GRAPH_HOST) {
		node->title = node->host;
	} else if (node->kind == CW_GRAPH_ADDRESS) {
		node->title = node->exe;
		node->sub = node->unit;
	} else if (node->script[0]) {
		node->title = base(node->script);
		node->sub = base(node->exe);
	} else if (node->exe[0]) {
		node->title = base(node->exe);
		node->sub = node->unit;
	} else {
		node->title = node->unit[0] ? node->unit : "unknown program";
	}
	return node->netns ? add_netns(graph, node) : 0;
}

static int append(struct maker *maker, const struct cw_graph_node *node)
{
	struct cw_graph *graph = maker->graph;
	struct cw_graph_node *grown = cw_grow(graph->node, graph->nodes,
					      &maker->room, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	graph->node = grown;
	graph->node[graph->nodes++] = *node;
	return 0;
}

/* The number of @node; its strings are kept. */
static int add_node(struct maker *maker, struct cw_graph_node *node)
{
	const char **parts[] = { &node->host, &node->exe, &node->script,
				 &node->unit };
	char text[8 * CW_PATH_MAX + sizeof(node->netns)];
	uint32_t number;
	size_t used = 1;

	text[0] = node->kind;
	for (size_t i = 0; i < 4; i++) {
		size_t size = strnlen(*parts[i], 2 * CW_PATH_MAX - 2);

		memcpy(text + used, *parts[i], size);
		used += size;
		text[used++] = 0;
	}
	memcpy(text + used, &node->netns, sizeof(node->netns));
	used += sizeof(node->netns);
	number = cw_names_add(&maker->graph->names, text, used);
	if (number == CW_NAME_NONE)
		return -ENOMEM;
	if (number < maker->graph->nodes)
		return number;
	node->host = cw_names_get(&maker->graph->names, number) + 1;
	for (size_t i = 1; i < 4; i++)
		*parts[i] = *parts[i - 1] + strlen(*parts[i - 1]) + 1;
	if (set_titles(maker->graph, node))
		return -ENOMEM;
	return append(maker, node) ?: (int)number;
}

/* The host of @other says whose loopback an address is. */
static int add_address(struct maker *maker, const struct cw_flow *flow,
		       const struct cw_flow_end *end,
		       const struct cw_flow_end *other)
{
	bool is_loopback = cw_graph_is_loopback(flow->family, end->address);
	char count[64] = "", name[CW_GRAPH_NAME_ROOM] = "no address";
	struct cw_graph_node node = {
		.kind = CW_GRAPH_ADDRESS, .addresses = 1,
		.host = end->host[0] || !is_loopback ? end->host : other->host,
		.exe = name, .script = "", .unit = count,
	};

	if (flow->family && node.host[0])
		cw_past_address(flow->family, end->address, name);
	else if (flow->family)
		node.addresses = cw_graph_address_name(maker->addresses,
						       flow->family,
						       end->address, name);
	if (node.addresses > 1)
		snprintf(count, sizeof(count), "%llu addresses",
			 (unsigned long long)node.addresses);
	return add_node(maker, &node);
}

static int add_end(struct maker *maker, const struct cw_flow *flow,
		   const struct cw_flow_end *end,
		   const struct cw_flow_end *other)
{
	struct cw_graph_node node = {
		.kind = CW_GRAPH_PROGRAM, .host = end->host, .exe = end->exe,
		.script = end->script, .unit = end->unit,
		.netns = end->netns,
	};

	if (!end->host[0] || maker->graph->by == CW_FLOW_BY_ADDRESS ||
	    (end->is_address && maker->graph->by != CW_FLOW_BY_HOST))
		return add_address(maker, flow, end, other);
	if (maker->graph->by == CW_FLOW_BY_HOST) {
		node.kind = CW_GRAPH_HOST;
		node.exe = node.script = node.unit = "";
		node.netns = 0;
	}
	return add_node(maker, &node);
}

static int compare_nodes(const void *a, const void *b)
{
	const struct cw_graph_node *x = a, *y = b;

	/* What is of no host comes last. */
	if (!x->host[0] != !y->host[0])
		return x->host[0] ? -1 : 1;
	return strcmp(x->host, y->host) ?: (int)x->kind - (int)y->kind ?:
	       strcmp(x->exe, y->exe) ?: strcmp(x->script, y->script) ?:
	       strcmp(x->unit, y->unit) ?: (x->netns > y->netns) -
	       (x->netns < y->netns);
}

/* Ascending; the edges follow their nodes. */
static int sort_nodes(struct cw_graph *graph)
{
	unsigned *place = malloc((graph->nodes + 1) * sizeof(*place));

	if (!place)
		return -ENOMEM;
	for (size_t i = 0; i < graph->nodes; i++)
		graph->node[i].number = i;
	if (graph->nodes)
		qsort(graph->node, graph->nodes, sizeof(*graph->node),
		      compare_nodes);
	for (size_t i = 0; i < graph->nodes; i++)
		place[graph->node[i].number] = i;
	for (size_t i = 0; i < graph->edges; i++) {
		graph->edge[i].from = place[graph->edge[i].from];
		graph->edge[i].to = place[graph->edge[i].to];
	}
	free(place);
	return 0;
}

/* ---- edges -------------------------------------------------------------- */

static int add_edge(struct maker *maker, const struct cw_flow *flow)
{
	struct cw_graph *graph = maker->graph;
	struct cw_graph_edge *edge = &graph->edge[graph->edges];
	int from = add_end(maker, flow, &flow->client, &flow->server);
	int to = from < 0 ? from
		: add_end(maker, flow, &flow->server, &flow->client);

	if (to < 0)
		return to;
	edge->from = from;
	edge->to = to;
	edge->flow = *flow;
	edge->is_loopback = cw_graph_is_loopback(flow->family,
						 flow->server.address);
	graph->edges++;
	return 0;
}

static int compare_edges(const void *a, const void *b)
{
	const struct cw_graph_edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	if (x->flow.proto != y->flow.proto)
		return x->flow.proto - y->flow.proto;
	return x->flow.port - y->flow.port;
}

static uint64_t add_known(uint64_t a, uint64_t b)
{
	if (a == CW_BYTES_UNKNOWN || b == CW_BYTES_UNKNOWN)
		return a == CW_BYTES_UNKNOWN ? b : a;
	return a + b;
}

/* The newest of both, newest first. */
static void merge_samples(struct cw_flow *sum, const struct cw_flow *more)
{
	struct cw_tuple own[CW_FLOW_SAMPLES];
	unsigned count = sum->samples, i = 0, j = 0;

	memcpy(own, sum->sample, sizeof(own));
	sum->samples = 0;
	while (sum->samples < CW_FLOW_SAMPLES &&
	       (i < count || j < more->samples)) {
		bool is_own = j == more->samples ||
			(i < count && own[i].opened >= more->sample[j].opened);

		sum->sample[sum->samples++] = is_own ? own[i++]
						     : more->sample[j++];
	}
}

static void merge_flow(struct cw_flow *sum, const struct cw_flow *more)
{
	if (more->samples && (!sum->samples ||
	    more->sample[0].opened > sum->sample[0].opened)) {
		sum->verdict = more->verdict;
		sum->rule = more->rule;
		sum->line = more->line;
		sum->label = more->label;
	}
	merge_samples(sum, more);
	sum->connections += more->connections;
	sum->open += more->open;
	sum->refused += more->refused;
	sum->would_deny += more->would_deny;
	sum->unmeasured += more->unmeasured;
	sum->sent = add_known(sum->sent, more->sent);
	sum->received = add_known(sum->received, more->received);
	if (more->first < sum->first)
		sum->first = more->first;
	if (more->last > sum->last)
		sum->last = more->last;
}

/* Flows by several addresses of a host, or of programs of one unit or host,
 * become one. */
static void merge_edges(struct cw_graph *graph)
{
	size_t kept = 0;

	qsort(graph->edge, graph->edges, sizeof(*graph->edge), compare_edges);
	for (size_t i = 0; i < graph->edges; i++) {
		struct cw_graph_edge *last = &graph->edge[kept - !!kept];

		if (kept && !compare_edges(last, &graph->edge[i])) {
			merge_flow(&last->flow, &graph->edge[i].flow);
			last->is_loopback &= graph->edge[i].is_loopback;
		} else {
			graph->edge[kept++] = graph->edge[i];
		}
	}
	graph->edges = kept;
}

enum cw_graph_state cw_graph_state(const struct cw_graph_edge *edge)
{
	const struct cw_flow *flow = &edge->flow;

	if (flow->refused)
		return flow->connections ? CW_GRAPH_PARTLY : CW_GRAPH_DENY;
	if (flow->would_deny)
		return CW_GRAPH_WOULD_DENY;
	return flow->verdict == CW_OUTCOME_NONE ? CW_GRAPH_UNJUDGED
						: CW_GRAPH_ALLOW;
}

const char *cw_graph_state_name(enum cw_graph_state state)
{
	static const char *const names[] = {
		[CW_GRAPH_ALLOW] = "allow",
		[CW_GRAPH_DENY] = "deny",
		[CW_GRAPH_PARTLY] = "partly",
		[CW_GRAPH_WOULD_DENY] = "would-deny",
		[CW_GRAPH_UNJUDGED] = "unjudged",
	};

	return names[state];
}

/* ---- samples ------------------------------------------------------------ */

/* A socket that was refused has no local address. */
/* One of its addresses may be IPv4 and another IPv6. */
static void print_end(FILE *out, const struct cw_graph_node *node,
		      unsigned family, unsigned proto, const uint8_t *address,
		      uint16_t port)
{
	static const uint8_t none[16];
	char text[INET6_ADDRSTRLEN];

	if (node->kind != CW_GRAPH_ADDRESS) {
		cw_text_print(out, CW_TEXT_UNICODE, node->title, " @");
		fputc('@', out);
	}
	if (!family || !memcmp(address, none, sizeof(none))) {
		fputs("?", out);
		return;
	}
	cw_past_address(family, address, text);
	fprintf(out, family == 6 && cw_past_has_ports(proto)
		? "[%s]" : "%s", text);
	if (!cw_past_has_ports(proto))
		return;
	if (port)
		fprintf(out, ":%u", port);
	else
		fputs(":?", out);
}

void cw_graph_print_sample(FILE *out, const struct cw_graph *graph,
			   const struct cw_graph_edge *edge, unsigned number)
{
	const struct cw_tuple *sample = &edge->flow.sample[number];

	print_end(out, &graph->node[edge->from], sample->family,
		  edge->flow.proto, sample->client, sample->client_port);
	fputs(" -> ", out);
	print_end(out, &graph->node[edge->to], sample->family,
		  edge->flow.proto, sample->server, sample->server_port);
}

/* ---- all of it ---------------------------------------------------------- */

static void add_totals(struct cw_graph *graph)
{
	graph->since = INT64_MAX;
	for (size_t i = 0; i < graph->edges; i++) {
		const struct cw_flow *flow = &graph->edge[i].flow;

		graph->connections += flow->connections;
		graph->refused += flow->refused;
		if (flow->first < graph->since)
			graph->since = flow->first;
		if (flow->last > graph->until)
			graph->until = flow->last;
	}
	if (!graph->edges)
		graph->since = 0;
}

static int fill(struct maker *maker, const struct cw_flows *flows)
{
	struct cw_graph *graph = maker->graph;
	int ret = 0;

	graph->edge = calloc(flows->count + 1, sizeof(*graph->edge));
	if (!graph->edge)
		return -ENOMEM;
	for (size_t i = 0; !ret && i < flows->count; i++)
		ret = add_edge(maker, &flows->flow[i]);
	if (!ret)
		ret = sort_nodes(graph);
	if (!ret)
		merge_edges(graph);
	return ret;
}

int cw_graph_make(struct cw_graph *graph, const struct cw_flows *flows,
		  enum cw_flow_by by, unsigned limit)
{
	struct maker maker = { .graph = graph };
	int ret;

	memset(graph, 0, sizeof(*graph));
	graph->by = by;
	ret = cw_graph_addresses_new(&maker.addresses, flows, limit);
	if (!ret)
		ret = fill(&maker, flows);
	cw_graph_addresses_free(maker.addresses);
	if (ret)
		cw_graph_free(graph);
	else
		add_totals(graph);
	return ret;
}

void cw_graph_free(struct cw_graph *graph)
{
	cw_names_free(&graph->names);
	cw_names_free(&graph->subs);
	free(graph->node);
	free(graph->edge);
	memset(graph, 0, sizeof(*graph));
}
