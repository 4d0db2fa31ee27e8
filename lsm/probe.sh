#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Asks a kernel which interfaces it has, by compiling a few lines for each:
#	probe.sh HEADER COMPILER FLAG...
# writes HEADER with a line `#define CW_HAS_NAME 0` or `1` for each probe and
# prints them all in one line.  The compiler's messages go to HEADER.log.
#
# Versions do not tell: distributions bring interfaces of newer kernels to older
# ones.  Kbuild runs this script before it compiles the module (probe.mk), and
# compat.h uses the answers.
#
# PROBES="name=0 name=1" answers probes by hand, so that tests can compile the
# branch of compat.h that this kernel does not take.
set -u
header=$1
shift
log=$header.log
: >"$log"

# Only what tells another interface is an error: a warning in a header of the kernel
# must not decide.
compiles() {
	"$@" -Wno-error -Werror=implicit-function-declaration \
		-Werror=incompatible-pointer-types -Werror=int-conversion \
		-fsyntax-only -x c - 2>>"$log"
}

# probe NAME COMPILER FLAG... <<CODE
probe() {
	name=$1
	shift
	echo "== $name" >>"$log"
	if compiles "$@"; then has=1; else has=0; fi
	for answer in ${PROBES-}; do
		[ "${answer%=*}" != "$name" ] || has=${answer#*=}
	done
	echo "#define CW_HAS_$(echo "$name" | tr a-z A-Z) $has" >>"$header.new"
	found="$found $name=$has"
}

# A compiler that accepts nothing, or everything, has no answers.
echo '#include <linux/fs.h>' | compiles "$@" && ! echo 'int probe(void) { return cw_no_such(); }' | compiles "$@" || {
	cat "$log" >&2
	echo "probe.sh: the kernel's headers cannot be compiled" >&2
	exit 1
}

found=
echo "/* Made by lsm/probe.sh: what this kernel has. */" >"$header.new"

# Callbacks of ftrace get struct ftrace_regs; before 5.11 it was struct pt_regs.
probe ftrace_regs "$@" <<'CODE'
#include <linux/ftrace.h>
void callback(unsigned long ip, unsigned long parent, struct ftrace_ops *ops,
	      struct ftrace_regs *regs);
ftrace_func_t probe = callback;
CODE

probe get_kretprobe "$@" <<'CODE'
#include <linux/kprobes.h>
struct kretprobe *probe(struct kretprobe_instance *instance)
{
	return get_kretprobe(instance);
}
CODE

probe ftrace_get_argument "$@" <<'CODE'
#include <linux/ftrace.h>
unsigned long probe(struct ftrace_regs *regs)
{
	return ftrace_regs_get_argument(regs, 0);
}
CODE

probe ftrace_set_pointer "$@" <<'CODE'
#include <linux/ftrace.h>
void probe(struct ftrace_regs *regs)
{
	ftrace_regs_set_instruction_pointer(regs, 0);
}
CODE

# struct ftrace_regs holds the registers under this name: x86 up to 6.11
probe ftrace_regs_member "$@" <<'CODE'
#include <linux/ftrace.h>
struct pt_regs *probe(struct ftrace_regs *regs)
{
	return &regs->regs;
}
CODE

# Flags of an inet socket are bits of one word since 6.6.
probe inet_bits "$@" <<'CODE'
#include <net/inet_sock.h>
bool probe(const struct sock *sk)
{
	return inet_test_bit(HDRINCL, sk);
}
CODE

# A seqlock guards a task's root and current directory since 6.17.
probe fs_seqlock "$@" <<'CODE'
#include <linux/fs_struct.h>
void probe(struct fs_struct *fs)
{
	read_seqlock_excl(&fs->seq);
}
CODE

# prctl(PR_SET_MM) calls this function since 5.15.
probe replace_exe "$@" <<'CODE'
#include <linux/mm.h>
int probe(struct mm_struct *mm, struct file *file)
{
	return replace_mm_exe_file(mm, file);
}
CODE

# get_file_rcu() reads the pointer itself since 6.7.
probe get_file_by_pointer "$@" <<'CODE'
#include <linux/fs.h>
struct file *probe(struct file __rcu **file)
{
	return get_file_rcu(file);
}
CODE

# sock_from_file() has no second argument since 5.11.
probe sock_of_file "$@" <<'CODE'
#include <linux/net.h>
struct socket *probe(struct file *file)
{
	return sock_from_file(file);
}
CODE

# Probes of sched_process_exit are told whether the process ends since 6.16.
probe exit_of_group "$@" <<'CODE'
#include <trace/events/sched.h>
void ended(void *data, struct task_struct *task, bool group_dead);
void probe(void)
{
	check_trace_callback_type_sched_process_exit(ended);
}
CODE

# The time of an inode's change is read by a function since 6.6.
probe inode_ctime "$@" <<'CODE'
#include <linux/fs.h>
struct timespec64 probe(const struct inode *inode)
{
	return inode_get_ctime(inode);
}
CODE

mv "$header.new" "$header"
echo "  PROBE	$found"
