#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 150
# io_uring in all its forms, 32-bit system calls, SCTP: by a user without
# privileges, refused in enforce mode and recorded in monitor mode.
# shellcheck disable=SC2034 # for bypass.sh
. /vm/lib.sh
. /vm/bypass.sh
modprobe sctp 2>/dev/null
bypass_up
ip netns exec srv python3 -c '
import signal, socket
s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 132)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("::", 80))
s.listen(500)
signal.pause()' &
who=(as alice) families=(v4 v6 mapped)
listens() { ip netns exec srv grep -q ' 80 ' /proc/net/sctp/eps; }
wait_for 10 listens || echo "no SCTP listener"
check_doors 'uring*' 'compat*' 'sctp-*'
policy "default deny" "allow /vm/bin/door to $spare, $spare6"
mode enforce
may_pass sctpv-second-address v4 B6 "SCTP_DSTADDRV4"
may_pass sctpv-second-address v6 B6 "SCTP_DSTADDRV4"
may_pass sctpv-longer-address v4 B6 "SCTP_DSTADDRV4"
may_pass sctpv-longer-address v6 B6 "SCTP_DSTADDRV4"
finish
