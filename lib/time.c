// SPDX-License-Identifier: GPL-2.0-only
/* Points in time as ns since 1970: for files, for people, from people. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib.h"

#define SECOND	1000000000ll

/* Of a time before 1970 the fraction still counts forwards. */
static void split(int64_t time, time_t *seconds, long *fraction)
{
	*seconds = time / SECOND - (time % SECOND < 0);
	*fraction = time - *seconds * SECOND;
}

const char *cw_time_utc(int64_t time, char text[CW_TIME_ROOM])
{
	time_t seconds;
	long fraction;
	struct tm tm;
	size_t used;

	split(time, &seconds, &fraction);
	gmtime_r(&seconds, &tm);
	used = strftime(text, CW_TIME_ROOM, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + used, CW_TIME_ROOM - used, ".%03ldZ",
		 fraction / 1000000);
	return text;
}

const char *cw_time_local(int64_t time, char text[CW_TIME_ROOM])
{
	time_t seconds;
	long fraction;
	struct tm tm;
	size_t used;

	split(time, &seconds, &fraction);
	localtime_r(&seconds, &tm);
	used = strftime(text, CW_TIME_ROOM, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(text + used, CW_TIME_ROOM - used, ".%03ld",
		 fraction / 1000000);
	return text;
}

/* ---- parsing ------------------------------------------------------------ */

/* Exactly @digits of them, from @least to @most. */
static bool take_digits(const char **text, int digits, int least, int most,
			int *number)
{
	*number = 0;
	while (digits--) {
		if (**text < '0' || **text > '9')
			return false;
		*number = *number * 10 + *(*text)++ - '0';
	}
	return *number >= least && *number <= most;
}

static bool take(const char **text, const char *one_of)
{
	if (!**text || !strchr(one_of, **text))
		return false;
	(*text)++;
	return true;
}

static int month_days(int year, int month)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
	};
	bool is_leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return days[month - 1] + (month == 2 && is_leap);
}

static bool take_date(const char **text, struct tm *tm)
{
	/* Beyond 2261 nanoseconds do not fit. */
	if (!take_digits(text, 4, 1970, 2261, &tm->tm_year) ||
	    !take(text, "-") || !take_digits(text, 2, 1, 12, &tm->tm_mon) ||
	    !take(text, "-") || !take_digits(text, 2, 1, 31, &tm->tm_mday) ||
	    tm->tm_mday > month_days(tm->tm_year, tm->tm_mon))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return true;
}

static bool take_fraction(const char **text, long *fraction)
{
	long unit = SECOND / 10;

	*fraction = 0;
	if (!take(text, "."))
		return true;
	if (**text < '0' || **text > '9')
		return false;
	for (; **text >= '0' && **text <= '9'; unit /= 10) {
		if (!unit)
			return false;
		*fraction += (*(*text)++ - '0') * unit;
	}
	return true;
}

/* Seconds are optional for people only. */
static bool take_clock(const char **text, struct tm *tm, long *fraction,
		       bool needs_seconds)
{
	*fraction = 0;
	if (!take_digits(text, 2, 0, 23, &tm->tm_hour) || !take(text, ":") ||
	    !take_digits(text, 2, 0, 59, &tm->tm_min))
		return false;
	if (!take(text, ":"))
		return !needs_seconds;
	return take_digits(text, 2, 0, 60, &tm->tm_sec) &&
	       take_fraction(text, fraction);
}

/* "Z" or "+01:30": how far the clock is ahead of UTC, in seconds. */
static bool take_zone(const char **text, int *ahead)
{
	int hours, minutes;
	bool is_behind = **text == '-';

	*ahead = 0;
	if (take(text, "Zz"))
		return true;
	if (!take(text, "+-") || !take_digits(text, 2, 0, 23, &hours) ||
	    !take(text, ":") || !take_digits(text, 2, 0, 59, &minutes))
		return false;
	*ahead = (hours * 3600 + minutes * 60) * (is_behind ? -1 : 1);
	return true;
}

int cw_time_parse_utc(const char *text, int64_t *time)
{
	struct tm tm = { 0 };
	long fraction;
	int ahead;

	if (!take_date(&text, &tm) || !take(&text, "Tt") ||
	    !take_clock(&text, &tm, &fraction, true) ||
	    !take_zone(&text, &ahead) || *text)
		return -EINVAL;
	*time = (timegm(&tm) - ahead) * SECOND + fraction;
	return *time < 0 ? -EINVAL : 0;
}

/* "90s", "15m", "2h", "7d": that long before @now. */
static bool take_ago(const char *text, int64_t now, int64_t *time)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	int64_t number = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (number > INT32_MAX)
			return false;
		number = number * 10 + *text - '0';
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (text[0] != units[i].unit || text[1] ||
		    number > now / SECOND / units[i].seconds)
			continue;
		*time = now - number * units[i].seconds * SECOND;
		return true;
	}
	return false;
}

/* A clock on the wall may show a time twice, or never: mktime() decides. */
static bool take_local(const char *text, int64_t *time)
{
	struct tm tm = { .tm_isdst = -1 };
	long fraction = 0;
	time_t seconds;

	if (!take_date(&text, &tm))
		return false;
	if (*text && (!take(&text, " T") ||
		      !take_clock(&text, &tm, &fraction, false) || *text))
		return false;
	seconds = mktime(&tm);
	*time = seconds * SECOND + fraction;
	return seconds >= 0;
}

int cw_time_parse(const char *text, int64_t now, int64_t *time)
{
	if (!strcmp(text, "now")) {
		*time = now;
		return 0;
	}
	if (take_ago(text, now, time) || take_local(text, time))
		return 0;
	return cw_time_parse_utc(text, time);
}

int64_t cw_time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}
