#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# policyd is killed: the kernel goes on enforcing, policyctl says what is gone, and
# the mode can be changed without it.
. /vm/lib.sh
up
policy "default deny" "allow any to $web port 80"
mode enforce
kill -9 $policyd_pid
wait $policyd_pid
expect_ok dial $web 80
expect_eperm dial $other 80
expect_is "mode" enforce status mode
expect_fails 0 'daemon: not running' policyctl status
expect_fails 0 'mode: enforce' policyctl status
echo "default allow" >"$scratch/open.conf"
expect_fails 1 'not running.*systemctl start policyd' policyctl load "$scratch/open.conf"
expect_eperm dial $other 80
audit_mark
expect_fails 0 'without it' policyctl mode monitor
expect_ok dial $other 80
audit_wait -m MAC_STATUS --format raw
grep -q 'enforcing=0 old_enforcing=1 .* res=1' <<<"$found" || fail "not recorded: $found"
expect_fails 1 'only root' as alice policyctl mode enforce
expect_fails 0 'mode is enforce, was monitor' policyctl mode enforce
# A new one takes over where the old one stopped.
rm /etc/connwarden/rules.conf
policyd_start
expect_eperm dial $other 80
expect_ok policyctl mode monitor
expect_ok dial $other 80
