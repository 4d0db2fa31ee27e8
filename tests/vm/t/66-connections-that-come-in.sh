#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# accept() makes an entry with the acceptor's process, both ends and, at the
# end, the bytes; the asking side has its own.
. /vm/lib.sh
up
server='
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.create_server((sys.argv[1], 7009), family=family)
for turn in range(2):
    c, peer = s.accept()
    c.sendall(b"x" * 1000)
    while c.recv(100): pass
    c.close()
'
for address in 127.0.0.1 ::1; do
	python3 -c "$server" $address &
	pid=$!
	listens() { ss -ltn | grep -q :7009; }
	wait_for 10 listens || fail "no server"
	shown=$address
	[[ $address != *:* ]] || shown="[$address]"
	for _ in 1 2; do
		expect_ok python3 -c "
import socket
c = socket.create_connection(('$address', 7009))
while True:
    got = c.recv(4096)
    if not got or len(got) == 1000: break
"
	done
	wait $pid
	entries=$(awk -v to="$shown:7009" -v pid=$pid \
		'$3 == "in" && $5 == to && $7 == pid && $4 == "closed" && $11 == "-"' \
		$fs/connections)
	(($(wc -l <<<"$entries") == 2)) || fail "not two entries: $(cat $fs/connections)"
	grep -q '/usr/bin/python3' <<<"$entries" || fail "not python: $entries"
	expect_is "bytes of the server" "1000 0" awk '{ print $16, $17; exit }' <<<"$entries"
	# both sides have the same ends
	while read -r _ _ _ _ local remote _; do
		awk -v l="$remote" -v r="$local" \
			'$3 == "out" && $5 == l && $6 == r { found = 1 }
			 END { exit !found }' $fs/connections ||
			fail "no other side of $local $remote"
		expect_is "bytes of the client" "0 1000" awk -v l="$remote" -v r="$local" \
			'$3 == "out" && $5 == l && $6 == r { print $16, $17 }' $fs/connections
	done <<<"$entries"
done
