/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Force-included into every file of the module: the only place where kernels
 * differ.  The rest is written for the newest kernel; this header gives older
 * ones the same names.  probe.sh asks the kernel what it has, because
 * distributions bring newer interfaces to older versions.
 */
#ifndef CW_COMPAT_H
#define CW_COMPAT_H

#include <linux/version.h>
#include <linux/kconfig.h>
#include "probed.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "connwarden needs Linux 5.10 or newer"
#endif

#ifndef CONFIG_64BIT
#error "connwarden needs a 64-bit kernel"
#endif

/* Hooks decide with preemption off and take spinlocks there; on PREEMPT_RT
 * those sleep. */
#ifdef CONFIG_PREEMPT_RT
#error "connwarden does not support PREEMPT_RT"
#endif

#if !defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS) && \
	!defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)
#error "connwarden needs CONFIG_DYNAMIC_FTRACE_WITH_REGS or _WITH_ARGS"
#endif

/* Tells where a function is; nothing else that is exported does. */
#ifndef CONFIG_KPROBES
#error "connwarden needs CONFIG_KPROBES"
#endif

#if !defined(CONFIG_SECURITY_NETWORK) || !defined(CONFIG_SECURITYFS)
#error "connwarden needs CONFIG_SECURITY_NETWORK and CONFIG_SECURITYFS"
#endif

/* Rules ask for units and containers, which are cgroups. */
#ifndef CONFIG_CGROUPS
#error "connwarden needs CONFIG_CGROUPS"
#endif

/* The doors of IPv6 are in the kernel itself, or missing with IPv6. */
#if defined(CONFIG_IPV6) == 0 && defined(CONFIG_IPV6_MODULE)
#error "connwarden needs CONFIG_IPV6=y, or no IPv6: as a module its doors are not seen"
#endif

#include <linux/ftrace.h>

/*
 * Registers in an ftrace callback: struct pt_regs before 5.11, then struct
 * ftrace_regs, which got accessors later.
 */
#if !CW_HAS_FTRACE_REGS
#define ftrace_regs pt_regs
#define cw_compat_regs(regs) (regs)
#elif CW_HAS_FTRACE_REGS_MEMBER
#define cw_compat_regs(fregs) (&(fregs)->regs)
#else
#define cw_compat_regs(fregs) ftrace_get_regs(fregs)
#endif

#if !CW_HAS_FTRACE_GET_ARGUMENT
#define ftrace_regs_get_argument(fregs, n) \
	regs_get_kernel_argument(cw_compat_regs(fregs), n)
#endif

#if !CW_HAS_FTRACE_SET_POINTER
#define ftrace_regs_set_instruction_pointer(fregs, ip) \
	instruction_pointer_set(cw_compat_regs(fregs), ip)
#endif

/*
 * PERMANENT: ftrace_enabled=0 is refused while we are registered.
 * FL_RECURSION is not asked for: nested entry in one context would skip the
 * callback.  5.10 does that by default, as does ftrace's list function (several
 * tracers of one function; arm64 before 6.3).
 */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#define CW_FTRACE_REGS 0
#else
#define CW_FTRACE_REGS FTRACE_OPS_FL_SAVE_REGS
#endif

#define CW_FTRACE_GOVERN (FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT | \
			  CW_FTRACE_REGS)

/* An observer needs the arguments; 5.10 has them only with all registers. */
#ifdef FTRACE_OPS_FL_SAVE_ARGS
#define CW_FTRACE_OBSERVE (FTRACE_OPS_FL_PERMANENT | FTRACE_OPS_FL_SAVE_ARGS)
#elif !CW_HAS_FTRACE_REGS
#define CW_FTRACE_OBSERVE (FTRACE_OPS_FL_PERMANENT | FTRACE_OPS_FL_SAVE_REGS)
#else
#define CW_FTRACE_OBSERVE (FTRACE_OPS_FL_PERMANENT | CW_FTRACE_REGS)
#endif

/* Whose call it is. */
#include <linux/kprobes.h>

#if CW_HAS_GET_KRETPROBE
#define cw_compat_kretprobe(instance) get_kretprobe(instance)
#else
#define cw_compat_kretprobe(instance) ((instance)->rp)
#endif

/* Does a raw socket bring its own IP header? */
#include <net/inet_sock.h>

static inline bool cw_compat_hdrincl(const struct sock *sk)
{
#if CW_HAS_INET_BITS
	return inet_test_bit(HDRINCL, sk);
#else
	return inet_sk(sk)->hdrincl;
#endif
}

/* The lock of a task's root and current directory. */
#include <linux/fs_struct.h>

#if CW_HAS_FS_SEQLOCK
#define cw_compat_fs_lock(fs) read_seqlock_excl(&(fs)->seq)
#define cw_compat_fs_unlock(fs) read_sequnlock_excl(&(fs)->seq)
#else
#define cw_compat_fs_lock(fs) spin_lock(&(fs)->lock)
#define cw_compat_fs_unlock(fs) spin_unlock(&(fs)->lock)
#endif

/* What prctl(PR_SET_MM) calls to give a process another executable. */
#if CW_HAS_REPLACE_EXE
#define CW_EXE_CHANGE "replace_mm_exe_file"
#else
#define CW_EXE_CHANGE "prctl_set_mm_exe_file"
#endif

/* The executable of @mm with a reference, or NULL.  Under rcu_read_lock(). */
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/rcupdate.h>

static inline struct file *cw_compat_exe_file(struct mm_struct *mm)
{
#if CW_HAS_GET_FILE_BY_POINTER
	return get_file_rcu(&mm->exe_file);
#else
	struct file *file = rcu_dereference(mm->exe_file);

	return file && get_file_rcu(file) ? file : NULL;
#endif
}

/* The socket that @file is, or NULL. */
#include <linux/net.h>

static inline struct socket *cw_compat_sock(struct file *file)
{
#if CW_HAS_SOCK_OF_FILE
	return sock_from_file(file);
#else
	int error;

	return sock_from_file(file, &error);
#endif
}

/* Arguments of a probe of sched_process_exit. */
#if CW_HAS_EXIT_OF_GROUP
#define CW_TRACE_EXIT_ARGS \
	void *unused, struct task_struct *task, bool group_dead
#else
#define CW_TRACE_EXIT_ARGS void *unused, struct task_struct *task
#endif

/* When the inode was last changed. */
static inline struct timespec64 cw_compat_changed(const struct inode *inode)
{
#if CW_HAS_INODE_CTIME
	return inode_get_ctime(inode);
#else
	return inode->i_ctime;
#endif
}

/* Takes the mark of RCU off a pointer. */
#ifndef unrcu_pointer
#define unrcu_pointer(pointer) ((typeof(*(pointer)) __force *)(pointer))
#endif

#endif
