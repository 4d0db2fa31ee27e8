#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# TCP over IPv6 to a listed destination is let through, blocking and not.
. /vm/lib.sh
up
policy "default deny" "allow /vm/bin/dial to $web6 port 80 proto tcp"
mode enforce
before=$(status denied)
expect_ok dial $web6 80
expect_ok dial -n $web6 80
expect_is "number of denials" "$before" status denied
