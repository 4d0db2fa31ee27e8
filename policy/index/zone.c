// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zones: the interface that a link-local address belongs to.  From the text to
 * what the index holds.
 */
#include <stdlib.h>

#include "emit.h"
#include "policy/text/passes.h"

#define ADDRESS_ROOM	128	/* bytes of an address, prefix or range */
#define SHOWN(size)	((int)((size) < 60 ? (size) : 60))

/* ---- text ---------------------------------------------------------------- */

/* A name that the kernel gives to interfaces. */
static bool is_name(const char *name, size_t size)
{
	size_t i;

	if (!size || size >= CW_ZONE_ROOM)
		return false;
	for (i = 0; i < size; i++)
		if (name[i] <= ' ' || name[i] > '~' || strchr("/:%*?", name[i]))
			return false;
	return !(size == 1 && *name == '.') &&
	       !(size == 2 && name[0] == '.' && name[1] == '.');
}

static bool is_number(const char *name, size_t size)
{
	return cw_word_is_numeric(name, size) && !memchr(name, '-', size);
}

static u32 top_of(const u8 address[16])
{
	return (u32)address[0] << 8 | address[1];
}

/* Every address of @dest is one that means something else on each interface. */
static bool is_scoped(const struct cw_dest *dest)
{
	u32 lo = top_of(dest->lo), hi = top_of(dest->hi);

	return dest->family == 6 && cw_zone_has(lo) && cw_zone_has(hi) &&
	       (lo == hi || hi < 0xff00);
}

int cw_word_zoned(const char *text, size_t size, struct cw_dest *dest,
		  char zone[CW_ZONE_ROOM], char message[CW_MESSAGE_MAX])
{
	const char *percent = memchr(text, '%', size), *name, *end, *slash;
	char address[ADDRESS_ROOM];
	size_t head, named, tail;
	int error;

	*zone = 0;
	if (!percent || !memchr(text, ':', size) ||
	    memmem(text, size, "://", 3))
		return cw_word_address(text, size, dest, message);
	/* It comes last, or before the length of a prefix. */
	end = text + size;
	name = percent + 1;
	slash = memchr(name, '/', end - name);
	head = percent - text;
	named = (slash ? slash : end) - name;
	tail = slash ? end - slash : 0;
	if (is_number(name, named))
		return cw_word_refuse(message, "zone '%.*s' is a number, which "
				      "another boot gives to another interface; "
				      "write its name", SHOWN(named), name);
	if (head + tail > sizeof(address) || !is_name(name, named))
		return cw_word_refuse(message, "'%.*s' is no name of an "
				      "interface; a zone is written at the "
				      "end, as in fe80::1%%eth0", SHOWN(named),
				      name);
	memcpy(address, text, head);
	if (tail)
		memcpy(address + head, slash, tail);
	error = cw_word_address(address, head + tail, dest, message);
	if (error)
		return error;
	if (!is_scoped(dest))
		return cw_word_refuse(message, "'%.*s' is the same on every "
				      "interface; only fe80::/10 and multicast "
				      "of scope 1 and 2 (as ff02::1) have zones",
				      SHOWN(head + tail), address);
	memcpy(zone, name, named);
	zone[named] = 0;
	return 0;
}

/* ---- the index ----------------------------------------------------------- */

static const char *zone_text(const struct cw_emitter *emitter, u32 index)
{
	const u32 *zone = emitter->section[CW_SECTION_ZONE].data;

	return (const char *)emitter->section[CW_SECTION_STRING].data +
	       zone[index];
}

u32 cw_zone_number(const struct cw_emitter *emitter, const char *name)
{
	u32 i = 0;

	while (strcmp(zone_text(emitter, i), name))
		i++;
	return i + 1;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_names(struct cw_array *names, const struct cw_dest *dest,
		     u32 count)
{
	const char **name = names->data, **slot;
	u32 i;

	for (; count; count--, dest++) {
		if (!dest->zone)
			continue;
		name = names->data;
		for (i = 0; i < names->count; i++)
			if (!strcmp(name[i], dest->zone))
				break;
		if (i < names->count)
			continue;
		if (names->count > CW_BLOB_ZONES_MAX)
			return 0;	/* which is too many anyway */
		slot = cw_array_push(names, sizeof(*slot));
		if (!slot)
			return -ENOMEM;
		*slot = dest->zone;
	}
	return 0;
}

static int collect_names(const struct cw_ruleset *ruleset,
			 struct cw_array *names)
{
	u32 i;
	int error = 0;

	for (i = 0; i < ruleset->set_count && !error; i++)
		error = add_names(names, ruleset->sets[i].dests,
				  ruleset->sets[i].dest_count);
	for (i = 0; i < ruleset->rule_count && !error; i++)
		error = add_names(names, ruleset->rules[i].dests,
				  ruleset->rules[i].dest_count);
	if (names->count > 1)
		qsort(names->data, names->count, sizeof(char *),
		      compare_names);
	return error;
}

int cw_zone_emit(struct cw_emitter *emitter)
{
	struct cw_array names = { 0 };
	int error = collect_names(emitter->ruleset, &names);
	const char **name = names.data;
	u32 i, text;

	if (!error && names.count > CW_BLOB_ZONES_MAX)
		error = cw_emit_too_big(emitter, "interfaces",
					CW_BLOB_ZONES_MAX);
	for (i = 0; i < names.count && !error; i++) {
		error = cw_emit_text(emitter, name[i], &text);
		if (!error)
			error = cw_emit_add(emitter, CW_SECTION_ZONE, &text, 1);
	}
	cw_free(names.data);
	return error;
}

/* What of @span is in a run of @count blocks from @top on, in zone @zone. */
static int add_block(struct cw_flat *flat, const struct cw_span128 *span,
		     u32 top, u32 count, u32 zone)
{
	u128 first = (u128)top << 112;
	u128 last = first + ((u128)count << 112) - 1;
	u128 coded = (u128)cw_zone_code(top, zone) << 112;
	struct cw_span128 *out;

	if (span->hi < first || span->lo > last)
		return 0;
	out = cw_array_grow(&flat->span[CW_FAMILY_ZONE], 1, sizeof(*out));
	if (!out)
		return -ENOMEM;
	out->lo = coded + (span->lo > first ? span->lo - first : 0);
	out->hi = coded + ((span->hi < last ? span->hi : last) - first);
	flat->span[CW_FAMILY_ZONE].count++;
	return 0;
}

static int add_in_zone(struct cw_flat *flat, const struct cw_span128 *span,
		       u32 zone)
{
	int error = add_block(flat, span, 0xfe80, 64, zone);
	u32 flags, scope;

	for (flags = 0; flags < 16 && !error; flags++)
		for (scope = 1; scope <= 2 && !error; scope++)
			error = add_block(flat, span,
					  0xff00 | flags << 4 | scope, 1, zone);
	return error;
}

int cw_zone_add(struct cw_emitter *emitter, struct cw_flat *flat,
		const struct cw_span128 *span, const char *name)
{
	u32 zones = cw_emit_count(emitter, CW_SECTION_ZONE), zone;
	int error = 0;

	if (name)
		return add_in_zone(flat, span, cw_zone_number(emitter, name));
	for (zone = 0; zones && zone <= zones && !error; zone++)
		error = add_in_zone(flat, span, zone);
	return error;
}
