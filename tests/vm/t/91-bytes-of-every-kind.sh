#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 240
# Each way to move bytes is one entry of the history for each flow, that of the
# program which moved them, with as many bytes both ways as its system calls said;
# what was sent in vain counts nothing.  The program says what it wants, card.py
# compares and prints.
. /vm/lib.sh
wanted=$scratch/wanted
modprobe -a sctp 2>/dev/null
sysctl -q net.ipv4.ping_group_range="0 2147483647"
history_up
: >"$wanted"

# moves KIND WAY ADDRESS PORT: KIND is the name in the card, WAY that of move
moves() {
	/vm/bin/move "$2" "$3" "$4" >"$scratch/said" 2>"$scratch/why"
	case $? in
	0)	sed "s/^$2 /$1 /" "$scratch/said" >>"$wanted" ;;
	77)	echo "this kernel has no $1" ;;
	*)	fail "$1: $(<"$scratch/why")" ;;
	esac
}

moves tcp-down tcp-down 127.0.1.1 8001
moves tcp-up tcp-up 127.0.1.2 8002
moves tcp-duplex tcp-duplex 127.0.1.3 8003
moves tcp-v6 tcp-duplex ::1 8004
moves udp-up udp-up 127.0.1.5 8005
moves udp-down udp-down 127.0.1.6 8006
moves udp-v6-down udp-down ::1 8007
moves udp-443 udp-up 127.0.1.8 443
moves udp-53-flood udp-flood 127.0.1.9 53
moves sctp sctp 127.0.1.10 8010
moves sctp-v6 sctp ::1 8011
moves ping ping 127.0.1.12 0
moves ping-v6 ping ::1 0
moves raw-253 raw 127.0.1.14 0
moves raw-v6 raw ::1 0
moves raw-with-header raw-with-header 127.0.1.16 0
moves packet packet 127.0.1.17 0
moves io-uring io-uring 127.0.1.18 8018
moves sendfile sendfile 127.0.1.19 8019
moves splice splice 127.0.1.20 8020
moves slow-drip slow-drip 127.0.1.21 8021
moves connections-60 connections-60 127.0.1.22 8022
moves connections-30 connections-30 127.0.1.23 8023
moves short-processes short-processes 127.0.1.24 8024
moves sendmmsg sendmmsg 127.0.1.25 8025
moves recvmmsg recvmmsg 127.0.1.26 8026
moves gso-gro gso-gro 127.0.1.27 8027
moves peek peek 127.0.1.28 8028
moves udp-in-vain udp-in-vain 127.0.1.29 8029
moves loopback udp-up 127.0.0.1 8030

# As a container has it: namespaces of its own.
HOST_PROC=$scratch/proc
mkdir "$HOST_PROC"
mount --bind /proc "$HOST_PROC"
export HOST_PROC
unshare -pfmnui --mount-proc sh -c "hostname box; ip link set lo up
	/vm/bin/move tcp-duplex 127.0.1.31 8031" >"$scratch/said" ||
	fail "container"
sed "s/^tcp-duplex /container /" "$scratch/said" >>"$wanted"
umount "$HOST_PROC"

right() { PYTHONPATH=/vm python3 /vm/card.py "$wanted" >"$scratch/card"; }
wait_for 15 right || { cat "$scratch/card"; fail "not all are right"; }

cat "$scratch/card"
# The card has each kind once: of many connections, the first.
PYTHONPATH=/vm python3 - "$scratch/card" >>/run/log/card <<'P'
import sys
seen = set()
for line in open(sys.argv[1]):
    kind = tuple(line.split("|")[0:1]) + (" in " in line,)
    if line.count("|") == 5 and kind not in seen:
        seen.add(kind)
        print(line, end="")
P
history_down
