// SPDX-License-Identifier: GPL-2.0-only
/*
 * The child of policyd that reads and compiles rules.  It is policyd executed
 * again, so it has a memory of its own and, because policyd's bounding set is
 * empty, no capability from the start; it then forbids itself all writing.
 * What it made is on the descriptors of enum cw_compile_fd.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/text/compile.h"
#include "policyd.h"

/* Bytes of diagnostics or of blob; more would only fill the memory. */
#define OUTPUT_MAX	(1ul << 30)
/* Bytes of all rules; a million of them have about 100 MB. */
#define RULES_MAX	(512ull << 20)

static bool write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		size -= put;
	}
	return true;
}

/* If memory runs out, this process goes and not policyd: failure to say so
 * to the kernel changes nothing else. */
static void offer_to_oom_killer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, "500\n", 4);
	close(fd);
}

static int fence_in(void)
{
	struct rlimit no_core = { 0, 0 };
	struct rlimit output = { OUTPUT_MAX, OUTPUT_MAX };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	offer_to_oom_killer();
	if (setrlimit(RLIMIT_CORE, &no_core) ||
	    setrlimit(RLIMIT_FSIZE, &output) ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -errno;
	return cw_priv_drop_all();
}

/* 0 only when the blob is written. */
static int emit(const struct cw_ruleset *ruleset, struct cw_diag *diag)
{
	size_t size;
	void *blob;
	int ret = cw_ruleset_emit(ruleset, &blob, &size, diag);

	if (ret == -E2BIG)
		return CW_COMPILE_EXIT_REFUSED;
	if (ret)
		return CW_COMPILE_EXIT_FAILED;
	ret = write_all(CW_COMPILE_FD_BLOB, blob, size)
		? CW_COMPILE_EXIT_OK : CW_COMPILE_EXIT_FAILED;
	free(blob);
	return ret;
}

/* By the time that the text is needed, they may mean somebody else. */
static void forget_names(struct cw_ruleset *ruleset)
{
	for (u32 i = 0; i < ruleset->rule_count; i++) {
		struct cw_rule *rule = &ruleset->rules[i];

		for (u32 j = 0; j < rule->cond_count; j++)
			if (rule->conds[j].kind == CW_COND_USER ||
			    rule->conds[j].kind == CW_COND_GROUP)
				rule->conds[j].text = NULL;
	}
}

/* The text is for a day on which the blob is of no use.  It may be missing, but
 * never be a part only. */
static void print(struct cw_ruleset *ruleset)
{
	int copy = fcntl(CW_COMPILE_FD_TEXT, F_DUPFD_CLOEXEC, 0);
	FILE *out = copy < 0 ? NULL : fdopen(CW_COMPILE_FD_TEXT, "w");
	bool is_bad;

	if (!out)
		return;
	forget_names(ruleset);
	cw_ruleset_print(ruleset, out);
	is_bad = ferror(out);
	is_bad |= fclose(out) != 0;
	if (is_bad && ftruncate(copy, 0))
		abort();
	close(copy);
}

/* Looking may take as long as reading: files can be on a server that is gone. */
static bool is_same(const char *a, const char *b)
{
	struct stat x, y;
	bool is_one;

	if (!strcmp(a, b))
		return true;
	alarm(CW_COMPILE_READ_SECONDS);
	is_one = !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
		 x.st_ino == y.st_ino;
	alarm(0);
	return is_one;
}

/* What is loaded at a boot, unseen, must be as root wants it. */
static int compile(const char *path, uint32_t features, bool is_configured,
		   struct cw_diag *diag)
{
	const struct cw_guard guard = {
		.trust = is_configured ? CW_TRUST_REFUSE : CW_TRUST_WARN,
		.useconds = CW_COMPILE_READ_SECONDS * 1000000ull,
		.bytes = RULES_MAX,
	};
	struct cw_ruleset *ruleset;
	int ret;

	cw_diag_guard(diag);
	ruleset = cw_ruleset_read_guarded(path, features, &guard, diag);

	if (!ruleset)
		return cw_diag_count(diag, CW_SEVERITY_ERROR)
			? CW_COMPILE_EXIT_REFUSED : CW_COMPILE_EXIT_FAILED;
	cw_ruleset_lint(ruleset, diag);
	ret = emit(ruleset, diag);
	if (ret == CW_COMPILE_EXIT_OK)
		print(ruleset);
	cw_ruleset_free(ruleset);
	return ret;
}

static bool report(const struct cw_diag *diag, bool is_configured)
{
	struct cw_compile_counts counts = {
		.errors = cw_diag_count(diag, CW_SEVERITY_ERROR),
		.warnings = cw_diag_count(diag, CW_SEVERITY_WARNING),
		.is_configured = is_configured,
	};
	FILE *out = fdopen(CW_COMPILE_FD_DIAG, "w");

	if (!out)
		return false;
	cw_diag_print(diag, out);
	if (fclose(out))
		return false;
	return write_all(CW_COMPILE_FD_COUNTS, &counts, sizeof(counts));
}

int cw_compile_main(int argc, char **argv)
{
	bool is_configured;
	struct cw_diag *diag;
	int ret;

	if (argc != 5)
		return CW_COMPILE_EXIT_FAILED;
	ret = fence_in();
	if (ret) {
		log_error("the compiler cannot give up its privileges: %s",
			  strerror(-ret));
		return CW_COMPILE_EXIT_FAILED;
	}
	diag = cw_diag_new();
	if (!diag)
		return CW_COMPILE_EXIT_FAILED;
	is_configured = is_same(argv[4], argv[3]);
	ret = compile(argv[4], strtoul(argv[2], NULL, 16), is_configured, diag);
	if (!report(diag, is_configured))
		ret = CW_COMPILE_EXIT_FAILED;
	cw_diag_free(diag);
	return ret;
}
