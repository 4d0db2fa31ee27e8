// SPDX-License-Identifier: GPL-2.0-only
/* What is in force when the configured rules cannot be loaded. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policyctl/commands/ctl.h"
#include "fixture.h"

static const char good[] =
"default deny\n"
"allow /usr/bin/curl user root to 192.0.2.0/24 port 443 proto tcp\n"
"allow any to @loopback\n";

static const char bad[] =
"default deny\n"
"allow any user connwarden-nobody-has-this-name to any\n";

static struct fixture fixture;
static struct ran ran;
static char before[1 << 16], now[1 << 16];
static size_t before_size;

static void setup(void)
{
	fixture_init(&fixture);
	fixture.enforce = true;
	fixture_set_generation(&fixture, 0);
}

static void stop(void)
{
	ck_assert_int_eq(fixture_stop_daemon(&fixture, SIGTERM), 0);
}

static void teardown(void)
{
	if (fixture.daemon)
		stop();
	fixture_exit(&fixture);
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", fixture.dir, name);
	return path;
}

static void status(int wanted)
{
	fixture_ctl(&fixture, &ran, "status");
	ck_assert_msg(ran.status == wanted, "status: exits %d, not %d\n"
		      "%.3000s%.1000s", ran.status, wanted, ran.out, ran.err);
}

static void says(const char *text)
{
	ck_assert_msg(strstr(ran.out, text), "no %s in: %.3000s", text,
		      ran.out);
}

static bool is_in_force(const char *what)
{
	char line[64];

	snprintf(line, sizeof(line), "daemon_in_force: %s\n", what);
	for (int i = 0; i < 1000; i++) {
		fixture_ctl(&fixture, &ran, "status");
		if (strstr(ran.out, line))
			return true;
		usleep(10000);
	}
	return false;
}

/* A boot at which all is well; its policy is left in before[]. */
static void boot_well(void)
{
	fixture_write(&fixture, "rules.conf", good);
	fixture_start_daemon(&fixture);
	ck_assert(is_in_force("configured"));
	stop();
	before_size = fixture_read(&fixture, "policy", before, sizeof(before));
	ck_assert_uint_gt(before_size, 0);
	ck_assert_int_eq(access(path_of("state/last-good"), R_OK), 0);
}

/* The module has nothing, the rules are those. */
static void boot_with(const char *rules)
{
	fixture_write(&fixture, "policy", "");
	fixture_write(&fixture, "mode", "monitor\n");
	fixture_write(&fixture, "audit", "");
	fixture_set_generation(&fixture, 0);
	if (rules)
		fixture_write(&fixture, "rules.conf", rules);
	else
		unlink(path_of("rules.conf"));
	fixture_start_daemon(&fixture);
}

static void assert_mode(const char *mode)
{
	char text[16];

	fixture_read(&fixture, "mode", text, sizeof(text));
	ck_assert_str_eq(text, mode);
}

static void assert_policy_is_back(void)
{
	ck_assert_uint_eq(fixture_read(&fixture, "policy", now, sizeof(now)),
			  before_size);
	ck_assert_int_eq(memcmp(before, now, before_size), 0);
}

static void assert_recovered(const char *rules)
{
	boot_with(rules);
	ck_assert(is_in_force("last-good"));
	assert_policy_is_back();
	assert_mode("enforce\n");
	ck_assert_int_eq(ran.status, CW_EXIT_OK);
	says("daemon_enforce_due: no\n");
	ck_assert_ptr_null(strstr(ran.out, "daemon_rules_failing: -"));
	ck_assert_ptr_nonnull(strstr(ran.err, "the last good policy is in "
				     "force"));
}

START_TEST(last_good_policy_is_in_force_at_once)
{
	boot_well();
	assert_recovered(bad);
	says("daemon_last_load: failed\n");
	ck_assert(fixture_wait_for_record(&fixture, "reason=invalid-rules"));
	ck_assert(fixture_wait_for_record(&fixture, "state/last-good\""));
	ck_assert(fixture_wait_for_record(&fixture, "enforcing=1"));
}
END_TEST

START_TEST(whatever_is_wrong_with_the_rules)
{
	static const char *const rules[] = {
		"allow any group connwarden-no-such-group to any\n",
		"allow any to any port connwarden-no-such-service\n",
		"alow any to any\n",
		"default deny\nallow /usr/bin/cu",
		"include \"connwarden-gone.conf\"\n",
		"\x7f" "ELF\x02\x01\x01",
		NULL,
	};

	boot_well();
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		assert_recovered(rules[i]);
		stop();
	}
}
END_TEST

START_TEST(configured_rules_are_tried_until_they_load)
{
	boot_well();
	assert_recovered(bad);
	fixture_write(&fixture, "rules.conf", "allow any to 192.0.2.7\n");
	ck_assert(is_in_force("configured"));
	says("daemon_rules_failing: -\n");
	ck_assert_str_eq(ran.err, "");
	ck_assert(fixture_wait_for_record(&fixture, "rules=1 sha256="));
}
END_TEST

/* The process that compiles is the first to go when memory runs out. */
START_TEST(compiler_that_is_killed_is_no_reason)
{
	char path[64];
	FILE *children;
	int child;

	boot_well();
	snprintf(fixture.rules, sizeof(fixture.rules), "%s%s", fixture.dir,
		 FIXTURE_HANGS);
	fixture_write(&fixture, FIXTURE_HANGS, good);
	boot_with(bad);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		 fixture.daemon, fixture.daemon);
	children = fopen(path, "r");
	ck_assert_ptr_nonnull(children);
	ck_assert_int_eq(fscanf(children, "%d", &child), 1);
	fclose(children);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert(is_in_force("last-good"));
	assert_policy_is_back();
	assert_mode("enforce\n");
	ck_assert(fixture_wait_for_record(&fixture, "reason=compiler-died"));
}
END_TEST

/* An administrator's choice is not undone by the next attempt. */
START_TEST(load_by_hand_ends_the_attempts)
{
	boot_well();
	assert_recovered(bad);
	fixture_set_generation(&fixture, 8);
	fixture_write(&fixture, "other.conf", "allow any to 192.0.2.8\n");
	fixture_ctl(&fixture, &ran, "load other.conf");
	ck_assert_int_eq(ran.status, CW_EXIT_OK);
	status(CW_EXIT_OK);
	says("daemon_in_force: other\n");
	says("daemon_rules_failing: -\n");
}
END_TEST

static void break_byte(const char *name, long at)
{
	FILE *file = fopen(path_of(name), "r+");
	int byte;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);
	byte = fgetc(file);
	ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);
	fputc(byte ^ 1, file);
	ck_assert_int_eq(fclose(file), 0);
}

/* 8: the version of the format, as after an upgrade. */
START_TEST(text_is_compiled_when_the_blob_is_of_no_use)
{
	static const long places[] = { 0, 8, 12, 60 };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		boot_well();
		break_byte("state/last-good", places[i]);
		boot_with(bad);
		ck_assert(is_in_force("last-good"));
		assert_mode("enforce\n");
		ck_assert(fixture_wait_for_record(&fixture,
						  "state/last-good.conf\""));
		stop();
		unlink(path_of("state/last-good"));
	}
	/* The user may have gone, or be another one. */
	fixture_read(&fixture, "state/last-good.conf", now, sizeof(now));
	ck_assert_ptr_nonnull(strstr(now, "allow /usr/bin/curl user 0 to "));
}
END_TEST

START_TEST(without_anything_it_is_said_loudly)
{
	boot_with(bad);
	ck_assert(is_in_force("nothing"));
	ck_assert(fixture_wait_for_record(&fixture, "enforcing=1 "
					  "old_enforcing=0 reason=ENODATA"));
	status(CW_EXIT_FAILED);
	says("daemon_enforce_due: yes\n");
	ck_assert_ptr_nonnull(strstr(ran.err, "NOT ENFORCING"));
	assert_mode("monitor\n");
	fixture_ctl(&fixture, &ran, "load");
	ck_assert_ptr_nonnull(strstr(ran.err, "no policy is in force"));
	ck_assert_ptr_null(strstr(ran.err, "stays"));
	fixture_write(&fixture, "rules.conf", good);
	ck_assert(is_in_force("configured"));
	assert_mode("enforce\n");
}
END_TEST

START_TEST(policy_of_the_kernel_is_kept_and_stored)
{
	boot_well();
	ck_assert_int_eq(unlink(path_of("state/last-good")), 0);
	ck_assert_int_eq(unlink(path_of("state/last-good.conf")), 0);
	fixture_set_generation(&fixture, 7);
	fixture_write(&fixture, "rules.conf", bad);
	fixture_start_daemon(&fixture);
	ck_assert(is_in_force("kept"));
	assert_policy_is_back();
	for (int i = 0; i < 1000 &&
	     access(path_of("state/last-good-other"), R_OK); i++)
		usleep(10000);
	stop();
	assert_recovered(bad);
}
END_TEST

/* What was loaded by name is second. */
START_TEST(last_good_is_that_of_the_configured_rules)
{
	boot_well();
	boot_with(good);
	ck_assert(is_in_force("configured"));
	fixture_write(&fixture, "other.conf", "default allow\n");
	fixture_ctl(&fixture, &ran, "load other.conf");
	ck_assert_int_eq(ran.status, CW_EXIT_OK);
	ck_assert_int_eq(access(path_of("state/last-good-other"), R_OK), 0);
	stop();
	assert_recovered(bad);
}
END_TEST

static void assert_not_stored(const char *why)
{
	char line[128];

	boot_with(good);
	ck_assert(is_in_force("configured"));
	assert_mode("enforce\n");
	snprintf(line, sizeof(line), "daemon_last_good: failing, %s/state",
		 fixture.dir);
	says(line);
	says(why);
	stop();
}

START_TEST(bad_state_directory_does_not_stop_anything)
{
	char away[128], state[128];

	snprintf(away, sizeof(away), "%s/away", fixture.dir);
	snprintf(state, sizeof(state), "%s/state", fixture.dir);
	fixture_write(&fixture, "state", "no directory");
	assert_not_stored("Not a directory");
	ck_assert_int_eq(unlink(state), 0);
	ck_assert_int_eq(symlink("nowhere", state), 0);
	assert_not_stored("No such file");
	ck_assert_int_eq(unlink(state), 0);
	ck_assert_int_eq(mkdir(state, 0700), 0);
	ck_assert_int_eq(chmod(state, 0777), 0);
	assert_not_stored("only root may be able to change it");
	/* A link of root to a directory of root is fine. */
	ck_assert_int_eq(rmdir(state), 0);
	ck_assert_int_eq(mkdir(away, 0700), 0);
	ck_assert_int_eq(symlink("away", state), 0);
	boot_well();
	assert_recovered(bad);
}
END_TEST

/* What others could have written is nobody's last good policy. */
START_TEST(stored_policy_of_others_is_not_loaded)
{
	boot_well();
	ck_assert_int_eq(chmod(path_of("state/last-good"), 0666), 0);
	ck_assert_int_eq(chmod(path_of("state/last-good.conf"), 0666), 0);
	boot_with(bad);
	ck_assert(is_in_force("nothing"));
	ck_assert(fixture_wait_for_record(&fixture, "reason=bad-blob"));
	assert_mode("monitor\n");
}
END_TEST

static Suite *force_suite(void)
{
	Suite *suite = suite_create("force");
	TCase *tests = tcase_create("force");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, last_good_policy_is_in_force_at_once);
	tcase_add_test(tests, whatever_is_wrong_with_the_rules);
	tcase_add_test(tests, configured_rules_are_tried_until_they_load);
	tcase_add_test(tests, compiler_that_is_killed_is_no_reason);
	tcase_add_test(tests, load_by_hand_ends_the_attempts);
	tcase_add_test(tests, text_is_compiled_when_the_blob_is_of_no_use);
	tcase_add_test(tests, without_anything_it_is_said_loudly);
	tcase_add_test(tests, policy_of_the_kernel_is_kept_and_stored);
	tcase_add_test(tests, last_good_is_that_of_the_configured_rules);
	tcase_add_test(tests, bad_state_directory_does_not_stop_anything);
	tcase_add_test(tests, stored_policy_of_others_is_not_loaded);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, force_suite);
}
