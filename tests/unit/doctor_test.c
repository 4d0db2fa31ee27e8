// SPDX-License-Identifier: GPL-2.0-only
/* What doctor says of texts and files that stand in for a host. */
#include <errno.h>
#include <libaudit.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "policyctl/commands/ctl.h"
#include "policyctl/doctor/doctor.h"
#include "fixture.h"
#include "text.h"

static char good[] =
"abi: 2\nversion: " CW_VERSION "\nmode: enforce\n"
"protocols: sctp\nawaited: rds\nworking: yes\nmissed: 0\ngeneration: 3\n"
"sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
"rules: 2\nunlogged: 0\nevents_lost: 0\nconnections: 10\n"
"max_connections: 100\nevicted: 0\nuntracked: 0\nunidentified: 0\n"
"undecided: 0\n";

static char running[] =
"version: 0.1.0\nrules_file: /rules.conf\nlast_load: ok\n"
"last_message: policy 3 in force\naudit: on\nrecords_failed: 0\n"
"records_dropped: 0\nin_force: configured\nrules_failing: -\n"
"enforce_due: no\nlast_good: 2026-11-25T02:21:40Z\n";

static struct cw_host host;
static struct cw_finding finding;
static struct ran ran;

static void setup(void)
{
	text_init();
	memset(&host, 0, sizeof(host));
	host.root = text_dir;
	host.securityfs = text_dir;
	strcpy(host.history_file, "/history/history.db");
	host.status = good;
	host.daemon = running;
	host.audit = (struct cw_audit) {
		.enabled = 1, .pid = 7, .backlog_limit = 8192,
		.syscall_rules = 1,
	};
}

static void finds(cw_check look, enum cw_result_of_check result,
		  const char *what)
{
	memset(&finding, 0, sizeof(finding));
	look(&host, &finding);
	ck_assert_msg(finding.result == result, "result %d: %s",
		      finding.result, finding.what);
	ck_assert_msg(strstr(finding.what, what), "no \"%s\" in: %s", what,
		      finding.what);
	ck_assert_msg(!strchr(finding.what, '\n') && !strchr(finding.what,
							     '\t'),
		      "not one line: %s", finding.what);
	ck_assert(result != CW_CHECK_PROBLEM || finding.advice[0]);
}

/* A status in which @key has @value; the rest is good. */
static void status_with(const char *key, const char *value)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%s: %s\n%s", key, value, good);
	host.status = text;
}

static void daemon_with(const char *key, const char *value)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%s: %s\n%s", key, value, running);
	host.daemon = text;
}

START_TEST(every_key_of_the_status_is_looked_at)
{
	static const struct {
		cw_check look;
		const char *key, *value;
		enum cw_result_of_check result;
		const char *what;
	} cases[] = {
		{ cw_check_module, "abi", "1", CW_CHECK_PROBLEM, "ABI 1" },
		{ cw_check_module, "version", "9.9", CW_CHECK_WARNING, "9.9" },
		{ cw_check_working, "working", "no, kprobes are off",
		  CW_CHECK_PROBLEM, "refused now: kprobes are off" },
		{ cw_check_missed, "missed", "3", CW_CHECK_PROBLEM,
		  "3 calls went by unjudged" },
		{ cw_check_mode, "mode", "monitor", CW_CHECK_WARNING,
		  "nothing is refused" },
		{ cw_check_policy, "generation", "0", CW_CHECK_PROBLEM,
		  "no policy" },
		{ cw_check_identities, "unidentified", "4", CW_CHECK_PROBLEM,
		  "4 processes are unknown" },
		{ cw_check_identities, "undecided", "9", CW_CHECK_WARNING,
		  "9 times everything was denied" },
		{ cw_check_table, "untracked", "5", CW_CHECK_PROBLEM,
		  "5 connections are not in the table" },
		{ cw_check_table, "evicted", "6", CW_CHECK_WARNING, "6 ended" },
		{ cw_check_table, "connections", "95", CW_CHECK_WARNING,
		  "nearly full: 95 of 100" },
		{ cw_check_events, "events_lost", "7", CW_CHECK_WARNING,
		  "7 events" },
		{ cw_check_records, "unlogged", "8", CW_CHECK_WARNING,
		  "8 records" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		host.status = good;
		finds(cases[i].look, CW_CHECK_OK, "");
		status_with(cases[i].key, cases[i].value);
		finds(cases[i].look, cases[i].result, cases[i].what);
		host.status = NULL;
		host.status_error = -ENOENT;
		finds(cases[i].look, cases[i].look == cw_check_module
		      ? CW_CHECK_PROBLEM : CW_CHECK_WARNING, "");
	}
}
END_TEST

START_TEST(policyd_is_looked_at)
{
	finds(cw_check_policyd, CW_CHECK_OK, "running");
	finds(cw_check_last_load, CW_CHECK_OK, "policy 3 in force");
	finds(cw_check_policyd_records, CW_CHECK_OK, "");
	daemon_with("last_load", "failed");
	finds(cw_check_last_load, CW_CHECK_PROBLEM, "failed");
	daemon_with("audit", "off: this kernel has no audit");
	finds(cw_check_policyd_records, CW_CHECK_PROBLEM, "no audit");
	daemon_with("records_dropped", "2");
	finds(cw_check_policyd_records, CW_CHECK_WARNING, "2 records");
	host.daemon = NULL;
	host.daemon_error = -ECONNREFUSED;
	finds(cw_check_policyd, CW_CHECK_PROBLEM, "not running");
	host.daemon_error = -EPERM;
	finds(cw_check_policyd, CW_CHECK_PROBLEM, "only root");
	finds(cw_check_last_load, CW_CHECK_WARNING, "not known");
}
END_TEST

START_TEST(what_policyd_falls_back_on_is_looked_at)
{
	static const struct {
		cw_check look;
		const char *key, *value;
		enum cw_result_of_check result;
		const char *what;
	} cases[] = {
		{ cw_check_in_force, "in_force", "last-good", CW_CHECK_PROBLEM,
		  "the last good policy" },
		{ cw_check_in_force, "in_force", "other", CW_CHECK_WARNING,
		  "loaded by name" },
		{ cw_check_in_force, "rules_failing", "2 errors",
		  CW_CHECK_PROBLEM, "cannot be loaded: 2 errors" },
		{ cw_check_in_force, "enforce_due", "yes", CW_CHECK_PROBLEM,
		  "told to enforce and does not" },
		{ cw_check_last_good, "last_good", "none", CW_CHECK_WARNING,
		  "no last good policy" },
		{ cw_check_last_good, "last_good", "failing, /x: no room",
		  CW_CHECK_PROBLEM, "/x: no room" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		host.daemon = running;
		finds(cases[i].look, CW_CHECK_OK, "");
		daemon_with(cases[i].key, cases[i].value);
		finds(cases[i].look, cases[i].result, cases[i].what);
		host.daemon = NULL;
		finds(cases[i].look, CW_CHECK_WARNING, "only policyd knows");
	}
}
END_TEST

/* The policy in force, made from @rules under another name of the file. */
static void put_in_force(const char *rules)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *ruleset = text_rules(rules);
	char path[128];
	size_t size;
	void *data;
	FILE *file;

	ck_assert_int_eq(cw_ruleset_emit(ruleset, &data, &size, diag), 0);
	snprintf(path, sizeof(path), "%s/policy", text_dir);
	file = fopen(path, "w");
	ck_assert_uint_eq(fwrite(data, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
	free(data);
	cw_ruleset_free(ruleset);
	cw_diag_free(diag);
}

START_TEST(rules_file_is_compared)
{
	static const char rules[] = "default deny\nallow /bin/a to 192.0.2.1 "
				    "port 80\n";

	finds(cw_check_rules_file, CW_CHECK_PROBLEM, "cannot be read");
	text_write("rules.conf", rules);
	finds(cw_check_rules_file, CW_CHECK_WARNING, "cannot be compared");
	text_write("policy", "this is no policy");
	finds(cw_check_rules_file, CW_CHECK_WARNING, "cannot be compared");
	put_in_force(rules);
	finds(cw_check_rules_file, CW_CHECK_OK, "as the policy in force");
	text_write("rules.conf", "default deny\nallow any to 192.0.2.1\n");
	finds(cw_check_rules_file, CW_CHECK_PROBLEM, "differs");
	text_write("rules.conf", "alow any to any\nallow bogus to any\n");
	finds(cw_check_rules_file, CW_CHECK_PROBLEM, "2 errors");
}
END_TEST

START_TEST(rules_file_is_read_as_policyd_reads_it)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/rules.conf", text_dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	finds(cw_check_rules_file, CW_CHECK_PROBLEM, "only the last good "
	      "policy");
	ck_assert_int_eq(unlink(path), 0);
	text_write("rules.conf", "default deny\n");
	ck_assert_int_eq(chmod(path, 0666), 0);
	finds(cw_check_rules_file, CW_CHECK_PROBLEM, "only the last good "
	      "policy");
}
END_TEST

START_TEST(audit_is_looked_at)
{
	static const cw_check checks[] = {
		cw_check_audit, cw_check_auditd, cw_check_audit_companions,
		cw_check_audit_task, cw_check_audit_exclude,
		cw_check_audit_backlog, cw_check_audit_lost,
		cw_check_audit_rate,
	};
	struct cw_audit *audit = &host.audit;

	for (int i = 0; i < 8; i++)
		finds(checks[i], CW_CHECK_OK, "");
	*audit = (struct cw_audit) {
		.rate_limit = 100, .backlog_limit = 64, .lost = 5,
		.task_never = 1, .excluded = 2,
	};
	finds(cw_check_audit, CW_CHECK_PROBLEM, "audit is off");
	finds(cw_check_auditd, CW_CHECK_PROBLEM, "not running");
	finds(cw_check_audit_companions, CW_CHECK_PROBLEM, "no rule");
	finds(cw_check_audit_task, CW_CHECK_PROBLEM, "never,task");
	finds(cw_check_audit_exclude, CW_CHECK_PROBLEM, "2 rules exclude");
	finds(cw_check_audit_backlog, CW_CHECK_WARNING, "only 64");
	finds(cw_check_audit_lost, CW_CHECK_WARNING, "5 records");
	finds(cw_check_audit_rate, CW_CHECK_WARNING, "100 records");
	*audit = (struct cw_audit) { .partly_excluded = 1 };
	finds(cw_check_audit_exclude, CW_CHECK_WARNING, "some processes");
	audit->error = -EPERM;
	finds(cw_check_audit, CW_CHECK_PROBLEM, "only root");
	for (int i = 1; i < 8; i++)
		finds(checks[i], CW_CHECK_WARNING, "not known");
	finds(cw_check_audit_boot, CW_CHECK_WARNING, "not known");
	text_write("proc/cmdline", "quiet audit=10 xaudit=1\n");
	finds(cw_check_audit_boot, CW_CHECK_WARNING, "before auditd");
	text_write("proc/cmdline", "quiet audit=1\n");
	finds(cw_check_audit_boot, CW_CHECK_OK, "since the boot");
}
END_TEST

/* Advice must be something that works. */
START_TEST(advice_about_audit_works)
{
	static const cw_check checks[] = {
		cw_check_audit_companions, cw_check_audit_task,
		cw_check_audit_exclude, cw_check_audit_backlog,
		cw_check_audit_lost, cw_check_audit_rate,
	};
	static const struct cw_audit bad = {
		.enabled = 2, .rate_limit = 100, .backlog_limit = 64, .lost = 5,
		.task_never = 1, .excluded = 2,
	};

	host.audit = bad;
	for (int i = 0; i < 6; i++) {
		memset(&finding, 0, sizeof(finding));
		checks[i](&host, &finding);
		ck_assert_ptr_nonnull(strstr(finding.advice, "reboot"));
		ck_assert_ptr_null(strstr(finding.advice, "auditctl"));
		ck_assert_ptr_null(strstr(finding.advice, "augenrules"));
	}
	finds(cw_check_audit, CW_CHECK_OK, "locked");
	host.audit.enabled = 1;
	finds(cw_check_audit_backlog, CW_CHECK_WARNING, "only 64");
	ck_assert_ptr_nonnull(strstr(finding.advice, "auditctl -b 8192;"));
	/* audit=0 cannot be undone by auditctl, whatever audit answers. */
	text_write("proc/cmdline", "quiet audit=0\n");
	for (int error = 0; error < 2; error++) {
		host.audit = (struct cw_audit) {
			.error = error ? -ECONNREFUSED : 0,
		};
		finds(cw_check_audit, CW_CHECK_PROBLEM, "since the boot");
		ck_assert_ptr_nonnull(strstr(finding.advice, "audit=0"));
		ck_assert_ptr_null(strstr(finding.advice, "auditctl"));
		finds(cw_check_audit_boot, CW_CHECK_PROBLEM, "audit=0");
	}
	text_write("proc/cmdline", "quiet\n");
	host.audit.error = 0;
	finds(cw_check_audit, CW_CHECK_PROBLEM, "audit is off");
	ck_assert_ptr_nonnull(strstr(finding.advice, "auditctl -e 1"));
	/* policyd cannot know it; doctor does. */
	finds(cw_check_policyd_records, CW_CHECK_PROBLEM, "audit is off");
}
END_TEST

static void add_rule(uint32_t filter, uint32_t action, uint32_t field,
		     uint32_t op, uint32_t value)
{
	struct audit_rule_data rule = {
		.flags = filter, .action = action, .field_count = field != 0,
		.fields[0] = field, .fieldflags[0] = op, .values[0] = value,
	};

	cw_audit_add_rule(&host.audit, &rule);
}

START_TEST(audit_rules_are_understood)
{
	struct cw_audit *audit = &host.audit;

	memset(audit, 0, sizeof(*audit));
	add_rule(AUDIT_FILTER_EXIT, AUDIT_ALWAYS, 0, 0, 0);
	add_rule(AUDIT_FILTER_EXIT | AUDIT_FILTER_PREPEND, AUDIT_NEVER, 0, 0,
		 0);
	add_rule(AUDIT_FILTER_USER, AUDIT_ALWAYS, 0, 0, 0);
	ck_assert_uint_eq(audit->syscall_rules, 2);
	add_rule(AUDIT_FILTER_TASK, AUDIT_ALWAYS, 0, 0, 0);
	ck_assert_uint_eq(audit->task_never, 0);
	add_rule(AUDIT_FILTER_TASK, AUDIT_NEVER, 0, 0, 0);
	ck_assert_uint_eq(audit->task_never, 1);
	add_rule(AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, AUDIT_MSGTYPE,
		 AUDIT_EQUAL, AUDIT_CWD);
	add_rule(AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, AUDIT_MSGTYPE,
		 AUDIT_GREATER_THAN, 9000);
	ck_assert_uint_eq(audit->excluded, 0);
	add_rule(AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, AUDIT_MSGTYPE,
		 AUDIT_EQUAL, AUDIT_AVC);
	add_rule(AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, AUDIT_MSGTYPE,
		 AUDIT_NOT_EQUAL, AUDIT_CWD);
	add_rule(AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, AUDIT_MSGTYPE,
		 AUDIT_GREATER_THAN_OR_EQUAL, AUDIT_USER_MAC_STATUS);
	ck_assert_uint_eq(audit->excluded, 3);
	ck_assert_uint_eq(audit->partly_excluded, 0);
	add_rule(AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, AUDIT_UID, AUDIT_EQUAL,
		 33);
	ck_assert_uint_eq(audit->excluded, 3);
	ck_assert_uint_eq(audit->partly_excluded, 1);
}
END_TEST

START_TEST(kernel_is_looked_at)
{
	finds(cw_check_ftrace, CW_CHECK_PROBLEM, "no kernel.ftrace_enabled");
	text_write("proc/sys/kernel/ftrace_enabled", "0\n");
	finds(cw_check_ftrace, CW_CHECK_PROBLEM, "cannot be loaded");
	text_write("proc/sys/kernel/ftrace_enabled", "1\n");
	finds(cw_check_ftrace, CW_CHECK_OK, "on");
	finds(cw_check_protocols, CW_CHECK_OK, "now loaded: sctp");
	status_with("protocols", "-");
	finds(cw_check_protocols, CW_CHECK_OK, "now loaded: none");
	finds(cw_check_livepatch, CW_CHECK_OK, "no livepatch");
	text_write("sys/kernel/livepatch/fix_one/enabled", "1\n");
	text_write("sys/kernel/livepatch/fix_two/enabled", "1\n");
	finds(cw_check_livepatch, CW_CHECK_WARNING, "fix_one, fix_two");
}
END_TEST

START_TEST(signature_is_looked_at)
{
	finds(cw_check_signature, CW_CHECK_OK, "without a signature");
	finds(cw_check_lockdown, CW_CHECK_OK, "off");
	text_write("sys/module/module/parameters/sig_enforce", "Y\n");
	finds(cw_check_signature, CW_CHECK_WARNING, "signed modules only");
	text_write("sys/module/connwarden/taint", "OE\n");
	finds(cw_check_signature, CW_CHECK_PROBLEM, "not signed");
	text_write("sys/module/connwarden/taint", "O\n");
	finds(cw_check_signature, CW_CHECK_OK, "is signed");
	text_write("sys/module/module/parameters/sig_enforce", "N\n");
	text_write("sys/module/connwarden/taint", "OE\n");
	finds(cw_check_signature, CW_CHECK_OK, "permits");
	text_write("sys/kernel/security/lockdown",
		   "none [integrity] confidentiality\n");
	finds(cw_check_signature, CW_CHECK_PROBLEM, "not signed");
	finds(cw_check_lockdown, CW_CHECK_OK, "integrity");
	text_write("sys/kernel/security/lockdown",
		   "[none] integrity confidentiality\n");
	finds(cw_check_signature, CW_CHECK_OK, "permits");
}
END_TEST

START_TEST(boot_is_looked_at)
{
	struct utsname name;
	char path[256];

	finds(cw_check_boot_module, CW_CHECK_WARNING, "not installed");
	ck_assert_ptr_eq(strstr(finding.advice, "make install KVER="),
			 finding.advice);
	ck_assert(finding.advice[strlen("make install KVER=")]);
	/* The next boot counts on it. */
	text_write("etc/modules", "connwarden\n");
	finds(cw_check_boot_module, CW_CHECK_PROBLEM, "the next boot cannot");
	text_write("etc/modules", "\n");
	uname(&name);
	snprintf(path, sizeof(path), "lib/modules/%.64s/extra/connwarden.ko",
		 name.release);
	text_write(path, "");
	text_write("etc/modules-load.d/a.conf", "#connwarden\nother\n");
	finds(cw_check_boot_module, CW_CHECK_WARNING, "nothing loads");
	text_write("etc/modules-load.d/b.conf", "# ours\n connwarden\n");
	finds(cw_check_boot_module, CW_CHECK_OK, "");
	finds(cw_check_boot_policyd, CW_CHECK_WARNING, "not run by systemd");
	text_write("run/systemd/system/x", "");
	finds(cw_check_boot_policyd, CW_CHECK_PROBLEM, "not enabled");
	text_write("etc/systemd/system/sysinit.target.wants/policyd.service",
		   "");
	finds(cw_check_boot_policyd, CW_CHECK_OK, "enabled");
	finds(cw_check_boot_mode, CW_CHECK_WARNING, "monitor after a reboot");
	daemon_with("boot_mode", "enforce");
	finds(cw_check_boot_mode, CW_CHECK_OK, "with --enforce");
	status_with("mode", "monitor");
	finds(cw_check_boot_mode, CW_CHECK_OK, "with --enforce");
	host.daemon = running;
	finds(cw_check_boot_mode, CW_CHECK_OK, "without --enforce");
}
END_TEST

START_TEST(what_is_around_is_told)
{
	finds(cw_check_cgroup, CW_CHECK_WARNING, "not mounted");
	text_write("sys/fs/cgroup/cgroup.controllers", "");
	finds(cw_check_cgroup, CW_CHECK_OK, "");
	finds(cw_check_user_namespaces, CW_CHECK_OK, "cannot");
	text_write("proc/sys/user/max_user_namespaces", "1000\n");
	finds(cw_check_user_namespaces, CW_CHECK_OK, "users can make");
	text_write("proc/sys/kernel/unprivileged_userns_clone", "0\n");
	finds(cw_check_user_namespaces, CW_CHECK_OK, "cannot");
	finds(cw_check_lsm, CW_CHECK_OK, "not known");
	text_write("sys/kernel/security/lsm", "lockdown,apparmor\n");
	finds(cw_check_lsm, CW_CHECK_OK, "lockdown,apparmor");
	finds(cw_check_ipv6, CW_CHECK_OK, "not in use");
	text_write("proc/net/if_inet6", "00000000000000000000000000000001\n");
	finds(cw_check_ipv6, CW_CHECK_OK, "is in use");
	finds(cw_check_containers, CW_CHECK_OK, "no container engine");
	text_write("run/docker.sock", "");
	text_write("run/podman/x", "");
	finds(cw_check_containers, CW_CHECK_OK, "docker, podman");
}
END_TEST

START_TEST(history_is_looked_at)
{
	cw_history_gather(&host, &host.history);
	finds(cw_check_history, CW_CHECK_WARNING, "there is no history");
	finds(cw_check_history_disk, CW_CHECK_WARNING, "not known");
	host.history.error = -EACCES;
	finds(cw_check_history, CW_CHECK_PROBLEM, "cannot be read");
	host.history = (struct cw_history_state) { .holes = 2, .missing = 9 };
	finds(cw_check_history, CW_CHECK_WARNING,
	      "2 holes: 9 records are missing");
	host.history.holes = 0;
	finds(cw_check_history, CW_CHECK_OK, "no hole");
	daemon_with("history", "on");
	finds(cw_check_history, CW_CHECK_OK, "no hole");
	daemon_with("history", "off, --no-history");
	finds(cw_check_history, CW_CHECK_WARNING, "off, --no-history");
	daemon_with("history", "failing, No space left on device");
	finds(cw_check_history, CW_CHECK_PROBLEM, "No space left");
	host.daemon = running;
	text_write("history/history.db", "this is no history");
	cw_history_gather(&host, &host.history);
	finds(cw_check_history, CW_CHECK_PROBLEM, "cannot be read");
	finds(cw_check_history_disk, CW_CHECK_OK, "MB are free");
}
END_TEST

/* ---- replaced files ------------------------------------------------------ */

static void link_to(const char *name, const char *format, ...)
{
	char path[CW_PATH_MAX], target[CW_PATH_MAX];
	va_list args;

	snprintf(path, sizeof(path), "%s/proc/%s", text_dir, name);
	va_start(args, format);
	vsnprintf(target, sizeof(target), format, args);
	va_end(args);
	unlink(path);
	ck_assert_int_eq(symlink(target, path), 0);
}

/* A process of the host that executes @exe, in @cgroup. */
static void put_process(int tgid, const char *exe, const char *cgroup)
{
	char name[64], line[200];

	snprintf(name, sizeof(name), "proc/%d/cgroup", tgid);
	snprintf(line, sizeof(line), "0::%s\n", cgroup);
	text_write(name, line);
	snprintf(name, sizeof(name), "proc/%d/ns/x", tgid);
	text_write(name, "");
	snprintf(name, sizeof(name), "%d/exe", tgid);
	link_to(name, "%s", exe);
	snprintf(name, sizeof(name), "%d/root", tgid);
	link_to(name, "%s", text_dir);
	snprintf(name, sizeof(name), "%d/ns/mnt", tgid);
	link_to(name, "mnt:[1]");
	snprintf(name, sizeof(name), "%d/ns/user", tgid);
	link_to(name, "user:[1]");
}

static void look_at_replaced(enum cw_result_of_check result, const char *what)
{
	host.replaced_error = cw_replaced_read(&host.replaced, text_dir);
	finds(cw_check_replaced, result, what);
	cw_replaced_free(&host.replaced);
}

START_TEST(replaced_files_are_named)
{
	char open_dir[CW_PATH_MAX];

	put_process(1, "/sbin/init", "/init.scope");
	put_process(2, "/bin/live", "/");
	look_at_replaced(CW_CHECK_OK, "no program");

	text_write("open/x", "");
	snprintf(open_dir, sizeof(open_dir), "%s/open", text_dir);
	ck_assert_int_eq(chmod(open_dir, 0777), 0);
	put_process(10, "/open/app (deleted)", "/system.slice/app.service");
	put_process(11, "/open/app (deleted)", "/system.slice/app.service/x");
	look_at_replaced(CW_CHECK_WARNING,
			 "no path rule will match what runs a replaced or "
			 "deleted file where others than root may write: "
			 "/open/app (1");
	ck_assert_str_eq(finding.advice, "systemctl restart app.service");

	put_process(12, "/open/tool\n (deleted)",
		    "/user.slice/user-1.slice/user@1.service/a.service");
	look_at_replaced(CW_CHECK_WARNING, "/open/tool? (12, user@1.service)");
	ck_assert_str_eq(finding.advice, "systemctl restart app.service; start "
			 "anew what is no service of the system");
}
END_TEST

/* Another root directory, or a user's own mount namespace: not the host's. */
START_TEST(replaced_files_elsewhere_are_not)
{
	put_process(1, "/sbin/init", "/init.scope");
	put_process(10, "/open/app (deleted)", "/");
	link_to("10/root", "/proc");
	put_process(11, "/open/app (deleted)", "/");
	link_to("11/ns/mnt", "mnt:[2]");
	link_to("11/ns/user", "user:[2]");
	look_at_replaced(CW_CHECK_OK, "no program");
	link_to("11/ns/user", "user:[1]");
	look_at_replaced(CW_CHECK_WARNING, "/open/app (11)");
	host.replaced_error = -EACCES;
	finds(cw_check_replaced, CW_CHECK_WARNING, "not known: /proc: ");
}
END_TEST

START_TEST(replaced_files_of_root_are_kept)
{
	ck_assert_int_eq(chmod(text_dir, 0755), 0);
	text_write("sbin/x", "");
	put_process(1, "/sbin/init", "/init.scope");
	put_process(10, "/sbin/daemon (deleted)", "/system.slice/d.service");
	if (getuid())	/* the directories are a user's */
		look_at_replaced(CW_CHECK_WARNING, "no path rule will match");
	else
		look_at_replaced(CW_CHECK_WARNING, "directory was "
				 "made anew: /sbin/daemon (10, d.service)");
	ck_assert_str_eq(finding.advice, "systemctl restart d.service");
}
END_TEST

/* ---- both views ---------------------------------------------------------- */

#define LINE	" 0:0 0:0 0 1000 0 "

static void make_proc(const char *tcp, const char *udp)
{
	char path[256];

	text_write("proc/4/fd/keep", "");
	text_write("proc/4/ns/keep", "");
	text_write("proc/4/stat", "4 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 "
		   "0 77 1 1\n");
	text_write("proc/4/net/tcp", tcp);
	text_write("proc/4/net/udp", udp);
	snprintf(path, sizeof(path), "%s/proc/4/ns/net", text_dir);
	ck_assert_int_eq(symlink("net:[9]", path), 0);
	snprintf(path, sizeof(path), "%s/proc/4/exe", text_dir);
	ck_assert_int_eq(symlink("/bin/four", path), 0);
	for (int fd = 1; fd < 8; fd++) {
		char target[32];

		snprintf(path, sizeof(path), "%s/proc/4/fd/%d", text_dir, fd);
		snprintf(target, sizeof(target), "socket:[%d]", fd);
		ck_assert_int_eq(symlink(target, path), 0);
	}
}

/* In an order that is the same whatever the byte order: 1.1.1.1, 2.2.2.2. */
#define A	"01010101"
#define B	"02020202"

START_TEST(views_that_agree)
{
	make_proc("\n"
		  "0: " A ":0001 00000000:0000 0A" LINE "1\n"
		  "1: " A ":0001 " B ":0002 01" LINE "2\n"
		  "2: " A ":0009 " B ":0002 01" LINE "0\n"
		  "3: " A ":000A " B ":0002 01" LINE "99\n"
		  "4: " A ":000B " B ":0002 02" LINE "3\n",
		  "\n"
		  "0: " A ":0035 00000000:0000 07" LINE "4\n"
		  "1: " A ":0036 " B ":0035 01" LINE "5\n");
	text_write("connections", "id proto dir state local remote tgid netns "
		   "user exe\n"
		   "1 tcp in open 1.1.1.1:1 2.2.2.2:2 4 9 - /bin/four\n"
		   "2 tcp out open 1.1.1.1:11 2.2.2.2:2 3 9 4:/bin/four /x\n"
		   "3 udp out open 0.0.0.0:0 2.2.2.2:53 4 9 - /bin/four\n"
		   "4 udp out open 0.0.0.0:0 7.7.7.7:53 4 9 - /bin/four\n"
		   "5 tcp out closed 1.1.1.1:12 2.2.2.2:2 4 9 - /bin/four\n"
		   "6 tcp out open 1.1.1.1:13 2.2.2.2:2 4 8 - /bin/four\n"
		   "broken\n");
	cw_views_gather(&host, &host.views);
	finds(cw_check_seen_by_module, CW_CHECK_OK, "no connection");
	finds(cw_check_seen_by_proc, CW_CHECK_OK, "no connection");
	finds(cw_check_holders, CW_CHECK_OK, "no connection");
}
END_TEST

/* Each was compared with all others that have the same remote end. */
START_TEST(many_sockets_of_one_peer)
{
	enum { SOCKETS = 60000 };
	char path[128], target[32], *text, *table;
	size_t size;
	FILE *udp = open_memstream(&text, &size), *rows;

	fputs("\n", udp);
	for (int i = 0; i < SOCKETS; i++)
		fprintf(udp, "%d: " A ":%04X " B ":0035 01" LINE "%d\n", i,
			1024 + i, 100 + i);
	fclose(udp);
	make_proc("\n", text);
	free(text);
	rows = open_memstream(&table, &size);
	fputs("id proto dir state local remote tgid netns user exe\n", rows);
	for (int i = 0; i < SOCKETS; i++) {
		fprintf(rows, "%d udp out open 0.0.0.0:0 2.2.2.2:53 4 9 - /x\n",
			i);
		snprintf(path, sizeof(path), "%s/proc/4/fd/%d", text_dir,
			 100 + i);
		snprintf(target, sizeof(target), "socket:[%d]", 100 + i);
		ck_assert_int_eq(symlink(target, path), 0);
	}
	fclose(rows);
	text_write("connections", table);
	free(table);
	cw_views_gather(&host, &host.views);
	finds(cw_check_seen_by_module, CW_CHECK_OK, "no connection");
	/* To print so many, the kernel needs minutes: it is not asked to. */
	text_write("proc/4/net/sockstat", "sockets: used 9\nTCP: inuse 1 orphan "
		   "0\nUDP: inuse 60000 mem 2\n");
	text_write("proc/4/net/sockstat6", "TCP6: inuse 1\nUDP6: inuse 7\n");
	cw_views_gather(&host, &host.views);
	finds(cw_check_seen_by_module, CW_CHECK_WARNING,
	      "60007 datagram sockets are too many");
}
END_TEST

START_TEST(views_that_differ)
{
	make_proc("\n"
		  "1: " A ":0001 " B ":0002 01" LINE "2\n"
		  "2: " A ":0003 " B ":0002 01" LINE "3\n"
		  "3: " A ":0004 " B ":0002 01" LINE "4\n",
		  "\n1: " A ":0036 " B ":0035 01" LINE "5\n");
	text_write("connections", "proto state local remote tgid netns user "
		   "exe\n"
		   "tcp open 1.1.1.1:1 2.2.2.2:2 5 9 - /bin/five\n"
		   "tcp open 1.1.1.1:4 2.2.2.2:2 4 8 - /bin/four\n"
		   "tcp open [2001:db8::1]:5 [2001:db8::2]:6 7 9 - /bin/seven\n"
		   "udp closed 0.0.0.0:0 2.2.2.2:53 4 9 - /bin/four\n");
	cw_views_gather(&host, &host.views);
	finds(cw_check_seen_by_module, CW_CHECK_PROBLEM, "2 connections in "
	      "/proc and not in the module's table: ");
	finds(cw_check_seen_by_module, CW_CHECK_PROBLEM,
	      "tcp port 3 with 2.2.2.2:2 of 4 /bin/four");
	finds(cw_check_seen_by_module, CW_CHECK_PROBLEM,
	      "tcp port 4 with 2.2.2.2:2");
	/* A connected datagram socket may not have sent anything yet. */
	ck_assert_ptr_null(strstr(finding.what, "udp"));
	finds(cw_check_seen_by_proc, CW_CHECK_WARNING,
	      "tcp port 5 with [2001:db8::2]:6 of 7 /bin/seven");
	finds(cw_check_holders, CW_CHECK_WARNING,
	      "1 connection now of another process");
	host.views.error = -ENOENT;
	finds(cw_check_holders, CW_CHECK_WARNING, "not known");
}
END_TEST

START_TEST(many_differences_are_counted_and_some_named)
{
	static char table[64 * 2000] = "\n", *at = table + 1;

	for (int i = 1; i <= 1000; i++)
		at += sprintf(at, "%d: " A ":%04X " B ":0002 01" LINE "2\n",
			      i, i);
	make_proc(table, "\n");
	text_write("connections", "proto state local remote tgid netns\n");
	cw_views_gather(&host, &host.views);
	finds(cw_check_seen_by_module, CW_CHECK_PROBLEM, "1000 connections");
}
END_TEST

/* ---- the command --------------------------------------------------------- */

START_TEST(command_prints_rows_and_exits_by_problems)
{
	struct fixture fixture;
	char line[128];

	fixture_init(&fixture);
	snprintf(line, sizeof(line), "doctor --root %s", fixture.dir);
	fixture_ctl(&fixture, &ran, line);
	ck_assert_int_eq(ran.status, CW_EXIT_FAILED);
	ck_assert_ptr_eq(strstr(ran.out, "check result\twhat\tadvice\n"
				"module ok\t"), ran.out);
	ck_assert_ptr_nonnull(strstr(ran.out, "\nmode warning\tthe mode is "
				     "monitor: nothing is refused\tpolicyctl "));
	ck_assert_ptr_nonnull(strstr(ran.out, "\npolicyd problem\t"));
	snprintf(line, sizeof(line), "doctor --json --root %s", fixture.dir);
	fixture_ctl(&fixture, &ran, line);
	ck_assert_ptr_nonnull(strstr(ran.out, "{\"check\":\"module\","
				     "\"result\":\"ok\",\"what\":\"version "));
	ck_assert_ptr_nonnull(strstr(ran.out, "\"advice\":null}\n"));
	fixture_exit(&fixture);
}
END_TEST

/* ---- packet filters ------------------------------------------------------ */

#define CHAIN(table, name, rest) \
	"{\"chain\":{\"family\":\"ip\",\"table\":\"" table "\",\"name\":\"" \
	name "\"" rest "}},"
#define RULE(table, chain, expr) \
	"{\"rule\":{\"family\":\"ip\",\"table\":\"" table "\",\"chain\":\"" \
	chain "\",\"expr\":[" expr "]}},"
#define OUTPUT	",\"type\":\"nat\",\"hook\":\"output\""
#define INPUT	",\"type\":\"nat\",\"hook\":\"prerouting\""
#define RULESET(objects) \
	"{\"nftables\":[" objects "{\"metainfo\":{\"version\":\"1\"}}]}"

static void finds_nat(const char *ruleset, enum cw_result_of_check result,
		      const char *what)
{
	memset(&host.nat, 0, sizeof(host.nat));
	cw_nat_read(&host.nat, ruleset);
	finds(cw_check_nat, result, what);
}

START_TEST(nat_after_the_decision)
{
	finds_nat(RULESET(""), CW_CHECK_OK, "no packet filter");
	finds_nat(RULESET(CHAIN("t", "o", OUTPUT)
			  RULE("t", "o", "{\"dnat\":{\"addr\":\"10.0.0.1\"}}")),
		  CW_CHECK_WARNING, "1 rule of the packet filter changes");
	finds_nat(RULESET(CHAIN("t", "o", OUTPUT)
			  RULE("t", "o", "{\"redirect\":null}")
			  RULE("t", "o", "{\"mangle\":{\"key\":{\"payload\":"
			       "{\"protocol\":\"ip\",\"field\":\"daddr\"}},"
			       "\"value\":\"10.0.0.1\"}}")),
		  CW_CHECK_WARNING, "2 rules of the packet filter change");
	/* Of packets that come in, and of other fields. */
	finds_nat(RULESET(CHAIN("t", "p", INPUT) CHAIN("t", "o", OUTPUT)
			  RULE("t", "p", "{\"dnat\":{\"addr\":\"10.0.0.1\"}}")
			  RULE("t", "o", "{\"mangle\":{\"key\":{\"payload\":"
			       "{\"protocol\":\"ip\",\"field\":\"dscp\"}},"
			       "\"value\":1}}")
			  RULE("t", "o", "{\"accept\":null}")),
		  CW_CHECK_OK, "no packet filter");
	/* Behind a jump, as Docker has it; not behind none. */
	finds_nat(RULESET(CHAIN("nat", "OUTPUT", OUTPUT) CHAIN("nat", "D", "")
			  RULE("nat", "OUTPUT", "{\"xt\":null},"
			       "{\"jump\":{\"target\":\"D\"}}")
			  RULE("nat", "D", "{\"counter\":null},{\"xt\":null}")),
		  CW_CHECK_WARNING, "1 rule of the packet filter changes the "
		  "destination of what this host sends, after it was judged: "
		  "ip nat D");
	finds_nat(RULESET(CHAIN("nat", "OUTPUT", OUTPUT) CHAIN("nat", "D", "")
			  RULE("nat", "D", "{\"dnat\":{\"port\":1}}")),
		  CW_CHECK_OK, "no packet filter");
	finds_nat(RULESET(CHAIN("t", "o", OUTPUT)
			  RULE("t", "o", "{\"xt\":{\"type\":\"target\","
			       "\"name\":\"LOG\"}}")), CW_CHECK_OK, "");
	finds_nat("no JSON", CW_CHECK_WARNING, "cannot be read");
	text_write("proc/net/ip_tables_names", "filter\nnat\n");
	finds_nat(RULESET(""), CW_CHECK_WARNING, "the table nat of iptables");
}
END_TEST

static Suite *doctor_suite(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tests = tcase_create("doctor");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, text_exit);
	tcase_add_test(tests, every_key_of_the_status_is_looked_at);
	tcase_add_test(tests, nat_after_the_decision);
	tcase_add_test(tests, policyd_is_looked_at);
	tcase_add_test(tests, what_policyd_falls_back_on_is_looked_at);
	tcase_add_test(tests, rules_file_is_compared);
	tcase_add_test(tests, rules_file_is_read_as_policyd_reads_it);
	tcase_add_test(tests, audit_is_looked_at);
	tcase_add_test(tests, advice_about_audit_works);
	tcase_add_test(tests, audit_rules_are_understood);
	tcase_add_test(tests, kernel_is_looked_at);
	tcase_add_test(tests, signature_is_looked_at);
	tcase_add_test(tests, boot_is_looked_at);
	tcase_add_test(tests, what_is_around_is_told);
	tcase_add_test(tests, history_is_looked_at);
	tcase_add_test(tests, replaced_files_are_named);
	tcase_add_test(tests, replaced_files_elsewhere_are_not);
	tcase_add_test(tests, replaced_files_of_root_are_kept);
	tcase_add_test(tests, views_that_agree);
	tcase_add_test(tests, many_sockets_of_one_peer);
	tcase_add_test(tests, views_that_differ);
	tcase_add_test(tests, many_differences_are_counted_and_some_named);
	tcase_add_test(tests, command_prints_rows_and_exits_by_problems);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, doctor_suite);
}
