// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decisions in policies of awkward shapes, each against the model.  What the
 * language means is in tests/golden; random policies are in property_test.c.
 */
#include <time.h>

#include "model.h"
#include "random_policy.h"
#include "text.h"

static struct cw_ruleset *ruleset;
static struct cw_blob blob;
static void *data;
static size_t size;
static struct cw_ident ident;
static struct cw_subjects subjects;

static void compile(void)
{
	struct cw_diag *diag = cw_diag_new();

	ck_assert_int_eq(cw_ruleset_emit(ruleset, &data, &size, diag), 0);
	ck_assert_int_eq(cw_blob_open(&blob, data, size), 0);
	cw_diag_free(diag);
}

static void setup(void)
{
	ruleset = NULL;
	data = NULL;
	ident = (struct cw_ident) { .exe = "/usr/bin/curl", .uid = 1000 };
}

static void teardown(void)
{
	cw_ruleset_free(ruleset);
	cw_free(data);
	ruleset = NULL;
	data = NULL;
}

/* ---- policies ------------------------------------------------------------ */

/* @count rules of one program, each with room for one destination and port. */
static void make_rules(u32 count)
{
	u32 i;

	ruleset = cw_ruleset_new();
	ruleset->rules = cw_ruleset_alloc(ruleset,
					  count * sizeof(*ruleset->rules));
	ruleset->rule_count = count;
	for (i = 0; i < count; i++) {
		struct cw_rule *rule = &ruleset->rules[i];

		rule->allow = i & 1;
		rule->exe_kind = CW_EXE_PATH;
		rule->exe = (char *)"/usr/bin/curl";
		rule->protos = CW_PROTO_MASK_ALL;
		rule->dest_count = 1;
		rule->dests = cw_ruleset_alloc(ruleset, sizeof(*rule->dests));
		rule->ports = cw_ruleset_alloc(ruleset, sizeof(*rule->ports));
		rule->dests->kind = CW_DEST_ANY;
	}
}

static void set_addr(u8 *byte, u32 addr)
{
	byte[0] = addr >> 24;
	byte[1] = addr >> 16;
	byte[2] = addr >> 8;
	byte[3] = addr;
}

static void set_range(struct cw_rule *rule, u32 lo, u32 hi)
{
	rule->dests->kind = CW_DEST_ADDR;
	rule->dests->family = 4;
	set_addr(rule->dests->lo, lo);
	set_addr(rule->dests->hi, hi);
}

static void set_ports(struct cw_rule *rule, u16 lo, u16 hi)
{
	rule->port_count = 1;
	rule->ports->lo = lo;
	rule->ports->hi = hi;
}

/* ---- questions ----------------------------------------------------------- */

static void agree_one(const struct cw_request *request)
{
	struct cw_verdict engine = cw_match(&blob, &subjects, &ident, request);
	struct cw_verdict model = model_match(ruleset, &ident, request);

	ck_assert_int_eq((int)engine.rule, (int)model.rule);
	ck_assert(engine.allow == model.allow);
	ck_assert(engine.monitor == model.monitor && engine.log == model.log);
}

static void agree4(u32 addr, u16 port, u8 proto)
{
	struct cw_request request = {
		.family = 4, .port = port, .proto = proto,
	};

	set_addr(request.addr, addr);
	agree_one(&request);
}

/* ---- many subjects ------------------------------------------------------- */

/* More apply than can be remembered, and any of them may decide. */
START_TEST(lowest_rule_when_subjects_overflow)
{
	u32 count = CW_SUBJECTS_KEPT * 2 + _i, i;

	make_rules(count);
	for (i = 0; i < count; i++) {
		ruleset->rules[i].until = 1000 + i;
		set_ports(&ruleset->rules[i], i, i);
	}
	compile();
	cw_match_subjects(&blob, &ident, &subjects);
	ck_assert(subjects.overflow);
	for (i = 0; i <= count; i++)
		agree4(1, i, CW_PROTO_TCP);
}
END_TEST

START_TEST(kept_when_subjects_just_fit)
{
	u32 i;

	make_rules(CW_SUBJECTS_KEPT);
	for (i = 0; i < CW_SUBJECTS_KEPT; i++)
		ruleset->rules[i].until = 1 + i;
	compile();
	cw_match_subjects(&blob, &ident, &subjects);
	ck_assert(!subjects.overflow);
	ck_assert_uint_eq(subjects.count, CW_SUBJECTS_KEPT);
	agree4(1, 1, CW_PROTO_TCP);
}
END_TEST

/* Among 20,000 programs the right one is found, and nobody else's rule. */
START_TEST(own_rule_among_many_programs)
{
	u32 i, count = 20000;
	char path[64];

	make_rules(count);
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/opt/app%u/bin/run", i);
		ruleset->rules[i].exe = cw_ruleset_string(ruleset, path,
							  strlen(path));
	}
	compile();
	for (i = 0; i <= count; i += 97) {
		snprintf(path, sizeof(path), "/opt/app%u/bin/run", i);
		ident.exe = path;
		cw_match_subjects(&blob, &ident, &subjects);
		ck_assert_uint_eq(subjects.count, i < count);
		agree4(1, 1, CW_PROTO_TCP);
	}
}
END_TEST

START_TEST(own_rule_among_many_users)
{
	u32 i, count = 20000;

	make_rules(count);
	for (i = 0; i < count; i++) {
		struct cw_rule *rule = &ruleset->rules[i];

		rule->exe_kind = CW_EXE_ANY;
		rule->exe = NULL;
		rule->cond_count = 1;
		rule->conds = cw_ruleset_alloc(ruleset, sizeof(*rule->conds));
		rule->conds->kind = CW_COND_USER;
		rule->conds->id = i;
	}
	compile();
	for (ident.uid = 0; ident.uid <= count; ident.uid += 97) {
		cw_match_subjects(&blob, &ident, &subjects);
		ck_assert_uint_eq(subjects.count, ident.uid < count);
		agree4(1, 1, CW_PROTO_TCP);
	}
}
END_TEST

static u32 count_subjects(const char *rules)
{
	teardown();
	ruleset = text_rules(rules);
	compile();
	cw_match_subjects(&blob, &ident, &subjects);
	agree4(0x0a000001, 443, CW_PROTO_TCP);
	agree4(0x0b000001, 443, CW_PROTO_TCP);
	agree4(0x0b000001, 80, CW_PROTO_TCP);
	return subjects.count;
}

/* What any program may do is in each program's own index, if it is little. */
START_TEST(one_subject_when_any_is_folded)
{
	const char *any = "allow any to 10.0.0.0/8\n"
			  "deny any to any port 80\n";
	char many[8192];
	u32 i;

	ck_assert_uint_eq(count_subjects(any), 1);
	snprintf(many, sizeof(many), "%sallow /usr/bin/curl to any\n", any);
	ck_assert_uint_eq(count_subjects(many), 1);
	snprintf(many, sizeof(many), "allow /usr/bin/curl to any\n%s", any);
	ck_assert_uint_eq(count_subjects(many), 1);
	snprintf(many, sizeof(many), "%sallow /usr/bin/* to ::/0\n"
		 "deny any group 7 to any\nallow /usr/bin/curl to any\n", any);
	ck_assert_uint_eq(count_subjects(many), 2);
	/* one that ends must not take the other's rules with it */
	snprintf(many, sizeof(many), "%sallow /usr/bin/curl to any "
		 "until 2030-01-01T00:00:00Z\n", any);
	ck_assert_uint_eq(count_subjects(many), 2);
	/* too much to be in every index */
	for (i = 0, many[0] = '\0'; i < 65; i++)
		sprintf(many + strlen(many), "deny any to 10.9.%u.0/24\n", i);
	strcat(many, "allow /usr/bin/curl to any\n");
	ck_assert_uint_eq(count_subjects(many), 2);
}
END_TEST

/* ---- addresses ----------------------------------------------------------- */

/* @narrow_first: the narrower prefix comes first, so every level decides. */
static void make_nest(bool narrow_first, bool ports)
{
	u32 i, length;

	make_rules(129);
	for (i = 0; i < 129; i++) {
		struct cw_rule *rule = &ruleset->rules[i];
		struct cw_dest *dest = rule->dests;
		u32 bit;

		length = narrow_first ? 128 - i : i;
		dest->kind = CW_DEST_ADDR;
		dest->family = 6;
		for (bit = 0; bit < length; bit++)
			dest->lo[bit / 8] |= 0x55 & 0x80 >> bit % 8;
		memcpy(dest->hi, dest->lo, 16);
		for (; bit < 128; bit++)
			dest->hi[bit / 8] |= 0x80 >> bit % 8;
		if (ports)
			set_ports(rule, i % 7, 300 + i);
	}
}

START_TEST(every_level_of_129_nested_prefixes)
{
	struct cw_request request = { .family = 6, .proto = CW_PROTO_UDP };
	u32 bit, port;

	make_nest(_i & 1, _i & 2);
	compile();
	cw_match_subjects(&blob, &ident, &subjects);
	for (bit = 0; bit <= 128; bit++) {
		memset(request.addr, 0x55, 16);
		if (bit < 128)
			request.addr[bit / 8] ^= 0x80 >> bit % 8;
		for (port = 0; port < 450; port += 3) {
			request.port = port;
			agree_one(&request);
		}
	}
	/* neither deep nesting nor long lists make it large */
	ck_assert_uint_lt(size, 200 * 129);
}
END_TEST

/* Crowds at several scales, so that tables get tables. */
START_TEST(every_edge_of_crowded_addresses)
{
	struct random random = { .state = 5 };
	u32 i, count = 3000, lo, hi, *edge = calloc(count, 2 * sizeof(*edge));

	make_rules(count);
	for (i = 0; i < count; i++) {
		lo = random_next(&random) >> (i % 4 * 8);
		hi = lo | (u64)random_next(&random) >> (8 + i % 4 * 8);
		if (_i == 1) {
			/* twice as crowded with every rule */
			lo = 0x80000000u >> i % 32;
			hi = lo + i / 32;
		}
		set_range(&ruleset->rules[i], lo, hi);
		edge[2 * i] = lo;
		edge[2 * i + 1] = hi;
	}
	compile();
	cw_match_subjects(&blob, &ident, &subjects);
	for (i = 0; i < 2 * count; i += 3) {
		agree4(edge[i] - 1, 0, CW_PROTO_RAW);
		agree4(edge[i], 0, CW_PROTO_RAW);
		agree4(edge[i] + 1, 0, CW_PROTO_RAW);
	}
	agree4(0, 0, CW_PROTO_RAW);
	agree4(0xffffffff, 0, CW_PROTO_RAW);
	free(edge);
}
END_TEST

/* A packet socket has no address: only `to any` is about it. */
START_TEST(only_any_when_there_is_no_address)
{
	struct cw_request request = { .proto = CW_PROTO_PACKET };

	ruleset = text_rules("deny any to 0.0.0.0/0, ::/0\n"
			     "deny any to any proto tcp\n"
			     "allow any to any proto packet\n");
	compile();
	cw_match_subjects(&blob, &ident, &subjects);
	ck_assert_uint_eq(cw_match(&blob, &subjects, &ident, &request).rule, 2);
	request.proto = CW_PROTO_RAW;
	ck_assert_uint_eq(cw_match(&blob, &subjects, &ident, &request).rule,
			  CW_RULE_DEFAULT);
	request.family = 4;
	ck_assert_uint_eq(cw_match(&blob, &subjects, &ident, &request).rule, 0);
}
END_TEST

/* ---- ports --------------------------------------------------------------- */

START_TEST(every_port_of_many_rules_for_one_address)
{
	struct random random = { .state = _i };
	u32 i, port;
	u16 a, b;

	make_rules(_i * 40);
	for (i = 0; i < ruleset->rule_count; i++) {
		a = random_below(&random, 300);
		b = a + random_below(&random, 10);
		set_ports(&ruleset->rules[i], a, b);
		ruleset->rules[i].protos = 1 + random_below(&random, 63);
	}
	compile();
	cw_match_subjects(&blob, &ident, &subjects);
	for (port = 0; port < 320; port++)
		agree4(7, port, port % CW_PROTO_COUNT);
	agree4(7, 65535, CW_PROTO_PACKET);
	agree4(7, 65535, CW_PROTO_COUNT);
	agree4(7, 0, 255);
}
END_TEST

/* ---- globs --------------------------------------------------------------- */

START_TEST(globs_as_the_model_has_them)
{
	struct random random = { .state = 11 };
	char pattern[12], path[16];
	u32 i, j, length;

	for (i = 0; i < 200000; i++) {
		length = random_below(&random, sizeof(pattern));
		for (j = 0; j < length; j++)
			pattern[j] = "ab/*?*"[random_below(&random, 6)];
		pattern[length] = '\0';
		length = random_below(&random, sizeof(path));
		for (j = 0; j < length; j++)
			path[j] = "ab/"[random_below(&random, 3)];
		path[length] = '\0';
		ck_assert_msg(cw_glob_matches(pattern, path) ==
			      model_glob(pattern, path), "%s %s", pattern,
			      path);
	}
}
END_TEST

/* Patterns that make backtracking explode take no time to speak of. */
START_TEST(hard_globs_are_no_harder)
{
	char pattern[256] = "", path[CW_PATH_MAX];
	clock_t start = clock();
	u32 i;

	for (i = 0; i < 50; i++)
		strcat(pattern, "**a*a");
	strcat(pattern, "b");
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	for (i = 0; i < 3; i++)
		ck_assert(!cw_glob_matches(pattern, path));
	path[sizeof(path) - 2] = 'b';
	ck_assert(cw_glob_matches(pattern, path));
	ck_assert(clock() - start < 5 * CLOCKS_PER_SEC);
}
END_TEST

START_TEST(longest_glob_and_one_more)
{
	char pattern[300] = "/*", path[300] = "/";
	u32 i;

	for (i = 1; i < CW_BLOB_GLOB_MAX; i++) {
		strcat(pattern, "x");
		strcat(path, "x");
	}
	ck_assert(cw_glob_matches(pattern, path));
	path[100] = 'y';
	ck_assert(!cw_glob_matches(pattern, path));
	/* one that no blob can hold matches nothing */
	path[100] = 'x';
	strcat(pattern, "x");
	strcat(path, "x");
	ck_assert(!cw_glob_matches(pattern, path));
}
END_TEST

/* A name that no cgroup can have is not copied. */
START_TEST(no_match_when_component_too_long)
{
	char cgroup[400];

	ruleset = text_rules("allow any unit x*.service to any\n"
			     "allow any container x* to any\n");
	compile();
	ident.cgroup = cgroup;
	snprintf(cgroup, sizeof(cgroup), "/%0300d.service", 0);
	memset(cgroup + 1, 'x', 300);
	cw_match_subjects(&blob, &ident, &subjects);
	ck_assert_uint_eq(subjects.count, 0);
	snprintf(cgroup, sizeof(cgroup), "/docker/%0300d", 0);
	memset(cgroup + 8, 'x', 300);
	cw_match_subjects(&blob, &ident, &subjects);
	ck_assert_uint_eq(subjects.count, 0);
	snprintf(cgroup, sizeof(cgroup), "/%0247d.service", 0);
	memset(cgroup + 1, 'x', 247);
	cw_match_subjects(&blob, &ident, &subjects);
	ck_assert_uint_eq(subjects.count, 1);
	snprintf(cgroup, sizeof(cgroup), "/docker/%0255d", 0);
	memset(cgroup + 8, 'x', 255);
	cw_match_subjects(&blob, &ident, &subjects);
	ck_assert_uint_eq(subjects.count, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("match");
	TCase *tests = tcase_create("match");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, lowest_rule_when_subjects_overflow, 0, 3);
	tcase_add_test(tests, kept_when_subjects_just_fit);
	tcase_add_test(tests, own_rule_among_many_programs);
	tcase_add_test(tests, own_rule_among_many_users);
	tcase_add_test(tests, one_subject_when_any_is_folded);
	tcase_add_loop_test(tests, every_level_of_129_nested_prefixes, 0, 4);
	tcase_add_loop_test(tests, every_edge_of_crowded_addresses, 0, 2);
	tcase_add_test(tests, only_any_when_there_is_no_address);
	tcase_add_loop_test(tests, every_port_of_many_rules_for_one_address,
			    1, 6);
	tcase_add_test(tests, globs_as_the_model_has_them);
	tcase_add_test(tests, hard_globs_are_no_harder);
	tcase_add_test(tests, longest_glob_and_one_more);
	tcase_add_test(tests, no_match_when_component_too_long);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
