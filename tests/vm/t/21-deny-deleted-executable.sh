#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A program whose file is gone has no path that a rule may match.
. /vm/lib.sh
up
cp /vm/bin/dial /opt/dial
policy "default deny" "allow /opt/dial to $web" "allow \"/opt/dial (deleted)\" to $web"
mode enforce
expect_ok /opt/dial $web 80
expect_eperm python3 - $web <<'P'
import os, sys
fd = os.open("/opt/dial", os.O_RDONLY)
os.unlink("/opt/dial")
os.execve(fd, ["dial", sys.argv[1], "80"], os.environ)
P
grep -q '(deleted)/opt/dial' $fs/connections || fail "not shown as deleted"
