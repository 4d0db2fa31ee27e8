// SPDX-License-Identifier: GPL-2.0-only
/*
 * The environment that a program was executed with: does it steer the program?
 * Looked at when the program is executed, for later the memory is its own.
 */
#include <linux/mm_types.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "cw.h"

/* Bytes; more than that take too long with preemption off. */
#define ENVIRON_MAX 65536
/* Bytes read at once, on the stack. */
#define PIECE 256

#define ONES (~0ul / 0xff)

/* Where the string ends in @size bytes; @size = it goes on. */
static size_t string_end(const char *text, size_t size)
{
	size_t at;

	for (at = 0; at + sizeof(long) <= size; at += sizeof(long)) {
		unsigned long word;

		memcpy(&word, text + at, sizeof(word));
		if ((word - ONES) & ~word & (ONES << 7))
			break;
	}
	while (at < size && text[at])
		at++;
	return at;
}

/*
 * Looks at the strings that begin in a piece; @inside: its first bytes are the
 * rest of one that began before.  How much of it is done, 0 = one of them
 * steers the program.  A name that may be cut off at the end of the piece is
 * left for the next one; @last: there is none.
 */
static size_t read_piece(const char *piece, size_t size, bool *inside, bool last)
{
	size_t at = 0;

	while (at < size) {
		if (!*inside) {
			if (!last && size - at < CW_ENVIRON_NAME)
				break;
			if (cw_environ_steers(piece + at, size - at))
				return 0;
		}
		at += string_end(piece + at, size - at);
		*inside = at == size;
		at += !*inside;
	}
	return at;
}

/*
 * Tracepoint: preemption may be off, so a page that is not there is not waited
 * for.  The kernel has just written these, in the same call.
 */
bool cw_environ_is_clean(const struct mm_struct *mm)
{
	unsigned long at = mm->env_start, end = mm->env_end;
	bool inside = false;
	char piece[PIECE];
	size_t size, done;

	if (end < at || end - at > ENVIRON_MAX)
		return false;
	while (at < end) {
		size = min_t(size_t, end - at, PIECE);
		if (copy_from_user_nofault(piece, (const void __user *)at,
					   size))
			return false;
		done = read_piece(piece, size, &inside, at + size == end);
		if (!done)
			return false;
		at += done;
	}
	return true;
}
