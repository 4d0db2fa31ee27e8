// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever can be done with an accepted blob, see hostile.h.
 */
#include <stdlib.h>

#include "hostile.h"

static const char *const paths[] = {
	"/usr/bin/curl", "/usr/bin/python3.11", "/usr/sbin/nginx", "/",
	"/opt/1/2/3/4/5/6/7/8/9/run", "", "/a", NULL,
};
static const char *const cgroups[] = {
	"/system.slice/nginx.service/sub", "/",
	"/machine.slice/libpod-web.scope/container", NULL,
};
static const u16 ports[] = { 0, 53, 80, 443, 8080, 65535 };

static void require(bool is_true)
{
	if (!is_true)
		abort();
}

/* Addresses from the blob itself, so that its own tables are walked. */
static void pick_address(const struct cw_blob *blob, u32 i,
			 struct cw_request *request)
{
	const struct cw_blob_addr4 *addr4 = blob->section[CW_SECTION_ADDR4];
	const struct cw_blob_addr6 *addr6 = blob->section[CW_SECTION_ADDR6];
	u32 addr = i * 0x9e3779b1u, byte;

	request->family = i % 3 == 0 ? 6 : i % 17 == 1 ? 0 : 4;
	memset(request->addr, i, sizeof(request->addr));
	if (request->family == 6 && blob->count[CW_SECTION_ADDR6])
		memcpy(request->addr,
		       addr6[i % blob->count[CW_SECTION_ADDR6]].addr, 16);
	if (request->family == 6 && i & 2)
		request->addr[15 - i / 4 % 16] ^= 0xff;
	if (request->family != 4)
		return;
	if (blob->count[CW_SECTION_ADDR4] && i & 1)
		addr = addr4[i / 2 % blob->count[CW_SECTION_ADDR4]].lo;
	for (byte = 0; byte < 4; byte++)
		request->addr[byte] = addr >> (24 - 8 * byte);
}

static void use_match(const struct cw_blob *blob, const struct cw_ident *ident,
		      u32 seed)
{
	struct cw_subjects subjects;
	struct cw_request request;
	struct cw_verdict verdict;
	u32 i;

	cw_match_subjects(blob, ident, &subjects);
	for (i = 0; i < 24; i++) {
		pick_address(blob, seed + i, &request);
		request.port = ports[i % ARRAY_SIZE(ports)];
		request.zone = i % 3 ? "eth0" : NULL;
		request.from = ports[(i + 1) % ARRAY_SIZE(ports)];
		request.proto = i % (CW_PROTO_COUNT + 1);
		request.now = i % 5;
		verdict = cw_match(blob, &subjects, ident, &request);
		require(verdict.rule == CW_RULE_DEFAULT ||
			verdict.rule < cw_blob_rules(blob));
	}
}

static void use_idents(const struct cw_blob *blob)
{
	const u32 gid[] = { 0, 1000 };
	struct cw_ident ident = { .gid = gid };
	u32 i;

	for (i = 0; i < 2 * ARRAY_SIZE(paths); i++) {
		ident.exe = paths[i % ARRAY_SIZE(paths)];
		ident.script = paths[(i + 1) % ARRAY_SIZE(paths)];
		ident.cgroup = cgroups[i % ARRAY_SIZE(cgroups)];
		ident.ancestor = paths;
		ident.ancestors = i % ARRAY_SIZE(paths);
		ident.gids = i % 3;
		ident.uid = i % 2 * 1000;
		ident.flags = i % 5 == 4 ? CW_IDENT_KERNEL : CW_IDENT_HASHED;
		use_match(blob, &ident, i * 24);
	}
}

static void use_rules(const struct cw_blob *blob)
{
	struct cw_ruleset *ruleset;
	char *text = NULL;
	size_t size;
	FILE *out;
	u32 i, lines = 0;

	for (i = 0; i <= cw_blob_rules(blob); i++) {
		require(strlen(cw_blob_rule_label(blob, i)) < CW_LABEL_MAX);
		lines += cw_blob_rule_line(blob, i);
	}
	require(cw_blob_sha256(blob) && (lines || !lines));
	ruleset = cw_ruleset_decode(blob);
	require(ruleset);
	out = open_memstream(&text, &size);
	cw_ruleset_print(ruleset, out);
	fclose(out);
	free(text);
	cw_ruleset_free(ruleset);
}

bool hostile_try(const void *data, size_t size)
{
	void *copy = malloc(size + !size);
	struct cw_blob blob;
	bool taken;

	require(copy);
	if (size)
		memcpy(copy, data, size);
	taken = !cw_blob_open(&blob, copy, size);
	if (taken) {
		use_idents(&blob);
		use_rules(&blob);
	}
	free(copy);
	return taken;
}
