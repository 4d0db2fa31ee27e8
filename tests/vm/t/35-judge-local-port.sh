#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `from port` is the socket's own port: a server's replies go to anybody, and
# nothing else of the same program does, whoever owns the port at other times.
. /vm/lib.sh
up
cat >"$scratch/send.py" <<'P'
import ctypes, os, socket, struct, sys
web = sys.argv[1]
family = socket.AF_INET6 if ":" in web else socket.AF_INET
def udp(port=None):
    s = socket.socket(family, socket.SOCK_DGRAM)
    if port is not None:
        s.bind(("", port))
    return s
def sends(s, port):
    try:
        s.sendto(b"x", (web, port))
    except PermissionError:
        return False
    return True
def forget(s):          # the port too, when the kernel chose it
    unspec = struct.pack("=H14x", socket.AF_UNSPEC)
    assert not ctypes.CDLL(None).connect(s.fileno(), unspec, len(unspec))
P
cat >"$scratch/udp.py" <<'P'
import os, sys
exec(open(os.path.dirname(sys.argv[0]) + "/send.py").read())
for port in 9001, 40000, 65535:
    assert sends(udp(53), port), "a reply to port %d" % port
    assert not sends(udp(54), port), "the server's other port"
    assert not sends(udp(), port), "a port of no matter"
assert sends(udp(6001), 9001) and sends(udp(7000), 9001), "a range and a set"
assert not sends(udp(6003), 9001), "beyond the range"
s = udp(53)
for turn in range(3):
    assert sends(s, 9001), "turn %d" % turn
# Both ports are asked for.
assert sends(udp(600), 9001) and not sends(udp(600), 9002)
P
cat >"$scratch/moves.py" <<'P'
import os, sys
exec(open(os.path.dirname(sys.argv[0]) + "/send.py").read())
# An allowed flow is remembered; the socket then gets another port.
for turn in range(20):
    s = udp(0)
    for again in range(3):
        assert sends(s, 9001), "the port that the kernel chose"
    forget(s)
    s.bind(("", 9999))
    for again in range(3):
        assert not sends(s, 9001), "the other port of the same socket"
    s.close()
P
cat >"$scratch/tcp.py" <<'P'
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", int(sys.argv[2])))
s.settimeout(50)
s.connect((sys.argv[1], 80))
P
policy "default deny" "set @sip = 5060, 7000" \
	"deny any to any port 9002 from port 600" \
	"allow /usr/bin/python3.* to any from port 53, 600, 6000-6002, @sip" \
	"allow /usr/bin/python3.* to $web port 80 from port 7 proto tcp"
mode enforce
expect_ok python3 "$scratch/udp.py" $web
expect_ok python3 "$scratch/udp.py" $web6
expect_ok python3 "$scratch/tcp.py" $web 53
expect_ok python3 "$scratch/tcp.py" $web 7
expect_eperm python3 "$scratch/tcp.py" $web 8
# Another program may not, whatever its port.
policy "default deny" "allow /usr/bin/curl to any from port 53"
expect_eperm python3 "$scratch/tcp.py" $web 53

range=$(</proc/sys/net/ipv4/ip_local_port_range)
echo "41000 41999" >/proc/sys/net/ipv4/ip_local_port_range
policy "default deny" "allow /usr/bin/python3.* to any from port 41000-41999"
expect_ok python3 "$scratch/moves.py" $web
expect_ok python3 "$scratch/moves.py" $web6
echo "$range" >/proc/sys/net/ipv4/ip_local_port_range

# What decides here is what the kernel decides by.
policy "default deny" "allow /usr/bin/curl to any from port 53 proto udp"
expect_ok policyctl test /usr/bin/curl to $web port 9 from port 53 proto udp
expect_fails 1 "deny by default" policyctl test /usr/bin/curl to $web port 9 from port 54 proto udp
expect_fails 1 "deny by default" policyctl test /usr/bin/curl to $web port 9 proto udp
