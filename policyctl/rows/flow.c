// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flows: connections of the same two programs (or program and address) added
 * up, for people who draw borders between programs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"

/* What makes a flow; without holes, for memcmp(). */
struct key {
	struct {
		uint32_t host, program;		/* CW_NAME_NONE = not known */
		uint32_t netns;			/* 0 = the host's own */
		uint8_t address[16];
	} client, server;
	uint16_t port;
	uint8_t family, proto;
};

struct maker {
	const struct cw_join *join;
	enum cw_flow_by by;
	struct cw_flows *flows;
	struct cw_names keys;		/* number of a key = of its flow */
	struct cw_names *units;		/* programs by their unit alone */
	size_t room;
};

/* A connection, from whichever end is known. */
struct whole {
	const struct cw_seen *out, *in;	/* one may be NULL */
	const uint8_t *client, *server;
	uint16_t client_port, server_port;
};

static void make_whole(const struct cw_join *join, size_t number,
		       struct whole *whole)
{
	const struct cw_seen *row = &join->row[number];
	const struct cw_seen *other = row->other == CW_JOIN_NONE
		? NULL : &join->row[row->other];
	bool is_client = cw_join_is_client(join, number);

	whole->out = is_client ? row : other;
	whole->in = is_client ? other : row;
	if (whole->out) {
		whole->client = whole->out->local;
		whole->client_port = whole->out->local_port;
		whole->server = whole->out->remote;
		whole->server_port = whole->out->remote_port;
	} else {
		whole->client = whole->in->remote;
		whole->client_port = whole->in->remote_port;
		whole->server = whole->in->local;
		whole->server_port = whole->in->local_port;
	}
}

/* ---- which flow --------------------------------------------------------- */

/* A program as a number that is the same for all that count as one. */
static int program_number(struct maker *maker, uint32_t program,
			  uint32_t *number)
{
	struct cw_program own;
	char text[4 * CW_PATH_MAX];
	size_t size;

	*number = program;
	if (maker->by != CW_FLOW_BY_UNIT)
		return 0;
	cw_join_program(maker->join, program, &own);
	if (!own.unit[0])
		return 0;
	size = strlen(own.unit) + 1;
	text[0] = text[1] = 0;
	memcpy(text + 2, own.unit, size);
	*number = cw_names_add(maker->units, text, size + 2);
	return *number == CW_NAME_NONE ? -ENOMEM : 0;
}

static int make_key(struct maker *maker, const struct whole *whole,
		    struct key *key)
{
	const struct cw_seen *any = whole->out ?: whole->in;
	bool has_programs = maker->by == CW_FLOW_BY_EXE ||
			    maker->by == CW_FLOW_BY_UNIT;
	bool has_addresses = maker->by != CW_FLOW_BY_HOST;
	int ret = 0;

	memset(key, 0, sizeof(*key));
	key->client.host = key->client.program = CW_NAME_NONE;
	key->server.host = key->server.program = CW_NAME_NONE;
	key->family = any->family;
	key->proto = any->proto;
	key->port = whole->server_port;
	if ((!whole->in && whole->out->server_host == CW_NAME_NONE) ||
	    has_addresses)
		memcpy(key->server.address, whole->server, 16);
	if (whole->out)
		key->client.host = whole->out->host;
	if (whole->in)
		key->server.host = whole->in->host;
	else
		key->server.host = whole->out->server_host;
	if (whole->out && maker->by != CW_FLOW_BY_HOST)
		key->client.netns = whole->out->foreign;
	if (whole->in && maker->by != CW_FLOW_BY_HOST)
		key->server.netns = whole->in->foreign;
	/* The addresses of a known client are many and say nothing new. */
	if (!whole->out || (!has_programs && has_addresses))
		memcpy(key->client.address, whole->client, 16);
	if (whole->out && has_programs)
		ret = program_number(maker, whole->out->program,
				     &key->client.program);
	if (!ret && whole->in && has_programs)
		ret = program_number(maker, whole->in->program,
				     &key->server.program);
	return ret;
}

static void set_end(const struct maker *maker, struct cw_flow_end *end,
		    uint32_t host, uint32_t program)
{
	struct cw_program own = { .exe = "", .script = "", .unit = "" };

	end->host = host == CW_NAME_NONE ? ""
		: cw_names_get(&maker->join->names, host);
	if (program != CW_NAME_NONE)
		cw_join_program(maker->join, program, &own);
	end->exe = own.exe;
	end->script = own.script;
	end->unit = own.unit;
	end->is_address = program == CW_NAME_NONE;
}

static int append(struct maker *maker, const struct key *key)
{
	struct cw_flows *flows = maker->flows;
	struct cw_flow *flow = cw_grow(flows->flow, flows->count, &maker->room,
				       sizeof(*flow));

	if (!flow)
		return -ENOMEM;
	flows->flow = flow;
	flow += flows->count++;
	memset(flow, 0, sizeof(*flow));
	set_end(maker, &flow->client, key->client.host, key->client.program);
	set_end(maker, &flow->server, key->server.host, key->server.program);
	flow->client.netns = key->client.netns;
	flow->server.netns = key->server.netns;
	flow->family = key->family;
	flow->proto = key->proto;
	flow->port = key->port;
	flow->sent = flow->received = CW_BYTES_UNKNOWN;
	flow->first = INT64_MAX;
	return 0;
}

/* ---- adding up ---------------------------------------------------------- */

/* What both ends know is the same but for direction. */
static void add_bytes(struct cw_flow *flow, const struct whole *whole)
{
	uint64_t sent = CW_BYTES_UNKNOWN, received = CW_BYTES_UNKNOWN;

	if (whole->out) {
		sent = whole->out->sent;
		received = whole->out->received;
	}
	if (whole->in && sent == CW_BYTES_UNKNOWN)
		sent = whole->in->received;
	if (whole->in && received == CW_BYTES_UNKNOWN)
		received = whole->in->sent;
	if (sent == CW_BYTES_UNKNOWN || received == CW_BYTES_UNKNOWN)
		flow->unmeasured++;
	if (sent != CW_BYTES_UNKNOWN)
		flow->sent = (flow->sent == CW_BYTES_UNKNOWN ? 0 : flow->sent) +
			     sent;
	if (received != CW_BYTES_UNKNOWN)
		flow->received = (flow->received == CW_BYTES_UNKNOWN
				  ? 0 : flow->received) + received;
}

/* Rows come in the order of time, so the last one is the newest. */
static void set_newest(const struct cw_join *join, struct cw_flow *flow,
		       const struct whole *whole)
{
	const struct cw_seen *row = whole->out ?: whole->in;
	struct cw_tuple *sample;

	memcpy(flow->client.address, whole->client, 16);
	memcpy(flow->server.address, whole->server, 16);
	flow->verdict = row->verdict;
	flow->rule = row->rule;
	flow->line = row->line;
	flow->label = cw_names_get(&join->names, row->label);
	memmove(flow->sample + 1, flow->sample,
		(CW_FLOW_SAMPLES - 1) * sizeof(*flow->sample));
	sample = flow->sample;
	memcpy(sample->client, whole->client, 16);
	memcpy(sample->server, whole->server, 16);
	sample->client_port = whole->client_port;
	sample->server_port = whole->server_port;
	sample->family = row->family;
	sample->opened = row->opened;
	if (flow->samples < CW_FLOW_SAMPLES)
		flow->samples++;
}

static void add_up(const struct cw_join *join, struct cw_flow *flow,
		   const struct whole *whole)
{
	const struct cw_seen *row = whole->out ?: whole->in;
	int64_t last = row->closed > row->opened ? row->closed : row->opened;

	if (row->verdict == CW_OUTCOME_DENY) {
		flow->refused++;
	} else {
		flow->connections++;
		add_bytes(flow, whole);
	}
	if (row->verdict == CW_OUTCOME_WOULD_DENY)
		flow->would_deny++;
	flow->open += row->is_live;
	if (row->opened < flow->first)
		flow->first = row->opened;
	if (last > flow->last)
		flow->last = last;
	set_newest(join, flow, whole);
}

static int add_whole(struct maker *maker, const struct whole *whole)
{
	struct key key;
	uint32_t number;
	int ret = make_key(maker, whole, &key);

	if (ret)
		return ret;
	number = cw_names_add(&maker->keys, &key, sizeof(key));
	if (number == CW_NAME_NONE)
		return -ENOMEM;
	if (number == maker->flows->count && append(maker, &key))
		return -ENOMEM;
	add_up(maker->join, &maker->flows->flow[number], whole);
	return 0;
}

static int make(struct maker *maker)
{
	const struct cw_join *join = maker->join;
	struct whole whole;
	int ret = 0;

	for (size_t i = 0; !ret && i < join->rows; i++) {
		const struct cw_seen *row = &join->row[i];
		bool has_other = row->other != CW_JOIN_NONE;

		/* Of a pair, the client stands for both. */
		if (has_other && !cw_join_is_client(join, i))
			continue;
		if (!row->is_wanted &&
		    !(has_other && join->row[row->other].is_wanted))
			continue;
		make_whole(join, i, &whole);
		ret = add_whole(maker, &whole);
	}
	return ret;
}

/* Most used first; then as they were found, which is by time. */
static int compare(const void *a, const void *b)
{
	const struct cw_flow *x = a, *y = b;
	uint64_t left = x->connections + x->refused;
	uint64_t right = y->connections + y->refused;

	if (left != right)
		return left > right ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

int cw_flows_make(struct cw_flows *flows, struct cw_join *join,
		  enum cw_flow_by by)
{
	struct maker maker = {
		.join = join, .by = by, .flows = flows, .units = &join->names,
	};
	int ret;

	memset(flows, 0, sizeof(*flows));
	ret = make(&maker);
	cw_names_free(&maker.keys);
	if (ret)
		cw_flows_free(flows);
	else if (flows->count)
		qsort(flows->flow, flows->count, sizeof(*flows->flow), compare);
	return ret;
}

void cw_flows_free(struct cw_flows *flows)
{
	free(flows->flow);
	memset(flows, 0, sizeof(*flows));
}
