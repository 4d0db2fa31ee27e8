#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# TCP over IPv4-mapped IPv6 to a listed destination is let through, blocking and not.
. /vm/lib.sh
up
policy "default deny" "allow /vm/bin/dial to $web port 80 proto tcp"
mode enforce
before=$(status denied)
expect_ok dial ::ffff:$web 80
expect_ok dial -n ::ffff:$web 80
expect_is "number of denials" "$before" status denied
