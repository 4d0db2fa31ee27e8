#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A peer of SCTP may announce any address, and the kernel sends there.  A peer on this
# host may be the same user's: then he has chosen where it sends.  An address that
# the rules forbid is passed over, on both sides, and the association goes on.
. /vm/lib.sh
. /vm/bypass.sh
modprobe sctp 2>/dev/null || skip "no SCTP in this kernel"
other=192.0.2.201	# nobody is there: a host would answer with ABORT
bypass_up
cat >"$scratch/announce.py" <<'P'
# announce.py SIDE FORBIDDEN: one side is bound to FORBIDDEN as well, the other one
# is asked for heartbeats to it.  Prints how many addresses that one has.
import ctypes, errno, socket, struct, sys, time
side, forbidden = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
SCTP, PEER_PARAMS, BINDX_ADD, PRIMARY, PEER_INFO = 132, 9, 100, 6, 15
def name(address):
    return struct.pack("=H", socket.AF_INET) + struct.pack(">H", 5001) + socket.inet_aton(address) + bytes(8)
def bind(s, address, port):
    s.setsockopt(socket.IPPROTO_IP, 15, 1)      # IP_FREEBIND
    s.bind((address, port))
    more = name(forbidden)[:2] + struct.pack(">H", s.getsockname()[1]) + name(forbidden)[4:]
    assert not libc.setsockopt(s.fileno(), SCTP, BINDX_ADD, more, len(more)), ctypes.get_errno()
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, SCTP)
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, SCTP)
if side == "client":
    bind(server, "127.0.0.1", 5001)
else:
    server.bind(("127.0.0.1", 5001))
    bind(client, "127.0.0.1", 0)
server.listen(5)
client.connect(("127.0.0.1", 5001))
accepted, peer = server.accept()
asked = client if side == "client" else accepted
to = name(forbidden)[:2] + struct.pack(">H", 5001 if side == "client" else peer[1]) + name(forbidden)[4:]
for turn in range(5):
    demand = struct.pack("=i", 0) + to.ljust(128, b"\0") + struct.pack("=IHIIIIB", 0, 0, 0, 0, 4, 0, 0) + b"\0"
    libc.setsockopt(asked.fileno(), SCTP, PEER_PARAMS, demand, len(demand))
    time.sleep(0.3)
client.send(b"hello")
assert accepted.recv(9) == b"hello"
accepted.send(b"there")
assert client.recv(9) == b"there"
P
announce() { as alice python3 "$scratch/announce.py" "$1" $other; }
exe=$(readlink -f /usr/bin/python3)
chmod 755 "$scratch"
policy "default deny" "allow any to @loopback"
for side in client server; do
	mode enforce
	audit_mark
	wire_watch
	expect_ok announce $side
	expect_is "packets to the forbidden address, $side" 0 wire_packets $other
	audit_wait -m AVC >/dev/null
	grep -q "scontext=connwarden:$exe tcontext=connwarden:$other:" <<<"$found" ||
		fail "no record of $exe and $other: $found"
	# The twin: it is so that the kernel would send there.
	mode monitor
	wire_watch
	expect_ok announce $side
	(($(wire_packets $other) > 0)) || fail "nothing is sent in monitor mode, $side"
done
