// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tree to blob: the half that says what was written.
 */
#include "emit.h"

static u32 number4(const u8 *byte)
{
	return (u32)byte[0] << 24 | (u32)byte[1] << 16 | (u32)byte[2] << 8 |
	       byte[3];
}

static u32 common_bits(const u8 *lo, const u8 *hi)
{
	u32 bits = 0;

	while (bits < 128 &&
	       !((lo[bits / 8] ^ hi[bits / 8]) & 0x80 >> bits % 8))
		bits++;
	return bits;
}

/* All bits from @bits on are 0 in the one and 1 in the other. */
static bool is_whole(const u8 *lo, const u8 *hi, u32 bits)
{
	for (; bits < 128; bits++)
		if (lo[bits / 8] & 0x80 >> bits % 8 ||
		    !(hi[bits / 8] & 0x80 >> bits % 8))
			return false;
	return true;
}

static int emit_address6(struct cw_emitter *emitter, const struct cw_dest *dest,
			 u32 *index)
{
	struct cw_blob_addr6 addr6[2] = { { .zero = 0 } };
	u32 bits = common_bits(dest->lo, dest->hi), count = 1;

	memcpy(addr6->addr, dest->lo, sizeof(addr6->addr));
	addr6->zone = dest->zone ? cw_zone_number(emitter, dest->zone) : 0;
	addr6->length = bits;
	if (!is_whole(dest->lo, dest->hi, bits)) {
		addr6->length = CW_BLOB_ADDR6_RANGE;
		memcpy(addr6[1].addr, dest->hi, sizeof(addr6->addr));
		addr6[1].length = 128;
		count = 2;
	}
	return cw_emit_once(emitter, &emitter->addr6, CW_SECTION_ADDR6, addr6,
			    count * sizeof(*addr6), index);
}

static int emit_address(struct cw_emitter *emitter, const struct cw_dest *dest,
			u32 *out)
{
	struct cw_blob_addr4 addr4;
	u32 index;
	int error = 0;

	if (dest->family == 4) {
		addr4.lo = number4(dest->lo);
		addr4.hi = number4(dest->hi);
		error = cw_emit_once(emitter, &emitter->addr4, CW_SECTION_ADDR4,
				 &addr4, sizeof(addr4), &index);
		*out = CW_BLOB_DEST_ADDR4 | index;
	} else {
		error = emit_address6(emitter, dest, &index);
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

/* @section: of struct cw_blob_port */
static int emit_ports(struct cw_emitter *emitter, enum cw_section section,
		      const struct cw_port *ports, u32 count)
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
		error = cw_emit_add(emitter, section, &port, 1);
	}
	return error;
}

static int emit_files(struct cw_emitter *emitter)
{
	const struct cw_ruleset *ruleset = emitter->ruleset;
	u32 i, text;
	int error = 0;

	if (ruleset->file_count > CW_BLOB_FILES_MAX)
		return cw_emit_too_big(emitter, "files", CW_BLOB_FILES_MAX);
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
			return cw_emit_too_big(emitter,
					       "levels of sets in sets",
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
		error = emit_ports(emitter, CW_SECTION_PORT, set->ports,
				   set->port_count);
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
	struct cw_blob_cond record = { .kind = cond->kind };
	int error = cw_emit_text(emitter, cond->text, &record.text);

	if (cond->kind == CW_COND_USER || cond->kind == CW_COND_GROUP)
		record.id = cond->id;
	if (!error && cond->kind == CW_COND_SCRIPT)
		error = cw_emit_text(emitter, cond->target, &record.id);
	if (!error && cond->kind == CW_COND_SHA256) {
		record.text = 0;
		record.id = cw_emit_count(emitter, CW_SECTION_DIGEST);
		error = cw_emit_once(emitter, &emitter->digests,
				     CW_SECTION_DIGEST, cond->digest,
				     sizeof(cond->digest), &record.id);
	}
	if (error)
		return error;
	return cw_emit_add(emitter, CW_SECTION_COND, &record, 1);
}

/* The subject whose conditions and local ports have just been added at the
 * end. */
struct subject {
	const struct cw_emitter *emitter;
	struct cw_blob_subject record;
	u32 conds, froms;
};

/* Are these @count records of @section the same as those at @other? */
static bool same_records(const struct cw_emitter *emitter,
			 enum cw_section section, u32 at, u32 other, u32 count)
{
	size_t size = cw_blob_record_size(section);
	const u8 *data = emitter->section[section].data;

	return !count ||
	       !memcmp(data + at * size, data + other * size, count * size);
}

static bool same_subject(const void *context, u32 id)
{
	const struct subject *wanted = context;
	const struct cw_emitter *emitter = wanted->emitter;
	const struct cw_blob_subject *s =
		emitter->section[CW_SECTION_SUBJECT].data;

	s += id;
	return s->until == wanted->record.until &&
	       s->exe == wanted->record.exe && s->kind == wanted->record.kind &&
	       s[1].cond - s->cond == wanted->conds &&
	       s[1].from - s->from == wanted->froms &&
	       same_records(emitter, CW_SECTION_COND, s->cond,
			    wanted->record.cond, wanted->conds) &&
	       same_records(emitter, CW_SECTION_FROM, s->from,
			    wanted->record.from, wanted->froms);
}

static u32 subject_hash(const struct subject *subject)
{
	const struct cw_array *sections = subject->emitter->section;
	const struct cw_blob_cond *cond = sections[CW_SECTION_COND].data;
	const struct cw_blob_port *from = sections[CW_SECTION_FROM].data;
	struct cw_blob_subject record = subject->record;
	u32 hash;

	record.cond = record.from = 0;
	hash = cw_intern_hash(0, &record, sizeof(record));
	if (subject->conds)
		hash = cw_intern_hash(hash, cond + subject->record.cond,
				     subject->conds * sizeof(*cond));
	if (subject->froms)
		hash = cw_intern_hash(hash, from + subject->record.from,
				     subject->froms * sizeof(*from));
	return hash;
}

/* The new subject's record replaces the one past the end, which moves on. */
static int add_subject(struct cw_emitter *emitter,
		       const struct cw_blob_subject *record, u32 *id)
{
	struct cw_blob_subject *s = emitter->section[CW_SECTION_SUBJECT].data;
	struct cw_blob_subject end = {
		.cond = cw_emit_count(emitter, CW_SECTION_COND),
		.from = cw_emit_count(emitter, CW_SECTION_FROM),
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
	if (*found == CW_BLOB_NONE) {
		error = add_subject(emitter, &subject->record, found);
	} else {
		emitter->section[CW_SECTION_COND].count = subject->record.cond;
		emitter->section[CW_SECTION_FROM].count = subject->record.from;
	}
	*id = *found;
	return error;
}

static int emit_subject(struct cw_emitter *emitter, const struct cw_rule *rule,
			u32 *id)
{
	struct subject subject = {
		.emitter = emitter,
		.record = {
			.until = rule->until, .kind = rule->exe_kind,
			.cond = cw_emit_count(emitter, CW_SECTION_COND),
			.from = cw_emit_count(emitter, CW_SECTION_FROM),
		},
		.conds = rule->cond_count,
		.froms = rule->from_count,
	};
	u32 i;
	int error = 0;

	if (rule->exe_kind == CW_EXE_PATH || rule->exe_kind == CW_EXE_GLOB)
		error = cw_emit_text(emitter, rule->exe, &subject.record.exe);
	for (i = 0; i < rule->cond_count && !error; i++)
		error = emit_cond(emitter, &rule->conds[i]);
	if (!error)
		error = emit_ports(emitter, CW_SECTION_FROM, rule->froms,
				   rule->from_count);
	return error ? error : intern_subject(emitter, &subject, id);
}

static u8 rule_flags(const struct cw_ruleset *ruleset,
		     const struct cw_rule *rule)
{
	return (rule->allow ? CW_BLOB_RULE_ALLOW : 0) |
	       (rule->monitor ? CW_BLOB_RULE_MONITOR : 0) |
	       (cw_rule_logs(ruleset, rule) ? CW_BLOB_RULE_LOGS : 0) |
	       (rule->log == CW_RULE_LOG_YES ? CW_BLOB_RULE_LOG : 0) |
	       (rule->log == CW_RULE_LOG_NO ? CW_BLOB_RULE_NOLOG : 0) |
	       (rule->protos_given ? CW_BLOB_RULE_PROTOS : 0);
}

static int emit_record(struct cw_emitter *emitter, u32 number, u8 flags)
{
	const struct cw_rule *rule = &emitter->ruleset->rules[number];
	u32 bits = CW_BLOB_PORTS_ALL;
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

	if (!error)
		error = cw_emit_text(emitter, rule->label, &record.label);
	if (!error)
		error = emit_dests(emitter, rule->dests, rule->dest_count);
	if (!error)
		error = emit_ports(emitter, CW_SECTION_PORT, rule->ports,
				   rule->port_count);
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
		return cw_emit_too_big(emitter, "rules", CW_BLOB_RULES_MAX);
	error = cw_emit_add(emitter, CW_SECTION_SUBJECT, &no_subject, 1);
	for (i = 0; i < count && !error; i++)
		error = emit_rule(emitter, i);
	end.dest = cw_emit_count(emitter, CW_SECTION_DEST);
	end.port = cw_emit_count(emitter, CW_SECTION_PORT);
	return error ? error : cw_emit_add(emitter, CW_SECTION_RULE, &end, 1);
}

int cw_emit_rules(struct cw_emitter *emitter)
{
	int error = emit_files(emitter);

	if (!error)
		error = cw_zone_emit(emitter);
	if (!error)
		error = emit_sets(emitter);
	if (!error)
		error = cw_flat_sets(emitter);
	return error ? error : emit_rules(emitter);
}
