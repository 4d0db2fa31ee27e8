// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens now, by program: two looks at the kernel's table, and what has
 * changed between them.  A connection that came and went between two looks is
 * in the table for a while, so it is counted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

/* How much a connection had carried at a look. */
struct cw_top_seen {
	int64_t id;
	uint64_t bytes;
};

/* ---- a look ------------------------------------------------------------- */

static struct cw_top_row *find_row(struct cw_top *top, const char *exe,
				   uint32_t *number)
{
	struct cw_top_row *row;

	*number = cw_names_add(&top->names, exe, strlen(exe));
	if (*number == CW_NAME_NONE)
		return NULL;
	row = cw_grow(top->row, *number, &top->room, sizeof(*row));
	if (!row)
		return NULL;
	top->row = row;
	row += *number;
	if (*number == top->count) {
		memset(row, 0, sizeof(*row));
		row->exe = cw_names_get(&top->names, *number);
		top->count++;
	}
	return row;
}

static int add_peer(struct cw_top *top, const struct cw_past *past,
		    uint32_t program)
{
	struct cw_top_peer *peers;
	uint32_t number, known = top->keys.name.count;
	struct cw_top_peer peer;

	/* Without holes: it is its own key. */
	memset(&peer, 0, sizeof(peer));
	peer.program = program;
	peer.in = past->in;
	peer.family = past->family;
	peer.proto = past->proto;
	memcpy(peer.address, past->remote, sizeof(peer.address));
	if (!past->in)
		peer.port = past->remote_port;
	number = cw_names_add(&top->keys, &peer, sizeof(peer));
	if (number == CW_NAME_NONE)
		return -ENOMEM;
	peers = cw_grow(top->peer, number, &top->peer_room, sizeof(peer));
	if (!peers)
		return -ENOMEM;
	top->peer = peers;
	if (number == known)
		top->peer[number] = peer;
	top->peer[number].connections++;
	return 0;
}

static int compare_seen(const void *a, const void *b)
{
	const struct cw_top_seen *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static uint64_t bytes_before(const struct cw_top *top, int64_t id)
{
	struct cw_top_seen key = { .id = id }, *found;

	found = top->befores ? bsearch(&key, top->before, top->befores,
				       sizeof(key), compare_seen) : NULL;
	return found ? found->bytes : 0;
}

static int add_bytes(struct cw_top *top, struct cw_top_row *row,
		     const struct cw_past *past)
{
	uint64_t sent = past->sent == CW_BYTES_UNKNOWN ? 0 : past->sent;
	uint64_t received = past->received == CW_BYTES_UNKNOWN
		? 0 : past->received;
	uint64_t bytes = sent + received, before;
	struct cw_top_seen *seen;

	if (past->sent == CW_BYTES_UNKNOWN &&
	    past->received == CW_BYTES_UNKNOWN)
		return 0;
	seen = cw_grow(top->seen, top->seens, &top->seen_room, sizeof(*seen));
	if (!seen)
		return -ENOMEM;
	top->seen = seen;
	top->seen[top->seens++] = (struct cw_top_seen) { past->id, bytes };
	before = bytes_before(top, past->id);
	row->has_bytes = true;
	if (bytes > before)
		row->bytes += bytes - before;
	return 0;
}

struct look {
	struct cw_top *top;
	int64_t last;			/* time of the look before, 0 = none */
};

static int add_live(void *data, const struct cw_live *live)
{
	const struct cw_past *past = &live->past;
	struct look *look = data;
	bool is_open = live->state <= CW_STATE_OPEN;
	bool is_new = look->last && past->opened > look->last;
	struct cw_top_row *row;
	uint32_t number;
	int ret;

	if (!cw_filter_matches(look->top->filter, past))
		return 0;
	row = find_row(look->top, past->program.exe, &number);
	if (!row)
		return -ENOMEM;
	row->open += is_open;
	if (live->state == CW_STATE_REFUSED)
		row->refused += is_new;
	else
		row->opened += is_new;
	ret = add_bytes(look->top, row, past);
	if (!ret && (is_open || is_new))
		ret = add_peer(look->top, past, number);
	return ret;
}

/* ---- what comes of it --------------------------------------------------- */

/* Keeps the busiest in order; there are few places. */
static void place_peer(struct cw_top_row *row, const struct cw_top_peer *peer)
{
	unsigned at = row->peers;

	while (at && row->peer[at - 1].connections < peer->connections)
		at--;
	if (at == CW_TOP_PEERS)
		return;
	if (row->peers < CW_TOP_PEERS)
		row->peers++;
	memmove(&row->peer[at + 1], &row->peer[at],
		(row->peers - 1 - at) * sizeof(*peer));
	row->peer[at] = *peer;
}

static void add_up(struct cw_top *top)
{
	memset(&top->total, 0, sizeof(top->total));
	for (size_t i = 0; i < top->count; i++) {
		const struct cw_top_row *row = &top->row[i];

		top->total.open += row->open;
		top->total.opened += row->opened;
		top->total.refused += row->refused;
		top->total.bytes += row->bytes;
		top->total.has_bytes |= row->has_bytes;
	}
}

static void begin(struct cw_top *top, struct look *look)
{
	look->top = top;
	look->last = top->time;
	top->time = cw_time_now();
	top->seconds = look->last ? (top->time - look->last) / 1e9 : 0;
	free(top->before);
	top->before = top->seen;
	top->befores = top->seens;
	top->seen = NULL;
	top->seens = top->seen_room = 0;
	cw_names_free(&top->names);
	cw_names_free(&top->keys);
	top->count = 0;
}

int cw_top_look(struct cw_top *top, const char *securityfs)
{
	struct look look;
	int ret;

	begin(top, &look);
	ret = cw_live_read(securityfs, add_live, &look);
	if (top->seens)
		qsort(top->seen, top->seens, sizeof(*top->seen), compare_seen);
	for (uint32_t i = 0; !ret && i < top->keys.name.count; i++)
		place_peer(&top->row[top->peer[i].program], &top->peer[i]);
	add_up(top);
	return ret;
}

void cw_top_free(struct cw_top *top)
{
	cw_names_free(&top->names);
	cw_names_free(&top->keys);
	free(top->row);
	free(top->peer);
	free(top->seen);
	free(top->before);
}

/* ---- order -------------------------------------------------------------- */

static uint64_t value_of(const struct cw_top_row *row, int key)
{
	return key == 'n' ? row->opened : key == 'r' ? row->refused
		: key == 'b' ? row->bytes : row->open;
}

static int compare(const void *a, const void *b, void *key)
{
	const struct cw_top_row *x = a, *y = b;
	uint64_t left = value_of(x, *(int *)key);
	uint64_t right = value_of(y, *(int *)key);

	/* Rows that are equal must not jump about. */
	if (left == right)
		return x->open != y->open ? x->open < y->open ? 1 : -1
					  : strcmp(x->exe, y->exe);
	return left < right ? 1 : -1;
}

void cw_top_sort(struct cw_top *top, int key)
{
	if (top->count)
		qsort_r(top->row, top->count, sizeof(*top->row), compare, &key);
}

/* ---- lines -------------------------------------------------------------- */

/* "-" = it takes a second look. */
static void print_rate(FILE *out, double count, double seconds, bool is_known)
{
	static const char units[] = " kMGT";
	double rate = seconds > 0 ? count / seconds : 0;
	int unit = 0;

	if (seconds <= 0 || !is_known) {
		fprintf(out, " %9s", "-");
		return;
	}
	for (; rate >= 9999.5 && units[unit + 1]; unit++)
		rate /= 1000;
	if (unit)
		fprintf(out, " %8.1f%c", rate, units[unit]);
	else
		fprintf(out, " %9.1f", rate);
}

static void print_peer(FILE *out, const struct cw_top_peer *peer)
{
	char text[CW_END_ROOM];
	const char *end = text;

	if (!peer->family)
		end = "?";
	else if (peer->in)
		cw_past_address(peer->family, peer->address, text);
	else
		end = cw_end_print(peer->family, peer->proto, peer->address,
				   peer->port, text);
	fprintf(out, "%s%s %s (%llu)", peer->in ? "<- " : "-> ",
		cw_proto_name(peer->proto), end,
		(unsigned long long)peer->connections);
}

static void print_counts(FILE *out, const struct cw_top *top,
			 const struct cw_top_row *row)
{
	fprintf(out, "%8llu", (unsigned long long)row->open);
	print_rate(out, row->opened, top->seconds, true);
	print_rate(out, row->refused, top->seconds, true);
	print_rate(out, row->bytes, top->seconds, row->has_bytes);
}

void cw_top_print_title(FILE *out, const struct cw_top *top)
{
	fprintf(out, "%8s %9s %9s %9s  PROGRAM  PEERS\n", "OPEN", "NEW/S",
		"REFUSED/S", "BYTES/S");
	print_counts(out, top, &top->total);
	fprintf(out, "  all %zu programs\n", top->count);
}

void cw_top_print_row(FILE *out, const struct cw_top *top,
		      const struct cw_top_row *row)
{
	print_counts(out, top, row);
	fputs("  ", out);
	cw_text_print(out, CW_TEXT_ASCII, row->exe[0] ? row->exe : "?", " ");
	for (unsigned i = 0; i < row->peers; i++) {
		fputs(i ? ", " : "  ", out);
		print_peer(out, &row->peer[i]);
	}
	fputc('\n', out);
}
