// SPDX-License-Identifier: GPL-2.0-only
/*
 * The door, first half: the rules as they were written.
 */
#include "engine.h"

/*
 * Every text ends, is no longer than a path, and has no more after its first
 * wildcard than a glob may have.
 */
static bool strings_ok(const struct cw_blob *blob)
{
	const char *text = blob->section[CW_SECTION_STRING];
	u32 size = blob->count[CW_SECTION_STRING], i, start = 0;
	u32 wild = CW_BLOB_NONE;

	if (!size || text[0] || text[size - 1])
		return false;
	for (i = 0; i < size; i++) {
		if (!text[i]) {
			if (i - start >= CW_PATH_MAX ||
			    (wild != CW_BLOB_NONE &&
			     i - wild > CW_BLOB_GLOB_MAX))
				return false;
			start = i + 1;
			wild = CW_BLOB_NONE;
		} else if (wild == CW_BLOB_NONE &&
			   (text[i] == '*' || text[i] == '?')) {
			wild = i;
		}
	}
	return true;
}

/* A text is named by its first byte. */
static bool text_ok(const struct cw_blob *blob, u32 at)
{
	const char *text = blob->section[CW_SECTION_STRING];

	return at < blob->count[CW_SECTION_STRING] && (!at || !text[at - 1]);
}

static bool label_ok(const struct cw_blob *blob, u32 at)
{
	return text_ok(blob, at) &&
	       strnlen(cw_blob_text(blob, at), CW_LABEL_MAX) < CW_LABEL_MAX;
}

static bool files_ok(const struct cw_blob *blob)
{
	const u32 *file = blob->section[CW_SECTION_FILE];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_FILE]; i++)
		if (!text_ok(blob, file[i]))
			return false;
	return true;
}

static bool prefix6_ok(const struct cw_blob_addr6 *prefix)
{
	u32 whole = prefix->length / 8, bits = prefix->length % 8;

	if (prefix->length > 128)
		return false;
	if (bits && prefix->addr[whole++] & 0xff >> bits)
		return false;
	return cw_blob_is_zero(prefix->addr + whole, 16 - whole);
}

/* The record after it is there, and is the last address. */
static bool range6_ok(const struct cw_blob *blob, u32 i)
{
	const struct cw_blob_addr6 *addr6 = blob->section[CW_SECTION_ADDR6];

	return i + 1 < blob->count[CW_SECTION_ADDR6] &&
	       addr6[i + 1].length == 128 && !addr6[i + 1].zone &&
	       memcmp(addr6[i].addr, addr6[i + 1].addr, 16) <= 0;
}

static bool addresses_ok(const struct cw_blob *blob)
{
	const struct cw_blob_addr4 *addr4 = blob->section[CW_SECTION_ADDR4];
	const struct cw_blob_addr6 *addr6 = blob->section[CW_SECTION_ADDR6];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_ADDR4]; i++)
		if (addr4[i].lo > addr4[i].hi)
			return false;
	for (i = 0; i < blob->count[CW_SECTION_ADDR6]; i++)
		if (addr6[i].zero ||
		    addr6[i].zone > blob->count[CW_SECTION_ZONE] ||
		    !(addr6[i].length == CW_BLOB_ADDR6_RANGE ?
		      range6_ok(blob, i) : prefix6_ok(&addr6[i])))
			return false;
	return true;
}

/* They are searched, so they ascend. */
static bool zones_ok(const struct cw_blob *blob)
{
	const u32 *zone = blob->section[CW_SECTION_ZONE];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_ZONE]; i++)
		if (!zone[i] || !text_ok(blob, zone[i]) ||
		    (i && strcmp(cw_blob_text(blob, zone[i - 1]),
				 cw_blob_text(blob, zone[i])) >= 0))
			return false;
	return true;
}

static bool dest_ok(const struct cw_blob *blob, u32 dest)
{
	u32 index = dest & CW_BLOB_DEST_INDEX;

	switch (dest & CW_BLOB_DEST_KIND) {
	case CW_BLOB_DEST_ANY:
		return index == 0;
	case CW_BLOB_DEST_ADDR4:
		return index < blob->count[CW_SECTION_ADDR4];
	case CW_BLOB_DEST_ADDR6:
		return index < blob->count[CW_SECTION_ADDR6];
	default:
		return index < blob->count[CW_SECTION_SET] - 1;
	}
}

/* @section: of struct cw_blob_port */
static bool ports_ok(const struct cw_blob *blob, enum cw_section section)
{
	const struct cw_blob_port *port = blob->section[section];
	u32 i, sets = blob->count[CW_SECTION_SET] - 1;

	for (i = 0; i < blob->count[section]; i++) {
		if (port[i].lo > port[i].hi)
			return false;
		if (port[i].set != CW_BLOB_NONE &&
		    (port[i].hi || port[i].set >= sets))
			return false;
	}
	return true;
}

static bool lists_ok(const struct cw_blob *blob)
{
	const u32 *dest = blob->section[CW_SECTION_DEST];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_DEST]; i++)
		if (!dest_ok(blob, dest[i]))
			return false;
	return ports_ok(blob, CW_SECTION_PORT) &&
	       ports_ok(blob, CW_SECTION_FROM);
}

/* A set holds only sets of less depth, so it does not hold itself. */
static bool set_members_ok(const struct cw_blob *blob,
			   const struct cw_blob_set *set)
{
	const struct cw_blob_set *sets = blob->section[CW_SECTION_SET];
	const struct cw_blob_port *port = blob->section[CW_SECTION_PORT];
	const u32 *dest = blob->section[CW_SECTION_DEST];
	u32 i;

	for (i = set[0].dest; i < set[1].dest; i++)
		if ((dest[i] & CW_BLOB_DEST_KIND) == CW_BLOB_DEST_SET &&
		    sets[dest[i] & CW_BLOB_DEST_INDEX].depth >= set->depth)
			return false;
	for (i = set[0].port; i < set[1].port; i++)
		if (port[i].set != CW_BLOB_NONE &&
		    sets[port[i].set].depth >= set->depth)
			return false;
	return true;
}

static bool sets_ok(const struct cw_blob *blob)
{
	const struct cw_blob_set *set = blob->section[CW_SECTION_SET];
	u32 i, count = blob->count[CW_SECTION_SET] - 1;

	if (set[0].dest || set[0].port)
		return false;
	for (i = 0; i < count; i++, set++)
		if (!text_ok(blob, set->name) || !set->name || !set->depth ||
		    set->depth > CW_BLOB_SET_DEPTH_MAX ||
		    set->flags & ~(CW_BLOB_SET_BUILTIN | CW_BLOB_SET_PORTS) ||
		    (set->file >= blob->count[CW_SECTION_FILE] && set->file) ||
		    !cw_blob_range_ok(set[0].dest, set[1].dest,
			      blob->count[CW_SECTION_DEST]) ||
		    !cw_blob_range_ok(set[0].port, set[1].port,
			      blob->count[CW_SECTION_PORT]) ||
		    !set_members_ok(blob, set))
			return false;
	return !set->name && !set->line && !set->file && !set->flags &&
	       !set->depth;
}

static bool cond_ok(const struct cw_blob *blob, const struct cw_blob_cond *cond)
{
	switch (cond->kind) {
	case CW_COND_USER:
	case CW_COND_GROUP:
		return text_ok(blob, cond->text);
	case CW_COND_SCRIPT:
		return cond->text && text_ok(blob, cond->text) &&
		       text_ok(blob, cond->id);
	case CW_COND_CLEAN_ENV:
		return !cond->text && !cond->id;
	case CW_COND_SHA256:
		return cond->id < blob->count[CW_SECTION_DIGEST] && !cond->text;
	default:
		return cond->kind < CW_COND_COUNT && cond->text &&
		       text_ok(blob, cond->text) && !cond->id;
	}
}

static bool conds_ok(const struct cw_blob *blob)
{
	const struct cw_blob_cond *cond = blob->section[CW_SECTION_COND];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_COND]; i++)
		if (!cond_ok(blob, &cond[i]))
			return false;
	return true;
}

static bool subject_ok(const struct cw_blob *blob,
		       const struct cw_blob_subject *subject)
{
	bool text = subject->kind == CW_EXE_PATH ||
		    subject->kind == CW_EXE_GLOB;

	return subject->kind <= CW_EXE_GLOB && text_ok(blob, subject->exe) &&
	       text == !!subject->exe &&
	       cw_blob_range_ok(subject[0].from, subject[1].from,
			blob->count[CW_SECTION_FROM]) &&
	       cw_blob_range_ok(subject[0].cond, subject[1].cond,
			blob->count[CW_SECTION_COND]);
}

static bool subjects_ok(const struct cw_blob *blob)
{
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];
	u32 i, count = blob->count[CW_SECTION_SUBJECT] - 1;

	if (s[0].cond || s[count].cond != blob->count[CW_SECTION_COND] ||
	    s[0].from || s[count].from != blob->count[CW_SECTION_FROM] ||
	    s[count].until || s[count].exe || s[count].kind)
		return false;
	for (i = 0; i < count; i++)
		if (!subject_ok(blob, &s[i]))
			return false;
	return true;
}

static bool rule_ok(const struct cw_blob *blob, const struct cw_blob_rule *rule)
{
	const u8 both = CW_BLOB_RULE_LOG | CW_BLOB_RULE_NOLOG;

	return rule->subject < blob->count[CW_SECTION_GROUP] &&
	       cw_blob_range_ok(rule[0].dest, rule[1].dest,
			blob->count[CW_SECTION_DEST]) &&
	       cw_blob_range_ok(rule[0].port, rule[1].port,
			blob->count[CW_SECTION_PORT]) &&
	       label_ok(blob, rule->label) &&
	       (!rule->file || rule->file < blob->count[CW_SECTION_FILE]) &&
	       !(rule->flags & ~CW_BLOB_RULE_FLAGS) &&
	       (rule->flags & both) != both &&
	       rule->protos && !(rule->protos & ~CW_PROTO_MASK_ALL);
}

static bool rules_ok(const struct cw_blob *blob)
{
	const struct cw_blob_set *sets = blob->section[CW_SECTION_SET];
	const struct cw_blob_set *last = sets + blob->count[CW_SECTION_SET] - 1;
	const struct cw_blob_rule *rule = blob->section[CW_SECTION_RULE];
	u32 i, count = cw_blob_rules(blob);

	if (rule[0].dest != last->dest || rule[0].port != last->port)
		return false;
	for (i = 0; i < count; i++, rule++)
		if (!rule_ok(blob, rule))
			return false;
	return rule->dest == blob->count[CW_SECTION_DEST] &&
	       rule->port == blob->count[CW_SECTION_PORT] && !rule->subject &&
	       !rule->line && !rule->label && !rule->file && !rule->flags &&
	       !rule->protos;
}

/* ---- features ----------------------------------------------------------- */

static u32 subject_features(const struct cw_blob *blob, u32 subject)
{
	static const u32 exe[] = {
		[CW_EXE_ANY] = CW_FEATURE_EXE,
		[CW_EXE_KERNEL] = CW_FEATURE_KERNEL,
		[CW_EXE_PATH] = CW_FEATURE_EXE,
		[CW_EXE_GLOB] = CW_FEATURE_GLOB,
	};
	static const u32 cond_feature[CW_COND_COUNT] = {
		[CW_COND_SCRIPT] = CW_FEATURE_SCRIPT,
		[CW_COND_USER] = CW_FEATURE_USER,
		[CW_COND_GROUP] = CW_FEATURE_GROUP,
		[CW_COND_UNIT] = CW_FEATURE_UNIT,
		[CW_COND_CGROUP] = CW_FEATURE_CGROUP,
		[CW_COND_CONTAINER] = CW_FEATURE_CONTAINER,
		[CW_COND_PARENT] = CW_FEATURE_PARENT,
		[CW_COND_ANCESTOR] = CW_FEATURE_ANCESTOR,
		[CW_COND_SHA256] = CW_FEATURE_SHA256,
		[CW_COND_CLEAN_ENV] = CW_FEATURE_CLEAN_ENV,
	};
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];
	const struct cw_blob_cond *cond = blob->section[CW_SECTION_COND];
	u32 features, i;

	s += subject;
	features = exe[s->kind] | (s->until ? CW_FEATURE_UNTIL : 0) |
		   (s[0].from != s[1].from ? CW_FEATURE_FROM : 0);
	for (i = s[0].cond; i < s[1].cond; i++)
		features |= cond_feature[cond[i].kind];
	if (features & CW_FEATURE_SHA256 && s->kind != CW_EXE_PATH)
		features |= CW_FEATURE_SHA256_ANY;
	return features;
}

/* The header must not hide anything, so this is found out from the rules. */
u32 cw_check_features(const struct cw_blob *blob)
{
	const struct cw_blob_rule *rule = blob->section[CW_SECTION_RULE];
	u32 features = 0, i;

	for (i = 0; i < blob->count[CW_SECTION_GROUP]; i++)
		features |= subject_features(blob, i);
	for (i = 0; i < cw_blob_rules(blob); i++)
		if (rule[i].flags & CW_BLOB_RULE_MONITOR)
			features |= CW_FEATURE_MONITOR;
	if (blob->count[CW_SECTION_ZONE])
		features |= CW_FEATURE_ZONE;
	return features;
}

bool cw_check_rules(const struct cw_blob *blob)
{
	return strings_ok(blob) && files_ok(blob) && addresses_ok(blob) &&
	       zones_ok(blob) &&
	       lists_ok(blob) && sets_ok(blob) && conds_ok(blob) &&
	       subjects_ok(blob) && rules_ok(blob) &&
	       cw_check_features(blob) == blob->header->features;
}
