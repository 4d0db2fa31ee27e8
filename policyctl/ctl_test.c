// SPDX-License-Identifier: GPL-2.0-only
/*
 * policyctl test: what a policy says about one request, and why.  The words of
 * the command are those of a rule, so that one can be made from the other.
 */
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "endpoint.h"

#define GROUPS_MAX	1024

/* Who asks for what, with the memory that struct cw_ident borrows. */
struct question {
	struct cw_ident ident;
	struct cw_request request;
	struct cw_endpoint to;
	const char *port;	/* NULL = not given by the word `port' */
	bool has_address;
	const char *unit, *container;
	char cgroup[CW_PATH_MAX];
	const char *ancestor[CW_ANCESTORS];
	u32 gid[GROUPS_MAX];
};

/* NULL, or what is wrong with @value. */
typedef const char *(*word_taker)(struct question *question, const char *value);

static bool parse_number(const char *text, unsigned long most, u32 *number)
{
	u64 value;

	if (!cw_word_number(text, strlen(text), most, &value))
		return false;
	*number = value;
	return true;
}

/* ---- who ---------------------------------------------------------------- */

static void add_group(struct question *question, u32 gid)
{
	if (question->ident.gids < GROUPS_MAX)
		question->gid[question->ident.gids++] = gid;
}

static void add_groups_of(struct question *question, const struct passwd *user)
{
	gid_t gids[GROUPS_MAX];
	int count = GROUPS_MAX;

	if (getgrouplist(user->pw_name, user->pw_gid, gids, &count) < 0)
		count = GROUPS_MAX;
	for (int i = 0; i < count; i++)
		add_group(question, gids[i]);
}

static const char *take_user(struct question *question, const char *value)
{
	const struct passwd *user;
	u32 uid;

	user = parse_number(value, UINT32_MAX - 1, &uid) ? getpwuid(uid)
							 : getpwnam(value);
	if (user) {
		uid = user->pw_uid;
		add_groups_of(question, user);
	} else if (!parse_number(value, UINT32_MAX - 1, &uid)) {
		return "there is no such user";
	}
	question->ident.uid = uid;
	return NULL;
}

static const char *take_group(struct question *question, const char *value)
{
	const struct group *group;
	u32 gid;

	if (!parse_number(value, UINT32_MAX - 1, &gid)) {
		group = getgrnam(value);
		if (!group)
			return "there is no such group";
		gid = group->gr_gid;
	}
	add_group(question, gid);
	return NULL;
}

static const char *take_script(struct question *question, const char *value)
{
	question->ident.script = value;
	return value[0] == '/' ? NULL : "it must be an absolute path";
}

static const char *take_cgroup(struct question *question, const char *value)
{
	question->ident.cgroup = value;
	return value[0] == '/' ? NULL : "it must start with /";
}

static const char *take_unit(struct question *question, const char *value)
{
	question->unit = value;
	return NULL;
}

static const char *take_container(struct question *question, const char *value)
{
	question->container = value;
	return NULL;
}

static const char *take_ancestor(struct question *question, const char *value)
{
	struct cw_ident *ident = &question->ident;

	if (value[0] != '/')
		return "it must be an absolute path";
	if (ident->ancestors == CW_ANCESTORS)
		return "too many ancestors";
	question->ancestor[ident->ancestors++] = value;
	return NULL;
}

/* The nearest ancestor, so it is given before the others. */
static const char *take_parent(struct question *question, const char *value)
{
	if (question->ident.ancestors)
		return "the parent comes before the other ancestors";
	return take_ancestor(question, value);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);

	return c && at ? at - digits : -1;
}

static const char *take_sha256(struct question *question, const char *value)
{
	struct cw_ident *ident = &question->ident;

	if (strlen(value) != 64)
		return "it must be 64 hexadecimal digits";
	for (int i = 0; i < 32; i++) {
		int high = hex_digit(value[2 * i]);
		int low = hex_digit(value[2 * i + 1]);

		if (high < 0 || low < 0)
			return "it must be 64 hexadecimal digits";
		ident->sha256[i] = high << 4 | low;
	}
	ident->flags |= CW_IDENT_HASHED;
	return NULL;
}

/* ---- for what ----------------------------------------------------------- */

static const char *take_address(struct question *question, const char *value)
{
	const char *problem = cw_endpoint_read(&question->to, value);

	question->has_address = true;
	if (problem)
		return problem;
	if (question->to.prefix != (question->to.family == 4 ? 32 : 128))
		return "it must be one address, with or without a port";
	if (question->to.zone[0] && !if_nametoindex(question->to.zone) &&
	    question->to.zone[strspn(question->to.zone, "0123456789")])
		return "there is no such interface";
	return NULL;
}

static const char *take_port(struct question *question, const char *value)
{
	question->port = value[0] == ':' ? value + 1 : value;
	return NULL;
}

static const char *take_proto(struct question *question, const char *value)
{
	static const char *const names[CW_PROTO_COUNT] = {
		"tcp", "udp", "sctp", "icmp", "raw", "packet",
	};

	for (u8 i = 0; i < CW_PROTO_COUNT; i++) {
		if (!strcmp(value, names[i])) {
			question->request.proto = i;
			return NULL;
		}
	}
	return "it must be tcp, udp, sctp, icmp, raw or packet";
}

static const struct {
	const char *word;
	word_taker take;
} words[] = {
	{ "to", take_address }, { "port", take_port }, { "proto", take_proto },
	{ "script", take_script }, { "user", take_user },
	{ "group", take_group }, { "unit", take_unit },
	{ "cgroup", take_cgroup }, { "container", take_container },
	{ "parent", take_parent }, { "ancestor", take_ancestor },
	{ "sha256", take_sha256 },
};

static const char *take_word(struct question *question, const char *word,
			     const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i].word))
			return words[i].take(question, value);
	return "is not a word of a request";
}

/* A cgroup as systemd and container engines would make it. */
static const char *make_cgroup(struct question *question)
{
	if (!question->unit && !question->container)
		return NULL;
	if (question->ident.cgroup)
		return "cgroup already says unit and container";
	snprintf(question->cgroup, sizeof(question->cgroup), "%s%s%s%s%s",
		 "/system.slice", question->unit ? "/" : "",
		 question->unit ? question->unit : "",
		 question->container ? "/docker-" : "",
		 question->container ? question->container : "");
	if (question->container)
		strncat(question->cgroup, ".scope",
			sizeof(question->cgroup) -
			strlen(question->cgroup) - 1);
	question->ident.cgroup = question->cgroup;
	return NULL;
}

/* Which port is meant depends on the protocol, which may follow it. */
static const char *settle_port(struct question *question)
{
	struct cw_request *request = &question->request;
	const char *port = question->port;

	if (question->to.port[0] && port)
		return "there are two ports";
	if (question->to.port[0])
		port = question->to.port;
	if (!(CW_PROTO_MASK_PORTS >> request->proto & 1))
		return port ? "this protocol has no ports" : NULL;
	return port ? cw_endpoint_port(port, 1 << request->proto,
				       &request->port)
		    : "`port NUMBER' is missing";
}

/*
 * The socket is taken to be bound to no address: 0.0.0.0 is loopback then.
 * The address of a packet socket is never judged, only that there is a frame.
 */
static const char *settle_address(struct question *question)
{
	const struct cw_endpoint *to = &question->to;

	if (question->request.proto == CW_PROTO_PACKET)
		return NULL;
	if (!question->has_address)
		return "`to ADDRESS' is missing";
	cw_request_name(&question->request, to->family, to->address, NULL);
	return NULL;
}

static const char *check_whole(struct question *question)
{
	return settle_address(question) ?: settle_port(question) ?:
	       make_cgroup(question);
}

static void init_question(struct question *question, const char *exe)
{
	memset(question, 0, sizeof(*question));
	question->ident.exe = exe;
	question->ident.ancestor = question->ancestor;
	question->ident.gid = question->gid;
	question->request.now = time(NULL);
	if (!strcmp(exe, "kernel")) {
		question->ident.exe = NULL;
		question->ident.flags = CW_IDENT_KERNEL;
	}
}

static int usage(const char *word, const char *value, const char *problem)
{
	log_error("test: %s%s%s: %s", word, value ? " " : "",
		  value ? value : "", problem);
	return CW_EXIT_USAGE;
}

static int parse(const struct cw_ctl *ctl, struct question *question)
{
	const char *problem;
	int i;

	init_question(question, ctl->argv[0]);
	if (question->ident.exe && question->ident.exe[0] != '/')
		return usage(ctl->argv[0], NULL, "it must be an absolute path "
			     "or `kernel'");
	for (i = 1; i + 1 < ctl->argc; i += 2) {
		problem = take_word(question, ctl->argv[i], ctl->argv[i + 1]);
		if (problem)
			return usage(ctl->argv[i], ctl->argv[i + 1], problem);
	}
	if (i < ctl->argc)
		return usage(ctl->argv[i], NULL, "nothing follows it");
	problem = check_whole(question);
	return problem ? usage(ctl->argv[0], NULL, problem) : CW_EXIT_OK;
}

/* ---- the answer --------------------------------------------------------- */

/* The engine decides in the kernel, so it has the word here too. */
static bool engine_agrees(const struct cw_policy_view *view,
			  const struct question *question,
			  const struct cw_verdict *verdict)
{
	struct cw_subjects subjects;
	struct cw_verdict engine;

	cw_match_subjects(&view->blob, &question->ident, &subjects);
	engine = cw_match(&view->blob, &subjects, &question->ident,
			  &question->request);
	return engine.rule == verdict->rule &&
	       engine.allow == verdict->allow &&
	       engine.monitor == verdict->monitor;
}

static void note_mode(const struct cw_ctl *ctl)
{
	struct cw_kernel_status status;

	if (!ctl->file && !cw_kernel_status(ctl->securityfs, &status) &&
	    status.mode == CW_MODE_MONITOR)
		fputs("note: the mode is monitor, so this is only reported\n",
		      stderr);
}

static int answer(const struct cw_ctl *ctl, const struct cw_policy_view *view,
		  const struct question *question)
{
	struct cw_explanation explanation;
	bool passes;

	cw_ruleset_explain(view->ruleset, &question->ident,
			   &question->request, &explanation);
	if (!engine_agrees(view, question, &explanation.verdict)) {
		log_error("test: the engine and the explanation disagree; "
			  "this is a bug in connwarden");
		return CW_EXIT_FAILED;
	}
	if (ctl->json)
		cw_explanation_print_json(view->ruleset, &explanation, stdout);
	else
		cw_explanation_print(view->ruleset, &explanation, stdout);
	passes = explanation.verdict.allow || explanation.verdict.monitor;
	if (!passes)
		note_mode(ctl);
	return cw_ctl_close_output(ctl) ?:
	       passes ? CW_EXIT_OK : CW_EXIT_FAILED;
}

int cw_ctl_test(const struct cw_ctl *ctl)
{
	struct cw_policy_view view;
	struct question question;
	int ret = parse(ctl, &question);

	if (ret)
		return ret;
	ret = cw_policy_view_open(ctl, ctl->file, &view);
	if (ret)
		return ret;
	ret = answer(ctl, &view, &question);
	cw_policy_view_close(&view);
	return ret;
}
