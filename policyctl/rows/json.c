// SPDX-License-Identifier: GPL-2.0-only
/* Members of a JSON object, after the first: what is not known is null. */
#include <inttypes.h>
#include <string.h>

#include "rows.h"

void cw_json_text(FILE *out, const char *key, const char *text)
{
	fprintf(out, ",\"%s\":", key);
	if (text && text[0])
		cw_json_string(out, text);
	else
		fputs("null", out);
}

void cw_json_number(FILE *out, const char *key, uint64_t number, uint64_t none)
{
	if (number == none)
		fprintf(out, ",\"%s\":null", key);
	else
		fprintf(out, ",\"%s\":%" PRIu64, key, number);
}

void cw_json_time(FILE *out, const char *key, int64_t time)
{
	char text[CW_TIME_ROOM];

	cw_json_text(out, key, time ? cw_time_utc(time, text) : "");
}
