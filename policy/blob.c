// SPDX-License-Identifier: GPL-2.0-only
/*
 * The door of the engine: checks a blob once, in time linear in its size, so
 * that nothing after it needs to check anything or can fail.
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
	[CW_SECTION_DEST]	= sizeof(u32),
	[CW_SECTION_PORT]	= sizeof(struct cw_blob_port),
	[CW_SECTION_SET]	= sizeof(struct cw_blob_set),
	[CW_SECTION_DIGEST]	= 32,
	[CW_SECTION_COND]	= sizeof(struct cw_blob_cond),
	[CW_SECTION_SUBJECT]	= sizeof(struct cw_blob_subject),
	[CW_SECTION_RULE]	= sizeof(struct cw_blob_rule),
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

/* ---- layout ------------------------------------------------------------- */

static bool is_zero(const u8 *byte, u64 size)
{
	while (size--)
		if (*byte++)
			return false;
	return true;
}

static bool header_ok(const struct cw_blob_header *header, size_t size)
{
	return header->magic == CW_BLOB_MAGIC &&
	       header->version == CW_BLOB_VERSION && header->size == size &&
	       header->default_allow <= 1 && header->log <= CW_LOG_ALL &&
	       is_zero(header->zero, sizeof(header->zero)) && !header->zero2;
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
		    !is_zero(data + at, start - at))
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
	       count[CW_SECTION_GROUP] == count[CW_SECTION_SUBJECT] - 1 &&
	       count[CW_SECTION_REF] == count[CW_SECTION_GROUP];
}

/* ---- rules -------------------------------------------------------------- */

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

static bool addresses_ok(const struct cw_blob *blob)
{
	const struct cw_blob_addr4 *addr4 = blob->section[CW_SECTION_ADDR4];
	const struct cw_blob_addr6 *addr6 = blob->section[CW_SECTION_ADDR6];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_ADDR4]; i++)
		if (addr4[i].lo > addr4[i].hi)
			return false;
	for (i = 0; i < blob->count[CW_SECTION_ADDR6]; i++)
		if (memcmp(addr6[i].lo, addr6[i].hi, 16) > 0)
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

static bool lists_ok(const struct cw_blob *blob)
{
	const u32 *dest = blob->section[CW_SECTION_DEST];
	const struct cw_blob_port *port = blob->section[CW_SECTION_PORT];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_DEST]; i++)
		if (!dest_ok(blob, dest[i]))
			return false;
	for (i = 0; i < blob->count[CW_SECTION_PORT]; i++) {
		if (port[i].lo > port[i].hi)
			return false;
		if (port[i].set != CW_BLOB_NONE &&
		    (port[i].hi || port[i].set >= blob->count[CW_SECTION_SET] - 1))
			return false;
	}
	return true;
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

/* Is [first, next) inside a list of @count? */
static bool range_ok(u32 first, u32 next, u32 count)
{
	return first <= next && next <= count;
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
		    !range_ok(set[0].dest, set[1].dest,
			      blob->count[CW_SECTION_DEST]) ||
		    !range_ok(set[0].port, set[1].port,
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

	return subject->kind <= CW_EXE_GLOB && !subject->zero &&
	       text_ok(blob, subject->exe) && text == !!subject->exe &&
	       range_ok(subject[0].cond, subject[1].cond,
			blob->count[CW_SECTION_COND]);
}

static bool subjects_ok(const struct cw_blob *blob)
{
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];
	u32 i, count = blob->count[CW_SECTION_SUBJECT] - 1;

	if (s[0].cond || s[count].cond != blob->count[CW_SECTION_COND] ||
	    s[count].until || s[count].exe || s[count].kind || s[count].zero)
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
	       range_ok(rule[0].dest, rule[1].dest,
			blob->count[CW_SECTION_DEST]) &&
	       range_ok(rule[0].port, rule[1].port,
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

static u32 subject_features(const struct cw_blob *blob)
{
	static const u32 exe[] = {
		[CW_EXE_ANY] = CW_FEATURE_EXE,
		[CW_EXE_KERNEL] = CW_FEATURE_KERNEL,
		[CW_EXE_PATH] = CW_FEATURE_EXE,
		[CW_EXE_GLOB] = CW_FEATURE_GLOB,
	};
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];
	u32 features = 0, i;

	for (i = 0; i < blob->count[CW_SECTION_GROUP]; i++)
		features |= exe[s[i].kind] |
			    (s[i].until ? CW_FEATURE_UNTIL : 0);
	return features;
}

/* What the rules use, found out anew: the header must not hide anything. */
static u32 used_features(const struct cw_blob *blob)
{
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
	};
	const struct cw_blob_cond *cond = blob->section[CW_SECTION_COND];
	const struct cw_blob_rule *rule = blob->section[CW_SECTION_RULE];
	u32 features = subject_features(blob), i;

	for (i = 0; i < blob->count[CW_SECTION_COND]; i++)
		features |= cond_feature[cond[i].kind];
	for (i = 0; i < cw_blob_rules(blob); i++)
		if (rule[i].flags & CW_BLOB_RULE_MONITOR)
			features |= CW_FEATURE_MONITOR;
	return features;
}

/* ---- index: subjects ---------------------------------------------------- */

/* A group's own table; tables below tables are not for groups. */
static bool root_ok(const struct cw_blob *blob, u32 table, u8 family)
{
	const struct cw_blob_table *t = blob->section[CW_SECTION_TABLE];

	return table == CW_BLOB_NONE ||
	       (table < blob->count[CW_SECTION_TABLE] && !t[table].depth &&
		t[table].family == family);
}

static bool groups_ok(const struct cw_blob *blob)
{
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];
	const struct cw_blob_group *g = blob->section[CW_SECTION_GROUP];
	const struct cw_blob_rule *rule = blob->section[CW_SECTION_RULE];
	u32 i, last = 0;

	for (i = 0; i < blob->count[CW_SECTION_GROUP]; i++, last = g[i - 1].rule)
		if (g[i].until != s[i].until || g[i].zero ||
		    g[i].rule >= cw_blob_rules(blob) ||
		    rule[g[i].rule].subject != i || (i && g[i].rule <= last) ||
		    g[i].key >= blob->count[CW_SECTION_KEY] - 1 ||
		    g[i].any >= blob->count[CW_SECTION_WORD] ||
		    !root_ok(blob, g[i].table4, 4) ||
		    !root_ok(blob, g[i].table6, 6))
			return false;
	return true;
}

static bool buckets_ok(const struct cw_blob *blob)
{
	const u32 *bucket = blob->section[CW_SECTION_BUCKET];
	u32 count = blob->count[CW_SECTION_BUCKET] - 1, i;

	/* 0 - 1 is refused too: it has more than one bit */
	if (!count || count & (count - 1) || bucket[0] ||
	    bucket[count] != blob->count[CW_SECTION_KEY] - 1)
		return false;
	for (i = 0; i < count; i++)
		if (bucket[i] > bucket[i + 1] ||
		    bucket[i + 1] - bucket[i] > CW_BLOB_BUCKET_MAX)
			return false;
	return true;
}

/* The subjects of a key ascend and say themselves that they are its own. */
static bool refs_ok(const struct cw_blob *blob, u32 key, u32 from, u32 to)
{
	const struct cw_blob_group *group = blob->section[CW_SECTION_GROUP];
	const u32 *ref = blob->section[CW_SECTION_REF];
	u32 i;

	if (to - from > CW_BLOB_KEY_REFS_MAX)
		return false;
	for (i = from; i < to; i++)
		if (ref[i] >= blob->count[CW_SECTION_GROUP] ||
		    group[ref[i]].key != key ||
		    (i > from && ref[i] <= ref[i - 1]))
			return false;
	return true;
}

static bool keys_ok(const struct cw_blob *blob)
{
	const struct cw_blob_key *key = blob->section[CW_SECTION_KEY];
	u32 i, count = blob->count[CW_SECTION_KEY] - 1;
	u32 size = blob->count[CW_SECTION_STRING];

	if (key[0].ref || key[count].ref != blob->count[CW_SECTION_REF])
		return false;
	for (i = 0; i < count; i++)
		if (key[i].length >= CW_PATH_MAX || key[i].text >= size ||
		    key[i].length > size - key[i].text ||
		    !range_ok(key[i].ref, key[i + 1].ref,
			      blob->count[CW_SECTION_REF]) ||
		    !refs_ok(blob, i, key[i].ref, key[i + 1].ref))
			return false;
	key += count;
	return !key->hash && !key->text && !key->length && !key->uid;
}

/* ---- index: addresses --------------------------------------------------- */

/* A 128-bit number; IPv4 in the low half. */
struct wide {
	u64 hi, lo;
};

static bool wide_less(struct wide a, struct wide b)
{
	return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

static struct wide wide_add(struct wide a, struct wide b)
{
	struct wide sum = { a.hi + b.hi, a.lo + b.lo };

	sum.hi += sum.lo < a.lo;
	return sum;
}

static struct wide wide_shift_left(u64 value, u32 shift)
{
	struct wide out = { 0, value << (shift & 63) };

	if (shift >= 64)
		return (struct wide) { out.lo, 0 };
	if (shift)
		out.hi = value >> (64 - shift);
	return out;
}

static struct wide cell_key(const struct cw_blob *blob, u8 family, u32 cell)
{
	const struct cw_blob_cell4 *cell4 = blob->section[CW_SECTION_CELL4];
	const struct cw_blob_cell6 *cell6 = blob->section[CW_SECTION_CELL6];

	if (family == 4)
		return (struct wide) { 0, cell4[cell].key };
	return (struct wide) { cell6[cell].hi, cell6[cell].lo };
}

static u32 cell_count(const struct cw_blob *blob, u8 family)
{
	return blob->count[family == 4 ? CW_SECTION_CELL4 : CW_SECTION_CELL6];
}

/* First address of slot @i. */
static struct wide slot_start(const struct cw_blob_table *table, u32 i)
{
	struct wide base = { table->base_hi, table->base_lo };

	return wide_add(base, wide_shift_left(i, table->shift));
}

/* Last slot's first address must not pass the end of the address space. */
static bool slots_fit(const struct cw_blob_table *table)
{
	struct wide base = { table->base_hi, table->base_lo };
	struct wide past = wide_shift_left(table->slots - 1, table->shift);
	struct wide last = slot_start(table, table->slots - 1);

	if (table->family == 4)
		return !last.hi && last.lo <= 0xffffffffu;
	/* neither the shift nor the sum may have lost a bit */
	if (table->shift > 96 &&
	    (table->slots - 1) >> (128 - table->shift))
		return false;
	return !wide_less(last, base) && !wide_less(last, past);
}

static bool shape_ok(const struct cw_blob *blob,
		     const struct cw_blob_table *table)
{
	u32 count, slots = blob->count[CW_SECTION_SLOT];

	if (table->family != 4 && table->family != 6)
		return false;
	count = cell_count(blob, table->family);
	if (table->depth > CW_BLOB_TABLE_DEPTH_MAX ||
	    !is_zero(table->zero, sizeof(table->zero)) || !table->cells ||
	    table->cell > count || table->cells > count - table->cell ||
	    !table->slots || table->slot > slots ||
	    table->slots >= slots - table->slot)
		return false;
	if (table->family == 4 &&
	    (table->base_hi || table->base_lo > 0xffffffffu))
		return false;
	return table->shift < (table->family == 4 ? 32 : 128) &&
	       slots_fit(table);
}

/* A table that takes over from one of @parent's slots. */
static bool child_ok(const struct cw_blob *blob, u32 parent, u32 child)
{
	const struct cw_blob_table *table = blob->section[CW_SECTION_TABLE];

	return child > parent && child < blob->count[CW_SECTION_TABLE] &&
	       table[child].depth == table[parent].depth + 1 &&
	       table[child].family == table[parent].family;
}

/* The cell that a slot names, by itself or by its table; false = neither. */
static bool slot_cell(const struct cw_blob *blob, u32 table, u32 slot,
		      u32 *cell)
{
	const struct cw_blob_table *t = blob->section[CW_SECTION_TABLE];
	u32 child = slot & ~CW_BLOB_SLOT_TABLE;

	*cell = slot;
	if (!(slot & CW_BLOB_SLOT_TABLE))
		return true;
	if (!child_ok(blob, table, child))
		return false;
	*cell = t[child].cell;
	return true;
}

/*
 * The cells of slot @i, from @first on, are the table's, reach to @last, and
 * hold every address of the slot.
 */
static bool slot_ok(const struct cw_blob *blob, u32 table, u32 i, u32 first,
		    u32 last)
{
	const struct cw_blob_table *t = blob->section[CW_SECTION_TABLE];
	const u32 *slot = blob->section[CW_SECTION_SLOT];
	u32 end, child;

	slot += t[table].slot + i;
	end = t[table].cell + t[table].cells;
	if (first < t[table].cell || last < first || last >= end)
		return false;
	child = *slot & ~CW_BLOB_SLOT_TABLE;
	if (*slot & CW_BLOB_SLOT_TABLE && t[child].cells != last - first + 1)
		return false;
	t += table;
	if (wide_less(slot_start(t, i), cell_key(blob, t->family, first)))
		return false;
	if (i + 1 == t->slots)
		return last == end - 1 && slot[1] == last;
	return last == end - 1 ||
	       !wide_less(cell_key(blob, t->family, last + 1),
			  slot_start(t, i + 1));
}

static bool slots_ok(const struct cw_blob *blob, u32 table)
{
	const struct cw_blob_table *t = blob->section[CW_SECTION_TABLE];
	const u32 *slot = blob->section[CW_SECTION_SLOT];
	u32 i, first, last;

	t += table;
	slot += t->slot;
	if (!slot_cell(blob, table, slot[0], &first))
		return false;
	for (i = 0; i < t->slots; i++, first = last)
		if (!slot_cell(blob, table, slot[i + 1], &last) ||
		    !slot_ok(blob, table, i, first, last))
			return false;
	return true;
}

/* Addresses below the base are in the first cell and no other. */
static bool base_ok(const struct cw_blob *blob,
		    const struct cw_blob_table *table)
{
	struct wide base = { table->base_hi, table->base_lo };

	return table->cells == 1 ||
	       !wide_less(cell_key(blob, table->family, table->cell + 1), base);
}

static bool table_ok(const struct cw_blob *blob, u32 i)
{
	const struct cw_blob_table *table = blob->section[CW_SECTION_TABLE];

	return base_ok(blob, &table[i]) && slots_ok(blob, i);
}

/* A group's cells start at address 0 and ascend. */
static bool cells_ok(const struct cw_blob *blob,
		     const struct cw_blob_table *table)
{
	struct wide last = cell_key(blob, table->family, table->cell), key;
	u32 i;

	if (last.hi || last.lo)
		return false;
	for (i = table->cell + 1; i < table->cell + table->cells; i++) {
		key = cell_key(blob, table->family, i);
		if (!wide_less(last, key))
			return false;
		last = key;
	}
	return true;
}

/*
 * Groups' tables share out the cells, all tables share out the slots, in
 * order; so every cell and slot is looked at once and there are no others.
 */
static bool tables_ok(const struct cw_blob *blob)
{
	const struct cw_blob_table *t = blob->section[CW_SECTION_TABLE];
	u32 i, cell4 = 0, cell6 = 0, slot = 0;

	for (i = 0; i < blob->count[CW_SECTION_TABLE]; i++) {
		u32 *cell = t[i].family == 4 ? &cell4 : &cell6;

		if (t[i].slot != slot || !shape_ok(blob, &t[i]))
			return false;
		slot += t[i].slots + 1;
		if (t[i].depth)
			continue;
		if (t[i].cell != *cell || !cells_ok(blob, &t[i]))
			return false;
		*cell += t[i].cells;
	}
	if (cell4 != blob->count[CW_SECTION_CELL4] ||
	    cell6 != blob->count[CW_SECTION_CELL6] ||
	    slot != blob->count[CW_SECTION_SLOT])
		return false;
	for (i = 0; i < blob->count[CW_SECTION_TABLE]; i++)
		if (!table_ok(blob, i))
			return false;
	return true;
}

/* ---- index: words ------------------------------------------------------- */

/* Names a rule and says of it what the rule says. */
static bool answer_ok(const struct cw_blob *blob, u32 answer)
{
	const struct cw_blob_rule *rule = blob->section[CW_SECTION_RULE];
	u32 number = answer >> CW_BLOB_ANSWER_SHIFT;

	return number < cw_blob_rules(blob) &&
	       (answer & CW_BLOB_ANSWER_FLAGS) ==
	       (rule[number].flags & CW_BLOB_ANSWER_FLAGS);
}

static bool record_ok(const struct cw_blob *blob, u64 word)
{
	if (!CW_BLOB_WORD_PROTOS(word) ||
	    !answer_ok(blob, CW_BLOB_WORD_ANSWER(word)))
		return false;
	if (CW_BLOB_WORD_LO(word) <= CW_BLOB_WORD_HI(word))
		return true;
	return CW_BLOB_WORD_LO(word) & 0x8000 &&
	       CW_BLOB_WORD_HI(word) < 0x8000 &&
	       CW_BLOB_WORD_SET(word) < blob->count[CW_SECTION_PORTSET] - 1;
}

/* Leads to an earlier list of less depth: a walk along it comes to an end. */
static bool up_ok(const struct cw_blob *blob, u32 at)
{
	const u64 *word = blob->section[CW_SECTION_WORD];
	u32 to = CW_BLOB_WORD_UP_TO(word[at]);
	u32 depth = CW_BLOB_WORD_DEPTH((u32)word[at]);

	if (CW_BLOB_WORD_PROTOS(word[at]) || to >= at)
		return false;
	if (CW_BLOB_WORD_TAG(word[to]) == CW_BLOB_WORD_UP)
		return CW_BLOB_WORD_DEPTH((u32)word[to]) < depth;
	return depth > 0;
}

static bool map_ok(const struct cw_blob *blob, u64 word, u32 *entry)
{
	const u64 *map = blob->section[CW_SECTION_PORTMAP];
	u32 count = CW_BLOB_WORD_ENTRIES(word), i;

	if (CW_BLOB_WORD_ENTRY(word) != *entry || !count || word >> 52 & 0x3ff ||
	    count > blob->count[CW_SECTION_PORTMAP] - *entry)
		return false;
	map += *entry;
	*entry += count;
	if (map[0] >> 32)
		return false;
	for (i = 0; i < count; i++) {
		u32 answer = (u32)map[i];

		if (answer != CW_BLOB_ANSWER_NONE && !answer_ok(blob, answer))
			return false;
		if (i && map[i] >> 32 <= map[i - 1] >> 32)
			return false;
	}
	return map[count - 1] >> 32 < CW_PROTO_COUNT << 16;
}

/* Checks the list that starts at @at; returns where the next one starts. */
static u32 list_end(const struct cw_blob *blob, u32 at, u32 *entry)
{
	const u64 *word = blob->section[CW_SECTION_WORD];
	u32 end = blob->count[CW_SECTION_WORD], records = 0, last = 0;

	if (CW_BLOB_WORD_TAG(word[at]) == CW_BLOB_WORD_UP)
		if (!up_ok(blob, at++))
			return 0;
	if (at < end && CW_BLOB_WORD_TAG(word[at]) == CW_BLOB_WORD_MAP)
		return map_ok(blob, word[at], entry) ? at + 1 : 0;
	for (; at < end && records < CW_BLOB_LIST_MAX; at++, records++) {
		u32 tag = CW_BLOB_WORD_TAG(word[at]);
		u32 answer = CW_BLOB_WORD_ANSWER(word[at]);

		if (tag > CW_BLOB_WORD_LAST || !record_ok(blob, word[at]) ||
		    (records && answer <= last))
			return 0;
		if (tag == CW_BLOB_WORD_LAST)
			return at + 1;
		last = answer;
	}
	return 0;
}

static bool words_ok(const struct cw_blob *blob)
{
	const u64 *word = blob->section[CW_SECTION_WORD];
	u32 at = 1, entry = 0;

	if (word[0] != CW_BLOB_WORD_NOTHING(CW_BLOB_WORD_LAST))
		return false;
	while (at && at < blob->count[CW_SECTION_WORD])
		at = list_end(blob, at, &entry);
	return at && entry == blob->count[CW_SECTION_PORTMAP];
}

/* A cell's record, or none; and a list to go on with, or none. */
static bool cell_ok(const struct cw_blob *blob, u64 record, u32 rest)
{
	u32 tag = CW_BLOB_WORD_TAG(record);

	if (tag == CW_BLOB_WORD_MAP || (tag == CW_BLOB_WORD_LAST) != !rest ||
	    rest >= blob->count[CW_SECTION_WORD])
		return false;
	if (record == CW_BLOB_WORD_NOTHING(tag))
		return tag != CW_BLOB_WORD_RECORD;
	return record_ok(blob, record);
}

static bool cell_records_ok(const struct cw_blob *blob)
{
	const struct cw_blob_cell4 *cell4 = blob->section[CW_SECTION_CELL4];
	const struct cw_blob_cell6 *cell6 = blob->section[CW_SECTION_CELL6];
	u32 i;

	for (i = 0; i < blob->count[CW_SECTION_CELL4]; i++)
		if (!cell_ok(blob, cell4[i].record, cell4[i].rest))
			return false;
	for (i = 0; i < blob->count[CW_SECTION_CELL6]; i++)
		if (!cell_ok(blob, cell6[i].record, cell6[i].rest) ||
		    cell6[i].zero)
			return false;
	return true;
}

static bool ranges_ok(const u32 *range, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (range[i] >> 16 > (range[i] & 0xffff) ||
		    (i && range[i] >> 16 <= (range[i - 1] & 0xffff)))
			return false;
	return count > 0;
}

static bool portsets_ok(const struct cw_blob *blob)
{
	const u32 *set = blob->section[CW_SECTION_PORTSET];
	const u32 *range = blob->section[CW_SECTION_PORTRANGE];
	u32 i, count = blob->count[CW_SECTION_PORTSET] - 1;
	u32 ranges = blob->count[CW_SECTION_PORTRANGE];

	if (set[0] || set[count] != ranges)
		return false;
	for (i = 0; i < count; i++)
		if (!range_ok(set[i], set[i + 1], ranges) ||
		    !ranges_ok(range + set[i], set[i + 1] - set[i]))
			return false;
	return true;
}

/* ---- the door ----------------------------------------------------------- */

int cw_blob_open(struct cw_blob *blob, const void *data, size_t size)
{
	if (size < sizeof(*blob->header) || size > 0xffffffffu)
		return -EINVAL;
	blob->header = data;
	blob->size = (u32)size;
	if (!header_ok(blob->header, size) || !sections_ok(blob, data) ||
	    !counts_ok(blob))
		return -EINVAL;
	if (!strings_ok(blob) || !files_ok(blob) || !addresses_ok(blob) ||
	    !lists_ok(blob) || !sets_ok(blob) || !conds_ok(blob) ||
	    !subjects_ok(blob) || !rules_ok(blob) ||
	    used_features(blob) != blob->header->features)
		return -EINVAL;
	if (!groups_ok(blob) || !buckets_ok(blob) || !keys_ok(blob) ||
	    !tables_ok(blob) || !words_ok(blob) || !cell_records_ok(blob) ||
	    !portsets_ok(blob))
		return -EINVAL;
	return 0;
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

const char *cw_blob_rule_file(const struct cw_blob *blob, u32 rule)
{
	const u32 *file = blob->section[CW_SECTION_FILE];
	u32 number;

	if (rule >= cw_blob_rules(blob))
		return "";
	number = rule_at(blob, rule)->file;
	if (number >= blob->count[CW_SECTION_FILE])
		return "";
	return cw_blob_text(blob, file[number]);
}

const char *cw_blob_rule_label(const struct cw_blob *blob, u32 rule)
{
	if (rule >= cw_blob_rules(blob))
		return "";
	return cw_blob_text(blob, rule_at(blob, rule)->label);
}
