// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine against the model, on random policies and requests.  A failure is
 * made smaller as long as it stays one, then printed.
 *
 * PROPERTY_REQUESTS=N	requests in all (default 200,000)
 * PROPERTY_SEED=N	another sequence
 */
#include <check.h>
#include <stdlib.h>

#include "model.h"
#include "random_policy.h"

#define REQUESTS_PER_POLICY	256
#define REQUESTS_PER_IDENT	8

/* A policy and, when the verdict is wrong, who asked for what. */
struct trial {
	struct cw_ruleset *ruleset;
	const struct cw_ident *ident;
	struct cw_request request;
};

static u64 setting(const char *name, u64 otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : otherwise;
}

static void compile(const struct cw_ruleset *ruleset, struct cw_blob *blob,
		    void **data)
{
	struct cw_diag *diag = cw_diag_new();
	size_t size;
	int error = cw_ruleset_emit(ruleset, data, &size, diag);

	if (error || cw_blob_open(blob, *data, size)) {
		printf("emit: %d\n", error);
		cw_diag_print(diag, stdout);
		cw_ruleset_print(ruleset, stdout);
		fflush(stdout);
		abort();
	}
	cw_diag_free(diag);
}

static bool same_verdict(struct cw_verdict a, struct cw_verdict b)
{
	return a.rule == b.rule && a.allow == b.allow &&
	       a.monitor == b.monitor && a.log == b.log;
}

static bool agrees(const struct cw_ruleset *ruleset, const struct cw_blob *blob,
		   const struct cw_subjects *subjects,
		   const struct cw_ident *ident,
		   const struct cw_request *request)
{
	return same_verdict(cw_match(blob, subjects, ident, request),
			    model_match(ruleset, ident, request));
}

/* ---- making a failure smaller -------------------------------------------- */

static bool fails(const struct trial *trial)
{
	struct cw_subjects subjects;
	struct cw_blob blob;
	void *data;
	bool bad;

	compile(trial->ruleset, &blob, &data);
	cw_match_subjects(&blob, trial->ident, &subjects);
	bad = !agrees(trial->ruleset, &blob, &subjects, trial->ident,
		      &trial->request);
	cw_free(data);
	return bad;
}

/* Tries to do without each element of a list; true if one could go. */
static bool shrink_list(const struct trial *trial, void *list, u32 *count,
			size_t size, u32 least)
{
	char *at = list, saved[sizeof(struct cw_rule)];
	bool smaller = false;
	u32 i;

	for (i = *count; i-- && *count > least;) {
		size_t rest = (*count - i - 1) * size;

		memcpy(saved, at + i * size, size);
		memmove(at + i * size, at + (i + 1) * size, rest);
		--*count;
		if (fails(trial)) {
			smaller = true;
			continue;
		}
		memmove(at + (i + 1) * size, at + i * size, rest);
		memcpy(at + i * size, saved, size);
		++*count;
	}
	return smaller;
}

static bool shrink_rule(const struct trial *trial, struct cw_rule *rule)
{
	bool smaller;
	u64 until = rule->until;

	smaller = shrink_list(trial, rule->dests, &rule->dest_count,
			      sizeof(*rule->dests), 1);
	smaller |= shrink_list(trial, rule->ports, &rule->port_count,
			       sizeof(*rule->ports), 0);
	smaller |= shrink_list(trial, rule->froms, &rule->from_count,
			       sizeof(*rule->froms), 0);
	smaller |= shrink_list(trial, rule->conds, &rule->cond_count,
			       sizeof(*rule->conds), 0);
	if (until) {
		rule->until = 0;
		if (fails(trial))
			return true;
		rule->until = until;
	}
	return smaller;
}

static void shrink(const struct trial *trial)
{
	struct cw_ruleset *ruleset = trial->ruleset;
	bool smaller;
	u32 i;

	do {
		smaller = shrink_list(trial, ruleset->rules,
				      &ruleset->rule_count,
				      sizeof(*ruleset->rules), 0);
		for (i = 0; i < ruleset->rule_count; i++)
			smaller |= shrink_rule(trial, &ruleset->rules[i]);
		for (i = 0; i < ruleset->set_count; i++) {
			struct cw_set *set = &ruleset->sets[i];

			smaller |= shrink_list(trial, set->dests,
					       &set->dest_count,
					       sizeof(*set->dests), 0);
			smaller |= shrink_list(trial, set->ports,
					       &set->port_count,
					       sizeof(*set->ports), 0);
		}
	} while (smaller);
}

static void print_verdict(const char *who, struct cw_verdict verdict)
{
	printf("%s: rule %d %s%s%s\n", who, (int)verdict.rule,
	       verdict.allow ? "allow" : "deny",
	       verdict.monitor ? " monitor" : "", verdict.log ? " log" : "");
}

static void print_request(const struct cw_ident *ident,
			  const struct cw_request *request)
{
	u32 i;

	printf("exe %s script %s cgroup %s uid %u egid %u flags %x\n",
	       ident->exe ? ident->exe : "-",
	       ident->script ? ident->script : "-",
	       ident->cgroup ? ident->cgroup : "-", ident->uid, ident->egid,
	       ident->flags);
	for (i = 0; i < ident->gids; i++)
		printf("gid %u\n", ident->gid[i]);
	for (i = 0; i < ident->ancestors; i++)
		printf("ancestor %s\n",
		       ident->ancestor[i] ? ident->ancestor[i] : "-");
	printf("to ");
	for (i = 0; i < 16; i++)
		printf("%02x%s", request->addr[i], i % 2 ? ":" : "");
	printf(" family %u port %u proto %u now %llu\n", request->family,
	       request->port, request->proto, (unsigned long long)request->now);
}

static void report(u64 seed, const struct trial *trial)
{
	struct cw_subjects subjects;
	struct cw_blob blob;
	void *data;

	shrink(trial);
	compile(trial->ruleset, &blob, &data);
	cw_match_subjects(&blob, trial->ident, &subjects);
	printf("seed %llu, made smaller:\n", (unsigned long long)seed);
	cw_ruleset_print(trial->ruleset, stdout);
	print_request(trial->ident, &trial->request);
	print_verdict("engine", cw_match(&blob, &subjects, trial->ident,
					 &trial->request));
	print_verdict("model ", model_match(trial->ruleset, trial->ident,
					    &trial->request));
	fflush(stdout);
	cw_free(data);
}

/* ---- the properties ----------------------------------------------------- */

/*
 * What costs no verdict but time: subjects that are kept must not be folded
 * into another one of the list, nor be searched again while they fit.
 */
static bool subjects_are_tight(const struct cw_blob *blob,
			       const struct cw_subjects *subjects)
{
	const struct cw_blob_group *group = blob->section[CW_SECTION_GROUP];
	u32 i, j;

	if (subjects->overflow && subjects->count < CW_SUBJECTS_KEPT - 1)
		return false;
	for (i = 0; i < subjects->count; i++)
		for (j = 0; j < subjects->count; j++)
			if (group[subjects->id[i]].folds == subjects->id[j])
				return false;
	return true;
}

/* False after a report. */
static bool policy_agrees(u64 seed, struct random_policy *policy,
			  const struct cw_blob *blob)
{
	struct random_ident ident;
	struct cw_subjects subjects;
	struct trial trial;
	u32 i;

	for (i = 0; i < REQUESTS_PER_POLICY; i++) {
		if (i % REQUESTS_PER_IDENT == 0) {
			random_ident_make(policy, &ident);
			cw_match_subjects(blob, &ident.facts, &subjects);
			ck_assert(subjects_are_tight(blob, &subjects));
		}
		trial = (struct trial) {
			policy->ruleset, &ident.facts, random_request(policy),
		};
		if (agrees(policy->ruleset, blob, &subjects, &ident.facts,
			   &trial.request))
			continue;
		report(seed, &trial);
		return false;
	}
	return true;
}

START_TEST(engine_agrees_with_model)
{
	u64 requests = setting("PROPERTY_REQUESTS", 200000), done;
	u64 seed = setting("PROPERTY_SEED", 1);
	struct random_policy policy;
	struct cw_blob blob;
	void *data;
	bool good;

	for (done = 0; done < requests; done += REQUESTS_PER_POLICY, seed++) {
		random_policy_make(&policy, seed);
		compile(policy.ruleset, &blob, &data);
		good = policy_agrees(seed, &policy, &blob);
		cw_free(data);
		random_policy_free(&policy);
		ck_assert_msg(good, "engine and model disagree, see above");
	}
}
END_TEST

START_TEST(decode_gives_what_was_emitted)
{
	struct random_policy policy;
	struct cw_ruleset *decoded;
	struct cw_blob blob;
	void *data;
	u64 seed;

	for (seed = 1; seed <= 500; seed++) {
		random_policy_make(&policy, seed);
		compile(policy.ruleset, &blob, &data);
		decoded = cw_ruleset_decode(&blob);
		ck_assert_ptr_nonnull(decoded);
		ck_assert_msg(model_equal(policy.ruleset, decoded),
			      "seed %llu", (unsigned long long)seed);
		cw_ruleset_free(decoded);
		cw_free(data);
		random_policy_free(&policy);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("property");
	TCase *tests = tcase_create("property");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, engine_agrees_with_model);
	tcase_add_test(tests, decode_gives_what_was_emitted);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
