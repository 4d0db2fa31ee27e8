// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which connections are wanted: from options of policyctl, and whether one is,
 * when it does not come from the history, which has an index for that.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "policy/text/compile.h"
#include "endpoint.h"
#include "rows.h"

/* ---- from options ------------------------------------------------------- */

static bool parse_number(const char *text, uint64_t most, uint64_t *number)
{
	return cw_number_parse(text, strlen(text), most, number);
}

static bool take_since(struct cw_past_filter *filter, const char *value)
{
	return !cw_time_parse(value, cw_time_now(), &filter->since);
}

static bool take_until(struct cw_past_filter *filter, const char *value)
{
	return !cw_time_parse(value, cw_time_now(), &filter->until);
}

static bool take_at(struct cw_past_filter *filter, const char *value)
{
	if (!take_since(filter, value))
		return false;
	filter->until = filter->since;
	return true;
}

/* "[8:1]/path", "(deleted)/path" and "?" are names as well: see cw_abi.h. */
static bool take_exe(struct cw_past_filter *filter, const char *value)
{
	filter->exe = value;
	return value[0] && strchr("/[(*?", value[0]) &&
	       (!cw_filter_is_glob(value) ||
		strlen(strpbrk(value, "*?")) <= CW_BLOB_GLOB_MAX);
}

static bool take_user(struct cw_past_filter *filter, const char *value)
{
	const struct passwd *user;
	uint64_t number;

	if (parse_number(value, UINT32_MAX, &number)) {
		filter->uid = number;
		return true;
	}
	user = getpwnam(value);
	if (user)
		filter->uid = user->pw_uid;
	return user;
}

static bool take_pid(struct cw_past_filter *filter, const char *value)
{
	uint64_t number;

	if (!parse_number(value, INT32_MAX, &number))
		return false;
	filter->tgid = number;
	return true;
}

static bool take_verdict(struct cw_past_filter *filter, const char *value)
{
	filter->verdict = strcmp(value, "-") ? cw_outcome_parse(value)
					     : CW_OUTCOME_NONE;
	return filter->verdict >= 0;
}

static bool take_proto(struct cw_past_filter *filter, const char *value)
{
	filter->proto = cw_proto_parse(value);
	return filter->proto >= 0;
}

static bool take_in(struct cw_past_filter *filter, const char *value)
{
	(void)value;
	if (filter->in == 0)
		return false;
	filter->in = 1;
	return true;
}

static bool take_out(struct cw_past_filter *filter, const char *value)
{
	(void)value;
	if (filter->in == 1)
		return false;
	filter->in = 0;
	return true;
}

static bool take_to(struct cw_past_filter *filter, const char *value)
{
	filter->remote_only = true;
	return !cw_filter_address(filter, value);
}

static bool take_port(struct cw_past_filter *filter, const char *value)
{
	uint16_t port;

	if (value[0] == ':')
		value++;
	if (cw_endpoint_port(value, CW_PROTO_MASK_PORTS, &port))
		return false;
	filter->port = port;
	return true;
}

static bool take_limit(struct cw_past_filter *filter, const char *value)
{
	uint64_t number;

	if (!parse_number(value, INT32_MAX, &number) || !number)
		return false;
	filter->limit = number;
	return true;
}

#define TIMES	"a time: 90s, 15m, 2h, 7d ago, now, 2026-11-25, " \
		"\"2026-11-25 02:21\" or 2026-11-25T02:21:49Z"

static const struct {
	const char *name;
	bool (*take)(struct cw_past_filter *filter, const char *value);
	const char *accepted;
} options[] = {
	{ "since", take_since, TIMES },
	{ "until", take_until, TIMES },
	{ "at", take_at, TIMES },
	{ "exe", take_exe, "an absolute path, or a glob such as /usr/** or "
	  "**/curl" },
	{ "user", take_user, "a user's name or number" },
	{ "pid", take_pid, "the number of a process" },
	{ "verdict", take_verdict, "allow, deny, would-deny, or - for what was "
	  "not judged" },
	{ "proto", take_proto, "tcp, udp, sctp, icmp, raw or packet" },
	{ "in", take_in, "cannot be together with --out" },
	{ "out", take_out, "cannot be together with --in" },
	{ "to", take_to, CW_ENDPOINT_FORMS },
	{ "port", take_port, "a number from 0 to 65535 or a service" },
	{ "limit", take_limit, "a number from 1 on" },
};

const char *cw_filter_take(struct cw_past_filter *filter, const char *name,
			   const char *value)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (!strcmp(options[i].name, name))
			return options[i].take(filter, value)
				? NULL : options[i].accepted;
	return "nothing: there is no such filter";
}

bool cw_filter_is_glob(const char *exe)
{
	return strpbrk(exe, "*?");
}

/* History and table do not have the interface, so a zone selects nothing. */
const char *cw_filter_address(struct cw_past_filter *filter, const char *text)
{
	struct cw_endpoint endpoint;
	const char *problem = cw_endpoint_read(&endpoint, text);
	uint16_t port;

	if (!problem && endpoint.port[0])
		problem = cw_endpoint_port(endpoint.port, CW_PROTO_MASK_PORTS,
					   &port);
	if (problem)
		return problem;
	filter->family = endpoint.family;
	filter->prefix = endpoint.prefix;
	memcpy(filter->address, endpoint.address, sizeof(filter->address));
	if (endpoint.port[0])
		filter->port = port;
	return NULL;
}

/* ---- whether one matches ------------------------------------------------ */

static bool address_matches(const struct cw_past_filter *filter,
			    const struct cw_past *past, const uint8_t *address)
{
	unsigned bytes = filter->prefix / 8, bits = filter->prefix % 8;

	if (!filter->family)
		return true;
	if (past->family != filter->family ||
	    memcmp(address, filter->address, bytes))
		return false;
	return !bits || !((address[bytes] ^ filter->address[bytes]) &
			  0xff00 >> bits & 0xff);
}

static bool end_matches(const struct cw_past_filter *filter,
			const struct cw_past *past, const uint8_t *address,
			uint16_t port)
{
	return address_matches(filter, past, address) &&
	       (filter->port < 0 || filter->port == port);
}

static bool ends_match(const struct cw_past_filter *filter,
		       const struct cw_past *past)
{
	return end_matches(filter, past, past->remote, past->remote_port) ||
	       (!filter->remote_only &&
		end_matches(filter, past, past->local, past->local_port));
}

static bool path_matches(const char *wanted, const char *path)
{
	return cw_filter_is_glob(wanted) ? cw_glob_matches(wanted, path)
					 : !strcmp(wanted, path);
}

static bool program_matches(const struct cw_past_filter *filter,
			    const struct cw_program *program)
{
	if (filter->tgid >= 0 && filter->tgid != program->tgid)
		return false;
	return !filter->exe || path_matches(filter->exe, program->exe) ||
	       path_matches(filter->exe, program->script);
}

static bool time_matches(const struct cw_past_filter *filter,
			 const struct cw_past *past)
{
	int64_t end = past->closed;

	if (past->verdict == CW_OUTCOME_DENY)
		end = past->opened;
	return (!filter->since || !end || end >= filter->since) &&
	       (!filter->until || past->opened <= filter->until);
}

bool cw_filter_matches(const struct cw_past_filter *filter,
		       const struct cw_past *past)
{
	return time_matches(filter, past) &&
	       (filter->uid < 0 || filter->uid == past->uid) &&
	       (filter->verdict < 0 || filter->verdict == past->verdict) &&
	       (filter->proto < 0 || filter->proto == past->proto) &&
	       (filter->in < 0 || filter->in == past->in) &&
	       (program_matches(filter, &past->program) ||
		(cw_past_has_user(past) &&
		 program_matches(filter, &past->user))) &&
	       ends_match(filter, past);
}
