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

void cw_lint_trust(const struct cw_ruleset *ruleset, const struct cw_rule *rule,
		   struct cw_diag *diag)
{
	check_from(ruleset, rule, diag);
}
