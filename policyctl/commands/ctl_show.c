// SPDX-License-Identifier: GPL-2.0-only
/*
 * policyctl status, show and diff: what only looks.  The kernel's part is read
 * from the kernel, so that it is there when policyd is not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policyctl/doctor/doctor.h"
#include "ctl.h"

/* ---- status ------------------------------------------------------------- */

/* policyd has the right to write to audit, and none to ask whether audit is on;
 * who may ask is told. */
static bool is_audit_off(void)
{
	struct cw_audit audit;

	cw_audit_gather(&audit);
	return !audit.error && !audit.enabled;
}

static void print_pairs(struct cw_printer *printer, const char *text)
{
	char key[64], value[CW_CONTROL_TEXT_MAX + 1];
	struct cw_pair pair;

	while (cw_pair_next(&text, &pair)) {
		snprintf(key, sizeof(key), "%.*s", (int)pair.key_length,
			 pair.key);
		snprintf(value, sizeof(value), "%.*s", (int)pair.value_length,
			 pair.value);
		if (!strcmp(key, CW_KEY_AUDIT) && !strcmp(value, "on") &&
		    is_audit_off())
			strcpy(value, "off: audit is switched off");
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

/* Nothing else may look as if all was well. */
static bool warn_of_daemon(const char *text)
{
	char why[400] = "-", in_force[16] = "", due[8] = "", loading[8] = "";
	bool is_due, is_failing;

	cw_pair_get(text, CW_KEY_IN_FORCE, in_force, sizeof(in_force));
	cw_pair_get(text, CW_KEY_ENFORCE_DUE, due, sizeof(due));
	cw_pair_get(text, CW_KEY_RULES_FAILING, why, sizeof(why));
	cw_pair_get(text, CW_KEY_LOADING, loading, sizeof(loading));
	is_failing = strcmp(why, "-");
	/* The first load may be under way. */
	is_due = !strcmp(due, "yes") && (is_failing || strcmp(loading, "yes"));
	if (is_due)
		fprintf(stderr, "policyctl: warning: NOT ENFORCING: policyd "
			"was told to, and waits for the configured rules%s%s\n",
			is_failing ? ": " : "", is_failing ? why : "");
	else if (is_failing)
		fprintf(stderr, "policyctl: warning: the configured rules "
			"cannot be loaded, %s: %s\n",
			!strcmp(in_force, "last-good") ?
			"the last good policy is in force" :
			!strcmp(in_force, "nothing") ?
			"no policy is in force" :
			"what was in force before stays", why);
	return is_due;
}

static int daemon_part(const struct cw_ctl *ctl, struct cw_printer *printer)
{
	struct cw_message command, reply;
	int fd, ret;

	cw_message_init(&command, CW_COMMAND_STATUS, CW_RESULT_OK);
	ret = cw_ask(ctl->socket, &command, &reply, &fd);
	if (ret) {
		print_absence(printer, ret);
		return CW_EXIT_OK;
	}
	if (fd >= 0)
		close(fd);
	printer->style->section(printer, "daemon", "daemon_",
				reply.result == CW_RESULT_OK ? "running"
							     : "refusing");
	print_pairs(printer, reply.text);
	return warn_of_daemon(reply.text) ? CW_EXIT_FAILED : CW_EXIT_OK;
}

/* Enforcement needs the kernel only: the exit status is about that, and about
 * what policyd was told to enforce and cannot. */
int cw_ctl_status(const struct cw_ctl *ctl)
{
	struct cw_printer printer;
	int ret;

	cw_printer_init(&printer, stdout, ctl->json);
	ret = kernel_part(ctl, &printer);
	ret = daemon_part(ctl, &printer) ?: ret;
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

	if (cw_ctl_close_output(ctl))
		return CW_EXIT_UNKNOWN;
	if (count < 0) {
		cw_ctl_complain(ctl, count, CW_FILE_POLICY);
		return CW_EXIT_UNKNOWN;
	}
	return count ? CW_EXIT_FAILED : CW_EXIT_OK;
}

/* With one file, what loading it would change.  As of diff(1), different is no
 * error, but it is not 0 either. */
int cw_ctl_diff(const struct cw_ctl *ctl)
{
	const char *before = ctl->argc == 2 ? ctl->argv[0] : NULL;
	struct cw_policy_view old, new;
	int ret = CW_EXIT_UNKNOWN;

	if (before && !strcmp(before, "-") && !strcmp(ctl->argv[1], "-")) {
		log_error("diff: only one of both can be standard input");
		return CW_EXIT_USAGE;
	}
	if (cw_policy_view_open(ctl, before, &old))
		return CW_EXIT_UNKNOWN;
	if (!cw_policy_view_open(ctl, ctl->argv[ctl->argc - 1], &new)) {
		ret = print_diff(ctl, &old, &new);
		cw_policy_view_close(&new);
	}
	cw_policy_view_close(&old);
	return ret;
}
