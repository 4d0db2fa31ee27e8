// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel functions through which a connection is asked for, made and
 * ended.  A new door is one adaptor and one line of the table.
 */
#include <linux/build_bug.h>
#include <linux/sctp.h>
#include <net/sctp/constants.h>

#include "cw.h"

static int enter_connect(const unsigned long *arg)
{
	return cw_connect_judge((struct socket *)arg[0],
				(struct sockaddr *)arg[1], (int)arg[2]);
}

static int enter_sendmsg(const unsigned long *arg)
{
	return cw_connect_judge_send((struct socket *)arg[0],
				     (struct msghdr *)arg[1], (int)arg[2]);
}

static int enter_cmsg(const unsigned long *arg)
{
	return cw_connect_judge_control((const struct sock *)arg[0],
					(struct msghdr *)arg[1]);
}

#if IS_BUILTIN(CONFIG_IPV6)
static int enter_cmsg6(const unsigned long *arg)
{
	return cw_connect_judge_control((const struct sock *)arg[1],
					(struct msghdr *)arg[2]);
}
#endif

static int enter_setsockopt(const unsigned long *arg)
{
	return cw_connect_judge_option((struct socket *)arg[0], (int)arg[1],
				       (int)arg[2]);
}

/* Called for bind and for what the peer asks as well; those are not ours. */
static int enter_sctp_bind_connect(const unsigned long *arg)
{
	switch ((int)arg[1]) {
	case SCTP_SOCKOPT_CONNECTX_OLD:
	case SCTP_SOCKOPT_CONNECTX:
	case SCTP_SOCKOPT_CONNECTX3:
	case SCTP_SENDMSG_CONNECT:
		return cw_connect_judge_packed((const struct sock *)arg[0],
					       (const void *)arg[2],
					       (int)arg[3]);
	}
	return 0;
}

static int enter_exe_change(const unsigned long *arg)
{
	return cw_connect_judge_exe_change();
}

static int enter_sock_graft(const unsigned long *arg)
{
	cw_connect_accept((const struct sock *)arg[0]);
	return 0;
}

static int enter_exec_check(const unsigned long *arg)
{
	cw_process_asked((const struct linux_binprm *)arg[0]);
	return 0;
}

static int enter_sk_free(const unsigned long *arg)
{
	cw_conn_forget((const struct sock *)arg[0]);
	return 0;
}

/* Those that are used most come first. */
const struct cw_door cw_doors[] = {
	{ .function = "security_socket_connect", .governs = true,
	  .enter = enter_connect },
	{ .function = "security_socket_sendmsg", .governs = true,
	  .enter = enter_sendmsg },
	{ .function = "security_socket_setsockopt", .governs = true,
	  .enter = enter_setsockopt },
	{ .function = "ip_cmsg_send", .governs = true, .acts = true,
	  .enter = enter_cmsg },
#if IS_BUILTIN(CONFIG_IPV6)
	{ .function = "ip6_datagram_send_ctl", .governs = true, .acts = true,
	  .enter = enter_cmsg6 },
#endif
	{ .function = "security_sctp_bind_connect", .governs = true,
	  .enter = enter_sctp_bind_connect },
	{ .function = CW_EXE_CHANGE, .governs = true, .acts = true,
	  .enter = enter_exe_change },
	{ .function = "security_sk_free", .enter = enter_sk_free },
	{ .function = "security_sock_graft", .enter = enter_sock_graft },
	{ .function = "security_bprm_check", .enter = enter_exec_check },
};

static_assert(ARRAY_SIZE(cw_doors) + CW_HOOK_PROOFS <= CW_HOOK_MAX);

const unsigned int cw_door_count = ARRAY_SIZE(cw_doors);
