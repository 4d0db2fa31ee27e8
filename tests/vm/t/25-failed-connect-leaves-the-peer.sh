#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A connect() that was allowed and then fails leaves a UDP socket with the peer
# that it had: what it sends from then on is in the table as sent to that one.
# One that succeeds, and a socket that had no peer, need nothing of this kind.
. /vm/lib.sh
up
policy "default deny" "allow /usr/bin/python3.* to any"
mode enforce
ip -6 route add unreachable 2001:db8:dead::/64 || fail "no route to nowhere"
expect_ok python3 - $web $web6 $other <<'P'
import errno, socket, sys
web, web6, other = sys.argv[1:]
def entries(port):
    lines = open("/sys/kernel/security/connwarden/connections").read().splitlines()[1:]
    return [(f[3], f[5]) for f in map(str.split, lines)
            if f[2] == "out" and f[5].endswith(":%d" % port)]
def fails(s, to):
    try:
        s.connect(to)
    except OSError as error:
        assert error.errno in (errno.EACCES, errno.EHOSTUNREACH), error
        return
    sys.exit("connects to %s" % (to,))
def name(address, port):
    return "[%s]:%d" % (address, port) if ":" in address else "%s:%d" % (address, port)
def send(s):
    try:
        s.send(b"x")
    except ConnectionRefusedError:      # of the one before: nobody listens
        s.send(b"x")
none4, none6 = "255.255.255.255", "2001:db8:dead::1"
for port, family, peer, nowhere, shown, failed in (
        (9101, socket.AF_INET, web, none4, web, none4),
        (9102, socket.AF_INET6, web6, none6, web6, none6),
        (9103, socket.AF_INET6, "::ffff:" + web, none6, web, none6)):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.connect((peer, port))
    send(s)
    assert entries(port) == [("open", name(shown, port))], entries(port)
    fails(s, (nowhere, port))
    for turn in range(3):
        send(s)
    assert entries(port) == [("closed", name(shown, port)), ("closed", name(failed, port)),
                             ("open", name(shown, port))], entries(port)
    s.close()
# Without a peer there is nothing to find.
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fails(s, (none4, 9104))
try:
    s.send(b"x")
    sys.exit("sent to nobody")
except OSError:
    pass
assert [e[1] for e in entries(9104)] == [name(none4, 9104)], entries(9104)
# What succeeds.
s.connect((web, 9105))
send(s)
s.connect((other, 9105))
send(s)
assert entries(9105) == [("closed", name(web, 9105)), ("open", name(other, 9105))], entries(9105)
P
ip -6 route del unreachable 2001:db8:dead::/64
