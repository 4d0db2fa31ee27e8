#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# Every provider refuses, lets through and counts the same things, and says in
# status what it is; a name that is none is an error.
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
for provider in ftrace kretprobe; do
	module_unload
	up provider=$provider
	expect_is "provider" $provider status provider
	expect_is "fallback" - status fallback
	expect_is "working" yes status working
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
		expect_eperm dial $options $other 80
		expect_eperm dial $options ::ffff:$other 80
		expect_eperm dial $options $other6 80
	done
	expect_eperm send udp $other 53
	expect_eperm send fastopen $other 80
	expect_is "number of denials" $((before + 11)) status denied
	expect_eperm change_executable
	expect_is "missed" 0 status missed
	mode monitor
	expect_ok dial $other 80
	policyd_stop
done
expect_is "switchable" yes status switchable
module_unload
for provider in ops nonsense ''; do
	expect_fails 1 'Invalid' insmod /vm/connwarden.ko provider=$provider
	dmesg | tail -n 3 | grep -q "no provider \"$provider\": take auto" ||
		fail "the log does not say what is wrong with \"$provider\""
done
