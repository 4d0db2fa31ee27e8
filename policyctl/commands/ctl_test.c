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
#include "policyctl/rows/endpoint.h"

#define GROUPS_MAX	1024

/* Who asks for what, with the memory that struct cw_ident borrows. */
struct question {
	struct cw_ident ident;
	struct cw_request request;
	struct cw_endpoint to;
	const char *port;	/* NULL = not given by the word `port' */
	const char *from;	/* likewise by `from port' */
	bool has_address;
	bool of_file;		/* not about the policy in force */
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

	if (!cw_number_parse(text, strlen(text), most, &value))
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
	return NULL;
}

static const char *take_port(struct question *question, const char *value)
{
	question->port = value[0] == ':' ? value + 1 : value;
	return NULL;
}

static const char *take_from(struct question *question, const char *value)
{
	question->from = value;
	return NULL;
}

static const char *take_proto(struct question *question, const char *value)
{
	int proto = cw_proto_parse(value);

	if (proto < 0)
		return "it must be tcp, udp, sctp, icmp, raw or packet";
	question->request.proto = proto;
	return NULL;
}

static const struct {
	const char *word;
	word_taker take;
} words[] = {
	{ "to", take_address }, { "port", take_port }, { "proto", take_proto },
	{ "from port", take_from },
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

/* The control group that @engine makes for a container. */
static const char *form_of(const struct cw_part *engine)
{
	static const struct {
		const char *engine, *form;
	} forms[] = {
		{ "docker", "/system.slice/docker-%s.scope" },
		{ "podman", "/machine.slice/libpod-%s.scope/container" },
		{ "containerd", "/kubepods.slice/cri-containerd-%s.scope" },
		{ "crio", "/kubepods.slice/crio-%s.scope" },
		{ "nerdctl", "/system.slice/nerdctl-%s.scope" },
		{ "lxc", "/lxc.payload.%s" },
		{ "nspawn", "/machine.slice/systemd-nspawn@%s.service/payload" },
	};

	if (!engine->size)
		return forms[0].form;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (engine->size == strlen(forms[i].engine) &&
		    !memcmp(engine->text, forms[i].engine, engine->size))
			return forms[i].form;
	return NULL;
}

/* snprintf() with the one %s of a form. */
static void write_form(char *to, size_t size, const char *form,
		       const char *name)
{
	const char *at = strstr(form, "%s");

	snprintf(to, size, "%.*s%s%s", (int)(at - form), form, name, at + 2);
}

static const char *make_container(struct question *question)
{
	struct cw_container found;
	struct cw_part engine;
	const char *name = cw_container_pattern(question->container, &engine);
	const char *form = form_of(&engine);

	if (question->unit)
		return "a container is a unit of its own; leave unit out";
	if (!form)
		return "no such container engine; known are docker, podman, "
		       "containerd, crio, nerdctl, lxc and nspawn";
	write_form(question->cgroup, sizeof(question->cgroup), form, name);
	question->ident.cgroup = question->cgroup;
	return cw_container_find(question->cgroup, &found) ? NULL :
	       "no container can have this name";
}

/* A cgroup as systemd and container engines would make it. */
static const char *make_cgroup(struct question *question)
{
	if (!question->unit && !question->container)
		return NULL;
	if (question->ident.cgroup)
		return "cgroup already says unit and container";
	if (question->container)
		return make_container(question);
	snprintf(question->cgroup, sizeof(question->cgroup), "/system.slice/%s",
		 question->unit);
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
		return port || question->from ? "this protocol has no ports"
					      : NULL;
	return port ? cw_endpoint_port(port, 1 << request->proto,
				       &request->port)
		    : "`port NUMBER' is missing";
}

static const char *settle_from(struct question *question)
{
	struct cw_request *request = &question->request;
	const char *problem;

	if (!question->from)
		return NULL;
	problem = cw_endpoint_port(question->from, 1 << request->proto,
				   &request->from);
	return problem || request->from ? problem :
	       "no socket has the local port 0";
}

/*
 * Rules have the names of interfaces.  One that is not here may be that of the
 * host that the rules of a file are for.
 */
static const char *settle_zone(struct question *question)
{
	char *zone = question->to.zone, name[IF_NAMESIZE];

	if (!*zone)
		return NULL;
	question->request.zone = zone;
	if (if_nametoindex(zone))
		return NULL;
	if (!zone[strspn(zone, "0123456789")] &&
	    if_indextoname(strtoul(zone, NULL, 10), name))
		strcpy(zone, name);
	else if (!question->of_file)
		return "there is no such interface";
	return NULL;
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
	return settle_zone(question);
}

static const char *check_whole(struct question *question)
{
	return settle_address(question) ?: settle_port(question) ?:
	       settle_from(question) ?: make_cgroup(question);
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
	} else if (!strcmp(exe, "unknown")) {
		question->ident.exe = NULL;
		question->ident.flags = CW_IDENT_UNKNOWN;
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
	const char *word, *problem;
	int i;

	init_question(question, ctl->argv[0]);
	question->of_file = ctl->file;
	if (question->ident.exe && question->ident.exe[0] != '/')
		return usage(ctl->argv[0], NULL, "it must be an absolute "
			     "path, `kernel' or `unknown'");
	for (i = 1; i < ctl->argc; i += 2) {
		word = ctl->argv[i];
		if (!strcmp(word, "clean-env")) {
			question->ident.flags |= CW_IDENT_CLEAN_ENV;
			i--;
			continue;
		}
		if (i + 1 == ctl->argc)
			return usage(word, NULL, "nothing follows it");
		if (!strcmp(word, "from") && !strcmp(ctl->argv[i + 1], "port") &&
		    i + 2 < ctl->argc) {
			word = "from port";
			i++;
		}
		problem = take_word(question, word, ctl->argv[i + 1]);
		if (problem)
			return usage(word, ctl->argv[i + 1], problem);
	}
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
		return CW_EXIT_UNKNOWN;
	}
	if (ctl->json)
		cw_explanation_print_json(view->ruleset, &explanation, stdout);
	else
		cw_explanation_print(view->ruleset, &explanation, stdout);
	passes = explanation.verdict.allow || explanation.verdict.monitor;
	if (!passes)
		note_mode(ctl);
	if (cw_ctl_close_output(ctl))
		return CW_EXIT_UNKNOWN;
	return passes ? CW_EXIT_OK : CW_EXIT_FAILED;
}

int cw_ctl_test(const struct cw_ctl *ctl)
{
	struct cw_policy_view view;
	struct question question;
	int ret = parse(ctl, &question);

	if (ret)
		return ret;
	if (cw_policy_view_open(ctl, ctl->file, &view))
		return CW_EXIT_UNKNOWN;
	ret = answer(ctl, &view, &question);
	cw_policy_view_close(&view);
	return ret;
}
