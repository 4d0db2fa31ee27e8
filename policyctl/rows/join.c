// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends of a connection: the row of who asked for it and the row of who
 * accepted it, found by their mirrored addresses, ports and times.  Rows come
 * from the history and from files of other hosts.
 *
 * A pair of addresses and ports is used again and again, so rows of the same
 * one are matched in the order of their times: each takes the earliest of the
 * other side that was open at the same time.  A server may accept a connection
 * after the client has closed it, and clocks of hosts differ: what found no
 * other end gets a second chance with SLACK between the two.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"

#define SLACK	10000000000ll		/* ns */

/* Which rows may belong together, and by what. */
enum kind {
	KIND_ACCEPTED,		/* `out' and `in', mirrored */
	KIND_SENT,		/* UDP: `out' of both, mirrored */
	KIND_WILD,		/* likewise, the second answered from a socket
				 * that is bound to a port only */
};

/* The same host is tried first: private addresses are used on many. */
static const struct round {
	enum kind kind;
	bool same_host;
} rounds[] = {
	{ KIND_ACCEPTED, true }, { KIND_SENT, true }, { KIND_WILD, true },
	{ KIND_ACCEPTED, false }, { KIND_SENT, false },
};

/* ---- rows --------------------------------------------------------------- */

static int grow(struct cw_join *join)
{
	struct cw_seen *row;

	/* Numbers of rows have 32 bits, one of which means none. */
	if (join->rows == CW_JOIN_NONE)
		return -ENOMEM;
	row = cw_grow(join->row, join->rows, &join->room, sizeof(*row));
	if (!row)
		return -ENOMEM;
	join->row = row;
	return 0;
}

static uint32_t add_name(struct cw_join *join, const char *text)
{
	return cw_names_add(&join->names, text, strlen(text));
}

/* Three strings, each with its NUL. */
static uint32_t add_program(struct cw_join *join,
			    const struct cw_program *program)
{
	char unit[CW_PATH_MAX];
	const char *parts[] = { program->exe, program->script,
				cw_unit_fold(program->unit, unit) };
	char text[4 * CW_PATH_MAX];
	size_t used = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t size = strnlen(parts[i], CW_PATH_MAX);

		memcpy(text + used, parts[i], size);
		used += size;
		text[used++] = 0;
	}
	return cw_names_add(&join->names, text, used);
}

int cw_join_add(struct cw_join *join, const struct cw_past *past,
		bool is_wanted)
{
	struct cw_seen *row;

	if (grow(join))
		return -ENOMEM;
	row = &join->row[join->rows];
	memset(row, 0, sizeof(*row));
	row->id = past->id;
	row->opened = past->opened;
	row->closed = past->closed;
	row->sent = past->sent;
	row->received = past->received;
	memcpy(row->local, past->local, sizeof(row->local));
	memcpy(row->remote, past->remote, sizeof(row->remote));
	row->local_port = past->local_port;
	row->remote_port = past->remote_port;
	row->family = past->family;
	row->proto = past->proto;
	row->verdict = past->verdict;
	row->in = past->in;
	row->is_live = past->is_live;
	row->has_local = cw_past_has_local(past);
	row->is_wanted = is_wanted;
	row->netns = past->netns;
	row->rule = past->rule;
	row->line = past->line;
	row->host = add_name(join, cw_past_host(past->host));
	row->label = add_name(join, past->label);
	row->program = add_program(join, &past->program);
	row->foreign = cw_past_users_netns(past);
	row->netns_owner = past->netns_owner;
	row->server_host = CW_NAME_NONE;
	row->other = CW_JOIN_NONE;
	if (row->host == CW_NAME_NONE || row->label == CW_NAME_NONE ||
	    row->program == CW_NAME_NONE)
		return -ENOMEM;
	join->rows++;
	return 0;
}

void cw_join_free(struct cw_join *join)
{
	cw_names_free(&join->names);
	free(join->row);
	memset(join, 0, sizeof(*join));
}

void cw_join_program(const struct cw_join *join, uint32_t number,
		     struct cw_program *program)
{
	memset(program, 0, sizeof(*program));
	program->exe = cw_names_get(&join->names, number);
	program->script = program->exe + strlen(program->exe) + 1;
	program->unit = program->script + strlen(program->script) + 1;
	program->cgroup = "";
}

/* ---- in the order of time, once ----------------------------------------- */

static int compare(const void *a, const void *b)
{
	const struct cw_seen *x = a, *y = b;

	if (x->opened != y->opened)
		return x->opened < y->opened ? -1 : 1;
	if (x->host != y->host)
		return x->host < y->host ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	/* Of the same row the one that knows its end comes first. */
	return (x->closed == 0) - (y->closed == 0);
}

/* A host may have been exported twice; rows without a number stay. */
static bool is_same(const struct cw_seen *a, const struct cw_seen *b)
{
	return a->id && a->id == b->id && a->host == b->host &&
	       a->opened == b->opened;
}

static void sort(struct cw_join *join)
{
	size_t kept = 0, i;

	for (i = 1; i < join->rows; i++)
		if (compare(&join->row[i - 1], &join->row[i]) > 0)
			break;
	if (i < join->rows)
		qsort(join->row, join->rows, sizeof(*join->row), compare);
	for (i = 0; i < join->rows; i++)
		if (!kept || !is_same(&join->row[kept - 1], &join->row[i]))
			join->row[kept++] = join->row[i];
	join->rows = kept;
}

/* ---- groups of rows with the same ends ---------------------------------- */

/* The same for both rows of a connection; without holes, for memcmp(). */
struct key {
	uint8_t address[2][16];
	uint32_t host, netns;
	uint16_t port[2];
	uint8_t family, proto, zero[2];
};

struct group {
	uint32_t head[2], tail[2];	/* rows of either side, by time */
};

struct table {
	const struct round *round;
	bool across_netns;
	struct cw_intern intern;	/* of group, by key */
	struct group *group;
	uint32_t groups;
};

static bool is_loopback(const struct cw_seen *row)
{
	static const uint8_t one[16] = { [15] = 1 };

	return row->family == 4 ? row->remote[0] == 127
		: !memcmp(row->remote, one, sizeof(one));
}

static void set_end(struct key *key, int side, const uint8_t *address,
		    uint16_t port)
{
	memcpy(key->address[side], address, sizeof(key->address[side]));
	key->port[side] = port;
}

/* Local first if @side is 0. */
static int set_ends(struct key *key, const struct cw_seen *row, int side)
{
	set_end(key, side, row->local, row->local_port);
	set_end(key, !side, row->remote, row->remote_port);
	return side;
}

/* The side of @row, -1 = both its ends are the same. */
static int side_of(const struct cw_seen *row)
{
	int order = memcmp(row->local, row->remote, sizeof(row->local));

	if (!order)
		order = row->local_port - row->remote_port;
	return order < 0 ? 0 : order > 0 ? 1 : -1;
}

static int set_wild(struct key *key, const struct cw_seen *row)
{
	static const uint8_t any[16];

	if (row->has_local) {
		set_end(key, 0, row->local, row->local_port);
		set_end(key, 1, any, row->remote_port);
		return 0;
	}
	set_end(key, 0, row->remote, row->remote_port);
	set_end(key, 1, any, row->local_port);
	return 1;
}

/* Rows of root's namespaces are in one place, all others each in their own. */
#define ROOTS	UINT32_MAX

static uint32_t place_of(const struct table *table, const struct cw_seen *row)
{
	if (is_loopback(row))
		return row->netns;
	return table->across_netns || row->netns_owner == CW_NETNS_ROOT
		? ROOTS : row->netns;
}

/* The key of @row and its side; -1 = it takes no part in this round. */
static int make_key(const struct table *table, const struct cw_seen *row,
		    struct key *key)
{
	const struct round *round = table->round;
	bool is_udp = row->proto == CW_PROTO_UDP && !row->in;
	int side = row->in;

	memset(key, 0, sizeof(*key));
	key->family = row->family;
	key->proto = row->proto;
	if (round->same_host)
		key->host = row->host + 1;
	else if (is_loopback(row) || (row->netns_owner == CW_NETNS_USER &&
				      !table->across_netns))
		return -1;
	if (round->same_host)
		key->netns = place_of(table, row);
	if (round->kind == KIND_WILD)
		return is_udp ? set_wild(key, row) : -1;
	if (round->kind == KIND_SENT)
		side = is_udp ? side_of(row) : -1;
	return side < 0 || !row->has_local ? -1 : set_ends(key, row, side);
}

static bool may_have_other(const struct cw_seen *row)
{
	return row->other == CW_JOIN_NONE && row->family && row->local_port &&
	       cw_past_has_ports(row->proto) && row->verdict != CW_OUTCOME_DENY;
}

/* The key that a group is looked for by. */
struct wanted {
	const struct cw_join *join;
	const struct table *table;
	const struct key *key;
};

static bool has_key(const void *context, uint32_t number)
{
	const struct wanted *wanted = context;
	const struct group *group = &wanted->table->group[number];
	uint32_t any = group->head[0] != CW_JOIN_NONE ? group->head[0]
						      : group->head[1];
	struct key own;

	make_key(wanted->table, &wanted->join->row[any], &own);
	return !memcmp(&own, wanted->key, sizeof(own));
}

/* There is room for a group of each row. */
static struct group *find_group(const struct cw_join *join,
				struct table *table, const struct key *key)
{
	const struct wanted wanted = { join, table, key };
	uint32_t *number = cw_intern_find(&table->intern,
					  cw_names_hash(key, sizeof(*key)),
					  has_key, &wanted);

	if (*number == CW_INTERN_NONE) {
		*number = table->groups++;
		memset(&table->group[*number], 0xff, sizeof(*table->group));
	}
	return &table->group[*number];
}

static void add_to_group(struct cw_join *join, struct group *group,
			 uint32_t number, int side)
{
	join->row[number].next = CW_JOIN_NONE;
	if (group->head[side] == CW_JOIN_NONE)
		group->head[side] = number;
	else
		join->row[group->tail[side]].next = number;
	group->tail[side] = number;
}

static void make_groups(struct cw_join *join, struct table *table)
{
	struct key key;

	for (size_t i = 0; i < join->rows; i++) {
		int side = may_have_other(&join->row[i])
			? make_key(table, &join->row[i], &key) : -1;

		if (side >= 0)
			add_to_group(join, find_group(join, table, &key), i,
				     side);
	}
}

/* ---- matching ----------------------------------------------------------- */

/* One that is not known to be over was over when its ends were used again. */
static int64_t end_of(const struct cw_join *join, const struct cw_seen *row)
{
	int64_t end = INT64_MAX - SLACK;

	if (row->closed)
		end = row->closed;
	else if (row->next != CW_JOIN_NONE)
		end = join->row[row->next].opened;
	return end > row->opened ? end : row->opened;
}

/* Between hosts, two rows of one host were no pair before and are none now. */
static bool may_pair(const struct table *table, const struct cw_seen *a,
		     const struct cw_seen *b)
{
	return table->round->same_host || a->host != b->host ||
	       place_of(table, a) == place_of(table, b);
}

/* First row from *@live on that may still belong to @row or a later one. */
static uint32_t find_other(const struct cw_join *join,
			   const struct table *table, uint32_t *live,
			   const struct cw_seen *row, int64_t slack)
{
	int64_t end = end_of(join, row) + slack;
	const struct cw_seen *other;
	uint32_t at;

	while (*live != CW_JOIN_NONE &&
	       (join->row[*live].other != CW_JOIN_NONE ||
		end_of(join, &join->row[*live]) + slack < row->opened))
		*live = join->row[*live].next;
	for (at = *live; at != CW_JOIN_NONE; at = other->next) {
		other = &join->row[at];
		if (other->opened > end)
			break;
		if (other->other == CW_JOIN_NONE &&
		    end_of(join, other) + slack >= row->opened &&
		    may_pair(table, row, other))
			return at;
	}
	return CW_JOIN_NONE;
}

/* Each list is passed once.  Numbers of rows are in the order of time. */
static void match_group(struct cw_join *join, const struct table *table,
			const struct group *group, int64_t slack)
{
	uint32_t at[2] = { group->head[0], group->head[1] };
	uint32_t live[2] = { group->head[0], group->head[1] };

	while (at[0] != CW_JOIN_NONE || at[1] != CW_JOIN_NONE) {
		int side = at[0] > at[1];	/* NONE is the largest */
		uint32_t number = at[side], other;
		struct cw_seen *row = &join->row[number];

		at[side] = row->next;
		if (row->other != CW_JOIN_NONE)
			continue;
		other = find_other(join, table, &live[!side], row, slack);
		if (other == CW_JOIN_NONE)
			continue;
		row->other = other;
		join->row[other].other = number;
	}
}

static void run_round(struct cw_join *join, struct table *table)
{
	cw_intern_clear(&table->intern);
	table->groups = 0;
	make_groups(join, table);
	for (uint32_t i = 0; i < table->groups; i++) {
		match_group(join, table, &table->group[i], 0);
		match_group(join, table, &table->group[i], SLACK);
	}
}

int cw_join_match(struct cw_join *join)
{
	struct table table = { .across_netns = join->across_netns };
	int ret = -ENOMEM;

	sort(join);
	table.group = malloc((join->rows + 1) * sizeof(*table.group));
	if (table.group && cw_intern_reserve(&table.intern, join->rows)) {
		for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
			table.round = &rounds[i];
			run_round(join, &table);
		}
		ret = cw_owners_find(join);
	}
	cw_intern_free(&table.intern);
	free(table.group);
	return ret;
}

bool cw_join_is_client(const struct cw_join *join, size_t number)
{
	const struct cw_seen *row = &join->row[number];

	if (row->in || row->other == CW_JOIN_NONE)
		return !row->in;
	/* UDP: who sent first. */
	return join->row[row->other].in || number < row->other;
}
