// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of connections, by which the whole table can be walked.
 *
 * Each CPU counts for itself and puts its own number into the low bits, so that
 * CPUs neither give a number twice nor write a line of memory in common.  These
 * bits choose the bucket as well: a bucket has entries of one CPU only, which
 * enters them in ascending order, so that each list descends.  A walk that stops
 * goes on behind the last number, whatever came and went meanwhile.
 *
 * Lock: that of the CPU whose number it is, irqsave; no lock is taken below it.
 */
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "conn.h"

/**
 * struct counter - numbers that one CPU gives
 * @lock:	also of its buckets
 * @count:	how many it has given
 */
struct counter {
	spinlock_t lock;
	u64 count;
} ____cacheline_aligned_in_smp;

static DEFINE_PER_CPU_ALIGNED(struct counter, counters);

static struct hlist_head *buckets __read_mostly;
static unsigned int bucket_bits __read_mostly, cpu_bits __read_mostly;

#define REST_BITS ilog2(CW_NUMBER_REST + 1)

static struct hlist_head *bucket_of(u64 id)
{
	return &buckets[id & ((1u << bucket_bits) - 1)];
}

static struct counter *counter_of(u64 id)
{
	return per_cpu_ptr(&counters, id & ((1u << cpu_bits) - 1));
}

void cw_number_enter(struct conn *conn)
{
	struct counter *counter;
	unsigned long flags;

	local_irq_save(flags);
	counter = this_cpu_ptr(&counters);
	spin_lock(&counter->lock);
	conn->id = ++counter->count << cpu_bits | smp_processor_id();
	hlist_add_head_rcu(&conn->by_id, bucket_of(conn->id));
	spin_unlock(&counter->lock);
	local_irq_restore(flags);
}

void cw_number_leave(struct conn *conn)
{
	struct counter *counter = counter_of(conn->id);
	unsigned long flags;

	spin_lock_irqsave(&counter->lock, flags);
	hlist_del_rcu(&conn->by_id);
	spin_unlock_irqrestore(&counter->lock, flags);
}

/* ---- the walk ---------------------------------------------------------------- */

static loff_t position_of(const struct conn *conn)
{
	u64 bucket = conn->id & ((1u << bucket_bits) - 1);

	return bucket << REST_BITS | conn->id >> bucket_bits;
}

/* The first entry of @bucket whose rest is @most at most. */
static struct conn *find(u64 bucket, u64 most)
{
	struct conn *conn;

	hlist_for_each_entry_rcu(conn, &buckets[bucket], by_id)
		if (conn->id >> bucket_bits <= most)
			return conn;
	return NULL;
}

struct conn *cw_number_find_rcu(loff_t *position)
{
	u64 bucket = *position >> REST_BITS, most = *position & CW_NUMBER_REST;
	struct conn *conn;

	for (; bucket < 1u << bucket_bits; bucket++, most = CW_NUMBER_REST) {
		conn = find(bucket, most);
		if (!conn)
			continue;
		*position = position_of(conn);
		return conn;
	}
	*position = (u64)bucket << REST_BITS;
	return NULL;
}

struct conn *cw_number_find_next_rcu(const struct conn *conn, loff_t *position)
{
	*position = position_of(conn);
	/* Nothing is below the last one of a bucket. */
	if (*position & CW_NUMBER_REST)
		--*position;
	else
		*position += (1ull << REST_BITS) + CW_NUMBER_REST;
	return cw_number_find_rcu(position);
}

/* ---- start and end -------------------------------------------------------------- */

int cw_number_init(void)
{
	int cpu;

	cpu_bits = order_base_2(nr_cpu_ids);
	/* No look-ups but for the walk: lists may have a few entries. */
	bucket_bits = max(cw_conn_bucket_bits - 3, cpu_bits);
	for_each_possible_cpu(cpu)
		spin_lock_init(&per_cpu_ptr(&counters, cpu)->lock);
	buckets = kvcalloc(1u << bucket_bits, sizeof(*buckets), GFP_KERNEL);
	return buckets ? 0 : -ENOMEM;
}

void cw_number_exit(void)
{
	kvfree(buckets);
}
