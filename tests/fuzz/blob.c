// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: any bytes are either no blob, or one that can be matched,
 * decoded and printed.  What is easy to get right by chance of no input is put
 * right here (magic, version, size, offsets), so that the rest gets tried.
 */
#include <stdlib.h>

#include "tests/unit/hostile.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Keeps the counts; where they do not fit the blob stays wrong. */
static void put_right(struct cw_blob_header *header, size_t size)
{
	u64 at = sizeof(*header);
	u32 i;

	header->magic = CW_BLOB_MAGIC;
	header->version = CW_BLOB_VERSION;
	header->size = size;
	for (i = 0; i < CW_SECTION_COUNT; i++) {
		at = cw_blob_align(at);
		header->section[i].offset = at;
		at += (u64)header->section[i].count * cw_blob_record_size(i);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	void *copy;

	hostile_try(data, size);
	if (size < sizeof(struct cw_blob_header))
		return 0;
	copy = malloc(size);
	memcpy(copy, data, size);
	put_right(copy, size);
	hostile_try(copy, size);
	free(copy);
	return 0;
}
