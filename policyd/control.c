// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control socket: who is there, one command in, one reply out.  A peer
 * that is slow, silent or hostile costs one of CLIENTS_MAX places for a few
 * seconds and nothing else: no call here waits for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "policyd.h"

#define CLIENTS_MAX		64
#define BACKLOG			64
#define SECOND			1000000ull	/* usec */
/* How long a peer may take to say what it wants. */
#define COMMAND_LIMIT		(5 * SECOND)
/* How long nothing is accepted when there are no descriptors left. */
#define ACCEPT_PAUSE		(1 * SECOND)

struct cw_client {
	struct cw_control *control;
	struct cw_client *next, **link;	/* all clients of control */
	struct cw_peer peer;
	int fd;
	bool is_asking;		/* the handler owes a reply */
	bool is_gone;		/* the peer or control has left meanwhile */
	sd_event_source *io, *timer;
};

struct cw_control {
	sd_event *event;
	sd_event_source *io, *pause;
	int fd;
	unsigned clients;
	struct cw_client *first;
	cw_control_handler handler;
	void *data;
};

/* ---- one client --------------------------------------------------------- */

static void hang_up(struct cw_client *client)
{
	client->io = sd_event_source_disable_unref(client->io);
	client->timer = sd_event_source_disable_unref(client->timer);
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	client->is_gone = true;
}

static void free_client(struct cw_client *client)
{
	hang_up(client);
	if (client->control) {
		*client->link = client->next;
		if (client->next)
			client->next->link = client->link;
		client->control->clients--;
	}
	free(client);
}

const struct cw_peer *cw_client_peer(const struct cw_client *client)
{
	return &client->peer;
}

/* The peer's buffer is empty and takes a record whole; if it does not, the
 * peer has made it so, and gets nothing. */
void cw_client_reply(struct cw_client *client, const struct cw_message *reply,
		     int fd)
{
	if (!client->is_gone)
		cw_message_send(client->fd, reply, fd);
	free_client(client);
}

static void reply_invalid(struct cw_client *client, int error)
{
	struct cw_message reply;

	cw_message_init(&reply, CW_COMMAND_STATUS, CW_RESULT_INVALID);
	cw_message_add(&reply, CW_KEY_MESSAGE, error == -EPROTONOSUPPORT
		       ? "policyctl and policyd are of different versions"
		       : "policyd does not understand the command");
	cw_client_reply(client, &reply, -1);
}

static void receive(struct cw_client *client)
{
	struct cw_control *control = client->control;
	struct cw_message command;
	int ret = cw_message_receive(client->fd, &command, NULL);

	if (ret == -EAGAIN)
		return;
	if (ret == -EPROTO || ret == -EPROTONOSUPPORT) {
		reply_invalid(client, ret);
		return;
	}
	if (ret) {
		free_client(client);
		return;
	}
	/* From now on only the peer's end matters, which epoll always tells. */
	client->is_asking = true;
	client->timer = sd_event_source_disable_unref(client->timer);
	sd_event_source_set_io_events(client->io, 0);
	control->handler(control->data, client, &command);
}

static int readable(sd_event_source *source, int fd, uint32_t events,
		    void *data)
{
	struct cw_client *client = data;

	(void)source;
	(void)fd;
	if (!client->is_asking && (events & EPOLLIN))
		receive(client);
	else if (client->is_asking)
		hang_up(client);
	else
		free_client(client);
	return 0;
}

static int too_late(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source;
	(void)usec;
	free_client(data);
	return 0;
}

/* ---- accepting ---------------------------------------------------------- */

/* The login uid is the peer's at this moment; root can choose its own, so
 * this is for honest records, not a check. */
static uint32_t read_loginuid(pid_t pid)
{
	unsigned long auid = CW_AUID_UNSET;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/loginuid", pid);
	file = fopen(path, "re");
	if (!file)
		return CW_AUID_UNSET;
	if (fscanf(file, "%lu", &auid) != 1)
		auid = CW_AUID_UNSET;
	fclose(file);
	return auid;
}

static int identify(struct cw_client *client)
{
	struct ucred cred;
	socklen_t size = sizeof(cred);

	if (getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &cred, &size))
		return -errno;
	client->peer.pid = cred.pid;
	client->peer.uid = cred.uid;
	client->peer.auid = read_loginuid(cred.pid);
	return 0;
}

static int watch_client(struct cw_client *client)
{
	sd_event *event = client->control->event;
	int ret = sd_event_add_io(event, &client->io, client->fd, EPOLLIN,
				  readable, client);

	if (ret < 0)
		return ret;
	return sd_event_add_time_relative(event, &client->timer,
					  CLOCK_MONOTONIC, COMMAND_LIMIT, 0,
					  too_late, client);
}

static void link_client(struct cw_control *control, struct cw_client *client)
{
	client->control = control;
	client->next = control->first;
	if (client->next)
		client->next->link = &client->next;
	client->link = &control->first;
	control->first = client;
	control->clients++;
}

static void add_client(struct cw_control *control, int fd)
{
	struct cw_client *client = NULL;

	if (control->clients < CLIENTS_MAX)
		client = calloc(1, sizeof(*client));
	if (!client) {
		close(fd);
		return;
	}
	client->fd = fd;
	link_client(control, client);
	if (identify(client) || watch_client(client) < 0)
		free_client(client);
}

static int resume(sd_event_source *source, uint64_t usec, void *data)
{
	struct cw_control *control = data;

	(void)source;
	(void)usec;
	control->pause = sd_event_source_disable_unref(control->pause);
	sd_event_source_set_enabled(control->io, SD_EVENT_ON);
	return 0;
}

/* Out of descriptors or memory: the connection stays in the backlog, and the
 * loop would be woken for it without end. */
static void pause_accepting(struct cw_control *control)
{
	log_warn("cannot accept on the control socket: %m");
	if (sd_event_add_time_relative(control->event, &control->pause,
				       CLOCK_MONOTONIC, ACCEPT_PAUSE, 0,
				       resume, control) >= 0)
		sd_event_source_set_enabled(control->io, SD_EVENT_OFF);
}

static int acceptable(sd_event_source *source, int listening, uint32_t events,
		      void *data)
{
	struct cw_control *control = data;
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)source;
	(void)events;
	if (fd >= 0)
		add_client(control, fd);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		pause_accepting(control);
	return 0;
}

int cw_control_new(struct cw_control **out, sd_event *event, int fd,
		   cw_control_handler handler, void *data)
{
	struct cw_control *control = calloc(1, sizeof(*control));
	int flags = fcntl(fd, F_GETFL), ret;

	if (!control)
		return -ENOMEM;
	control->event = event;
	control->fd = fd;
	control->handler = handler;
	control->data = data;
	ret = fcntl(fd, F_SETFL, flags | O_NONBLOCK) ? -errno
		: sd_event_add_io(event, &control->io, fd, EPOLLIN,
				  acceptable, control);
	if (ret < 0) {
		free(control);
		return ret;
	}
	*out = control;
	return 0;
}

/* Who is owed a reply stays until it is given, but hears it no more. */
void cw_control_free(struct cw_control *control)
{
	struct cw_client *client, *next;

	if (!control)
		return;
	for (client = control->first; client; client = next) {
		next = client->next;
		hang_up(client);
		client->control = NULL;
		if (!client->is_asking)
			free(client);
	}
	sd_event_source_disable_unref(control->io);
	sd_event_source_disable_unref(control->pause);
	close(control->fd);
	free(control);
}

/* ---- listening ---------------------------------------------------------- */

static int make_directory(const char *path)
{
	char copy[CW_PATH_MAX];

	if (strlen(path) >= sizeof(copy))
		return -ENAMETOOLONG;
	return mkdir(dirname(strcpy(copy, path)), 0700) && errno != EEXIST
		? -errno : 0;
}

/* The kernel gives up the lock when its holder dies, however that happens,
 * so a socket whose lock is free is a stale one. */
static int take_lock(const char *path)
{
	char name[CW_PATH_MAX + 8];
	int fd, error;

	snprintf(name, sizeof(name), "%s.lock", path);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	error = errno == EWOULDBLOCK ? EADDRINUSE : errno;
	close(fd);
	return -error;
}

static int bind_socket(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int ret;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	if (unlink(path) && errno != ENOENT)
		return -errno;
	/* Nobody else may connect, not even before a chmod(). */
	mask = umask(0177);
	ret = bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	return ret || listen(fd, BACKLOG) ? -errno : 0;
}

int cw_control_listen(const char *path, int *lock)
{
	int ret = make_directory(path);
	int fd;

	if (ret)
		return ret;
	*lock = take_lock(path);
	if (*lock < 0)
		return *lock;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ret = fd < 0 ? -errno : bind_socket(fd, path);
	if (!ret)
		return fd;
	if (fd >= 0)
		close(fd);
	close(*lock);
	return ret;
}
