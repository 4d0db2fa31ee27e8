// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tree to canonical text: one way to write each thing, so that the text of
 * two policies can be compared and printing what was printed changes nothing.
 */
#include <arpa/inet.h>

#include "passes.h"

#define SET_WIDTH	78	/* columns after which a set's list wraps */
#define RULE_WIDTH	1000	/* rules stay on one line for grep, yet within
				 * what the lexer takes */

/* Text on its way out, with lists wrapped between elements. */
struct printer {
	const struct cw_ruleset *ruleset;
	FILE *out;
	u32 column, width;
};

static void put(struct printer *printer, const char *text)
{
	fputs(text, printer->out);
	printer->column += strlen(text);
}

/* A blank, or the end of a line that continues. */
static void put_space(struct printer *printer)
{
	if (printer->column < printer->width) {
		put(printer, " ");
		return;
	}
	fputs(" \\\n\t", printer->out);
	printer->column = 8;
}

static void put_word(struct printer *printer, const char *word)
{
	put_space(printer);
	put(printer, word);
}

/* What stands between two elements of a list. */
static void put_separator(struct printer *printer, u32 index)
{
	if (index)
		put(printer, ",");
	put_space(printer);
}

/* True when the lexer would read the bare text as one word, as it is. */
static bool is_plain(const char *text)
{
	size_t size = strlen(text), n;

	if (!size || strchr("#=@", *text))
		return false;
	for (; size; text += n, size -= n) {
		n = cw_character_visible(text, size);
		if (!n || strchr(" ,\"\\", *text))
			return false;
	}
	return true;
}

static void put_quoted(struct printer *printer, const char *text)
{
	size_t size = strlen(text), n;
	char piece[8];

	put(printer, "\"");
	for (; size; text += n, size -= n) {
		n = cw_character_visible(text, size);
		if (!n) {
			snprintf(piece, sizeof(piece), "\\x%02x", (u8)*text);
			n = 1;
		} else if (*text == '"' || *text == '\\') {
			snprintf(piece, sizeof(piece), "\\%c", *text);
		} else {
			memcpy(piece, text, n);
			piece[n] = 0;
		}
		put(printer, piece);
	}
	put(printer, "\"");
}

static void put_text(struct printer *printer, const char *text)
{
	put_space(printer);
	if (is_plain(text))
		put(printer, text);
	else
		put_quoted(printer, text);
}

/* ---- lists -------------------------------------------------------------- */

static void put_address(struct printer *printer, const struct cw_dest *dest)
{
	int family = dest->family == 4 ? AF_INET : AF_INET6;
	int length = cw_word_prefix_length(dest);
	char text[INET6_ADDRSTRLEN + 8];

	put(printer, inet_ntop(family, dest->lo, text, INET6_ADDRSTRLEN));
	if (length < 0) {
		put(printer, "-");
		put(printer, inet_ntop(family, dest->hi, text,
				       INET6_ADDRSTRLEN));
	} else if (length < (dest->family == 4 ? 32 : 128)) {
		snprintf(text, sizeof(text), "/%d", length);
		put(printer, text);
	}
	if (dest->zone) {
		put(printer, "%");
		put(printer, dest->zone);
	}
}

static void put_set(struct printer *printer, u32 set)
{
	put(printer, "@");
	put(printer, printer->ruleset->sets[set].name);
}

static void put_dests(struct printer *printer, const struct cw_dest *dest,
		      u32 count)
{
	u32 i;

	for (i = 0; i < count; i++, dest++) {
		put_separator(printer, i);
		switch (dest->kind) {
		case CW_DEST_ANY:
			put(printer, "any");
			break;
		case CW_DEST_ADDR:
			put_address(printer, dest);
			break;
		case CW_DEST_SET:
			put_set(printer, dest->set);
			break;
		case CW_DEST_HOST:
			put(printer, "host");
			put_word(printer, dest->name);
			break;
		}
	}
}

static void put_ports(struct printer *printer, const struct cw_port *port,
		      u32 count)
{
	char text[16];
	u32 i;

	for (i = 0; i < count; i++, port++) {
		put_separator(printer, i);
		if (port->is_set) {
			put_set(printer, port->set);
			continue;
		}
		snprintf(text, sizeof(text), port->lo == port->hi ? "%u" :
			 "%u-%u", port->lo, port->hi);
		put(printer, text);
	}
}

static void put_protos(struct printer *printer, u8 protos)
{
	u32 i, count = 0;

	for (i = 0; i < CW_PROTO_COUNT; i++) {
		if (!(protos >> i & 1))
			continue;
		put_separator(printer, count++);
		put(printer, cw_proto_name(i));
	}
}

/* ---- rules -------------------------------------------------------------- */

static void put_digest(struct printer *printer, const u8 digest[32])
{
	char text[65];
	u32 i;

	for (i = 0; i < 32; i++)
		snprintf(text + i * 2, 3, "%02x", digest[i]);
	put_word(printer, text);
}

const char *cw_cond_name(enum cw_cond_kind kind)
{
	static const char *const name[CW_COND_COUNT] = {
		[CW_COND_SCRIPT] = "script", [CW_COND_USER] = "user",
		[CW_COND_GROUP] = "group", [CW_COND_UNIT] = "unit",
		[CW_COND_CGROUP] = "cgroup", [CW_COND_CONTAINER] = "container",
		[CW_COND_PARENT] = "parent", [CW_COND_ANCESTOR] = "ancestor",
		[CW_COND_SHA256] = "sha256", [CW_COND_CLEAN_ENV] = "clean-env",
	};

	return name[kind];
}

const char *cw_log_name(enum cw_log log)
{
	static const char *const name[] = {
		[CW_LOG_NONE] = "none", [CW_LOG_DENY] = "deny",
		[CW_LOG_ALL] = "all",
	};

	return name[log];
}

static void put_cond(struct printer *printer, const struct cw_cond *cond)
{
	char id[16];

	put_word(printer, cw_cond_name(cond->kind));
	if (cond->kind == CW_COND_SHA256) {
		put_digest(printer, cond->digest);
	} else if (cond->text) {
		put_text(printer, cond->text);
	} else if (cond->kind != CW_COND_CLEAN_ENV) {
		snprintf(id, sizeof(id), "%u", cond->id);
		put_word(printer, id);
	}
}

static void put_subject(struct printer *printer, const struct cw_rule *rule)
{
	u32 i;

	switch (rule->exe_kind) {
	case CW_EXE_ANY:
		put_word(printer, "any");
		break;
	case CW_EXE_KERNEL:
		put_word(printer, "kernel");
		break;
	case CW_EXE_PATH:
	case CW_EXE_GLOB:
		put_text(printer, rule->exe);
		break;
	}
	for (i = 0; i < rule->cond_count; i++)
		put_cond(printer, &rule->conds[i]);
}

/* The date that a day number stands for, in the Gregorian calendar. */
static void split_days(u64 days, u32 *year, u32 *month, u32 *day)
{
	u64 era_day = days + 719468, era = era_day / 146097, of_year;

	era_day %= 146097;
	of_year = (era_day - era_day / 1460 + era_day / 36524 -
		   era_day / 146096) / 365;
	*day = era_day - (of_year * 365 + of_year / 4 - of_year / 100);
	*month = (*day * 5 + 2) / 153;
	*day = *day - (*month * 153 + 2) / 5 + 1;
	*month += *month < 10 ? 3 : -9;
	*year = of_year + era * 400 + (*month <= 2);
}

static void put_time(struct printer *printer, u64 seconds)
{
	u32 year, month, day, rest = seconds % 86400;
	char text[48];

	split_days(seconds / 86400, &year, &month, &day);
	snprintf(text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02uZ", year,
		 month, day, rest / 3600, rest / 60 % 60, rest % 60);
	put_word(printer, text);
}

static void put_options(struct printer *printer, const struct cw_rule *rule)
{
	if (rule->monitor)
		put_word(printer, "monitor");
	if (rule->log != CW_RULE_LOG_INHERIT)
		put_word(printer, rule->log == CW_RULE_LOG_YES ? "log" :
								 "nolog");
	if (rule->label) {
		put_word(printer, "as");
		put_space(printer);
		put_quoted(printer, rule->label);
	}
	if (rule->until) {
		put_word(printer, "until");
		put_time(printer, rule->until);
	}
}

static void put_rule(struct printer *printer, const struct cw_rule *rule)
{
	put(printer, rule->allow ? "allow" : "deny");
	put_subject(printer, rule);
	put_word(printer, "to");
	put_dests(printer, rule->dests, rule->dest_count);
	if (rule->port_count) {
		put_word(printer, "port");
		put_ports(printer, rule->ports, rule->port_count);
	}
	if (rule->from_count) {
		put_word(printer, "from");
		put_word(printer, "port");
		put_ports(printer, rule->froms, rule->from_count);
	}
	if (rule->protos_given) {
		put_word(printer, "proto");
		put_protos(printer, rule->protos);
	}
	put_options(printer, rule);
}

void cw_rule_print(const struct cw_ruleset *ruleset, const struct cw_rule *rule,
		   FILE *out)
{
	struct printer printer = {
		.ruleset = ruleset, .out = out, .width = RULE_WIDTH,
	};

	put_rule(&printer, rule);
}

void cw_set_print(const struct cw_ruleset *ruleset, const struct cw_set *set,
		  FILE *out)
{
	struct printer printer = {
		.ruleset = ruleset, .out = out, .width = SET_WIDTH,
	};

	put(&printer, "set @");
	put(&printer, set->name);
	put(&printer, " =");
	put_dests(&printer, set->dests, set->dest_count);
	put_ports(&printer, set->ports, set->port_count);
}

void cw_ruleset_print(const struct cw_ruleset *ruleset, FILE *out)
{
	u32 i;

	fprintf(out, "default %s\nlog %s\n",
		ruleset->default_allow ? "allow" : "deny", cw_log_name(ruleset->log));
	for (i = 0; i < ruleset->set_count; i++) {
		if (ruleset->sets[i].builtin)
			continue;
		cw_set_print(ruleset, &ruleset->sets[i], out);
		fputc('\n', out);
	}
	for (i = 0; i < ruleset->rule_count; i++) {
		cw_rule_print(ruleset, &ruleset->rules[i], out);
		fputc('\n', out);
	}
}
