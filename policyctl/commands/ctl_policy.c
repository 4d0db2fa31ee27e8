// SPDX-License-Identifier: GPL-2.0-only
/*
 * A policy for the commands that look at one: from a file of rules, or the one
 * in force, as a tree and as a blob.  Says itself on standard error what went
 * wrong.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

int cw_ctl_complain(const struct cw_ctl *ctl, int error, const char *file)
{
	char message[400];

	cw_kernel_explain(error, file, 0, message, sizeof(message));
	log_error("%s: %s", ctl->name, message);
	return CW_EXIT_FAILED;
}

int cw_ctl_close_output(const struct cw_ctl *ctl)
{
	int ret;

	fflush(stdout);
	ret = cw_output_error(stdout);
	if (!ret)
		return CW_EXIT_OK;
	log_error("%s: cannot write to standard output: %s", ctl->name,
		  strerror(-ret));
	return CW_EXIT_FAILED;
}

static int compile(const struct cw_ctl *ctl, const char *file,
		   struct cw_diag *diag, struct cw_policy_view *view)
{
	size_t size;
	int ret = -EINVAL;

	view->ruleset = cw_ctl_read_rules(file, UINT32_MAX, diag);
	if (view->ruleset)
		ret = cw_ruleset_emit(view->ruleset, &view->data, &size, diag);
	if (!ret)
		ret = cw_blob_open(&view->blob, view->data, size);
	cw_diag_print(diag, stderr);
	if (ret)
		log_error("%s: %s: %u error%s", ctl->name,
			  cw_ctl_rules_name(file),
			  cw_diag_count(diag, CW_SEVERITY_ERROR),
			  cw_diag_count(diag, CW_SEVERITY_ERROR) == 1
			  ? "" : "s");
	return ret ? CW_EXIT_FAILED : CW_EXIT_OK;
}

static int read_file(const struct cw_ctl *ctl, const char *file,
		     struct cw_policy_view *view)
{
	struct cw_diag *diag = cw_diag_new();
	int ret;

	if (!diag)
		return cw_ctl_complain(ctl, -ENOMEM, file);
	ret = compile(ctl, file, diag, view);
	cw_diag_free(diag);
	return ret;
}

static int read_kernel(const struct cw_ctl *ctl, struct cw_policy_view *view)
{
	size_t size;
	char *data;
	int ret = cw_kernel_read(ctl->securityfs, CW_FILE_POLICY, &data, &size);

	if (ret)
		return cw_ctl_complain(ctl, ret, CW_FILE_POLICY);
	view->data = data;
	if (!size)
		return cw_ctl_complain(ctl, -ENODATA, CW_FILE_POLICY);
	if (cw_blob_open(&view->blob, data, size)) {
		log_error("%s: the policy in force is of another version of "
			  "connwarden: its format is %u, and this policyctl "
			  "reads format %u", ctl->name,
			  cw_blob_version(data, size), CW_BLOB_VERSION);
		return CW_EXIT_FAILED;
	}
	view->ruleset = cw_ruleset_decode(&view->blob);
	if (!view->ruleset)
		return cw_ctl_complain(ctl, -ENOMEM, CW_FILE_POLICY);
	return CW_EXIT_OK;
}

int cw_policy_view_open(const struct cw_ctl *ctl, const char *file,
			struct cw_policy_view *view)
{
	int ret;

	memset(view, 0, sizeof(*view));
	ret = file ? read_file(ctl, file, view) : read_kernel(ctl, view);
	if (ret)
		cw_policy_view_close(view);
	return ret;
}

void cw_policy_view_close(struct cw_policy_view *view)
{
	if (view->ruleset)
		cw_ruleset_free(view->ruleset);
	free(view->data);
	memset(view, 0, sizeof(*view));
}
