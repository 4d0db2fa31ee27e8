// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blob to tree: what was written, from the rules half of the blob alone, so
 * that the policy in force can be printed without its source.
 */
#include "policy/text/compile.h"

struct decoder {
	const struct cw_blob *blob;
	struct cw_ruleset *out;
};

/* A copy of a text; NULL for 0 and for want of memory, see text_failed(). */
static char *decode_text(const struct decoder *d, u32 at)
{
	const char *text = cw_blob_text(d->blob, at);

	return at ? cw_ruleset_string(d->out, text, strlen(text)) : NULL;
}

static bool text_failed(u32 at, const char *text)
{
	return at && !text;
}

/* Room for a list; an empty one has none, and that is no failure. */
static void *make_room(const struct decoder *d, u32 count, size_t size)
{
	return count ? cw_ruleset_alloc(d->out, count * size) : NULL;
}

static void store4(u8 *byte, u32 value)
{
	byte[0] = (u8)(value >> 24);
	byte[1] = (u8)(value >> 16);
	byte[2] = (u8)(value >> 8);
	byte[3] = (u8)value;
}

static void last_of_prefix(const u8 *lo, u32 length, u8 *hi)
{
	u32 i;

	for (i = 0; i < 16; i++)
		hi[i] = lo[i] | (length >= 8 * (i + 1) ? 0 :
				 length <= 8 * i ? 0xff : 0xff >> length % 8);
}

static int decode_address6(const struct decoder *d, u32 index,
			   struct cw_dest *out)
{
	const struct cw_blob_addr6 *addr6 =
		d->blob->section[CW_SECTION_ADDR6];
	const u32 *zone = d->blob->section[CW_SECTION_ZONE];
	u32 name;

	addr6 += index;
	out->kind = CW_DEST_ADDR;
	out->family = 6;
	memcpy(out->lo, addr6->addr, sizeof(out->lo));
	if (addr6->length == CW_BLOB_ADDR6_RANGE)
		memcpy(out->hi, addr6[1].addr, sizeof(out->hi));
	else
		last_of_prefix(addr6->addr, addr6->length, out->hi);
	name = addr6->zone ? zone[addr6->zone - 1] : 0;
	out->zone = decode_text(d, name);
	return text_failed(name, out->zone) ? -ENOMEM : 0;
}

static int decode_dest(const struct decoder *d, u32 dest, struct cw_dest *out)
{
	const struct cw_blob_addr4 *addr4 =
		d->blob->section[CW_SECTION_ADDR4];
	const struct cw_blob_set *sets = d->blob->section[CW_SECTION_SET];
	u32 index = dest & CW_BLOB_DEST_INDEX;

	switch (dest & CW_BLOB_DEST_KIND) {
	case CW_BLOB_DEST_ADDR4:
		out->kind = CW_DEST_ADDR;
		out->family = 4;
		store4(out->lo, addr4[index].lo);
		store4(out->hi, addr4[index].hi);
		break;
	case CW_BLOB_DEST_ADDR6:
		return decode_address6(d, index, out);
	case CW_BLOB_DEST_SET:
		out->kind = CW_DEST_SET;
		out->set = index;
		out->name = decode_text(d, sets[index].name);
		return out->name ? 0 : -ENOMEM;
	default:
		out->kind = CW_DEST_ANY;
	}
	return 0;
}

static int decode_dests(const struct decoder *d, u32 first, u32 end,
			struct cw_dest **out, u32 *count)
{
	const u32 *dest = d->blob->section[CW_SECTION_DEST];
	u32 i;
	int error = 0;

	*count = end - first;
	*out = make_room(d, *count, sizeof(**out));
	if (*count && !*out)
		return -ENOMEM;
	for (i = 0; i < *count && !error; i++)
		error = decode_dest(d, dest[first + i], &(*out)[i]);
	return error;
}

/* @section: of struct cw_blob_port */
static int decode_ports(const struct decoder *d, enum cw_section section,
			u32 first, u32 end, struct cw_port **out, u32 *count)
{
	const struct cw_blob_port *port = d->blob->section[section];
	const struct cw_blob_set *sets = d->blob->section[CW_SECTION_SET];
	u32 i;

	*count = end - first;
	*out = make_room(d, *count, sizeof(**out));
	if (*count && !*out)
		return -ENOMEM;
	for (i = 0; i < *count; i++) {
		struct cw_port *to = &(*out)[i];

		to->lo = port[first + i].lo;
		to->hi = port[first + i].hi;
		if (port[first + i].set == CW_BLOB_NONE)
			continue;
		to->is_set = true;
		to->set = port[first + i].set;
		to->name = decode_text(d, sets[to->set].name);
		if (!to->name)
			return -ENOMEM;
	}
	return 0;
}

static int decode_files(const struct decoder *d)
{
	const u32 *file = d->blob->section[CW_SECTION_FILE];
	u32 count = d->blob->count[CW_SECTION_FILE], i;

	d->out->files = make_room(d, count, sizeof(char *));
	if (count && !d->out->files)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		const char *text = cw_blob_text(d->blob, file[i]);

		d->out->files[i] = cw_ruleset_string(d->out, text,
						     strlen(text));
		if (!d->out->files[i])
			return -ENOMEM;
	}
	d->out->file_count = count;
	return 0;
}

static int decode_set(const struct decoder *d, const struct cw_blob_set *set,
		      struct cw_set *out)
{
	int error;

	out->name = decode_text(d, set->name);
	out->builtin = set->flags & CW_BLOB_SET_BUILTIN;
	out->of_ports = set->flags & CW_BLOB_SET_PORTS;
	out->span.file = set->file;
	out->span.line = set->line;
	if (!out->name)
		return -ENOMEM;
	error = decode_dests(d, set[0].dest, set[1].dest, &out->dests,
			     &out->dest_count);
	return error ? error : decode_ports(d, CW_SECTION_PORT, set[0].port,
					    set[1].port, &out->ports,
					    &out->port_count);
}

static int decode_sets(const struct decoder *d)
{
	const struct cw_blob_set *set = d->blob->section[CW_SECTION_SET];
	u32 count = d->blob->count[CW_SECTION_SET] - 1, i;
	int error = 0;

	d->out->sets = make_room(d, count, sizeof(*d->out->sets));
	if (count && !d->out->sets)
		return -ENOMEM;
	d->out->set_count = count;
	for (i = 0; i < count && !error; i++)
		error = decode_set(d, &set[i], &d->out->sets[i]);
	return error;
}

static int decode_cond(const struct decoder *d, const struct cw_blob_cond *cond,
		       struct cw_cond *out)
{
	const u8 *digest = d->blob->section[CW_SECTION_DIGEST];

	out->kind = cond->kind;
	out->text = decode_text(d, cond->text);
	if (cond->kind == CW_COND_SHA256)
		memcpy(out->digest, digest + cond->id * sizeof(out->digest),
		       sizeof(out->digest));
	else if (cond->kind == CW_COND_SCRIPT)
		out->target = decode_text(d, cond->id);
	else
		out->id = cond->id;
	if (cond->kind == CW_COND_SCRIPT && text_failed(cond->id, out->target))
		return -ENOMEM;
	return text_failed(cond->text, out->text) ? -ENOMEM : 0;
}

static int decode_subject(const struct decoder *d,
			  const struct cw_blob_subject *subject,
			  struct cw_rule *out)
{
	const struct cw_blob_cond *cond = d->blob->section[CW_SECTION_COND];
	u32 i;
	int error = 0;

	out->exe_kind = subject->kind;
	out->exe = decode_text(d, subject->exe);
	out->until = subject->until;
	out->cond_count = subject[1].cond - subject[0].cond;
	if (text_failed(subject->exe, out->exe))
		return -ENOMEM;
	out->conds = make_room(d, out->cond_count, sizeof(*out->conds));
	if (out->cond_count && !out->conds)
		return -ENOMEM;
	for (i = 0; i < out->cond_count && !error; i++)
		error = decode_cond(d, &cond[subject->cond + i],
				    &out->conds[i]);
	return error ? error : decode_ports(d, CW_SECTION_FROM,
					    subject[0].from, subject[1].from,
					    &out->froms, &out->from_count);
}

static int decode_rule(const struct decoder *d, const struct cw_blob_rule *rule,
		       struct cw_rule *out)
{
	const struct cw_blob_subject *subjects =
		d->blob->section[CW_SECTION_SUBJECT];
	int error;

	out->span.file = rule->file;
	out->span.line = rule->line;
	out->allow = rule->flags & CW_BLOB_RULE_ALLOW;
	out->monitor = rule->flags & CW_BLOB_RULE_MONITOR;
	out->log = rule->flags & CW_BLOB_RULE_LOG ? CW_RULE_LOG_YES :
		   rule->flags & CW_BLOB_RULE_NOLOG ? CW_RULE_LOG_NO :
		   CW_RULE_LOG_INHERIT;
	out->protos = rule->protos;
	out->protos_given = rule->flags & CW_BLOB_RULE_PROTOS;
	out->label = decode_text(d, rule->label);
	if (text_failed(rule->label, out->label))
		return -ENOMEM;
	error = decode_subject(d, &subjects[rule->subject], out);
	if (!error)
		error = decode_dests(d, rule[0].dest, rule[1].dest,
				     &out->dests, &out->dest_count);
	if (!error)
		error = decode_ports(d, CW_SECTION_PORT, rule[0].port,
				     rule[1].port, &out->ports,
				     &out->port_count);
	return error;
}

static int decode_rules(const struct decoder *d)
{
	const struct cw_blob_rule *rule = d->blob->section[CW_SECTION_RULE];
	u32 count = cw_blob_rules(d->blob), i;
	int error = 0;

	d->out->rules = make_room(d, count, sizeof(*d->out->rules));
	if (count && !d->out->rules)
		return -ENOMEM;
	d->out->rule_count = count;
	for (i = 0; i < count && !error; i++)
		error = decode_rule(d, &rule[i], &d->out->rules[i]);
	return error;
}

struct cw_ruleset *cw_ruleset_decode(const struct cw_blob *blob)
{
	struct decoder d = { blob, cw_ruleset_new() };

	if (!d.out)
		return NULL;
	d.out->default_allow = blob->header->default_allow;
	d.out->log = blob->header->log;
	if (!decode_files(&d) && !decode_sets(&d) && !decode_rules(&d))
		return d.out;
	cw_ruleset_free(d.out);
	return NULL;
}
