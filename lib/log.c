// SPDX-License-Identifier: GPL-2.0-only
/* Says things on standard error, one write() a line, from any thread. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <systemd/sd-daemon.h>

#include "lib.h"

static const char *program = "policyd";
static bool has_levels;

/* systemd says in JOURNAL_STREAM which file is the journal, which takes "<4>"
 * for the level and knows the name already. */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       !fstat(fd, &st) && st.st_dev == device && st.st_ino == inode;
}

void log_open(const char *name)
{
	program = name;
	has_levels = is_journal(STDERR_FILENO);
}

__attribute__((format(printf, 2, 0)))
static void say(const char *level, const char *format, va_list args)
{
	char text[8192], line[8192 + 64];
	int length;

	vsnprintf(text, sizeof(text), format, args);
	/* A file name may hold anything: it must not start a line of its own. */
	cw_text_tame(text);
	length = has_levels
		? snprintf(line, sizeof(line), "%s%s\n", level, text)
		: snprintf(line, sizeof(line), "%.32s: %s\n", program, text);
	/* Nobody is left to tell when this fails. */
	if (write(STDERR_FILENO, line, length) < 0)
		return;
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(SD_INFO, format, args);
	va_end(args);
}

void log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(SD_WARNING, format, args);
	va_end(args);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(SD_ERR, format, args);
	va_end(args);
}

void log_critical(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(SD_CRIT, format, args);
	va_end(args);
}

void fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(SD_CRIT, format, args);
	va_end(args);
	exit(EXIT_FAILURE);
}
