// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's file `connections`: its columns by their names, a line of it as
 * a connection of the past, which the newest ones are.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

static const char *const column_names[CW_LIVE_COLUMNS] = {
	"id", "proto", "dir", "state", "local", "remote", "tgid", "pid", "uid",
	"netns", "verdict", "rule", "gen", "age", "closed", "sent", "received",
	"attribution", "user", "exe",
};

enum column {
	ID, PROTO, DIR, STATE, LOCAL, REMOTE, TGID, PID, UID, NETNS, VERDICT,
	RULE, GEN, AGE, CLOSED, SENT, RECEIVED, ATTRIBUTION, USER, EXE,
};

static char none[] = "-";

unsigned cw_live_split(char *line, char **values, unsigned room)
{
	unsigned count = 0;
	char *value;

	line[strcspn(line, "\n")] = 0;
	while (count < room && (value = strsep(&line, " ")))
		if (*value)
			values[count++] = value;
	for (unsigned i = count; i < room; i++)
		values[i] = none;
	return count;
}

void cw_live_header(struct cw_live_header *header, const char *const *names,
		    unsigned count)
{
	for (int i = 0; i < CW_LIVE_COLUMNS; i++) {
		header->at[i] = -1;
		for (unsigned j = 0; j < count; j++)
			if (!strcmp(names[j], column_names[i]))
				header->at[i] = j;
	}
}

/* ---- values ------------------------------------------------------------- */

/* A line as it is parsed. */
struct line {
	const struct cw_live_header *header;
	char *const *values;
};

/* "-" = there is no such column, or no value. */
static const char *get(const struct line *line, enum column column)
{
	int at = line->header->at[column];

	return at < 0 ? none : line->values[at];
}

static uint64_t get_number(const struct line *line, enum column column,
			   uint64_t otherwise)
{
	const char *text = get(line, column);

	return text[0] >= '0' && text[0] <= '9' ? strtoull(text, NULL, 10)
						: otherwise;
}

/* "12.345" seconds as ns; -1 = none. */
static int64_t get_seconds(const struct line *line, enum column column)
{
	const char *text = get(line, column);
	char *end;
	uint64_t seconds, fraction = 0;

	if (text[0] < '0' || text[0] > '9')
		return -1;
	seconds = strtoull(text, &end, 10);
	if (*end == '.')
		fraction = strtoull(end + 1, NULL, 10);
	if (seconds > INT32_MAX || fraction > 999)
		return -1;
	return (seconds * 1000 + fraction) * 1000000;
}

static void get_text(const struct line *line, enum column column,
		     char text[CW_LIVE_TEXT])
{
	const char *value = get(line, column);
	size_t length = strlen(value);

	text[0] = 0;
	if (length < CW_LIVE_TEXT && strcmp(value, "-") && strcmp(value, "?"))
		cw_unescape(text, value, length);
}

/* "a.b.c.d:port" or "[v6]:port"; the family, 0 = no address. */
static uint8_t get_end(const struct line *line, enum column column,
		       uint8_t address[16], uint16_t *port)
{
	char copy[INET6_ADDRSTRLEN + 16], *text = copy, *colon;
	const char *value = get(line, column);
	uint8_t family = 4;

	if (strlen(value) >= sizeof(copy))
		return 0;
	strcpy(copy, value);
	colon = strrchr(copy, ':');
	if (!colon || colon == copy)
		return 0;
	*colon = 0;
	*port = strtoul(colon + 1, NULL, 10);
	if (copy[0] == '[') {
		family = 6;
		text++;
		copy[strcspn(copy, "]")] = 0;
	}
	return inet_pton(family == 4 ? AF_INET : AF_INET6, text, address) == 1
		? family : 0;
}

/* ---- a line ------------------------------------------------------------- */

static void parse_times(const struct line *line, struct cw_live *live)
{
	int64_t now = cw_time_now(), age = get_seconds(line, AGE);
	int64_t closed = get_seconds(line, CLOSED);

	live->past.opened = age < 0 ? now : now - age;
	live->past.closed = closed < 0 ? 0 : now - closed;
	live->past.is_live = live->state <= CW_STATE_OPEN;
	if (live->state == CW_STATE_REFUSED)
		live->past.closed = live->past.opened;
}

static void parse_user(const struct line *line, struct cw_live *live)
{
	struct cw_program *user = &live->past.user;
	char *exe;

	user->exe = user->script = user->cgroup = user->unit = "";
	get_text(line, USER, live->user);
	exe = strchr(live->user, ':');
	if (!exe)
		return;
	user->id = -1;
	user->tgid = strtoul(live->user, NULL, 10);
	user->exe = exe + 1;
	user->is_plain = user->exe[0] == '/';
}

static void parse_owner(const struct line *line, struct cw_live *live)
{
	struct cw_program *program = &live->past.program;

	get_text(line, EXE, live->exe);
	program->id = -1;
	program->tgid = get_number(line, TGID, 0);
	program->exe = live->exe;
	program->script = program->cgroup = program->unit = "";
	program->is_plain = live->exe[0] == '/';
	live->past.pid = get_number(line, PID, 0);
	live->past.uid = get_number(line, UID, 0);
	live->past.netns = get_number(line, NETNS, 0);
	parse_user(line, live);
}

static void parse_verdict(const struct line *line, struct cw_past *past)
{
	int verdict = cw_outcome_parse(get(line, VERDICT));
	int attribution = cw_attribution_parse(get(line, ATTRIBUTION));

	past->verdict = verdict < 0 ? CW_OUTCOME_NONE : verdict;
	past->attribution = attribution < 0 ? CW_ATTRIBUTION_UNKNOWN
					    : attribution;
	past->rule = get_number(line, RULE, CW_RULE_DEFAULT);
	past->generation = get_number(line, GEN, 0);
	past->label = "";
}

static enum cw_state parse_state(const char *word)
{
	int state = cw_state_parse(word);

	return state < 0 ? CW_STATE_OPEN : state;
}

bool cw_live_parse(const struct cw_live_header *header, char *const *values,
		   struct cw_live *live)
{
	struct line line = { .header = header, .values = values };
	struct cw_past *past = &live->past;
	int proto = cw_proto_parse(get(&line, PROTO));

	if (proto < 0)
		return false;
	memset(past, 0, sizeof(*past));
	past->host = past->interface = "";
	past->id = get_number(&line, ID, 0);
	past->proto = proto;
	past->in = !strcmp(get(&line, DIR), "in");
	live->state = parse_state(get(&line, STATE));
	get_end(&line, LOCAL, past->local, &past->local_port);
	past->family = get_end(&line, REMOTE, past->remote, &past->remote_port);
	parse_times(&line, live);
	parse_owner(&line, live);
	parse_verdict(&line, past);
	past->sent = get_number(&line, SENT, CW_BYTES_UNKNOWN);
	past->received = get_number(&line, RECEIVED, CW_BYTES_UNKNOWN);
	return true;
}

/* ---- the file ----------------------------------------------------------- */

static int read_lines(FILE *file, struct cw_live *live,
		      int (*each)(void *data, const struct cw_live *live),
		      void *data)
{
	char *values[CW_COLUMNS_MAX], *text = NULL;
	struct cw_live_header header;
	unsigned count = 0;
	size_t room = 0;
	int ret = 0;

	while (!ret && getline(&text, &room, file) > 0) {
		bool is_header = !count;

		if (is_header) {
			count = cw_live_split(text, values, CW_COLUMNS_MAX);
			cw_live_header(&header,
				       (const char *const *)values, count);
		} else if (cw_live_split(text, values, count) &&
			   cw_live_parse(&header, values, live)) {
			ret = each(data, live);
		}
	}
	free(text);
	return ret ? ret : ferror(file) ? -EIO : 0;
}

int cw_live_read(const char *securityfs,
		 int (*each)(void *data, const struct cw_live *live),
		 void *data)
{
	FILE *file = cw_kernel_open(securityfs, CW_FILE_CONNECTIONS);
	struct cw_live *live = malloc(sizeof(*live));
	int ret = file ? -ENOMEM : -errno;

	if (file && live)
		ret = read_lines(file, live, each, data);
	if (file)
		fclose(file);
	free(live);
	return ret;
}
