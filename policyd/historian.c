// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread that writes history: takes records out of the file `events`,
 * stores them, and acknowledges what is stored.  It waits for disks, so that
 * policyd's loop never does.
 *
 * When the disk takes nothing, the kernel keeps what was not acknowledged.
 * Only when its memory is nearly full is the oldest given up, as one hole.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "policyd.h"
#include "history/history.h"

#define BATCH		((size_t)4 << 20)	/* bytes, when all is well */
#define HELD_MAX	((size_t)64 << 20)	/* bytes, when it is not */
#define PAUSE		100	/* ms in which records gather */
#define RETRY_MAX	5000	/* ms */
#define SETTLE		10000	/* ms without an error: all is well again */
#define ATTACH_AGAIN	10000	/* ms */
#define EXPIRE_EVERY	60000	/* ms */

enum state { STATE_OFF, STATE_ON, STATE_FAILING };

struct cw_historian {
	const struct cw_historian_config *config;
	pthread_t thread;
	int stop;			/* eventfd */

	pthread_mutex_t lock;		/* of what status needs: */
	enum state state;
	char reason[400];		/* "" with STATE_ON */
	struct cw_ingest_counts counts;

	/* The thread's own: */
	struct cw_ingest *ingest;
	struct cw_expiry *expiry;
	int events;
	uint8_t *buffer;
	size_t room;			/* of buffer */
	size_t full;			/* bytes held at which some must go */
	size_t held;			/* bytes that are not stored */
	int retry;			/* ms; 0 = the last batch was stored */
	int64_t retry_at, expire_at, settle_at;	/* ms, CLOCK_MONOTONIC */
	bool caught_up;			/* nothing was left to read */
	struct cw_ingest_counts before;	/* of earlier loads of the module */
};

/* ---- clocks -------------------------------------------------------------- */

static int64_t now_ms(void)
{
	return cw_clock_read(CLOCK_MONOTONIC) / 1000000;
}

/* 1970 minus boot; the reading with the least between its two ends. */
static int64_t clock_offset(void)
{
	int64_t least = INT64_MAX, offset = 0;

	for (int i = 0; i < 5; i++) {
		int64_t from = cw_clock_read(CLOCK_BOOTTIME);
		int64_t wall = cw_clock_read(CLOCK_REALTIME);
		int64_t to = cw_clock_read(CLOCK_BOOTTIME);

		if (to - from >= least)
			continue;
		least = to - from;
		offset = wall - (from + least / 2);
	}
	return offset;
}

/* ---- what is said -------------------------------------------------------- */

/* Of a time of failing the first reason is told, and status has the last. */
static void set_state(struct cw_historian *historian, enum state state,
		      const char *reason)
{
	bool is_news = state != historian->state ||
		       (state == STATE_OFF &&
			strcmp(reason, historian->reason));

	pthread_mutex_lock(&historian->lock);
	historian->state = state;
	snprintf(historian->reason, sizeof(historian->reason), "%s", reason);
	pthread_mutex_unlock(&historian->lock);
	if (!is_news)
		return;
	if (state == STATE_ON)
		log_info("history: writing %s", historian->config->file);
	else
		log_error("history is %s: %s", state == STATE_OFF
			  ? "off" : "failing", reason);
}

static bool is_settling(const struct cw_historian *historian)
{
	return historian->state == STATE_FAILING && !historian->retry;
}

/* A full disk may take a small batch now and then: it is called failing, and
 * that is said once, until it has taken all for a while. */
static void settle(struct cw_historian *historian)
{
	if (is_settling(historian) && now_ms() >= historian->settle_at)
		set_state(historian, STATE_ON, "");
}

static void publish_counts(struct cw_historian *historian)
{
	const struct cw_ingest_counts *counts =
		cw_ingest_counts(historian->ingest);
	const struct cw_ingest_counts *before = &historian->before;

	pthread_mutex_lock(&historian->lock);
	historian->counts = (struct cw_ingest_counts) {
		.connections = before->connections + counts->connections,
		.lost = before->lost + counts->lost,
		.dropped = before->dropped + counts->dropped,
		.holes = before->holes + counts->holes,
		.unknown = before->unknown + counts->unknown,
		.malformed = before->malformed + counts->malformed,
	};
	pthread_mutex_unlock(&historian->lock);
}

static void warn_of_malformed(struct cw_historian *historian,
			      uint64_t before)
{
	if (!before && historian->counts.malformed)
		log_error("history: the module tells what makes no sense: is "
			  "it of another release?");
}

/* ---- reading ------------------------------------------------------------- */

/* Waits for records; 0 = time is up, 1 = there are some, -ECANCELED. */
static int wait_for_records(struct cw_historian *historian, int timeout)
{
	bool has_room = historian->held < historian->full;
	struct pollfd fds[2] = {
		{ .fd = historian->stop, .events = POLLIN },
		{ .fd = has_room ? historian->events : -1, .events = POLLIN },
	};

	if (poll(fds, 2, timeout) < 0)
		return errno == EINTR ? 0 : -errno;
	if (fds[0].revents)
		return -ECANCELED;
	return fds[1].revents ? 1 : 0;
}

static bool is_stopping(struct cw_historian *historian, int timeout)
{
	struct pollfd fd = { .fd = historian->stop, .events = POLLIN };

	return poll(&fd, 1, timeout) > 0;
}

/* Whatever is there, up to @most bytes held.  An error or an end of the file
 * means that this file is no longer of use. */
static int fill(struct cw_historian *historian, size_t most)
{
	ssize_t got;

	historian->caught_up = false;
	while (historian->held < most) {
		got = read(historian->events,
			   historian->buffer + historian->held,
			   most - historian->held + CW_EVENT_MAX);
		if (got > 0) {
			historian->held += got;
		} else if (!got) {
			return -EPIPE;
		} else if (errno == EAGAIN) {
			historian->caught_up = true;
			return 0;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

/* ---- storing ------------------------------------------------------------- */

static void acknowledge(struct cw_historian *historian, uint64_t upto)
{
	if (historian->held > BATCH)
		madvise(historian->buffer, historian->room, MADV_DONTNEED);
	historian->held = 0;
	if (upto && write(historian->events, &upto, sizeof(upto)) < 0)
		log_error("history: the module does not take the "
			  "acknowledgement of %llu: %m",
			  (unsigned long long)upto);
}

static void give_up(struct cw_historian *historian)
{
	uint64_t upto;

	cw_ingest_drop(historian->ingest, historian->buffer, historian->held,
		       clock_offset(), &upto);
	acknowledge(historian, upto);
	publish_counts(historian);
}

static void fail(struct cw_historian *historian, int error)
{
	char reason[300];

	snprintf(reason, sizeof(reason), "%s: %s", historian->config->file,
		 strerror(-error));
	set_state(historian, STATE_FAILING, reason);
	historian->retry = historian->retry ? 2 * historian->retry : PAUSE;
	if (historian->retry > RETRY_MAX)
		historian->retry = RETRY_MAX;
	historian->retry_at = now_ms() + historian->retry;
	historian->settle_at = now_ms() + SETTLE;
	if (historian->held >= historian->full)
		give_up(historian);
}

static void store(struct cw_historian *historian)
{
	uint64_t upto, malformed = historian->counts.malformed;
	int ret;

	ret = cw_ingest_batch(historian->ingest, historian->buffer,
			      historian->held, clock_offset(), &upto);
	if (ret) {
		fail(historian, ret);
		return;
	}
	historian->retry = 0;
	acknowledge(historian, upto);
	publish_counts(historian);
	warn_of_malformed(historian, malformed);
}

/* What came in since then is what may go. */
static void expire(struct cw_historian *historian, uint64_t stored)
{
	uint64_t steps = 1 + stored / 500;
	int64_t boottime;
	int ret;

	if (historian->retry || now_ms() < historian->expire_at)
		return;
	boottime = cw_clock_read(CLOCK_BOOTTIME);
	ret = cw_ingest_tick(historian->ingest, clock_offset(), boottime);
	if (ret) {
		fail(historian, ret);
		return;
	}
	ret = 1;
	while (steps-- && ret > 0) {
		ret = cw_expiry_step(historian->expiry,
				     cw_ingest_store(historian->ingest),
				     cw_ingest_source(historian->ingest),
				     cw_ingest_clock(historian->ingest,
						     boottime),
				     historian->caught_up);
		historian->caught_up = false;
	}
	if (ret <= 0)
		historian->expire_at = now_ms() + EXPIRE_EVERY;
	if (ret < 0)
		log_warn("history: cannot remove what is old: %s",
			 strerror(-ret));
}

static int timeout_of(const struct cw_historian *historian)
{
	int64_t at = historian->retry ? historian->retry_at
				      : historian->expire_at;
	int64_t left;

	if (is_settling(historian) && historian->settle_at < at)
		at = historian->settle_at;
	left = at - now_ms();
	return left > 0 ? left : 0;
}

/* One batch: 0, or why there can be no more. */
static int take_batch(struct cw_historian *historian, bool has_records)
{
	uint64_t stored = historian->counts.connections;
	bool is_failing = historian->retry;
	int ret = 0;

	if (has_records)
		ret = fill(historian, is_failing ||
			   historian->full < BATCH ? historian->full : BATCH);
	if (is_failing ? historian->held >= historian->full ||
			 now_ms() >= historian->retry_at : historian->held > 0)
		store(historian);
	settle(historian);
	if (!ret)
		expire(historian, historian->counts.connections - stored);
	return ret;
}

/* Until it is told to stop (-ECANCELED), or the file is of no use. */
static int drain(struct cw_historian *historian)
{
	int ret;

	for (;;) {
		ret = wait_for_records(historian, timeout_of(historian));
		if (ret > 0 && !historian->retry && historian->caught_up)
			is_stopping(historian, PAUSE);
		if (ret >= 0)
			ret = take_batch(historian, ret > 0);
		if (ret)
			return ret;
	}
}

/* The last batch, before the end. */
static void finish(struct cw_historian *historian)
{
	fill(historian, historian->full);
	if (historian->held || historian->retry)
		store(historian);
	if (historian->retry)
		log_error("history: what is not stored stays in the kernel, as "
			  "far as it has room");
}

/* ---- attaching ------------------------------------------------------------ */

/* Others than root could put there what they like, and SQLite would write
 * through it. */
static int make_directory(const char *file, char *reason, size_t size)
{
	char dir[CW_PATH_MAX];
	char *slash;
	int fd;

	snprintf(dir, sizeof(dir), "%s", file);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = 0;
	fd = cw_state_open(dir, reason, size);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int make_buffer(struct cw_historian *historian)
{
	size_t bytes = cw_kernel_event_bytes();

	historian->full = bytes / 4 * 3;
	if (historian->full > HELD_MAX)
		historian->full = HELD_MAX;
	/* What is not used takes no memory. */
	historian->room = historian->full + CW_EVENT_MAX;
	historian->buffer = mmap(NULL, historian->room, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				 -1, 0);
	return historian->buffer == MAP_FAILED ? -ENOMEM : 0;
}

static int open_events(struct cw_historian *historian, char *reason,
		       size_t size)
{
	const char *dir = historian->config->securityfs;
	int fd = cw_kernel_events(dir);

	if (fd >= 0) {
		historian->events = fd;
		return 0;
	}
	switch (fd) {
	case -EBUSY:
		snprintf(reason, size, "another program reads %s/%s; `fuser "
			 "%s/%s' tells which", dir, CW_FILE_EVENTS, dir,
			 CW_FILE_EVENTS);
		break;
	case -ENOENT:
		snprintf(reason, size, "the kernel module has no file %s: it "
			 "is of another release", CW_FILE_EVENTS);
		break;
	default:
		cw_kernel_explain(fd, CW_FILE_EVENTS, 0, reason, size);
		break;
	}
	return fd;
}

/* Some errors do not go away by waiting; with the others the disk may be full
 * for now, and the kernel's records must be counted. */
static bool is_hopeless(int error)
{
	return error == -EPROTO || error == -EACCES || error == -EPERM ||
	       error == -ENOENT || error == -ENOTDIR || error == -EISDIR ||
	       error == -ELOOP || error == -ENAMETOOLONG;
}

static int open_history(struct cw_historian *historian, char *reason,
			size_t size)
{
	const char *file = historian->config->file;
	struct cw_kernel_status status;
	char boot[CW_SOURCE_NAME];
	int ret = cw_kernel_status(historian->config->securityfs, &status);

	if (!ret)
		ret = cw_boot_read(boot, sizeof(boot));
	if (!ret)
		ret = cw_ingest_new(&historian->ingest, file, boot,
				    status.instance);
	if (ret) {
		cw_kernel_explain(ret, CW_FILE_STATUS, 0, reason, size);
		return ret;
	}
	ret = make_directory(file, reason, size);
	if (ret)
		return ret;
	ret = cw_ingest_open(historian->ingest, clock_offset());
	if (ret == -EPROTO)
		snprintf(reason, size, "%s was made by another version of "
			 "policyd, or is no history; move it away", file);
	else if (ret)
		snprintf(reason, size, "%s: %s", file, strerror(-ret));
	return is_hopeless(ret) ? ret : 0;
}

static int attach(struct cw_historian *historian)
{
	char reason[400] = "out of memory";
	enum state state = STATE_OFF;
	int ret = open_events(historian, reason, sizeof(reason));

	if (!ret) {
		ret = open_history(historian, reason, sizeof(reason));
		if (ret)
			state = STATE_FAILING;
	}
	ret = ret ?: make_buffer(historian);
	if (ret) {
		set_state(historian, state, reason);
		return ret;
	}
	historian->held = 0;
	historian->retry = 0;
	historian->caught_up = true;
	historian->expire_at = now_ms();
	ret = cw_ingest_open(historian->ingest, clock_offset());
	if (ret)
		fail(historian, ret);
	else
		set_state(historian, STATE_ON, "");
	return 0;
}

static void detach(struct cw_historian *historian)
{
	historian->before = historian->counts;
	cw_ingest_free(historian->ingest);
	historian->ingest = NULL;
	if (historian->buffer && historian->buffer != MAP_FAILED)
		munmap(historian->buffer, historian->room);
	historian->buffer = NULL;
	if (historian->events >= 0)
		close(historian->events);
	historian->events = -1;
}

/* A full disk does not end this, but an error of the file `events` does. */
static int serve(struct cw_historian *historian)
{
	char reason[400];
	int ret = drain(historian);

	if (ret == -ECANCELED) {
		finish(historian);
		return ret;
	}
	cw_kernel_explain(ret, CW_FILE_EVENTS, 0, reason, sizeof(reason));
	set_state(historian, STATE_OFF, reason);
	return ret;
}

static void *run(void *data)
{
	struct cw_historian *historian = data;
	int ret;

	do {
		ret = attach(historian);
		if (!ret)
			ret = serve(historian);
		detach(historian);
	} while (ret != -ECANCELED && !is_stopping(historian, ATTACH_AGAIN));
	return NULL;
}

/* ---- for policyd's loop ---------------------------------------------------- */

int cw_historian_new(struct cw_historian **out,
		     const struct cw_historian_config *config)
{
	struct cw_historian *historian = calloc(1, sizeof(*historian));
	int ret = -ENOMEM;

	if (!historian)
		return ret;
	historian->config = config;
	historian->events = -1;
	snprintf(historian->reason, sizeof(historian->reason), "starting");
	pthread_mutex_init(&historian->lock, NULL);
	historian->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (historian->stop < 0)
		goto err_free;
	if (cw_expiry_new(&historian->expiry, config->days, config->megabytes))
		goto err_close;
	ret = -pthread_create(&historian->thread, NULL, run, historian);
	if (ret)
		goto err_expiry;
	*out = historian;
	return 0;

err_expiry:
	cw_expiry_free(historian->expiry);
err_close:
	close(historian->stop);
err_free:
	pthread_mutex_destroy(&historian->lock);
	free(historian);
	return ret;
}

void cw_historian_free(struct cw_historian *historian)
{
	if (!historian)
		return;
	eventfd_write(historian->stop, 1);
	pthread_join(historian->thread, NULL);
	cw_expiry_free(historian->expiry);
	close(historian->stop);
	pthread_mutex_destroy(&historian->lock);
	free(historian);
}

static void add_count(struct cw_message *message, const char *key,
		      uint64_t count)
{
	cw_message_add(message, key, "%llu", (unsigned long long)count);
}

void cw_historian_status(struct cw_historian *historian,
			 struct cw_message *message)
{
	static const char *const names[] = { "off", "on", "failing" };
	struct cw_ingest_counts counts;
	char state[sizeof(historian->reason) + 16];

	if (!historian) {
		cw_message_add(message, CW_KEY_HISTORY, "off, not wanted");
		return;
	}
	pthread_mutex_lock(&historian->lock);
	snprintf(state, sizeof(state), "%s%s%s", names[historian->state],
		 historian->reason[0] ? ", " : "", historian->reason);
	counts = historian->counts;
	pthread_mutex_unlock(&historian->lock);
	cw_message_add(message, CW_KEY_HISTORY, "%s", state);
	add_count(message, CW_KEY_HISTORY_STORED, counts.connections);
	add_count(message, CW_KEY_HISTORY_LOST, counts.lost);
	add_count(message, CW_KEY_HISTORY_DROPPED, counts.dropped);
	add_count(message, CW_KEY_HISTORY_HOLES, counts.holes);
	add_count(message, CW_KEY_HISTORY_UNKNOWN, counts.unknown);
	add_count(message, CW_KEY_HISTORY_MALFORMED, counts.malformed);
	cw_message_add(message, CW_KEY_HISTORY_FILE, "%s",
		       historian->config->file);
}
