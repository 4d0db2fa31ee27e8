// SPDX-License-Identifier: GPL-2.0-only
/* Doors of the 32-bit system calls, entered by int $0x80 from 64-bit code. */
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "door.h"

enum { SOCKETCALL = 102, SENDMMSG = 345, CONNECT = 362, SENDMSG = 370 };
enum { CALL_CONNECT = 3, CALL_SENDTO = 11, CALL_SENDMSG = 16 };

/* What 32-bit code can point to. */
static struct low {
	struct sockaddr_storage name;
	uint32_t arguments[6];
	struct { uint32_t base, length; } piece;
	struct {
		uint32_t name, name_length, pieces, count, control,
			 control_length, flags, sent;
	} message;
	char data[8];
} *low;

static uint32_t at(const void *pointer)
{
	return (uintptr_t)pointer;
}

static void no_such_call(int signal)
{
	(void)signal;
	_exit(ABSENT);
}

static int call(long number, long a, long b, long c, long d)
{
	long result;

	asm volatile("int $0x80" : "=a" (result)
		     : "a" (number), "b" (a), "c" (b), "d" (c), "S" (d)
		     : "memory", "r8", "r9", "r10", "r11");
	if ((int)result == -ENOSYS)
		_exit(ABSENT);
	return (int)result < 0 ? -(int)result : 0;
}

static void set_up(const struct target *to)
{
	signal(SIGSEGV, no_such_call);	/* a kernel without 32-bit calls */
	low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED)
		_exit(EBADE);
	memcpy(&low->name, to->name, to->size);
	low->piece.base = at(low->data);
	low->piece.length = sizeof(low->data);
	low->message.name = at(&low->name);
	low->message.name_length = to->size;
	low->message.pieces = at(&low->piece);
	low->message.count = 1;
}

static int socket_of(const struct target *to, int type)
{
	set_up(to);
	return open_socket(to->family, type, 0);
}

static int plain(const struct target *to)
{
	int fd = socket_of(to, SOCK_STREAM);

	return call(CONNECT, fd, at(&low->name), to->size, 0);
}

static int socketcall(int which, const uint32_t *arguments)
{
	memcpy(low->arguments, arguments, sizeof(low->arguments));
	return call(SOCKETCALL, which, at(low->arguments), 0, 0);
}

static int old_connect(const struct target *to)
{
	uint32_t fd = socket_of(to, SOCK_STREAM);

	return socketcall(CALL_CONNECT,
			  (uint32_t [6]){ fd, at(&low->name), to->size });
}

static int sendto_by(const struct target *to, int type, uint32_t flags)
{
	uint32_t fd = socket_of(to, type);

	return socketcall(CALL_SENDTO, (uint32_t [6]){
			  fd, at(low->data), 1, flags, at(&low->name),
			  to->size });
}

static int old_sendto(const struct target *to)
{
	return sendto_by(to, SOCK_DGRAM, 0);
}

static int old_fastopen(const struct target *to)
{
	return sendto_by(to, SOCK_STREAM, MSG_FASTOPEN);
}

static int old_sendmsg(const struct target *to)
{
	uint32_t fd = socket_of(to, SOCK_DGRAM);

	return socketcall(CALL_SENDMSG,
			  (uint32_t [6]){ fd, at(&low->message), 0 });
}

static int new_sendmsg(const struct target *to)
{
	int fd = socket_of(to, SOCK_DGRAM);

	return call(SENDMSG, fd, at(&low->message), 0, 0);
}

static int new_sendmmsg(const struct target *to)
{
	int fd = socket_of(to, SOCK_DGRAM);

	return call(SENDMMSG, fd, at(&low->message), 1, 0);
}

const struct door compat_doors[] = {
	{ "compat-connect", plain },
	{ "compat-socketcall-connect", old_connect },
	{ "compat-socketcall-sendto", old_sendto },
	{ "compat-socketcall-fastopen", old_fastopen },
	{ "compat-socketcall-sendmsg", old_sendmsg },
	{ "compat-sendmsg", new_sendmsg },
	{ "compat-sendmmsg", new_sendmmsg },
	{}
};
