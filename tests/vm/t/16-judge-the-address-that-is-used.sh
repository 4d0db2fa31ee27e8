#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The address that is named is not always the one that is used: 0.0.0.0 with a
# source address, an interface or a bound socket is an own address that is no
# loopback.  Each has a twin that a rule for that address allows.
. /vm/lib.sh
up
own=198.51.100.1
cat >"$scratch/named.py" <<'P'
# named.py KIND OWN: sends to 0.0.0.0, which the kernel takes for OWN; says whether
# OWN got it.
import errno, socket, struct, sys
kind, own = sys.argv[1:]
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((own, 0))
server.settimeout(1)
port = server.getsockname()[1]
IP_PKTINFO = 8
device = socket.if_nametoindex("net0")
def pktinfo(index, source):
    return [(socket.IPPROTO_IP, IP_PKTINFO, struct.pack("=i4s4s", index, socket.inet_aton(source), bytes(4)))]
try:
    if kind.startswith("mapped"):
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.bind(("::ffff:" + own, 0))
        s.sendto(b"x", ("::ffff:0.0.0.0" if kind == "mapped" else "::", port))
    else:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if kind == "bound":
            s.bind((own, 0))
            s.sendto(b"x", ("0.0.0.0", port))
        elif kind == "connected":
            s.bind((own, 0))
            s.connect(("0.0.0.0", port))
            s.send(b"x")
        elif kind == "source":
            s.sendmsg([b"x"], pktinfo(0, own), 0, ("0.0.0.0", port))
        elif kind == "index":
            s.sendmsg([b"x"], pktinfo(device, "0.0.0.0"), 0, ("0.0.0.0", port))
        elif kind == "device":
            s.setsockopt(socket.SOL_SOCKET, 25, b"net0")
            s.sendto(b"x", ("0.0.0.0", port))
        elif kind == "unicast-interface":
            s.setsockopt(socket.IPPROTO_IP, 50, struct.pack("!I", device))
            s.sendto(b"x", ("0.0.0.0", port))
except OSError as error:
    if error.errno == errno.EPERM:
        print("refused")
        sys.exit()
try:
    server.recv(9)
    print("delivered")
except TimeoutError:
    print("lost")
P
kinds="bound connected source index device unicast-interface mapped mapped-any"
named() { python3 "$scratch/named.py" "$1" $own; }
delivered=()
policy "default allow"
for kind in $kinds; do
	free=$(named $kind)
	say "$kind without rules: $free"
	[[ $free != delivered ]] || delivered+=("$kind")
done
((${#delivered[@]} >= 4)) || fail "too few ways to deliver: ${delivered[*]}"
policy "default deny" "allow any to @loopback"
mode enforce
for kind in "${delivered[@]}"; do
	expect_is "$kind under a rule for loopback" refused named "$kind"
done
policy "default deny" "allow any to $own"
for kind in "${delivered[@]}"; do
	expect_is "$kind under a rule for the address" delivered named "$kind"
done
# TCP: the same by connect().
cat >"$scratch/stream.py" <<'P'
import errno, socket, sys
own = sys.argv[1]
server = socket.create_server((own, 0))
s = socket.socket(socket.AF_INET)
s.bind((own, 0))
try:
    s.connect(("0.0.0.0", server.getsockname()[1]))
    print("connected to", s.getpeername()[0])
except OSError as error:
    print(errno.errorcode[error.errno])
P
expect_is "TCP under a rule for the address" "connected to $own" python3 "$scratch/stream.py" $own
policy "default deny" "allow any to @loopback"
expect_is "TCP under a rule for loopback" EPERM python3 "$scratch/stream.py" $own
