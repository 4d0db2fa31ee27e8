// SPDX-License-Identifier: GPL-2.0-only
/* doctor: is history written, is it whole, and has it room? */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor.h"

/* Bytes free below which history will soon lose its oldest connections, and
 * below which SQLite can hardly write. */
#define ROOM_SMALL	(200ull << 20)
#define ROOM_NONE	(10ull << 20)

void cw_history_gather(const struct cw_host *host,
		       struct cw_history_state *history)
{
	char path[CW_PATH_MAX];

	memset(history, 0, sizeof(*history));
	snprintf(path, sizeof(path), "%s%s", host->root, host->history_file);
	if (access(path, R_OK))
		history->error = -errno;
}

void cw_check_history(const struct cw_host *host, struct cw_finding *finding)
{
	const struct cw_history_state *history = &host->history;

	if (history->error == -ENOENT)
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
