// SPDX-License-Identifier: GPL-2.0-only
/* The options of policyctl. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "policy/text/passes.h"
#include "options.h"

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
	OPTION_ACROSS,
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
	{ "across-netns", no_argument, NULL, OPTION_ACROSS },
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
	case OPTION_ACROSS:
		return TAKES_ACROSS;
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

static bool take_option(struct cw_parsed *parsed, int option)
{
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
	case OPTION_ACROSS:
		parsed->ctl.across_netns = true;
		return true;
	}
	return false;
}

static bool take(struct cw_parsed *parsed, int option, int index)
{
	const char *accepted;

	if (option < OPTION_BY || option == OPTION_ONCE ||
	    option == OPTION_ACROSS)
		return take_option(parsed, option);
	accepted = take_value(&parsed->ctl, &long_options[index]);
	if (accepted && optarg)
		log_error("--%s %s: it must be %s", long_options[index].name,
			  optarg, accepted);
	else if (accepted)
		log_error("--%s: %s", long_options[index].name, accepted);
	return !accepted;
}

/* ---- what is wrong ------------------------------------------------------- */

/* By spelling, among those of @takes that differ in less than @best letters. */
static const char *nearest(const char *name, unsigned takes, unsigned best)
{
	unsigned size = strlen(name);
	const char *found = NULL;

	for (const struct option *option = long_options; option->name; option++) {
		unsigned bit = takes_bit(option->val), distance;

		if (!(takes & bit))
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
	const struct option *option = long_options;
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
	near = nearest(name, ~0u, name[0] && name[1] ? 3 : 1);
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

bool cw_options_allowed(const struct cw_parsed *parsed, const char *command,
			unsigned takes)
{
	const char *name, *near;

	for (unsigned i = 0; i < parsed->count; i++) {
		if (!(takes_bit(parsed->given[i]->val) & ~takes))
			continue;
		name = parsed->given[i]->name;
		near = nearest(name, takes, UINT8_MAX);
		log_error("%s does not take --%s; %s%s", command, name, near
			  ? "the nearest option that it has is --"
			  : "it has no options", near ?: "");
		return false;
	}
	return true;
}

/* ---- all of them --------------------------------------------------------- */

static void note(struct cw_parsed *parsed, int option)
{
	const struct option *at = long_options;

	while (at->name && at->val != option)
		at++;
	if (at->name && parsed->count < CW_OPTIONS_MAX)
		parsed->given[parsed->count++] = at;
}

/* Options may stand anywhere: getopt moves the words behind them. */
bool cw_options_parse(struct cw_parsed *parsed, int argc, char **argv)
{
	int option, index = 0;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":hV", long_options,
				     &index)) >= 0) {
		if (option == '?' || option == ':') {
			complain(option, argv);
			return false;
		}
		note(parsed, option);
		if (!take(parsed, option, index))
			return false;
	}
	if (optind < argc)
		parsed->ctl.name = argv[optind++];
	parsed->ctl.argc = argc - optind;
	parsed->ctl.argv = argv + optind;
	return true;
}
