// SPDX-License-Identifier: GPL-2.0-only
/*
 * Digests of executables.  A file that a rule names with `sha256` is hashed
 * when the policy is loaded, and known by its inode, size and time of change
 * from then on: a process that executed exactly that has the digest.  Whatever
 * else it executed has none, so a changed file matches no such rule.
 *
 * Only for files that nobody but root can write: whoever can write a file can
 * find a way to change it and keep these.
 */
#include <crypto/hash.h>
#include <linux/bsearch.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "cw.h"

struct hashed {
	struct cw_inode inode;
	u8 sha256[32];
};

/**
 * struct cw_digests - of one policy, which owns it
 * @count:	number of entries of @file
 * @file:	in the order of compare()
 */
struct cw_digests {
	u32 count;
	struct hashed file[];
};

#define COMPARE(a, b) ((a) < (b) ? -1 : (a) > (b))

static int compare(const void *left, const void *right)
{
	const struct cw_inode *a = left, *b = right;

	return COMPARE(a->dev, b->dev) ?: COMPARE(a->ino, b->ino) ?:
	       COMPARE(a->generation, b->generation) ?:
	       COMPARE(a->size, b->size) ?:
	       COMPARE(a->changed.tv_sec, b->changed.tv_sec) ?:
	       COMPARE(a->changed.tv_nsec, b->changed.tv_nsec);
}

void cw_digest_read_inode(struct cw_inode *to, const struct file *file)
{
	const struct inode *inode = file_inode(file);

	to->dev = inode->i_sb->s_dev;
	to->ino = inode->i_ino;
	to->generation = inode->i_generation;
	to->size = i_size_read(inode);
	to->changed = cw_compat_changed(inode);
}

const u8 *cw_digest_find(const struct cw_digests *digests,
			 const struct cw_inode *inode)
{
	const struct hashed *file;

	if (!digests)
		return NULL;
	file = bsearch(inode, digests->file, digests->count,
		       sizeof(digests->file[0]), compare);
	return file ? file->sha256 : NULL;
}

/* ---- reading a file; may sleep ------------------------------------------------ */

/* The accelerated code keeps preemption off for each piece. */
#define PIECE SZ_64K

static int hash_pieces(struct shash_desc *desc, struct file *file, u8 *piece)
{
	loff_t at = 0;
	ssize_t got;
	int ret;

	while ((got = kernel_read(file, piece, PIECE, &at)) > 0) {
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = crypto_shash_update(desc, piece, got);
		if (ret)
			return ret;
		cond_resched();
	}
	return got;
}

static int hash_file(struct crypto_shash *tfm, struct file *file, u8 *digest)
{
	SHASH_DESC_ON_STACK(desc, tfm);
	u8 *piece = kvmalloc(PIECE, GFP_KERNEL);
	int ret;

	if (!piece)
		return -ENOMEM;
	desc->tfm = tfm;
	ret = crypto_shash_init(desc) ?: hash_pieces(desc, file, piece) ?:
	      crypto_shash_final(desc, digest);
	shash_desc_zero(desc);
	kvfree(piece);
	return ret;
}

static bool only_root_writes(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	return S_ISREG(inode->i_mode) && uid_eq(inode->i_uid, GLOBAL_ROOT_UID) &&
	       !(inode->i_mode & 0022);
}

/* Unchanged while it was read?  Errors are told: the rule will not match. */
static bool hash_open(struct crypto_shash *tfm, struct file *file,
		      const char *path, struct hashed *out)
{
	struct cw_inode after;
	int ret;

	if (!only_root_writes(file)) {
		pr_warn("%s: %s: sha256 is for files that only root can write; the rule will not match\n",
			CW_NAME, path);
		return false;
	}
	cw_digest_read_inode(&out->inode, file);
	ret = hash_file(tfm, file, out->sha256);
	cw_digest_read_inode(&after, file);
	if (!ret && compare(&out->inode, &after))
		ret = -EAGAIN;
	if (ret)
		pr_warn("%s: %s: cannot be hashed (error %d); the rule will not match\n",
			CW_NAME, path, ret);
	return !ret;
}

static bool hash_path(struct crypto_shash *tfm, const char *path,
		      struct hashed *out)
{
	struct file *file;
	bool ok;

	file = filp_open(path, O_RDONLY | O_NONBLOCK | O_LARGEFILE, 0);
	if (IS_ERR(file)) {
		pr_warn("%s: %s: cannot be opened (error %ld); the rule will not match\n",
			CW_NAME, path, PTR_ERR(file));
		return false;
	}
	ok = hash_open(tfm, file, path, out);
	fput(file);
	return ok;
}

/* ---- of a policy ---------------------------------------------------------------- */

static bool has_digest(const struct cw_blob *blob,
		       const struct cw_blob_subject *subject)
{
	const struct cw_blob_cond *cond = blob->section[CW_SECTION_COND];
	u32 i;

	for (i = subject[0].cond; i < subject[1].cond; i++)
		if (cond[i].kind == CW_COND_SHA256)
			return true;
	return false;
}

/* Text of the next subject with a digest from @at on; 0 = no more. */
static u32 next_path(const struct cw_blob *blob, u32 *at)
{
	const struct cw_blob_subject *s = blob->section[CW_SECTION_SUBJECT];

	while (*at < blob->count[CW_SECTION_GROUP]) {
		const struct cw_blob_subject *subject = &s[(*at)++];

		if (subject->kind == CW_EXE_PATH && has_digest(blob, subject))
			return subject->exe;
	}
	return 0;
}

static u32 count_paths(const struct cw_blob *blob)
{
	u32 at = 0, count = 0;

	while (next_path(blob, &at))
		count++;
	return count;
}

/* The same path again has the same text: a string is in a blob once. */
static void hash_paths(struct crypto_shash *tfm, const struct cw_blob *blob,
		       struct cw_digests *digests)
{
	u32 at = 0, text, last = 0;

	while ((text = next_path(blob, &at))) {
		if (text != last &&
		    hash_path(tfm, cw_blob_text(blob, text),
			      &digests->file[digests->count]))
			digests->count++;
		last = text;
	}
	sort(digests->file, digests->count, sizeof(digests->file[0]), compare,
	     NULL);
}

struct cw_digests *cw_digest_read(const struct cw_blob *blob)
{
	u32 count = cw_blob_features(blob) & CW_FEATURE_SHA256 ?
		    count_paths(blob) : 0;
	struct cw_digests *digests;
	struct crypto_shash *tfm;

	if (!count)
		return NULL;
	tfm = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(tfm))
		return ERR_CAST(tfm);
	digests = kvzalloc(struct_size(digests, file, count), GFP_KERNEL);
	if (digests)
		hash_paths(tfm, blob, digests);
	else
		digests = ERR_PTR(-ENOMEM);
	crypto_free_shash(tfm);
	return digests;
}

void cw_digest_free(struct cw_digests *digests)
{
	kvfree(digests);
}
