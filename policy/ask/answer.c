// SPDX-License-Identifier: GPL-2.0-only
/*
 * An explanation as text and as JSON.
 */
#include <stdlib.h>

#include "policy/text/passes.h"

static bool has_host(const struct cw_rule *rule)
{
	u32 i;

	for (i = 0; i < rule->dest_count; i++)
		if (rule->dests[i].kind == CW_DEST_HOST)
			return true;
	return false;
}

/* Why the rule did not decide, in words. */
static void print_reason(const struct cw_ruleset *ruleset,
			 const struct cw_near *near, FILE *out)
{
	static const char *const reason[] = {
		[CW_MISS_LATER] = "would decide otherwise, but comes later",
		[CW_MISS_EXE] = "another program",
		[CW_MISS_DEST] = "another destination",
		[CW_MISS_PROTO] = "another protocol",
		[CW_MISS_PORT] = "another port",
		[CW_MISS_FROM] = "another local port, or none was given",
		[CW_MISS_EXPIRED] = "expired",
	};
	const struct cw_rule *rule = &ruleset->rules[near->rule];

	if (near->miss == CW_MISS_COND)
		fprintf(out, "condition '%s' does not hold",
			cw_cond_name(rule->conds[near->cond].kind));
	else if (near->miss == CW_MISS_DEST && has_host(rule))
		fputs("another destination (names are not looked up here)",
		      out);
	else
		fputs(reason[near->miss], out);
}

static void print_place(const struct cw_ruleset *ruleset, u32 number, FILE *out)
{
	const struct cw_rule *rule = &ruleset->rules[number];

	if (rule->span.file < ruleset->file_count)
		fprintf(out, "%s:%u: ", ruleset->files[rule->span.file],
			rule->span.line);
	cw_rule_print(ruleset, rule, out);
	fputc('\n', out);
}

void cw_explanation_print(const struct cw_ruleset *ruleset,
			  const struct cw_explanation *explanation, FILE *out)
{
	const struct cw_verdict *verdict = &explanation->verdict;
	u32 i;

	fprintf(out, "%s%s", verdict->allow ? "allow" : "deny",
		verdict->monitor ? " (only reported: monitor)" : "");
	if (explanation->is_of_inner)
		fprintf(out, " as %u.%u.%u.%u, which the address carries,",
			explanation->inner[0], explanation->inner[1],
			explanation->inner[2], explanation->inner[3]);
	if (verdict->rule == CW_RULE_DEFAULT) {
		fprintf(out, " by default: %s\n", explanation->is_strict ?
			"no rule lets an unknown program pass" :
			"no rule matches");
	} else {
		fprintf(out, " by rule %u%s\n  ", verdict->rule,
			explanation->is_strict ?
			": an unknown program could be the one it is about" :
			"");
		print_place(ruleset, verdict->rule, out);
	}
	for (i = 0; i < explanation->near_count; i++) {
		fputs(i ? "" : "close:\n", out);
		fputs("  ", out);
		print_place(ruleset, explanation->near[i].rule, out);
		fputs("    ", out);
		print_reason(ruleset, &explanation->near[i], out);
		fputc('\n', out);
	}
}

static void print_rule_json(const struct cw_ruleset *ruleset, u32 number,
			    FILE *out)
{
	const struct cw_rule *rule = &ruleset->rules[number];
	char *text = NULL;
	size_t size;
	FILE *memory;

	fprintf(out, "\"rule\":%u", number);
	if (rule->span.file < ruleset->file_count) {
		fputs(",\"file\":", out);
		cw_json_string(out, ruleset->files[rule->span.file]);
		fprintf(out, ",\"line\":%u", rule->span.line);
	}
	if (rule->label) {
		fputs(",\"label\":", out);
		cw_json_string(out, rule->label);
	}
	memory = open_memstream(&text, &size);
	if (!memory)
		return;
	cw_rule_print(ruleset, rule, memory);
	if (!fclose(memory)) {
		fputs(",\"text\":", out);
		cw_json_string(out, text);
	}
	free(text);
}

void cw_explanation_print_json(const struct cw_ruleset *ruleset,
			       const struct cw_explanation *explanation,
			       FILE *out)
{
	const struct cw_verdict *verdict = &explanation->verdict;
	u32 i;

	fprintf(out, "{\"verdict\":\"%s\",\"monitor\":%s,\"log\":%s,",
		verdict->allow ? "allow" : "deny",
		verdict->monitor ? "true" : "false",
		verdict->log ? "true" : "false");
	if (verdict->rule == CW_RULE_DEFAULT)
		fputs("\"rule\":null", out);
	else
		print_rule_json(ruleset, verdict->rule, out);
	if (explanation->is_of_inner)
		fprintf(out, ",\"carried\":\"%u.%u.%u.%u\"",
			explanation->inner[0], explanation->inner[1],
			explanation->inner[2], explanation->inner[3]);
	fputs(",\"close\":[", out);
	for (i = 0; i < explanation->near_count; i++) {
		fputs(i ? ",{" : "{", out);
		print_rule_json(ruleset, explanation->near[i].rule, out);
		fputs(",\"reason\":\"", out);
		print_reason(ruleset, &explanation->near[i], out);
		fputs("\"}", out);
	}
	fputs("]}\n", out);
}
