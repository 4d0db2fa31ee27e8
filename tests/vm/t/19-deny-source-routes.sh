#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# With a source route the packet goes to another address than the one that is
# asked for: no rule about addresses allows it.
. /vm/lib.sh
up
policy "default deny" "allow any to $web port 80"
mode enforce
program='
import socket, struct, sys
s = socket.socket()
s.settimeout(30)
if sys.argv[3] == "routed":
    hop = socket.inet_aton(sys.argv[2])
    s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x83\x07\x04" + hop + b"\x01")
s.connect((sys.argv[1], 80))'
expect_ok python3 -c "$program" $web $other plain
expect_eperm python3 -c "$program" $web $other routed
