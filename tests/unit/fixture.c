// SPDX-License-Identifier: GPL-2.0-only
/* What the tests of policyd and policyctl share. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policyctl/commands/ctl.h"
#include "policyd/policyd.h"
#include "fixture.h"

static const char status_text[] =
"abi: 2\n"
"version: 0.1.0\n"
"mode: monitor\n"
"protocols: -\n"
"hooks: security_socket_connect\n"
"features: 0x7fff\n"
"generation: %u\n"
"sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
"rules: 120\n";

void fixture_write(const struct fixture *fixture, const char *name,
		   const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", fixture->dir, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

size_t fixture_read(const struct fixture *fixture, const char *name, char *text,
		    size_t size)
{
	char path[256];
	size_t got;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", fixture->dir, name);
	file = fopen(path, "r");
	text[0] = 0;
	if (!file)
		return 0;
	got = fread(text, 1, size - 1, file);
	text[got] = 0;
	fclose(file);
	return got;
}

void fixture_set_generation(const struct fixture *fixture, unsigned generation)
{
	char text[sizeof(status_text) + 16];

	snprintf(text, sizeof(text), status_text, generation);
	fixture_write(fixture, "status", text);
}

void fixture_init(struct fixture *fixture)
{
	fixture_init_at(fixture, "/tmp");
}

void fixture_init_at(struct fixture *fixture, const char *dir)
{
	memset(fixture, 0, sizeof(*fixture));
	snprintf(fixture->dir, sizeof(fixture->dir),
		 "%s/connwarden-test-XXXXXX", access(dir, W_OK) ? "/tmp" : dir);
	ck_assert_ptr_nonnull(mkdtemp(fixture->dir));
	snprintf(fixture->socket, sizeof(fixture->socket), "%s/control",
		 fixture->dir);
	snprintf(fixture->rules, sizeof(fixture->rules), "%s/rules.conf",
		 fixture->dir);
	snprintf(fixture->state, sizeof(fixture->state), "%s/state",
		 fixture->dir);
	snprintf(fixture->audit, sizeof(fixture->audit), "%s/audit",
		 fixture->dir);
	fixture_set_generation(fixture, 7);
	fixture_write(fixture, "mode", "monitor\n");
	fixture_write(fixture, "policy", "");
	fixture_write(fixture, "audit", "");
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void fixture_exit(struct fixture *fixture)
{
	if (fixture->daemon)
		fixture_stop_daemon(fixture, SIGKILL);
	nftw(fixture->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- the daemon ---------------------------------------------------------- */

static const char *audit_path;

static int write_record(int fd, const struct cw_record *record)
{
	char text[9000];
	FILE *file = fopen(audit_path, "a");

	(void)fd;
	if (!file || cw_record_format(record, text, sizeof(text)))
		return 0;
	fprintf(file, "%s %s res=%s\n", record->kind == CW_RECORD_LOAD
		? "USER_MAC_POLICY_LOAD" : "USER_MAC_STATUS", text,
		record->success ? "success" : "failed");
	return fclose(file) ? 0 : 1;
}

static int stop(sd_event_source *source, const struct signalfd_siginfo *info,
		void *data)
{
	(void)info;
	(void)data;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int reload(sd_event_source *source, const struct signalfd_siginfo *info,
		  void *data)
{
	(void)source;
	(void)info;
	cw_server_reload(data);
	return 0;
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static int run_daemon(const struct fixture *fixture)
{
	struct cw_server server = { .last_load = "none" };
	struct cw_control *control;
	int lock, fd, null;

	block_signals();
	audit_path = fixture->audit;
	server.rules_file = fixture->rules;
	server.securityfs = fixture->dir;
	server.state_dir = fixture->state;
	server.boot_mode = fixture->enforce ? CW_MODE_ENFORCE : CW_MODE_MONITOR;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	fd = cw_control_listen(fixture->socket, &lock);
	if (fd < 0)
		return -fd;
	if (sd_event_new(&server.event) < 0 ||
	    cw_recorder_new(&server.recorder, server.event, null,
			    write_record) ||
	    cw_loader_new(&server.loader, server.event, server.securityfs,
			  server.state_dir) ||
	    cw_control_new(&control, server.event, fd, cw_server_handle,
			   &server) ||
	    sd_event_add_signal(server.event, NULL, SIGTERM, stop, NULL) < 0 ||
	    sd_event_add_signal(server.event, NULL, SIGHUP, reload,
				&server) < 0)
		return 99;
	cw_server_start(&server);
	sd_event_loop(server.event);
	cw_server_stop(&server);
	cw_loader_free(server.loader);
	cw_control_free(control);
	cw_recorder_free(server.recorder);
	sd_event_unref(server.event);
	close(lock);
	return 0;
}

static bool answers(const struct fixture *fixture)
{
	struct cw_message command, reply;
	int fd;

	cw_message_init(&command, CW_COMMAND_STATUS, CW_RESULT_OK);
	return !cw_ask(fixture->socket, &command, &reply, &fd);
}

void fixture_start_daemon(struct fixture *fixture)
{
	fixture->daemon = fork();
	ck_assert_int_ge(fixture->daemon, 0);
	if (!fixture->daemon) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit(run_daemon(fixture));
	}
	for (int i = 0; i < 1000 && !answers(fixture); i++)
		usleep(10000);
	ck_assert(answers(fixture));
}

void fixture_signal_daemon(struct fixture *fixture, int signal)
{
	ck_assert_int_eq(kill(fixture->daemon, signal), 0);
}

int fixture_stop_daemon(struct fixture *fixture, int signal)
{
	int status = 0;

	kill(fixture->daemon, signal);
	waitpid(fixture->daemon, &status, 0);
	fixture->daemon = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool fixture_wait_for_record(const struct fixture *fixture, const char *text)
{
	static char records[1 << 20];

	for (int i = 0; i < 1000; i++) {
		fixture_read(fixture, "audit", records, sizeof(records));
		if (strstr(records, text))
			return true;
		usleep(10000);
	}
	fprintf(stderr, "records are:\n%s", records);
	return false;
}

int fixture_connect(const struct fixture *fixture)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, fixture->socket);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address,
				 sizeof(address)), 0);
	return fd;
}

/* ---- policyctl ----------------------------------------------------------- */

static int run_ctl(const struct fixture *fixture, const char *line)
{
	char copy[4096], name[] = "policyctl", dir[96], socket[96];
	char *argv[64] = { name, dir, socket }, *rest = copy, *word;
	int argc = 3;

	snprintf(copy, sizeof(copy), "%s", line);
	snprintf(dir, sizeof(dir), "--securityfs=%s", fixture->dir);
	snprintf(socket, sizeof(socket), "--socket=%s", fixture->socket);
	while (argc < 63 && (word = strsep(&rest, " ")))
		if (*word)
			argv[argc++] = word;
	log_open("policyctl");
	return cw_ctl_main(argc, argv);
}

static void redirect(const struct fixture *fixture, const char *name, int fd)
{
	char path[256];
	int file;

	snprintf(path, sizeof(path), "%s/%s", fixture->dir, name);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0 || dup2(file, fd) < 0)
		_exit(98);
}

static void set_files(const struct fixture *fixture)
{
	if (fixture->input) {
		fixture_write(fixture, "stdin", fixture->input);
		dup2(open("stdin", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	}
	if (fixture->output && !fixture->output[0])
		close(STDOUT_FILENO);
	else if (fixture->output)
		dup2(open(fixture->output, O_WRONLY | O_CLOEXEC),
		     STDOUT_FILENO);
}

void fixture_ctl(const struct fixture *fixture, struct ran *ran,
		 const char *line)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (!child) {
		redirect(fixture, "stdout", STDOUT_FILENO);
		redirect(fixture, "stderr", STDERR_FILENO);
		if (chdir(fixture->dir))
			_exit(97);
		set_files(fixture);
		if (fixture->is_nobody && (setgid(65534) || setuid(65534)))
			_exit(96);
		exit(run_ctl(fixture, line));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ran->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	fixture_read(fixture, "stdout", ran->out, sizeof(ran->out));
	fixture_read(fixture, "stderr", ran->err, sizeof(ran->err));
}

int fixture_main(int argc, char **argv, Suite *(*make)(void))
{
	SRunner *runner;
	int failed;

	if (argc > 1 && !strcmp(argv[1], CW_COMPILE_WORD)) {
		if (strstr(argv[argc - 1], FIXTURE_HANGS))
			pause();
		return cw_compile_main(argc, argv);
	}
	runner = srunner_create(make());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
