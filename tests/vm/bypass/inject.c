// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a program and makes it connect somewhere before its own first
 * instruction:
 *
 *	inject ptrace|mem ADDRESS PORT PROGRAM
 *
 * The two instructions for that are written by ptrace() or by /proc/PID/mem.
 * Prints what connect() answered in there.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t victim;
static int by_memory;

static void start(char *program)
{
	victim = fork();
	if (!victim) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execl(program, program, NULL);
		_exit(127);
	}
	waitpid(victim, NULL, 0);	/* stops after exec */
}

static void put(unsigned long at, const void *data, size_t size)
{
	const char *bytes = data;
	char path[32];
	long word;
	int fd;

	if (by_memory) {
		snprintf(path, sizeof(path), "/proc/%d/mem", victim);
		fd = open(path, O_WRONLY);
		if (pwrite(fd, data, size, at) != (ssize_t)size)
			perror(path);
		close(fd);
		return;
	}
	for (; size; size -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		ptrace(PTRACE_POKETEXT, victim, at, word);
		at += sizeof(word);
	}
}

/* The victim stands before "syscall; int3". */
static long call(const struct user_regs_struct *from, long number, long a,
		 long b, long c)
{
	struct user_regs_struct regs = *from;

	regs.rax = number;
	regs.orig_rax = -1;
	regs.rdi = a;
	regs.rsi = b;
	regs.rdx = c;
	ptrace(PTRACE_SETREGS, victim, NULL, &regs);
	ptrace(PTRACE_CONT, victim, NULL, 0);
	waitpid(victim, NULL, 0);
	ptrace(PTRACE_GETREGS, victim, NULL, &regs);
	return regs.rax;
}

static long dial(const struct sockaddr_in *to)
{
	struct user_regs_struct regs;
	unsigned long name;
	long fd;

	ptrace(PTRACE_GETREGS, victim, NULL, &regs);
	name = (regs.rsp - 256) & ~15ul;
	put(regs.rip, "\x0f\x05\xcc\xcc\xcc\xcc\xcc\xcc", 8);
	put(name, to, sizeof(*to));
	fd = call(&regs, SYS_socket, AF_INET, SOCK_STREAM, 0);
	return call(&regs, SYS_connect, fd, name, sizeof(*to));
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	long answer;

	if (argc != 5)
		return 2;
	by_memory = !strcmp(argv[1], "mem");
	to.sin_port = htons(atoi(argv[3]));
	if (inet_pton(AF_INET, argv[2], &to.sin_addr) != 1)
		return 2;
	start(argv[4]);
	answer = dial(&to);
	puts(answer ? strerror(-answer) : "connected");
	ptrace(PTRACE_KILL, victim, NULL, 0);
	return answer != 0;
}
