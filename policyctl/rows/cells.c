// SPDX-License-Identifier: GPL-2.0-only
/* The values of one row of output, put together one by one. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

void cw_cells_begin(struct cw_cells *cells, const struct cw_printer *printer)
{
	cells->count = 0;
	cells->used = 0;
	cells->for_people = cw_printer_is_for_people(printer);
}

/* What has no room is cut: no value of ours is near that long. */
static char *begin(struct cw_cells *cells)
{
	char *start = cells->text + cells->used;

	if (cells->count < CW_COLUMNS_MAX)
		cells->value[cells->count++] = start;
	return start;
}

void cw_cells_add(struct cw_cells *cells, const char *format, ...)
{
	size_t room = sizeof(cells->text) - cells->used;
	char *start = begin(cells);
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(start, room, format, args);
	va_end(args);
	cells->used += length < 0 ? 0 : (size_t)length < room
		? (size_t)length + 1 : room - 1;
}

/* Words that mean something else than themselves. */
static bool is_special(const char *text)
{
	static const char *const words[] = { "-", "?", "yes", "no" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(text, words[i]))
			return true;
	return false;
}

void cw_cells_text(struct cw_cells *cells, const char *text)
{
	size_t room = sizeof(cells->text) - cells->used;
	size_t size = strnlen(text, (room - 1) / 4), used = 0;
	char *out;

	if (!size) {
		cw_cells_add(cells, "-");
		return;
	}
	out = begin(cells);
	if (is_special(text)) {
		used = sprintf(out, "\\%03o", (unsigned char)*text++);
		size--;
	}
	used += cw_text_escape(CW_TEXT_ASCII, text, size, " ", out + used);
	cells->used += used + (used + 1 < room);
}

void cw_cells_number(struct cw_cells *cells, uint64_t number, uint64_t none)
{
	if (number == none)
		cw_cells_add(cells, "-");
	else
		cw_cells_add(cells, "%" PRIu64, number);
}

void cw_cells_time(struct cw_cells *cells, int64_t time)
{
	char text[CW_TIME_ROOM];

	if (!time)
		cw_cells_add(cells, "-");
	else if (cells->for_people)
		cw_cells_add(cells, "%s", cw_time_local(time, text));
	else
		cw_cells_add(cells, "%s", cw_time_utc(time, text));
}

void cw_cells_address(struct cw_cells *cells, unsigned family,
		      const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN];

	cw_cells_add(cells, "%s", family ? cw_past_address(family, address, text)
					 : "-");
}

static void add_end(struct cw_cells *cells, const struct cw_past *past,
		    bool is_local)
{
	const uint8_t *address = is_local ? past->local : past->remote;
	unsigned port = is_local ? past->local_port : past->remote_port;
	char text[CW_END_ROOM];

	if (is_local && !port && !cw_past_has_local(past))
		cw_cells_add(cells, "-");
	else
		cw_cells_add(cells, "%s", cw_end_print(past->family,
						       past->proto, address,
						       port, text));
}

void cw_cells_past(struct cw_cells *cells, const struct cw_past *past)
{
	cw_cells_add(cells, "%s", cw_proto_name(past->proto));
	cw_cells_add(cells, "%s", past->in ? "in" : "out");
	add_end(cells, past, true);
	add_end(cells, past, false);
	cw_cells_add(cells, "%s", cw_outcome_name(past->verdict));
	cw_cells_add(cells, "%s", cw_past_attribution_name(past));
	cw_cells_number(cells, past->program.tgid, 0);
}

const char *cw_end_print(unsigned family, unsigned proto,
			 const uint8_t *address, unsigned port,
			 char text[CW_END_ROOM])
{
	char bare[INET6_ADDRSTRLEN];

	if (!family)
		return "-";
	cw_past_address(family, address, bare);
	if (!cw_past_has_ports(proto))
		strcpy(text, bare);
	else
		snprintf(text, CW_END_ROOM, family == 4 ? "%s:%u" : "[%s]:%u",
			 bare, port);
	return text;
}
