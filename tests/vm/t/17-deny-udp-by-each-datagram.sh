#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# connect() of a UDP, raw or ping socket sends nothing: it passes, makes no entry
# and no record.  What is sent is judged, by protocol, each time anew: a new policy
# counts for sockets that are connected already.
. /vm/lib.sh
up
sysctl -q net.ipv4.ping_group_range="0 2147483647"
policy "default deny" "allow any to $web port 53 proto udp" \
	"allow any to $web6 port 53 proto udp"
mode enforce
expect_ok dial -u $web 53
expect_ok dial -u ::ffff:$web 53
expect_ok dial -u $web6 53
expect_eperm dial -u $web 54
expect_eperm dial -u $other 53
expect_eperm dial $web 53
entries() { grep -cE " ($other|\[$other6\]):(9|0) " $fs/connections; }
for mode in enforce monitor; do
	mode $mode
	before="$(status denied) $(status would_deny) $(status allowed)"
	entries=$(entries)
	expect_ok python3 - $other $other6 <<'P'
import socket, sys
v4, v6 = sys.argv[1:]
kinds = [(socket.SOCK_DGRAM, 0, 0), (socket.SOCK_DGRAM, 136, 136), (socket.SOCK_RAW, 253, 253),
         (socket.SOCK_DGRAM, socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6)]
for kind, proto4, proto6 in kinds:
    port = 0 if kind == socket.SOCK_RAW else 9
    for family, proto, address in ((socket.AF_INET, proto4, v4), (socket.AF_INET6, proto6, v6)):
        try:
            s = socket.socket(family, kind, proto)
        except OSError:
            assert proto == 136         # newer kernels have no UDP-Lite
            continue
        s.connect((address, port))
        assert s.getsockname()[0] not in ("0.0.0.0", "::"), s.getsockname()
        s.close()
P
	expect_is "decisions in $mode" "$before" \
		eval 'echo "$(status denied) $(status would_deny) $(status allowed)"'
	expect_is "entries in $mode" "$entries" entries
done

# Connected while it was allowed; judged when it sends, by who sends.
mode enforce
policy "default deny" "allow /usr/bin/python3.* to $web port 53"
expect_ok python3 - $web "$scratch" <<'P'
import os, socket, subprocess, sys
web, scratch = sys.argv[1:]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((web, 53))
def passes():
    for turn in range(3):           # the refusal of who was there before may come first
        try:
            s.send(b"x")
            return True
        except ConnectionRefusedError:
            pass
        except PermissionError:
            return False
    sys.exit("refused by the peer, again and again")
assert passes() and passes()
def load(*lines):
    rules = os.path.join(scratch, "rules.conf")
    open(rules, "w").write("\n".join(lines) + "\n")
    subprocess.run(["policyctl", "load", rules], check=True)
load("default deny")
assert not passes(), "a new policy does not count"
load("default deny", "allow /usr/bin/python3.* to %s port 53" % web)
assert passes(), "allowed again"
# Another program that has the descriptor; its first may be told what became of ours.
status = subprocess.run(["bash", "-c", "echo x >&{0}; echo x >&{0}".format(s.fileno())], pass_fds=[s.fileno()],
                        stderr=subprocess.PIPE)
assert b"not permitted" in status.stderr, status
assert passes()
P
