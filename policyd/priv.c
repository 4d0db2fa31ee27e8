// SPDX-License-Identifier: GPL-2.0-only
/*
 * Privileges: the only file that calls libcap-ng.  What is given up is read
 * back from the kernel and compared; anything unexpected ends the program.
 *
 * policyd stays uid 0, because the module's files belong to root, but without
 * CAP_DAC_OVERRIDE and the rest that makes root what it is.
 */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policyd.h"

#define KEPT	(1ull << CAP_MAC_ADMIN | 1ull << CAP_AUDIT_WRITE)

/* The hexadecimal value of "Key:\t..." in /proc/self/status. */
static bool status_is(const char *status, const char *key, uint64_t wanted)
{
	const char *line = strstr(status, key);
	char *end;

	if (!line || strtoull(line + strlen(key), &end, 16) != wanted)
		return false;
	return *end == '\n';
}

static bool read_status(char *status, size_t size)
{
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, status, size - 1);
	close(fd);
	if (got <= 0)
		return false;
	status[got] = 0;
	return true;
}

static void verify(void)
{
	char status[8192];

	if (!read_status(status, sizeof(status)))
		fatal("cannot read /proc/self/status to check privileges: %m");
	if (!status_is(status, "\nCapPrm:\t", KEPT) ||
	    !status_is(status, "\nCapEff:\t", KEPT) ||
	    !status_is(status, "\nCapInh:\t", 0) ||
	    !status_is(status, "\nCapBnd:\t", 0) ||
	    !status_is(status, "\nCapAmb:\t", 0) ||
	    !status_is(status, "\nNoNewPrivs:\t", 1) ||
	    getgroups(0, NULL) != 0)
		fatal("privileges are not what they should be after dropping "
		      "them");
}

/* Before any thread is started: capabilities belong to threads. */
void cw_priv_drop(void)
{
	umask(077);
	if (setgroups(0, NULL))
		fatal("cannot give up supplementary groups: %m");
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			  CAP_MAC_ADMIN, CAP_AUDIT_WRITE, -1))
		fatal("cannot choose the capabilities to keep");
	if (capng_apply(CAPNG_SELECT_ALL))
		fatal("cannot give up capabilities (CAP_MAC_ADMIN, "
		      "CAP_AUDIT_WRITE and CAP_SETPCAP are needed to start)");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fatal("cannot set no_new_privs: %m");
	verify();
}

/*
 * What Landlock of Linux 5.13 can forbid; nothing is allowed back, so no file
 * can be opened for writing, made, removed or executed from here on.
 * Kernels without Landlock do without this second fence.
 */
static int forbid_writing(void)
{
	struct landlock_ruleset_attr rules = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE |
			LANDLOCK_ACCESS_FS_WRITE_FILE |
			LANDLOCK_ACCESS_FS_REMOVE_DIR |
			LANDLOCK_ACCESS_FS_REMOVE_FILE |
			LANDLOCK_ACCESS_FS_MAKE_CHAR |
			LANDLOCK_ACCESS_FS_MAKE_DIR |
			LANDLOCK_ACCESS_FS_MAKE_REG |
			LANDLOCK_ACCESS_FS_MAKE_SOCK |
			LANDLOCK_ACCESS_FS_MAKE_FIFO |
			LANDLOCK_ACCESS_FS_MAKE_BLOCK |
			LANDLOCK_ACCESS_FS_MAKE_SYM,
	};
	int fd = syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	long ret;

	if (fd < 0)
		return 0;
	ret = syscall(SYS_landlock_restrict_self, fd, 0);
	close(fd);
	return ret ? -errno : 0;
}

int cw_priv_drop_all(void)
{
	char status[8192];

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) || forbid_writing())
		return -EPERM;
	if (!read_status(status, sizeof(status)) ||
	    !status_is(status, "\nCapPrm:\t", 0) ||
	    !status_is(status, "\nCapEff:\t", 0) ||
	    !status_is(status, "\nNoNewPrivs:\t", 1))
		return -EPERM;
	return 0;
}
