// SPDX-License-Identifier: GPL-2.0-only
/* Addresses and ports as people write them on a command line. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "policy/text/compile.h"
#include "endpoint.h"

#define NO_ADDRESS	"it must be " CW_ENDPOINT_FORMS

/* The word in parts; each NULL = not there. */
struct parts {
	char *address, *zone, *prefix, *port;
};

/* ---- parts -------------------------------------------------------------- */

/* Cuts @text at the first @separator; what follows it, NULL = none. */
static char *cut(char *text, char separator)
{
	char *at = text ? strchr(text, separator) : NULL;

	if (at)
		*at++ = 0;
	return at;
}

/* "[ADDRESS]", "[ADDRESS]/PREFIX", "[ADDRESS]:PORT", "[ADDRESS/PREFIX]:PORT" */
static const char *split_brackets(char *text, struct parts *parts)
{
	char *rest = cut(text, ']');

	if (!rest)
		return "the bracket is not closed";
	parts->address = text + 1;
	if (!parts->address[0])
		return NO_ADDRESS;
	if (*rest && *rest != ':' && *rest != '/')
		return "behind ']' comes nothing, /PREFIX or :PORT";
	parts->port = cut(rest, ':');
	if (*rest == '/')
		parts->prefix = rest + 1;
	return NULL;
}

/* With more than one colon it is IPv6 and has no port. */
static void split_plain(char *text, struct parts *parts)
{
	char *colon = strchr(text, ':');

	parts->address = text;
	if (colon && colon == strrchr(text, ':'))
		parts->port = cut(text, ':');
}

static const char *split(char *text, struct parts *parts)
{
	const char *problem = NULL;
	char *prefix;

	if (strstr(text, "://"))
		return "it is a URL; write its address and its port";
	if (*text == '[')
		problem = split_brackets(text, parts);
	else
		split_plain(text, parts);
	if (problem)
		return problem;
	prefix = cut(parts->address, '/');
	if (prefix && parts->prefix)
		return "it has two prefixes";
	if (prefix)
		parts->prefix = prefix;
	parts->zone = cut(parts->address, '%');
	return NULL;
}

/* ---- values ------------------------------------------------------------- */

static bool is_mapped(const uint8_t *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(address, mapped, sizeof(mapped));
}

/* IPv4-mapped is IPv4 everywhere in connwarden. */
static void unmap(struct cw_endpoint *endpoint)
{
	if (endpoint->family != 6 || endpoint->prefix < 96 ||
	    !is_mapped(endpoint->address))
		return;
	endpoint->family = 4;
	endpoint->prefix -= 96;
	memmove(endpoint->address, endpoint->address + 12, 4);
	memset(endpoint->address + 4, 0, 12);
}

static const char *read_address(struct cw_endpoint *endpoint, const char *text)
{
	if (inet_pton(AF_INET, text, endpoint->address) == 1)
		endpoint->family = 4;
	else if (inet_pton(AF_INET6, text, endpoint->address) == 1)
		endpoint->family = 6;
	else if (text[strspn(text, "0123456789.")] && !strchr(text, ':'))
		return "names of hosts are not looked up; write an address";
	else
		return NO_ADDRESS;
	endpoint->prefix = endpoint->family == 4 ? 32 : 128;
	return NULL;
}

static const char *read_prefix(struct cw_endpoint *endpoint, const char *text)
{
	u64 prefix;

	if (!cw_number_parse(text, strlen(text), endpoint->prefix, &prefix))
		return endpoint->family == 4
			? "a prefix length is a number from 0 to 32"
			: "a prefix length is a number from 0 to 128";
	endpoint->prefix = prefix;
	for (unsigned bit = prefix; bit < 128; bit++)
		endpoint->address[bit / 8] &= ~(0x80 >> bit % 8);
	return NULL;
}

static bool is_linklocal(const uint8_t *address)
{
	return (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) ||
	       (address[0] == 0xff && (address[1] & 0x0f) <= 2);
}

static const char *read_zone(struct cw_endpoint *endpoint, const char *text)
{
	if (endpoint->family != 6 || !is_linklocal(endpoint->address))
		return "only a link-local IPv6 address has a zone";
	if (!*text || strlen(text) >= sizeof(endpoint->zone))
		return "a zone is the name or the number of an interface";
	strcpy(endpoint->zone, text);
	return NULL;
}

static const char *read_parts(struct cw_endpoint *endpoint,
			      const struct parts *parts)
{
	const char *problem = NULL;
	bool has_address = parts->address[0] && strcmp(parts->address, "*");

	if (!has_address && (parts->prefix || parts->zone || !parts->port))
		return NO_ADDRESS;
	if (has_address)
		problem = read_address(endpoint, parts->address);
	if (!problem && parts->zone)
		problem = read_zone(endpoint, parts->zone);
	if (!problem && parts->prefix)
		problem = read_prefix(endpoint, parts->prefix);
	if (problem || !parts->port)
		return problem;
	if (!*parts->port || strlen(parts->port) >= sizeof(endpoint->port))
		return "behind ':' comes a port";
	strcpy(endpoint->port, parts->port);
	return NULL;
}

const char *cw_endpoint_read(struct cw_endpoint *endpoint, const char *text)
{
	struct cw_endpoint found = { .family = 0 };
	struct parts parts = { .address = NULL };
	const char *problem;
	char copy[256];

	if (strlen(text) >= sizeof(copy))
		return NO_ADDRESS;
	strcpy(copy, text);
	problem = split(copy, &parts) ?: read_parts(&found, &parts);
	if (problem)
		return problem;
	unmap(&found);
	*endpoint = found;
	return NULL;
}

const char *cw_endpoint_port(const char *text, uint8_t protos, uint16_t *port)
{
	static char message[CW_MESSAGE_MAX];
	const size_t size = strlen(text);
	u64 number;

	if (cw_number_parse(text, size, UINT16_MAX, &number)) {
		*port = number;
		return NULL;
	}
	if (!size || strspn(text, "0123456789+-. ") == size)
		return "a port is a number from 0 to 65535, without leading "
		       "zeros, or the name of a service";
	return cw_word_service(text, protos, port, message) ? message : NULL;
}
