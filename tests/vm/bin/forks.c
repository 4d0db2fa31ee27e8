// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts and ends processes as fast as it can:
 *
 *	forks PARALLEL COUNT SECONDS FILE
 *
 * COUNT programs in all, PARALLEL at a time, or as many as start in SECONDS;
 * half of the workers use fork(), half vfork().  FILE is made: the smallest
 * program there is, so that the time goes into processes and not into loading
 * them.  Prints how many there were; status 1 when one went wrong.
 */
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BASE 0x400000

static const struct smallest {
	Elf64_Ehdr file;
	Elf64_Phdr segment;
	unsigned char code[8];
} smallest = {
	.file = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = BASE + offsetof(struct smallest, code),
		.e_phoff = offsetof(struct smallest, segment),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
	},
	.segment = {
		.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = BASE,
		.p_filesz = sizeof(struct smallest),
		.p_memsz = sizeof(struct smallest), .p_align = 4096,
	},
	/* xor edi,edi; mov al,60; syscall: exit(0), for rax starts as 0 */
	.code = { 0x31, 0xff, 0xb0, 0x3c, 0x0f, 0x05 },
};

static void make_program(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	if (fd < 0 || write(fd, &smallest, sizeof(smallest)) !=
	    sizeof(smallest) || close(fd)) {
		perror(path);
		exit(2);
	}
}

static int start(char *path, int quick)
{
	char *argv[] = { path, NULL }, *environment[] = { NULL };
	pid_t pid = quick ? vfork() : fork();

	if (!pid) {
		execve(path, argv, environment);
		_exit(127);
	}
	return pid;
}

static int work(char *path, int count, int quick, time_t end, int *done)
{
	int status;

	for (; count && time(NULL) < end; count--) {
		pid_t pid = start(path, quick);

		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			return 1;
		__atomic_add_fetch(done, 1, __ATOMIC_RELAXED);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int i, parallel, status, bad = 0, *done;
	time_t end;

	if (argc != 5)
		return 2;
	parallel = atoi(argv[1]);
	end = time(NULL) + atoi(argv[3]);
	make_program(argv[4]);
	done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < parallel; i++)
		if (!fork())
			_exit(work(argv[4], atoi(argv[2]) / parallel, i % 2,
				   end, done));
	while (wait(&status) > 0)
		bad |= status;
	printf("%d\n", *done);
	return bad != 0;
}
