// SPDX-License-Identifier: GPL-2.0-only
/* policyctl's end of the control socket. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl.h"

/* policyd answers at once, but for a load, which takes what it takes: its
 * end, or policyd's, ends the wait. */
#define WAIT_SECONDS	30

static int set_timeouts(int sock, bool may_last)
{
	struct timeval wait = { .tv_sec = WAIT_SECONDS };
	struct timeval ever = { .tv_sec = 0 };
	struct timeval *receive = may_last ? &ever : &wait;

	if (setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) ||
	    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, receive,
		       sizeof(*receive)))
		return -errno;
	return 0;
}

static int connect_to(int sock, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int ret;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	do
		ret = connect(sock, (struct sockaddr *)&address,
			      sizeof(address));
	while (ret && errno == EINTR);
	return ret ? -errno : 0;
}

static int converse(int sock, const char *path,
		    const struct cw_message *command, struct cw_message *reply,
		    int *fd)
{
	int ret = set_timeouts(sock, command->command == CW_COMMAND_LOAD);

	if (!ret)
		ret = connect_to(sock, path);
	if (!ret)
		ret = cw_message_send(sock, command, -1);
	/* Too many conversations: closed before it was read. */
	if (ret == -EPIPE || ret == -ECONNRESET)
		ret = -ENODATA;
	if (!ret)
		ret = cw_message_receive(sock, reply, fd);
	return ret == -ECONNRESET ? -ENODATA : ret;
}

int cw_ask(const char *path, const struct cw_message *command,
	   struct cw_message *reply, int *fd)
{
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int ret;

	*fd = -1;
	if (sock < 0)
		return -errno;
	ret = converse(sock, path, command, reply, fd);
	close(sock);
	return ret;
}

void cw_ask_complain(const struct cw_ctl *ctl, int error)
{
	switch (-error) {
	case ENOENT:
	case ECONNREFUSED:
		log_error("%s: policyd is not running: start it with "
			  "`systemctl start policyd'", ctl->name);
		break;
	case EACCES:
	case EPERM:
		log_error("%s: only root may talk to policyd", ctl->name);
		break;
	case ENODATA:
		log_error("%s: policyd has hung up without an answer: it is "
			  "too busy or has ended", ctl->name);
		break;
	case EAGAIN:
		log_error("%s: policyd does not answer", ctl->name);
		break;
	case EPROTO:
	case EPROTONOSUPPORT:
		log_error("%s: policyctl and policyd are of different "
			  "versions", ctl->name);
		break;
	default:
		log_error("%s: cannot talk to policyd: %s", ctl->name,
			  strerror(-error));
		break;
	}
}

int cw_ask_loudly(const struct cw_ctl *ctl, const struct cw_message *command,
		  struct cw_message *reply, int *fd)
{
	int ret = cw_ask(ctl->socket, command, reply, fd);

	if (ret)
		cw_ask_complain(ctl, ret);
	return ret ? CW_EXIT_FAILED : CW_EXIT_OK;
}
