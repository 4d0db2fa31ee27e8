// SPDX-License-Identifier: GPL-2.0-only
/*
 * Output of policyctl.  Three styles behind one interface, so that commands
 * do not know which one is wanted: aligned for people at a terminal, plain
 * for pipes, JSON (one line an object or a row) for programs.
 */
#include <ctype.h>
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rows.h"

/* Columns are as wide as the widest of this many rows; a million rows need
 * not all be in memory before the first is seen. */
#define ROWS_ALIGNED	10000

int cw_output_error(FILE *out)
{
	static int first;
	int error = errno;

	if (!ferror(out))
		return 0;
	if (!first)
		first = error ?: EIO;
	return -first;
}

/* ---- plain: "key: value"; one space between values, a tab before sentences */

static void plain_section(struct cw_printer *printer, const char *name,
			  const char *prefix, const char *state)
{
	printer->prefix = prefix;
	fprintf(printer->out, "%s: %s\n", name, state);
}

static void plain_field(struct cw_printer *printer, const char *key,
			const char *value)
{
	fprintf(printer->out, "%s%s: %s\n", printer->prefix, key, value);
}

static void plain_end(struct cw_printer *printer)
{
	(void)printer;
}

/* Whole sentences: they have spaces, and may be longer than the screen is
 * wide. */
static bool is_sentence(const char *name)
{
	return !strcmp(name, "what") || !strcmp(name, "advice");
}

static int print_values(const struct cw_printer *printer,
			const char *const *values)
{
	for (unsigned i = 0; i < printer->columns; i++)
		fprintf(printer->out, "%s%s", !i ? "" :
			is_sentence(printer->names[i]) ? "\t" : " ",
			values[i]);
	fputc('\n', printer->out);
	return cw_output_error(printer->out);
}

static int plain_columns(struct cw_printer *printer)
{
	return print_values(printer, printer->names);
}

static int plain_row(struct cw_printer *printer, char *const *values)
{
	return print_values(printer, (const char *const *)values);
}

static int plain_flush(struct cw_printer *printer)
{
	fflush(printer->out);
	return cw_output_error(printer->out);
}

static const struct cw_output plain = {
	.section = plain_section,
	.field = plain_field,
	.end = plain_end,
	.columns = plain_columns,
	.row = plain_row,
	.flush = plain_flush,
};

/* ---- aligned: the same for people --------------------------------------- */

static void aligned_section(struct cw_printer *printer, const char *name,
			    const char *prefix, const char *state)
{
	printer->prefix = prefix;
	fprintf(printer->out, "%-22s %s\n", name, state);
}

static void aligned_field(struct cw_printer *printer, const char *key,
			  const char *value)
{
	fprintf(printer->out, "%s%-*s %s\n", printer->prefix,
		(int)(22 - strlen(printer->prefix)), key, value);
}

static bool is_number(const char *text);

#define TITLE_MAX	64

static const char *make_title(const char *name, char title[TITLE_MAX])
{
	size_t i;

	for (i = 0; i < TITLE_MAX - 1 && name[i]; i++)
		title[i] = toupper((unsigned char)name[i]);
	title[i] = 0;
	return title;
}

static int print_titles(const struct cw_printer *printer)
{
	char title[TITLE_MAX];

	for (unsigned i = 0; i < printer->columns; i++)
		fprintf(printer->out, "%s%s", i ? " " : "",
			make_title(printer->names[i], title));
	fputc('\n', printer->out);
	return cw_output_error(printer->out);
}

static int add_column(struct cw_printer *printer, const char *name)
{
	char title[TITLE_MAX];
	bool is_wrapped = is_sentence(name);
	struct libscols_column *column =
		scols_table_new_column(printer->table, make_title(name, title),
				       0, is_wrapped ? SCOLS_FL_WRAP : 0);

	if (!column)
		return -ENOMEM;
	/* By itself libsmartcols breaks words; here lines are made before. */
	if (is_wrapped && (scols_column_set_wrapfunc(column,
						     scols_wrapnl_chunksize,
						     scols_wrapnl_nextchunk,
						     NULL) ||
			   scols_column_set_safechars(column, "\n")))
		return -ENOMEM;
	return 0;
}

static int aligned_columns(struct cw_printer *printer)
{
	int ret = 0;

	printer->table = scols_new_table();
	if (!printer->table)
		return -ENOMEM;
	for (unsigned i = 0; !ret && i < printer->columns; i++)
		ret = add_column(printer, printer->names[i]);
	scols_table_set_stream(printer->table, printer->out);
	return ret;
}

/* What columns of words take, and the least that is left for a sentence. */
#define WORDS_WIDTH	30
#define LEAST_WIDTH	20

/* Columns of the terminal for each sentence of a row. */
static size_t sentence_width(const struct cw_printer *printer)
{
	unsigned sentences = 0, width;
	struct winsize size;

	for (unsigned i = 0; i < printer->columns; i++)
		sentences += is_sentence(printer->names[i]);
	width = ioctl(fileno(printer->out), TIOCGWINSZ, &size) || !size.ws_col
		? 80 : size.ws_col;
	width = width > WORDS_WIDTH ? (width - WORDS_WIDTH) / sentences : 0;
	return width > LEAST_WIDTH ? width : LEAST_WIDTH;
}

/* Lines of whole words, as wide as @width if no word is wider. */
static char *wrap(const char *sentence, size_t width)
{
	char *text = strdup(sentence), *line = text, *blank = NULL, *at;

	for (at = text; text && *at; at++) {
		if (*at != ' ')
			continue;
		if (blank && (size_t)(at - line) > width) {
			*blank = '\n';
			line = blank + 1;
		}
		blank = at;
	}
	if (text && blank && (size_t)(at - line) > width)
		*blank = '\n';
	return text;
}

static int set_cell(const struct cw_printer *printer,
		    struct libscols_line *line, unsigned number,
		    const char *value)
{
	char *wrapped;
	int ret;

	if (!is_sentence(printer->names[number]))
		return scols_line_set_data(line, number, value) ? -ENOMEM : 0;
	wrapped = wrap(value, sentence_width(printer));
	ret = wrapped && !scols_line_set_data(line, number, wrapped)
		? 0 : -ENOMEM;
	free(wrapped);
	return ret;
}

static int print_table(struct cw_printer *printer)
{
	/* libsmartcols prints nothing at all for a table without lines. */
	if (!printer->waiting)
		return printer->has_header ? 0 : print_titles(printer);
	scols_table_enable_noheadings(printer->table, printer->has_header);
	if (scols_print_table(printer->table))
		return -EIO;
	printer->has_header = true;
	printer->waiting = 0;
	scols_table_remove_lines(printer->table);
	return 0;
}

static int aligned_row(struct cw_printer *printer, char *const *values)
{
	struct libscols_line *line = scols_table_new_line(printer->table, NULL);

	if (!line)
		return -ENOMEM;
	for (unsigned i = 0; i < printer->columns; i++) {
		struct libscols_column *column =
			scols_table_get_column(printer->table, i);

		if (set_cell(printer, line, i, values[i]))
			return -ENOMEM;
		if (!printer->has_header && !printer->waiting &&
		    is_number(values[i]))
			scols_column_set_flags(column, SCOLS_FL_RIGHT);
	}
	return ++printer->waiting < ROWS_ALIGNED ? 0 : print_table(printer);
}

static int aligned_flush(struct cw_printer *printer)
{
	int ret = print_table(printer);

	scols_unref_table(printer->table);
	printer->table = NULL;
	return ret ? ret : plain_flush(printer);
}

static const struct cw_output aligned = {
	.section = aligned_section,
	.field = aligned_field,
	.end = plain_end,
	.columns = aligned_columns,
	.row = aligned_row,
	.flush = aligned_flush,
};

/* ---- JSON --------------------------------------------------------------- */

static size_t count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* As JSON has them, and no longer than a double holds exactly. */
static bool is_number(const char *text)
{
	size_t whole = count_digits(text), part;

	if (!whole || whole > 15 || (text[0] == '0' && whole > 1))
		return false;
	if (!text[whole])
		return true;
	part = text[whole] == '.' ? count_digits(text + whole + 1) : 0;
	return part && part <= 9 && !text[whole + 1 + part];
}

/* Values that may look like numbers and are not. */
static bool is_text_key(const char *key)
{
	static const char *const keys[] = {
		"version", "sha256", "exe", "features", "rules_file",
		"script", "unit", "label", "host", "client_host", "client_exe",
		"client_script", "client_unit", "server_host", "server_exe",
		"server_script", "server_unit",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

static void json_value(FILE *out, const char *key, const char *value)
{
	size_t size = strlen(value);
	char *plain_text;

	if (!strcmp(value, "-") || !strcmp(value, "?") || !size) {
		fputs("null", out);
	} else if (!strcmp(value, "yes") || !strcmp(value, "no")) {
		fputs(value[0] == 'y' ? "true" : "false", out);
	} else if (!is_text_key(key) && is_number(value)) {
		fputs(value, out);
	} else {
		plain_text = malloc(size + 1);
		if (plain_text)
			size = cw_unescape(plain_text, value, size);
		cw_json_bytes(out, plain_text ? plain_text : value, size);
		free(plain_text);
	}
}

static void json_pair(struct cw_printer *printer, const char *key,
		      const char *value)
{
	if (printer->separate)
		fputc(',', printer->out);
	cw_json_string(printer->out, key);
	fputc(':', printer->out);
	json_value(printer->out, key, value);
	printer->separate = true;
}

static void json_section(struct cw_printer *printer, const char *name,
			 const char *prefix, const char *state)
{
	(void)prefix;
	fputs(printer->separate ? "}," : "{", printer->out);
	cw_json_string(printer->out, name);
	fputs(":{", printer->out);
	printer->separate = false;
	json_pair(printer, "state", state);
}

static void json_end(struct cw_printer *printer)
{
	fputs(printer->separate ? "}}\n" : "{}\n", printer->out);
}

static int json_columns(struct cw_printer *printer)
{
	(void)printer;
	return 0;
}

static int json_row(struct cw_printer *printer, char *const *values)
{
	fputc('{', printer->out);
	printer->separate = false;
	for (unsigned i = 0; i < printer->columns; i++)
		json_pair(printer, printer->names[i], values[i]);
	fputs("}\n", printer->out);
	return cw_output_error(printer->out);
}

static const struct cw_output json = {
	.section = json_section,
	.field = json_pair,
	.end = json_end,
	.columns = json_columns,
	.row = json_row,
	.flush = plain_flush,
};

bool cw_printer_is_for_people(const struct cw_printer *printer)
{
	return printer->style == &aligned;
}

void cw_printer_init(struct cw_printer *printer, FILE *out, bool as_json)
{
	memset(printer, 0, sizeof(*printer));
	printer->out = out;
	printer->prefix = "";
	printer->style = as_json ? &json
		: isatty(fileno(out)) ? &aligned : &plain;
}
