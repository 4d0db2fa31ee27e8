/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the passes of the compiler share among themselves and with nobody
 * else: memory, tokens, and the checks of single words.
 */
#ifndef CW_PASSES_H
#define CW_PASSES_H

#include "compile.h"

/* ---- ruleset.c: memory of the tree ----------------------------------------- */

/* The text of one file.  Marks: the offset of every 1024th line, or NULL. */
struct cw_source {
	char *text;
	size_t size;
	u32 *marks;
	u32 mark_count;
	bool is_looked_at, is_alike;	/* reveal.c: does it look like rules? */
};

/* Owner of everything in a ruleset. */
struct cw_arena {
	struct cw_chunk *chunks;
	char *at, *end;		/* free part of the newest chunk */
	struct cw_array strings;	/* struct cw_kept, no two alike */
	struct cw_intern by_text;	/* of strings */
	struct cw_array files;		/* char *, as cw_ruleset.files */
	struct cw_array sources;	/* struct cw_source, by file index */
	struct cw_array sets;
	struct cw_array rules;
	struct cw_array broken;	/* char *, sets not kept for an error */
	struct cw_span default_span, log_span;	/* line 0 = not there */
	struct cw_guard guard;		/* source.c: what is left of it */
};

/* Makes the ruleset's public fields point at what its vectors hold. */
void cw_ruleset_settle(struct cw_ruleset *ruleset);
/* A copy of @count elements of @size bytes, as old as @ruleset. */
void *cw_ruleset_copy(struct cw_ruleset *ruleset, const void *data, u32 count,
		      size_t size);
/* Line @line of a file, without its end; *@size is its length.  NULL = the
 * text is not known. */
const char *cw_ruleset_line(const struct cw_ruleset *ruleset, u32 file,
			    u32 line, size_t *size);

/* ---- lex.c: characters to tokens ---------------------------------------- */

enum cw_token_kind {
	CW_TOKEN_END,
	CW_TOKEN_WORD,
	CW_TOKEN_STRING,
	CW_TOKEN_COMMA,
	CW_TOKEN_EQUALS,
};

/* In the order of the keyword table in lex.c, which is sorted by name. */
enum cw_keyword {
	CW_WORD_NONE_OF_THEM,
	CW_WORD_ALL,
	CW_WORD_ALLOW,
	CW_WORD_ANCESTOR,
	CW_WORD_ANY,
	CW_WORD_AS,
	CW_WORD_CGROUP,
	CW_WORD_CLEAN_ENV,
	CW_WORD_CONTAINER,
	CW_WORD_DEFAULT,
	CW_WORD_DENY,
	CW_WORD_FROM,
	CW_WORD_GROUP,
	CW_WORD_HOST,
	CW_WORD_ICMP,
	CW_WORD_INCLUDE,
	CW_WORD_KERNEL,
	CW_WORD_LOG,
	CW_WORD_MONITOR,
	CW_WORD_NOLOG,
	CW_WORD_NONE,
	CW_WORD_PACKET,
	CW_WORD_PARENT,
	CW_WORD_PORT,
	CW_WORD_PROTO,
	CW_WORD_RAW,
	CW_WORD_SCRIPT,
	CW_WORD_SCTP,
	CW_WORD_SET,
	CW_WORD_SHA256,
	CW_WORD_TCP,
	CW_WORD_TO,
	CW_WORD_UDP,
	CW_WORD_UNIT,
	CW_WORD_UNTIL,
	CW_WORD_USER,
	CW_WORD_COUNT
};

struct cw_token {
	const char *text;	/* value; not terminated; strings unescaped */
	const char *source;	/* as written, borrowed from the file's text */
	u32 size;		/* bytes of text */
	u32 line, column, length;
	u8 kind;		/* enum cw_token_kind */
	u8 keyword;		/* enum cw_keyword, words only */
};

/* Reads one file; the tokens of one statement at a time. */
struct cw_lexer {
	struct cw_ruleset *ruleset;
	struct cw_diag *diag;
	const char *at, *end;	/* the rest of the text */
	u32 file, line;
	struct cw_array tokens;	/* struct cw_token, ended by END */
	bool is_bad;		/* the statement has an error already said */
	bool is_out_of_memory;
};

void cw_lex_begin(struct cw_lexer *lexer, struct cw_ruleset *ruleset,
		  struct cw_diag *diag, u32 file);
void cw_lex_end(struct cw_lexer *lexer);
/* False at the end of the file or of memory; else tokens holds a statement,
 * or is_bad says that it is to be skipped. */
bool cw_lex_statement(struct cw_lexer *lexer);
u8 cw_lex_keyword(const char *text, size_t size);
const char *cw_lex_keyword_name(enum cw_keyword keyword);
/* The keyword in the mask (1 << enum cw_keyword) that @text may have meant. */
const char *cw_lex_suggest(const char *text, size_t size, u64 mask);

/* ---- character.c: characters that a file may not have --------------------- */

#define CW_ESCAPES_MAX		20	/* four bytes as \xHH, with the NUL */

/*
 * Says which character is at @at (@size >= 1) and why it is refused.  Returns
 * its bytes.  The second form says also how a quoted string can have it.
 */
size_t cw_character_describe(const char *at, size_t size,
			     char message[CW_MESSAGE_MAX]);
void cw_character_fault(const char *at, size_t size,
			char message[CW_MESSAGE_MAX]);

/* ---- word.c: checks of single words ------------------------------------- */

/* Writes the reason; gives -EINVAL. */
int cw_word_refuse(char message[CW_MESSAGE_MAX], const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Each is 0, or -EINVAL with the reason in @message. */
int cw_word_port(const char *text, size_t size, struct cw_port *port,
		 char message[CW_MESSAGE_MAX]);
int cw_word_path(const char *text, size_t size, bool *is_glob,
		 char message[CW_MESSAGE_MAX]);
int cw_word_time(const char *text, size_t size, u64 *seconds,
		 char message[CW_MESSAGE_MAX]);
int cw_word_digest(const char *text, size_t size, u8 digest[32],
		   char message[CW_MESSAGE_MAX]);
int cw_word_host(const char *text, size_t size, char name[256],
		 char message[CW_MESSAGE_MAX]);
int cw_word_unit(const char *text, size_t size, char message[CW_MESSAGE_MAX]);
/* True when a number in @text begins with a zero: 08, 10.0.010.1, 7-08. */
bool cw_word_has_leading_zero(const char *text, size_t size);
/* True when every byte may stand in a number, or in a range of numbers. */
bool cw_word_is_numeric(const char *text, size_t size);
/* An address with or without a zone (fe80::1%eth0); "" = without. */
#define CW_ZONE_ROOM	16	/* bytes with the NUL, as for the kernel */
int cw_word_zoned(const char *text, size_t size, struct cw_dest *dest,
		  char zone[CW_ZONE_ROOM], char message[CW_MESSAGE_MAX]);
/* Length of the prefix that lo..hi is, -1 = it is none. */
int cw_word_prefix_length(const struct cw_dest *dest);

/* ---- mistake.c: words for what is no address ---------------------------- */

/* Always -EINVAL.  @slash: in @text, with no prefix length of @bits after it */
int cw_mistake_prefix(const char *text, size_t size, const char *slash,
		      u32 bits, char message[CW_MESSAGE_MAX]);
int cw_mistake_address(const char *text, size_t size,
		       char message[CW_MESSAGE_MAX]);

/* ---- link.c: symbolic links ---------------------------------------------- */

/*
 * Where @path leads on this host.  1 = to @target, and only root can change that;
 * 0 = it has no links; -EPERM: others can, by way of the directory @culprit;
 * another errno: it leads nowhere.
 */
int cw_link_follow(const char *path, char target[CW_PATH_MAX],
		   char culprit[CW_PATH_MAX]);

/* ---- source.c, parse.c, rule.c, resolve.c ------------------------------- */

/* Files being read, innermost first: for cycles and depth. */
struct cw_include {
	const struct cw_include *outer;	/* NULL = the file asked for */
	u32 file;
	u32 depth;
	u64 device, inode;	/* 0, 0 = text from memory */
};

/* Adds a file's statements; false = no memory.  Errors go to @diag. */
bool cw_parse_file(struct cw_ruleset *ruleset, const struct cw_include *include,
		   struct cw_diag *diag);

/*
 * Adds file @name with its text and notes in @include which file it is.  0;
 * -ENOMEM; -EINVAL with the reason said at @span (NULL = it was asked for).
 */
int cw_source_read(struct cw_ruleset *ruleset, const char *name,
		   const struct cw_span *span, struct cw_diag *diag,
		   struct cw_include *include);
/* Limits what is read from here on. */
void cw_source_guard(struct cw_ruleset *ruleset, const struct cw_guard *guard);
/* Adds text from memory as file @name. */
int cw_source_add(struct cw_ruleset *ruleset, const char *name,
		  const char *text, size_t size);
/* Names (char *) of the files that @pattern means, sorted, for the caller to
 * give to cw_source_unglob().  0; -ENOMEM; -EACCES a directory is closed. */
int cw_source_glob(struct cw_ruleset *ruleset, const char *includer,
		   const char *pattern, struct cw_array *names);
void cw_source_unglob(struct cw_array *names);
/* Is the directory there, in which @pattern looks?  1; 0; -ENOMEM. */
int cw_source_has_directory(const char *includer, const char *pattern);

/* ---- trust.c: who may change a file --------------------------------------- */

struct stat;

/*
 * Opens the regular file @path, which is absolute, for reading; @status is the
 * file's.  @why gets a sentence when others than root may change the file or
 * which file that is, else "".  A descriptor, or -errno; -ENXIO: it is no regular
 * file, or one that the kernel makes up.
 */
int cw_trust_open(const char *path, struct stat *status, char *why,
		  size_t room);

/* ---- reveal.c: what of a file may be shown -------------------------------- */

/* Does the file look like rules?  Only then is anything of it shown. */
bool cw_reveal_file(const struct cw_ruleset *ruleset, u32 file);
/* Likewise a line, whose file does. */
bool cw_reveal_line(const struct cw_ruleset *ruleset, u32 file, u32 line);

/* One statement after another of one file. */
struct cw_parser {
	struct cw_lexer lexer;
	struct cw_ruleset *ruleset;
	struct cw_arena *arena;
	struct cw_diag *diag;
	const struct cw_include *include;
	const struct cw_token *token;	/* the next one */
	/* of this statement so far */
	struct cw_array dests, ports, froms, conds;
	bool is_out_of_memory;
};

/* All of these give false when the statement is to be dropped: an error has
 * been said, or is_out_of_memory set. */
bool cw_parse_rule(struct cw_parser *parser);
bool cw_parse_dest(struct cw_parser *parser);
bool cw_parse_port(struct cw_parser *parser);
/* Calls @parse_one for each element of a list with commas. */
bool cw_parse_list(struct cw_parser *parser,
		   bool (*parse_one)(struct cw_parser *parser));
/* Takes a word or a string; @what is expected in case of neither. */
const struct cw_token *cw_parse_value(struct cw_parser *parser,
				      const char *what);
bool cw_parse_fail(struct cw_parser *parser, const struct cw_token *token,
		   const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The next token is not @wanted; @mask: keywords that it may have meant. */
bool cw_parse_unexpected(struct cw_parser *parser, const char *wanted,
			 u64 mask);
void cw_parse_note(struct cw_parser *parser, const struct cw_token *token,
		   const char *message);
bool cw_parse_nomem(struct cw_parser *parser);
struct cw_span cw_parse_span(const struct cw_parser *parser,
			     const struct cw_token *token);
/* The token as the source has it, cut to what a message can bear. */
#define CW_SHOW(token) \
	((int)((token)->length < 60 ? (token)->length : 60)), (token)->source
#define CW_BIT(keyword)	(1ull << (keyword))

enum cw_lookup {
	CW_LOOKUP_USER,
	CW_LOOKUP_GROUP,
	CW_LOOKUP_SERVICE,
};

/* Says what an unknown service may have been meant for.  Always -EINVAL. */
#define CW_SERVICE_MAX	64	/* bytes with the NUL */
int cw_service_mistake(const char *service, char message[CW_MESSAGE_MAX]);
/* Asks the system, or @cache where it was asked before.  @name: a kept string;
 * @protos: services.  0; -ENOMEM; -ENOENT; -EEXIST several answers. */
int cw_lookup(struct cw_map *cache, enum cw_lookup kind, const char *name,
	      u8 protos, u32 *value);

/* Looks up names, checks what needs more than one word.  False = no memory. */
bool cw_resolve(struct cw_ruleset *ruleset, u32 features, struct cw_diag *diag);

#endif
