// SPDX-License-Identifier: GPL-2.0-only
/* The address that is judged when a program names one. */
#include <arpa/inet.h>

#include "policy/lint/lint.h"
#include "text.h"

static u8 read_address(const char *text, u8 address[16])
{
	u8 family = strchr(text, ':') ? 6 : 4;

	memset(address, 0, 16);
	ck_assert_int_eq(inet_pton(family == 4 ? AF_INET : AF_INET6, text,
				   address), 1);
	return family;
}

START_TEST(address_that_is_judged)
{
	static const struct {
		const char *named, *bound, *judged;
	} rows[] = {
		{ "10.0.0.1", NULL, "10.0.0.1" },
		{ "10.0.0.1", "::ffff:10.9.9.9", "10.0.0.1" },
		{ "::ffff:10.0.0.1", NULL, "10.0.0.1" },
		{ "2001:db8::1", "2001:db8::9", "2001:db8::1" },
		{ "0.0.0.0", NULL, "127.0.0.1" },
		{ "0.0.0.0", "::", "127.0.0.1" },
		{ "0.0.0.0", "::ffff:10.9.9.9", "10.9.9.9" },
		{ "0.0.0.0", "::ffff:0.0.0.0", "127.0.0.1" },
		{ "0.0.0.0", "2001:db8::9", "127.0.0.1" },
		{ "::ffff:0.0.0.0", NULL, "127.0.0.1" },
		{ "::ffff:0.0.0.0", "::ffff:10.9.9.9", "10.9.9.9" },
		{ "::", NULL, "::1" },
		{ "::", "::", "::1" },
		{ "::", "2001:db8::9", "::1" },
		{ "::", "::ffff:10.9.9.9", "127.0.0.1" },
		{ "::1", "::ffff:10.9.9.9", "::1" },
		{ "0.0.0.1", NULL, "0.0.0.1" },
		{ "::2", NULL, "::2" },
	};
	u8 named[16], bound[16], judged[16], family, expected;
	struct cw_request request;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(&request, 0xaa, sizeof(request));
		family = read_address(rows[i].named, named);
		expected = read_address(rows[i].judged, judged);
		if (rows[i].bound)
			read_address(rows[i].bound, bound);
		cw_request_name(&request, family, named,
				rows[i].bound ? bound : NULL);
		ck_assert_msg(request.family == expected &&
			      !memcmp(request.addr, judged, 16), "row %u", i);
	}
}
END_TEST

START_TEST(address_inside_an_isatap_address)
{
	static const struct {
		const char *outer, *inner;
	} rows[] = {
		{ "fe80::5efe:10.0.0.1", "10.0.0.1" },
		{ "2001:db8:1:2:0:5efe:169.254.169.254", "169.254.169.254" },
		{ "2001:db8:1:2:200:5efe:8.8.8.8", "8.8.8.8" },
		{ "2001:db8:1:2:300:5efe:8.8.8.8", NULL },
		{ "2001:db8:1:2:0:5eff:8.8.8.8", NULL },
		{ "2001:db8:1:2:1:5efe:8.8.8.8", NULL },
		{ "10.0.0.1", NULL },
	};
	struct cw_request request = { .port = 443, .now = 7 }, inner;
	u8 address[16];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		request.family = read_address(rows[i].outer, request.addr);
		ck_assert_msg(cw_request_inner(&request, &inner) ==
			      (rows[i].inner != NULL), "row %u", i);
		if (!rows[i].inner)
			continue;
		ck_assert_uint_eq(read_address(rows[i].inner, address),
				  inner.family);
		ck_assert_mem_eq(address, inner.addr, 16);
		ck_assert_uint_eq(inner.port, 443);
		ck_assert_uint_eq(inner.now, 7);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("request");
	TCase *tests = tcase_create("request");

	tcase_add_test(tests, address_that_is_judged);
	tcase_add_test(tests, address_inside_an_isatap_address);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
