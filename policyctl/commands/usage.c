// SPDX-License-Identifier: GPL-2.0-only
/* Usage lines and help, from the tables of commands and of options. */
#include <string.h>

#include "options.h"

#define WIDTH	79	/* columns */
#define INDENT	7	/* of the second line of a usage, under "usage: " */

/* A usage as far as it is printed. */
struct usage {
	FILE *out;
	int column;
};

/* A group of words that must not be torn apart. */
static void add(struct usage *usage, const char *word, int size)
{
	if (usage->column + 1 + size > WIDTH)
		usage->column = fprintf(usage->out, "\n%*s", INDENT - 1, "") - 1;
	usage->column += fprintf(usage->out, " %.*s", size, word);
}

/* Up to the next space that is in no bracket. */
static int size_of_group(const char *text)
{
	int depth = 0, i;

	for (i = 0; text[i] && (depth > 0 || text[i] != ' '); i++)
		depth += (text[i] == '[') - (text[i] == ']');
	return i;
}

static void add_operands(struct usage *usage, const char *text)
{
	int size;

	for (; *text; text += size + (text[size] == ' ')) {
		size = size_of_group(text);
		add(usage, text, size);
	}
}

/* "--name VALUE" */
static int print_option(char *text, size_t room, const struct cw_option *option)
{
	return snprintf(text, room, "--%s%s%s", option->name,
			option->value ? " " : "", option->value ?: "");
}

/* Returns the last row that it printed. */
static const struct cw_option *add_option(struct usage *usage,
					  const struct cw_option *option)
{
	char text[128] = "[";
	int size = 1;

	size += print_option(text + size, sizeof(text) - size, option);
	for (; option->or_next; option++) {
		size += snprintf(text + size, sizeof(text) - size, " | ");
		size += print_option(text + size, sizeof(text) - size,
				     option + 1);
	}
	size += snprintf(text + size, sizeof(text) - size, "]");
	add(usage, text, size);
	return option;
}

void cw_usage_print(FILE *out, const struct cw_ctl_command *command)
{
	struct usage usage = { .out = out };

	usage.column = fprintf(out, "usage: policyctl %s", command->name);
	for (const struct cw_option *option = cw_options; option->name; option++)
		if (cw_option_is_of(option, command))
			option = add_option(&usage, option);
	add_operands(&usage, command->operands);
	fputc('\n', out);
}

static void print_options(FILE *out, const struct cw_ctl_command *command)
{
	char text[128];

	for (const struct cw_option *option = cw_options; option->name; option++) {
		if (!option->help ||
		    (command ? !cw_option_is_of(option, command)
			     : option->takes))
			continue;
		print_option(text, sizeof(text), option);
		if (strlen(text) > 24)
			fprintf(out, "  %s\n  %-24s", text, "");
		else
			fprintf(out, "  %-24s", text);
		fprintf(out, "  %s\n", option->help);
	}
}

void cw_usage_print_command(FILE *out, const struct cw_ctl_command *command)
{
	cw_usage_print(out, command);
	fprintf(out, "%s\n", command->help);
	if (command->takes)
		fputc('\n', out);
	print_options(out, command);
}

void cw_usage_print_all(FILE *out)
{
	const struct cw_ctl_command *command = cw_commands;

	fputs("usage: policyctl [--socket PATH] COMMAND ...\n\n", out);
	for (; command->name; command++)
		fprintf(out, "  %-12s %s\n", command->name, command->help);
	fputs("\nOptions of every command:\n", out);
	print_options(out, NULL);
	fputs("\nExits with 0 when done, 1 when refused or failed, 2 on "
	      "wrong usage;\nwho, test, diff and would-deny with 3 when they "
	      "could not look.\nMore in policyctl(8); the options of a command: "
	      "policyctl COMMAND --help.\n", out);
}
