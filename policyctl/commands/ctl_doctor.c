// SPDX-License-Identifier: GPL-2.0-only
/* policyctl doctor: asks policyd, has the checks made, and prints them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policyctl/doctor/doctor.h"
#include "ctl.h"

static void gather_daemon(struct cw_host *host, const char *socket)
{
	struct cw_message command, reply;
	int fd = -1;

	cw_message_init(&command, CW_COMMAND_STATUS, CW_RESULT_OK);
	host->daemon_error = cw_ask(socket, &command, &reply, &fd);
	if (fd >= 0)
		close(fd);
	if (!host->daemon_error && reply.result != CW_RESULT_OK)
		host->daemon_error = -EPERM;
	if (!host->daemon_error) {
		host->daemon = strdup(reply.text);
		host->daemon_error = host->daemon ? 0 : -ENOMEM;
	}
}

int cw_ctl_doctor(const struct cw_ctl *ctl)
{
	struct cw_host host = {
		.root = ctl->root,
		.securityfs = ctl->securityfs,
	};
	struct cw_printer printer;
	bool has_problem = false;
	int ret;

	gather_daemon(&host, ctl->socket);
	cw_host_gather(&host);
	cw_printer_init(&printer, stdout, ctl->json);
	ret = cw_doctor_print(&host, &printer, &has_problem);
	cw_host_free(&host);
	if (cw_ctl_close_output(ctl))
		return CW_EXIT_FAILED;
	if (ret)
		return cw_ctl_complain(ctl, ret, "checks");
	return has_problem ? CW_EXIT_FAILED : CW_EXIT_OK;
}
