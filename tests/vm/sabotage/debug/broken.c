// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module with the faults that the debug kernel is there to report; the
 * parameter `what` picks one.  harness.sh proves that each is reported.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *what = "nothing";
module_param(what, charp, 0);

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);
static int __rcu *protected;

static void overflow(void)
{
	char *memory = kmalloc(8, GFP_KERNEL);
	volatile int past_the_end = 8;

	if (memory)
		READ_ONCE(memory[past_the_end]);
	kfree(memory);
}

static noinline void leak(void)
{
	int i;

	for (i = 0; i < 10; i++)
		pr_info("leaked %zu\n", ksize(kmalloc(8, GFP_KERNEL)));
}

/* It may, and does not: a real sleep would end lockdep for the others. */
static void sleep_with_lock_held(void)
{
	spin_lock(&lock_a);
	kfree(kmalloc(8, GFP_KERNEL));
	spin_unlock(&lock_a);
}

static void take_locks_in_both_orders(void)
{
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	spin_unlock(&lock_b);
	spin_unlock(&lock_a);

	spin_lock(&lock_b);
	spin_lock(&lock_a);
	spin_unlock(&lock_a);
	spin_unlock(&lock_b);
}

static void dereference_outside_reader(void)
{
	(void)rcu_dereference(protected);
}

static const struct {
	const char *name;
	void (*run)(void);
} faults[] = {
	{ "overflow", overflow },
	{ "leak", leak },
	{ "sleep", sleep_with_lock_held },
	{ "locks", take_locks_in_both_orders },
	{ "rcu", dereference_outside_reader },
};

static int __init broken_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++)
		if (!strcmp(faults[i].name, what))
			faults[i].run();
	return 0;
}

static void __exit broken_exit(void)
{
}

module_init(broken_init);
module_exit(broken_exit);
MODULE_DESCRIPTION("Faults for the debug kernel to find");
MODULE_LICENSE("GPL");
