#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# Each association of SCTP is an entry: those of one socket, those that come in to a
# socket that does not accept, one that moves to a socket of its own; and a call
# that fails changes nothing.
. /vm/lib.sh
# A module of a protocol that comes is judged at once.  SCTP does not go any more.
module_unload
module_load
if [[ ! -d /sys/module/sctp ]]; then
	[[ " $(status awaited) " == *" sctp "* ]] || fail "SCTP is not awaited: $(status awaited)"
	modprobe sctp 2>/dev/null || skip "no SCTP in this kernel"
fi
[[ " $(status protocols) " == *" sctp "* ]] || fail "SCTP is not hooked: $(status protocols)"
[[ " $(status governed) " == *" sctp_primitive_ASSOCIATE "* ]] || fail "SCTP is not governed"
module_unload
up
[[ " $(status protocols) " == *" sctp "* ]] || fail "SCTP that is there is not hooked"
policy "default allow"
mode enforce
cat >"$scratch/sctp.py" <<'P'
import ctypes, errno, os, socket, struct, sys
SCTP, PEELOFF, ASSOCLIST = 132, 102, 29
libc = ctypes.CDLL(None, use_errno=True)
table = "/sys/kernel/security/connwarden/connections"
def rows(address, direction):
    lines = open(table).read().splitlines()[1:]
    return sorted(f[3] for f in map(str.split, lines) if f[1] == "sctp" and f[2] == direction and
                  (f[5] if direction == "out" else f[4]).endswith("%s:5001" % address) and int(f[6]) == os.getpid())
def states(address, direction, wanted):
    for turn in range(100):
        if rows(address, direction) == wanted:
            return
        __import__("time").sleep(0.1)
    sys.exit("%s %s: %s, not %s\n%s" % (direction, address, rows(address, direction), wanted, open(table).read()))
def server(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_SEQPACKET, SCTP)
    s.bind((address, 5001))
    s.listen(5)
    return s
one, two = server("127.0.0.11"), server("127.0.0.12")
client = socket.socket(socket.AF_INET, socket.SOCK_SEQPACKET, SCTP)
client.sendto(b"x", ("127.0.0.11", 5001))
client.sendto(b"x", ("127.0.0.12", 5001))
states("127.0.0.11", "out", ["open"])
states("127.0.0.12", "out", ["open"])
# Who listens is whose those are that come in.
states("127.0.0.11", "in", ["open"])
states("127.0.0.12", "in", ["open"])
# A second connect() fails and changes nothing.
try:
    client.connect(("127.0.0.11", 5001))
    sys.exit("connected twice")
except OSError as error:
    assert error.errno in (errno.EISCONN, errno.EADDRNOTAVAIL, errno.EALREADY), error
states("127.0.0.11", "out", ["open"])
# One association moves to a socket of its own, and outlives the other.
size = ctypes.c_uint(64)
ids = ctypes.create_string_buffer(64)
assert not libc.getsockopt(client.fileno(), SCTP, ASSOCLIST, ids, ctypes.byref(size)), ctypes.get_errno()
count, first = struct.unpack_from("=Ii", ids.raw)
assert count == 2, count
arg = ctypes.create_string_buffer(struct.pack("=ii", first, 0))
size = ctypes.c_uint(8)
fd = libc.getsockopt(client.fileno(), SCTP, PEELOFF, arg, ctypes.byref(size))
assert fd >= 0, ctypes.get_errno()
fd = struct.unpack("=ii", arg.raw[:8])[1]
peeled = socket.socket(fileno=fd)
client.close()
open_now = [a for a in ("127.0.0.11", "127.0.0.12") if rows(a, "out") == ["open"]]
for turn in range(100):
    open_now = [a for a in ("127.0.0.11", "127.0.0.12") if rows(a, "out") == ["open"]]
    if len(open_now) == 1:
        break
    __import__("time").sleep(0.1)
assert len(open_now) == 1, open(table).read()
peeled.send(b"still here")
states(open_now[0], "out", ["open"])
peeled.close()
states(open_now[0], "out", ["closed"])
P
expect_ok python3 "$scratch/sctp.py"
# One-to-one: who accepts.
expect_ok python3 - <<'P'
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)
s.bind(("127.0.0.13", 5002))
s.listen(5)
c = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)
c.connect(("127.0.0.13", 5002))
a, peer = s.accept()
lines = open("/sys/kernel/security/connwarden/connections").read().splitlines()[1:]
mine = [f for f in map(str.split, lines) if f[1] == "sctp" and int(f[6]) == os.getpid()]
assert sorted((f[2], f[3]) for f in mine) == [("in", "open"), ("out", "open")], mine
P
