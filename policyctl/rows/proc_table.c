// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables in /proc/PID/net, line by line.  A line that is not understood is
 * left out: another kernel may print more tables and columns than these.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "include/cw_abi.h"
#include "lib/lib.h"
#include "proc.h"

/* Not in <netinet/tcp.h>: what waits for the last ACK of a handshake. */
#define NEW_SYN_RECEIVED	12

#define IS_BIG_ENDIAN		(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

static int add(struct cw_proc *proc, const struct cw_proc_socket *socket)
{
	struct cw_proc_socket *sockets =
		cw_grow(proc->sockets, proc->socket_count,
			&proc->socket_room, sizeof(*sockets));

	if (!sockets)
		return -ENOMEM;
	proc->sockets = sockets;
	sockets[proc->socket_count++] = *socket;
	return 0;
}

/* ---- addresses ----------------------------------------------------------- */

/* As everywhere in connwarden, an IPv4-mapped address is IPv4. */
static void unmap(uint8_t address[16], uint8_t *family)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (*family != 6 || memcmp(address, mapped, sizeof(mapped)))
		return;
	memmove(address, address + 12, 4);
	memset(address + 4, 0, 12);
	*family = 4;
}

bool cw_proc_decode_address(const char *hex, bool big_endian,
			    uint8_t address[16], uint8_t *family)
{
	size_t length = strspn(hex, "0123456789abcdefABCDEF");
	char word[9] = "";

	if (hex[length] || (length != 8 && length != 32))
		return false;
	memset(address, 0, 16);
	for (size_t i = 0; i < length / 8; i++) {
		uint32_t value;

		memcpy(word, hex + i * 8, 8);
		value = strtoul(word, NULL, 16);
		for (int byte = 0; byte < 4; byte++)
			address[i * 4 + byte] =
				value >> (big_endian ? 24 - byte * 8
						     : byte * 8);
	}
	*family = length == 8 ? 4 : 6;
	unmap(address, family);
	return true;
}

static bool is_zero(const uint8_t address[16])
{
	static const uint8_t zero[16];

	return !memcmp(address, zero, sizeof(zero));
}

/* ---- tcp, udp, raw, icmp and their likes --------------------------------- */

/* False: neither a connection nor something that listens. */
static bool set_stream_state(struct cw_proc_socket *socket, unsigned state)
{
	switch (state) {
	case TCP_LISTEN:
		socket->state = CW_PROC_LISTENING;
		return true;
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
	case NEW_SYN_RECEIVED:
		socket->state = CW_PROC_OPENING;
		/* The one who asked is in SYN_SENT, with hardly an exception. */
		socket->in = state != TCP_SYN_SENT;
		return true;
	case TCP_TIME_WAIT:
		socket->state = CW_PROC_CLOSED;
		return true;
	case TCP_CLOSE:
		return false;
	}
	socket->state = CW_PROC_OPEN;
	return true;
}

static bool has_peer(const struct cw_proc_socket *socket)
{
	return socket->remote_port || !is_zero(socket->remote);
}

static bool parse_ends(struct cw_proc_socket *socket, const char *local,
		       const char *remote, const unsigned port[2])
{
	uint8_t family;

	if (port[0] > UINT16_MAX || port[1] > UINT16_MAX ||
	    !cw_proc_decode_address(local, IS_BIG_ENDIAN, socket->local,
				    &family) ||
	    !cw_proc_decode_address(remote, IS_BIG_ENDIAN, socket->remote,
				    &socket->family))
		return false;
	/* A socket for both families that is not bound has :: and a peer. */
	if (family != socket->family)
		memset(socket->local, 0, sizeof(socket->local));
	socket->local_port = port[0];
	socket->remote_port = port[1];
	return true;
}

static int parse_inet(struct cw_proc *proc, const char *line,
		      struct cw_proc_socket *socket)
{
	char local[64], remote[64];
	unsigned port[2], state;
	bool wanted = true;

	if (sscanf(line, " %*[0-9]: %63[^:]:%x %63[^:]:%x %x %*x:%*x %*x:%*x "
		   "%*x %" SCNu32 " %*d %" SCNu64, local, &port[0], remote,
		   &port[1], &state, &socket->uid, &socket->inode) != 7 ||
	    !parse_ends(socket, local, remote, port))
		return 0;
	socket->state = CW_PROC_OPEN;
	if (socket->proto == CW_PROTO_TCP)
		wanted = set_stream_state(socket, state);
	else if (socket->proto != CW_PROTO_UDP)
		socket->local_port = socket->remote_port = 0;
	if (!wanted || (socket->state != CW_PROC_LISTENING &&
			!has_peer(socket)))
		return 0;
	return add(proc, socket);
}

/* ---- sctp ---------------------------------------------------------------- */

#define SCTP_WORDS	96	/* an association may have many addresses */

static bool parse_number(const char *word, uint64_t most, uint64_t *number)
{
	return cw_number_parse(word, strlen(word), most, number);
}

/* The primary address has an asterisk; else the first one will do. */
static bool parse_primary(char *const *words, unsigned count, uint8_t *family,
			  uint8_t address[16])
{
	const char *text = count ? words[0] : "";

	for (unsigned i = 0; i < count; i++)
		if (words[i][0] == '*')
			text = words[i];
	text += *text == '*';
	memset(address, 0, 16);
	*family = strchr(text, ':') ? 6 : 4;
	if (inet_pton(*family == 6 ? AF_INET6 : AF_INET, text, address) != 1)
		return false;
	unmap(address, family);
	return true;
}

/* Addresses follow the fixed columns: ours, "<->", the peer's, numbers. */
static bool parse_association_ends(char *const *words, unsigned count,
				   struct cw_proc_socket *socket)
{
	unsigned arrow = 0, end;
	uint8_t family;

	while (arrow < count && strcmp(words[arrow], "<->"))
		arrow++;
	if (arrow == count)
		return false;
	for (end = arrow + 1; end < count && strpbrk(words[end], ".:"); end++)
		;
	if (!parse_primary(words + arrow + 1, end - arrow - 1, &socket->family,
			   socket->remote))
		return false;
	if (!parse_primary(words, arrow, &family, socket->local) ||
	    family != socket->family)
		memset(socket->local, 0, sizeof(socket->local));
	return true;
}

/* ASSOC SOCK STY SST ST HBKT ASSOC-ID TX RX UID INODE LPORT RPORT LADDRS... */
static int parse_association(struct cw_proc *proc, const char *line,
			     struct cw_proc_socket *socket)
{
	uint64_t state, uid, local, remote;
	char copy[4096], *words[SCTP_WORDS];
	unsigned count;

	if (strlen(line) >= sizeof(copy))
		return 0;
	count = cw_split(strcpy(copy, line), " \t\n", words, SCTP_WORDS);
	if (count < 14 || !parse_number(words[4], 7, &state) || !state ||
	    !parse_number(words[9], UINT32_MAX, &uid) ||
	    !parse_number(words[10], UINT64_MAX, &socket->inode) ||
	    !parse_number(words[11], UINT16_MAX, &local) ||
	    !parse_number(words[12], UINT16_MAX, &remote) ||
	    !parse_association_ends(words + 13, count - 13, socket))
		return 0;
	socket->uid = uid;
	socket->local_port = local;
	socket->remote_port = remote;
	/* COOKIE_WAIT, COOKIE_ECHOED, then ESTABLISHED */
	socket->state = state < 3 ? CW_PROC_OPENING : CW_PROC_OPEN;
	return add(proc, socket);
}

/* ENDPT SOCK STY SST HBKT LPORT UID INODE LADDRS */
static int parse_endpoint(struct cw_proc *proc, const char *line,
			  struct cw_proc_socket *socket)
{
	char copy[4096], *words[SCTP_WORDS];
	uint64_t state, port;

	if (strlen(line) >= sizeof(copy) ||
	    cw_split(strcpy(copy, line), " \t\n", words, SCTP_WORDS) < 8 ||
	    !parse_number(words[3], 255, &state) || state != TCP_LISTEN ||
	    !parse_number(words[5], UINT16_MAX, &port))
		return 0;
	socket->local_port = port;
	socket->state = CW_PROC_LISTENING;
	return add(proc, socket);
}

/* ---- all tables ---------------------------------------------------------- */

struct table {
	const char *name;
	enum cw_proto proto;
	/* 0, also for a line that is not one; -ENOMEM */
	int (*parse)(struct cw_proc *proc, const char *line,
		     struct cw_proc_socket *socket);
};

static const struct table tables[] = {
	{ "tcp", CW_PROTO_TCP, parse_inet },
	{ "tcp6", CW_PROTO_TCP, parse_inet },
	{ "udp", CW_PROTO_UDP, parse_inet },
	{ "udp6", CW_PROTO_UDP, parse_inet },
	{ "udplite", CW_PROTO_UDP, parse_inet },
	{ "udplite6", CW_PROTO_UDP, parse_inet },
	{ "raw", CW_PROTO_RAW, parse_inet },
	{ "raw6", CW_PROTO_RAW, parse_inet },
	{ "icmp", CW_PROTO_ICMP, parse_inet },
	{ "icmp6", CW_PROTO_ICMP, parse_inet },
	{ "sctp/assocs", CW_PROTO_SCTP, parse_association },
	{ "sctp/eps", CW_PROTO_SCTP, parse_endpoint },
};

static int read_table(struct cw_proc *proc, FILE *file,
		      const struct table *table, uint32_t netns)
{
	struct cw_proc_socket socket;
	char *line = NULL;
	size_t room = 0;
	int ret = 0;

	while (!ret && getline(&line, &room, file) > 0) {
		memset(&socket, 0, sizeof(socket));
		socket.netns = netns;
		socket.proto = table->proto;
		socket.holder = CW_PROC_NONE;
		ret = table->parse(proc, line, &socket);
	}
	free(line);
	return ret;
}

/* "UDP: inuse 12 mem 3", or "UDP6: ...", of sockstat. */
static unsigned long count_datagrams(int root, const char *dir, const char *name,
				     const char *format)
{
	char path[128], line[128];
	unsigned long count = 0;
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file && fd >= 0)
		close(fd);
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &count) == 1)
			break;
	if (file)
		fclose(file);
	return count;
}

/* Both tables are made from one list of sockets. */
static bool has_too_many(struct cw_proc *proc, int root, const char *dir)
{
	unsigned long count;

	if (!proc->datagrams_most)
		return false;
	count = count_datagrams(root, dir, "sockstat", "UDP: inuse %lu") +
		count_datagrams(root, dir, "sockstat6", "UDP6: inuse %lu");
	if (count <= proc->datagrams_most)
		return false;
	proc->datagrams_unread += count;
	return true;
}

int cw_proc_read_tables(struct cw_proc *proc, int root, const char *dir,
			uint32_t netns)
{
	bool without_udp = has_too_many(proc, root, dir);
	char path[128];
	int fd, ret = 0;
	FILE *file;

	for (size_t i = 0; !ret && i < sizeof(tables) / sizeof(*tables); i++) {
		if (without_udp && tables[i].proto == CW_PROTO_UDP)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, tables[i].name);
		fd = openat(root, path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		file = fdopen(fd, "r");
		if (!file) {
			close(fd);
			return -ENOMEM;
		}
		ret = read_table(proc, file, &tables[i], netns);
		fclose(file);
	}
	return ret;
}
