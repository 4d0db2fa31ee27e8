// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of a record, in the form that ausearch and aureport read: the order
 * of the fields, and the way in which strings that a user chooses are written.
 */
#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/uidgid.h>

#include "record.h"

/* A record that grows past 8970 bytes loses tclass=, which comes last, and so
 * the whole event is lost to ausearch.  Bytes of path in a context, of which
 * each may take four, and in exe=, where each may take two. */
#define CONTEXT_PATH_MAX 512
#define EXE_PATH_MAX 2048

static atomic64_t sequence = ATOMIC64_INIT(0);

/* ---- fields ---------------------------------------------------------------- */

/*
 * Whether a byte may stand in a record as it is.  The equals sign may not: the
 * parser of ausearch looks for the first "scontext=" wherever it is, so that a
 * program called scontext=connwarden:/usr/bin/curl would be taken for curl.
 */
static bool is_safe_byte(u8 byte)
{
	return byte > 0x20 && byte < 0x7f && byte != '"' && byte != '=';
}

static bool is_safe(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (!is_safe_byte(text[i]))
			return false;
	return true;
}

static void log_hex(struct audit_buffer *ab, const char *text, size_t length)
{
	char chunk[2 * 32 + 1];
	size_t n;

	for (; length; text += n, length -= n) {
		size_t i;

		n = min_t(size_t, length, 32);
		for (i = 0; i < n; i++)
			snprintf(chunk + 2 * i, 3, "%02X", (u8)text[i]);
		audit_log_format(ab, "%s", chunk);
	}
}

/*
 * For fields that ausearch -i decodes (comm, exe): the kernel's own rule for
 * untrusted strings, whose helper is not exported.
 */
static void log_string(struct audit_buffer *ab, const char *name,
		       const char *text)
{
	size_t length = strnlen(text, EXE_PATH_MAX);

	audit_log_format(ab, " %s=", name);
	if (is_safe(text, length))
		audit_log_format(ab, "\"%.*s\"", (int)length, text);
	else
		log_hex(ab, text, length);
}

/*
 * A path that is too long is cut, which the path itself cannot say in a form
 * that no other path has: a field tells the whole length.
 */
static void log_exe(struct audit_buffer *ab, const char *path)
{
	size_t length = strlen(path);

	log_string(ab, "exe", path);
	if (length > EXE_PATH_MAX)
		audit_log_format(ab, " exe_length=%zu", length);
}

/*
 * ausearch -su finds its text anywhere in a context: the "connwarden:" that all
 * contexts begin with must not occur in a path again.
 */
static bool is_prefix_end(const char *text, size_t at)
{
	const size_t length = sizeof(CW_NAME) - 1;

	return text[at] == ':' && at >= length &&
	       !memcmp(text + at - length, CW_NAME, length);
}

static bool stands_in_context(const char *text, size_t at)
{
	return is_safe_byte(text[at]) && text[at] != '\\' &&
	       !is_prefix_end(text, at);
}

static void log_bytes(struct audit_buffer *ab, const char *text, size_t length,
		      size_t safe)
{
	size_t at, run;

	for (at = 0; at < length; at += run) {
		run = 0;
		while (at + run < safe && stands_in_context(text, at + run))
			run++;
		if (run)
			audit_log_format(ab, "%.*s", (int)run, text + at);
		else
			audit_log_format(ab, "\\%03o", (u8)text[at]);
		run += !run;
	}
}

/*
 * For fields that ausearch compares and shows as they stand: bytes that may not
 * stand in a record, and the backslash, become \ooo, as in the file
 * `connections` and in policyctl.  So no two texts look the same, and a text is
 * found by its beginning however it goes on.
 */
static void log_escaped(struct audit_buffer *ab, const char *text, size_t length)
{
	log_bytes(ab, text, length, length);
}

/*
 * At the end of a value the parser takes some punctuation for its own and leaves
 * it out: that byte is escaped as well.  The kernel's " (deleted)" stays as
 * people search for it.
 */
static bool ends_with_punctuation(const char *path, size_t length)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;

	if (length >= tail && !memcmp(path + length - tail, deleted, tail))
		return false;
	return length && strchr(",:')", path[length - 1]);
}

/* A path that is cut ends with "\...", with which no whole path ends. */
static void log_context_path(struct audit_buffer *ab, const char *path)
{
	size_t whole = strlen(path);
	size_t length = min_t(size_t, whole, CONTEXT_PATH_MAX);
	bool is_cut = length < whole;

	log_bytes(ab, path, length,
		  length - (!is_cut && ends_with_punctuation(path, length)));
	if (is_cut)
		audit_log_format(ab, "\\...");
}

static const char *class_of(u8 proto)
{
	static const char * const classes[] = {
		[CW_PROTO_TCP] = "tcp_socket",
		[CW_PROTO_UDP] = "udp_socket",
		[CW_PROTO_SCTP] = "sctp_socket",
		[CW_PROTO_ICMP] = "icmp_socket",
		[CW_PROTO_RAW] = "rawip_socket",
		[CW_PROTO_PACKET] = "packet_socket",
	};

	return classes[proto];
}

static void log_destination(struct audit_buffer *ab,
			    const struct cw_request *request)
{
	if (request->family == 6)
		audit_log_format(ab, " daddr=%pI6c", request->addr);
	else if (request->family == 4)
		audit_log_format(ab, " daddr=%pI4", request->addr);
	else
		audit_log_format(ab, " daddr=?");
	audit_log_format(ab, " dest=%u", request->port);
}

static void log_rule(struct audit_buffer *ab, const struct cw_record *event)
{
	audit_log_format(ab, " lsm=" CW_NAME);
	if (event->rule == CW_RULE_DEFAULT)
		audit_log_format(ab, " rule=default");
	else
		audit_log_format(ab, " rule=%u line=%u", event->rule,
				 event->line);
	if (event->label[0]) {
		audit_log_format(ab, " label=\"");
		log_escaped(ab, event->label, strlen(event->label));
		audit_log_format(ab, "\"");
	}
	audit_log_format(ab, " gen=%llu", event->generation);
}

static void log_contexts(struct audit_buffer *ab, const struct cw_record *event)
{
	const struct cw_request *request = &event->request;

	audit_log_format(ab, " scontext=" CW_NAME ":");
	log_context_path(ab, event->exe->path);
	if (request->family == 6)
		audit_log_format(ab, " tcontext=" CW_NAME ":[%pI6c]:%u",
				 request->addr, request->port);
	else
		audit_log_format(ab, " tcontext=" CW_NAME ":%pI4:%u",
				 request->addr, request->port);
	audit_log_format(ab, " tclass=%s permissive=%d",
			 class_of(request->proto),
			 event->outcome == CW_OUTCOME_WOULD_DENY);
}

static void log_begin(struct audit_buffer *ab, const struct cw_record *event)
{
	/* "denied" with permissive=1 is what would be denied, as SELinux says
	 * it. */
	audit_log_format(ab, "avc:  %s  { connect } for ",
			 event->outcome == CW_OUTCOME_ALLOW ? "granted" :
							      "denied");
}

static void log_end(struct audit_buffer *ab, const struct cw_record *event,
		    u64 suppressed)
{
	log_destination(ab, &event->request);
	log_rule(ab, event);
	audit_log_format(ab, " seq=%lld suppressed=%llu",
			 atomic64_inc_return(&sequence), suppressed);
	log_contexts(ab, event);
	audit_log_end(ab);
}

/* ---- records of decisions --------------------------------------------------- */

/*
 * The task that runs has auid and ses of its own; they belong in the record
 * only if the record is about that task.  A softirq interrupts any task, and a
 * kernel thread works for nobody: audit writes 4294967295 for both then.
 */
static void log_owner(struct audit_buffer *ab,
		      const struct cw_identity *identity)
{
	bool is_of_task = identity->task == current && in_task();

	audit_log_format(ab, " uid=%u auid=%u ses=%u", identity->uid,
			 is_of_task ? from_kuid(&init_user_ns,
						audit_get_loginuid(current))
				    : (uid_t)-1,
			 is_of_task ? audit_get_sessionid(current)
				    : AUDIT_SID_UNSET);
}

/* The order of the fields is what ausearch's parser wants: see docs/design.md. */
bool cw_record_write(const struct cw_record *event,
		     const struct cw_identity *identity, u64 suppressed)
{
	char comm[TASK_COMM_LEN] = "kernel";
	struct audit_buffer *ab;

	/* A softirq that sends has interrupted a task which it does not act
	 * for, and which may hold the lock of its name. */
	if (identity->task == current)
		get_task_comm(comm, current);
	ab = audit_log_start(identity->task == current ? audit_context() : NULL, GFP_ATOMIC | __GFP_NOWARN,
			     AUDIT_AVC);
	if (!ab)
		return false;
	log_begin(ab, event);
	audit_log_format(ab, " pid=%d", identity->tgid);
	log_string(ab, "comm", comm);
	log_exe(ab, event->exe->path);
	log_owner(ab, identity);
	log_end(ab, event, suppressed);
	return true;
}

/* From the work: no task to name, and it may wait for auditd. */
bool cw_record_summarise(const struct cw_record *event, u64 suppressed, gfp_t gfp)
{
	struct audit_buffer *ab;

	ab = audit_log_start(NULL, gfp, AUDIT_AVC);
	if (!ab)
		return false;
	log_begin(ab, event);
	audit_log_format(ab, " pid=0 comm=\"" CW_NAME "\"");
	log_exe(ab, event->exe->path);
	audit_log_format(ab, " uid=%u op=summary", event->owner);
	log_end(ab, event, suppressed);
	return true;
}

bool cw_record_overflow(uid_t owner, u64 suppressed, gfp_t gfp)
{
	struct audit_buffer *ab;

	ab = audit_log_start(NULL, gfp, AUDIT_AVC);
	if (!ab)
		return false;
	audit_log_format(ab, "avc:  denied  { connect } for  pid=0 comm=\""
			 CW_NAME "\" lsm=" CW_NAME
			 " uid=%u op=overflow seq=%lld suppressed=%llu scontext="
			 CW_NAME ":summary tcontext=" CW_NAME
			 ":summary tclass=tcp_socket permissive=0",
			 owner, atomic64_inc_return(&sequence), suppressed);
	audit_log_end(ab);
	return true;
}
