// SPDX-License-Identifier: GPL-2.0-only
/*
 * Diagnostics: collects what the passes have to say, shows it all together,
 * with the source line and a caret, for people or as JSON.
 */
#include <stdlib.h>

#include "passes.h"

/* Nobody reads as many; it only bounds what a hostile file can use up. */
#define LIMIT		10000
#define SHOWN_MAX	160	/* bytes of a source line that are shown */
#define TEXT_MAX	1024	/* bytes of a message */

/* One message or one note; a single block of memory. */
struct message {
	struct message *next;	/* notes: the next one of the same message */
	enum cw_severity severity;
	u32 serial;		/* in the order in which they were added */
	u32 file;
	u32 line, column;	/* 0 = no place */
	u32 length;
	u32 offset;		/* where in @source the caret goes */
	const char *tag;	/* static, NULL = none */
	const char *name, *text, *source;	/* behind the struct */
};

struct cw_diag {
	struct cw_array messages;	/* struct message * */
	struct message *last;		/* where a note goes, may be NULL */
	u32 count[3];			/* by severity, shown or not */
	u32 shown[3];
	u32 limit;
	u32 hidden;		/* the last file of which nothing is shown */
	bool is_guarded;
	bool is_out_of_memory;
};

static const char *const severity_name[] = {
	[CW_SEVERITY_ERROR] = "error",
	[CW_SEVERITY_WARNING] = "warning",
	[CW_SEVERITY_NOTE] = "note",
};

struct cw_diag *cw_diag_new(void)
{
	struct cw_diag *diag = cw_alloc(sizeof(*diag));

	if (!diag)
		return NULL;
	memset(diag, 0, sizeof(*diag));
	diag->limit = LIMIT;
	return diag;
}

static void free_message(struct message *message)
{
	struct message *next;

	for (; message; message = next) {
		next = message->next;
		cw_free(message);
	}
}

void cw_diag_free(struct cw_diag *diag)
{
	struct message **message;
	u32 i;

	if (!diag)
		return;
	message = diag->messages.data;
	for (i = 0; i < diag->messages.count; i++)
		free_message(message[i]);
	cw_free(diag->messages.data);
	cw_free(diag);
}

void cw_diag_guard(struct cw_diag *diag)
{
	diag->is_guarded = true;
	diag->hidden = UINT32_MAX;
}

void cw_diag_limit(struct cw_diag *diag, u32 limit)
{
	diag->limit = limit;
}

u32 cw_diag_count(const struct cw_diag *diag, enum cw_severity severity)
{
	return diag->count[severity];
}

/* What a terminal would obey must not get there. */
static void disarm(char *text)
{
	for (; *text; text++)
		if ((u8)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

/*
 * The part of the source line around the column, as long as in the source but
 * with every byte that is no character replaced.  Returns what was cut off at
 * the front.
 */
static u32 cut_line(const char *line, size_t size, u32 column,
		    char shown[SHOWN_MAX + 1])
{
	size_t from = 0, at, n;

	if (size && line[size - 1] == '\r')
		size--;
	if (column > SHOWN_MAX * 3 / 4) {
		from = column - SHOWN_MAX / 2;
		while (from > 0 && from < size && (line[from] & 0xc0) == 0x80)
			from--;
	}
	if (from > size)
		from = size;
	if (size - from > SHOWN_MAX)
		size = from + SHOWN_MAX;
	for (at = from; at < size; at += n) {
		n = cw_character_visible(line + at, size - at);
		if (n)
			memcpy(shown + at - from, line + at, n);
		else
			shown[at - from] = line[at] == '\t' ? '\t' : '?';
		n += !n;
	}
	shown[size - from] = 0;
	return from;
}

static const char *append(char **at, const char *text)
{
	const char *copy = *at;

	strcpy(*at, text);
	*at += strlen(text) + 1;
	return copy;
}

/* A message quotes what it is about, so it goes with the line. */
enum reveal { REVEAL_ALL, REVEAL_PLACE, REVEAL_NOTHING };

static enum reveal judge(const struct cw_diag *diag,
			 const struct cw_ruleset *ruleset,
			 const struct cw_span *span)
{
	if (!diag->is_guarded || !ruleset || !span ||
	    span->file >= ruleset->file_count || !span->line)
		return REVEAL_ALL;
	if (!cw_reveal_file(ruleset, span->file))
		return REVEAL_NOTHING;
	return cw_reveal_line(ruleset, span->file, span->line) ? REVEAL_ALL
							       : REVEAL_PLACE;
}

static struct message *make_message(const struct cw_ruleset *ruleset,
				    const struct cw_span *span, char *text,
				    enum reveal reveal)
{
	const char *name = "", *line = NULL;
	char shown[SHOWN_MAX + 1] = "";
	struct message *message;
	size_t size;
	u32 cut = 0;
	char *at;

	if (span && ruleset && span->file < ruleset->file_count) {
		name = ruleset->files[span->file];
		line = cw_ruleset_line(ruleset, span->file, span->line, &size);
	}
	if (reveal == REVEAL_NOTHING)
		text = strcpy(text, "this does not look like rules, so nothing "
			      "of it is shown");
	else if (reveal == REVEAL_PLACE)
		text = strcpy(text, "this is no statement, and does not look "
			      "like one, so it is not shown");
	else if (line)
		cut = cut_line(line, size, span->column, shown);
	disarm(text);
	message = cw_alloc(sizeof(*message) + strlen(name) + strlen(text) +
			   strlen(shown) + 3);
	if (!message)
		return NULL;
	memset(message, 0, sizeof(*message));
	at = (char *)(message + 1);
	message->name = append(&at, name);
	disarm((char *)message->name);
	message->text = append(&at, text);
	message->source = append(&at, shown);
	if (*name && reveal == REVEAL_NOTHING) {
		message->file = span->file;
	} else if (*name) {
		message->file = span->file;
		message->line = span->line;
		message->column = span->column;
		message->length = span->length;
		message->offset = span->column - cut;
	}
	return message;
}

void cw_diag_vadd(struct cw_diag *diag, const struct cw_ruleset *ruleset,
		  enum cw_severity severity, const struct cw_span *span,
		  const char *format, va_list args)
{
	enum reveal reveal = judge(diag, ruleset, span);
	struct message *message, **slot;
	char text[TEXT_MAX];

	diag->count[severity]++;
	diag->last = NULL;
	if (diag->shown[severity] >= diag->limit ||
	    (reveal == REVEAL_NOTHING && diag->hidden == span->file))
		return;
	if (reveal == REVEAL_NOTHING)
		diag->hidden = span->file;
	vsnprintf(text, sizeof(text), format, args);
	message = make_message(ruleset, span, text, reveal);
	slot = message ? cw_array_push(&diag->messages, sizeof(*slot)) : NULL;
	if (!slot) {
		cw_free(message);
		return;
	}
	message->severity = severity;
	message->serial = diag->messages.count;
	*slot = diag->last = message;
	diag->shown[severity]++;
}

void cw_diag_add(struct cw_diag *diag, const struct cw_ruleset *ruleset,
		 enum cw_severity severity, const struct cw_span *span,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cw_diag_vadd(diag, ruleset, severity, span, format, args);
	va_end(args);
}

void cw_diag_note(struct cw_diag *diag, const struct cw_ruleset *ruleset,
		  const struct cw_span *span, const char *format, ...)
{
	struct message *note, **end;
	char text[TEXT_MAX];
	va_list args;

	if (!diag->last)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	note = make_message(ruleset, span, text, judge(diag, ruleset, span));
	if (!note)
		return;
	note->severity = CW_SEVERITY_NOTE;
	for (end = &diag->last->next; *end; end = &(*end)->next)
		;
	*end = note;
}

void cw_diag_tag(struct cw_diag *diag, const char *tag)
{
	if (diag->last)
		diag->last->tag = tag;
}

void cw_diag_nomem(struct cw_diag *diag)
{
	if (!diag->is_out_of_memory)
		diag->count[CW_SEVERITY_ERROR]++;
	diag->is_out_of_memory = true;
}

static int compare_places(const void *a, const void *b)
{
	const struct message *x = *(struct message *const *)a;
	const struct message *y = *(struct message *const *)b;

	if (!x->line != !y->line)
		return x->line ? 1 : -1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x->serial < y->serial ? -1 : 1;
}

/* Passes run one after another; a reader goes from top to bottom. */
static struct message **sort_messages(const struct cw_diag *diag)
{
	struct message **message = diag->messages.data;

	if (message)
		qsort(message, diag->messages.count, sizeof(*message),
		      compare_places);
	return message;
}

/* A caret under the column, and a tilde under the rest of the length. */
static void print_caret(const struct message *message, FILE *out)
{
	const char *source = message->source;
	size_t size = strlen(source), at, end = message->offset - 1;

	fprintf(out, "%s\n", source);
	for (at = 0; at < end && at < size; at++)
		if ((source[at] & 0xc0) != 0x80)
			fputc(source[at] == '\t' ? '\t' : ' ', out);
	fputc('^', out);
	for (at = end + 1; at < end + message->length && at < size; at++)
		if ((source[at] & 0xc0) != 0x80)
			fputc('~', out);
	fputc('\n', out);
}

static void print_message(const struct message *message, FILE *out)
{
	if (*message->name)
		fprintf(out, "%s:", message->name);
	if (message->line)
		fprintf(out, "%u:%u:", message->line, message->column);
	fprintf(out, "%s%s: %s", *message->name ? " " : "",
		severity_name[message->severity], message->text);
	if (message->tag)
		fprintf(out, " [%s]", message->tag);
	fputc('\n', out);
	if (*message->source && message->column)
		print_caret(message, out);
}

static u32 count_omitted(const struct cw_diag *diag, u32 severity)
{
	u32 omitted = diag->count[severity] - diag->shown[severity];

	if (severity == CW_SEVERITY_ERROR && diag->is_out_of_memory)
		omitted--;
	return omitted;
}

void cw_diag_print(const struct cw_diag *diag, FILE *out)
{
	struct message **message = sort_messages(diag), *part;
	u32 i, more;

	for (i = 0; i < diag->messages.count; i++)
		for (part = message[i]; part; part = part->next)
			print_message(part, out);
	for (i = 0; i < ARRAY_SIZE(severity_name); i++) {
		more = count_omitted(diag, i);
		if (more)
			fprintf(out, "%u more %s%s not shown\n", more,
				severity_name[i], more == 1 ? "" : "s");
	}
	if (diag->is_out_of_memory)
		fputs("error: out of memory\n", out);
}

static void print_place_json(const struct message *message, FILE *out)
{
	fprintf(out, "{\"severity\":\"%s\"", severity_name[message->severity]);
	if (message->tag)
		fprintf(out, ",\"check\":\"%s\"", message->tag);
	if (*message->name) {
		fputs(",\"file\":", out);
		cw_json_string(out, message->name);
	}
	if (message->line)
		fprintf(out, ",\"line\":%u,\"column\":%u,\"length\":%u",
			message->line, message->column, message->length);
	fputs(",\"message\":", out);
	cw_json_string(out, message->text);
}

void cw_diag_print_json(const struct cw_diag *diag, FILE *out)
{
	struct message **message = sort_messages(diag), *note;
	u32 i;

	for (i = 0; i < diag->messages.count; i++) {
		print_place_json(message[i], out);
		for (note = message[i]->next; note; note = note->next) {
			fputs(note == message[i]->next ? ",\"notes\":[" : ",",
			      out);
			print_place_json(note, out);
			fputc('}', out);
		}
		fputs(message[i]->next ? "]}\n" : "}\n", out);
	}
	for (i = 0; i < ARRAY_SIZE(severity_name); i++)
		if (count_omitted(diag, i))
			fprintf(out, "{\"severity\":\"%s\",\"omitted\":%u}\n",
				severity_name[i], count_omitted(diag, i));
	if (diag->is_out_of_memory)
		fputs("{\"severity\":\"error\",\"message\":\"out of "
		      "memory\"}\n",
		      out);
}
