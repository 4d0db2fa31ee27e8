// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring of records (include/cw_event.h), which wait for one reader.
 *
 *        kept until acknowledged
 *   -----[acked]=======[read]=======[head]-----
 *
 * Positions count bytes since the start; the ring holds them modulo its size.
 * Writers go one at a time by cw_ring_lock, and publish head when the bytes are
 * there.  The reader, who is one at a time by a lock of event.c's, owns acked and
 * read and needs no other: nobody writes between acked and head.
 *
 * Once an eighth of the ring is left, each user (share.c) may add a quarter of
 * that until there is more again: who makes events faster than they are read
 * does not make those of others get lost.
 */
#include <linux/atomic.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../include/cw_event.h"
#include "conn.h"
#include "ring.h"

DEFINE_SPINLOCK(cw_ring_lock);

static u8 *ring;
static u64 ring_size;	/* power of two */
static u64 head, sequence, unsaid;	/* cw_ring_lock; head: acquire, release */
static struct {
	u32 crowd;	/* when it was */
	u32 bytes;
} added[2 * CW_SHARES];	/* cw_ring_lock: while the ring is nearly full */
static u32 crowd;	/* cw_ring_lock: number of the last such time; odd = now */
static atomic64_t acked_at = ATOMIC64_INIT(0);
static atomic64_t lost = ATOMIC64_INIT(0);

static u64 read_at;	/* the reader's */
static u64 read_sequence;	/* the reader's: of the last record that was read */

/* ---- writing; cw_ring_lock held ------------------------------------------------ */

void cw_ring_put(struct cw_ring_writer *writer, const void *data, size_t size)
{
	size_t offset = writer->at & (ring_size - 1);
	size_t first = min_t(size_t, size, ring_size - offset);

	memcpy(ring + offset, data, first);
	memcpy(ring, data + first, size - first);
	writer->at += size;
}

void cw_ring_put_text(struct cw_ring_writer *writer, const char *text)
{
	cw_ring_put(writer, text, strlen(text) + 1);
}

static u64 room(void)
{
	return ring_size - (head - atomic64_read_acquire(&acked_at));
}

static void start(struct cw_ring_writer *writer, u32 size, u32 type)
{
	struct cw_event event = {
		.size = size, .type = type, .sequence = ++sequence,
	};

	writer->at = head;
	writer->end = head + size;
	cw_ring_put(writer, &event, sizeof(event));
}

void cw_ring_finish(struct cw_ring_writer *writer)
{
	static const u8 zeroes[8];

	cw_ring_put(writer, zeroes, writer->end - writer->at);
	smp_store_release(&head, writer->end);
}

static void say_lost(void)
{
	struct cw_ring_writer writer;

	start(&writer, sizeof(struct cw_event_lost), CW_EVENT_LOST);
	cw_ring_put(&writer, &unsaid, sizeof(unsaid));
	cw_ring_finish(&writer);
	unsaid = 0;
}

/* A lost record leaves out its sequence number. */
static void lose(void)
{
	sequence++;
	unsaid++;
	atomic64_inc(&lost);
}

static bool is_crowded(void)
{
	bool now = room() < ring_size / 8;

	if (now != (crowd & 1))
		crowd++;
	return now;
}

/* Has @share added what it may?  A longest record always goes. */
static bool is_greedy(u16 share, u32 size)
{
	if (!is_crowded())
		return false;
	if (added[share].crowd != crowd) {
		added[share].crowd = crowd;
		added[share].bytes = 0;
	}
	if (added[share].bytes + size >
	    max_t(u64, ring_size / 32, CW_EVENT_MAX))
		return true;
	added[share].bytes += size;
	return false;
}

/* False: no room for @size bytes of @share, and that is counted. */
static bool reserve(u32 size, u16 share)
{
	u64 needed = size + (unsaid ? sizeof(struct cw_event_lost) : 0);

	if (room() < needed || is_greedy(share, size)) {
		lose();
		return false;
	}
	if (unsaid)
		say_lost();
	return true;
}

bool cw_ring_start(struct cw_ring_writer *writer, u32 size, u32 type, u16 share)
{
	if (!reserve(size, share))
		return false;
	start(writer, size, type);
	return true;
}

void cw_ring_append(const void *record, u32 size, u32 type, u16 share)
{
	struct cw_ring_writer writer;

	if (!cw_ring_start(&writer, size, type, share))
		return;
	cw_ring_put(&writer, record + sizeof(struct cw_event),
		    size - sizeof(struct cw_event));
	cw_ring_finish(&writer);
}

void cw_ring_say_lost(void)
{
	unsigned long flags;

	spin_lock_irqsave(&cw_ring_lock, flags);
	if (unsaid && room() >= sizeof(struct cw_event_lost))
		say_lost();
	spin_unlock_irqrestore(&cw_ring_lock, flags);
}

u64 cw_ring_lost(void)
{
	return atomic64_read(&lost);
}

/* ---- reading ------------------------------------------------------------------- */

/* Bytes of a record may go around the end of the ring. */
static void peek(u64 at, void *to, size_t size)
{
	size_t offset = at & (ring_size - 1);
	size_t first = min_t(size_t, size, ring_size - offset);

	memcpy(to, ring + offset, first);
	memcpy(to + first, ring, size - first);
}

static int copy_out(u64 at, char __user *to, size_t size)
{
	size_t offset = at & (ring_size - 1);
	size_t first = min_t(size_t, size, ring_size - offset);

	if (copy_to_user(to, ring + offset, first) ||
	    copy_to_user(to + first, ring, size - first))
		return -EFAULT;
	return 0;
}

bool cw_ring_has_news(void)
{
	return READ_ONCE(read_at) != smp_load_acquire(&head);
}

ssize_t cw_ring_copy(char __user *to, size_t size)
{
	u64 end = smp_load_acquire(&head);
	struct cw_event event;
	size_t copied = 0;

	while (read_at != end) {
		peek(read_at, &event, sizeof(event));
		if (event.size > size - copied)
			break;
		if (copy_out(read_at, to + copied, event.size))
			return copied ? copied : -EFAULT;
		copied += event.size;
		WRITE_ONCE(read_at, read_at + event.size);
		read_sequence = event.sequence;
	}
	if (copied)
		return copied;
	return read_at == end ? 0 : -EMSGSIZE;
}

int cw_ring_acknowledge(u64 upto)
{
	u64 at = atomic64_read(&acked_at);
	struct cw_event event;

	if (upto > read_sequence)
		return -EINVAL;
	while (at != read_at) {
		peek(at, &event, sizeof(event));
		if (event.sequence > upto)
			break;
		at += event.size;
	}
	/* Writers may use the bytes from now on. */
	atomic64_set_release(&acked_at, at);
	return 0;
}

void cw_ring_rewind(void)
{
	WRITE_ONCE(read_at, atomic64_read(&acked_at));
	read_sequence = 0;
}

/* ---- start and end ------------------------------------------------------------- */

int cw_ring_init(unsigned long size)
{
	ring_size = roundup_pow_of_two(clamp_t(unsigned long, size,
					       2 * CW_EVENT_MAX, SZ_1G));
	ring = kvmalloc(ring_size, GFP_KERNEL);
	return ring ? 0 : -ENOMEM;
}

void cw_ring_exit(void)
{
	kvfree(ring);
}
