// SPDX-License-Identifier: GPL-2.0-only
/* Connections of the past to JSON and back; files that are not of ours. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policyctl/rows/rows.h"
#include "text.h"

#define ROW_MAX	16384

static char first[ROW_MAX], second[ROW_MAX];

static FILE *memory(char *row)
{
	FILE *out = fmemopen(row, ROW_MAX, "w");

	ck_assert_ptr_nonnull(out);
	return out;
}

/* ---- random rows -------------------------------------------------------- */

static const char *random_string(void)
{
	static const char *const strings[] = {
		"", "/usr/bin/curl", "/opt/my app", "/a\\b\"c\n\033[31m",
		"/caf\xc3\xa9", "\xff\xfe", "/\xed\xa0\x80", "[8:1]/x", "\\012",
	};

	return strings[text_random(sizeof(strings) / sizeof(strings[0]))];
}

static int64_t random_time(void)
{
	return text_random(4) ? 1795573309123456789 + text_random(1u << 30) : 0;
}

static uint64_t random_bytes(void)
{
	return text_random(3) ? text_random(UINT32_MAX) : CW_BYTES_UNKNOWN;
}

static void random_program(struct cw_program *program)
{
	memset(program, 0, sizeof(*program));
	program->id = 1;
	program->tgid = text_random(2) * text_random(99999);
	program->start = random_time();
	program->exe = random_string();
	program->script = random_string();
	program->cgroup = random_string();
	program->unit = random_string();
	program->ancestors = text_random(CW_ANCESTORS + 1);
	for (unsigned i = 0; i < program->ancestors; i++) {
		program->ancestor[i].tgid = text_random(99999);
		program->ancestor[i].start = random_time();
		program->ancestor[i].exe = random_string();
	}
}

static void random_ends(struct cw_past *past)
{
	static const uint8_t families[] = { 4, 6, 0 };
	size_t size;

	past->family = families[text_random(3)];
	past->proto = text_random(CW_PROTO_COUNT);
	size = past->family == 4 ? 4 : past->family ? 16 : 0;
	for (size_t i = 0; i < size; i++) {
		past->local[i] = text_random(256);
		past->remote[i] = text_random(256);
	}
	if (!text_random(4))
		memset(past->local, 0, sizeof(past->local));
	if (!past->family || !cw_past_has_ports(past->proto))
		return;
	past->local_port = text_random(2) * text_random(65536);
	past->remote_port = text_random(65536);
}

static void random_past(struct cw_past *past)
{
	memset(past, 0, sizeof(*past));
	past->id = text_random(100);
	past->host = text_random(2) ? "web1" : "";
	past->opened = random_time() ?: 1000000;
	past->closed = random_time();
	past->in = text_random(2);
	past->verdict = text_random(4);
	past->attribution = text_random(CW_ATTRIBUTION_COUNT);
	random_ends(past);
	past->pid = text_random(99999);
	past->uid = text_random(2) ? text_random(70000) : UINT32_MAX;
	past->netns = text_random(2) * 4026531840u;
	past->generation = text_random(3);
	past->rule = text_random(2) ? CW_RULE_DEFAULT : text_random(9);
	past->line = text_random(9);
	past->label = random_string();
	past->sent = random_bytes();
	past->received = random_bytes();
	random_program(&past->program);
	if (text_random(2))
		random_program(&past->user);
}

/* ---- the round trip ----------------------------------------------------- */

static unsigned rows;

static int print_second(void *data, const struct cw_past *past)
{
	FILE *out = memory(second);

	(void)data;
	rows++;
	cw_past_print(out, past);
	fclose(out);
	return 0;
}

static int read_text(const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	int ret;

	ck_assert_ptr_nonnull(file);
	rows = 0;
	ret = cw_past_read(file, "web1.json", print_second, NULL);
	fclose(file);
	return ret;
}

START_TEST(print_read_print_is_the_same)
{
	struct cw_past past;
	FILE *out;

	text_seed();
	for (int i = 0; i < 2000; i++) {
		random_past(&past);
		out = memory(first);
		cw_past_print(out, &past);
		fclose(out);
		ck_assert_int_eq(read_text(first), 0);
		ck_assert_uint_eq(rows, 1);
		ck_assert_str_eq(first, second);
	}
}
END_TEST

START_TEST(row_as_documented)
{
	struct cw_past past = {
		.id = 17, .host = "web1", .opened = 1795573309123456789,
		.family = 4, .local = { 198, 51, 100, 1 },
		.remote = { 203, 0, 113, 7 }, .local_port = 47504,
		.remote_port = 80, .pid = 217, .netns = 4026531840,
		.generation = 2, .rule = 1, .line = 4, .label = "the mirror",
		.sent = 76, .received = CW_BYTES_UNKNOWN,
		.established = CW_ESTABLISHED_YES,
		.ending = CW_ENDING_TIMED_OUT,
		.program = { .id = 3, .tgid = 217, .start = 1795573308000000000,
			     .exe = "/usr/bin/curl", .script = "",
			     .cgroup = "/system.slice/x.service",
			     .unit = "x.service", .ancestors = 1,
			     .ancestor = { { 1, 1795573300000000001,
					     "/usr/sbin/init" } } },
	};
	FILE *out = memory(first);

	cw_past_print(out, &past);
	fclose(out);
	ck_assert_str_eq(first, "{\"type\":\"connection\",\"host\":\"web1\","
		"\"id\":17,\"opened\":\"2026-11-25T02:21:49.123Z\","
		"\"closed\":null,\"proto\":\"tcp\",\"dir\":\"out\","
		"\"local\":\"198.51.100.1\",\"local_port\":47504,"
		"\"remote\":\"203.0.113.7\",\"remote_port\":80,"
		"\"ip_protocol\":null,\"ethertype\":null,\"interface\":null,"
		"\"netns\":4026531840,\"verdict\":\"allow\","
		"\"attribution\":\"exact\",\"tgid\":217,\"pid\":217,\"uid\":0,"
		"\"start\":\"2026-11-25T02:21:48.000Z\","
		"\"exe\":\"/usr/bin/curl\",\"script\":null,"
		"\"cgroup\":\"/system.slice/x.service\",\"unit\":\"x.service\","
		"\"rule\":1,\"line\":4,\"label\":\"the mirror\","
		"\"generation\":2,\"sent\":76,\"received\":null,"
		"\"established\":true,\"ending\":\"timed-out\","
		"\"ancestors\":[{\"tgid\":1,"
		"\"start\":\"2026-11-25T02:21:40.000Z\","
		"\"exe\":\"/usr/sbin/init\"}],\"user\":null}\n");
}
END_TEST

/* Numbers of a protocol and words about the end come back as they were. */
START_TEST(facts_are_read_back)
{
	static const char *const facts[][2] = {
		{ "raw", "\"ip_protocol\":253,\"ethertype\":null,"
			 "\"interface\":null," },
		{ "packet", "\"ip_protocol\":null,\"ethertype\":34997,"
			    "\"interface\":\"lo\"," },
		{ "tcp", "\"established\":false,\"ending\":\"refused\"," },
		{ "sctp", "\"established\":true,\"ending\":\"given-up\"," },
		{ "udp", "\"established\":null,\"ending\":null," },
	};
	char row[500];

	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		snprintf(row, sizeof(row), "{\"type\":\"connection\",\"dir\":"
			 "\"in\",%s\"proto\":\"%s\","
			 "\"opened\":\"2026-11-25T03:21:49Z\"}", facts[i][1],
			 facts[i][0]);
		ck_assert_int_eq(read_text(row), 0);
		ck_assert_msg(strstr(second, facts[i][1]), "no %s in %s",
			      facts[i][1], second);
	}
}
END_TEST

START_TEST(hole_is_printed_and_skipped)
{
	struct cw_hole hole = {
		.since = 1795573309123456789, .until = 1795573310000000000,
		.records = 12, .reason = "kernel",
	};
	FILE *out = memory(first);

	cw_hole_print(out, "web1", &hole);
	fclose(out);
	ck_assert_str_eq(first, "{\"type\":\"hole\",\"host\":\"web1\","
		"\"since\":\"2026-11-25T02:21:49.123Z\","
		"\"until\":\"2026-11-25T02:21:50.000Z\",\"records\":12,"
		"\"reason\":\"kernel\"}\n");
	ck_assert_int_eq(read_text(first), 0);
	ck_assert_uint_eq(rows, 0);
}
END_TEST

/* ---- rows of others ----------------------------------------------------- */

#define LEAST	"{\"type\":\"connection\",\"proto\":\"udp\",\"dir\":\"in\"," \
		"\"opened\":\"2026-11-25T03:21:49+01:00\""

START_TEST(optional_keys_may_be_missing)
{
	ck_assert_int_eq(read_text("\n" LEAST "}\n{\"type\":\"news\"}\n \r\n"
				   LEAST ",\"more\":[1,{}]}"), 0);
	ck_assert_uint_eq(rows, 2);
	ck_assert_ptr_nonnull(strstr(second, "\"opened\":"
				     "\"2026-11-25T02:21:49.000Z\""));
	ck_assert_ptr_nonnull(strstr(second, "\"local\":null,"
				     "\"local_port\":null,\"remote\":null,"
				     "\"remote_port\":null,"));
	ck_assert_ptr_nonnull(strstr(second, "\"verdict\":null,"
				     "\"attribution\":\"unknown\","));
}
END_TEST

/* What the second line makes the reader say. */
static const char *error_of(const char *line)
{
	static char said[1024];
	static char rows_text[4096];
	int saved = dup(STDERR_FILENO), file = memfd_create("said", 0);
	ssize_t got;

	dup2(file, STDERR_FILENO);
	snprintf(rows_text, sizeof(rows_text), LEAST "}\n%s\n" LEAST "}\n",
		 line);
	ck_assert_int_eq(read_text(rows_text), -EPROTO);
	dup2(saved, STDERR_FILENO);
	close(saved);
	ck_assert_uint_eq(rows, 1);
	got = pread(file, said, sizeof(said) - 1, 0);
	ck_assert_int_gt(got, 0);
	said[got] = 0;
	close(file);
	return said;
}

static const char *exe_read;

static int keep_exe(void *data, const struct cw_past *past)
{
	(void)data;
	exe_read = strdup(past->program.exe);
	return 0;
}

/* A name comes back as it was, also when it looks like an escape. */
START_TEST(names_come_back_byte_for_byte)
{
	static const char *const names[] = {
		"/plain", "/raw\xff", "/\\377", "/\\134377", "/\\x2d", "/\n",
		"/\xe2\x80\xae", "/a\\", "/\\\\040", "/\xc3\xa9\\303\xc3",
	};
	struct cw_past past;
	FILE *out, *in;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		random_past(&past);
		past.program.exe = names[i];
		out = memory(first);
		cw_past_print(out, &past);
		fclose(out);
		in = fmemopen(first, strlen(first), "r");
		ck_assert_int_eq(cw_past_read(in, "x", keep_exe, NULL), 0);
		fclose(in);
		ck_assert_str_eq(exe_read, names[i]);
		free((char *)exe_read);
	}
}
END_TEST

START_TEST(byte_order_mark_is_no_error)
{
	ck_assert_int_eq(read_text("\xef\xbb\xbf" LEAST "}\n"), 0);
	ck_assert_uint_eq(rows, 1);
	ck_assert_int_eq(read_text("\xef\xbb\xbf\r\n" LEAST "}\r\n"), 0);
	/* Only at the start of the file. */
	ck_assert_int_eq(read_text(LEAST "}\n\xef\xbb\xbf" LEAST "}\n"), -EPROTO);
}
END_TEST

static size_t endless_reads;

/* A line that never ends. */
static ssize_t read_endless(void *data, char *buffer, size_t size)
{
	(void)data;
	endless_reads += size;
	memset(buffer, 'x', size);
	return size;
}

START_TEST(line_without_end_is_not_read_whole)
{
	cookie_io_functions_t functions = { .read = read_endless };
	FILE *file = fopencookie(NULL, "r", functions);

	ck_assert_int_eq(cw_past_read(file, "endless", print_second, NULL),
			 -EPROTO);
	fclose(file);
	ck_assert_uint_lt(endless_reads, 2 << 20);
}
END_TEST

START_TEST(malformed_rows_are_refused_with_their_line)
{
	static const struct {
		const char *line, *problem;
	} cases[] = {
		{ "x", "not JSON" }, { "{\"type\":\"connection\"", "not JSON" },
		{ "{\"type\":\"hole\"} {}", "not JSON" },
		{ "{\"type\":\"hole\",\"type\":\"hole\"}", "not JSON" },
		{ "{\"type\":\"a\\u0000b\"}", "not JSON" },
		{ "{\"type\":\"\xff\"}", "not JSON" },
		{ "[]", "not a JSON object" }, { "{}", "type is missing" },
		{ "{\"type\":7}", "type is not a string" },
		{ "{\"type\":\"connection\"}", "opened is missing" },
		{ LEAST ",\"id\":-1}", "id is not a whole number" },
		{ LEAST ",\"id\":1.5}", "id is not a whole number" },
		{ LEAST ",\"id\":\"1\"}", "id is not a whole number" },
		{ LEAST ",\"id\":99999999999999999999}", "not JSON" },
		{ LEAST ",\"remote_port\":65536}", "from 0 to 65535" },
		{ LEAST ",\"local_port\":true}", "from 0 to 65535" },
		{ LEAST ",\"uid\":4294967296}", "from 0 to 4294967295" },
		{ LEAST ",\"rule\":4294967295}", "from 0 to 4294967294" },
		{ LEAST ",\"remote\":\"10.0.0\"}", "not an address" },
		{ LEAST ",\"remote\":\"10.0.0.1 \"}", "not an address" },
		{ LEAST ",\"remote\":\"fe80::1%eth0\"}", "not an address" },
		{ LEAST ",\"remote\":\"::1\",\"local\":\"127.0.0.1\"}",
		  "two families" },
		{ LEAST ",\"closed\":\"yesterday\"}", "closed is not a time" },
		{ LEAST ",\"closed\":\"2026-11-25T02:21:49\"}", "not a time" },
		{ LEAST ",\"closed\":\"2026-02-29T02:21:49Z\"}", "not a time" },
		{ LEAST ",\"closed\":\"2026-11-25T24:00:00Z\"}", "not a time" },
		{ LEAST ",\"closed\":\"2026-11-25T02:21:49.Z\"}", "not a time" },
		{ LEAST ",\"closed\":\"2026-11-25T02:21:49.1234567891Z\"}",
		  "not a time" },
		{ LEAST ",\"closed\":\"2026-11-25T02:21:49Zx\"}", "not a time" },
		{ LEAST ",\"closed\":\"1970-01-01T00:00:00+00:01\"}",
		  "not a time" },
		{ LEAST ",\"closed\":\"2262-01-01T00:00:00Z\"}", "not a time" },
		{ LEAST ",\"verdict\":\"maybe\"}", "verdict is no known word" },
		{ LEAST ",\"attribution\":\"\xc3\xa9\"}", "no known word" },
		{ LEAST ",\"exe\":[]}", "exe is not a string" },
		{ LEAST ",\"user\":7}", "user is not an object" },
		{ LEAST ",\"user\":{\"tgid\":-1}}", "tgid is not" },
		{ LEAST ",\"ancestors\":{}}", "ancestors is not a list" },
		{ LEAST ",\"ancestors\":[{},{},{},{},{},{},{},{},{}]}",
		  "ancestors is not a list of up to 8" },
		{ LEAST ",\"ancestors\":[7]}", "an ancestor is not an object" },
		{ LEAST ",\"ancestors\":[{\"exe\":1}]}", "exe is not a string" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *said = error_of(cases[i].line);

		ck_assert_msg(strstr(said, "web1.json:2: ") &&
			      strstr(said, cases[i].problem), "%s: %s",
			      cases[i].line, said);
	}
}
END_TEST

static int refuse(void *data, const struct cw_past *past)
{
	(void)past;
	++*(int *)data;
	return -ECANCELED;
}

START_TEST(callback_ends_the_reading)
{
	static char text[] = LEAST "}\n" LEAST "}\n";
	FILE *file = fmemopen(text, sizeof(text) - 1, "r");
	int calls = 0;

	ck_assert_int_eq(cw_past_read(file, "f", refuse, &calls), -ECANCELED);
	ck_assert_int_eq(calls, 1);
	fclose(file);
}
END_TEST

START_TEST(directory_is_an_error)
{
	FILE *file = fopen("/", "r");

	ck_assert_int_eq(cw_past_read(file, "/", print_second, NULL), -EIO);
	fclose(file);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("past");
	TCase *tests = tcase_create("past");

	tcase_add_test(tests, print_read_print_is_the_same);
	tcase_add_test(tests, row_as_documented);
	tcase_add_test(tests, facts_are_read_back);
	tcase_add_test(tests, hole_is_printed_and_skipped);
	tcase_add_test(tests, optional_keys_may_be_missing);
	tcase_add_test(tests, names_come_back_byte_for_byte);
	tcase_add_test(tests, byte_order_mark_is_no_error);
	tcase_add_test(tests, line_without_end_is_not_read_whole);
	tcase_add_test(tests, malformed_rows_are_refused_with_their_line);
	tcase_add_test(tests, callback_ends_the_reading);
	tcase_add_test(tests, directory_is_an_error);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
