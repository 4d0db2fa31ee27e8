// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scripts: the file that the kernel was asked to execute, when it executes an
 * interpreter in its place.
 *
 *   security_bprm_check()          sched_process_exec
 *   ----------------------> asked ---------------------> script of the new entry
 *
 * The entry that the process has before keeps the name in between (process.c).
 */
#include <linux/atomic.h>
#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/elf.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "cw.h"

/* GNU's, which executes one program and does nothing else. */
#define ENV "/usr/bin/env"

bool cw_script_runs_env(const struct cw_process *process)
{
	return process->script && !process->by_env && process->clean_env &&
	       process->exe->plain && !strcmp(process->exe->path, ENV);
}

/*
 * The file that was asked for, when the kernel runs an interpreter in its place:
 * the kernel has noted that, and only then does @interp differ from @filename.
 * After env it is the other way round: what env executes is the interpreter, and
 * gets the script only when the kernel runs it by itself.
 */
void cw_script_take(struct cw_process *process, struct cw_process *old,
		    const struct linux_binprm *bprm)
{
	bool by_itself = bprm->interp == bprm->filename;
	struct cw_exe *script, *name;

	/* Most programs are no scripts; a name is never without a file. */
	if (!READ_ONCE(old->asked))
		return;
	script = xchg(&old->asked, NULL);
	name = xchg(&old->asked_name, NULL);
	if (old->asked_by_env == by_itself) {
		process->script = script;
		process->script_name = name;
		process->by_env = old->asked_by_env;
	} else {
		cw_exe_put(script);
		cw_exe_put(name);
	}
}

static bool is_elf(const struct linux_binprm *bprm)
{
	const struct elfhdr *header = (const struct elfhdr *)bprm->buf;

	return !memcmp(header->e_ident, ELFMAG, SELFMAG);
}

/*
 * A program of this machine, as nearly all are, which the kernel runs by itself.
 * This only spares them a name that cw_script_take() would drop: programs of other
 * machines may be run by the kernel (32 bit) or by an interpreter (binfmt_misc).
 */
static bool is_native(const struct linux_binprm *bprm)
{
	const struct elfhdr *header = (const struct elfhdr *)bprm->buf;

	return is_elf(bprm) && header->e_machine == ELF_ARCH;
}

/*
 * The interpreter opens the script again, by the name that was asked for.  Only
 * when that is the path itself, in the user namespace whose binfmt_misc is
 * root's, it is the file that was checked.  By another name it may be: that is
 * left in @name for rules that know the name to be a link of root's.
 */
static struct cw_exe *describe_script(const struct linux_binprm *bprm,
				      struct cw_exe **name)
{
	bool trusted = current_user_ns() == &init_user_ns;
	struct cw_exe *own, *script;

	script = cw_describe(current, bprm->file,
			     trusted ? bprm->filename : "");
	if (!script || script->plain || !trusted || *bprm->filename != '/')
		return script;
	own = cw_describe(current, bprm->file, NULL);
	if (own && own->plain)
		*name = cw_exe_intern(bprm->filename,
				      strlen(bprm->filename), false);
	cw_exe_put(own);
	return script;
}

/*
 * env is asked for by the kernel in place of a script, and then asks for the
 * interpreter itself.  That counts as one execution if it is the first that env
 * tries, and of a program that the kernel runs by itself, which cw_script_take()
 * looks at: of another the user may have written the first line, and after one
 * that fails env's library has a shell read the file.
 */
static struct cw_exe *hand_on(struct cw_process *process, struct cw_exe **name)
{
	if (process->script_name)
		*name = cw_exe_get(process->script_name);
	return cw_exe_get(process->script);
}

/* Under rcu_read_lock(); @process is current's. */
static void take_asked(struct cw_process *process,
		       const struct linux_binprm *bprm)
{
	struct cw_exe *asked = NULL, *name = NULL;
	bool by_env = process->hands_on && is_elf(bprm);

	process->hands_on = false;
	if (by_env)
		asked = hand_on(process, &name);
	else if (!is_native(bprm))
		asked = describe_script(bprm, &name);
	if (asked || READ_ONCE(process->asked)) {
		cw_exe_put(xchg(&process->asked, asked));
		cw_exe_put(xchg(&process->asked_name, name));
	}
	process->asked_by_env = by_env;
}

/*
 * security_bprm_check(), for the file asked for and then for each interpreter.
 * Keeps the name of the first if it needs one; sched_process_exec comes too
 * late for that.  A process executes one program at a time (its
 * cred_guard_mutex), so one place in its entry is enough.
 */
void cw_script_asked(const struct linux_binprm *bprm)
{
	struct cw_process *process;

	if (bprm->interp != bprm->filename)
		return;
	rcu_read_lock();
	process = cw_process_find_rcu();
	if (process != cw_process_unknown())
		take_asked(process, bprm);
	rcu_read_unlock();
}
