// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the configured rules cannot be loaded at the start: what the kernel has
 * stays, else the last good policy is in force, and the rules are tried again
 * and again.
 */
#include <errno.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "policyd.h"

/* Between attempts to load the configured rules. */
#define RETRY_MAX	60		/* s */

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

static int try_again(sd_event_source *source, uint64_t usec, void *data);

/* A user of a directory service may be there in a second, or in an hour. */
static void retry_later(struct cw_server *server)
{
	server->retry_seconds = server->retry_seconds
		? 2 * server->retry_seconds : 1;
	if (server->retry_seconds > RETRY_MAX)
		server->retry_seconds = RETRY_MAX;
	cw_force_timer(server, &server->retry_timer, server->retry_seconds,
		       try_again);
}

static void give_up_for_now(struct cw_server *server)
{
	server->in_force = CW_IN_FORCE_NOTHING;
	if (cw_force_is_missing(server) && !server->has_cried) {
		server->has_cried = true;
		log_critical("NOT ENFORCING: nothing is refused, because %s "
			     "cannot be loaded and there is no last good "
			     "policy; policyd tries again", server->rules_file);
		cw_force_record_mode(server, CW_AUID_UNSET, CW_MODE_ENFORCE,
				     CW_MODE_MONITOR, -ENODATA);
	}
	cw_server_tell(server);
	tell_ready(server);
	retry_later(server);
	cw_force_reload(server);
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
		.file = file, .configured = file,
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
	cw_force_record_load(server, CW_AUID_UNSET, result);
	log_error("the last good policy %s cannot be had: %s", result->file,
		  result->message);
	cw_force_log(result->diagnostics);
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
	cw_force_record_load(server, CW_AUID_UNSET, result);
	server->in_force = CW_IN_FORCE_LAST_GOOD;
	log_error("%s: %s: this is the last good policy, because %s cannot be "
		  "loaded; its users, groups and digests are those of the day "
		  "on which it was stored", result->file, result->message,
		  server->rules_file);
	cw_force_enforce(server, CW_AUID_UNSET, result, CW_IN_FORCE_LAST_GOOD);
	snprintf(server->last_message, sizeof(server->last_message),
		 "%.400s; the last good policy is in force", server->why);
	cw_server_tell(server);
	tell_ready(server);
	retry_later(server);
	cw_force_reload(server);
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
		cw_force_store(server);
		cw_force_reload(server);
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
	if (server->in_force != CW_IN_FORCE_NOTHING ||
	    cw_loader_is_busy(server->loader)) {
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
		cw_force_log(result->diagnostics);
		cw_server_note_load(server, CW_AUID_UNSET, result);
	}
	go_on(server);
}

static int load_configured(struct cw_server *server, cw_load_done done)
{
	const struct cw_load_order order = {
		.file = server->rules_file, .configured = server->rules_file,
		.is_stored = true,
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

/* A SIGHUP that came meanwhile has to wait until something is in force. */
static void reloaded(void *data, const struct cw_load_result *result)
{
	struct cw_server *server = data;
	bool must_recover = result->reason[0] && server->is_recovering &&
			    !server->ready;
	bool again = server->reload_again;

	cw_force_log(result->diagnostics);
	if (must_recover) {
		is_news(server, result->message);
		server->reload_again = false;
	}
	cw_server_note_load(server, CW_AUID_UNSET, result);
	if (must_recover) {
		server->reload_again = again;
		recover(server);
	} else {
		tell_ready(server);
	}
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
	cw_force_stop(server);
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
		cw_force_due(server);
	server->is_recovering = true;
	cw_server_reload(server);
}
