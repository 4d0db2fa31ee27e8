/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: what a policy means, as a linear scan over its rules.  Slow and
 * plain on purpose; it shares no code with the engine that it judges.
 */
#ifndef CW_MODEL_H
#define CW_MODEL_H

#include "policy/text/compile.h"

struct cw_verdict model_match(const struct cw_ruleset *ruleset,
			      const struct cw_ident *ident,
			      const struct cw_request *request);
bool model_glob(const char *pattern, const char *text);

/* Equal in everything that a blob keeps: all but columns of the source. */
bool model_equal(const struct cw_ruleset *a, const struct cw_ruleset *b);

#endif
