#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# connect() on UDP sockets is judged like any other, by protocol.
. /vm/lib.sh
up
policy "default deny" "allow any to $web port 53 proto udp" \
	"allow any to $web6 port 53 proto udp"
mode enforce
expect_ok dial -u $web 53
expect_ok dial -u ::ffff:$web 53
expect_ok dial -u $web6 53
expect_eperm dial -u $web 54
expect_eperm dial -u $other 53
expect_eperm dial $web 53
