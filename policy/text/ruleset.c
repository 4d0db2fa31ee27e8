// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree as an object: its memory, and the passes run one after another.
 */
#include "passes.h"

#define CHUNK_SIZE	(1u << 16)	/* bytes; doubles up to 4 MiB */
#define CHUNK_MAX	(1u << 22)
#define MARK_LINES	1024

struct cw_chunk {
	struct cw_chunk *next;
	size_t size;
	char data[] __attribute__((aligned(8)));
};

struct cw_ruleset *cw_ruleset_new(void)
{
	struct cw_ruleset *ruleset = cw_alloc(sizeof(*ruleset));
	struct cw_arena *arena = cw_alloc(sizeof(*arena));

	if (!ruleset || !arena) {
		cw_free(ruleset);
		cw_free(arena);
		return NULL;
	}
	memset(ruleset, 0, sizeof(*ruleset));
	memset(arena, 0, sizeof(*arena));
	ruleset->log = CW_LOG_DENY;
	ruleset->arena = arena;
	return ruleset;
}

void cw_ruleset_free(struct cw_ruleset *ruleset)
{
	struct cw_arena *arena;
	struct cw_source *source;
	struct cw_chunk *chunk;
	u32 i;

	if (!ruleset)
		return;
	arena = ruleset->arena;
	source = arena->sources.data;
	for (i = 0; i < arena->sources.count; i++) {
		cw_free(source[i].text);
		cw_free(source[i].marks);
	}
	while ((chunk = arena->chunks)) {
		arena->chunks = chunk->next;
		cw_free(chunk);
	}
	cw_array_free(&arena->strings);
	cw_intern_free(&arena->by_text);
	cw_free(arena->files.data);
	cw_free(arena->sources.data);
	cw_free(arena->sets.data);
	cw_free(arena->rules.data);
	cw_free(arena->broken.data);
	cw_free(arena);
	cw_free(ruleset);
}

static bool add_chunk(struct cw_arena *arena, size_t least)
{
	size_t size = CHUNK_SIZE;
	struct cw_chunk *chunk;

	if (arena->chunks)
		size = arena->chunks->size * 2;
	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	if (size < least)
		size = least;
	chunk = cw_alloc(sizeof(*chunk) + size);
	if (!chunk)
		return false;
	chunk->size = size;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->at = chunk->data;
	arena->end = chunk->data + size;
	return true;
}

void *cw_ruleset_alloc(struct cw_ruleset *ruleset, size_t size)
{
	struct cw_arena *arena = ruleset->arena;
	void *data;

	size = (size + 7) & ~(size_t)7;
	if ((size_t)(arena->end - arena->at) < size && !add_chunk(arena, size))
		return NULL;
	data = arena->at;
	arena->at += size;
	return memset(data, 0, size);
}

void *cw_ruleset_copy(struct cw_ruleset *ruleset, const void *data, u32 count,
		      size_t size)
{
	void *copy = cw_ruleset_alloc(ruleset, count * size);

	if (copy && count)
		memcpy(copy, data, count * size);
	return copy;
}

/* A string of the arena, or one that is looked for. */
struct text {
	const struct cw_arena *arena;
	const char *data;
	u32 size;
};

struct cw_kept {
	char *data;
	u32 size;
};

static bool is_same(const void *context, u32 id)
{
	const struct text *text = context;
	const struct cw_kept *kept = text->arena->strings.data;

	return kept[id].size == text->size &&
	       !memcmp(kept[id].data, text->data, text->size);
}

char *cw_ruleset_string(struct cw_ruleset *ruleset, const char *text,
			size_t size)
{
	struct cw_arena *arena = ruleset->arena;
	const struct text wanted = { arena, text, size };
	u32 *id = cw_intern_find(&arena->by_text, cw_map_hash(text, size),
				 is_same, &wanted);
	struct cw_kept *kept;

	if (!id)
		return NULL;
	if (*id == CW_INTERN_NONE) {
		char *copy = cw_ruleset_alloc(ruleset, size + 1);

		kept = copy ? cw_array_push(&arena->strings, sizeof(*kept))
			    : NULL;
		if (!kept)
			return NULL;
		memcpy(copy, text, size);
		*kept = (struct cw_kept) { .data = copy, .size = size };
		*id = arena->strings.count - 1;
	}
	return ((struct cw_kept *)arena->strings.data)[*id].data;
}

void cw_ruleset_settle(struct cw_ruleset *ruleset)
{
	struct cw_arena *arena = ruleset->arena;

	ruleset->files = arena->files.data;
	ruleset->file_count = arena->files.count;
	ruleset->sets = arena->sets.data;
	ruleset->set_count = arena->sets.count;
	ruleset->rules = arena->rules.data;
	ruleset->rule_count = arena->rules.count;
}

/* Without memory for marks every search starts at the top: slow, but right. */
static void mark_lines(struct cw_source *source)
{
	struct cw_array marks = { 0 };
	const char *end = source->text + source->size;
	const char *at = source->text;
	u32 line, *mark;

	for (line = 0; at; line++) {
		if (line % MARK_LINES == 0) {
			mark = cw_array_push(&marks, sizeof(*mark));
			if (!mark)
				break;
			*mark = at - source->text;
		}
		at = memchr(at, '\n', end - at);
		at = at && at + 1 < end ? at + 1 : NULL;
	}
	source->marks = marks.data;
	source->mark_count = marks.count;
}

const char *cw_ruleset_line(const struct cw_ruleset *ruleset, u32 file,
			    u32 line, size_t *size)
{
	struct cw_arena *arena = ruleset->arena;
	struct cw_source *source = arena->sources.data;
	const char *at, *end, *next;
	u32 mark;

	if (file >= arena->sources.count || !line || !source[file].text)
		return NULL;
	source += file;
	if (!source->marks)
		mark_lines(source);
	mark = --line / MARK_LINES;
	if (mark >= source->mark_count)
		mark = 0;
	at = source->text + (source->marks ? source->marks[mark] : 0);
	end = source->text + source->size;
	for (line -= mark * MARK_LINES; line && at; line--) {
		at = memchr(at, '\n', end - at);
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return NULL;
	next = memchr(at, '\n', end - at);
	*size = (next ? next : end) - at;
	return at;
}

/* The passes after reading; frees @ruleset and gives NULL on any error. */
static struct cw_ruleset *compile(struct cw_ruleset *ruleset, u32 features,
				  struct cw_diag *diag, int error,
				  const struct cw_include *include)
{
	u32 before = cw_diag_count(diag, CW_SEVERITY_ERROR);

	if (!error && (!cw_parse_file(ruleset, include, diag) ||
		       !cw_resolve(ruleset, features, diag)))
		error = -ENOMEM;
	if (error == -ENOMEM)
		cw_diag_nomem(diag);
	if (!error && cw_diag_count(diag, CW_SEVERITY_ERROR) == before)
		return ruleset;
	cw_ruleset_free(ruleset);
	return NULL;
}

bool cw_rule_logs(const struct cw_ruleset *ruleset, const struct cw_rule *rule)
{
	if (rule->log != CW_RULE_LOG_INHERIT)
		return rule->log == CW_RULE_LOG_YES;
	return cw_log_has(ruleset->log, rule->allow);
}

/* A ruleset that has the built-in sets; NULL = no memory, which is said. */
static struct cw_ruleset *begin(struct cw_diag *diag)
{
	struct cw_ruleset *ruleset = cw_ruleset_new();

	if (ruleset && !cw_ruleset_add_builtins(ruleset))
		return ruleset;
	cw_ruleset_free(ruleset);
	cw_diag_nomem(diag);
	return NULL;
}

struct cw_ruleset *cw_ruleset_read(const char *path, u32 features,
				   struct cw_diag *diag)
{
	const struct cw_guard none = { .trust = CW_TRUST_ALL };

	return cw_ruleset_read_guarded(path, features, &none, diag);
}

struct cw_ruleset *cw_ruleset_read_guarded(const char *path, u32 features,
					   const struct cw_guard *guard,
					   struct cw_diag *diag)
{
	struct cw_ruleset *ruleset = begin(diag);
	struct cw_include include = { 0 };
	int error;

	if (!ruleset)
		return NULL;
	cw_source_guard(ruleset, guard);
	error = cw_source_read(ruleset, path, NULL, diag, &include);
	return compile(ruleset, features, diag, error, &include);
}

struct cw_ruleset *cw_ruleset_parse(const char *name, const char *text,
				    size_t size, u32 features,
				    struct cw_diag *diag)
{
	struct cw_ruleset *ruleset = begin(diag);
	struct cw_include include = { 0 };
	int error;

	if (!ruleset)
		return NULL;
	error = cw_source_add(ruleset, name, text, size);
	if (error == -E2BIG)
		cw_diag_add(diag, ruleset, CW_SEVERITY_ERROR, NULL,
			    "%s: larger than %u bytes", name, CW_SOURCE_MAX);
	return compile(ruleset, features, diag, error, &include);
}
