// SPDX-License-Identifier: GPL-2.0-only
/* policyctl: the table of commands, and dispatch by it. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "options.h"

static int print_version(const struct cw_ctl *ctl);
static int run_help(const struct cw_ctl *ctl);

const struct cw_ctl_command cw_commands[] = {
	{ "status", "", NULL,
	  "mode, policy and counters of the kernel; state of policyd",
	  0, 0, TAKES_JSON, cw_ctl_status },
	{ "load", "[FILE]", "FILE",
	  "put the rules of FILE (else policyd's own file) in force",
	  0, 1, TAKES_JSON, cw_ctl_load },
	{ "check", "FILE", "FILE",
	  "say what is wrong with the rules of FILE; changes nothing",
	  1, 1, TAKES_JSON | TAKES_PRINT | TAKES_LINT, cw_ctl_check },
	{ "mode", "[enforce|monitor]", "enforce|monitor",
	  "say the mode, or change it",
	  0, 1, TAKES_JSON, cw_ctl_mode },
	{ "would-deny", "", NULL,
	  "what enforce would refuse of what passes now: ask before `mode enforce'",
	  0, 0, TAKES_JSON | TAKES_HISTORY | TAKES_TIME, cw_ctl_would_deny },
	{ "show", "", NULL,
	  "print the policy in force as rules",
	  0, 0, 0, cw_ctl_show },
	{ "test", "EXE [script PATH] [user USER] [group GROUP] [unit UNIT] "
	  "[cgroup PATH] [container NAME] [parent PATH] [ancestor PATH] "
	  "[sha256 HEX] [clean-env] to ADDRESS[:PORT] [port PORT] "
	  "[from port PORT] [proto PROTO]", "FILE",
	  "say what the policy in force, or FILE, decides, and why",
	  1, 64, TAKES_JSON | TAKES_FILE, cw_ctl_test },
	{ "diff", "[OLD] NEW", "FILE",
	  "compare rules: two files, or the policy in force and a file",
	  1, 2, TAKES_JSON, cw_ctl_diff },
	{ "connections", "", NULL,
	  "who talks to whom: live connections and those just closed",
	  0, 0, TAKES_JSON | TAKES_SOURCE | TAKES_FILTER, cw_ctl_connections },
	{ "doctor", "", NULL,
	  "what on this host makes enforcement, attribution or audit incomplete",
	  0, 0, TAKES_JSON, cw_ctl_doctor },
	{ "history", "", NULL,
	  "who talked to whom: connections that policyd has stored",
	  0, 0, TAKES_JSON | TAKES_HISTORY | TAKES_LIMIT | TAKES_FILTER,
	  cw_ctl_history },
	{ "who", "ADDRESS[:PORT] | [ADDRESS]:PORT | ADDRESS/PREFIX | :PORT", NULL,
	  "say which programs talked to an address, or were talked to from it",
	  1, 1, TAKES_JSON | TAKES_HISTORY | TAKES_AT | TAKES_TIME |
	  TAKES_OWNER, cw_ctl_who },
	{ "flows", "[FILE ...]", "FILE",
	  "which programs talk to which programs, added up; of other hosts too",
	  0, 4096, TAKES_JSON | TAKES_HISTORY | TAKES_BY | TAKES_LIMIT |
	  TAKES_ACROSS | TAKES_FILTER, cw_ctl_flows },
	{ "graph", "[FILE ...]", "FILE",
	  "draw the flows as a graph; of other hosts too",
	  0, 4096, TAKES_JSON | TAKES_FORMAT | TAKES_HISTORY | TAKES_BY |
	  TAKES_ACROSS | TAKES_LIMIT | TAKES_FILTER, cw_ctl_graph },
	{ "export", "", NULL,
	  "print the history as JSON, a line each, for other hosts",
	  0, 0, TAKES_HISTORY | TAKES_LIMIT | TAKES_FILTER, cw_ctl_export },
	{ "backup", "FILE", "FILE",
	  "copy the history to FILE, also while policyd writes it",
	  1, 1, TAKES_HISTORY, cw_ctl_backup },
	{ "top", "", NULL,
	  "a live screen: which programs talk most, and to whom",
	  0, 0, TAKES_PACE | TAKES_OWNER | TAKES_TO, cw_ctl_top },
	{ "completion", "bash|zsh", "bash|zsh",
	  "print the completion of policyctl for this shell",
	  1, 1, 0, cw_ctl_completion },
	{ "version", "", NULL,
	  "print the version of policyctl",
	  0, 0, 0, print_version },
	{ "help", "[COMMAND]", "COMMAND",
	  "this list, or the usage of one command",
	  0, 1, 0, run_help },
	{ .name = NULL },
};

static const struct cw_ctl_command *find(const char *name)
{
	const struct cw_ctl_command *command = cw_commands;

	while (command->name && strcmp(command->name, name))
		command++;
	return command->name ? command : NULL;
}

static int print_version(const struct cw_ctl *ctl)
{
	puts("policyctl " CW_VERSION);
	return cw_ctl_close_output(ctl);
}

static int print_command_help(const struct cw_ctl *ctl,
			      const struct cw_ctl_command *command)
{
	cw_usage_print_command(stdout, command);
	return cw_ctl_close_output(ctl);
}

/* The command that was meant by @name, by its spelling. */
static int complain_of_name(const char *where, const char *name)
{
	unsigned best = 3, size = strlen(name);
	const struct cw_ctl_command *command = cw_commands;
	const char *near = NULL;

	for (; command->name; command++) {
		unsigned distance = cw_word_distance(name, size, command->name,
						    strlen(command->name), best);

		if (distance < best && distance < size) {
			best = distance;
			near = command->name;
		}
	}
	log_error("%sthere is no command %s%s%s%s", where, name,
		  near ? "; did you mean " : "", near ?: "", near ? "?" : "");
	return CW_EXIT_USAGE;
}

static int run_help(const struct cw_ctl *ctl)
{
	const struct cw_ctl_command *command;

	if (!ctl->argc) {
		cw_usage_print_all(stdout);
		return cw_ctl_close_output(ctl);
	}
	command = find(ctl->argv[0]);
	return command ? print_command_help(ctl, command)
		       : complain_of_name("help: ", ctl->argv[0]);
}

static int usage_error(const struct cw_ctl_command *command, const char *problem)
{
	log_error("%s: %s", command->name, problem);
	cw_usage_print(stderr, command);
	return CW_EXIT_USAGE;
}

static int run(struct cw_parsed *parsed, const struct cw_ctl_command *command)
{
	const struct cw_ctl *ctl = &parsed->ctl;

	if (parsed->help)
		return print_command_help(ctl, command);
	if (!cw_options_allowed(parsed, command)) {
		cw_usage_print(stderr, command);
		return CW_EXIT_USAGE;
	}
	if (ctl->filter.until && ctl->filter.since > ctl->filter.until)
		return usage_error(command, "--since is after --until");
	if (ctl->argc < command->least)
		return usage_error(command, "an argument is missing");
	if (ctl->argc > command->most) {
		log_error("%s: too many arguments: %s", command->name,
			  ctl->argv[command->most]);
		cw_usage_print(stderr, command);
		return CW_EXIT_USAGE;
	}
	return command->run(ctl);
}

/*
 * Whoever closed one of the three would find its number on the next file that is
 * opened, and our output in there.  Output that nobody can get must fail.
 */
static void open_standard_files(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY);
}

int cw_ctl_main(int argc, char **argv)
{
	struct cw_parsed parsed = {
		.ctl.socket = CW_CONTROL_SOCKET,
		.ctl.securityfs = CW_FS_DIR,
		.ctl.root = "",
		.ctl.interval = 2000000000,
	};
	const struct cw_ctl_command *command;

	open_standard_files();
	cw_past_filter_init(&parsed.ctl.filter);
	if (!cw_options_parse(&parsed, argc, argv)) {
		fputs("Try policyctl help.\n", stderr);
		return CW_EXIT_USAGE;
	}
	if (parsed.version || (parsed.help && !parsed.ctl.name)) {
		parsed.ctl.name = parsed.version ? "version" : "help";
		parsed.ctl.argc = 0;
		return parsed.version ? print_version(&parsed.ctl)
				      : run_help(&parsed.ctl);
	}
	if (!parsed.ctl.name) {
		log_error("a command is missing");
		cw_usage_print_all(stderr);
		return CW_EXIT_USAGE;
	}
	command = find(parsed.ctl.name);
	if (!command) {
		complain_of_name("", parsed.ctl.name);
		fputs("Try policyctl help.\n", stderr);
		return CW_EXIT_USAGE;
	}
	return run(&parsed, command);
}
