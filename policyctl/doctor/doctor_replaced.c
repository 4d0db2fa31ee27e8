// SPDX-License-Identifier: GPL-2.0-only
/* doctor: programs that run a file which was replaced or deleted. */
#include <stdarg.h>
#include <string.h>

#include "doctor.h"

/* A text that is filled piece by piece, and ends with "..." when it is full. */
struct text {
	char *at;
	size_t size, used;
	bool full;
};

static void append(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void append(struct text *text, const char *format, ...)
{
	static const char more[] = ", ...";
	char piece[CW_PATH_MAX + 300];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(piece, sizeof(piece), format, args);
	va_end(args);
	if (text->full)
		return;
	text->full = text->used + length + sizeof(more) > text->size;
	snprintf(text->at + text->used, text->size - text->used, "%s",
		 text->full ? more : piece);
	text->used += text->full ? 0 : length;
}

/* One line, whatever a path has in it. */
static void append_path(struct text *text, const char *before, const char *path,
			uint32_t tgid, const char *unit)
{
	char shown[CW_PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(shown) - 1 && path[i]; i++)
		shown[i] = (unsigned char)path[i] < 0x20 || path[i] == 0x7f ?
			   '?' : path[i];
	shown[i] = '\0';
	append(text, "%s%s (%u%s%s)", before, shown, tgid, unit[0] ? ", " : "",
	       unit);
}

static void append_programs(struct text *text, const struct cw_replaced *all,
			    bool is_kept)
{
	const char *before = "";

	for (size_t i = 0; i < all->count; i++) {
		const struct cw_replaced_program *one = &all->programs[i];

		if (one->is_kept != is_kept)
			continue;
		append_path(text, before, one->path, one->tgid, one->unit);
		before = ", ";
	}
}

/* Can systemctl start it anew? */
static bool is_service(const char *unit)
{
	size_t length = strlen(unit), type = strlen(".service");

	return length > type && !strcmp(unit + length - type, ".service") &&
	       strncmp(unit, "user@", 5);
}

static bool was_before(const struct cw_replaced *all, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(all->programs[j].unit, all->programs[i].unit))
			return true;
	return false;
}

static void advise(struct text *text, const struct cw_replaced *all)
{
	const char *before = "systemctl restart ";
	bool are_others = false;

	for (size_t i = 0; i < all->count; i++) {
		const char *unit = all->programs[i].unit;

		if (!is_service(unit)) {
			are_others = true;
		} else if (!was_before(all, i)) {
			append(text, "%s%s", before, unit);
			before = " ";
		}
	}
	if (are_others)
		append(text, "%sstart anew what is no service of the system",
		       before[1] ? "" : "; ");
}

void cw_check_replaced(const struct cw_host *host, struct cw_finding *finding)
{
	const struct cw_replaced *all = &host->replaced;
	struct text what = { finding->what, sizeof(finding->what), 0, false };
	struct text advice = {
		finding->advice, sizeof(finding->advice), 0, false,
	};

	finding->result = all->count || host->replaced_error ?
			  CW_CHECK_WARNING : CW_CHECK_OK;
	if (host->replaced_error) {
		append(&what, "not known: /proc: %s",
		       strerror(-host->replaced_error));
		return;
	}
	if (!all->count)
		append(&what, "no program runs a file that was replaced or "
		       "deleted");
	if (all->lost) {
		append(&what, "when the module is loaded anew no path rule "
		       "will match what runs a replaced or deleted file where "
		       "others than root may write: ");
		append_programs(&what, all, false);
	}
	if (all->lost < all->count) {
		append(&what, "%sprograms run replaced or deleted files, but "
		       "keep their paths unless their directory was made "
		       "anew: ",
		       all->lost ? "; " : "");
		append_programs(&what, all, true);
	}
	advise(&advice, all);
}
