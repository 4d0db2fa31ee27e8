#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A raw socket that brings the IP header may write any address in it, so it needs a
# rule `to any`: to set the option, by each of its names, and to send.
. /vm/lib.sh
up
cat >"$scratch/header.py" <<'P'
import errno, socket, struct, sys
kind, to = sys.argv[1:]
IP_HDRINCL, IPV6_HDRINCL = 3, 36
try:
    if kind == "raw":
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        packet = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20, 0, 0, 64, 254, 0, bytes(4), socket.inet_aton(to))
        s.sendto(packet, (to, 0))
    elif kind == "raw-connected":
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        s.connect((to, 0))
        s.send(struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20, 0, 0, 64, 254, 0, bytes(4), socket.inet_aton(to)))
    elif kind == "ip":
        socket.socket(socket.AF_INET, socket.SOCK_RAW, 254).setsockopt(socket.IPPROTO_IP, IP_HDRINCL, 1)
    elif kind == "ipv6":
        socket.socket(socket.AF_INET6, socket.SOCK_RAW, 254).setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
    elif kind == "raw6":
        socket.socket(socket.AF_INET6, socket.SOCK_RAW, 254).setsockopt(socket.IPPROTO_RAW, IPV6_HDRINCL, 1)
except OSError as error:
    sys.exit(errno.errorcode[error.errno])
P
mode enforce
for kind in raw raw-connected ip ipv6 raw6; do
	policy "default deny" "allow any to $web, $web6"
	expect_eperm python3 "$scratch/header.py" $kind $web
	policy "default deny" "allow any to any proto raw"
	expect_ok python3 "$scratch/header.py" $kind $web
done
