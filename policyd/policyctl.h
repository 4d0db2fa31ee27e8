/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policyctl: its own structs and prototypes, grouped by file.  Commands
 * return what the program exits with: 0 done, 1 refused or failed, 2 usage.
 */
#ifndef CW_POLICYCTL_H
#define CW_POLICYCTL_H

#include <netinet/in.h>

#include "../policy/compile.h"
#include "history.h"
#include "policyd.h"

enum cw_exit {
	CW_EXIT_OK,
	CW_EXIT_FAILED,
	CW_EXIT_USAGE,
};

/* ---- output.c: for people, for scripts, as JSON ------------------------- */

#define CW_COLUMNS_MAX	48

struct cw_printer {
	FILE *out;
	const struct cw_output *style;
	/* The rest is output.c's own: */
	const char *prefix;		/* of keys in text */
	bool separate;			/* JSON: a comma comes first */
	unsigned columns;
	const char *names[CW_COLUMNS_MAX];
	struct libscols_table *table;
	size_t waiting;			/* rows in table */
	bool has_header;		/* it has been printed */
};

/*
 * Two shapes: one object with sections of fields, and rows under columns.
 * Text is borrowed for the call, column names until the end of the rows.
 */
struct cw_output {
	/* Fields follow; in text their keys are printed with @prefix. */
	void (*section)(struct cw_printer *printer, const char *name,
			const char *prefix, const char *state);
	void (*field)(struct cw_printer *printer, const char *key,
		      const char *value);
	void (*end)(struct cw_printer *printer);

	int (*columns)(struct cw_printer *printer);
	/* As many values as columns, escaped as in securityfs. */
	int (*row)(struct cw_printer *printer, char *const *values);
	int (*flush)(struct cw_printer *printer);
};

/* JSON when asked for; aligned on a terminal; else one space between, and a tab
 * before the columns `what' and `advice', which hold sentences. */
void cw_printer_init(struct cw_printer *printer, FILE *out, bool json);

/* Aligned, at a terminal. */
bool cw_printer_is_for_people(const struct cw_printer *printer);
/* @text as a JSON string; bytes that are not UTF-8 become \ooo. */
void cw_output_string(FILE *out, const char *text, size_t length);

/* For a terminal: what is not printable becomes \ooo, spaces stay. */
void cw_output_name(FILE *out, const char *text);

/* ---- time.c: ns since 1970 as text --------------------------------------- */

#define CW_TIME_ROOM	64		/* with the NUL */

/* "2026-11-25T02:21:49.123456789Z" */
const char *cw_time_utc(int64_t time, char text[CW_TIME_ROOM]);
/* "2026-11-25 02:21:49.123" */
const char *cw_time_local(int64_t time, char text[CW_TIME_ROOM]);
/* RFC 3339, with any zone and up to 9 digits of fraction.  -EINVAL. */
int cw_time_parse_utc(const char *text, int64_t *time);
/* Also local time without a zone, "now", and "15m" for so long ago. */
int cw_time_parse(const char *text, int64_t now, int64_t *time);
int64_t cw_time_now(void);

/* ---- json.c: members of a JSON object ------------------------------------ */

/* ,"KEY":VALUE; null for "" and NULL, for @none, for 0. */
void cw_json_text(FILE *out, const char *key, const char *text);
void cw_json_number(FILE *out, const char *key, uint64_t number, uint64_t none);
void cw_json_time(FILE *out, const char *key, int64_t time);

/* ---- past.c: connections of the past as lines of JSON -------------------- */

/* As struct cw_past has them. */
enum cw_past_verdict {
	CW_VERDICT_ALLOW,
	CW_VERDICT_DENY,
	CW_VERDICT_WOULD_DENY,
	CW_VERDICT_NONE,		/* not judged */
};

/* The words of all outputs; the other way -1 = no such word. */
const char *cw_past_proto_name(unsigned proto);
int cw_past_proto(const char *word);
const char *cw_past_verdict_name(unsigned verdict);
int cw_past_verdict(const char *word);
/* "inherited" as soon as another program uses it. */
const char *cw_past_attribution_name(const struct cw_past *past);
int cw_past_attribution(const char *word);
bool cw_past_has_user(const struct cw_past *past);
bool cw_past_has_ports(unsigned proto);
/* Whether the local address is known. */
bool cw_past_has_local(const struct cw_past *past);
const char *cw_past_address(unsigned family, const uint8_t *address,
			    char text[INET6_ADDRSTRLEN]);
/* "" and NULL are this host. */
const char *cw_past_host(const char *host);

/* One line each. */
void cw_past_print(FILE *out, const struct cw_past *past);
void cw_hole_print(FILE *out, const char *host, const struct cw_hole *hole);
/* Rows of other types than "connection" are skipped.  A line that is not a row
 * is told on standard error and ends it with -EPROTO: the caller forgets what
 * came before.  @past is valid during the call; not 0 from @each ends the
 * reading and is returned. */
int cw_past_read(FILE *file, const char *name,
		 int (*each)(void *data, const struct cw_past *past),
		 void *data);
/* The same, with the rows of type "hole". */
int cw_past_read_holes(FILE *file, const char *name,
		       int (*each)(void *data, const struct cw_past *past),
		       int (*each_hole)(void *data, const struct cw_hole *hole),
		       void *data);

/* ---- cells.c: the values of one row -------------------------------------- */

#define CW_END_ROOM	(INET6_ADDRSTRLEN + 16)

/* To be printed by the row() of a printer. */
struct cw_cells {
	char *value[CW_COLUMNS_MAX];
	unsigned count;
	bool for_people;		/* times may have spaces in them */
	size_t used;
	char text[32 * CW_PATH_MAX];
};

void cw_cells_begin(struct cw_cells *cells, const struct cw_printer *printer);
/* As it is. */
void cw_cells_add(struct cw_cells *cells, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Escaped as in securityfs; "" becomes "-". */
void cw_cells_text(struct cw_cells *cells, const char *text);
void cw_cells_number(struct cw_cells *cells, uint64_t number, uint64_t none);
void cw_cells_time(struct cw_cells *cells, int64_t time);
void cw_cells_address(struct cw_cells *cells, unsigned family,
		      const uint8_t *address);
/* proto dir local remote verdict attribution tgid */
void cw_cells_past(struct cw_cells *cells, const struct cw_past *past);
/* "203.0.113.7:80", "[2001:db8::1]:80"; without the port if it has none. */
const char *cw_end_print(unsigned family, unsigned proto,
			 const uint8_t *address, unsigned port,
			 char text[CW_END_ROOM]);

/* ---- filter.c: which connections are wanted ------------------------------ */

#define CW_FILTER_ADDRESSES	"an address, ADDRESS/PREFIX, ADDRESS:PORT or " \
				"[ADDRESS]:PORT"

/* Option --@name; NULL, or what is accepted as its value. */
const char *cw_filter_take(struct cw_past_filter *filter, const char *name,
			   const char *value);
/* Sets the address and the port; false = it is none of CW_FILTER_ADDRESSES. */
bool cw_filter_address(struct cw_past_filter *filter, const char *text);
bool cw_filter_is_glob(const char *exe);
/* As cw_history_query() selects, but for the limit. */
bool cw_filter_matches(const struct cw_past_filter *filter,
		       const struct cw_past *past);

/* ---- live.c: the kernel's table of connections --------------------------- */

#define CW_LIVE_COLUMNS	20
#define CW_LIVE_TEXT	(2 * CW_PATH_MAX)

enum cw_live_state {
	CW_LIVE_OPENING,
	CW_LIVE_OPEN,
	CW_LIVE_CLOSED,
	CW_LIVE_REFUSED,
};

/* Where each column is, -1 = this module has none. */
struct cw_live_header {
	int at[CW_LIVE_COLUMNS];
};

/* A line; times are exact to the ms, script, unit and ancestors not told. */
struct cw_live {
	struct cw_past past;		/* its id is the kernel's */
	enum cw_live_state state;
	char exe[CW_LIVE_TEXT], user[CW_LIVE_TEXT];	/* of past */
};

/* Cuts @line at each space; what is missing becomes "-". */
unsigned cw_live_split(char *line, char **values, unsigned room);
void cw_live_header(struct cw_live_header *header, const char *const *names,
		    unsigned count);
/* false = the line is not one of a connection. */
bool cw_live_parse(const struct cw_live_header *header, char *const *values,
		   struct cw_live *live);
/* The whole table; not 0 from @each ends it and is returned. */
int cw_live_read(const char *securityfs,
		 int (*each)(void *data, const struct cw_live *live),
		 void *data);

/* ---- names.c: strings by number ------------------------------------------ */

#define CW_NAME_NONE	UINT32_MAX

struct cw_name {
	char *data;			/* with a NUL behind it */
	size_t size;
	uint64_t hash;
};

/* Starts as zeroes. */
struct cw_names {
	struct cw_name *name;
	uint32_t count, room;
	uint32_t *slots, mask;
};

/* The number of these bytes, the same each time; CW_NAME_NONE = no memory. */
uint32_t cw_names_add(struct cw_names *names, const void *data, size_t size);
/* Valid until cw_names_free(); "" = there is no such number. */
const char *cw_names_get(const struct cw_names *names, uint32_t number);
void cw_names_free(struct cw_names *names);
/* Of another value in each process. */
uint64_t cw_names_hash(const void *data, size_t size);

/* ---- who.c: connections by program ---------------------------------------- */

/* A program, with what is known of the newest of its connections. */
struct cw_whose {
	uint64_t connections;		/* that were not refused */
	uint64_t refused, would_deny;
	int64_t first, last;
	struct cw_past newest;
};

/* Starts as zeroes but for the first three. */
struct cw_who {
	const struct cw_past_filter *filter;
	int (*each)(void *data, const struct cw_past *past);	/* or NULL */
	void *data;
	struct cw_whose *whose;		/* the last seen first, when finished */
	size_t count;
	/* The rest is who.c's own: */
	size_t room;
	struct cw_names names, keys, programs;
	struct cw_who_live *live;
	size_t lives, live_room;
	uint32_t *head;			/* of a key's list in live */
	size_t heads, head_room;
};

/* First the kernel's table, then rows of the history, then the end. */
int cw_who_read_live(struct cw_who *who, const char *securityfs);
int cw_who_add(struct cw_who *who, const struct cw_past *past);
int cw_who_finish(struct cw_who *who);
void cw_who_free(struct cw_who *who);

/* ---- top.c: what happens now, by program ---------------------------------- */

#define CW_TOP_PEERS	3

struct cw_top_peer {
	uint64_t connections;
	uint32_t program;
	uint16_t port;			/* 0 = it came in, from any */
	uint8_t family, proto;
	bool in;
	uint8_t address[16];
};

/* Of a program: what is open, and what has been since the last look. */
struct cw_top_row {
	const char *exe;
	uint64_t open, opened, refused, bytes;
	bool has_bytes;			/* of one connection at least */
	unsigned peers;			/* busiest first */
	struct cw_top_peer peer[CW_TOP_PEERS];
};

struct cw_top_seen;

/* Starts as zeroes but for the filter. */
struct cw_top {
	const struct cw_past_filter *filter;
	double seconds;			/* since the last look, 0 = first one */
	struct cw_top_row total;
	struct cw_top_row *row;
	size_t count;
	/* The rest is top.c's own: */
	size_t room;
	int64_t time;			/* of this look, ns since 1970 */
	struct cw_names names, keys;
	struct cw_top_peer *peer;
	size_t peer_room;
	struct cw_top_seen *seen, *before;	/* bytes by number */
	size_t seens, befores, seen_room;
};

int cw_top_look(struct cw_top *top, const char *securityfs);
/* 'c' open connections, 'n' new, 'r' refused, 'b' bytes; most first. */
void cw_top_sort(struct cw_top *top, int key);
void cw_top_print_title(FILE *out, const struct cw_top *top);
void cw_top_print_row(FILE *out, const struct cw_top *top,
		      const struct cw_top_row *row);
void cw_top_free(struct cw_top *top);

/* ---- join.c: both ends of connections ------------------------------------ */

#define CW_JOIN_NONE	UINT32_MAX

/* A row of the history in short; host, program and label are numbers. */
struct cw_seen {
	int64_t id, opened, closed;
	uint64_t sent, received;
	uint8_t local[16], remote[16];
	uint16_t local_port, remote_port;
	uint32_t netns, host, program, rule, line, label;
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
};

int cw_join_add(struct cw_join *join, const struct cw_past *past,
		bool is_wanted);
/* After the last cw_join_add(): sorts, drops rows that came twice, sets
 * @other. */
int cw_join_match(struct cw_join *join);
void cw_join_free(struct cw_join *join);
/* Whether this row is of the end that asked; the strings of @program are valid
 * as long as @join. */
bool cw_join_is_client(const struct cw_join *join, size_t number);
void cw_join_program(const struct cw_join *join, uint32_t number,
		     struct cw_program *program);

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

/* ---- ctl.c: the table of commands --------------------------------------- */

enum cw_format {
	CW_FORMAT_DOT,
	CW_FORMAT_SVG,
	CW_FORMAT_HTML,
	CW_FORMAT_JSON,
};

struct cw_ctl {
	const char *name;		/* of the command */
	const char *socket, *securityfs;
	const char *root;		/* where the host's files are, "" = / */
	const char *file;		/* --file, NULL = the policy in force */
	const char *source;		/* --source, NULL = kernel */
	const char *history;		/* --history, NULL = CW_HISTORY_FILE */
	struct cw_past_filter filter;
	bool filtered;			/* options have set it */
	enum cw_flow_by by;
	enum cw_format format;
	int64_t interval;		/* ns */
	bool json, print, lint, once;
	int argc;			/* operands */
	char **argv;
};

int cw_ctl_main(int argc, char **argv);

/* ---- ctl_ask.c: one conversation with policyd --------------------------- */

/* @fd gets the descriptor that came with the reply, or -1.
 * -ENOENT and -ECONNREFUSED mean that policyd is not running. */
int cw_ask(const char *socket, const struct cw_message *command,
	   struct cw_message *reply, int *fd);
/* The same, but says on standard error what went wrong; an exit status. */
int cw_ask_loudly(const struct cw_ctl *ctl, const struct cw_message *command,
		  struct cw_message *reply, int *fd);

/* ---- ctl_policy.c: a policy to look at ---------------------------------- */

struct cw_policy_view {
	struct cw_ruleset *ruleset;
	void *data;
	struct cw_blob blob;		/* of data */
};

/* @file: NULL = the policy in force.  An exit status. */
int cw_policy_view_open(const struct cw_ctl *ctl, const char *file,
			struct cw_policy_view *view);
void cw_policy_view_close(struct cw_policy_view *view);
/* Says what an error of kernel.c means; returns CW_EXIT_FAILED. */
int cw_ctl_complain(const struct cw_ctl *ctl, int error, const char *file);
/* Whether all of standard output was written; an exit status. */
int cw_ctl_close_output(const struct cw_ctl *ctl);

/* ---- ctl_change.c, ctl_show.c, ctl_connections.c, ctl_check.c, ctl_test.c,
 * doctor.c: the commands -------------------------------------------------- */

int cw_ctl_load(const struct cw_ctl *ctl);
int cw_ctl_mode(const struct cw_ctl *ctl);
int cw_ctl_status(const struct cw_ctl *ctl);
int cw_ctl_connections(const struct cw_ctl *ctl);
int cw_ctl_doctor(const struct cw_ctl *ctl);
int cw_ctl_show(const struct cw_ctl *ctl);
int cw_ctl_check(const struct cw_ctl *ctl);
int cw_ctl_test(const struct cw_ctl *ctl);
int cw_ctl_diff(const struct cw_ctl *ctl);

/* ---- ctl_history.c, ctl_who.c, ctl_flows.c, ctl_graph.c, ctl_top.c -------- */

/* Says what went wrong; an exit status. */
int cw_ctl_open_history(const struct cw_ctl *ctl, struct cw_history **history);
int cw_ctl_complain_history(const struct cw_ctl *ctl, int error);
/* Warns of records that are missing in the time of the filter. */
void cw_ctl_warn_of_holes(const struct cw_ctl *ctl, struct cw_history *history);
/* All rows that flows need, of the operands or else of the history, joined;
 * those that the filter selects are wanted.  An exit status. */
int cw_ctl_join(const struct cw_ctl *ctl, struct cw_join *join);

int cw_ctl_history(const struct cw_ctl *ctl);
int cw_ctl_export(const struct cw_ctl *ctl);
int cw_ctl_who(const struct cw_ctl *ctl);
int cw_ctl_flows(const struct cw_ctl *ctl);
int cw_ctl_top(const struct cw_ctl *ctl);
int cw_ctl_graph(const struct cw_ctl *ctl);

#endif
