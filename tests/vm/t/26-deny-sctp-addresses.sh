#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# SCTP: connect(), sctp_connectx() with every address of its array, and the
# association that a send makes.
. /vm/lib.sh
modprobe sctp 2>/dev/null || python3 -c 'import socket; socket.socket(2, 1, 132)' 2>/dev/null ||
	skip "no SCTP in this kernel"
up
policy "default deny" "allow any to 127.0.0.1-127.0.0.2 port 5000 proto sctp"
mode enforce
cat >"$scratch/sctp.py" <<'P'
# sctp.py connect|connectx|send ADDRESS...
import errno, socket, struct, sys
kind, addresses = sys.argv[1], sys.argv[2:]
SCTP, CONNECTX = 132, 110
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, SCTP)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("0.0.0.0", 5000))
server.listen()
def packed(address):
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H", 5000) + socket.inet_aton(address) + bytes(8)
try:
    s = socket.socket(socket.AF_INET, socket.SOCK_SEQPACKET if kind == "send" else socket.SOCK_STREAM, SCTP)
    if kind == "connect":
        s.connect((addresses[0], 5000))
    elif kind == "connectx":
        s.setsockopt(SCTP, CONNECTX, b"".join(map(packed, addresses)))
    else:
        s.sendto(b"x", (addresses[0], 5000))
except OSError as error:
    # connectx answers with the number of the association as if an error
    if error.errno not in errno.errorcode or error.errno < 0:
        sys.exit(0)
    sys.exit(errno.errorcode[error.errno])
P
sctp() { python3 "$scratch/sctp.py" "$@"; }
expect_ok sctp connect 127.0.0.1
expect_eperm sctp connect 127.0.0.9
expect_ok sctp send 127.0.0.1
expect_eperm sctp send 127.0.0.9
expect_eperm sctp connectx 127.0.0.9
expect_eperm sctp connectx 127.0.0.1 127.0.0.9
sctp connectx 127.0.0.1 127.0.0.2 | grep -q EPERM && fail "connectx to allowed addresses"
true
