// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was probably meant where an address should be: people write what other
 * programs take.  Only words; nothing here accepts anything.
 */
#include <arpa/inet.h>

#include "passes.h"

#define SHOWN	60	/* bytes of the word that are shown */

/* "255.255.255.0" as 24; -1 = no mask. */
static int mask_length(const char *text, size_t size)
{
	char copy[INET_ADDRSTRLEN];
	struct in_addr address;
	u32 mask;

	if (size >= sizeof(copy))
		return -1;
	memcpy(copy, text, size);
	copy[size] = 0;
	if (inet_pton(AF_INET, copy, &address) != 1)
		return -1;
	mask = ntohl(address.s_addr);
	if (!mask || (~mask & (~mask + 1)))
		return -1;
	return 32 - __builtin_popcount(~mask);
}

int cw_mistake_prefix(const char *text, size_t size, const char *slash,
		      u32 bits, char message[CW_MESSAGE_MAX])
{
	size_t length = text + size - slash - 1;
	int mask = bits == 32 ? mask_length(slash + 1, length) : -1;

	if (mask >= 0)
		return cw_word_refuse(message, "'%.*s' is a mask; write %.*s/%d",
				      (int)length, slash + 1,
				      (int)(slash - text), text, mask);
	return cw_word_refuse(message, "prefix length '%.*s' is no number from "
			      "0 to %u%s",
			      (int)(length < SHOWN ? length : SHOWN),
			      slash + 1, bits,
			      cw_word_has_leading_zero(slash + 1, length) ?
			      " without leading zeros" : "");
}

static bool ends_with(const char *text, size_t size, char c)
{
	return size && text[size - 1] == c;
}

/* An address with other things around it. */
static const char *find_excess(const char *text, size_t size)
{
	if (memmem(text, size, "://", 3))
		return "is a URL; rules know addresses and 'port'";
	if (memchr(text, '%', size))
		return "has a zone; only IPv6 addresses have one";
	if (*text == '!')
		return "negates; instead, write the exception as a rule of its "
		       "own before this one";
	if (ends_with(text, size, ';'))
		return "ends with ';'; a statement ends with its line";
	if (memchr(text, '*', size))
		return "has a wildcard; write a prefix, as in 10.0.0.0/24";
	if (*text == '[' ||
	    (memchr(text, '.', size) < memchr(text, ':', size) &&
	     memchr(text, '.', size)))
		return "is no address; write it bare, and the port behind "
		       "'port'";
	return NULL;
}

int cw_mistake_address(const char *text, size_t size,
		       char message[CW_MESSAGE_MAX])
{
	const char *what, *meant;

	if (!size)
		return cw_word_refuse(message, "the range has only one end");
	what = find_excess(text, size);
	meant = cw_lex_suggest(text, size, CW_BIT(CW_WORD_ANY));
	if (!what && memchr(text, ':', size))
		what = "is no IPv6 address";
	else if (!what && *text >= '0' && *text <= '9')
		what = "is no IPv4 address: four numbers from 0 to 255, "
		       "without leading zeros";
	else if (!what && !meant)
		what = "is no address; names of hosts cannot be used yet, and "
		       "a set is written '@NAME'";
	if (what)
		return cw_word_refuse(message, "'%.*s' %s",
				      (int)(size < SHOWN ? size : SHOWN), text,
				      what);
	return cw_word_refuse(message, "'%.*s' is no address; did you mean "
			      "'%s'?", (int)size, text, meant);
}
