// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single words to values: paths, times, digests, names.  Each says what is
 * wrong in the user's terms, and what would be right where that is known.
 */

#include "passes.h"

#define SHOWN	60	/* bytes of a word repeated in a message */

int cw_word_refuse(char message[CW_MESSAGE_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(message, CW_MESSAGE_MAX, format, args);
	va_end(args);
	return -EINVAL;
}

static int shown(size_t size)
{
	return size < SHOWN ? size : SHOWN;
}

bool cw_word_is_numeric(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if ((text[i] < '0' || text[i] > '9') && text[i] != '-')
			return false;
	return size > 0;
}

/* ---- ports -------------------------------------------------------------- */

bool cw_word_has_leading_zero(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size; i++)
		if (text[i] == '0' && text[i + 1] >= '0' &&
		    text[i + 1] <= '9' &&
		    (!i || text[i - 1] < '0' || text[i - 1] > '9'))
			return true;
	return false;
}

static bool read_port(const char *text, size_t size, u16 *port)
{
	u64 number;

	if (!cw_number_parse(text, size, 65535, &number))
		return false;
	*port = number;
	return true;
}

int cw_word_port(const char *text, size_t size, struct cw_port *port,
		 char message[CW_MESSAGE_MAX])
{
	const char *dash = memchr(text, '-', size);
	size_t first = dash ? (size_t)(dash - text) : size;

	if (!read_port(text, first, &port->lo) ||
	    (dash && !read_port(dash + 1, size - first - 1, &port->hi)))
		return cw_word_refuse(message, "'%.*s' is no port: a number "
				      "from 0 to 65535, or a range of two%s",
				      shown(size), text,
				      cw_word_has_leading_zero(text, size) ?
				      ", without leading zeros" : "");
	if (!dash)
		port->hi = port->lo;
	if (port->lo > port->hi)
		return cw_word_refuse(message,
				      "port range %u-%u is the wrong way "
				      "round; write %u-%u",
				      port->lo, port->hi, port->hi, port->lo);
	return 0;
}

/* ---- paths -------------------------------------------------------------- */

/* Drops the last component of the path so far. */
static size_t drop_component(const char *path, size_t size)
{
	while (size > 0 && path[--size] != '/')
		;
	return size;
}

/* The path without `//`, `/./`, `/../` and a slash at the end. */
static size_t normalise(const char *text, size_t size, char path[CW_PATH_MAX])
{
	size_t from, to, used = 0;

	for (from = 0; from < size; from = to) {
		for (to = from + 1; to < size && text[to] != '/'; to++)
			;
		if (to - from == 1 || (to - from == 2 && text[from + 1] == '.'))
			continue;
		if (to - from == 3 && !memcmp(text + from, "/..", 3)) {
			used = drop_component(path, used);
			continue;
		}
		memcpy(path + used, text + from, to - from);
		used += to - from;
	}
	if (!used)
		path[used++] = '/';
	path[used] = 0;
	return used;
}

int cw_word_path(const char *text, size_t size, bool *is_glob,
		 char message[CW_MESSAGE_MAX])
{
	char path[CW_PATH_MAX];
	bool is_short = true;
	size_t i;

	if (!size || *text != '/')
		return cw_word_refuse(message, "path '%.*s' is not absolute",
			      shown(size), text);
	if (size > CW_PATH_ROOM)
		return cw_word_refuse(message, "path longer than %u bytes",
			      CW_PATH_ROOM);
	for (i = 0; i < size; i++)
		if (text[i] == '/' && (i + 1 == size || text[i + 1] == '/' ||
				       text[i + 1] == '.'))
			is_short = false;
	if (!is_short && (normalise(text, size, path) != size ||
			  memcmp(path, text, size)))
		return cw_word_refuse(message,
				      "path '%.*s' is not in its shortest "
				      "form; write '%.300s'",
				      shown(size), text, path);
	*is_glob = false;
	for (i = 0; i < size; i++) {
		if (!*is_glob && (text[i] == '*' || text[i] == '?')) {
			*is_glob = true;
			if (size - i > CW_BLOB_GLOB_MAX)
				return cw_word_refuse(message, "more than %u "
					"bytes from the first wildcard on",
					CW_BLOB_GLOB_MAX);
		}
		if (i + 2 < size && !memcmp(text + i, "***", 3))
			return cw_word_refuse(
				message,
				"'***' in a path; '*' stays "
				"within a component, '**' crosses them");
	}
	return 0;
}

/* ---- time --------------------------------------------------------------- */

/* Days from 1970-01-01 in the proleptic Gregorian calendar, year >= 1. */
static long days_since_epoch(long year, long month, long day)
{
	year -= month <= 2;
	month += month > 2 ? -3 : 9;
	return year * 365 + year / 4 - year / 100 + year / 400 +
	       (month * 153 + 2) / 5 + day - 1 - 719468;
}

static long days_in_month(long year, long month)
{
	return month == 12 ? 31 : days_since_epoch(year, month + 1, 1) -
				  days_since_epoch(year, month, 1);
}

/* Exactly @digits digits, at most @most; -1 = something else. */
static long read_number(const char **at, const char *end, int digits, long most)
{
	long value = 0;

	for (; digits; digits--, ++*at) {
		if (*at == end || **at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value <= most ? value : -1;
}

static bool skip(const char **at, const char *end, char c)
{
	if (*at == end || **at != c)
		return false;
	++*at;
	return true;
}

/* "2026-12-31"; the result in days. */
static bool read_date(const char **at, const char *end, long *days)
{
	long year, month, day;

	year = read_number(at, end, 4, 9999);
	if (year < 1970 || !skip(at, end, '-'))
		return false;
	month = read_number(at, end, 2, 12);
	if (month < 1 || !skip(at, end, '-'))
		return false;
	day = read_number(at, end, 2, 31);
	if (day < 1 || day > days_in_month(year, month))
		return false;
	*days = days_since_epoch(year, month, day);
	return true;
}

/* "23:59" or "23:59:59"; the result in seconds. */
static bool read_clock(const char **at, const char *end, long *seconds)
{
	long hour, minute, second = 0;

	hour = read_number(at, end, 2, 23);
	if (hour < 0 || !skip(at, end, ':'))
		return false;
	minute = read_number(at, end, 2, 59);
	if (minute < 0)
		return false;
	if (skip(at, end, ':'))
		second = read_number(at, end, 2, 59);
	*seconds = hour * 3600 + minute * 60 + second;
	return second >= 0;
}

/* "Z", "+02:00", "-05:30"; the result in seconds east of Greenwich. */
static bool read_zone(const char **at, const char *end, long *seconds)
{
	bool is_west;

	*seconds = 0;
	if (skip(at, end, 'Z'))
		return true;
	is_west = skip(at, end, '-');
	if ((!is_west && !skip(at, end, '+')) || !read_clock(at, end, seconds))
		return false;
	if (is_west)
		*seconds = -*seconds;
	return true;
}

int cw_word_time(const char *text, size_t size, u64 *seconds,
		 char message[CW_MESSAGE_MAX])
{
	const char *at = text, *end = text + size;
	long days, clock = 0, zone = 0, time;

	if (!read_date(&at, end, &days))
		goto err_form;
	if (at < end) {
		if (!skip(&at, end, 'T') || !read_clock(&at, end, &clock))
			goto err_form;
		if (at == end)
			return cw_word_refuse(message,
					      "time '%.*s' has no zone; "
					      "write '%.*sZ' for UTC",
					      shown(size), text, shown(size),
					      text);
		if (!read_zone(&at, end, &zone) || at < end)
			goto err_form;
	}
	time = days * 86400 + clock - zone;
	if (time <= 0)
		return cw_word_refuse(message, "time '%.*s' is not after 1970",
			      shown(size), text);
	*seconds = time;
	return 0;

err_form:
	return cw_word_refuse(message,
			      "'%.*s' is no time; the forms are 2026-12-31 "
			      "and 2026-12-31T23:59:59Z",
			      shown(size), text);
}

/* ---- digests and names -------------------------------------------------- */

int cw_word_digest(const char *text, size_t size, u8 digest[32],
		   char message[CW_MESSAGE_MAX])
{
	size_t i;
	char c;

	memset(digest, 0, 32);
	for (i = 0; i < size && i < 64; i++) {
		c = text[i];
		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (c | 0x20) - 'a' + 10;
		else
			break;
		digest[i / 2] = digest[i / 2] << 4 | c;
	}
	if (i == 64 && size == 64)
		return 0;
	return cw_word_refuse(message,
			      "a SHA-256 digest has 64 hexadecimal digits; "
			      "this has %zu characters%s",
			      size,
			      i < size && i < 64 ? " and not only digits" : "");
}

/* One label of a host name; true when it is well-formed. */
static bool label_matches(const char *text, size_t size)
{
	size_t i;
	char c;

	if (!size || size > 63 || text[0] == '-' || text[size - 1] == '-')
		return false;
	for (i = 0; i < size; i++) {
		c = text[i] | 0x20;
		if (!(c >= 'a' && c <= 'z') && text[i] != '-' &&
		    text[i] != '_' && !(text[i] >= '0' && text[i] <= '9'))
			return false;
	}
	return true;
}

int cw_word_host(const char *text, size_t size, char name[256],
		 char message[CW_MESSAGE_MAX])
{
	struct cw_dest address;
	size_t from, to, i;

	if (!cw_word_address(text, size, &address, message))
		return cw_word_refuse(message,
				      "'%.*s' is an address, no name; leave "
				      "out 'host'",
				      shown(size), text);
	if (size > 1 && text[size - 1] == '.')
		size--;
	for (from = 0; from <= size; from = to + 1) {
		for (to = from; to < size && text[to] != '.'; to++)
			;
		if (size > 253 || !label_matches(text + from, to - from))
			return cw_word_refuse(message, "'%.*s' is no host name",
				      shown(size), text);
	}
	for (i = 0; i < size; i++)
		name[i] = text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 :
							     text[i];
	name[size] = 0;
	return 0;
}

static bool is_unit_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr(":-_.\\@*?", c));
}

int cw_word_unit(const char *text, size_t size, char message[CW_MESSAGE_MAX])
{
	static const char *const types[] = {
		".service", ".scope", ".slice", ".socket", ".mount", ".swap",
	};
	size_t i, length;

	for (i = 0; i < size; i++)
		if (!is_unit_byte(text[i]))
			return cw_word_refuse(message, "'%.*s' is no unit name",
					      shown(size), text);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		length = strlen(types[i]);
		if (size > length && size < 256 &&
		    !memcmp(text + size - length, types[i], length))
			return 0;
	}
	if (size && !memchr(text, '.', size))
		return cw_word_refuse(message, "unit '%.*s' has no type; did "
				      "you mean '%.*s.service'?", shown(size),
				      text, shown(size), text);
	return cw_word_refuse(message, "unit '%.*s' has no type that owns "
			      "processes: .service, .scope, .slice, .socket, "
			      ".mount or .swap", shown(size), text);
}
