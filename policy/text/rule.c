// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tokens to a tree: one rule.
 *
 *   allow|deny SUBJECT [CONDITION VALUE]... to DEST[, DEST]... [CLAUSE]...
 */
#include "passes.h"

/* Indexed by enum cw_cond_kind. */
static const struct {
	enum cw_keyword keyword;
	const char *value;	/* what has to follow, NULL = nothing */
} conditions[CW_COND_COUNT] = {
	[CW_COND_SCRIPT] = { CW_WORD_SCRIPT, "a path after 'script'" },
	[CW_COND_USER] = { CW_WORD_USER, "a user after 'user'" },
	[CW_COND_GROUP] = { CW_WORD_GROUP, "a group after 'group'" },
	[CW_COND_UNIT] = { CW_WORD_UNIT, "a unit after 'unit'" },
	[CW_COND_CGROUP] = { CW_WORD_CGROUP, "a path after 'cgroup'" },
	[CW_COND_CONTAINER] = { CW_WORD_CONTAINER,
				"a container after 'container'" },
	[CW_COND_PARENT] = { CW_WORD_PARENT, "a path after 'parent'" },
	[CW_COND_ANCESTOR] = { CW_WORD_ANCESTOR, "a path after 'ancestor'" },
	[CW_COND_SHA256] = { CW_WORD_SHA256, "a digest after 'sha256'" },
	[CW_COND_CLEAN_ENV] = { CW_WORD_CLEAN_ENV, NULL },
};

#define CONDITION_WORDS \
	(CW_BIT(CW_WORD_SCRIPT) | CW_BIT(CW_WORD_USER) | \
	 CW_BIT(CW_WORD_GROUP) | CW_BIT(CW_WORD_UNIT) | \
	 CW_BIT(CW_WORD_CGROUP) | CW_BIT(CW_WORD_CONTAINER) | \
	 CW_BIT(CW_WORD_PARENT) | CW_BIT(CW_WORD_ANCESTOR) | \
	 CW_BIT(CW_WORD_SHA256) | CW_BIT(CW_WORD_CLEAN_ENV))
#define PROTO_WORDS \
	(CW_BIT(CW_WORD_TCP) | CW_BIT(CW_WORD_UDP) | CW_BIT(CW_WORD_SCTP) | \
	 CW_BIT(CW_WORD_ICMP) | CW_BIT(CW_WORD_RAW) | CW_BIT(CW_WORD_PACKET))
#define CLAUSE_WORDS \
	(CW_BIT(CW_WORD_PORT) | CW_BIT(CW_WORD_FROM) | \
	 CW_BIT(CW_WORD_PROTO) | \
	 CW_BIT(CW_WORD_MONITOR) | CW_BIT(CW_WORD_LOG) | \
	 CW_BIT(CW_WORD_NOLOG) | CW_BIT(CW_WORD_AS) | CW_BIT(CW_WORD_UNTIL))

/* A rule on its way into the tree. */
struct draft {
	struct cw_rule rule;
	/* By keyword: where this condition or clause was, NULL = not yet. */
	const struct cw_token *seen[CW_WORD_COUNT];
};

static bool is_first(struct cw_parser *parser, struct draft *draft,
		     const struct cw_token *token)
{
	const struct cw_token **seen = &draft->seen[token->keyword];

	if (!*seen) {
		*seen = token;
		return true;
	}
	cw_parse_fail(parser, token, "second '%.*s' in one rule",
		      CW_SHOW(token));
	cw_parse_note(parser, *seen, "the first is here");
	return false;
}

static bool keep_text(struct cw_parser *parser, const struct cw_token *token,
		      char **text)
{
	*text = cw_ruleset_string(parser->ruleset, token->text, token->size);
	return *text || cw_parse_nomem(parser);
}

/* ---- subject and conditions --------------------------------------------- */

/* What is there in place of a subject. */
static bool lacks_subject(struct cw_parser *parser)
{
	const struct cw_token *token = parser->token;
	u64 words = CW_BIT(CW_WORD_ANY) | CW_BIT(CW_WORD_KERNEL);

	if (token->keyword == CW_WORD_TO)
		return cw_parse_fail(parser, token, "no subject before 'to'; "
				     "'any' is for every program");
	if (token->kind != CW_TOKEN_WORD || *token->text == '@' ||
	    cw_lex_suggest(token->text, token->size, words))
		return cw_parse_unexpected(parser, "a subject: any, kernel or "
					   "an absolute path", words);
	return cw_parse_fail(parser, token, "expected a subject: any, kernel "
			     "or an absolute path, not '%.*s'; a program is "
			     "named by its whole path, as in /usr/bin/curl",
			     CW_SHOW(token));
}

static bool parse_subject(struct cw_parser *parser, struct draft *draft)
{
	const struct cw_token *token = parser->token;
	char message[CW_MESSAGE_MAX];
	bool is_glob;

	if (token->kind != CW_TOKEN_STRING &&
	    (token->kind != CW_TOKEN_WORD ||
	     (*token->text != '/' && token->keyword != CW_WORD_ANY &&
	      token->keyword != CW_WORD_KERNEL)))
		return lacks_subject(parser);
	parser->token++;
	if (token->keyword) {
		draft->rule.exe_kind = token->keyword == CW_WORD_ANY ?
				       CW_EXE_ANY : CW_EXE_KERNEL;
		return true;
	}
	if (cw_word_path(token->text, token->size, &is_glob, message))
		return cw_parse_fail(parser, token, "%s", message);
	draft->rule.exe_kind = is_glob ? CW_EXE_GLOB : CW_EXE_PATH;
	if (token->line == token[-1].line) {
		draft->rule.exe_column = token->column;
		draft->rule.exe_length = token->length;
	}
	return keep_text(parser, token, &draft->rule.exe);
}

/* Names: their bytes go into records, so nothing odd in them. */
static int check_name(const struct cw_token *token, const char *what,
		      char message[CW_MESSAGE_MAX])
{
	char why[CW_MESSAGE_MAX];
	size_t at, n;

	if (!token->size || token->size > 255)
		return cw_word_refuse(message, "%s has 1 to 255 bytes", what);
	for (at = 0; at < token->size; at += n) {
		n = cw_character_visible(token->text + at, token->size - at);
		if (n && token->text[at] != '/')
			continue;
		cw_character_describe(token->text + at, token->size - at, why);
		return cw_word_refuse(message, "%s has no such characters: %s",
				      what, why);
	}
	return 0;
}

static bool is_engine(const struct cw_part *part)
{
	const char *const *known = cw_container_engines();

	for (; *known; known++)
		if (part->size == strlen(*known) &&
		    !memcmp(part->text, *known, part->size))
			return true;
	return false;
}

/* [ENGINE:]NAME */
static int check_container(const struct cw_token *token,
			   char message[CW_MESSAGE_MAX])
{
	int ret = check_name(token, "a container name", message);
	char text[CW_CONTAINER_MAX];
	struct cw_part engine;
	const char *name;

	if (ret)
		return ret;
	memcpy(text, token->text, token->size);
	text[token->size] = '\0';
	name = cw_container_pattern(text, &engine);
	if (name == text)
		return 0;
	if (!is_engine(&engine))
		return cw_word_refuse(message, "no container engine '%.*s'; "
				      "known are docker, podman, containerd, "
				      "crio, nerdctl, lxc and nspawn",
				      (int)engine.size, engine.text);
	if (!*name)
		return cw_word_refuse(message, "a container name follows "
				      "'%s'; write '%s*' for all", text, text);
	return 0;
}

static int check_value(struct cw_cond *cond, const struct cw_token *token,
		       char message[CW_MESSAGE_MAX])
{
	const char *text = token->text;
	bool is_glob;

	switch (cond->kind) {
	case CW_COND_SCRIPT:
	case CW_COND_CGROUP:
	case CW_COND_PARENT:
	case CW_COND_ANCESTOR:
		return cw_word_path(text, token->size, &is_glob, message);
	case CW_COND_UNIT:
		return cw_word_unit(text, token->size, message);
	case CW_COND_USER:
		return check_name(token, "a user name", message);
	case CW_COND_GROUP:
		return check_name(token, "a group name", message);
	case CW_COND_CONTAINER:
		return check_container(token, message);
	case CW_COND_SHA256:
		return cw_word_digest(text, token->size, cond->digest, message);
	case CW_COND_CLEAN_ENV:
	case CW_COND_COUNT:
		break;
	}
	return -EINVAL;
}

/* Kept strings: equal when the pointers are. */
static bool is_new_ancestor(struct cw_parser *parser,
			    const struct cw_cond *last)
{
	const struct cw_cond *cond = parser->conds.data;

	for (; cond < last; cond++) {
		if (cond->kind != last->kind || cond->text != last->text)
			continue;
		cw_diag_add(parser->diag, parser->ruleset, CW_SEVERITY_ERROR,
			    &last->span, "the same ancestor twice");
		cw_diag_note(parser->diag, parser->ruleset, &cond->span,
			     "the first is here");
		return false;
	}
	return true;
}

static bool parse_value(struct cw_parser *parser, struct cw_cond *cond,
			const struct cw_token *name)
{
	const struct cw_token *value;
	char message[CW_MESSAGE_MAX];
	enum cw_cond_kind kind = cond->kind;

	if (parser->token->keyword == CW_WORD_TO)
		return cw_parse_unexpected(parser, conditions[kind].value, 0);
	value = cw_parse_value(parser, conditions[kind].value);
	if (!value)
		return false;
	if (value->line == name->line)
		cond->span.length = value->column + value->length -
				    name->column;
	if (check_value(cond, value, message))
		return cw_parse_fail(parser, value, "%s", message);
	if (kind == CW_COND_SHA256)
		return true;
	return keep_text(parser, value, &cond->text) &&
	       (kind != CW_COND_ANCESTOR || is_new_ancestor(parser, cond));
}

static bool parse_condition(struct cw_parser *parser, struct draft *draft,
			    enum cw_cond_kind kind)
{
	const struct cw_token *name = parser->token++;
	struct cw_cond *cond;

	if (kind != CW_COND_ANCESTOR && !is_first(parser, draft, name))
		return false;
	cond = cw_array_push(&parser->conds, sizeof(*cond));
	if (!cond)
		return cw_parse_nomem(parser);
	cond->kind = kind;
	cond->span = cw_parse_span(parser, name);
	return !conditions[kind].value || parse_value(parser, cond, name);
}

/* What is there in place of a condition or `to`. */
static bool lacks_condition(struct cw_parser *parser)
{
	const struct cw_token *token = parser->token;

	if (token->kind == CW_TOKEN_COMMA ||
	    (token->kind == CW_TOKEN_WORD && *token->text == '/'))
		return cw_parse_fail(parser, token, "expected a condition or "
				     "'to', not '%.*s'; only destinations, "
				     "ports and protocols are lists, write a "
				     "rule for each", CW_SHOW(token));
	if (token->keyword == CW_WORD_PORT || token->keyword == CW_WORD_PROTO ||
	    token->keyword == CW_WORD_FROM || token->keyword == CW_WORD_HOST)
		return cw_parse_fail(parser, token, "expected a condition or "
				     "'to', not '%.*s'; the order is 'to' "
				     "DESTINATION, 'port', 'from port', "
				     "'proto'", CW_SHOW(token));
	return cw_parse_unexpected(parser, "a condition or 'to'",
				   CONDITION_WORDS | CW_BIT(CW_WORD_TO));
}

static bool parse_conditions(struct cw_parser *parser, struct draft *draft)
{
	u32 kind, ancestors = 0;

	while (parser->token->keyword != CW_WORD_TO) {
		for (kind = 0; kind < CW_COND_COUNT; kind++)
			if (parser->token->keyword == conditions[kind].keyword)
				break;
		if (kind == CW_COND_COUNT)
			return lacks_condition(parser);
		if (draft->rule.exe_kind == CW_EXE_KERNEL)
			return cw_parse_fail(parser, parser->token, "subject "
					     "'kernel' takes no conditions");
		if (kind == CW_COND_ANCESTOR && ++ancestors > CW_ANCESTORS)
			return cw_parse_fail(parser, parser->token, "more than "
					     "%u ancestors", CW_ANCESTORS);
		if (!parse_condition(parser, draft, kind))
			return false;
	}
	parser->token++;
	return true;
}

static bool comes_after(const struct cw_cond *a, const struct cw_cond *b)
{
	if (a->kind != b->kind)
		return a->kind > b->kind;
	return a->text && b->text && strcmp(a->text, b->text) > 0;
}

/* By kind, then text, so that equal subjects look equal. */
static void sort_conditions(struct cw_cond *cond, u32 count)
{
	struct cw_cond moved;
	u32 i, j;

	for (i = 1; i < count; i++) {
		moved = cond[i];
		for (j = i; j && comes_after(&cond[j - 1], &moved); j--)
			cond[j] = cond[j - 1];
		cond[j] = moved;
	}
}

/* ---- clauses ------------------------------------------------------------ */

static bool parse_protos(struct cw_parser *parser, struct draft *draft)
{
	static const u8 proto_of[CW_WORD_COUNT] = {
		[CW_WORD_TCP] = 1 << CW_PROTO_TCP,
		[CW_WORD_UDP] = 1 << CW_PROTO_UDP,
		[CW_WORD_SCTP] = 1 << CW_PROTO_SCTP,
		[CW_WORD_ICMP] = 1 << CW_PROTO_ICMP,
		[CW_WORD_RAW] = 1 << CW_PROTO_RAW,
		[CW_WORD_PACKET] = 1 << CW_PROTO_PACKET,
	};
	u8 proto;

	for (draft->rule.protos_given = true;; parser->token++) {
		proto = proto_of[parser->token->keyword];
		if (!proto)
			return cw_parse_unexpected(parser, "a protocol: tcp, "
				"udp, sctp, icmp, raw or packet", PROTO_WORDS);
		if (draft->rule.protos & proto)
			return cw_parse_fail(parser, parser->token,
					     "protocol '%.*s' twice",
					     CW_SHOW(parser->token));
		draft->rule.protos |= proto;
		draft->seen[parser->token->keyword] = parser->token;
		parser->token++;
		if (parser->token->kind != CW_TOKEN_COMMA)
			return true;
	}
}

static bool parse_label(struct cw_parser *parser, struct draft *draft)
{
	const struct cw_token *token = cw_parse_value(parser,
						      "a label after 'as'");
	char why[CW_MESSAGE_MAX];
	size_t at, n;

	if (!token)
		return false;
	if (!token->size || token->size > CW_LABEL_ROOM)
		return cw_parse_fail(parser, token, "a label has 1 to %u bytes",
				     CW_LABEL_ROOM);
	for (at = 0; at < token->size; at += n) {
		n = cw_character_visible(token->text + at, token->size - at);
		if (n)
			continue;
		cw_character_describe(token->text + at, token->size - at, why);
		return cw_parse_fail(parser, token, "a label has no such "
				     "characters: %s", why);
	}
	return keep_text(parser, token, &draft->rule.label);
}

static bool parse_until(struct cw_parser *parser, struct draft *draft)
{
	const struct cw_token *token = cw_parse_value(parser,
						      "a time after 'until'");
	char message[CW_MESSAGE_MAX];

	if (!token)
		return false;
	if (cw_word_time(token->text, token->size, &draft->rule.until, message))
		return cw_parse_fail(parser, token, "%s", message);
	return true;
}

/* The ports are of the kind that `port` has, in a list of their own. */
static bool parse_from(struct cw_parser *parser)
{
	struct cw_array ports = parser->ports;
	const struct cw_port *from;
	bool is_done;
	u32 i;

	if (parser->token->keyword != CW_WORD_PORT)
		return cw_parse_unexpected(parser, "'port' after 'from'; the "
					   "address that packets come from "
					   "cannot be asked for",
					   CW_BIT(CW_WORD_PORT));
	parser->token++;
	parser->ports = parser->froms;
	is_done = cw_parse_list(parser, cw_parse_port);
	parser->froms = parser->ports;
	parser->ports = ports;
	from = parser->froms.data;
	for (i = 0; is_done && i < parser->froms.count; i++, from++) {
		if (from->is_set || from->name || from->lo)
			continue;
		cw_diag_add(parser->diag, parser->ruleset, CW_SEVERITY_ERROR,
			    &from->span, "no socket has the local port 0");
		is_done = false;
	}
	return is_done;
}

static bool parse_log_option(struct cw_parser *parser, struct draft *draft,
			     bool is_on)
{
	const struct cw_token *other;

	other = draft->seen[is_on ? CW_WORD_NOLOG : CW_WORD_LOG];
	if (other) {
		cw_parse_fail(parser, parser->token - 1, "'log' and 'nolog' "
			      "in one rule");
		cw_parse_note(parser, other, "the other is here");
		return false;
	}
	draft->rule.log = is_on ? CW_RULE_LOG_YES : CW_RULE_LOG_NO;
	return true;
}

static bool parse_clause(struct cw_parser *parser, struct draft *draft)
{
	const struct cw_token *token = parser->token;

	if (CONDITION_WORDS >> token->keyword & 1)
		return cw_parse_fail(parser, token, "condition '%.*s' behind "
				     "the destination; conditions come before "
				     "'to'", CW_SHOW(token));
	if (PROTO_WORDS >> token->keyword & 1 && !draft->rule.protos_given)
		return cw_parse_fail(parser, token, "a protocol is written "
				     "'proto %.*s'", CW_SHOW(token));
	if (!(CLAUSE_WORDS >> token->keyword & 1))
		return cw_parse_unexpected(parser, parser->ports.count ||
			parser->froms.count || draft->rule.protos_given ?
			"a comma, a clause or the end of the statement" :
			"a comma, port, proto, an option or the end of the "
			"statement", CLAUSE_WORDS);
	if (!is_first(parser, draft, token))
		return false;
	parser->token++;
	switch (token->keyword) {
	case CW_WORD_PORT:
		return cw_parse_list(parser, cw_parse_port);
	case CW_WORD_FROM:
		return parse_from(parser);
	case CW_WORD_PROTO:
		return parse_protos(parser, draft);
	case CW_WORD_AS:
		return parse_label(parser, draft);
	case CW_WORD_UNTIL:
		return parse_until(parser, draft);
	case CW_WORD_LOG:
	case CW_WORD_NOLOG:
		return parse_log_option(parser, draft,
					token->keyword == CW_WORD_LOG);
	}
	draft->rule.monitor = true;
	return true;
}

/* A rule with ports is about protocols that have ports. */
static bool settle_protos(struct cw_parser *parser, struct draft *draft)
{
	struct cw_rule *rule = &draft->rule;
	static const u8 portless[] = { CW_WORD_ICMP, CW_WORD_RAW,
				       CW_WORD_PACKET };
	const struct cw_token *token;
	bool has_ports = parser->ports.count || parser->froms.count;
	u32 i;

	if (!rule->protos_given) {
		rule->protos = has_ports ? CW_PROTO_MASK_PORTS :
					   CW_PROTO_MASK_ALL;
		return true;
	}
	for (i = 0; has_ports && i < ARRAY_SIZE(portless); i++) {
		token = draft->seen[portless[i]];
		if (!token)
			continue;
		cw_parse_fail(parser, token, "protocol '%.*s' has no ports",
			      CW_SHOW(token));
		cw_parse_note(parser, draft->seen[parser->ports.count ?
			      CW_WORD_PORT : CW_WORD_FROM],
			      "the rule asks for ports here");
		return false;
	}
	return true;
}

/* ---- the whole ---------------------------------------------------------- */

/* From its first word to its last on the same line. */
static struct cw_span whole_span(const struct cw_parser *parser,
				 const struct cw_token *first)
{
	struct cw_span span = cw_parse_span(parser, first);
	const struct cw_token *token;

	for (token = first; token->kind != CW_TOKEN_END &&
	     token->line == first->line; token++)
		span.length = token->column + token->length - first->column;
	return span;
}

static bool add_rule(struct cw_parser *parser, struct cw_rule *rule)
{
	struct cw_ruleset *ruleset = parser->ruleset;
	struct cw_rule *slot;

	rule->dest_count = parser->dests.count;
	rule->port_count = parser->ports.count;
	rule->from_count = parser->froms.count;
	rule->cond_count = parser->conds.count;
	sort_conditions(parser->conds.data, rule->cond_count);
	rule->dests = cw_ruleset_copy(ruleset, parser->dests.data,
				      rule->dest_count, sizeof(*rule->dests));
	rule->ports = cw_ruleset_copy(ruleset, parser->ports.data,
				      rule->port_count, sizeof(*rule->ports));
	rule->froms = cw_ruleset_copy(ruleset, parser->froms.data,
				      rule->from_count, sizeof(*rule->froms));
	rule->conds = cw_ruleset_copy(ruleset, parser->conds.data,
				      rule->cond_count, sizeof(*rule->conds));
	if (!rule->dests || !rule->ports || !rule->froms || !rule->conds)
		return cw_parse_nomem(parser);
	slot = cw_array_push(&parser->arena->rules, sizeof(*slot));
	if (!slot)
		return cw_parse_nomem(parser);
	*slot = *rule;
	return true;
}

bool cw_parse_rule(struct cw_parser *parser)
{
	const struct cw_token *verb = parser->token - 1;
	struct draft draft = { 0 };

	draft.rule.allow = verb->keyword == CW_WORD_ALLOW;
	if (!parse_subject(parser, &draft) ||
	    !parse_conditions(parser, &draft) ||
	    !cw_parse_list(parser, cw_parse_dest))
		return false;
	while (parser->token->kind != CW_TOKEN_END)
		if (!parse_clause(parser, &draft))
			return false;
	if (!settle_protos(parser, &draft))
		return false;
	if (parser->arena->rules.count >= CW_RULES_MAX)
		return cw_parse_fail(parser, verb, "more than %u rules",
				     CW_RULES_MAX);
	draft.rule.span = whole_span(parser, verb);
	return add_rule(parser, &draft.rule);
}
