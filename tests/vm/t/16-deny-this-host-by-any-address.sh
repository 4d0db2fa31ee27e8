#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# 0.0.0.0 and :: mean this host: a rule for loopback decides on them.
. /vm/lib.sh
up
policy "default allow" "deny any to @loopback"
mode enforce
for address in 127.0.0.1 0.0.0.0 ::1 :: ::ffff:0.0.0.0 ::ffff:127.0.0.1; do
	expect_eperm dial $address 9
done
policy "default deny" "allow any to @loopback"
for address in 127.0.0.1 0.0.0.0 ::1 :: ::ffff:0.0.0.0 ::ffff:127.0.0.1; do
	expect_fails 1 'Connection refused' dial $address 9
done
