// SPDX-License-Identifier: GPL-2.0-only
/* The control protocol: what is encoded comes back, the rest is refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/lib.h"
#include "lib/message.h"
#include "fixture.h"

static struct cw_message sent, got;
static char record[CW_RECORD_MAX + 16];

/* So many calls say that the peer has closed, as Linux does when it has looked
 * for a record just before that was sent. */
static unsigned early_ends;

ssize_t recvmsg(int sock, struct msghdr *header, int flags)
{
	if (!early_ends)
		return syscall(SYS_recvmsg, sock, header, flags);
	early_ends--;
	header->msg_controllen = 0;
	return 0;
}

static size_t encode_sample(void)
{
	cw_message_init(&sent, CW_COMMAND_LOAD, CW_RESULT_OK);
	cw_message_add(&sent, CW_KEY_FILE, "%s", "/etc/rules.conf");
	return cw_message_encode(&sent, record);
}

START_TEST(same_after_round_trip)
{
	size_t size = encode_sample();

	ck_assert_int_eq(cw_message_decode(&got, record, size), 0);
	ck_assert_int_eq(got.command, CW_COMMAND_LOAD);
	ck_assert_str_eq(got.text, "file: /etc/rules.conf\n");
	ck_assert_uint_eq(got.length, strlen(got.text));
}
END_TEST

START_TEST(refused_at_every_truncation)
{
	size_t size = encode_sample();

	for (size_t cut = 0; cut < size; cut++) {
		/* A copy of the exact size, so that ASan sees a read beyond. */
		char *copy = malloc(cut ?: 1);

		memcpy(copy, record, cut);
		ck_assert_int_eq(cw_message_decode(&got, copy, cut), -EPROTO);
		free(copy);
	}
	ck_assert_int_eq(cw_message_decode(&got, record, size + 1), -EPROTO);
}
END_TEST

static void patch(size_t offset, uint32_t value, size_t bytes)
{
	memcpy(record + offset, &value, bytes);
}

START_TEST(refused_when_a_field_is_wrong)
{
	static const struct {
		size_t offset, bytes;
		uint32_t value;
		int error;
	} cases[] = {
		{ offsetof(struct cw_frame, magic), 4, 0, -EPROTO },
		{ offsetof(struct cw_frame, version), 2, 2, -EPROTONOSUPPORT },
		{ offsetof(struct cw_frame, command), 2, CW_COMMAND_COUNT,
		  -EPROTO },
		{ offsetof(struct cw_frame, command), 2, 0xffff, -EPROTO },
		{ offsetof(struct cw_frame, result), 4, CW_RESULT_COUNT,
		  -EPROTO },
		{ offsetof(struct cw_frame, size), 4, 0, -EPROTO },
		{ offsetof(struct cw_frame, size), 4, UINT32_MAX, -EPROTO },
		{ sizeof(struct cw_frame) + 3, 1, 0, -EPROTO },
	};
	size_t size;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size = encode_sample();
		patch(cases[i].offset, cases[i].value, cases[i].bytes);
		ck_assert_msg(cw_message_decode(&got, record, size) ==
			      cases[i].error, "case %zu", i);
	}
}
END_TEST

START_TEST(survives_random_records)
{
	size_t size, flips;

	srand(1);
	for (int i = 0; i < 200000; i++) {
		size = encode_sample();
		for (flips = rand() % 4; flips; flips--)
			record[rand() % size] ^= 1 << rand() % 8;
		if (rand() % 4 == 0)
			size = rand() % (size + 8);
		if (cw_message_decode(&got, record, size))
			continue;
		ck_assert_uint_eq(strlen(got.text), got.length);
		ck_assert_int_lt(got.command, CW_COMMAND_COUNT);
	}
}
END_TEST

START_TEST(one_line_whatever_the_value)
{
	static const char evil[] = "a\nmode: enforce\\\t\x7f\001z";
	char value[64];

	cw_message_init(&sent, CW_COMMAND_LOAD, CW_RESULT_OK);
	cw_message_add(&sent, CW_KEY_FILE, "%s", evil);
	ck_assert_str_eq(sent.text, "file: a\\012mode: enforce\\134\\011"
			 "\\177\\001z\n");
	ck_assert(!cw_pair_get(sent.text, CW_KEY_MODE, value, sizeof(value)));
	ck_assert(cw_pair_get(sent.text, CW_KEY_FILE, value, sizeof(value)));
	ck_assert_str_eq(value, evil);
}
END_TEST

START_TEST(whole_line_left_out_when_full)
{
	static char big[CW_CONTROL_TEXT_MAX];
	size_t before;

	memset(big, 'x', sizeof(big) - 1);
	cw_message_init(&sent, CW_COMMAND_STATUS, CW_RESULT_OK);
	cw_message_add(&sent, "first", "1");
	before = sent.length;
	cw_message_add(&sent, "big", "%s", big);
	ck_assert_uint_eq(sent.length, before);
	ck_assert_str_eq(sent.text, "first: 1\n");
	cw_message_add(&sent, "second", "2");
	ck_assert_str_eq(sent.text, "first: 1\nsecond: 2\n");
	for (int i = 0; i < 10000; i++)
		cw_message_add(&sent, "key", "%d", i);
	ck_assert_uint_le(sent.length, CW_CONTROL_TEXT_MAX);
	ck_assert_int_eq(sent.text[sent.length - 1], '\n');
	ck_assert_uint_le(cw_message_encode(&sent, record), CW_RECORD_MAX);
}
END_TEST

START_TEST(worst_path_fits)
{
	static char path[CW_PATH_MAX], back[CW_PATH_MAX];

	memset(path, '\n', sizeof(path) - 1);
	path[0] = '/';
	cw_message_init(&sent, CW_COMMAND_LOAD, CW_RESULT_OK);
	cw_message_add(&sent, CW_KEY_FILE, "%s", path);
	ck_assert(cw_pair_get(sent.text, CW_KEY_FILE, back, sizeof(back)));
	ck_assert_str_eq(back, path);
	ck_assert(!cw_pair_get(sent.text, CW_KEY_FILE, back, sizeof(back) - 1));
}
END_TEST

START_TEST(pairs_as_written)
{
	static const char text[] = "abi: 2\nnonsense\nempty: \nfeatures: 0x1f\n"
		"bad: 12x\nnegative: -1\nlast: end";
	char value[16];

	ck_assert_uint_eq(cw_pair_number(text, "abi"), 2);
	ck_assert_uint_eq(cw_pair_number(text, "features"), 0x1f);
	ck_assert_uint_eq(cw_pair_number(text, "bad"), 0);
	ck_assert_uint_eq(cw_pair_number(text, "negative"), 0);
	ck_assert_uint_eq(cw_pair_number(text, "ab"), 0);
	ck_assert(cw_pair_get(text, "empty", value, sizeof(value)));
	ck_assert_str_eq(value, "");
	ck_assert(cw_pair_get(text, "last", value, sizeof(value)));
	ck_assert_str_eq(value, "end");
	ck_assert(!cw_pair_get(text, "nonsense", value, sizeof(value)));
}
END_TEST

START_TEST(unescape_only_what_is_escaped)
{
	char out[32];

	ck_assert_uint_eq(cw_unescape(out, "a\\040b", 6), 3);
	ck_assert_str_eq(out, "a b");
	cw_unescape(out, "\\4000\\08\\", 9);
	ck_assert_str_eq(out, "\\4000\\08\\");
	ck_assert_uint_eq(cw_unescape(out, "\\377", 4), 1);
	ck_assert_uint_eq((unsigned char)out[0], 0xff);
}
END_TEST

START_TEST(nul_in_a_value_is_no_value)
{
	char value[16];

	ck_assert(!cw_pair_get("file: a\\000b\n", "file", value,
			       sizeof(value)));
}
END_TEST

static void make_pair(int pair[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
				    SOCK_NONBLOCK, 0, pair), 0);
}

START_TEST(descriptor_goes_along)
{
	int pair[2], fd;
	char byte;

	make_pair(pair);
	encode_sample();
	fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(cw_message_send(pair[0], &sent, fd), 0);
	close(fd);
	ck_assert_int_eq(cw_message_receive(pair[1], &got, &fd), 0);
	ck_assert_int_ge(fd, 0);
	ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(read(fd, &byte, 1), 1);
	close(fd);
	ck_assert_int_eq(cw_message_send(pair[0], &sent, -1), 0);
	ck_assert_int_eq(cw_message_receive(pair[1], &got, &fd), 0);
	ck_assert_int_eq(fd, -1);
	close(pair[0]);
	ck_assert_int_eq(cw_message_receive(pair[1], &got, &fd), -ENODATA);
	close(pair[1]);
}
END_TEST

START_TEST(last_record_comes_after_an_early_end)
{
	int pair[2], fd;

	make_pair(pair);
	encode_sample();
	ck_assert_int_eq(cw_message_send(pair[0], &sent, 0), 0);
	close(pair[0]);
	early_ends = 1;
	ck_assert_int_eq(cw_message_receive(pair[1], &got, &fd), 0);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(cw_message_receive(pair[1], &got, &fd), -ENODATA);
	close(pair[1]);
}
END_TEST

/* An empty record is none, and no reason to wait for another. */
START_TEST(empty_record_is_an_end)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	ck_assert_int_eq(send(pair[0], "", 0, 0), 0);
	ck_assert_int_eq(cw_message_receive(pair[1], &got, NULL), -ENODATA);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

START_TEST(descriptor_not_taken_when_not_wanted)
{
	int pair[2], before, after;

	make_pair(pair);
	encode_sample();
	before = dup(0);
	close(before);
	ck_assert_int_eq(cw_message_send(pair[0], &sent, 0), 0);
	ck_assert_int_eq(cw_message_receive(pair[1], &got, NULL), -EPROTO);
	after = dup(0);
	close(after);
	ck_assert_int_eq(before, after);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

START_TEST(too_long_record_is_refused)
{
	static char big[CW_RECORD_MAX + 1];
	int pair[2];

	make_pair(pair);
	ck_assert_int_eq(send(pair[0], big, sizeof(big), 0), sizeof(big));
	ck_assert_int_eq(cw_message_receive(pair[1], &got, NULL), -EPROTO);
	ck_assert_int_eq(cw_message_receive(pair[1], &got, NULL), -EAGAIN);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

static Suite *proto_suite(void)
{
	Suite *suite = suite_create("proto");
	TCase *tests = tcase_create("proto");

	tcase_add_test(tests, same_after_round_trip);
	tcase_add_test(tests, refused_at_every_truncation);
	tcase_add_test(tests, refused_when_a_field_is_wrong);
	tcase_add_test(tests, survives_random_records);
	tcase_add_test(tests, one_line_whatever_the_value);
	tcase_add_test(tests, whole_line_left_out_when_full);
	tcase_add_test(tests, worst_path_fits);
	tcase_add_test(tests, pairs_as_written);
	tcase_add_test(tests, unescape_only_what_is_escaped);
	tcase_add_test(tests, nul_in_a_value_is_no_value);
	tcase_add_test(tests, descriptor_goes_along);
	tcase_add_test(tests, last_record_comes_after_an_early_end);
	tcase_add_test(tests, empty_record_is_an_end);
	tcase_add_test(tests, descriptor_not_taken_when_not_wanted);
	tcase_add_test(tests, too_long_record_is_refused);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv)
{
	return fixture_main(argc, argv, proto_suite);
}
