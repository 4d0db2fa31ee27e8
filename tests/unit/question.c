// SPDX-License-Identifier: GPL-2.0-only
/* A process and a request in one line, as golden tests write them. */
#include <arpa/inet.h>
#include <pwd.h>

#include "policy/lint/lint.h"
#include "question.h"

static void take_address(struct question *question, const char *text)
{
	u8 family = strchr(text, ':') ? 6 : 4, address[16];

	if (!strcmp(text, "-"))
		return;
	ck_assert_msg(inet_pton(family == 4 ? AF_INET : AF_INET6, text,
				address) == 1, "address %s", text);
	cw_request_name(&question->request, family, address, NULL);
}

static void take_word(struct question *question, const char *word,
		      const char *value)
{
	static const char *const proto[] = {
		"tcp", "udp", "sctp", "icmp", "raw", "packet",
	};
	struct cw_ident *ident = &question->ident;
	char message[CW_MESSAGE_MAX];
	u32 i;

	if (!strcmp(word, "script"))
		ident->script = value;
	else if (!strcmp(word, "user"))
		ident->uid = getpwnam(value) ? getpwnam(value)->pw_uid :
					       (u32)atoi(value);
	else if (!strcmp(word, "group"))
		question->gid = atoi(value);
	else if (!strcmp(word, "link"))
		ident->link = value;
	else if (!strcmp(word, "link-file"))
		ident->link_file = value;
	else if (!strcmp(word, "by-env"))
		ident->flags |= strcmp(value, "yes") ? 0 : CW_IDENT_BY_ENV;
	else if (!strcmp(word, "clean-env"))
		ident->flags |= strcmp(value, "yes") ? 0 : CW_IDENT_CLEAN_ENV;
	else if (!strcmp(word, "cgroup"))
		ident->cgroup = value;
	else if (!strcmp(word, "parent"))
		question->ancestor[ident->ancestors++] = value;
	else if (!strcmp(word, "to"))
		take_address(question, value);
	else if (!strcmp(word, "port"))
		question->request.port = atoi(value);
	else if (!strcmp(word, "from"))
		question->request.from = atoi(value);
	else if (!strcmp(word, "zone"))
		question->request.zone = value;
	else if (!strcmp(word, "now"))
		question->request.now = atol(value);
	else if (!strcmp(word, "sha256")) {
		ck_assert(!cw_word_digest(value, strlen(value), ident->sha256,
					  message));
		ident->flags |= CW_IDENT_HASHED;
	} else if (!strcmp(word, "proto")) {
		for (i = 0; i < ARRAY_SIZE(proto); i++)
			if (!strcmp(value, proto[i]))
				question->request.proto = i;
	} else {
		ck_abort_msg("word %s in a request", word);
	}
}

void question_read(struct question *question, char *text)
{
	char *word, *value, *exe = strsep(&text, " ");

	memset(question, 0, sizeof(*question));
	question->ident.ancestor = question->ancestor;
	question->ident.gid = &question->gid;
	question->ident.gids = 1;
	question->ident.uid = question->gid = 1000;
	question->request.now = 1000000000;
	if (!strcmp(exe, "kernel"))
		question->ident.flags |= CW_IDENT_KERNEL;
	else if (!strcmp(exe, "unknown"))
		question->ident.flags |= CW_IDENT_UNKNOWN;
	else if (!strcmp(exe, "absent"))
		question->ident.flags |= CW_IDENT_UNKNOWN | CW_IDENT_ABSENT;
	else if (strcmp(exe, "-"))
		question->ident.exe = exe;
	while ((word = strsep(&text, " "))) {
		value = strsep(&text, " ");
		ck_assert_msg(value != NULL, "word %s has no value", word);
		take_word(question, word, value);
	}
}
