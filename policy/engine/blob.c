// SPDX-License-Identifier: GPL-2.0-only
/*
 * The door of the engine: checks a blob once, in time linear in its size, so
 * that nothing after it needs to check anything or can fail.  The layout is
 * checked here, the two halves in check_*.c.
 *
 * Two kinds of property are checked.  Those that keep a decision inside the
 * blob and finite: every index, every text, every list.  And those that keep
 * searches exact: ascending keys, slots that cover their cells.  That the
 * index says what the rules say is the compiler's duty, not checked here: who
 * may load a policy may load any policy.
 */
#include "engine.h"

static const u16 record_size[CW_SECTION_COUNT] = {
	[CW_SECTION_STRING]	= 1,
	[CW_SECTION_FILE]	= sizeof(u32),
	[CW_SECTION_ADDR4]	= sizeof(struct cw_blob_addr4),
	[CW_SECTION_ADDR6]	= sizeof(struct cw_blob_addr6),
	[CW_SECTION_ZONE]	= sizeof(u32),
	[CW_SECTION_DEST]	= sizeof(u32),
	[CW_SECTION_PORT]	= sizeof(struct cw_blob_port),
	[CW_SECTION_SET]	= sizeof(struct cw_blob_set),
	[CW_SECTION_DIGEST]	= 32,
	[CW_SECTION_COND]	= sizeof(struct cw_blob_cond),
	[CW_SECTION_FROM]	= sizeof(struct cw_blob_port),
	[CW_SECTION_SUBJECT]	= sizeof(struct cw_blob_subject),
	[CW_SECTION_RULE]	= sizeof(struct cw_blob_rule),
	[CW_SECTION_PLACE]	= sizeof(struct cw_blob_place),
	[CW_SECTION_COND_PLACE]	= sizeof(u32),
	[CW_SECTION_GID]	= sizeof(u32),
	[CW_SECTION_GROUP]	= sizeof(struct cw_blob_group),
	[CW_SECTION_BUCKET]	= sizeof(u32),
	[CW_SECTION_KEY]	= sizeof(struct cw_blob_key),
	[CW_SECTION_REF]	= sizeof(u32),
	[CW_SECTION_TABLE]	= sizeof(struct cw_blob_table),
	[CW_SECTION_SLOT]	= sizeof(u32),
	[CW_SECTION_CELL4]	= sizeof(struct cw_blob_cell4),
	[CW_SECTION_CELL6]	= sizeof(struct cw_blob_cell6),
	[CW_SECTION_WORD]	= sizeof(u64),
	[CW_SECTION_PORTMAP]	= sizeof(u64),
	[CW_SECTION_PORTSET]	= sizeof(u32),
	[CW_SECTION_PORTRANGE]	= sizeof(u32),
};

u32 cw_blob_record_size(enum cw_section section)
{
	return record_size[section];
}

static bool header_ok(const struct cw_blob_header *header, size_t size)
{
	return header->magic == CW_BLOB_MAGIC &&
	       header->version == CW_BLOB_VERSION && header->size == size &&
	       header->default_allow <= 1 && header->log <= CW_LOG_ALL &&
	       cw_blob_is_zero(header->zero, sizeof(header->zero)) &&
	       !header->zero2;
}

/* Sections follow each other with nothing but zeroed padding in between. */
static bool sections_ok(struct cw_blob *blob, const u8 *data)
{
	const struct cw_blob_section *section = blob->header->section;
	u64 at = sizeof(*blob->header);
	u32 i;

	for (i = 0; i < CW_SECTION_COUNT; i++) {
		u64 start = cw_blob_align(at);

		if (section[i].offset != start || start > blob->size ||
		    !cw_blob_is_zero(data + at, start - at))
			return false;
		at = start + (u64)section[i].count * record_size[i];
		if (at > blob->size)
			return false;
		blob->section[i] = data + start;
		blob->count[i] = section[i].count;
	}
	return at == blob->size;
}

/* Lists with a record past the end, and those parallel to another. */
static bool counts_ok(const struct cw_blob *blob)
{
	const u32 *count = blob->count;

	return count[CW_SECTION_SET] && count[CW_SECTION_SUBJECT] &&
	       count[CW_SECTION_RULE] && count[CW_SECTION_KEY] &&
	       count[CW_SECTION_PORTSET] && count[CW_SECTION_WORD] &&
	       count[CW_SECTION_RULE] - 1 <= CW_BLOB_RULES_MAX &&
	       count[CW_SECTION_WORD] <= CW_BLOB_WORDS_MAX &&
	       count[CW_SECTION_FILE] <= CW_BLOB_FILES_MAX &&
	       count[CW_SECTION_ZONE] <= CW_BLOB_ZONES_MAX &&
	       count[CW_SECTION_PLACE] > CW_ROOT_COUNT &&
	       count[CW_SECTION_PLACE] - 1 <= CW_BLOB_PLACES_MAX &&
	       count[CW_SECTION_COND_PLACE] == count[CW_SECTION_COND] &&
	       count[CW_SECTION_GROUP] == count[CW_SECTION_SUBJECT] - 1 &&
	       count[CW_SECTION_REF] == count[CW_SECTION_GROUP];
}

static bool is_veiled(const struct cw_blob *blob, u32 subject, bool absent)
{
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];
	const struct cw_blob_cond *cond = blob->section[CW_SECTION_COND];
	u32 i;

	s += subject;
	for (i = s[0].cond; i < s[1].cond; i++)
		if (cw_cond_is_veiled(cond[i].kind, absent))
			return true;
	return cw_exe_is_veiled(s->kind);
}

static u32 find_veiled(const struct cw_blob *blob, bool absent)
{
	const struct cw_blob_rule *rule = blob->section[CW_SECTION_RULE];
	u32 i;

	for (i = 0; i < cw_blob_rules(blob); i++)
		if (!(rule[i].flags & (CW_BLOB_RULE_ALLOW |
				       CW_BLOB_RULE_MONITOR)) &&
		    is_veiled(blob, rule[i].subject, absent))
			return i;
	return CW_BLOB_NONE;
}

int cw_blob_open(struct cw_blob *blob, const void *data, size_t size)
{
	if (size < sizeof(*blob->header) || size > 0xffffffffu)
		return -EINVAL;
	blob->header = data;
	blob->size = (u32)size;
	if (!header_ok(blob->header, size) || !sections_ok(blob, data) ||
	    !counts_ok(blob))
		return -EINVAL;
	if (!cw_check_rules(blob) || !cw_check_index(blob))
		return -EINVAL;
	blob->veiled[0] = find_veiled(blob, false);
	blob->veiled[1] = find_veiled(blob, true);
	return 0;
}

u32 cw_blob_version(const void *data, size_t size)
{
	const struct cw_blob_header *header = data;

	return size >= sizeof(header->magic) + sizeof(header->version) &&
	       header->magic == CW_BLOB_MAGIC ? header->version : 0;
}

u32 cw_blob_rules(const struct cw_blob *blob)
{
	return blob->count[CW_SECTION_RULE] - 1;
}

u32 cw_blob_features(const struct cw_blob *blob)
{
	return blob->header->features;
}

const u8 *cw_blob_sha256(const struct cw_blob *blob)
{
	return blob->header->sha256;
}

static const struct cw_blob_rule *rule_at(const struct cw_blob *blob, u32 rule)
{
	return (const struct cw_blob_rule *)blob->section[CW_SECTION_RULE] +
	       rule;
}

u32 cw_blob_rule_line(const struct cw_blob *blob, u32 rule)
{
	return rule < cw_blob_rules(blob) ? rule_at(blob, rule)->line : 0;
}

const char *cw_blob_rule_label(const struct cw_blob *blob, u32 rule)
{
	if (rule >= cw_blob_rules(blob))
		return "";
	return cw_blob_text(blob, rule_at(blob, rule)->label);
}
