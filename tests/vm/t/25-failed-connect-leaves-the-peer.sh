#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# After a connect() that fails, a UDP socket sends where the kernel sends it: to the
# peer that it had, or (Linux over IPv4) with the address that failed, by the way of
# the peer.  The table has what is on the wire, and the rules decide about that.
. /vm/lib.sh
up
policy "default deny" "allow /usr/bin/python3.* to any"
mode enforce
none4=255.255.255.255 none6=2001:db8:dead::1
ip -6 route add unreachable 2001:db8:dead::/64 || fail "no route to nowhere"
sniff "$scratch/wire" net0 $web $web6 $other $none4 $none6 || fail "no sniffer"
cat >"$scratch/peer.py" <<'P'
import errno, socket, sys, time
wire, web, web6, other, none4, none6 = sys.argv[1:7]
def entries(port):
    lines = open("/sys/kernel/security/connwarden/connections").read().splitlines()[1:]
    return {f[5].rsplit(":", 1)[0].strip("[]") for f in map(str.split, lines)
            if f[2] == "out" and f[5].endswith(":%d" % port)}
def fails(s, to):
    try:
        s.connect(to)
    except OSError as error:
        assert error.errno in (errno.EACCES, errno.EHOSTUNREACH), error
        return
    sys.exit("connects to %s" % (to,))
def send(s):
    """Whether it was let go.  The first may say that nobody has heard the one before."""
    for turn in range(2):
        try:
            return bool(s.send(b"x"))
        except ConnectionRefusedError:
            pass
        except PermissionError:
            return False
def on_the_wire(sent):
    """What the sniffer has seen since the last time; it has as much as was sent."""
    for turn in range(600):
        lines = open(wire).read().split()
        if len(lines) >= sent:
            return set(lines)
        time.sleep(0.1)
    sys.exit("%d of %d on the wire" % (len(lines), sent))
kinds = ((9101, socket.AF_INET, web, none4), (9102, socket.AF_INET6, web6, none6),
         (9103, socket.AF_INET6, "::ffff:" + web, none6))
P
expect_ok python3 - "$scratch/wire" $web $web6 $other $none4 $none6 <<P
exec(open("$scratch/peer.py").read())
for port, family, peer, nowhere in kinds:
    open(wire, "w").close()
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.connect((peer, port))
    assert send(s)
    fails(s, (nowhere, port))
    for turn in range(3):
        assert send(s)
    assert entries(port) == on_the_wire(4), (entries(port), on_the_wire(4))
    s.close()
# Without a peer there is nowhere to send to.
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fails(s, (none4, 9104))
try:
    s.send(b"x")
    sys.exit("sent to nobody")
except OSError:
    pass
assert not entries(9104), entries(9104)
# A connect() that succeeds.
s.connect((web, 9105))
assert send(s)
s.connect((other, 9105))
assert send(s)
assert entries(9105) == {web, other}, entries(9105)
P
# The address that fails is forbidden: nothing goes there, whatever the kernel does.
policy "default deny" "allow any to $web, $web6"
expect_ok python3 - "$scratch/wire" $web $web6 $other $none4 $none6 <<P
exec(open("$scratch/peer.py").read())
for port, family, peer, nowhere in kinds:
    open(wire, "w").close()
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.connect((peer, port))
    assert send(s)
    fails(s, (nowhere, port))
    sent = 1 + sum(send(s) for turn in range(3))
    assert on_the_wire(sent) <= {web, web6}, on_the_wire(sent)
P
ip -6 route del unreachable 2001:db8:dead::/64
