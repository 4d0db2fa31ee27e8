// SPDX-License-Identifier: GPL-2.0-only
/*
 * The environment that a program was executed with: does it steer the program?
 * Looked at when the program is executed, for later the memory is its own.
 */
#include <linux/binfmts.h>
#include <linux/minmax.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
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
 * All strings from @at to @end, one after the other.  Preemption may be off, so a
 * page that is not there is not waited for.
 */
static bool read_all(unsigned long at, unsigned long end)
{
	bool inside = false;
	char piece[PIECE];
	size_t size, done;

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

/* ---- by the kernel's list of them ------------------------------------------ */

/* Strings that are looked at together. */
#define BATCH 16

/*
 * Reads the words at @base, and those at the @count addresses that they are.  Each
 * of these is in the environment; what follows its last bytes is current's as
 * well.  False: a page is not there, or an address is another.
 */
static bool read_batch(const struct mm_struct *mm, unsigned long base, u32 count,
		       unsigned long *at, u64 *start)
{
	const unsigned long __user *list = (const void __user *)base;
	u32 i;

	if (!user_read_access_begin(list, mm->env_end - base))
		return false;
	for (i = 0; i < count; i++)
		unsafe_get_user(at[i], &list[i], fault);
	for (i = 0; i < count; i++) {
		if (unlikely(at[i] - mm->env_start >=
			     mm->env_end - mm->env_start))
			goto fault;
		unsafe_get_user(start[i], (const u64 __user *)at[i], fault);
	}
	user_read_access_end();
	return true;
fault:
	user_read_access_end();
	return false;
}

/* The string at @at, which begins with @start. */
static bool steers(unsigned long at, unsigned long end, u64 start)
{
	const u8 *first = (const u8 *)&start;
	char name[CW_ENVIRON_NAME];
	size_t size = min_t(size_t, end - at, sizeof(name));

	if (likely(!cw_environ_may_steer(first[0], first[1])))
		return false;
	return copy_from_user_nofault(name, (const void __user *)at, size) ||
	       cw_environ_steers(name, size);
}

/* Are the three numbers where the list has them?  Not so for programs of 32 bits. */
static bool is_list(const struct linux_binprm *bprm)
{
	const long __user *list = (const void __user *)bprm->p;
	long words = (long)bprm->argc + bprm->envc + 3, argc, last, end;

	if (!user_read_access_begin(list, words * sizeof(*list)))
		return false;
	unsafe_get_user(argc, &list[0], fault);
	unsafe_get_user(last, &list[bprm->argc + 1], fault);
	unsafe_get_user(end, &list[words - 1], fault);
	user_read_access_end();
	return argc == bprm->argc && !last && !end;
fault:
	user_read_access_end();
	return false;
}

/*
 * The kernel has just written on the stack where each string begins:
 *
 *	argc, arguments, 0, variables, 0
 *
 * which spares us their values.  False: it did not, or a variable steers the
 * program.
 */
static bool read_listed(const struct linux_binprm *bprm)
{
	const struct mm_struct *mm = current->mm;
	unsigned long at[BATCH], base;
	u32 left = bprm->envc, count, i;
	u64 start[BATCH];

	if (!is_list(bprm))
		return false;
	base = bprm->p + (bprm->argc + 2) * sizeof(long);
	for (; left; left -= count, base += count * sizeof(long)) {
		count = min_t(u32, left, BATCH);
		if (!read_batch(mm, base, count, at, start))
			return false;
		for (i = 0; i < count; i++)
			if (steers(at[i], mm->env_end, start[i]))
				return false;
	}
	return true;
}

/* Tracepoint, in the call in which the kernel wrote all this. */
bool cw_environ_is_clean(const struct linux_binprm *bprm)
{
	const struct mm_struct *mm = current->mm;
	bool is_clean;

	if (mm->env_end < mm->env_start ||
	    mm->env_end - mm->env_start > ENVIRON_MAX)
		return false;
	pagefault_disable();
	is_clean = read_listed(bprm) || read_all(mm->env_start, mm->env_end);
	pagefault_enable();
	return is_clean;
}
