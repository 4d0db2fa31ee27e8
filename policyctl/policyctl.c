// SPDX-License-Identifier: GPL-2.0-only
/* policyctl: asks policyd and the kernel module, and checks rules. */
#include "policyctl/commands/ctl.h"

int main(int argc, char **argv)
{
	log_open("policyctl");
	return cw_ctl_main(argc, argv);
}
