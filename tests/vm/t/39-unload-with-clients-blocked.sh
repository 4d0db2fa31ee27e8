#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 900
# 50 times: the module goes while clients and servers, old and new,
# are blocked in connect(), accept() and recv(), others connect, and others go
# through every door.  A debug
# kernel does 10 rounds and takes the time it needs.
. /vm/lib.sh
silent=198.51.100.77
# Those of the beginning are to wait in connect() to the end.
sysctl -q net.ipv4.tcp_syn_retries=10
ip route replace $silent/32 dev net0
ip neigh replace $silent lladdr 02:00:00:00:00:77 dev net0
module_unload
linger_up() {
	linger $silent >"$scratch/linger" &
	pid=$!
	wait_for 10 grep -q waiting "$scratch/linger" || fail "no clients"
}
linger_up
old=$pid
hammer 1 $((390 * VM_SLOW)) 127.0.0.9 7001 >"$scratch/hammer" &
load=$!
modprobe -a sctp smc l2tp_ip dccp_ipv6 2>/dev/null
sysctl -q net.ipv4.ping_group_range="0 2147483647"
(while :; do
	door -a 192.0.2.10 $web 80 'connect*' 'fastopen*' 'udp*' 'ping*' 'raw*' \
		'uring*' 'compat*' 'sctp*' 'packet*' 'route*' 'late-cork*'
	door -a 2001:db8::1 $web6 80 'connect*' 'fastopen*' 'udp*' 'ping*' 'raw*' \
		'sctp*' 'route*'
done) >"$scratch/doors" 2>&1 &
doors=$!
rounds=50
((VM_SLOW == 1)) || rounds=10
for ((round = 1; round <= rounds; round++)); do
	insmod /vm/connwarden.ko || fail "round $round: insmod"
	linger_up
	sleep 0.1
	start=${EPOCHREALTIME/./}
	rmmod connwarden || fail "round $round: rmmod"
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	echo $took >>"$scratch/took"
	kill -0 $pid || fail "round $round: a wait ended"
	kill $pid
	wait $pid
done
for wanted in $old $load $doors; do
	kill -0 "$wanted" || fail "the load or a wait ended before the rounds"
	kill "$wanted"
done
(($(wc -l <"$scratch/doors") > 20)) || fail "few doors were tried"
ip neigh del $silent dev net0
ip route del $silent dev net0
sysctl -q net.ipv4.tcp_syn_retries=6
sort -n "$scratch/took" >"$scratch/sorted"
echo "ms: median $(sed -n $((rounds / 2))p "$scratch/sorted"), longest $(tail -n 1 "$scratch/sorted")"
