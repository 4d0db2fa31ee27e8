// SPDX-License-Identifier: GPL-2.0-only
/* The boot this is: numbers of the kernel mean something only within one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "history.h"

int cw_boot_read(char *boot, size_t size)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	int ret = 0;

	if (!file)
		return -errno;
	if (!fgets(boot, size, file))
		ret = -EIO;
	else
		boot[strcspn(boot, "\n")] = 0;
	fclose(file);
	return ret;
}
