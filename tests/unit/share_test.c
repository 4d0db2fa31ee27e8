// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shares of the table of connections: the module's own owner.c, share.c and
 * age.c on top of kernel.h, against what must hold whatever owners do.  Above all:
 * who stays below his share sees the same, however the others behave.
 */
#include "kernel.h"
#include "lsm/owner.c"
#include "lsm/share.c"
#include "lsm/age.c"
#include "fixture.h"

#define SECOND	1000000000ull
#define CONNS	200000
#define LIMIT	4096
#define ROOT	0
#define BELOW	900	/* stays below his share; less than the others */
#define ALICE	1000
#define BOB	1001

u64 kernel_now;
unsigned int kernel_cpu;
bool kernel_has_memory;
static uint32_t seed;

/* ---- the rest of the module --------------------------------------------------- */

/* Every connection that the test made, with what has become of it. */
static struct entry {
	struct conn conn;
	uid_t uid;
	u64 gone;		/* when it was freed; 0 = it is there */
} *entries;
static u32 entry_count;

static u64 counts[CW_COUNT_END];
static bool events_have_room;
static struct cw_event_untracked told;
static u64 told_count;

void cw_count_add(enum cw_count what, u64 n)
{
	counts[what] += n;
}

bool cw_event_untracked(const struct cw_event_untracked *record, u16 share)
{
	ck_assert_uint_lt(share, CW_OWNERS);
	if (!events_have_room)
		return false;
	told = *record;
	told_count += record->count;
	return true;
}

void cw_conn_retire(struct conn *conn)
{
	struct entry *entry = container_of(conn, struct entry, conn);

	ck_assert_int_eq(conn->state, STATE_CLOSED);
	ck_assert_uint_eq(entry->gone, 0);
	entry->gone = kernel_now;
	cw_share_give_back(&conn->place, conn->in, true);
}

static void end(struct conn *conn)
{
	conn->closed = kernel_now;
	conn->state = STATE_CLOSED;
	cw_age_queue_ended(conn);
}

void cw_flow_age(struct conn *conn, unsigned long idle)
{
	if (jiffies < conn->used + idle)
		cw_age_queue_flow(conn);
	else
		end(conn);
}

/* ---- what owners do -------------------------------------------------------------- */

static void stop(void)
{
	if (root)
		cw_owner_exit();
	root = NULL;
}

static void start_with(u32 limit)
{
	stop();
	max_connections = limit;
	heaviest = NULL;
	memset(buckets, 0, sizeof(buckets));
	memset(owners, 0, sizeof(owners));
	memset(used, 0, sizeof(used));
	memset(counts, 0, sizeof(counts));
	number = entry_count = told_count = 0;
	kernel_now = 1000 * SECOND;
	kernel_cpu = 0;
	kernel_has_memory = events_have_room = true;
	ck_assert_int_eq(cw_owner_init(), 0);
	cw_share_init();
}

static void setup(void)
{
	entries = calloc(CONNS, sizeof(*entries));
	start_with(LIMIT);
}

static void teardown(void)
{
	stop();
	free(entries);
}

/* NULL = it has no entry. */
static struct entry *open_one(uid_t uid, bool in)
{
	struct entry *entry = &entries[entry_count];

	ck_assert_uint_lt(entry_count, CONNS);
	memset(entry, 0, sizeof(*entry));
	if (!cw_share_reserve(uid, in, &entry->conn.place)) {
		cw_share_untracked(uid);
		return NULL;
	}
	INIT_LIST_HEAD(&entry->conn.queue);
	entry->conn.in = in;
	entry->conn.state = STATE_OPEN;
	entry->uid = cw_owner_at(entry->conn.place.share)->uid;
	entry_count++;
	return entry;
}

static void close_one(struct entry *entry)
{
	if (entry && !cw_conn_is_over(&entry->conn))
		end(&entry->conn);
}

static u32 open_many(uid_t uid, bool in, u32 count)
{
	u32 done = 0;

	while (count--)
		done += open_one(uid, in) != NULL;
	return done;
}

static void open_and_close(uid_t uid, bool in, u32 count)
{
	while (count--)
		close_one(open_one(uid, in));
}

static void wait_a_second(void)
{
	kernel_now += SECOND;
	reap(NULL);
}

static u32 entries_of(uid_t uid)
{
	u32 sum = 0;

	for (u32 i = 0; i < entry_count; i++)
		sum += entries[i].uid == uid && !entries[i].gone;
	return sum;
}

static u32 entries_of_all(void)
{
	u32 sum = 0;

	for (u32 i = 0; i < entry_count; i++)
		sum += !entries[i].gone;
	return sum;
}

static uint32_t next_random(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* ---- what must hold always ------------------------------------------------------- */

/* What the owner has, as the file tells it. */
static u32 said(const struct cw_owner *owner)
{
	return cw_fair_number(&owner->part) - credit_of(owner);
}

static void check_owner(const struct cw_owner *owner)
{
	u64 opened = 0, closed = 0, live = 0;

	for (u32 i = 0; i < cw_owner_stripes; i++) {
		opened += owner->stripe[i].opened;
		closed += owner->stripe[i].closed;
	}
	for (u32 i = 0; i < entry_count; i++)
		live += entries[i].uid == owner->uid && !entries[i].gone &&
			!cw_conn_is_over(&entries[i].conn);
	ck_assert_uint_eq(said(owner), entries_of(owner->uid));
	ck_assert_uint_eq(opened, closed + live);
}

static void check_all(void)
{
	u32 low = 0, common = 0, sum = 0, index = 0;
	struct cw_owner *owner;

	for (; (owner = cw_owner_next_rcu(&index)); index++) {
		u32 has = cw_fair_number(&owner->part);
		u32 floor = cw_fair_floor(&table, &owner->part);

		check_owner(owner);
		for (int kind = 0; kind < 2; kind++) {
			u32 n = owner->part.kind[kind];

			low += owner->part.is_root ? 0 : min(n, floor);
			common += n > floor ? n - floor : 0;
		}
		sum += has;
		ck_assert_int_eq(atomic_read(&owner->pins),
				 1 + !!has + !!owner->unsaid);
	}
	ck_assert_uint_eq(table.low, low);
	ck_assert_uint_eq(table.common, common);
	ck_assert_uint_eq(table.used, sum);
	ck_assert_uint_le(sum, table.limit);
	ck_assert_uint_eq(cw_conn_number(), entries_of_all());
}

/* ---- the property ------------------------------------------------------------------ */

/* What the observed owner saw: did his n-th connection get an entry, and when did
 * that go? */
struct seen {
	u32 count;
	bool had_entry[4096];
	u64 gone[4096];
	const struct entry *entry[4096];
};

/* One step of the owner who stays below his share: he keeps as few open that what
 * he has had for a minute is less than @most. */
static void step_below(uid_t uid, struct seen *seen, u32 most)
{
	struct entry *entry;

	if (entries_of(uid) >= most)
		return;
	entry = open_one(uid, next_random(2));
	seen->had_entry[seen->count] = entry != NULL;
	seen->entry[seen->count++] = entry;
	if (next_random(2))
		close_one(entry);
}

static void step_of_others(u32 others_count, uint32_t *other_seed)
{
	uint32_t mine = seed;
	uid_t uid;

	seed = *other_seed;
	uid = next_random(4) ? ALICE : ALICE + next_random(others_count);
	kernel_cpu = next_random(4);
	switch (next_random(8)) {
	case 0:
		open_and_close(uid, next_random(2), next_random(300));
		break;
	case 1:
		open_many(uid, next_random(2), next_random(300));
		break;
	case 2:
		for (u32 i = 0; i < 100 && entry_count; i++) {
			struct entry *entry = &entries[next_random(entry_count)];

			if (entry->uid >= ALICE && !entry->gone)
				close_one(entry);
		}
		break;
	}
	kernel_cpu = 0;
	*other_seed = seed;
	seed = mine;
}

static void run(uid_t uid, u32 most, u32 others_count, bool alone,
		uint32_t with_seed, struct seen *seen)
{
	uint32_t other_seed = ~with_seed;

	start_with(LIMIT);
	seed = with_seed;
	memset(seen, 0, sizeof(*seen));
	for (int i = 0; i < 400; i++) {
		if (!alone)
			step_of_others(others_count, &other_seed);
		step_below(uid, seen, most);
		if (next_random(4) == 0)
			wait_a_second();
	}
	check_all();
	for (u32 i = 0; i < seen->count; i++)
		seen->gone[i] = seen->entry[i] ? seen->entry[i]->gone : 0;
}

/* How many owners can have a floor at a time. */
static u32 floors(void)
{
	return table.little / (2 * table.floor);
}

static void check_same(uid_t uid, u32 most)
{
	static struct seen with, without;

	for (uint32_t i = 1; i <= 20; i++) {
		run(uid, most, i % 2 ? 2 : floors() - 1, false, i * 7919, &with);
		run(uid, most, 0, true, i * 7919, &without);
		ck_assert_uint_eq(with.count, without.count);
		ck_assert_uint_gt(with.count, most / 2);
		for (u32 n = 0; n < with.count; n++) {
			ck_assert_int_eq(with.had_entry[n], true);
			ck_assert_uint_eq(with.gone[n], without.gone[n]);
		}
	}
}

START_TEST(who_has_little_sees_the_same_whatever_others_do)
{
	check_same(BELOW, table.floor);
}
END_TEST

START_TEST(root_sees_the_same_whatever_others_do)
{
	check_same(ROOT, table.root);
}
END_TEST

/* ---- cases -------------------------------------------------------------------------- */

START_TEST(accounts_add_up_whatever_happens)
{
	seed = 3;
	for (int i = 0; i < 300; i++) {
		uint32_t other_seed = seed;

		step_of_others(300, &other_seed);
		seed = other_seed;
		events_have_room = i % 3;
		kernel_has_memory = i % 5;
		if (i % 4 == 0)
			wait_a_second();
		if (i % 20 == 0)
			check_all();
	}
	check_all();
}
END_TEST

START_TEST(both_directions_have_one_limit)
{
	u32 accepted = open_many(ALICE, true, 2 * LIMIT);
	u32 connected = open_many(ALICE, false, 2 * LIMIT);

	ck_assert_uint_gt(accepted, table.limit / 2);
	ck_assert_uint_gt(connected, 0);
	ck_assert_uint_le(accepted + connected, table.limit - 2 * table.root -
			  table.little + 2 * table.floor);
	ck_assert_uint_eq(counts[CW_COUNT_UNTRACKED],
			  4 * LIMIT - accepted - connected);
	ck_assert_uint_eq(counts[CW_COUNT_EVICTED], 0);
	ck_assert_uint_eq(open_many(ROOT, false, table.root), table.root);
	ck_assert_uint_eq(open_many(BOB, false, table.floor), table.floor);
	check_all();
}
END_TEST

/* Peers choose how many connect to him. */
START_TEST(who_is_connected_to_has_room_for_his_own)
{
	u32 accepted = open_many(ALICE, true, 2 * LIMIT);

	ck_assert_uint_eq(open_many(ALICE, false, 100), 100);
	ck_assert_uint_gt(open_many(ROOT, true, LIMIT), table.root);
	ck_assert_uint_eq(open_many(ROOT, false, table.root), table.root);
	ck_assert_uint_gt(accepted, 1000);
}
END_TEST

START_TEST(the_oldest_of_the_largest_go_first)
{
	struct entry *first = open_one(BOB, false);

	close_one(first);
	open_and_close(ALICE, false, 3 * LIMIT);
	ck_assert_uint_eq(first->gone, 0);
	ck_assert_uint_eq(counts[CW_COUNT_UNTRACKED], 0);
	for (u32 i = 1; i + 1 < entry_count; i++)
		ck_assert(entries[i].gone || !entries[i + 1].gone);
	/* Bob may have as much as she, who has too much by now. */
	open_and_close(BOB, false, LIMIT / 4);
	ck_assert_uint_eq(entries_of(BOB), LIMIT / 4 + 1);
	check_all();
}
END_TEST

START_TEST(what_is_open_never_goes)
{
	u32 opened = open_many(ALICE, false, LIMIT);

	open_and_close(BOB, false, 2 * LIMIT);
	ck_assert_uint_eq(entries_of(ALICE), opened);
	ck_assert_uint_eq(counts[CW_COUNT_UNTRACKED], LIMIT - opened);
}
END_TEST

/* Uids that were one share before. */
START_TEST(no_uid_shares_with_another)
{
	open_many(1000, false, LIMIT);
	ck_assert_uint_eq(open_many(1000 + 255, false, table.floor),
			  table.floor);
	ck_assert_ptr_ne(cw_owner_find_rcu(1000), cw_owner_find_rcu(1255));
}
END_TEST

START_TEST(owners_that_are_gone_make_room_for_others)
{
	for (uid_t uid = 1; uid <= 2 * CW_OWNERS; uid++)
		cw_owner_find_rcu(uid);
	ck_assert_uint_eq(cw_owner_find_rcu(2 * CW_OWNERS)->uid,
			  CW_OWNER_OTHERS);
	open_one(7, false);
	wait_a_second();
	ck_assert_uint_eq(cw_owner_find_rcu(2 * CW_OWNERS)->uid, 2 * CW_OWNERS);
	ck_assert_uint_eq(said(cw_owner_find_rcu(7)), 1);
	check_all();
}
END_TEST

START_TEST(owner_without_memory_is_one_of_the_others)
{
	kernel_has_memory = false;
	ck_assert_ptr_nonnull(open_one(ALICE, false));
	ck_assert_uint_eq(cw_owner_find_rcu(ALICE)->uid, CW_OWNER_OTHERS);
	ck_assert_ptr_nonnull(open_one(ROOT, false));
}
END_TEST

START_TEST(what_has_no_entry_is_told_once)
{
	u32 opened = open_many(ALICE, false, LIMIT);

	events_have_room = false;
	wait_a_second();
	ck_assert_uint_eq(told_count, 0);
	open_many(ALICE, false, 10);
	events_have_room = true;
	wait_a_second();
	ck_assert_uint_eq(told_count, LIMIT + 10 - opened);
	ck_assert_uint_eq(told.owner, ALICE);
	ck_assert_uint_eq(told.since, 1000 * SECOND);
	ck_assert_uint_eq(told.until, 1002 * SECOND);
	wait_a_second();
	ck_assert_uint_eq(told_count, LIMIT + 10 - opened);
	check_all();
}
END_TEST

START_TEST(ended_ones_go_when_their_time_has_come)
{
	open_and_close(ALICE, false, 10);
	open_many(ALICE, true, 5);
	for (u32 i = 0; i < ttl - 1; i++)
		wait_a_second();
	ck_assert_uint_eq(entries_of(ALICE), 15);
	wait_a_second();
	ck_assert_uint_eq(entries_of(ALICE), 5);
	check_all();
}
END_TEST

/* With few entries, some floors are nothing. */
START_TEST(any_limit_is_kept)
{
	for (u32 limit = 0; limit < 70; limit++) {
		start_with(limit);
		open_many(ALICE, false, 100);
		open_many(BOB, true, 100);
		open_many(ROOT, false, 100);
		ck_assert_uint_le(entries_of_all(), limit);
		check_all();
	}
}
END_TEST

static Suite *share_suite(void)
{
	Suite *suite = suite_create("share");
	TCase *tests = tcase_create("share");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, who_has_little_sees_the_same_whatever_others_do);
	tcase_add_test(tests, root_sees_the_same_whatever_others_do);
	tcase_add_test(tests, accounts_add_up_whatever_happens);
	tcase_add_test(tests, both_directions_have_one_limit);
	tcase_add_test(tests, who_is_connected_to_has_room_for_his_own);
	tcase_add_test(tests, the_oldest_of_the_largest_go_first);
	tcase_add_test(tests, what_is_open_never_goes);
	tcase_add_test(tests, no_uid_shares_with_another);
	tcase_add_test(tests, owners_that_are_gone_make_room_for_others);
	tcase_add_test(tests, owner_without_memory_is_one_of_the_others);
	tcase_add_test(tests, what_has_no_entry_is_told_once);
	tcase_add_test(tests, ended_ones_go_when_their_time_has_come);
	tcase_add_test(tests, any_limit_is_kept);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, share_suite);
}
