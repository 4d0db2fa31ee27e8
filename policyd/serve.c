// SPDX-License-Identifier: GPL-2.0-only
/* What each command does, and what is told to audit and log about it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "policyd.h"
#include "../history/history.h"

/* Diagnostics in the log of the daemon; the rest is for policyctl check. */
#define LOGGED_LINES	60

/* A load that a client waits for; the client may have gone by the end. */
struct asked_load {
	struct cw_server *server;
	struct cw_client *client;
	uint32_t auid;
};

static void reply(struct cw_client *client, enum cw_command command,
		  enum cw_result result, const char *message)
{
	struct cw_message answer;

	cw_message_init(&answer, command, result);
	cw_message_add(&answer, CW_KEY_MESSAGE, "%s", message);
	cw_client_reply(client, &answer, -1);
}

/* ---- mode --------------------------------------------------------------- */

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

/* What came of it is told in @message too. */
static int change_mode(struct cw_server *server, uint32_t auid,
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

/* ---- load --------------------------------------------------------------- */

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
	if (failed)
		log_error("%s not loaded, the policy in force stays: %s",
			  result->file, result->message);
	else
		log_info("%s: %s", result->file, result->message);
	sd_notifyf(0, "STATUS=%s%s", failed ? "last load failed: " : "",
		   result->message);
}

static bool is_rules_file(const struct cw_server *server, const char *file)
{
	struct stat own, other;

	return !strcmp(file, server->rules_file) ||
	       (!stat(server->rules_file, &own) && !stat(file, &other) &&
		own.st_dev == other.st_dev && own.st_ino == other.st_ino);
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
			  const struct cw_load_result *result)
{
	char message[400];
	int ret;

	/* It had a policy, and has none: the module was loaded anew. */
	if (server->had_policy && !result->old_generation)
		make_enforce_due(server);
	server->had_policy = true;
	if (!server->enforce_due || !is_rules_file(server, result->file))
		return 0;
	ret = change_mode(server, auid, CW_MODE_ENFORCE, message,
			  sizeof(message));
	server->enforce_due = ret;
	snprintf(server->last_message, sizeof(server->last_message), "%.300s; %s%.180s",
		 result->message, ret ? "not enforced: " : "", message);
	sd_notifyf(0, "STATUS=%s", server->last_message);
	return ret;
}

/* The end of every load, whoever wanted it; last_message says more. */
static enum cw_result note_load(struct cw_server *server, uint32_t auid,
				const struct cw_load_result *result)
{
	enum cw_result outcome = CW_RESULT_FAILED;

	record_load(server, auid, result);
	remember_load(server, result);
	if (!result->reason[0])
		outcome = enforce_if_due(server, auid, result) ?
			  CW_RESULT_PARTLY : CW_RESULT_OK;
	if (outcome == CW_RESULT_PARTLY)
		strcpy(server->last_load, "failed");
	if (server->reload_again) {
		server->reload_again = false;
		cw_server_reload(server);
	}
	return outcome;
}

static void answer_load(void *data, const struct cw_load_result *result)
{
	struct asked_load *asked = data;
	struct cw_server *server = asked->server;
	struct cw_message answer;

	cw_message_init(&answer, CW_COMMAND_LOAD,
			note_load(server, asked->auid, result));
	cw_message_add(&answer, CW_KEY_MESSAGE, "%s", server->last_message);
	cw_message_add(&answer, CW_KEY_GENERATION, "%llu",
		       (unsigned long long)result->generation);
	cw_message_add(&answer, CW_KEY_RULES, "%u", result->rules);
	cw_message_add(&answer, CW_KEY_SHA256, "%s",
		       result->sha256[0] ? result->sha256 : "-");
	cw_message_add(&answer, CW_KEY_ERRORS, "%u", result->errors);
	cw_message_add(&answer, CW_KEY_WARNINGS, "%u", result->warnings);
	cw_message_add(&answer, CW_KEY_FILE, "%s", result->file);
	cw_client_reply(asked->client, &answer, result->diagnostics);
	free(asked);
}

static enum cw_result start_asked(struct asked_load *asked, const char *file)
{
	switch (cw_loader_start(asked->server->loader, file, answer_load,
				asked)) {
	case 0:
		return CW_RESULT_OK;
	case -EBUSY:
		return CW_RESULT_BUSY;
	}
	return CW_RESULT_FAILED;
}

static void start_load(struct cw_server *server, struct cw_client *client,
		       const char *file)
{
	struct asked_load *asked = malloc(sizeof(*asked));
	enum cw_result result = CW_RESULT_FAILED;

	if (asked) {
		asked->server = server;
		asked->client = client;
		asked->auid = cw_client_peer(client)->auid;
		result = start_asked(asked, file);
	}
	if (result == CW_RESULT_OK)
		return;
	free(asked);
	reply(client, CW_COMMAND_LOAD, result, result == CW_RESULT_BUSY
	      ? "another load is under way" : "policyd is out of memory");
}

static void handle_load(struct cw_server *server, struct cw_client *client,
			const struct cw_message *command)
{
	char file[CW_PATH_MAX];

	if (!command->length)
		start_load(server, client, server->rules_file);
	else if (cw_pair_get(command->text, CW_KEY_FILE, file, sizeof(file)) &&
		 file[0] == '/')
		start_load(server, client, file);
	else
		reply(client, CW_COMMAND_LOAD, CW_RESULT_INVALID,
		      "the file must be an absolute path");
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

/* systemd is told when the first load has ended, well or not: what comes
 * after policyd in the boot must find the policy in force. */
static void tell_ready(struct cw_server *server)
{
	if (server->ready)
		return;
	server->ready = true;
	sd_notify(0, "READY=1");
}

static void reloaded(void *data, const struct cw_load_result *result)
{
	struct cw_server *server = data;

	log_diagnostics(result->diagnostics);
	note_load(server, CW_AUID_UNSET, result);
	tell_ready(server);
}

void cw_server_reload(struct cw_server *server)
{
	int ret;

	if (access(server->rules_file, F_OK) && errno == ENOENT) {
		log_warn("%s does not exist: no policy loaded from it",
			 server->rules_file);
		tell_ready(server);
		return;
	}
	ret = cw_loader_start(server->loader, server->rules_file, reloaded,
			      server);
	if (ret == -EBUSY) {
		server->reload_again = true;
	} else if (ret) {
		log_error("cannot load %s: %s", server->rules_file,
			  strerror(-ret));
		tell_ready(server);
	}
}

void cw_server_start(struct cw_server *server)
{
	struct cw_kernel_status status;

	server->had_policy = !cw_kernel_status(server->securityfs, &status) &&
			     status.generation;
	if (!server->had_policy)
		make_enforce_due(server);
	cw_server_reload(server);
}

/* ---- mode, asked for ----------------------------------------------------- */

static void set_mode(struct cw_server *server, struct cw_client *client,
		     enum cw_mode mode)
{
	uint32_t auid = cw_client_peer(client)->auid;
	char message[400];
	int ret = change_mode(server, auid, mode, message, sizeof(message));

	if (!ret)
		server->enforce_due = false;
	reply(client, CW_COMMAND_MODE, ret ? CW_RESULT_FAILED : CW_RESULT_OK,
	      message);
}

static void handle_mode(struct cw_server *server, struct cw_client *client,
			const struct cw_message *command)
{
	enum cw_mode mode;
	char word[16];

	if (cw_pair_get(command->text, CW_KEY_MODE, word, sizeof(word)) &&
	    cw_mode_parse(word, &mode))
		set_mode(server, client, mode);
	else
		reply(client, CW_COMMAND_MODE, CW_RESULT_INVALID,
		      "the mode must be enforce or monitor");
}

/* ---- status ------------------------------------------------------------- */

static void handle_status(struct cw_server *server, struct cw_client *client)
{
	struct timespec now;
	struct cw_message answer;

	clock_gettime(CLOCK_MONOTONIC, &now);
	cw_message_init(&answer, CW_COMMAND_STATUS, CW_RESULT_OK);
	cw_message_add(&answer, CW_KEY_VERSION, "%s", CW_VERSION);
	cw_message_add(&answer, CW_KEY_PID, "%d", getpid());
	cw_message_add(&answer, CW_KEY_UPTIME, "%lld",
		       (long long)(now.tv_sec - server->started));
	cw_message_add(&answer, CW_KEY_LOADING, "%s",
		       cw_loader_is_busy(server->loader) ? "yes" : "no");
	cw_message_add(&answer, CW_KEY_LAST_LOAD, "%s", server->last_load);
	cw_message_add(&answer, CW_KEY_BOOT_MODE, "%s",
		       cw_mode_name(server->boot_mode));
	cw_recorder_status(server->recorder, &answer);
	cw_historian_status(server->historian, &answer);
	/* Long ones last: they are what may not fit. */
	cw_message_add(&answer, CW_KEY_LAST_MESSAGE, "%s",
		       server->last_message);
	cw_message_add(&answer, CW_KEY_RULES_FILE, "%s", server->rules_file);
	cw_message_add(&answer, CW_KEY_LAST_FILE, "%s", server->last_file);
	cw_client_reply(client, &answer, -1);
}

/* ---- all ---------------------------------------------------------------- */

static bool may_command(const struct cw_peer *peer)
{
	return peer->uid == 0 || peer->uid == geteuid();
}

/* Attempts to change something are recorded even if they go no further. */
static void refuse(struct cw_server *server, struct cw_client *client,
		   const struct cw_message *command)
{
	const struct cw_peer *peer = cw_client_peer(client);
	struct cw_record record = {
		.auid = peer->auid,
		.reason = "not-root",
	};
	struct cw_kernel_status status;
	char word[16];

	log_warn("process %d of uid %u may not use the control socket",
		 peer->pid, peer->uid);
	if (command->command == CW_COMMAND_LOAD) {
		record.kind = CW_RECORD_LOAD;
		cw_pair_get(command->text, CW_KEY_FILE, record.file,
			    sizeof(record.file));
		cw_recorder_add(server->recorder, &record);
	} else if (command->command == CW_COMMAND_MODE) {
		record.kind = CW_RECORD_MODE;
		if (cw_pair_get(command->text, CW_KEY_MODE, word, sizeof(word)))
			cw_mode_parse(word, &record.mode);
		if (!cw_kernel_status(server->securityfs, &status))
			record.old_mode = status.mode;
		cw_recorder_add(server->recorder, &record);
	}
	reply(client, command->command, CW_RESULT_REFUSED,
	      "only root may use the control socket");
}

void cw_server_handle(void *data, struct cw_client *client,
		      const struct cw_message *command)
{
	struct cw_server *server = data;

	if (!may_command(cw_client_peer(client))) {
		refuse(server, client, command);
		return;
	}
	switch (command->command) {
	case CW_COMMAND_STATUS:
		handle_status(server, client);
		return;
	case CW_COMMAND_LOAD:
		handle_load(server, client, command);
		return;
	case CW_COMMAND_MODE:
		handle_mode(server, client, command);
		return;
	case CW_COMMAND_COUNT:
		break;
	}
	reply(client, command->command, CW_RESULT_INVALID,
	      "policyd does not know this command");
}
