/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random policies in which rules meet: few programs, crowded addresses, ports
 * that touch; and requests at the edges of what the rules name.
 */
#ifndef CW_RANDOM_POLICY_H
#define CW_RANDOM_POLICY_H

#include "policy/text/compile.h"

struct random {
	u64 state;
};

u32 random_next(struct random *random);
/* 0 .. @limit - 1 */
u32 random_below(struct random *random, u32 limit);
/* True once in @n. */
bool random_one_in(struct random *random, u32 n);

#define RANDOM_EDGES 512

/* Shape of one policy and the addresses and ports that it names. */
struct random_policy {
	struct random random;
	struct cw_ruleset *ruleset;
	u8 base4[4][4], base6[4][16];
	struct {
		u8 family, addr[16];
	} edge[RANDOM_EDGES];
	u32 edges;
	bool many_subjects;	/* more than a process can remember */
	bool crowded;		/* addresses close together */
	bool zoned;		/* many addresses have a zone */
};

/* Owner of everything is policy->ruleset; aborts when memory is short. */
void random_policy_make(struct random_policy *policy, u64 seed);
void random_policy_free(struct random_policy *policy);

/* An identity with what its pointers need. */
struct random_ident {
	struct cw_ident facts;
	const char *ancestor[CW_ANCESTORS];
	u32 gid[4];
};

void random_ident_make(struct random_policy *policy,
		       struct random_ident *ident);
struct cw_request random_request(struct random_policy *policy);

#endif
