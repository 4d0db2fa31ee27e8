/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of the kernel as owner.c, share.c and age.c need, for one thread: locks
 * do nothing but check that they are not held twice, RCU does nothing, and time,
 * processor and memory are what the test says they are.
 */
#ifndef CW_KERNEL_H
#define CW_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef unsigned int gfp_t;

/* ---- what the test sets ---------------------------------------------------- */

extern u64 kernel_now;		/* ns since boot */
extern unsigned int kernel_cpu;
extern bool kernel_has_memory;

#define ktime_get_boottime_ns() kernel_now
#define raw_smp_processor_id() kernel_cpu
#define jiffies ((unsigned long)(kernel_now / 4000000))
#define HZ 250
#define nr_cpu_ids 4u

/* ---- words of the compiler and of modules ----------------------------------- */

#define __rcu
#define __read_mostly
#define __user
#define noinline __attribute__((noinline))
#define ____cacheline_aligned_in_smp __attribute__((aligned(64)))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, y) ((x) = (y))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define min_t(type, a, b) min((type)(a), (type)(b))
#define struct_size(p, member, n) (sizeof(*(p)) + (n) * sizeof((p)->member[0]))
#define module_param(name, type, mode) struct kernel_unused
#define MODULE_PARM_DESC(name, text) struct kernel_unused
#define U64_MAX UINT64_MAX
#define NSEC_PER_SEC 1000000000ull
#define cond_resched() do { } while (0)

/* ---- locks and RCU ------------------------------------------------------------ */

typedef struct { int held; } spinlock_t;

#define DEFINE_SPINLOCK(name) spinlock_t name
#define spin_lock_init(lock) ((lock)->held = 0)
#define spin_lock_irqsave(lock, flags) \
	do { (flags) = 0; assert(!(lock)->held++); } while (0)
#define spin_unlock_irqrestore(lock, flags) \
	do { (void)(flags); assert((lock)->held-- == 1); } while (0)
#define lockdep_is_held(lock) 1

struct rcu_head {
	int unused;
};

#define rcu_read_lock() do { } while (0)
#define rcu_read_unlock() do { } while (0)
#define rcu_dereference(p) (p)
#define rcu_dereference_raw(p) (p)
#define rcu_assign_pointer(p, v) ((p) = (v))
#define RCU_INIT_POINTER(p, v) ((p) = (v))
#define kfree_rcu(p, member) free(p)

/* ---- atomics -------------------------------------------------------------------- */

typedef struct { int counter; } atomic_t;
typedef struct { int64_t counter; } atomic64_t;
typedef atomic_t refcount_t;

#define atomic_set(v, n) ((v)->counter = (n))
#define atomic_read(v) ((v)->counter)
#define atomic_dec(v) ((v)->counter--)
#define atomic_inc_not_zero(v) ((v)->counter ? ++(v)->counter : 0)
#define atomic64_add(n, v) ((v)->counter += (n))
#define atomic64_read(v) ((v)->counter)

static inline int atomic_cmpxchg(atomic_t *v, int old, int fresh)
{
	int was = v->counter;

	if (was == old)
		v->counter = fresh;
	return was;
}

/* ---- memory --------------------------------------------------------------------- */

#define GFP_KERNEL 0u
#define GFP_ATOMIC 0u
#define __GFP_NOWARN 0u
#define kfree(p) free(p)

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	void *memory;

	(void)gfp;
	if (!kernel_has_memory)
		return NULL;
	memory = aligned_alloc(64, (size + 63) / 64 * 64);
	if (memory)
		memset(memory, 0, size);
	return memory;
}

/* ---- lists ---------------------------------------------------------------------- */

struct list_head {
	struct list_head *next, *prev;
};

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list->prev = list;
}

static inline bool list_empty(const struct list_head *list)
{
	return list->next == list;
}

static inline void list_del_init(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	INIT_LIST_HEAD(entry);
}

static inline void list_move_tail(struct list_head *entry,
				  struct list_head *list)
{
	list_del_init(entry);
	entry->prev = list->prev;
	entry->next = list;
	list->prev->next = entry;
	list->prev = entry;
}

#define list_first_entry_or_null(list, type, member) \
	(list_empty(list) ? NULL : container_of((list)->next, type, member))

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

static inline void hlist_add_head_rcu(struct hlist_node *node,
				      struct hlist_head *head)
{
	node->next = head->first;
	node->pprev = &head->first;
	if (node->next)
		node->next->pprev = &node->next;
	head->first = node;
}

static inline void hlist_del_rcu(struct hlist_node *node)
{
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
}

#define hlist_for_each_entry_rcu(at, head, member, ...) \
	for (struct hlist_node *node_ = (head)->first; \
	     node_ && (at = container_of(node_, __typeof__(*at), member), true); \
	     node_ = node_->next)

static inline u32 hash_ptr(const void *ptr, unsigned int bits)
{
	return (uintptr_t)ptr * 0x61c8864680b583ebull >> (64 - bits);
}

static inline u32 hash_32(u32 value, unsigned int bits)
{
	return value * 0x61c88647u >> (32 - bits);
}

/* ---- bits ------------------------------------------------------------------------- */

#define BITS 64
#define DECLARE_BITMAP(name, bits) u64 name[((bits) + BITS - 1) / BITS]

static inline void __set_bit(u32 bit, u64 *map)
{
	map[bit / BITS] |= 1ull << bit % BITS;
}

static inline void __clear_bit(u32 bit, u64 *map)
{
	map[bit / BITS] &= ~(1ull << bit % BITS);
}

static inline u32 find_first_zero_bit(const u64 *map, u32 size)
{
	u32 bit = 0;

	while (bit < size && map[bit / BITS] >> bit % BITS & 1)
		bit++;
	return bit;
}

static inline u32 roundup_pow_of_two(u32 number)
{
	u32 power = 1;

	while (power < number)
		power *= 2;
	return power;
}

struct timespec64 {
	int64_t tv_sec;
	long tv_nsec;
};

/* ---- what is only named ----------------------------------------------------------- */

typedef struct { uid_t val; } kuid_t;
struct seq_file;
struct seq_operations;
struct file_operations;
struct xarray;
struct dentry;
struct cgroup;
struct work_struct {
	int unused;
};
struct task_struct {
	struct task_struct *group_leader;
	u64 start_boottime;
	u32 self_exec_id;
};

#define DECLARE_DELAYED_WORK(name, function) int name __attribute__((unused))
#define schedule_delayed_work(work, delay) do { } while (0)
#define cancel_delayed_work_sync(work) do { } while (0)
#define seq_printf(seq, ...) kernel_print(seq, __VA_ARGS__)
static inline void kernel_print(struct seq_file *seq, const char *format, ...)
{
	(void)seq;
	(void)format;
}

#define seq_puts(seq, text) do { (void)(seq); } while (0)
#define seq_putc(seq, c) do { (void)(seq); } while (0)

#endif
