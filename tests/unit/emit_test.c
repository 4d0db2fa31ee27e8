// SPDX-License-Identifier: GPL-2.0-only
/* The compiler's last pass and its way back: limits, sizes, short memory. */
#include "model.h"
#include "random_policy.h"
#include "text.h"

static const char everything[] =
	"default allow\n"
	"log all\n"
	"set @nets = 10.0.0.0/8, 172.16.0.0/12, 192.168.1.3-192.168.1.9\n"
	"set @more = @nets, 2001:db8::/32, 2001:db8:1::5\n"
	"set @web = 80, 443, 8000-8080\n"
	"allow any to @loopback\n"
	"deny any to 169.254.169.254 as \"cloud metadata\"\n"
	"allow /usr/bin/curl to @more port @web, 22 proto tcp\n"
	"allow /usr/bin/curl to 10.1.0.0/16, 10.1.2.0/24 port 53 monitor\n"
	"allow /usr/bin/python3.* script /opt/x user root to any\n"
	"allow any group 4 unit nginx.service to any log\n"
	"deny /usr/sbin/* ancestor /usr/sbin/sshd cgroup /user.slice to any\n"
	"allow any container web parent /init to ::/0 until 2030-01-01T00:00:00Z\n"
	"allow any sha256 000102030405060708090a0b0c0d0e0f"
	"101112131415161718191a1b1c1d1e1f to any nolog\n"
	"allow kernel to 10.9.9.9 proto udp, raw\n";

struct compiled {
	void *data;
	size_t size;
	struct cw_diag *diag;
	int error;
};

static struct compiled compile(const struct cw_ruleset *ruleset)
{
	struct compiled out = { .diag = cw_diag_new() };

	out.error = cw_ruleset_emit(ruleset, &out.data, &out.size, out.diag);
	return out;
}

static void discard(struct compiled *compiled)
{
	cw_free(compiled->data);
	cw_diag_free(compiled->diag);
}

/* Refused with @error and one message that has @words in it. */
static void refused(const struct cw_ruleset *ruleset, int error,
		    const char *words)
{
	struct compiled compiled = compile(ruleset);
	char *said = text_diag(compiled.diag);

	ck_assert_int_eq(compiled.error, error);
	ck_assert_ptr_null(compiled.data);
	ck_assert_uint_eq(cw_diag_count(compiled.diag, CW_SEVERITY_ERROR), 1);
	ck_assert_msg(strstr(said, words) != NULL, "%s", said);
	free(said);
	discard(&compiled);
}

/* @count rules of one program `to any`, with room for one condition. */
static struct cw_ruleset *make_rules(u32 count)
{
	struct cw_ruleset *out = cw_ruleset_new();
	u32 i;

	out->rules = cw_ruleset_alloc(out, count * sizeof(*out->rules));
	out->rule_count = count;
	for (i = 0; i < count; i++) {
		struct cw_rule *rule = &out->rules[i];

		rule->exe_kind = CW_EXE_PATH;
		rule->exe = (char *)"/usr/bin/curl";
		rule->protos = CW_PROTO_MASK_PORTS;
		rule->dest_count = 1;
		rule->dests = cw_ruleset_alloc(out, sizeof(*rule->dests));
		rule->ports = cw_ruleset_alloc(out, sizeof(*rule->ports));
		rule->conds = cw_ruleset_alloc(out, sizeof(*rule->conds));
	}
	return out;
}

static void set_prefix(struct cw_rule *rule, u8 family, u32 addr, u32 mask)
{
	u32 byte, shift = 24;

	rule->dests->kind = CW_DEST_ADDR;
	rule->dests->family = family;
	for (byte = 0; byte < 4; byte++, shift -= 8) {
		rule->dests->lo[byte] = (addr & mask) >> shift;
		rule->dests->hi[byte] = (addr | ~mask) >> shift;
	}
	if (family == 6)
		memset(rule->dests->hi + 4, 0xff, 12);
}

/* ---- there and back ------------------------------------------------------ */

START_TEST(decoded_is_what_was_emitted)
{
	struct cw_ruleset *ruleset = text_rules(everything), *decoded;
	struct compiled compiled = compile(ruleset);
	struct cw_blob blob;
	char *before, *after;

	ck_assert_int_eq(compiled.error, 0);
	ck_assert_int_eq(cw_blob_open(&blob, compiled.data, compiled.size), 0);
	decoded = cw_ruleset_decode(&blob);
	ck_assert(model_equal(ruleset, decoded));
	before = text_print(ruleset);
	after = text_print(decoded);
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	cw_ruleset_free(decoded);
	cw_ruleset_free(ruleset);
	discard(&compiled);
}
END_TEST

START_TEST(same_blob_every_time)
{
	struct cw_ruleset *ruleset = text_rules(everything);
	struct compiled a = compile(ruleset), b = compile(ruleset);

	ck_assert_uint_eq(a.size, b.size);
	ck_assert_mem_eq(a.data, b.data, a.size);
	cw_ruleset_free(ruleset);
	discard(&a);
	discard(&b);
}
END_TEST

START_TEST(allowed_when_empty)
{
	struct cw_ruleset *ruleset = cw_ruleset_new(), *decoded;
	struct compiled compiled = compile(ruleset);
	struct cw_request request = { .family = 4 };
	struct cw_ident ident = { .exe = "/a" };
	struct cw_subjects subjects;
	struct cw_verdict verdict;
	struct cw_blob blob;

	ck_assert_int_eq(compiled.error, 0);
	ck_assert_int_eq(cw_blob_open(&blob, compiled.data, compiled.size), 0);
	ck_assert_uint_eq(cw_blob_rules(&blob), 0);
	ck_assert_uint_eq(cw_blob_features(&blob), 0);
	cw_match_subjects(&blob, &ident, &subjects);
	ck_assert_uint_eq(subjects.count, 0);
	verdict = cw_match(&blob, &subjects, &ident, &request);
	ck_assert_uint_eq(verdict.rule, CW_RULE_DEFAULT);
	ck_assert(!verdict.allow && verdict.log && !verdict.monitor);
	decoded = cw_ruleset_decode(&blob);
	ck_assert_ptr_nonnull(decoded);
	ck_assert(model_equal(ruleset, decoded));
	cw_ruleset_free(decoded);
	cw_ruleset_free(ruleset);
	discard(&compiled);
}
END_TEST

/* ---- limits -------------------------------------------------------------- */

START_TEST(refused_when_name_as_destination)
{
	struct cw_ruleset *ruleset =
		text_rules("allow any to host db.example.com\n");

	refused(ruleset, -EOPNOTSUPP, "rules:1:14: error: names as dest");
	cw_ruleset_free(ruleset);
}
END_TEST

START_TEST(refused_when_name_inside_set)
{
	struct cw_ruleset *ruleset = make_rules(1);

	ruleset->sets = cw_ruleset_alloc(ruleset, sizeof(*ruleset->sets));
	ruleset->set_count = 1;
	ruleset->sets->name = (char *)"s";
	ruleset->sets->dest_count = 1;
	ruleset->sets->dests = cw_ruleset_alloc(ruleset,
						sizeof(struct cw_dest));
	ruleset->sets->dests->kind = CW_DEST_HOST;
	refused(ruleset, -EOPNOTSUPP, "names as destinations");
	cw_ruleset_free(ruleset);
}
END_TEST

/* @last: the set inside the last one, which is in no other. */
static struct cw_ruleset *make_chain(u32 sets, u32 last)
{
	struct cw_ruleset *ruleset = make_rules(1);
	u32 i;

	ruleset->sets = cw_ruleset_alloc(ruleset,
					 sets * sizeof(*ruleset->sets));
	ruleset->set_count = sets;
	for (i = 0; i < sets; i++) {
		struct cw_set *set = &ruleset->sets[i];

		set->name = (char *)"s";
		set->of_ports = true;
		set->port_count = 1;
		set->ports = cw_ruleset_alloc(ruleset, sizeof(*set->ports));
		set->ports->is_set = i + 1 < sets || last < sets;
		set->ports->set = i + 1 < sets ? i + 1 : last;
		set->ports->name = set->name;
	}
	if (last >= sets)
		ruleset->sets[sets - 1].ports->set = 0;
	return ruleset;
}

START_TEST(refused_when_sets_nest_too_deep)
{
	struct cw_ruleset *ruleset = make_chain(CW_BLOB_SET_DEPTH_MAX, ~0u);
	struct compiled compiled = compile(ruleset);

	ck_assert_int_eq(compiled.error, 0);
	cw_ruleset_free(ruleset);
	discard(&compiled);
	ruleset = make_chain(CW_BLOB_SET_DEPTH_MAX + 1, ~0u);
	refused(ruleset, -E2BIG, "levels of sets in sets");
	cw_ruleset_free(ruleset);
	/* a set in itself has no depth at all */
	ruleset = make_chain(3, 1);
	refused(ruleset, -E2BIG, "levels of sets in sets");
	cw_ruleset_free(ruleset);
}
END_TEST

START_TEST(refused_when_glob_too_long)
{
	struct cw_ruleset *ruleset = make_rules(1);
	char glob[CW_PATH_MAX + 8];
	struct compiled compiled;

	ruleset->rules->exe_kind = CW_EXE_GLOB;
	ruleset->rules->exe = glob;
	memset(glob, 'x', sizeof(glob));
	glob[1000] = '*';
	glob[1000 + CW_BLOB_GLOB_MAX] = '\0';
	compiled = compile(ruleset);
	ck_assert_int_eq(compiled.error, 0);
	discard(&compiled);
	glob[1000 + CW_BLOB_GLOB_MAX] = 'x';
	glob[1000 + CW_BLOB_GLOB_MAX + 1] = '\0';
	refused(ruleset, -E2BIG, "more than 255 bytes from the first wildcard");
	memset(glob, 'x', sizeof(glob));
	glob[CW_PATH_MAX - 1] = '\0';
	compiled = compile(ruleset);
	ck_assert_int_eq(compiled.error, 0);
	discard(&compiled);
	glob[CW_PATH_MAX - 1] = 'x';
	glob[CW_PATH_MAX] = '\0';
	refused(ruleset, -E2BIG, "more than 4095 bytes: xxx");
	cw_ruleset_free(ruleset);
}
END_TEST

/* So many that looking through them for a process would take too long. */
START_TEST(refused_when_one_program_has_too_many_subjects)
{
	struct cw_ruleset *ruleset = make_rules(CW_BLOB_KEY_REFS_MAX + 1);
	struct compiled compiled;
	u32 i;

	for (i = 0; i < ruleset->rule_count; i++)
		ruleset->rules[i].until = i + 1;
	refused(ruleset, -E2BIG,
		"more than 4096 different subjects for `/usr/bin/curl`");
	for (i = 0; i < ruleset->rule_count; i++)
		ruleset->rules[i].exe_kind = CW_EXE_ANY;
	refused(ruleset, -E2BIG, "different subjects for `any`");
	ruleset->rule_count--;
	compiled = compile(ruleset);
	ck_assert_int_eq(compiled.error, 0);
	discard(&compiled);
	cw_ruleset_free(ruleset);
}
END_TEST

/* ---- sizes --------------------------------------------------------------- */

/* All 128 bits of the address count. */
static void set_host(struct cw_dest *dest, struct random *random)
{
	u32 byte;

	for (byte = 4; byte < 16; byte++)
		dest->lo[byte] = dest->hi[byte] = random_next(random);
}

/* Of a policy of @count rules with one prefix of at least @shortest bits and one
 * port each, which are inside one that the last rule has. */
static size_t plain_size(u32 count, u8 family, u32 shortest)
{
	struct cw_ruleset *ruleset = make_rules(count);
	struct random random = { .state = count };
	struct compiled compiled;
	struct cw_rule *rule;
	size_t size;
	u32 i;

	for (i = 0; i < count; i++) {
		rule = &ruleset->rules[i];
		set_prefix(rule, family, random_next(&random),
			   0xffffffffu << random_below(&random, 33 - shortest));
		rule->port_count = 1;
		rule->ports->lo = rule->ports->hi = random_next(&random);
		if (family == 6 && shortest == 32)
			set_host(rule->dests, &random);
	}
	rule = &ruleset->rules[count - 1];
	set_prefix(rule, family, 0, 0);
	rule->port_count = 0;
	compiled = compile(ruleset);
	ck_assert_int_eq(compiled.error, 0);
	size = compiled.size;
	cw_ruleset_free(ruleset);
	discard(&compiled);
	return size;
}

START_TEST(small_when_rules_are_plain)
{
	static const u32 shortest[] = { 16, 24, 32 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(shortest); i++) {
		ck_assert_uint_le(plain_size(20000, 4, shortest[i]),
				  20000 * 80);
		ck_assert_uint_le(plain_size(20000, 6, shortest[i]),
				  20000 * 100);
	}
}
END_TEST

/* All on one address: what no request can reach takes no room in the index. */
START_TEST(small_when_rules_pile_up)
{
	struct cw_ruleset *ruleset = make_rules(20000);
	struct compiled compiled;
	u32 i;

	for (i = 0; i < ruleset->rule_count; i++) {
		struct cw_rule *rule = &ruleset->rules[i];

		set_prefix(rule, 4, 0x0a000001, 0xffffffff);
		rule->port_count = 1;
		rule->ports->lo = i % 3000;
		rule->ports->hi = i % 3000 + i % 50;
	}
	compiled = compile(ruleset);
	ck_assert_int_eq(compiled.error, 0);
	ck_assert_uint_lt(compiled.size, 20000 * 50);
	cw_ruleset_free(ruleset);
	discard(&compiled);
}
END_TEST

/* A thousand rules with one set share what the set's prefixes make. */
START_TEST(small_when_rules_share_a_set)
{
	struct cw_ruleset *ruleset = make_rules(1000);
	struct cw_set *set = cw_ruleset_alloc(ruleset, sizeof(*set));
	struct compiled compiled;
	u32 i;

	ruleset->sets = set;
	ruleset->set_count = 1;
	set->name = (char *)"s";
	set->dest_count = 5000;
	set->dests = cw_ruleset_alloc(ruleset, 5000 * sizeof(*set->dests));
	for (i = 0; i < set->dest_count; i++) {
		set->dests[i].kind = CW_DEST_ADDR;
		set->dests[i].family = 4;
		set->dests[i].lo[1] = set->dests[i].hi[1] = i >> 8;
		set->dests[i].lo[2] = set->dests[i].hi[2] = i;
		set->dests[i].hi[3] = 7;
	}
	for (i = 0; i < ruleset->rule_count; i++) {
		ruleset->rules[i].dests->kind = CW_DEST_SET;
		ruleset->rules[i].dests->name = set->name;
		ruleset->rules[i].port_count = 1;
		ruleset->rules[i].ports->lo = ruleset->rules[i].ports->hi = i;
	}
	compiled = compile(ruleset);
	ck_assert_int_eq(compiled.error, 0);
	ck_assert_uint_lt(compiled.size, 5000 * 60 + 1000 * 100);
	cw_ruleset_free(ruleset);
	discard(&compiled);
}
END_TEST

/* ---- short memory -------------------------------------------------------- */

/* Fails each allocation in turn, then each and all that follow. */
static void emit_short(const struct cw_ruleset *ruleset)
{
	struct compiled compiled;
	u32 nth, forever;
	u64 before;

	for (forever = 0; forever < 2; forever++) {
		for (nth = 1;; nth++) {
			compiled.diag = cw_diag_new();
			before = cw_alloc_count();
			cw_alloc_fail(nth, forever);
			compiled.error = cw_ruleset_emit(ruleset,
							 &compiled.data,
							 &compiled.size,
							 compiled.diag);
			cw_alloc_fail(0, false);
			if (cw_alloc_count() - before < nth)
				break;
			ck_assert_int_eq(compiled.error, -ENOMEM);
			ck_assert_ptr_null(compiled.data);
			ck_assert_uint_ge(cw_diag_count(compiled.diag,
							CW_SEVERITY_ERROR), 1);
			discard(&compiled);
		}
		ck_assert_int_eq(compiled.error, 0);
		discard(&compiled);
	}
}

START_TEST(no_memory_when_emitting)
{
	struct random_policy policy;
	struct cw_ruleset *ruleset = text_rules(everything);

	emit_short(ruleset);
	cw_ruleset_free(ruleset);
	random_policy_make(&policy, 4242);
	emit_short(policy.ruleset);
	random_policy_free(&policy);
}
END_TEST

START_TEST(no_memory_when_decoding)
{
	struct cw_ruleset *ruleset = text_rules(everything), *decoded;
	struct compiled compiled = compile(ruleset);
	struct cw_blob blob;
	u32 nth, before;

	ck_assert_int_eq(cw_blob_open(&blob, compiled.data, compiled.size), 0);
	for (nth = 1;; nth++) {
		before = cw_alloc_count();
		cw_alloc_fail(nth, false);
		decoded = cw_ruleset_decode(&blob);
		cw_alloc_fail(0, false);
		if (cw_alloc_count() - before < nth)
			break;
		ck_assert_ptr_null(decoded);
	}
	ck_assert(model_equal(ruleset, decoded));
	cw_ruleset_free(decoded);
	cw_ruleset_free(ruleset);
	discard(&compiled);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("emit");
	TCase *tests = tcase_create("emit");

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, decoded_is_what_was_emitted);
	tcase_add_test(tests, same_blob_every_time);
	tcase_add_test(tests, allowed_when_empty);
	tcase_add_test(tests, refused_when_name_as_destination);
	tcase_add_test(tests, refused_when_name_inside_set);
	tcase_add_test(tests, refused_when_sets_nest_too_deep);
	tcase_add_test(tests, refused_when_glob_too_long);
	tcase_add_test(tests, refused_when_one_program_has_too_many_subjects);
	tcase_add_test(tests, small_when_rules_are_plain);
	tcase_add_test(tests, small_when_rules_pile_up);
	tcase_add_test(tests, small_when_rules_share_a_set);
	tcase_add_test(tests, no_memory_when_emitting);
	tcase_add_test(tests, no_memory_when_decoding);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
