// SPDX-License-Identifier: GPL-2.0-only
/* What the tests of the rule language share. */
#include <ftw.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

char text_dir[64];

struct cw_ruleset *text_parse(const char *text, struct cw_diag *diag)
{
	return cw_ruleset_parse("rules", text, strlen(text), UINT32_MAX, diag);
}

struct cw_ruleset *text_rules(const char *text)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *ruleset = text_parse(text, diag);
	char *said = text_diag(diag);

	ck_assert_msg(ruleset != NULL, "%s", said);
	free(said);
	cw_diag_free(diag);
	return ruleset;
}

/* ---- to text ------------------------------------------------------------ */

static char *taken;
static size_t taken_size;

static FILE *memory(void)
{
	FILE *out = open_memstream(&taken, &taken_size);

	ck_assert_ptr_nonnull(out);
	return out;
}

static char *take(FILE *out)
{
	ck_assert_int_eq(fclose(out), 0);
	return taken;
}

char *text_print(const struct cw_ruleset *ruleset)
{
	FILE *out = memory();

	cw_ruleset_print(ruleset, out);
	return take(out);
}

char *text_rule(const struct cw_ruleset *ruleset, u32 rule)
{
	FILE *out = memory();

	cw_rule_print(ruleset, &ruleset->rules[rule], out);
	return take(out);
}

char *text_diag(const struct cw_diag *diag)
{
	FILE *out = memory();

	cw_diag_print(diag, out);
	return take(out);
}

char *text_json(const struct cw_diag *diag)
{
	FILE *out = memory();

	cw_diag_print_json(diag, out);
	return take(out);
}

/* ---- files -------------------------------------------------------------- */

void text_init(void)
{
	strcpy(text_dir, "/tmp/cw-text-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(text_dir));
}

static int remove_one(const char *path, const struct stat *status, int type,
		      struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

void text_exit(void)
{
	nftw(text_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *text_write(const char *name, const char *text)
{
	static char path[256];
	char *slash;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", text_dir, name);
	for (slash = path + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = 0;
		mkdir(path, 0755);
	}
	file = fopen(path, "w");
	ck_assert_msg(file != NULL, "%s", path);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

/* ---- chance ------------------------------------------------------------- */

static u64 chance;

void text_seed(void)
{
	const char *seed = getenv("CW_SEED");

	chance = seed ? strtoull(seed, NULL, 0) : 1;
}

u32 text_random(u32 below)
{
	chance = chance * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(chance >> 33) % below;
}

#define PICK(list) ((list)[text_random(ARRAY_SIZE(list))])

static const char *const exes[] = {
	"any", "any", "kernel", "/a", "/b", "/d/a", "/d/b", "/d/*", "/d/?",
	"/**", "/d/e/a", "\"/a b\"", "/*", "/d/**",
};

static const char *const conds[] = {
	"", "", "", " user 1", " user 2", " group 3", " script /s/a",
	" script /s/*", " parent /p", " ancestor /p", " ancestor /p*",
	" ancestor /p ancestor /q", " cgroup /c", " cgroup /c/d",
	" unit u.service", " unit *.service", " container k",
	" user 1 group 3", " user 1 script /s/a parent /p",
	" clean-env", " script /s/a clean-env",
	" sha256 00000000000000000000000000000000"
	"00000000000000000000000000000001",
};

static const char *const dests[] = {
	"any", "10.0.0.0/8", "10.0.0.1", "10.0.0.0/24", "10.0.0.1-10.0.0.9",
	"10.0.0.0/25", "10.0.0.128/25", "0.0.0.0/0", "::/0", "2001:db8::/32",
	"2001:db8::1", "2001:db8::1-2001:db8::9", "@loopback", "fe80::1%eth0",
	"fe80::/10%eth1", "@linklocal", "@private",
	"@a", "@b", "@internet", "11.0.0.0/8", "@wide", "12.0.6.1", "@wide",
};

static const char *const clauses[] = {
	"", "", " port 80", " port 80-90", " port 80, 443", " port 85",
	" port @w", " port 0-65535", " proto tcp", " proto udp, tcp",
	" from port 53", " from port @w", " port 80 from port 80-90",
	" proto icmp", " port 80 proto tcp", " port @w proto udp",
	" proto raw, packet",
};

static const char *const options[] = {
	"", "", "", " monitor", " log", " nolog", " as \"l\"",
	" until 2001-09-09T01:46:40Z", " until 2030-01-01T00:00:00Z",
};

char *text_random_rules(u32 rules)
{
	FILE *out = memory();
	const char *exe;
	u32 i;

	fputs("set @a = 10.0.0.0/24, 2001:db8::/33\nset @b = @a, 11.0.0.1\n"
	      "set @w = 80, 443\n", out);
	/* More ranges than the lint files one by one. */
	fputs("set @wide = 10.0.0.1", out);
	for (i = 0; i < 70; i++)
		fprintf(out, ", 12.0.%u.1", i);
	fprintf(out, "\ndefault %s\nlog %s\n",
		text_random(2) ? "deny" : "allow",
		text_random(2) ? "deny" : "all");
	while (rules--) {
		exe = PICK(exes);
		fprintf(out, "%s %s%s to %s", text_random(2) ? "allow" : "deny",
			exe, strcmp(exe, "kernel") ? PICK(conds) : "",
			PICK(dests));
		while (!text_random(3))
			fprintf(out, ", %s", PICK(dests));
		fprintf(out, "%s%s\n", PICK(clauses), PICK(options));
	}
	return take(out);
}

void text_random_ident(struct cw_ident *ident, u32 *gid,
		       const char *ancestor[CW_ANCESTORS])
{
	static const char *const paths[] = {
		NULL, "/a", "/b", "/d/a", "/d/b", "/d/cc", "/d/e/a", "/a b",
		"/x",
	};
	static const char *const scripts[] = { NULL, "/s/a", "/s/b" };
	static const char *const cgroups[] = {
		NULL, "/", "/c", "/c/d/e", "/system.slice/u.service",
		"/user.slice/v.service/x", "/docker/k", "/user.slice/k",
		"/system.slice/docker-k.scope", "/a.slice/b.slice/u.service",
	};
	static const char *const ancestors[] = { NULL, "/p", "/q", "/pp" };

	memset(ident, 0, sizeof(*ident));
	ident->exe = PICK(paths);
	ident->script = PICK(scripts);
	ident->cgroup = PICK(cgroups);
	ident->uid = text_random(3);
	*gid = 2 + text_random(3);
	ident->gid = gid;
	ident->gids = text_random(2);
	ident->ancestor = ancestor;
	for (ident->ancestors = 0; ident->ancestors < text_random(5);
	     ident->ancestors++)
		ancestor[ident->ancestors] = PICK(ancestors);
	ident->sha256[31] = text_random(2);
	if (!text_random(4))
		ident->flags = text_random(16);
	ident->flags |= text_random(2) ? CW_IDENT_CLEAN_ENV : 0;
	ident->flags |= text_random(2) ? CW_IDENT_BY_ENV : 0;
	ident->flags |= text_random(4) ? 0 : CW_IDENT_ABSENT;
}

void text_random_request(struct cw_request *request)
{
	static const char *const addresses[] = {
		"10.0.0.1", "10.0.0.5", "10.0.0.200", "10.1.0.1", "11.0.0.1",
		"127.0.0.1", "8.8.8.8", "192.168.0.1",
	};
	static const u16 ports[] = { 0, 22, 80, 85, 443, 65535 };

	memset(request, 0, sizeof(*request));
	request->port = PICK(ports);
	request->from = PICK(ports);
	request->proto = text_random(CW_PROTO_COUNT);
	request->now = 999999999 + text_random(3);
	if (request->proto == CW_PROTO_PACKET && text_random(2))
		return;
	if (text_random(3)) {
		unsigned int b[4];

		sscanf(PICK(addresses), "%u.%u.%u.%u", b, b + 1, b + 2, b + 3);
		request->family = 4;
		for (int i = 0; i < 4; i++)
			request->addr[i] = b[i];
		return;
	}
	request->family = 6;
	memcpy(request->addr, "\x20\x01\x0d\xb8", 4);
	request->addr[0] = text_random(4) ? 0x20 : 0;
	request->addr[15] = text_random(12);
	if (text_random(2))
		return;
	memcpy(request->addr, "\xfe\x80\0\0", 4);
	request->zone = text_random(2) ? "eth0" : "eth1";
}

/* One process for all tests: allocation counts and coverage need that, and it
 * is quicker under the sanitizers. */
int text_main(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
