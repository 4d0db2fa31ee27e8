// SPDX-License-Identifier: GPL-2.0-only
/* The files in securityfs; what they hold and refuse is said in cw_abi.h. */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>

#include "cw.h"
#include "door.h"
#include "owner.h"
#include "ring.h"
#include "include/cw_event.h"

static unsigned int max_policy_bytes __read_mostly = CW_POLICY_BYTES_MAX;
module_param(max_policy_bytes, uint, 0444);
MODULE_PARM_DESC(max_policy_bytes, "largest policy that is taken, in bytes");

/*
 * Both who opened and who writes: an unprivileged opener must not get a
 * privileged program to write for it.
 */
bool cw_fs_may_write(struct file *file)
{
	return file_ns_capable(file, &init_user_ns, CAP_MAC_ADMIN) &&
	       capable(CAP_MAC_ADMIN);
}

/* ---- policy ------------------------------------------------------------------ */

static ssize_t policy_write(struct file *file, const char __user *from,
			    size_t size, loff_t *pos)
{
	void *data;
	int ret;

	if (!cw_fs_may_write(file))
		return -EPERM;
	if (*pos)
		return cw_store_refuse(-EINVAL);
	if (size > max_policy_bytes)
		return cw_store_refuse(-E2BIG);
	data = kvmalloc(size, GFP_KERNEL);
	if (!data)
		return cw_store_refuse(-ENOMEM);
	if (copy_from_user(data, from, size)) {
		kvfree(data);
		return cw_store_refuse(-EFAULT);
	}
	ret = cw_store_load(data, size);
	if (ret)
		return ret;
	*pos += size;
	return size;
}

/* A reader keeps the policy that was in force when it opened the file. */
static int policy_open(struct inode *inode, struct file *file)
{
	if (file->f_mode & FMODE_READ)
		file->private_data = cw_store_get();
	return 0;
}

static int policy_release(struct inode *inode, struct file *file)
{
	cw_store_put(file->private_data);
	return 0;
}

static ssize_t policy_read(struct file *file, char __user *to, size_t size,
			   loff_t *pos)
{
	const struct cw_policy *policy = file->private_data;

	if (!policy)
		return 0;
	return simple_read_from_buffer(to, size, pos, policy->data,
				       policy->blob.size);
}

static const struct file_operations policy_fops = {
	.owner = THIS_MODULE,
	.open = policy_open,
	.release = policy_release,
	.read = policy_read,
	.write = policy_write,
	.llseek = default_llseek,
};

/* ---- mode -------------------------------------------------------------------- */

static const char * const mode_names[] = {
	[CW_MODE_MONITOR] = CW_MODE_NAME_MONITOR,
	[CW_MODE_ENFORCE] = CW_MODE_NAME_ENFORCE,
};

static ssize_t mode_read(struct file *file, char __user *to, size_t size,
			 loff_t *pos)
{
	char line[16];
	int length = scnprintf(line, sizeof(line), "%s\n",
			       mode_names[cw_store_mode()]);

	return simple_read_from_buffer(to, size, pos, line, length);
}

static ssize_t mode_write(struct file *file, const char __user *from,
			  size_t size, loff_t *pos)
{
	char line[16];
	int mode, ret;

	if (!cw_fs_may_write(file))
		return -EPERM;
	if (*pos || size >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, size))
		return -EFAULT;
	line[size] = '\0';
	mode = sysfs_match_string(mode_names, line);
	if (mode < 0)
		return -EINVAL;
	ret = cw_store_set_mode(mode);
	return ret ?: size;
}

static const struct file_operations mode_fops = {
	.owner = THIS_MODULE,
	.read = mode_read,
	.write = mode_write,
	.llseek = default_llseek,
};

/* ---- status ------------------------------------------------------------------ */

static void show_door(struct seq_file *seq, const struct cw_door *door)
{
	seq_printf(seq, " %s", door->function);
}

static void show_governed(struct seq_file *seq, const struct cw_door *door)
{
	if (door->stub)
		show_door(seq, door);
}

static void show_observed(struct seq_file *seq, const struct cw_door *door)
{
	if (!door->stub)
		show_door(seq, door);
}

static void show_doors(struct seq_file *seq)
{
	const char *trouble;

	seq_puts(seq, CW_STATUS_HOOKS ":");
	cw_door_each(show_door, seq);
	seq_puts(seq, " inet_sock_set_state\n" CW_STATUS_GOVERNED ":");
	cw_door_each(show_governed, seq);
	seq_puts(seq, "\n" CW_STATUS_OBSERVED ":");
	cw_door_each(show_observed, seq);
	seq_puts(seq, " inet_sock_set_state\n" CW_STATUS_PROTOCOLS ":");
	cw_door_each_protocol(seq, true);
	seq_puts(seq, "\n" CW_STATUS_AWAITED ":");
	cw_door_each_protocol(seq, false);
	trouble = cw_door_trouble();
	seq_printf(seq, "\n" CW_STATUS_WORKING ": %s%s\n",
		   trouble ? "no, " : "yes", trouble ?: "");
	seq_printf(seq, CW_STATUS_MISSED ": %llu\n", cw_hooks_missed());
}

static void show_policy(struct seq_file *seq)
{
	struct cw_policy *policy = cw_store_get();

	seq_printf(seq, CW_STATUS_GENERATION ": %llu\n",
		   policy ? policy->generation : 0);
	if (policy)
		seq_printf(seq, CW_STATUS_SHA256 ": %*phN\n", 32,
			   cw_blob_sha256(&policy->blob));
	else
		seq_puts(seq, CW_STATUS_SHA256 ": -\n");
	seq_printf(seq, CW_STATUS_RULES ": %u\n",
		   policy ? cw_blob_rules(&policy->blob) : 0);
	seq_printf(seq, CW_STATUS_BYTES ": %u\n",
		   policy ? policy->blob.size : 0);
	cw_store_put(policy);
}

static void show_counts(struct seq_file *seq)
{
	static const struct {
		const char *key;
		enum cw_count count;
	} lines[] = {
		{ CW_STATUS_LOADS, CW_COUNT_LOADS },
		{ CW_STATUS_REFUSED, CW_COUNT_REFUSED },
		{ CW_STATUS_ALLOWED, CW_COUNT_ALLOWED },
		{ CW_STATUS_DENIED, CW_COUNT_DENIED },
		{ CW_STATUS_WOULD_DENY, CW_COUNT_WOULD_DENY },
		{ CW_STATUS_LOGGED, CW_COUNT_LOGGED },
		{ CW_STATUS_SUPPRESSED, CW_COUNT_SUPPRESSED },
		{ CW_STATUS_UNLOGGED, CW_COUNT_UNLOGGED },
		{ CW_STATUS_EVICTED, CW_COUNT_EVICTED },
		{ CW_STATUS_UNTRACKED, CW_COUNT_UNTRACKED },
		{ CW_STATUS_UNIDENTIFIED, CW_COUNT_UNIDENTIFIED },
		{ CW_STATUS_MATCHED, CW_COUNT_MATCHED },
		{ CW_STATUS_UNDECIDED, CW_COUNT_UNDECIDED },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		seq_printf(seq, "%s: %llu\n", lines[i].key,
			   cw_count_read(lines[i].count));
}

static int status_show(struct seq_file *seq, void *v)
{
	seq_printf(seq, CW_STATUS_ABI ": %d\n", CW_ABI_VERSION);
	seq_puts(seq, CW_STATUS_VERSION ": " CW_VERSION "\n");
	seq_printf(seq, CW_STATUS_INSTANCE ": %016llx\n",
		   cw_event_instance());
	seq_printf(seq, CW_STATUS_MODE ": %s\n", mode_names[cw_store_mode()]);
	show_doors(seq);
	seq_printf(seq, CW_STATUS_FEATURES ": 0x%x\n", cw_store_features());
	show_policy(seq);
	show_counts(seq);
	seq_printf(seq, CW_STATUS_PENDING ": %llu\n", cw_audit_pending());
	seq_printf(seq, CW_STATUS_EVENTS_LOST ": %llu\n", cw_ring_lost());
	seq_printf(seq, CW_STATUS_IDENTITIES ": %u\n", cw_process_number());
	seq_printf(seq, CW_STATUS_CONNECTIONS ": %u\n", cw_conn_number());
	seq_printf(seq, CW_STATUS_MAX_CONNECTIONS ": %u\n", cw_conn_limit());
	return 0;
}

static int status_open(struct inode *inode, struct file *file)
{
	return single_open(file, status_show, NULL);
}

static const struct file_operations status_fops = {
	.owner = THIS_MODULE,
	.open = status_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

/* ---- connections ------------------------------------------------------------- */

static int connections_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &cw_dump_seq_ops);
}

static const struct file_operations connections_fops = {
	.owner = THIS_MODULE,
	.open = connections_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release,
};

/* ---- owners ------------------------------------------------------------------ */

static int owners_open(struct inode *inode, struct file *file)
{
	return single_open(file, cw_owner_show, NULL);
}

static const struct file_operations owners_fops = {
	.owner = THIS_MODULE,
	.open = owners_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

/* ---- all of them ------------------------------------------------------------- */

static const struct {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
} files[] = {
	{ CW_FILE_MODE, 0600, &mode_fops },
	{ CW_FILE_STATUS, 0400, &status_fops },
	{ CW_FILE_CONNECTIONS, 0400, &connections_fops },
	{ CW_FILE_OWNERS, 0400, &owners_fops },
	{ CW_FILE_EVENTS, 0600, &cw_event_fops },
	{ CW_FILE_POLICY, 0600, &policy_fops },
};

static struct dentry *directory;
static struct dentry *entries[ARRAY_SIZE(files)];

int cw_fs_init(void)
{
	unsigned int i;

	directory = securityfs_create_dir(CW_NAME, NULL);
	if (IS_ERR(directory))
		return PTR_ERR(directory);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		entries[i] = securityfs_create_file(files[i].name,
						    S_IFREG | files[i].mode,
						    directory, NULL,
						    files[i].fops);
		if (IS_ERR(entries[i])) {
			int ret = PTR_ERR(entries[i]);

			entries[i] = NULL;
			cw_fs_exit();
			return ret;
		}
	}
	return 0;
}

/* securityfs_remove() takes NULL; the recursive form is not exported. */
void cw_fs_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(entries); i++)
		securityfs_remove(entries[i]);
	securityfs_remove(directory);
}
