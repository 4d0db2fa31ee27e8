// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file `events`: a ring of records (include/cw_event.h) that one reader
 * takes out.
 *
 *        kept until acknowledged
 *   -----[acked]=======[read]=======[head]-----
 *
 * Positions count bytes since the start; the ring holds them modulo its size.
 * Writers, in hooks and under the locks of sockets, go one at a time by
 * ring_lock, and publish head when the bytes are there.  The reader owns acked
 * and read by reader_lock and needs no other: nobody writes between acked and
 * head.  Never on the way of a decision: what has no room is counted.
 *
 * Once an eighth of the ring is left, each user (share.c) may add a quarter of
 * that until there is more again: who makes events faster than they are read
 * does not make those of others get lost.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "../include/cw_event.h"
#include "conn.h"

static unsigned long event_bytes = SZ_8M;
module_param(event_bytes, ulong, 0444);
MODULE_PARM_DESC(event_bytes, "bytes of events kept until they are acknowledged");

static u8 *ring;
static u64 ring_size;	/* power of two */
static DEFINE_SPINLOCK(ring_lock);
static u64 head, sequence, unsaid;	/* ring_lock; head: acquire, release */
static struct {
	u32 crowd;	/* when it was */
	u32 bytes;
} added[2 * CW_SHARES];	/* ring_lock: while the ring is nearly full */
static u32 crowd;	/* ring_lock: number of the last such time; odd = now */
static atomic64_t acked_at = ATOMIC64_INIT(0);
static atomic64_t lost = ATOMIC64_INIT(0);
static u64 instance;

static DEFINE_MUTEX(reader_lock);
static u64 read_at;	/* reader_lock */
static u64 read_sequence;	/* reader_lock: of the last record that was read */
static atomic_t opened = ATOMIC_INIT(0);
/* Number of the reader, or of the one to come; from 1 on. */
static atomic_t reader = ATOMIC_INIT(1);
static DECLARE_WAIT_QUEUE_HEAD(waiting);

/* ---- writing; ring_lock held --------------------------------------------------- */

/* A record under way: where its next bytes go. */
struct writer {
	u64 at;
	u64 end;
};

static void put(struct writer *writer, const void *data, size_t size)
{
	size_t offset = writer->at & (ring_size - 1);
	size_t first = min_t(size_t, size, ring_size - offset);

	memcpy(ring + offset, data, first);
	memcpy(ring, data + first, size - first);
	writer->at += size;
}

static void put_text(struct writer *writer, const char *text)
{
	put(writer, text, strlen(text) + 1);
}

static u64 room(void)
{
	return ring_size - (head - atomic64_read_acquire(&acked_at));
}

static u32 padded(size_t size)
{
	return ALIGN(size, 8);
}

static void start(struct writer *writer, u32 size, u32 type)
{
	struct cw_event event = {
		.size = size, .type = type, .sequence = ++sequence,
	};

	writer->at = head;
	writer->end = head + size;
	put(writer, &event, sizeof(event));
}

static void finish(struct writer *writer)
{
	static const u8 zeroes[8];

	put(writer, zeroes, writer->end - writer->at);
	smp_store_release(&head, writer->end);
}

static void say_lost(void)
{
	struct writer writer;

	start(&writer, sizeof(struct cw_event_lost), CW_EVENT_LOST);
	put(&writer, &unsaid, sizeof(unsaid));
	finish(&writer);
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

/* A record without strings; @record starts with room for the header. */
static void append(const void *record, u32 size, u32 type, u16 share)
{
	struct writer writer;

	if (!reserve(size, share))
		return;
	start(&writer, size, type);
	put(&writer, record + sizeof(struct cw_event),
	    size - sizeof(struct cw_event));
	finish(&writer);
}

/* ---- processes -------------------------------------------------------------------- */

static u32 process_size(const struct cw_process *process, const char *cgroup)
{
	const struct cw_lineage *lineage = process->lineage;
	u32 count = lineage ? lineage->count : 0, i;
	struct cw_event_process *record;
	size_t size = struct_size(record, ancestor, count);

	size += strlen(process->exe->path) + 1;
	size += (process->script ? strlen(process->script->path) : 0) + 1;
	size += strlen(cgroup) + 1;
	for (i = 0; i < count; i++)
		size += strlen(lineage->of[i].exe->path) + 1;
	return padded(size);
}

static void put_facts(struct writer *writer, const struct cw_process *process)
{
	const struct cw_event_process record = {
		.process = process->id,
		.start = process->start,
		.ino = process->inode.ino,
		.dev = process->inode.dev,
		.inode_generation = process->inode.generation,
		.tgid = process->tgid,
		.flags = (process->preloaded ? CW_EVENT_PRELOADED : 0) |
			 (process->exe->plain ? CW_EVENT_PLAIN : 0),
		.ancestors = process->lineage ? process->lineage->count : 0,
	};

	put(writer, (const u8 *)&record + sizeof(record.head),
	    sizeof(record) - sizeof(record.head));
}

static void put_ancestors(struct writer *writer,
			  const struct cw_lineage *lineage)
{
	u32 i;

	for (i = 0; i < lineage->count; i++) {
		put(writer, &lineage->of[i].start, sizeof(u64));
		put(writer, &(u32){ lineage->of[i].tgid }, sizeof(u32));
		put(writer, &(u32){ 0 }, sizeof(u32));
	}
}

static void put_names(struct writer *writer, const struct cw_process *process,
		      const char *cgroup)
{
	const struct cw_lineage *lineage = process->lineage;
	u32 i;

	put_text(writer, process->exe->path);
	put_text(writer, process->script ? process->script->path : "");
	put_text(writer, cgroup);
	for (i = 0; lineage && i < lineage->count; i++)
		put_text(writer, lineage->of[i].exe->path);
}

/* ring_lock held.  False: there was no room. */
static bool append_process(const struct cw_process *process,
			   const char *cgroup, u16 share)
{
	u32 size = process_size(process, cgroup);
	struct writer writer;

	if (!reserve(size, share))
		return false;
	start(&writer, size, CW_EVENT_PROCESS);
	put_facts(&writer, process);
	if (process->lineage)
		put_ancestors(&writer, process->lineage);
	put_names(&writer, process, cgroup);
	finish(&writer);
	return true;
}

/* ---- connections ------------------------------------------------------------------ */

static void append_open(const struct conn *conn, u32 line, const char *label)
{
	struct cw_event_open record = {
		.id = conn->id,
		.time = conn->opened,
		.process = conn->process->id,
		.generation = conn->generation,
		.pid = conn->pid,
		.uid = conn->uid,
		.netns = conn->netns,
		.rule = conn->rule,
		.line = line,
		.local_port = conn->local_port,
		.remote_port = conn->remote_port,
		.family = conn->family,
		.proto = conn->proto,
		.in = conn->in,
		.verdict = conn->outcome,
		.attribution = conn->attribution,
		.netns_owner = conn->netns_owner,
	};
	u32 size = padded(sizeof(record) + strlen(label) + 1);
	struct writer writer;

	memcpy(record.local, conn->local, sizeof(record.local));
	memcpy(record.remote, conn->remote, sizeof(record.remote));
	if (!reserve(size, conn->share))
		return;
	start(&writer, size, CW_EVENT_OPEN);
	put(&writer, (const u8 *)&record + sizeof(record.head),
	    sizeof(record) - sizeof(record.head));
	put_text(&writer, label);
	finish(&writer);
}

static void wake(void)
{
	if (wq_has_sleeper(&waiting))
		wake_up_interruptible_poll(&waiting, EPOLLIN);
}

const char *cw_event_cgroup_rcu(const struct cw_identity *identity)
{
	if (!identity->task ||
	    READ_ONCE(identity->process->told) == atomic_read(&reader))
		return "";
	return cw_ident_cgroup_rcu(identity->task) ?: "";
}

/* ring_lock held. */
static void tell_process(struct cw_process *process, const char *cgroup,
			 u16 share)
{
	u32 now = atomic_read(&reader);

	if (process->told != now && append_process(process, cgroup, share))
		WRITE_ONCE(process->told, now);
}

void cw_event_open(const struct conn *conn, const struct cw_decision *decision)
{
	const char *cgroup = cw_event_cgroup_rcu(&decision->identity);
	unsigned long flags;

	spin_lock_irqsave(&ring_lock, flags);
	tell_process(conn->process, cgroup, conn->share);
	append_open(conn, cw_judge_rule_line(decision),
		    cw_judge_rule_label(decision));
	spin_unlock_irqrestore(&ring_lock, flags);
	wake();
}

void cw_event_close(const struct conn *conn)
{
	const struct cw_event_close record = {
		.id = conn->id,
		.time = conn->closed,
		.sent = atomic64_read(&conn->sent),
		.received = conn->received,
	};
	unsigned long flags;

	spin_lock_irqsave(&ring_lock, flags);
	append(&record, sizeof(record), CW_EVENT_CLOSE, conn->share);
	spin_unlock_irqrestore(&ring_lock, flags);
	wake();
}

void cw_event_used(const struct conn *conn, const struct cw_identity *identity,
		   const char *cgroup)
{
	const struct cw_event_used record = {
		.id = conn->id,
		.time = ktime_get_boottime_ns(),
		.process = conn->user->id,
		.pid = identity->pid,
		.uid = identity->uid,
	};
	unsigned long flags;

	spin_lock_irqsave(&ring_lock, flags);
	tell_process(conn->user, cgroup, conn->share);
	append(&record, sizeof(record), CW_EVENT_USED, conn->share);
	spin_unlock_irqrestore(&ring_lock, flags);
	wake();
}

u64 cw_event_lost(void)
{
	return atomic64_read(&lost);
}

u64 cw_event_instance(void)
{
	return instance;
}

/* ---- the file ----------------------------------------------------------------------- */

/* Bytes of a record may go around the end of the ring.  reader_lock held. */
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

static bool has_news(void)
{
	return READ_ONCE(read_at) != smp_load_acquire(&head);
}

/* Whole records; reader_lock held. */
static ssize_t copy_records(char __user *to, size_t size)
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

static ssize_t events_read(struct file *file, char __user *to, size_t size,
			   loff_t *pos)
{
	ssize_t ret;

	do {
		if (!has_news() && file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(waiting, has_news()))
			return -ERESTARTSYS;
		mutex_lock(&reader_lock);
		ret = copy_records(to, size);
		mutex_unlock(&reader_lock);
	} while (!ret);
	return ret;
}

/* Not only when more happens: the last ones may be among the lost. */
static void say_what_was_lost(void)
{
	unsigned long flags;

	spin_lock_irqsave(&ring_lock, flags);
	if (unsaid && room() >= sizeof(struct cw_event_lost))
		say_lost();
	spin_unlock_irqrestore(&ring_lock, flags);
	wake();
}

/* reader_lock held. */
static void acknowledge(u64 upto)
{
	u64 at = atomic64_read(&acked_at);
	struct cw_event event;

	while (at != read_at) {
		peek(at, &event, sizeof(event));
		if (event.sequence > upto)
			break;
		at += event.size;
	}
	/* Writers may use the bytes from now on. */
	atomic64_set_release(&acked_at, at);
}

static ssize_t events_write(struct file *file, const char __user *from,
			    size_t size, loff_t *pos)
{
	ssize_t ret = size;
	u64 upto;

	if (!cw_fs_may_write(file))
		return -EPERM;
	if (size != sizeof(upto))
		return -EINVAL;
	if (copy_from_user(&upto, from, sizeof(upto)))
		return -EFAULT;
	mutex_lock(&reader_lock);
	if (upto > read_sequence)
		ret = -EINVAL;
	else
		acknowledge(upto);
	mutex_unlock(&reader_lock);
	if (ret > 0)
		say_what_was_lost();
	return ret;
}

static __poll_t events_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &waiting, table);
	return EPOLLOUT | EPOLLWRNORM |
	       (has_news() ? EPOLLIN | EPOLLRDNORM : 0);
}

static int events_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_MAC_ADMIN))
		return -EPERM;
	if (atomic_xchg(&opened, 1))
		return -EBUSY;
	mutex_lock(&reader_lock);
	WRITE_ONCE(read_at, atomic64_read(&acked_at));
	read_sequence = 0;
	/* It may have a new history: processes are told again. */
	atomic_inc(&reader);
	mutex_unlock(&reader_lock);
	return stream_open(inode, file);
}

static int events_release(struct inode *inode, struct file *file)
{
	atomic_set(&opened, 0);
	return 0;
}

const struct file_operations cw_event_fops = {
	.owner = THIS_MODULE,
	.open = events_open,
	.read = events_read,
	.write = events_write,
	.poll = events_poll,
	.llseek = noop_llseek,
	.release = events_release,
};

/* ---- start and end ---------------------------------------------------------------- */

int cw_event_init(void)
{
	ring_size = roundup_pow_of_two(clamp_t(unsigned long, event_bytes,
					       2 * CW_EVENT_MAX, SZ_1G));
	instance = get_random_u64();
	ring = kvmalloc(ring_size, GFP_KERNEL);
	return ring ? 0 : -ENOMEM;
}

void cw_event_exit(void)
{
	kvfree(ring);
}
