/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the emitter, userspace only: sections under construction, and the
 * prototypes of the passes that make the index, grouped by file.
 *
 * Functions return 0 or -errno unless said otherwise; -ENOMEM needs no words,
 * -E2BIG has been explained to the diag.
 */
#ifndef CW_EMIT_H
#define CW_EMIT_H

#include "policy/text/compile.h"

/* Addresses of one family, both ends included. */
struct cw_span128 {
	u128 lo, hi;
};

enum cw_family {
	CW_FAMILY_4,
	CW_FAMILY_6,
	/* IPv6 addresses that have a zone, with the zone in them, in place of
	 * CW_FAMILY_6; empty if no rule names a zone */
	CW_FAMILY_ZONE,
	CW_FAMILY_COUNT
};

/* A set with everything that is in it, sorted, merged. */
struct cw_flat {
	struct cw_array span[CW_FAMILY_COUNT];	/* struct cw_span128 */
	bool any;				/* holds `any` */
	u32 ports;	/* word bits 0-31 of a record with these ports */
};

/*
 * What the rules of one prefix, and those around it, say about ports.  Short
 * ones get a list of words only if another node needs to refer to it.
 */
struct cw_node {
	u64 record;	/* for the cell */
	u32 rest;	/* likewise */
	u32 word;	/* its list, 0 = none written */
	u32 parent;	/* node, 0 = nothing around it */
	u32 low;	/* lowest answer in it and around it */
	u32 depth;	/* as in the UP of its list, 0 = has none */
};

/* Node 0 matches nothing. */
#define CW_NODE_NOTHING	0

/* One interval, or two: see struct cw_blob_cell6. */
struct cw_cell {
	u128 key;
	u32 node;
	u32 after;	/* cell that has the second one's node; NONE = one interval */
	u8 bits;	/* the first one's prefix leaves open */
};

struct cw_emitter {
	const struct cw_ruleset *ruleset;
	struct cw_diag *diag;
	struct cw_array section[CW_SECTION_COUNT];
	struct cw_intern texts, addr4, addr6, digests, subjects, portsets;
	struct cw_flat *flat;		/* one for each set */
	u64 *record;			/* one for each rule: its WORD_RECORD */
	u32 seed;			/* of the hash of the keys */
	u64 merge_budget;		/* words that merging lists may add */
	struct cw_array nodes;		/* struct cw_node */
	struct cw_array ranges;	/* scratch of flat.c */
	struct cw_array map_points;	/* scratch of portmap.c */
	struct cw_array map_next;
	struct cw_array map_answer;
	u64 *map_bits;
};

/* Rules with one subject and one list of destinations. */
struct cw_class {
	u32 subject;
	u32 first, last;	/* rules, linked by next[] */
	bool any;		/* holds every address and no address */
	bool alone;		/* one prefix in all */
};

struct cw_prefix {
	u128 lo;
	u32 class;
	u8 length;		/* of 128 bits for both families */
};

/* A node made before, for classes that come again together. */
struct cw_memo {
	u32 parent;		/* node */
	u32 class, count;	/* in memo_classes */
	u32 node;
};

struct cw_indexer {
	struct cw_emitter *emitter;
	u32 *start;		/* of each subject in rules[], one past */
	u32 *rules;		/* by subject, ascending */
	u32 *next;		/* rule of the same class; this group's only */
	u32 common;		/* subject to fold into others, or NONE */
	u64 fold_budget;	/* spans */
	u32 common_spans;
	/* class of rules that name just this address; may be another group's */
	u32 *by_addr4, *by_addr6;
	struct cw_intern by_dests, by_classes;
	struct cw_array classes;		/* struct class */
	struct cw_array prefixes[CW_FAMILY_COUNT]; /* of this subject */
	struct cw_array any;			/* u32: classes */
	struct cw_array run;			/* u32: classes */
	struct cw_array run_rules;		/* u32 */
	struct cw_array memos, memo_classes;	/* struct memo, u32 */
	struct cw_array cells;			/* struct cw_cell */
};

/* emit.c */
/* Appends @count records. */
int cw_emit_add(struct cw_emitter *emitter, enum cw_section section,
		const void *records, u32 count);
/* The index of a record with these bytes, which is added if there is none. */
int cw_emit_once(struct cw_emitter *emitter, struct cw_intern *intern,
		 enum cw_section section, const void *record, size_t size,
		 u32 *index);
/* Says that there are more than @limit of @what; -E2BIG. */
int cw_emit_too_big(struct cw_emitter *emitter, const char *what, u32 limit);
int cw_emit_text(struct cw_emitter *emitter, const char *text, u32 *at);

static inline u32 cw_emit_count(const struct cw_emitter *emitter,
				enum cw_section section)
{
	return emitter->section[section].count;
}

/* emit_rules.c */
/* Everything up to CW_SECTION_RULE, and the rules' records. */
int cw_emit_rules(struct cw_emitter *emitter);

/* flat.c */
int cw_flat_sets(struct cw_emitter *emitter);
/* Adds @count destinations to @flat and puts it in order. */
int cw_flat_dests(struct cw_emitter *emitter, struct cw_flat *flat,
		  const struct cw_dest *dests, u32 count);
/* @ports together as bits 0-31 of a record; no @ports, no bits. */
int cw_flat_ports(struct cw_emitter *emitter, const struct cw_port *ports,
		  u32 count, u32 *bits);
void cw_flat_free(struct cw_flat *flat);

/* zone.c */
/* Writes the names of all zones in the rules. */
int cw_zone_emit(struct cw_emitter *emitter);
/* Number of a zone that was written; from 1. */
u32 cw_zone_number(const struct cw_emitter *emitter, const char *name);
/* Adds what of @span has a zone: @name, or NULL = every one. */
int cw_zone_add(struct cw_emitter *emitter, struct cw_flat *flat,
		const struct cw_span128 *span, const char *name);

/* tree.c */
/* The trees of globs, once there are groups; tells groups and conditions their
 * places. */
int cw_tree_build(struct cw_emitter *emitter);

/* key.c */
/* After the trees. */
int cw_key_build(struct cw_emitter *emitter);

/* index.c */
int cw_index_build(struct cw_emitter *emitter);

/* class.c */
const struct cw_blob_rule *cw_class_rule(const struct cw_indexer *indexer,
					 u32 rule);
/* Puts @rule into its class, and a new class's prefixes into @indexer. */
int cw_class_add(struct cw_indexer *indexer, u32 subject, u32 rule);
/* The node for the classes in @indexer->run, inside @parent. */
int cw_class_node(struct cw_indexer *indexer, u32 parent, u32 *node);

/* sweep.c */
/* The table for the prefixes of one family, or CW_BLOB_NONE. */
int cw_sweep_family(struct cw_indexer *indexer, enum cw_family family,
		    u32 *table);
/* The list of what holds without any address. */
int cw_sweep_any(struct cw_indexer *indexer, u32 *word);

/* node.c */
/* Makes node 0 and word 0. */
int cw_node_begin(struct cw_emitter *emitter);
/* A node for @rules, which ascend, inside @parent; may be @parent itself. */
int cw_node_make(struct cw_emitter *emitter, const u32 *rules, u32 count,
		 u32 parent, u32 *node);
/* The list of a node, written now if it was not. */
int cw_node_word(struct cw_emitter *emitter, u32 node, u32 *word);

/* portmap.c */
/* A MAP word that answers for all @records, which ascend. */
int cw_portmap_make(struct cw_emitter *emitter, const u64 *records, u32 count,
		    u64 *word);

/* table.c */
/* Writes the cells of one group and a table for them. */
int cw_table_build(struct cw_emitter *emitter, enum cw_family family,
		   const struct cw_cell *cells, u32 count, u32 *table);

#endif
