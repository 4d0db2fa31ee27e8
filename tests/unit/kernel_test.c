// SPDX-License-Identifier: GPL-2.0-only
/* securityfs, with a directory in its place. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/lib.h"
#include "lib/message.h"
#include "fixture.h"

static struct fixture fixture;
static struct cw_kernel_status status;

static void setup(void)
{
	fixture_init(&fixture);
}

static void teardown(void)
{
	fixture_exit(&fixture);
}

START_TEST(status_is_parsed)
{
	ck_assert_int_eq(cw_kernel_status(fixture.dir, &status), 0);
	ck_assert_uint_eq(status.abi, CW_ABI_VERSION);
	ck_assert_uint_eq(status.features, 0x7fff);
	ck_assert_uint_eq(status.generation, 7);
	ck_assert_uint_eq(status.rules, 120);
	ck_assert_int_eq(status.mode, CW_MODE_MONITOR);
	ck_assert_uint_eq(strlen(status.sha256), 64);
	ck_assert_str_eq(status.instance, "-");
}
END_TEST

START_TEST(instance_tells_loads_apart)
{
	fixture_write(&fixture, "status", "abi: 2\ninstance: 00f1e2d3c4b5a697\n"
		      "mode: monitor\nsha256: -\n");
	ck_assert_int_eq(cw_kernel_status(fixture.dir, &status), 0);
	ck_assert_str_eq(status.instance, "00f1e2d3c4b5a697");
}
END_TEST

START_TEST(status_without_policy_is_parsed)
{
	fixture_write(&fixture, "status", "abi: 2\nmode: monitor\n"
		      "features: 0x1\ngeneration: 0\nsha256: -\nrules: 0\n");
	ck_assert_int_eq(cw_kernel_status(fixture.dir, &status), 0);
	ck_assert_uint_eq(status.generation, 0);
	ck_assert_str_eq(status.sha256, "-");
}
END_TEST

START_TEST(status_refused_when_foreign)
{
	static const char *const texts[] = {
		"", "abi: 1\nmode: monitor\nsha256: -\n",
		"mode: monitor\nsha256: -\n",
		"abi: 2\nmode: sleeping\nsha256: -\n",
		"abi: 2\nmode: monitor\n",
		"abi: 2\nmode: monitor\nsha256: 01234567890123456789012345678"
		"9012345678901234567890123456789012345\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fixture_write(&fixture, "status", texts[i]);
		ck_assert_msg(cw_kernel_status(fixture.dir, &status) == -EPROTO,
			      "case %zu", i);
	}
}
END_TEST

START_TEST(missing_module_is_enoent)
{
	char message[200];

	ck_assert_int_eq(cw_kernel_status("/nonexistent", &status), -ENOENT);
	ck_assert_int_eq(cw_kernel_load("/nonexistent", "x", 1), -ENOENT);
	ck_assert_ptr_null(cw_kernel_open("/nonexistent", "connections"));
	ck_assert_int_eq(errno, ENOENT);
	cw_kernel_explain(-ENOENT, CW_FILE_POLICY, 0, message, sizeof(message));
	ck_assert_ptr_nonnull(strstr(message, "modprobe connwarden"));
}
END_TEST

START_TEST(policy_written_whole)
{
	size_t size = 3 << 20, got;
	char *blob = malloc(size), *back;

	for (size_t i = 0; i < size; i++)
		blob[i] = i * 7 >> 3;
	ck_assert_int_eq(cw_kernel_load(fixture.dir, blob, size), 0);
	ck_assert_int_eq(cw_kernel_read(fixture.dir, "policy", &back, &got), 0);
	ck_assert_uint_eq(got, size);
	ck_assert_int_eq(memcmp(blob, back, size), 0);
	ck_assert_int_eq(back[size], 0);
	free(back);
	free(blob);
}
END_TEST

START_TEST(errors_of_write_come_back)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/policy", fixture.dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/dev/full", path), 0);
	ck_assert_int_eq(cw_kernel_load(fixture.dir, "blob", 4), -ENOSPC);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(cw_kernel_load(fixture.dir, "blob", 4), -EISDIR);
}
END_TEST

START_TEST(empty_file_is_read)
{
	size_t size = 1;
	char *data;

	ck_assert_int_eq(cw_kernel_read(fixture.dir, "policy", &data, &size),
			 0);
	ck_assert_uint_eq(size, 0);
	ck_assert_str_eq(data, "");
	free(data);
}
END_TEST

START_TEST(mode_written_as_a_line)
{
	char text[32];

	ck_assert_int_eq(cw_kernel_set_mode(fixture.dir, CW_MODE_ENFORCE), 0);
	fixture_read(&fixture, "mode", text, sizeof(text));
	ck_assert_str_eq(text, "enforce\n");
}
END_TEST

START_TEST(mode_names_are_exact)
{
	enum cw_mode mode;

	ck_assert(cw_mode_parse("enforce", &mode) && mode == CW_MODE_ENFORCE);
	ck_assert(cw_mode_parse("monitor", &mode) && mode == CW_MODE_MONITOR);
	ck_assert(!cw_mode_parse("", &mode));
	ck_assert(!cw_mode_parse("enforced", &mode));
	ck_assert(!cw_mode_parse("Enforce", &mode));
	ck_assert_str_eq(cw_mode_name(CW_MODE_MONITOR), "monitor");
}
END_TEST

START_TEST(each_error_explained)
{
	static const struct {
		int error;
		const char *words;
	} cases[] = {
		{ -ENODATA, "load one first" },
		{ -E2BIG, "max_policy_bytes" },
		{ -E2BIG, "4096 bytes" },
		{ -EINVAL, "malformed" },
		{ -EOPNOTSUPP, "feature" },
		{ -EPERM, "CAP_MAC_ADMIN" },
		{ -EACCES, "only root" },
		{ -EPROTO, "ABI" },
		{ -ENOMEM, "annot allocate memory" },
	};
	char message[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cw_kernel_explain(cases[i].error, CW_FILE_POLICY, 4096, message,
				  sizeof(message));
		ck_assert_msg(strstr(message, cases[i].words), "%s", message);
	}
}
END_TEST

static Suite *kernel_suite(void)
{
	Suite *suite = suite_create("kernel");
	TCase *tests = tcase_create("kernel");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, status_is_parsed);
	tcase_add_test(tests, instance_tells_loads_apart);
	tcase_add_test(tests, status_without_policy_is_parsed);
	tcase_add_test(tests, status_refused_when_foreign);
	tcase_add_test(tests, missing_module_is_enoent);
	tcase_add_test(tests, policy_written_whole);
	tcase_add_test(tests, errors_of_write_come_back);
	tcase_add_test(tests, empty_file_is_read);
	tcase_add_test(tests, mode_written_as_a_line);
	tcase_add_test(tests, mode_names_are_exact);
	tcase_add_test(tests, each_error_explained);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, kernel_suite);
}
