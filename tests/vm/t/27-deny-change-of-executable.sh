#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# prctl(PR_SET_MM) must not change what a process is taken for.
. /vm/lib.sh
change() {
	python3 - <<'P'
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open("/usr/bin/curl", os.O_RDONLY)
PR_SET_MM, EXE_FILE = 35, 13
if libc.prctl(PR_SET_MM, EXE_FILE, ctypes.c_ulong(fd), 0, 0) == 0:
    sys.exit("changed")
sys.exit(errno.errorcode[ctypes.get_errno()])
P
}
# The kernel's own answer: the old executable is still mapped.  With the root
# on overlay, newer kernels do not see that it is the same file.
module_unload
answer=EBUSY
[[ $(uname -r) =~ ^(5|6\.1)\. ]] || answer='EBUSY|changed'
expect_fails 1 "$answer" change
up
mode monitor
expect_eperm change
policy "default deny"
mode enforce
log_mark
expect_eperm change
in_log 'tried to replace its executable'
