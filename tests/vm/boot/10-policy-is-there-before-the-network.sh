#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# systemd has booted: the first connection that could be made was judged, the
# mode is enforce, and nothing failed on the way.
. /vm/lib.sh
mapfile -t early </run/early
[[ ${early[0]} == *"not permitted"* && ${early[1]} == connected ]] ||
	fail "early: ${early[*]}"
expect_is mode enforce status mode
expect_is generation 1 status generation
expect_ok systemctl is-active -q policyd
expect_ok systemctl is-active -q auditd
expect_is failed "" systemctl --failed --no-legend --plain
[[ $(systemctl show -P Result modprobe@connwarden) == success ]] || fail "modprobe"
expect_fails 0 '^daemon_boot_mode: enforce' policyctl status
recorded() { ausearch --raw -m USER_MAC_STATUS -sv yes | grep -q 'enforcing=1 old_enforcing=0'; }
wait_for 10 recorded || fail "not recorded"
