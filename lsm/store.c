// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policy in force and the mode: the only file that touches either.  A
 * load checks the blob aside, then swaps one RCU pointer, so a decision sees
 * the old policy or the new one, whole.
 */
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "cw.h"

/* Serialises loads and mode changes; readers take nothing. */
static DEFINE_MUTEX(store_lock);
/* Starts a line, and with it the section of what decisions only read. */
static struct cw_policy __rcu *active __read_mostly ____cacheline_aligned_in_smp;
static u64 last_generation;
static enum cw_mode active_mode __read_mostly = CW_MODE_MONITOR;

/* What lsm/ident.c can find out about a process. */
#define JUDGED (CW_FEATURE_EXE | CW_FEATURE_GLOB | CW_FEATURE_KERNEL | \
		CW_FEATURE_SCRIPT | CW_FEATURE_USER | CW_FEATURE_GROUP | \
		CW_FEATURE_CGROUP | CW_FEATURE_UNIT | CW_FEATURE_CONTAINER | \
		CW_FEATURE_PARENT | CW_FEATURE_ANCESTOR | \
		CW_FEATURE_SHA256 | \
		CW_FEATURE_UNTIL | CW_FEATURE_MONITOR | \
		CW_FEATURE_FROM | CW_FEATURE_CLEAN_ENV | CW_FEATURE_ZONE)

u32 cw_store_features(void)
{
	return JUDGED;
}

static void free_policy(struct cw_policy *policy)
{
	cw_digest_free(policy->digests);
	kvfree(policy->data);
	kfree(policy);
}

void cw_store_put(struct cw_policy *policy)
{
	if (policy && refcount_dec_and_test(&policy->users))
		free_policy(policy);
}

/* In pieces: the accelerated code keeps preemption off for each. */
static int hash(struct shash_desc *desc, const u8 *data, size_t size)
{
	size_t piece;
	int ret = 0;

	for (; size && !ret; data += piece, size -= piece) {
		piece = min_t(size_t, size, SZ_64K);
		ret = crypto_shash_update(desc, data, piece);
		cond_resched();
	}
	return ret;
}

/* The digest covers the whole blob with the digest itself as zeroes. */
static int digest_blob(struct crypto_shash *tfm, const u8 *data, size_t size,
		       u8 *digest)
{
	const size_t field = offsetof(struct cw_blob_header, sha256);
	static const u8 zeroes[32];
	SHASH_DESC_ON_STACK(desc, tfm);
	int ret;

	desc->tfm = tfm;
	ret = crypto_shash_init(desc) ?:
	      hash(desc, data, field) ?:
	      hash(desc, zeroes, sizeof(zeroes)) ?:
	      hash(desc, data + field + sizeof(zeroes),
		   size - field - sizeof(zeroes)) ?:
	      crypto_shash_final(desc, digest);
	shash_desc_zero(desc);
	return ret;
}

static int check_digest(const struct cw_blob *blob, const void *data)
{
	struct crypto_shash *tfm;
	u8 digest[32];
	int ret;

	tfm = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = digest_blob(tfm, data, blob->size, digest);
	crypto_free_shash(tfm);
	if (ret)
		return ret;
	return memcmp(digest, cw_blob_sha256(blob), 32) ? -EINVAL : 0;
}

static int open_policy(struct cw_policy *policy, size_t size)
{
	u32 version = cw_blob_version(policy->data, size);
	int ret;

	if (version && version != CW_BLOB_VERSION)
		pr_warn_ratelimited("%s: refused a policy in format %u, because this module reads format %u: install module and policyd of one release\n",
				    KBUILD_MODNAME, version, CW_BLOB_VERSION);
	ret = cw_blob_open(&policy->blob, policy->data, size);
	if (ret)
		return ret;
	if (cw_blob_features(&policy->blob) & ~JUDGED)
		return -EOPNOTSUPP;
	ret = check_digest(&policy->blob, policy->data);
	if (ret)
		return ret;
	policy->digests = cw_digest_read(&policy->blob);
	if (!IS_ERR(policy->digests))
		return 0;
	ret = PTR_ERR(policy->digests);
	policy->digests = NULL;
	return ret;
}

static struct cw_policy *new_policy(void *data, size_t size)
{
	struct cw_policy *policy;
	int ret;

	policy = kzalloc(sizeof(*policy), GFP_KERNEL);
	if (!policy) {
		kvfree(data);
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&policy->users, 1);
	policy->data = data;
	ret = open_policy(policy, size);
	if (ret) {
		free_policy(policy);
		return ERR_PTR(ret);
	}
	return policy;
}

/* Puts @policy in force; gives back the one that was. */
static struct cw_policy *publish(struct cw_policy *policy)
{
	struct cw_policy *old;

	mutex_lock(&store_lock);
	policy->generation = ++last_generation;
	old = rcu_replace_pointer(active, policy,
				  lockdep_is_held(&store_lock));
	mutex_unlock(&store_lock);
	return old;
}

/* The record is written without a lock: audit may make us wait for long. */
static void announce(const struct cw_policy *policy,
		     const struct cw_policy *old)
{
	cw_count_add(CW_COUNT_LOADS, 1);
	cw_audit_policy_load(policy->generation, old ? old->generation : 0,
			     &policy->blob, 0);
}

int cw_store_refuse(int error)
{
	struct cw_policy *policy = cw_store_get();
	u64 generation = policy ? policy->generation : 0;

	cw_store_put(policy);
	cw_count_add(CW_COUNT_REFUSED, 1);
	cw_audit_policy_load(generation, generation, NULL, error);
	return error;
}

int cw_store_load(void *data, size_t size)
{
	struct cw_policy *policy = new_policy(data, size), *old;

	if (IS_ERR(policy))
		return cw_store_refuse(PTR_ERR(policy));
	/* Ours for the record: another load may replace it meanwhile. */
	refcount_inc(&policy->users);
	old = publish(policy);
	/* For who executes something from now on, exec does it. */
	cw_exe_match_all(policy);
	announce(policy, old);
	cw_store_put(policy);
	if (old) {
		/* Decisions that still use it run under rcu_read_lock(). */
		synchronize_rcu();
		cw_store_put(old);
	}
	return 0;
}

struct cw_policy *cw_store_policy_rcu(void)
{
	return rcu_dereference(active);
}

struct cw_policy *cw_store_get(void)
{
	struct cw_policy *policy;

	mutex_lock(&store_lock);
	policy = rcu_dereference_protected(active,
					   lockdep_is_held(&store_lock));
	if (policy)
		refcount_inc(&policy->users);
	mutex_unlock(&store_lock);
	return policy;
}

enum cw_mode cw_store_mode(void)
{
	return READ_ONCE(active_mode);
}

int cw_store_set_mode(enum cw_mode mode)
{
	enum cw_mode old;
	int ret = 0;

	mutex_lock(&store_lock);
	old = active_mode;
	if (mode == CW_MODE_ENFORCE && !rcu_access_pointer(active))
		ret = -ENODATA;
	else
		WRITE_ONCE(active_mode, mode);
	mutex_unlock(&store_lock);
	cw_audit_mode(mode, old, ret);
	return ret;
}

/* The hooks and the files are gone: nobody reads the pointer any more. */
void cw_store_exit(void)
{
	cw_store_put(rcu_replace_pointer(active, NULL, true));
}
