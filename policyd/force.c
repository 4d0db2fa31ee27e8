// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in force: the end of every load, which is told to audit, log and
 * systemd, the mode that goes with it, and the copy on disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "policyd.h"

/* Diagnostics in the log of the daemon; the rest is for policyctl check. */
#define LOGGED_LINES	60
#define SECOND		1000000ull	/* usec */
/* Between attempts to store a policy. */
#define STORE_AGAIN	60		/* s */

/* ---- audit --------------------------------------------------------------- */

void cw_force_record_mode(struct cw_server *server, uint32_t auid,
			  enum cw_mode mode, enum cw_mode old, int error)
{
	struct cw_record record = {
		.kind = CW_RECORD_MODE,
		.success = !error,
		.auid = auid,
		.mode = mode,
		.old_mode = old,
	};

	if (error)
		snprintf(record.reason, sizeof(record.reason), "%s",
			 strerrorname_np(-error) ?: "kernel");
	cw_recorder_add(server->recorder, &record);
}

void cw_force_record_load(struct cw_server *server, uint32_t auid,
			  const struct cw_load_result *result)
{
	struct cw_record record = {
		.kind = CW_RECORD_LOAD,
		.success = !result->reason[0],
		.auid = auid,
		.generation = result->generation,
		.old_generation = result->old_generation,
		.rules = result->rules,
	};

	snprintf(record.reason, sizeof(record.reason), "%s", result->reason);
	snprintf(record.sha256, sizeof(record.sha256), "%s", result->sha256);
	snprintf(record.file, sizeof(record.file), "%s", result->file);
	cw_recorder_add(server->recorder, &record);
}

/* ---- mode ---------------------------------------------------------------- */

int cw_server_set_mode(struct cw_server *server, uint32_t auid,
		       enum cw_mode mode, char *message, size_t room)
{
	struct cw_kernel_status status = { .mode = CW_MODE_MONITOR };
	int ret = cw_kernel_status(server->securityfs, &status);

	if (!ret)
		ret = cw_kernel_set_mode(server->securityfs, mode);
	cw_force_record_mode(server, auid, mode, status.mode, ret);
	if (ret) {
		cw_kernel_explain(ret, CW_FILE_MODE, 0, message, room);
		log_error("mode %s refused: %s", cw_mode_name(mode), message);
	} else {
		snprintf(message, room, "mode is %s, was %s",
			 cw_mode_name(mode), cw_mode_name(status.mode));
		log_info("%s", message);
	}
	return ret;
}

/* --enforce: not when an administrator may have set the mode before. */
void cw_force_due(struct cw_server *server)
{
	server->enforce_due = server->boot_mode == CW_MODE_ENFORCE;
}

/*
 * After a load that went well.  What comes of it is added to the message; when
 * it fails it is due again at the next load.
 */
int cw_force_enforce(struct cw_server *server, uint32_t auid,
		     const struct cw_load_result *result,
		     enum cw_in_force what)
{
	char message[400];
	int ret;

	/* It had a policy, and has none: the module was loaded anew. */
	if (server->had_policy && !result->old_generation)
		cw_force_due(server);
	server->had_policy = true;
	if (!server->enforce_due || what == CW_IN_FORCE_OTHER)
		return 0;
	ret = cw_server_set_mode(server, auid, CW_MODE_ENFORCE, message,
				 sizeof(message));
	server->enforce_due = ret;
	snprintf(server->last_message, sizeof(server->last_message),
		 "%.300s; %s%.180s", result->message,
		 ret ? "not enforced: " : "", message);
	return ret;
}

/* ---- what is told --------------------------------------------------------- */

/* Of what policyd is there for, the worst that can be said. */
bool cw_force_is_missing(const struct cw_server *server)
{
	return server->enforce_due && server->in_force == CW_IN_FORCE_NOTHING;
}

void cw_server_tell(struct cw_server *server)
{
	const char *failed = strcmp(server->last_load, "failed")
			     ? "" : "last load failed: ";

	if (cw_force_is_missing(server))
		sd_notifyf(0, "STATUS=NOT ENFORCING, nothing is refused: there "
			   "is no policy; %.400s", server->last_message);
	else if (server->is_recovering &&
		 server->in_force == CW_IN_FORCE_LAST_GOOD)
		sd_notifyf(0, "STATUS=The last good policy is in force, the "
			   "configured rules cannot be loaded: %.300s",
			   server->why);
	else if (server->is_recovering && server->in_force == CW_IN_FORCE_KEPT)
		sd_notifyf(0, "STATUS=The policy of before is in force, the "
			   "configured rules cannot be loaded: %.300s",
			   server->why);
	else
		sd_notifyf(0, "STATUS=%s%.400s", failed, server->last_message);
}

static void remember_load(struct cw_server *server,
			  const struct cw_load_result *result)
{
	bool failed = result->reason[0];

	snprintf(server->last_load, sizeof(server->last_load), "%s",
		 failed ? "failed" : "ok");
	snprintf(server->last_file, sizeof(server->last_file), "%s",
		 result->file);
	snprintf(server->last_message, sizeof(server->last_message), "%s",
		 result->message);
	if (!failed)
		log_info("%s: %s", result->file, result->message);
	else if (result->generation)
		log_error("%s not loaded, the policy in force stays: %s",
			  result->file, result->message);
	else
		log_error("%s not loaded, and no policy is in force: %s",
			  result->file, result->message);
}

void cw_force_log(int fd)
{
	unsigned lines = 0;
	size_t room = 0;
	char *line = NULL;
	FILE *file;

	fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file) {
		if (fd >= 0)
			close(fd);
		return;
	}
	rewind(file);
	while (lines < LOGGED_LINES && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = 0;
		log_warn("%s", line);
		lines++;
	}
	if (lines == LOGGED_LINES)
		log_warn("... policyctl check shows all of it");
	free(line);
	fclose(file);
}

/* ---- timers --------------------------------------------------------------- */

void cw_force_timer(struct cw_server *server, sd_event_source **timer,
		    uint64_t seconds, sd_event_time_handler_t handler)
{
	int ret;

	*timer = sd_event_source_disable_unref(*timer);
	ret = sd_event_add_time_relative(server->event, timer, CLOCK_BOOTTIME,
					 seconds * SECOND, SECOND / 10, handler,
					 server);
	if (ret < 0)
		log_error("cannot try again later: %s", strerror(-ret));
}

/* ---- the last good policy, stored ------------------------------------------ */

static int store_again(sd_event_source *source, uint64_t usec, void *data);

static void note_store(struct cw_server *server,
		       const struct cw_load_result *result)
{
	bool failed = result->store_message[0];

	if (!failed && !result->is_stored)
		return;
	if (failed && strcmp(server->store_message, result->store_message))
		log_error("the policy in force cannot be stored for a boot "
			  "without good rules: %s", result->store_message);
	else if (!failed && server->store_message[0])
		log_info("the policy in force is stored again");
	snprintf(server->store_message, sizeof(server->store_message), "%s",
		 result->store_message);
	if (failed)
		cw_force_timer(server, &server->store_timer, STORE_AGAIN,
			       store_again);
	else
		server->store_timer =
			sd_event_source_disable_unref(server->store_timer);
}

void cw_force_reload(struct cw_server *server)
{
	if (!server->reload_again)
		return;
	server->reload_again = false;
	cw_server_reload(server);
}

static void stored(void *data, const struct cw_load_result *result)
{
	struct cw_server *server = data;

	note_store(server, result);
	cw_force_reload(server);
}

/* The slot that what is in force belongs to; NULL = it is there already. */
static const char *slot_of(enum cw_in_force what)
{
	switch (what) {
	case CW_IN_FORCE_CONFIGURED:
		return CW_LAST_GOOD;
	case CW_IN_FORCE_KEPT:
	case CW_IN_FORCE_OTHER:
		return CW_LAST_GOOD_OTHER;
	case CW_IN_FORCE_LAST_GOOD:
	case CW_IN_FORCE_NOTHING:
		break;
	}
	return NULL;
}

void cw_force_store(struct cw_server *server)
{
	const char *slot = slot_of(server->in_force);

	if (slot && cw_loader_keep(server->loader, slot, stored, server))
		cw_force_timer(server, &server->store_timer, STORE_AGAIN,
			       store_again);
}

static int store_again(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source;
	(void)usec;
	cw_force_store(data);
	return 0;
}

/* ---- the end of a load ----------------------------------------------------- */

/* An administrator's load counts as well: what he wants is in force. */
void cw_force_stop(struct cw_server *server)
{
	server->is_recovering = false;
	server->why[0] = 0;
	server->retry_timer =
		sd_event_source_disable_unref(server->retry_timer);
}

enum cw_result cw_server_note_load(struct cw_server *server, uint32_t auid,
				   const struct cw_load_result *result)
{
	enum cw_in_force what = result->is_configured ? CW_IN_FORCE_CONFIGURED
						      : CW_IN_FORCE_OTHER;
	enum cw_result outcome = CW_RESULT_OK;

	cw_force_record_load(server, auid, result);
	remember_load(server, result);
	if (result->reason[0]) {
		outcome = CW_RESULT_FAILED;
		if (!result->generation)
			server->in_force = CW_IN_FORCE_NOTHING;
	} else {
		server->in_force = what;
		note_store(server, result);
		cw_force_stop(server);
		if (cw_force_enforce(server, auid, result, what)) {
			outcome = CW_RESULT_PARTLY;
			strcpy(server->last_load, "failed");
		}
	}
	cw_server_tell(server);
	cw_force_reload(server);
	return outcome;
}
