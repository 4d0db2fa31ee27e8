// SPDX-License-Identifier: GPL-2.0-only
/*
 * policyctl doctor: the table of checks, what they look at, and how it is
 * printed.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "history/history.h"

struct check {
	const char *name;
	cw_check look;
};

/* In the order in which one would mend: a later check may be the consequence
 * of an earlier one. */
static const struct check checks[] = {
	{ "module", cw_check_module },
	{ "working", cw_check_working },
	{ "protocols", cw_check_protocols },
	{ "missed", cw_check_missed },
	{ "mode", cw_check_mode },
	{ "policy", cw_check_policy },
	{ "rules-file", cw_check_rules_file },
	{ "identities", cw_check_identities },
	{ "replaced", cw_check_replaced },
	{ "table", cw_check_table },
	{ "events", cw_check_events },
	{ "records", cw_check_records },
	{ "policyd", cw_check_policyd },
	{ "last-load", cw_check_last_load },
	{ "in-force", cw_check_in_force },
	{ "last-good", cw_check_last_good },
	{ "policyd-records", cw_check_policyd_records },
	{ "history", cw_check_history },
	{ "history-disk", cw_check_history_disk },
	{ "audit", cw_check_audit },
	{ "auditd", cw_check_auditd },
	{ "audit-boot", cw_check_audit_boot },
	{ "audit-companions", cw_check_audit_companions },
	{ "audit-task", cw_check_audit_task },
	{ "audit-exclude", cw_check_audit_exclude },
	{ "audit-backlog", cw_check_audit_backlog },
	{ "audit-lost", cw_check_audit_lost },
	{ "audit-rate", cw_check_audit_rate },
	{ "ftrace", cw_check_ftrace },
	{ "livepatch", cw_check_livepatch },
	{ "signature", cw_check_signature },
	{ "lockdown", cw_check_lockdown },
	{ "boot-module", cw_check_boot_module },
	{ "boot-policyd", cw_check_boot_policyd },
	{ "boot-mode", cw_check_boot_mode },
	{ "cgroup", cw_check_cgroup },
	{ "user-namespaces", cw_check_user_namespaces },
	{ "other-lsm", cw_check_lsm },
	{ "ipv6", cw_check_ipv6 },
	{ "containers", cw_check_containers },
	{ "nat", cw_check_nat },
	{ "seen-by-module", cw_check_seen_by_module },
	{ "seen-by-proc", cw_check_seen_by_proc },
	{ "holders", cw_check_holders },
};

/* ---- for checks ---------------------------------------------------------- */

void cw_finding_set(struct cw_finding *finding, enum cw_result_of_check result,
		    const char *advice, const char *format, ...)
{
	va_list args;

	finding->result = result;
	snprintf(finding->advice, sizeof(finding->advice), "%s", advice ?: "");
	va_start(args, format);
	vsnprintf(finding->what, sizeof(finding->what), format, args);
	va_end(args);
}

bool cw_host_read(const struct cw_host *host, const char *path, char *text,
		  size_t size)
{
	char whole[CW_PATH_MAX];
	bool is_read;
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", host->root, path);
	file = fopen(whole, "re");
	text[0] = 0;
	if (!file)
		return false;
	is_read = fgets(text, size, file) || !ferror(file);
	fclose(file);
	text[strcspn(text, "\n")] = 0;
	return is_read;
}

bool cw_host_has(const struct cw_host *host, const char *path)
{
	char whole[CW_PATH_MAX];

	snprintf(whole, sizeof(whole), "%s%s", host->root, path);
	return !access(whole, F_OK);
}

/* ---- gathering ----------------------------------------------------------- */

static void gather_status(struct cw_host *host)
{
	size_t size;

	host->status_error = cw_kernel_read(host->securityfs, CW_FILE_STATUS,
					    &host->status, &size);
	if (host->status_error)
		host->status = NULL;
}

/* Where policyd writes it, if it says so. */
static void find_history(struct cw_host *host)
{
	char *file = host->history_file;

	if (!host->daemon || !cw_pair_get(host->daemon, CW_KEY_HISTORY_FILE,
					  file, sizeof(host->history_file)) ||
	    file[0] != '/')
		strcpy(file, CW_HISTORY_FILE);
}

void cw_host_gather(struct cw_host *host)
{
	gather_status(host);
	find_history(host);
	cw_audit_gather(&host->audit);
	cw_history_gather(host, &host->history);
	cw_views_gather(host, &host->views);
	host->replaced_error = cw_replaced_read(&host->replaced, host->root);
	cw_nat_gather(&host->nat);
}

void cw_host_free(struct cw_host *host)
{
	free(host->status);
	free(host->daemon);
	cw_replaced_free(&host->replaced);
}

/* ---- printing ------------------------------------------------------------ */

static const char *result_name(enum cw_result_of_check result)
{
	switch (result) {
	case CW_CHECK_OK:
		return "ok";
	case CW_CHECK_WARNING:
		return "warning";
	case CW_CHECK_PROBLEM:
		return "problem";
	}
	return "?";
}

static int print_finding(struct cw_printer *printer, const char *name,
			 const struct cw_finding *finding)
{
	const char *values[] = {
		name, result_name(finding->result), finding->what,
		finding->advice[0] ? finding->advice : "-",
	};

	return printer->style->row(printer, (char *const *)values);
}

int cw_doctor_print(const struct cw_host *host, struct cw_printer *printer,
		    bool *has_problem)
{
	static const char *const names[] = {
		"check", "result", "what", "advice",
	};
	struct cw_finding finding;
	int ret;

	printer->columns = sizeof(names) / sizeof(names[0]);
	memcpy(printer->names, names, sizeof(names));
	ret = printer->style->columns(printer);
	for (size_t i = 0; !ret && i < sizeof(checks) / sizeof(*checks); i++) {
		memset(&finding, 0, sizeof(finding));
		checks[i].look(host, &finding);
		cw_text_tame(finding.what);
		*has_problem |= finding.result == CW_CHECK_PROBLEM;
		ret = print_finding(printer, checks[i].name, &finding);
	}
	return ret ?: printer->style->flush(printer);
}
