// SPDX-License-Identifier: GPL-2.0-only
/* policyctl: one table drives dispatch, options, usage and help. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

enum option_value {
	OPTION_HELP = 'h',
	OPTION_VERSION = 'V',
	OPTION_JSON = 256,
	OPTION_PRINT,
	OPTION_LINT,
	OPTION_FILE,
	OPTION_SOURCE,
	OPTION_ROOT,
	OPTION_SOCKET,
	OPTION_SECURITYFS,
	OPTION_HISTORY,
	OPTION_BY,
	OPTION_FORMAT,
	OPTION_INTERVAL,
	OPTION_ONCE,
	/* Of filter.c, grouped by who takes them: */
	OPTION_AT,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_TO,
	OPTION_EXE,
	OPTION_USER,
	OPTION_PID,
	OPTION_VERDICT,
	OPTION_PROTO,
	OPTION_IN,
	OPTION_OUT,
	OPTION_PORT,
	OPTION_LIMIT,
};

/* Bits for the table: which options a command takes. */
enum takes {
	TAKES_JSON = 1 << 0,
	TAKES_PRINT = 1 << 1,
	TAKES_LINT = 1 << 2,
	TAKES_FILE = 1 << 3,
	TAKES_SOURCE = 1 << 4,
	TAKES_HISTORY = 1 << 5,
	TAKES_BY = 1 << 6,
	TAKES_PACE = 1 << 7,
	TAKES_AT = 1 << 8,
	TAKES_TIME = 1 << 9,
	TAKES_TO = 1 << 10,
	TAKES_OWNER = 1 << 11,
	TAKES_LIMIT = 1 << 12,
	TAKES_FORMAT = 1 << 13,
};

#define TAKES_FILTER	(TAKES_TIME | TAKES_TO | TAKES_OWNER)

#define OWNER_USAGE	"[--exe PATH] [--user USER] [--pid NUMBER]\n" \
			"       [--verdict VERDICT] [--proto PROTO] " \
			"[--in | --out]"
#define FILTER_USAGE	"[--since TIME] [--until TIME] " OWNER_USAGE "\n" \
			"       [--to ADDRESS[/PREFIX][:PORT]] [--port PORT]"

struct command {
	const char *name;
	const char *operands;	/* for the usage, "" = none */
	const char *help;	/* one line */
	int least, most;	/* operands */
	unsigned takes;
	int (*run)(const struct cw_ctl *ctl);
};

static int run_version(const struct cw_ctl *ctl);
static int run_help(const struct cw_ctl *ctl);

static const struct command commands[] = {
	{ "status", "[--json]",
	  "mode, policy and counters of the kernel; state of policyd",
	  0, 0, TAKES_JSON, cw_ctl_status },
	{ "load", "[--json] [FILE]",
	  "put the rules of FILE (else policyd's own file) in force",
	  0, 1, TAKES_JSON, cw_ctl_load },
	{ "check", "[--print] [--lint] [--json] FILE",
	  "say what is wrong with the rules of FILE; changes nothing",
	  1, 1, TAKES_JSON | TAKES_PRINT | TAKES_LINT, cw_ctl_check },
	{ "mode", "[--json] [enforce|monitor]",
	  "say the mode, or change it",
	  0, 1, TAKES_JSON, cw_ctl_mode },
	{ "show", "",
	  "print the policy in force as rules",
	  0, 0, 0, cw_ctl_show },
	{ "test", "[--file FILE] [--json] EXE [script PATH] [user USER] "
	  "[group GROUP]\n"
	  "       [unit UNIT] [cgroup PATH] [container NAME] [parent PATH] "
	  "[ancestor PATH]\n"
	  "       [sha256 HEX] to ADDRESS[:PORT] [port PORT] [proto PROTO]",
	  "say what the policy in force, or FILE, decides, and why",
	  1, 64, TAKES_JSON | TAKES_FILE, cw_ctl_test },
	{ "diff", "[--json] [OLD] NEW",
	  "compare rules: two files, or the policy in force and a file",
	  1, 2, TAKES_JSON, cw_ctl_diff },
	{ "connections", "[--source kernel|proc] [--json]\n       " FILTER_USAGE,
	  "who talks to whom: live connections and those just closed",
	  0, 0, TAKES_JSON | TAKES_SOURCE | TAKES_FILTER, cw_ctl_connections },
	{ "doctor", "[--json]",
	  "what on this host makes enforcement, attribution or audit incomplete",
	  0, 0, TAKES_JSON, cw_ctl_doctor },
	{ "history", "[--json] [--history FILE] [--limit NUMBER]\n       "
	  FILTER_USAGE,
	  "who talked to whom: connections that policyd has stored",
	  0, 0, TAKES_JSON | TAKES_HISTORY | TAKES_LIMIT | TAKES_FILTER,
	  cw_ctl_history },
	{ "who", "[--json] [--history FILE] [--at TIME]\n"
	  "       [--since TIME] [--until TIME] " OWNER_USAGE "\n"
	  "       ADDRESS[:PORT] | [ADDRESS]:PORT | ADDRESS/PREFIX | :PORT",
	  "say which programs talked to an address, or were talked to from it",
	  1, 1, TAKES_JSON | TAKES_HISTORY | TAKES_AT | TAKES_TIME |
	  TAKES_OWNER, cw_ctl_who },
	{ "flows", "[--json] [--history FILE] [--by exe|unit|address|host]\n"
	  "       [--limit NUMBER] " FILTER_USAGE "\n       [FILE ...]",
	  "which programs talk to which programs, added up; of other hosts too",
	  0, 4096, TAKES_JSON | TAKES_HISTORY | TAKES_BY | TAKES_LIMIT |
	  TAKES_FILTER, cw_ctl_flows },
	{ "graph", "[--format dot|svg|html|json] [--by exe|unit|address|host]\n"
	  "       [--history FILE] [--limit NUMBER] " FILTER_USAGE "\n"
	  "       [FILE ...]",
	  "draw the flows as a graph; of other hosts too",
	  0, 4096, TAKES_JSON | TAKES_FORMAT | TAKES_HISTORY | TAKES_BY |
	  TAKES_LIMIT | TAKES_FILTER, cw_ctl_graph },
	{ "export", "[--history FILE] [--limit NUMBER]\n       " FILTER_USAGE,
	  "print the history as JSON, a line each, for other hosts",
	  0, 0, TAKES_HISTORY | TAKES_LIMIT | TAKES_FILTER, cw_ctl_export },
	{ "top", "[--interval SECONDS] [--once]\n       " OWNER_USAGE "\n"
	  "       [--to ADDRESS[/PREFIX][:PORT]] [--port PORT]",
	  "a live screen: which programs talk most, and to whom",
	  0, 0, TAKES_PACE | TAKES_OWNER | TAKES_TO, cw_ctl_top },
	{ "version", "",
	  "print the version of policyctl",
	  0, 0, 0, run_version },
	{ "help", "[COMMAND]",
	  "this list, or the usage of one command",
	  0, 1, 0, run_help },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct option long_options[] = {
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "print", no_argument, NULL, OPTION_PRINT },
	{ "lint", no_argument, NULL, OPTION_LINT },
	{ "file", required_argument, NULL, OPTION_FILE },
	{ "source", required_argument, NULL, OPTION_SOURCE },
	{ "root", required_argument, NULL, OPTION_ROOT },
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "securityfs", required_argument, NULL, OPTION_SECURITYFS },
	{ "history", required_argument, NULL, OPTION_HISTORY },
	{ "by", required_argument, NULL, OPTION_BY },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "interval", required_argument, NULL, OPTION_INTERVAL },
	{ "once", no_argument, NULL, OPTION_ONCE },
	{ "at", required_argument, NULL, OPTION_AT },
	{ "since", required_argument, NULL, OPTION_SINCE },
	{ "until", required_argument, NULL, OPTION_UNTIL },
	{ "to", required_argument, NULL, OPTION_TO },
	{ "exe", required_argument, NULL, OPTION_EXE },
	{ "user", required_argument, NULL, OPTION_USER },
	{ "pid", required_argument, NULL, OPTION_PID },
	{ "verdict", required_argument, NULL, OPTION_VERDICT },
	{ "proto", required_argument, NULL, OPTION_PROTO },
	{ "in", no_argument, NULL, OPTION_IN },
	{ "out", no_argument, NULL, OPTION_OUT },
	{ "port", required_argument, NULL, OPTION_PORT },
	{ "limit", required_argument, NULL, OPTION_LIMIT },
	{ NULL, 0, NULL, 0 },
};

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void print_usage(FILE *out, const struct command *command)
{
	fprintf(out, "usage: policyctl %s%s%s\n", command->name,
		command->operands[0] ? " " : "", command->operands);
}

static void print_help(FILE *out)
{
	fputs("usage: policyctl [--socket PATH] COMMAND ...\n\n", out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-12s %s\n", commands[i].name,
			commands[i].help);
	fputs("\nExits with 0 when done, 1 when refused or failed, 2 on "
	      "wrong usage.\nMore in policyctl(8).\n", out);
}

static int run_version(const struct cw_ctl *ctl)
{
	(void)ctl;
	puts("policyctl " CW_VERSION);
	return CW_EXIT_OK;
}

static int run_help(const struct cw_ctl *ctl)
{
	const struct command *command;

	if (!ctl->argc) {
		print_help(stdout);
		return CW_EXIT_OK;
	}
	command = find(ctl->argv[0]);
	if (!command) {
		log_error("help: there is no command %s", ctl->argv[0]);
		return CW_EXIT_USAGE;
	}
	print_usage(stdout, command);
	printf("%s\n", command->help);
	return CW_EXIT_OK;
}

static unsigned takes_bit(int option)
{
	switch (option) {
	case OPTION_JSON:
		return TAKES_JSON;
	case OPTION_PRINT:
		return TAKES_PRINT;
	case OPTION_LINT:
		return TAKES_LINT;
	case OPTION_FILE:
		return TAKES_FILE;
	case OPTION_SOURCE:
		return TAKES_SOURCE;
	case OPTION_HISTORY:
		return TAKES_HISTORY;
	case OPTION_BY:
		return TAKES_BY;
	case OPTION_FORMAT:
		return TAKES_FORMAT;
	case OPTION_INTERVAL:
	case OPTION_ONCE:
		return TAKES_PACE;
	case OPTION_AT:
		return TAKES_AT;
	case OPTION_SINCE:
	case OPTION_UNTIL:
		return TAKES_TIME;
	case OPTION_TO:
	case OPTION_PORT:
		return TAKES_TO;
	case OPTION_LIMIT:
		return TAKES_LIMIT;
	}
	return option >= OPTION_EXE && option <= OPTION_OUT ? TAKES_OWNER : 0;
}

/* The options as given, before it is known for which command. */
struct parsed {
	struct cw_ctl ctl;
	unsigned given;
	bool help, version;
};

static const char *take_by(struct cw_ctl *ctl)
{
	static const char *const words[] = { "exe", "unit", "address", "host" };

	for (int i = 0; i < 4; i++) {
		if (strcmp(words[i], optarg))
			continue;
		ctl->by = i;
		return NULL;
	}
	return "exe, unit, address or host";
}

static const char *take_format(struct cw_ctl *ctl)
{
	static const char *const words[] = { "dot", "svg", "html", "json" };

	for (int i = 0; i < 4; i++) {
		if (strcmp(words[i], optarg))
			continue;
		ctl->format = i;
		return NULL;
	}
	return "dot, svg, html or json";
}

static const char *take_interval(struct cw_ctl *ctl)
{
	char *end;
	double seconds = strtod(optarg, &end);

	if (end == optarg || *end || !(seconds >= 0.1 && seconds <= 3600))
		return "a number of seconds from 0.1 to 3600";
	ctl->interval = seconds * 1e9;
	return NULL;
}

/* Options with values that may be wrong; what is accepted, or NULL. */
static const char *take_value(struct cw_ctl *ctl, const struct option *option)
{
	if (option->val == OPTION_BY)
		return take_by(ctl);
	if (option->val == OPTION_FORMAT)
		return take_format(ctl);
	if (option->val == OPTION_INTERVAL)
		return take_interval(ctl);
	ctl->filtered = true;
	return cw_filter_take(&ctl->filter, option->name, optarg);
}

static bool take_option(struct parsed *parsed, int option)
{
	parsed->given |= takes_bit(option);
	switch (option) {
	case OPTION_HELP:
		parsed->help = true;
		return true;
	case OPTION_VERSION:
		parsed->version = true;
		return true;
	case OPTION_JSON:
		parsed->ctl.json = true;
		parsed->ctl.format = CW_FORMAT_JSON;
		return true;
	case OPTION_PRINT:
		parsed->ctl.print = true;
		return true;
	case OPTION_LINT:
		parsed->ctl.lint = true;
		return true;
	case OPTION_FILE:
		parsed->ctl.file = optarg;
		return true;
	case OPTION_SOURCE:
		parsed->ctl.source = optarg;
		return true;
	case OPTION_ROOT:
		parsed->ctl.root = optarg;
		return true;
	case OPTION_SOCKET:
		parsed->ctl.socket = optarg;
		return true;
	case OPTION_SECURITYFS:
		parsed->ctl.securityfs = optarg;
		return true;
	case OPTION_HISTORY:
		parsed->ctl.history = optarg;
		return true;
	case OPTION_ONCE:
		parsed->ctl.once = true;
		return true;
	}
	return false;
}

static bool take(struct parsed *parsed, int option, int index)
{
	const char *accepted;

	if (option < OPTION_BY || option == OPTION_ONCE)
		return take_option(parsed, option);
	parsed->given |= takes_bit(option);
	accepted = take_value(&parsed->ctl, &long_options[index]);
	if (accepted)
		log_error("--%s%s%s: it must be %s", long_options[index].name,
			  optarg ? " " : "", optarg ?: "", accepted);
	return !accepted;
}

/* Options may stand anywhere: getopt moves the words behind them. */
static bool parse(struct parsed *parsed, int argc, char **argv)
{
	int option, index = 0;

	optind = 0;
	while ((option = getopt_long(argc, argv, "hV", long_options,
				     &index)) >= 0)
		if (!take(parsed, option, index))
			return false;
	if (optind < argc)
		parsed->ctl.name = argv[optind++];
	parsed->ctl.argc = argc - optind;
	parsed->ctl.argv = argv + optind;
	return true;
}

static int usage_error(const struct command *command, const char *problem)
{
	log_error("%s: %s", command->name, problem);
	print_usage(stderr, command);
	return CW_EXIT_USAGE;
}

static int run(struct parsed *parsed, const struct command *command)
{
	const struct cw_ctl *ctl = &parsed->ctl;

	if (parsed->help) {
		print_usage(stdout, command);
		printf("%s\n", command->help);
		return CW_EXIT_OK;
	}
	if (parsed->given & ~command->takes)
		return usage_error(command, "does not take this option");
	if (ctl->filter.until && ctl->filter.since > ctl->filter.until)
		return usage_error(command, "--since is after --until");
	if (ctl->argc < command->least)
		return usage_error(command, "an argument is missing");
	if (ctl->argc > command->most)
		return usage_error(command, "too many arguments");
	return command->run(ctl);
}

int cw_ctl_main(int argc, char **argv)
{
	struct parsed parsed = {
		.ctl.socket = CW_CONTROL_SOCKET,
		.ctl.securityfs = CW_FS_DIR,
		.ctl.root = "",
		.ctl.interval = 2000000000,
	};
	const struct command *command;

	cw_past_filter_init(&parsed.ctl.filter);
	if (!parse(&parsed, argc, argv)) {
		fputs("Try policyctl help.\n", stderr);
		return CW_EXIT_USAGE;
	}
	if (parsed.version)
		return run_version(&parsed.ctl);
	if (!parsed.ctl.name) {
		print_help(parsed.help ? stdout : stderr);
		return parsed.help ? CW_EXIT_OK : CW_EXIT_USAGE;
	}
	command = find(parsed.ctl.name);
	if (!command) {
		log_error("there is no command %s", parsed.ctl.name);
		print_help(stderr);
		return CW_EXIT_USAGE;
	}
	return run(&parsed, command);
}
