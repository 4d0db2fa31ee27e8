#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A server of MPTCP announces a second address, and the kernel connects to it by
# itself: judged and recorded as the process that has the first subflow.
. /vm/lib.sh
python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)' 2>/dev/null ||
	skip "no MPTCP in this kernel"
ip mptcp limits set subflows 2 add_addr_accepted 2 || skip "ip knows no MPTCP"
ip -n srv mptcp limits set subflows 2 add_addr_accepted 2
ip -n srv mptcp endpoint add $other dev lo signal || fail "no endpoint"
module_unload
up
ip netns exec srv python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", 9200))
s.listen(9)
kept = []
while True:
    c, peer = s.accept()
    c.send(b"hello")
    kept.append(c)' &
server=$!
listens() { ip netns exec srv ss -tln 2>/dev/null | grep -q ':9200 '; }
wait_for 20 listens || fail "no server"
cat >"$scratch/client.py" <<'P'
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
s.connect((sys.argv[1], 9200))
s.recv(5)
end = time.monotonic() + float(sys.argv[2])
other = sys.argv[3] + ":9200"
while time.monotonic() < end:
    s.send(b"x")
    for line in open("/sys/kernel/security/connwarden/connections"):
        f = line.split()
        if f[2] == "out" and f[5] == other:
            time.sleep(1)
            print(f[10], f[6], f[-1])
            sys.exit()
    time.sleep(0.1)
print("no subflow")
P
subflow() { python3 "$scratch/client.py" $web $((20 * VM_SLOW)) $other | cut -d ' ' -f 1,3; }
mode enforce
policy "default deny" "allow /usr/bin/python3.* to $web, $other"
exe=$(readlink -f /usr/bin/python3)
expect_is "further subflow" "allow $exe" subflow
policyd_stop
module_unload
up
policy "default deny" "allow /usr/bin/python3.* to $web"
mode enforce
audit_mark
expect_is "further subflow that is refused" "deny $exe" subflow
audit_wait -m AVC -o "connwarden:$other:9200" >/dev/null
grep -q "scontext=connwarden:$exe" <<<"$found" || fail "the record names somebody else: $found"
kill $server
ip -n srv mptcp endpoint flush
ip mptcp limits set subflows 0 add_addr_accepted 0
ip -n srv mptcp limits set subflows 0 add_addr_accepted 0
