// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches a BPF program to a cgroup that rewrites where its processes go:
 *
 *	rewrite CGROUP connect|sendmsg ADDRESS
 *
 * connect() is rewritten, or sends of UDP that name their address, of the family of
 * ADDRESS.  The program stays until the cgroup is removed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char log_text[65536];

static int die(const char *what)
{
	fprintf(stderr, "rewrite: %s: %s\n%s", what, strerror(errno), log_text);
	exit(1);
}

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static struct bpf_insn move(int to, int value)
{
	return (struct bpf_insn){ .code = BPF_ALU | BPF_MOV | BPF_K,
				  .dst_reg = to, .imm = value };
}

/* *(u32 *)(context + offset) = r2 */
static struct bpf_insn store(int offset)
{
	return (struct bpf_insn){ .code = BPF_STX | BPF_MEM | BPF_W,
				  .dst_reg = 1, .src_reg = 2, .off = offset };
}

static int make(struct bpf_insn *program, const unsigned int *word, int is_v6)
{
	int count = 0, at = is_v6 ? offsetof(struct bpf_sock_addr, user_ip6) :
				    offsetof(struct bpf_sock_addr, user_ip4);

	for (int i = 0; i < (is_v6 ? 4 : 1); i++) {
		program[count++] = move(2, word[i]);
		program[count++] = store(at + 4 * i);
	}
	program[count++] = move(0, 1);
	program[count++] = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	return count;
}

int main(int argc, char **argv)
{
	static const enum bpf_attach_type types[2][2] = {
		{ BPF_CGROUP_INET4_CONNECT, BPF_CGROUP_INET6_CONNECT },
		{ BPF_CGROUP_UDP4_SENDMSG, BPF_CGROUP_UDP6_SENDMSG },
	};
	struct bpf_insn program[16];
	unsigned int word[4] = {};
	union bpf_attr attr;
	int is_v6, group, fd;

	if (argc != 4)
		return 2;
	is_v6 = strchr(argv[3], ':') != NULL;
	if (inet_pton(is_v6 ? AF_INET6 : AF_INET, argv[3], word) != 1)
		return 2;
	group = open(argv[1], O_RDONLY | O_DIRECTORY);
	if (group < 0)
		die(argv[1]);
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
	attr.expected_attach_type = types[!strcmp(argv[2], "sendmsg")][is_v6];
	attr.insns = (unsigned long)program;
	attr.insn_cnt = make(program, word, is_v6);
	attr.license = (unsigned long)"GPL";
	attr.log_buf = (unsigned long)log_text;
	attr.log_size = sizeof(log_text);
	attr.log_level = 1;
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		die("load");
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = group;
	attr.attach_bpf_fd = fd;
	attr.attach_type = types[!strcmp(argv[2], "sendmsg")][is_v6];
	if (bpf(BPF_PROG_ATTACH, &attr))
		die("attach");
	return 0;
}
