#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A glob matches within a component; other paths stay denied.
. /vm/lib.sh
up
policy "default deny" "allow /usr/bin/python3.* to $web port 80"
mode enforce
program='import socket,sys; socket.create_connection((sys.argv[1], 80), 5)'
expect_ok python3 -c "$program" $web
expect_eperm python3 -c "$program" $other
expect_eperm dial $web 80
