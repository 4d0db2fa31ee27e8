// SPDX-License-Identifier: GPL-2.0-only
/* The unit and the container of a control group. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "policy/engine/engine.h"
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
	struct cw_part unit = cw_cgroup_unit(cases[_i].cgroup);

	ck_assert_uint_eq(unit.size, strlen(cases[_i].unit));
	ck_assert_int_eq(memcmp(unit.text, cases[_i].unit, unit.size), 0);
}
END_TEST

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* What each engine makes, and what looks like it. */
static const struct {
	const char *cgroup, *engine, *name;
} containers[] = {
	{ "/system.slice/docker-" ID ".scope", "docker", ID },
	{ "/system.slice/docker-" ID ".scope/system.slice/cron.service",
	  "docker", ID },
	{ "/docker/" ID, "docker", ID },
	{ "/docker/buildkit/0w3v", "docker", "0w3v" },
	{ "/machine.slice/libpod-" ID ".scope/container", "podman", ID },
	{ "/libpod_parent/libpod-" ID, "podman", ID },
	{ "/libpod_parent/" ID "/libpod-" ID, "podman", ID },
	{ "/machine.slice/machine-libpod_pod_" ID ".slice/libpod-" ID ".scope",
	  "podman", ID },
	{ "/kubepods.slice/kubepods-burstable.slice/"
	  "kubepods-burstable-pod1_2.slice/cri-containerd-" ID ".scope",
	  "containerd", ID },
	{ "/kubepods.slice/kubepods-pod1.slice/crio-" ID ".scope/container",
	  "crio", ID },
	{ "/kubepods/besteffort/pod1-2/" ID, "containerd", ID },
	{ "/kubepods/pod1-2/" ID "/init", "containerd", ID },
	{ "/kubepods/pod1-2/crio-" ID, "crio", ID },
	{ "/system.slice/nerdctl-" ID ".scope", "nerdctl", ID },
	{ "/lxc.payload.web", "lxc", "web" },
	{ "/lxc.payload.p_web-1/init.scope", "lxc", "p_web-1" },
	{ "/lxc/100/ns/system.slice/cron.service", "lxc", "100" },
	{ "/machine.slice/systemd-nspawn@my-web.service/payload", "nspawn",
	  "my-web" },
	{ "/machine.slice/machine-my\\x2dweb.scope/payload/init.scope",
	  "nspawn", "my-web" },
	{ "/", NULL, NULL }, { "", NULL, NULL }, { "docker/x", NULL, NULL },
	{ "/docker", NULL, NULL }, { "/docker/", NULL, NULL },
	{ "/docker//x", NULL, NULL }, { "/docker/buildkit", NULL, NULL },
	{ "/lxc.payload.", NULL, NULL }, { "/lxc.monitor.web", NULL, NULL },
	{ "/system.slice/docker.service", NULL, NULL },
	{ "/system.slice/docker-x.service", NULL, NULL },
	{ "/system.slice/docker-.scope", NULL, NULL },
	{ "/system.slice/docker-x.scope.d", NULL, NULL },
	{ "/system.slice/nginx.service/docker-x.scope", NULL, NULL },
	{ "/init.scope/docker-x.scope", NULL, NULL },
	{ "/user.slice/user-1000.slice/user@1000.service/user.slice/"
	  "libpod-" ID ".scope/container", NULL, NULL },
	{ "/user.slice/docker-x.scope", NULL, NULL },
	{ "/machine.slice/libpod-conmon-" ID ".scope", NULL, NULL },
	{ "/kubepods.slice/crio-conmon-" ID ".scope", NULL, NULL },
	{ "/machine.slice/systemd-nspawn@web.service/supervisor", NULL, NULL },
	{ "/machine.slice/machine-qemu\\x2d1\\x2dx.scope/libvirt", NULL, NULL },
	{ "/kubepods/burstable/" ID, NULL, NULL },
	{ "/system.slice/kubepods/pod1/" ID, NULL, NULL },
};

START_TEST(container_is_found)
{
	char name[CW_CONTAINER_MAX];
	struct cw_container found;
	bool is_one = cw_container_find(containers[_i].cgroup, &found);

	ck_assert_msg(is_one == !!containers[_i].engine, "%s",
		      containers[_i].cgroup);
	if (!is_one)
		return;
	ck_assert_str_eq(found.engine, containers[_i].engine);
	ck_assert(cw_container_name(&found, name));
	ck_assert_str_eq(name, containers[_i].name);
}
END_TEST

static const struct {
	const char *cgroup, *shown;
} shows[] = {
	{ "/docker/" ID, "docker:0123456789ab" },
	{ "/docker/0123456789abcdef", "docker:0123456789abcdef" },
	{ "/lxc.payload.web-1", "lxc:web-1" },
	{ "/machine.slice/machine-my\\x2dweb.scope", "nspawn:my-web" },
	{ "/lxc.payload.web]", NULL }, { "/lxc.payload.a,8:1", NULL },
	{ "/lxc.payload.my web", NULL }, { "/lxc.payload.\xc3\xa9", NULL },
	{ "/lxc.payload.a(b)", NULL },
	{ "/lxc.payload." ID ID, NULL },
};

/* Nothing that a name can have may look like the end of the mark. */
START_TEST(container_is_shown)
{
	char text[CW_CONTAINER_SHOWN];
	struct cw_container found;

	ck_assert(cw_container_find(shows[_i].cgroup, &found));
	ck_assert(cw_container_show(&found, text) == !!shows[_i].shown);
	if (shows[_i].shown)
		ck_assert_str_eq(text, shows[_i].shown);
}
END_TEST

static Suite *unit_suite(void)
{
	Suite *suite = suite_create("unit");
	TCase *tests = tcase_create("unit");

	tcase_add_loop_test(tests, unit_is_found, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tests, container_is_found, 0,
			    sizeof(containers) / sizeof(containers[0]));
	tcase_add_loop_test(tests, container_is_shown, 0,
			    sizeof(shows) / sizeof(shows[0]));
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, unit_suite);
}
