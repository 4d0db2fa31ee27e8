// SPDX-License-Identifier: GPL-2.0-only
/* Doors by which a process gets an executable. */
#include <linux/binfmts.h>
#include <linux/sched.h>
#include <linux/security.h>

#include "cw.h"
#include "door.h"

static bool enter_check(struct ftrace_regs *regs)
{
	cw_script_asked(CW_ARG(regs, 0, const struct linux_binprm *));
	return false;
}

/*
 * prctl(PR_SET_MM).  Rules do not go by /proc/self/exe, but people do, and so do
 * processes that are alive when the module comes: it must not be changed.  In
 * monitor mode neither, for the change would outlast it.
 */
static bool enter_change(struct ftrace_regs *regs)
{
	pr_notice_ratelimited("%s: process %d (%*pE) tried to replace its executable\n",
			      CW_NAME, task_tgid_nr(current),
			      (int)strnlen(current->comm, TASK_COMM_LEN),
			      current->comm);
	return true;
}

/* Reads no argument: those of this function differ between kernels. */
static noinline notrace int refuse_change(void)
{
	return -EPERM;
}

CW_DOOR_TYPE(security_bprm_check, int, struct linux_binprm *);

static const struct cw_door doors[] = {
	{ CW_EXE_CHANGE, refuse_change, enter_change },
	{ "security_bprm_check", NULL, enter_check },
};

CW_DOORS(cw_process_doors, doors);
