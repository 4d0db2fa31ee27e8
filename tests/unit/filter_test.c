// SPDX-License-Identifier: GPL-2.0-only
/* Times from people, filters from options, and what they let through. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policyctl/rows/rows.h"
#include "text.h"

#define SECOND	1000000000ll
#define NOW	1795573309123456789ll	/* 2026-11-25T02:21:49.123456789Z */

static void zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

/* ---- times -------------------------------------------------------------- */

START_TEST(times_that_are_understood)
{
	static const struct {
		const char *text;
		int64_t time;
	} cases[] = {
		{ "now", NOW }, { "0s", NOW }, { "90s", NOW - 90 * SECOND },
		{ "15m", NOW - 900 * SECOND }, { "2h", NOW - 7200 * SECOND },
		{ "7d", NOW - 7 * 86400 * SECOND },
		{ "2026-11-25T02:21:49.123456789Z", NOW },
		{ "2026-11-25t02:21:49.123456789z", NOW },
		{ "2026-11-25T02:21:49Z", NOW - 123456789 },
		{ "2026-11-25T02:21:49.5Z", NOW - 123456789 + SECOND / 2 },
		{ "2026-11-25T03:51:49+01:30", NOW - 123456789 },
		{ "2026-11-24T19:21:49-07:00", NOW - 123456789 },
		/* One hour ahead of UTC. */
		{ "2026-11-25 03:21:49.123456789", NOW },
		{ "2026-11-25T03:21:49", NOW - 123456789 },
		{ "2026-11-25 03:21", NOW - 49123456789 },
		{ "2026-11-25", NOW - 49123456789 - (3 * 60 + 21) * 60 *
		  SECOND },
		{ "2024-02-29", 1709161200 * SECOND },
		/* In summer two. */
		{ "2026-07-01 02:00", 1782864000 * SECOND },
	};
	int64_t time;

	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(!cw_time_parse(cases[i].text, NOW, &time),
			      "%s", cases[i].text);
		ck_assert_msg(time == cases[i].time, "%s: %lld, not %lld",
			      cases[i].text, (long long)time,
			      (long long)cases[i].time);
	}
}
END_TEST

START_TEST(times_that_are_not)
{
	static const char *const texts[] = {
		"", "s", "90", "90 s", "-90s", "1.5h", "90x", "90sm", "+1h",
		"99999999999d", "300000d", "yesterday", "2026", "2026-11",
		"2026-13-01", "2026-00-01", "2026-11-31", "2025-02-29",
		"2026-11-25 ", "2026-11-25 2:21", "2026-11-25 24:00",
		"2026-11-25 02:60", "2026-11-25 02:21:61", "2026-11-25 02:21:",
		"2026-11-25 02:21:49.", "2026-11-25 02:21 ", "1969-12-31",
		"2262-01-01", "2026-11-25T02:21Z", "2026-11-25T02:21:49+1:00",
		"2026-11-25T02:21:49+24:00", "2026-11-25T02:21:49ZZ",
	};
	int64_t time;

	zone("UTC0");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(cw_time_parse(texts[i], NOW, &time) == -EINVAL,
			      "%s", texts[i]);
}
END_TEST

START_TEST(times_are_printed_and_read_again)
{
	char text[CW_TIME_ROOM];
	int64_t time, again;

	text_seed();
	for (int i = 0; i < 2000; i++) {
		time = text_random(UINT32_MAX) * SECOND + text_random(SECOND);
		ck_assert_int_eq(cw_time_parse_utc(cw_time_utc(time, text),
						   &again), 0);
		/* Milliseconds are printed. */
		ck_assert_int_eq(again, time - time % 1000000);
	}
	zone("CET-1");
	ck_assert_str_eq(cw_time_utc(NOW, text),
			 "2026-11-25T02:21:49.123Z");
	ck_assert_str_eq(cw_time_local(NOW, text), "2026-11-25 03:21:49.123");
}
END_TEST

/* ---- options ------------------------------------------------------------ */

static struct cw_past_filter filter;

static bool take(const char *name, const char *value)
{
	cw_past_filter_init(&filter);
	return !cw_filter_take(&filter, name, value);
}

START_TEST(values_that_are_accepted)
{
	ck_assert(take("exe", "/usr/bin/curl"));
	ck_assert_str_eq(filter.exe, "/usr/bin/curl");
	ck_assert(take("exe", "**/curl"));
	ck_assert(take("exe", "[8:1]/curl"));
	ck_assert(take("exe", "(deleted)/usr/bin/curl"));
	ck_assert(take("user", "root"));
	ck_assert_int_eq(filter.uid, 0);
	ck_assert(take("user", "12345"));
	ck_assert_int_eq(filter.uid, 12345);
	ck_assert(take("pid", "217"));
	ck_assert_int_eq(filter.tgid, 217);
	ck_assert(take("verdict", "would-deny"));
	ck_assert_int_eq(filter.verdict, CW_OUTCOME_WOULD_DENY);
	ck_assert(take("verdict", "-"));
	ck_assert_int_eq(filter.verdict, CW_OUTCOME_NONE);
	ck_assert(take("proto", "udp"));
	ck_assert_int_eq(filter.proto, CW_PROTO_UDP);
	ck_assert(take("in", NULL));
	ck_assert_int_eq(filter.in, 1);
	ck_assert(take("out", NULL));
	ck_assert_int_eq(filter.in, 0);
	ck_assert(take("port", "0"));
	ck_assert_int_eq(filter.port, 0);
	ck_assert(!filter.remote_only);
	ck_assert(take("limit", "7"));
	ck_assert_uint_eq(filter.limit, 7);
	ck_assert(take("at", "2026-11-25T02:21:49Z"));
	ck_assert_int_eq(filter.since, NOW - 123456789);
	ck_assert_int_eq(filter.until, filter.since);
	ck_assert(take("to", "203.0.113.7/25"));
	ck_assert(filter.remote_only);
	ck_assert_uint_eq(filter.prefix, 25);
	ck_assert_uint_eq(filter.address[3], 0);
}
END_TEST

START_TEST(values_that_are_refused)
{
	static const struct {
		const char *name, *value;
	} cases[] = {
		{ "exe", "" }, { "exe", "curl" }, { "user", "no-such-user" },
		{ "user", "-1" }, { "user", "4294967296" }, { "pid", "x" },
		{ "pid", "99999999999" }, { "pid", "" }, { "verdict", "Allow" },
		{ "proto", "mptcp" }, { "port", "65536" }, { "port", "-1" },
		{ "port", " 1" }, { "port", "080" }, { "port", "dns" },
		{ "port", "" }, { "port", "80:" }, { "pid", "0217" },
		{ "limit", "0" },
		{ "limit", "1k" }, { "since", "soon" }, { "until", "1w" },
		{ "to", "" }, { "to", "example.org" }, { "to", "10.0.0.1/33" },
		{ "to", "::1/129" }, { "to", "10.0.0.1/" }, { "to", "10.0.0" },
		{ "to", "10.0.0.1:" }, { "to", "10.0.0.1:70000" },
		{ "to", "[::1" }, { "to", "[::1]80" }, { "to", "::1]:80" },
		{ "to", "10.0.0.1:080" }, { "to", "10.0.0.0/08" },
		{ "to", "010.0.0.1" }, { "to", "10.0.0.1%lo" },
		{ "to", "2001:db8::1%lo" }, { "to", "fe80::1%" },
		{ "to", "fe80::1%name-that-is-too-long" }, { "to", ":" },
		{ "to", "[]:80" }, { "to", "/8" }, { "to", "*" },
		{ "to", "10.0.0.1:dns" }, { "to", "http://10.0.0.1:80/" },
		{ "to", "[::1]:80:80" }, { "to", "[::/8]/8" },
		{ "to", "localhost:80" }, { "to", " 10.0.0.1" },
		{ "bogus", "1" },
	};
	char glob[300] = "/*";

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(!take(cases[i].name, cases[i].value), "%s %s",
			      cases[i].name, cases[i].value);
	memset(glob + 2, 'x', 255);
	ck_assert(!take("exe", glob));
	ck_assert(take("in", NULL));
	ck_assert_ptr_nonnull(cw_filter_take(&filter, "out", NULL));
}
END_TEST

START_TEST(addresses_with_ports)
{
	static const struct {
		const char *text, *address;
		int family, prefix, port;
	} cases[] = {
		{ "10.0.0.1", "10.0.0.1", 4, 32, -1 },
		{ "10.0.0.1:80", "10.0.0.1", 4, 32, 80 },
		{ "10.1.2.3/8", "10.0.0.0", 4, 8, -1 },
		{ "0.0.0.0/0", "0.0.0.0", 4, 0, -1 },
		{ "::1", "::1", 6, 128, -1 },
		{ "[::1]", "::1", 6, 128, -1 },
		{ "[2001:db8::1]:443", "2001:db8::1", 6, 128, 443 },
		{ "2001:db8::1/33", "2001:db8::", 6, 33, -1 },
		{ "::ffff:10.0.0.1", "10.0.0.1", 4, 32, -1 },
		{ "10.0.0.1:https", "10.0.0.1", 4, 32, 443 },
		{ "10.1.2.3/8:443", "10.0.0.0", 4, 8, 443 },
		{ "[10.0.0.1]:80", "10.0.0.1", 4, 32, 80 },
		{ "[::1]:domain", "::1", 6, 128, 53 },
		{ "[2001:db8::]/32", "2001:db8::", 6, 32, -1 },
		{ "[2001:db8::/32]:443", "2001:db8::", 6, 32, 443 },
		{ "fe80::1%lo", "fe80::1", 6, 128, -1 },
		{ "[fe80::1%lo]:80", "fe80::1", 6, 128, 80 },
		{ "fe80::1%lo/64", "fe80::", 6, 64, -1 },
		{ "[::ffff:10.0.0.1]:80", "10.0.0.1", 4, 32, 80 },
		{ "::ffff:10.1.0.0/104", "10.0.0.0", 4, 8, -1 },
		{ "::/0", "::", 6, 0, -1 },
		{ ":80", NULL, 0, 0, 80 },
		{ "*:http", NULL, 0, 0, 80 },
	};
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cw_past_filter_init(&filter);
		ck_assert_msg(!cw_filter_address(&filter, cases[i].text), "%s",
			      cases[i].text);
		ck_assert_int_eq(filter.family, cases[i].family);
		ck_assert_int_eq(filter.prefix, cases[i].prefix);
		ck_assert_int_eq(filter.port, cases[i].port);
		if (cases[i].address)
			ck_assert_str_eq(cw_past_address(filter.family,
							 filter.address, text),
					 cases[i].address);
	}
}
END_TEST

/* ---- what matches ------------------------------------------------------- */

static struct cw_past past;

static void make_past(void)
{
	past = (struct cw_past) {
		.host = "", .label = "", .opened = 1000, .closed = 2000,
		.family = 4, .local = { 10, 0, 0, 1 }, .local_port = 4000,
		.remote = { 203, 0, 113, 7 }, .remote_port = 443, .uid = 33,
		.program = { .id = 1, .tgid = 217, .exe = "/usr/bin/python3",
			     .script = "/opt/a.py", .unit = "" },
		.user = { .exe = "", .script = "" },
	};
}

static bool matches(const char *name, const char *value)
{
	ck_assert(take(name, value));
	return cw_filter_matches(&filter, &past);
}

START_TEST(each_filter_lets_through_and_stops)
{
	make_past();
	cw_past_filter_init(&filter);
	ck_assert(cw_filter_matches(&filter, &past));
	ck_assert(matches("exe", "/usr/bin/python3"));
	ck_assert(matches("exe", "/opt/a.py"));
	ck_assert(matches("exe", "/opt/*"));
	ck_assert(!matches("exe", "/usr/bin/python"));
	ck_assert(!matches("exe", "/usr/*"));
	ck_assert(matches("user", "33"));
	ck_assert(!matches("user", "0"));
	ck_assert(matches("pid", "217"));
	ck_assert(!matches("pid", "218"));
	ck_assert(matches("verdict", "allow"));
	ck_assert(!matches("verdict", "deny"));
	ck_assert(matches("proto", "tcp"));
	ck_assert(!matches("proto", "udp"));
	ck_assert(matches("out", NULL));
	ck_assert(!matches("in", NULL));
	ck_assert(matches("port", "443"));
	ck_assert(matches("port", "4000"));
	ck_assert(!matches("port", "80"));
	ck_assert(matches("to", "203.0.113.7"));
	ck_assert(matches("to", "203.0.113.7:443"));
	ck_assert(!matches("to", "203.0.113.7:4000"));
	ck_assert(matches("to", "203.0.113.0/29"));
	ck_assert(!matches("to", "203.0.113.0/30"));
	ck_assert(matches("to", "0.0.0.0/0"));
	ck_assert(!matches("to", "::/0"));
	ck_assert(!matches("to", "10.0.0.1"));
}
END_TEST

START_TEST(either_end_without_to)
{
	make_past();
	cw_past_filter_init(&filter);
	ck_assert(!cw_filter_address(&filter, "10.0.0.1:4000"));
	ck_assert(cw_filter_matches(&filter, &past));
	ck_assert(!cw_filter_address(&filter, "10.0.0.1:443"));
	ck_assert(!cw_filter_matches(&filter, &past));
}
END_TEST

START_TEST(open_at_some_time_between)
{
	make_past();
	cw_past_filter_init(&filter);
	filter.since = 2000;
	ck_assert(cw_filter_matches(&filter, &past));
	filter.since = 2001;
	ck_assert(!cw_filter_matches(&filter, &past));
	past.closed = 0;
	ck_assert(cw_filter_matches(&filter, &past));
	past.verdict = CW_OUTCOME_DENY;
	ck_assert(!cw_filter_matches(&filter, &past));
	filter.since = 0;
	filter.until = 1000;
	ck_assert(cw_filter_matches(&filter, &past));
	filter.until = 999;
	ck_assert(!cw_filter_matches(&filter, &past));
}
END_TEST

/* The program and its process go together. */
START_TEST(another_user_of_it_counts_as_well)
{
	make_past();
	past.user = (struct cw_program) {
		.id = 2, .tgid = 300, .exe = "/usr/bin/curl", .script = "",
	};
	ck_assert(matches("exe", "/usr/bin/curl"));
	ck_assert(matches("pid", "300"));
	filter.exe = "/usr/bin/curl";
	ck_assert(cw_filter_matches(&filter, &past));
	filter.tgid = 217;
	ck_assert(!cw_filter_matches(&filter, &past));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("filter");
	TCase *tests = tcase_create("filter");

	tcase_add_test(tests, times_that_are_understood);
	tcase_add_test(tests, times_that_are_not);
	tcase_add_test(tests, times_are_printed_and_read_again);
	tcase_add_test(tests, values_that_are_accepted);
	tcase_add_test(tests, values_that_are_refused);
	tcase_add_test(tests, addresses_with_ports);
	tcase_add_test(tests, each_filter_lets_through_and_stops);
	tcase_add_test(tests, either_end_without_to);
	tcase_add_test(tests, open_at_some_time_between);
	tcase_add_test(tests, another_user_of_it_counts_as_well);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
