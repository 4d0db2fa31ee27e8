#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What connect() was allowed to may be sent to without being asked again, and
# alternating destinations on one socket are each judged.
. /vm/lib.sh
up
policy "default deny" "allow any to $web port 53 proto udp"
mode enforce
expect_ok python3 - $web $other <<'P'
import socket, sys
allowed, denied = (sys.argv[1], 53), (sys.argv[2], 53)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for turn in range(200):
    s.sendto(b"x", allowed)
    try:
        s.sendto(b"x", denied)
        sys.exit("sent to %s" % denied[0])
    except PermissionError:
        pass
s.connect(allowed)
for turn in range(200):
    s.send(b"x")
P
