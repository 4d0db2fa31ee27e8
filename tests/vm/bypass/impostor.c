// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connects while pretending to be somebody else, or in an unusual shape:
 *
 *	impostor HOW ADDRESS PORT [FILE]
 *
 * Prints "connected" or the error.  Some ways run FILE, which must take an
 * address and a port, as /usr/bin/curl.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"

#define CURL "/usr/bin/curl"

static char **arguments, *address, *port, *file;

static int say(int error)
{
	dprintf(STDOUT_FILENO, "%s\n", error ? strerror(error) : "connected");
	return error != 0;
}

static int give_up(const char *what)
{
	perror(what);
	return 3;
}

static int dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_port = htons(atoi(port));
	inet_pton(AF_INET, address, &to.sin_addr);
	return say(connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&to,
			   sizeof(to)) ? errno : 0);
}

/* ---- names --------------------------------------------------------------------- */

static int by_comm(void)
{
	prctl(PR_SET_NAME, "curl");
	return dial();
}

static int by_argv(void)
{
	char *ends = arguments[0] + strlen(arguments[0]);

	/* All arguments lie one after the other: room for the path. */
	address = strdup(address);
	port = strdup(port);
	strcpy(ends - strlen(arguments[0]), CURL);
	return dial();
}

/* Writes to its own text, which no other way may. */
static int by_own_memory(void)
{
	int fd = open("/proc/self/mem", O_RDWR);
	char code[4];

	if (pread(fd, code, 4, (long)by_comm) != 4 ||
	    pwrite(fd, code, 4, (long)by_comm) != 4)
		return give_up("/proc/self/mem");
	return by_argv();
}

static int by_rename(void)
{
	char self[4096] = "";

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return give_up("/proc/self/exe");
	if (rename(self, file))
		perror(file);
	return dial();
}

/* ---- files without a name ---------------------------------------------------------- */

static int run(int fd)
{
	char *argv[] = { (char []){ CURL }, address, port, NULL };

	fexecve(fd, argv, environ);
	return give_up("fexecve");
}

static int copy_to(int to)
{
	int from = open(file, O_RDONLY);
	struct stat stat;

	if (fstat(from, &stat))
		return -1;
	return sendfile(to, from, NULL, stat.st_size) == stat.st_size ? 0 : -1;
}

static int by_memfd(void)
{
	int fd = memfd_create(CURL, MFD_CLOEXEC);

	return copy_to(fd) ? give_up("memfd") : run(fd);
}

static int by_descriptor(void)
{
	return run(open(file, O_RDONLY | O_CLOEXEC));
}

static int by_deleted(void)
{
	char path[] = "/tmp/curlXXXXXX";
	int fd = mkstemp(path), readable;

	if (copy_to(fd) || fchmod(fd, 0755))
		return give_up(path);
	readable = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	unlink(path);
	return run(readable);
}

/* In a namespace of its own, where it may: a mount that is nowhere. */
static int detach(int to)
{
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return give_up("unshare");
	fd = syscall(SYS_open_tree, AT_FDCWD, file, 1 /* OPEN_TREE_CLONE */);
	if (fd < 0)
		return give_up("open_tree");
	return send_fd(to, fd) ? give_up("sendmsg") : 0;
}

/* FILE is a directory with usr/bin/curl; run here, in the host's namespace. */
static int by_detached_mount(void)
{
	char *argv[] = { (char []){ CURL }, address, port, NULL };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return give_up("socketpair");
	if (!fork())
		_exit(detach(pair[1]));
	wait(NULL);
	close(pair[1]);
	syscall(SYS_execveat, receive_fd(pair[0]), "usr/bin/curl", argv,
		environ, 0);
	return give_up("execveat");
}

/* ---- shapes of processes --------------------------------------------------------------- */

static int wait_for_child(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
	       WEXITSTATUS(status) : 3;
}

static int by_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(dial());
	return wait_for_child(pid);
}

static int dial_and_exit(void *unused)
{
	(void)unused;
	_exit(dial());
}

/* Another process on the same memory. */
static int by_shared_memory(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	return wait_for_child(clone(dial_and_exit, stack + sizeof(stack),
				    CLONE_VM | SIGCHLD, NULL));
}

static void *dial_in_thread(void *unused)
{
	(void)unused;
	usleep(100000);
	exit(dial());
}

static int by_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, dial_in_thread, NULL);
	pthread_join(thread, NULL);
	return 3;
}

/* The first thread is gone, only a zombie stands for the process. */
static int by_orphan_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, dial_in_thread, NULL);
	pthread_exit(NULL);
}

static int by_setuid(void)
{
	if (setgid(1000) || setuid(1000))
		return give_up("setuid");
	return dial();
}

/* ---- not the Internet --------------------------------------------------------------------- */

/* Nobody listens; a reset shows that it was asked for. */
static int by_vsock(void)
{
	struct sockaddr_vm to = { .svm_family = AF_VSOCK, .svm_port = 1,
				  .svm_cid = VMADDR_CID_LOCAL };
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);

	if (fd < 0)
		return give_up("vsock");
	connect(fd, (void *)&to, sizeof(to));
	return say(errno == ECONNRESET ? 0 : errno);
}

static int by_unix(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX,
				    .sun_path = "\0impostor" };
	int server = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(server, (void *)&name, sizeof(name)) || listen(server, 1))
		return give_up("unix");
	return say(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name,
			   sizeof(name)) ? errno : 0);
}

/* Waits on PORT for somebody and writes to who came. */
static int by_accept(void)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	int server = socket(AF_INET, SOCK_STREAM, 0), on = 1, fd;

	name.sin_port = htons(atoi(port));
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(server, (void *)&name, sizeof(name)) || listen(server, 1))
		return give_up("listen");
	fd = accept(server, NULL, NULL);
	return say(write(fd, "x", 1) == 1 ? 0 : errno);
}

static const struct {
	const char *name;
	int (*connect)(void);
} ways[] = {
	{ "plain", dial },
	{ "comm", by_comm },
	{ "argv", by_argv },
	{ "own-memory", by_own_memory },
	{ "rename", by_rename },
	{ "memfd", by_memfd },
	{ "descriptor", by_descriptor },
	{ "deleted", by_deleted },
	{ "detached-mount", by_detached_mount },
	{ "fork", by_fork },
	{ "shared-memory", by_shared_memory },
	{ "thread", by_thread },
	{ "orphan-thread", by_orphan_thread },
	{ "setuid", by_setuid },
	{ "vsock", by_vsock },
	{ "unix", by_unix },
	{ "accept", by_accept },
};

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc < 4 || argc > 5)
		return 2;
	arguments = argv;
	address = argv[2];
	port = argv[3];
	file = argv[4];
	alarm(30);
	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(ways[i].name, argv[1]))
			return ways[i].connect();
	fprintf(stderr, "impostor: no way is named %s\n", argv[1]);
	return 2;
}
