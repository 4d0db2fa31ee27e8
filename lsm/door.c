// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel functions through which a connection is asked for, made and
 * ended.  A new door is one adaptor and one line of the table.
 */
#include "cw.h"

static int enter_connect(const unsigned long *arg)
{
	return cw_connect_judge((struct socket *)arg[0],
				(struct sockaddr *)arg[1], (int)arg[2]);
}

static int enter_sk_free(const unsigned long *arg)
{
	cw_conn_forget((const struct sock *)arg[0]);
	return 0;
}

const struct cw_door cw_doors[] = {
	{ "security_socket_connect", true, enter_connect },
	{ "security_sk_free", false, enter_sk_free },
};

const unsigned int cw_door_count = ARRAY_SIZE(cw_doors);
