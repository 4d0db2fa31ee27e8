/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The policy blob: a compiled policy as policyd writes it to the kernel.
 *
 * A blob is one flat piece of memory: a header, then the sections in the order
 * of enum cw_section.  A section is an array of records of one size and starts
 * at the next multiple of CW_BLOB_ALIGN; all padding is zero.  Nothing follows
 * the last section.  Records name each other by index.  Numbers have the byte
 * order of the machine; a foreign blob fails at the magic.
 *
 * There are two halves.  The *rules* (CW_SECTION_STRING to CW_SECTION_RULE)
 * say what was written: they serve explanation, printing and comparing.  The
 * *index* (CW_SECTION_GROUP to the end) is made from them and is all that a
 * decision reads:
 *
 *   text -> places                   which globs match it
 *   process -> keys -> subjects      which left-hand sides apply (kept)
 *   subject -> group -> table        one address table per family
 *   address -> slot -> cell          disjoint address intervals
 *   cell -> word ... (up -> word ...)  ports and protocols, wider prefixes
 *
 * Where a list has a record "one past the end", that record is part of the
 * section and the list of record i ends where the list of record i + 1 begins.
 */
#ifndef CW_BLOB_H
#define CW_BLOB_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#define CW_BLOB_MAGIC		0x647261776e6e6f63ull	/* "connward" */
#define CW_BLOB_VERSION		4
#define CW_BLOB_ALIGN		64	/* a cache line */
#define CW_BLOB_NONE		0xffffffffu	/* index of nothing */

/* Limits of the format. */
#define CW_BLOB_RULES_MAX	((1u << 21) - 1)
#define CW_BLOB_WORDS_MAX	(1u << 24)
#define CW_BLOB_FILES_MAX	65535u
#define CW_BLOB_SET_DEPTH_MAX	32	/* sets in sets */
#define CW_BLOB_KEY_REFS_MAX	4096	/* subjects of one key */
#define CW_BLOB_BUCKET_MAX	32	/* keys with the same hash */
#define CW_BLOB_LIST_MAX	64	/* records of one list of words */
#define CW_BLOB_TABLE_DEPTH_MAX	4	/* tables below tables */
#define CW_BLOB_GLOB_MAX	255	/* bytes from the first wildcard on */
#define CW_BLOB_ZONES_MAX	511	/* nine bits of a key; 0 = any other */
#define CW_BLOB_PLACES_MAX	(1u << 28)

/* Enumerations of the rule tree that are stored as numbers. */
enum cw_cond_kind {
	/* text: path or glob; id: text, the file that text is a link to, or 0 */
	CW_COND_SCRIPT,
	CW_COND_USER,		/* id; text: the name, NULL = given as number */
	CW_COND_GROUP,		/* likewise */
	/* text or glob: the cgroup's first component that is no slice, which is
	 * what systemd calls the unit, or one of the slices before it */
	CW_COND_UNIT,
	/* path or glob: the cgroup, or one that it is in */
	CW_COND_CGROUP,
	/* text: [ENGINE:]NAME, NAME a text, a glob or the first digits of an id:
	 * the container that the cgroup is, as policy/engine/cgroup.c finds it */
	CW_COND_CONTAINER,
	CW_COND_PARENT,		/* text: path or glob */
	CW_COND_ANCESTOR,	/* text: path or glob */
	CW_COND_SHA256,		/* digest */
	CW_COND_CLEAN_ENV,
	CW_COND_COUNT
};

enum cw_exe_kind {
	CW_EXE_ANY,
	CW_EXE_KERNEL,
	CW_EXE_PATH,
	CW_EXE_GLOB,
};

enum cw_log {
	CW_LOG_NONE,
	CW_LOG_DENY,
	CW_LOG_ALL,
};

enum cw_section {
	/* the rules */
	CW_SECTION_STRING,	/* u8: texts, each ends with NUL; 0 = "" */
	CW_SECTION_FILE,	/* u32: text */
	CW_SECTION_ADDR4,	/* struct cw_blob_addr4 */
	CW_SECTION_ADDR6,	/* struct cw_blob_addr6 */
	CW_SECTION_ZONE,	/* u32: text, a name of an interface; they ascend */
	CW_SECTION_DEST,	/* u32: CW_BLOB_DEST_*, index */
	CW_SECTION_PORT,	/* struct cw_blob_port */
	CW_SECTION_SET,		/* struct cw_blob_set, one past the end */
	CW_SECTION_DIGEST,	/* 32 bytes */
	CW_SECTION_COND,	/* struct cw_blob_cond */
	CW_SECTION_FROM,	/* struct cw_blob_port */
	CW_SECTION_SUBJECT,	/* struct cw_blob_subject, one past the end */
	CW_SECTION_RULE,	/* struct cw_blob_rule, one past the end */
	/* the index */
	CW_SECTION_PLACE,	/* struct cw_blob_place, one past the end */
	CW_SECTION_COND_PLACE,	/* u32: for each condition, place or NONE */
	CW_SECTION_GID,		/* u32: groups that are keys, ascending */
	CW_SECTION_GROUP,	/* struct cw_blob_group, one for each subject */
	CW_SECTION_BUCKET,	/* u32: first key; 2^n, one past the end */
	CW_SECTION_KEY,		/* struct cw_blob_key, one past the end */
	CW_SECTION_REF,		/* u32: subject */
	CW_SECTION_TABLE,	/* struct cw_blob_table */
	CW_SECTION_SLOT,	/* u32: cell, or CW_BLOB_SLOT_TABLE | table */
	CW_SECTION_CELL4,	/* struct cw_blob_cell4 */
	CW_SECTION_CELL6,	/* struct cw_blob_cell6 */
	CW_SECTION_WORD,	/* u64, see below */
	CW_SECTION_PORTMAP,	/* u64: (proto << 16 | port) << 32 | answer */
	CW_SECTION_PORTSET,	/* u32: first range, one past the end */
	CW_SECTION_PORTRANGE,	/* u32: lo << 16 | hi, sorted, disjoint */
	CW_SECTION_COUNT
};

struct cw_blob_section {
	uint32_t offset;		/* bytes from the start of the blob */
	uint32_t count;		/* records */
};

struct cw_blob_header {
	uint64_t magic;
	uint32_t version;
	uint32_t size;		/* bytes of the whole blob */
	uint32_t features;		/* CW_FEATURE_* that the rules use */
	uint8_t default_allow;
	uint8_t log;		/* enum cw_log */
	uint8_t zero[2];
	uint32_t seed;		/* of the hash of the keys */
	uint32_t zero2;
	uint8_t sha256[32];	/* of the blob with this field zeroed */
	struct cw_blob_section section[CW_SECTION_COUNT];
};

/* ---- the rules -------------------------------------------------------- */

struct cw_blob_addr4 {
	uint32_t lo, hi;		/* lo <= hi */
};

/*
 * A prefix, whose other bits are 0.  Or, with CW_BLOB_ADDR6_RANGE, the first
 * address of a range: then the next record is the last one, as a prefix of 128
 * bits without a zone.
 */
struct cw_blob_addr6 {
	uint8_t addr[16];	/* network order */
	uint16_t zone;		/* index + 1 of a CW_SECTION_ZONE; 0 = none */
	uint8_t length;		/* bits of the prefix, 0-128 */
	uint8_t zero;
};

#define CW_BLOB_ADDR6_RANGE	255	/* in place of a length */

/* A destination: kind in the upper two bits, index below. */
#define CW_BLOB_DEST_ANY	(0u << 30)
#define CW_BLOB_DEST_ADDR4	(1u << 30)
#define CW_BLOB_DEST_ADDR6	(2u << 30)
#define CW_BLOB_DEST_SET	(3u << 30)
#define CW_BLOB_DEST_KIND	(3u << 30)
#define CW_BLOB_DEST_INDEX	(~CW_BLOB_DEST_KIND)

struct cw_blob_port {
	uint16_t lo, hi;		/* lo <= hi; 0 for a set */
	uint32_t set;		/* or CW_BLOB_NONE */
};

#define CW_BLOB_SET_BUILTIN	(1u << 0)
#define CW_BLOB_SET_PORTS	(1u << 1)	/* holds ports */

struct cw_blob_set {
	uint32_t name;		/* text, without the @ */
	uint32_t dest, port;	/* first of its lists */
	uint32_t line;
	uint16_t file;
	uint8_t flags;
	uint8_t depth;		/* more than that of every set in it */
};

struct cw_blob_cond {
	uint32_t kind;		/* enum cw_cond_kind */
	uint32_t id;		/* uid, gid, index of a digest, text; else 0 */
	uint32_t text;		/* 0 = none */
};

/* A distinct left-hand side; `until` and `from port` are part of it. */
struct cw_blob_subject {
	uint64_t until;		/* seconds since the epoch, 0 = for ever */
	uint32_t exe;		/* text, 0 for `any` and `kernel` */
	uint32_t cond;		/* first condition */
	uint32_t kind;		/* enum cw_exe_kind */
	uint32_t from;		/* first of its local ports; none = every one */
};

#define CW_BLOB_RULE_ALLOW	(1u << 0)
#define CW_BLOB_RULE_MONITOR	(1u << 1)
#define CW_BLOB_RULE_LOGS	(1u << 2)	/* `log` statement included */
#define CW_BLOB_RULE_LOG	(1u << 3)	/* as written */
#define CW_BLOB_RULE_NOLOG	(1u << 4)	/* as written */
#define CW_BLOB_RULE_PROTOS	(1u << 5)	/* protocols were written */
#define CW_BLOB_RULE_FLAGS	((1u << 6) - 1)

struct cw_blob_rule {
	uint32_t subject;
	uint32_t dest, port;	/* first of its lists */
	uint32_t line;
	uint32_t label;		/* text, 0 = none */
	uint16_t file;
	uint8_t flags;
	uint8_t protos;		/* mask of 1 << enum cw_proto */
};

/* ---- the index -------------------------------------------------------- */

/*
 * An answer is a rule and what it says, so that the lower answer is the
 * earlier rule: rule << 3 | CW_BLOB_RULE_{LOGS,MONITOR,ALLOW}; 24 bits.
 */
#define CW_BLOB_ANSWER_SHIFT	3
#define CW_BLOB_ANSWER_FLAGS	7u
#define CW_BLOB_ANSWER_NONE	0xffffffu

/*
 * Globs, and the texts of conditions, are trees of places: a place stands for
 * all that begins like the way to it.  The children of place i are the places
 * from its @child to before the @child of place i + 1: first bytes, ascending,
 * then `?`, `*`, `**`.  The first places are the roots; each has its own tree.
 * A place without children is the end of a glob, others may be.
 */
enum cw_root {
	CW_ROOT_PATH,		/* executables, scripts, ancestors */
	CW_ROOT_CGROUP,		/* the whole path of a cgroup */
	CW_ROOT_UNIT,
	CW_ROOT_CONTAINER,	/* ENGINE:NAME, and :NAME for any engine */
	CW_ROOT_COUNT
};

enum cw_place_kind {
	CW_PLACE_BYTE,		/* also a root */
	CW_PLACE_ONE,		/* `?` */
	CW_PLACE_STAR,		/* `*` */
	CW_PLACE_ANY,		/* `**` */
};

struct cw_blob_place {
	uint32_t child;		/* its first one */
	uint8_t kind;		/* enum cw_place_kind */
	uint8_t byte;
	uint8_t ends;		/* 1 = a glob ends here */
	uint8_t zero;
};

/*
 * Where `any` without a condition is a subject, what it has is folded into
 * other groups as long as that is not much: then one look-up serves for both.
 */
struct cw_blob_group {
	uint64_t until;		/* as in the subject */
	uint32_t rule;		/* the first in this group */
	uint32_t key;		/* the key that lists this subject */
	uint32_t table4, table6;	/* or CW_BLOB_NONE */
	uint32_t any;		/* word: rules `to any`, for no address */
	uint32_t folds;		/* subject whose rules are here too, or NONE */
	uint32_t from;		/* local ports: bits 0-31 of a record */
	/* In place of table6 for addresses that have a zone, with the zone in the
	 * key, if the policy names any; else CW_BLOB_NONE */
	uint32_t tablez;
	uint32_t exe;		/* a glob's place; the hash of a path; else 0 */
	uint32_t zero;
};

/*
 * A key is one thing that a subject asks for: the one of its tests that the
 * fewest other subjects have as well.  Tests of conditions have the number of
 * their enum cw_cond_kind.
 */
enum cw_key_kind {
	CW_KEY_ANY = 128,	/* any program; the value is 0 */
	CW_KEY_KERNEL,		/* likewise */
	CW_KEY_PATH,		/* the value is a text */
	CW_KEY_GLOB,		/* the value is a place, like that of texts */
};

struct cw_blob_key {
	uint32_t hash;
	uint32_t kind;		/* enum cw_key_kind, enum cw_cond_kind */
	uint32_t value;		/* also: uid, gid, index of a digest */
	uint32_t length;	/* of a path, else 0 */
	uint32_t ref;		/* first of its subjects, which ascend */
};

/*
 * Finds the cell of an address.  Cells are disjoint intervals in ascending
 * order, each from its key to before the next one's.  Addresses below @base
 * are in the first cell; the others are spread over slots, each for
 * 1 << @shift addresses, the last one for all that remain.
 *
 * A slot says which cell has its first address; the cells from there to the
 * one that the next slot says are searched.  Or it hands over to a table that
 * has just these cells.  The record one past a table's last slot is part of
 * the section and says the table's last cell.
 */
struct cw_blob_table {
	uint64_t base_hi, base_lo;	/* IPv4: base_hi is 0 */
	uint32_t slot, slots;		/* at least one */
	uint32_t cell, cells;		/* the one that has base - 1 first */
	uint8_t shift;
	uint8_t depth;		/* 0 = a group's; else one below its parent */
	uint8_t family;		/* 4 or 6 */
	uint8_t zero[5];
};

#define CW_BLOB_SLOT_TABLE	(1u << 31)	/* the rest is a table */

/*
 * A cell holds the first record (see below) of what its addresses have, so
 * that most decisions end here.  The record's tag says when to go on with the
 * list that begins at word @rest:
 *
 *	LAST	never; @rest is 0
 *	RECORD	if this record does not match: all others are higher
 *	UP	in any case; the record may be one that matches nothing
 */
struct cw_blob_cell4 {
	uint32_t key;
	uint32_t rest;
	uint64_t record;
};

/*
 * An IPv6 cell can be two intervals: its own ends with the prefix around its key
 * that leaves the lowest @rest >> 24 bits open, and what is past that, up to the
 * next cell, has the record and the list of cell @after.  So a prefix inside
 * another takes one cell and not two.  A cell that is one interval names itself.
 */
struct cw_blob_cell6 {
	uint64_t hi, lo;	/* key */
	uint64_t record;
	uint32_t rest;		/* 0-23 word, 24-31 bits, at most 127 */
	uint32_t after;		/* a cell of the same group */
};

#define CW_BLOB_CELL6_REST(cell)	((cell)->rest & 0xffffffu)
#define CW_BLOB_CELL6_BITS(cell)	((cell)->rest >> 24)
#define CW_BLOB_CELL6_BITS_MAX		127u

/*
 * Words.  A list of them is named by its first:
 *
 *	[UP] RECORD... LAST	or	[UP] MAP
 *
 *	RECORD, LAST	0-15 lo, 16-31 hi, 32-55 answer, 56-61 protocols
 *			lo > hi: number of a port set, low 15 bits in hi, high
 *			15 bits in the low bits of lo, whose bit 15 is set
 *	UP		0-23 word of the list for the wider prefix, 24-31 depth
 *			32-55 lowest answer to be found there
 *	MAP		0-31 first entry of a port map, 32-51 entries
 *
 * Answers of a list ascend, so the first record that matches is the lowest.
 * Lists come after those that their UP names, whose depth is less.  Word 0
 * is a list that matches nothing.
 *
 * A port map answers for every (protocol, port): its entries ascend, the first
 * is for 0, and each is good until the next one begins.
 */
#define CW_BLOB_WORD_RECORD	0u
#define CW_BLOB_WORD_LAST	1u
#define CW_BLOB_WORD_UP		2u
#define CW_BLOB_WORD_MAP	3u
#define CW_BLOB_WORD_TAG(w)	((uint32_t)((w) >> 62))
#define CW_BLOB_WORD_ANSWER(w)	((uint32_t)((w) >> 32) & 0xffffffu)
#define CW_BLOB_WORD_LO(w)	((uint32_t)(w) & 0xffffu)
#define CW_BLOB_WORD_HI(w)	((uint32_t)(w) >> 16)
#define CW_BLOB_WORD_SET(w)	((CW_BLOB_WORD_LO(w) & 0x7fffu) << 15 | \
				 CW_BLOB_WORD_HI(w))
#define CW_BLOB_WORD_PROTOS(w)	((uint32_t)((w) >> 56) & 0x3fu)
#define CW_BLOB_WORD_UP_TO(w)	((uint32_t)(w) & 0xffffffu)
#define CW_BLOB_WORD_DEPTH(w)	((uint32_t)(w) >> 24)
#define CW_BLOB_WORD_ENTRY(w)	((uint32_t)(w))
#define CW_BLOB_WORD_ENTRIES(w)	((uint32_t)((w) >> 32) & 0xfffffu)

/* Bits 0-31 of a record for all ports; and, in a group only, for none. */
#define CW_BLOB_PORTS_ALL	0xffff0000u
#define CW_BLOB_PORTS_NONE	0x8001ffffu	/* no range and no set has these */

#define CW_BLOB_WORD(tag, high, answer, low) \
	((uint64_t)(tag) << 62 | (uint64_t)(high) << 56 | \
	 (uint64_t)(answer) << 32 | (uint64_t)(low))
/* A record that matches nothing. */
#define CW_BLOB_WORD_NOTHING(tag) \
	CW_BLOB_WORD(tag, 0, CW_BLOB_ANSWER_NONE, 0)

#ifdef __KERNEL__
#define CW_BLOB_ASSERT static_assert
#else
#define CW_BLOB_ASSERT _Static_assert
#endif
CW_BLOB_ASSERT(sizeof(struct cw_blob_header) == 64 + 8 * CW_SECTION_COUNT, "");
CW_BLOB_ASSERT(sizeof(struct cw_blob_addr6) == 20, "");
CW_BLOB_ASSERT(sizeof(struct cw_blob_set) == 20, "");
CW_BLOB_ASSERT(sizeof(struct cw_blob_subject) == 24, "");
CW_BLOB_ASSERT(sizeof(struct cw_blob_rule) == 24, "");
CW_BLOB_ASSERT(sizeof(struct cw_blob_place) == 8, "");
CW_BLOB_ASSERT(sizeof(struct cw_blob_group) == 48, "");
CW_BLOB_ASSERT(sizeof(struct cw_blob_key) == 20, "");
CW_BLOB_ASSERT(sizeof(struct cw_blob_table) == 40, "");
CW_BLOB_ASSERT(sizeof(struct cw_blob_cell4) == 16, "");
CW_BLOB_ASSERT(sizeof(struct cw_blob_cell6) == 32, "");

#endif
