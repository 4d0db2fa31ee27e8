/* SPDX-License-Identifier: GPL-2.0-only */
/* A process and a request in one line, as golden tests write them. */
#ifndef CW_QUESTION_H
#define CW_QUESTION_H

#include "text.h"

struct question {
	struct cw_ident ident;
	struct cw_request request;
	const char *ancestor[CW_ANCESTORS];
	u32 gid;
};

/* Cuts up @text, which the question borrows. */
void question_read(struct question *question, char *text);

#endif
