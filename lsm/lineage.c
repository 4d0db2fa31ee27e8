// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ancestors of processes: what they execute, nearest first.  All children of a
 * process share one list, which never changes.
 */
#include <linux/atomic.h>
#include <linux/refcount.h>
#include <linux/slab.h>

#include "cw.h"

void cw_lineage_put(struct cw_lineage *lineage)
{
	u32 i;

	if (!lineage || !refcount_dec_and_test(&lineage->users))
		return;
	for (i = 0; i < lineage->count; i++)
		cw_exe_put(lineage->of[i].exe);
	kfree(lineage);
}

static void push(struct cw_lineage *lineage, const struct cw_ancestor *ancestor)
{
	u32 i = lineage->count;

	if (i == CW_ANCESTORS)
		return;
	lineage->of[i] = *ancestor;
	lineage->path[i] = ancestor->exe->plain ? ancestor->exe->path : NULL;
	cw_exe_get(ancestor->exe);
	lineage->count++;
}

/*
 * The ancestors that children of @process have: itself, then its own.  Forks
 * that execute nothing do not push the others out: an executable that comes
 * twice in a row counts once.
 */
static struct cw_lineage *make_lineage(const struct cw_process *process)
{
	const struct cw_lineage *above = process->lineage;
	const struct cw_ancestor self = {
		process->exe, process->tgid, process->start
	};
	struct cw_lineage *lineage;
	u32 i;

	lineage = kzalloc(sizeof(*lineage), GFP_ATOMIC | __GFP_NOWARN);
	if (!lineage)
		return NULL;
	refcount_set(&lineage->users, 1);
	push(lineage, &self);
	for (i = 0; above && i < above->count; i++)
		if (i || above->of[0].exe != self.exe)
			push(lineage, &above->of[i]);
	return lineage;
}

struct cw_lineage *cw_lineage_of_children(struct cw_process *process)
{
	struct cw_lineage *lineage = READ_ONCE(process->children), *old;

	if (!lineage) {
		lineage = make_lineage(process);
		if (!lineage)
			return NULL;
		old = cmpxchg(&process->children, NULL, lineage);
		if (old) {
			cw_lineage_put(lineage);
			lineage = old;
		}
	}
	refcount_inc(&lineage->users);
	return lineage;
}
