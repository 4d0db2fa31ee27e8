/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring of records, for event.c, which knows what they tell.
 *
 * Writers, in hooks and under the locks of sockets, hold cw_ring_lock, with
 * interrupts off.  No lock is taken below it.
 */
#ifndef CW_RING_H
#define CW_RING_H

#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* At least 2 * CW_EVENT_MAX and at most 1 GiB; rounded up to a power of two.
 * -ENOMEM.  May sleep. */
int cw_ring_init(unsigned long size);
/* Nobody writes or reads any more. */
void cw_ring_exit(void);

/* ---- writing ------------------------------------------------------------- */

extern spinlock_t cw_ring_lock;

/* A record under way: where its next bytes go. */
struct cw_ring_writer {
	u64 at;
	u64 end;
};

/* Bytes of a record that has @size. */
static inline u32 cw_ring_padded(size_t size)
{
	return ALIGN(size, 8);
}

/*
 * Begins a record with its header.  @size: cw_ring_padded(), of all of it.
 * False: no room for it, or @share may not add more; that is counted.
 * cw_ring_lock held from here to cw_ring_finish().
 */
bool cw_ring_start(struct cw_ring_writer *writer, u32 size, u32 type, u16 share);
void cw_ring_put(struct cw_ring_writer *writer, const void *data, size_t size);
/* With its NUL. */
void cw_ring_put_text(struct cw_ring_writer *writer, const char *text);
/* Fills the record up with zeroes, and gives it to the reader. */
void cw_ring_finish(struct cw_ring_writer *writer);
/* A record without strings, at once; @record starts with room for the header. */
void cw_ring_append(const void *record, u32 size, u32 type, u16 share);
/* Says how many were lost, if there is room.  Not only when more happens: the last
 * ones may be among the lost.  cw_ring_lock not held. */
void cw_ring_say_lost(void);
/* Any context. */
u64 cw_ring_lost(void);

/* ---- reading; one reader at a time ---------------------------------------- */

/* Are there records that have not been read?  Needs no lock. */
bool cw_ring_has_news(void);
/* Whole records: bytes; 0 = there is none; -EFAULT; -EMSGSIZE the first is longer
 * than @size.  May sleep. */
ssize_t cw_ring_copy(char __user *to, size_t size);
/* Gives up the records with numbers up to @upto; -EINVAL = not read yet. */
int cw_ring_acknowledge(u64 upto);
/* Reads again from the first record that was not acknowledged. */
void cw_ring_rewind(void);

#endif
