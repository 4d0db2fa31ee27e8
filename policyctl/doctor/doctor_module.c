// SPDX-License-Identifier: GPL-2.0-only
/* doctor: the module, the policy in force, and policyd. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "policy/text/compile.h"
#include "doctor.h"

/* Without the module its other checks have nothing to say. */
static bool lacks_status(const struct cw_host *host,
			 struct cw_finding *finding)
{
	if (host->status)
		return false;
	cw_finding_set(finding, CW_CHECK_WARNING, NULL,
		       "not known: the module's status cannot be read");
	return true;
}

static bool lacks_daemon(const struct cw_host *host,
			 struct cw_finding *finding)
{
	if (host->daemon)
		return false;
	cw_finding_set(finding, CW_CHECK_WARNING, NULL,
		       "not known: policyd does not answer");
	return true;
}

/* A counter of the status that should be 0; true if it is not. */
static bool is_counted(const struct cw_host *host, const char *key,
		       uint64_t *count)
{
	*count = cw_pair_number(host->status, key);
	return *count;
}

/* ---- the module ---------------------------------------------------------- */

void cw_check_module(const struct cw_host *host, struct cw_finding *finding)
{
	char version[64], message[400];
	uint64_t abi;

	if (!host->status) {
		cw_kernel_explain(host->status_error, CW_FILE_STATUS, 0,
				  message, sizeof(message));
		cw_finding_set(finding, CW_CHECK_PROBLEM,
			       host->status_error == -ENOENT
			       ? "modprobe connwarden" : "run doctor as root",
			       "%s", message);
		return;
	}
	abi = cw_pair_number(host->status, CW_STATUS_ABI);
	if (!cw_pair_get(host->status, CW_STATUS_VERSION, version,
			 sizeof(version)))
		strcpy(version, "?");
	if (abi != CW_ABI_VERSION)
		cw_finding_set(finding, CW_CHECK_PROBLEM, "install module and "
			       "policyctl from one release", "the module "
			       "speaks ABI %" PRIu64 ", policyctl %d", abi,
			       CW_ABI_VERSION);
	else if (strcmp(version, CW_VERSION))
		cw_finding_set(finding, CW_CHECK_WARNING, "install module and "
			       "policyctl from one release", "the module is "
			       "version %s, policyctl " CW_VERSION, version);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "version %s is loaded", version);
}

void cw_check_working(const struct cw_host *host, struct cw_finding *finding)
{
	char working[200];

	if (lacks_status(host, finding))
		return;
	if (!cw_pair_get(host->status, CW_STATUS_WORKING, working,
			 sizeof(working)))
		cw_finding_set(finding, CW_CHECK_WARNING, NULL,
			       "not known: the module does not say it");
	else if (!strcmp(working, "yes"))
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "a test call was refused just now");
	else
		cw_finding_set(finding, CW_CHECK_PROBLEM, "undo what it names; "
			       "else load the module anew", "nothing is "
			       "refused now: %s",
			       working + strspn(working, "no, "));
}

void cw_check_protocols(const struct cw_host *host, struct cw_finding *finding)
{
	char names[200] = "-";

	if (lacks_status(host, finding))
		return;
	cw_pair_get(host->status, CW_STATUS_PROTOCOLS, names, sizeof(names));
	cw_finding_set(finding, CW_CHECK_OK, NULL, "protocols that are modules "
		       "are judged when they come; now loaded: %s",
		       strcmp(names, "-") ? names : "none");
}

void cw_check_missed(const struct cw_host *host, struct cw_finding *finding)
{
	uint64_t count;

	if (lacks_status(host, finding))
		return;
	if (is_counted(host, CW_STATUS_MISSED, &count))
		cw_finding_set(finding, CW_CHECK_PROBLEM, "load the module "
			       "anew, and report this as a fault of the module",
			       "%" PRIu64 " calls went by unjudged", count);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "no call went by unjudged");
}

void cw_check_mode(const struct cw_host *host, struct cw_finding *finding)
{
	char mode[16] = "?";

	if (lacks_status(host, finding))
		return;
	cw_pair_get(host->status, CW_STATUS_MODE, mode, sizeof(mode));
	if (!strcmp(mode, CW_MODE_NAME_ENFORCE))
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "the mode is enforce");
	else
		cw_finding_set(finding, CW_CHECK_WARNING,
			       "policyctl mode enforce, when the records of "
			       "would-deny are as they should be",
			       "the mode is %s: nothing is refused", mode);
}

/* ---- the policy ---------------------------------------------------------- */

void cw_check_policy(const struct cw_host *host, struct cw_finding *finding)
{
	char sha256[CW_SHA256_SIZE] = "?";

	if (lacks_status(host, finding))
		return;
	if (!cw_pair_number(host->status, CW_STATUS_GENERATION)) {
		cw_finding_set(finding, CW_CHECK_PROBLEM,
			       "policyctl load", "no policy is in force: "
			       "everything is allowed");
		return;
	}
	cw_pair_get(host->status, CW_STATUS_SHA256, sha256, sizeof(sha256));
	cw_finding_set(finding, CW_CHECK_OK, NULL, "policy %" PRIu64 " of %"
		       PRIu64 " rules is in force, sha256 %.16s",
		       cw_pair_number(host->status, CW_STATUS_GENERATION),
		       cw_pair_number(host->status, CW_STATUS_RULES), sha256);
}

/* @data is what the rules live in; NULL, and no data: there is none. */
static struct cw_ruleset *read_policy_in_force(const struct cw_host *host,
					       char **data)
{
	struct cw_ruleset *ruleset = NULL;
	struct cw_blob blob;
	size_t size;

	if (cw_kernel_read(host->securityfs, CW_FILE_POLICY, data, &size)) {
		*data = NULL;
		return NULL;
	}
	if (size && !cw_blob_open(&blob, *data, size))
		ruleset = cw_ruleset_decode(&blob);
	return ruleset;
}

/* Statements that differ, or a negative errno. */
static long count_differences(const struct cw_ruleset *before,
			      const struct cw_ruleset *after)
{
	FILE *nowhere = fopen("/dev/null", "we");
	long count;

	if (!nowhere)
		return -errno;
	count = cw_ruleset_diff(before, after, nowhere);
	fclose(nowhere);
	return count;
}

static void tell_errors(const char *file, unsigned count,
			struct cw_finding *finding)
{
	cw_finding_set(finding, CW_CHECK_PROBLEM, "policyctl check shows "
		       "them", "%s has %u error%s: after a boot only the last "
		       "good policy can be in force", file, count,
		       count == 1 ? "" : "s");
}

static void compare_with_file(const struct cw_host *host, const char *file,
			      const struct cw_ruleset *wanted,
			      struct cw_finding *finding)
{
	char *data;
	struct cw_ruleset *ruleset = read_policy_in_force(host, &data);
	long count = ruleset ? count_differences(ruleset, wanted) : -ENODATA;

	if (ruleset)
		cw_ruleset_free(ruleset);
	free(data);
	if (count < 0)
		cw_finding_set(finding, CW_CHECK_WARNING, "policyctl load",
			       "%s cannot be compared with a policy in force",
			       file);
	else if (count)
		cw_finding_set(finding, CW_CHECK_PROBLEM, "policyctl diff "
			       "shows them, policyctl load puts the file in "
			       "force", "%s differs from the policy in "
			       "force: %ld statement%s", file, count,
			       count == 1 ? "" : "s");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "%s is as the "
			       "policy in force", file);
}

/* What policyd would load at its next start is what is in force. */
void cw_check_rules_file(const struct cw_host *host,
			 struct cw_finding *finding)
{
	char file[CW_PATH_MAX] = CW_RULES_FILE, path[CW_PATH_MAX * 2];
	/* As policyd does it. */
	const struct cw_guard guard = { .trust = CW_TRUST_REFUSE };
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *ruleset;

	if (host->daemon)
		cw_pair_get(host->daemon, CW_KEY_RULES_FILE, file,
			    sizeof(file));
	snprintf(path, sizeof(path), "%s%s", host->root, file);
	ruleset = diag ? cw_ruleset_read_guarded(path, UINT32_MAX, &guard, diag)
		       : NULL;
	if (ruleset)
		compare_with_file(host, file, ruleset, finding);
	else if (!cw_host_has(host, file))
		cw_finding_set(finding, CW_CHECK_PROBLEM, "write it: see "
			       "rules.conf(5)", "%s cannot be read: after a "
			       "boot only the last good policy can be in force",
			       file);
	else
		tell_errors(file, diag ? cw_diag_count(diag,
						       CW_SEVERITY_ERROR) : 0,
			    finding);
	if (ruleset)
		cw_ruleset_free(ruleset);
	if (diag)
		cw_diag_free(diag);
}

/* ---- counters ------------------------------------------------------------ */

void cw_check_identities(const struct cw_host *host,
			 struct cw_finding *finding)
{
	uint64_t count;

	if (lacks_status(host, finding))
		return;
	if (is_counted(host, CW_STATUS_UNIDENTIFIED, &count))
		cw_finding_set(finding, CW_CHECK_PROBLEM, "give the host more "
			       "memory, then restart these programs", "for lack "
			       "of memory %" PRIu64 " processes are unknown: "
			       "no rule lets them pass, and rules that deny "
			       "programs may hold for them",
			       count);
	else if (is_counted(host, CW_STATUS_UNDECIDED, &count))
		cw_finding_set(finding, CW_CHECK_WARNING, "see which denials "
			       "name a path that is made for this, or use fewer "
			       "globs with several wildcards", "%" PRIu64
			       " times everything was denied to a program whose "
			       "path keeps too many globs undecided", count);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "every process is known");
}

void cw_check_table(const struct cw_host *host, struct cw_finding *finding)
{
	static const char advice[] =
		"load the module with a larger max_connections";
	uint64_t number, most, untracked, evicted;

	if (lacks_status(host, finding))
		return;
	number = cw_pair_number(host->status, CW_STATUS_CONNECTIONS);
	most = cw_pair_number(host->status, CW_STATUS_MAX_CONNECTIONS);
	is_counted(host, CW_STATUS_UNTRACKED, &untracked);
	is_counted(host, CW_STATUS_EVICTED, &evicted);
	if (untracked)
		cw_finding_set(finding, CW_CHECK_PROBLEM, advice,
			       "%" PRIu64 " connections are not in the table, "
			       "which was full", untracked);
	else if (evicted)
		cw_finding_set(finding, CW_CHECK_WARNING, advice,
			       "%" PRIu64 " ended connections left the table "
			       "before their time", evicted);
	else if (number > most - most / 10)
		cw_finding_set(finding, CW_CHECK_WARNING, advice,
			       "the table is nearly full: %" PRIu64 " of %"
			       PRIu64 " connections", number, most);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "%" PRIu64 " of %"
			       PRIu64 " connections, none left out", number,
			       most);
}

void cw_check_events(const struct cw_host *host, struct cw_finding *finding)
{
	uint64_t count;

	if (lacks_status(host, finding))
		return;
	if (is_counted(host, CW_STATUS_EVENTS_LOST, &count))
		cw_finding_set(finding, CW_CHECK_WARNING, "keep policyd "
			       "running, or load the module with a larger "
			       "event_bytes", "%" PRIu64 " events did not "
			       "reach history", count);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "no event is lost");
}

void cw_check_records(const struct cw_host *host, struct cw_finding *finding)
{
	uint64_t count;

	if (lacks_status(host, finding))
		return;
	if (is_counted(host, CW_STATUS_UNLOGGED, &count))
		cw_finding_set(finding, CW_CHECK_WARNING, "see the checks "
			       "`audit' and `audit-backlog'", "for %" PRIu64
			       " records audit had no buffer", count);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "audit took every record");
}

/* ---- policyd ------------------------------------------------------------- */

void cw_check_policyd(const struct cw_host *host, struct cw_finding *finding)
{
	if (host->daemon)
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "policyd is running");
	else if (host->daemon_error == -EACCES || host->daemon_error == -EPERM)
		cw_finding_set(finding, CW_CHECK_PROBLEM, "run doctor as root",
			       "only root may ask policyd");
	else if (host->daemon_error == -ENOENT ||
		 host->daemon_error == -ECONNREFUSED)
		cw_finding_set(finding, CW_CHECK_PROBLEM,
			       "systemctl start policyd", "policyd is not "
			       "running: no history, no loading, no change of "
			       "mode");
	else
		cw_finding_set(finding, CW_CHECK_PROBLEM,
			       "systemctl restart policyd", "policyd does not "
			       "answer: %s", strerror(-host->daemon_error));
}

void cw_check_last_load(const struct cw_host *host, struct cw_finding *finding)
{
	char last[16] = "?", message[400] = "";

	if (lacks_daemon(host, finding))
		return;
	cw_pair_get(host->daemon, CW_KEY_LAST_LOAD, last, sizeof(last));
	cw_pair_get(host->daemon, CW_KEY_LAST_MESSAGE, message,
		    sizeof(message));
	if (!strcmp(last, "failed"))
		cw_finding_set(finding, CW_CHECK_PROBLEM, "policyctl check "
			       "shows what is wrong with the file",
			       "the last load failed: %s", message);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "the last load: %s", message[0] ? message : last);
}

void cw_check_policyd_records(const struct cw_host *host,
			      struct cw_finding *finding)
{
	char audit[200] = "?";
	uint64_t failed, dropped;

	if (lacks_daemon(host, finding))
		return;
	cw_pair_get(host->daemon, CW_KEY_AUDIT, audit, sizeof(audit));
	failed = cw_pair_number(host->daemon, CW_KEY_RECORDS_FAILED);
	dropped = cw_pair_number(host->daemon, CW_KEY_RECORDS_DROPPED);
	/* policyd may write to audit, but not ask it whether it is on. */
	if (!strcmp(audit, "on") && !host->audit.error && !host->audit.enabled)
		strcpy(audit, "audit is off");
	if (strcmp(audit, "on"))
		cw_finding_set(finding, CW_CHECK_PROBLEM, "see the check "
			       "`audit'", "what administrators do is not "
			       "recorded: %s", audit);
	else if (failed || dropped)
		cw_finding_set(finding, CW_CHECK_WARNING, "see that auditd "
			       "runs and its disk has room", "%" PRIu64
			       " records of what administrators did are "
			       "missing", failed + dropped);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "what administrators do is recorded");
}

/* ---- the next boot ------------------------------------------------------- */

void cw_check_boot_mode(const struct cw_host *host, struct cw_finding *finding)
{
	char now[16] = "", boot[16] = "monitor";

	if (lacks_daemon(host, finding))
		return;
	cw_pair_get(host->daemon, CW_KEY_BOOT_MODE, boot, sizeof(boot));
	if (host->status)
		cw_pair_get(host->status, CW_STATUS_MODE, now, sizeof(now));
	if (!strcmp(now, "enforce") && strcmp(boot, "enforce"))
		cw_finding_set(finding, CW_CHECK_WARNING, "add --enforce to "
			       "POLICYD_OPTIONS in /etc/default/policyd and "
			       "restart policyd", "the mode is enforce, but "
			       "policyd runs without --enforce: monitor after "
			       "a reboot");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "policyd runs %s --enforce",
			       strcmp(boot, "enforce") ? "without" : "with");
}
