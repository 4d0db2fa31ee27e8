#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A small site: programs in two network namespaces talk to each other, clients
# come from a third one, some connections are refused.  The first two are
# exported as two hosts, and the graph has both ends of each connection between
# them.  What was exported and the screen of top are kept, for `make pictures`.
. /vm/lib.sh
((VM_SLOW == 1)) || skip "the kernel has no part in it"
history=$scratch/history.db
times=$((VM_SLOW > 1 ? 1 : 2)) clients=()
module_unload
module_load
policyd_start --history "$history"
policy "default deny" \
	'allow any to @loopback' \
	'allow /usr/bin/curl to 203.0.113.7 port 80, 443 as "the mirror"' \
	'allow /usr/bin/socat to 203.0.113.7 port 80' \
	'allow /usr/bin/python3.* script /srv/shop/worker.py to 203.0.113.7 port 5432, 6379 as "shop to its data"' \
	'allow /usr/bin/python3.* script /srv/shop/front.py to 203.0.113.7 port 5432, 6379 as "shop to its data"' \
	'allow /usr/bin/curl to 192.0.2.129 port 8000' \
	'deny /usr/bin/python3.* script /srv/shop/worker.py to 203.0.113.8 port 443 monitor as "to be closed"' \
	'deny any to 169.254.169.254 as "cloud metadata"' \
	'allow /usr/bin/ssh to 203.0.113.7 port 22 as "nightly backup"' \
	'allow /usr/bin/socat to 192.0.2.10 port 53, 123, 514 proto udp as "names, time, log"' \
	'deny /usr/bin/nc.openbsd to any as "no shells to the outside"' \
	'allow /usr/bin/python3.* to 198.51.100.1 port 8000 as "health check"'
mode enforce

# program FILE: a script in Python, from standard input
program() {
	mkdir -p "${1%/*}"
	{ echo '#!/usr/bin/python3'; cat; } >"$1"
	chmod 755 "$1"
}
program /srv/shop/worker.py <<'P'
import socket, sys
for address, port in (("203.0.113.7", 5432), ("203.0.113.7", 6379),
                      ("203.0.113.8", 443), ("169.254.169.254", 80)):
    for turn in range(int(sys.argv[1])):
        try:
            s = socket.create_connection((address, port), 20)
            s.sendall(b"x" * 100)
            s.close()
        except OSError:
            pass
P
program /srv/data/serve.py <<'P'
import socket, socketserver, sys
class Answer(socketserver.BaseRequestHandler):
    def handle(self):
        for port in sys.argv[2:]:
            with socket.create_connection(("203.0.113.7", int(port))) as s:
                s.sendall(b"x" * 100)
        while self.request.recv(1000):
            self.request.sendall(b"y" * 3000)
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("", int(sys.argv[1])), Answer).serve_forever()
P
ln /srv/data/serve.py /srv/data/database.py
ln /srv/data/serve.py /srv/data/cache.py
ln /srv/data/serve.py /srv/shop/front.py
program /srv/data/probe.py <<'P'
import socket
for turn in range(3):
    socket.create_connection(("198.51.100.1", 8000), 20).close()
P

# Those in units are not in the test's cgroup and do not die with it.
stop_units() {
	local file
	ip netns del out 2>/dev/null
	for file in /sys/fs/cgroup/system.slice/*/cgroup.kill; do
		echo 1 >"$file"
	done
}
trap stop_units EXIT

# unit NAME COMMAND...: in a cgroup that systemd would have made
unit() {
	local group=/sys/fs/cgroup/system.slice/$1.service
	shift
	mkdir -p "$group"
	(echo "$BASHPID" >"$group/cgroup.procs"; exec "$@")
}
unit database ip netns exec srv /srv/data/database.py 5432 &
unit cache ip netns exec srv /srv/data/cache.py 6379 &
unit shop-front /srv/shop/front.py 8000 5432 6379 &
# clients whose programs nobody will know
ip netns add out
ip link add net1 type veth peer name net1 netns out
ip addr add 192.0.2.129/25 dev net1
ip link set net1 up
ip -n out link set net1 up
for client in 130 131 132 133; do
	ip -n out addr add 192.0.2.$client/25 dev net1
done
listen() {
	(($(ip netns exec srv ss -ltn | grep -Ec ':(5432|6379) ') >= 2)) &&
		ss -ltn | grep -q ':8000 '
}
wait_for 20 listen || fail "no servers"

for ((turn = 0; turn < times; turn++)); do
	curl -sS -o /dev/null http://203.0.113.7/ http://203.0.113.7:443/
	unit shop /srv/shop/worker.py 2
done
for client in 130 131 132 133; do
	ip netns exec out curl -s --max-time 20 --interface 192.0.2.$client \
		http://192.0.2.129:8000/ http://192.0.2.129:8000/ >/dev/null &
	clients+=($!)
done
wait "${clients[@]}"
curl -sS http://203.0.113.8/ 2>/dev/null
cp /usr/bin/curl /tmp/curl
/tmp/curl -sS http://203.0.113.7/ 2>/dev/null
nc 203.0.113.8 4444 </dev/null
ssh -o BatchMode=yes -o ConnectTimeout=20 203.0.113.7 true 2>/dev/null
for ((turn = 0; turn < times; turn++)); do
	echo x | unit names socat -t 0 - UDP4:192.0.2.10:53 2>/dev/null
	echo x | unit clock socat -t 0 - UDP4:192.0.2.10:123 2>/dev/null
done
echo x | unit log ip netns exec srv socat -t 0 - UDP4:192.0.2.10:514 2>/dev/null
unit probe ip netns exec srv /srv/data/probe.py
# so that there is something to see
unit shop /srv/shop/worker.py 20 &
socat - TCP4:203.0.113.7:80 </dev/zero >/dev/null 2>&1 &
policyctl top --once --interval 1 >"$scratch/top.txt" || fail "no top"
grep -q '/usr/bin/python3' "$scratch/top.txt" || fail "top: $(<"$scratch/top.txt")"

stop_units
# The last one that was made.
stored() { policyctl export --history "$history" | grep -q 'probe\.py'; }
wait_for 20 stored || fail "not stored"
policyd_stop
policyctl export --history "$history" >"$scratch/all" || fail "no export"

# The namespaces as hosts of their own.
cat >"$scratch/split.py" <<'P'
import json, os, sys
here, there = (os.stat(file).st_ino
               for file in ("/proc/self/ns/net", "/run/netns/srv"))
files = {name: open(sys.argv[1] + "/" + name, "w") for name in ("web1", "db1")}
for line in sys.stdin:
    row = json.loads(line)
    if row.get("netns", here) in (here, there):
        row["host"] = "web1" if row.get("netns", here) == here else "db1"
        print(json.dumps(row), file=files[row["host"]])
P
python3 "$scratch/split.py" "$scratch" <"$scratch/all" || fail "cannot split"
policyctl graph --json "$scratch"/{web1,db1} >"$scratch/graph" || fail "no graph"
cat >"$scratch/check.py" <<'P'
import json, re, sys
graph = json.load(open(sys.argv[1]))
nodes, edges = graph["nodes"], graph["edges"]
def edge(a, b, port, state):
    found = [e for e in edges if nodes[e["from"]]["title"] == a and
             nodes[e["to"]]["title"] == b and e["port"] == port]
    assert len(found) == 1, (a, b, port, [[nodes[e["from"]]["title"],
        nodes[e["to"]]["title"], e["port"]] for e in edges])
    assert found[0]["state"] == state, found[0]
    return found[0]
both = edge("worker.py", "database.py", 5432, "allow")
assert both["label"] == "shop to its data", both
assert both["connections"] >= int(sys.argv[2]) * 2, both
edge("front.py", "database.py", 5432, "allow")
edge("192.0.2.131", "front.py", 8000, "unjudged")
assert [nodes[both[end]]["host"] for end in ("from", "to")] == ["web1", "db1"]
assert nodes[both["to"]]["unit"] == "database.service", nodes[both["to"]]
assert re.fullmatch(r"worker\.py@198\.51\.100\.1:\d+ -> "
                    r"database\.py@203\.0\.113\.7:5432", both["samples"][0])
edge("curl", "nginx", 80, "allow")
edge("probe.py", "front.py", 8000, "allow")
edge("worker.py", "169.254.169.254", 80, "deny")
edge("nc.openbsd", "203.0.113.8", 4444, "deny")
would = [e for e in edges if e["state"] == "would-deny"]
assert [e["label"] for e in would] == ["to be closed"], would
assert graph["hosts"] == ["db1", "web1"], graph["hosts"]
P
expect_ok python3 "$scratch/check.py" "$scratch/graph" "$times"
policyctl graph --format html "$scratch"/{web1,db1} | grep -q '^</html>$' ||
	fail "no page"
cat "$scratch"/{web1,db1} >"$scratch/export.ndjson"
keep "$scratch"/{export.ndjson,top.txt}
