// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk through /proc and the join of sockets with the processes that have
 * them.  One pass over all descriptors; sockets are found by a hash of their
 * inode.  Prints nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/lib.h"
#include "proc.h"

/* ---- network namespaces -------------------------------------------------- */

bool cw_proc_has_namespace(const struct cw_proc *proc, uint32_t netns)
{
	for (size_t i = 0; i < proc->namespace_count; i++)
		if (proc->namespaces[i] == netns)
			return true;
	return false;
}

static int add_namespace(struct cw_proc *proc, uint32_t netns)
{
	uint32_t *namespaces =
		cw_grow(proc->namespaces, proc->namespace_count,
			&proc->namespace_room, sizeof(*namespaces));

	if (!namespaces)
		return -ENOMEM;
	proc->namespaces = namespaces;
	namespaces[proc->namespace_count++] = netns;
	return 0;
}

/* The number in "net:[4026531840]" or "socket:[123]"; 0 = not such a link. */
static uint64_t link_number(int dir, const char *path, const char *kind)
{
	size_t length = strlen(kind);
	char text[64], *end;
	uint64_t number;
	ssize_t got = readlinkat(dir, path, text, sizeof(text) - 1);

	if (got <= 0)
		return 0;
	text[got] = 0;
	if (strncmp(text, kind, length) || strncmp(text + length, ":[", 2))
		return 0;
	number = strtoull(text + length + 2, &end, 10);
	return strcmp(end, "]") ? 0 : number;
}

/*
 * If the process dies or goes elsewhere while its tables are read, some may
 * be missing or another's: what was read is dropped, and the next process of
 * the namespace is asked.
 */
static int read_namespace_of(struct cw_proc *proc, int root, uint32_t tgid)
{
	size_t before = proc->socket_count;
	char link[32], dir[32];
	uint32_t netns;
	int ret;

	snprintf(link, sizeof(link), "%u/ns/net", tgid);
	snprintf(dir, sizeof(dir), "%u/net", tgid);
	netns = link_number(root, link, "net");
	if (!netns || cw_proc_has_namespace(proc, netns))
		return 0;
	ret = cw_proc_read_tables(proc, root, dir, netns);
	if (ret)
		return ret;
	if (link_number(root, link, "net") == netns)
		return add_namespace(proc, netns);
	proc->socket_count = before;
	return 0;
}

/* A namespace that is mounted somewhere, and may have no process. */
struct mounted {
	struct cw_proc *proc;
	int root, fd;
	uint32_t netns;
	int ret;			/* of reading; -EPERM = cannot enter it */
};

/* A thread of its own, as it leaves the namespace for good. */
static void *enter_and_read(void *data)
{
	struct mounted *mounted = data;

	mounted->ret = setns(mounted->fd, CLONE_NEWNET)
		? -EPERM
		: cw_proc_read_tables(mounted->proc, mounted->root,
				      "thread-self/net", mounted->netns);
	return NULL;
}

static int read_mounted(struct mounted *mounted, const char *path)
{
	struct stat st;
	pthread_t thread;

	mounted->ret = -EPERM;
	mounted->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (mounted->fd < 0)
		return -EPERM;
	if (!fstat(mounted->fd, &st) && st.st_ino == mounted->netns &&
	    !pthread_create(&thread, NULL, enter_and_read, mounted))
		pthread_join(thread, NULL);
	close(mounted->fd);
	return mounted->ret;
}

/* As `ip netns add` makes them. */
static int read_mounted_namespaces(struct cw_proc *proc, int root)
{
	struct mounted mounted = { .proc = proc, .root = root };
	int fd = openat(root, "self/mountinfo", O_RDONLY | O_CLOEXEC), ret = 0;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL, path[4096];
	size_t room = 0;

	while (file && !ret && getline(&line, &room, file) > 0) {
		if (sscanf(line, "%*u %*u %*s net:[%u] %4095s", &mounted.netns,
			   path) != 2 ||
		    cw_proc_has_namespace(proc, mounted.netns))
			continue;
		cw_unescape(path, path, strlen(path));
		ret = read_mounted(&mounted, path);
		if (!ret)
			ret = add_namespace(proc, mounted.netns);
		else if (ret == -EPERM)
			proc->unread++, ret = 0;
	}
	free(line);
	if (file)
		fclose(file);
	return ret;
}

/* ---- the hash ------------------------------------------------------------ */

/* The first socket of @inode, CW_PROC_NONE = there is none. */
static uint32_t first_of(const struct cw_proc *proc, uint64_t inode)
{
	const uint64_t *first = cw_map_get(&proc->first, inode);

	return first && *first ? *first - 1 : CW_PROC_NONE;
}

static bool is_same(const struct cw_proc_socket *a,
		    const struct cw_proc_socket *b)
{
	return a->inode == b->inode && a->netns == b->netns &&
	       a->proto == b->proto && a->local_port == b->local_port &&
	       a->remote_port == b->remote_port &&
	       !memcmp(a->remote, b->remote, sizeof(a->remote));
}

/* A table that changes while it is read may show a line twice. */
static bool is_twice(const struct cw_proc *proc,
		     const struct cw_proc_socket *socket)
{
	uint32_t at = first_of(proc, socket->inode);

	for (; at != CW_PROC_NONE; at = proc->sockets[at].next)
		if (is_same(&proc->sockets[at], socket))
			return true;
	return false;
}

static int hash_sockets(struct cw_proc *proc)
{
	size_t kept = 0;

	if (!cw_map_reserve(&proc->first, proc->socket_count))
		return -ENOMEM;
	for (size_t i = 0; i < proc->socket_count; i++) {
		struct cw_proc_socket socket = proc->sockets[i];

		if (socket.inode && is_twice(proc, &socket))
			continue;
		if (socket.inode) {
			socket.next = first_of(proc, socket.inode);
			*cw_map_put(&proc->first, socket.inode) = kept + 1;
		}
		proc->sockets[kept++] = socket;
	}
	proc->socket_count = kept;
	return 0;
}

/* ---- who holds them ------------------------------------------------------ */

static char *escape(const char *text)
{
	size_t size = strlen(text);
	char *escaped = malloc(4 * size + 1);

	if (escaped)
		cw_text_escape(CW_TEXT_ASCII, text, size, " ", escaped);
	return escaped;
}

/*
 * What the link says is a path in the file system of that process.  Where the
 * host has no such file, or another one, it is printed as the module prints
 * what no path rule may match, so that nobody is taken for a program of the
 * host.
 */
static char *read_exe(int root, uint32_t tgid)
{
	char link[32], path[4096], text[4200];
	struct stat real, named;
	ssize_t got;

	snprintf(link, sizeof(link), "%u/exe", tgid);
	got = readlinkat(root, link, path, sizeof(path) - 1);
	if (got <= 0)
		return strdup("?");
	path[got] = 0;
	if (fstatat(root, link, &real, 0) ||
	    (!stat(path, &named) && real.st_dev == named.st_dev &&
	     real.st_ino == named.st_ino))
		return escape(path);
	snprintf(text, sizeof(text), "[%u:%u]%s", major(real.st_dev),
		 minor(real.st_dev), path);
	return escape(text);
}

/* Field 22 of stat; the name before it may hold anything, also ")". */
static uint64_t read_start(int root, uint32_t tgid)
{
	char path[32], text[1024];
	unsigned long long start;
	const char *at;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%u/stat", tgid);
	fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got < 0 ? 0 : got] = 0;
	at = strrchr(text, ')');
	return at && sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
			    "%*u %*u %*d %*d %*d %*d %*d %*d %llu",
			    &start) == 1 ? start : 0;
}

static int add_process(struct cw_proc *proc, int root, uint32_t tgid)
{
	struct cw_proc_process *processes =
		cw_grow(proc->processes, proc->process_count,
			&proc->process_room, sizeof(*processes));
	struct cw_proc_process process = { .tgid = tgid };

	if (!processes)
		return -ENOMEM;
	proc->processes = processes;
	process.start = read_start(root, tgid);
	process.exe = read_exe(root, tgid);
	if (!process.exe)
		return -ENOMEM;
	processes[proc->process_count++] = process;
	return 0;
}

static bool is_older(const struct cw_proc *proc, uint32_t a, uint32_t b)
{
	const struct cw_proc_process *left = &proc->processes[a];
	const struct cw_proc_process *right = &proc->processes[b];

	return left->start != right->start ? left->start < right->start
					   : left->tgid < right->tgid;
}

/* Oldest first.  A process that has the socket open twice counts once. */
static int add_holder(struct cw_proc *proc, struct cw_proc_socket *socket,
		      uint32_t process)
{
	uint32_t *link = &socket->holder;
	struct cw_proc_holder *holders =
		cw_grow(proc->holders, proc->holder_count,
			&proc->holder_room, sizeof(*holders));

	if (!holders)
		return -ENOMEM;
	proc->holders = holders;
	while (*link != CW_PROC_NONE && holders[*link].process != process &&
	       is_older(proc, holders[*link].process, process))
		link = &holders[*link].next;
	if (*link != CW_PROC_NONE && holders[*link].process == process)
		return 0;
	holders[proc->holder_count].process = process;
	holders[proc->holder_count].next = *link;
	*link = proc->holder_count++;
	return 0;
}

/* Who a process is is only read when it has a socket that we look for. */
static int join(struct cw_proc *proc, int root, uint32_t tgid, uint64_t inode)
{
	size_t last = proc->process_count;
	uint32_t at = first_of(proc, inode);
	int ret = 0;

	for (; !ret && at != CW_PROC_NONE; at = proc->sockets[at].next) {
		if (!last || proc->processes[last - 1].tgid != tgid) {
			ret = add_process(proc, root, tgid);
			last = proc->process_count;
		}
		if (!ret)
			ret = add_holder(proc, &proc->sockets[at], last - 1);
	}
	return ret;
}

static int join_descriptors(struct cw_proc *proc, int root, uint32_t tgid)
{
	struct dirent *entry;
	uint64_t inode;
	char path[32];
	int fd, ret = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%u/fd", tgid);
	fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		proc->hidden += errno == EACCES || errno == EPERM;
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (!ret && (entry = readdir(dir))) {
		inode = entry->d_name[0] == '.' ? 0
			: link_number(fd, entry->d_name, "socket");
		if (inode)
			ret = join(proc, root, tgid, inode);
	}
	closedir(dir);
	return ret;
}

/* ---- directions ---------------------------------------------------------- */

static int compare_port(const void *a, const void *b)
{
	const struct cw_proc_socket *left = a, *right = b;

	if (left->netns != right->netns)
		return left->netns < right->netns ? -1 : 1;
	if (left->proto != right->proto)
		return left->proto < right->proto ? -1 : 1;
	return (int)left->local_port - (int)right->local_port;
}

/* Listeners go to the end of the array, sorted; returns their number. */
static size_t part_listeners(struct cw_proc *proc, struct cw_proc_socket **out)
{
	size_t kept = 0, count = 0;
	struct cw_proc_socket *listeners =
		malloc((proc->socket_count + 1) * sizeof(*listeners));

	*out = listeners;
	for (size_t i = 0; listeners && i < proc->socket_count; i++)
		if (proc->sockets[i].state == CW_PROC_LISTENING)
			listeners[count++] = proc->sockets[i];
		else
			proc->sockets[kept++] = proc->sockets[i];
	if (!listeners)
		return 0;
	proc->socket_count = kept;
	qsort(listeners, count, sizeof(*listeners), compare_port);
	return count;
}

/* A connection of a port on which something listens came in, most likely; of
 * one that is being opened it is known. */
static int guess_directions(struct cw_proc *proc)
{
	struct cw_proc_socket *listeners;
	size_t count = part_listeners(proc, &listeners);

	if (!listeners)
		return -ENOMEM;
	for (size_t i = 0; i < proc->socket_count; i++) {
		struct cw_proc_socket *socket = &proc->sockets[i];

		if (socket->state != CW_PROC_OPENING)
			socket->in = bsearch(socket, listeners, count,
					     sizeof(*listeners), compare_port);
	}
	free(listeners);
	return 0;
}

/* ---- all of it ----------------------------------------------------------- */

/* Calls @each for every process; those that come meanwhile may be missed. */
static int for_each_process(struct cw_proc *proc, int root,
			    int (*each)(struct cw_proc *proc, int root,
					uint32_t tgid))
{
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int ret = 0;
	char *end;

	if (!dir) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (!ret && (entry = readdir(dir))) {
		unsigned long tgid = strtoul(entry->d_name, &end, 10);

		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    !*end && tgid <= INT32_MAX)
			ret = each(proc, root, tgid);
	}
	closedir(dir);
	return ret;
}

int cw_proc_read(struct cw_proc *proc, const char *path)
{
	return cw_proc_read_some(proc, path, 0);
}

int cw_proc_read_some(struct cw_proc *proc, const char *path,
		      unsigned long datagrams)
{
	int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret;

	memset(proc, 0, sizeof(*proc));
	proc->datagrams_most = datagrams;
	if (root < 0)
		return -errno;
	ret = for_each_process(proc, root, read_namespace_of);
	if (!ret)
		ret = read_mounted_namespaces(proc, root);
	if (!ret)
		ret = guess_directions(proc);
	if (!ret)
		ret = hash_sockets(proc);
	if (!ret)
		ret = for_each_process(proc, root, join_descriptors);
	close(root);
	if (ret)
		cw_proc_free(proc);
	return ret;
}

void cw_proc_free(struct cw_proc *proc)
{
	for (size_t i = 0; i < proc->process_count; i++)
		free(proc->processes[i].exe);
	free(proc->sockets);
	free(proc->processes);
	free(proc->holders);
	free(proc->namespaces);
	cw_map_free(&proc->first);
	memset(proc, 0, sizeof(*proc));
}
