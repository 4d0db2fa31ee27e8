/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The compiler, userspace only.  Text becomes tokens (lex.c), a tree
 * (parse.c), a tree with every name resolved and checked (resolve.c, lint.c),
 * and a blob (emit.c).  decode.c turns a blob back into the tree, print.c the
 * tree into canonical text.  Each pass knows only the tree.
 */
#ifndef CW_COMPILE_H
#define CW_COMPILE_H

#include <stdarg.h>
#include <stdio.h>

#include "lib/lib.h"
#include "policy/engine/engine.h"

/* Limits of the language; every one is named in the error it causes. */
#define CW_LINE_MAX		65536		/* bytes of one source line */
#define CW_SOURCE_MAX		(1u << 30)	/* bytes of one source file */
#define CW_RULES_MAX		CW_BLOB_RULES_MAX
#define CW_SETS_MAX		(1u << 20)
#define CW_SET_ELEMENTS_MAX	(1u << 20)	/* nested sets counted in full */
#define CW_SET_DEPTH_MAX	16
#define CW_INCLUDES_MAX		1000
#define CW_INCLUDE_DEPTH_MAX	16
#define CW_LABEL_ROOM		(CW_LABEL_MAX - 1)	/* bytes of a label */
#define CW_PATH_ROOM		(CW_PATH_MAX - 1)	/* bytes of a path */

/* Enumerations that the blob stores as numbers are in cw_blob.h. */

/* Where in the source: all 1-based; column and length count bytes. */
struct cw_span {
	u32 file;	/* index into cw_ruleset.files */
	u32 line;
	u32 column;
	u32 length;
};

enum cw_dest_kind {
	CW_DEST_ANY,
	CW_DEST_ADDR,	/* lo..hi, both included: address, prefix or range */
	CW_DEST_SET,
	CW_DEST_HOST,
};

struct cw_dest {
	enum cw_dest_kind kind;
	u8 family;	/* 4 or 6, CW_DEST_ADDR only */
	u8 lo[16];	/* network order, as in struct cw_request */
	u8 hi[16];
	char *zone;	/* CW_DEST_ADDR: name of an interface; NULL = each */
	u32 set;	/* CW_DEST_SET: index into cw_ruleset.sets */
	char *name;	/* CW_DEST_HOST; the set's name for CW_DEST_SET */
	struct cw_span span;
};

struct cw_port {
	bool is_set;
	u16 lo, hi;	/* both included */
	u32 set;	/* index into cw_ruleset.sets */
	char *name;	/* the set's name; a service's before resolve */
	struct cw_span span;
};

/* A set holds addresses or ports, never both. */
struct cw_set {
	char *name;	/* without the @ */
	bool builtin;
	bool of_ports;
	struct cw_dest *dests;
	struct cw_port *ports;
	u32 dest_count, port_count;
	struct cw_span span;
};

struct cw_cond {
	enum cw_cond_kind kind;
	u32 id;
	u8 digest[32];
	char *text;
	/* CW_COND_SCRIPT whose text is a link that only root can change: the file
	 * behind it, as it was when the rules were read; else NULL */
	char *target;
	struct cw_span span;
};

enum cw_rule_log {
	CW_RULE_LOG_INHERIT,	/* as the `log` statement says */
	CW_RULE_LOG_YES,
	CW_RULE_LOG_NO,
};

struct cw_rule {
	struct cw_span span;
	bool allow;
	bool monitor;
	enum cw_rule_log log;
	enum cw_exe_kind exe_kind;
	char *exe;		/* CW_EXE_PATH, CW_EXE_GLOB */
	u32 exe_column, exe_length;	/* as in span, in its line; 0 = not */
	struct cw_cond *conds;	/* all must hold; sorted by kind, then text */
	struct cw_dest *dests;	/* any of them */
	struct cw_port *ports;	/* any of them; none = every port */
	struct cw_port *froms;	/* likewise: the socket's own port */
	u32 cond_count, dest_count, port_count, from_count;
	u8 protos;		/* mask of 1 << enum cw_proto, never 0 */
	bool protos_given;	/* written, not implied: for the printer */
	u64 until;		/* seconds since the epoch, 0 = for ever */
	char *label;		/* NULL = none */
};

/* A whole policy as a tree.  All memory belongs to it. */
struct cw_ruleset {
	bool default_allow;	/* false unless the source says otherwise */
	enum cw_log log;	/* CW_LOG_DENY unless the source says otherwise */
	char **files;
	struct cw_set *sets;
	struct cw_rule *rules;	/* in order of precedence: first match wins */
	u32 file_count, set_count, rule_count;
	void *arena;		/* owner of every pointer above */
};

/*
 * Diagnostics: collected by every pass, shown all together at the end.
 */
enum cw_severity {
	CW_SEVERITY_ERROR,
	CW_SEVERITY_WARNING,
	CW_SEVERITY_NOTE,
};

struct cw_diag;

/* What to do when others than root may change a file that is read, or a
 * directory on the way to it. */
enum cw_trust {
	CW_TRUST_ALL,		/* nothing; who asks reads with own rights */
	CW_TRUST_WARN,
	CW_TRUST_REFUSE,
};

/*
 * For a daemon that reads what others have named.  Unless @trust is
 * CW_TRUST_ALL, only regular files of real file systems are read, and paths are
 * absolute.
 */
struct cw_guard {
	enum cw_trust trust;
	u64 useconds;	/* of reading, all files together, 0 = no limit; then
			 * SIGALRM ends the process */
	u64 bytes;	/* of all files together, 0 = no limit */
};

struct cw_diag *cw_diag_new(void);
void cw_diag_free(struct cw_diag *diag);	/* NULL is fine */
/* From here on nothing is shown of what does not look like rules. */
void cw_diag_guard(struct cw_diag *diag);
/* Messages shown of each severity, 10,000 unless told; the rest is counted. */
void cw_diag_limit(struct cw_diag *diag, u32 limit);
u32 cw_diag_count(const struct cw_diag *diag, enum cw_severity severity);
/*
 * Adds one message.  @ruleset knows files and source lines; all that is shown
 * is copied, so the diag may outlive it.  @span: NULL = no place at all; line
 * 0 = the file as a whole.  Never fails: what finds no memory is counted.
 */
void cw_diag_add(struct cw_diag *diag, const struct cw_ruleset *ruleset,
		 enum cw_severity severity, const struct cw_span *span,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));
void cw_diag_vadd(struct cw_diag *diag, const struct cw_ruleset *ruleset,
		  enum cw_severity severity, const struct cw_span *span,
		  const char *format, va_list args)
	__attribute__((format(printf, 5, 0)));
/* A second place that belongs to the message added last. */
void cw_diag_note(struct cw_diag *diag, const struct cw_ruleset *ruleset,
		  const struct cw_span *span, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Names the check that the message added last comes from, as in "shadowed". */
void cw_diag_tag(struct cw_diag *diag, const char *tag);
void cw_diag_nomem(struct cw_diag *diag);	/* error: out of memory, once */
/* file:line:column: severity: message, the source line, a caret under it. */
void cw_diag_print(const struct cw_diag *diag, FILE *out);
/* One JSON object a line (a message with its notes). */
void cw_diag_print_json(const struct cw_diag *diag, FILE *out);

/* An empty policy: default deny, log deny, no sets, no rules.  NULL = ENOMEM */
struct cw_ruleset *cw_ruleset_new(void);
/* Zeroed memory that lives as long as @ruleset; NULL = no memory. */
void *cw_ruleset_alloc(struct cw_ruleset *ruleset, size_t size);
/* @text kept as long as @ruleset; equal texts give the same pointer. */
char *cw_ruleset_string(struct cw_ruleset *ruleset, const char *text,
			size_t size);
/* The built-in sets, always sets[0 .. CW_BUILTIN_COUNT-1] after a parse. */
#define CW_BUILTIN_COUNT	5
int cw_ruleset_add_builtins(struct cw_ruleset *ruleset);

/*
 * Reads @path and what it includes; lexes, parses, resolves.  NULL when there
 * was an error (in @diag).  @features: CW_FEATURE_* that the target can judge;
 * a rule that needs another one is an error that says so.
 */
struct cw_ruleset *cw_ruleset_read(const char *path, u32 features,
				   struct cw_diag *diag);
/* The same in the limits of @guard. */
struct cw_ruleset *cw_ruleset_read_guarded(const char *path, u32 features,
					   const struct cw_guard *guard,
					   struct cw_diag *diag);
/*
 * The same from memory; @name stands for the file in messages.  An include is
 * relative to @name's directory, and refused when @name has none (no slash).
 */
struct cw_ruleset *cw_ruleset_parse(const char *name, const char *text,
				    size_t size, u32 features,
				    struct cw_diag *diag);
/* Warnings about rules that are right but probably not meant. */
void cw_ruleset_lint(const struct cw_ruleset *ruleset, struct cw_diag *diag);
void cw_ruleset_free(struct cw_ruleset *ruleset);

/* Canonical text; print(parse(print(x))) is the same bytes as print(x). */
void cw_ruleset_print(const struct cw_ruleset *ruleset, FILE *out);
/* Words of the language for what the tree has as numbers. */
const char *cw_cond_name(enum cw_cond_kind kind);
const char *cw_log_name(enum cw_log log);
/* Is what @rule decides logged, with the `log` statement considered? */
bool cw_rule_logs(const struct cw_ruleset *ruleset, const struct cw_rule *rule);
/* One rule, without the end of its line. */
void cw_rule_print(const struct cw_ruleset *ruleset, const struct cw_rule *rule,
		   FILE *out);
void cw_set_print(const struct cw_ruleset *ruleset, const struct cw_set *set,
		  FILE *out);

/*
 * Differences between two policies in terms of statements, as lines that begin
 * with - (only in @old), + (only in @new) or ~ (moved: the order decides).
 * Returns their number, 0 = the same rules; -ENOMEM.
 */
long cw_ruleset_diff(const struct cw_ruleset *old, const struct cw_ruleset *new,
		     FILE *out);
long cw_ruleset_diff_json(const struct cw_ruleset *old,
			  const struct cw_ruleset *new, FILE *out);

/*
 * Single words, for commands that take the same as rules do.  Each is 0, or
 * -EINVAL with the reason in @message.
 */
#define CW_MESSAGE_MAX	512

/* An address, a prefix or a range. */
int cw_word_address(const char *text, size_t size, struct cw_dest *dest,
		    char message[CW_MESSAGE_MAX]);
/* The port of a service; of @protos (1 << enum cw_proto) those that know the
 * service must agree. */
int cw_word_service(const char *name, u8 protos, u16 *port,
		    char message[CW_MESSAGE_MAX]);

/* Why a rule does not decide a request. */
enum cw_miss {
	CW_MISS_LATER,		/* it matches, but another rule comes first */
	CW_MISS_EXE,
	CW_MISS_COND,		/* cw_near.cond says which */
	CW_MISS_DEST,
	CW_MISS_PROTO,
	CW_MISS_PORT,
	CW_MISS_FROM,
	CW_MISS_EXPIRED,
};

/* A rule that came close: all but one thing fits. */
struct cw_near {
	u32 rule;
	enum cw_miss miss;
	u32 cond;	/* index, CW_MISS_COND */
	u32 score;	/* how much of it is about this very request */
};

#define CW_NEAR_MAX	8

struct cw_explanation {
	struct cw_verdict verdict;	/* the same as from cw_match() */
	bool is_strict;	/* because the program is not known */
	struct cw_near near[CW_NEAR_MAX];	/* closest first */
	u32 near_count;
	bool is_of_inner;	/* about the IPv4 address inside: @inner */
	u8 inner[4];
};

/* Decides by trying one rule after another.  Host names match nothing. */
void cw_ruleset_explain(const struct cw_ruleset *ruleset,
			const struct cw_ident *ident,
			const struct cw_request *request,
			struct cw_explanation *out);
void cw_explanation_print(const struct cw_ruleset *ruleset,
			  const struct cw_explanation *explanation, FILE *out);
void cw_explanation_print_json(const struct cw_ruleset *ruleset,
			       const struct cw_explanation *explanation,
			       FILE *out);

/*
 * Compiles to a blob with its digest, checked by cw_blob_open(), in malloc()ed
 * memory that the caller frees.  0; -ENOMEM; -E2BIG a limit of the format is
 * exceeded (said in @diag).
 */
int cw_ruleset_emit(const struct cw_ruleset *ruleset, void **data, size_t *size,
		    struct cw_diag *diag);
/* A blob back into a tree; NULL = no memory.  The digest is not checked. */
struct cw_ruleset *cw_ruleset_decode(const struct cw_blob *blob);
/* SHA-256 of a blob as its header must hold it; for checks in userspace. */
void cw_blob_digest(const void *data, size_t size, u8 digest[32]);

#endif
