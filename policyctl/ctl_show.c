// SPDX-License-Identifier: GPL-2.0-only
/*
 * policyctl status, show and diff: what only looks.  The kernel's part is read
 * from the kernel, so that it is there when policyd is not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

/* ---- status ------------------------------------------------------------- */

static void print_pairs(struct cw_printer *printer, const char *text)
{
	char key[64], value[CW_CONTROL_TEXT_MAX + 1];
	struct cw_pair pair;

	while (cw_pair_next(&text, &pair)) {
		snprintf(key, sizeof(key), "%.*s", (int)pair.key_length,
			 pair.key);
		snprintf(value, sizeof(value), "%.*s", (int)pair.value_length,
			 pair.value);
		printer->style->field(printer, key, value);
	}
}

/* What an administrator must not overlook; true if nothing is refused now. */
static bool warn(const char *text)
{
	uint64_t missed = cw_pair_number(text, CW_STATUS_MISSED);
	uint64_t unknown = cw_pair_number(text, CW_STATUS_UNIDENTIFIED);
	char working[200];

	if (missed)
		fprintf(stderr, "policyctl: warning: %llu calls went by "
			"unjudged\n", (unsigned long long)missed);
	if (unknown)
		fprintf(stderr, "policyctl: warning: for lack of memory %llu "
			"processes are unknown: no rule lets them pass\n", (unsigned long long)unknown);
	if (!cw_pair_get(text, CW_STATUS_WORKING, working, sizeof(working)) ||
	    strncmp(working, "no", 2))
		return false;
	fprintf(stderr, "policyctl: warning: nothing is refused now: %s\n",
		working + strspn(working, "no, "));
	return true;
}

static int kernel_part(const struct cw_ctl *ctl, struct cw_printer *printer)
{
	bool off;

	char *text, message[400];
	size_t size;
	int ret = cw_kernel_read(ctl->securityfs, CW_FILE_STATUS, &text, &size);

	if (ret) {
		cw_kernel_explain(ret, CW_FILE_STATUS, 0, message,
				  sizeof(message));
		printer->style->section(printer, "kernel", "",
					ret == -ENOENT ? "not loaded"
						       : "unknown");
		printer->style->field(printer, "hint", message);
		return CW_EXIT_FAILED;
	}
	printer->style->section(printer, "kernel", "", "loaded");
	print_pairs(printer, text);
	off = warn(text);
	free(text);
	return off ? CW_EXIT_FAILED : CW_EXIT_OK;
}

static void print_absence(struct cw_printer *printer, int error)
{
	const char *state = "not answering", *hint = "see its log";

	if (error == -ENOENT || error == -ECONNREFUSED) {
		state = "not running";
		hint = "start it with `systemctl start policyd'";
	} else if (error == -EACCES || error == -EPERM) {
		state = "unknown";
		hint = "only root may ask policyd";
	}
	printer->style->section(printer, "daemon", "daemon_", state);
	printer->style->field(printer, "hint", hint);
}

static void daemon_part(const struct cw_ctl *ctl, struct cw_printer *printer)
{
	struct cw_message command, reply;
	int fd, ret;

	cw_message_init(&command, CW_COMMAND_STATUS, CW_RESULT_OK);
	ret = cw_ask(ctl->socket, &command, &reply, &fd);
	if (ret) {
		print_absence(printer, ret);
		return;
	}
	if (fd >= 0)
		close(fd);
	printer->style->section(printer, "daemon", "daemon_",
				reply.result == CW_RESULT_OK ? "running"
							     : "refusing");
	print_pairs(printer, reply.text);
}

/* Enforcement needs the kernel only, so the exit status is about the kernel. */
int cw_ctl_status(const struct cw_ctl *ctl)
{
	struct cw_printer printer;
	int ret;

	cw_printer_init(&printer, stdout, ctl->json);
	ret = kernel_part(ctl, &printer);
	daemon_part(ctl, &printer);
	printer.style->end(&printer);
	return cw_ctl_close_output(ctl) ?: ret;
}

/* ---- show, diff --------------------------------------------------------- */

int cw_ctl_show(const struct cw_ctl *ctl)
{
	struct cw_policy_view view;
	int ret = cw_policy_view_open(ctl, NULL, &view);

	if (ret)
		return ret;
	cw_ruleset_print(view.ruleset, stdout);
	cw_policy_view_close(&view);
	return cw_ctl_close_output(ctl);
}

static int print_diff(const struct cw_ctl *ctl,
		      const struct cw_policy_view *old,
		      const struct cw_policy_view *new)
{
	long count = ctl->json
		? cw_ruleset_diff_json(old->ruleset, new->ruleset, stdout)
		: cw_ruleset_diff(old->ruleset, new->ruleset, stdout);

	if (count < 0)
		return cw_ctl_complain(ctl, count, CW_FILE_POLICY);
	return cw_ctl_close_output(ctl);
}

/* With one file, what loading it would change. */
int cw_ctl_diff(const struct cw_ctl *ctl)
{
	const char *before = ctl->argc == 2 ? ctl->argv[0] : NULL;
	struct cw_policy_view old, new;
	int ret = cw_policy_view_open(ctl, before, &old);

	if (ret)
		return ret;
	ret = cw_policy_view_open(ctl, ctl->argv[ctl->argc - 1], &new);
	if (!ret) {
		ret = print_diff(ctl, &old, &new);
		cw_policy_view_close(&new);
	}
	cw_policy_view_close(&old);
	return ret;
}
