// SPDX-License-Identifier: GPL-2.0-only
/* policyctl and the daemon together: what is printed, what is exited with. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policyctl/commands/ctl.h"
#include "fixture.h"

static const char good[] =
"default deny\n"
"log deny\n"
"allow /usr/bin/curl to 192.0.2.0/24 port 80, 443 proto tcp\n"
"allow any to @loopback\n";

static const char bad[] =
"default deny\n"
"allow bogus to any\n"
"alow any to any\n";

static const char connections[] =
"id proto dir state local remote tgid pid uid netns verdict rule gen age "
"closed exe\n"
"1 tcp out open 10.0.0.1:4242 192.0.2.1:80 12 13 1000 4026531840 allow 0 7 "
"1.500 - /usr/bin/curl\n"
"2 udp out closed [::1]:0 [2001:db8::1]:53 14 14 0 4026531840 would-deny - 7 "
"9.000 0.250 /opt/my\\040app\n";

static struct fixture fixture;
static struct ran ran;

static void setup(void)
{
	fixture_init(&fixture);
	fixture_write(&fixture, "good.conf", good);
	fixture_write(&fixture, "bad.conf", bad);
	fixture_write(&fixture, "connections", connections);
}

static void teardown(void)
{
	if (fixture.daemon)
		ck_assert_int_eq(fixture_stop_daemon(&fixture, SIGTERM), 0);
	fixture_exit(&fixture);
}

static void ctl(const char *line, int status)
{
	fixture_ctl(&fixture, &ran, line);
	ck_assert_msg(ran.status == status, "%s: exits %d, not %d\n"
		      "%.1000s%.1000s", line, ran.status, status, ran.out,
		      ran.err);
}

static void says(const char *text)
{
	ck_assert_msg(strstr(ran.out, text), "no %s in: %.2000s", text,
		      ran.out);
}

static void complains(const char *text)
{
	ck_assert_msg(strstr(ran.err, text), "no %s in: %.2000s", text,
		      ran.err);
}

START_TEST(usage_errors_exit_2)
{
	static const char *const lines[] = {
		"", "frobnicate", "--bogus", "load a b", "check", "check a b",
		"load --lint x", "mode a b", "mode sleep", "status extra",
		"show --json", "connections extra",
		"connections --source ss", "status --source proc", "help frobnicate",
		"status --print", "version x", "diff", "diff a b c",
		"test", "test /bin/x", "test x to 1.2.3.4 port 5",
		"test /bin/x to 1.2.3 port 5", "test /bin/x to 1.2.3.4",
		"test /bin/x to 1.2.3.4 port", "test /bin/x to 1.2.3.4 port x",
		"test /bin/x to 1.2.3.4 port 65536",
		"test /bin/x to 1.2.3.4:05", "test /bin/x to 1.2.3.4 port dns",
		"test /bin/x to 1.2.3.4:5 port 5", "test /bin/x to 1.2.3.0/24:5",
		"test /bin/x to :5", "test /bin/x to [fe80::1%no-such]:5",
		"test /bin/x to example.org:5",
		"test /bin/x to 1.2.3.4 port 5 proto igmp",
		"test /bin/x to 1.2.3.4 port 5 proto icmp",
		"test /bin/x user nobody-of-that-name to 1.2.3.4 port 5",
		"test /bin/x group nobody-of-that-name to 1.2.3.4 port 5",
		"test /bin/x script relative to 1.2.3.4 port 5",
		"test /bin/x sha256 00 to 1.2.3.4 port 5",
		"test /bin/x ancestor /a parent /b to 1.2.3.4 port 5",
		"test /bin/x cgroup /a unit b to 1.2.3.4 port 5",
		"test /bin/x frobs y to 1.2.3.4 port 5",
		"history x", "history --since soon", "history --limit 0",
		"history --in --out", "history --to nowhere", "history --at 1h",
		"history --since 1h --until 2h", "who", "who a b", "who nobody",
		"who 1.2.3.4 --port 80", "flows --by x", "export --json",
		"top x", "top --interval x", "top --json", "status --since 1h",
		"connections --port x",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ctl(lines[i], CW_EXIT_USAGE);
		ck_assert_str_eq(ran.out, "");
		ck_assert_str_ne(ran.err, "");
	}
}
END_TEST

START_TEST(help_names_every_command)
{
	static const char *const names[] = {
		"status", "load", "check", "mode", "show", "test",
		"diff", "connections", "doctor", "history", "who", "flows",
		"export", "top", "completion", "version", "help",
	};
	char line[64];

	ctl("help", CW_EXIT_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		says(names[i]);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line), "help %s", names[i]);
		ctl(line, CW_EXIT_OK);
		says("usage: policyctl");
		snprintf(line, sizeof(line), "%s --help", names[i]);
		ctl(line, CW_EXIT_OK);
		says("usage: policyctl");
	}
	ctl("--version", CW_EXIT_OK);
	says(CW_VERSION);
}
END_TEST

static void mode_is(const char *mode)
{
	char text[32];

	fixture_read(&fixture, "mode", text, sizeof(text));
	ck_assert_str_eq(text, mode);
}

START_TEST(without_daemon_it_says_how_to_start_it)
{
	ctl("load good.conf", CW_EXIT_FAILED);
	complains("policyd is not running: start it with "
		  "`systemctl start policyd'");
	ctl("load --json good.conf", CW_EXIT_FAILED);
	says("{\"load\":{\"state\":\"failed\",");
	ctl("status", CW_EXIT_OK);
	says("mode: monitor\n");
	says("\ndaemon: not running\n");
	says("systemctl start policyd");
	ctl("status --json", CW_EXIT_OK);
	says("\"daemon\":{\"state\":\"not running\"");
	ctl("mode", CW_EXIT_OK);
	ck_assert_str_eq(ran.out, "monitor\n");
	ctl("connections", CW_EXIT_OK);
	says("/usr/bin/curl");
}
END_TEST

/* Nobody is locked out because policyd is dead. */
START_TEST(without_daemon_the_mode_is_changed_all_the_same)
{
	ctl("mode enforce", CW_EXIT_OK);
	complains("the kernel module is told without it");
	says("mode is enforce, was monitor\n");
	mode_is("enforce\n");
	ctl("mode --json monitor", CW_EXIT_OK);
	says("{\"mode\":{\"state\":\"ok\",\"message\":\"mode is monitor, was ");
	mode_is("monitor\n");
	ctl("mode sleep", CW_EXIT_USAGE);
	mode_is("monitor\n");
	/* A module of another release. */
	fixture_write(&fixture, "mode", "enforce\n");
	fixture_write(&fixture, "status", "abi: 99\n");
	ctl("mode monitor", CW_EXIT_OK);
	says("mode is monitor, was not known\n");
	mode_is("monitor\n");
}
END_TEST

START_TEST(after_kill_9_it_says_the_same)
{
	fixture_start_daemon(&fixture);
	ctl("status", CW_EXIT_OK);
	says("\ndaemon: running\n");
	fixture_stop_daemon(&fixture, SIGKILL);
	ctl("status", CW_EXIT_OK);
	says("\ndaemon: not running\n");
	ctl("load good.conf", CW_EXIT_FAILED);
	complains("policyd is not running");
}
END_TEST

START_TEST(without_module_it_says_how_to_load_it)
{
	static const char *const names[] = {
		"status", "mode", "policy", "connections",
	};
	char path[128];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", fixture.dir, names[i]);
		ck_assert_int_eq(unlink(path), 0);
	}
	ctl("status", CW_EXIT_FAILED);
	says("kernel: not loaded\n");
	says("modprobe connwarden");
	ctl("show", CW_EXIT_FAILED);
	complains("modprobe connwarden");
	ctl("connections", CW_EXIT_FAILED);
	complains("modprobe connwarden");
	ctl("mode", CW_EXIT_FAILED);
	complains("modprobe connwarden");
	fixture_start_daemon(&fixture);
	ctl("load good.conf", CW_EXIT_FAILED);
	complains("modprobe connwarden");
	ctl("mode enforce", CW_EXIT_FAILED);
	complains("modprobe connwarden");
}
END_TEST

START_TEST(good_rules_are_loaded_shown_and_recorded)
{
	fixture_start_daemon(&fixture);
	ctl("load good.conf", CW_EXIT_OK);
	says("policy 7 in force: 2 rules, sha256 ");
	ck_assert(fixture_wait_for_record(&fixture, "USER_MAC_POLICY_LOAD "
					  "op=load-policy lsm=connwarden gen=7 "
					  "old-gen=7 rules=2 sha256="));
	ck_assert(fixture_wait_for_record(&fixture, "/good.conf\" sauid="));
	ck_assert(fixture_wait_for_record(&fixture, "res=success"));
	ctl("show", CW_EXIT_OK);
	says("/usr/bin/curl");
	says("@loopback");
	ctl("status", CW_EXIT_OK);
	says("daemon_last_load: ok\n");
	says("daemon_records_failed: 0\n");
}
END_TEST

/* As after a boot: --enforce, no policy, and no file of rules yet. */
static void boot(void)
{
	fixture.enforce = true;
	fixture_set_generation(&fixture, 0);
	fixture_start_daemon(&fixture);
}

START_TEST(enforce_comes_with_the_configured_rules)
{
	boot();
	ctl("load good.conf", CW_EXIT_OK);
	mode_is("monitor\n");
	fixture_set_generation(&fixture, 8);
	ctl("load", CW_EXIT_FAILED);
	fixture_write(&fixture, "rules.conf", bad);
	ctl("load", CW_EXIT_FAILED);
	mode_is("monitor\n");
	fixture_write(&fixture, "rules.conf", good);
	/* whatever its name is */
	ctl("load ./rules.conf", CW_EXIT_OK);
	says("; mode is enforce, was monitor\n");
	mode_is("enforce\n");
	ck_assert(fixture_wait_for_record(&fixture, "USER_MAC_STATUS "
					  "lsm=connwarden enforcing=1 "
					  "old_enforcing=0 sauid="));
	fixture_write(&fixture, "mode", "monitor\n");
	ctl("load", CW_EXIT_OK);
	mode_is("monitor\n");
}
END_TEST

START_TEST(enforce_leaves_a_chosen_mode_alone)
{
	boot();
	fixture_write(&fixture, "rules.conf", good);
	ctl("mode monitor", CW_EXIT_OK);
	ctl("load", CW_EXIT_OK);
	mode_is("monitor\n");
	/* Another policyd finds a policy: it was not the boot. */
	ck_assert_int_eq(fixture_stop_daemon(&fixture, SIGTERM), 0);
	fixture_set_generation(&fixture, 8);
	fixture_start_daemon(&fixture);
	ctl("load", CW_EXIT_OK);
	mode_is("monitor\n");
	/* Now the module has none again. */
	fixture_set_generation(&fixture, 0);
	ctl("load", CW_EXIT_OK);
	mode_is("enforce\n");
}
END_TEST

START_TEST(enforce_that_fails_is_told_and_tried_again)
{
	char path[128];

	boot();
	fixture_write(&fixture, "rules.conf", good);
	snprintf(path, sizeof(path), "%s/mode", fixture.dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ctl("load", CW_EXIT_FAILED);
	complains("load: policy 0 in force: 2 rules");
	complains("; not enforced: ");
	ctl("status", CW_EXIT_FAILED);
	complains("NOT ENFORCING");
	says("daemon_last_load: failed\n");
	ck_assert_int_eq(rmdir(path), 0);
	fixture_write(&fixture, "mode", "monitor\n");
	ctl("load", CW_EXIT_OK);
	mode_is("enforce\n");
}
END_TEST

START_TEST(bad_rules_leave_the_policy_and_show_everything)
{
	static char before[1 << 16], after[1 << 16];
	size_t size;

	fixture_start_daemon(&fixture);
	ctl("load good.conf", CW_EXIT_OK);
	size = fixture_read(&fixture, "policy", before, sizeof(before));
	ctl("load bad.conf", CW_EXIT_FAILED);
	ck_assert_str_eq(ran.out, "");
	complains("bad.conf:2:7: error: ");
	complains("bad.conf:3:1: error: ");
	complains("bad.conf not loaded, the policy in force stays: 2 errors");
	ck_assert_uint_eq(fixture_read(&fixture, "policy", after,
				       sizeof(after)), size);
	ck_assert_int_eq(memcmp(before, after, size), 0);
	ck_assert(fixture_wait_for_record(&fixture, "reason=invalid-rules"));
	ck_assert(fixture_wait_for_record(&fixture, "res=failed"));
	ctl("load missing.conf", CW_EXIT_FAILED);
	complains("No such file or directory");
	ctl("status", CW_EXIT_OK);
	says("daemon_last_load: failed\n");
}
END_TEST

START_TEST(load_as_json)
{
	fixture_start_daemon(&fixture);
	ctl("load --json good.conf", CW_EXIT_OK);
	says("{\"load\":{\"state\":\"ok\"");
	says("\"rules\":2,");
	ctl("load --json bad.conf", CW_EXIT_FAILED);
	says("\"state\":\"failed\"");
	says("\"errors\":2,");
}
END_TEST

START_TEST(configured_file_is_loaded_at_start_and_on_sighup)
{
	fixture_write(&fixture, "rules.conf", bad);
	fixture_start_daemon(&fixture);
	ck_assert(fixture_wait_for_record(&fixture, "reason=invalid-rules"));
	fixture_write(&fixture, "rules.conf", good);
	fixture_signal_daemon(&fixture, SIGHUP);
	ck_assert(fixture_wait_for_record(&fixture, "rules=2 sha256="));
	fixture_write(&fixture, "rules.conf", "allow any to any\n");
	ctl("load", CW_EXIT_OK);
	says("1 rule,");
}
END_TEST

START_TEST(sighup_storm_ends_with_the_last_file)
{
	char text[1 << 16];

	fixture_write(&fixture, "rules.conf", good);
	fixture_start_daemon(&fixture);
	for (int i = 0; i < 20; i++)
		fixture_signal_daemon(&fixture, SIGHUP);
	fixture_write(&fixture, "rules.conf", "allow any to any as \"last\"\n");
	fixture_signal_daemon(&fixture, SIGHUP);
	for (int i = 0; i < 500; i++) {
		fixture_read(&fixture, "audit", text, sizeof(text));
		if (strstr(text, "rules=1 "))
			return;
		usleep(10000);
	}
	ck_abort_msg("the last file was not loaded");
}
END_TEST

START_TEST(mode_is_changed_and_refusals_explained)
{
	char text[32];

	fixture_start_daemon(&fixture);
	ctl("mode enforce", CW_EXIT_OK);
	says("mode is enforce, was monitor");
	fixture_read(&fixture, "mode", text, sizeof(text));
	ck_assert_str_eq(text, "enforce\n");
	ctl("mode --json monitor", CW_EXIT_OK);
	says("{\"mode\":{\"state\":\"ok\"");
	ctl("mode --json", CW_EXIT_OK);
	ck_assert_str_eq(ran.out, "{\"mode\":{\"state\":\"ok\","
			 "\"mode\":\"monitor\"}}\n");
}
END_TEST

START_TEST(check_needs_nobody)
{
	ctl("check good.conf", CW_EXIT_OK);
	says("good.conf: 2 rules, ");
	ck_assert_str_eq(ran.err, "");
	ctl("check --print good.conf", CW_EXIT_OK);
	says("default deny\n");
	says("allow any to @loopback\n");
	ctl("check bad.conf", CW_EXIT_FAILED);
	complains("bad.conf:2:7: error: ");
	complains("2 errors");
	ctl("check --json bad.conf", CW_EXIT_FAILED);
	says("\"line\":2,\"column\":7,");
	fixture_write(&fixture, "empty.conf", "# nothing\n");
	ctl("check empty.conf", CW_EXIT_OK);
	complains("no rule allows anything and the default is to deny");
	says("0 rules, ");
	says("1 warning\n");
	fixture_write(&fixture, "host.conf", "allow any to host a.example\n");
	ctl("check host.conf", CW_EXIT_FAILED);
	complains("'host' cannot be judged by this module yet");
	fixture_write(&fixture, "tunnel.conf",
		      "deny kernel to 10.0.0.1 port 51820\n"
		      "allow any to @loopback\n");
	ctl("check tunnel.conf", CW_EXIT_OK);
	complains("does not hold for tunnels");
	ctl("check missing.conf", CW_EXIT_FAILED);
	complains("No such file or directory");
}
END_TEST

START_TEST(check_notes_what_the_module_lacks)
{
	fixture_write(&fixture, "status", "abi: 2\nmode: monitor\n"
		      "features: 0x1\ngeneration: 0\nsha256: -\n");
	fixture_write(&fixture, "user.conf", "allow /bin/x user 0 to any\n");
	ctl("check user.conf", CW_EXIT_OK);
	complains("cannot judge `user'");
}
END_TEST

START_TEST(status_warns)
{
	fixture_write(&fixture, "status", "abi: 2\nmode: enforce\n"
		      "working: yes\nmissed: 0\nunidentified: 0\n");
	ctl("status", CW_EXIT_OK);
	ck_assert_str_eq(ran.err, "");
	fixture_write(&fixture, "status", "abi: 2\nmode: enforce\n"
		      "working: no, kprobes are switched off\nmissed: 3\n"
		      "unidentified: 2\n");
	ctl("status", CW_EXIT_FAILED);
	complains("3 calls went by unjudged");
	complains("2 processes are unknown");
	complains("nothing is refused now: kprobes are switched off");
}
END_TEST

START_TEST(connections_for_pipes_and_programs)
{
	ctl("connections", CW_EXIT_OK);
	ck_assert_str_eq(ran.out, connections);
	ctl("connections --json", CW_EXIT_OK);
	says("{\"id\":1,\"proto\":\"tcp\",\"dir\":\"out\",\"state\":\"open\","
	     "\"local\":\"10.0.0.1:4242\",\"remote\":\"192.0.2.1:80\","
	     "\"tgid\":12,\"pid\":13,\"uid\":1000,\"netns\":4026531840,"
	     "\"verdict\":\"allow\",\"rule\":0,\"gen\":7,\"age\":1.500,"
	     "\"closed\":null,\"exe\":\"/usr/bin/curl\"}\n");
	says("\"rule\":null,");
	says("\"exe\":\"/opt/my app\"}\n");
}
END_TEST

START_TEST(connections_of_proc)
{
	static const char table[] =
		"header\n   0: 00000000:0050 00000000:0000 0A 0:0 0:0 0 0 0 5\n"
		"   1: 0A00000A:0050 0B00000A:1000 01 0:0 0:0 0 33 0 7\n";
	char line[128], path[128];
	static const char *const dirs[] = {
		"proc", "proc/4", "proc/4/net", "proc/4/fd", "proc/4/ns",
	};
	static const char *const links[][2] = {
		{ "proc/4/ns/net", "net:[9]" }, { "proc/4/exe", "/opt/a b" },
		{ "proc/4/fd/3", "socket:[7]" },
	};

	snprintf(line, sizeof(line), "connections --source proc --root %s",
		 fixture.dir);
	ctl(line, CW_EXIT_FAILED);
	complains("No such file");
	for (int i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "%s/%s", fixture.dir, dirs[i]);
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", fixture.dir, links[i][0]);
		ck_assert_int_eq(symlink(links[i][1], path), 0);
	}
	fixture_write(&fixture, "proc/4/net/udp", table);
	fixture_write(&fixture, "proc/4/net/tcp", table);
	ctl(line, CW_EXIT_OK);
	says("id proto dir state local remote tgid pid uid netns verdict rule "
	     "gen age closed sent received attribution user exe\n");
	says("- tcp in open 10.0.0.10:80 10.0.0.11:4096 4 - 33 9 - - - - - - - "
	     "proc - /opt/a\\040b\n");
	says("- udp out open 10.0.0.10:80 ");
	snprintf(line, sizeof(line), "connections --source proc --proto udp "
		 "--root %s", fixture.dir);
	ctl(line, CW_EXIT_OK);
	says("- udp out open 10.0.0.10:80 ");
	ck_assert_ptr_null(strstr(ran.out, " tcp "));
	snprintf(line, sizeof(line), "connections --source proc --json --root "
		 "%s", fixture.dir);
	ctl(line, CW_EXIT_OK);
	says("{\"id\":null,\"proto\":\"tcp\",\"dir\":\"in\",");
	says("\"attribution\":\"proc\",\"user\":null,\"exe\":\"/opt/a b\"}");
}
END_TEST

START_TEST(broken_connections_are_survived)
{
	fixture_write(&fixture, "connections", "");
	ctl("connections", CW_EXIT_OK);
	ck_assert_str_eq(ran.out, "");
	fixture_write(&fixture, "connections", "id exe\n1\n2 a b c\n\n3 x");
	ctl("connections", CW_EXIT_OK);
	ck_assert_str_eq(ran.out, "id exe\n1 -\n2 a\n3 x\n");
}
END_TEST

START_TEST(show_without_or_with_a_foreign_policy)
{
	ctl("show", CW_EXIT_FAILED);
	complains("no policy is loaded");
	fixture_write(&fixture, "policy", "this is not a policy");
	ctl("show", CW_EXIT_FAILED);
	complains("another version");
}
END_TEST

START_TEST(test_says_verdict_and_rule)
{
	ctl("test --file good.conf /usr/bin/curl to 192.0.2.9 port 443",
	    CW_EXIT_OK);
	says("allow by rule 0\n");
	says("good.conf:3: allow /usr/bin/curl");
	ctl("test --file good.conf /usr/bin/curl to 192.0.2.9 port 444",
	    CW_EXIT_FAILED);
	says("deny");
	ctl("test --file good.conf /bin/x to ::ffff:127.0.0.1 port 1 proto udp",
	    CW_EXIT_OK);
	says("good.conf:4: allow any to @loopback");
	ctl("test --file good.conf /usr/bin/curl to 192.0.2.9:https",
	    CW_EXIT_OK);
	ctl("test --file good.conf /usr/bin/curl to 192.0.2.9 port https",
	    CW_EXIT_OK);
	ctl("test --file good.conf /bin/x to [::1]:53 proto udp", CW_EXIT_OK);
	/* The kernel takes these to be its own host. */
	ctl("test --file good.conf /bin/x to 0.0.0.0:80", CW_EXIT_OK);
	ctl("test --file good.conf /bin/x to [::]:80", CW_EXIT_OK);
	ctl("test --file good.conf /bin/x to [fe80::1%lo]:80", CW_EXIT_FAILED);
	says("deny by default");
	ctl("test --file good.conf /bin/x proto packet", CW_EXIT_FAILED);
	says("deny by default");
	ctl("test --file good.conf --json /bin/x to 2001:db8::1 port 1",
	    CW_EXIT_FAILED);
	says("\"verdict\":\"deny\"");
	ctl("test --file bad.conf /bin/x to 1.2.3.4 port 1", CW_EXIT_UNKNOWN);
	complains("bad.conf:2:7: error: ");
	ctl("test /bin/x to 1.2.3.4 port 1", CW_EXIT_UNKNOWN);
	complains("no policy is loaded");
}
END_TEST

START_TEST(test_knows_every_condition)
{
	static const struct {
		const char *condition, *words;
	} cases[] = {
		{ "script /s", "script /s" }, { "user 4242", "user 4242" },
		{ "user root", "user root" }, { "group 77", "group 77" },
		{ "user root group root", "user 0" },
		{ "unit a.service", "unit a.service" },
		{ "cgroup /x/y", "cgroup /x/y" },
		{ "container web", "container web" },
		{ "container nspawn:my-web", "container nspawn:my-web" },
		{ "container 0123456789ab", "container podman:0123456789abcd" },
		{ "container lxc:*", "container lxc:web" },
		{ "container *", "container containerd:0123" },
		{ "parent /p", "parent /p" },
		{ "ancestor /q", "parent /p ancestor /q" },
		{ "sha256 00112233445566778899aabbccddeeff00112233445566778899"
		  "aabbccddeeff",
		  "sha256 00112233445566778899aabbccddeeff00112233445566778899"
		  "aabbccddeeff" },
	};
	char rule[256], line[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(rule, sizeof(rule), "allow any %s to any\n",
			 cases[i].condition);
		fixture_write(&fixture, "rule.conf", rule);
		snprintf(line, sizeof(line), "test --file rule.conf /bin/x %s "
			 "to 1.2.3.4 port 1", cases[i].words);
		ctl(line, CW_EXIT_OK);
		says("allow by rule 0\n");
		ctl("test --file rule.conf /bin/x user 4243 to 1.2.3.4 port 1",
		    CW_EXIT_FAILED);
	}
}
END_TEST

START_TEST(test_of_a_program_that_is_not_known)
{
	fixture_write(&fixture, "rule.conf", "default allow\n"
		      "deny any user root to 1.2.3.4\n");
	ctl("test --file rule.conf unknown to 1.2.3.4 port 1", CW_EXIT_FAILED);
	says("deny by rule 0\n");
	ctl("test --file rule.conf unknown to 1.2.3.5 port 1", CW_EXIT_OK);
	ctl("test --file rule.conf unknwon to 1.2.3.5 port 1", CW_EXIT_USAGE);
	complains("`kernel' or `unknown'");
}
END_TEST

START_TEST(test_asks_the_policy_in_force)
{
	fixture_start_daemon(&fixture);
	ctl("load good.conf", CW_EXIT_OK);
	ctl("test /usr/bin/curl to 192.0.2.9 port 443", CW_EXIT_OK);
	says("allow by rule 0\n");
	ctl("test /usr/bin/curl to 192.0.2.9 port 444", CW_EXIT_FAILED);
	complains("the mode is monitor");
}
END_TEST

START_TEST(diff_of_files_and_of_what_is_in_force)
{
	fixture_write(&fixture, "new.conf", "default deny\n"
		      "allow any to @loopback\n");
	ctl("diff good.conf new.conf", CW_EXIT_FAILED);
	ck_assert_str_eq(ran.err, "");
	says("- ");
	says("allow /usr/bin/curl to 192.0.2.0/24");
	ctl("diff --json good.conf new.conf", CW_EXIT_FAILED);
	says("\"change\":\"removed\"");
	ctl("diff good.conf good.conf", CW_EXIT_OK);
	ck_assert_str_eq(ran.out, "");
	ctl("diff good.conf bad.conf", CW_EXIT_UNKNOWN);
	ctl("diff new.conf", CW_EXIT_UNKNOWN);
	complains("no policy is loaded");
	fixture_start_daemon(&fixture);
	ctl("load good.conf", CW_EXIT_OK);
	ctl("diff good.conf", CW_EXIT_OK);
	ck_assert_str_eq(ran.out, "");
	ctl("diff new.conf", CW_EXIT_FAILED);
	says("allow /usr/bin/curl to 192.0.2.0/24");
}
END_TEST

/* Longer than any record of the socket. */
START_TEST(very_many_errors_all_come_back)
{
	char path[128], last[64];
	FILE *out;

	snprintf(path, sizeof(path), "%s/many.conf", fixture.dir);
	out = fopen(path, "w");
	for (int i = 0; i < 100; i++)
		fprintf(out, "allow bogus to any # %0300d\n", i);
	ck_assert_int_eq(fclose(out), 0);
	fixture_start_daemon(&fixture);
	ctl("load many.conf", CW_EXIT_FAILED);
	snprintf(last, sizeof(last), "many.conf:100:7: error");
	complains(last);
	complains("100 errors");
	ck_assert_uint_gt(strlen(ran.err), CW_CONTROL_TEXT_MAX);
}
END_TEST

static Suite *policyctl_suite(void)
{
	Suite *suite = suite_create("policyctl");
	TCase *tests = tcase_create("policyctl");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, usage_errors_exit_2);
	tcase_add_test(tests, help_names_every_command);
	tcase_add_test(tests, without_daemon_it_says_how_to_start_it);
	tcase_add_test(tests, without_daemon_the_mode_is_changed_all_the_same);
	tcase_add_test(tests, after_kill_9_it_says_the_same);
	tcase_add_test(tests, without_module_it_says_how_to_load_it);
	tcase_add_test(tests, good_rules_are_loaded_shown_and_recorded);
	tcase_add_test(tests, enforce_comes_with_the_configured_rules);
	tcase_add_test(tests, enforce_leaves_a_chosen_mode_alone);
	tcase_add_test(tests, enforce_that_fails_is_told_and_tried_again);
	tcase_add_test(tests, bad_rules_leave_the_policy_and_show_everything);
	tcase_add_test(tests, load_as_json);
	tcase_add_test(tests, configured_file_is_loaded_at_start_and_on_sighup);
	tcase_add_test(tests, sighup_storm_ends_with_the_last_file);
	tcase_add_test(tests, mode_is_changed_and_refusals_explained);
	tcase_add_test(tests, check_needs_nobody);
	tcase_add_test(tests, check_notes_what_the_module_lacks);
	tcase_add_test(tests, status_warns);
	tcase_add_test(tests, connections_for_pipes_and_programs);
	tcase_add_test(tests, connections_of_proc);
	tcase_add_test(tests, broken_connections_are_survived);
	tcase_add_test(tests, show_without_or_with_a_foreign_policy);
	tcase_add_test(tests, test_says_verdict_and_rule);
	tcase_add_test(tests, test_knows_every_condition);
	tcase_add_test(tests, test_of_a_program_that_is_not_known);
	tcase_add_test(tests, test_asks_the_policy_in_force);
	tcase_add_test(tests, diff_of_files_and_of_what_is_in_force);
	tcase_add_test(tests, very_many_errors_all_come_back);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, policyctl_suite);
}
