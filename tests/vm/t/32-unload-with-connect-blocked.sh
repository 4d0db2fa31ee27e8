#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A client that waits in connect() does not hold up the unloading.
. /vm/lib.sh
up
kill $policyd_pid
wait $policyd_pid
# Nobody answers there: the handshake takes its time-out.
ip route add 198.51.100.77/32 dev net0
ip neigh add 198.51.100.77 lladdr 02:00:00:00:00:77 dev net0
dial 198.51.100.77 80 &
wait_for 5 grep -q ' opening ' $fs/connections || fail "no client in connect()"
start=${EPOCHREALTIME/./}
module_unload
took=$(((${EPOCHREALTIME/./} - start) / 1000))
echo "unloaded in $took ms"
kill -0 $! || fail "the client did not wait"
kill $!
ip neigh del 198.51.100.77 dev net0
