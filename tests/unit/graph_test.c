// SPDX-License-Identifier: GPL-2.0-only
/* Flows as a graph: nodes, edges, prefixes, and each form of text. */
#include <arpa/inet.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "policyctl/commands/ctl.h"
#include "fixture.h"

#define SECOND	1000000000ll
#define FLOWS	600

static struct cw_flow flow[FLOWS];
static struct cw_flows flows = { .flow = flow };
static struct cw_graph graph;
static char *text;
static size_t size;

static void setup(void)
{
	memset(flow, 0, sizeof(flow));
	flows.count = 0;
}

static void teardown(void)
{
	cw_graph_free(&graph);
	free(text);
	text = NULL;
}

/* ---- flows -------------------------------------------------------------- */

static struct cw_flow_end program(const char *host, const char *exe)
{
	return (struct cw_flow_end) {
		.host = host, .exe = exe, .script = "", .unit = "",
	};
}

static struct cw_flow_end address(const char *name)
{
	struct cw_flow_end end = program("", "");

	if (inet_pton(AF_INET, name, end.address) != 1)
		ck_assert_int_eq(inet_pton(AF_INET6, name, end.address), 1);
	return end;
}

static struct cw_flow *add(struct cw_flow_end client,
			   struct cw_flow_end server, unsigned port)
{
	struct cw_flow *one = &flow[flows.count++];

	one->client = client;
	one->server = server;
	one->family = 4;
	one->proto = CW_PROTO_TCP;
	one->port = port;
	one->connections = 2;
	one->sent = 10;
	one->received = CW_BYTES_UNKNOWN;
	one->first = 100 * SECOND;
	one->last = 200 * SECOND;
	one->rule = CW_RULE_DEFAULT;
	one->label = "";
	return one;
}

static void make(enum cw_flow_by by, unsigned limit)
{
	ck_assert_int_eq(cw_graph_make(&graph, &flows, by, limit), 0);
}

static const struct cw_graph_node *find(const char *title)
{
	for (size_t i = 0; i < graph.nodes; i++)
		if (!strcmp(graph.node[i].title, title))
			return &graph.node[i];
	ck_abort_msg("no node %s", title);
	return NULL;
}

/* ---- nodes and edges ---------------------------------------------------- */

START_TEST(node_for_each_program_and_host)
{
	struct cw_flow_end shop = program("web1", "/usr/bin/python3");

	shop.script = "/srv/shop.py";
	add(program("web1", "/usr/bin/curl"), address("192.0.2.1"), 80);
	add(program("web2", "/usr/bin/curl"), address("192.0.2.1"), 80);
	add(shop, address("192.0.2.1"), 443);
	make(CW_FLOW_BY_EXE, 60);
	ck_assert_uint_eq(graph.nodes, 4);
	ck_assert_uint_eq(graph.edges, 3);
	ck_assert_str_eq(find("shop.py")->sub, "python3");
	ck_assert_int_eq(find("192.0.2.1")->kind, CW_GRAPH_ADDRESS);
	/* What is of no host comes last. */
	ck_assert_str_eq(graph.node[3].title, "192.0.2.1");
}
END_TEST

START_TEST(flows_of_several_addresses_become_one_edge)
{
	struct cw_flow_end server = program("db1", "/usr/bin/postgres");
	struct cw_flow *one, *two;

	inet_pton(AF_INET, "10.0.0.1", server.address);
	one = add(program("web1", "/usr/bin/psql"), server, 5432);
	inet_pton(AF_INET, "10.9.0.1", server.address);
	two = add(program("web1", "/usr/bin/psql"), server, 5432);
	one->samples = 2;
	one->sample[0].opened = 40;
	one->sample[1].opened = 10;
	two->samples = 3;
	two->sample[0].opened = 50;
	two->sample[1].opened = 30;
	two->sample[2].opened = 20;
	two->received = 7;
	two->refused = 1;
	two->first = 50 * SECOND;
	two->verdict = CW_OUTCOME_DENY;
	make(CW_FLOW_BY_EXE, 60);
	ck_assert_uint_eq(graph.edges, 1);
	one = &graph.edge[0].flow;
	ck_assert_uint_eq(one->connections, 4);
	ck_assert_uint_eq(one->refused, 1);
	ck_assert_uint_eq(one->sent, 20);
	ck_assert_uint_eq(one->received, 7);
	ck_assert_int_eq(one->first, 50 * SECOND);
	ck_assert_int_eq(one->verdict, CW_OUTCOME_DENY);
	ck_assert_uint_eq(one->samples, 3);
	ck_assert_int_eq(one->sample[0].opened, 50);
	ck_assert_int_eq(one->sample[1].opened, 40);
	ck_assert_int_eq(one->sample[2].opened, 30);
	ck_assert_int_eq(cw_graph_state(&graph.edge[0]), CW_GRAPH_PARTLY);
}
END_TEST

START_TEST(state_of_an_edge)
{
	static const struct {
		unsigned connections, refused, would_deny, verdict;
		enum cw_graph_state state;
	} cases[] = {
		{ 5, 0, 0, CW_OUTCOME_ALLOW, CW_GRAPH_ALLOW },
		{ 0, 5, 0, CW_OUTCOME_DENY, CW_GRAPH_DENY },
		{ 5, 1, 0, CW_OUTCOME_ALLOW, CW_GRAPH_PARTLY },
		{ 5, 1, 1, CW_OUTCOME_ALLOW, CW_GRAPH_PARTLY },
		{ 5, 0, 1, CW_OUTCOME_ALLOW, CW_GRAPH_WOULD_DENY },
		{ 5, 0, 0, CW_OUTCOME_NONE, CW_GRAPH_UNJUDGED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cw_graph_edge edge = { .flow = {
			.connections = cases[i].connections,
			.refused = cases[i].refused,
			.would_deny = cases[i].would_deny,
			.verdict = cases[i].verdict,
		} };

		ck_assert_int_eq(cw_graph_state(&edge), cases[i].state);
	}
}
END_TEST

/* 127.0.0.1 of two hosts is not the same place. */
START_TEST(loopback_is_of_its_host)
{
	add(program("web1", "/a"), address("127.0.0.1"), 80);
	add(program("web2", "/a"), address("127.0.0.1"), 80);
	make(CW_FLOW_BY_EXE, 60);
	ck_assert_uint_eq(graph.nodes, 4);
	ck_assert(graph.edge[0].is_loopback);
	ck_assert_str_eq(graph.node[graph.edge[1].to].host, "web2");
}
END_TEST

START_TEST(hosts_as_nodes)
{
	add(program("web1", "/a"), program("db1", "/b"), 80);
	add(program("web1", "/c"), program("db1", "/d"), 80);
	make(CW_FLOW_BY_HOST, 60);
	ck_assert_uint_eq(graph.nodes, 2);
	ck_assert_uint_eq(graph.edges, 1);
	ck_assert_str_eq(graph.node[0].title, "db1");
	ck_assert_uint_eq(graph.connections, 4);
}
END_TEST

START_TEST(no_flows_no_graph)
{
	make(CW_FLOW_BY_EXE, 60);
	ck_assert_uint_eq(graph.nodes, 0);
	ck_assert_int_eq(graph.since, 0);
}
END_TEST

/* ---- many addresses ----------------------------------------------------- */

static void add_addresses(const char *format, unsigned count)
{
	char name[64];

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), format, i);
		add(program("web1", "/scan"), address(name), 80);
	}
}

START_TEST(few_addresses_stay)
{
	add_addresses("192.0.2.%u", 60);
	make(CW_FLOW_BY_EXE, 60);
	ck_assert_uint_eq(graph.nodes, 61);
}
END_TEST

START_TEST(prefixes_stand_for_many)
{
	add_addresses("192.0.2.%u", 200);
	add(program("web1", "/scan"), address("198.51.100.7"), 80);
	make(CW_FLOW_BY_EXE, 60);
	ck_assert_uint_eq(graph.nodes, 3);
	ck_assert_uint_eq(find("192.0.2.0/24")->addresses, 200);
	ck_assert_str_eq(find("192.0.2.0/24")->sub, "200 addresses");
	ck_assert_uint_eq(find("198.51.100.7")->addresses, 1);
	ck_assert_uint_eq(graph.edges, 2);
	ck_assert_uint_eq(graph.connections, 402);
}
END_TEST

START_TEST(rest_stands_for_what_prefixes_leave)
{
	add_addresses("%u.0.2.1", 100);
	add(program("web1", "/scan"), address("203.0.113.7"), 80)
		->connections = 99;
	make(CW_FLOW_BY_EXE, 10);
	ck_assert_uint_eq(graph.nodes, 11);
	ck_assert_uint_eq(find("203.0.113.7")->addresses, 1);
	ck_assert_uint_eq(find("other addresses")->addresses, 92);
}
END_TEST

START_TEST(rest_counts_an_address_once)
{
	add_addresses("192.0.2.%u", 100);
	add_addresses("192.0.2.%u", 100);
	make(CW_FLOW_BY_EXE, 60);
	ck_assert_uint_eq(find("192.0.2.0/24")->addresses, 100);
}
END_TEST

/* ---- text --------------------------------------------------------------- */

static void print(void (*function)(FILE *out, const struct cw_graph *graph))
{
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &size);
	function(out, &graph);
	fclose(out);
}

static void has(const char *part)
{
	ck_assert_msg(strstr(text, part), "no %s in %.3000s", part, text);
}

static void has_not(const char *part)
{
	ck_assert_msg(!strstr(text, part), "%s in %.3000s", part, text);
}

START_TEST(sample_names_both_ends)
{
	struct cw_flow *one = add(program("web1", "/usr/bin/curl"),
				  program("web2", "/usr/sbin/nginx"), 443);
	FILE *out = open_memstream(&text, &size);

	one->family = one->sample[0].family = 6;
	one->samples = 1;
	inet_pton(AF_INET6, "2001:db8::1", one->sample[0].client);
	one->sample[0].client_port = 4242;
	inet_pton(AF_INET6, "2001:db8::2", one->sample[0].server);
	one->sample[0].server_port = 443;
	make(CW_FLOW_BY_EXE, 60);
	cw_graph_print_sample(out, &graph, &graph.edge[0], 0);
	fclose(out);
	ck_assert_str_eq(text, "curl@[2001:db8::1]:4242 -> "
			 "nginx@[2001:db8::2]:443");
}
END_TEST

/* A flow for each family, and one edge. */
START_TEST(sample_keeps_its_family)
{
	struct cw_flow_end server = program("web2", "/usr/sbin/nginx");
	struct cw_flow *v4 = add(program("web1", "/usr/bin/curl"), server, 80);
	struct cw_flow *v6 = add(program("web1", "/usr/bin/curl"), server, 80);
	FILE *out = open_memstream(&text, &size);

	v4->samples = v6->samples = 1;
	v4->sample[0].family = 4;
	v4->sample[0].opened = 20;
	inet_pton(AF_INET, "10.0.0.1", v4->sample[0].client);
	inet_pton(AF_INET, "10.0.0.2", v4->sample[0].server);
	v6->family = v6->sample[0].family = 6;
	v6->sample[0].opened = 10;
	inet_pton(AF_INET6, "2001:db8::1", v6->sample[0].client);
	inet_pton(AF_INET6, "2001:db8::2", v6->sample[0].server);
	v6->sample[0].server_port = 80;
	make(CW_FLOW_BY_EXE, 60);
	ck_assert_uint_eq(graph.edges, 1);
	ck_assert_uint_eq(graph.edge[0].flow.samples, 2);
	cw_graph_print_sample(out, &graph, &graph.edge[0], 1);
	fclose(out);
	ck_assert_str_eq(text, "curl@[2001:db8::1]:? -> "
			 "nginx@[2001:db8::2]:80");
}
END_TEST

START_TEST(dot_of_all_kinds)
{
	struct cw_flow *one = add(program("web1", "/usr/bin/curl"),
				  address("192.0.2.1"), 443);

	one->connections = 0;
	one->refused = 12;
	one->verdict = CW_OUTCOME_DENY;
	make(CW_FLOW_BY_EXE, 60);
	print(cw_graph_print_dot);
	has("digraph connwarden {\n");
	has("\tsubgraph cluster_0 {\n\t\tlabel=\"web1\";\n");
	has("\t\tn0 [label=\"curl\", tooltip=\"/usr/bin/curl\"];\n\t}\n");
	has("n1 [label=\"192.0.2.1\", tooltip=\"192.0.2.1\", style=rounded]");
	has("\tn0 -> n1 [label=\"tcp 443 x12\", ");
	has("color=\"#bd3d08\", style=dashed, arrowhead=tee];\n}\n");
}
END_TEST

START_TEST(dot_escapes_everything)
{
	add(program("h", "/a\"]; evil [label=\"\\N&lt;\n\xff"),
	    address("192.0.2.1"), 1);
	make(CW_FLOW_BY_EXE, 60);
	print(cw_graph_print_dot);
	has("label=\"a\\\"]; evil [label=\\\"\\\\134N&amp;lt;\\\\012\\\\377\"");
	has_not("\xff");
}
END_TEST

/* Graphviz fails on boxes that are thousands of letters wide. */
START_TEST(dot_cuts_long_titles_between_characters)
{
	char exe[300] = "/";

	for (size_t i = 0; i < 100; i++)
		strcat(exe, "\xc3\xa9");
	exe[1] = 'x';
	exe[2] = '\xc3';
	add(program("h", exe), address("192.0.2.1"), 1);
	make(CW_FLOW_BY_EXE, 60);
	print(cw_graph_print_dot);
	has("\xc3\xa9...\"");
}
END_TEST

START_TEST(json_is_valid)
{
	struct cw_flow *one = add(program("h", "/\xff<\"\n"),
				  address("192.0.2.1"), 443);
	json_t *root;

	one->label = "</script>";
	one->samples = 1;
	make(CW_FLOW_BY_EXE, 60);
	graph.holes = 1;
	print(cw_graph_print_json);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(root);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "nodes")), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "hosts")), 1);
	has("\"received\":null");
	has("\"label\":\"</script>\"");
	json_decref(root);
}
END_TEST

static void print_page(FILE *out, const struct cw_graph *what)
{
	ck_assert_int_eq(cw_graph_print_html(out, what), 0);
}

/* Nobody answered, but it is known whose the address is. */
START_TEST(address_of_a_host_is_drawn_at_that_host)
{
	struct cw_flow_end end = address("10.0.0.2");

	end.host = "db1";
	end.is_address = true;
	add(program("web1", "/usr/bin/curl"), end, 5432);
	make(CW_FLOW_BY_EXE, 60);
	print(cw_graph_print_json);
	has("\"kind\":\"address\",\"title\":\"10.0.0.2\",\"sub\":null,"
	    "\"host\":\"db1\"");
}
END_TEST

/* What stands around a name in a graph cannot be in it. */
START_TEST(names_forge_no_direction_and_no_end)
{
	struct cw_flow *own;

	own = add(program("h", "/x@192.0.2.9:1 -> \xe2\x80\xae" "curl"),
		   address("192.0.2.1"), 443);
	own->samples = 1;
	own->sample[0].family = 4;
	own->label = "\xd7\x90\" allowed";
	make(CW_FLOW_BY_EXE, 60);
	print(cw_graph_print_dot);
	has("x\\\\100192.0.2.9:1\\\\040->\\\\040\\\\342\\\\200\\\\256curl@? -> ");
	has("\\\"\\\\327\\\\220\\\\042 allowed\\\" ");
	has_not("\xe2\x80\xae");
	print(cw_graph_print_json);
	has("\"title\":\"x@192.0.2.9:1 -> \\\\342\\\\200\\\\256curl\"");
	has("x\\\\100192.0.2.9:1\\\\040->\\\\040\\\\342");
	has_not("\xe2\x80\xae");
	has_not("u202e");
}
END_TEST

START_TEST(page_has_no_tag_from_the_data)
{
	add(program("h", "/</script><!--\xe2\x80\xa8\xe2\x80\xa9&"),
	    address("192.0.2.1"), 443)->label = "<img onerror=x>";
	make(CW_FLOW_BY_EXE, 60);
	print(print_page);
	has("<!DOCTYPE html>");
	has("</html>\n");
	has("script\\u003e\\u003c!--\\\\342\\\\200\\\\250\\\\342\\\\200\\\\251"
	    "\\u0026");
	has_not("<!--");
	has_not("<img onerror");
	has_not("\xe2\x80\xa8");
	has_not("@data@");
}
END_TEST

/* ---- the command -------------------------------------------------------- */

static const char rows[] =
"{\"type\":\"connection\",\"host\":\"web1\",\"id\":1,\"opened\":"
"\"2026-11-25T02:21:49.5Z\",\"proto\":\"tcp\",\"dir\":\"out\",\"remote\":"
"\"192.0.2.1\",\"remote_port\":80,\"verdict\":\"allow\",\"exe\":\"/a\"}\n"
"{\"type\":\"hole\",\"host\":\"web1\",\"since\":\"2026-11-25T02:21:49Z\","
"\"until\":\"2026-11-25T02:21:50Z\",\"records\":12,\"reason\":\"disk\"}\n";

static void run(const char *options, int status, const char *says)
{
	static struct ran ran;
	struct fixture fixture;
	char line[256];

	fixture_init(&fixture);
	fixture_write(&fixture, "rows", rows);
	snprintf(line, sizeof(line), "graph %s %s/rows", options, fixture.dir);
	fixture_ctl(&fixture, &ran, line);
	fixture_exit(&fixture);
	ck_assert_int_eq(ran.status, status);
	ck_assert_msg(strstr(status ? ran.err : ran.out, says),
		      "no %s in %.1000s%.1000s", says, ran.out, ran.err);
}

START_TEST(command_draws_files)
{
	run("", CW_EXIT_OK, "n0 -> n1 [label=\"tcp 80 x1\"");
	run("--json", CW_EXIT_OK, "\"holes\":1,\"missing\":12");
	run("--format html", CW_EXIT_OK, "</html>");
	run("--by host", CW_EXIT_OK, "label=\"web1\"");
	run("--exe /b", CW_EXIT_OK, "digraph connwarden");
}
END_TEST

START_TEST(command_says_what_is_wrong)
{
	run("--format png", CW_EXIT_USAGE, "dot, svg, html or json");
	run("--by port", CW_EXIT_USAGE, "exe, unit, address or host");
	run("/does/not/exist", CW_EXIT_FAILED, "No such file");
	setenv("PATH", "/does/not/exist", 1);
	run("--format svg", CW_EXIT_FAILED, "install the package graphviz");
}
END_TEST

static Suite *graph_suite(void)
{
	Suite *suite = suite_create("graph");
	TCase *tests = tcase_create("graph");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, node_for_each_program_and_host);
	tcase_add_test(tests, flows_of_several_addresses_become_one_edge);
	tcase_add_test(tests, state_of_an_edge);
	tcase_add_test(tests, loopback_is_of_its_host);
	tcase_add_test(tests, hosts_as_nodes);
	tcase_add_test(tests, no_flows_no_graph);
	tcase_add_test(tests, few_addresses_stay);
	tcase_add_test(tests, prefixes_stand_for_many);
	tcase_add_test(tests, rest_stands_for_what_prefixes_leave);
	tcase_add_test(tests, rest_counts_an_address_once);
	tcase_add_test(tests, sample_names_both_ends);
	tcase_add_test(tests, sample_keeps_its_family);
	tcase_add_test(tests, dot_of_all_kinds);
	tcase_add_test(tests, dot_escapes_everything);
	tcase_add_test(tests, dot_cuts_long_titles_between_characters);
	tcase_add_test(tests, json_is_valid);
	tcase_add_test(tests, address_of_a_host_is_drawn_at_that_host);
	tcase_add_test(tests, names_forge_no_direction_and_no_end);
	tcase_add_test(tests, page_has_no_tag_from_the_data);
	tcase_add_test(tests, command_draws_files);
	tcase_add_test(tests, command_says_what_is_wrong);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, graph_suite);
}
