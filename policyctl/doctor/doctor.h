/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policyctl doctor: what on this host would make enforcement, attribution or
 * audit incomplete.  First everything is gathered, then each check looks at
 * what was gathered and at files below root, and says one thing.
 */
#ifndef CW_DOCTOR_H
#define CW_DOCTOR_H

#include "history/history.h"
#include "policyctl/rows/rows.h"
#include "replaced.h"

/* ---- doctor.c: the table of checks, gathering and printing --------------- */

enum cw_result_of_check {
	CW_CHECK_OK,
	CW_CHECK_WARNING,		/* less is seen than could be */
	CW_CHECK_PROBLEM,		/* something is not enforced or not seen */
};

struct cw_finding {
	enum cw_result_of_check result;
	char what[600], advice[300];	/* a line each; advice "" = none */
};

/* What audit says of itself. */
struct cw_audit {
	int error;			/* 0, or why nothing is known */
	uint32_t enabled;		/* 0 off, 1 on, 2 locked */
	uint32_t pid;			/* of auditd, 0 = none */
	uint32_t rate_limit, backlog_limit, lost;
	uint32_t syscall_rules;		/* that make the kernel attach SYSCALL */
	uint32_t task_never;		/* -a never,task */
	uint32_t excluded;		/* rules that drop our records */
	uint32_t partly_excluded;	/* likewise, of some processes */
};

/* History on disk. */
struct cw_history_state {
	int error;			/* 0, or why it cannot be read */
	uint64_t holes, missing;	/* holes, and records missing in them */
};

/* What /proc and the module's table do not agree on. */
enum cw_difference {
	CW_DIFFERENCE_TABLE,		/* the table lacks it */
	CW_DIFFERENCE_PROC,		/* /proc lacks it */
	CW_DIFFERENCE_HOLDER,		/* they name other processes */
	CW_DIFFERENCE_COUNT
};

struct cw_views {
	int error;			/* 0, or why they cannot be compared */
	unsigned hidden;		/* processes that could not be seen */
	unsigned long unread;		/* datagram sockets that are too many */
	unsigned long count[CW_DIFFERENCE_COUNT];
	char names[CW_DIFFERENCE_COUNT][400];	/* the first of them */
};

/* What the packet filter does to packets of this host. */
struct cw_nat {
	int error;			/* 0, or why the rules are not known */
	unsigned rules;			/* that change the destination */
	char first[200];		/* family, table and chain of one */
};

struct cw_host {
	const char *root;		/* where the host's files are, "" = / */
	const char *securityfs;
	char history_file[CW_PATH_MAX];
	char *status;			/* of the module; NULL: status_error */
	int status_error;
	char *daemon;			/* status of policyd; NULL: daemon_error */
	int daemon_error;
	struct cw_audit audit;
	struct cw_history_state history;
	struct cw_views views;
	struct cw_replaced replaced;
	int replaced_error;		/* 0, or why /proc cannot be read */
	struct cw_nat nat;
};

typedef void (*cw_check)(const struct cw_host *host,
			 struct cw_finding *finding);

/* Fills all but the first two members and the daemon's, which the caller sets. */
void cw_host_gather(struct cw_host *host);
void cw_host_free(struct cw_host *host);
/* A row for each check.  0 or a negative errno. */
int cw_doctor_print(const struct cw_host *host, struct cw_printer *printer,
		    bool *has_problem);
/* The result, what was found, and the advice (NULL = none). */
void cw_finding_set(struct cw_finding *finding, enum cw_result_of_check result,
		    const char *advice, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The first line of a file below root; false = it cannot be read. */
bool cw_host_read(const struct cw_host *host, const char *path, char *text,
		  size_t size);
bool cw_host_has(const struct cw_host *host, const char *path);

/* ---- doctor_module.c: the module, its policy, policyd -------------------- */

void cw_check_module(const struct cw_host *, struct cw_finding *);
void cw_check_working(const struct cw_host *, struct cw_finding *);
void cw_check_protocols(const struct cw_host *, struct cw_finding *);
void cw_check_missed(const struct cw_host *, struct cw_finding *);
void cw_check_mode(const struct cw_host *, struct cw_finding *);
void cw_check_policy(const struct cw_host *, struct cw_finding *);
void cw_check_rules_file(const struct cw_host *, struct cw_finding *);
void cw_check_identities(const struct cw_host *, struct cw_finding *);
void cw_check_table(const struct cw_host *, struct cw_finding *);
void cw_check_events(const struct cw_host *, struct cw_finding *);
void cw_check_records(const struct cw_host *, struct cw_finding *);
void cw_check_policyd(const struct cw_host *, struct cw_finding *);
void cw_check_last_load(const struct cw_host *, struct cw_finding *);
void cw_check_policyd_records(const struct cw_host *, struct cw_finding *);
void cw_check_boot_mode(const struct cw_host *, struct cw_finding *);

/* ---- doctor_force.c: what is in force, and what there is to fall back on -- */

void cw_check_in_force(const struct cw_host *, struct cw_finding *);
void cw_check_last_good(const struct cw_host *, struct cw_finding *);

/* ---- doctor_audit.c: records reach the audit log ------------------------- */

/* One rule that the kernel has; for tests without a kernel. */
struct audit_rule_data;
void cw_audit_add_rule(struct cw_audit *audit,
		       const struct audit_rule_data *rule);
void cw_audit_gather(struct cw_audit *audit);
/* Whether the kernel was booted with audit=0, which nothing undoes but a boot. */
bool cw_audit_is_off_at_boot(const struct cw_host *host);

void cw_check_audit(const struct cw_host *, struct cw_finding *);
void cw_check_auditd(const struct cw_host *, struct cw_finding *);
void cw_check_audit_boot(const struct cw_host *, struct cw_finding *);
void cw_check_audit_companions(const struct cw_host *, struct cw_finding *);
void cw_check_audit_task(const struct cw_host *, struct cw_finding *);
void cw_check_audit_exclude(const struct cw_host *, struct cw_finding *);
void cw_check_audit_backlog(const struct cw_host *, struct cw_finding *);
void cw_check_audit_lost(const struct cw_host *, struct cw_finding *);
void cw_check_audit_rate(const struct cw_host *, struct cw_finding *);

/* ---- doctor_host.c: the kernel and the boot ------------------------------ */

void cw_check_ftrace(const struct cw_host *, struct cw_finding *);
void cw_check_livepatch(const struct cw_host *, struct cw_finding *);
void cw_check_signature(const struct cw_host *, struct cw_finding *);
void cw_check_lockdown(const struct cw_host *, struct cw_finding *);
void cw_check_boot_module(const struct cw_host *, struct cw_finding *);
void cw_check_boot_policyd(const struct cw_host *, struct cw_finding *);
void cw_check_cgroup(const struct cw_host *, struct cw_finding *);
void cw_check_user_namespaces(const struct cw_host *, struct cw_finding *);
void cw_check_lsm(const struct cw_host *, struct cw_finding *);
void cw_check_ipv6(const struct cw_host *, struct cw_finding *);
void cw_check_containers(const struct cw_host *, struct cw_finding *);

/* ---- doctor_replaced.c: programs whose file was replaced ----------------- */

void cw_check_replaced(const struct cw_host *, struct cw_finding *);

/* ---- doctor_nat.c: packet filters that change the destination ------------ */

/* @ruleset: what nft prints as JSON. */
void cw_nat_read(struct cw_nat *nat, const char *ruleset);
void cw_nat_gather(struct cw_nat *nat);

void cw_check_nat(const struct cw_host *, struct cw_finding *);

/* ---- doctor_history.c: history on disk ----------------------------------- */

void cw_history_gather(const struct cw_host *host,
		       struct cw_history_state *history);

void cw_check_history(const struct cw_host *, struct cw_finding *);
void cw_check_history_disk(const struct cw_host *, struct cw_finding *);

/* ---- doctor_views.c: the module's table and /proc agree ------------------ */

void cw_views_gather(const struct cw_host *host, struct cw_views *views);

void cw_check_seen_by_module(const struct cw_host *, struct cw_finding *);
void cw_check_seen_by_proc(const struct cw_host *, struct cw_finding *);
void cw_check_holders(const struct cw_host *, struct cw_finding *);

#endif
