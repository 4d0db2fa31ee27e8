/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the rule language share. */
#ifndef CW_TEXT_H
#define CW_TEXT_H

#include <check.h>
#include <stdlib.h>

#include "policy/text/compile.h"

/* Every feature, file "rules"; NULL when there was an error. */
struct cw_ruleset *text_parse(const char *text, struct cw_diag *diag);
/* The same, and an error fails the test. */
struct cw_ruleset *text_rules(const char *text);

/* All of these are for free(). */
char *text_print(const struct cw_ruleset *ruleset);
char *text_rule(const struct cw_ruleset *ruleset, u32 rule);
char *text_diag(const struct cw_diag *diag);
char *text_json(const struct cw_diag *diag);

/* A directory for the test's files; text_exit() removes it with them. */
extern char text_dir[64];
void text_init(void);
void text_exit(void);
/* Writes a file below it (and makes its directories); its path, until the next
 * call. */
const char *text_write(const char *name, const char *text);

/* The same numbers on every run, unless CW_SEED says otherwise. */
void text_seed(void);
u32 text_random(u32 below);
/* Statements that compile, drawn from few values so that rules overlap. */
char *text_random_rules(u32 rules);
/* A process and a request about the same values. */
void text_random_ident(struct cw_ident *ident, u32 *gid,
		       const char *ancestor[CW_ANCESTORS]);
void text_random_request(struct cw_request *request);

int text_main(Suite *suite);

#endif
