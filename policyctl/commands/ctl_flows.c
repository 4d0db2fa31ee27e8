// SPDX-License-Identifier: GPL-2.0-only
/*
 * policyctl flows, and the rows behind it: of this host's history, or of files
 * that were exported on any host.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

/* ---- rows --------------------------------------------------------------- */

struct loader {
	struct cw_join *join;
	const struct cw_past_filter *wanted;
	bool to_milliseconds;
};

/* What is not wanted may be the other end of what is.  Files have milliseconds:
 * a row of the history that is in a file as well must look the same. */
static int add_row(void *data, const struct cw_past *past)
{
	struct loader *loader = data;
	struct cw_past copy = *past;

	if (loader->to_milliseconds)
		copy.opened -= copy.opened % 1000000;
	return cw_join_add(loader->join, &copy,
			   cw_filter_matches(loader->wanted, past));
}

static int add_hole(void *data, const struct cw_hole *hole)
{
	struct loader *loader = data;

	loader->join->holes++;
	loader->join->missing += hole->records;
	return 0;
}

static int load_history(const struct cw_ctl *ctl, struct loader *loader)
{
	struct cw_past_filter filter;
	struct cw_history *history;
	int ret = cw_ctl_open_history(ctl, &history);

	if (ret)
		return ret;
	cw_past_filter_init(&filter);
	filter.since = ctl->filter.since;
	filter.until = ctl->filter.until;
	filter.proto = ctl->filter.proto;
	cw_ctl_warn_of_holes(ctl, history);
	ret = cw_history_holes(history, filter.since, filter.until, add_hole,
			       loader);
	if (!ret)
		ret = cw_history_query(history, &filter, add_row, loader);
	cw_history_close(history);
	return ret ? cw_ctl_complain_history(ctl, ret) : CW_EXIT_OK;
}

static int load_file(const struct cw_ctl *ctl, const char *name,
		     struct loader *loader)
{
	bool is_stdin = !strcmp(name, "-");
	FILE *file = is_stdin ? stdin : fopen(name, "re");
	int ret = file ? 0 : -errno;

	if (file)
		ret = cw_past_read_holes(file, name, add_row, add_hole, loader);
	if (file && !is_stdin)
		fclose(file);
	/* cw_past_read() has said these. */
	if (ret && ret != -EPROTO && ret != -EIO)
		log_error("%s: %s: %s", ctl->name, name, strerror(-ret));
	return ret ? CW_EXIT_FAILED : CW_EXIT_OK;
}

static int load(const struct cw_ctl *ctl, struct loader *loader)
{
	int ret = CW_EXIT_OK;

	/* With files, the history only if it is named as well. */
	if (!ctl->argc || ctl->history)
		ret = load_history(ctl, loader);
	for (int i = 0; !ret && i < ctl->argc; i++)
		ret = load_file(ctl, ctl->argv[i], loader);
	return ret;
}

int cw_ctl_join(const struct cw_ctl *ctl, struct cw_join *join)
{
	struct loader loader = { .join = join, .wanted = &ctl->filter,
				 .to_milliseconds = ctl->argc };
	int ret;

	memset(join, 0, sizeof(*join));
	join->across_netns = ctl->across_netns;
	ret = load(ctl, &loader);
	if (!ret && cw_join_match(join)) {
		log_error("%s: not enough memory", ctl->name);
		ret = CW_EXIT_FAILED;
	}
	if (ret)
		cw_join_free(join);
	return ret;
}

/* ---- columns ------------------------------------------------------------ */

static const char *const columns[] = {
	"client_host", "client_exe", "client_script", "client_unit",
	"client_address", "server_host", "server_exe", "server_script",
	"server_unit", "server_address", "port", "proto", "connections", "open",
	"refused", "would_deny", "sent", "received", "unmeasured", "first",
	"last", "verdict", "rule", "line", "label", "client_netns",
	"server_netns",
};

static bool has_address(const uint8_t *address)
{
	static const uint8_t none[16];

	return memcmp(address, none, sizeof(none));
}

static void add_end(struct cw_cells *cells, const struct cw_flow *flow,
		    const struct cw_flow_end *end)
{
	cw_cells_text(cells, end->host);
	cw_cells_text(cells, end->exe);
	cw_cells_text(cells, end->script);
	cw_cells_text(cells, end->unit);
	cw_cells_address(cells, has_address(end->address) ? flow->family : 0,
			 end->address);
}

static void add_port(struct cw_cells *cells, const struct cw_flow *flow)
{
	if (cw_past_has_ports(flow->proto))
		cw_cells_add(cells, "%u", flow->port);
	else
		cw_cells_add(cells, "-");
	cw_cells_add(cells, "%s", cw_proto_name(flow->proto));
}

static void add_all(struct cw_cells *cells, const struct cw_flow *flow)
{
	add_end(cells, flow, &flow->client);
	add_end(cells, flow, &flow->server);
	add_port(cells, flow);
	cw_cells_number(cells, flow->connections, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, flow->open, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, flow->refused, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, flow->would_deny, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, flow->sent, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, flow->received, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, flow->unmeasured, CW_BYTES_UNKNOWN);
	cw_cells_time(cells, flow->first);
	cw_cells_time(cells, flow->last);
	cw_cells_add(cells, "%s", cw_outcome_name(flow->verdict));
	cw_cells_number(cells, flow->rule, CW_RULE_DEFAULT);
	cw_cells_number(cells, flow->line, 0);
	cw_cells_text(cells, flow->label);
	cw_cells_number(cells, flow->client.netns, 0);
	cw_cells_number(cells, flow->server.netns, 0);
}

/* ---- for people: fewer columns, a program as one word ------------------- */

static const char *const people_columns[] = {
	"client", "server", "port", "proto", "connections", "refused", "sent",
	"received", "last", "verdict", "label",
};

static void print_part(FILE *out, const char *before, const char *name,
		       const char *after)
{
	if (!name[0])
		return;
	fputs(before, out);
	cw_text_print(out, CW_TEXT_ASCII, name, " ()[]@:");
	fputs(after, out);
}

/* "host:program(script)[netns:NUMBER]@address", what is known of it. */
static void add_short_end(struct cw_cells *cells, const struct cw_flow *flow,
			  const struct cw_flow_end *end, bool with_host)
{
	const char *program = end->exe[0] ? end->exe : end->unit;
	char address[INET6_ADDRSTRLEN] = "", *text = NULL;
	bool is_short = program[0] && end == &flow->client;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		cw_cells_add(cells, "?");
		return;
	}
	if (!is_short && has_address(end->address))
		cw_past_address(flow->family, end->address, address);
	if (with_host)
		print_part(out, "", end->host, ":");
	print_part(out, "", program, "");
	print_part(out, "(", end->script, ")");
	if (end->netns)
		fprintf(out, "[netns:%u]", end->netns);
	fprintf(out, "%s%s", program[0] && address[0] ? "@" : "", address);
	if (fclose(out))
		cw_cells_add(cells, "?");
	else
		cw_cells_add(cells, "%s", size ? text : "-");
	free(text);
}

static void add_short(struct cw_cells *cells, const struct cw_flow *flow,
		      bool with_hosts)
{
	add_short_end(cells, flow, &flow->client, with_hosts);
	add_short_end(cells, flow, &flow->server, with_hosts);
	add_port(cells, flow);
	cw_cells_number(cells, flow->connections, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, flow->refused, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, flow->sent, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, flow->received, CW_BYTES_UNKNOWN);
	cw_cells_time(cells, flow->last);
	cw_cells_add(cells, "%s", cw_outcome_name(flow->verdict));
	cw_cells_text(cells, flow->label);
}

/* ---- printing ----------------------------------------------------------- */

static void set_columns(struct cw_printer *printer, const char *const *names,
			size_t size)
{
	printer->columns = size / sizeof(*names);
	memcpy(printer->names, names, size);
}

/* Only with rows of several hosts their names say something. */
static bool has_hosts(const struct cw_flows *flows)
{
	const char *first = NULL;

	for (size_t i = 0; i < flows->count; i++) {
		const struct cw_flow *flow = &flows->flow[i];
		const char *hosts[] = { flow->client.host, flow->server.host };

		for (int j = 0; j < 2; j++) {
			if (first && hosts[j][0] && strcmp(first, hosts[j]))
				return true;
			if (hosts[j][0])
				first = hosts[j];
		}
	}
	return false;
}

static int print_flows(const struct cw_ctl *ctl, const struct cw_flows *flows)
{
	static struct cw_cells cells;
	size_t count = flows->count;
	struct cw_printer printer;
	bool for_people, hosts = has_hosts(flows);
	int ret;

	if (ctl->filter.limit && count > ctl->filter.limit)
		count = ctl->filter.limit;
	cw_printer_init(&printer, stdout, ctl->json);
	for_people = cw_printer_is_for_people(&printer);
	if (for_people)
		set_columns(&printer, people_columns, sizeof(people_columns));
	else
		set_columns(&printer, columns, sizeof(columns));
	ret = printer.style->columns(&printer);
	for (size_t i = 0; !ret && i < count; i++) {
		cw_cells_begin(&cells, &printer);
		if (for_people)
			add_short(&cells, &flows->flow[i], hosts);
		else
			add_all(&cells, &flows->flow[i]);
		ret = printer.style->row(&printer, cells.value);
	}
	return ret ? ret : printer.style->flush(&printer);
}

int cw_ctl_flows(const struct cw_ctl *ctl)
{
	struct cw_flows flows;
	struct cw_join join;
	int ret = cw_ctl_join(ctl, &join);

	if (ret)
		return ret;
	ret = cw_flows_make(&flows, &join, ctl->by);
	if (!ret) {
		ret = print_flows(ctl, &flows);
		cw_flows_free(&flows);
	}
	cw_join_free(&join);
	if (ret == -ENOMEM)
		log_error("%s: not enough memory", ctl->name);
	return cw_ctl_close_output(ctl) ?: ret ? CW_EXIT_FAILED : CW_EXIT_OK;
}
