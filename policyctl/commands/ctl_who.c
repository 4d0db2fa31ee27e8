// SPDX-License-Identifier: GPL-2.0-only
/* policyctl who: the question that all of this is for. */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

/* ---- values ------------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !path[0] ? "?" : slash && slash[1] ? slash + 1 : path;
}

static void print_link(FILE *out, const char *exe, uint32_t tgid)
{
	cw_text_print(out, CW_TEXT_ASCII, base_name(exe), " ()>");
	fprintf(out, "(%u)", tgid);
}

/* "sshd(812) > bash(900) > curl(917)", with names escaped. */
static char *make_chain(const struct cw_program *program, const char *between)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (unsigned i = program->ancestors; i-- > 0;) {
		print_link(out, program->ancestor[i].exe,
			   program->ancestor[i].tgid);
		fputs(between, out);
	}
	print_link(out, program->exe, program->tgid);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* ---- for people: a block each ------------------------------------------- */

static void print_key(FILE *out, const char *key)
{
	fprintf(out, "  %-12s ", key);
}

static void print_name(FILE *out, const char *name)
{
	cw_text_print(out, CW_TEXT_ASCII, name, " ");
}

static void print_program(FILE *out, const struct cw_program *program)
{
	print_name(out, program->exe[0] ? program->exe : "?");
	if (!program->script[0])
		return;
	fputs(" (", out);
	print_name(out, program->script);
	fputc(')', out);
}

static void print_owner(FILE *out, const struct cw_past *past)
{
	const struct passwd *user = getpwuid(past->uid);
	char *chain = make_chain(&past->program, " > ");

	if (past->program.unit[0]) {
		print_key(out, "unit");
		print_name(out, past->program.unit);
		fputc('\n', out);
	}
	print_key(out, "user");
	if (user)
		fprintf(out, "%s (%u)\n", user->pw_name, past->uid);
	else
		fprintf(out, "%u\n", past->uid);
	print_key(out, "process");
	fputs(chain ?: "?", out);
	fputc('\n', out);
	free(chain);
	if (cw_past_users_netns(past)) {
		print_key(out, "namespace");
		fprintf(out, "%u, made by a user, who chose the "
			"addresses in it\n",
			past->netns);
	}
	if (!cw_past_has_user(past))
		return;
	print_key(out, "used by");
	print_program(out, &past->user);
	fprintf(out, ", process %u\n", past->user.tgid);
}

static void print_verdict(FILE *out, const struct cw_past *past)
{
	if (past->verdict >= CW_OUTCOME_NONE)
		return;
	fprintf(out, ", %s by ", cw_outcome_name(past->verdict));
	if (past->rule == CW_RULE_DEFAULT)
		fputs("default", out);
	else
		fprintf(out, "rule %u", past->rule);
	if (past->line)
		fprintf(out, ", line %u", past->line);
	if (past->label[0]) {
		fputs(", \"", out);
		cw_text_print(out, CW_TEXT_UNICODE, past->label, "\"");
		fputc('"', out);
	}
}

static void print_newest(FILE *out, const struct cw_past *past)
{
	char local[CW_END_ROOM], remote[CW_END_ROOM], text[CW_TIME_ROOM];
	bool has_local = cw_past_has_local(past);
	const char *here = !has_local ? "?"
		: cw_end_print(past->family, past->proto, past->local,
			       past->local_port, local);

	print_key(out, "newest");
	fprintf(out, "%s, %s %s %s %s", cw_time_local(past->opened, text),
		cw_proto_name(past->proto), here,
		past->in ? "<-" : "->",
		cw_end_print(past->family, past->proto, past->remote,
			     past->remote_port, remote));
	print_verdict(out, past);
	fputc('\n', out);
}

static void print_counts(FILE *out, const struct cw_whose *whose)
{
	char first[CW_TIME_ROOM], last[CW_TIME_ROOM];

	print_key(out, "connections");
	fprintf(out, "%llu", (unsigned long long)whose->connections);
	if (whose->refused)
		fprintf(out, ", and %llu refused",
			(unsigned long long)whose->refused);
	if (whose->would_deny)
		fprintf(out, ", %llu only because of monitor mode",
			(unsigned long long)whose->would_deny);
	fputc('\n', out);
	print_key(out, "seen");
	fprintf(out, "%s to %s\n", cw_time_local(whose->first, first),
		cw_time_local(whose->last, last));
}

static void print_block(FILE *out, const struct cw_whose *whose)
{
	print_program(out, &whose->newest.program);
	fputc('\n', out);
	print_owner(out, &whose->newest);
	print_counts(out, whose);
	print_newest(out, &whose->newest);
}

/* ---- for scripts: a row each -------------------------------------------- */

static const char *const columns[] = {
	"exe", "script", "unit", "uid", "used_by", "connections", "refused",
	"would_deny", "first", "last", "proto", "dir", "local", "remote",
	"verdict", "attribution", "tgid", "ancestors", "netns",
};

static void add_program(struct cw_cells *cells, const struct cw_past *past)
{
	if (past->program.exe[0])
		cw_cells_text(cells, past->program.exe);
	else
		cw_cells_add(cells, "?");
	cw_cells_text(cells, past->program.script);
	cw_cells_text(cells, past->program.unit);
	cw_cells_add(cells, "%u", past->uid);
	cw_cells_text(cells, past->user.exe);
}

static void add_all(struct cw_cells *cells, const struct cw_whose *whose)
{
	const struct cw_past *past = &whose->newest;
	char *chain = make_chain(&past->program, ">");

	add_program(cells, past);
	cw_cells_number(cells, whose->connections, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, whose->refused, CW_BYTES_UNKNOWN);
	cw_cells_number(cells, whose->would_deny, CW_BYTES_UNKNOWN);
	cw_cells_time(cells, whose->first);
	cw_cells_time(cells, whose->last);
	cw_cells_past(cells, past);
	cw_cells_add(cells, "%s", chain ?: "-");
	cw_cells_number(cells, past->netns, 0);
	free(chain);
}

static int print_rows(struct cw_printer *printer, const struct cw_who *who)
{
	static struct cw_cells cells;
	int ret;

	printer->columns = sizeof(columns) / sizeof(columns[0]);
	memcpy(printer->names, columns, sizeof(columns));
	ret = printer->style->columns(printer);
	for (size_t i = 0; !ret && i < who->count; i++) {
		cw_cells_begin(&cells, printer);
		add_all(&cells, &who->whose[i]);
		ret = printer->style->row(printer, cells.value);
	}
	return ret ? ret : printer->style->flush(printer);
}

static int print_json(void *data, const struct cw_past *past)
{
	(void)data;
	cw_past_print(stdout, past);
	return cw_output_error(stdout);
}

static int print(const struct cw_ctl *ctl, const struct cw_who *who)
{
	struct cw_printer printer;

	cw_printer_init(&printer, stdout, ctl->json);
	if (ctl->json || !who->count)
		return 0;
	if (!cw_printer_is_for_people(&printer))
		return print_rows(&printer, who);
	for (size_t i = 0; i < who->count; i++)
		print_block(stdout, &who->whose[i]);
	return 0;
}

/* ---- asking ------------------------------------------------------------- */

static int add_past(void *data, const struct cw_past *past)
{
	return cw_who_add(data, past);
}

/* One source may be missing; the answer then says so.  Adds what the history
 * misses to *@missing. */
static int read_history(const struct cw_ctl *ctl, struct cw_who *who,
			uint64_t *missing)
{
	struct cw_history *history;
	int ret = cw_ctl_open_history(ctl, &history);

	if (ret)
		return ret;
	*missing += cw_ctl_warn_of_holes(ctl, history);
	ret = cw_history_query(history, who->filter, add_past, who);
	cw_history_close(history);
	return ret ? cw_ctl_complain_history(ctl, ret) : CW_EXIT_OK;
}

/* The history tells these, with their time; without one nobody else does. */
static uint64_t count_untracked(const struct cw_ctl *ctl)
{
	uint64_t count;
	size_t size;
	char *text;

	if (cw_kernel_read(ctl->securityfs, CW_FILE_STATUS, &text, &size))
		return 0;
	count = cw_pair_number(text, CW_STATUS_UNTRACKED);
	free(text);
	if (count)
		log_warn("%s: warning: %llu connections were not tracked since "
			 "the module was loaded", ctl->name,
			 (unsigned long long)count);
	return count;
}

/* Nobody is an answer only if all was asked, and all was known. */
static int conclude(const struct cw_ctl *ctl, const struct cw_who *who,
		    bool asked_all, uint64_t missing)
{
	if (cw_ctl_close_output(ctl))
		return CW_EXIT_UNKNOWN;
	if (who->count)
		return CW_EXIT_OK;
	if (!missing) {
		log_error("%s: nobody has talked to %s, as far as is known",
			  ctl->name, ctl->argv[0]);
		return asked_all ? CW_EXIT_FAILED : CW_EXIT_UNKNOWN;
	}
	log_error("%s: it is not known who has talked to %s: nobody of whom "
		  "there is a record, but %llu are missing", ctl->name,
		  ctl->argv[0], (unsigned long long)missing);
	return CW_EXIT_UNKNOWN;
}

static int ask(const struct cw_ctl *ctl, struct cw_who *who)
{
	int live = cw_who_read_live(who, ctl->securityfs);
	uint64_t missing = 0;
	int history;

	if (live)
		cw_ctl_complain(ctl, live, CW_FILE_CONNECTIONS);
	history = read_history(ctl, who, &missing);
	if (live && history)
		return CW_EXIT_UNKNOWN;
	if (history)
		missing += count_untracked(ctl);
	if (live || history)
		log_warn("%s: only the %s is asked", ctl->name, live
			 ? "history" : "kernel's table of connections");
	if (cw_who_finish(who)) {
		log_error("%s: not enough memory", ctl->name);
		return CW_EXIT_UNKNOWN;
	}
	/* An error of the output is told when that is closed. */
	print(ctl, who);
	return conclude(ctl, who, !live && !history, missing);
}

int cw_ctl_who(const struct cw_ctl *ctl)
{
	struct cw_past_filter filter = ctl->filter;
	struct cw_who who = { .filter = &filter };
	const char *problem = cw_filter_address(&filter, ctl->argv[0]);
	int ret;

	if (problem) {
		log_error("%s: %s: %s", ctl->name, ctl->argv[0], problem);
		return CW_EXIT_USAGE;
	}
	if (ctl->json)
		who.each = print_json;
	ret = ask(ctl, &who);
	cw_who_free(&who);
	return ret;
}
