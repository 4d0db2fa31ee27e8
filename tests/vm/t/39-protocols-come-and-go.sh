#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 200
# Modules of protocols come and go while this one is there, and this one while they
# are: they are hooked exactly while both are, and what they send is judged.
. /vm/lib.sh
modprobe l2tp_ip 2>/dev/null || skip "no L2TP in this kernel"
modprobe -r l2tp_ip
hooked() { [[ " $(status protocols) " == *" l2tp_ip "* && " $(status governed) " == *" l2tp_ip_sendmsg "* ]]; }
awaited() { [[ " $(status awaited) " == *" l2tp_ip "* && " $(status hooks) " != *" l2tp_ip_sendmsg "* ]]; }
send() {
	python3 - "$1" <<'P'
import errno, socket, sys
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 115).sendto(b"\0" * 8, (sys.argv[1], 0))
except OSError as error:
    sys.exit(errno.errorcode[error.errno])
P
}
module_unload
for round in {1..5}; do
	module_load
	awaited || fail "round $round: not awaited: $(status awaited)"
	modprobe l2tp_ip || fail "round $round: L2TP does not load"
	hooked || fail "round $round: not hooked: $(status protocols)"
	modprobe -r l2tp_ip || fail "round $round: L2TP does not unload"
	awaited || fail "round $round: not awaited again"
	modprobe l2tp_ip
	module_unload
	module_load
	hooked || fail "round $round: not hooked after this module came"
	module_unload
	modprobe -r l2tp_ip || fail "round $round: L2TP does not unload"
done
up
policy "default deny" "allow any to $web proto raw"
mode enforce
expect_ok send $web
expect_eperm send $other
policyd_stop
module_unload

# Both at the same time.
(for _ in {1..20}; do modprobe l2tp_ip; modprobe -r l2tp_ip; done) 2>/dev/null &
load=$!
for round in {1..10}; do
	insmod /vm/connwarden.ko || fail "round $round: insmod"
	rmmod connwarden || fail "round $round: rmmod"
done
wait $load
module_load
modprobe l2tp_ip
hooked || fail "not hooked in the end"
module_unload
modprobe -r l2tp_ip
