/* SPDX-License-Identifier: GPL-2.0-only */
/* Digests of files, and what tells one file from another. */
#ifndef CW_DIGEST_H
#define CW_DIGEST_H

#include <linux/time64.h>
#include <linux/types.h>

#include "policy/engine/engine.h"

struct cw_digests;
struct file;

/* A file as it is at one moment. */
struct cw_inode {
	dev_t dev;
	u32 generation;
	u64 ino;
	u64 size;
	struct timespec64 changed;
};

void cw_digest_read_inode(struct cw_inode *to, const struct file *file);
/* Hashes the files for which @blob needs it; NULL = none, or an error: -ENOMEM
 * and what crypto says.  May sleep. */
struct cw_digests *cw_digest_read(const struct cw_blob *blob);
void cw_digest_free(struct cw_digests *digests);
/* 32 bytes that live as long as @digests; NULL = not known. */
const u8 *cw_digest_find(const struct cw_digests *digests,
			 const struct cw_inode *inode);

#endif
