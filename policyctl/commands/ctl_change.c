// SPDX-License-Identifier: GPL-2.0-only
/* policyctl load and mode: what changes something, and so asks policyd. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "policyctl/doctor/replaced.h"

/* How long a load waits for another one to end. */
#define BUSY_SECONDS	60

/* From its start, whatever its offset is: that is shared with policyd. */
static void copy_to_stderr(int fd)
{
	char buffer[1 << 16];
	off_t at = 0;
	ssize_t got;

	if (fd < 0)
		return;
	while ((got = pread(fd, buffer, sizeof(buffer), at)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || fwrite(buffer, 1, got, stderr) != (size_t)got)
			break;
		at += got;
	}
	close(fd);
}

static void print_json(const struct cw_message *reply, const char *section)
{
	struct cw_printer printer;
	const char *text = reply->text;
	struct cw_pair pair;
	char key[64], value[CW_CONTROL_TEXT_MAX + 1];

	cw_printer_init(&printer, stdout, true);
	printer.style->section(&printer, section, "",
			       reply->result == CW_RESULT_OK ? "ok" : "failed");
	while (cw_pair_next(&text, &pair)) {
		snprintf(key, sizeof(key), "%.*s", (int)pair.key_length,
			 pair.key);
		snprintf(value, sizeof(value), "%.*s", (int)pair.value_length,
			 pair.value);
		printer.style->field(&printer, key, value);
	}
	printer.style->end(&printer);
}

/* One field, for what has no reply of policyd. */
static void print_field_json(const char *section, const char *state,
			     const char *key, const char *value)
{
	struct cw_printer printer;

	cw_printer_init(&printer, stdout, true);
	printer.style->section(&printer, section, "", state);
	printer.style->field(&printer, key, value);
	printer.style->end(&printer);
}

/* It has been said on standard error; who reads JSON gets JSON as well. */
static int conclude_unasked(const struct cw_ctl *ctl, int status)
{
	if (ctl->json)
		print_field_json(ctl->name, "failed", CW_KEY_MESSAGE,
				 "policyd cannot be asked");
	return cw_ctl_close_output(ctl) ?: status;
}

static int say_result(const struct cw_ctl *ctl, const struct cw_message *reply,
		      const char *what)
{
	char message[1024] = "policyd gives no reason";
	bool ok = reply->result == CW_RESULT_OK;

	cw_pair_get(reply->text, CW_KEY_MESSAGE, message, sizeof(message));
	if (ctl->json)
		print_json(reply, ctl->name);
	else if (ok)
		puts(message);
	if (!ok)
		log_error("%s: %s", what, message);
	return cw_ctl_close_output(ctl) ?: ok ? CW_EXIT_OK : CW_EXIT_FAILED;
}

/*
 * policyd does one load at a time.  Somebody else's, or its own at the start,
 * is waited for: that is what who types or scripts a load expects.
 */
static int ask_in_turn(const struct cw_ctl *ctl,
		       const struct cw_message *command,
		       struct cw_message *reply, int *fd)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	int tries = BUSY_SECONDS * 10, ret;

	while (!(ret = cw_ask_loudly(ctl, command, reply, fd)) &&
	       reply->result == CW_RESULT_BUSY && --tries) {
		if (*fd >= 0)
			close(*fd);
		nanosleep(&pause, NULL);
	}
	return ret;
}

/* Without an answer about it, nothing is claimed. */
static const char *what_stays(const struct cw_message *reply)
{
	char generation[24];

	if (!cw_pair_get(reply->text, CW_KEY_GENERATION, generation,
			 sizeof(generation)))
		return "";
	return strcmp(generation, "0") ? ", the policy in force stays"
				       : ", and no policy is in force";
}

/* What is loaded now may not hold for them when the module is loaded anew. */
static void warn_of_replaced(const struct cw_ctl *ctl)
{
	struct cw_replaced replaced;

	if (cw_replaced_read(&replaced, ctl->root))
		return;
	if (replaced.lost)
		fprintf(stderr, "policyctl: warning: %zu program%s run%s a "
			"file that was replaced or deleted, and will match no "
			"path rule when the module is loaded anew: policyctl "
			"doctor names them\n", replaced.lost,
			replaced.lost == 1 ? "" : "s",
			replaced.lost == 1 ? "s" : "");
	cw_replaced_free(&replaced);
}

int cw_ctl_load(const struct cw_ctl *ctl)
{
	char what[CW_PATH_MAX + 80], *path;
	struct cw_message command, reply;
	int fd, ret;

	if (ctl->argc && !strcmp(ctl->argv[0], "-")) {
		log_error("load: policyd reads the rules itself, so that they "
			  "must be in a file; policyctl check - reads standard "
			  "input");
		return CW_EXIT_USAGE;
	}
	cw_message_init(&command, CW_COMMAND_LOAD, CW_RESULT_OK);
	if (ctl->argc) {
		/* policyd has another current directory. */
		path = cw_path_absolute(ctl->argv[0]);
		if (!path || strlen(path) >= CW_PATH_MAX) {
			log_error("load: %s: the path is too long",
				  ctl->argv[0]);
			free(path);
			return CW_EXIT_FAILED;
		}
		cw_message_add(&command, CW_KEY_FILE, "%s", path);
		free(path);
	}
	ret = ask_in_turn(ctl, &command, &reply, &fd);
	if (ret)
		return conclude_unasked(ctl, ret);
	copy_to_stderr(fd);
	if (reply.result == CW_RESULT_OK)
		warn_of_replaced(ctl);
	snprintf(what, sizeof(what), "%s not loaded%s",
		 ctl->argc ? ctl->argv[0] : "rules", what_stays(&reply));
	return say_result(ctl, &reply, reply.result == CW_RESULT_PARTLY ?
			  ctl->name : what);
}

static int print_mode(const struct cw_ctl *ctl)
{
	struct cw_kernel_status status;
	char message[400];
	int ret = cw_kernel_status(ctl->securityfs, &status);

	if (ret) {
		cw_kernel_explain(ret, CW_FILE_STATUS, 0, message,
				  sizeof(message));
		if (ctl->json)
			print_field_json("mode", "failed", CW_KEY_MESSAGE, message);
		log_error("mode: %s", message);
	} else if (ctl->json) {
		print_field_json("mode", "ok", CW_KEY_MODE, cw_mode_name(status.mode));
	} else {
		puts(cw_mode_name(status.mode));
	}
	return cw_ctl_close_output(ctl) ?: ret ? CW_EXIT_FAILED : CW_EXIT_OK;
}

/* policyd cannot be asked, so that the module is; its audit record has who asked. */
static int set_mode_directly(const struct cw_ctl *ctl, enum cw_mode mode)
{
	struct cw_kernel_status status;
	char message[400];
	bool known = !cw_kernel_status(ctl->securityfs, &status);
	/* Also for a module of another release, whose status cannot be read. */
	int ret = cw_kernel_set_mode(ctl->securityfs, mode);

	if (ret)
		cw_kernel_explain(ret, CW_FILE_MODE, 0, message, sizeof(message));
	else
		snprintf(message, sizeof(message), "mode is %s, was %s",
			 cw_mode_name(mode),
			 known ? cw_mode_name(status.mode) : "not known");
	if (ctl->json)
		print_field_json(ctl->name, ret ? "failed" : "ok",
				 CW_KEY_MESSAGE, message);
	else if (!ret)
		puts(message);
	if (ret)
		log_error("mode not changed: %s", message);
	return cw_ctl_close_output(ctl) ?: ret ? CW_EXIT_FAILED : CW_EXIT_OK;
}

/* It does not run, hangs, has ended on the way, or is of another release. */
static bool is_out_of_order(int error)
{
	switch (-error) {
	case ENOENT:
	case ECONNREFUSED:
	case EAGAIN:
	case ENODATA:
	case EPROTO:
	case EPROTONOSUPPORT:
		return true;
	}
	return false;
}

int cw_ctl_mode(const struct cw_ctl *ctl)
{
	struct cw_message command, reply;
	enum cw_mode mode;
	int fd, ret;

	if (!ctl->argc)
		return print_mode(ctl);
	if (!cw_mode_parse(ctl->argv[0], &mode)) {
		log_error("mode: %s is neither enforce nor monitor",
			  ctl->argv[0]);
		return CW_EXIT_USAGE;
	}
	cw_message_init(&command, CW_COMMAND_MODE, CW_RESULT_OK);
	cw_message_add(&command, CW_KEY_MODE, "%s", cw_mode_name(mode));
	ret = cw_ask(ctl->socket, &command, &reply, &fd);
	if (is_out_of_order(ret)) {
		log_warn("mode: policyd does not answer: the kernel module is "
			 "told without it");
		return set_mode_directly(ctl, mode);
	}
	if (ret) {
		cw_ask_complain(ctl, ret);
		return conclude_unasked(ctl, CW_EXIT_FAILED);
	}
	if (fd >= 0)
		close(fd);
	return say_result(ctl, &reply, "mode not changed");
}
