#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# enforce with no policy loaded would refuse everything: it is refused.
. /vm/lib.sh
module_unload
module_load
# Other tests may have left a policy that policyd would fall back on.
forget() { rm -f /var/lib/connwarden/last-good*; }
forget
rm -f /etc/connwarden/rules.conf
policyd_start
expect_is generation 0 status generation
expect_fails 1 'no policy' policyctl mode enforce
expect_is mode monitor status mode
expect_ok dial $web 80
policy "default deny"
expect_ok policyctl mode enforce
expect_eperm dial $web 80
expect_fails 2 . policyctl mode sometimes
# After a boot --enforce does it with the first policy, and not before.
policyd_stop
module_unload
module_load
echo "default none" >/etc/connwarden/rules.conf
forget
policyd_start --enforce
last_load_is() { has_line "^daemon_last_load: $1" "$(policyctl status)"; }
wait_for 10 last_load_is failed || fail "bad rules are loaded"
expect_is mode monitor status mode
# policyd tries again by itself, so it may be faster than the command below.
audit_mark
printf '%s\n' "default deny" "allow any to $web" >/etc/connwarden/rules.conf
expect_ok policyctl load
expect_is mode enforce status mode
expect_ok dial $web 80
expect_eperm dial $other 80
audit_wait -m USER_MAC_STATUS -sv yes
grep -q 'enforcing=1 old_enforcing=0' <<<"$found" || fail "not recorded: $found"
# What was chosen since is left alone, by a load and by another policyd.
mode monitor
expect_ok policyctl load
expect_is mode monitor status mode
policyd_stop
policyd_start --enforce
wait_for 10 last_load_is ok || fail "good rules are not loaded"
expect_is mode monitor status mode
expect_fails 0 '^daemon_boot_mode: enforce' policyctl status
# Rules that are no more than tried do not make it enforce.
policyd_stop
module_unload
module_load
rm /etc/connwarden/rules.conf
forget
policyd_start --enforce
policy "default deny"
expect_is mode monitor status mode
mode enforce
echo sometimes 2>/dev/null >$fs/mode && fail "taken: sometimes"
expect_is mode enforce status mode
