// SPDX-License-Identifier: GPL-2.0-only
/* The join of sockets and processes, in a tree of files that stands in for
 * /proc. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "include/cw_abi.h"
#include "policyctl/rows/proc.h"
#include "text.h"

#define HEADER	"  sl  local_address rem_address   st tx_queue rx_queue tr " \
		"tm->when retrnsmt   uid  timeout inode\n"
#define REST	" 00000000:00000000 00:00000000 00000000 "

static struct cw_proc proc;

static void setup(void)
{
	text_init();
	memset(&proc, 0, sizeof(proc));
}

static void teardown(void)
{
	cw_proc_free(&proc);
	text_exit();
}

/* ---- making the tree ----------------------------------------------------- */

static void link_to(const char *name, const char *target)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", text_dir, name);
	ck_assert_int_eq(symlink(target, path), 0);
}

/* A process of the namespace @netns with the executable @exe. */
static void add_process(unsigned tgid, unsigned netns, const char *exe,
			unsigned long start)
{
	char name[64], text[256];

	snprintf(name, sizeof(name), "%u/stat", tgid);
	snprintf(text, sizeof(text), "%u (a) S 1 (b) S 1 1 1 0 -1 4194304 1 0 "
		 "0 0 0 0 0 0 20 0 1 0 %lu 1 1\n", tgid, start);
	text_write(name, text);
	snprintf(name, sizeof(name), "%u/fd/keep", tgid);
	text_write(name, "");
	snprintf(name, sizeof(name), "%u/ns/keep", tgid);
	text_write(name, "");
	snprintf(name, sizeof(name), "%u/ns/net", tgid);
	snprintf(text, sizeof(text), "net:[%u]", netns);
	link_to(name, text);
	snprintf(name, sizeof(name), "%u/exe", tgid);
	link_to(name, exe);
}

static void add_fd(unsigned tgid, unsigned fd, const char *target)
{
	char name[64];

	snprintf(name, sizeof(name), "%u/fd/%u", tgid, fd);
	link_to(name, target);
}

/* An address as the kernel of this machine prints it. */
static const char *hex(const char *text)
{
	static char words[4][33];
	static unsigned turn;
	char *out = words[turn++ % 4], *at = out;
	uint32_t word[4];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	ck_assert_int_eq(inet_pton(family, text, word), 1);
	for (int i = 0; i < (family == AF_INET6 ? 4 : 1); i++)
		at += sprintf(at, "%08X", word[i]);
	return out;
}

struct line {
	const char *local, *remote;
	unsigned local_port, remote_port, state;
	unsigned long inode;
};

static void add_table(const char *name, const struct line *lines, size_t count)
{
	char text[8192] = HEADER, *at = text + strlen(text);

	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "%4zu: %s:%04X %s:%04X %02X" REST
			      "%5u        0 %lu 1 0000000000000000 100\n", i,
			      hex(lines[i].local), lines[i].local_port,
			      hex(lines[i].remote), lines[i].remote_port,
			      lines[i].state, 1000u, lines[i].inode);
	text_write(name, text);
}

/* ---- asking -------------------------------------------------------------- */

static void read_proc(size_t sockets)
{
	ck_assert_int_eq(cw_proc_read(&proc, text_dir), 0);
	ck_assert_uint_eq(proc.socket_count, sockets);
}

static const struct cw_proc_socket *find(uint64_t inode)
{
	for (size_t i = 0; i < proc.socket_count; i++)
		if (proc.sockets[i].inode == inode)
			return &proc.sockets[i];
	ck_abort_msg("no socket with inode %lu", (unsigned long)inode);
	return NULL;
}

/* The @number-th holder, counted from 0; 0 = it has not so many. */
static unsigned holder(const struct cw_proc_socket *socket, unsigned number)
{
	uint32_t at = socket->holder;

	while (number-- && at != CW_PROC_NONE)
		at = proc.holders[at].next;
	return at == CW_PROC_NONE
		? 0 : proc.processes[proc.holders[at].process].tgid;
}

static void is_address(const uint8_t *address, const char *text)
{
	uint8_t expected[16] = { 0 };

	inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, expected);
	ck_assert_int_eq(memcmp(address, expected, 16), 0);
}

/* ---- tests --------------------------------------------------------------- */

START_TEST(address_of_either_byte_order)
{
	uint8_t address[16], family;

	ck_assert(cw_proc_decode_address("0700A8C0", false, address, &family));
	ck_assert_int_eq(family, 4);
	is_address(address, "192.168.0.7");
	ck_assert(cw_proc_decode_address("C0A80007", true, address, &family));
	is_address(address, "192.168.0.7");
	ck_assert(cw_proc_decode_address("B80D0120000000000000000001000000",
					 false, address, &family));
	ck_assert_int_eq(family, 6);
	is_address(address, "2001:db8::1");
	ck_assert(cw_proc_decode_address("20010DB8000000000000000000000001",
					 true, address, &family));
	is_address(address, "2001:db8::1");
	ck_assert(cw_proc_decode_address("0000000000000000FFFF00000100007F",
					 false, address, &family));
	ck_assert_int_eq(family, 4);
	is_address(address, "127.0.0.1");
	ck_assert(cw_proc_decode_address("00000000000000000000FFFF7F000001",
					 true, address, &family));
	ck_assert_int_eq(family, 4);
	is_address(address, "127.0.0.1");
}
END_TEST

START_TEST(refuse_what_is_no_address)
{
	static const char *const texts[] = {
		"", "0", "0100007", "0100007F0", "0100007G", "0x00007F",
		"B80D012000000000000000000100000", "-100007F", " 100007F",
		"B80D01200000000000000000010000000",
	};
	uint8_t address[16], family;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(!cw_proc_decode_address(texts[i], false, address,
						      &family), "%s", texts[i]);
}
END_TEST

START_TEST(join_by_inode)
{
	static const struct line tcp[] = {
		{ "0.0.0.0", "0.0.0.0", 80, 0, 10, 100 },
		{ "10.0.0.1", "192.0.2.7", 80, 4242, 1, 101 },
		{ "10.0.0.1", "192.0.2.8", 5000, 443, 1, 102 },
		{ "10.0.0.1", "192.0.2.8", 5001, 443, 2, 103 },
		{ "10.0.0.1", "192.0.2.8", 5002, 443, 6, 0 },
		{ "10.0.0.1", "192.0.2.9", 80, 443, 3, 0 },
	};
	const struct cw_proc_socket *socket;

	add_process(7, 1, "/usr/sbin/nginx", 50);
	add_process(8, 1, "/usr/bin/curl", 60);
	add_table("7/net/tcp", tcp, 6);
	add_table("8/net/tcp", tcp, 6);
	add_fd(7, 3, "socket:[100]");
	add_fd(7, 4, "socket:[101]");
	add_fd(8, 0, "pipe:[102]");
	add_fd(8, 5, "socket:[102]");
	add_fd(8, 6, "socket:[999]");
	add_fd(8, 7, "socket:[103]");
	read_proc(5);
	socket = find(101);
	ck_assert(socket->in);
	ck_assert_int_eq(socket->state, CW_PROC_OPEN);
	ck_assert_uint_eq(socket->netns, 1);
	ck_assert_uint_eq(socket->uid, 1000);
	ck_assert_uint_eq(socket->local_port, 80);
	is_address(socket->remote, "192.0.2.7");
	ck_assert_uint_eq(holder(socket, 0), 7);
	ck_assert_uint_eq(holder(socket, 1), 0);
	socket = find(102);
	ck_assert(!socket->in);
	ck_assert_uint_eq(holder(socket, 0), 8);
	ck_assert_int_eq(find(103)->state, CW_PROC_OPENING);
	ck_assert(!find(103)->in);
	ck_assert_int_eq(proc.sockets[3].state, CW_PROC_CLOSED);
	ck_assert_uint_eq(holder(&proc.sockets[3], 0), 0);
	ck_assert(proc.sockets[4].in);
	ck_assert_uint_eq(proc.process_count, 2);
	ck_assert_str_eq(proc.processes[holder(socket, 0) ==
			 proc.processes[0].tgid ? 0 : 1].exe, "/usr/bin/curl");
}
END_TEST

START_TEST(oldest_holder_comes_first)
{
	static const struct line tcp[] = {
		{ "10.0.0.1", "192.0.2.8", 5000, 443, 1, 102 },
	};

	add_process(9, 1, "/usr/bin/a\\ b", 70);
	add_process(20, 1, "/usr/bin/old", 10);
	add_process(30, 1, "/usr/bin/young", 700);
	add_table("20/net/tcp", tcp, 1);
	add_table("9/net/tcp", tcp, 1);
	add_table("30/net/tcp", tcp, 1);
	for (unsigned fd = 3; fd < 6; fd++) {
		add_fd(9, fd, "socket:[102]");
		add_fd(30, fd, "socket:[102]");
	}
	add_fd(20, 3, "socket:[102]");
	read_proc(1);
	ck_assert_uint_eq(holder(find(102), 0), 20);
	ck_assert_uint_eq(holder(find(102), 1), 9);
	ck_assert_uint_eq(holder(find(102), 2), 30);
	ck_assert_uint_eq(holder(find(102), 3), 0);
	for (size_t i = 0; i < proc.process_count; i++)
		if (proc.processes[i].tgid == 9)
			ck_assert_str_eq(proc.processes[i].exe,
					 "/usr/bin/a\\134\\040b");
}
END_TEST

START_TEST(each_namespace_is_read_once)
{
	static const struct line first[] = {
		{ "10.0.0.1", "192.0.2.8", 5000, 443, 1, 11 },
	}, second[] = {
		{ "10.0.0.1", "192.0.2.8", 5000, 443, 1, 22 },
		{ "10.0.0.2", "192.0.2.8", 443, 5000, 1, 23 },
	}, listening[] = {
		{ "0.0.0.0", "0.0.0.0", 443, 0, 10, 12 },
	};

	add_process(5, 1, "/bin/a", 1);
	add_process(6, 1, "/bin/a", 1);
	add_process(7, 2, "/bin/b", 1);
	add_table("5/net/tcp", first, 1);
	add_table("6/net/tcp", first, 1);
	add_table("5/net/tcp6", listening, 1);
	add_table("6/net/tcp6", listening, 1);
	add_table("7/net/tcp", second, 2);
	add_fd(5, 3, "socket:[11]");
	add_fd(7, 3, "socket:[22]");
	read_proc(3);
	ck_assert_uint_eq(proc.namespace_count, 2);
	ck_assert(cw_proc_has_namespace(&proc, 1));
	ck_assert(cw_proc_has_namespace(&proc, 2));
	ck_assert(!cw_proc_has_namespace(&proc, 3));
	ck_assert_uint_eq(find(11)->netns, 1);
	ck_assert_uint_eq(find(22)->netns, 2);
	ck_assert_uint_eq(holder(find(22), 0), 7);
	/* The listener on 443 is in the other namespace. */
	ck_assert(!find(23)->in);
}
END_TEST

START_TEST(every_protocol_and_family)
{
	static const struct line tcp6[] = {
		{ "2001:db8::5", "2001:db8::1", 5000, 443, 1, 1 },
		{ "::ffff:10.0.0.1", "::ffff:192.0.2.8", 5000, 443, 1, 2 },
		{ "::", "::ffff:192.0.2.8", 5001, 443, 2, 3 },
		{ "::", "::", 80, 0, 10, 4 },
	}, udp[] = {
		{ "10.0.0.1", "192.0.2.53", 5000, 53, 1, 5 },
		{ "0.0.0.0", "0.0.0.0", 53, 0, 7, 6 },
	}, raw[] = {
		{ "0.0.0.0", "192.0.2.9", 1, 0, 1, 7 },
		{ "0.0.0.0", "0.0.0.0", 255, 0, 7, 8 },
	}, icmp[] = {
		{ "10.0.0.1", "192.0.2.9", 77, 0, 1, 9 },
	};

	add_process(5, 1, "/bin/a", 1);
	add_table("5/net/tcp6", tcp6, 4);
	add_table("5/net/udp", udp, 2);
	add_table("5/net/raw", raw, 2);
	add_table("5/net/icmp", icmp, 1);
	read_proc(6);
	ck_assert_int_eq(find(1)->family, 6);
	is_address(find(1)->local, "2001:db8::5");
	ck_assert_int_eq(find(2)->family, 4);
	is_address(find(2)->remote, "192.0.2.8");
	ck_assert_int_eq(find(3)->family, 4);
	is_address(find(3)->local, "0.0.0.0");
	ck_assert_int_eq(find(5)->proto, CW_PROTO_UDP);
	ck_assert(!find(5)->in);
	ck_assert_int_eq(find(7)->proto, CW_PROTO_RAW);
	ck_assert_uint_eq(find(7)->local_port, 0);
	ck_assert_int_eq(find(9)->proto, CW_PROTO_ICMP);
}
END_TEST

START_TEST(sctp_associations)
{
	add_process(5, 1, "/bin/a", 1);
	text_write("5/net/sctp/assocs",
		   " ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE\n"
		   "0 0 2   1   3  0       1        0        0       0 21 "
		   "4000  132  10.0.0.1 *10.0.0.9 <-> *192.0.2.1 192.0.2.2 \t"
		   "    7500    10    10   10    0    0        0        1\n"
		   "0 0 2   1   1  0       2        0        0       0 22 "
		   "132  4000  2001:db8:0:0:0:0:0:1 <-> *2001:db8::2 \t 1 2\n"
		   "0 0 2   1   3  0       2        0        0       0 23 "
		   "132  4000 10.0.0.1 192.0.2.1 1 2\n"
		   "0 0 2 1 3 0 2 0 0 0 24 132 4000 <->\n");
	text_write("5/net/sctp/eps",
		   " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n"
		   "0 0 2   10  0    4000      0 30 0.0.0.0 \n");
	add_fd(5, 3, "socket:[21]");
	read_proc(2);
	is_address(find(21)->local, "10.0.0.9");
	is_address(find(21)->remote, "192.0.2.1");
	ck_assert_uint_eq(find(21)->remote_port, 132);
	ck_assert(find(21)->in);
	ck_assert_uint_eq(holder(find(21), 0), 5);
	ck_assert_int_eq(find(22)->state, CW_PROC_OPENING);
	ck_assert_int_eq(find(22)->family, 6);
	is_address(find(22)->remote, "2001:db8::2");
}
END_TEST

/* What a process leaves that went while we looked. */
START_TEST(vanished_processes_are_survived)
{
	static const struct line tcp[] = {
		{ "10.0.0.1", "192.0.2.8", 5000, 443, 1, 11 },
	};

	text_write("3/comm", "");
	text_write("4/ns/keep", "");
	link_to("4/ns/net", "net:[1]");
	add_process(5, 1, "/bin/a", 1);
	add_table("5/net/tcp", tcp, 1);
	add_table("4/net/tcp", tcp, 1);
	text_write("6/fd/keep", "");
	add_fd(6, 3, "socket:[11]");
	add_fd(5, 3, "socket:[11]");
	text_write("self/comm", "");
	text_write("12x/comm", "");
	text_write("99999999999999999999/comm", "");
	read_proc(1);
	/* 6 has neither start nor executable, and counts as oldest. */
	ck_assert_uint_eq(holder(find(11), 0), 6);
	ck_assert_uint_eq(holder(find(11), 1), 5);
	ck_assert_str_eq(proc.processes[proc.holders[find(11)->holder]
			 .process].exe, "?");
}
END_TEST

START_TEST(malformed_lines_are_left_out)
{
	static const struct line good[] = {
		{ "10.0.0.1", "192.0.2.8", 5000, 443, 1, 11 },
	};
	char text[4096];

	add_process(5, 1, "/bin/a", 1);
	add_table("5/net/udp", good, 1);
	snprintf(text, sizeof(text), HEADER "\n"
		 "   0: 0100007F:0050 0200007F:0051 01" REST "0 0\n"
		 "   1: 0100007F:0050 0200007F 01" REST "0 0 7 1\n"
		 "   2: 0100007F:10050 0200007F:0051 01" REST "0 0 7 1\n"
		 "   3: 0100007:0050 0200007F:0051 01" REST "0 0 7 1\n"
		 "   4: 0100007F:0050 %0100d:0051 01" REST "0 0 7 1\n"
		 "   5: 0100007F:0050 0200007F:0051 01" REST "0 0 x 1\n"
		 "no number at all\n   6: 0100007F:0050", 1);
	text_write("5/net/tcp", text);
	text_write("5/net/tcp6", "");
	text_write("5/net/sctp/assocs", "0 0 2\n0 0 2 1 z 0 1 0 0 0 21 4 1\n");
	read_proc(1);
	ck_assert_int_eq(find(11)->proto, CW_PROTO_UDP);
}
END_TEST

START_TEST(lines_that_are_shown_twice_count_once)
{
	static const struct line tcp[] = {
		{ "10.0.0.1", "192.0.2.8", 5000, 443, 1, 11 },
		{ "10.0.0.1", "192.0.2.8", 5001, 443, 1, 12 },
		{ "10.0.0.1", "192.0.2.8", 5000, 443, 1, 11 },
		{ "10.0.0.1", "192.0.2.8", 5000, 444, 1, 11 },
	};

	add_process(5, 1, "/bin/a", 1);
	add_table("5/net/tcp", tcp, 4);
	add_fd(5, 3, "socket:[11]");
	/* 444 is a subflow of MPTCP: one socket, another connection. */
	read_proc(3);
	ck_assert_uint_eq(holder(&proc.sockets[0], 0), 5);
	ck_assert_uint_eq(holder(&proc.sockets[2], 0), 5);
}
END_TEST

START_TEST(mounted_namespace_that_cannot_be_entered_is_counted)
{
	add_process(5, 1, "/bin/a", 1);
	text_write("self/mountinfo",
		   "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
		   "2 1 0:4 net:[1] /run/netns/a rw - nsfs nsfs rw\n"
		   "3 1 0:4 net:[2] /nowhere/at/all rw - nsfs nsfs rw\n"
		   "4 1 0:4 net:[3\n");
	read_proc(0);
	ck_assert_uint_eq(proc.unread, 1);
}
END_TEST

START_TEST(many_sockets)
{
	size_t room = 4 << 20;
	char *text = malloc(room), *at = text;

	add_process(5, 1, "/bin/a", 1);
	at += sprintf(at, HEADER);
	for (unsigned i = 1; i <= 20000; i++)
		at += sprintf(at, "%5u: 0100007F:%04X 0200007F:%04X 01" REST
			      "0 0 %u 1\n", i, i, 443, i);
	text_write("5/net/tcp", text);
	free(text);
	add_fd(5, 3, "socket:[1]");
	add_fd(5, 4, "socket:[20000]");
	read_proc(20000);
	ck_assert_uint_eq(holder(find(1), 0), 5);
	ck_assert_uint_eq(holder(find(2), 0), 0);
	ck_assert_uint_eq(holder(find(20000), 0), 5);
}
END_TEST

START_TEST(no_proc_is_an_error)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/missing", text_dir);
	ck_assert_int_eq(cw_proc_read(&proc, path), -ENOENT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proc");
	TCase *tests = tcase_create("proc");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, address_of_either_byte_order);
	tcase_add_test(tests, refuse_what_is_no_address);
	tcase_add_test(tests, join_by_inode);
	tcase_add_test(tests, oldest_holder_comes_first);
	tcase_add_test(tests, each_namespace_is_read_once);
	tcase_add_test(tests, every_protocol_and_family);
	tcase_add_test(tests, sctp_associations);
	tcase_add_test(tests, vanished_processes_are_survived);
	tcase_add_test(tests, malformed_lines_are_left_out);
	tcase_add_test(tests, lines_that_are_shown_twice_count_once);
	tcase_add_test(tests, mounted_namespace_that_cannot_be_entered_is_counted);
	tcase_add_test(tests, many_sockets);
	tcase_add_test(tests, no_proc_is_an_error);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
