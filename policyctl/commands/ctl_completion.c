// SPDX-License-Identifier: GPL-2.0-only
/* policyctl completion: the completion of a shell, from the tables of commands and
 * of options.  The build writes it into the files that are installed. */
#include <string.h>

#include "options.h"

#define TIMES	"15m 1h 1d 7d now"

/* What a value or an operand is completed as. */
enum kind {
	KIND_NONE,
	KIND_WORDS,		/* the words of the value, "a|b" */
	KIND_FILES,
	KIND_USERS,
	KIND_TIMES,
	KIND_COMMANDS,
	KIND_COUNT
};

static enum kind kind_of(const char *value)
{
	if (!value)
		return KIND_NONE;
	if (!strcmp(value, "FILE") || !strcmp(value, "PATH"))
		return KIND_FILES;
	if (!strcmp(value, "USER"))
		return KIND_USERS;
	if (!strcmp(value, "TIME"))
		return KIND_TIMES;
	if (!strcmp(value, "COMMAND"))
		return KIND_COMMANDS;
	return strchr(value, '|') ? KIND_WORDS : KIND_NONE;
}

static void print_words(const char *value)
{
	for (; *value; value++)
		putchar(*value == '|' ? ' ' : *value);
}

static void print_commands(void)
{
	for (const struct cw_ctl_command *command = cw_commands; command->name;
	     command++)
		printf("%s%s", command == cw_commands ? "" : " ", command->name);
}

/* Whether @option goes with @command; NULL = before any command. */
static bool is_offered(const struct cw_option *option,
		       const struct cw_ctl_command *command)
{
	return option->help && (!option->takes ||
				(command && cw_option_is_of(option, command)));
}

/* ---- bash ------------------------------------------------------------------ */

static const char *const bash_of[KIND_COUNT] = {
	[KIND_NONE] = "''",
	[KIND_WORDS] = "",
	[KIND_FILES] = "-f",
	[KIND_USERS] = "-u",
	[KIND_TIMES] = "-W '" TIMES "'",
	[KIND_COMMANDS] = "-W \"$commands\"",
};

/* Arguments of compgen. */
static void print_bash_kind(const char *value)
{
	enum kind kind = kind_of(value);

	if (kind == KIND_WORDS) {
		fputs("-W '", stdout);
		print_words(value);
		putchar('\'');
	} else {
		fputs(bash_of[kind], stdout);
	}
}

/* "--a | --b", all options with a value. */
static void print_bash_values(void)
{
	const char *before = "";

	for (const struct cw_option *option = cw_options; option->name; option++) {
		if (!option->value)
			continue;
		printf("%s--%s", before, option->name);
		before = " | ";
	}
}

static void print_bash_command(const struct cw_ctl_command *command)
{
	const char *before = "";

	printf("\t%s) options='", command ? command->name : "''");
	for (const struct cw_option *option = cw_options; option->name; option++) {
		if (!is_offered(option, command))
			continue;
		printf("%s--%s", before, option->name);
		before = " ";
	}
	fputs("'; _policyctl_offer ", stdout);
	print_bash_kind(command ? command->completes : "COMMAND");
	fputs(" ;;\n", stdout);
}

static void print_bash(void)
{
	fputs("# bash completion, written by: policyctl completion bash\n"
	      "_policyctl_offer() {\n"
	      "\t[[ $current != -* || ! $options ]] || set -- -W \"$options\"\n"
	      "\t[[ $1 ]] || return 0\n"
	      "\tmapfile -t COMPREPLY < <(compgen \"$@\" -- \"$current\")\n"
	      "\t[[ $1 != -f ]] || compopt -o filenames 2>/dev/null\n"
	      "}\n\n_policyctl() {\n"
	      "\tlocal current=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1))\n"
	      "\tlocal before command='' options='' i commands='", stdout);
	print_commands();
	fputs("'\n\tCOMPREPLY=()\n"
	      "\t# bash makes a word of the = in --option=value\n"
	      "\tif [[ $current == = ]]; then current=''\n"
	      "\telif [[ ${COMP_WORDS[at]} == = ]]; then ((at--)); fi\n"
	      "\tbefore=${COMP_WORDS[at]}\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n\t\t", stdout);
	print_bash_values();
	fputs(")\n\t\t\t[[ ${COMP_WORDS[i + 1]} != = ]] || ((i++))\n"
	      "\t\t\t((i++)) ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
	      "\t\tesac\n\tdone\n\tcase $before in\n", stdout);
	for (const struct cw_option *option = cw_options; option->name; option++) {
		if (!option->value)
			continue;
		printf("\t--%s) _policyctl_offer ", option->name);
		print_bash_kind(option->value);
		fputs("; return ;;\n", stdout);
	}
	fputs("\tesac\n\tcase $command in\n", stdout);
	print_bash_command(NULL);
	for (const struct cw_ctl_command *command = cw_commands; command->name;
	     command++)
		print_bash_command(command);
	fputs("\tesac\n}\n\ncomplete -F _policyctl policyctl\n", stdout);
}

/* ---- zsh ------------------------------------------------------------------- */

static const char *const zsh_of[KIND_COUNT] = {
	[KIND_NONE] = " ",
	[KIND_WORDS] = "",
	[KIND_FILES] = "_files",
	[KIND_USERS] = "_users",
	[KIND_TIMES] = "(" TIMES ")",
	[KIND_COMMANDS] = "($names)",
};

/* Between single quotes, where _arguments gives a meaning to [ ] and :. */
static void print_zsh_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", stdout);
		else if (strchr("[]:\\", *text))
			putchar('\\');
		putchar(*text);
	}
}

/* ":MESSAGE:ACTION" of _arguments. */
static void print_zsh_kind(const char *value, const char *message)
{
	enum kind kind = kind_of(value);

	putchar(':');
	print_zsh_text(message);
	putchar(':');
	if (kind == KIND_WORDS) {
		putchar('(');
		print_words(value);
		putchar(')');
	} else {
		fputs(zsh_of[kind], stdout);
	}
}

static void print_zsh_options(const struct cw_ctl_command *command)
{
	for (const struct cw_option *option = cw_options; option->name; option++) {
		if (!is_offered(option, command))
			continue;
		printf(" \\\n\t\t'--%s%s[", option->name,
		       option->value ? "=" : "");
		print_zsh_text(option->help);
		putchar(']');
		if (option->value)
			print_zsh_kind(option->value, option->value);
		putchar('\'');
	}
}

static void print_zsh_command(const struct cw_ctl_command *command)
{
	printf("\t%s) _arguments", command->name);
	print_zsh_options(command);
	if (command->completes) {
		/* Between double quotes, as $names is filled in. */
		fputs(" \\\n\t\t\"*", stdout);
		print_zsh_kind(command->completes, "operand");
		putchar('"');
	}
	fputs(" ;;\n", stdout);
}

static void print_zsh(void)
{
	const struct cw_ctl_command *command;

	fputs("#compdef policyctl\n"
	      "# zsh completion, written by: policyctl completion zsh\n"
	      "_policyctl() {\n"
	      "\tlocal curcontext=$curcontext state names\n"
	      "\tlocal -a commands line\n"
	      "\tcommands=(\n", stdout);
	for (command = cw_commands; command->name; command++) {
		printf("\t\t'%s:", command->name);
		print_zsh_text(command->help);
		fputs("'\n", stdout);
	}
	fputs("\t)\n\tnames=${commands%%:*}\n"
	      "\t_arguments -C", stdout);
	print_zsh_options(NULL);
	fputs(" \\\n\t\t'1:command:->command' '*::argument:->argument'\n"
	      "\tcase $state in\n"
	      "\tcommand) _describe command commands; return ;;\n"
	      "\targument) ;;\n"
	      "\t*) return ;;\n"
	      "\tesac\n"
	      "\tcurcontext=${curcontext%:*}-$words[1]:\n"
	      "\tcase $words[1] in\n", stdout);
	for (command = cw_commands; command->name; command++)
		print_zsh_command(command);
	fputs("\tesac\n}\n\n_policyctl \"$@\"\n", stdout);
}

int cw_ctl_completion(const struct cw_ctl *ctl)
{
	if (!strcmp(ctl->argv[0], "bash")) {
		print_bash();
	} else if (!strcmp(ctl->argv[0], "zsh")) {
		print_zsh();
	} else {
		log_error("completion: there is none for %s: it must be bash or "
			  "zsh", ctl->argv[0]);
		return CW_EXIT_USAGE;
	}
	return cw_ctl_close_output(ctl);
}
