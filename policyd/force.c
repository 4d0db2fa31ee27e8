// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in force, and what is done so that something is: the configured rules,
 * else the last good policy, while the configured rules are tried again and
 * again.  What comes of each attempt is told to audit, log and systemd.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "policyd.h"

/* Diagnostics in the log of the daemon; the rest is for policyctl check. */
#define LOGGED_LINES	60
#define SECOND		1000000ull	/* usec */
/* Between attempts to load the configured rules, or to store a policy. */
#define RETRY_MAX	60		/* s */

/* ---- audit --------------------------------------------------------------- */

static void record_mode(struct cw_server *server, uint32_t auid,
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

static void record_load(struct cw_server *server, uint32_t auid,
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
	record_mode(server, auid, mode, status.mode, ret);
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
static void make_enforce_due(struct cw_server *server)
{
	server->enforce_due = server->boot_mode == CW_MODE_ENFORCE;
}

/*
 * After a load that went well.  What comes of it is added to the message; when
 * it fails it is due again at the next load.
 */
static int enforce_if_due(struct cw_server *server, uint32_t auid,
			  const struct cw_load_result *result,
			  enum cw_in_force what)
{
	char message[400];
	int ret;

	/* It had a policy, and has none: the module was loaded anew. */
	if (server->had_policy && !result->old_generation)
		make_enforce_due(server);
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
static bool is_unprotected(const struct cw_server *server)
{
	return server->enforce_due && server->in_force == CW_IN_FORCE_NOTHING;
}

void cw_server_tell(struct cw_server *server)
{
	const char *failed = strcmp(server->last_load, "failed")
			     ? "" : "last load failed: ";

	if (is_unprotected(server))
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

static void log_diagnostics(int fd)
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

static void set_timer(struct cw_server *server, sd_event_source **timer,
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
		set_timer(server, &server->store_timer, RETRY_MAX, store_again);
	else
		server->store_timer =
			sd_event_source_disable_unref(server->store_timer);
}

static void reload_if_wanted(struct cw_server *server)
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
	reload_if_wanted(server);
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

static void store_in_force(struct cw_server *server)
{
	const char *slot = slot_of(server->in_force);

	if (slot && cw_loader_keep(server->loader, slot, stored, server))
		set_timer(server, &server->store_timer, RETRY_MAX, store_again);
}

static int store_again(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source;
	(void)usec;
	store_in_force(data);
	return 0;
}

/* ---- the end of a load ----------------------------------------------------- */

bool cw_server_is_configured(const struct cw_server *server, const char *file)
{
	struct stat own, other;

	return !strcmp(file, server->rules_file) ||
	       (!stat(server->rules_file, &own) && !stat(file, &other) &&
		own.st_dev == other.st_dev && own.st_ino == other.st_ino);
}

static int try_again(sd_event_source *source, uint64_t usec, void *data);

/* An administrator's load counts as well: what he wants is in force. */
static void stop_recovery(struct cw_server *server)
{
	server->is_recovering = false;
	server->why[0] = 0;
	server->retry_timer =
		sd_event_source_disable_unref(server->retry_timer);
}

static enum cw_result conclude(struct cw_server *server, uint32_t auid,
			       const struct cw_load_result *result,
			       enum cw_in_force what)
{
	enum cw_result outcome = CW_RESULT_OK;

	record_load(server, auid, result);
	remember_load(server, result);
	if (result->reason[0]) {
		outcome = CW_RESULT_FAILED;
		if (!result->generation)
			server->in_force = CW_IN_FORCE_NOTHING;
	} else {
		server->in_force = what;
		note_store(server, result);
		if (enforce_if_due(server, auid, result, what)) {
			outcome = CW_RESULT_PARTLY;
			strcpy(server->last_load, "failed");
		}
	}
	return outcome;
}

enum cw_result cw_server_note_load(struct cw_server *server, uint32_t auid,
				   const struct cw_load_result *result)
{
	bool is_configured = cw_server_is_configured(server, result->file);
	enum cw_result outcome = conclude(server, auid, result, is_configured
					  ? CW_IN_FORCE_CONFIGURED
					  : CW_IN_FORCE_OTHER);

	if (!result->reason[0])
		stop_recovery(server);
	cw_server_tell(server);
	reload_if_wanted(server);
	return outcome;
}

/* ---- recovery --------------------------------------------------------------- */

/* systemd is told when the first load has ended, well or not: what comes
 * after policyd in the boot must find the policy in force. */
static void tell_ready(struct cw_server *server)
{
	if (server->ready)
		return;
	server->ready = true;
	sd_notify(0, "READY=1");
}

/* A user of a directory service may be there in a second, or in an hour. */
static void retry_later(struct cw_server *server)
{
	server->retry_seconds = server->retry_seconds
		? 2 * server->retry_seconds : 1;
	if (server->retry_seconds > RETRY_MAX)
		server->retry_seconds = RETRY_MAX;
	set_timer(server, &server->retry_timer, server->retry_seconds,
		  try_again);
}

static void give_up_for_now(struct cw_server *server)
{
	server->in_force = CW_IN_FORCE_NOTHING;
	if (is_unprotected(server) && !server->has_cried) {
		server->has_cried = true;
		log_critical("NOT ENFORCING: nothing is refused, because %s "
			     "cannot be loaded and there is no last good "
			     "policy; policyd tries again", server->rules_file);
		record_mode(server, CW_AUID_UNSET, CW_MODE_ENFORCE,
			    CW_MODE_MONITOR, -ENODATA);
	}
	cw_server_tell(server);
	tell_ready(server);
	retry_later(server);
	reload_if_wanted(server);
}

/* In this order.  The text is for a module or a policyd that has another format
 * than the one that stored it. */
static const char *const fallbacks[] = {
	CW_LAST_GOOD, CW_LAST_GOOD CW_LAST_GOOD_TEXT,
	CW_LAST_GOOD_OTHER, CW_LAST_GOOD_OTHER CW_LAST_GOOD_TEXT,
};

static void fell_back(void *data, const struct cw_load_result *result);

static int start_fallback(struct cw_server *server, const char *name)
{
	char file[CW_PATH_MAX];
	const struct cw_load_order order = {
		.file = file, .trust = CW_TRUST_REFUSE,
	};

	if (!strchr(name, '.'))
		return cw_loader_restore(server->loader, name, fell_back,
					 server);
	snprintf(file, sizeof(file), "%s/%s", server->state_dir, name);
	return cw_loader_start(server->loader, &order, fell_back, server);
}

/* Those that are not there are passed over in silence. */
static void fall_back(struct cw_server *server)
{
	time_t when;

	while (server->fallback < sizeof(fallbacks) / sizeof(*fallbacks)) {
		const char *name = fallbacks[server->fallback++];

		if (cw_last_good_time(server->state_dir, name, &when) &&
		    !start_fallback(server, name)) {
			server->stored_at = when;
			return;
		}
	}
	give_up_for_now(server);
}

/* The same failure is told once. */
static void note_no_fallback(struct cw_server *server,
			     const struct cw_load_result *result)
{
	char message[sizeof(server->fallback_message)];

	snprintf(message, sizeof(message), "%.100s: %.400s", result->reason,
		 result->message);
	if (!strcmp(message, server->fallback_message))
		return;
	strcpy(server->fallback_message, message);
	record_load(server, CW_AUID_UNSET, result);
	log_error("the last good policy %s cannot be had: %s", result->file,
		  result->message);
	log_diagnostics(result->diagnostics);
}

/* last_load and its message go on telling why it came to this. */
static void fell_back(void *data, const struct cw_load_result *result)
{
	struct cw_server *server = data;

	if (result->reason[0]) {
		note_no_fallback(server, result);
		fall_back(server);
		return;
	}
	record_load(server, CW_AUID_UNSET, result);
	server->in_force = CW_IN_FORCE_LAST_GOOD;
	log_error("%s: %s: this is the last good policy, because %s cannot be "
		  "loaded; its users, groups and digests are those of the day "
		  "on which it was stored", result->file, result->message,
		  server->rules_file);
	enforce_if_due(server, CW_AUID_UNSET, result, CW_IN_FORCE_LAST_GOOD);
	snprintf(server->last_message, sizeof(server->last_message),
		 "%.400s; the last good policy is in force", server->why);
	cw_server_tell(server);
	tell_ready(server);
	retry_later(server);
	reload_if_wanted(server);
}

/* The first load since the start has failed. */
static void recover(struct cw_server *server)
{
	struct cw_kernel_status status;

	if (!cw_kernel_status(server->securityfs, &status) &&
	    status.generation) {
		server->in_force = CW_IN_FORCE_KEPT;
		cw_server_tell(server);
		tell_ready(server);
		retry_later(server);
		store_in_force(server);
		return;
	}
	server->fallback = 0;
	fall_back(server);
}

/* Whether this failure is another one than the last. */
static bool is_news(struct cw_server *server, const char *why)
{
	if (!strcmp(server->why, why))
		return false;
	snprintf(server->why, sizeof(server->why), "%s", why);
	server->has_cried = false;
	return true;
}

/* A host may have no rules yet; that is no load that failed. */
static bool is_missing(struct cw_server *server)
{
	char why[sizeof(server->why)];

	if (!access(server->rules_file, F_OK) || errno != ENOENT)
		return false;
	snprintf(why, sizeof(why), "%s does not exist", server->rules_file);
	if (is_news(server, why)) {
		log_warn("%s: no policy loaded from it", why);
		snprintf(server->last_message, sizeof(server->last_message),
			 "%s", why);
	}
	return true;
}

/* Still not.  What can be fallen back to may be there only now. */
static void go_on(struct cw_server *server)
{
	if (server->in_force != CW_IN_FORCE_NOTHING) {
		retry_later(server);
		return;
	}
	server->fallback = 0;
	fall_back(server);
}

static void tried_again(void *data, const struct cw_load_result *result)
{
	struct cw_server *server = data;

	if (!result->reason[0]) {
		log_info("the configured rules can be loaded again");
		cw_server_note_load(server, CW_AUID_UNSET, result);
		return;
	}
	if (is_news(server, result->message)) {
		log_diagnostics(result->diagnostics);
		cw_server_note_load(server, CW_AUID_UNSET, result);
	}
	go_on(server);
}

static int load_configured(struct cw_server *server, cw_load_done done)
{
	const struct cw_load_order order = {
		.file = server->rules_file, .slot = CW_LAST_GOOD,
		.trust = CW_TRUST_REFUSE,
	};

	return cw_loader_start(server->loader, &order, done, server);
}

static int try_again(sd_event_source *source, uint64_t usec, void *data)
{
	struct cw_server *server = data;

	(void)source;
	(void)usec;
	if (!server->is_recovering)
		return 0;
	if (cw_loader_is_busy(server->loader))
		retry_later(server);
	else if (is_missing(server) || load_configured(server, tried_again))
		go_on(server);
	return 0;
}

/* ---- loads that policyd wants ------------------------------------------------ */

static void reloaded(void *data, const struct cw_load_result *result)
{
	struct cw_server *server = data;
	bool must_recover = result->reason[0] && server->is_recovering &&
			    !server->ready;

	log_diagnostics(result->diagnostics);
	if (must_recover)
		is_news(server, result->message);
	cw_server_note_load(server, CW_AUID_UNSET, result);
	if (must_recover)
		recover(server);
	else
		tell_ready(server);
}

void cw_server_reload(struct cw_server *server)
{
	int ret = is_missing(server) ? -ENOENT
				     : load_configured(server, reloaded);

	if (ret == -EBUSY) {
		server->reload_again = true;
		return;
	}
	if (ret && ret != -ENOENT)
		log_error("cannot load %s: %s", server->rules_file,
			  strerror(-ret));
	if (ret && server->is_recovering && !server->ready)
		recover(server);
}

void cw_server_stop(struct cw_server *server)
{
	server->reload_again = false;
	stop_recovery(server);
	server->store_timer = sd_event_source_disable_unref(server->store_timer);
}

void cw_server_start(struct cw_server *server)
{
	struct cw_kernel_status status;

	server->had_policy = !cw_kernel_status(server->securityfs, &status) &&
			     status.generation;
	server->in_force = server->had_policy ? CW_IN_FORCE_KEPT
					      : CW_IN_FORCE_NOTHING;
	if (!server->had_policy)
		make_enforce_due(server);
	server->is_recovering = true;
	cw_server_reload(server);
}
