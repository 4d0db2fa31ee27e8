#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# Two hosts: this network namespace is alpha, srv is beta.  Each exports what it
# saw; the graph of both files has edges from process to process, the graph of
# one of them has addresses instead of the other's processes.
. /vm/lib.sh
((VM_SLOW == 1)) || skip "the kernel has no part in it"
history_up
rm -f /run/echo
ip netns exec srv /vm/traffic.py echo - $web 9000 &
server=$!
serves() { [[ -s /run/echo ]]; }
wait_for 20 serves || fail "no server"
for url in "http://$web/" "http://$web:8080/" "http://[$web6]/"; do
	expect_ok fetch "$url"
done
expect_ok fetch "http://$web/"
# Who is not connected has no address of its own that could be known.
expect_ok /vm/traffic.py udp_connected udp-out $web 9000
kill $server

# export HOST NAMESPACE: as this host would, which sees only its own; without
# what servers have kept of other tests
export_of() {
	unshare -u sh -c "hostname $1; policyctl export" |
		python3 -c '
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    if (row.get("netns") == int(sys.argv[1])
            and row.get("attribution") != "preexisting"):
        sys.stdout.write(line)' "$2" >"$scratch/$1"
}
inode() { stat -L -c %i "$1"; }
both_exported() {
	export_of alpha "$(inode /proc/self/ns/net)"
	export_of beta "$(inode /run/netns/srv)"
	# 4 by curl and 1 of datagrams, at both ends, and all are over
	[[ $(grep -h -e '"closed":"' "$scratch/alpha" "$scratch/beta" |
		grep -c -e /curl -e nginx -e traffic.py) == 10 ]]
}
wait_for 20 both_exported || {
	cat "$scratch/alpha" "$scratch/beta"
	fail "exports are not complete"
}
grep -q '"host":"alpha"' "$scratch/alpha" || fail "not of alpha"
grep -q '"host":"beta"' "$scratch/beta" || fail "not of beta"

cat >"$scratch/check.py" <<'P'
import json, sys

with open(sys.argv[1]) as file:
    graph = json.load(file)
joined = sys.argv[2] == "joined"
nodes = {node["id"]: node for node in graph["nodes"]}

def name(number):
    node = nodes[number]
    program = (node["script"] or node["exe"] or "").rpartition("/")[2]
    return f"{program}@{node['host']}" if program else node["title"]

edges = {}
KNOWN = "198.51.100.1", "2001:db8:f::1", "203.0.113.7", "2001:db8::1"
for edge in graph["edges"]:
    key = name(edge["from"]), name(edge["to"]), edge["proto"], edge["port"]
    print(*key, edge["connections"], *edge["samples"])
    edges[key] = edges.get(key, 0) + edge["connections"]
    for end in " -> ".join(edge["samples"]).split(" -> "):
        address = end.rpartition("@")[2].rpartition(":")[0].strip("[]")
        if address not in KNOWN:
            sys.exit(f"FAIL: nobody has the address {address} of {end}")
wanted = {
    ("curl@alpha", "nginx@beta", "tcp", 80): 3,
    ("curl@alpha", "nginx@beta", "tcp", 8080): 1,
    ("traffic.py@alpha", "traffic.py@beta", "udp", 9000): 1,
}
for key, count in wanted.items():
    if joined and edges.get(key) != count:
        sys.exit(f"FAIL: {key}: {edges.get(key)}, not {count}")
    if not joined and key in edges:
        sys.exit(f"FAIL: {key} without the export of beta")
    if not joined and sum(n for k, n in edges.items()
                          if k[0] == key[0] and k[2:] == key[2:]) != count:
        sys.exit(f"FAIL: {key[0]} to port {key[3]} is not there by address")
if joined and graph["hosts"] != ["alpha", "beta"]:
    sys.exit(f"FAIL: hosts are {graph['hosts']}")
P
policyctl graph --format json "$scratch/alpha" "$scratch/beta" >"$scratch/both.json" ||
	fail "graph of both"
python3 "$scratch/check.py" "$scratch/both.json" joined || fail "not joined"
policyctl graph --format json "$scratch/alpha" >"$scratch/one.json" || fail "graph of alpha"
python3 "$scratch/check.py" "$scratch/one.json" alone || fail "alpha alone"
policyctl graph --format dot "$scratch/alpha" "$scratch/beta" >"$scratch/both.dot" || fail "dot"
for word in curl nginx alpha beta ' -> '; do
	grep -q -e "$word" "$scratch/both.dot" || fail "no $word in dot"
done
history_down
