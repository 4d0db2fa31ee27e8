// SPDX-License-Identifier: GPL-2.0-only
/*
 * How far a connection came, and why it is over: a scan of ports is not as many
 * connections.  The kernel sets the error of the socket before the state.
 */
#include <linux/errno.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "cw.h"

enum cw_ending cw_ending_of(int error)
{
	switch (error) {
	case 0:
		return CW_ENDING_CLOSED;
	case ECONNREFUSED:
		return CW_ENDING_REFUSED;
	case ETIMEDOUT:
		return CW_ENDING_TIMED_OUT;
	case ECONNRESET:
	case EPIPE:
		return CW_ENDING_RESET;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case ENONET:
	case ENOPROTOOPT:
	case EACCES:
		return CW_ENDING_UNREACHABLE;
	}
	return CW_ENDING_ABORTED;
}

/* sk_state is still the old one. */
static enum cw_ending ending(const struct sock *sk, int old)
{
	int error = READ_ONCE(sk->sk_err);

	return !error && old == TCP_SYN_SENT ? CW_ENDING_GIVEN_UP :
					       cw_ending_of(error);
}

void cw_ending_state(const struct sock *sk, int old, int state)
{
	if (state == TCP_ESTABLISHED)
		cw_conn_establish(sk);
	else if (state == TCP_CLOSE)
		cw_conn_close(sk, ending(sk, old));
}
