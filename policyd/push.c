// SPDX-License-Identifier: GPL-2.0-only
/*
 * A compiled policy into the kernel, and onto the disk as the last good one.
 * Runs in the loader's thread, as both may take their time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "policyd.h"

void cw_load_fail(struct cw_load_result *result, const char *reason,
		  const char *format, ...)
{
	va_list args;

	snprintf(result->reason, sizeof(result->reason), "%s", reason);
	va_start(args, format);
	vsnprintf(result->message, sizeof(result->message), format, args);
	va_end(args);
}

void cw_load_fail_kernel(struct cw_load_result *result, int error, size_t size)
{
	const char *name = strerrorname_np(-error);
	char message[400];

	cw_kernel_explain(error, CW_FILE_POLICY, size, message,
			  sizeof(message));
	cw_load_fail(result, name ? name : "kernel", "%s", message);
}

int cw_push_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK |
		     F_SEAL_GROW | F_SEAL_SEAL) ? -errno : 0;
}

static void print_sha256(char *text, const u8 *sha256)
{
	for (int i = 0; i < 32; i++)
		sprintf(text + 2 * i, "%02x", sha256[i]);
}

/* The policy in force does not depend on it, so that a failure is only told. */
static void store(struct cw_push *push, const void *data, size_t size)
{
	struct cw_load_result *result = push->result;
	struct stat st;
	int text = push->text;

	if (!push->slot)
		return;
	if (text >= 0 && (fstat(text, &st) || !st.st_size))
		text = -1;
	result->is_stored = !cw_last_good_store(push->state_dir, push->slot,
						data, size, text,
						result->store_message,
						sizeof(result->store_message));
}

static void push_blob(struct cw_push *push, const void *data, size_t size)
{
	struct cw_load_result *result = push->result;
	struct cw_kernel_status status;
	struct cw_blob blob;
	int ret;

	if (cw_blob_open(&blob, data, size)) {
		cw_load_fail(result, "bad-blob", "the compiler made a malformed "
			     "policy; this is a bug in connwarden");
		return;
	}
	result->rules = cw_blob_rules(&blob);
	print_sha256(result->sha256, cw_blob_sha256(&blob));
	ret = cw_kernel_load(push->securityfs, data, size);
	if (ret) {
		cw_load_fail_kernel(push->result, ret, size);
		return;
	}
	ret = cw_kernel_status(push->securityfs, &status);
	if (!ret)
		result->generation = status.generation;
	else
		log_warn("the policy is loaded, but the kernel module does "
			 "not say its generation: %s", strerror(-ret));
	store(push, data, size);
}

void cw_push_compiled(struct cw_push *push)
{
	struct stat st;
	void *data;

	if (cw_push_seal(push->blob) || fstat(push->blob, &st) || !st.st_size) {
		cw_load_fail(push->result, "bad-blob", "cannot take the policy "
			     "from the compiler");
		return;
	}
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, push->blob, 0);
	if (data == MAP_FAILED) {
		cw_load_fail(push->result, "no-memory", "no memory for the policy");
		return;
	}
	push_blob(push, data, st.st_size);
	munmap(data, st.st_size);
}

void cw_push_stored(struct cw_push *push)
{
	const char *slot = strrchr(push->file, '/') + 1;
	char why[400];
	void *data;
	size_t size;

	if (cw_last_good_read(push->state_dir, slot, &data, &size, why,
			      sizeof(why))) {
		cw_load_fail(push->result, "bad-blob", "%s", why);
		return;
	}
	push_blob(push, data, size);
	free(data);
}

void cw_push_keep(struct cw_push *push)
{
	size_t size;
	char *data;
	int ret = cw_kernel_read(push->securityfs, CW_FILE_POLICY, &data,
				 &size);

	if (ret) {
		cw_load_fail_kernel(push->result, ret, 0);
		return;
	}
	if (size)
		store(push, data, size);
	free(data);
}
