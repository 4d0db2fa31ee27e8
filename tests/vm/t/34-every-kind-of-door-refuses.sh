#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# Every kind of door refuses, lets through and counts, and status names them.
. /vm/lib.sh
send() {
	python3 - "$@" <<'P'
import errno, socket, sys
address, port = sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
try:
    if sys.argv[1] == "udp":
        socket.socket(family, socket.SOCK_DGRAM).sendto(b"x", (address, port))
    else:
        socket.socket(family, socket.SOCK_STREAM).sendto(b"x", socket.MSG_FASTOPEN, (address, port))
except OSError as error:
    sys.exit(errno.errorcode[error.errno])
P
}
change_executable() {
	python3 - <<'P'
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open("/usr/bin/curl", os.O_RDONLY)
sys.exit(0 if libc.prctl(35, 13, ctypes.c_ulong(fd), 0, 0) == 0 else errno.errorcode[ctypes.get_errno()])
P
}
sysctl -q net.ipv4.tcp_fastopen=1
module_unload
up
expect_is "working" yes status working
for door in tcp_fastopen_defer_connect ip_send_skb ip6_send_skb ip_append_data \
	ip6_append_data raw_sendmsg rawv6_sendmsg packet_sendmsg; do
	[[ " $(status governed) " == *" $door "* ]] || fail "not governed: $door"
done
for door in security_sk_free security_sock_graft inet_sock_set_state; do
	[[ " $(status observed) " == *" $door "* ]] || fail "not observed: $door"
done
policy "default deny" "allow any to $web port 53, 80" \
	"allow any to $web6 port 80"
mode enforce
before=$(status denied)
expect_ok dial $web 80
expect_ok dial ::ffff:$web 80
expect_ok dial $web6 80
expect_ok dial -u $web 53
expect_ok send udp $web 53
expect_is "number of denials" "$before" status denied
for options in "" -n -u; do
	# shellcheck disable=SC2086 # none, or one
	for to in $other ::ffff:$other $other6; do
		expect_eperm dial $options $to 80
	done
done
expect_eperm send udp $other 53
expect_eperm send fastopen $other 80
expect_is "number of denials" $((before + 11)) status denied
expect_eperm change_executable
expect_is "missed" 0 status missed
mode monitor
expect_ok dial $other 80
