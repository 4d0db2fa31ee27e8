// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor: do the records of the module reach the audit log, and whole?  Reads
 * what the kernel says by libaudit, which needs root.
 */
#include <errno.h>
#include <inttypes.h>
#include <libaudit.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

/* The kernel answers at once; this is for a kernel that does not. */
#define ANSWER_MS	3000
/* Fewer waiting records than this and a burst is lost; Debian has 8192. */
#define BACKLOG_SMALL	1024

/* ---- gathering ----------------------------------------------------------- */

static bool compare(uint32_t type, uint32_t op, uint32_t value)
{
	switch (op & AUDIT_OPERATORS) {
	case AUDIT_NOT_EQUAL:
		return type != value;
	case AUDIT_LESS_THAN:
		return type < value;
	case AUDIT_GREATER_THAN:
		return type > value;
	case AUDIT_LESS_THAN_OR_EQUAL:
		return type <= value;
	case AUDIT_GREATER_THAN_OR_EQUAL:
		return type >= value;
	}
	return type == value;
}

/* Whether all that @rule says of the type of a record holds for @type. */
static bool is_about(const struct audit_rule_data *rule, uint32_t type)
{
	for (uint32_t i = 0; i < rule->field_count && i < AUDIT_MAX_FIELDS; i++)
		if (rule->fields[i] == AUDIT_MSGTYPE &&
		    !compare(type, rule->fieldflags[i], rule->values[i]))
			return false;
	return true;
}

static bool is_about_ours(const struct audit_rule_data *rule)
{
	static const uint32_t types[] = {
		AUDIT_AVC, AUDIT_MAC_POLICY_LOAD, AUDIT_MAC_STATUS,
		AUDIT_USER_MAC_POLICY_LOAD, AUDIT_USER_MAC_STATUS,
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (is_about(rule, types[i]))
			return true;
	return false;
}

/* No other field than the type. */
static bool is_about_everybody(const struct audit_rule_data *rule)
{
	for (uint32_t i = 0; i < rule->field_count && i < AUDIT_MAX_FIELDS; i++)
		if (rule->fields[i] != AUDIT_MSGTYPE)
			return false;
	return true;
}

void cw_audit_add_rule(struct cw_audit *audit,
		       const struct audit_rule_data *rule)
{
	switch (rule->flags & ~AUDIT_FILTER_PREPEND) {
	case AUDIT_FILTER_EXIT:
		audit->syscall_rules++;
		break;
	case AUDIT_FILTER_TASK:
		audit->task_never += rule->action == AUDIT_NEVER;
		break;
	case AUDIT_FILTER_EXCLUDE:
		if (!is_about_ours(rule))
			break;
		if (is_about_everybody(rule))
			audit->excluded++;
		else
			audit->partly_excluded++;
		break;
	}
}

/* The next answer; 0, -ETIMEDOUT, or what the kernel says is wrong. */
static int receive(int fd, struct audit_reply *reply)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int ret;

	do
		ret = poll(&ready, 1, ANSWER_MS);
	while (ret < 0 && errno == EINTR);
	if (ret <= 0)
		return ret ? -errno : -ETIMEDOUT;
	ret = audit_get_reply(fd, reply, GET_REPLY_NONBLOCKING, 0);
	if (ret <= 0)
		return ret ?: -EPROTO;
	return reply->type == NLMSG_ERROR && reply->error->error
		? reply->error->error : 0;
}

static int gather_status(int fd, struct cw_audit *audit)
{
	struct audit_reply reply;
	int ret = audit_request_status(fd);

	ret = ret > 0 ? 0 : ret ?: -EPROTO;
	while (!ret) {
		ret = receive(fd, &reply);
		if (ret || reply.type != AUDIT_GET)
			continue;
		audit->enabled = reply.status->enabled;
		audit->pid = reply.status->pid;
		audit->rate_limit = reply.status->rate_limit;
		audit->backlog_limit = reply.status->backlog_limit;
		audit->lost = reply.status->lost;
		break;
	}
	return ret;
}

static int gather_rules(int fd, struct cw_audit *audit)
{
	struct audit_reply reply;
	int ret = audit_request_rules_list_data(fd);

	ret = ret > 0 ? 0 : ret ?: -EPROTO;
	while (!ret) {
		ret = receive(fd, &reply);
		if (!ret && reply.type == AUDIT_LIST_RULES)
			cw_audit_add_rule(audit, reply.ruledata);
		else if (!ret && reply.type == NLMSG_DONE)
			break;
	}
	return ret;
}

void cw_audit_gather(struct cw_audit *audit)
{
	int fd = audit_open();

	memset(audit, 0, sizeof(*audit));
	if (fd < 0) {
		audit->error = -errno;
		return;
	}
	audit->error = gather_status(fd, audit);
	if (!audit->error)
		audit->error = gather_rules(fd, audit);
	audit_close(fd);
}

/* ---- checks -------------------------------------------------------------- */

/* A locked audit takes no change before a reboot, whatever auditctl says. */
static const char *advise(const struct cw_host *host, const char *command,
			  const char *file)
{
	static char text[sizeof(((struct cw_finding *)0)->advice)];

	if (host->audit.enabled == 2)
		snprintf(text, sizeof(text), "%s, then reboot: audit is locked "
			 "(-e 2) until then", file);
	else
		snprintf(text, sizeof(text), "%s; to keep it, %s", command,
			 file);
	return text;
}

static bool has_word(const struct cw_host *host, const char *word)
{
	char line[4096], *rest = line, *at;

	if (!cw_host_read(host, "/proc/cmdline", line, sizeof(line)))
		return false;
	while ((at = strsep(&rest, " ")))
		if (!strcmp(at, word))
			return true;
	return false;
}

bool cw_audit_is_off_at_boot(const struct cw_host *host)
{
	return has_word(host, "audit=0") || has_word(host, "audit=off");
}

static const char off_at_boot[] = "take audit=0 off the kernel's command line "
	"(GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub) and reboot";

static bool lacks_audit(const struct cw_host *host, struct cw_finding *finding)
{
	if (!host->audit.error)
		return false;
	cw_finding_set(finding, CW_CHECK_WARNING, NULL,
		       "not known: audit does not answer");
	return true;
}

void cw_check_audit(const struct cw_host *host, struct cw_finding *finding)
{
	const struct cw_audit *audit = &host->audit;
	bool is_off = audit->error || !audit->enabled;

	if (audit->error == -EPERM)
		cw_finding_set(finding, CW_CHECK_PROBLEM, "run doctor as root",
			       "only root may ask audit");
	else if (is_off && cw_audit_is_off_at_boot(host))
		cw_finding_set(finding, CW_CHECK_PROBLEM, off_at_boot,
			       "audit is off since the boot: no record is "
			       "written, and it cannot be switched on now");
	else if (audit->error)
		cw_finding_set(finding, CW_CHECK_PROBLEM, "boot a kernel with "
			       "audit", "audit does not answer: %s",
			       strerror(-audit->error));
	else if (is_off)
		cw_finding_set(finding, CW_CHECK_PROBLEM, "auditctl -e 1, and "
			       "-e 1 in /etc/audit/rules.d",
			       "audit is off: denials are recorded without "
			       "system call, address and user");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "audit is on%s",
			       audit->enabled == 2 ? " and locked until a "
			       "reboot" : "");
}

void cw_check_auditd(const struct cw_host *host, struct cw_finding *finding)
{
	if (lacks_audit(host, finding))
		return;
	if (host->audit.pid)
		cw_finding_set(finding, CW_CHECK_OK, NULL, "auditd is running, "
			       "pid %" PRIu32, host->audit.pid);
	else
		cw_finding_set(finding, CW_CHECK_PROBLEM,
			       "systemctl start auditd", "auditd is not "
			       "running: records go to the kernel's log only, "
			       "and ausearch does not find them");
}

void cw_check_audit_boot(const struct cw_host *host,
			 struct cw_finding *finding)
{
	if (!cw_host_has(host, "/proc/cmdline"))
		cw_finding_set(finding, CW_CHECK_WARNING, NULL, "not known: "
			       "/proc/cmdline cannot be read");
	else if (cw_audit_is_off_at_boot(host))
		cw_finding_set(finding, CW_CHECK_PROBLEM, off_at_boot,
			       "the kernel is booted with audit=0");
	else if (has_word(host, "audit=1"))
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "audit has been on since the boot");
	else
		cw_finding_set(finding, CW_CHECK_WARNING, "boot with audit=1",
			       "records of processes that were there before "
			       "auditd come without system call and address");
}

void cw_check_audit_companions(const struct cw_host *host,
			       struct cw_finding *finding)
{
	if (lacks_audit(host, finding))
		return;
	if (host->audit.syscall_rules)
		cw_finding_set(finding, CW_CHECK_OK, NULL, "%" PRIu32
			       " rules about system calls are loaded, so "
			       "records come with SYSCALL and SOCKADDR",
			       host->audit.syscall_rules);
	else
		cw_finding_set(finding, CW_CHECK_PROBLEM,
			       advise(host, "augenrules --load", "have "
				      "70-connwarden.rules in "
				      "/etc/audit/rules.d"), "no rule about system "
			       "calls is loaded: records come without SYSCALL "
			       "and SOCKADDR, and ausearch -x, -ui, -hn do not "
			       "find them");
}

void cw_check_audit_task(const struct cw_host *host,
			 struct cw_finding *finding)
{
	if (lacks_audit(host, finding))
		return;
	if (host->audit.task_never)
		cw_finding_set(finding, CW_CHECK_PROBLEM,
			       advise(host, "auditctl -d never,task, then "
				      "restart what was started meanwhile",
				      "delete the rule in /etc/audit/rules.d"),
			       "the rule -a never,task takes SYSCALL and "
			       "SOCKADDR from the records of new processes");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "no rule -a never,task");
}

void cw_check_audit_exclude(const struct cw_host *host,
			    struct cw_finding *finding)
{
	const struct cw_audit *audit = &host->audit;

	if (lacks_audit(host, finding))
		return;
	if (audit->excluded)
		cw_finding_set(finding, CW_CHECK_PROBLEM,
			       advise(host, "auditctl -l | grep exclude shows "
				      "them, auditctl -d deletes them", "delete "
				      "them in /etc/audit/rules.d"),
			       "%" PRIu32 " rules exclude AVC or MAC records: "
			       "they are never written", audit->excluded);
	else if (audit->partly_excluded)
		cw_finding_set(finding, CW_CHECK_WARNING, "auditctl -l | grep "
			       "exclude shows them", "%" PRIu32 " rules "
			       "exclude records of some processes, also ours",
			       audit->partly_excluded);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "no rule excludes records of connwarden");
}

void cw_check_audit_backlog(const struct cw_host *host,
			    struct cw_finding *finding)
{
	uint32_t limit = host->audit.backlog_limit;

	if (lacks_audit(host, finding))
		return;
	if (limit && limit < BACKLOG_SMALL)
		cw_finding_set(finding, CW_CHECK_WARNING,
			       advise(host, "auditctl -b 8192", "have -b 8192 "
				      "in /etc/audit/rules.d"),
			       "only %" PRIu32 " records may wait for auditd",
			       limit);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, limit
			       ? "%" PRIu32 " records may wait for auditd"
			       : "any number of records may wait for auditd",
			       limit);
}

void cw_check_audit_lost(const struct cw_host *host,
			 struct cw_finding *finding)
{
	if (lacks_audit(host, finding))
		return;
	if (host->audit.lost)
		cw_finding_set(finding, CW_CHECK_WARNING,
			       host->audit.enabled == 2 ? "raise the backlog "
			       "limit: -b 8192 in /etc/audit/rules.d, then "
			       "reboot: audit is locked (-e 2) until then"
			       : "raise the backlog limit: auditctl -b 8192; "
			       "auditctl --reset-lost begins to count anew",
			       "audit has lost %" PRIu32 " records",
			       host->audit.lost);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "audit has lost no record");
}

void cw_check_audit_rate(const struct cw_host *host,
			 struct cw_finding *finding)
{
	uint32_t limit = host->audit.rate_limit;

	if (lacks_audit(host, finding))
		return;
	if (limit)
		cw_finding_set(finding, CW_CHECK_WARNING,
			       advise(host, "auditctl -r 0 (the module has a "
				      "limit of its own, audit_rate, and counts "
				      "what it leaves out)", "have -r 0 in "
				      "/etc/audit/rules.d"),
			       "audit drops what is more than %" PRIu32
			       " records a second", limit);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "audit has no limit of records a second");
}
