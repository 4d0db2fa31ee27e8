// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses, prefixes and ranges as text: to bytes, and what a range is when
 * it is a prefix.
 */
#include <arpa/inet.h>

#include "passes.h"

/* One address; its family, 0 = it is none. */
static u8 read_address(const char *text, size_t size, u8 bytes[16])
{
	char copy[INET6_ADDRSTRLEN + 1];

	if (size >= sizeof(copy))
		return 0;
	memcpy(copy, text, size);
	copy[size] = 0;
	memset(bytes, 0, 16);
	if (memchr(copy, ':', size))
		return inet_pton(AF_INET6, copy, bytes) == 1 ? 6 : 0;
	return inet_pton(AF_INET, copy, bytes) == 1 ? 4 : 0;
}

static bool is_mapped(const u8 bytes[16])
{
	static const u8 prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(bytes, prefix, sizeof(prefix));
}

static void unmap(u8 bytes[16])
{
	memcpy(bytes, bytes + 12, 4);
	memset(bytes + 4, 0, 12);
}

/* v4-mapped is IPv4 written otherwise: the kernel decides it as IPv4. */
static void make_v4_if_mapped(struct cw_dest *dest)
{
	if (dest->family != 6 || !is_mapped(dest->lo) || !is_mapped(dest->hi))
		return;
	dest->family = 4;
	unmap(dest->lo);
	unmap(dest->hi);
}

static void print_address(u8 family, const u8 bytes[16],
			  char text[INET6_ADDRSTRLEN])
{
	inet_ntop(family == 4 ? AF_INET : AF_INET6, bytes, text,
		  INET6_ADDRSTRLEN);
}

/* Clears in @lo and sets in @hi the bits behind the prefix. */
static void mask_host_bits(struct cw_dest *dest, u32 length)
{
	u32 bits = dest->family == 4 ? 32 : 128, i;
	u8 mask;

	for (i = length / 8; i < bits / 8; i++) {
		mask = i == length / 8 ? 0xff >> length % 8 : 0xff;
		dest->lo[i] &= ~mask;
		dest->hi[i] |= mask;
	}
}

static int read_prefix(const char *text, size_t size, const char *slash,
		       struct cw_dest *dest, char message[CW_MESSAGE_MAX])
{
	char right[INET6_ADDRSTRLEN];
	const size_t digits = text + size - slash - 1;
	u64 length = 0;
	u8 written[16];
	u32 bits;

	dest->family = read_address(text, slash - text, dest->lo);
	if (!dest->family)
		return cw_mistake_address(text, slash - text, message);
	bits = dest->family == 4 ? 32 : 128;
	if (!cw_number_parse(slash + 1, digits, bits, &length))
		return cw_mistake_prefix(text, size, slash, bits, message);
	memcpy(written, dest->lo, 16);
	memcpy(dest->hi, dest->lo, 16);
	mask_host_bits(dest, length);
	if (!memcmp(written, dest->lo, 16))
		return 0;
	print_address(dest->family, dest->lo, right);
	return cw_word_refuse(message, "'%.*s' has bits set behind the prefix; "
			      "write %s/%u for the network, or leave out /%u "
			      "for the address", (int)size, text, right,
			      (u32)length, (u32)length);
}

static int read_range(const char *text, size_t size, const char *dash,
		      struct cw_dest *dest, char message[CW_MESSAGE_MAX])
{
	const char *second = dash + 1;
	size_t rest = text + size - second;
	u8 family;

	dest->family = read_address(text, dash - text, dest->lo);
	if (!dest->family)
		return cw_mistake_address(text, dash - text, message);
	family = read_address(second, rest, dest->hi);
	if (!family)
		return cw_mistake_address(second, rest, message);
	if (family != dest->family || (family == 6 &&
	    is_mapped(dest->lo) != is_mapped(dest->hi)))
		return cw_word_refuse(message,
				      "range '%.*s' mixes IPv4 and IPv6",
				      (int)size, text);
	if (memcmp(dest->lo, dest->hi, 16) > 0)
		return cw_word_refuse(message,
				      "range '%.*s' is the wrong way round; "
				      "write %.*s-%.*s",
				      (int)size, text, (int)rest, second,
				      (int)(dash - text), text);
	return 0;
}

int cw_word_address(const char *text, size_t size, struct cw_dest *dest,
		    char message[CW_MESSAGE_MAX])
{
	const char *slash = memchr(text, '/', size);
	const char *dash = memchr(text, '-', size);
	int error = 0;

	dest->kind = CW_DEST_ADDR;
	if (size && *text != ':' && !(*text >= '0' && *text <= '9') &&
	    !memchr(text, ':', size))
		return cw_mistake_address(text, size, message);
	if (slash && !memmem(text, size, "://", 3)) {
		error = read_prefix(text, size, slash, dest, message);
	} else if (dash) {
		error = read_range(text, size, dash, dest, message);
	} else {
		dest->family = read_address(text, size, dest->lo);
		if (!dest->family)
			return cw_mistake_address(text, size, message);
		memcpy(dest->hi, dest->lo, 16);
	}
	if (!error)
		make_v4_if_mapped(dest);
	return error;
}

int cw_word_prefix_length(const struct cw_dest *dest)
{
	int bits = dest->family == 4 ? 32 : 128, length = 0, i;
	struct cw_dest prefix = *dest;

	for (i = 0; i < bits / 8 && dest->lo[i] == dest->hi[i]; i++)
		length += 8;
	if (i < bits / 8)
		length += __builtin_clz(dest->lo[i] ^ dest->hi[i]) - 24;
	mask_host_bits(&prefix, length);
	if (memcmp(prefix.lo, dest->lo, 16) || memcmp(prefix.hi, dest->hi, 16))
		return -1;
	return length;
}
