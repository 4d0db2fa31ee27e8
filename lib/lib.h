/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ground floor, userspace only: what is not about connections or policies
 * and serves both programs, grouped by file.  It includes nothing but include/.
 *
 * Functions return 0 or a negative errno unless it is said otherwise.
 */
#ifndef CW_LIB_H
#define CW_LIB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "include/cw_words.h"

/* ---- log.c: standard error, with levels when systemd reads it ----------- */

void log_open(const char *name);
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The host is not protected as it should be. */
void log_critical(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
/* Only before policyd is ready: afterwards it keeps going and says so. */
void fatal(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* ---- memory.c: every allocation of the compiler and of the containers --- */

/* A test can make any one allocation fail.  cw_free() is free(). */
void *cw_alloc(size_t size);
void *cw_realloc(void *old, size_t size);
void cw_free(void *memory);
/* Allocations asked for since the start of the process. */
uint64_t cw_alloc_count(void);
/* The @nth allocation from now fails (1 = the next), @forever: and all after
 * it.  0 = none.  For tests; not thread-safe. */
void cw_alloc_fail(uint64_t nth, bool forever);

/* ---- array.c: growing arrays --------------------------------------------- */

/* Starts as zeroes.  @count and @room in elements; the holder frees @data. */
struct cw_array {
	void *data;
	uint32_t count, room;
};

/* Appends one element of @size bytes, zeroed; NULL = no memory. */
void *cw_array_push(struct cw_array *array, size_t size);
/* Room for @more elements of @size bytes; a pointer to the first, which are not
 * counted yet.  NULL = no memory. */
void *cw_array_grow(struct cw_array *array, uint64_t more, size_t size);
/* Appends a number to an array of uint32_t. */
int cw_array_add(struct cw_array *array, uint32_t value);
void cw_array_free(struct cw_array *array);
/*
 * For arrays whose holder has members of their own type: @array with room for
 * one more than @count elements of @size bytes, perhaps moved.  NULL = no
 * memory, and @array is as it was.
 */
void *cw_grow(void *array, size_t count, size_t *room, size_t size);

/* ---- map.c: hash tables -------------------------------------------------- */

/* An open-addressed map from a non-zero key to a value.  Starts as zeroes. */
struct cw_map {
	struct cw_map_slot *slots;
	uint8_t *hints;			/* behind the slots */
	uint32_t count, room;
};

/* The value's place, zeroed when new; NULL = no memory. */
uint64_t *cw_map_put(struct cw_map *map, uint64_t key);
/* NULL = not there. */
uint64_t *cw_map_get(const struct cw_map *map, uint64_t key);
/* Room for @count keys at once; false = no memory. */
bool cw_map_reserve(struct cw_map *map, uint32_t count);
/* False = not there.  True = perhaps; cw_map_get() should be left a moment,
 * as the memory that it looks at is only now being fetched. */
bool cw_map_may_have(const struct cw_map *map, uint64_t key);
/* Forgets all keys, keeps the memory. */
void cw_map_clear(struct cw_map *map);
void cw_map_free(struct cw_map *map);
uint64_t cw_map_hash(const void *data, size_t size);
uint64_t cw_map_mix(uint64_t a, uint64_t b);

/* ---- intern.c: equal things get one number ------------------------------- */

#define CW_INTERN_NONE	UINT32_MAX

/* Finds equal things by hash; the caller says whether two are equal.  Starts as
 * zeroes. */
struct cw_intern {
	struct cw_intern_slot {
		uint32_t hash, id;
	} *slot;
	uint32_t mask, used;
};

/*
 * The id of the thing that has @hash and for which @same says yes.  When there
 * is none, a place that holds CW_INTERN_NONE, which the caller must replace.
 * NULL = no memory.
 */
uint32_t *cw_intern_find(struct cw_intern *intern, uint32_t hash,
			 bool (*same)(const void *context, uint32_t id),
			 const void *context);
/* Room for @count things at once; false = no memory. */
bool cw_intern_reserve(struct cw_intern *intern, uint32_t count);
/* Forgets all things, keeps the memory. */
void cw_intern_clear(struct cw_intern *intern);
void cw_intern_free(struct cw_intern *intern);
uint32_t cw_intern_hash(uint32_t hash, const void *data, size_t size);

/* ---- names.c: strings by number ------------------------------------------ */

#define CW_NAME_NONE	UINT32_MAX

struct cw_name {
	char *data;			/* with a NUL behind it */
	size_t size;
};

/* Starts as zeroes. */
struct cw_names {
	struct cw_array name;		/* struct cw_name */
	struct cw_intern intern;
};

/* The number of these bytes, the same each time; CW_NAME_NONE = no memory. */
uint32_t cw_names_add(struct cw_names *names, const void *data, size_t size);
/* Valid until cw_names_free(); "" = there is no such number. */
const char *cw_names_get(const struct cw_names *names, uint32_t number);
void cw_names_free(struct cw_names *names);
/* Has another value in each process: strangers choose the data, and must not be
 * able to make it collide. */
uint64_t cw_names_hash(const void *data, size_t size);

/* ---- character.c: UTF-8, and what a reader of a text can see ------------- */

enum cw_character_kind {
	CW_CHARACTER_VISIBLE,		/* a blank (U+0020) counts as visible */
	CW_CHARACTER_CONTROL,
	CW_CHARACTER_BIDI,
	CW_CHARACTER_SPACE,
	CW_CHARACTER_INVISIBLE,
	CW_CHARACTER_UNASSIGNED,	/* also private use: no common glyph */
};

enum cw_character_kind cw_character_kind(uint32_t code);
/* Bytes of the well-formed UTF-8 character at @at; 0 = there is none. */
size_t cw_character_decode(const char *at, size_t size, uint32_t *code);
/* The same, but 0 as well when the character is not a visible one. */
size_t cw_character_visible(const char *at, size_t size);

/* ---- text.c: text that strangers choose, written so that it forges nothing */

enum cw_text_kind {
	CW_TEXT_ASCII,		/* for terminals, pipes: printable ASCII stays */
	CW_TEXT_UNICODE,	/* for pictures: a character stays if it is
				 * visible and does not move others */
};

/*
 * Bytes that may not stand become \ooo, the backslash and the bytes of
 * @separators (ASCII) among them: the text can be mistaken neither for another
 * one nor for what stands around it.  cw_unescape() is the way back.
 */
void cw_text_print(FILE *out, enum cw_text_kind kind, const char *text,
		   const char *separators);
/* @out has room for 4 * @size + 1 bytes; returns how many it got, without the
 * NUL. */
size_t cw_text_escape(enum cw_text_kind kind, const char *text, size_t size,
		      const char *separators, char *out);
/* Does the text begin with \ooo? */
bool cw_text_is_escape(const char *text, size_t size);
/* Does the character look like itself, and leave all others where they are?
 * @is_first: of its text. */
bool cw_text_is_steady(uint32_t code, bool is_first);
/* Undoes \ooo; returns the length.  @out holds @length + 1 bytes. */
size_t cw_unescape(char *out, const char *text, size_t length);
/* Makes a whole message harmless: bytes that may not stand become question
 * marks; backslashes stay, for names in it have been escaped. */
void cw_text_tame(char *text);

/* ---- json.c: the only writer of JSON ------------------------------------- */

/*
 * A string of JSON with its quotes.  Bytes that are not UTF-8 become \ooo in
 * its value, and so does a backslash that would look like one of these;
 * characters that CW_TEXT_UNICODE escapes are \uXXXX, which is the same value.
 */
void cw_json_bytes(FILE *out, const char *text, size_t size);
void cw_json_string(FILE *out, const char *text);
/* ,"KEY":VALUE; null for "" and NULL, for @none, for 0. */
void cw_json_text(FILE *out, const char *key, const char *text);
void cw_json_number(FILE *out, const char *key, uint64_t number, uint64_t none);
void cw_json_time(FILE *out, const char *key, int64_t time);

/* ---- words.c: the words of include/cw_words.h ---------------------------- */

/* A word of the table; the other way the number, -1 = there is no such word. */
const char *cw_proto_name(unsigned proto);
int cw_proto_parse(const char *word);
const char *cw_mode_name(unsigned mode);
bool cw_mode_parse(const char *word, enum cw_mode *mode);
/* "-", which is no word the other way: not judged, or of another release. */
const char *cw_outcome_name(unsigned outcome);
int cw_outcome_parse(const char *word);
int cw_state_parse(const char *word);
const char *cw_attribution_name(unsigned attribution);
int cw_attribution_parse(const char *word);
/* "-": not over, not known, or of another release. */
const char *cw_ending_name(unsigned ending);
int cw_ending_parse(const char *word);
/* The same for a table of the caller's. */
int cw_word_find(const char *const *words, size_t count, const char *word);

/* ---- word.c: words of command lines and of files ------------------------- */

/* Decimal digits without a leading zero, at most @most; false = not that. */
bool cw_number_parse(const char *text, size_t size, uint64_t most,
		     uint64_t *number);
bool cw_ends_with(const char *text, const char *end);
/* Cuts @line at each byte of @separators; several of them are one.  Returns the
 * number of words, at most @room. */
unsigned cw_split(char *line, const char *separators, char **words,
		  unsigned room);
/* Insertions, deletions, changes and swaps of letters that make @b of @a, in
 * whatever case; more than @limit = @limit + 1. */
uint32_t cw_word_distance(const char *a, size_t a_size, const char *b,
			  size_t b_size, uint32_t limit);

/* ---- file.c: whole files, and paths -------------------------------------- */

/*
 * Reads from @fd until the end: @data gets memory of cw_alloc() with a NUL
 * behind it, @size its length without the NUL.  @expected: how much it may be;
 * -EFBIG: it is more than @most.
 */
int cw_file_read(int fd, size_t expected, uint64_t most, char **data,
		 size_t *size);
/* @path itself, or behind the current directory; malloc()ed.  NULL: errno. */
char *cw_path_absolute(const char *path);

/* ---- time.c: ns since 1970 as text --------------------------------------- */

#define CW_TIME_ROOM	64		/* with the NUL */

/* RFC 3339 with milliseconds: "2026-11-25T02:21:49.123Z" */
const char *cw_time_utc(int64_t time, char text[CW_TIME_ROOM]);
/* "2026-11-25 02:21:49.123" */
const char *cw_time_local(int64_t time, char text[CW_TIME_ROOM]);
/* RFC 3339, with any zone and up to 9 digits of fraction.  -EINVAL. */
int cw_time_parse_utc(const char *text, int64_t *time);
/* Also local time without a zone, "now", and "15m" for so long ago. */
int cw_time_parse(const char *text, int64_t now, int64_t *time);
int64_t cw_time_now(void);

#endif
