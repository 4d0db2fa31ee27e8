// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file `connections`: the table as lines of text.
 */
#include <linux/ktime.h>
#include <linux/math64.h>

#include "include/cw_event.h"
#include "conn.h"

/* seq_file restarts at every read(). */
static void *seq_start(struct seq_file *seq, loff_t *pos)
{
	rcu_read_lock();
	if (!*pos)
		return SEQ_START_TOKEN;
	return cw_number_find_rcu(pos);
}

static void *seq_next(struct seq_file *seq, void *v, loff_t *pos)
{
	if (v == SEQ_START_TOKEN) {
		*pos = CW_NUMBER_BEGIN;
		return cw_number_find_rcu(pos);
	}
	return cw_number_find_next_rcu(v, pos);
}

static void seq_stop(struct seq_file *seq, void *v)
{
	rcu_read_unlock();
}

static void print_end(struct seq_file *seq, const struct conn *conn,
		      const u8 *address, u16 port)
{
	if (conn->family == 6)
		seq_printf(seq, " [%pI6c]:%u", address, port);
	else
		seq_printf(seq, " %pI4:%u", address, port);
}

static void print_seconds(struct seq_file *seq, u64 ns)
{
	u64 ms = div_u64(ns, NSEC_PER_MSEC);
	u32 rest;
	u64 seconds = div_u64_rem(ms, 1000, &rest);

	seq_printf(seq, " %llu.%03u", seconds, rest);
}

static void print_verdict(struct seq_file *seq, const struct conn *conn)
{
	static const char * const verdicts[] = {
		[CW_OUTCOME_ALLOW] = "allow",
		[CW_OUTCOME_DENY] = "deny",
		[CW_OUTCOME_WOULD_DENY] = "would-deny",
		[CW_OUTCOME_NONE] = "-",
	};

	seq_printf(seq, " %s", verdicts[conn->outcome]);
	if (conn->rule == CW_RULE_DEFAULT)
		seq_puts(seq, " -");
	else
		seq_printf(seq, " %u", conn->rule);
	seq_printf(seq, " %llu", conn->generation);
}

static void print_bytes(struct seq_file *seq, u64 bytes)
{
	if (bytes == CW_BYTES_UNKNOWN)
		seq_puts(seq, " -");
	else
		seq_printf(seq, " %llu", bytes);
}

static void print_path(struct seq_file *seq, const char *path)
{
	for (; *path; path++) {
		u8 byte = *path;

		if (byte < 0x21 || byte > 0x7e || byte == '\\')
			seq_printf(seq, "\\%03o", byte);
		else
			seq_putc(seq, byte);
	}
}

static void print_attribution(struct seq_file *seq, const struct conn *conn)
{
	static const char * const attributions[] = {
		[CW_ATTRIBUTION_EXACT] = "exact",
		[CW_ATTRIBUTION_PREEXISTING] = "preexisting",
		[CW_ATTRIBUTION_INHERITED] = "inherited",
		[CW_ATTRIBUTION_KERNEL] = "kernel",
		[CW_ATTRIBUTION_UNKNOWN] = "unknown",
	};

	if (conn->flow || !conn->user) {
		seq_printf(seq, " %s -", attributions[conn->attribution]);
		return;
	}
	seq_printf(seq, " %s %d:", attributions[CW_ATTRIBUTION_INHERITED],
		   conn->user_tgid);
	print_path(seq, conn->user->exe->path);
}

static void print_conn(struct seq_file *seq, const struct conn *conn, u64 now)
{
	static const char * const protos[] = {
		[CW_PROTO_TCP] = "tcp",
		[CW_PROTO_UDP] = "udp",
		[CW_PROTO_SCTP] = "sctp",
		[CW_PROTO_ICMP] = "icmp",
		[CW_PROTO_RAW] = "raw",
		[CW_PROTO_PACKET] = "packet",
	};
	static const char * const states[] = {
		[STATE_OPENING] = "opening",
		[STATE_OPEN] = "open",
		[STATE_CLOSED] = "closed",
		[STATE_REFUSED] = "refused",
	};

	seq_printf(seq, "%llu %s %s %s", conn->id, protos[conn->proto],
		   conn->in ? "in" : "out", states[conn->state]);
	print_end(seq, conn, conn->local, conn->local_port);
	print_end(seq, conn, conn->remote, conn->remote_port);
	seq_printf(seq, " %d %d %u %u", conn->tgid, conn->pid, conn->uid,
		   conn->netns);
	print_verdict(seq, conn);
	print_seconds(seq, now - conn->opened);
	if (conn->closed)
		print_seconds(seq, now - conn->closed);
	else
		seq_puts(seq, " -");
	print_bytes(seq, atomic64_read(&conn->sent));
	print_bytes(seq, atomic64_read(&conn->received));
	print_attribution(seq, conn);
	seq_putc(seq, ' ');
	print_path(seq, conn->process->exe->path);
	seq_putc(seq, '\n');
}

/* A copy, so that the line shows one moment. */
static int seq_show(struct seq_file *seq, void *v)
{
	struct conn *conn = v;
	unsigned long flags;
	struct conn copy;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "id proto dir state local remote tgid pid uid netns verdict rule gen age closed sent received attribution user exe\n");
		return 0;
	}
	spin_lock_irqsave(cw_conn_lock(conn->key), flags);
	if (!cw_conn_is_over(conn))
		cw_bytes_read(conn);
	copy = *conn;
	spin_unlock_irqrestore(cw_conn_lock(conn->key), flags);
	print_conn(seq, &copy, ktime_get_boottime_ns());
	return 0;
}

const struct seq_operations cw_dump_seq_ops = {
	.start = seq_start,
	.next = seq_next,
	.stop = seq_stop,
	.show = seq_show,
};
