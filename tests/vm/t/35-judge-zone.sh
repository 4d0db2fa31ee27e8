#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# fe80::1%eth0 is one host, fe80::1%eth1 another: a rule that names the interface
# holds there only, one without it everywhere.
. /vm/lib.sh
up
for name in zone0 zone1; do
	ip link add $name type veth peer name ${name}p
	ip link set $name up addrgenmode none
	ip link set ${name}p up addrgenmode none
	ip -6 addr add fe80::a/64 dev $name nodad
	ip -6 addr add fe80::1/64 dev ${name}p nodad
done
clean() { ip link del zone0; ip link del zone1; }
trap clean EXIT
cat >"$scratch/zone.py" <<'P'
import socket, struct, sys
index = socket.if_nametoindex
def udp(device=None):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    if device:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    return s
def sends(s, address, zone, port=9001):
    try:
        s.sendto(b"x", (address, port, 0, index(zone) if zone else 0))
    except PermissionError:
        return False
    return True
def connects(address, zone, device=None, kind=socket.SOCK_DGRAM):
    s = socket.socket(socket.AF_INET6, kind)
    s.settimeout(5)
    if device:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    try:
        s.connect((address, 9001, 0, index(zone) if zone else 0))
        if kind == socket.SOCK_DGRAM:
            s.send(b"x")
    except PermissionError:
        return False
    except OSError:
        pass                # nobody listens
    return True
P
cat >"$scratch/judged.py" <<'P'
import os, sys
exec(open(os.path.dirname(sys.argv[0]) + "/zone.py").read())
s = udp()
for turn in range(5):       # one socket: remembered for one zone, not for both
    assert sends(s, "fe80::1", "zone0"), "zone0"
    assert not sends(s, "fe80::1", "zone1"), "zone1"
    assert not sends(s, "fe80::2", "zone0"), "another host"
assert sends(udp("zone0"), "fe80::1", None), "bound to zone0"
assert not sends(udp("zone1"), "fe80::1", None), "bound to zone1"
for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM:
    assert connects("fe80::1", "zone0", None, kind)
    assert not connects("fe80::1", "zone1", None, kind)
    assert connects("fe80::1", None, "zone0", kind)
    assert not connects("fe80::1", None, "zone1", kind)
assert sends(s, "ff02::fb", "zone1") and not sends(s, "ff02::fb", "zone0")
m = udp()
m.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index("zone1"))
assert sends(m, "ff02::fb", None)
m.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index("zone0"))
assert not sends(m, "ff02::fb", None)
for zone in "zone0", "zone1":
    assert sends(s, "fe80::5", zone), "a rule without a zone"
# A control message names the interface, and nothing else does.
def tells(zone):
    info = struct.pack("=16si", bytes(16), index(zone))
    try:
        udp().sendmsg([b"x"], [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, info)],
                      0, ("fe80::1", 9001))
    except PermissionError:
        return False
    return True
assert tells("zone0") and not tells("zone1")
# The host's own address goes by loopback and is the interface's all the same.
assert sends(s, "fe80::a", "zone0") and not sends(s, "fe80::a", "zone1")
P
policy "default deny" "set @near = fe80::1%zone0, 192.0.2.1" \
	"allow /usr/bin/python3.* to @near, ff02::fb%zone1, fe80::5, fe80::a%zone0"
mode enforce
expect_ok python3 "$scratch/judged.py"

# A rule that denies in one zone only.
cat >"$scratch/denied.py" <<'P'
import os, sys
exec(open(os.path.dirname(sys.argv[0]) + "/zone.py").read())
assert not sends(udp(), "fe80::1", "zone0") and sends(udp(), "fe80::1", "zone1")
P
policy "default allow" "deny any to fe80::/10%zone0"
expect_ok python3 "$scratch/denied.py"

# In a network namespace of his own anyone calls interfaces as he likes.
cat >"$scratch/own.py" <<'P'
import os, sys
exec(open(os.path.dirname(sys.argv[0]) + "/zone.py").read())
assert not sends(udp(), "fe80::1", "zone0")
P
policy "default deny" "allow any to fe80::1%zone0"
expect_ok unshare -n sh -c "ip link add zone0 type dummy && ip link set zone0 up &&
	ip -6 addr add fe80::a/64 dev zone0 nodad && python3 $scratch/own.py"
expect_ok policyctl test /usr/bin/python3.11 to fe80::1%zone0 port 9 proto udp
expect_fails 1 "deny by default" \
	policyctl test /usr/bin/python3.11 to fe80::1%zone1 port 9 proto udp
expect_is "rule" "allow any to fe80::1%zone0" bash -c "policyctl show | tail -1"
