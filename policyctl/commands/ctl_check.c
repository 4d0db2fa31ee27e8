// SPDX-License-Identifier: GPL-2.0-only
/* policyctl check: compiles a file here, without policyd and the module. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

/* Names as the language has them, by the bit of CW_FEATURE_*. */
static const char *const feature_names[] = {
	"exe", "glob", "kernel", "script", "user", "group", "cgroup", "unit",
	"container", "parent", "ancestor", "sha256", "host", "until",
	"monitor", "sha256 without the path of one file", "from port",
	"clean-env", "zone",
};

struct check {
	const struct cw_ctl *ctl;
	struct cw_diag *diag;
	u32 features;		/* that the policy needs */
	u32 rules;
	size_t size;		/* bytes when compiled */
};

/* Check is about the file: what this host's module lacks is no error in it. */
static void warn_of_missing(const struct check *check)
{
	struct cw_kernel_status status;
	u32 missing;

	if (cw_kernel_status(check->ctl->securityfs, &status))
		return;
	missing = check->features & ~status.features;
	for (u32 i = 0; i < ARRAY_SIZE(feature_names); i++)
		if (missing & (1u << i))
			fprintf(stderr, "warning: the module that is loaded "
				"here cannot judge `%s' and will refuse these "
				"rules\n", feature_names[i]);
}

static int compile(struct check *check, const struct cw_ruleset *ruleset)
{
	struct cw_blob blob;
	void *data;
	int ret = cw_ruleset_emit(ruleset, &data, &check->size, check->diag);

	if (ret)
		return ret;
	ret = cw_blob_open(&blob, data, check->size);
	if (!ret) {
		check->rules = cw_blob_rules(&blob);
		check->features = cw_blob_features(&blob);
	}
	free(data);
	return ret;
}

static int check_file(struct check *check)
{
	const struct cw_ctl *ctl = check->ctl;
	struct cw_ruleset *ruleset;
	int ret;

	ruleset = cw_ctl_read_rules(ctl->argv[0], ~CW_FEATURES_NOT_YET,
				    check->diag);
	if (!ruleset)
		return cw_diag_count(check->diag, CW_SEVERITY_ERROR)
			? -EINVAL : -ENOMEM;
	cw_ruleset_lint(ruleset, check->diag);
	ret = compile(check, ruleset);
	if (!ret && ctl->print)
		cw_ruleset_print(ruleset, stdout);
	cw_ruleset_free(ruleset);
	return ret;
}

static void print_diag(const struct check *check)
{
	if (check->ctl->json)
		cw_diag_print_json(check->diag, stdout);
	else
		cw_diag_print(check->diag, stderr);
}

static void summarise(const struct check *check)
{
	u32 warnings = cw_diag_count(check->diag, CW_SEVERITY_WARNING);

	printf("%s: %u rule%s, %zu bytes compiled, %u warning%s\n",
	       cw_ctl_rules_name(check->ctl->argv[0]), check->rules, check->rules == 1 ? "" : "s",
	       check->size, warnings, warnings == 1 ? "" : "s");
}

static int conclude(const struct check *check, int error)
{
	u32 errors = cw_diag_count(check->diag, CW_SEVERITY_ERROR);

	print_diag(check);
	if (error == -ENOMEM)
		log_error("check: no memory");
	else if (error)
		log_error("check: %s: %u error%s",
			  cw_ctl_rules_name(check->ctl->argv[0]), errors,
			  errors == 1 ? "" : "s");
	else if (!check->ctl->print && !check->ctl->json)
		summarise(check);
	if (!error)
		warn_of_missing(check);
	return cw_ctl_close_output(check->ctl) ?:
	       error ? CW_EXIT_FAILED : CW_EXIT_OK;
}

int cw_ctl_check(const struct cw_ctl *ctl)
{
	struct check check = { .ctl = ctl, .diag = cw_diag_new() };
	int ret;

	if (!check.diag) {
		log_error("check: no memory");
		return CW_EXIT_FAILED;
	}
	ret = conclude(&check, check_file(&check));
	cw_diag_free(check.diag);
	return ret;
}
