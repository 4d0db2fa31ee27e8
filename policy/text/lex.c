// SPDX-License-Identifier: GPL-2.0-only
/*
 * Characters to tokens, one statement at a time; refuses bytes that a reader
 * of the file would not see.
 */
#include "passes.h"

/* Sorted; the order is that of enum cw_keyword. */
static const char *const keywords[CW_WORD_COUNT] = {
	[CW_WORD_NONE_OF_THEM] = "",
	[CW_WORD_ALL] = "all",
	[CW_WORD_ALLOW] = "allow",
	[CW_WORD_ANCESTOR] = "ancestor",
	[CW_WORD_ANY] = "any",
	[CW_WORD_AS] = "as",
	[CW_WORD_CGROUP] = "cgroup",
	[CW_WORD_CLEAN_ENV] = "clean-env",
	[CW_WORD_CONTAINER] = "container",
	[CW_WORD_DEFAULT] = "default",
	[CW_WORD_DENY] = "deny",
	[CW_WORD_FROM] = "from",
	[CW_WORD_GROUP] = "group",
	[CW_WORD_HOST] = "host",
	[CW_WORD_ICMP] = "icmp",
	[CW_WORD_INCLUDE] = "include",
	[CW_WORD_KERNEL] = "kernel",
	[CW_WORD_LOG] = "log",
	[CW_WORD_MONITOR] = "monitor",
	[CW_WORD_NOLOG] = "nolog",
	[CW_WORD_NONE] = "none",
	[CW_WORD_PACKET] = "packet",
	[CW_WORD_PARENT] = "parent",
	[CW_WORD_PORT] = "port",
	[CW_WORD_PROTO] = "proto",
	[CW_WORD_RAW] = "raw",
	[CW_WORD_SCRIPT] = "script",
	[CW_WORD_SCTP] = "sctp",
	[CW_WORD_SET] = "set",
	[CW_WORD_SHA256] = "sha256",
	[CW_WORD_TCP] = "tcp",
	[CW_WORD_TO] = "to",
	[CW_WORD_UDP] = "udp",
	[CW_WORD_UNIT] = "unit",
	[CW_WORD_UNTIL] = "until",
	[CW_WORD_USER] = "user",
};

/* By first letter, a to u: its first keyword; the next entry ends them. */
static const u8 first_keyword[] = {
	CW_WORD_ALL, CW_WORD_CGROUP, CW_WORD_CGROUP, CW_WORD_DEFAULT,
	CW_WORD_FROM, CW_WORD_FROM, CW_WORD_GROUP, CW_WORD_HOST, CW_WORD_ICMP,
	CW_WORD_KERNEL, CW_WORD_KERNEL, CW_WORD_LOG, CW_WORD_MONITOR,
	CW_WORD_NOLOG, CW_WORD_PACKET, CW_WORD_PACKET, CW_WORD_RAW, CW_WORD_RAW,
	CW_WORD_SCRIPT, CW_WORD_TCP, CW_WORD_UDP, CW_WORD_COUNT,
};

u8 cw_lex_keyword(const char *text, size_t size)
{
	u32 letter = (u8)*text - 'a', i;

	if (letter > 'u' - 'a')
		return CW_WORD_NONE_OF_THEM;
	for (i = first_keyword[letter]; i < first_keyword[letter + 1]; i++)
		if (!strncmp(text, keywords[i], size) && !keywords[i][size])
			return i;
	return CW_WORD_NONE_OF_THEM;
}

const char *cw_lex_keyword_name(enum cw_keyword keyword)
{
	return keywords[keyword];
}

/* ---- characters --------------------------------------------------------- */

static void fault(struct cw_lexer *lexer, const char *line, const char *at,
		  const char *message)
{
	struct cw_span span = {
		.file = lexer->file, .line = lexer->line,
		.column = at - line + 1, .length = 1,
	};

	lexer->is_bad = true;
	cw_diag_add(lexer->diag, lexer->ruleset, CW_SEVERITY_ERROR, &span,
		    "%s", message);
}

static void fault_character(struct cw_lexer *lexer, const char *line,
			    const char *at, size_t size)
{
	char message[CW_MESSAGE_MAX];

	if (!*at)
		strcpy(message, "NUL byte; this is not a text file");
	else if (*at == '\r')
		strcpy(message, "carriage return inside a line");
	else
		cw_character_fault(at, size, message);
	fault(lexer, line, at, message);
}

/*
 * Is there a byte that is no printable ASCII?  Eight at a time, as every byte
 * of the text comes through here.  May say yes wrongly, never no.
 */
static bool may_be_odd(const char *line, size_t size)
{
	const u64 ones = 0x0101010101010101ull, tops = ones << 7;
	u64 odd = 0, word;

	for (; size >= sizeof(word); line += 8, size -= 8) {
		memcpy(&word, line, sizeof(word));
		odd |= word | (word - ones * 0x20) | (word + ones);
	}
	for (; size; size--, line++)
		odd |= (u8)(*line - 0x20) >= 0x7f - 0x20 ? tops : 0;
	return odd & tops;
}

/* Only the first bad byte of a line: the others have the same cause. */
static bool check_line(struct cw_lexer *lexer, const char *line, size_t size)
{
	size_t at, n;

	if (size > CW_LINE_MAX) {
		char message[80];

		snprintf(message, sizeof(message),
			 "line longer than %d bytes; continue it with \\",
			 CW_LINE_MAX);
		fault(lexer, line, line + CW_LINE_MAX, message);
		return false;
	}
	if (!may_be_odd(line, size))
		return true;
	for (at = 0; at < size; at += n) {
		n = line[at] == '\t' ? 1 :
		    cw_character_visible(line + at, size - at);
		if (!n) {
			fault_character(lexer, line, line + at, size - at);
			return false;
		}
	}
	return true;
}

/* ---- tokens ------------------------------------------------------------- */

static struct cw_token *push(struct cw_lexer *lexer, enum cw_token_kind kind,
			     const char *line, const char *from, const char *to)
{
	struct cw_token *token;

	token = cw_array_push(&lexer->tokens, sizeof(*token));
	if (!token) {
		lexer->is_out_of_memory = true;
		return NULL;
	}
	token->kind = kind;
	token->text = token->source = from;
	token->size = token->length = to - from;
	token->line = lexer->line;
	token->column = from - line + 1;
	return token;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Writes the byte that the escape at @at means; its length, 0 = none. */
static size_t unescape(const char *at, const char *end, char *to)
{
	int high, low;

	if (end - at >= 2 && (at[1] == '"' || at[1] == '\\')) {
		*to = at[1];
		return 2;
	}
	if (end - at < 4 || at[1] != 'x')
		return 0;
	high = hex_digit(at[2]);
	low = hex_digit(at[3]);
	if (high < 0 || low < 0 || (!high && !low))
		return 0;
	*to = high << 4 | low;
	return 4;
}

/* The value of a string that has escapes, from behind its first quote. */
static bool copy_string(struct cw_lexer *lexer, struct cw_token *token,
			const char *line)
{
	const char *at = token->text, *end = at + token->size;
	char *copy = cw_ruleset_alloc(lexer->ruleset, token->size + 1);
	size_t n;

	if (!copy) {
		lexer->is_out_of_memory = true;
		return false;
	}
	token->text = copy;
	for (; at < end; at += n) {
		n = 1;
		if (*at != '\\') {
			*copy++ = *at;
			continue;
		}
		n = unescape(at, end, copy++);
		if (!n) {
			fault(lexer, line, at, "unknown escape; there are "
			      "\\\" \\\\ and \\xHH (not \\x00)");
			return false;
		}
	}
	token->size = copy - token->text;
	return true;
}

/* Returns what follows the string, NULL = the line makes no sense from here. */
static const char *lex_string(struct cw_lexer *lexer, const char *line,
			      const char *at, const char *end)
{
	const char *close;
	struct cw_token *token;
	bool has_escape = false;

	for (close = at + 1; close < end && *close != '"'; close++) {
		if (*close != '\\')
			continue;
		has_escape = true;
		close++;
	}
	if (close >= end) {
		fault(lexer, line, at, "closing quote missing on this line");
		return NULL;
	}
	token = push(lexer, CW_TOKEN_STRING, line, at, close + 1);
	if (!token)
		return NULL;
	token->text++;
	token->size -= 2;
	if (has_escape && !copy_string(lexer, token, line))
		return NULL;
	close++;
	if (close < end && *close != ' ' && *close != '\t' && *close != ',') {
		fault(lexer, line, close, "blank missing after a string");
		return NULL;
	}
	return close;
}

static const char *lex_word(struct cw_lexer *lexer, const char *line,
			    const char *at, const char *end)
{
	const char *from = at;
	struct cw_token *token;

	for (; at < end; at++) {
		/* Most bytes are letters, digits, dots and slashes. */
		if (*at > '=' ? *at != '\\' : *at > ',' && *at < '=')
			continue;
		if (*at == ' ' || *at == '\t' || *at == ',' ||
		    (*at == '=' && *from == '@') ||
		    (*at == '\\' && at + 1 == end))
			break;
		if (*at == '"' || *at == '\\') {
			fault(lexer, line, at, *at == '"' ?
			      "quote inside a word; put quotes around it all" :
			      "backslash inside a word; put the word in "
			      "quotes, there \\\\ is a backslash and a "
			      "space needs none");
			return NULL;
		}
	}
	token = push(lexer, CW_TOKEN_WORD, line, from, at);
	if (!token)
		return NULL;
	if (*from >= 'a' && *from <= 'u')
		token->keyword = cw_lex_keyword(from, at - from);
	return at;
}

/* The tokens of one line; true when it goes on in the next one. */
static bool lex_line(struct cw_lexer *lexer, const char *line, const char *end)
{
	const char *at = line, *blank;

	while (at) {
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		if (at == end || *at == '#')
			return false;
		if (*at == '\\') {
			for (blank = at + 1; blank < end; blank++)
				if (*blank != ' ' && *blank != '\t')
					break;
			if (blank == at + 1 && blank == end)
				return true;
			fault(lexer, line, at, "backslash that is not the last "
			      "character of its line");
			return blank == end;
		}
		if (*at == '"') {
			at = lex_string(lexer, line, at, end);
		} else if (*at == ',' || *at == '=') {
			if (!push(lexer, *at == ',' ? CW_TOKEN_COMMA :
				  CW_TOKEN_EQUALS, line, at, at + 1))
				return false;
			at++;
		} else {
			at = lex_word(lexer, line, at, end);
		}
	}
	return end > line && end[-1] == '\\';
}

/* Takes the next line from the text; true when the statement goes on. */
static bool next_line(struct cw_lexer *lexer)
{
	const char *line = lexer->at;
	const char *end = memchr(line, '\n', lexer->end - line);

	lexer->at = end ? end + 1 : lexer->end;
	if (!end)
		end = lexer->end;
	if (end > line && end[-1] == '\r')
		end--;
	lexer->line++;
	if (!check_line(lexer, line, end - line))
		return end > line && end[-1] == '\\';
	return lex_line(lexer, line, end);
}

/* Stands right behind the last token, so that a caret can point there. */
static void push_end(struct cw_lexer *lexer)
{
	struct cw_token *token, *last;

	token = push(lexer, CW_TOKEN_END, "", "", "");
	if (!token)
		return;
	token->length = 1;
	if (lexer->tokens.count > 1) {
		last = token - 1;
		token->line = last->line;
		token->column = last->column + last->length;
	}
}

bool cw_lex_statement(struct cw_lexer *lexer)
{
	bool goes_on = false;

	lexer->tokens.count = 0;
	lexer->is_bad = false;
	while (lexer->at < lexer->end && !lexer->is_out_of_memory) {
		goes_on = next_line(lexer);
		if (!goes_on && (lexer->tokens.count || lexer->is_bad))
			break;
	}
	if (!lexer->tokens.count && !lexer->is_bad)
		return false;
	push_end(lexer);
	return !lexer->is_out_of_memory;
}

void cw_lex_begin(struct cw_lexer *lexer, struct cw_ruleset *ruleset,
		  struct cw_diag *diag, u32 file)
{
	const struct cw_arena *arena = ruleset->arena;
	const struct cw_source *source = arena->sources.data;

	memset(lexer, 0, sizeof(*lexer));
	lexer->ruleset = ruleset;
	lexer->diag = diag;
	lexer->file = file;
	lexer->at = source[file].text;
	lexer->end = lexer->at + source[file].size;
	if (source[file].size >= 3 && !memcmp(lexer->at, "\xef\xbb\xbf", 3))
		lexer->at += 3;
}

void cw_lex_end(struct cw_lexer *lexer)
{
	cw_free(lexer->tokens.data);
}
