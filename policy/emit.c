// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tree to blob: writes the rules half of the blob, has the index made from it,
 * lays everything out, and runs the kernel's own check over the result.
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

static int too_big(struct cw_emitter *emitter, const char *what, u32 limit)
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

/* The index of a record with these bytes, which is added if there is none. */
static int add_once(struct cw_emitter *emitter, struct cw_intern *intern,
		    enum cw_section section, const void *record, size_t size,
		    u32 *index)
{
	struct wanted wanted = { emitter, section, record, size };
	u32 *found = cw_intern_find(intern, cw_hash_bytes(0, record, size),
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
	return add_once(emitter, &emitter->texts, CW_SECTION_STRING, text,
			strlen(text) + 1, at);
}

/* ---- rules half --------------------------------------------------------- */

static u32 number4(const u8 *byte)
{
	return (u32)byte[0] << 24 | (u32)byte[1] << 16 | (u32)byte[2] << 8 |
	       byte[3];
}

static int emit_address(struct cw_emitter *emitter, const struct cw_dest *dest,
			u32 *out)
{
	struct cw_blob_addr4 addr4;
	struct cw_blob_addr6 addr6;
	u32 index;
	int error;

	if (dest->family == 4) {
		addr4.lo = number4(dest->lo);
		addr4.hi = number4(dest->hi);
		error = add_once(emitter, &emitter->addr4, CW_SECTION_ADDR4,
				 &addr4, sizeof(addr4), &index);
		*out = CW_BLOB_DEST_ADDR4 | index;
	} else {
		memcpy(addr6.lo, dest->lo, sizeof(addr6.lo));
		memcpy(addr6.hi, dest->hi, sizeof(addr6.hi));
		error = add_once(emitter, &emitter->addr6, CW_SECTION_ADDR6,
				 &addr6, sizeof(addr6), &index);
		*out = CW_BLOB_DEST_ADDR6 | index;
	}
	return error;
}

static int emit_dest(struct cw_emitter *emitter, const struct cw_dest *dest)
{
	u32 out = CW_BLOB_DEST_ANY;
	int error = 0;

	switch (dest->kind) {
	case CW_DEST_ANY:
		break;
	case CW_DEST_SET:
		out = CW_BLOB_DEST_SET | dest->set;
		break;
	case CW_DEST_ADDR:
		error = emit_address(emitter, dest, &out);
		break;
	case CW_DEST_HOST:
		cw_diag_add(emitter->diag, emitter->ruleset, CW_SEVERITY_ERROR,
			    &dest->span,
			    "names as destinations cannot be enforced yet");
		return -EOPNOTSUPP;
	}
	return error ? error : cw_emit_add(emitter, CW_SECTION_DEST, &out, 1);
}

static int emit_dests(struct cw_emitter *emitter, const struct cw_dest *dests,
		      u32 count)
{
	u32 i;
	int error = 0;

	for (i = 0; i < count && !error; i++)
		error = emit_dest(emitter, &dests[i]);
	return error;
}

static int emit_ports(struct cw_emitter *emitter, const struct cw_port *ports,
		      u32 count)
{
	u32 i;
	int error = 0;

	for (i = 0; i < count && !error; i++) {
		struct cw_blob_port port = {
			.lo = ports[i].lo, .hi = ports[i].hi,
			.set = CW_BLOB_NONE,
		};

		if (ports[i].is_set)
			port = (struct cw_blob_port) { .set = ports[i].set };
		error = cw_emit_add(emitter, CW_SECTION_PORT, &port, 1);
	}
	return error;
}

static int emit_files(struct cw_emitter *emitter)
{
	const struct cw_ruleset *ruleset = emitter->ruleset;
	u32 i, text;
	int error = 0;

	if (ruleset->file_count > CW_BLOB_FILES_MAX)
		return too_big(emitter, "files", CW_BLOB_FILES_MAX);
	for (i = 0; i < ruleset->file_count && !error; i++) {
		error = cw_emit_text(emitter, ruleset->files[i], &text);
		if (!error)
			error = cw_emit_add(emitter, CW_SECTION_FILE, &text, 1);
	}
	return error;
}

/* One more than the depth of the deepest set inside, 0 = not known yet. */
static u8 set_depth(const struct cw_emitter *emitter, u32 set)
{
	const struct cw_blob_set *sets = emitter->section[CW_SECTION_SET].data;
	const struct cw_set *source = &emitter->ruleset->sets[set];
	u32 i, inner;
	u8 depth = 1;

	for (i = 0; i < source->dest_count + source->port_count; i++) {
		if (i < source->dest_count) {
			if (source->dests[i].kind != CW_DEST_SET)
				continue;
			inner = source->dests[i].set;
		} else {
			if (!source->ports[i - source->dest_count].is_set)
				continue;
			inner = source->ports[i - source->dest_count].set;
		}
		if (!sets[inner].depth)
			return 0;
		if (sets[inner].depth >= depth)
			depth = sets[inner].depth + 1;
	}
	return depth;
}

/* A set may come before those in it, so this takes a round for each depth. */
static int find_depths(struct cw_emitter *emitter)
{
	struct cw_blob_set *sets = emitter->section[CW_SECTION_SET].data;
	u32 count = emitter->ruleset->set_count, round, i, known = 0;

	for (round = 0; round < CW_BLOB_SET_DEPTH_MAX && known < count;
	     round++) {
		for (i = 0; i < count; i++) {
			if (sets[i].depth)
				continue;
			sets[i].depth = set_depth(emitter, i);
			known += !!sets[i].depth;
		}
	}
	for (i = 0; i < count; i++)
		if (!sets[i].depth || sets[i].depth > CW_BLOB_SET_DEPTH_MAX)
			return too_big(emitter, "levels of sets in sets",
				       CW_BLOB_SET_DEPTH_MAX);
	return 0;
}

static int emit_set(struct cw_emitter *emitter, const struct cw_set *set)
{
	struct cw_blob_set record = {
		.dest = cw_emit_count(emitter, CW_SECTION_DEST),
		.port = cw_emit_count(emitter, CW_SECTION_PORT),
		.line = set->span.line,
		.file = (u16)set->span.file,
		.flags = (set->builtin ? CW_BLOB_SET_BUILTIN : 0) |
			 (set->of_ports ? CW_BLOB_SET_PORTS : 0),
	};
	int error = cw_emit_text(emitter, set->name, &record.name);

	if (!error)
		error = cw_emit_add(emitter, CW_SECTION_SET, &record, 1);
	if (!error)
		error = emit_dests(emitter, set->dests, set->dest_count);
	if (!error)
		error = emit_ports(emitter, set->ports, set->port_count);
	return error;
}

static int emit_sets(struct cw_emitter *emitter)
{
	const struct cw_ruleset *ruleset = emitter->ruleset;
	struct cw_blob_set end = { .name = 0 };
	u32 i;
	int error = 0;

	for (i = 0; i < ruleset->set_count && !error; i++)
		error = emit_set(emitter, &ruleset->sets[i]);
	end.dest = cw_emit_count(emitter, CW_SECTION_DEST);
	end.port = cw_emit_count(emitter, CW_SECTION_PORT);
	if (!error)
		error = cw_emit_add(emitter, CW_SECTION_SET, &end, 1);
	return error ? error : find_depths(emitter);
}

static int emit_cond(struct cw_emitter *emitter, const struct cw_cond *cond)
{
	static const u32 features[CW_COND_COUNT] = {
		[CW_COND_SCRIPT] = CW_FEATURE_SCRIPT,
		[CW_COND_USER] = CW_FEATURE_USER,
		[CW_COND_GROUP] = CW_FEATURE_GROUP,
		[CW_COND_UNIT] = CW_FEATURE_UNIT,
		[CW_COND_CGROUP] = CW_FEATURE_CGROUP,
		[CW_COND_CONTAINER] = CW_FEATURE_CONTAINER,
		[CW_COND_PARENT] = CW_FEATURE_PARENT,
		[CW_COND_ANCESTOR] = CW_FEATURE_ANCESTOR,
		[CW_COND_SHA256] = CW_FEATURE_SHA256,
	};
	struct cw_blob_cond record = { .kind = cond->kind };
	int error = cw_emit_text(emitter, cond->text, &record.text);

	emitter->features |= features[cond->kind];
	if (cond->kind == CW_COND_USER || cond->kind == CW_COND_GROUP)
		record.id = cond->id;
	if (!error && cond->kind == CW_COND_SHA256) {
		record.text = 0;
		record.id = cw_emit_count(emitter, CW_SECTION_DIGEST);
		error = add_once(emitter, &emitter->digests, CW_SECTION_DIGEST,
				 cond->digest, sizeof(cond->digest),
				 &record.id);
	}
	return error ? error : cw_emit_add(emitter, CW_SECTION_COND, &record, 1);
}

/* The subject whose conditions have just been added at the end. */
struct subject {
	const struct cw_emitter *emitter;
	struct cw_blob_subject record;
	u32 conds;
};

static u32 subject_conds(const struct cw_emitter *emitter, u32 id)
{
	const struct cw_blob_subject *s =
		emitter->section[CW_SECTION_SUBJECT].data;

	return s[id + 1].cond - s[id].cond;
}

static bool same_subject(const void *context, u32 id)
{
	const struct subject *wanted = context;
	const struct cw_array *sections = wanted->emitter->section;
	const struct cw_blob_subject *s = sections[CW_SECTION_SUBJECT].data;
	const struct cw_blob_cond *cond = sections[CW_SECTION_COND].data;

	return s[id].until == wanted->record.until &&
	       s[id].exe == wanted->record.exe &&
	       s[id].kind == wanted->record.kind &&
	       subject_conds(wanted->emitter, id) == wanted->conds &&
	       (!wanted->conds ||
		!memcmp(cond + s[id].cond, cond + wanted->record.cond,
			wanted->conds * sizeof(*cond)));
}

static u32 subject_hash(const struct subject *subject)
{
	const struct cw_blob_cond *cond =
		subject->emitter->section[CW_SECTION_COND].data;
	struct cw_blob_subject record = subject->record;
	u32 hash;

	record.cond = 0;
	hash = cw_hash_bytes(0, &record, sizeof(record));
	if (subject->conds)
		hash = cw_hash_bytes(hash, cond + subject->record.cond,
				     subject->conds * sizeof(*cond));
	return hash;
}

/* The new subject's record replaces the one past the end, which moves on. */
static int add_subject(struct cw_emitter *emitter,
		       const struct cw_blob_subject *record, u32 *id)
{
	struct cw_blob_subject *s = emitter->section[CW_SECTION_SUBJECT].data;
	struct cw_blob_subject end = {
		.cond = cw_emit_count(emitter, CW_SECTION_COND),
	};

	*id = cw_emit_count(emitter, CW_SECTION_SUBJECT) - 1;
	s[*id] = *record;
	return cw_emit_add(emitter, CW_SECTION_SUBJECT, &end, 1);
}

static int intern_subject(struct cw_emitter *emitter,
			  const struct subject *subject, u32 *id)
{
	u32 *found = cw_intern_find(&emitter->subjects, subject_hash(subject),
				    same_subject, subject);
	int error = 0;

	if (!found)
		return -ENOMEM;
	if (*found == CW_BLOB_NONE)
		error = add_subject(emitter, &subject->record, found);
	else
		emitter->section[CW_SECTION_COND].count = subject->record.cond;
	*id = *found;
	return error;
}

static int emit_subject(struct cw_emitter *emitter, const struct cw_rule *rule,
			u32 *id)
{
	static const u32 features[] = {
		[CW_EXE_ANY] = CW_FEATURE_EXE,
		[CW_EXE_KERNEL] = CW_FEATURE_KERNEL,
		[CW_EXE_PATH] = CW_FEATURE_EXE,
		[CW_EXE_GLOB] = CW_FEATURE_GLOB,
	};
	struct subject subject = {
		.emitter = emitter,
		.record = {
			.until = rule->until, .kind = rule->exe_kind,
			.cond = cw_emit_count(emitter, CW_SECTION_COND),
		},
		.conds = rule->cond_count,
	};
	u32 i;
	int error = 0;

	emitter->features |= features[rule->exe_kind] |
			     (rule->until ? CW_FEATURE_UNTIL : 0);
	if (rule->exe_kind == CW_EXE_PATH || rule->exe_kind == CW_EXE_GLOB)
		error = cw_emit_text(emitter, rule->exe, &subject.record.exe);
	for (i = 0; i < rule->cond_count && !error; i++)
		error = emit_cond(emitter, &rule->conds[i]);
	return error ? error : intern_subject(emitter, &subject, id);
}

static u8 rule_flags(const struct cw_ruleset *ruleset,
		     const struct cw_rule *rule)
{
	bool logs = rule->log == CW_RULE_LOG_YES ||
		    (rule->log == CW_RULE_LOG_INHERIT &&
		     (ruleset->log == CW_LOG_ALL ||
		      (ruleset->log == CW_LOG_DENY && !rule->allow)));

	return (rule->allow ? CW_BLOB_RULE_ALLOW : 0) |
	       (rule->monitor ? CW_BLOB_RULE_MONITOR : 0) |
	       (logs ? CW_BLOB_RULE_LOGS : 0) |
	       (rule->log == CW_RULE_LOG_YES ? CW_BLOB_RULE_LOG : 0) |
	       (rule->log == CW_RULE_LOG_NO ? CW_BLOB_RULE_NOLOG : 0) |
	       (rule->protos_given ? CW_BLOB_RULE_PROTOS : 0);
}

static int emit_record(struct cw_emitter *emitter, u32 number, u8 flags)
{
	const struct cw_rule *rule = &emitter->ruleset->rules[number];
	u32 bits = CW_PORTS_ALL;
	int error = 0;

	if (rule->port_count)
		error = cw_flat_ports(emitter, rule->ports, rule->port_count,
				      &bits);
	emitter->record[number] =
		CW_BLOB_WORD(CW_BLOB_WORD_RECORD, rule->protos,
			     number << CW_BLOB_ANSWER_SHIFT |
			     (flags & CW_BLOB_ANSWER_FLAGS), bits);
	return error;
}

static int emit_rule(struct cw_emitter *emitter, u32 number)
{
	const struct cw_rule *rule = &emitter->ruleset->rules[number];
	struct cw_blob_rule record = {
		.dest = cw_emit_count(emitter, CW_SECTION_DEST),
		.port = cw_emit_count(emitter, CW_SECTION_PORT),
		.line = rule->span.line,
		.file = (u16)rule->span.file,
		.flags = rule_flags(emitter->ruleset, rule),
		.protos = rule->protos,
	};
	int error = emit_subject(emitter, rule, &record.subject);

	if (rule->monitor)
		emitter->features |= CW_FEATURE_MONITOR;
	if (!error)
		error = cw_emit_text(emitter, rule->label, &record.label);
	if (!error)
		error = emit_dests(emitter, rule->dests, rule->dest_count);
	if (!error)
		error = emit_ports(emitter, rule->ports, rule->port_count);
	if (!error)
		error = emit_record(emitter, number, record.flags);
	if (!error)
		error = cw_emit_add(emitter, CW_SECTION_RULE, &record, 1);
	return error;
}

static int emit_rules(struct cw_emitter *emitter)
{
	u32 count = emitter->ruleset->rule_count, i;
	struct cw_blob_rule end = { .subject = 0 };
	struct cw_blob_subject no_subject = { .kind = 0 };
	int error;

	if (count > CW_BLOB_RULES_MAX)
		return too_big(emitter, "rules", CW_BLOB_RULES_MAX);
	error = cw_emit_add(emitter, CW_SECTION_SUBJECT, &no_subject, 1);
	for (i = 0; i < count && !error; i++)
		error = emit_rule(emitter, i);
	end.dest = cw_emit_count(emitter, CW_SECTION_DEST);
	end.port = cw_emit_count(emitter, CW_SECTION_PORT);
	return error ? error : cw_emit_add(emitter, CW_SECTION_RULE, &end, 1);
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
	header->features = emitter->features;
	header->default_allow = emitter->ruleset->default_allow;
	header->log = emitter->ruleset->log;
	header->seed = emitter->seed;
	return at;
}

static int assemble(struct cw_emitter *emitter, void **data, size_t *size)
{
	struct cw_blob_header header = { .magic = 0 };
	u64 total = layout(emitter, &header);
	u8 *out;
	u32 i;

	if (total > 0xffffffffu)
		return too_big(emitter, "bytes when compiled", 0xffffffffu);
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
	cw_blob_digest(out, total, ((struct cw_blob_header *)out)->sha256);
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
		error = emit_files(emitter);
	if (!error)
		error = emit_sets(emitter);
	if (!error)
		error = cw_flat_sets(emitter);
	if (!error)
		error = emit_rules(emitter);
	if (!error)
		error = cw_index_build(emitter);
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
