// SPDX-License-Identifier: GPL-2.0-only
/*
 * policyd: options, order of the start, the loop.  It knows nothing about
 * policies; the kernel keeps enforcing when it is not there.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "policyd.h"
#include "history/history.h"

#define WORD(x)	#x
#define TEXT(x)	WORD(x)
/* How long until the next attempt to listen, usec. */
#define LISTEN_AGAIN	(10 * 1000000ull)
/* What the numbers of an option may be at most. */
#define DAYS_MAX	36500
#define MEGABYTES_MAX	(1u << 30)

enum option_value {
	OPTION_ENFORCE = 256,
	OPTION_HISTORY,
	OPTION_NO_HISTORY,
	OPTION_DAYS,
	OPTION_MEGABYTES,
	OPTION_STATE,
};

struct options {
	const char *rules, *socket, *securityfs, *state;
	enum cw_mode boot_mode;
	bool has_history;
	struct cw_historian_config history;
};

struct daemon {
	struct cw_server server;
	const char *socket;
	int lock;
	struct cw_control *control;	/* NULL = not there yet */
	sd_event_source *timer;		/* until the next attempt to listen */
};

static const char usage[] =
"usage: policyd [--rules FILE] [--enforce] [--socket PATH] [--state DIR]\n"
"               [--history FILE | --no-history] [--history-days N]\n"
"               [--history-megabytes N]\n"
"Loads the rules of connwarden into the kernel and serves policyctl.\n"
"\n"
"  -f, --foreground    stay in the foreground, which it always does\n"
"  -r, --rules FILE    rules to load at the start and on SIGHUP\n"
"                      (" CW_RULES_FILE ")\n"
"      --enforce       after a boot, enforce as soon as these are loaded\n"
"  -s, --socket PATH   control socket (" CW_CONTROL_SOCKET ")\n"
"      --state DIR     where the last good policy is stored\n"
"                      (" CW_STATE_DIR ")\n"
"      --history FILE  where connections are remembered\n"
"                      (" CW_HISTORY_FILE ")\n"
"      --no-history    remember none\n"
"      --history-days N\n"
"                      forget connections that ended N days ago (" TEXT(CW_HISTORY_DAYS) ")\n"
"      --history-megabytes N\n"
"                      forget the oldest when it is larger (" TEXT(CW_HISTORY_MEGABYTES) ")\n"
"  -h, --help          this text\n"
"  -V, --version       version\n";

/* Not in the help: --securityfs, a directory that stands in for the module's
 * in tests. */
static const struct option long_options[] = {
	{ "foreground", no_argument, NULL, 'f' },
	{ "rules", required_argument, NULL, 'r' },
	{ "socket", required_argument, NULL, 's' },
	{ "securityfs", required_argument, NULL, 'S' },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "enforce", no_argument, NULL, OPTION_ENFORCE },
	{ "history", required_argument, NULL, OPTION_HISTORY },
	{ "no-history", no_argument, NULL, OPTION_NO_HISTORY },
	{ "history-days", required_argument, NULL, OPTION_DAYS },
	{ "history-megabytes", required_argument, NULL, OPTION_MEGABYTES },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

__attribute__((noreturn))
static void usage_error(void)
{
	fputs(usage, stderr);
	exit(2);
}

__attribute__((noreturn))
static void show(const char *text)
{
	fputs(text, stdout);
	exit(EXIT_SUCCESS);
}

static unsigned parse_number(const char *option, const char *text,
			     unsigned most)
{
	uint64_t value;

	if (cw_number_parse(text, strlen(text), most, &value) && value)
		return value;
	fprintf(stderr, "policyd: --%s must be a number from 1 to %u\n", option,
		most);
	exit(2);
}

static void take_history_option(struct options *options, int option)
{
	switch (option) {
	case OPTION_HISTORY:
		options->history.file = optarg;
		options->has_history = true;
		break;
	case OPTION_NO_HISTORY:
		options->has_history = false;
		break;
	case OPTION_DAYS:
		options->history.days = parse_number("history-days", optarg,
						     DAYS_MAX);
		break;
	case OPTION_MEGABYTES:
		options->history.megabytes = parse_number("history-megabytes",
							  optarg,
							  MEGABYTES_MAX);
		break;
	default:
		usage_error();
	}
}

static struct options parse_options(int argc, char **argv)
{
	struct options options = {
		.rules = CW_RULES_FILE,
		.socket = CW_CONTROL_SOCKET,
		.securityfs = CW_FS_DIR,
		.state = CW_STATE_DIR,
		.boot_mode = CW_MODE_MONITOR,
		.has_history = true,
		.history.file = CW_HISTORY_FILE,
		.history.days = CW_HISTORY_DAYS,
		.history.megabytes = CW_HISTORY_MEGABYTES,
	};
	int c;

	while ((c = getopt_long(argc, argv, "fr:s:hV", long_options,
				NULL)) >= 0) {
		switch (c) {
		case 'f':
			break;
		case 'r':
			options.rules = optarg;
			break;
		case 's':
			options.socket = optarg;
			break;
		case 'S':
			options.securityfs = optarg;
			break;
		case OPTION_STATE:
			options.state = optarg;
			break;
		case OPTION_ENFORCE:
			options.boot_mode = CW_MODE_ENFORCE;
			break;
		case 'h':
			show(usage);
		case 'V':
			show("policyd " CW_VERSION "\n");
		default:
			take_history_option(&options, c);
		}
	}
	if (optind < argc)
		usage_error();
	return options;
}

static void check_module(const char *securityfs)
{
	struct cw_kernel_status status;
	char message[400];
	int ret = cw_kernel_status(securityfs, &status);

	if (!ret)
		return;
	cw_kernel_explain(ret, CW_FILE_STATUS, 0, message, sizeof(message));
	fatal("%s", message);
}

/* The compiler and messages need one that does not depend on a directory. */
static const char *make_absolute(const char *path)
{
	char *whole = cw_path_absolute(path);

	if (!whole || strlen(whole) >= CW_PATH_MAX)
		fatal("%s: cannot tell its absolute path", path);
	return whole;
}

/* A negative errno: there is no audit, which is no reason not to enforce. */
static int open_audit(void)
{
	int fd, ret = cw_record_open(&fd);

	if (!ret)
		return fd;
	if (ret == -ENOTSUP)
		log_warn("this kernel has no audit: nothing will be recorded "
			 "there");
	else
		log_error("cannot open audit, nothing will be recorded there: "
			  "%s", strerror(-ret));
	return ret;
}

/* The lock stays open, and so taken, until the process ends. */
static int open_socket(struct daemon *daemon)
{
	const char *path = daemon->socket;
	int count = sd_listen_fds(1), fd;

	if (count == 1 && sd_is_socket_unix(SD_LISTEN_FDS_START,
					    SOCK_SEQPACKET, 1, NULL, 0) > 0)
		return SD_LISTEN_FDS_START;
	if (count)
		fatal("systemd must pass one SOCK_SEQPACKET unix socket");
	fd = cw_control_listen(path, &daemon->lock);
	if (fd == -EADDRINUSE)
		fatal("another policyd is running (%s.lock is held)", path);
	if (fd < 0)
		log_error("cannot listen on %s, trying again: policyctl cannot "
			  "reach policyd: %s", path, strerror(-fd));
	return fd;
}

/* Without a control socket, rules are loaded all the same. */
static void serve_control(struct daemon *daemon, int fd)
{
	int ret = cw_control_new(&daemon->control, daemon->server.event, fd,
				 cw_server_handle, &daemon->server);

	if (!ret)
		return;
	log_error("cannot serve the control socket: %s", strerror(-ret));
	close(fd);
}

static void listen_later(struct daemon *daemon);

static int listen_again(sd_event_source *source, uint64_t usec, void *data)
{
	struct daemon *daemon = data;
	int fd = cw_control_listen(daemon->socket, &daemon->lock);

	(void)source;
	(void)usec;
	if (fd < 0) {
		listen_later(daemon);
		return 0;
	}
	log_info("listening on %s", daemon->socket);
	serve_control(daemon, fd);
	return 0;
}

static void listen_later(struct daemon *daemon)
{
	daemon->timer = sd_event_source_disable_unref(daemon->timer);
	if (sd_event_add_time_relative(daemon->server.event, &daemon->timer,
				       CLOCK_MONOTONIC, LISTEN_AGAIN, 0,
				       listen_again, daemon) < 0)
		log_error("cannot listen on %s later", daemon->socket);
}

/* Threads inherit this, so that the loop alone sees signals. */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		fatal("cannot block signals: %m");
	signal(SIGPIPE, SIG_IGN);
}

static int reload(sd_event_source *source, const struct signalfd_siginfo *info,
		  void *data)
{
	(void)source;
	(void)info;
	log_info("SIGHUP: loading the rules again");
	cw_server_reload(data);
	return 0;
}

static int stop(sd_event_source *source, const struct signalfd_siginfo *info,
		void *data)
{
	(void)info;
	(void)data;
	log_info("stopping; the kernel keeps the policy and the mode");
	sd_notify(0, "STOPPING=1");
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static void watch_signals(struct cw_server *server)
{
	sd_event *event = server->event;

	if (sd_event_add_signal(event, NULL, SIGHUP, reload, server) < 0 ||
	    sd_event_add_signal(event, NULL, SIGTERM, stop, NULL) < 0 ||
	    sd_event_add_signal(event, NULL, SIGINT, stop, NULL) < 0)
		fatal("cannot watch signals");
	if (sd_event_set_watchdog(event, true) < 0)
		fatal("cannot feed the watchdog");
}

static void start_history(struct cw_server *server,
			  const struct cw_historian_config *config)
{
	int ret = cw_historian_new(&server->historian, config);

	if (ret)
		log_error("history is off: %s", strerror(-ret));
}

static void serve(struct daemon *daemon, int audit, int fd,
		  const struct cw_historian_config *history)
{
	struct cw_server *server = &daemon->server;

	if (sd_event_default(&server->event) < 0 ||
	    cw_recorder_new(&server->recorder, server->event, audit,
			    cw_record_write) ||
	    cw_loader_new(&server->loader, server->event,
			  server->securityfs, server->state_dir))
		fatal("no memory to start");
	watch_signals(server);
	if (fd >= 0)
		serve_control(daemon, fd);
	else
		listen_later(daemon);
	if (history)
		start_history(server, history);
	cw_server_start(server);
	if (sd_event_loop(server->event) < 0)
		log_error("the event loop has failed");
	/* The load under way is answered and recorded, and is the last. */
	cw_server_stop(server);
	cw_loader_free(server->loader);
	cw_control_free(daemon->control);
	cw_recorder_free(server->recorder);
	cw_historian_free(server->historian);
	sd_event_source_disable_unref(daemon->timer);
	sd_event_unref(server->event);
}

int main(int argc, char **argv)
{
	struct daemon daemon = { .server.last_load = "none" };
	struct cw_server *server = &daemon.server;
	struct options options;
	struct timespec now;
	int audit, fd;

	log_open("policyd");
	if (argc > 1 && !strcmp(argv[1], CW_COMPILE_WORD))
		return cw_compile_main(argc, argv);
	options = parse_options(argc, argv);
	daemon.socket = options.socket;
	block_signals();
	audit = open_audit();
	check_module(options.securityfs);
	fd = open_socket(&daemon);
	cw_priv_drop();
	clock_gettime(CLOCK_MONOTONIC, &now);
	server->started = now.tv_sec;
	server->rules_file = make_absolute(options.rules);
	server->securityfs = options.securityfs;
	server->boot_mode = options.boot_mode;
	server->state_dir = make_absolute(options.state);
	options.history.file = make_absolute(options.history.file);
	options.history.securityfs = options.securityfs;
	serve(&daemon, audit, fd, options.has_history ? &options.history : NULL);
	return EXIT_SUCCESS;
}
