// SPDX-License-Identifier: GPL-2.0-only
/* policyctl backup: a copy of the history while policyd goes on writing it. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"

static int complain(const struct cw_ctl *ctl, int error)
{
	const char *file = ctl->argv[0];

	/* Which of both files is it about? */
	if (error == -EEXIST)
		log_error("%s: %s is there already, and stays as it is: give "
			  "another name", ctl->name, file);
	else if (error == -ENOSPC)
		log_error("%s: %s: no space left: nothing is written",
			  ctl->name, file);
	else if (access(ctl->history ?: CW_HISTORY_FILE, R_OK) ||
		 error == -EPROTO || error == -EUCLEAN)
		return cw_ctl_complain_history(ctl, error);
	else
		log_error("%s: cannot write %s: %s", ctl->name, file,
			  strerror(-error));
	return CW_EXIT_FAILED;
}

int cw_ctl_backup(const struct cw_ctl *ctl)
{
	const char *from = ctl->history ?: CW_HISTORY_FILE;
	int ret = cw_history_backup(from, ctl->argv[0]);
	struct stat st;

	if (ret)
		return complain(ctl, ret);
	if (!stat(ctl->argv[0], &st))
		printf("%s: %lld bytes, a copy of %s\n", ctl->argv[0],
		       (long long)st.st_size, from);
	return cw_ctl_close_output(ctl);
}
