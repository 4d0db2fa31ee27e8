/* SPDX-License-Identifier: GPL-2.0-only */
/* Running programs whose file was replaced or deleted. */
#ifndef CW_REPLACED_H
#define CW_REPLACED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_replaced_program {
	uint32_t tgid;			/* the first process that was seen */
	bool is_kept;			/* path rules match it when the module
					 * is loaded anew */
	char *path;
	char unit[256];			/* of systemd, "" = none */
};

struct cw_replaced {
	struct cw_replaced_program *programs;	/* each path and unit once */
	size_t count, lost;		/* lost: that are not kept */
};

/* @root is where /proc is, "" = /.  0; -ENOMEM, or why /proc cannot be read.
 * Processes that we may not look at are left out. */
int cw_replaced_read(struct cw_replaced *replaced, const char *root);
void cw_replaced_free(struct cw_replaced *replaced);

#endif
