// SPDX-License-Identifier: GPL-2.0-only
/*
 * Audit records of what administrators did: the only file of policyd that calls
 * libaudit.
 *
 * libaudit waits for the kernel's acknowledgement, and with a full backlog the
 * kernel puts the sender to sleep, so records are written by a thread.
 */
#include <errno.h>
#include <libaudit.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policyd.h"

/* Records on their way; more are dropped and counted. */
#define QUEUE_LIMIT	256
/* The kernel cuts at 8970 bytes; libaudit adds exe=, hostname=, res= ... */
#define TEXT_MAX	8700

struct cw_recorder {
	struct cw_worker *worker;
	cw_record_writer writer;
	int fd;			/* the audit socket; < 0: why there is none */
	uint64_t written, failed, dropped;
};

struct record_job {
	struct cw_job job;	/* first: the two are cast to each other */
	struct cw_recorder *recorder;
	struct cw_record record;
	bool written;
};

__attribute__((format(printf, 3, 4)))
static void add(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

/* Everything that somebody else chose goes through libaudit's encoding. */
static int add_encoded(char *text, size_t size, const char *key,
		       const char *value)
{
	char *pair = audit_encode_nv_string(key, value, 0);

	if (!pair)
		return -ENOMEM;
	if (strlen(text) + 1 + strlen(pair) < size)
		add(text, size, " %s", pair);
	else
		add(text, size, " %s=?", key);
	free(pair);
	return 0;
}

/* Field order as in docs: fixed fields, then what may be long, then who. */
static int format_load(const struct cw_record *record, char *text, size_t size)
{
	int ret;

	add(text, size, "op=load-policy lsm=" CW_NAME
	    " gen=%llu old-gen=%llu",
	    (unsigned long long)record->generation,
	    (unsigned long long)record->old_generation);
	if (record->sha256[0])
		add(text, size, " rules=%u sha256=%s", record->rules,
		    record->sha256);
	if (record->reason[0])
		add(text, size, " reason=%s", record->reason);
	/* Room for sauid= behind it. */
	ret = add_encoded(text, size - 32, "file", record->file);
	add(text, size, " sauid=%u", record->auid);
	return ret;
}

static int format_mode(const struct cw_record *record, char *text, size_t size)
{
	add(text, size, "lsm=" CW_NAME " enforcing=%d old_enforcing=%d",
	    record->mode == CW_MODE_ENFORCE,
	    record->old_mode == CW_MODE_ENFORCE);
	if (record->reason[0])
		add(text, size, " reason=%s", record->reason);
	add(text, size, " sauid=%u", record->auid);
	return 0;
}

int cw_record_format(const struct cw_record *record, char *text, size_t size)
{
	text[0] = 0;
	switch (record->kind) {
	case CW_RECORD_LOAD:
		return format_load(record, text, size);
	case CW_RECORD_MODE:
		return format_mode(record, text, size);
	}
	return -EINVAL;
}

int cw_record_write(int fd, const struct cw_record *record)
{
	int type = record->kind == CW_RECORD_LOAD ? AUDIT_USER_MAC_POLICY_LOAD
						  : AUDIT_USER_MAC_STATUS;
	char text[TEXT_MAX];

	if (cw_record_format(record, text, sizeof(text)))
		return 0;
	return audit_log_user_message(fd, type, text, NULL, NULL, NULL,
				      record->success);
}

int cw_record_open(int *fd)
{
	*fd = audit_open();
	if (*fd >= 0)
		return 0;
	if (errno == EINVAL || errno == EPROTONOSUPPORT ||
	    errno == EAFNOSUPPORT)
		return -ENOTSUP;
	return -errno;
}

/* Zero is a failure too: libaudit says so when it hides a missing right. */
static void run(struct cw_job *job)
{
	struct record_job *self = (struct record_job *)job;
	struct cw_recorder *recorder = self->recorder;

	self->written = recorder->fd >= 0 &&
			recorder->writer(recorder->fd, &self->record) > 0;
}

static void done(struct cw_job *job)
{
	struct record_job *self = (struct record_job *)job;
	struct cw_recorder *recorder = self->recorder;

	if (self->written) {
		recorder->written++;
	} else {
		/* Once, and not at all where there is no audit to fail. */
		if (!recorder->failed++ && recorder->fd >= 0)
			log_error("an audit record could not be written; "
				  "policyctl status counts them");
	}
	free(self);
}

int cw_recorder_new(struct cw_recorder **out, sd_event *event, int fd,
		    cw_record_writer writer)
{
	struct cw_recorder *recorder = calloc(1, sizeof(*recorder));
	int ret;

	if (!recorder)
		return -ENOMEM;
	recorder->fd = fd;
	recorder->writer = writer;
	ret = cw_worker_new(&recorder->worker, event, QUEUE_LIMIT);
	if (ret) {
		free(recorder);
		return ret;
	}
	*out = recorder;
	return 0;
}

void cw_recorder_free(struct cw_recorder *recorder)
{
	if (!recorder)
		return;
	cw_worker_free(recorder->worker);
	if (recorder->fd >= 0)
		audit_close(recorder->fd);
	free(recorder);
}

void cw_recorder_add(struct cw_recorder *recorder,
		     const struct cw_record *record)
{
	struct record_job *self = malloc(sizeof(*self));

	if (self) {
		self->job.run = run;
		self->job.done = done;
		self->recorder = recorder;
		self->record = *record;
	}
	if (!self || cw_worker_add(recorder->worker, &self->job)) {
		if (!recorder->dropped++)
			log_error("audit is too slow: records are dropped; "
				  "policyctl status counts them");
		free(self);
	}
}

void cw_recorder_status(const struct cw_recorder *recorder,
			struct cw_message *message)
{
	bool has_failed = recorder->fd < 0 && recorder->fd != -1 &&
			  recorder->fd != -ENOTSUP;

	if (has_failed)
		cw_message_add(message, CW_KEY_AUDIT, "off: audit cannot be "
			       "opened: %s", strerror(-recorder->fd));
	else
		cw_message_add(message, CW_KEY_AUDIT, "%s", recorder->fd >= 0
			       ? "on" : "off: this kernel has no audit");
	cw_message_add(message, CW_KEY_RECORDS_WRITTEN, "%llu",
		       (unsigned long long)recorder->written);
	cw_message_add(message, CW_KEY_RECORDS_FAILED, "%llu",
		       (unsigned long long)recorder->failed);
	cw_message_add(message, CW_KEY_RECORDS_DROPPED, "%llu",
		       (unsigned long long)recorder->dropped);
}
