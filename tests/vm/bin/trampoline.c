// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts a BPF trampoline on a kernel function and leaves it there.
 *
 *	trampoline fentry|fexit|fmod_ret FUNCTION
 *
 * The program does nothing and returns 0.  Prints "attached" and lives until
 * it is killed; or prints the error and leaves with 1.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const kinds[] = { "fentry", "fmod_ret", "fexit" };
static const enum bpf_attach_type types[] = {
	BPF_TRACE_FENTRY, BPF_MODIFY_RETURN, BPF_TRACE_FEXIT,
};

static char log_text[65536];

static int die(const char *what)
{
	fprintf(stderr, "trampoline: %s: %s\n%s", what, strerror(errno),
		log_text);
	exit(1);
}

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static char *read_btf(void)
{
	FILE *file = fopen("/sys/kernel/btf/vmlinux", "r");
	struct stat status;
	char *data;

	if (!file || fstat(fileno(file), &status))
		die("/sys/kernel/btf/vmlinux");
	data = malloc(status.st_size);
	if (!data || fread(data, status.st_size, 1, file) != 1)
		die("/sys/kernel/btf/vmlinux");
	return data;
}

/* What follows a type in the table, beside its own struct. */
static size_t tail_of(const struct btf_type *type)
{
	size_t members = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return members * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return members * 8;
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return members * 12;
	default:
		return 0;
	}
}

static unsigned int find_function(const char *name)
{
	const struct btf_header *header = (void *)read_btf();
	const char *types_at = (const char *)header + header->hdr_len + header->type_off;
	const char *names = (const char *)header + header->hdr_len + header->str_off;
	const char *at = types_at;
	unsigned int id;

	for (id = 1; at < types_at + header->type_len; id++) {
		const struct btf_type *type = (const void *)at;

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC &&
		    !strcmp(names + type->name_off, name))
			return id;
		at += sizeof(*type) + tail_of(type);
	}
	errno = ENOENT;
	return die(name);
}

static int load(enum bpf_attach_type type, unsigned int function)
{
	static const struct bpf_insn return_0[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.expected_attach_type = type,
		.attach_btf_id = function,
		.insns = (unsigned long)return_0,
		.insn_cnt = 2,
		.license = (unsigned long)"GPL",
		.log_level = 1,
		.log_buf = (unsigned long)log_text,
		.log_size = sizeof(log_text),
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

int main(int argc, char **argv)
{
	union bpf_attr attach = { 0 };
	int i, program;

	if (argc != 3)
		return 2;
	for (i = 0; i < 3 && strcmp(argv[1], kinds[i]); i++)
		;
	if (i == 3)
		return 2;
	program = load(types[i], find_function(argv[2]));
	if (program < 0)
		die("load");
	attach.raw_tracepoint.prog_fd = program;
	if (bpf(BPF_RAW_TRACEPOINT_OPEN, &attach) < 0)
		die("attach");
	puts("attached");
	fflush(stdout);
	pause();
	return 0;
}
