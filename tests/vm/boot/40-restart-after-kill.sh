#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# policyd is killed: enforcement goes on without a gap, systemd starts another
# one, and the mode that an administrator has chosen is not changed by it.
. /vm/lib.sh
pid() { systemctl show -P MainPID policyd; }
# Active means that its rules are loaded.
is_another() { [[ $(pid) != "$old" ]] && systemctl is-active -q policyd; }
old=$(pid)
kill -9 "$old"
expect_eperm dial $other 8080
expect_ok dial $web 80
wait_for 30 is_another || fail "no other policyd"
expect_is mode enforce status mode
expect_ok policyctl mode monitor
old=$(pid)
kill -9 "$old"
wait_for 30 is_another || fail "no other policyd"
expect_is mode monitor status mode
expect_ok policyctl mode enforce
stored() { policyctl history | grep -q "$other:8080 deny"; }
wait_for 20 stored || fail "no history: $(policyctl history)"
