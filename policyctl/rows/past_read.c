// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections of the past, read back from files of other hosts.  Whatever a file
 * holds, a row that is handed on is whole and valid.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

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
	return json_is_string(value) ? json_string_value(value) : "";
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
		     const char *key, int (*find)(const char *word))
{
	const char *word = read_text(reader, object, key);
	int found = word[0] ? find(word) : -1;

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
	int verdict = read_word(reader, object, "verdict", cw_outcome_parse);
	int attribution = read_word(reader, object, "attribution",
				    cw_attribution_parse);

	past->verdict = verdict < 0 ? CW_OUTCOME_NONE : verdict;
	past->attribution = attribution < 0 ? CW_ATTRIBUTION_UNKNOWN
					    : attribution;
	past->rule = read_number(reader, object, "rule", CW_RULE_DEFAULT - 1,
				 CW_RULE_DEFAULT);
	past->line = read_number(reader, object, "line", UINT32_MAX, 0);
	past->label = read_name(reader, object, "label");
	past->generation = read_number(reader, object, "generation", INT64_MAX,
				       0);
}

static void read_ending(struct reader *reader, const json_t *object,
			struct cw_past *past)
{
	json_t *established = get(object, "established");
	int ending = read_word(reader, object, "ending", cw_ending_parse);

	if (established && !json_is_boolean(established))
		complain(reader, "established is not true or false");
	else if (established)
		past->established = json_is_true(established)
			? CW_ESTABLISHED_YES : CW_ESTABLISHED_NO;
	past->ending = ending < 0 ? CW_ENDING_UNKNOWN : ending;
}

static void read_ends(struct reader *reader, const json_t *object,
		      struct cw_past *past)
{
	int proto = read_word(reader, object, "proto", cw_proto_parse);
	int in = read_word(reader, object, "dir", cw_past_direction), owner;

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
	past->number = read_number(reader, object,
				   past->proto == CW_PROTO_PACKET
				   ? "ethertype" : "ip_protocol", UINT16_MAX, 0);
	past->interface = read_name(reader, object, "interface");
	past->netns = read_number(reader, object, "netns", UINT32_MAX, 0);
	owner = read_word(reader, object, "netns_owner", cw_past_netns_owner);
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
	read_ending(reader, object, past);
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
