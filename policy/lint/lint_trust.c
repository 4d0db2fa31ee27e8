// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lint: rules that trust in something which the user who starts the program
 * can bring about by himself.
 */
#include "lint.h"

#define PRIVILEGED_PORTS 1024	/* to bind to one below needs a capability */

/* A port of the list that any user may bind to; 0 = there is none. */
static u16 find_bindable(const struct cw_ruleset *ruleset,
			 const struct cw_port *port, u32 count)
{
	const struct cw_set *set;
	u16 found;

	for (; count; count--, port++) {
		if (port->is_set) {
			set = &ruleset->sets[port->set];
			found = find_bindable(ruleset, set->ports,
					      set->port_count);
			if (found)
				return found;
		} else if (port->hi >= PRIVILEGED_PORTS) {
			return port->lo > PRIVILEGED_PORTS ? port->lo :
							     PRIVILEGED_PORTS;
		}
	}
	return 0;
}

/* The rule is for a server, yet everybody can have such a socket. */
static void check_from(const struct cw_ruleset *ruleset,
		       const struct cw_rule *rule, struct cw_diag *diag)
{
	const char *tool = cw_lint_tool(rule);
	u16 port = find_bindable(ruleset, rule->froms, rule->from_count);

	if (!port || !rule->allow || rule->cond_count ||
	    (rule->exe_kind != CW_EXE_ANY && !tool))
		return;
	cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "bindable",
		    &rule->froms[0].span, "any user may send from port %u by "
		    "%s; name the program of the server, or its user or unit",
		    port, tool ? tool : "any program");
}

static const struct cw_cond *find_cond(const struct cw_rule *rule,
				       enum cw_cond_kind kind)
{
	u32 i;

	for (i = 0; i < rule->cond_count; i++)
		if (rule->conds[i].kind == kind)
			return &rule->conds[i];
	return NULL;
}

static void check_environ(const struct cw_ruleset *ruleset,
			  const struct cw_rule *rule, struct cw_diag *diag)
{
	const struct cw_cond *script = find_cond(rule, CW_COND_SCRIPT);
	const struct cw_cond *clean = find_cond(rule, CW_COND_CLEAN_ENV);

	if (rule->allow && script && !clean)
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "environment",
			    &script->span, "whoever starts the script can make "
			    "its interpreter run something else (BASH_ENV, "
			    "PYTHONPATH, ...); add 'clean-env'");
	if (!rule->allow && clean)
		cw_lint_say(diag, ruleset, CW_SEVERITY_WARNING, "environment",
			    &clean->span, "whoever starts the program can "
			    "avoid this rule by setting a variable; "
			    "'clean-env' is for rules that allow");
}

void cw_lint_trust(const struct cw_ruleset *ruleset, const struct cw_rule *rule,
		   struct cw_diag *diag)
{
	check_from(ruleset, rule, diag);
	check_environ(ruleset, rule, diag);
}
