// SPDX-License-Identifier: GPL-2.0-only
/* policyctl graph: who talks to whom, as a picture. */
#include <errno.h>
#include <string.h>

#include "ctl.h"

/* More addresses than this no picture can hold. */
#define ADDRESSES	60

static int print(const struct cw_ctl *ctl, const struct cw_graph *graph)
{
	switch (ctl->format) {
	case CW_FORMAT_HTML:
		return cw_graph_print_html(stdout, graph);
	case CW_FORMAT_SVG:
		/* It has said why. */
		return cw_graph_print_svg(stdout, graph) ? -EIO : 0;
	case CW_FORMAT_JSON:
		cw_graph_print_json(stdout, graph);
		return 0;
	case CW_FORMAT_DOT:
		cw_graph_print_dot(stdout, graph);
	}
	return 0;
}

static int make_and_print(const struct cw_ctl *ctl, struct cw_join *join,
			  const struct cw_flows *flows)
{
	struct cw_graph graph;
	int ret = cw_graph_make(&graph, flows, ctl->by,
				ctl->filter.limit ?: ADDRESSES);

	if (ret)
		return ret;
	graph.holes = join->holes;
	graph.missing = join->missing;
	ret = print(ctl, &graph);
	cw_graph_free(&graph);
	return ret;
}

int cw_ctl_graph(const struct cw_ctl *ctl)
{
	struct cw_flows flows;
	struct cw_join join;
	int ret = cw_ctl_join(ctl, &join);

	if (ret)
		return ret;
	ret = cw_flows_make(&flows, &join, ctl->by);
	if (!ret) {
		ret = make_and_print(ctl, &join, &flows);
		cw_flows_free(&flows);
	}
	cw_join_free(&join);
	if (ret == -ENOMEM)
		log_error("%s: not enough memory", ctl->name);
	return cw_ctl_close_output(ctl) ?: ret ? CW_EXIT_FAILED : CW_EXIT_OK;
}
