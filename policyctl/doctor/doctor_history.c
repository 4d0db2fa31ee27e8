// SPDX-License-Identifier: GPL-2.0-only
/* doctor: is history written, is it whole, and has it room? */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

#include "doctor.h"
#include "history/history.h"

/* Bytes free below which history will soon lose its oldest connections, and
 * below which SQLite can hardly write. */
#define ROOM_SMALL	(200ull << 20)
#define ROOM_NONE	(10ull << 20)

static int count_hole(void *data, const struct cw_hole *hole)
{
	struct cw_history_state *history = data;

	history->holes++;
	history->missing += hole->records;
	return 0;
}

void cw_history_gather(const struct cw_host *host,
		       struct cw_history_state *history)
{
	struct cw_history *file;
	char path[CW_PATH_MAX];

	memset(history, 0, sizeof(*history));
	snprintf(path, sizeof(path), "%s%s", host->root, host->history_file);
	history->error = cw_history_open(&file, path);
	if (history->error)
		return;
	history->error = cw_history_holes(file, 0, 0, count_hole, history);
	cw_history_close(file);
}

/* Whether policyd says that it does not write it, and why. */
static bool is_not_written(const struct cw_host *host, char *why, size_t size)
{
	return host->daemon &&
	       cw_pair_get(host->daemon, CW_KEY_HISTORY, why, size) &&
	       strcmp(why, "on");
}

void cw_check_history(const struct cw_host *host, struct cw_finding *finding)
{
	const struct cw_history_state *history = &host->history;
	char why[300];

	if (is_not_written(host, why, sizeof(why)))
		cw_finding_set(finding, strncmp(why, "off", 3)
			       ? CW_CHECK_PROBLEM : CW_CHECK_WARNING,
			       "see the log of policyd", "history is %s", why);
	else if (history->error == -ENOENT)
		cw_finding_set(finding, CW_CHECK_WARNING, "start policyd "
			       "without --no-history", "there is no history: "
			       "what ended more than a minute ago is not "
			       "known");
	else if (history->error)
		cw_finding_set(finding, CW_CHECK_PROBLEM, history->error ==
			       -EACCES ? "run doctor as root" : "see the log "
			       "of policyd", "history cannot be read: %s",
			       strerror(-history->error));
	else if (history->holes)
		cw_finding_set(finding, CW_CHECK_WARNING, "see the check "
			       "`events'; policyctl history shows when",
			       "history has %" PRIu64 " holes: %" PRIu64
			       " records are missing", history->holes,
			       history->missing);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "history is there and has no hole");
}

void cw_check_history_disk(const struct cw_host *host,
			   struct cw_finding *finding)
{
	char path[CW_PATH_MAX], *slash;
	unsigned long long room;
	struct statvfs disk;

	snprintf(path, sizeof(path), "%s%s", host->root, host->history_file);
	slash = strrchr(path, '/');
	*slash = 0;
	if (statvfs(path, &disk)) {
		cw_finding_set(finding, CW_CHECK_WARNING, NULL, "not known: "
			       "%s: %s", path, strerror(errno));
		return;
	}
	room = (unsigned long long)disk.f_bavail * disk.f_frsize;
	if (room < ROOM_SMALL)
		cw_finding_set(finding, room < ROOM_NONE ? CW_CHECK_PROBLEM
							 : CW_CHECK_WARNING,
			       "make room, or keep history elsewhere",
			       "%llu MB are free for history in %s",
			       room >> 20, path);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "%llu MB are free for history", room >> 20);
}
