// SPDX-License-Identifier: GPL-2.0-only
/* What each command does. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policyd.h"
#include "history/history.h"

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

/* ---- load --------------------------------------------------------------- */

static void answer_load(void *data, const struct cw_load_result *result)
{
	struct asked_load *asked = data;
	struct cw_server *server = asked->server;
	struct cw_message answer;

	cw_message_init(&answer, CW_COMMAND_LOAD,
			cw_server_note_load(server, asked->auid, result));
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
	const struct cw_load_order order = {
		.file = file, .configured = asked->server->rules_file,
		.is_stored = true,
	};

	switch (cw_loader_start(asked->server->loader, &order, answer_load,
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

/* ---- mode --------------------------------------------------------------- */

static void set_mode(struct cw_server *server, struct cw_client *client,
		     enum cw_mode mode)
{
	uint32_t auid = cw_client_peer(client)->auid;
	char message[400];
	int ret = cw_server_set_mode(server, auid, mode, message,
				     sizeof(message));

	if (!ret)
		server->enforce_due = false;
	cw_server_tell(server);
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

static const char *in_force_name(const struct cw_server *server)
{
	switch (server->in_force) {
	case CW_IN_FORCE_CONFIGURED:
		return "configured";
	case CW_IN_FORCE_OTHER:
		return "other";
	case CW_IN_FORCE_LAST_GOOD:
		return "last-good";
	case CW_IN_FORCE_KEPT:
		return "kept";
	case CW_IN_FORCE_NOTHING:
		break;
	}
	return "nothing";
}

static void add_time(struct cw_message *message, const char *key, time_t when)
{
	struct tm tm;
	char text[40];

	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	cw_message_add(message, key, "%s", text);
}

/* What is in force, and what policyd does about it when it is not what it
 * should be. */
static void add_in_force(const struct cw_server *server,
			 struct cw_message *message)
{
	time_t when;

	cw_message_add(message, CW_KEY_IN_FORCE, "%s", in_force_name(server));
	if (server->in_force == CW_IN_FORCE_LAST_GOOD)
		add_time(message, CW_KEY_IN_FORCE_SINCE, server->stored_at);
	cw_message_add(message, CW_KEY_ENFORCE_DUE, "%s",
		       server->enforce_due ? "yes" : "no");
	cw_message_add(message, CW_KEY_RULES_FAILING, "%s",
		       server->is_recovering && server->why[0] ? server->why
							       : "-");
	if (server->store_message[0])
		cw_message_add(message, CW_KEY_LAST_GOOD, "failing, %s",
			       server->store_message);
	else if (cw_last_good_time(server->state_dir, CW_LAST_GOOD, &when))
		add_time(message, CW_KEY_LAST_GOOD, when);
	else
		cw_message_add(message, CW_KEY_LAST_GOOD, "none");
}

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
	add_in_force(server, &answer);
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
