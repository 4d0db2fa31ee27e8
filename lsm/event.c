// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file `events`: records (include/cw_event.h) that one reader takes out of a
 * ring (ring.c).  Never on the way of a decision: what has no room is counted.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "../include/cw_event.h"
#include "conn.h"
#include "ring.h"

static unsigned long event_bytes = SZ_8M;
module_param(event_bytes, ulong, 0444);
MODULE_PARM_DESC(event_bytes, "bytes of events kept until they are acknowledged");

static u64 instance;

static DEFINE_MUTEX(reader_lock);
static atomic_t opened = ATOMIC_INIT(0);
/* Number of the reader, or of the one to come; from 1 on. */
static atomic_t reader = ATOMIC_INIT(1);
static DECLARE_WAIT_QUEUE_HEAD(waiting);

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
	return cw_ring_padded(size);
}

static void put_facts(struct cw_ring_writer *writer,
		      const struct cw_process *process)
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

	cw_ring_put(writer, (const u8 *)&record + sizeof(record.head),
		    sizeof(record) - sizeof(record.head));
}

static void put_ancestors(struct cw_ring_writer *writer,
			  const struct cw_lineage *lineage)
{
	u32 i;

	for (i = 0; i < lineage->count; i++) {
		cw_ring_put(writer, &lineage->of[i].start, sizeof(u64));
		cw_ring_put(writer, &(u32){ lineage->of[i].tgid }, sizeof(u32));
		cw_ring_put(writer, &(u32){ 0 }, sizeof(u32));
	}
}

static void put_names(struct cw_ring_writer *writer,
		      const struct cw_process *process, const char *cgroup)
{
	const struct cw_lineage *lineage = process->lineage;
	u32 i;

	cw_ring_put_text(writer, process->exe->path);
	cw_ring_put_text(writer, process->script ? process->script->path : "");
	cw_ring_put_text(writer, cgroup);
	for (i = 0; lineage && i < lineage->count; i++)
		cw_ring_put_text(writer, lineage->of[i].exe->path);
}

/* cw_ring_lock held.  False: there was no room. */
static bool append_process(const struct cw_process *process,
			   const char *cgroup, u16 share)
{
	u32 size = process_size(process, cgroup);
	struct cw_ring_writer writer;

	if (!cw_ring_start(&writer, size, CW_EVENT_PROCESS, share))
		return false;
	put_facts(&writer, process);
	if (process->lineage)
		put_ancestors(&writer, process->lineage);
	put_names(&writer, process, cgroup);
	cw_ring_finish(&writer);
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
	u32 size = cw_ring_padded(sizeof(record) + strlen(label) + 1);
	struct cw_ring_writer writer;

	memcpy(record.local, conn->local, sizeof(record.local));
	memcpy(record.remote, conn->remote, sizeof(record.remote));
	if (!cw_ring_start(&writer, size, CW_EVENT_OPEN, conn->share))
		return;
	cw_ring_put(&writer, (const u8 *)&record + sizeof(record.head),
		    sizeof(record) - sizeof(record.head));
	cw_ring_put_text(&writer, label);
	cw_ring_finish(&writer);
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

/* cw_ring_lock held. */
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

	spin_lock_irqsave(&cw_ring_lock, flags);
	tell_process(conn->process, cgroup, conn->share);
	append_open(conn, cw_judge_rule_line(decision),
		    cw_judge_rule_label(decision));
	spin_unlock_irqrestore(&cw_ring_lock, flags);
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

	spin_lock_irqsave(&cw_ring_lock, flags);
	cw_ring_append(&record, sizeof(record), CW_EVENT_CLOSE, conn->share);
	spin_unlock_irqrestore(&cw_ring_lock, flags);
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

	spin_lock_irqsave(&cw_ring_lock, flags);
	tell_process(conn->user, cgroup, conn->share);
	cw_ring_append(&record, sizeof(record), CW_EVENT_USED, conn->share);
	spin_unlock_irqrestore(&cw_ring_lock, flags);
	wake();
}

u64 cw_event_instance(void)
{
	return instance;
}

/* ---- the file ----------------------------------------------------------------------- */

static ssize_t events_read(struct file *file, char __user *to, size_t size,
			   loff_t *pos)
{
	ssize_t ret;

	do {
		if (!cw_ring_has_news() && file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(waiting, cw_ring_has_news()))
			return -ERESTARTSYS;
		mutex_lock(&reader_lock);
		ret = cw_ring_copy(to, size);
		mutex_unlock(&reader_lock);
	} while (!ret);
	return ret;
}

static ssize_t events_write(struct file *file, const char __user *from,
			    size_t size, loff_t *pos)
{
	u64 upto;
	int ret;

	if (!cw_fs_may_write(file))
		return -EPERM;
	if (size != sizeof(upto))
		return -EINVAL;
	if (copy_from_user(&upto, from, sizeof(upto)))
		return -EFAULT;
	mutex_lock(&reader_lock);
	ret = cw_ring_acknowledge(upto);
	mutex_unlock(&reader_lock);
	if (ret)
		return ret;
	cw_ring_say_lost();
	wake();
	return size;
}

static __poll_t events_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &waiting, table);
	return EPOLLOUT | EPOLLWRNORM |
	       (cw_ring_has_news() ? EPOLLIN | EPOLLRDNORM : 0);
}

static int events_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_MAC_ADMIN))
		return -EPERM;
	if (atomic_xchg(&opened, 1))
		return -EBUSY;
	mutex_lock(&reader_lock);
	cw_ring_rewind();
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
	instance = get_random_u64();
	return cw_ring_init(event_bytes);
}

void cw_event_exit(void)
{
	cw_ring_exit();
}
