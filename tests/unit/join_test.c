// SPDX-License-Identifier: GPL-2.0-only
/* Both ends of connections, against the obvious quadratic way. */
#include <string.h>

#include "policyctl/rows/flow.h"
#include "text.h"

#define ROWS	60
#define SECOND	1000000000ll
#define SLACK	(10 * SECOND)

static struct cw_join join;

/* ---- the model ---------------------------------------------------------- */

enum kind { ACCEPTED, SENT, WILD };

static bool is_loopback(const struct cw_seen *row)
{
	return row->remote[0] == 127;
}

static bool may_pair(const struct cw_seen *row, enum kind kind, bool same_host)
{
	if (row->other != CW_JOIN_NONE || !row->family || !row->local_port ||
	    row->verdict == CW_OUTCOME_DENY || row->proto > CW_PROTO_SCTP ||
	    (!same_host && (is_loopback(row) || row->netns_owner == CW_NETNS_USER)))
		return false;
	if (kind == ACCEPTED)
		return row->has_local;
	if (kind == SENT)
		return row->has_local && row->proto == CW_PROTO_UDP && !row->in;
	return row->proto == CW_PROTO_UDP && !row->in;
}

/* The same place in the addresses: the other rows of a socket. */
static bool is_same_side(const struct cw_seen *a, const struct cw_seen *b,
			 enum kind kind)
{
	if (kind == ACCEPTED && a->in != b->in)
		return false;
	if (kind != WILD)
		return !memcmp(a->local, b->local, 16) &&
		       !memcmp(a->remote, b->remote, 16) &&
		       a->local_port == b->local_port &&
		       a->remote_port == b->remote_port;
	return a->has_local == b->has_local &&
	       a->local_port == b->local_port &&
	       a->remote_port == b->remote_port &&
	       (a->has_local ? !memcmp(a->local, b->local, 16)
			     : !memcmp(a->remote, b->remote, 16));
}

static bool is_mirrored(const struct cw_seen *a, const struct cw_seen *b,
			enum kind kind)
{
	if (a->local_port != b->remote_port || b->local_port != a->remote_port)
		return false;
	if (kind == WILD)
		return a->has_local != b->has_local &&
		       (a->has_local ? !memcmp(a->local, b->remote, 16)
				     : !memcmp(a->remote, b->local, 16));
	if (memcmp(a->local, b->remote, 16) || memcmp(b->local, a->remote, 16))
		return false;
	if (kind == ACCEPTED)
		return a->in != b->in;
	return memcmp(a->local, a->remote, 16) ||
	       a->local_port != a->remote_port;
}

/* The namespaces of root are as one, but for loopback. */
static bool is_same_netns(const struct cw_seen *a, const struct cw_seen *b)
{
	bool is_roots = a->netns_owner == CW_NETNS_ROOT;

	if (is_loopback(a))
		return a->netns == b->netns;
	return is_roots == (b->netns_owner == CW_NETNS_ROOT) &&
	       (is_roots || a->netns == b->netns);
}

static bool is_same_place(const struct cw_seen *a, const struct cw_seen *b,
			  bool same_host)
{
	return a->proto == b->proto && a->family == b->family &&
	       (!same_host || (a->host == b->host && is_same_netns(a, b)));
}

/* Between hosts, rows of one host must still be of one namespace. */
static bool may_join(const struct cw_seen *a, const struct cw_seen *b,
		     bool same_host)
{
	return same_host || a->host != b->host || is_same_netns(a, b);
}

static struct cw_seen model[ROWS];
static int64_t ends[ROWS];

static void find_ends(size_t rows, enum kind kind, bool same_host)
{
	for (size_t i = 0; i < rows; i++) {
		ends[i] = model[i].closed ?: INT64_MAX - SLACK;
		for (size_t j = i + 1; j < rows && !model[i].closed; j++) {
			if (!may_pair(&model[j], kind, same_host) ||
			    !is_same_place(&model[i], &model[j], same_host) ||
			    !is_same_side(&model[i], &model[j], kind))
				continue;
			ends[i] = model[j].opened;
			break;
		}
		if (ends[i] < model[i].opened)
			ends[i] = model[i].opened;
	}
}

static void pair(size_t rows, enum kind kind, bool same_host, int64_t slack)
{
	for (size_t i = 0; i < rows; i++) {
		for (size_t j = 0; j < rows; j++) {
			if (!may_pair(&model[i], kind, same_host) ||
			    !may_pair(&model[j], kind, same_host) ||
			    !is_same_place(&model[i], &model[j], same_host) ||
			    !may_join(&model[i], &model[j], same_host) ||
			    !is_mirrored(&model[i], &model[j], kind) ||
			    model[j].opened > ends[i] + slack ||
			    model[i].opened > ends[j] + slack)
				continue;
			model[i].other = j;
			model[j].other = i;
		}
	}
}

static void run_model(size_t rows)
{
	static const struct {
		enum kind kind;
		bool same_host;
	} rounds[] = {
		{ ACCEPTED, true }, { SENT, true }, { WILD, true },
		{ ACCEPTED, false }, { SENT, false },
	};

	for (size_t i = 0; i < 5; i++) {
		find_ends(rows, rounds[i].kind, rounds[i].same_host);
		pair(rows, rounds[i].kind, rounds[i].same_host, 0);
		pair(rows, rounds[i].kind, rounds[i].same_host, SLACK);
	}
}

/* ---- rows --------------------------------------------------------------- */

static struct cw_past make_row(const char *host, const char *exe)
{
	return (struct cw_past) {
		.host = host, .family = 4, .label = "", .opened = 100 * SECOND,
		.closed = 101 * SECOND, .sent = 10, .received = 20,
		.rule = CW_RULE_DEFAULT,
		.program = { .exe = exe, .script = "", .unit = "" },
	};
}

/* "10.0.0.LOCAL:port" and so on; 0 = not known. */
static void set_ends(struct cw_past *past, int local, int local_port,
		     int remote, int remote_port)
{
	memcpy(past->local, (uint8_t [4]) { 10, 0, 0, local }, local ? 4 : 0);
	memcpy(past->remote, (uint8_t [4]) { 10, 0, 0, remote }, 4);
	past->local_port = local_port;
	past->remote_port = remote_port;
}

static void add(const struct cw_past *past)
{
	ck_assert_int_eq(cw_join_add(&join, past, true), 0);
}

static void random_row(struct cw_past *past)
{
	static const char *const hosts[] = { "a", "a", "a", "b" };
	static const uint8_t protos[] = { 0, 0, 0, 1, 1, 1, 1, 1, 2, 3 };

	*past = make_row(hosts[text_random(4)], "/x");
	past->id = text_random(3) ? 0 : text_random(5);
	set_ends(past, text_random(5) ? 1 + text_random(2) : 0,
		 text_random(9) ? 1 : 0, 1 + text_random(2), 1);
	if (!text_random(4))
		past->remote[0] = past->local[0] = 127;
	past->proto = protos[text_random(10)];
	past->in = text_random(2);
	past->netns = 1 + !text_random(4);
	past->netns_owner = text_random(3) ? CW_NETNS_UNKNOWN : 1 + text_random(2);
	past->verdict = text_random(9) ? 0 : 1;
	past->opened = text_random(20) * 3 * SECOND + 1;
	past->closed = text_random(3) ? past->opened +
		text_random(12) * SECOND : 0;
	past->family = text_random(9) ? 4 : 0;
}

START_TEST(same_pairs_as_the_quadratic_way)
{
	unsigned pairs = 0;
	struct cw_past past;

	text_seed();
	for (int i = 0; i < 400; i++) {
		size_t rows = 1 + text_random(ROWS - 1);

		for (size_t j = 0; j < rows; j++) {
			random_row(&past);
			add(&past);
		}
		ck_assert_int_eq(cw_join_match(&join), 0);
		memcpy(model, join.row, join.rows * sizeof(*model));
		for (size_t j = 0; j < join.rows; j++)
			model[j].other = CW_JOIN_NONE;
		run_model(join.rows);
		for (size_t j = 0; j < join.rows; j++) {
			ck_assert_uint_eq(join.row[j].other, model[j].other);
			pairs += model[j].other != CW_JOIN_NONE;
		}
		cw_join_free(&join);
	}
	ck_assert_uint_gt(pairs, 1000);
}
END_TEST

/* ---- single cases ------------------------------------------------------- */

/* Rows 0 and 1 in the order of time, both of a connection to port 80. */
static void add_pair(const char *client_host, const char *server_host)
{
	struct cw_past out = make_row(client_host, "/bin/client");
	struct cw_past in = make_row(server_host, "/bin/server");

	set_ends(&out, 1, 4000, 2, 80);
	set_ends(&in, 2, 80, 1, 4000);
	in.in = true;
	in.opened++;
	in.verdict = CW_OUTCOME_NONE;
	add(&out);
	add(&in);
}

static void is_joined(bool wanted)
{
	ck_assert_int_eq(cw_join_match(&join), 0);
	ck_assert_uint_eq(join.row[0].other, wanted ? 1 : CW_JOIN_NONE);
	ck_assert(cw_join_is_client(&join, 0));
	cw_join_free(&join);
}

START_TEST(joined_on_one_host_and_across_hosts)
{
	add_pair("a", "a");
	is_joined(true);
	add_pair("a", "b");
	is_joined(true);
	add_pair("", "");
	is_joined(true);
}
END_TEST

START_TEST(not_joined_when_refused_or_long_ago)
{
	add_pair("a", "a");
	join.row[0].verdict = CW_OUTCOME_DENY;
	is_joined(false);
	add_pair("a", "a");
	join.row[1].opened += 60 * SECOND;
	join.row[1].closed += 60 * SECOND;
	is_joined(false);
	/* accept() may come after the client has closed. */
	add_pair("a", "a");
	join.row[1].opened += 5 * SECOND;
	join.row[1].closed += 5 * SECOND;
	is_joined(true);
}
END_TEST

/* Whoever makes a namespace chooses the addresses in it. */
START_TEST(joined_only_within_a_namespace)
{
	add_pair("a", "a");
	join.row[0].netns = join.row[1].netns = 5;
	is_joined(true);
	add_pair("a", "a");
	join.row[1].netns = 5;
	is_joined(false);
	add_pair("a", "a");
	join.row[1].netns = 5;
	join.across_netns = true;
	is_joined(true);
	/* Both were made by root, who needs no forgery. */
	add_pair("a", "a");
	join.row[1].netns = 5;
	join.row[0].netns_owner = join.row[1].netns_owner = CW_NETNS_ROOT;
	is_joined(true);
	add_pair("a", "a");
	join.row[1].netns = 5;
	join.row[0].netns_owner = CW_NETNS_ROOT;
	join.row[1].netns_owner = CW_NETNS_USER;
	is_joined(false);
	/* The numbers of two hosts say nothing to each other. */
	add_pair("a", "b");
	join.row[1].netns = 5;
	is_joined(true);
	for (int i = 0; i < 2; i++) {
		add_pair("a", "b");
		join.row[i].netns_owner = CW_NETNS_USER;
		is_joined(false);
		add_pair("a", "b");
		join.row[i].netns_owner = CW_NETNS_USER;
		join.row[!i].netns_owner = CW_NETNS_ROOT;
		join.across_netns = true;
		is_joined(true);
	}
	add_pair("a", "b");
	join.row[0].netns_owner = join.row[1].netns_owner = CW_NETNS_ROOT;
	is_joined(true);
}
END_TEST

/* Another row with the same ends does not hide the right one. */
START_TEST(forged_end_does_not_take_the_place_of_the_real_one)
{
	struct cw_past forged = make_row("a", "/bin/forger");

	set_ends(&forged, 2, 80, 1, 4000);
	forged.in = true;
	forged.netns = 7;
	add(&forged);
	add_pair("a", "b");
	ck_assert_int_eq(cw_join_match(&join), 0);
	ck_assert_uint_eq(join.row[0].other, CW_JOIN_NONE);
	ck_assert_uint_eq(join.row[1].other, 2);
	cw_join_free(&join);
}
END_TEST

START_TEST(loopback_stays_on_its_host)
{
	add_pair("a", "b");
	for (int i = 0; i < 2; i++)
		join.row[i].local[0] = join.row[i].remote[0] = 127;
	is_joined(false);
}
END_TEST

START_TEST(who_sent_first_is_the_client_of_udp)
{
	struct cw_past client = make_row("a", "/bin/dig");
	struct cw_past server = make_row("a", "/bin/named");

	client.proto = server.proto = CW_PROTO_UDP;
	server.opened++;
	set_ends(&client, 1, 4000, 2, 53);
	set_ends(&server, 0, 53, 1, 4000);
	add(&client);
	add(&server);
	ck_assert_int_eq(cw_join_match(&join), 0);
	ck_assert_uint_eq(join.row[0].other, 1);
	ck_assert(cw_join_is_client(&join, 0));
	ck_assert(!cw_join_is_client(&join, 1));
	cw_join_free(&join);
}
END_TEST

START_TEST(rows_that_came_twice_count_once)
{
	struct cw_past past = make_row("a", "/x");

	past.id = 7;
	past.closed = 0;
	add(&past);
	past.closed = 200 * SECOND;
	add(&past);
	past.host = "b";
	add(&past);
	past.id = 0;
	add(&past);
	add(&past);
	ck_assert_int_eq(cw_join_match(&join), 0);
	ck_assert_uint_eq(join.rows, 4);
	ck_assert_int_eq(join.row[0].closed, 200 * SECOND);
	cw_join_free(&join);
}
END_TEST

/* Both sides of one pair of ports, again and again: must not be quadratic. */
START_TEST(many_rows_of_the_same_ports)
{
	struct cw_past out = make_row("a", "/c"), in = make_row("a", "/s");

	out.proto = in.proto = CW_PROTO_UDP;
	set_ends(&out, 1, 123, 2, 123);
	set_ends(&in, 2, 123, 1, 123);
	for (int i = 0; i < 10000; i++) {
		out.opened = in.opened = 100 * SECOND + i * 1000;
		out.closed = in.closed = out.opened + 999;
		in.opened++;
		add(&out);
		add(&in);
	}
	ck_assert_int_eq(cw_join_match(&join), 0);
	for (size_t i = 0; i < join.rows; i++)
		ck_assert_uint_eq(join.row[i].other, i ^ 1);
	cw_join_free(&join);
}
END_TEST

/* ---- flows -------------------------------------------------------------- */

static struct cw_flows flows;

static void make_flows(enum cw_flow_by by)
{
	ck_assert_int_eq(cw_join_match(&join), 0);
	ck_assert_int_eq(cw_flows_make(&flows, &join, by), 0);
}

static void end_flows(void)
{
	cw_flows_free(&flows);
	cw_join_free(&join);
}

START_TEST(flow_of_both_ends)
{
	const struct cw_flow *flow;

	add_pair("a", "b");
	join.row[0].received = CW_BYTES_UNKNOWN;
	make_flows(CW_FLOW_BY_EXE);
	ck_assert_uint_eq(flows.count, 1);
	flow = flows.flow;
	ck_assert_str_eq(flow->client.host, "a");
	ck_assert_str_eq(flow->client.exe, "/bin/client");
	ck_assert_str_eq(flow->server.host, "b");
	ck_assert_str_eq(flow->server.exe, "/bin/server");
	ck_assert_uint_eq(flow->port, 80);
	ck_assert_uint_eq(flow->connections, 1);
	ck_assert_uint_eq(flow->open, 0);
	ck_assert_uint_eq(flow->sent, 10);
	/* The server knows what it sent. */
	ck_assert_uint_eq(flow->received, 10);
	ck_assert_uint_eq(flow->unmeasured, 0);
	ck_assert_int_eq(flow->first, 100 * SECOND);
	ck_assert_int_eq(flow->last, 101 * SECOND);
	ck_assert_uint_eq(flow->verdict, CW_OUTCOME_ALLOW);
	ck_assert_uint_eq(flow->samples, 1);
	ck_assert_uint_eq(flow->sample[0].client_port, 4000);
	end_flows();
}
END_TEST

START_TEST(flow_with_one_end_is_to_or_from_an_address)
{
	struct cw_past past = make_row("a", "/bin/client");

	set_ends(&past, 1, 4000, 9, 443);
	past.sent = CW_BYTES_UNKNOWN;
	add(&past);
	past = make_row("a", "/bin/server");
	past.in = true;
	past.verdict = CW_OUTCOME_NONE;
	past.opened++;
	set_ends(&past, 1, 80, 8, 5000);
	add(&past);
	make_flows(CW_FLOW_BY_EXE);
	ck_assert_uint_eq(flows.count, 2);
	ck_assert_str_eq(flows.flow[0].client.host, "a");
	ck_assert_str_eq(flows.flow[0].server.host, "");
	ck_assert_uint_eq(flows.flow[0].server.address[3], 9);
	ck_assert_uint_eq(flows.flow[0].sent, CW_BYTES_UNKNOWN);
	ck_assert_uint_eq(flows.flow[0].unmeasured, 1);
	ck_assert_str_eq(flows.flow[1].client.host, "");
	ck_assert_uint_eq(flows.flow[1].client.address[3], 8);
	ck_assert_str_eq(flows.flow[1].server.exe, "/bin/server");
	ck_assert_uint_eq(flows.flow[1].port, 80);
	ck_assert_uint_eq(flows.flow[1].sent, 20);
	end_flows();
}
END_TEST

START_TEST(refused_and_open_are_counted_apart)
{
	struct cw_past past = make_row("a", "/bin/client");
	const struct cw_flow *flow;

	set_ends(&past, 1, 4000, 9, 443);
	add(&past);
	past.opened += SECOND;
	past.closed = 0;
	past.is_live = true;
	past.verdict = CW_OUTCOME_WOULD_DENY;
	add(&past);
	past.opened += SECOND;
	past.is_live = false;
	past.verdict = CW_OUTCOME_DENY;
	past.rule = 3;
	past.line = 12;
	past.label = "no mirror";
	add(&past);
	make_flows(CW_FLOW_BY_EXE);
	ck_assert_uint_eq(flows.count, 1);
	flow = flows.flow;
	ck_assert_uint_eq(flow->connections, 2);
	ck_assert_uint_eq(flow->open, 1);
	ck_assert_uint_eq(flow->refused, 1);
	ck_assert_uint_eq(flow->would_deny, 1);
	ck_assert_uint_eq(flow->sent, 20);
	ck_assert_uint_eq(flow->verdict, CW_OUTCOME_DENY);
	ck_assert_uint_eq(flow->rule, 3);
	ck_assert_uint_eq(flow->line, 12);
	ck_assert_str_eq(flow->label, "no mirror");
	ck_assert_int_eq(flow->sample[0].opened, 102 * SECOND);
	ck_assert_int_eq(flow->last, 102 * SECOND);
	end_flows();
}
END_TEST

static void add_of_unit(const char *exe, const char *unit, int remote)
{
	struct cw_past past = make_row("a", exe);

	past.program.unit = unit;
	set_ends(&past, 1, 4000, remote, 443);
	add(&past);
}

/* Of what was refused there is no other end, but its address may be known. */
START_TEST(refused_goes_to_the_host_whose_address_it_is)
{
	struct cw_past refused = make_row("a", "/bin/client");
	struct cw_past own = make_row("b", "/bin/other");

	set_ends(&refused, 0, 0, 2, 80);
	refused.verdict = CW_OUTCOME_DENY;
	set_ends(&own, 2, 5000, 9, 443);
	add(&refused);
	add(&own);
	make_flows(CW_FLOW_BY_EXE);
	ck_assert_uint_eq(flows.count, 2);
	ck_assert_str_eq(flows.flow[0].client.exe, "/bin/client");
	ck_assert_str_eq(flows.flow[0].server.host, "b");
	ck_assert_str_eq(flows.flow[0].server.exe, "");
	ck_assert_uint_eq(flows.flow[0].server.address[3], 2);
	end_flows();
	/* In a namespace of somebody's own, any address is cheap. */
	own.netns_owner = CW_NETNS_USER;
	add(&refused);
	add(&own);
	make_flows(CW_FLOW_BY_EXE);
	ck_assert_str_eq(flows.flow[0].server.host, "");
	end_flows();
	/* Two hosts have it: nobody knows which. */
	own.netns_owner = CW_NETNS_UNKNOWN;
	add(&refused);
	add(&own);
	own.host = "c";
	add(&own);
	make_flows(CW_FLOW_BY_HOST);
	ck_assert_str_eq(flows.flow[0].server.host, "");
	end_flows();
	/* What is not refused and has no other end stays an address. */
	refused.verdict = CW_OUTCOME_ALLOW;
	add(&refused);
	own.host = "b";
	add(&own);
	make_flows(CW_FLOW_BY_EXE);
	ck_assert_str_eq(flows.flow[0].server.host, "");
	end_flows();
}
END_TEST

static unsigned unit_flows(const char *first, const char *second)
{
	struct cw_past past = make_row("a", "/bin/cat");
	unsigned count;

	set_ends(&past, 1, 4000, 2, 80);
	past.program.unit = first;
	add(&past);
	past.program.unit = second;
	past.opened++;
	add(&past);
	make_flows(CW_FLOW_BY_EXE);
	count = flows.count;
	end_flows();
	return count;
}

/* systemd makes a unit for each connection of a socket with Accept=yes. */
START_TEST(units_of_connections_are_one)
{
	static const char *const names[] = {
		"echo@0-10.0.0.1:7-10.0.0.2:51234.service",
		"echo@17-127.0.0.1:7-127.0.0.1:4.service",
		"echo@3-2001:db8::1:7-fe80::1:4.service",
		"echo@4-987654-10.0.0.1:7-10.0.0.2:5.service",
		"echo@5-1234-1000.service", "echo@6-unknown.service",
		"echo@.service",
	};
	static const char *const others[] = {
		"echo@1.service", "echo@web-1.service", "user@1000.service",
		"echo@0-10.0.0.1:7-10.0.0.2:51234.socket", "echo.service",
		"echo@x0-10.0.0.1:7-10.0.0.2:5.service",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(unit_flows(names[0], names[i]) == 1, "%s",
			      names[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(unit_flows(names[0], others[i]) == 2, "%s",
			      others[i]);
}
END_TEST

START_TEST(flows_by_unit_and_by_address)
{
	add_of_unit("/bin/a", "x.service", 9);
	add_of_unit("/bin/b", "x.service", 9);
	add_of_unit("/bin/c", "", 9);
	make_flows(CW_FLOW_BY_UNIT);
	ck_assert_uint_eq(flows.count, 2);
	ck_assert_str_eq(flows.flow[0].client.unit, "x.service");
	ck_assert_str_eq(flows.flow[0].client.exe, "");
	ck_assert_str_eq(flows.flow[1].client.exe, "/bin/c");
	cw_flows_free(&flows);
	ck_assert_int_eq(cw_flows_make(&flows, &join, CW_FLOW_BY_ADDRESS), 0);
	ck_assert_uint_eq(flows.count, 1);
	ck_assert_str_eq(flows.flow[0].client.exe, "");
	ck_assert_str_eq(flows.flow[0].client.host, "a");
	ck_assert_uint_eq(flows.flow[0].client.address[3], 1);
	cw_flows_free(&flows);
	ck_assert_int_eq(cw_flows_make(&flows, &join, CW_FLOW_BY_EXE), 0);
	ck_assert_uint_eq(flows.count, 3);
	end_flows();
}
END_TEST

START_TEST(a_wanted_end_brings_the_other)
{
	add_pair("a", "a");
	join.row[0].is_wanted = false;
	add_of_unit("/bin/c", "", 9);
	join.row[2].is_wanted = false;
	make_flows(CW_FLOW_BY_EXE);
	ck_assert_uint_eq(flows.count, 1);
	ck_assert_str_eq(flows.flow[0].client.exe, "/bin/client");
	end_flows();
}
END_TEST

/* Sums over all flows are sums over all rows, however they are joined. */
START_TEST(nothing_is_lost_or_counted_twice)
{
	uint64_t pairs, connections, refused, denied;
	struct cw_past past;

	text_seed();
	for (int i = 0; i < 100; i++) {
		for (int j = 0; j < ROWS; j++) {
			random_row(&past);
			past.id = 0;
			add(&past);
		}
		make_flows(i % 3);
		pairs = connections = refused = denied = 0;
		for (size_t j = 0; j < join.rows; j++) {
			pairs += join.row[j].other != CW_JOIN_NONE;
			denied += join.row[j].verdict == CW_OUTCOME_DENY;
		}
		for (size_t j = 0; j < flows.count; j++) {
			connections += flows.flow[j].connections;
			refused += flows.flow[j].refused;
		}
		ck_assert_uint_eq(refused, denied);
		ck_assert_uint_eq(connections + refused, ROWS - pairs / 2);
		end_flows();
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("join");
	TCase *tests = tcase_create("join");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, same_pairs_as_the_quadratic_way);
	tcase_add_test(tests, joined_on_one_host_and_across_hosts);
	tcase_add_test(tests, not_joined_when_refused_or_long_ago);
	tcase_add_test(tests, joined_only_within_a_namespace);
	tcase_add_test(tests, forged_end_does_not_take_the_place_of_the_real_one);
	tcase_add_test(tests, loopback_stays_on_its_host);
	tcase_add_test(tests, who_sent_first_is_the_client_of_udp);
	tcase_add_test(tests, rows_that_came_twice_count_once);
	tcase_add_test(tests, many_rows_of_the_same_ports);
	tcase_add_test(tests, flow_of_both_ends);
	tcase_add_test(tests, flow_with_one_end_is_to_or_from_an_address);
	tcase_add_test(tests, refused_and_open_are_counted_apart);
	tcase_add_test(tests, refused_goes_to_the_host_whose_address_it_is);
	tcase_add_test(tests, units_of_connections_are_one);
	tcase_add_test(tests, flows_by_unit_and_by_address);
	tcase_add_test(tests, a_wanted_end_brings_the_other);
	tcase_add_test(tests, nothing_is_lost_or_counted_twice);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
