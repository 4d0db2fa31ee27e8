// SPDX-License-Identifier: GPL-2.0-only
/* policyctl history and export: the connections that policyd has stored. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

/* ---- the file ----------------------------------------------------------- */

int cw_ctl_complain_history(const struct cw_ctl *ctl, int error)
{
	const char *file = ctl->history ?: CW_HISTORY_FILE;

	if (error == -ENOENT && !access(file, F_OK))
		log_error("%s: %s has nothing in it: it was copied without the "
			  "file %s-wal; policyctl backup makes a whole copy",
			  ctl->name, file, file);
	else if (error == -ENOENT)
		log_error("%s: there is no history %s: policyd writes one "
			  "while it runs", ctl->name, file);
	else if (error == -EPROTO)
		log_error("%s: %s is no history, or one of another version of "
			  "connwarden", ctl->name, file);
	else if (error == -EUCLEAN)
		log_error("%s: %s is no history, or it is damaged, or it was "
			  "copied without the file %s-wal; policyctl backup "
			  "makes a whole copy", ctl->name, file, file);
	else if (error == -EACCES || error == -EPERM)
		log_error("%s: %s: only root may read it", ctl->name, file);
	else
		log_error("%s: %s: %s", ctl->name, file, strerror(-error));
	return CW_EXIT_FAILED;
}

int cw_ctl_open_history(const struct cw_ctl *ctl, struct cw_history **history)
{
	int ret = cw_history_open(history, ctl->history ?: CW_HISTORY_FILE);

	return ret ? cw_ctl_complain_history(ctl, ret) : CW_EXIT_OK;
}

struct holes {
	const struct cw_ctl *ctl;
	uint64_t missing;
};

/* Of some reasons, each record is a connection. */
static const char *what_is_missing(const struct cw_hole *hole)
{
	if (!strcmp(hole->reason, CW_HOLE_TABLE))
		return "connections were not tracked";
	if (!strcmp(hole->reason, CW_HOLE_SIZE))
		return "connections were removed for want of room";
	return "records are missing";
}

static int warn_of_hole(void *data, const struct cw_hole *hole)
{
	char since[CW_TIME_ROOM], until[CW_TIME_ROOM];
	struct holes *holes = data;

	holes->missing += hole->records;
	log_warn("%s: warning: %llu %s from %s to %s (%s)",
		 holes->ctl->name, (unsigned long long)hole->records,
		 what_is_missing(hole), cw_time_local(hole->since, since),
		 cw_time_local(hole->until, until), hole->reason);
	return 0;
}

static int warn_of_step(void *data, const struct cw_step *step)
{
	const struct cw_ctl *ctl = data;
	char before[CW_TIME_ROOM], after[CW_TIME_ROOM];

	log_warn("%s: warning: the clock was set from %s to %s: times of "
		 "before are by the old one", ctl->name,
		 cw_time_local(step->before, before),
		 cw_time_local(step->after, after));
	return 0;
}

static int warn_of_steps(const struct cw_ctl *ctl, struct cw_history *history)
{
	return cw_history_steps(history, ctl->filter.since, ctl->filter.until,
				warn_of_step, (void *)ctl);
}

uint64_t cw_ctl_warn_of_holes(const struct cw_ctl *ctl,
			      struct cw_history *history)
{
	struct holes holes = { .ctl = ctl };
	int ret = cw_history_holes(history, ctl->filter.since,
				   ctl->filter.until, warn_of_hole, &holes);

	ret = ret ?: warn_of_steps(ctl, history);
	if (ret)
		cw_ctl_complain_history(ctl, ret);
	return holes.missing;
}

/* ---- history ------------------------------------------------------------ */

static const char *const columns[] = {
	"opened", "closed", "proto", "dir", "local", "remote", "verdict",
	"attribution", "tgid", "uid", "exe", "script", "unit", "user", "sent",
	"received", "rule", "line", "label", "established", "ending",
	"ip_protocol", "ethertype", "interface",
};

struct rows {
	struct cw_printer printer;
	struct cw_cells cells;
	bool json;
};

static void add_user(struct cw_cells *cells, const struct cw_past *past)
{
	char text[CW_PATH_MAX + 32];

	if (!cw_past_has_user(past)) {
		cw_cells_add(cells, "-");
		return;
	}
	snprintf(text, sizeof(text), "%u:%s", past->user.tgid,
		 past->user.exe[0] ? past->user.exe : "?");
	cw_cells_text(cells, text);
}

static void add_number(struct cw_cells *cells, const struct cw_past *past,
		       unsigned proto)
{
	cw_cells_number(cells, past->proto == proto ? past->number : 0, 0);
}

static void add_all(struct cw_cells *cells, const struct cw_past *past)
{
	cw_cells_time(cells, past->opened);
	cw_cells_time(cells, past->closed);
	cw_cells_past(cells, past);
	cw_cells_add(cells, "%u", past->uid);
	if (past->program.exe[0])
		cw_cells_text(cells, past->program.exe);
	else
		cw_cells_add(cells, "?");
	cw_cells_text(cells, past->program.script);
	cw_cells_text(cells, past->program.unit);
	add_user(cells, past);
	cw_cells_number(cells, past->sent, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, past->received, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, past->rule, CW_RULE_DEFAULT);
	cw_cells_number(cells, past->line, 0);
	cw_cells_text(cells, past->label);
	cw_cells_add(cells, past->established == CW_ESTABLISHED_YES ? "yes" :
		     past->established == CW_ESTABLISHED_NO ? "no" : "-");
	cw_cells_add(cells, "%s", cw_ending_name(past->ending));
	add_number(cells, past, CW_PROTO_RAW);
	add_number(cells, past, CW_PROTO_PACKET);
	cw_cells_text(cells, past->interface);
}

static int print_row(void *data, const struct cw_past *past)
{
	struct rows *rows = data;

	if (rows->json) {
		cw_past_print(stdout, past);
		return cw_output_error(stdout);
	}
	cw_cells_begin(&rows->cells, &rows->printer);
	add_all(&rows->cells, past);
	return rows->printer.style->row(&rows->printer, rows->cells.value);
}

static int print_rows(const struct cw_ctl *ctl, struct cw_history *history)
{
	static struct rows rows;
	struct cw_printer *printer = &rows.printer;
	int ret = 0;

	rows.json = ctl->json;
	cw_printer_init(printer, stdout, ctl->json);
	printer->columns = sizeof(columns) / sizeof(columns[0]);
	memcpy(printer->names, columns, sizeof(columns));
	if (!ctl->json)
		ret = printer->style->columns(printer);
	if (!ret)
		ret = cw_history_query(history, &ctl->filter, print_row, &rows);
	if (!ret)
		ret = printer->style->flush(printer);
	return ret;
}

int cw_ctl_history(const struct cw_ctl *ctl)
{
	struct cw_history *history;
	int ret = cw_ctl_open_history(ctl, &history);

	if (ret)
		return ret;
	cw_ctl_warn_of_holes(ctl, history);
	ret = print_rows(ctl, history);
	cw_history_close(history);
	if (cw_ctl_close_output(ctl))
		return CW_EXIT_FAILED;
	return ret ? cw_ctl_complain_history(ctl, ret) : CW_EXIT_OK;
}

/* ---- export ------------------------------------------------------------- */

static int export_hole(void *data, const struct cw_hole *hole)
{
	(void)data;
	cw_hole_print(stdout, "", hole);
	return cw_output_error(stdout);
}

static int export_row(void *data, const struct cw_past *past)
{
	(void)data;
	cw_past_print(stdout, past);
	return cw_output_error(stdout);
}

/* What is missing comes first: who reads on knows it. */
int cw_ctl_export(const struct cw_ctl *ctl)
{
	struct cw_history *history;
	int ret = cw_ctl_open_history(ctl, &history);

	if (ret)
		return ret;
	ret = cw_history_holes(history, ctl->filter.since, ctl->filter.until,
			       export_hole, NULL);
	ret = ret ?: warn_of_steps(ctl, history);
	if (!ret)
		ret = cw_history_query(history, &ctl->filter, export_row, NULL);
	cw_history_close(history);
	if (cw_ctl_close_output(ctl))
		return CW_EXIT_FAILED;
	return ret ? cw_ctl_complain_history(ctl, ret) : CW_EXIT_OK;
}
