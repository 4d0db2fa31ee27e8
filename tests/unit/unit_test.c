// SPDX-License-Identifier: GPL-2.0-only
/* The unit of a cgroup, as the condition `unit` of rules has it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../history/history.h"
#include "fixture.h"

static const struct {
	const char *cgroup, *unit;
} cases[] = {
	{ "", "" },
	{ "/", "" },
	{ "/system.slice", "system.slice" },
	{ "/system.slice/nginx.service", "nginx.service" },
	{ "/system.slice/nginx.service/payload", "nginx.service" },
	{ "/system.slice/nginx.service/evil.service", "nginx.service" },
	{ "/system.slice/system-getty.slice/getty@tty1.service",
	  "getty@tty1.service" },
	{ "/user.slice/user-1000.slice/session-3.scope", "session-3.scope" },
	{ "/user.slice/user-1000.slice/user@1000.service/app.slice/a.service",
	  "user@1000.service" },
	{ "/system.slice/cups.socket", "cups.socket" },
	{ "/system.slice/data.mount", "data.mount" },
	{ "/system.slice/dev-sda2.swap", "dev-sda2.swap" },
	{ "/init.scope", "init.scope" },
	{ "/docker/0123456789ab", "" },
	{ "/docker/nginx.service", "" },
	{ "/.service", "" },
	{ "/a.slice//b.service", "a.slice" },
	{ "relative.service", "" },
};

START_TEST(unit_is_found)
{
	const char *unit;
	size_t size = cw_unit_find(cases[_i].cgroup, &unit);

	ck_assert_uint_eq(size, strlen(cases[_i].unit));
	ck_assert_int_eq(memcmp(unit, cases[_i].unit, size), 0);
}
END_TEST

static Suite *unit_suite(void)
{
	Suite *suite = suite_create("unit");
	TCase *tests = tcase_create("unit");

	tcase_add_loop_test(tests, unit_is_found, 0,
			    sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, unit_suite);
}
