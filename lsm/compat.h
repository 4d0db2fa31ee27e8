/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Force-included into every file of the module: the only place that tests
 * kernel versions.  The rest is written for the newest kernel; this header
 * gives older ones the same names.
 */
#ifndef CW_COMPAT_H
#define CW_COMPAT_H

#include <linux/version.h>
#include <linux/kconfig.h>

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

/* The doors of IPv6 are in the kernel itself, or missing with IPv6. */
#if defined(CONFIG_IPV6) == 0 && defined(CONFIG_IPV6_MODULE)
#error "connwarden needs CONFIG_IPV6=y, or no IPv6: as a module its doors are not seen"
#endif

#include <linux/ftrace.h>

/*
 * Registers in an ftrace callback.  5.10: struct pt_regs.  5.11 to 6.1: struct
 * ftrace_regs without accessors for arguments.  6.2: accessors; a macro on
 * x86 and a function on arm64, so #ifdef cannot find out.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define ftrace_regs pt_regs
#define ftrace_regs_get_argument(regs, n) regs_get_kernel_argument(regs, n)
#define ftrace_regs_set_instruction_pointer(regs, ip) \
	instruction_pointer_set(regs, ip)
#elif !defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)
#define ftrace_regs_get_argument(fregs, n) \
	regs_get_kernel_argument(ftrace_get_regs(fregs), n)
#define ftrace_regs_set_instruction_pointer(fregs, ip) \
	instruction_pointer_set(ftrace_get_regs(fregs), ip)
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define ftrace_regs_get_argument(fregs, n) \
	regs_get_kernel_argument(&(fregs)->regs, n)
#define ftrace_regs_set_instruction_pointer(fregs, ip) \
	ftrace_instruction_pointer_set(fregs, ip)
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
#elif LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define CW_FTRACE_OBSERVE (FTRACE_OPS_FL_PERMANENT | FTRACE_OPS_FL_SAVE_REGS)
#else
#define CW_FTRACE_OBSERVE (FTRACE_OPS_FL_PERMANENT | CW_FTRACE_REGS)
#endif

/* Does a raw socket bring its own IP header? */
#include <net/inet_sock.h>

static inline bool cw_compat_hdrincl(const struct sock *sk)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return inet_sk(sk)->hdrincl;
#else
	return inet_test_bit(HDRINCL, sk);
#endif
}

/* The lock of a task's root and current directory. */
#include <linux/fs_struct.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define cw_compat_fs_lock(fs) spin_lock(&(fs)->lock)
#define cw_compat_fs_unlock(fs) spin_unlock(&(fs)->lock)
#else
#define cw_compat_fs_lock(fs) read_seqlock_excl(&(fs)->seq)
#define cw_compat_fs_unlock(fs) read_sequnlock_excl(&(fs)->seq)
#endif

/* What prctl(PR_SET_MM) calls to give a process another executable. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 15, 0)
#define CW_EXE_CHANGE "prctl_set_mm_exe_file"
#else
#define CW_EXE_CHANGE "replace_mm_exe_file"
#endif

/* The executable of @mm with a reference, or NULL.  Under rcu_read_lock(). */
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/rcupdate.h>

static inline struct file *cw_compat_exe_file(struct mm_struct *mm)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	struct file *file = rcu_dereference(mm->exe_file);

	return file && get_file_rcu(file) ? file : NULL;
#else
	return get_file_rcu(&mm->exe_file);
#endif
}

/* The socket that @file is, or NULL. */
#include <linux/net.h>

static inline struct socket *cw_compat_sock(struct file *file)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
	int error;

	return sock_from_file(file, &error);
#else
	return sock_from_file(file);
#endif
}

/* Arguments of a probe of sched_process_exit. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define CW_TRACE_EXIT_ARGS void *unused, struct task_struct *task
#else
#define CW_TRACE_EXIT_ARGS \
	void *unused, struct task_struct *task, bool group_dead
#endif

/* When the inode was last changed. */
static inline struct timespec64 cw_compat_changed(const struct inode *inode)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return inode->i_ctime;
#else
	return inode_get_ctime(inode);
#endif
}

/* Takes the mark of RCU off a pointer. */
#ifndef unrcu_pointer
#define unrcu_pointer(pointer) ((typeof(*(pointer)) __force *)(pointer))
#endif

#endif
