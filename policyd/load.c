// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading: a file of rules becomes the policy in force, or nothing changes.
 *
 *   start --> child compiles --> exited --> thread checks and --> done
 *             (compile.c)                   writes to the kernel
 *
 * The child is not trusted: its blob is taken only when it is sealed, so that
 * nobody can change it any more, and cw_blob_open() finds nothing wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policyd.h"

/*
 * A million rules take seconds; under an emulator, minutes.  The unit gives
 * policyd ten minutes to get ready.  How long files may take to be read is
 * limited by the child itself, and much shorter.
 */
#define COMPILE_LIMIT_USEC	(8ull * 60 * 1000000)
/* Descriptors of the child are moved out of the way of 3 to 6. */
#define FD_FLOOR		10

struct cw_loader {
	struct cw_job job;	/* first: the two are cast to each other */
	sd_event *event;
	struct cw_worker *worker;
	bool busy;
	/* The load under way: */
	pid_t child;
	int counts;			/* read end of a pipe */
	bool is_stored;			/* to be, when it is loaded */
	struct cw_push push;
	sd_event_source *exit_source, *timer;
	struct cw_load_result result;	/* .diagnostics is ours */
	char file[CW_PATH_MAX];
	cw_load_done done;
	void *data;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void clean_up(struct cw_loader *loader)
{
	loader->exit_source =
		sd_event_source_disable_unref(loader->exit_source);
	loader->timer = sd_event_source_disable_unref(loader->timer);
	close_fd(&loader->push.blob);
	close_fd(&loader->push.text);
	close_fd(&loader->counts);
	close_fd(&loader->result.diagnostics);
	loader->busy = false;
}

/* done() may start the next load, so it gets copies of what it looks at. */
static void finish(struct cw_loader *loader)
{
	struct cw_load_result result = loader->result;
	char file[CW_PATH_MAX];

	strcpy(file, loader->file);
	result.file = file;
	loader->result.diagnostics = -1;
	clean_up(loader);
	loader->done(loader->data, &result);
	close_fd(&result.diagnostics);
}

/* ---- in the thread ------------------------------------------------------ */

static void push(struct cw_job *job)
{
	cw_push_compiled(&((struct cw_loader *)job)->push);
}

static void push_stored(struct cw_job *job)
{
	cw_push_stored(&((struct cw_loader *)job)->push);
}

static void keep(struct cw_job *job)
{
	cw_push_keep(&((struct cw_loader *)job)->push);
}

static void pushed(struct cw_job *job)
{
	struct cw_loader *loader = (struct cw_loader *)job;
	struct cw_load_result *result = &loader->result;

	if (!result->reason[0])
		snprintf(result->message, sizeof(result->message),
			 "policy %llu in force: %u rule%s, sha256 %.16s, "
			 "%u warning%s", (unsigned long long)result->generation,
			 result->rules, result->rules == 1 ? "" : "s",
			 result->sha256, result->warnings,
			 result->warnings == 1 ? "" : "s");
	finish(loader);
}

/* ---- the child ---------------------------------------------------------- */

static void read_counts(struct cw_loader *loader)
{
	struct cw_compile_counts counts = { 0 };

	if (read(loader->counts, &counts, sizeof(counts)) != sizeof(counts))
		return;
	loader->result.errors = counts.errors;
	loader->result.warnings = counts.warnings;
	loader->result.is_configured = counts.is_configured;
}

static const char *slot_of(const struct cw_loader *loader)
{
	if (!loader->is_stored)
		return NULL;
	return loader->result.is_configured ? CW_LAST_GOOD : CW_LAST_GOOD_OTHER;
}

static void judge_exit(struct cw_load_result *result, const siginfo_t *info)
{
	if (info->si_code == CLD_KILLED && info->si_status == SIGALRM)
		cw_load_fail(result, "timeout", "the files of the rules could "
			     "not be read in %u seconds",
			     CW_COMPILE_READ_SECONDS);
	else if (info->si_code != CLD_EXITED)
		cw_load_fail(result, "compiler-died", "the compiler was killed "
			     "by signal %d (SIG%s)", info->si_status,
			     sigabbrev_np(info->si_status) ?: "?");
	else if (info->si_status == CW_COMPILE_EXIT_REFUSED)
		cw_load_fail(result, "invalid-rules", "%u error%s",
			     result->errors, result->errors == 1 ? "" : "s");
	else if (info->si_status != CW_COMPILE_EXIT_OK)
		cw_load_fail(result, "compiler-failed", "the compiler failed%s",
			     result->errors ? "" : "; the log of policyd says "
			     "why");
}

static int exited(sd_event_source *source, const siginfo_t *info, void *data)
{
	struct cw_loader *loader = data;

	(void)source;
	if (!loader)
		return 0;
	loader->child = 0;
	loader->timer = sd_event_source_disable_unref(loader->timer);
	read_counts(loader);
	/* A reader of the diagnostics may map them: they must not change. */
	if (cw_push_seal(loader->result.diagnostics))
		close_fd(&loader->result.diagnostics);
	judge_exit(&loader->result, info);
	if (!loader->result.reason[0]) {
		loader->push.slot = slot_of(loader);
		loader->job.run = push;
		loader->job.done = pushed;
		if (!cw_worker_add(loader->worker, &loader->job))
			return 0;
		cw_load_fail(&loader->result, "no-memory", "the queue is full");
	}
	finish(loader);
	return 0;
}

/* The next load must not wait for a child that a dead server of files holds in
 * the kernel: whenever it ends, it is only reaped. */
static int took_too_long(sd_event_source *source, uint64_t usec, void *data)
{
	struct cw_loader *loader = data;

	(void)source;
	(void)usec;
	kill(loader->child, SIGKILL);
	loader->child = 0;
	sd_event_source_set_userdata(loader->exit_source, NULL);
	sd_event_source_set_floating(loader->exit_source, true);
	loader->exit_source = sd_event_source_unref(loader->exit_source);
	close_fd(&loader->result.diagnostics);
	cw_load_fail(&loader->result, "timeout", "the compiler took too long");
	finish(loader);
	return 0;
}

#define CHILD_FDS	4

static int add_child_fds(posix_spawn_file_actions_t *actions,
			 const int fds[CHILD_FDS])
{
	static const int to[CHILD_FDS] = {
		CW_COMPILE_FD_BLOB, CW_COMPILE_FD_DIAG, CW_COMPILE_FD_COUNTS,
		CW_COMPILE_FD_TEXT,
	};
	int ret = posix_spawn_file_actions_addopen(actions, STDIN_FILENO,
						   "/dev/null", O_RDONLY, 0);

	for (int i = 0; i < CHILD_FDS && !ret; i++)
		ret = posix_spawn_file_actions_adddup2(actions, fds[i], to[i]);
	return -ret;
}

static int spawn(struct cw_loader *loader, char **argv,
		 const int fds[CHILD_FDS])
{
	posix_spawn_file_actions_t actions;
	char *environment[] = { NULL };
	posix_spawnattr_t attributes;
	sigset_t none;
	int ret;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	ret = add_child_fds(&actions, fds);
	if (!ret)
		ret = -posix_spawn(&loader->child, "/proc/self/exe", &actions,
				   &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return ret;
}

static int start_child(struct cw_loader *loader, uint32_t features,
		       const char *configured)
{
	char word[] = CW_COMPILE_WORD, name[] = "policyd", mask[16];
	char *argv[] = { name, word, mask, (char *)configured, loader->file,
			 NULL };
	int ends[2], fds[CHILD_FDS], ret = 0;

	snprintf(mask, sizeof(mask), "%x", features);
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	loader->counts = ends[0];
	fds[0] = fcntl(loader->push.blob, F_DUPFD_CLOEXEC, FD_FLOOR);
	fds[1] = fcntl(loader->result.diagnostics, F_DUPFD_CLOEXEC, FD_FLOOR);
	fds[2] = fcntl(ends[1], F_DUPFD_CLOEXEC, FD_FLOOR);
	fds[3] = fcntl(loader->push.text, F_DUPFD_CLOEXEC, FD_FLOOR);
	for (int i = 0; i < CHILD_FDS; i++)
		ret = fds[i] < 0 ? -EMFILE : ret;
	ret = ret ?: spawn(loader, argv, fds);
	for (int i = 0; i < CHILD_FDS; i++)
		close_fd(&fds[i]);
	close(ends[1]);
	return ret;
}

static int watch_child(struct cw_loader *loader)
{
	int ret = sd_event_add_child(loader->event, &loader->exit_source,
				     loader->child, WEXITED, exited, loader);

	if (ret >= 0)
		ret = sd_event_add_time_relative(loader->event, &loader->timer,
						 CLOCK_MONOTONIC,
						 COMPILE_LIMIT_USEC, 0,
						 took_too_long, loader);
	if (ret < 0) {
		kill(loader->child, SIGKILL);
		waitpid(loader->child, NULL, 0);
		loader->child = 0;
	}
	return ret < 0 ? ret : 0;
}

/* ---- the loader --------------------------------------------------------- */

static int make_memfds(struct cw_loader *loader)
{
	loader->push.blob = memfd_create("policy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (loader->push.blob < 0)
		return -errno;
	loader->push.text = memfd_create("rules", MFD_CLOEXEC);
	if (loader->push.text < 0)
		return -errno;
	loader->result.diagnostics =
		memfd_create("diagnostics", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return loader->result.diagnostics < 0 ? -errno : 0;
}

/* What goes wrong before the child runs is reported from the loop as well,
 * so that the caller has one way to hear of an end. */
static int failed_early(sd_event_source *source, void *data)
{
	(void)source;
	finish(data);
	return 0;
}

static int begin(struct cw_loader *loader, const char *configured)
{
	struct cw_kernel_status status;
	int ret = cw_kernel_status(loader->push.securityfs, &status);

	if (ret) {
		cw_load_fail_kernel(&loader->result, ret, 0);
		return ret;
	}
	loader->result.generation = status.generation;
	loader->result.old_generation = status.generation;
	if (loader->job.run) {
		ret = cw_worker_add(loader->worker, &loader->job);
		if (ret)
			cw_load_fail(&loader->result, "no-memory",
				     "the queue is full");
		return ret;
	}
	ret = make_memfds(loader);
	if (!ret)
		ret = start_child(loader, status.features, configured);
	if (!ret)
		ret = watch_child(loader);
	if (ret)
		cw_load_fail(&loader->result, "compiler-failed", "cannot start "
			     "the compiler: %s", strerror(-ret));
	return ret;
}

static int start(struct cw_loader *loader, const struct cw_load_order *order,
		 cw_load_done done, void *data)
{
	int ret;

	loader->result = (struct cw_load_result){ .diagnostics = -1 };
	strcpy(loader->file, order->file);
	loader->result.is_configured = order->configured &&
				       !strcmp(order->file, order->configured);
	loader->is_stored = order->is_stored;
	loader->push.file = loader->file;
	loader->push.result = &loader->result;
	loader->done = done;
	loader->data = data;
	loader->busy = true;
	if (!begin(loader, order->configured))
		return 0;
	loader->exit_source =
		sd_event_source_disable_unref(loader->exit_source);
	ret = sd_event_add_defer(loader->event, &loader->exit_source,
				 failed_early, loader);
	if (ret < 0)
		clean_up(loader);
	return ret < 0 ? ret : 0;
}

int cw_loader_start(struct cw_loader *loader, const struct cw_load_order *order,
		    cw_load_done done, void *data)
{
	if (loader->busy)
		return -EBUSY;
	if (strlen(order->file) >= sizeof(loader->file))
		return -ENAMETOOLONG;
	loader->job.run = NULL;
	return start(loader, order, done, data);
}

static void kept(struct cw_job *job)
{
	finish((struct cw_loader *)job);
}

int cw_loader_restore(struct cw_loader *loader, const char *slot,
		      cw_load_done done, void *data)
{
	char file[CW_PATH_MAX];
	struct cw_load_order order = { .file = file };

	if (loader->busy)
		return -EBUSY;
	if (snprintf(file, sizeof(file), "%s/%s", loader->push.state_dir, slot) >=
	    (int)sizeof(file))
		return -ENAMETOOLONG;
	loader->push.slot = NULL;
	loader->job.run = push_stored;
	loader->job.done = pushed;
	return start(loader, &order, done, data);
}

int cw_loader_keep(struct cw_loader *loader, const char *slot,
		   cw_load_done done, void *data)
{
	const struct cw_load_order order = { .file = CW_FILE_POLICY };

	if (loader->busy)
		return -EBUSY;
	loader->push.slot = slot;
	loader->job.run = keep;
	loader->job.done = kept;
	return start(loader, &order, done, data);
}

bool cw_loader_is_busy(const struct cw_loader *loader)
{
	return loader->busy;
}

int cw_loader_new(struct cw_loader **out, sd_event *event,
		  const char *securityfs, const char *state_dir)
{
	struct cw_loader *loader = calloc(1, sizeof(*loader));
	int ret;

	if (!loader)
		return -ENOMEM;
	loader->event = event;
	loader->push.securityfs = securityfs;
	loader->push.state_dir = state_dir;
	loader->push.blob = loader->push.text = loader->counts = -1;
	loader->result.diagnostics = -1;
	ret = cw_worker_new(&loader->worker, event, 1);
	if (ret) {
		free(loader);
		return ret;
	}
	*out = loader;
	return 0;
}

void cw_loader_free(struct cw_loader *loader)
{
	if (!loader)
		return;
	if (loader->child) {
		kill(loader->child, SIGKILL);
		waitpid(loader->child, NULL, 0);
		loader->child = 0;
		cw_load_fail(&loader->result, "stopped", "policyd is stopping");
		finish(loader);
	}
	/* A push under way ends, and is reported. */
	cw_worker_free(loader->worker);
	clean_up(loader);
	free(loader);
}
