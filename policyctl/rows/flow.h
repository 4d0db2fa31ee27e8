/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections of one host or many, joined at their ends, added up as flows, and
 * drawn as a graph.
 *
 * Functions return 0 or a negative errno unless it is said otherwise.
 */
#ifndef CW_FLOW_H
#define CW_FLOW_H

#include "live.h"

/* ---- join.c: both ends of connections ------------------------------------ */

#define CW_JOIN_NONE	UINT32_MAX

/* A row of the history in short; host, program and label are numbers. */
struct cw_seen {
	int64_t id, opened, closed;
	uint64_t sent, received;
	uint8_t local[16], remote[16];
	uint16_t local_port, remote_port;
	uint32_t netns, host, program, rule, line, label;
	uint32_t foreign;		/* netns, if a user made it; else 0 */
	uint32_t server_host;		/* whose address was asked for, refused;
					 * CW_NAME_NONE = not known */
	enum cw_netns_owner netns_owner;
	uint32_t other;			/* row of the other end, CW_JOIN_NONE */
	uint32_t next;			/* of join.c */
	uint8_t family, proto, verdict;
	bool in, has_local, is_live;
	bool is_wanted;			/* by the filter; else it only helps */
};

/* Starts as zeroes. */
struct cw_join {
	struct cw_seen *row;		/* ascending by opened when matched */
	size_t rows, room;
	struct cw_names names;
	uint64_t holes, missing;	/* set by who reads: records */
	bool across_netns;		/* set before cw_join_match() */
};

int cw_join_add(struct cw_join *join, const struct cw_past *past,
		bool is_wanted);
/*
 * After the last cw_join_add(): sorts, drops rows that came twice, sets @other
 * and @server_host.  Whoever makes a network namespace gives himself any address
 * in it.  Unless @across_netns is set, a row of a namespace that a user made, or
 * of one whose owner is not known, is a pair only with rows of the same one;
 * between hosts those of users are no pair at all.
 */
int cw_join_match(struct cw_join *join);
void cw_join_free(struct cw_join *join);
/* Whether this row is of the end that asked; the strings of @program are valid
 * as long as @join. */
bool cw_join_is_client(const struct cw_join *join, size_t number);
void cw_join_program(const struct cw_join *join, uint32_t number,
		     struct cw_program *program);

/* ---- owners.c: whose addresses they are ----------------------------------- */

/* Sets @server_host of rows that were refused.  For join.c.  -ENOMEM. */
int cw_owners_find(struct cw_join *join);

/* ---- flow.c: connections added up ---------------------------------------- */

#define CW_FLOW_SAMPLES	3

enum cw_flow_by {
	CW_FLOW_BY_EXE,			/* with script and unit */
	CW_FLOW_BY_UNIT,		/* programs of none by executable */
	CW_FLOW_BY_ADDRESS,		/* without programs */
	CW_FLOW_BY_HOST,		/* without programs and, where the host
					 * is known, addresses */
};

/* Strings are never NULL, "" = none. */
struct cw_flow_end {
	const char *host;		/* "" = not known: only an address */
	const char *exe, *script, *unit;
	bool is_address;		/* of the host: no program is known */
	uint32_t netns;			/* that a user made; 0 = of none such */
	uint8_t address[16];		/* of the newest; all zeroes = unknown */
};

/* The ends of one connection. */
struct cw_tuple {
	uint8_t client[16], server[16];
	uint16_t client_port, server_port;
	uint8_t family;			/* edges of graphs have both */
	int64_t opened;
};

struct cw_flow {
	struct cw_flow_end client, server;
	uint8_t family, proto;		/* as in struct cw_past */
	uint16_t port;			/* the server's; 0 = has none */
	uint64_t connections;		/* that were not refused */
	uint64_t open;			/* of them: still open */
	uint64_t refused, would_deny;
	uint64_t sent, received;	/* by the client; CW_BYTES_UNKNOWN */
	uint64_t unmeasured;		/* connections whose bytes are missing
					 * in sent or received */
	int64_t first, last;		/* ns since 1970 */
	/* Of the newest connection, as its client was judged: */
	uint8_t verdict;
	uint32_t rule, line;
	const char *label;
	unsigned samples;		/* newest first */
	struct cw_tuple sample[CW_FLOW_SAMPLES];
};

struct cw_flows {
	struct cw_flow *flow;		/* most used first */
	size_t count;
};

/* Of the wanted rows of @join, whose strings they borrow: it must live as long
 * as they.  -ENOMEM. */
int cw_flows_make(struct cw_flows *flows, struct cw_join *join,
		  enum cw_flow_by by);
void cw_flows_free(struct cw_flows *flows);

/* ---- graph.c: flows as nodes and edges ----------------------------------- */

enum cw_graph_kind {
	CW_GRAPH_PROGRAM,
	CW_GRAPH_HOST,
	CW_GRAPH_ADDRESS,		/* or many */
};

/* Strings are never NULL, "" = none. */
struct cw_graph_node {
	enum cw_graph_kind kind;
	const char *host;		/* "" = an address of nobody knows whom */
	const char *exe, *script, *unit; /* of an address: name, "", how many */
	uint32_t netns;			/* that a user made; 0 = of none such */
	const char *title, *sub;	/* two lines for people */
	uint64_t addresses;		/* that it stands for */
	unsigned number;		/* of graph.c */
};

struct cw_graph_edge {
	unsigned from, to;		/* nodes */
	bool is_loopback;
	struct cw_flow flow;
};

/* What an edge looks like. */
enum cw_graph_state {
	CW_GRAPH_ALLOW,
	CW_GRAPH_DENY,
	CW_GRAPH_PARTLY,		/* some were refused */
	CW_GRAPH_WOULD_DENY,		/* at least one */
	CW_GRAPH_UNJUDGED,
};

struct cw_graph {
	enum cw_flow_by by;		/* how the flows were made */
	struct cw_graph_node *node;
	struct cw_graph_edge *edge;
	size_t nodes, edges;
	uint64_t connections, refused;
	int64_t since, until;		/* ns since 1970; 0 = no edges */
	uint64_t holes, missing;	/* set by the caller: records */
	struct cw_names names;
	struct cw_names subs;		/* second lines that are put together */
};

/* At most @limit nodes for addresses (2 at least).  The strings of @flows must
 * live as long. */
int cw_graph_make(struct cw_graph *graph, const struct cw_flows *flows,
		  enum cw_flow_by by, unsigned limit);
void cw_graph_free(struct cw_graph *graph);
enum cw_graph_state cw_graph_state(const struct cw_graph_edge *edge);
const char *cw_graph_state_name(enum cw_graph_state state);
/* "process@ip:port -> process@ip:port" */
void cw_graph_print_sample(FILE *out, const struct cw_graph *graph,
			   const struct cw_graph_edge *edge, unsigned number);
bool cw_graph_is_loopback(unsigned family, const uint8_t *address);

/* ---- graph_address.c: prefixes for many addresses ------------------------ */

#define CW_GRAPH_NAME_ROOM	(INET6_ADDRSTRLEN + 8)

struct cw_graph_addresses;

/* -ENOMEM; to be freed in any case. */
int cw_graph_addresses_new(struct cw_graph_addresses **addresses,
			   const struct cw_flows *flows, unsigned limit);
void cw_graph_addresses_free(struct cw_graph_addresses *addresses);
/* How many addresses @name stands for. */
uint64_t cw_graph_address_name(const struct cw_graph_addresses *addresses,
			       unsigned family, const uint8_t *address,
			       char name[CW_GRAPH_NAME_ROOM]);

/* ---- graph_json.c, graph_dot.c, graph_html.c: a graph as text ------------ */

/* Write errors stay in @out. */
void cw_graph_print_json(FILE *out, const struct cw_graph *graph);
void cw_graph_print_dot(FILE *out, const struct cw_graph *graph);
/* One page that needs nothing else.  -ENOMEM. */
int cw_graph_print_html(FILE *out, const struct cw_graph *graph);
/* Through Graphviz; says on standard error what is wrong. */
int cw_graph_print_svg(FILE *out, const struct cw_graph *graph);

#endif
