// SPDX-License-Identifier: GPL-2.0-only
/*
 * policyctl would-deny: the question before `policyctl mode enforce'.  The
 * answer "nothing" is only given when all was looked at.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "policyctl/rows/would.h"

struct look {
	const struct cw_ctl *ctl;
	struct cw_past_filter filter;
	struct cw_would would;
	struct cw_policy_view view;	/* in force */
	enum cw_mode mode;
	uint64_t holes, missing;	/* in that time */
	int64_t oldest;			/* how far back the history goes */
	bool is_partly;			/* something could not be looked at */
};

/* ---- since when --------------------------------------------------------- */

/* The directory of the module is made when it is loaded: what is older was judged
 * by policies of another load, whose generations have the same numbers. */
static int64_t module_loaded(const struct cw_ctl *ctl)
{
	struct stat st;

	if (stat(ctl->securityfs, &st))
		return 0;
	return st.st_ctim.tv_sec * 1000000000ll;
}

/* Without --since it is about the policy in force. */
static int begin(struct look *look)
{
	const struct cw_ctl *ctl = look->ctl;
	struct cw_kernel_status status;
	int ret = cw_kernel_status(ctl->securityfs, &status);

	look->filter = ctl->filter;
	look->filter.verdict = CW_OUTCOME_WOULD_DENY;
	if (!ret && !status.generation)
		ret = -ENODATA;
	if (ret) {
		cw_ctl_complain(ctl, ret, CW_FILE_STATUS);
		return CW_EXIT_UNKNOWN;
	}
	look->mode = status.mode;
	if (!ctl->filter.since) {
		look->would.generation = status.generation;
		look->filter.since = module_loaded(ctl);
	}
	return cw_policy_view_open(ctl, NULL, &look->view) ? CW_EXIT_UNKNOWN
							   : CW_EXIT_OK;
}

/* A rule with `monitor' only reports, in enforce as well. */
static bool passes(void *data, const struct cw_past *past)
{
	const struct look *look = data;
	const struct cw_ruleset *rules = look->view.ruleset;

	return past->generation == look->would.generation &&
	       past->rule < rules->rule_count && rules->rules[past->rule].monitor;
}

/* ---- looking ------------------------------------------------------------ */

static int add(void *data, const struct cw_past *past)
{
	return cw_would_add(data, past);
}

static int add_past(void *data, const struct cw_past *past)
{
	return cw_who_add(data, past);
}

static int count_hole(void *data, const struct cw_hole *hole)
{
	struct look *look = data;

	look->holes++;
	look->missing += hole->records;
	return 0;
}

static int read_history(struct look *look, struct cw_who *who)
{
	const struct cw_ctl *ctl = look->ctl;
	struct cw_history *history;
	int ret = cw_ctl_open_history(ctl, &history);

	if (ret)
		return ret;
	ret = cw_history_holes(history, look->filter.since, look->filter.until,
			       count_hole, look);
	ret = ret ?: cw_history_oldest(history, &look->oldest);
	ret = ret ?: cw_history_query(history, &look->filter, add_past, who);
	cw_history_close(history);
	return ret ? cw_ctl_complain_history(ctl, ret) : CW_EXIT_OK;
}

/* What policyd does not write now is only in the kernel's table, for a minute. */
static bool is_written(const struct cw_ctl *ctl)
{
	struct cw_message command, reply;
	char history[200] = "";
	int fd = -1, ret;

	cw_message_init(&command, CW_COMMAND_STATUS, CW_RESULT_OK);
	ret = cw_ask(ctl->socket, &command, &reply, &fd);
	if (fd >= 0)
		close(fd);
	if (ret)
		log_warn("%s: policyd does not run: start it with `systemctl "
			 "start policyd'", ctl->name);
	else if (!cw_pair_get(reply.text, CW_KEY_HISTORY, history,
			      sizeof(history)) || strcmp(history, "on"))
		log_warn("%s: policyd writes no history: %s", ctl->name,
			 history);
	return !ret && !strcmp(history, "on");
}

/* Whether the history lacks the beginning of the time that was asked for. */
static bool begins_late(const struct look *look)
{
	return look->ctl->filter.since && look->oldest > look->filter.since;
}

static int collect(struct look *look)
{
	struct cw_who who = { .filter = &look->filter, .each = add,
			      .data = &look->would };
	int live = cw_who_read_live(&who, look->ctl->securityfs), ret;

	if (live)
		cw_ctl_complain(look->ctl, live, CW_FILE_CONNECTIONS);
	look->is_partly = live != 0;
	look->is_partly |= read_history(look, &who) != CW_EXIT_OK;
	look->is_partly |= !is_written(look->ctl) || look->holes ||
			   begins_late(look);
	ret = cw_who_finish(&who);
	if (ret)
		log_error("%s: not enough memory", look->ctl->name);
	cw_who_free(&who);
	return ret ? CW_EXIT_UNKNOWN : CW_EXIT_OK;
}

/* ---- the answer --------------------------------------------------------- */

static const char *const columns[] = {
	"exe", "script", "unit", "uid", "remote", "proto", "rule", "line",
	"label", "gen", "count", "first", "last",
};

static void add_cells(struct cw_cells *cells, const struct cw_would_row *row)
{
	char end[CW_END_ROOM];

	cw_cells_text(cells, row->exe);
	cw_cells_text(cells, row->script);
	cw_cells_text(cells, row->unit);
	cw_cells_number(cells, row->uid, UINT64_MAX);
	cw_cells_add(cells, "%s", cw_end_print(row->family, row->proto,
					       row->remote, row->port, end));
	cw_cells_add(cells, "%s", cw_proto_name(row->proto));
	cw_cells_number(cells, row->rule, CW_RULE_DEFAULT);
	cw_cells_number(cells, row->line, 0);
	cw_cells_text(cells, row->label);
	cw_cells_number(cells, row->generation, 0);
	cw_cells_number(cells, row->count, UINT64_MAX);
	cw_cells_time(cells, row->first);
	cw_cells_time(cells, row->last);
}

static void print_rows(const struct look *look)
{
	static struct cw_cells cells;
	struct cw_printer printer;
	int ret;

	cw_printer_init(&printer, stdout, look->ctl->json);
	printer.columns = sizeof(columns) / sizeof(columns[0]);
	memcpy(printer.names, columns, sizeof(columns));
	ret = printer.style->columns(&printer);
	for (size_t i = 0; !ret && i < look->would.count; i++) {
		cw_cells_begin(&cells, &printer);
		add_cells(&cells, &look->would.row[i]);
		ret = printer.style->row(&printer, cells.value);
	}
	printer.style->flush(&printer);
}

static void warn(const struct look *look)
{
	const char *name = look->ctl->name;
	char time[CW_TIME_ROOM];

	if (look->holes)
		log_warn("%s: %" PRIu64 " records are missing from the history "
			 "in that time", name, look->missing);
	if (begins_late(look))
		log_warn("%s: the history begins at %s only", name,
			 cw_time_local(look->oldest, time));
	if (look->would.passing)
		log_info("%s: %" PRIu64 " more are of rules with `monitor', "
			 "which enforce does not refuse", name,
			 look->would.passing);
	if (look->mode == CW_MODE_ENFORCE)
		log_info("%s: the mode is enforce: policyctl history --verdict "
			 "deny has what is refused", name);
}

/* On standard error, so that rows are rows. */
static int conclude(const struct look *look)
{
	const struct cw_ctl *ctl = look->ctl;
	char since[CW_TIME_ROOM], about[40] = "any policy";

	warn(look);
	if (cw_ctl_close_output(ctl))
		return CW_EXIT_UNKNOWN;
	if (look->would.generation)
		snprintf(about, sizeof(about), "policy %" PRIu64,
			 look->would.generation);
	log_info("%s: looked at what %s has judged since %s%s", ctl->name, about,
		 cw_time_local(look->filter.since, since),
		 look->is_partly ? ", but not at all of it" : "");
	if (look->would.connections)
		log_info("%s: enforce would refuse %" PRIu64 " connections of %zu "
			 "kinds", ctl->name, look->would.connections,
			 look->would.count);
	else if (!look->is_partly)
		log_info("%s: enforce would refuse nothing of it", ctl->name);
	else
		log_warn("%s: nothing is found, which does not mean that enforce "
			 "would refuse nothing", ctl->name);
	return look->would.connections ? CW_EXIT_FAILED
		: look->is_partly ? CW_EXIT_UNKNOWN : CW_EXIT_OK;
}

int cw_ctl_would_deny(const struct cw_ctl *ctl)
{
	struct look look = { .ctl = ctl };
	int ret;

	look.would.passes = passes;
	look.would.data = &look;
	ret = begin(&look) ?: collect(&look);
	if (!ret) {
		cw_would_sort(&look.would);
		if (look.would.count)
			print_rows(&look);
		ret = conclude(&look);
	}
	cw_would_free(&look.would);
	cw_policy_view_close(&look.view);
	return ret;
}
