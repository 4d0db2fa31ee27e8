#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 240
# A million rules are loaded; over the module's limit they are refused, the
# limit is named, and the old policy stays.
. /vm/lib.sh
((VM_SLOW == 1)) || skip "too slow on a debug kernel"
up
awk 'BEGIN {
	print "default deny\nlog none"
	for (i = 0; i < 1000000; i++)
		printf "allow any to 10.%d.%d.%d port %d proto tcp\n",
			i / 65536, i / 256 % 256, i % 256, 1 + i % 60000
}' >"$scratch/million.conf"
expect_ok policyctl load "$scratch/million.conf"
expect_is rules 1000000 status rules
status bytes
mode enforce
expect_eperm dial 127.0.0.1 9
expect_eperm dial 10.15.66.63 1
kill $policyd_pid
wait $policyd_pid
rm /etc/connwarden/rules.conf
module_unload
module_load max_policy_bytes=1000000
policyd_start
policy "default deny" "allow any to $web"
expect_fails 1 max_policy_bytes=1000000 policyctl load "$scratch/million.conf"
expect_is rules 1 status rules
module_unload
