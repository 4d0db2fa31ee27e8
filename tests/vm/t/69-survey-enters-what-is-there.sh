#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Connections that are there before the module are entered, once, with who has
# them open, their direction and both ends; and they end like others.
. /vm/lib.sh
module_unload
cat >"$scratch/hold.py" <<'P'
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 7090))
client = socket.create_connection(("127.0.0.1", 7090))
server, peer = listener.accept()
datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
datagrams.connect(("::1", 7091))
idle = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(client.getsockname()[1], datagrams.getsockname()[1], flush=True)
sys.stdin.readline()
client.sendall(b"x" * 100)
server.recv(100)
client.close()
server.close()
print("closed", flush=True)
sys.stdin.readline()
P
coproc python3 "$scratch/hold.py"
read -r port datagrams <&"${COPROC[0]}" || fail "no connections"
module_load
cat $fs/connections
mine() { awk -v pid="$COPROC_PID" '$7 == pid' $fs/connections; }
line() { mine | awk -v d="$1" -v l="$2" -v r="$3" '$3 == d && $5 == l && $6 == r { print $2, $4, $11, $18, $NF }'; }
python=$(readlink -f /usr/bin/python3)
expect_is "entries" 3 sh -c "awk -v pid=$COPROC_PID '\$7 == pid' $fs/connections | wc -l"
expect_is "client" "tcp open - preexisting $python" line out "127.0.0.1:$port" 127.0.0.1:7090
expect_is "server" "tcp open - preexisting $python" line in 127.0.0.1:7090 "127.0.0.1:$port"
expect_is "datagrams" "udp open - preexisting $python" line out "[::1]:$datagrams" "[::1]:7091"
echo >&"${COPROC[1]}"
read -r _ <&"${COPROC[0]}"
closed() { [[ $(mine | grep -c ' closed ') == 2 ]]; }
wait_for 10 closed || fail "not ended: $(mine)"
expect_is "bytes sent" 100 awk -v pid="$COPROC_PID" '$7 == pid && $3 == "out" && $2 == "tcp" { print $16 }' $fs/connections
expect_is "bytes received" 100 awk -v pid="$COPROC_PID" '$7 == pid && $3 == "in" { print $17 }' $fs/connections
echo >&"${COPROC[1]}"
wait
module_unload
