// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor: does the module's table name the same connections, and the same
 * processes, as /proc?  Neither is read in one moment, so what differs must
 * differ twice.
 *
 * Compared is what both can know: who listens, sockets without a peer, and
 * sockets that no process has (closed, not accepted yet, the kernel's) are in
 * /proc only; datagrams that each name their destination in the table only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "policyctl/rows/live.h"
#include "policyctl/rows/proc.h"

#define ROUNDS		3	/* looks until a difference is believed */
/* Datagram sockets of a namespace: the kernel goes through all of them for every
 * page of the table that it prints, which takes minutes with some 100,000. */
#define DATAGRAMS_MAX	20000
#define PAUSE_USEC	100000	/* between them */

/* What makes a connection the same in both views.  The address of this end is
 * left out: the table does not have it for datagrams. */
struct key {
	uint32_t netns;
	uint8_t proto, family, remote[16];
	uint16_t remote_port;
	uint16_t local_port;		/* 0 = not known */
};

struct item {
	struct key key;
	uint32_t tgid;			/* 0 = none */
	bool is_user;			/* of the table: tgid uses it, and the
					 * opener has an item of its own */
	uint32_t holder;		/* in /proc: the first one */
	const char *exe;		/* borrowed, or the table's own */
	bool live;
	enum cw_difference difference;
};

struct list {
	struct item *items;
	size_t count, room;
};

/* One look at both. */
struct look {
	struct cw_proc proc;
	struct list sockets;		/* of proc, sorted */
	struct list entries;		/* of the table, sorted */
	struct list differences;	/* sorted */
};

/* ---- lists --------------------------------------------------------------- */

static int append(struct list *list, const struct item *item)
{
	struct item *items = cw_grow(list->items, list->count, &list->room,
				     sizeof(*items));

	if (!items)
		return -ENOMEM;
	list->items = items;
	items[list->count++] = *item;
	return 0;
}

/* A key without a local port is equal to those with any. */
static int compare_key(const void *a, const void *b)
{
	const struct key *left = &((const struct item *)a)->key;
	const struct key *right = &((const struct item *)b)->key;
	int order = memcmp(left->remote, right->remote, sizeof(left->remote));

	if (left->netns != right->netns)
		return left->netns < right->netns ? -1 : 1;
	if (left->proto != right->proto)
		return left->proto < right->proto ? -1 : 1;
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	if (order || left->remote_port != right->remote_port)
		return order ?: (int)left->remote_port - right->remote_port;
	return left->local_port ? (int)left->local_port - right->local_port : 0;
}

/* With the local port, which is 0 when it is not known. */
static int compare_port(const void *a, const void *b)
{
	const struct item *left = a, *right = b;

	return compare_key(a, b) ?:
	       (int)left->key.local_port - right->key.local_port;
}

/* For sorting: total. */
static int compare_item(const void *a, const void *b)
{
	const struct item *left = a, *right = b;
	int order = compare_port(a, b);

	if (!order)
		order = (int)left->difference - (int)right->difference;
	if (!order && left->tgid != right->tgid)
		order = left->tgid < right->tgid ? -1 : 1;
	return order;
}

static void sort(struct list *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items),
		      compare_item);
}

/* The first one that is not before @item by @order; NULL = none is equal. */
static const struct item *find(const struct list *list,
			       const struct item *item,
			       int (*order)(const void *a, const void *b))
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order(item, &list->items[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->count && !order(item, &list->items[low])
		? &list->items[low] : NULL;
}

/* ---- the module's table -------------------------------------------------- */

static bool has_ports(uint8_t proto)
{
	return CW_PROTO_MASK_PORTS & 1u << proto;
}

/* Entries for the opener and for another process that uses it now. */
static int add_entry(struct list *entries, const struct item *item,
		     const struct cw_past *past, const char *exe)
{
	struct item entry = *item;
	int ret;

	entry.tgid = past->program.tgid;
	entry.exe = strdup(exe[0] ? exe : "?");
	ret = entry.exe ? append(entries, &entry) : -ENOMEM;
	if (ret || !past->user.tgid || past->user.tgid == entry.tgid)
		return ret;
	entry.exe = NULL;
	entry.tgid = past->user.tgid;
	entry.is_user = true;
	return append(entries, &entry);
}

/* /proc does not have what is over, nor what has no address. */
static int add_live(void *entries, const struct cw_live *live)
{
	const struct cw_past *past = &live->past;
	struct item item = {
		.key.netns = past->netns,
		.key.proto = past->proto,
		.key.family = past->family,
		.live = past->is_live,
	};

	if (!past->is_live || !past->family)
		return 0;
	memcpy(item.key.remote, past->remote, sizeof(item.key.remote));
	if (has_ports(past->proto)) {
		item.key.local_port = past->local_port;
		item.key.remote_port = past->remote_port;
	}
	return add_entry(entries, &item, past, live->exe);
}

static int read_table(const struct cw_host *host, struct list *entries)
{
	int ret = cw_live_read(host->securityfs, add_live, entries);

	sort(entries);
	return ret;
}

/* ---- /proc --------------------------------------------------------------- */

static int list_sockets(const struct cw_proc *proc, struct list *sockets)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < proc->socket_count; i++) {
		const struct cw_proc_socket *socket = &proc->sockets[i];
		struct item item = {
			.key.netns = socket->netns,
			.key.proto = socket->proto,
			.key.family = socket->family,
			.key.remote_port = socket->remote_port,
			.key.local_port = socket->local_port,
			.holder = socket->holder,
			.live = socket->state != CW_PROC_CLOSED,
			.exe = "?",
		};

		memcpy(item.key.remote, socket->remote, 16);
		if (item.holder != CW_PROC_NONE) {
			uint32_t first = proc->holders[item.holder].process;

			item.tgid = proc->processes[first].tgid;
			item.exe = proc->processes[first].exe;
		}
		ret = append(sockets, &item);
	}
	sort(sockets);
	return ret;
}

/* ---- one look ------------------------------------------------------------ */

static int note(struct look *look, const struct item *item,
		enum cw_difference difference)
{
	struct item copy = *item;

	copy.difference = difference;
	return append(&look->differences, &copy);
}

/* Whether a process that has @socket has, or uses, an entry like @wanted. */
static bool is_agreed(const struct look *look, const struct item *socket,
		      struct item wanted)
{
	const struct cw_proc *proc = &look->proc;
	uint32_t at = socket->holder;

	for (; at != CW_PROC_NONE; at = proc->holders[at].next) {
		wanted.tgid = proc->processes[proc->holders[at].process].tgid;
		if (find(&look->entries, &wanted, compare_item))
			return true;
	}
	return false;
}

/* Whether a live entry may be @socket, and whether one names a process that has
 * it.  Each look-up is by halving: there may be very many of one remote end. */
static bool match(const struct look *look, const struct item *socket,
		  bool *agreed)
{
	struct item wanted = *socket;
	const struct item *entry;

	entry = find(&look->entries, &wanted, compare_port);
	if (!entry) {
		/* In the table its local end may not be known. */
		wanted.key.local_port = 0;
		entry = find(&look->entries, &wanted, compare_port);
	}
	*agreed = entry && is_agreed(look, socket, wanted);
	return entry;
}

/* The module enters datagrams when they are sent, and a connected socket may not
 * have sent any; and datagrams need not be connected in /proc. */
static bool is_stream(const struct item *item)
{
	return item->key.proto == CW_PROTO_TCP ||
	       item->key.proto == CW_PROTO_SCTP;
}

static int compare_sockets(struct look *look)
{
	bool agreed;
	int ret = 0;

	for (size_t i = 0; !ret && i < look->sockets.count; i++) {
		const struct item *socket = &look->sockets.items[i];

		if (!socket->live || socket->holder == CW_PROC_NONE)
			continue;
		if (!match(look, socket, &agreed)) {
			if (is_stream(socket))
				ret = note(look, socket, CW_DIFFERENCE_TABLE);
			continue;
		}
		if (!agreed)
			ret = note(look, socket, CW_DIFFERENCE_HOLDER);
	}
	return ret;
}

static int compare_entries(struct look *look)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < look->entries.count; i++) {
		const struct item *entry = &look->entries.items[i];

		if (entry->is_user || !cw_proc_has_namespace(&look->proc,
							   entry->key.netns) ||
		    !is_stream(entry))
			continue;
		if (!find(&look->sockets, entry, compare_key))
			ret = note(look, entry, CW_DIFFERENCE_PROC);
	}
	return ret;
}

static void free_look(struct look *look)
{
	for (size_t i = 0; i < look->entries.count; i++)
		free((char *)look->entries.items[i].exe);
	free(look->entries.items);
	free(look->sockets.items);
	free(look->differences.items);
	cw_proc_free(&look->proc);
}

static int take_look(const struct cw_host *host, struct look *look)
{
	char path[CW_PATH_MAX];
	int ret;

	memset(look, 0, sizeof(*look));
	snprintf(path, sizeof(path), "%s/proc", host->root);
	ret = cw_proc_read_some(&look->proc, path, DATAGRAMS_MAX);
	if (!ret)
		ret = list_sockets(&look->proc, &look->sockets);
	if (!ret)
		ret = read_table(host, &look->entries);
	if (!ret)
		ret = compare_sockets(look);
	if (!ret)
		ret = compare_entries(look);
	sort(&look->differences);
	return ret;
}

/* ---- what differs each time ---------------------------------------------- */

static void keep_common(struct list *differences, const struct list *before)
{
	size_t kept = 0;

	for (size_t i = 0; i < differences->count; i++)
		if (before->count &&
		    bsearch(&differences->items[i], before->items,
			    before->count, sizeof(*before->items),
			    compare_item))
			differences->items[kept++] = differences->items[i];
	differences->count = kept;
}

static void name_difference(struct cw_views *views, const struct item *item)
{
	char *text = views->names[item->difference], address[INET6_ADDRSTRLEN];
	size_t used = strlen(text);
	size_t room = sizeof(views->names[0]) - used;
	bool is_v6 = item->key.family == 6;
	int length;

	views->count[item->difference]++;
	inet_ntop(is_v6 ? AF_INET6 : AF_INET, item->key.remote, address,
		  sizeof(address));
	length = snprintf(text + used, room, "%s%s port %u with %s%s%s:%u of "
			  "%u %s", used ? "; " : "", cw_proto_name(item->key.proto),
			  item->key.local_port, is_v6 ? "[" : "", address,
			  is_v6 ? "]" : "", item->key.remote_port, item->tgid,
			  item->exe);
	/* All of a name or none of it; the count says how many there are. */
	if (length >= (int)room)
		text[used] = 0;
}

void cw_views_gather(const struct cw_host *host, struct cw_views *views)
{
	struct look before, look;
	int ret = take_look(host, &look);

	memset(views, 0, sizeof(*views));
	for (int i = 1; !ret && i < ROUNDS && look.differences.count; i++) {
		before = look;
		usleep(PAUSE_USEC);
		ret = take_look(host, &look);
		keep_common(&look.differences, &before.differences);
		free_look(&before);
	}
	for (size_t i = 0; !ret && i < look.differences.count; i++)
		name_difference(views, &look.differences.items[i]);
	views->hidden = look.proc.hidden;
	views->unread = look.proc.datagrams_unread;
	views->error = ret;
	free_look(&look);
}

/* ---- checks -------------------------------------------------------------- */

static void look_at(const struct cw_host *host, struct cw_finding *finding,
		    enum cw_difference difference, const char *advice,
		    const char *what)
{
	const struct cw_views *views = &host->views;
	unsigned long count = views->count[difference];

	if (views->error)
		cw_finding_set(finding, CW_CHECK_WARNING, NULL, "not known: "
			       "the views cannot be compared: %s",
			       strerror(-views->error));
	else if (count)
		cw_finding_set(finding, difference == CW_DIFFERENCE_TABLE
			       ? CW_CHECK_PROBLEM : CW_CHECK_WARNING, advice,
			       "%lu connection%s %s: %s", count,
			       count == 1 ? "" : "s", what,
			       views->names[difference]);
	else if (views->unread)
		cw_finding_set(finding, CW_CHECK_WARNING, NULL, "no "
			       "difference, but %lu datagram sockets are too "
			       "many to be compared", views->unread);
	else if (views->hidden)
		cw_finding_set(finding, CW_CHECK_WARNING, "run doctor as root",
			       "no difference, but the files of %u processes "
			       "cannot be seen", views->hidden);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "no connection %s", what);
}

void cw_check_seen_by_module(const struct cw_host *host,
			     struct cw_finding *finding)
{
	look_at(host, finding, CW_DIFFERENCE_TABLE, "see the checks `table' "
		"and `identities'; what is older than the module, restart",
		"in /proc and not in the module's table");
}

void cw_check_seen_by_proc(const struct cw_host *host,
			   struct cw_finding *finding)
{
	look_at(host, finding, CW_DIFFERENCE_PROC, "look whether something "
		"hides it from /proc; report it if not",
		"in the module's table and not in /proc");
}

void cw_check_holders(const struct cw_host *host, struct cw_finding *finding)
{
	look_at(host, finding, CW_DIFFERENCE_HOLDER, "nothing, if it was "
		"inherited or passed: the module names who opened it, "
		"/proc who has it now",
		"now of another process than the one that opened it");
}
