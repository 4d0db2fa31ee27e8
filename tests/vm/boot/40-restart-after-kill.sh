#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# policyd is killed: enforcement goes on without a gap, systemd starts another
# one, and the mode that an administrator has chosen is not changed by it.
. /vm/lib.sh
pid() { systemctl show -P MainPID policyd; }
is_another() { [[ $(pid) != "$old" ]] && policyd_answers; }
old=$(pid)
kill -9 "$old"
expect_eperm dial $other 80
expect_ok dial $web 80
wait_for 30 is_another || fail "no other policyd"
expect_is mode enforce status mode
expect_ok policyctl mode monitor
old=$(pid)
kill -9 "$old"
wait_for 30 is_another || fail "no other policyd"
expect_is mode monitor status mode
expect_ok policyctl mode enforce
stored() { policyctl history --since 60s | grep -q "$other:80 deny"; }
wait_for 20 stored || fail "no history: $(policyctl history)"
