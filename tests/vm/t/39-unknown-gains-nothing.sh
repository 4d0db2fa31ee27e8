#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A process that the module had no memory for is unknown: rules for `any` deny
# it, none lets it pass that the default verdict would deny, and it may be any
# program that a rule denies.
. /vm/lib.sh
up
insmod /vm/starve.ko || fail "no starve"
cp /vm/bin/dial /opt/starve
# unknown ADDRESS: an unknown process connects
unknown() {
	python3 - "$1" <<'P'
import os, sys
open("/proc/self/comm", "w").write("starve")
pid = os.fork()
if not pid:
    os.execv("/opt/starve", ["starve", sys.argv[1], "80"])
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
P
}
mode enforce
policy "default allow" "deny any to $web"
expect_ok unknown $other
expect_eperm unknown $web
expect_eperm dial $web 80
grep -q ' unknown .* ?$' $fs/connections || fail "not shown as unknown"
policy "default allow" "deny any user root to $web" "deny any user alice to $other"
expect_eperm unknown $web
expect_ok unknown $other
policy "default allow" "deny /opt/other to $web"
expect_eperm unknown $web
expect_ok dial $web 80
policy "default allow" "allow any to $web" "deny any ancestor /opt/other to $other"
expect_ok unknown $web
expect_eperm unknown $other
expect_ok dial $other 80
policy "default deny" "allow any to $web" "allow /opt/starve to $web"
expect_eperm unknown $web
expect_ok dial $web 80
policy "default allow" "deny any to $web monitor"
expect_ok unknown $web
rmmod starve
# The twin: the same processes, known.
policy "default deny" "allow /opt/starve to $web"
expect_ok unknown $web
expect_eperm unknown $other
