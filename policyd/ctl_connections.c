// SPDX-License-Identifier: GPL-2.0-only
/* policyctl connections: the kernel's table, as rows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policyctl.h"

/* Cuts @line at each space; what is missing becomes "-". */
static unsigned split(char *line, char *values[CW_COLUMNS_MAX], unsigned room)
{
	static char none[] = "-";
	unsigned count = 0;
	char *value;

	line[strcspn(line, "\n")] = 0;
	while (count < room && (value = strsep(&line, " ")))
		if (*value)
			values[count++] = value;
	for (unsigned i = count; i < room; i++)
		values[i] = none;
	return count;
}

static int print_header(struct cw_printer *printer, char *line)
{
	char *names[CW_COLUMNS_MAX];

	printer->columns = split(line, names, CW_COLUMNS_MAX);
	memcpy(printer->names, names, printer->columns * sizeof(*names));
	return printer->style->columns(printer);
}

static int print_connections(struct cw_printer *printer, FILE *file)
{
	char *header = NULL, *line = NULL, *values[CW_COLUMNS_MAX];
	size_t header_room = 0, room = 0;
	int ret = 0;

	if (getline(&header, &header_room, file) > 0) {
		ret = print_header(printer, header);
		while (!ret && getline(&line, &room, file) > 0)
			if (split(line, values, printer->columns))
				ret = printer->style->row(printer, values);
		if (!ret)
			ret = printer->style->flush(printer);
	}
	if (!ret && ferror(file))
		ret = -EIO;
	free(header);
	free(line);
	return ret;
}

int cw_ctl_connections(const struct cw_ctl *ctl)
{
	FILE *file = cw_kernel_open(ctl->securityfs, CW_FILE_CONNECTIONS);
	struct cw_printer printer;
	int ret;

	if (!file)
		return cw_ctl_complain(ctl, -errno, CW_FILE_CONNECTIONS);
	cw_printer_init(&printer, stdout, ctl->json);
	ret = print_connections(&printer, file);
	fclose(file);
	if (ret)
		return cw_ctl_complain(ctl, ret, CW_FILE_CONNECTIONS);
	return cw_ctl_close_output(ctl);
}
