// SPDX-License-Identifier: GPL-2.0-only
/* doctor: is what is in force what should be, and is there something to fall
 * back on? */
#include <string.h>

#include "doctor.h"

/* Without policyd the check `policyd' says so. */
static bool read_daemon(const struct cw_host *host, const char *key,
			char *value, size_t size)
{
	value[0] = 0;
	return host->daemon && cw_pair_get(host->daemon, key, value, size);
}

static bool is_due(const struct cw_host *host)
{
	char due[8];

	return read_daemon(host, CW_KEY_ENFORCE_DUE, due, sizeof(due)) &&
	       !strcmp(due, "yes");
}

void cw_check_in_force(const struct cw_host *host, struct cw_finding *finding)
{
	static const char advice[] = "policyctl check shows what is wrong with "
		"the file; policyd tries it again by itself";
	char what[16], failing[400] = "-", since[40];
	const char *why = NULL;

	if (!read_daemon(host, CW_KEY_IN_FORCE, what, sizeof(what))) {
		cw_finding_set(finding, CW_CHECK_WARNING, NULL, "only policyd "
			       "knows which rules are in force");
		return;
	}
	read_daemon(host, CW_KEY_RULES_FAILING, failing, sizeof(failing));
	read_daemon(host, CW_KEY_IN_FORCE_SINCE, since, sizeof(since));
	if (failing[0] && strcmp(failing, "-"))
		why = failing;
	if (is_due(host))
		cw_finding_set(finding, CW_CHECK_PROBLEM, advice, "policyd was "
			       "told to enforce and does not: %s",
			       why ?: "the configured rules are not in force");
	else if (!strcmp(what, "last-good"))
		cw_finding_set(finding, CW_CHECK_PROBLEM, advice, "the last "
			       "good policy, stored %s, is in force: %s", since,
			       why ?: "?");
	else if (why)
		cw_finding_set(finding, CW_CHECK_PROBLEM, advice, "%s is in "
			       "force, as the configured rules cannot be "
			       "loaded: %s", strcmp(what, "nothing")
			       ? "an earlier policy" : "no policy", why);
	else if (!strcmp(what, "other"))
		cw_finding_set(finding, CW_CHECK_WARNING, "policyctl load "
			       "puts the configured rules in force", "a file "
			       "that was loaded by name is in force, and not "
			       "after a boot");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "the configured "
			       "rules are in force");
}

void cw_check_last_good(const struct cw_host *host, struct cw_finding *finding)
{
	char when[500];

	if (!read_daemon(host, CW_KEY_LAST_GOOD, when, sizeof(when)))
		cw_finding_set(finding, CW_CHECK_WARNING, NULL, "only policyd "
			       "knows whether a last good policy is stored");
	else if (!strncmp(when, "failing, ", 9))
		cw_finding_set(finding, CW_CHECK_PROBLEM, "mend the directory; "
			       "policyd tries again by itself", "no last good "
			       "policy is stored, so bad rules would leave the "
			       "host without one at the next boot: %s",
			       when + 9);
	else if (!strcmp(when, "none"))
		cw_finding_set(finding, CW_CHECK_WARNING, "policyctl load",
			       "no last good policy is stored, so bad rules "
			       "would leave the host without one at the next "
			       "boot");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "a last good policy "
			       "is stored, of %s", when);
}
