// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks every door through a provider.  The provider is tried on a function of our own first: a mechanism that does not
 * refuse must not be relied on.
 */
#include "cw.h"

static const struct cw_provider *provider;

/* ---- proof --------------------------------------------------------------- */

#define PROOF_ARGUMENT 0x636f6e6e

/* Three arguments and an int, like the doors.  Must not be inlined or cloned,
 * and a compiler must not know what it returns. */
noinline int cw_hook_proof(unsigned long a, unsigned long b, int c);
noinline int cw_hook_proof(unsigned long a, unsigned long b, int c)
{
	int result = 0;

	asm volatile("" : "+r" (a), "+r" (b), "+r" (c), "+r" (result)
		     : : "memory");
	return result;
}

static int enter_proof(const unsigned long *arg)
{
	return arg[0] == PROOF_ARGUMENT && arg[1] == ~arg[0] &&
	       (int)arg[2] == -1 ? -EPERM : 0;
}

static const struct cw_door proof_door = {
	"cw_hook_proof", true, enter_proof
};

static int call_proof(unsigned long argument)
{
	return cw_hook_proof(argument, ~argument, -1);
}

/* Refused when the callback says so, let through when not, also afterwards. */
static int prove(const struct cw_provider *candidate)
{
	int refused, passed, ret;

	ret = candidate->attach(0, &proof_door);
	if (ret)
		return ret;
	refused = call_proof(PROOF_ARGUMENT);
	passed = call_proof(PROOF_ARGUMENT + 1);
	candidate->detach(0);
	if (refused == -EPERM && !passed && !call_proof(PROOF_ARGUMENT))
		return 0;
	pr_err("%s: provider %s does not refuse on this kernel\n", CW_NAME,
	       candidate->name);
	return -EOPNOTSUPP;
}

/* ---- all of them ---------------------------------------------------------- */

static void detach_doors(unsigned int count)
{
	while (count--)
		provider->detach(count);
}

static int attach_doors(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < cw_door_count; i++) {
		ret = provider->attach(i, &cw_doors[i]);
		if (ret) {
			detach_doors(i);
			return ret;
		}
	}
	return 0;
}

int cw_hook_init(void)
{
	int ret;

	ret = prove(&cw_provider_ftrace);
	if (ret)
		return ret;
	provider = &cw_provider_ftrace;
	return attach_doors();
}

void cw_hook_exit(void)
{
	detach_doors(cw_door_count);
}

const struct cw_provider *cw_hook_provider(void)
{
	return provider;
}
