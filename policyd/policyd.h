/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policyd: every shared struct and prototype, grouped by file.
 *
 * policyd is one process with one loop (sd-event).  What may block has a
 * place of its own: reading and compiling rules is a child process without
 * privileges (compile.c), writing a policy to the kernel and writing audit
 * records are one worker thread each (worker.c).
 *
 * Functions return 0 or a negative errno unless it is said otherwise.
 */
#ifndef CW_POLICYD_H
#define CW_POLICYD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>
#include <systemd/sd-event.h>

#include "lib/lib.h"
#include "lib/message.h"
#include "policy/text/compile.h"

#define CW_AUID_UNSET		UINT32_MAX	/* nobody has logged in */

/* ---- priv.c: the only file that calls libcap-ng ------------------------- */

/* Keeps CAP_MAC_ADMIN and CAP_AUDIT_WRITE, or does not return. */
void cw_priv_drop(void);
/* Keeps nothing and may open nothing for writing; for the compiler. */
int cw_priv_drop_all(void);

/* ---- worker.c: one thread with a bounded queue -------------------------- */

struct cw_job {
	void (*run)(struct cw_job *job);	/* in the thread; may block */
	void (*done)(struct cw_job *job);	/* in the loop, afterwards */
	struct cw_job *next;			/* owned by worker.c */
};

struct cw_worker;

int cw_worker_new(struct cw_worker **worker, sd_event *event, unsigned limit);
/* -ENOBUFS: @limit jobs are waiting or running. */
int cw_worker_add(struct cw_worker *worker, struct cw_job *job);
/* Waits until all jobs have run, then calls what is left of done(). */
void cw_worker_free(struct cw_worker *worker);

/* ---- record.c: the only file that calls libaudit ------------------------ */

enum cw_record_kind {
	CW_RECORD_LOAD,
	CW_RECORD_MODE,
};

struct cw_record {
	enum cw_record_kind kind;
	bool success;
	uint32_t auid;			/* login uid of the admin who asked */
	char reason[48];		/* one word, "" = none */
	/* CW_RECORD_LOAD; generation is the one in force afterwards */
	uint64_t generation, old_generation;
	uint32_t rules;
	char sha256[CW_SHA256_SIZE];	/* "" = not compiled */
	char file[CW_PATH_MAX];
	/* CW_RECORD_MODE */
	enum cw_mode mode, old_mode;
};

struct cw_recorder;

/* The text of the record, without what libaudit adds. */
int cw_record_format(const struct cw_record *record, char *text, size_t size);
/* > 0 on success, as libaudit has it. */
typedef int (*cw_record_writer)(int fd, const struct cw_record *record);
int cw_record_write(int fd, const struct cw_record *record);
/* -ENOTSUP: this kernel has no audit. */
int cw_record_open(int *fd);
/* Takes over @fd; -1 or a negative errno = no audit, every record then counts
 * as failed. */
int cw_recorder_new(struct cw_recorder **recorder, sd_event *event, int fd,
		    cw_record_writer writer);
void cw_recorder_free(struct cw_recorder *recorder);
/* Copies @record and returns at once. */
void cw_recorder_add(struct cw_recorder *recorder,
		     const struct cw_record *record);
void cw_recorder_status(const struct cw_recorder *recorder,
			struct cw_message *message);

/* ---- compile.c: the child that reads rules ------------------------------ */

/* First argument of policyd (and of tests) when it is to be that child. */
#define CW_COMPILE_WORD		"--compile"

enum cw_compile_fd {
	CW_COMPILE_FD_BLOB = 3,
	CW_COMPILE_FD_DIAG,
	CW_COMPILE_FD_COUNTS,
	CW_COMPILE_FD_TEXT,	/* all rules in one text, names as numbers */
};

enum cw_compile_exit {
	CW_COMPILE_EXIT_OK,
	CW_COMPILE_EXIT_REFUSED,	/* the diagnostics say why */
	CW_COMPILE_EXIT_FAILED,		/* no memory, no room, no privileges */
};

struct cw_compile_counts {
	uint32_t errors, warnings;
	uint32_t is_configured;	/* both paths are one file */
};

/* How long all reading of files may take; then SIGALRM ends the child. */
#define CW_COMPILE_READ_SECONDS	30

/* argv: program, CW_COMPILE_WORD, features in hex, path of the configured rules,
 * path.  An exit status. */
int cw_compile_main(int argc, char **argv);

/* ---- last_good.c: policies that were in force, on disk ------------------ */

#define CW_STATE_DIR		"/var/lib/connwarden"
/* Names of files in the state directory: the last policy of the configured
 * rules, and of any other file. */
#define CW_LAST_GOOD		"last-good"
#define CW_LAST_GOOD_OTHER	"last-good-other"
#define CW_LAST_GOOD_TEXT	".conf"	/* behind it: the same as text */

/* Makes @dir if it is missing; a descriptor.  -EPERM: others than root may
 * change it.  @why gets a sentence on every error of these functions. */
int cw_state_open(const char *dir, char *why, size_t room);
/* @text: a descriptor with the rules as text, -1 = there is none. */
int cw_last_good_store(const char *dir, const char *slot, const void *blob,
		       size_t size, int text, char *why, size_t room);
/* *@data is malloc()ed, and a policy that cw_blob_open() accepts. */
int cw_last_good_read(const char *dir, const char *slot, void **data,
		      size_t *size, char *why, size_t room);
/* When it was stored; false = there is none. */
bool cw_last_good_time(const char *dir, const char *slot, time_t *when);

/* ---- load.c: a policy from a file into the kernel ----------------------- */

struct cw_load_result {
	const char *file;
	char reason[48];	/* "" = it is in force; else a word for audit */
	char message[512];	/* a sentence for people */
	uint64_t generation, old_generation;
	uint32_t rules, errors, warnings;
	char sha256[CW_SHA256_SIZE];
	int diagnostics;	/* sealed memfd, borrowed; -1 = none */
	bool is_configured;	/* it is the file of --rules, by whatever name */
	bool is_stored;		/* as the last good policy */
	char store_message[400];	/* why not; "" = it was not wanted */
};

typedef void (*cw_load_done)(void *data, const struct cw_load_result *result);

struct cw_loader;

/* What went wrong, as a word for audit and a sentence for people. */
void cw_load_fail(struct cw_load_result *result, const char *reason,
		  const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void cw_load_fail_kernel(struct cw_load_result *result, int error, size_t size);

struct cw_load_order {
	const char *file;	/* absolute path, copied */
	/* The file of --rules, which root alone may change; any other is only
	 * warned of. */
	const char *configured;
	bool is_stored;		/* as the last good policy */
};

/* @securityfs and @state_dir are borrowed. */
int cw_loader_new(struct cw_loader **loader, sd_event *event,
		  const char *securityfs, const char *state_dir);
void cw_loader_free(struct cw_loader *loader);
/* One at a time: -EBUSY.  On 0, @done is called from the loop, once. */
int cw_loader_start(struct cw_loader *loader, const struct cw_load_order *order,
		    cw_load_done done, void *data);
/* Likewise, but the compiled policy that @slot holds. */
int cw_loader_restore(struct cw_loader *loader, const char *slot,
		      cw_load_done done, void *data);
/* Likewise, but loads nothing: stores what is in force as @slot. */
int cw_loader_keep(struct cw_loader *loader, const char *slot,
		   cw_load_done done, void *data);
bool cw_loader_is_busy(const struct cw_loader *loader);

/* ---- push.c: a compiled policy into the kernel, and onto the disk ------- */

struct cw_push {
	const char *securityfs, *state_dir;
	const char *file;		/* that was loaded */
	const char *slot;		/* to store it as; NULL = do not */
	int blob, text;			/* memfds of the child; -1 = none */
	struct cw_load_result *result;
};

/* Nobody can change the memfd any more. */
int cw_push_seal(int fd);
/* What the child has made. */
void cw_push_compiled(struct cw_push *push);
/* The file is a slot of the last good policy. */
void cw_push_stored(struct cw_push *push);
/* Loads nothing: stores what the kernel has. */
void cw_push_keep(struct cw_push *push);

/* ---- control.c: the socket; knows frames, not what they mean ------------ */

struct cw_peer {
	pid_t pid;
	uid_t uid;
	uint32_t auid;
};

struct cw_client;
struct cw_control;

/* Must see to it that cw_client_reply() is called once, now or later. */
typedef void (*cw_control_handler)(void *data, struct cw_client *client,
				   const struct cw_message *command);

/* -EADDRINUSE: another policyd is alive.  @lock is held as long as open. */
int cw_control_listen(const char *path, int *lock);
/* Takes over @fd, a listening socket. */
int cw_control_new(struct cw_control **control, sd_event *event, int fd,
		   cw_control_handler handler, void *data);
void cw_control_free(struct cw_control *control);
const struct cw_peer *cw_client_peer(const struct cw_client *client);
/* Sends @reply if the peer is still there, closes, frees @client. */
void cw_client_reply(struct cw_client *client, const struct cw_message *reply,
		     int fd);

/* ---- historian.c: the thread that writes ----------------------------------- */

#define CW_HISTORY_DAYS		30
#define CW_HISTORY_MEGABYTES	1024

struct cw_historian_config {
	const char *file, *securityfs;
	unsigned days, megabytes;
};

struct cw_historian;

/* Starts the thread, which says in the log and in status how it fares.
 * @config is borrowed. */
int cw_historian_new(struct cw_historian **historian,
		     const struct cw_historian_config *config);
/* Stores what is there; waits for the thread. */
void cw_historian_free(struct cw_historian *historian);
/* NULL = none is wanted. */
void cw_historian_status(struct cw_historian *historian,
			 struct cw_message *message);

/* ---- force.c: what is in force, and what is told about it ------------------ */

enum cw_in_force {
	CW_IN_FORCE_NOTHING,
	CW_IN_FORCE_KEPT,	/* what the kernel had when policyd started */
	CW_IN_FORCE_CONFIGURED,	/* the file of --rules */
	CW_IN_FORCE_OTHER,	/* a file that an administrator has named */
	CW_IN_FORCE_LAST_GOOD,	/* stored earlier, see last_good.c */
};

struct cw_server {
	sd_event *event;
	const char *rules_file, *securityfs, *state_dir;
	struct cw_loader *loader;
	struct cw_recorder *recorder;
	struct cw_historian *historian;	/* NULL = not wanted */
	enum cw_mode boot_mode;		/* --enforce */
	bool enforce_due;		/* with the next load of rules_file */
	bool had_policy;		/* since the module was loaded */
	time_t started;			/* CLOCK_MONOTONIC, seconds */
	bool ready;			/* systemd has been told */
	bool reload_again;		/* SIGHUP came while loading */
	enum cw_in_force in_force;
	time_t stored_at;		/* what is in force, when LAST_GOOD */
	/* The configured rules were not loaded since the start, and are tried
	 * again and again: */
	bool is_recovering;
	bool has_cried;			/* that nothing is enforced, of this
					 * reason */
	char why[512];			/* the reason, "" = not known */
	unsigned retry_seconds;		/* until the next attempt */
	unsigned fallback;		/* that is tried next */
	char fallback_message[512];	/* why the last one could not be had */
	char store_message[400];	/* why no policy is stored; "" = it is */
	sd_event_source *retry_timer, *store_timer;
	char last_load[8];		/* ok, failed, none */
	char last_file[CW_PATH_MAX];
	char last_message[512];
};

/* What came of it is told in @message too. */
int cw_server_set_mode(struct cw_server *server, uint32_t auid,
		       enum cw_mode mode, char *message, size_t room);
/* The end of every load, whoever wanted it; last_message says more. */
enum cw_result cw_server_note_load(struct cw_server *server, uint32_t auid,
				   const struct cw_load_result *result);
/* Tells systemd what is in force. */
void cw_server_tell(struct cw_server *server);

/* ---- force.c, for recover.c ----------------------------------------------- */

void cw_force_record_mode(struct cw_server *server, uint32_t auid,
			  enum cw_mode mode, enum cw_mode old, int error);
void cw_force_record_load(struct cw_server *server, uint32_t auid,
			  const struct cw_load_result *result);
/* The first lines of a descriptor, which may be -1, go to the log. */
void cw_force_log(int fd);
/* --enforce: not when an administrator may have set the mode before. */
void cw_force_due(struct cw_server *server);
/* After a load of @what: enforces if that is due; 0, or why it cannot. */
int cw_force_enforce(struct cw_server *server, uint32_t auid,
		     const struct cw_load_result *result,
		     enum cw_in_force what);
/* Is nothing in force although policyd was told to enforce? */
bool cw_force_is_missing(const struct cw_server *server);
/* Stores what is in force, if it is not stored as that. */
void cw_force_store(struct cw_server *server);
/* The load that was wanted while another one was under way. */
void cw_force_reload(struct cw_server *server);
/* The configured rules are not tried again. */
void cw_force_stop(struct cw_server *server);
void cw_force_timer(struct cw_server *server, sd_event_source **timer,
		    uint64_t seconds, sd_event_time_handler_t handler);

/* ---- recover.c: what is done until something is in force -------------------- */

/* The first load of the configured file. */
void cw_server_start(struct cw_server *server);
/* Another: on SIGHUP. */
void cw_server_reload(struct cw_server *server);
/* No more attempts, so that the loop can end. */
void cw_server_stop(struct cw_server *server);

/* ---- serve.c: what each command does ------------------------------------ */

void cw_server_handle(void *server, struct cw_client *client,
		      const struct cw_message *command);

#endif
