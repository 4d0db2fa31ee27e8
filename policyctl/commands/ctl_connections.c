// SPDX-License-Identifier: GPL-2.0-only
/* policyctl connections: the module's table, or what /proc shows, as rows. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "policyctl/rows/proc.h"

/* ---- the module's table -------------------------------------------------- */

static int print_header(struct cw_printer *printer, char *line)
{
	char *names[CW_COLUMNS_MAX];

	printer->columns = cw_live_split(line, names, CW_COLUMNS_MAX);
	memcpy(printer->names, names, printer->columns * sizeof(*names));
	return printer->style->columns(printer);
}

/* A row is printed as it is, if the filter lets it. */
static bool is_wanted(const struct cw_ctl *ctl,
		      const struct cw_live_header *header, char *const *values)
{
	static struct cw_live live;

	return !ctl->filtered || (cw_live_parse(header, values, &live) &&
				  cw_filter_matches(&ctl->filter, &live.past));
}

static int print_connections(const struct cw_ctl *ctl,
			     struct cw_printer *printer, FILE *file)
{
	char *header = NULL, *line = NULL, *values[CW_COLUMNS_MAX];
	size_t header_room = 0, room = 0;
	struct cw_live_header places;
	int ret = 0;

	if (getline(&header, &header_room, file) > 0) {
		ret = print_header(printer, header);
		cw_live_header(&places, printer->names, printer->columns);
		while (!ret && getline(&line, &room, file) > 0)
			if (cw_live_split(line, values, printer->columns) &&
			    is_wanted(ctl, &places, values))
				ret = printer->style->row(printer, values);
		if (!ret)
			ret = printer->style->flush(printer);
	}
	if (!ret && ferror(file))
		ret = -EIO;
	free(header);
	free(line);
	return ret;
}

static int connections_of_kernel(const struct cw_ctl *ctl)
{
	FILE *file = cw_kernel_open(ctl->securityfs, CW_FILE_CONNECTIONS);
	struct cw_printer printer;
	int ret;

	if (!file)
		return cw_ctl_complain(ctl, -errno, CW_FILE_CONNECTIONS);
	cw_printer_init(&printer, stdout, ctl->json);
	ret = print_connections(ctl, &printer, file);
	fclose(file);
	if (cw_ctl_close_output(ctl))
		return CW_EXIT_FAILED;
	return ret ? cw_ctl_complain(ctl, ret, CW_FILE_CONNECTIONS)
		   : CW_EXIT_OK;
}

/* ---- what /proc shows ---------------------------------------------------- */

/* The columns of the module; verdict to received are not known here. */
static const char proc_columns[] =
	"id proto dir state local remote tgid pid uid netns verdict rule gen "
	"age closed sent received attribution user exe";

enum proc_column {
	COLUMN_ID, COLUMN_PROTO, COLUMN_DIR, COLUMN_STATE, COLUMN_LOCAL,
	COLUMN_REMOTE, COLUMN_TGID, COLUMN_PID, COLUMN_UID, COLUMN_NETNS,
	COLUMN_ATTRIBUTION = 17, COLUMN_USER, COLUMN_EXE, COLUMN_COUNT
};

#define END_MAX		64

struct proc_row {
	char local[END_MAX], remote[END_MAX];
	char tgid[16], uid[16], netns[16];
	char *user;			/* malloc()ed */
};

static void format_end(char text[END_MAX], uint8_t family,
		       const uint8_t *address, uint16_t port)
{
	char name[INET6_ADDRSTRLEN];

	inet_ntop(family == 6 ? AF_INET6 : AF_INET, address, name,
		  sizeof(name));
	snprintf(text, END_MAX, family == 6 ? "[%s]:%u" : "%s:%u", name, port);
}

static const char *state_name(uint8_t state)
{
	static const char *const names[] = {
		[CW_PROC_OPENING] = "opening", [CW_PROC_OPEN] = "open",
		[CW_PROC_CLOSED] = "closed", [CW_PROC_LISTENING] = "-",
	};

	return names[state];
}

/* Every holder but the first as TGID:EXE, with commas between. */
static char *format_users(const struct cw_proc *proc, uint32_t at)
{
	const struct cw_proc_process *process;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (; at != CW_PROC_NONE; at = proc->holders[at].next) {
		process = &proc->processes[proc->holders[at].process];
		fprintf(out, "%s%u:", ftell(out) ? "," : "", process->tgid);
		/* A comma within a path must not look like the next one. */
		for (const char *c = process->exe; *c; c++)
			fputs(*c == ',' ? "\\054" : (char[]){ *c, 0 }, out);
	}
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static int set_holders(const struct cw_proc *proc, uint32_t at,
		       struct proc_row *row, const char *values[COLUMN_COUNT])
{
	const struct cw_proc_process *process;

	values[COLUMN_EXE] = "?";
	if (at == CW_PROC_NONE) {
		values[COLUMN_ATTRIBUTION] = "unknown";
		return 0;
	}
	process = &proc->processes[proc->holders[at].process];
	snprintf(row->tgid, sizeof(row->tgid), "%u", process->tgid);
	values[COLUMN_TGID] = row->tgid;
	values[COLUMN_EXE] = process->exe;
	values[COLUMN_ATTRIBUTION] = "proc";
	if (proc->holders[at].next == CW_PROC_NONE)
		return 0;
	row->user = format_users(proc, proc->holders[at].next);
	values[COLUMN_USER] = row->user;
	return row->user ? 0 : -ENOMEM;
}

static int print_socket(const struct cw_ctl *ctl, struct cw_printer *printer,
			const struct cw_live_header *header,
			const struct cw_proc *proc,
			const struct cw_proc_socket *socket)
{
	const char *values[COLUMN_COUNT];
	struct proc_row row = { .user = NULL };
	int ret;

	for (unsigned i = 0; i < COLUMN_COUNT; i++)
		values[i] = "-";
	format_end(row.local, socket->family, socket->local,
		   socket->local_port);
	format_end(row.remote, socket->family, socket->remote,
		   socket->remote_port);
	snprintf(row.uid, sizeof(row.uid), "%u", socket->uid);
	snprintf(row.netns, sizeof(row.netns), "%u", socket->netns);
	values[COLUMN_PROTO] = cw_proto_name(socket->proto);
	values[COLUMN_DIR] = socket->in ? "in" : "out";
	values[COLUMN_STATE] = state_name(socket->state);
	values[COLUMN_LOCAL] = row.local;
	values[COLUMN_REMOTE] = row.remote;
	values[COLUMN_UID] = row.uid;
	values[COLUMN_NETNS] = row.netns;
	ret = set_holders(proc, socket->holder, &row, values);
	if (!ret && is_wanted(ctl, header, (char *const *)values))
		ret = printer->style->row(printer, (char *const *)values);
	free(row.user);
	return ret;
}

static int print_proc(const struct cw_ctl *ctl, struct cw_printer *printer,
		      const struct cw_proc *proc)
{
	char header[sizeof(proc_columns)];
	struct cw_live_header places;
	int ret;

	memcpy(header, proc_columns, sizeof(header));
	ret = print_header(printer, header);
	cw_live_header(&places, printer->names, printer->columns);
	for (size_t i = 0; !ret && i < proc->socket_count; i++)
		ret = print_socket(ctl, printer, &places, proc,
				   &proc->sockets[i]);
	return ret ?: printer->style->flush(printer);
}

/* What is missing is said, once; it is no failure. */
static void note_gaps(const struct cw_ctl *ctl, const struct cw_proc *proc)
{
	if (proc->hidden)
		log_warn("%s: the files of %u process%s cannot be seen: only "
			 "root sees all", ctl->name, proc->hidden,
			 proc->hidden == 1 ? "" : "es");
	if (proc->unread)
		log_warn("%s: %u network namespace%s without a process cannot "
			 "be entered", ctl->name, proc->unread,
			 proc->unread == 1 ? "" : "s");
}

static int connections_of_proc(const struct cw_ctl *ctl)
{
	struct cw_printer printer;
	struct cw_proc proc;
	char path[CW_PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), "%s/proc", ctl->root);
	ret = cw_proc_read(&proc, path);
	if (!ret) {
		cw_printer_init(&printer, stdout, ctl->json);
		ret = print_proc(ctl, &printer, &proc);
		note_gaps(ctl, &proc);
		cw_proc_free(&proc);
	}
	if (cw_ctl_close_output(ctl))
		return CW_EXIT_FAILED;
	if (ret)
		log_error("%s: %s: %s", ctl->name, path, strerror(-ret));
	return ret ? CW_EXIT_FAILED : CW_EXIT_OK;
}

int cw_ctl_connections(const struct cw_ctl *ctl)
{
	if (!ctl->source || !strcmp(ctl->source, "kernel"))
		return connections_of_kernel(ctl);
	if (!strcmp(ctl->source, "proc"))
		return connections_of_proc(ctl);
	log_error("%s: --source is kernel or proc, not %s", ctl->name,
		  ctl->source);
	return CW_EXIT_USAGE;
}
