// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file `events`: records (include/cw_event.h) that one reader takes out of
 * ring.c.  Never on the way of a decision: what has no room is counted.
 */
#include <linux/cache.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/overflow.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <net/sock.h>

#include "include/cw_event.h"
#include "conn.h"
#include "ring.h"

static unsigned long event_bytes __read_mostly = CW_EVENT_BYTES_DEFAULT;
module_param(event_bytes, ulong, 0444);
MODULE_PARM_DESC(event_bytes, "bytes of events kept until they are acknowledged, beside 64 KiB for each CPU");

static u64 instance __read_mostly;

static DEFINE_MUTEX(reader_lock);
static atomic_t opened = ATOMIC_INIT(0);
/* Number of the reader, or of the one to come; from 1 on. */
static atomic_t reader __read_mostly = ATOMIC_INIT(1);
/* Looked at by each writer, changed when the reader sleeps. */
static struct {
	wait_queue_head_t queue;
} ____cacheline_aligned_in_smp waiting = {
	.queue = __WAIT_QUEUE_HEAD_INITIALIZER(waiting.queue),
};

/* ---- processes -------------------------------------------------------------------- */

/* All strings as long as they may be. */
static_assert(sizeof(struct cw_event_process) + CW_ANCESTORS * 16 +
	      (3 + CW_ANCESTORS) * CW_PATH_MAX + 8 <= CW_RING_RECORD_MAX);

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
	size += sizeof("");
	return cw_ring_padded(size);
}

static void fill_facts(struct cw_event_process *record,
		       const struct cw_process *process)
{
	record->process = process->id;
	record->start = process->start;
	record->ino = process->inode.ino;
	record->dev = process->inode.dev;
	record->inode_generation = process->inode.generation;
	record->tgid = process->tgid;
	record->flags = (process->preloaded ? CW_EVENT_PRELOADED : 0) |
			(process->exe->plain ? CW_EVENT_PLAIN : 0);
	record->ancestors = process->lineage ? process->lineage->count : 0;
	record->auid = U32_MAX;
	record->session = U32_MAX;
}

static void fill_ancestors(struct cw_event_process *record,
			   const struct cw_lineage *lineage)
{
	u32 i;

	for (i = 0; i < lineage->count; i++) {
		record->ancestor[i].start = lineage->of[i].start;
		record->ancestor[i].tgid = lineage->of[i].tgid;
		record->ancestor[i].zero = 0;
	}
}

/* With its NUL; where the next one goes. */
static char *put_text(char *to, const char *text)
{
	size_t size = strlen(text) + 1;

	memcpy(to, text, size);
	return to + size;
}

static void put_names(char *to, const struct cw_process *process,
		      const char *cgroup)
{
	const struct cw_lineage *lineage = process->lineage;
	u32 i;

	to = put_text(to, process->exe->path);
	to = put_text(to, process->script ? process->script->path : "");
	to = put_text(to, cgroup);
	for (i = 0; lineage && i < lineage->count; i++)
		to = put_text(to, lineage->of[i].exe->path);
	put_text(to, "");
}

/* Its place in the order; 0 = there was no room. */
static u64 append_process(const struct cw_process *process, const char *cgroup,
			  u16 share, u64 time)
{
	u32 size = process_size(process, cgroup);
	struct cw_event_process *record;
	struct cw_ring_writer writer;

	record = cw_ring_start(&writer, size, CW_EVENT_PROCESS, share, time, 0);
	if (!record)
		return 0;
	fill_facts(record, process);
	if (process->lineage)
		fill_ancestors(record, process->lineage);
	put_names((char *)&record->ancestor[record->ancestors], process,
		  cgroup);
	return cw_ring_finish(&writer);
}

const char *cw_event_cgroup_rcu(const struct cw_identity *identity)
{
	if (!identity->task ||
	    READ_ONCE(identity->process->told) == atomic_read(&reader))
		return "";
	return cw_ident_cgroup_rcu(identity->task) ?: "";
}

/*
 * The reader must know @process before a record that names it, which comes after
 * what is given back.  Two CPUs may tell it at once: then it is told twice.
 */
static u64 tell_process(struct cw_process *process, const char *cgroup,
			u16 share, u64 time)
{
	u32 now = atomic_read(&reader);
	u64 told;

	if (likely(smp_load_acquire(&process->told) == now))
		return READ_ONCE(process->told_at);
	told = append_process(process, cgroup, share, time);
	if (!told)
		return 0;
	WRITE_ONCE(process->told_at, told);
	smp_store_release(&process->told, now);
	return told;
}

/* ---- connections ------------------------------------------------------------------ */

static void wake(void)
{
	if (wq_has_sleeper(&waiting.queue))
		wake_up_interruptible_poll(&waiting.queue, EPOLLIN);
}

static void fill_open(struct cw_event_open *record, const struct conn *conn)
{
	record->id = conn->id;
	record->time = conn->opened;
	record->process = conn->process->id;
	record->generation = conn->generation;
	record->pid = conn->pid;
	record->uid = conn->uid;
	record->netns = conn->netns;
	record->rule = conn->rule;
	record->local_port = conn->local_port;
	record->remote_port = conn->remote_port;
	memcpy(record->local, conn->local, sizeof(record->local));
	memcpy(record->remote, conn->remote, sizeof(record->remote));
	record->family = conn->family;
	record->proto = conn->proto;
	record->in = conn->in;
	record->verdict = conn->outcome;
	record->attribution = conn->attribution;
	record->netns_owner = conn->netns_owner;
	record->number = conn->number;
}

/*
 * The name of the interface that @conn has, "" = none, or it is gone.  A copy, as
 * root may rename it meanwhile.  Under rcu_read_lock().
 */
static void copy_interface_rcu(char name[IFNAMSIZ], const struct conn *conn,
			       const struct sock *sk)
{
	const struct net_device *device = NULL;

	if (unlikely(conn->scope))
		device = dev_get_by_index_rcu(sock_net(sk), conn->scope);
	strscpy(name, device ? device->name : "", IFNAMSIZ);
}

void cw_event_open(struct conn *conn, const struct cw_decision *decision)
{
	const char *cgroup = cw_event_cgroup_rcu(&decision->identity);
	const char *label = cw_judge_rule_label(decision);
	struct cw_event_open *record;
	struct cw_ring_writer writer;
	char interface[IFNAMSIZ];
	u64 after;
	u32 size;

	copy_interface_rcu(interface, conn, decision->sk);
	size = cw_ring_padded(sizeof(*record) + strlen(label) + 1 +
			      strlen(interface) + 1);
	after = tell_process(conn->process, cgroup, conn->place.share, conn->opened);
	record = cw_ring_start(&writer, size, CW_EVENT_OPEN, conn->place.share,
			       conn->opened, after);
	if (record) {
		fill_open(record, conn);
		record->line = cw_judge_rule_line(decision);
		put_text(put_text((char *)(record + 1), label), interface);
		conn->told = cw_ring_finish(&writer);
	}
	wake();
}

void cw_event_close(const struct conn *conn)
{
	struct cw_event_close *record;
	struct cw_ring_writer writer;

	record = cw_ring_start(&writer, sizeof(*record), CW_EVENT_CLOSE,
			       conn->place.share, conn->closed, conn->told);
	if (record) {
		record->id = conn->id;
		record->time = conn->closed;
		record->sent = atomic64_read(&conn->sent);
		record->received = atomic64_read(&conn->received);
		record->established = conn->established;
		record->ending = conn->ending;
		memset(record->zero, 0, sizeof(record->zero));
		cw_ring_finish(&writer);
	}
	wake();
}

void cw_event_used(struct conn *conn, const struct cw_identity *identity,
		   const char *cgroup)
{
	u64 now = ktime_get_boottime_ns(), after;
	struct cw_event_used *record;
	struct cw_ring_writer writer;

	after = tell_process(conn->user, cgroup, conn->place.share, now);
	record = cw_ring_start(&writer, sizeof(*record), CW_EVENT_USED,
			       conn->place.share, now, max(after, conn->told));
	if (record) {
		record->id = conn->id;
		record->time = now;
		record->process = conn->user->id;
		record->pid = identity->pid;
		record->uid = identity->uid;
		conn->told = cw_ring_finish(&writer);
	}
	wake();
}

bool cw_event_untracked(const struct cw_event_untracked *told, u16 share)
{
	struct cw_event_untracked *record;
	struct cw_ring_writer writer;

	record = cw_ring_start(&writer, sizeof(*record), CW_EVENT_UNTRACKED,
			       share, told->until, 0);
	if (record) {
		record->since = told->since;
		record->until = told->until;
		record->count = told->count;
		record->owner = told->owner;
		record->zero = 0;
		cw_ring_finish(&writer);
	}
	wake();
	return record;
}

void cw_event_judged(struct conn *conn, const struct cw_decision *decision)
{
	const char *label = cw_judge_rule_label(decision);
	u32 size = cw_ring_padded(sizeof(struct cw_event_judged) +
				  strlen(label) + 1);
	u64 now = ktime_get_boottime_ns();
	struct cw_event_judged *record;
	struct cw_ring_writer writer;

	record = cw_ring_start(&writer, size, CW_EVENT_JUDGED,
			       conn->place.share, now, conn->told);
	if (record) {
		record->id = conn->id;
		record->time = now;
		record->generation = conn->generation;
		record->rule = conn->rule;
		record->line = cw_judge_rule_line(decision);
		record->verdict = conn->outcome;
		memset(record->zero, 0, sizeof(record->zero));
		put_text((char *)(record + 1), label);
		conn->told = cw_ring_finish(&writer);
	}
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
		if (wait_event_interruptible(waiting.queue, cw_ring_has_news()))
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
	poll_wait(file, &waiting.queue, table);
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
