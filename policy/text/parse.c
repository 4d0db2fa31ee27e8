// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tokens to a tree: statements, lists and elements.  Rules are in rule.c.
 * After an error the rest of the statement is skipped, so that one run shows
 * the errors of all statements.
 */

#include "passes.h"

struct cw_span cw_parse_span(const struct cw_parser *parser,
			     const struct cw_token *token)
{
	return (struct cw_span){
		.file = parser->include->file, .line = token->line,
		.column = token->column, .length = token->length,
	};
}

bool cw_parse_fail(struct cw_parser *parser, const struct cw_token *token,
		   const char *format, ...)
{
	struct cw_span span = cw_parse_span(parser, token);
	va_list args;

	va_start(args, format);
	cw_diag_vadd(parser->diag, parser->ruleset, CW_SEVERITY_ERROR, &span,
		     format, args);
	va_end(args);
	return false;
}

void cw_parse_note(struct cw_parser *parser, const struct cw_token *token,
		   const char *message)
{
	struct cw_span span = cw_parse_span(parser, token);

	cw_diag_note(parser->diag, parser->ruleset, &span, "%s", message);
}

bool cw_parse_nomem(struct cw_parser *parser)
{
	parser->is_out_of_memory = true;
	return false;
}

bool cw_parse_unexpected(struct cw_parser *parser, const char *wanted, u64 mask)
{
	const struct cw_token *token = parser->token;
	const char *meant = NULL;

	if (token->kind == CW_TOKEN_END)
		return cw_parse_fail(parser, token,
				     "expected %s, but the statement ends here",
				     wanted);
	if (token->kind == CW_TOKEN_WORD)
		meant = cw_lex_suggest(token->text, token->size, mask);
	if (meant)
		return cw_parse_fail(parser, token,
				     "unknown word '%.*s'; did you mean '%s'?",
				     CW_SHOW(token), meant);
	return cw_parse_fail(parser, token, "expected %s, not '%.*s'%s", wanted,
			     CW_SHOW(token), token->kind == CW_TOKEN_STRING ?
			     "; only paths, names and labels go in quotes" :
			     "");
}

const struct cw_token *cw_parse_value(struct cw_parser *parser,
				      const char *what)
{
	const struct cw_token *token = parser->token;

	if (token->kind == CW_TOKEN_WORD || token->kind == CW_TOKEN_STRING) {
		parser->token++;
		return token;
	}
	cw_parse_unexpected(parser, what, 0);
	return NULL;
}

bool cw_parse_list(struct cw_parser *parser,
		   bool (*parse_one)(struct cw_parser *parser))
{
	u32 count = 0;

	for (;;) {
		if (++count > CW_SET_ELEMENTS_MAX)
			return cw_parse_fail(parser, parser->token,
					     "more than %u elements",
					     CW_SET_ELEMENTS_MAX);
		if (!parse_one(parser))
			return false;
		if (parser->token->kind != CW_TOKEN_COMMA)
			return true;
		parser->token++;
	}
}

/* ---- elements ----------------------------------------------------------- */

static bool is_set_name(const struct cw_token *token)
{
	return token->kind == CW_TOKEN_WORD && *token->text == '@';
}

/* The name of a set as it is kept, without the @; NULL = fault. */
static char *take_set_name(struct cw_parser *parser)
{
	const struct cw_token *token = parser->token++;
	char *name;
	u32 i;
	char c;

	for (i = 1; i < token->size; i++) {
		c = token->text[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    c != '_' && (i == 1 || (!(c >= '0' && c <= '9') &&
					    c != '-' && c != '.')))
			break;
	}
	if (i < token->size || i == 1 || i > 64) {
		cw_parse_fail(parser, token, "'%.*s' is no name for a set: a "
			      "letter or _, then letters, digits, _ - and "
			      "dots, 63 in all", CW_SHOW(token));
		return NULL;
	}
	name = cw_ruleset_string(parser->ruleset, token->text + 1,
				 token->size - 1);
	if (!name)
		cw_parse_nomem(parser);
	return name;
}

static bool parse_host(struct cw_parser *parser, struct cw_dest *dest)
{
	char message[CW_MESSAGE_MAX], name[256];
	const struct cw_token *token;

	parser->token++;
	token = cw_parse_value(parser, "a name after 'host'");
	if (!token)
		return false;
	if (cw_word_host(token->text, token->size, name, message))
		return cw_parse_fail(parser, token, "%s", message);
	dest->kind = CW_DEST_HOST;
	dest->name = cw_ruleset_string(parser->ruleset, name, strlen(name));
	if (token->line == dest->span.line)
		dest->span.length = token->column + token->length -
				    dest->span.column;
	return dest->name || cw_parse_nomem(parser);
}

bool cw_parse_dest(struct cw_parser *parser)
{
	const struct cw_token *token = parser->token;
	char message[CW_MESSAGE_MAX], zone[CW_ZONE_ROOM] = "";
	struct cw_dest *dest;

	dest = cw_array_push(&parser->dests, sizeof(*dest));
	if (!dest)
		return cw_parse_nomem(parser);
	dest->span = cw_parse_span(parser, token);
	if (token->keyword == CW_WORD_HOST)
		return parse_host(parser, dest);
	if (is_set_name(token)) {
		dest->kind = CW_DEST_SET;
		dest->set = parser->arena->sets.count;
		dest->name = take_set_name(parser);
		return dest->name != NULL;
	}
	if (token->kind != CW_TOKEN_WORD ||
	    (token->keyword && token->keyword != CW_WORD_ANY))
		return cw_parse_unexpected(parser, "a destination: any, an "
					   "address, a prefix, a range or "
					   "@SET", 0);
	parser->token++;
	if (token->keyword == CW_WORD_ANY)
		dest->kind = CW_DEST_ANY;
	else if (cw_word_zoned(token->text, token->size, dest, zone, message))
		return cw_parse_fail(parser, token, "%s", message);
	if (*zone)
		dest->zone = cw_ruleset_string(parser->ruleset, zone,
					       strlen(zone));
	return !*zone || dest->zone || cw_parse_nomem(parser);
}

bool cw_parse_port(struct cw_parser *parser)
{
	const struct cw_token *token = parser->token;
	char message[CW_MESSAGE_MAX];
	struct cw_port *port;

	port = cw_array_push(&parser->ports, sizeof(*port));
	if (!port)
		return cw_parse_nomem(parser);
	port->span = cw_parse_span(parser, token);
	if (is_set_name(token)) {
		port->is_set = true;
		port->set = parser->arena->sets.count;
		port->name = take_set_name(parser);
		return port->name != NULL;
	}
	if (token->kind != CW_TOKEN_WORD || token->keyword)
		return cw_parse_unexpected(parser, "a port: a number, a range, "
					   "a service or @SET", 0);
	parser->token++;
	if (!cw_word_is_numeric(token->text, token->size)) {
		port->name = cw_ruleset_string(parser->ruleset, token->text,
					       token->size);
		return port->name || cw_parse_nomem(parser);
	}
	if (cw_word_port(token->text, token->size, port, message))
		return cw_parse_fail(parser, token, "%s", message);
	return true;
}

/* ---- statements --------------------------------------------------------- */

/* Ports are numbers and names, addresses have dots, colons or slashes. */
static bool is_port(const struct cw_token *token)
{
	return token->keyword != CW_WORD_HOST &&
	       !memchr(token->text, '.', token->size) &&
	       !memchr(token->text, ':', token->size) &&
	       !memchr(token->text, '/', token->size);
}

/* The element that says what the set holds: the first that is no set itself,
 * NULL when all are. */
static const struct cw_token *find_kind(const struct cw_token *token)
{
	for (; token->kind != CW_TOKEN_END; token++)
		if (token->kind == CW_TOKEN_WORD && !is_set_name(token))
			return token;
	return NULL;
}

static bool check_elements(struct cw_parser *parser,
			   const struct cw_token *kind)
{
	bool of_ports = is_port(kind), after_host = false;
	const struct cw_token *token;

	for (token = parser->token; token->kind != CW_TOKEN_END; token++) {
		if (token->kind == CW_TOKEN_WORD && !is_set_name(token) &&
		    !after_host && is_port(token) != of_ports) {
			cw_parse_fail(parser, token, "'%.*s' in a set of %s",
				      CW_SHOW(token),
				      of_ports ? "ports" : "addresses");
			cw_parse_note(parser, kind, of_ports ?
				      "this element makes it a set of ports" :
				      "this element makes it a set of "
				      "addresses");
			return false;
		}
		after_host = token->keyword == CW_WORD_HOST;
	}
	return true;
}

static bool add_set(struct cw_parser *parser, struct cw_set *set)
{
	struct cw_ruleset *ruleset = parser->ruleset;
	struct cw_set *slot;

	set->dest_count = parser->dests.count;
	set->port_count = parser->ports.count;
	set->dests = cw_ruleset_copy(ruleset, parser->dests.data,
				     set->dest_count, sizeof(*set->dests));
	set->ports = cw_ruleset_copy(ruleset, parser->ports.data,
				     set->port_count, sizeof(*set->ports));
	if (!set->dests || !set->ports)
		return cw_parse_nomem(parser);
	slot = cw_array_push(&parser->arena->sets, sizeof(*slot));
	if (!slot)
		return cw_parse_nomem(parser);
	*slot = *set;
	cw_ruleset_settle(ruleset);
	return true;
}

static bool parse_elements(struct cw_parser *parser, struct cw_set *set)
{
	const struct cw_token *kind = find_kind(parser->token);

	if (parser->token->kind != CW_TOKEN_EQUALS)
		return cw_parse_unexpected(parser, "'='", 0);
	parser->token++;
	if (parser->token->kind == CW_TOKEN_END)
		return cw_parse_fail(parser, parser->token,
				     "set @%s has no elements", set->name);
	set->of_ports = kind && is_port(kind);
	if (kind && kind->keyword == CW_WORD_ANY)
		return cw_parse_fail(parser, kind, "'any' in a set; write "
				     "'to any' in the rule");
	if (kind && !check_elements(parser, kind))
		return false;
	if (!cw_parse_list(parser, set->of_ports ? cw_parse_port :
						   cw_parse_dest))
		return false;
	if (parser->token->kind != CW_TOKEN_END)
		return cw_parse_unexpected(parser, "a comma or the end of the "
					   "statement", 0);
	return add_set(parser, set);
}

/* Rules that use the set are not to blame for an error in it. */
static bool keep_broken(struct cw_parser *parser, char *name)
{
	char **slot = cw_array_push(&parser->arena->broken, sizeof(*slot));

	if (!slot)
		return cw_parse_nomem(parser);
	*slot = name;
	return false;
}

static bool parse_set(struct cw_parser *parser)
{
	struct cw_set set = { 0 };

	set.span = cw_parse_span(parser, parser->token);
	if (!is_set_name(parser->token))
		return cw_parse_unexpected(parser, "@NAME after 'set'", 0);
	if (parser->arena->sets.count >= CW_SETS_MAX)
		return cw_parse_fail(parser, parser->token,
				     "more than %u sets", CW_SETS_MAX);
	set.name = take_set_name(parser);
	if (!set.name)
		return false;
	return parse_elements(parser, &set) || keep_broken(parser, set.name);
}

/* @seen: where the statement was before, as it may be there only once. */
static bool is_first(struct cw_parser *parser, const struct cw_token *token,
		     struct cw_span *seen)
{
	if (!seen->line) {
		*seen = cw_parse_span(parser, token);
		return true;
	}
	cw_parse_fail(parser, token, "second '%.*s' statement", CW_SHOW(token));
	cw_diag_note(parser->diag, parser->ruleset, seen, "the first is here");
	return false;
}

static bool parse_default(struct cw_parser *parser)
{
	const struct cw_token *token = parser->token;

	if (token->keyword != CW_WORD_ALLOW && token->keyword != CW_WORD_DENY)
		return cw_parse_unexpected(parser, "'allow' or 'deny'",
					   CW_BIT(CW_WORD_ALLOW) |
					   CW_BIT(CW_WORD_DENY));
	parser->token++;
	parser->ruleset->default_allow = token->keyword == CW_WORD_ALLOW;
	return is_first(parser, token - 1, &parser->arena->default_span);
}

static bool parse_log(struct cw_parser *parser)
{
	const struct cw_token *token = parser->token;

	if (token->keyword == CW_WORD_NONE)
		parser->ruleset->log = CW_LOG_NONE;
	else if (token->keyword == CW_WORD_DENY)
		parser->ruleset->log = CW_LOG_DENY;
	else if (token->keyword == CW_WORD_ALL)
		parser->ruleset->log = CW_LOG_ALL;
	else
		return cw_parse_unexpected(parser, "'none', 'deny' or 'all'",
					   CW_BIT(CW_WORD_NONE) |
					   CW_BIT(CW_WORD_DENY) |
					   CW_BIT(CW_WORD_ALL));
	parser->token++;
	return is_first(parser, token - 1, &parser->arena->log_span);
}

static bool include_file(struct cw_parser *parser, const char *name,
			 const struct cw_token *token)
{
	struct cw_span span = cw_parse_span(parser, token);
	struct cw_include include = {
		.outer = parser->include, .depth = parser->include->depth + 1,
	};
	int error;

	if (include.depth > CW_INCLUDE_DEPTH_MAX)
		return cw_parse_fail(parser, token, "includes nested deeper "
				     "than %u", CW_INCLUDE_DEPTH_MAX);
	if (parser->ruleset->file_count > CW_INCLUDES_MAX)
		return cw_parse_fail(parser, token, "more than %u included "
				     "files", CW_INCLUDES_MAX);
	error = cw_source_read(parser->ruleset, name, &span, parser->diag,
			       &include);
	if (error == -ENOMEM)
		return cw_parse_nomem(parser);
	if (error)
		return false;
	return cw_parse_file(parser->ruleset, &include, parser->diag) ||
	       cw_parse_nomem(parser);
}

/* No file yet is as it should be, no directory is hardly meant. */
static bool warn_of_no_file(struct cw_parser *parser, const char *includer,
			    const char *pattern, const struct cw_token *token)
{
	int has = cw_source_has_directory(includer, pattern);
	struct cw_span span = cw_parse_span(parser, token);

	if (has < 0)
		return cw_parse_nomem(parser);
	if (has)
		return true;
	cw_diag_add(parser->diag, parser->ruleset, CW_SEVERITY_WARNING, &span,
		    "nothing is included: there is no such directory");
	cw_diag_tag(parser->diag, "missing");
	return true;
}

static bool parse_include(struct cw_parser *parser)
{
	const struct cw_token *token = cw_parse_value(parser,
						      "a file or a pattern");
	const char *includer =
		parser->ruleset->files[parser->include->file];
	struct cw_array names = { 0 };
	char **name, *pattern;
	int error;
	u32 i;

	if (!token || parser->token->kind != CW_TOKEN_END)
		return token != NULL;
	if (!token->size)
		return cw_parse_fail(parser, token, "include of no file");
	if (!parser->include->inode && !strchr(includer, '/'))
		return cw_parse_fail(parser, token, "include in a text that "
				     "comes from no directory");
	pattern = cw_ruleset_string(parser->ruleset, token->text, token->size);
	error = pattern ? cw_source_glob(parser->ruleset, includer,
					 pattern, &names) : -ENOMEM;
	if (error == -ENOMEM)
		cw_parse_nomem(parser);
	else if (error)
		cw_parse_fail(parser, token, "%s: %s", pattern,
			      strerror(-error));
	if (!error && !names.count)
		warn_of_no_file(parser, includer, pattern, token);
	name = names.data;
	for (i = 0; i < names.count && !parser->is_out_of_memory; i++)
		if (!include_file(parser, name[i], token))
			error = -EINVAL;
	cw_source_unglob(&names);
	return !error;
}

static bool parse_statement(struct cw_parser *parser)
{
	const struct cw_token *token = parser->token++;

	switch (token->keyword) {
	case CW_WORD_ALLOW:
	case CW_WORD_DENY:
		return cw_parse_rule(parser);
	case CW_WORD_SET:
		return parse_set(parser);
	case CW_WORD_DEFAULT:
		return parse_default(parser);
	case CW_WORD_LOG:
		return parse_log(parser);
	case CW_WORD_INCLUDE:
		return parse_include(parser);
	}
	parser->token--;
	return cw_parse_unexpected(
		parser,
		"a statement: allow, deny, set, "
		"default, log or include",
		CW_BIT(CW_WORD_ALLOW) | CW_BIT(CW_WORD_DENY) |
			CW_BIT(CW_WORD_SET) | CW_BIT(CW_WORD_DEFAULT) |
			CW_BIT(CW_WORD_LOG) | CW_BIT(CW_WORD_INCLUDE));
}

bool cw_parse_file(struct cw_ruleset *ruleset, const struct cw_include *include,
		   struct cw_diag *diag)
{
	struct cw_parser parser = {
		.ruleset = ruleset, .arena = ruleset->arena, .diag = diag,
		.include = include,
	};

	cw_lex_begin(&parser.lexer, ruleset, diag, include->file);
	while (!parser.is_out_of_memory && cw_lex_statement(&parser.lexer)) {
		if (parser.lexer.is_bad)
			continue;
		parser.token = parser.lexer.tokens.data;
		parser.dests.count = 0;
		parser.ports.count = 0;
		parser.froms.count = 0;
		parser.conds.count = 0;
		if (parse_statement(&parser) &&
		    parser.token->kind != CW_TOKEN_END)
			cw_parse_unexpected(&parser,
					    "the end of the statement", 0);
	}
	cw_ruleset_settle(ruleset);
	cw_free(parser.dests.data);
	cw_free(parser.ports.data);
	cw_free(parser.froms.data);
	cw_free(parser.conds.data);
	cw_lex_end(&parser.lexer);
	return !parser.is_out_of_memory && !parser.lexer.is_out_of_memory;
}
