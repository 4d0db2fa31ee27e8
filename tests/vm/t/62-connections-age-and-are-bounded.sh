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
# Sockets that other tests have left to the kernel.
before=$(status connections)
cat $fs/connections
((before < 10)) || fail "$before connections to begin with"
hammer 2 $((1 * VM_SLOW)) 127.0.0.9 7001
(($(status connections) <= 20)) || fail "over the limit"
(($(status evicted) > 0)) || fail "nothing evicted"
expect_eperm dial $web 80
aged() { (($(status connections) <= before)); }
wait_for 10 aged || fail "not aged: $(status connections), $before before"
(($(wc -l <$fs/connections) <= 1 + before)) || fail "more lines: $(<$fs/connections)"
module_unload
