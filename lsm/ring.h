/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of records, for event.c, which knows what they tell.
 *
 * Writers, in hooks and under the locks of sockets, hold the lock of their CPU's
 * part from cw_ring_start() to cw_ring_finish(), with interrupts off.  Below it
 * ring.c takes no lock but its own.
 */
#ifndef CW_RING_H
#define CW_RING_H

#include <linux/kernel.h>
#include <linux/sizes.h>
#include <linux/types.h>

/* For @size bytes of records, 1 GiB at most, and 64 KiB for each CPU.  -ENOMEM.
 * May sleep. */
int cw_ring_init(unsigned long size);
/* Nobody writes or reads any more. */
void cw_ring_exit(void);

/* ---- writing ------------------------------------------------------------- */

#define CW_RING_RECORD_MAX (SZ_64K - 16)

/* A record under way. */
struct cw_ring_writer {
	struct lane *lane;
	unsigned long flags;
	u32 size;
};

/* Bytes of a record that has @size. */
static inline u32 cw_ring_padded(size_t size)
{
	return ALIGN(size, 8);
}

/**
 * cw_ring_start() - Begins a record, which is written where it stays
 * @writer: until cw_ring_finish()
 * @size:   cw_ring_padded(), of all of it; CW_RING_RECORD_MAX at most
 * @type:   enum cw_event_type
 * @share:  of whom it tells
 * @time:   ns since boot
 * @after:  what cw_ring_finish() gave back for the record that the reader must get
 *          first; 0 = there is none
 *
 * Any context.  Returns the record with its header filled in and its last eight
 * bytes zero, or NULL: there is no room for it, or @share may not add more.  That
 * is counted, and nothing is to be finished.
 */
void *cw_ring_start(struct cw_ring_writer *writer, u32 size, u32 type,
		    u16 share, u64 time, u64 after);
/* Gives the record to the reader; its place in the order, for @after. */
u64 cw_ring_finish(struct cw_ring_writer *writer);
/* Says how many were lost, if there is room.  Not only when more happens: the last
 * ones may be among the lost. */
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
