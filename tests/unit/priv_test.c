// SPDX-License-Identifier: GPL-2.0-only
/* Giving up privileges: what is left, and that it cannot be had back. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policyd/policyd.h"
#include "fixture.h"

static struct fixture fixture;

static void setup(void)
{
	fixture_init(&fixture);
}

static void teardown(void)
{
	fixture_exit(&fixture);
}

/* The exit status of @what in a child: dropping is for ever. */
static int in_child(int (*what)(void))
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(what());
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_capable(void)
{
	return !geteuid() && prctl(PR_CAPBSET_READ, 8 /* SETPCAP */) == 1;
}

static int drop(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/new", fixture.dir);
	cw_priv_drop();
	if (!setuid(1000) || errno != EPERM)
		return 1;
	if (!chown(fixture.dir, 1000, 1000) || errno != EPERM)
		return 2;
	if (!setgroups(0, NULL) || errno != EPERM)
		return 3;
	if (prctl(PR_CAPBSET_READ, 0) != 0)
		return 4;
	/* Its own files it may still write, for nobody else to read. */
	if (close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666)))
		return 5;
	return 0;
}

START_TEST(two_capabilities_are_left)
{
	char path[128];
	struct stat st;

	if (!is_capable())
		return;
	ck_assert_int_eq(in_child(drop), 0);
	snprintf(path, sizeof(path), "%s/new", fixture.dir);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

/* Without what it takes to give up the rest, it must not go on. */
static int drop_without_setpcap(void)
{
	if (cw_priv_drop_all())
		return 99;
	cw_priv_drop();
	return 0;
}

START_TEST(fatal_when_it_cannot_drop)
{
	ck_assert_int_eq(in_child(drop_without_setpcap), EXIT_FAILURE);
}
END_TEST

static int drop_all(void)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/status", fixture.dir);
	if (cw_priv_drop_all())
		return 1;
	if (!chown(fixture.dir, 1000, 1000))
		return 2;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || close(fd))
		return 3;
	return 0;
}

START_TEST(compiler_has_nothing_left_but_reading)
{
	ck_assert_int_eq(in_child(drop_all), 0);
}
END_TEST

static int write_after_drop_all(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/status", fixture.dir);
	if (cw_priv_drop_all())
		return 1;
	if (open(path, O_WRONLY | O_CLOEXEC) >= 0 || errno != EACCES)
		return 2;
	if (!unlink(path) || errno != EACCES)
		return 3;
	snprintf(path, sizeof(path), "%s/new", fixture.dir);
	if (open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0)
		return 4;
	execl("/bin/true", "true", NULL);
	return errno == EACCES ? 0 : 5;
}

START_TEST(compiler_cannot_write_where_there_is_landlock)
{
	/* 1 = LANDLOCK_CREATE_RULESET_VERSION */
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 1)
		return;
	ck_assert_int_eq(in_child(write_after_drop_all), 0);
}
END_TEST

static Suite *priv_suite(void)
{
	Suite *suite = suite_create("priv");
	TCase *tests = tcase_create("priv");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, two_capabilities_are_left);
	tcase_add_test(tests, fatal_when_it_cannot_drop);
	tcase_add_test(tests, compiler_has_nothing_left_but_reading);
	tcase_add_test(tests, compiler_cannot_write_where_there_is_landlock);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, priv_suite);
}
