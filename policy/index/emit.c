// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tree to blob: has both halves made, lays everything out, and runs the
 * kernel's own check over the result.
 */
#include "emit.h"

/* ---- sections ----------------------------------------------------------- */

int cw_emit_add(struct cw_emitter *emitter, enum cw_section section,
		const void *records, u32 count)
{
	struct cw_array *to = &emitter->section[section];
	u32 size = cw_blob_record_size(section);
	void *out = cw_array_grow(to, count, size);

	if (!out)
		return -ENOMEM;
	if (count)
		memcpy(out, records, (size_t)count * size);
	to->count += count;
	return 0;
}

int cw_emit_too_big(struct cw_emitter *emitter, const char *what, u32 limit)
{
	cw_diag_add(emitter->diag, emitter->ruleset, CW_SEVERITY_ERROR, NULL,
		    "the policy has more than %u %s", limit, what);
	return -E2BIG;
}

struct wanted {
	const struct cw_emitter *emitter;
	enum cw_section section;
	const void *record;
	size_t size;
};

static bool same_bytes(const void *context, u32 id)
{
	const struct wanted *wanted = context;
	const u8 *data = wanted->emitter->section[wanted->section].data;
	size_t size = cw_blob_record_size(wanted->section);
	size_t end = wanted->emitter->section[wanted->section].count * size;

	return id * size + wanted->size <= end &&
	       !memcmp(data + id * size, wanted->record, wanted->size);
}

int cw_emit_once(struct cw_emitter *emitter, struct cw_intern *intern,
		 enum cw_section section, const void *record, size_t size,
		 u32 *index)
{
	struct wanted wanted = { emitter, section, record, size };
	u32 *found = cw_intern_find(intern, cw_intern_hash(0, record, size),
				    same_bytes, &wanted);
	int error = 0;

	if (!found)
		return -ENOMEM;
	if (*found == CW_BLOB_NONE) {
		*found = cw_emit_count(emitter, section);
		error = cw_emit_add(emitter, section, record,
				    size / cw_blob_record_size(section));
	}
	*index = *found;
	return error;
}

/* What cw_blob_open() asks of every text. */
static int check_text(struct cw_emitter *emitter, const char *text)
{
	size_t size = strlen(text), plain = strcspn(text, "*?");

	if (size < CW_PATH_MAX && size - plain <= CW_BLOB_GLOB_MAX)
		return 0;
	cw_diag_add(emitter->diag, emitter->ruleset, CW_SEVERITY_ERROR, NULL,
		    size < CW_PATH_MAX ?
		    "more than %u bytes from the first wildcard on: %s" :
		    "more than %u bytes: %s",
		    size < CW_PATH_MAX ? CW_BLOB_GLOB_MAX : CW_PATH_MAX - 1,
		    text);
	return -E2BIG;
}

/* A text as a record that ends with its NUL.  No text and "" are 0. */
int cw_emit_text(struct cw_emitter *emitter, const char *text, u32 *at)
{
	int error;

	*at = 0;
	if (!text || !*text)
		return 0;
	error = check_text(emitter, text);
	if (error)
		return error;
	return cw_emit_once(emitter, &emitter->texts, CW_SECTION_STRING, text,
			strlen(text) + 1, at);
}

/* ---- the whole ---------------------------------------------------------- */

static u64 layout(const struct cw_emitter *emitter,
		  struct cw_blob_header *header)
{
	u64 at = sizeof(*header);
	u32 i;

	for (i = 0; i < CW_SECTION_COUNT; i++) {
		at = cw_blob_align(at);
		header->section[i].offset = (u32)at;
		header->section[i].count = emitter->section[i].count;
		at += (u64)emitter->section[i].count * cw_blob_record_size(i);
	}
	header->magic = CW_BLOB_MAGIC;
	header->version = CW_BLOB_VERSION;
	header->size = (u32)at;
	header->default_allow = emitter->ruleset->default_allow;
	header->log = emitter->ruleset->log;
	header->seed = emitter->seed;
	return at;
}

/* What can only be said of the whole. */
static void finish(const struct cw_emitter *emitter, u8 *data, size_t size)
{
	struct cw_blob_header *header = (struct cw_blob_header *)data;
	struct cw_blob blob = { .header = header };
	u32 i;

	for (i = 0; i < CW_SECTION_COUNT; i++) {
		blob.section[i] = data + header->section[i].offset;
		blob.count[i] = emitter->section[i].count;
	}
	header->features = cw_check_features(&blob);
	cw_blob_digest(data, size, header->sha256);
}

static int assemble(struct cw_emitter *emitter, void **data, size_t *size)
{
	struct cw_blob_header header = { .magic = 0 };
	u64 total = layout(emitter, &header);
	u8 *out;
	u32 i;

	if (total > 0xffffffffu)
		return cw_emit_too_big(emitter, "bytes when compiled",
				       0xffffffffu);
	out = cw_alloc(total);
	if (!out)
		return -ENOMEM;
	memset(out, 0, total);
	memcpy(out, &header, sizeof(header));
	for (i = 0; i < CW_SECTION_COUNT; i++)
		if (header.section[i].count)
			memcpy(out + header.section[i].offset,
			       emitter->section[i].data,
			       (size_t)header.section[i].count *
			       cw_blob_record_size(i));
	finish(emitter, out, total);
	*data = out;
	*size = total;
	return 0;
}

static int prepare(struct cw_emitter *emitter)
{
	const struct cw_ruleset *ruleset = emitter->ruleset;
	size_t sets = (ruleset->set_count + 1) * sizeof(*emitter->flat);
	u32 zero = 0;

	emitter->flat = cw_alloc(sets);
	emitter->record = cw_alloc(((size_t)ruleset->rule_count + 1) *
				   sizeof(*emitter->record));
	if (!emitter->flat)
		return -ENOMEM;
	memset(emitter->flat, 0, sets);
	if (!emitter->record)
		return -ENOMEM;
	emitter->merge_budget = ruleset->rule_count + 1024;
	return cw_emit_add(emitter, CW_SECTION_STRING, &zero, 1);
}

static int build(struct cw_emitter *emitter)
{
	u32 end;
	int error = prepare(emitter);

	if (!error)
		error = cw_emit_rules(emitter);
	if (!error)
		error = cw_index_build(emitter);
	if (!error)
		error = cw_tree_build(emitter);
	if (!error)
		error = cw_key_build(emitter);
	end = cw_emit_count(emitter, CW_SECTION_PORTRANGE);
	return error ? error :
	       cw_emit_add(emitter, CW_SECTION_PORTSET, &end, 1);
}

static void emitter_free(struct cw_emitter *emitter)
{
	u32 i;

	for (i = 0; emitter->flat && i < emitter->ruleset->set_count; i++)
		cw_flat_free(&emitter->flat[i]);
	for (i = 0; i < CW_SECTION_COUNT; i++)
		cw_array_free(&emitter->section[i]);
	cw_intern_free(&emitter->texts);
	cw_intern_free(&emitter->addr4);
	cw_intern_free(&emitter->addr6);
	cw_intern_free(&emitter->digests);
	cw_intern_free(&emitter->subjects);
	cw_intern_free(&emitter->portsets);
	cw_array_free(&emitter->nodes);
	cw_array_free(&emitter->ranges);
	cw_array_free(&emitter->map_points);
	cw_array_free(&emitter->map_next);
	cw_array_free(&emitter->map_answer);
	cw_free(emitter->map_bits);
	cw_free(emitter->flat);
	cw_free(emitter->record);
}

/* What the kernel would refuse must not leave the compiler. */
static int check(const struct cw_emitter *emitter, const void *data,
		 size_t size)
{
	struct cw_blob blob;
	int error = cw_blob_open(&blob, data, size);

	if (error)
		cw_diag_add(emitter->diag, emitter->ruleset, CW_SEVERITY_ERROR,
			    NULL, "internal error: the compiled policy is not well formed");
	return error;
}

int cw_ruleset_emit(const struct cw_ruleset *ruleset, void **data, size_t *size,
		    struct cw_diag *diag)
{
	struct cw_emitter emitter = { .ruleset = ruleset, .diag = diag };
	int error = build(&emitter);

	*data = NULL;
	*size = 0;
	if (!error)
		error = assemble(&emitter, data, size);
	emitter_free(&emitter);
	if (!error)
		error = check(&emitter, *data, *size);
	if (error) {
		cw_free(*data);
		*data = NULL;
		*size = 0;
	}
	if (error == -ENOMEM)
		cw_diag_nomem(diag);
	return error;
}
