// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks every door.  The functions of the kernel itself are hooked when the
 * module is loaded, all or none.  A protocol that is a module of its own (SCTP,
 * L2TP) is hooked when that module comes: if its doors cannot be had, it does not
 * load, since its connections would go by unjudged.
 *
 * A function of this module is hooked as well.  It tells at the load whether the
 * mechanism refuses, and whether it still does when `status` is read.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "cw.h"
#include "door.h"

/* ---- proof ------------------------------------------------------------------- */

#define PROOF_ARGUMENT 0x636f6e6e

/* Three arguments and an int, as many doors have.  Must not be inlined or cloned,
 * and a compiler must not know what it returns. */
noinline int cw_door_proof(unsigned long a, unsigned long b, int c);
noinline int cw_door_proof(unsigned long a, unsigned long b, int c)
{
	int result = 0;

	asm volatile("# proof" : "+r" (a), "+r" (b), "+r" (c), "+r" (result) :
		     : "memory");
	return result;
}

static noinline notrace int refuse_proof(unsigned long a, unsigned long b, int c)
{
	return -EPERM;
}

static bool enter_proof(struct ftrace_regs *regs)
{
	unsigned long a = CW_ARG(regs, 0, unsigned long);

	return a == PROOF_ARGUMENT && CW_ARG(regs, 1, unsigned long) == ~a &&
	       CW_ARG(regs, 2, int) == -1;
}

static const struct cw_door proof_door[] = {
	{ "cw_door_proof", refuse_proof, enter_proof },
};
static CW_DOORS(proof_doors, proof_door);

/* Refused when the callback says so, let through when not. */
static bool works(void)
{
	const unsigned long a = PROOF_ARGUMENT;

	return cw_door_proof(a, ~a, -1) == -EPERM &&
	       !cw_door_proof(a + 1, ~(a + 1), -1);
}

/* ---- the kernel's own functions ------------------------------------------------ */

/* The doors that are used most come first. */
static const struct cw_doors *const kernel_doors[] = {
	&cw_tcp_doors, &cw_datagram_doors, &cw_receive_doors, &cw_route_doors, &cw_process_doors,
	&cw_socket_doors, &proof_doors,
};

/* Doors with a stub, which no other user of ftrace may redirect, and the rest. */
static struct cw_hooks governed __read_mostly, observed __read_mostly;

static int add_all(const struct cw_doors *doors)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < doors->count; i++)
		ret = cw_hooks_add(doors->door[i].stub ? &governed : &observed,
				   NULL, &doors->door[i]);
	return ret;
}

/*
 * Hooks that cannot be removed call our text for as long as the kernel runs.
 * Neither exit nor a failed init can keep the text by a reference, it is freed
 * when they return: so they do not.  No locks are held here; TASK_IDLE is no
 * load and no hung task.  The hooks that are left go on as before.
 */
static void __noreturn stay(void)
{
	pr_crit("%s: ftrace was stopped by an error, so hooks cannot be removed: the module stays until reboot, and this command never ends\n",
		CW_NAME);
	for (;;)
		schedule_timeout_idle(MAX_SCHEDULE_TIMEOUT);
}

/* Doors that see the end of sockets go after those that enter them. */
static void stop_kernel(void)
{
	if (cw_hooks_stop(&governed) || cw_hooks_stop(&observed))
		stay();
}

/* Doors that see the end of sockets come before those that enter them. */
static int start_kernel(void)
{
	const char *culprit;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(kernel_doors); i++)
		ret = add_all(kernel_doors[i]);
	ret = ret ?: cw_hooks_start(&observed, &culprit) ?:
	      cw_hooks_start(&governed, &culprit);
	if (!ret && !works()) {
		pr_err("%s: ftrace does not refuse a test call on this kernel\n",
		       CW_NAME);
		ret = -EOPNOTSUPP;
	}
	if (ret)
		stop_kernel();
	return ret;
}

/* ---- protocols that are modules --------------------------------------------------- */

/**
 * struct protocol - a module whose doors are hooked while it is there
 * @doors:	the doors of the module
 * @hooks:	on while it is
 */
struct protocol {
	const struct cw_doors *doors;
	struct cw_hooks hooks;
};

/* Serialises the module notifier, the load and unload, and readers of status. */
static DEFINE_MUTEX(protocol_lock);
static struct protocol *protocols;
static unsigned int protocol_count;

/* protocol_lock held.  -ENOENT: the module is not there. */
static int start_protocol(struct protocol *protocol)
{
	const struct cw_doors *doors = protocol->doors;
	const char *culprit;
	unsigned int i;
	int ret = 0;

	if (protocol->hooks.on)
		return 0;
	for (i = 0; !ret && i < doors->count; i++)
		ret = cw_hooks_add(&protocol->hooks, doors->module,
				   &doors->door[i]);
	ret = ret ?: cw_hooks_start(&protocol->hooks, &culprit);
	if (ret && cw_hooks_stop(&protocol->hooks))
		pr_crit("%s: hooks of %s cannot be removed\n", CW_NAME,
			doors->module);
	return ret;
}

static struct protocol *find_protocol(const struct module *module)
{
	unsigned int i;

	for (i = 0; i < protocol_count; i++)
		if (!strcmp(protocols[i].doors->module, module->name))
			return &protocols[i];
	return NULL;
}

/* Before its functions can be called: a protocol that cannot be governed does not
 * come. */
static int protocol_comes(struct protocol *protocol)
{
	int ret;

	/* Hooked when the load saw it half made: ftrace knew none of it. */
	ret = cw_hooks_stop(&protocol->hooks) ?: start_protocol(protocol);
	if (ret)
		pr_err("%s: module %s does not load, because its connections could not be judged: error %d\n",
		       CW_NAME, protocol->doors->module, ret);
	return notifier_from_errno(ret);
}

/* Nobody can be in its functions any more. */
static int protocol_goes(struct protocol *protocol)
{
	if (cw_hooks_stop(&protocol->hooks))
		pr_crit("%s: hooks of %s cannot be removed\n", CW_NAME,
			protocol->doors->module);
	return NOTIFY_OK;
}

/* May sleep; no lock of the module loader is held. */
static int notify(struct notifier_block *block, unsigned long event, void *data)
{
	struct protocol *protocol;
	int ret = NOTIFY_DONE;

	mutex_lock(&protocol_lock);
	protocol = find_protocol(data);
	if (protocol && event == MODULE_STATE_COMING)
		ret = protocol_comes(protocol);
	else if (protocol && event == MODULE_STATE_GOING)
		ret = protocol_goes(protocol);
	mutex_unlock(&protocol_lock);
	return ret;
}

static struct notifier_block notifier = { .notifier_call = notify };

/* Those that are there already.  A module that is being loaded is not found, and
 * told by the notifier then. */
static int start_protocols(void)
{
	unsigned int i;
	int ret = 0;

	mutex_lock(&protocol_lock);
	for (i = 0; i < protocol_count && !ret; i++) {
		ret = start_protocol(&protocols[i]);
		if (ret == -ENOENT && !protocols[i].doors->is_builtin)
			ret = 0;
	}
	mutex_unlock(&protocol_lock);
	return ret;
}

static void stop_protocols(void)
{
	unsigned int i;

	for (i = 0; i < protocol_count; i++)
		if (cw_hooks_stop(&protocols[i].hooks))
			stay();
	kfree(protocols);
	protocols = NULL;
	protocol_count = 0;
}

static int make_protocols(void)
{
	unsigned int i;

	protocols = kcalloc(1 + cw_other_count, sizeof(*protocols), GFP_KERNEL);
	if (!protocols)
		return -ENOMEM;
	protocols[0].doors = &cw_sctp_doors;
	for (i = 0; i < cw_other_count; i++)
		protocols[1 + i].doors = &cw_other_doors[i];
	protocol_count = 1 + cw_other_count;
	return 0;
}

/* ---- all of them ------------------------------------------------------------------- */

int cw_door_init(void)
{
	int ret;

	ret = make_protocols();
	if (ret)
		return ret;
	ret = start_kernel();
	if (ret)
		goto err_protocols;
	ret = register_module_notifier(&notifier);
	if (ret)
		goto err_kernel;
	ret = start_protocols();
	if (!ret)
		return 0;
	unregister_module_notifier(&notifier);
	stop_protocols();
err_kernel:
	stop_kernel();
err_protocols:
	stop_protocols();
	cw_sctp_exit();
	return ret;
}

void cw_door_exit(void)
{
	/* Waits for a notification under way. */
	unregister_module_notifier(&notifier);
	stop_protocols();
	stop_kernel();
	cw_sctp_exit();
}

/*
 * Called with a file open, so the module cannot go: the time to make sure that
 * rmmod is refused, rather than never to end, when hooks cannot be removed.
 */
static bool is_stuck(void)
{
	static atomic_t pinned;

	if (!cw_hooks_stuck())
		return false;
	if (!atomic_xchg(&pinned, 1)) {
		__module_get(THIS_MODULE);
		pr_crit("%s: ftrace was stopped by an error, so hooks cannot be removed: the module stays until reboot\n",
			CW_NAME);
	}
	return true;
}

const char *cw_door_trouble(void)
{
	bool stuck = is_stuck();

	if (works())
		return NULL;
	return stuck ? "ftrace was stopped by an error" :
		       "a test call was not refused";
}

static void each(const struct cw_hooks *hooks,
		 void (*tell)(struct seq_file *to, const struct cw_door *door),
		 struct seq_file *to)
{
	unsigned int i;

	for (i = 0; hooks->on && i < hooks->count; i++)
		if (hooks->hook[i].door != proof_door)
			tell(to, hooks->hook[i].door);
}

void cw_door_each(void (*tell)(struct seq_file *to, const struct cw_door *door),
		  struct seq_file *to)
{
	unsigned int i;

	each(&governed, tell, to);
	each(&observed, tell, to);
	mutex_lock(&protocol_lock);
	for (i = 0; i < protocol_count; i++)
		each(&protocols[i].hooks, tell, to);
	mutex_unlock(&protocol_lock);
}

void cw_door_each_protocol(struct seq_file *to, bool hooked)
{
	unsigned int i, told = 0;

	mutex_lock(&protocol_lock);
	for (i = 0; i < protocol_count; i++) {
		if (protocols[i].hooks.on != hooked)
			continue;
		seq_printf(to, " %s", protocols[i].doors->module);
		told++;
	}
	mutex_unlock(&protocol_lock);
	if (!told)
		seq_puts(to, " -");
}
