// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lets /proc/self/exe say that this is another program, then connects:
 *
 *	spoof map|file OTHER ADDRESS PORT
 *
 * map: PR_SET_MM_MAP in a user namespace of its own, where anybody may.
 * file: PR_SET_MM_EXE_FILE, for root.  The kernel refuses while the old
 * executable is mapped, so all of it is moved to anonymous memory first.
 * Prints what prctl() answered, what /proc/self/exe says and how the
 * connection went.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAPPINGS 16

static struct mapping {
	char *start, *end;
	int protection;
} mappings[MAPPINGS];

static int read_mappings(const char *self)
{
	FILE *file = fopen("/proc/self/maps", "r");
	char line[512], rights[5];
	int count = 0;

	while (file && count < MAPPINGS && fgets(line, sizeof(line), file)) {
		struct mapping *mapping = &mappings[count];

		if (!strstr(line, self) ||
		    sscanf(line, "%p-%p %4s", (void **)&mapping->start,
			   (void **)&mapping->end, rights) != 3)
			continue;
		mapping->protection = (rights[0] == 'r' ? PROT_READ : 0) |
				      (rights[1] == 'w' ? PROT_WRITE : 0) |
				      (rights[2] == 'x' ? PROT_EXEC : 0);
		count++;
	}
	if (file)
		fclose(file);
	return count;
}

/* The copy takes the place of the original while its code runs. */
static void make_anonymous(const struct mapping *mapping)
{
	size_t size = mapping->end - mapping->start;
	void *copy = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(copy, mapping->start, size);
	mprotect(copy, size, mapping->protection);
	mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED,
	       mapping->start);
}

static int set_map(int fd)
{
	unsigned long here = (unsigned long)mappings[0].start;
	unsigned long heap = (unsigned long)sbrk(0);
	struct prctl_mm_map map = {
		.start_code = here, .end_code = here + 1,
		.start_data = here, .end_data = here + 1,
		.start_brk = heap, .brk = heap,
		.start_stack = (unsigned long)&map,
		.arg_start = (unsigned long)&map,
		.arg_end = (unsigned long)&map,
		.env_start = (unsigned long)&map,
		.env_end = (unsigned long)&map,
		.exe_fd = fd,
	};

	return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0);
}

static int set_file(int fd)
{
	return prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0);
}

static void dial(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_port = htons(atoi(port));
	inet_pton(AF_INET, address, &to.sin_addr);
	puts(connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&to,
		     sizeof(to)) ? strerror(errno) : "connected");
}

int main(int argc, char **argv)
{
	char self[512] = "", seen[512] = "";
	int map = argc == 5 && !strcmp(argv[1], "map"), i, count, ret, fd;

	if (argc != 5 || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 2;
	if (map && unshare(CLONE_NEWUSER))
		return 3;
	fd = open(argv[2], O_RDONLY);
	count = read_mappings(self);
	for (i = 0; i < count; i++)
		make_anonymous(&mappings[i]);
	ret = map ? set_map(fd) : set_file(fd);
	printf("prctl: %s\n", ret ? strerrorname_np(errno) : "0");
	if (readlink("/proc/self/exe", seen, sizeof(seen) - 1) > 0)
		printf("exe: %s\n", seen);
	dial(argv[3], argv[4]);
	return 0;
}
