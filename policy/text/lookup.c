// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names that the system knows: users, groups, services.  Each is asked for
 * once in a compilation: a million rules for one user are one lookup.
 */
#include <grp.h>
#include <netdb.h>
#include <pwd.h>

#include "passes.h"

#define BUFFER_SIZE	16384		/* bytes; doubles */
#define BUFFER_MAX	(1u << 24)	/* a group can have many members */

/* One try with a buffer: ERANGE, 0 with or without a result, or an error. */
static int find_user(const char *name, char *buffer, size_t size, u32 *id)
{
	struct passwd entry, *found = NULL;
	int error = getpwnam_r(name, &entry, buffer, size, &found);

	if (found)
		*id = found->pw_uid;
	return found ? 0 : error == ERANGE ? error : ENOENT;
}

static int find_group(const char *name, char *buffer, size_t size, u32 *id)
{
	struct group entry, *found = NULL;
	int error = getgrnam_r(name, &entry, buffer, size, &found);

	if (found)
		*id = found->gr_gid;
	return found ? 0 : error == ERANGE ? error : ENOENT;
}

static int find_port(const char *name, const char *proto, char *buffer,
		     size_t size, u32 *port)
{
	struct servent entry, *found = NULL;
	int error = getservbyname_r(name, proto, &entry, buffer, size, &found);

	if (found)
		*port = (u8)(found->s_port >> 8) | (found->s_port & 0xff) << 8;
	return found ? 0 : error == ERANGE ? error : ENOENT;
}

/* Asks with a larger buffer until it is large enough.  @proto: services. */
static int ask(enum cw_lookup kind, const char *name, const char *proto,
	       u32 *value)
{
	size_t size = BUFFER_SIZE;
	char *buffer;
	int error;

	do {
		buffer = cw_alloc(size);
		if (!buffer)
			return ENOMEM;
		if (kind == CW_LOOKUP_USER)
			error = find_user(name, buffer, size, value);
		else if (kind == CW_LOOKUP_GROUP)
			error = find_group(name, buffer, size, value);
		else
			error = find_port(name, proto, buffer, size, value);
		cw_free(buffer);
		size *= 2;
	} while (error == ERANGE && size <= BUFFER_MAX);
	return error;
}

/*
 * The port of a service for every protocol of the mask that knows it; they
 * must agree, as a rule has one list of ports for all its protocols.
 */
static int ask_service(const char *name, u8 protos, u32 *port)
{
	u32 i, other;
	int error, result = ENOENT;

	for (i = 0; i < CW_PROTO_COUNT; i++) {
		if (!(protos & CW_PROTO_MASK_PORTS & 1u << i))
			continue;
		error = ask(CW_LOOKUP_SERVICE, name, cw_proto_name(i), &other);
		if (error == ENOMEM)
			return error;
		if (error)
			continue;
		if (!result && other != *port)
			return EEXIST;
		*port = other;
		result = 0;
	}
	return result;
}

int cw_lookup(struct cw_map *cache, enum cw_lookup kind, const char *name,
	      u8 protos, u32 *value)
{
	u64 key = cw_map_mix((uintptr_t)name, kind << 8 | protos) | 1;
	u64 *slot = cw_map_get(cache, key);
	u32 found = 0;
	int error;

	if (!slot) {
		error = kind == CW_LOOKUP_SERVICE ?
			ask_service(name, protos, &found) :
			ask(kind, name, NULL, &found);
		slot = error == ENOMEM ? NULL : cw_map_put(cache, key);
		if (!slot)
			return -ENOMEM;
		*slot = (u64)error << 32 | found;
	}
	*value = *slot;
	return -(int)(*slot >> 32);
}

int cw_word_service(const char *name, u8 protos, u16 *port,
		    char message[CW_MESSAGE_MAX])
{
	u32 found = 0;
	int error = ask_service(name, protos, &found);

	*port = found;
	if (!error)
		return 0;
	if (error == EEXIST)
		return cw_word_refuse(message, "service '%.60s' has a "
				      "different port for each protocol; write "
				      "the number", name);
	return cw_service_mistake(name, message);
}
