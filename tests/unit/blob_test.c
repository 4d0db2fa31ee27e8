// SPDX-License-Identifier: GPL-2.0-only
/* The door: damaged blobs are refused, or safe to use. */
#include "hostile.h"
#include "random_policy.h"
#include "text.h"

/* A little of everything that a blob can hold. */
static const char rules[] =
	"set @nets = 10.0.0.0/8, 172.16.0.0/12, 192.168.1.3-192.168.1.9\n"
	"set @more = @nets, 2001:db8::/32, 2001:db8:1::5, "
	"2001:db8:2::3-2001:db8:2::9\n"
	"set @web = 80, 443, 8000-8080\n"
	"allow any to @loopback\n"
	"deny any to 169.254.169.254 as \"cloud metadata\"\n"
	"allow /usr/bin/curl to @more port @web, 22 proto tcp\n"
	"allow /usr/bin/curl to 10.1.0.0/16, 10.1.2.0/24 port 53\n"
	"deny /usr/bin/curl to 10.1.2.0/24 port 53 monitor\n"
	"allow /usr/bin/python3.* script /opt/x user 1000 to any port 5432\n"
	"allow any group 4 unit nginx.service to any log\n"
	"deny any group 5 unit nginx.service to any\n"
	"deny any group 6 unit nginx.service to any\n"
	"allow /usr/**/p?rl* to any\n"
	"deny /usr/sbin/* ancestor /usr/sbin/sshd cgroup /user.slice to any\n"
	"allow any container web parent /init to ::/0 until 2030-01-01T00:00:00Z\n"
	"allow any sha256 000102030405060708090a0b0c0d0e0f"
	"101112131415161718191a1b1c1d1e1f to any nolog\n"
	"allow kernel to 10.9.9.9, 2001:db8:3::1 proto udp, raw\n"
	"allow /usr/bin/curl to 10.9.9.9 port 1\n"
	"allow /usr/bin/curl to 10.9.9.9 port 2\n"
	"allow /usr/bin/curl to 10.9.9.9 port 3\n"
	"allow /usr/bin/curl to 10.9.9.9 port 5\n"
	"allow /usr/bin/curl to 10.9.9.9 port 7\n"
	"allow /usr/bin/curl to 10.9.9.9 port 9\n"
	"allow /usr/bin/curl to 10.9.9.9 port 11\n"
	"allow /usr/bin/curl to 10.9.9.9 port 13-20 proto udp\n"
	"allow /usr/bin/curl to 10.9.9.9 port 15-30\n"
	"allow /usr/bin/curl to 10.9.9.9 port 17 proto sctp\n"
	"allow /usr/bin/curl to any from port 53, 5060-5061\n"
	"allow any clean-env to fe80::/10%eth0, ff02::1%br0 from port 53\n";

static u8 *good;
static size_t good_size;

static void compile(const struct cw_ruleset *ruleset)
{
	struct cw_diag *diag = cw_diag_new();
	void *data;

	ck_assert_int_eq(cw_ruleset_emit(ruleset, &data, &good_size, diag), 0);
	good = data;
	cw_diag_free(diag);
}

static void setup(void)
{
	struct cw_ruleset *ruleset = text_rules(rules);

	compile(ruleset);
	cw_ruleset_free(ruleset);
}

static void teardown(void)
{
	free(good);
}

static struct cw_blob_header *header(void)
{
	return (struct cw_blob_header *)good;
}

static u32 *word(size_t at)
{
	return (u32 *)(void *)(good + at);
}

START_TEST(taken_when_untouched)
{
	ck_assert(hostile_try(good, good_size));
}
END_TEST

START_TEST(facts_are_those_of_the_source)
{
	struct cw_blob blob;
	u8 digest[32];

	ck_assert_int_eq(cw_blob_open(&blob, good, good_size), 0);
	ck_assert_uint_eq(cw_blob_rules(&blob), 26);
	ck_assert_uint_eq(cw_blob_rule_line(&blob, 1), 5);
	ck_assert_uint_eq(cw_blob_rule_line(&blob, 26), 0);
	ck_assert_str_eq(cw_blob_rule_label(&blob, 1), "cloud metadata");
	ck_assert_str_eq(cw_blob_rule_label(&blob, 2), "");
	ck_assert_str_eq(cw_blob_rule_label(&blob, 26), "");
	ck_assert_str_eq(cw_blob_rule_label(&blob, CW_RULE_DEFAULT), "");
	ck_assert_uint_eq(cw_blob_features(&blob), CW_FEATURE_EXE |
			  CW_FEATURE_GLOB | CW_FEATURE_KERNEL |
			  CW_FEATURE_SCRIPT | CW_FEATURE_USER |
			  CW_FEATURE_GROUP | CW_FEATURE_CGROUP |
			  CW_FEATURE_UNIT | CW_FEATURE_CONTAINER |
			  CW_FEATURE_PARENT | CW_FEATURE_ANCESTOR |
			  CW_FEATURE_SHA256 | CW_FEATURE_SHA256_ANY |
			  CW_FEATURE_UNTIL | CW_FEATURE_MONITOR |
			  CW_FEATURE_FROM | CW_FEATURE_CLEAN_ENV |
			  CW_FEATURE_ZONE);
	cw_blob_digest(good, good_size, digest);
	ck_assert_mem_eq(digest, cw_blob_sha256(&blob), 32);
	header()->sha256[0] ^= 1;
	cw_blob_digest(good, good_size, digest);
	ck_assert_mem_ne(digest, cw_blob_sha256(&blob), 32);
}
END_TEST

START_TEST(refused_when_header_is_wrong)
{
	struct cw_blob_header saved = *header();

#define REFUSED(change) do { \
		change; \
		ck_assert_msg(!hostile_try(good, good_size), "%s", #change); \
		*header() = saved; \
	} while (0)
	REFUSED(header()->magic++);
	REFUSED(header()->version++);
	REFUSED(header()->size++);
	REFUSED(header()->features ^= CW_FEATURE_GLOB);
	REFUSED(header()->features |= 1u << 31);
	REFUSED(header()->default_allow = 2);
	REFUSED(header()->log = CW_LOG_ALL + 1);
	REFUSED(header()->zero[1] = 1);
	REFUSED(header()->zero2 = 1);
	REFUSED(header()->section[0].offset += 64);
	REFUSED(header()->section[CW_SECTION_RULE].count++);
	REFUSED(header()->section[CW_SECTION_COUNT - 1].count--);
#undef REFUSED
}
END_TEST

static void *section(enum cw_section number)
{
	return good + header()->section[number].offset;
}

static u32 count_of(enum cw_section number)
{
	return header()->section[number].count;
}

#define REFUSED(what, wrong) do { \
		typeof(what) saved = (what); \
		(what) = (wrong); \
		ck_assert_msg(!hostile_try(good, good_size), "%s", #what); \
		(what) = saved; \
	} while (0)

/* What a search of the globs relies on. */
START_TEST(refused_when_globs_are_no_trees)
{
	struct cw_blob_place *place = section(CW_SECTION_PLACE);
	u32 *cond = section(CW_SECTION_COND_PLACE), i, last;
	struct cw_blob_group *group = section(CW_SECTION_GROUP);
	struct cw_blob_subject *subject = section(CW_SECTION_SUBJECT);

	last = count_of(CW_SECTION_PLACE) - 1;
	REFUSED(place[0].child, 0);
	REFUSED(place[0].child, CW_ROOT_COUNT + 1);
	REFUSED(place[1].child, place[0].child);
	REFUSED(place[last].child, last + 1);
	REFUSED(place[last].child, last - 1);
	REFUSED(place[0].kind, CW_PLACE_ANY);
	REFUSED(place[0].ends, 1);
	for (i = CW_ROOT_COUNT; i < last; i++) {
		REFUSED(place[i].kind, CW_PLACE_ANY + 1);
		REFUSED(place[i].ends, 2);
		REFUSED(place[i].zero, 1);
		/* a cycle; a way to nowhere; an end that is none */
		REFUSED(place[i].child, i);
		if (place[i].child + 1 == place[i + 1].child && !place[i].ends)
			REFUSED(place[i].child, place[i].child + 1);
		if (place[i].child == place[i + 1].child)
			REFUSED(place[i].ends, 0);
	}
	for (i = 0; i < count_of(CW_SECTION_COND); i++) {
		REFUSED(cond[i], last);
		REFUSED(cond[i], 0);
	}
	for (i = 0; i < count_of(CW_SECTION_GROUP); i++)
		if (subject[i].kind == CW_EXE_GLOB) {
			REFUSED(group[i].exe, last);
			REFUSED(group[i].exe, CW_BLOB_NONE);
		}
	ck_assert(hostile_try(good, good_size));
}
END_TEST

/* A blob of a release before or after this one, whatever else it has. */
START_TEST(version_is_told_apart_from_damage)
{
	u64 start[2] = { CW_BLOB_MAGIC, 3 };

	ck_assert_uint_eq(cw_blob_version(good, good_size), CW_BLOB_VERSION);
	ck_assert_uint_eq(cw_blob_version(start, sizeof(start)), 3);
	ck_assert_uint_eq(cw_blob_version(start, 11), 0);
	start[0]++;
	ck_assert_uint_eq(cw_blob_version(start, sizeof(start)), 0);
}
END_TEST

/* A prefix, or a first address and a last one. */
START_TEST(refused_when_ipv6_destinations_are_none)
{
	struct cw_blob_addr6 *addr = section(CW_SECTION_ADDR6);
	u32 count = count_of(CW_SECTION_ADDR6), i, ranges = 0;

	for (i = 0; i < count; i++) {
		REFUSED(addr[i].zero, 1);
		REFUSED(addr[i].zone, count_of(CW_SECTION_ZONE) + 1);
		if (addr[i].length == CW_BLOB_ADDR6_RANGE) {
			ranges++;
			REFUSED(addr[i + 1].length, 127);
			REFUSED(addr[i + 1].zone, 1);
			if (addr[i + 1].addr[0] != 0xff)
				REFUSED(addr[i].addr[0],
					addr[i + 1].addr[0] + 1);
			REFUSED(addr[i].length, 10);
		} else {
			REFUSED(addr[i].length, 129);
			REFUSED(addr[i].length, 254);
		}
		if (addr[i].length < 121)
			REFUSED(addr[i].addr[15], 1);
	}
	ck_assert_uint_gt(ranges, 0);
	/* nothing comes after it */
	REFUSED(addr[count - 1].length, CW_BLOB_ADDR6_RANGE);
	ck_assert(hostile_try(good, good_size));
}
END_TEST

/* What is past the end of a cell's prefix is in the same group. */
START_TEST(refused_when_ipv6_cells_lead_out_of_their_group)
{
	struct cw_blob_table *table = section(CW_SECTION_TABLE);
	struct cw_blob_cell6 *cell = section(CW_SECTION_CELL6);
	u32 pairs = 0, i, j, end;

	for (i = 0; i < count_of(CW_SECTION_TABLE); i++) {
		if (table[i].family != 6 || table[i].depth)
			continue;
		end = table[i].cell + table[i].cells;
		for (j = table[i].cell; j < end; j++) {
			pairs += cell[j].after != j;
			REFUSED(cell[j].after, end);
			REFUSED(cell[j].after, CW_BLOB_NONE);
			if (table[i].cell)
				REFUSED(cell[j].after, table[i].cell - 1);
			REFUSED(cell[j].rest, cell[j].rest | 1u << 31);
		}
	}
	ck_assert_uint_gt(pairs, 0);
	ck_assert(hostile_try(good, good_size));
}
END_TEST
#undef REFUSED

START_TEST(refused_when_cut)
{
	size_t size;

	for (size = 0; size < good_size; size++) {
		ck_assert(!hostile_try(good, size));
		if (size < sizeof(struct cw_blob_header))
			continue;
		header()->size = size;
		ck_assert(!hostile_try(good, size));
		header()->size = good_size;
	}
}
END_TEST

START_TEST(refused_when_longer)
{
	u8 *longer = calloc(1, good_size + 64);

	memcpy(longer, good, good_size);
	ck_assert(!hostile_try(longer, good_size + 64));
	((struct cw_blob_header *)longer)->size = good_size + 64;
	ck_assert(!hostile_try(longer, good_size + 64));
	free(longer);
}
END_TEST

/* Every bit, and every byte as a whole. */
START_TEST(safe_when_bits_flip)
{
	size_t at;
	u32 bit, taken = 0;

	for (at = 0; at < good_size; at++) {
		for (bit = 0; bit < 8; bit++) {
			good[at] ^= 1 << bit;
			taken += hostile_try(good, good_size);
			good[at] ^= 1 << bit;
		}
		good[at] ^= 0xff;
		taken += hostile_try(good, good_size);
		good[at] ^= 0xff;
	}
	/* digest, seed, lines, keys of cells and the like may be anything */
	ck_assert_uint_gt(taken, 32 * 9);
	ck_assert_uint_lt(taken, good_size * 9 / 2);
}
END_TEST

/* Every number in turn becomes one that does harm where it is believed. */
START_TEST(safe_when_numbers_are_extreme)
{
	static const u32 extreme[] = {
		0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
		0x00ffffff, 0x40000000, 0xc0000000, 0xffff0000, 0x8000ffff,
	};
	size_t at;
	u32 i, saved;

	for (at = 0; at < good_size; at += sizeof(u32)) {
		saved = *word(at);
		for (i = 0; i < ARRAY_SIZE(extreme); i++) {
			*word(at) = extreme[i];
			hostile_try(good, good_size);
		}
		*word(at) = saved + 1;
		hostile_try(good, good_size);
		*word(at) = saved - 1;
		hostile_try(good, good_size);
		*word(at) = saved;
	}
}
END_TEST

/* A number copied from elsewhere in the blob is as plausible as can be. */
START_TEST(safe_when_numbers_are_garbage)
{
	struct random random = { .state = 7 };
	u32 i, j, changes, saved[4];
	size_t at[4];

	for (i = 0; i < 20000; i++) {
		changes = 1 + random_below(&random, 4);
		for (j = 0; j < changes; j++) {
			at[j] = 4 * random_below(&random, good_size / 4);
			saved[j] = *word(at[j]);
			*word(at[j]) = random_one_in(&random, 2) ?
				random_next(&random) :
				*word(4 * random_below(&random, good_size / 4));
		}
		hostile_try(good, good_size);
		while (j--)
			*word(at[j]) = saved[j];
	}
	ck_assert(hostile_try(good, good_size));
}
END_TEST

START_TEST(safe_when_random_policies_are_damaged)
{
	struct random_policy policy;
	struct random random = { .state = _i };
	u32 i, saved;
	size_t at;

	random_policy_make(&policy, 1000 + _i);
	free(good);
	compile(policy.ruleset);
	for (i = 0; i < 300; i++) {
		at = 4 * random_below(&random, good_size / 4);
		saved = *word(at);
		*word(at) ^= 1u << random_below(&random, 32);
		hostile_try(good, good_size);
		*word(at) = saved;
	}
	random_policy_free(&policy);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("blob");
	TCase *tests = tcase_create("blob");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, taken_when_untouched);
	tcase_add_test(tests, facts_are_those_of_the_source);
	tcase_add_test(tests, refused_when_header_is_wrong);
	tcase_add_test(tests, refused_when_globs_are_no_trees);
	tcase_add_test(tests, version_is_told_apart_from_damage);
	tcase_add_test(tests, refused_when_ipv6_destinations_are_none);
	tcase_add_test(tests,
		       refused_when_ipv6_cells_lead_out_of_their_group);
	tcase_add_test(tests, refused_when_cut);
	tcase_add_test(tests, refused_when_longer);
	tcase_add_test(tests, safe_when_bits_flip);
	tcase_add_test(tests, safe_when_numbers_are_extreme);
	tcase_add_test(tests, safe_when_numbers_are_garbage);
	tcase_add_loop_test(tests, safe_when_random_policies_are_damaged,
			    0, 50);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
