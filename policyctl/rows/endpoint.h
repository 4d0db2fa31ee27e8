/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses and ports as people write them on a command line: one reader for
 * every command and option.
 */
#ifndef CW_ENDPOINT_H
#define CW_ENDPOINT_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#define CW_ENDPOINT_FORMS	"ADDRESS, ADDRESS/PREFIX, ADDRESS:PORT, " \
				"[ADDRESS]:PORT or :PORT"

/**
 * struct cw_endpoint - what a word of a command line names
 * @family:  4 or 6; 0 = no address was written, only a port
 * @prefix:  bits of the address that count; 32 or 128 for one address
 * @address: in network order, without bits behind the prefix; IPv4-mapped
 *           addresses are IPv4
 * @zone:    what follows a %, "" = nothing
 * @port:    text of the port, a number or a service; "" = none was written
 */
struct cw_endpoint {
	uint8_t family, prefix;
	uint8_t address[16];
	char zone[IF_NAMESIZE];
	char port[64];
};

/**
 * cw_endpoint_read() - reads a word of CW_ENDPOINT_FORMS
 * @endpoint: is set when the word is one
 * @text:     the word
 *
 * Returns NULL, or the reason to refuse @text: a static string.
 */
const char *cw_endpoint_read(struct cw_endpoint *endpoint, const char *text);

/**
 * cw_endpoint_port() - reads a port: a number, or the name of a service
 * @text:   the word
 * @protos: mask of 1 << enum cw_proto; those that know the service must agree
 * @port:   is set when the word is a port
 *
 * Returns NULL, or the reason to refuse @text, valid until the next call.
 */
const char *cw_endpoint_port(const char *text, uint8_t protos, uint16_t *port);

#endif
