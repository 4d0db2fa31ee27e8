#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A policy that is larger than the module takes is refused, the limit is named,
# and the policy in force stays.
. /vm/lib.sh
module_unload
module_load max_policy_bytes=10000
rm -f /etc/connwarden/rules.conf
policyd_start
policy "default deny" "allow any to $web"
for host in {1..250}; do
	echo "allow /usr/bin/p$host to 10.0.0.$host port $host"
done >"$scratch/large.conf"
expect_fails 1 'max_policy_bytes=10000' policyctl load "$scratch/large.conf"
expect_is rules 1 status rules
kill $policyd_pid
wait $policyd_pid
module_unload
