#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Ended connections go after ttl seconds; a full table drops the oldest ended
# one, counts it, and decisions go on.
. /vm/lib.sh
module_unload
module_load ttl=2 max_connections=20
echo "default deny" >/etc/connwarden/rules.conf
policyd_start
policy "default deny" "log none" "allow any to 127.0.0.0/8"
mode enforce
# What was there before the module does not go by age.
made() { awk 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
	NR > 1 && $at["attribution"] != "preexisting"' $fs/connections; }
expect_is "table" "" made
until (($(status evicted) > 0)); do hammer 2 1 127.0.0.9 7001; done
(($(status connections) <= 20)) || fail "over the limit"
expect_eperm dial $web 80
empty() { [[ ! $(made) ]]; }
wait_for 10 empty || fail "not aged: $(made)"
expect_is "lines but those" 1 awk 'NR == 1 || !/ preexisting / { lines++ }
	END { print lines }' $fs/connections
module_unload
