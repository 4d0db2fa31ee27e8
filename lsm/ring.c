// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records (include/cw_event.h), which wait for one reader.
 *
 * Each CPU writes into a lane of its own, so that connections on different CPUs
 * write no line of memory in common.  A lane is a list of chunks:
 *
 *        kept until acknowledged
 *   -----[acked]=======[read]=======[written]-----
 *
 * Chunks come from a pool that all lanes share, so one busy CPU may use all the
 * memory.  A lane takes the pool's lock when a chunk is full, not for each record.
 *
 * The reader merges the lanes.  A record gets a stamp when it is written, in
 * place of the sequence number that the reader gives it.  The stamp is the time,
 * but larger than that of the record before in the lane, and than @after of
 * cw_ring_start(), which is that of the record that must come first.  What has a
 * number keeps it, for a reader that has to read it again.
 *
 * Writers hold the lock of their lane, with interrupts off, and publish @written
 * when the bytes are there.  The reader, who is one at a time by a lock of
 * event.c's, owns acked and read, and what is between them and @written.
 *
 * Once an eighth of the pool is left, each user (share.c) may add a quarter of
 * that until there is more again: who makes events faster than they are read
 * does not make those of others get lost.
 */
#include <linux/cache.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "include/cw_event.h"
#include "owner.h"
#include "ring.h"

/**
 * struct chunk - records of one lane
 * @next:	of the same lane, or of the pool
 * @used:	bytes; no more than that if there is a next one
 * @data:	the records, one after the other
 */
struct chunk {
	struct chunk *next;
	u32 used;
	u8 data[] __aligned(8);
};

#define CHUNK_BYTES SZ_64K

static_assert(sizeof(struct chunk) + CW_RING_RECORD_MAX == CHUNK_BYTES);

/**
 * struct place - where something is in a lane
 * @chunk:	the chunk that has it
 * @offset:	bytes from the start of the data of @chunk
 * @position:	bytes of records before it, since the start
 */
struct place {
	struct chunk *chunk;
	u32 offset;
	u64 position;
};

/**
 * struct lane - the records of one CPU
 * @tail:	into which the CPU writes
 * @written:	position behind the last whole record; acquire, release
 * @stamp:	of the last record
 * @unsaid:	records that were lost since the last CW_EVENT_LOST
 * @lost:	in all; READ_ONCE, WRITE_ONCE
 * @next:	the reader's, like what follows: another lane that has news
 * @known:	@written, when it was looked at
 * @safe:	up to there, what had to come before is known in each lane
 */
struct lane {
	spinlock_t lock;
	struct chunk *tail;
	u64 written;
	u64 stamp;
	u64 unsaid;
	u64 lost;

	struct lane *next ____cacheline_aligned_in_smp;
	struct place acked;
	struct place read;
	u64 known;
	u64 safe;
} ____cacheline_aligned_in_smp;

static DEFINE_PER_CPU_ALIGNED(struct lane, lanes);

static u8 *memory __read_mostly;
static u32 pool_size __read_mostly;	/* chunks, beside one of each lane */

/* How often the pool was nearly empty, and each time was over; odd = it is now.
 * pool.lock to write, READ_ONCE, WRITE_ONCE. */
static u32 crowd __read_mostly;

/* Its own lock. */
static struct {
	spinlock_t lock;
	struct chunk *chunks;
	u32 count;
	struct {
		u32 crowd;	/* when it was */
		u32 bytes;
	} added[CW_OWNERS];
} ____cacheline_aligned_in_smp pool = {
	.lock = __SPIN_LOCK_UNLOCKED(pool.lock),
};

/* The reader's. */
static struct lane *active;	/* lanes that have news */
static u64 sequence;		/* the last number that was given */
static u64 read_sequence;	/* of the last record that was read */

/* A number is smaller than each stamp. */
#define STAMP (1ull << 63)

/* ---- chunks ---------------------------------------------------------------------- */

static void update_crowd_locked(void)
{
	bool now = pool.count <= pool_size / 8;

	if (now != (crowd & 1))
		WRITE_ONCE(crowd, crowd + 1);
}

/* Interrupts are off; NULL = there is none. */
static struct chunk *take_chunk(void)
{
	struct chunk *chunk;

	spin_lock(&pool.lock);
	chunk = pool.chunks;
	if (chunk) {
		pool.chunks = chunk->next;
		pool.count--;
		update_crowd_locked();
	}
	spin_unlock(&pool.lock);
	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->used = 0;
	return chunk;
}

static void give_chunk(struct chunk *chunk)
{
	unsigned long flags;

	spin_lock_irqsave(&pool.lock, flags);
	chunk->next = pool.chunks;
	pool.chunks = chunk;
	pool.count++;
	update_crowd_locked();
	spin_unlock_irqrestore(&pool.lock, flags);
}

/* Has @share added what it may?  A longest record always goes.  Interrupts off. */
static noinline bool is_greedy(u16 share, u32 size)
{
	u64 limit = max_t(u64, (u64)pool_size * CHUNK_BYTES / 32, CW_EVENT_MAX);
	bool greedy = false;

	spin_lock(&pool.lock);
	if (pool.added[share].crowd != crowd) {
		pool.added[share].crowd = crowd;
		pool.added[share].bytes = 0;
	}
	if (crowd & 1) {
		greedy = pool.added[share].bytes + size > limit;
		pool.added[share].bytes += greedy ? 0 : size;
	}
	spin_unlock(&pool.lock);
	return greedy;
}

/* ---- writing; the lane's lock held ---------------------------------------------- */

static bool has_room(const struct lane *lane, u32 size)
{
	return lane->tail->used + size <= CW_RING_RECORD_MAX;
}

/* False: there is no room. */
static bool make_room(struct lane *lane, u32 size)
{
	struct chunk *fresh;

	if (likely(has_room(lane, size)))
		return true;
	fresh = size <= CW_RING_RECORD_MAX ? take_chunk() : NULL;
	if (!fresh)
		return false;
	/* The reader looks there when what is in it is published. */
	lane->tail->next = fresh;
	lane->tail = fresh;
	return true;
}

/* There is room. */
static struct cw_event *begin(struct lane *lane, u32 size, u32 type, u64 stamp)
{
	void *at = lane->tail->data + lane->tail->used;
	struct cw_event *event = at;

	lane->stamp = max(stamp, lane->stamp + 1);
	/* What a string leaves of the last eight bytes. */
	*(u64 *)(at + size - 8) = 0;
	event->size = size;
	event->type = type;
	event->sequence = lane->stamp | STAMP;
	return event;
}

static void publish(struct lane *lane, u32 size)
{
	lane->tail->used += size;
	smp_store_release(&lane->written, lane->written + size);
}

static void say_lost(struct lane *lane)
{
	struct cw_event_lost *record;

	record = (void *)begin(lane, sizeof(*record), CW_EVENT_LOST, 0);
	record->count = lane->unsaid;
	publish(lane, sizeof(*record));
	lane->unsaid = 0;
}

static void lose(struct lane *lane)
{
	lane->unsaid++;
	WRITE_ONCE(lane->lost, lane->lost + 1);
}

/* False: no room for @size bytes of @share, and that is counted. */
static bool reserve(struct lane *lane, u32 size, u16 share)
{
	u32 needed = size + (unlikely(lane->unsaid) ?
			     sizeof(struct cw_event_lost) : 0);

	if (!make_room(lane, needed) ||
	    (unlikely(READ_ONCE(crowd) & 1) && is_greedy(share, size))) {
		lose(lane);
		return false;
	}
	if (unlikely(lane->unsaid))
		say_lost(lane);
	return true;
}

void *cw_ring_start(struct cw_ring_writer *writer, u32 size, u32 type,
		    u16 share, u64 time, u64 after)
{
	struct lane *lane;

	local_irq_save(writer->flags);
	lane = this_cpu_ptr(&lanes);
	spin_lock(&lane->lock);
	if (likely(reserve(lane, size, share))) {
		writer->lane = lane;
		writer->size = size;
		return begin(lane, size, type, max(time, after + 1));
	}
	spin_unlock(&lane->lock);
	local_irq_restore(writer->flags);
	return NULL;
}

u64 cw_ring_finish(struct cw_ring_writer *writer)
{
	struct lane *lane = writer->lane;
	u64 stamp = lane->stamp;

	publish(lane, writer->size);
	spin_unlock(&lane->lock);
	local_irq_restore(writer->flags);
	return stamp;
}

/* Has the memory of the lane of @cpu, which may be busy or off, room to say so? */
static void say_lost_of(int cpu)
{
	struct lane *lane = per_cpu_ptr(&lanes, cpu);
	unsigned long flags;

	spin_lock_irqsave(&lane->lock, flags);
	if (lane->unsaid && make_room(lane, sizeof(struct cw_event_lost)))
		say_lost(lane);
	spin_unlock_irqrestore(&lane->lock, flags);
}

void cw_ring_say_lost(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		say_lost_of(cpu);
}

u64 cw_ring_lost(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(&lanes, cpu)->lost);
	return sum;
}

/* ---- reading --------------------------------------------------------------------- */

/* The record at @place, which is not the end of the lane. */
static struct cw_event *record_at(struct place *place)
{
	/* There is a next chunk, then, and @used is final. */
	if (place->offset == READ_ONCE(place->chunk->used)) {
		place->chunk = place->chunk->next;
		place->offset = 0;
	}
	return (void *)(place->chunk->data + place->offset);
}

static void advance(struct place *place, u32 size)
{
	place->offset += size;
	WRITE_ONCE(place->position, place->position + size);
}

/*
 * What there is to be read now.  A record that had to come first was published
 * before the one that comes after it: so when the second look, at all lanes,
 * follows the first, what the first one saw can be given out.
 */
static void look(void)
{
	struct lane *lane;
	int cpu;

	for_each_possible_cpu(cpu) {
		lane = per_cpu_ptr(&lanes, cpu);
		lane->safe = smp_load_acquire(&lane->written);
	}
	active = NULL;
	for_each_possible_cpu(cpu) {
		lane = per_cpu_ptr(&lanes, cpu);
		lane->known = smp_load_acquire(&lane->written);
		if (lane->read.position == lane->known)
			continue;
		lane->next = active;
		active = lane;
	}
}

/* The lane that has the earliest record; NULL = none has any. */
static struct lane *find_earliest(void)
{
	struct lane *lane, *earliest = NULL;
	u64 least = U64_MAX, number;

	for (lane = active; lane; lane = lane->next) {
		if (lane->read.position == lane->known)
			continue;
		number = record_at(&lane->read)->sequence;
		if (number < least) {
			least = number;
			earliest = lane;
		}
	}
	return earliest;
}

/* What the second look alone has seen is safe after two more. */
static struct lane *find_next(void)
{
	struct lane *lane = find_earliest();

	while (lane && lane->read.position >= lane->safe) {
		look();
		lane = find_earliest();
	}
	return lane;
}

/* Numbers of records that were lost are left out. */
static void give_number(struct cw_event *event)
{
	if (!(event->sequence & STAMP))
		return;
	if (event->type == CW_EVENT_LOST)
		sequence += ((struct cw_event_lost *)event)->count;
	event->sequence = ++sequence;
}

bool cw_ring_has_news(void)
{
	struct lane *lane;
	int cpu;

	for_each_possible_cpu(cpu) {
		lane = per_cpu_ptr(&lanes, cpu);
		if (READ_ONCE(lane->read.position) !=
		    smp_load_acquire(&lane->written))
			return true;
	}
	return false;
}

ssize_t cw_ring_copy(char __user *to, size_t size)
{
	struct cw_event *event;
	struct lane *lane;
	size_t copied = 0;

	look();
	while ((lane = find_next())) {
		event = record_at(&lane->read);
		if (event->size > size - copied)
			return copied ?: -EMSGSIZE;
		give_number(event);
		if (copy_to_user(to + copied, event, event->size))
			return copied ?: -EFAULT;
		copied += event->size;
		read_sequence = event->sequence;
		advance(&lane->read, event->size);
	}
	return copied;
}

/* Gives back chunks that have been acknowledged. */
static void acknowledge(struct lane *lane, u64 upto)
{
	struct chunk *chunk = lane->acked.chunk;
	struct cw_event *event;

	while (lane->acked.position != lane->read.position) {
		event = record_at(&lane->acked);
		if (lane->acked.chunk != chunk) {
			give_chunk(chunk);
			chunk = lane->acked.chunk;
		}
		if (event->sequence > upto)
			break;
		advance(&lane->acked, event->size);
	}
}

int cw_ring_acknowledge(u64 upto)
{
	int cpu;

	if (upto > read_sequence)
		return -EINVAL;
	for_each_possible_cpu(cpu)
		acknowledge(per_cpu_ptr(&lanes, cpu), upto);
	return 0;
}

void cw_ring_rewind(void)
{
	struct lane *lane;
	int cpu;

	for_each_possible_cpu(cpu) {
		lane = per_cpu_ptr(&lanes, cpu);
		lane->read = lane->acked;
	}
	read_sequence = 0;
}

/* ---- start and end --------------------------------------------------------------- */

static void start_lane(struct lane *lane)
{
	spin_lock_init(&lane->lock);
	lane->tail = take_chunk();
	lane->acked.chunk = lane->read.chunk = lane->tail;
}

int cw_ring_init(unsigned long size)
{
	unsigned int cpus = num_possible_cpus(), i;
	unsigned long flags;
	int cpu;

	pool_size = DIV_ROUND_UP(clamp_t(unsigned long, size, 2 * CHUNK_BYTES,
					 SZ_1G), CHUNK_BYTES);
	memory = kvmalloc_array(pool_size + cpus, CHUNK_BYTES, GFP_KERNEL);
	if (!memory)
		return -ENOMEM;
	for (i = 0; i < pool_size + cpus; i++)
		give_chunk((void *)(memory + (size_t)i * CHUNK_BYTES));
	local_irq_save(flags);
	for_each_possible_cpu(cpu)
		start_lane(per_cpu_ptr(&lanes, cpu));
	local_irq_restore(flags);
	return 0;
}

void cw_ring_exit(void)
{
	kvfree(memory);
}
