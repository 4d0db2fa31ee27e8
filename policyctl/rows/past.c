// SPDX-License-Identifier: GPL-2.0-only
/* A connection of the past: the words that all outputs have, and a line of JSON
 * for other hosts and programs. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rows.h"

/* ---- words -------------------------------------------------------------- */

static const char *const directions[2] = { "out", "in" };

/* By enum cw_netns_owner. */
static const char *const owners[CW_NETNS_OWNERS] = { "", "root", "user" };

const char *cw_past_attribution_name(const struct cw_past *past)
{
	return cw_attribution_name(cw_past_has_user(past)
				   ? CW_ATTRIBUTION_INHERITED
				   : past->attribution);
}

int cw_past_direction(const char *word)
{
	return cw_word_find(directions, 2, word);
}

int cw_past_netns_owner(const char *word)
{
	return cw_word_find(owners, CW_NETNS_OWNERS, word);
}

bool cw_past_has_user(const struct cw_past *past)
{
	return past->user.id != 0;
}

bool cw_past_has_ports(unsigned proto)
{
	return proto < 32 && CW_PROTO_MASK_PORTS & 1u << proto;
}

bool cw_past_has_local(const struct cw_past *past)
{
	static const uint8_t none[16];

	return past->family && memcmp(past->local, none, sizeof(none));
}

const char *cw_past_address(unsigned family, const uint8_t *address,
			    char text[INET6_ADDRSTRLEN])
{
	return inet_ntop(family == 4 ? AF_INET : AF_INET6, address, text,
			 INET6_ADDRSTRLEN);
}

const char *cw_past_host(const char *host)
{
	static char here[256];

	if (host && host[0])
		return host;
	if (!here[0] && (gethostname(here, sizeof(here) - 1) || !here[0]))
		strcpy(here, "localhost");
	return here;
}

uint32_t cw_past_users_netns(const struct cw_past *past)
{
	return past->netns_owner == CW_NETNS_USER ? past->netns : 0;
}

/* ---- writing ------------------------------------------------------------ */

static void print_end(FILE *out, const char *key, const struct cw_past *past,
		      const uint8_t *address, uint16_t port)
{
	bool is_local = address == past->local;
	bool is_known = is_local ? cw_past_has_local(past) : past->family;
	bool has_port = cw_past_has_ports(past->proto) && past->family;
	char text[INET6_ADDRSTRLEN];

	cw_json_text(out, key, is_known
		   ? cw_past_address(past->family, address, text) : NULL);
	fprintf(out, ",\"%s_port\":", key);
	if (has_port && (port || !is_local))
		fprintf(out, "%u", port);
	else
		fputs("null", out);
}

static void print_process(FILE *out, const struct cw_program *program)
{
	cw_json_time(out, "start", program->start);
	cw_json_text(out, "exe", program->exe);
	cw_json_text(out, "script", program->script);
	cw_json_text(out, "cgroup", program->cgroup);
	cw_json_text(out, "unit", program->unit);
}

static void print_ancestors(FILE *out, const struct cw_program *program)
{
	fputs(",\"ancestors\":[", out);
	for (unsigned i = 0; i < program->ancestors; i++) {
		fprintf(out, "%s{\"tgid\":%u", i ? "," : "",
			program->ancestor[i].tgid);
		cw_json_time(out, "start", program->ancestor[i].start);
		cw_json_text(out, "exe", program->ancestor[i].exe);
		fputc('}', out);
	}
	fputc(']', out);
}

static void print_user(FILE *out, const struct cw_past *past)
{
	fputs(",\"user\":", out);
	if (!cw_past_has_user(past)) {
		fputs("null", out);
		return;
	}
	/* The first member has no comma before it. */
	if (past->user.tgid)
		fprintf(out, "{\"tgid\":%u", past->user.tgid);
	else
		fputs("{\"tgid\":null", out);
	print_process(out, &past->user);
	fputc('}', out);
}

static void print_rule(FILE *out, const struct cw_past *past)
{
	cw_json_number(out, "rule", past->rule, CW_RULE_DEFAULT);
	cw_json_number(out, "line", past->line, 0);
	cw_json_text(out, "label", past->label);
	cw_json_number(out, "generation", past->generation, 0);
}

static void print_number_of(FILE *out, const char *key,
			    const struct cw_past *past, unsigned proto)
{
	cw_json_number(out, key, past->proto == proto ? past->number : 0, 0);
}

/* How far it came, and how it ended. */
static void print_ending(FILE *out, const struct cw_past *past)
{
	fprintf(out, ",\"established\":%s",
		past->established == CW_ESTABLISHED_YES ? "true" :
		past->established == CW_ESTABLISHED_NO ? "false" : "null");
	cw_json_text(out, "ending", past->ending == CW_ENDING_UNKNOWN
		     ? NULL : cw_ending_name(past->ending));
}

static void print_head(FILE *out, const char *type, const char *host)
{
	host = cw_past_host(host);
	fprintf(out, "{\"type\":\"%s\",\"host\":", type);
	cw_json_string(out, host);
}

void cw_past_print(FILE *out, const struct cw_past *past)
{
	print_head(out, "connection", past->host);
	cw_json_number(out, "id", past->id, 0);
	cw_json_time(out, "opened", past->opened);
	cw_json_time(out, "closed", past->closed);
	fprintf(out, ",\"proto\":\"%s\",\"dir\":\"%s\"",
		cw_proto_name(past->proto), directions[past->in]);
	print_end(out, "local", past, past->local, past->local_port);
	print_end(out, "remote", past, past->remote, past->remote_port);
	print_number_of(out, "ip_protocol", past, CW_PROTO_RAW);
	print_number_of(out, "ethertype", past, CW_PROTO_PACKET);
	cw_json_text(out, "interface", past->interface);
	cw_json_number(out, "netns", past->netns, 0);
	if (past->netns_owner)
		cw_json_text(out, "netns_owner", owners[past->netns_owner]);
	cw_json_text(out, "verdict", past->verdict < CW_OUTCOME_NONE
		   ? cw_outcome_name(past->verdict) : NULL);
	cw_json_text(out, "attribution", cw_past_attribution_name(past));
	cw_json_number(out, "tgid", past->program.tgid, 0);
	cw_json_number(out, "pid", past->pid, 0);
	fprintf(out, ",\"uid\":%u", past->uid);
	print_process(out, &past->program);
	print_rule(out, past);
	cw_json_number(out, "sent", past->sent, CW_BYTES_UNKNOWN);
	cw_json_number(out, "received", past->received, CW_BYTES_UNKNOWN);
	print_ending(out, past);
	print_ancestors(out, &past->program);
	print_user(out, past);
	fputs("}\n", out);
}

void cw_hole_print(FILE *out, const char *host, const struct cw_hole *hole)
{
	print_head(out, "hole", host);
	cw_json_time(out, "since", hole->since);
	cw_json_time(out, "until", hole->until);
	fprintf(out, ",\"records\":%" PRIu64, hole->records);
	cw_json_text(out, "reason", hole->reason);
	fputs("}\n", out);
}
