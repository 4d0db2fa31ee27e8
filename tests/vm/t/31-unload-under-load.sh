#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# Loads and unloads the module 20 times while four clients connect.
. /vm/lib.sh
module_unload
hammer 4 $((170 * VM_SLOW)) 127.0.0.9 7001 7002 >"$scratch/hammer" &
for round in {1..20}; do
	insmod /vm/connwarden.ko || fail "round $round: insmod"
	sleep 0.2
	rmmod connwarden || fail "round $round: rmmod"
done
kill -0 $! || fail "the load ended before the rounds"
kill $!
up
expect_ok dial $web 80
