/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The engine: the same code decides in the kernel, in policyd and in tests.
 * It takes a compiled policy (include/cw_blob.h), facts about a process and
 * one request, and says which rule decides.
 *
 * blob_open() checks everything once.  After that nothing here can fail,
 * allocate, sleep, take a lock or loop without a bound, so all of it may be
 * called with preemption disabled and under rcu_read_lock().
 */
#ifndef CW_ENGINE_H
#define CW_ENGINE_H

#include "port.h"
#include "include/cw_abi.h"
#include "include/cw_blob.h"

/* Rule number meaning: no rule matched, the default verdict decides. */
#define CW_RULE_DEFAULT		0xffffffffu

/* Subjects remembered for a process; more than that are searched each time. */
#define CW_SUBJECTS_KEPT	32

/*
 * Identity: the facts about who asks that rules may test.  All pointers are
 * borrowed for the call.
 */
struct cw_ident {
	/* Absolute path; NULL = nothing that a path rule may match (memfd,
	 * deleted, another mount namespace). */
	const char *exe;
	/* The script asked for by its own path; NULL = not started by #! */
	const char *script;
	/* Else the absolute name by which it was asked for, and the file; or NULL */
	const char *link;
	const char *link_file;
	const char *cgroup;		/* path from the root, NULL = unknown */
	const char *const *ancestor;	/* paths, nearest first, some NULL */
	const u32 *gid;			/* supplementary, and perhaps primary;
					 * more than CW_GIDS_UNSORTED ascend */
	const struct cw_texts *texts;	/* NULL = nothing is known of them */
	u32 ancestors;			/* <= CW_ANCESTORS */
	u32 gids;
	u32 uid;
	u32 egid;			/* valid when CW_IDENT_EGID */
	u8 sha256[32];			/* valid when CW_IDENT_HASHED */
	u32 flags;			/* CW_IDENT_* */
};

#define CW_GIDS_UNSORTED	32

#define CW_IDENT_KERNEL		(1u << 0)  /* matches only subject `kernel` */
/*
 * Executable, script, ancestors, digest and environment are not known.  Such a
 * process gains nothing by that: see cw_match().
 */
#define CW_IDENT_UNKNOWN	(1u << 1)
#define CW_IDENT_HASHED		(1u << 2)
#define CW_IDENT_EGID		(1u << 3)
#define CW_IDENT_CLEAN_ENV	(1u << 4)  /* was executed with such a one */
/* The script was started through env, which chose the program: only a rule that
 * names the program may go by the script. */
#define CW_IDENT_BY_ENV		(1u << 5)
/* With CW_IDENT_UNKNOWN: neither are user, groups and control group. */
#define CW_IDENT_ABSENT		(1u << 6)

static inline bool cw_ident_is_unknown(const struct cw_ident *ident)
{
	return (ident->flags & (CW_IDENT_KERNEL | CW_IDENT_UNKNOWN)) ==
	       CW_IDENT_UNKNOWN;
}

/* One thing a process wants to do.  v4-mapped v6 must be given as family 4. */
struct cw_request {
	u64 now;	/* seconds since the epoch, for `until` */
	u16 port;	/* host order; 0 for protocols without ports */
	u16 from;	/* the socket's own port, host order; 0 = not known */
	u8 proto;	/* enum cw_proto */
	u8 family;	/* 4 or 6; else no address: only `to any` matches */
	u8 addr[16];	/* network order; family 4 uses the first 4 bytes */
	u32 scope;	/* interface of an address that has a zone; 0 = none */
	const char *zone;	/* its name, borrowed; NULL = not known */
};

/**
 * cw_request_name() - Sets the address that is judged when a program names one
 * @request: family and addr are set
 * @family:  4 or 6, of @address
 * @address: in network order, 4 or 16 bytes
 * @bound:   local address of the socket, 16 bytes, IPv4 as IPv4-mapped; all
 *           zero or NULL when the socket is bound to none
 *
 * The kernel takes 0.0.0.0 and :: to mean this host: the address that the
 * socket is bound to, else loopback.  IPv4-mapped IPv6 addresses are IPv4.
 * Any context; cannot fail.
 */
void cw_request_name(struct cw_request *request, u8 family, const u8 *address,
		     const u8 *bound);

/**
 * cw_request_inner() - Gives the IPv4 request inside an ISATAP address
 * @request: as it is judged
 * @inner:   the same with the IPv4 address that @request->addr carries
 *
 * An ISATAP address can have any prefix, so no set of prefixes can leave it
 * out.  It is judged twice instead, and cw_match() gives the stricter verdict.
 * Returns false when the address is no ISATAP address.  Any context.
 */
bool cw_request_inner(const struct cw_request *request,
		      struct cw_request *inner);

struct cw_verdict {
	u32 rule;	/* index, or CW_RULE_DEFAULT */
	bool allow;
	bool monitor;	/* the rule only reports: deny becomes would-deny */
	bool log;	/* this decision is to be logged */
	bool zero;	/* fills a register, so that nothing is masked out */
};

/* Does @a refuse more than @b?  allow < only reported < deny */
static inline bool cw_verdict_is_stricter(const struct cw_verdict *a,
					  const struct cw_verdict *b)
{
	return !a->allow && (b->allow || (b->monitor && !a->monitor));
}

/*
 * The subjects (distinct left-hand sides of rules) that apply to one process
 * under one policy, in the order of their first rule.  A function of policy
 * and identity alone, so it can be kept for (process, policy generation).
 */
struct cw_subjects {
	u32 count;
	bool overflow;	/* more than fit: cw_match() searches them again */
	bool many;	/* a text kept too many globs undecided: all is denied */
	u32 id[CW_SUBJECTS_KEPT];
};

/* A checked blob.  Borrows @data, which must outlive it unchanged. */
struct cw_blob {
	const struct cw_blob_header *header;
	const void *section[CW_SECTION_COUNT];
	u32 count[CW_SECTION_COUNT];	/* records in each section */
	u32 size;			/* bytes */
	/* The first rule that denies and asks what CW_IDENT_UNKNOWN hides, or
	 * CW_BLOB_NONE; [1]: likewise with CW_IDENT_ABSENT. */
	u32 veiled[2];
};

/*
 * Checks everything but the digest.  0; -EINVAL malformed, truncated or of
 * another version.  @data must be aligned to 8.
 */
int cw_blob_open(struct cw_blob *blob, const void *data, size_t size);
/* The version of the format that @data says it has; 0 = it is no blob.  So that
 * a refusal can name the release and not the damage.  Aligned likewise. */
u32 cw_blob_version(const void *data, size_t size);

/* Texts are checked to end inside the blob. */
static inline const char *cw_blob_text(const struct cw_blob *blob, u32 text)
{
	return (const char *)blob->section[CW_SECTION_STRING] + text;
}

/* What names a rule in a record: source line and label ("" = none). */
u32 cw_blob_rules(const struct cw_blob *blob);
u32 cw_blob_features(const struct cw_blob *blob);
const u8 *cw_blob_sha256(const struct cw_blob *blob);
u32 cw_blob_rule_line(const struct cw_blob *blob, u32 rule);
const char *cw_blob_rule_label(const struct cw_blob *blob, u32 rule);

void cw_match_subjects(const struct cw_blob *blob, const struct cw_ident *ident,
		       struct cw_subjects *out);

/*
 * @subjects as made by cw_match_subjects() from the same @blob and @ident.
 *
 * The user and the control group of an unknown process are known, so rules for
 * `any` that ask for no more apply to it.  But none lets it pass where the
 * default verdict is deny.  Where that is allow and a rule denies some program
 * before the process passes, it may be that program, and is denied.
 */
struct cw_verdict cw_match(const struct cw_blob *blob,
			   const struct cw_subjects *subjects,
			   const struct cw_ident *ident,
			   const struct cw_request *request);

/* `*` within a component, `**` across, `?` one byte that is not `/`. */
bool cw_glob_matches(const char *pattern, const char *path);
/* Also when @pattern matches a directory above @path. */
bool cw_glob_matches_below(const char *pattern, const char *path);

/* ---- cgroup.c: what the path of a control group says ---------------------- */

/* A part of a text. */
struct cw_part {
	const char *text;
	size_t size;
};

/*
 * One step from a path's root to its unit: true = @unit is a slice, with more
 * to come in @rest, or the unit itself, which is the last.
 */
bool cw_cgroup_next_unit(const char **rest, struct cw_part *unit);
/* The systemd unit, or the innermost slice; size 0 = none. */
struct cw_part cw_cgroup_unit(const char *cgroup);

#define CW_CONTAINER_MAX	256	/* a component of a path, and a NUL */
#define CW_CONTAINER_ID		12	/* digits of an id that engines show */

struct cw_container {
	const char *engine;	/* as in cw_container_engines() */
	struct cw_part name;	/* or id, as the control group has it */
};

/* Ends with NULL. */
const char *const *cw_container_engines(void);
/* False: the control group is not that of a container made by root's engines. */
bool cw_container_find(const char *cgroup, struct cw_container *container);
/* The name as people write it; false = too long. */
bool cw_container_name(const struct cw_container *container,
		       char name[CW_CONTAINER_MAX]);
/*
 * ENGINE:NAME as it is shown with paths: an id in its first 12 digits; false =
 * the name is too long, or has more than letters, digits and "._-:@+".
 */
#define CW_CONTAINER_SHOWN	80
bool cw_container_show(const struct cw_container *container,
		       char text[CW_CONTAINER_SHOWN]);
/* Splits [ENGINE:]NAME; gives back NAME; size 0 = no engine. */
const char *cw_container_pattern(const char *text, struct cw_part *engine);
/* The first digits of an id, which stand for all ids that begin so? */
bool cw_container_is_id(const char *pattern);
/* Is @cgroup that of a container which @text, [ENGINE:]NAME, names? */
bool cw_container_matches(const char *text, const char *cgroup);

/*
 * Does a variable of the environment make programs load or run what its writer has
 * chosen?  @text: NAME=VALUE; of @size bytes more than CW_ENVIRON_NAME do not matter.
 * _may_: quickly, by the first two bytes; false = it does not, true = look.
 */
#define CW_ENVIRON_NAME	32
bool cw_environ_steers(const char *text, size_t size);
bool cw_environ_may_steer(u8 first, u8 second);

/*
 * Shared among the engine's own files and the passes that build its index.
 */

/* FNV-1a. */
static inline u32 cw_hash_byte(u32 hash, char byte)
{
	return (hash ^ (u8)byte) * 16777619u;
}

/* FNV's low bits depend on few bytes; buckets are taken from the low bits. */
static inline u32 cw_hash_end(u32 hash, u32 kind)
{
	hash ^= kind * 0x9e3779b1u;
	hash ^= hash >> 15;
	hash *= 0x85ebca6bu;
	return hash ^ hash >> 13;
}

/* The hash of a key whose value is a number. */
static inline u32 cw_hash_value(u32 seed, u32 kind, u32 value)
{
	return cw_hash_end(seed ^ value * 0x85ebca77u, kind);
}

/* Limits of the work for one process, whatever the policy. */
#define CW_PLACES_OPEN	128	/* undecided globs of one text */
#define CW_HITS_MAX	256	/* globs that match one text */
#define CW_POOL_MAX	1024	/* of all texts of a process */
#define CW_GLOB_WORK_MAX (1u << 17)	/* places looked at for one text */

/**
 * struct cw_hits - which globs match one text
 * @place:	where they end; @count of them
 * @count:	number of places
 * @many:	there would be more, or it took too long: not all are here
 * @hash:	of a path, for keys
 * @length:	likewise, bytes
 */
struct cw_hits {
	const u32 *place;
	u32 count;
	u32 hash;
	u32 length;
	bool many;
};

/**
 * struct cw_texts - which globs match, where that has been found out before;
 *		     NULL = it has not
 */
struct cw_texts {
	const struct cw_hits *exe, *script, *ancestor[CW_ANCESTORS];
	const struct cw_hits *cgroup, *unit, *container;
};

/**
 * struct cw_traits - a process as rules see it, and room to find that out
 * @exe:	globs that match the path of the executable
 * @script:	likewise the path of its script
 * @cgroup:	likewise the path of its cgroup
 * @unit:	likewise the name of its unit
 * @container:	likewise the name of its container
 * @ancestor:	likewise the paths of its ancestors, nearest first
 * @many:	one of its texts has `many`
 * @work:	places looked at so far, which is the time that reading took
 * @text:	the text of the blob that is its path, 0 = not known
 * @used:	number of entries of @pool in use
 * @pool:	where all these hits keep their places
 * @now:	places that are open at one character of a text
 * @next:	places that are open at the next character
 */
struct cw_traits {
	struct cw_hits exe, script, cgroup, unit, container;
	struct cw_hits ancestor[CW_ANCESTORS];
	bool many;
	u32 work;
	u32 text;
	u32 used;
	u32 pool[CW_POOL_MAX];
	u32 now[CW_PLACES_OPEN], next[CW_PLACES_OPEN];
};

/*
 * Room of the caller's own thread or CPU, until it matches again.  Provided by
 * the world around; in the kernel with preemption off, and not in a softirq.
 */
struct cw_traits *cw_traits_room(void);
void cw_traits_find(const struct cw_blob *blob, const struct cw_ident *ident,
		    struct cw_traits *traits);
/* The globs that match a path: for struct cw_texts.  They live as long as
 * nothing else is done with @traits. */
void cw_traits_path(const struct cw_blob *blob, const char *path,
		    struct cw_traits *traits, struct cw_hits *hits);
/* Adds the globs below @root that match @text, in the pool of @traits. */
void cw_hits_add(const struct cw_blob *blob, struct cw_traits *traits,
		 struct cw_hits *hits, enum cw_root root, const char *text,
		 size_t size);

/* May stop the walk: true. */
typedef bool cw_visit(void *context, u32 subject);
/* Visits every subject that applies, in no order, some more than once.  True:
 * there are globs of which it is not known. */
bool cw_walk(const struct cw_blob *blob, const struct cw_ident *ident,
	     cw_visit *visit, void *context);

/*
 * Addresses that have a zone: fe80::/10, and multicast of scope 1 and 2.  @top:
 * the first 16 bits.
 */
static inline bool cw_zone_has(u32 top)
{
	return top >> 6 == 0xfe80 >> 6 ||
	       (top >> 8 == 0xff && ((top & 15) == 1 || (top & 15) == 2));
}

/* What a key has in place of @top: the zone, then which of the 96 it is. */
static inline u32 cw_zone_code(u32 top, u32 zone)
{
	return zone << 7 | (top < 0xff00 ? top & 63 :
			    48 + 16 * (top & 15) + (top >> 4 & 15));
}

/* Does a `log` statement want this verdict in the log? */
static inline bool cw_log_has(enum cw_log log, bool allow)
{
	return log == CW_LOG_ALL || (log == CW_LOG_DENY && !allow);
}

/* Offset of the section that follows what ends at @at. */
static inline u64 cw_blob_align(u64 at)
{
	return (at + CW_BLOB_ALIGN - 1) & ~(u64)(CW_BLOB_ALIGN - 1);
}

/* The first address that has a slot of its own. */
static inline u128 cw_blob_base(const struct cw_blob_table *table)
{
	return u128_of(table->base_hi, table->base_lo);
}

/* Is [first, next) inside a list of @count? */
static inline bool cw_blob_range_ok(u32 first, u32 next, u32 count)
{
	return first <= next && next <= count;
}

static inline bool cw_blob_is_zero(const u8 *byte, u64 size)
{
	while (size--)
		if (*byte++)
			return false;
	return true;
}

u32 cw_blob_record_size(enum cw_section section);

static inline bool cw_verdict_passes(const struct cw_verdict *verdict)
{
	return verdict->allow || verdict->monitor;
}

/* The verdict when no rule matches. */
struct cw_verdict cw_verdict_default(const struct cw_blob *blob,
				     const struct cw_ident *ident);
/* A text that keeps very many globs undecided must not get by the rules. */
struct cw_verdict cw_verdict_refusal(const struct cw_blob *blob);
/* Of an unknown process.  @verdict is that of the rules for `any`, or the default
 * one. */
struct cw_verdict cw_verdict_strictest(const struct cw_blob *blob,
				       const struct cw_ident *ident,
				       struct cw_verdict verdict);

/* Parts of cw_blob_open(), each after the ones before it. */
bool cw_check_rules(const struct cw_blob *blob);
/* CW_FEATURE_* that the rules use; the compiler has them from here too. */
u32 cw_check_features(const struct cw_blob *blob);
bool cw_check_index(const struct cw_blob *blob);
bool cw_check_tables(const struct cw_blob *blob);
bool cw_check_places(const struct cw_blob *blob);
/* The tree that has the text of a condition; CW_ROOT_COUNT: none has it.  A link
 * is compared as a whole, for its file meets the condition as well. */
enum cw_root cw_place_root(const struct cw_blob_cond *cond);
/* Does a glob end at this place? */
bool cw_check_end(const struct cw_blob *blob, u32 place);

/* One condition of a left-hand side, whatever it is stored in. */
struct cw_subject_cond {
	enum cw_cond_kind kind;
	u32 id;			/* uid or gid */
	const char *text;	/* of the kinds that have one */
	const u8 *digest;	/* CW_COND_SHA256: 32 bytes */
	const char *target;	/* CW_COND_SCRIPT: as in the rule, "" = none */
	bool of_any;		/* the left-hand side names no program */
};

/* Its rules do not hold at all times and from all ports, so that no other
 * subject's group can answer for them. */
static inline bool cw_subject_is_limited(const struct cw_blob_subject *subject)
{
	return subject[0].until || subject[0].from != subject[1].from;
}

/* Does a left-hand side ask what CW_IDENT_UNKNOWN hides?  @absent: and
 * CW_IDENT_ABSENT. */
bool cw_cond_is_veiled(enum cw_cond_kind kind, bool absent);
bool cw_exe_is_veiled(enum cw_exe_kind kind);
bool cw_subject_meets(const struct cw_ident *ident,
		      const struct cw_subject_cond *cond);
/* Is it the program (or `any`, or the kernel) that a left-hand side names? */
bool cw_subject_runs(const struct cw_ident *ident, enum cw_exe_kind kind,
		     const char *exe);

#endif
