// SPDX-License-Identifier: GPL-2.0-only
/*
 * Order of start and end, nothing else.  Processes are watched before the
 * first of them is judged.  The files appear when what they promise is in
 * place, and go before it does; what was open before is entered after that.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "cw.h"
#include "door.h"
#include "owner.h"

/* Read at init only.  modprobe takes it from the kernel command line. */
static bool off __read_mostly;
module_param(off, bool, 0);
MODULE_PARM_DESC(off, "refuse to load: a way out when a policy locks everybody out");

static int __init start(void)
{
	int ret;

	cw_exe_init();
	ret = cw_owner_init();
	if (ret)
		return ret;
	ret = cw_describe_init();
	if (ret)
		goto err_owner;
	ret = cw_known_init();
	if (ret)
		goto err_describe;
	ret = cw_process_init();
	if (ret)
		goto err_known;
	ret = cw_audit_init();
	if (ret)
		goto err_process;
	ret = cw_event_init();
	if (ret)
		goto err_audit;
	ret = cw_conn_init();
	if (ret)
		goto err_event;
	ret = cw_trace_init();
	if (ret)
		goto err_conn;
	ret = cw_preload();
	if (ret)
		goto err_trace;
	ret = cw_door_init();
	if (ret)
		goto err_trace;
	ret = cw_fs_init();
	if (ret)
		goto err_door;
	/* The last: who has much open must not hold up the first policy. */
	cw_survey();
	cw_audit_enabled(true);
	pr_info("%s %s: mode monitor, no policy\n", CW_NAME, CW_VERSION);
	return 0;

err_door:
	cw_conn_stop();
	cw_door_exit();
	/* A policy may have come by the files that were there for a moment. */
	cw_store_exit();
err_trace:
	cw_trace_exit();
err_conn:
	cw_conn_stop();
	cw_conn_exit();
err_event:
	cw_event_exit();
err_audit:
	cw_audit_exit();
	cw_admin_exit();
err_process:
	cw_process_end();
err_known:
	cw_known_exit();
err_describe:
	cw_describe_exit();
err_owner:
	cw_owner_exit();
	return ret;
}

static int __init connwarden_init(void)
{
	if (off) {
		pr_notice("%s: not loaded, because the parameter off is set: nothing is judged\n",
			  CW_NAME);
		return -ECANCELED;
	}
	return start();
}

/*
 * The module's use count is 0 here, so no file is open.  When the hooks are
 * gone nothing of ours runs in a task, softirq or RCU callback but what
 * conn_exit() and audit_exit() wait for.
 */
static void __exit connwarden_exit(void)
{
	cw_fs_exit();
	cw_audit_enabled(false);
	cw_conn_stop();
	cw_door_exit();
	cw_trace_exit();
	cw_conn_exit();
	cw_event_exit();
	cw_audit_exit();
	cw_admin_exit();
	cw_store_exit();
	cw_process_end();
	cw_known_exit();
	cw_describe_exit();
	cw_owner_exit();
}

module_init(connwarden_init);
module_exit(connwarden_exit);

MODULE_DESCRIPTION("Decides and remembers which program opens which connection");
MODULE_LICENSE("GPL");
MODULE_VERSION(CW_VERSION);
MODULE_SOFTDEP("pre: sha256");
