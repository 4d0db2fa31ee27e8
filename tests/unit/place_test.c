// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many globs at once, against the model that tries one after the other; and
 * the work that they take, counted in places looked at.
 */
#include "model.h"
#include "random_policy.h"
#include "text.h"

static struct cw_blob blob;
static void *data;
static struct cw_ruleset *ruleset;
static struct cw_traits traits;
static struct cw_hits hits;
static char path[CW_PATH_MAX];

static void setup(void)
{
	data = NULL;
	ruleset = NULL;
}

static void teardown(void)
{
	cw_ruleset_free(ruleset);
	cw_free(data);
}

static void compile(void)
{
	struct cw_diag *diag = cw_diag_new();
	size_t size;

	ck_assert_int_eq(cw_ruleset_emit(ruleset, &data, &size, diag), 0);
	ck_assert_int_eq(cw_blob_open(&blob, data, size), 0);
	cw_diag_free(diag);
}

/* ---- the model -------------------------------------------------------------- */

#define GLOBS 60

static void random_text(struct random *random, const char *alphabet, char *text,
			u32 room)
{
	u32 length = random_below(random, room), i;

	for (i = 0; i < length; i++)
		text[i] = alphabet[random_below(random, strlen(alphabet))];
	text[length] = '\0';
}

static bool has_hit(u32 place)
{
	u32 i, found = 0;

	for (i = 0; i < hits.count; i++)
		found += hits.place[i] == place;
	ck_assert_uint_le(found, 1);
	return found;
}

/* One rule for each glob; some come twice, as subjects may. */
static void make_globs(struct random *random, char globs[GLOBS][16])
{
	u32 i;

	ruleset = cw_ruleset_new();
	ruleset->rule_count = GLOBS;
	ruleset->rules = cw_ruleset_alloc(ruleset,
					  GLOBS * sizeof(*ruleset->rules));
	for (i = 0; i < GLOBS; i++) {
		struct cw_rule *rule = &ruleset->rules[i];

		do
			random_text(random, "aab/**?", globs[i], 14);
		while (!globs[i][0]);
		rule->exe_kind = CW_EXE_GLOB;
		rule->exe = globs[i];
		rule->until = 1 + i;
		rule->protos = CW_PROTO_MASK_ALL;
		rule->dest_count = 1;
		rule->dests = cw_ruleset_alloc(ruleset, sizeof(*rule->dests));
	}
}

START_TEST(many_globs_as_the_model_has_them)
{
	const struct cw_blob_group *group;
	struct random random = { .state = _i };
	char globs[GLOBS][16];
	u32 i, j;

	make_globs(&random, globs);
	compile();
	group = blob.section[CW_SECTION_GROUP];
	for (i = 0; i < 400; i++) {
		random_text(&random, "ab/", path, 20);
		cw_traits_path(&blob, path, &traits, &hits);
		ck_assert(!hits.many);
		for (j = 0; j < GLOBS; j++)
			ck_assert_msg(has_hit(group[j].exe) ==
				      model_glob(globs[j], path), "%s %s",
				      globs[j], path);
	}
}
END_TEST

/* ---- work ------------------------------------------------------------------- */

/* "allow GLOB to any" for each number below @count; %u stands for it. */
static void make_numbered(const char *format, u32 count)
{
	char *text = malloc(count * 128 + 1), *end = text;
	char glob[64];
	u32 i;

	for (i = 0; i < count; i++) {
		snprintf(glob, sizeof(glob), format, i, i, i);
		end += sprintf(end, "allow %s to any\n", glob);
	}
	ruleset = text_rules(text);
	free(text);
	compile();
}

static void fill_path(const char *start, const char *piece, const char *end)
{
	size_t at = strlen(strcpy(path, start)), size = strlen(piece);

	while (at + size + strlen(end) < CW_PATH_MAX) {
		memcpy(path + at, piece, size);
		at += size;
	}
	strcpy(path + at, end);
}

static u32 work_for(const char *format, u32 count)
{
	make_numbered(format, count);
	cw_traits_path(&blob, path, &traits, &hits);
	teardown();
	setup();
	ck_assert(!hits.many);
	ck_assert_uint_le(traits.work, CW_GLOB_WORK_MAX);
	return traits.work;
}

static const struct {
	const char *format, *start, *piece, *end;
	u32 found;
} shapes[] = {
	{ "/home/**/bin%u/python*", "/home/", "a/", "bin7/python3", 1 },
	{ "/home/**/bin%u/python*", "/home/", "bin/", "bin7/python3", 1 },
	{ "/home/**/bin%u/python*", "/home/", "bin1/", "bin7/python3", 1 },
	{ "/home/**/bin%u/python*", "/home/", "bin1/python", "", 0 },
	{ "/home/**/bin%u/**", "/home/", "bin1/", "bin7/x", 2 },
	{ "/home/**/bin%u/*", "/home/", "a/", "bin7/python3", 1 },
	{ "/home/*/bin%u/python?", "/home/", "a", "/bin7/python3", 1 },
	{ "/**/a/**/b/**/c%u*d*e?f", "/", "a/b/", "c7ddeeeff", 1 },
	{ "/**/a/**/b/**/c%u*d*e?f", "/", "a/b/c7dde/", "c7xde.f", 1 },
	{ "/**%ua**b", "/", "ab", "7ab", 1 },
	{ "/srv/app%u/**", "/srv/app7/", "a/", "x", 1 },
	{ "/srv/*-%u-*/bin/*", "/srv/x-7-", "y", "/bin/z", 1 },
};

/* Ten times the globs are no more work for any text. */
START_TEST(work_does_not_grow_with_globs)
{
	u32 few, many;

	fill_path(shapes[_i].start, shapes[_i].piece, shapes[_i].end);
	few = work_for(shapes[_i].format, 400);
	ck_assert_uint_eq(hits.count, shapes[_i].found);
	many = work_for(shapes[_i].format, 4000);
	ck_assert_uint_eq(hits.count, shapes[_i].found);
	ck_assert_uint_eq(few, many);
	ck_assert_uint_le(many, 16 * strlen(path));
}
END_TEST

/* ---- what would be too much work ---------------------------------------------- */

static struct cw_verdict judge(const char *exe)
{
	struct cw_ident ident = { .exe = exe };
	struct cw_request request = { .family = 4 };
	struct cw_subjects subjects;

	cw_match_subjects(&blob, &ident, &subjects);
	return cw_match(&blob, &subjects, &ident, &request);
}

/* @count directories, each of which keeps another glob undecided. */
static void crowd(u32 count)
{
	u32 i, at = sprintf(path, "/home/u");

	for (i = 0; i < count; i++)
		at += sprintf(path + at, "/%u", i);
	strcpy(path + at, "/x");
}

START_TEST(denied_when_too_many_globs_are_undecided)
{
	char text[16384] = "default allow\n";
	u32 i;

	for (i = 0; i < 300; i++)
		sprintf(text + strlen(text), "deny /home/**/%u/**/x to any\n",
			i);
	ruleset = text_rules(text);
	compile();
	crowd(40);
	ck_assert_uint_eq(judge(path).rule, 0);
	ck_assert(!judge(path).allow);
	crowd(300);
	ck_assert_uint_eq(judge(path).rule, CW_RULE_DEFAULT);
	ck_assert(!judge(path).allow);
	/* what nobody built for it is judged as ever */
	ck_assert(judge("/home/u/y").allow);
	ck_assert_uint_eq(judge("/home/u/299/y/x").rule, 299);
}
END_TEST

START_TEST(denied_when_too_many_globs_match)
{
	make_numbered("/home/**/%u/**", 600);
	crowd(200);
	ck_assert(judge(path).allow);
	crowd(600);
	ck_assert_uint_eq(judge(path).rule, CW_RULE_DEFAULT);
	ck_assert(!judge(path).allow);
}
END_TEST

/* ---- conditions --------------------------------------------------------------- */

/* More than may share a key: each is found by what it alone asks for. */
START_TEST(many_conditions_of_one_program)
{
	static const char *const conditions[] = {
		"script /opt/%u.py", "script /opt/*/%u.py", "parent /opt/%u",
		"ancestor /opt/%u", "unit app-%u.service", "container web%u",
		"cgroup /a/%u", "user %u", "group %u",
	};
	const char *ancestor[] = { "/opt/4999" };
	const u32 gid[] = { 4999 };
	struct cw_ident ident = {
		.exe = "/usr/bin/python3", .script = "/opt/4999.py",
		.ancestor = ancestor, .ancestors = 1, .gid = gid, .gids = 1,
		.uid = 4999,
	};
	struct cw_subjects subjects;
	char *text = malloc(5000 * 100), *end = text, condition[64];
	u32 i;

	ident.cgroup = _i == 4 ? "/system.slice/app-4999.service" :
		       _i == 5 ? "/docker-web4999.scope" : "/a/4999/b";
	if (_i == 1)
		ident.script = "/opt/x/4999.py";
	for (i = 0; i < 5000; i++) {
		snprintf(condition, sizeof(condition), conditions[_i], i);
		end += sprintf(end, "allow %s %s to any\n",
			       i & 1 ? "any" : "/usr/bin/python*", condition);
	}
	ruleset = text_rules(text);
	free(text);
	compile();
	cw_match_subjects(&blob, &ident, &subjects);
	ck_assert_uint_eq(subjects.count, 1);
	ck_assert_uint_eq(subjects.id[0], 4999);
}
END_TEST

/* A user can have 65,536 groups. */
START_TEST(right_with_as_many_groups_as_there_can_be)
{
	static u32 gid[65536];
	struct cw_ident ident = {
		.exe = "/x", .gid = gid, .gids = ARRAY_SIZE(gid),
	};
	struct cw_subjects subjects;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(gid); i++)
		gid[i] = 100 + 2 * i;
	ruleset = text_rules("allow any group 99 to any\n"
			     "allow any group 100 to any\n"
			     "allow any group 101 to any\n"
			     "allow /x group 131170 to any\n"
			     "allow /x group 131172 to any\n"
			     "allow /x group 102 user 0 to any\n");
	compile();
	cw_match_subjects(&blob, &ident, &subjects);
	ck_assert_uint_eq(subjects.count, 3);
	ck_assert_uint_eq(subjects.id[0], 1);
	ck_assert_uint_eq(subjects.id[1], 3);
	ck_assert_uint_eq(subjects.id[2], 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("place");
	TCase *tests = tcase_create("place");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, many_globs_as_the_model_has_them, 0, 200);
	tcase_add_loop_test(tests, work_does_not_grow_with_globs, 0,
			    ARRAY_SIZE(shapes));
	tcase_add_test(tests, denied_when_too_many_globs_are_undecided);
	tcase_add_test(tests, denied_when_too_many_globs_match);
	tcase_add_loop_test(tests, many_conditions_of_one_program, 0, 9);
	tcase_add_test(tests, right_with_as_many_groups_as_there_can_be);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
