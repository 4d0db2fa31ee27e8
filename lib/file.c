// SPDX-License-Identifier: GPL-2.0-only
/* Whole files, and paths. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

#define LEAST	((size_t)1 << 16)	/* bytes of the first read */

int cw_file_read(int fd, size_t expected, uint64_t most, char **data,
		 size_t *size)
{
	size_t room = expected >= LEAST ? expected + 1 : LEAST;
	char *buffer = NULL, *bigger;
	ssize_t got = 1;
	int ret = 0;

	for (*size = 0; got && !ret; *size += got > 0 ? got : 0) {
		if (!buffer || *size == room) {
			room *= buffer ? 2 : 1;
			bigger = cw_realloc(buffer, room + 1);
			if (!bigger) {
				ret = -ENOMEM;
				break;
			}
			buffer = bigger;
		}
		do
			got = read(fd, buffer + *size, room - *size);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			ret = -errno;
		else if (*size + got > most)
			ret = -EFBIG;
	}
	if (ret) {
		cw_free(buffer);
		return ret;
	}
	buffer[*size] = 0;
	*data = buffer;
	return 0;
}

char *cw_path_absolute(const char *path)
{
	char *here, *whole;

	if (path[0] == '/')
		return strdup(path);
	here = get_current_dir_name();
	if (!here)
		return NULL;
	if (asprintf(&whole, "%s/%s", here, path) < 0)
		whole = NULL;
	free(here);
	return whole;
}
