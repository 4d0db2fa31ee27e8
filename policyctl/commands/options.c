// SPDX-License-Identifier: GPL-2.0-only
/* The table of options, and parsing by it. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "policy/text/passes.h"
#include "options.h"

#define FLAG(member)	offsetof(struct cw_parsed, member)
#define TEXT(member)	offsetof(struct cw_parsed, member)

/* ---- values --------------------------------------------------------------- */

static const char *take_json(struct cw_parsed *parsed,
			     const struct cw_option *option, const char *value)
{
	(void)option, (void)value;
	parsed->ctl.json = true;
	parsed->ctl.format = CW_FORMAT_JSON;
	return NULL;
}

static const char *take_by(struct cw_parsed *parsed,
			   const struct cw_option *option, const char *value)
{
	static const char *const words[] = { "exe", "unit", "address", "host" };
	int found = cw_word_find(words, 4, value);

	(void)option;
	if (found < 0)
		return "exe, unit, address or host";
	parsed->ctl.by = found;
	return NULL;
}

static const char *take_format(struct cw_parsed *parsed,
			       const struct cw_option *option,
			       const char *value)
{
	static const char *const words[] = { "dot", "svg", "html", "json" };
	int found = cw_word_find(words, 4, value);

	(void)option;
	if (found < 0)
		return "dot, svg, html or json";
	parsed->ctl.format = found;
	return NULL;
}

static const char *take_interval(struct cw_parsed *parsed,
				 const struct cw_option *option,
				 const char *value)
{
	char *end;
	double seconds = strtod(value, &end);

	(void)option;
	if (end == value || *end || !(seconds >= 0.1 && seconds <= 3600))
		return "a number of seconds from 0.1 to 3600";
	parsed->ctl.interval = seconds * 1e9;
	return NULL;
}

static const char *take_filter(struct cw_parsed *parsed,
			       const struct cw_option *option,
			       const char *value)
{
	parsed->ctl.filtered = true;
	return cw_filter_take(&parsed->ctl.filter, option->name, value);
}

/* ---- the table ------------------------------------------------------------- */

const struct cw_option cw_options[] = {
	{ .name = "json", .help = "print JSON, for programs",
	  .takes = TAKES_JSON, .take = take_json },
	{ .name = "print", .help = "print the rules in their canonical form",
	  .takes = TAKES_PRINT, .flag = FLAG(ctl.print) },
	{ .name = "lint", .help = "changes nothing: warnings come without it",
	  .takes = TAKES_LINT, .flag = FLAG(ctl.lint) },
	{ .name = "file", .value = "FILE",
	  .help = "ask the rules of FILE, not the policy in force",
	  .takes = TAKES_FILE, .text = TEXT(ctl.file) },
	{ .name = "source", .value = "kernel|proc",
	  .help = "read the module's table (default) or /proc",
	  .takes = TAKES_SOURCE, .text = TEXT(ctl.source) },
	{ .name = "format", .value = "dot|svg|html|json",
	  .help = "the format of the graph (default: dot)",
	  .takes = TAKES_FORMAT, .take = take_format },
	{ .name = "by", .value = "exe|unit|address|host",
	  .help = "add up by this (default: exe)",
	  .takes = TAKES_BY, .take = take_by },
	{ .name = "across-netns",
	  .help = "join both ends also between network namespaces",
	  .takes = TAKES_ACROSS, .flag = FLAG(ctl.across_netns) },
	{ .name = "interval", .value = "SECONDS",
	  .help = "time between two screens (default: 2)",
	  .takes = TAKES_PACE, .take = take_interval },
	{ .name = "once", .help = "print one screen and exit",
	  .takes = TAKES_PACE, .flag = FLAG(ctl.once) },
	{ .name = "history", .value = "FILE",
	  .help = "read this history (default: " CW_HISTORY_FILE ")",
	  .takes = TAKES_HISTORY, .text = TEXT(ctl.history) },
	{ .name = "limit", .value = "NUMBER",
	  .help = "at most so many rows; of graph: addresses",
	  .takes = TAKES_LIMIT, .take = take_filter },
	{ .name = "at", .value = "TIME", .help = "only what was open then",
	  .takes = TAKES_AT, .take = take_filter },
	{ .name = "since", .value = "TIME",
	  .help = "only what was open at this time or later",
	  .takes = TAKES_TIME, .take = take_filter },
	{ .name = "until", .value = "TIME",
	  .help = "only what was opened at this time or before",
	  .takes = TAKES_TIME, .take = take_filter },
	{ .name = "exe", .value = "PATH",
	  .help = "only programs with this path or glob, or running this script",
	  .takes = TAKES_OWNER, .take = take_filter },
	{ .name = "user", .value = "USER", .help = "only this user's",
	  .takes = TAKES_OWNER, .take = take_filter },
	{ .name = "pid", .value = "NUMBER", .help = "only this process's",
	  .takes = TAKES_OWNER, .take = take_filter },
	{ .name = "verdict", .value = "allow|deny|would-deny|-",
	  .help = "only what was judged so; - = not judged",
	  .takes = TAKES_OWNER, .take = take_filter },
	{ .name = "proto", .value = "tcp|udp|sctp|icmp|raw|packet",
	  .help = "only this protocol", .takes = TAKES_OWNER,
	  .take = take_filter },
	{ .name = "in", .help = "only what came in", .takes = TAKES_OWNER,
	  .take = take_filter, .or_next = true },
	{ .name = "out", .help = "only what went out", .takes = TAKES_OWNER,
	  .take = take_filter },
	{ .name = "to", .value = "ADDRESS[/PREFIX][:PORT]",
	  .help = "only with this remote end",
	  .takes = TAKES_TO, .take = take_filter },
	{ .name = "port", .value = "PORT",
	  .help = "only with this port at either end; with --to, the remote one",
	  .takes = TAKES_TO, .take = take_filter },
	{ .name = "socket", .value = "PATH",
	  .help = "policyd's socket (default: " CW_CONTROL_SOCKET ")",
	  .text = TEXT(ctl.socket) },
	{ .name = "help", .help = "print this, and do nothing",
	  .flag = FLAG(help) },
	{ .name = "version", .help = "print the version, and do nothing",
	  .flag = FLAG(version) },
	{ .name = "root", .value = "PATH", .text = TEXT(ctl.root) },
	{ .name = "securityfs", .value = "PATH", .text = TEXT(ctl.securityfs) },
	{ .name = NULL },
};

#define OPTIONS		(sizeof(cw_options) / sizeof(cw_options[0]) - 1)

/* getopt_long() returns the number of the row from here on. */
#define FIRST_ROW	256

bool cw_option_is_of(const struct cw_option *option,
		     const struct cw_ctl_command *command)
{
	return option->takes & command->takes;
}

/* ---- what is wrong ------------------------------------------------------- */

/* The option of @takes, or any when it is 0, whose spelling differs least and in
 * less than @best letters. */
static const char *nearest(const char *name, unsigned takes, unsigned best)
{
	unsigned size = strlen(name);
	const char *found = NULL;

	for (const struct cw_option *option = cw_options; option->name; option++) {
		unsigned distance;

		if (takes ? !(takes & option->takes) : !option->help)
			continue;
		distance = cw_word_distance(name, size, option->name,
					   strlen(option->name), best);
		if (distance < best) {
			best = distance;
			found = option->name;
		}
	}
	return found;
}

static bool is_ambiguous(const char *name)
{
	const struct cw_option *option = cw_options;
	size_t size = strlen(name);
	unsigned count = 0;

	for (; option->name; option++)
		count += !strncmp(option->name, name, size);
	return size && count > 1;
}

/* What getopt_long() does not take: it says only that, and not always which. */
static void complain(int what, char *const *argv)
{
	const char *word = argv[optind - 1], *near;
	char name[64];

	if (strncmp(word, "--", 2)) {
		log_error("there is no option -%c", optopt);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="),
		 word + 2);
	near = nearest(name, 0, name[0] && name[1] ? 3 : 1);
	if (what == ':')
		log_error("--%s needs a value", name);
	else if (optopt)
		log_error("--%s takes no value", name);
	else if (is_ambiguous(name))
		log_error("--%s may be one of several options: write all of "
			  "it", name);
	else if (near)
		log_error("there is no option --%s; did you mean --%s?", name,
			  near);
	else
		log_error("there is no option --%s", name);
}

bool cw_options_allowed(const struct cw_parsed *parsed,
			const struct cw_ctl_command *command)
{
	const char *name, *near = NULL;

	for (unsigned i = 0; i < parsed->count; i++) {
		if (!parsed->given[i]->takes ||
		    cw_option_is_of(parsed->given[i], command))
			continue;
		name = parsed->given[i]->name;
		if (command->takes)
			near = nearest(name, command->takes, UINT8_MAX);
		log_error("%s does not take --%s; %s%s", command->name, name,
			  near ? "the nearest option that it has is --"
			  : "it has no options", near ?: "");
		return false;
	}
	return true;
}

/* ---- all of them --------------------------------------------------------- */

static bool take(struct cw_parsed *parsed, const struct cw_option *option,
		 const char *value)
{
	const char *accepted = NULL;

	if (option->flag)
		*(bool *)((char *)parsed + option->flag) = true;
	if (option->text)
		*(const char **)((char *)parsed + option->text) = value;
	if (option->take)
		accepted = option->take(parsed, option, value);
	if (accepted && value)
		log_error("--%s %s: it must be %s", option->name, value,
			  accepted);
	else if (accepted)
		log_error("--%s: %s", option->name, accepted);
	return !accepted;
}

static const struct cw_option *find(const char *name)
{
	const struct cw_option *option = cw_options;

	while (option->name && strcmp(option->name, name))
		option++;
	return option;
}

static const struct cw_option *row_of(int option)
{
	switch (option) {
	case 'h':
		return find("help");
	case 'V':
		return find("version");
	}
	return &cw_options[option - FIRST_ROW];
}

/* Options may stand anywhere: getopt moves the words behind them. */
bool cw_options_parse(struct cw_parsed *parsed, int argc, char **argv)
{
	struct option table[OPTIONS + 1] = { 0 };
	const struct cw_option *row;
	int option;

	for (size_t i = 0; i < OPTIONS; i++) {
		table[i].name = cw_options[i].name;
		table[i].has_arg = cw_options[i].value ? required_argument
						       : no_argument;
		table[i].val = FIRST_ROW + i;
	}
	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":hV", table, NULL)) >= 0) {
		if (option == '?' || option == ':') {
			complain(option, argv);
			return false;
		}
		row = row_of(option);
		if (parsed->count < CW_OPTIONS_MAX)
			parsed->given[parsed->count++] = row;
		if (!take(parsed, row, row->value ? optarg : NULL))
			return false;
	}
	if (optind < argc)
		parsed->ctl.name = argv[optind++];
	parsed->ctl.argc = argc - optind;
	parsed->ctl.argv = argv + optind;
	return true;
}
