#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# TCP over IPv4 to another address, or another port, is refused with EPERM,
# blocking and not; the twin of the same number is let through.
. /vm/lib.sh
up
policy "default deny" "allow /vm/bin/dial to $web port 80 proto tcp"
mode enforce
before=$(status denied)
expect_eperm dial $other 80
expect_eperm dial -n $other 80
expect_eperm dial $web 4444
expect_eperm dial -n $web 4444
expect_is "number of denials" $((before + 4)) status denied
