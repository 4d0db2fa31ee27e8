#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 300
# Loads and unloads the module 20 times while four clients connect; on a slow
# kernel, where a round takes half a minute, 5 times.
. /vm/lib.sh
module_unload
hammer 4 $((290 * VM_SLOW)) 127.0.0.9 7001 7002 >"$scratch/hammer" &
rounds=20
((VM_SLOW == 1)) || rounds=5
for ((round = 1; round <= rounds; round++)); do
	insmod /vm/connwarden.ko || fail "round $round: insmod"
	sleep 0.2
	rmmod connwarden || fail "round $round: rmmod"
done
kill -0 $! || fail "the load ended before the rounds"
kill $!
up
expect_ok dial $web 80
