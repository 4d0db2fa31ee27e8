#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The effective user, and any of the groups, as they are at the moment.
. /vm/lib.sh
up
groupadd -f -g 4711 dialers
policy "default deny" "allow /vm/bin/dial user alice to $web"
mode enforce
expect_ok as alice dial $web 80
expect_eperm dial $web 80
policy "default deny" "allow /vm/bin/dial group 4711 to $web" \
	"allow /vm/bin/dial group alice to $other"
expect_eperm dial $web 80
expect_ok setpriv --regid 4711 --clear-groups dial $web 80
expect_ok setpriv --groups 1,4711,4712 dial $web 80
expect_eperm setpriv --groups 1,4712 dial $web 80
expect_ok as alice dial $other 80
expect_eperm as alice dial $web 80
# More groups than fit in anything small.
expect_ok setpriv --groups "$(seq -s, 5000 5900),4711" dial $web 80
# One process, one socket after the other: what it was does not stick.
policy "default deny" "allow /usr/bin/python3.* user alice to $web" \
	"allow /usr/bin/python3.* group 4711 to $web"
expect_ok python3 - $web $alice <<'P'
import os, socket, sys
web, alice = sys.argv[1], int(sys.argv[2])
def dial():
    try:
        socket.create_connection((web, 80), 5).close()
    except PermissionError:
        return False
    return True
for turn in range(20):
    assert not dial(), "root, before"
    os.setresuid(-1, alice, 0)
    assert dial(), "alice"
    os.setresuid(-1, 0, 0)
    assert not dial(), "root, after"
    os.setgroups([1, 4711])
    assert dial(), "group"
    os.setgroups([1])
    assert not dial(), "no group"
P
