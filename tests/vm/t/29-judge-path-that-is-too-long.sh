#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# An executable whose path does not fit is judged by the rules for any.
. /vm/lib.sh
up
policy "default allow" "deny any to $other"
mode enforce
expect_eperm python3 - $other <<'P'
import os, shutil, sys
name = "d" * 250
os.chdir("/tmp")
for depth in range(17):
    os.mkdir(name)
    os.chdir(name)
shutil.copy("/vm/bin/dial", "dial")
os.execv("./dial", ["dial", sys.argv[1], "80"])
P
