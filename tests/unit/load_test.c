// SPDX-License-Identifier: GPL-2.0-only
/* Loading: good and bad files, a compiler that dies, a kernel that refuses. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/text/compile.h"
#include "policyd/policyd.h"
#include "fixture.h"

static struct fixture fixture;
static sd_event *event;
static struct cw_loader *loader;
static struct cw_load_result result;
static char file[CW_PATH_MAX], diagnostics[1 << 16], state_dir[128];
static unsigned ends;
static int seals;

static void setup(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fixture_init(&fixture);
	snprintf(state_dir, sizeof(state_dir), "%s/state", fixture.dir);
	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_eq(cw_loader_new(&loader, event, fixture.dir,
				       state_dir), 0);
}

static void teardown(void)
{
	cw_loader_free(loader);
	sd_event_unref(event);
	fixture_exit(&fixture);
}

static void ended(void *data, const struct cw_load_result *what)
{
	ssize_t got = 0;

	(void)data;
	result = *what;
	snprintf(file, sizeof(file), "%s", what->file);
	seals = fcntl(what->diagnostics, F_GET_SEALS);
	if (what->diagnostics >= 0)
		got = pread(what->diagnostics, diagnostics,
			    sizeof(diagnostics) - 1, 0);
	diagnostics[got > 0 ? got : 0] = 0;
	ends++;
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", fixture.dir, name);
	return path;
}

static void finish_load(void)
{
	while (!ends)
		ck_assert_int_ge(sd_event_run(event, 1000000), 0);
	ck_assert_uint_eq(ends, 1);
	ck_assert(!cw_loader_is_busy(loader));
}

static int start_load(const char *name)
{
	const struct cw_load_order order = {
		.file = path_of(name), .configured = path_of(name),
		.is_stored = true,
	};

	ends = 0;
	return cw_loader_start(loader, &order, ended, NULL);
}

static void load(const char *name)
{
	ck_assert_int_eq(start_load(name), 0);
	finish_load();
	ck_assert_str_eq(file, path_of(name));
}

static void load_text(const char *text)
{
	fixture_write(&fixture, "rules.conf", text);
	load("rules.conf");
}

static size_t policy_size(void)
{
	struct stat st;

	ck_assert_int_eq(stat(path_of("policy"), &st), 0);
	return st.st_size;
}

START_TEST(good_file_reaches_the_kernel)
{
	struct cw_ruleset *ruleset;
	struct cw_blob blob;
	size_t size;
	char *data;

	load_text("default deny\nallow /usr/bin/curl to 192.0.2.0/24 port 80\n"
		  "allow any to @loopback\n");
	ck_assert_str_eq(result.reason, "");
	ck_assert_uint_eq(result.rules, 2);
	ck_assert_uint_eq(result.generation, 7);
	ck_assert_uint_eq(result.errors, 0);
	ck_assert_uint_eq(strlen(result.sha256), 64);
	ck_assert_ptr_nonnull(strstr(result.message, "policy 7 in force: "
				     "2 rules, sha256 "));
	ck_assert_int_eq(cw_kernel_read(fixture.dir, "policy", &data, &size),
			 0);
	ck_assert_int_eq(cw_blob_open(&blob, data, size), 0);
	ruleset = cw_ruleset_decode(&blob);
	ck_assert_ptr_nonnull(ruleset);
	ck_assert_str_eq(ruleset->rules[0].exe, "/usr/bin/curl");
	cw_ruleset_free(ruleset);
	free(data);
}
END_TEST

START_TEST(errors_all_come_back_and_nothing_is_written)
{
	load_text("default deny\nallow bogus to any\nalow any to any\n"
		  "allow any to 1.2.3.4/77\n");
	ck_assert_str_eq(result.reason, "invalid-rules");
	ck_assert_str_eq(result.message, "3 errors");
	ck_assert_uint_eq(result.errors, 3);
	ck_assert_str_eq(result.sha256, "");
	ck_assert_uint_eq(result.generation, 7);
	ck_assert_ptr_nonnull(strstr(diagnostics, "rules.conf:2:7: error"));
	ck_assert_ptr_nonnull(strstr(diagnostics, "rules.conf:3:1: error"));
	ck_assert_ptr_nonnull(strstr(diagnostics, "rules.conf:4:"));
	ck_assert_uint_eq(policy_size(), 0);
}
END_TEST

START_TEST(missing_file_is_an_error)
{
	load("nothing.conf");
	ck_assert_str_eq(result.reason, "invalid-rules");
	ck_assert_ptr_nonnull(strstr(diagnostics, "nothing.conf"));
	ck_assert_ptr_nonnull(strstr(diagnostics, "No such file"));
}
END_TEST

START_TEST(directory_is_an_error)
{
	ck_assert_int_eq(mkdir(path_of("dir"), 0700), 0);
	load("dir");
	ck_assert_str_eq(result.reason, "invalid-rules");
	ck_assert_uint_eq(result.errors, 1);
}
END_TEST

START_TEST(feature_the_kernel_lacks_is_an_error)
{
	fixture_write(&fixture, "status", "abi: 2\nmode: monitor\n"
		      "features: 0x1\ngeneration: 0\nsha256: -\n");
	load_text("allow /usr/bin/x user 0 to any\n");
	ck_assert_str_eq(result.reason, "invalid-rules");
	ck_assert_ptr_nonnull(strstr(diagnostics, "user"));
	ck_assert_uint_eq(policy_size(), 0);
}
END_TEST

START_TEST(foreign_or_missing_module_is_an_error)
{
	fixture_write(&fixture, "rules.conf", "default deny\n");
	fixture_write(&fixture, "status", "abi: 9\n");
	load("rules.conf");
	ck_assert_str_eq(result.reason, "EPROTO");
	ck_assert_int_eq(unlink(path_of("status")), 0);
	load("rules.conf");
	ck_assert_str_eq(result.reason, "ENOENT");
	ck_assert_ptr_nonnull(strstr(result.message, "modprobe"));
}
END_TEST

START_TEST(refusal_of_the_kernel_is_passed_on)
{
	ck_assert_int_eq(unlink(path_of("policy")), 0);
	ck_assert_int_eq(symlink("/dev/full", path_of("policy")), 0);
	load_text("default deny\nallow any to any\n");
	ck_assert_str_eq(result.reason, "ENOSPC");
	ck_assert_uint_eq(result.rules, 1);
	ck_assert_uint_eq(strlen(result.sha256), 64);
	ck_assert_uint_eq(result.generation, 7);
}
END_TEST

/* The compiler waits until it is killed. */
static void start_hanging(void)
{
	fixture_write(&fixture, FIXTURE_HANGS, "default deny\n");
	ck_assert_int_eq(start_load(FIXTURE_HANGS), 0);
}

START_TEST(second_load_is_busy)
{
	fixture_write(&fixture, "rules.conf", "default deny\n");
	ck_assert_int_eq(start_load("rules.conf"), 0);
	ck_assert(cw_loader_is_busy(loader));
	ck_assert_int_eq(start_load("rules.conf"), -EBUSY);
	finish_load();
	ck_assert_str_eq(result.reason, "");
}
END_TEST

START_TEST(stop_ends_a_load)
{
	start_hanging();
	cw_loader_free(loader);
	loader = NULL;
	ck_assert_uint_eq(ends, 1);
	ck_assert_str_eq(result.reason, "stopped");
}
END_TEST

static void kill_child(void)
{
	char path[64];
	FILE *children;
	int child;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	children = fopen(path, "r");
	ck_assert_ptr_nonnull(children);
	ck_assert_int_eq(fscanf(children, "%d", &child), 1);
	fclose(children);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
}

START_TEST(compiler_that_dies_is_an_error)
{
	start_hanging();
	kill_child();
	finish_load();
	ck_assert_str_eq(result.reason, "compiler-died");
	ck_assert_ptr_nonnull(strstr(result.message, "SIGKILL"));
	ck_assert_uint_eq(policy_size(), 0);
}
END_TEST

START_TEST(empty_policy_is_loaded)
{
	load_text("");
	ck_assert_str_eq(result.reason, "");
	ck_assert_uint_eq(result.rules, 0);
	ck_assert_uint_gt(policy_size(), 0);
}
END_TEST

/* After an upgrade: the reason must not be looked for on the disk. */
START_TEST(stored_policy_of_another_release_is_called_that)
{
	char why[256];
	void *data;
	size_t size;
	u32 *version;

	load_text("");
	ck_assert_int_eq(cw_kernel_read(fixture.dir, CW_FILE_POLICY,
					(char **)&data, &size), 0);
	ck_assert_int_eq(cw_last_good_store(state_dir, "slot", data, size, -1,
					    why, sizeof(why)), 0);
	free(data);
	ck_assert_int_eq(cw_last_good_read(state_dir, "slot", &data, &size, why,
					   sizeof(why)), 0);
	version = &((struct cw_blob_header *)data)->version;
	--*version;
	ck_assert_int_eq(cw_last_good_store(state_dir, "slot", data, size, -1,
					    why, sizeof(why)), 0);
	free(data);
	ck_assert_int_ne(cw_last_good_read(state_dir, "slot", &data, &size, why,
					   sizeof(why)), 0);
	ck_assert_ptr_nonnull(strstr(why, "in format 3, and this release reads "
				     "format 4"));
}
END_TEST

START_TEST(diagnostics_are_sealed)
{
	load_text("nonsense\n");
	ck_assert_int_eq(seals, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
			 F_SEAL_WRITE);
}
END_TEST

START_TEST(no_descriptor_is_left)
{
	int before, after;

	load_text("default deny\n");
	before = dup(0);
	close(before);
	for (int i = 0; i < 5; i++)
		load_text(i % 2 ? "nonsense\n" : "allow any to any\n");
	after = dup(0);
	close(after);
	ck_assert_int_eq(before, after);
}
END_TEST

START_TEST(many_rules_are_loaded)
{
	FILE *out = fopen(path_of("many.conf"), "w");

	for (int i = 0; i < 20000; i++)
		fprintf(out, "allow /usr/bin/p%d to 10.%d.%d.0/24 port %d\n",
			i % 50, i >> 8, i & 255, 1 + i % 60000);
	ck_assert_int_eq(fclose(out), 0);
	load("many.conf");
	ck_assert_str_eq(result.reason, "");
	ck_assert_uint_eq(result.rules, 20000);
}
END_TEST

static Suite *load_suite(void)
{
	Suite *suite = suite_create("load");
	TCase *tests = tcase_create("load");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, good_file_reaches_the_kernel);
	tcase_add_test(tests, errors_all_come_back_and_nothing_is_written);
	tcase_add_test(tests, missing_file_is_an_error);
	tcase_add_test(tests, directory_is_an_error);
	tcase_add_test(tests, feature_the_kernel_lacks_is_an_error);
	tcase_add_test(tests, foreign_or_missing_module_is_an_error);
	tcase_add_test(tests, refusal_of_the_kernel_is_passed_on);
	tcase_add_test(tests, second_load_is_busy);
	tcase_add_test(tests, stop_ends_a_load);
	tcase_add_test(tests, compiler_that_dies_is_an_error);
	tcase_add_test(tests, empty_policy_is_loaded);
	tcase_add_test(tests, stored_policy_of_another_release_is_called_that);
	tcase_add_test(tests, diagnostics_are_sealed);
	tcase_add_test(tests, no_descriptor_is_left);
	tcase_add_test(tests, many_rules_are_loaded);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, load_suite);
}
