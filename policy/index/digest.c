// SPDX-License-Identifier: GPL-2.0-only
/*
 * The digest of a blob, which policies are told apart by.
 */
#include <nettle/sha2.h>

#include "policy/text/compile.h"

void cw_blob_digest(const void *data, size_t size, u8 digest[32])
{
	static const u8 zero[SHA256_DIGEST_SIZE];
	size_t at = offsetof(struct cw_blob_header, sha256);
	const u8 *byte = data;
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, at, byte);
	sha256_update(&context, sizeof(zero), zero);
	at += sizeof(zero);
	sha256_update(&context, size - at, byte + at);
	sha256_digest(&context, SHA256_DIGEST_SIZE, digest);
}
