// SPDX-License-Identifier: GPL-2.0-only
/*
 * A connection of the past as a line of JSON: written for other hosts and
 * programs, read back from their files.  Whatever a file holds, a row that is
 * handed on is whole and valid.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policyctl.h"

/* ---- words -------------------------------------------------------------- */

#define NAMES(table)	table, sizeof(table) / sizeof(table[0])

static const char *const protos[CW_PROTO_COUNT] = {
	"tcp", "udp", "sctp", "icmp", "raw", "packet",
};

static const char *const verdicts[] = {
	"allow", "deny", "would-deny",
};

static const char *const attributions[CW_ATTRIBUTION_COUNT] = {
	"exact", "preexisting", "inherited", "kernel", "unknown",
};

static const char *const directions[] = { "out", "in" };

/* By enum cw_netns_owner. */
static const char *const owners[CW_NETNS_OWNERS] = { "", "root", "user" };

static int find(const char *const *names, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], word))
			return i;
	return -1;
}

const char *cw_past_proto_name(unsigned proto)
{
	return proto < CW_PROTO_COUNT ? protos[proto] : "?";
}

int cw_past_proto(const char *word)
{
	return find(NAMES(protos), word);
}

const char *cw_past_verdict_name(unsigned verdict)
{
	return verdict < CW_VERDICT_NONE ? verdicts[verdict] : "-";
}

int cw_past_verdict(const char *word)
{
	return find(NAMES(verdicts), word);
}

const char *cw_past_attribution_name(const struct cw_past *past)
{
	if (cw_past_has_user(past))
		return attributions[CW_ATTRIBUTION_INHERITED];
	return past->attribution < CW_ATTRIBUTION_COUNT
		? attributions[past->attribution] : "unknown";
}

int cw_past_attribution(const char *word)
{
	return find(NAMES(attributions), word);
}

bool cw_past_has_user(const struct cw_past *past)
{
	return past->user.id != 0;
}

bool cw_past_has_ports(unsigned proto)
{
	return proto < 32 && CW_PROTO_MASK_PORTS & 1u << proto;
}

bool cw_past_has_local(const struct cw_past *past)
{
	static const uint8_t none[16];

	return past->family && memcmp(past->local, none, sizeof(none));
}

const char *cw_past_address(unsigned family, const uint8_t *address,
			    char text[INET6_ADDRSTRLEN])
{
	return inet_ntop(family == 4 ? AF_INET : AF_INET6, address, text,
			 INET6_ADDRSTRLEN);
}

const char *cw_past_host(const char *host)
{
	static char here[256];

	if (host && host[0])
		return host;
	if (!here[0] && (gethostname(here, sizeof(here) - 1) || !here[0]))
		strcpy(here, "localhost");
	return here;
}

uint32_t cw_past_users_netns(const struct cw_past *past)
{
	return past->netns_owner == CW_NETNS_USER ? past->netns : 0;
}

/* ---- writing ------------------------------------------------------------ */

static void print_end(FILE *out, const char *key, const struct cw_past *past,
		      const uint8_t *address, uint16_t port)
{
	bool is_local = address == past->local;
	bool is_known = is_local ? cw_past_has_local(past) : past->family;
	bool has_port = cw_past_has_ports(past->proto) && past->family;
	char text[INET6_ADDRSTRLEN];

	cw_json_text(out, key, is_known
		   ? cw_past_address(past->family, address, text) : NULL);
	fprintf(out, ",\"%s_port\":", key);
	if (has_port && (port || !is_local))
		fprintf(out, "%u", port);
	else
		fputs("null", out);
}

static void print_process(FILE *out, const struct cw_program *program)
{
	cw_json_time(out, "start", program->start);
	cw_json_text(out, "exe", program->exe);
	cw_json_text(out, "script", program->script);
	cw_json_text(out, "cgroup", program->cgroup);
	cw_json_text(out, "unit", program->unit);
}

static void print_ancestors(FILE *out, const struct cw_program *program)
{
	fputs(",\"ancestors\":[", out);
	for (unsigned i = 0; i < program->ancestors; i++) {
		fprintf(out, "%s{\"tgid\":%u", i ? "," : "",
			program->ancestor[i].tgid);
		cw_json_time(out, "start", program->ancestor[i].start);
		cw_json_text(out, "exe", program->ancestor[i].exe);
		fputc('}', out);
	}
	fputc(']', out);
}

static void print_user(FILE *out, const struct cw_past *past)
{
	fputs(",\"user\":", out);
	if (!cw_past_has_user(past)) {
		fputs("null", out);
		return;
	}
	/* The first member has no comma before it. */
	if (past->user.tgid)
		fprintf(out, "{\"tgid\":%u", past->user.tgid);
	else
		fputs("{\"tgid\":null", out);
	print_process(out, &past->user);
	fputc('}', out);
}

static void print_rule(FILE *out, const struct cw_past *past)
{
	cw_json_number(out, "rule", past->rule, CW_RULE_DEFAULT);
	cw_json_number(out, "line", past->line, 0);
	cw_json_text(out, "label", past->label);
	cw_json_number(out, "generation", past->generation, 0);
}

static void print_head(FILE *out, const char *type, const char *host)
{
	host = cw_past_host(host);
	fprintf(out, "{\"type\":\"%s\",\"host\":", type);
	cw_json_string(out, host);
}

void cw_past_print(FILE *out, const struct cw_past *past)
{
	print_head(out, "connection", past->host);
	cw_json_number(out, "id", past->id, 0);
	cw_json_time(out, "opened", past->opened);
	cw_json_time(out, "closed", past->closed);
	fprintf(out, ",\"proto\":\"%s\",\"dir\":\"%s\"",
		cw_past_proto_name(past->proto), directions[past->in]);
	print_end(out, "local", past, past->local, past->local_port);
	print_end(out, "remote", past, past->remote, past->remote_port);
	cw_json_number(out, "netns", past->netns, 0);
	if (past->netns_owner)
		cw_json_text(out, "netns_owner", owners[past->netns_owner]);
	cw_json_text(out, "verdict", past->verdict < CW_VERDICT_NONE
		   ? cw_past_verdict_name(past->verdict) : NULL);
	cw_json_text(out, "attribution", cw_past_attribution_name(past));
	cw_json_number(out, "tgid", past->program.tgid, 0);
	cw_json_number(out, "pid", past->pid, 0);
	fprintf(out, ",\"uid\":%u", past->uid);
	print_process(out, &past->program);
	print_rule(out, past);
	cw_json_number(out, "sent", past->sent, CW_BYTES_UNKNOWN);
	cw_json_number(out, "received", past->received, CW_BYTES_UNKNOWN);
	print_ancestors(out, &past->program);
	print_user(out, past);
	fputs("}\n", out);
}

void cw_hole_print(FILE *out, const char *host, const struct cw_hole *hole)
{
	print_head(out, "hole", host);
	cw_json_time(out, "since", hole->since);
	cw_json_time(out, "until", hole->until);
	fprintf(out, ",\"records\":%" PRIu64, hole->records);
	cw_json_text(out, "reason", hole->reason);
	fputs("}\n", out);
}

/* ---- reading ------------------------------------------------------------ */

/* No row of ours is near this; what is longer is no row. */
#define LINE_MAX_BYTES	(1 << 20)
#define LINE_ROOM	(LINE_MAX_BYTES + 8)	/* BOM, line end, NUL */

struct reader {
	const char *name;		/* of the file, for errors */
	unsigned long line;
	bool failed;			/* and said why */
	int (*each)(void *data, const struct cw_past *past);
	int (*each_hole)(void *data, const struct cw_hole *hole);	/* or NULL */
	void *data;
};

__attribute__((format(printf, 2, 3)))
static void complain(struct reader *reader, const char *format, ...)
{
	char problem[300];
	va_list args;

	if (reader->failed)
		return;
	va_start(args, format);
	vsnprintf(problem, sizeof(problem), format, args);
	va_end(args);
	log_error("%s:%lu: %s", reader->name, reader->line, problem);
	reader->failed = true;
}

static json_t *get(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return json_is_null(value) ? NULL : value;
}

static const char *read_text(struct reader *reader, const json_t *object,
			     const char *key)
{
	json_t *value = get(object, key);

	if (value && !json_is_string(value))
		complain(reader, "%s is not a string", key);
	return value && json_is_string(value) ? json_string_value(value) : "";
}

/* A name, whose bytes that are not UTF-8 were written as \ooo. */
static const char *read_name(struct reader *reader, const json_t *object,
			     const char *key)
{
	const char *text = read_text(reader, object, key);
	size_t size = strlen(text);
	char *name;

	if (!strchr(text, '\\'))
		return text;
	name = malloc(size + 1);
	if (!name) {
		complain(reader, "not enough memory");
		return "";
	}
	size = cw_unescape(name, text, size);
	/* A NUL would hide what comes after it. */
	if (strlen(name) != size ||
	    json_string_setn_nocheck(get(object, key), name, size))
		complain(reader, "%s is not a name", key);
	free(name);
	return read_text(reader, object, key);
}

static uint64_t read_number(struct reader *reader, const json_t *object,
			    const char *key, uint64_t most, uint64_t none)
{
	json_t *value = get(object, key);
	json_int_t number;

	if (!value)
		return none;
	number = json_integer_value(value);
	if (json_is_integer(value) && number >= 0 && (uint64_t)number <= most)
		return number;
	complain(reader, "%s is not a whole number from 0 to %" PRIu64, key,
		 most);
	return none;
}

static int64_t read_time(struct reader *reader, const json_t *object,
			 const char *key)
{
	const char *text = read_text(reader, object, key);
	int64_t time = 0;

	if (text[0] && cw_time_parse_utc(text, &time))
		complain(reader, "%s is not a time as "
			 "2026-11-25T02:21:49.123Z", key);
	return time;
}

/* -1 = the key is not there. */
static int read_word(struct reader *reader, const json_t *object,
		     const char *key, const char *const *names, size_t count)
{
	const char *word = read_text(reader, object, key);
	int found = word[0] ? find(names, count, word) : -1;

	if (word[0] && found < 0)
		complain(reader, "%s is no known word", key);
	return found;
}

/* The family of both ends must be the same; @family 0 = not known yet. */
static void read_end(struct reader *reader, const json_t *object,
		     const char *key, uint8_t *family, uint8_t address[16])
{
	const char *text = read_text(reader, object, key);
	uint8_t found;

	if (!text[0])
		return;
	found = inet_pton(AF_INET, text, address) == 1 ? 4
		: inet_pton(AF_INET6, text, address) == 1 ? 6 : 0;
	if (!found)
		complain(reader, "%s is not an address", key);
	else if (*family && *family != found)
		complain(reader, "local and remote are of two families");
	*family = found;
}

static void read_program(struct reader *reader, const json_t *object,
			 struct cw_program *program)
{
	/* Of no history: only says that there is one. */
	program->id = -1;
	program->tgid = read_number(reader, object, "tgid", UINT32_MAX, 0);
	program->start = read_time(reader, object, "start");
	program->exe = read_name(reader, object, "exe");
	program->script = read_name(reader, object, "script");
	program->cgroup = read_name(reader, object, "cgroup");
	program->unit = read_name(reader, object, "unit");
	program->is_plain = program->exe[0] == '/';
}

static void read_ancestors(struct reader *reader, const json_t *object,
			   struct cw_program *program)
{
	json_t *list = get(object, "ancestors"), *value;
	size_t i;

	if (list && (!json_is_array(list) ||
		     json_array_size(list) > CW_ANCESTORS)) {
		complain(reader, "ancestors is not a list of up to %d",
			 CW_ANCESTORS);
		return;
	}
	json_array_foreach(list, i, value) {
		struct cw_ancestor *ancestor = &program->ancestor[i];

		if (!json_is_object(value))
			complain(reader, "an ancestor is not an object");
		ancestor->tgid = read_number(reader, value, "tgid", UINT32_MAX,
					     0);
		ancestor->start = read_time(reader, value, "start");
		ancestor->exe = read_name(reader, value, "exe");
		program->ancestors++;
	}
}

static void read_user(struct reader *reader, const json_t *object,
		      struct cw_past *past)
{
	json_t *user = get(object, "user");

	past->user.exe = past->user.script = "";
	past->user.cgroup = past->user.unit = "";
	if (user && !json_is_object(user))
		complain(reader, "user is not an object");
	else if (user)
		read_program(reader, user, &past->user);
}

static void read_verdict(struct reader *reader, const json_t *object,
			 struct cw_past *past)
{
	int verdict = read_word(reader, object, "verdict", NAMES(verdicts));
	int attribution = read_word(reader, object, "attribution",
				    NAMES(attributions));

	past->verdict = verdict < 0 ? CW_VERDICT_NONE : verdict;
	past->attribution = attribution < 0 ? CW_ATTRIBUTION_UNKNOWN
					    : attribution;
	past->rule = read_number(reader, object, "rule", CW_RULE_DEFAULT - 1,
				 CW_RULE_DEFAULT);
	past->line = read_number(reader, object, "line", UINT32_MAX, 0);
	past->label = read_name(reader, object, "label");
	past->generation = read_number(reader, object, "generation", INT64_MAX,
				       0);
}

static void read_ends(struct reader *reader, const json_t *object,
		      struct cw_past *past)
{
	int proto = read_word(reader, object, "proto", NAMES(protos));
	int in = read_word(reader, object, "dir", NAMES(directions)), owner;

	if (proto < 0 || in < 0)
		complain(reader, "proto or dir is missing");
	past->proto = proto < 0 ? 0 : proto;
	past->in = in == 1;
	read_end(reader, object, "remote", &past->family, past->remote);
	read_end(reader, object, "local", &past->family, past->local);
	past->local_port = read_number(reader, object, "local_port", UINT16_MAX,
				       0);
	past->remote_port = read_number(reader, object, "remote_port",
					UINT16_MAX, 0);
	past->netns = read_number(reader, object, "netns", UINT32_MAX, 0);
	owner = read_word(reader, object, "netns_owner", NAMES(owners));
	past->netns_owner = owner < 0 ? CW_NETNS_UNKNOWN : owner;
}

/* Strings are borrowed from @object. */
static void read_past(struct reader *reader, const json_t *object,
		      struct cw_past *past)
{
	memset(past, 0, sizeof(*past));
	past->id = read_number(reader, object, "id", INT64_MAX, 0);
	past->host = read_name(reader, object, "host");
	past->opened = read_time(reader, object, "opened");
	past->closed = read_time(reader, object, "closed");
	if (!past->opened)
		complain(reader, "opened is missing");
	read_ends(reader, object, past);
	read_verdict(reader, object, past);
	past->pid = read_number(reader, object, "pid", UINT32_MAX, 0);
	past->uid = read_number(reader, object, "uid", UINT32_MAX, 0);
	past->sent = read_number(reader, object, "sent", INT64_MAX,
				 CW_BYTES_UNKNOWN);
	past->received = read_number(reader, object, "received", INT64_MAX,
				     CW_BYTES_UNKNOWN);
	read_program(reader, object, &past->program);
	read_ancestors(reader, object, &past->program);
	read_user(reader, object, past);
}

static int take_connection(struct reader *reader, const json_t *object)
{
	struct cw_past past;

	read_past(reader, object, &past);
	return reader->failed ? -EPROTO : reader->each(reader->data, &past);
}

static int take_hole(struct reader *reader, const json_t *object)
{
	struct cw_hole hole = {
		.since = read_time(reader, object, "since"),
		.until = read_time(reader, object, "until"),
		.records = read_number(reader, object, "records", INT64_MAX, 0),
		.reason = read_text(reader, object, "reason"),
	};

	return reader->failed ? -EPROTO
		: reader->each_hole(reader->data, &hole);
}

static int take_row(struct reader *reader, const json_t *object)
{
	const char *type = read_text(reader, object, "type");

	if (!json_is_object(object))
		complain(reader, "not a JSON object");
	else if (!type[0])
		complain(reader, "type is missing");
	else if (!strcmp(type, "connection"))
		return take_connection(reader, object);
	else if (!strcmp(type, "hole") && reader->each_hole)
		return take_hole(reader, object);
	return reader->failed ? -EPROTO : 0;
}

static int take_line(struct reader *reader, const char *line, size_t length)
{
	json_error_t error;
	json_t *object;
	int ret;

	/* Some editors and other systems begin a file with it. */
	if (reader->line == 1 && length >= 3 && !memcmp(line, "\xef\xbb\xbf", 3)) {
		line += 3;
		length -= 3;
	}
	if (line[strspn(line, " \t\r\n")] == 0 && strlen(line) == length)
		return 0;
	if (length > LINE_MAX_BYTES)
		complain(reader, "longer than %d bytes", LINE_MAX_BYTES);
	object = reader->failed ? NULL
		: json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	if (!object) {
		complain(reader, "not JSON: %s", error.text);
		return -EPROTO;
	}
	ret = take_row(reader, object);
	json_decref(object);
	return ret;
}

/* A line with its end, and no more of it than it takes to see that it is too
 * long; 0 = the file is over. */
static size_t read_line(FILE *file, char line[LINE_ROOM])
{
	size_t length = 0;
	int c;

	while (length < LINE_ROOM - 1 && (c = getc_unlocked(file)) != EOF) {
		line[length++] = c;
		if (c == '\n')
			break;
	}
	line[length] = 0;
	return length;
}

int cw_past_read(FILE *file, const char *name,
		 int (*each)(void *data, const struct cw_past *past),
		 void *data)
{
	return cw_past_read_holes(file, name, each, NULL, data);
}

int cw_past_read_holes(FILE *file, const char *name,
		       int (*each)(void *data, const struct cw_past *past),
		       int (*each_hole)(void *data, const struct cw_hole *hole),
		       void *data)
{
	struct reader reader = {
		.name = name, .each = each, .each_hole = each_hole,
		.data = data,
	};
	char *line = malloc(LINE_ROOM);
	int ret = line ? 0 : -ENOMEM;
	size_t length;

	while (!ret && (length = read_line(file, line))) {
		reader.line++;
		ret = take_line(&reader, line, length);
	}
	if (!ret && ferror(file)) {
		ret = -EIO;
		log_error("%s: cannot read: %m", name);
	}
	free(line);
	return ret;
}
