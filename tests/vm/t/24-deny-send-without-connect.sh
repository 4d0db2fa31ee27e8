#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A send that names its destination is judged like connect(): datagrams,
# TCP Fast Open, and AF_UNSPEC, which IPv4 sockets take for AF_INET.
. /vm/lib.sh
up
policy "default deny" "allow any to $web port 53 proto udp" \
	"allow any to $web port 80 proto tcp" \
	"allow any to $web6 port 53 proto udp" "allow any to @loopback"
mode enforce
sysctl -q net.ipv4.tcp_fastopen=1
cat >"$scratch/send.py" <<'P'
# send.py KIND ADDRESS PORT
import ctypes, errno, os, socket, struct, sys
kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
try:
    if kind == "udp":
        socket.socket(family, socket.SOCK_DGRAM).sendto(b"x", (address, port))
    elif kind == "udp-msg":
        socket.socket(family, socket.SOCK_DGRAM).sendmsg([b"x"], [], 0, (address, port))
    elif kind == "udp-unspec":
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        to = struct.pack("=H", 0) + struct.pack("!H", port) + socket.inet_aton(address) + bytes(8)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.sendto(s.fileno(), b"x", 1, 0, to, len(to)) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    elif kind == "fastopen":
        s = socket.socket(family, socket.SOCK_STREAM)
        s.sendto(b"GET / HTTP/1.0\r\n\r\n", socket.MSG_FASTOPEN, (address, port))
        assert s.recv(4)
    elif kind == "ping":
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP).sendto(
            b"\x08\0\0\0\0\1\0\1", (address, 0))
    elif kind == "raw":
        socket.socket(socket.AF_INET, socket.SOCK_RAW, 254).sendto(b"x", (address, 0))
    elif kind == "packet":
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        s.sendto(b"\xff" * 60, ("net0", 0x88b5))
except OSError as error:
    sys.exit(errno.errorcode[error.errno])
P
send() { python3 "$scratch/send.py" "$@"; }
sysctl -q net.ipv4.ping_group_range="0 2147483647"
for kind in udp udp-msg udp-unspec; do
	expect_ok send $kind $web 53
	expect_eperm send $kind $other 53
	expect_eperm send $kind $web 54
done
expect_ok send udp $web6 53
expect_ok send udp ::ffff:$web 53
expect_eperm send udp $other6 53
expect_eperm send udp ::ffff:$other 53
expect_ok send fastopen $web 80
expect_eperm send fastopen $other 80
expect_eperm send fastopen ::ffff:$other 80
expect_eperm send fastopen $web6 80
expect_eperm send ping $web 0
expect_eperm send raw $web 0
expect_eperm send packet $web 0
policy "default deny" "allow any to $web proto icmp, raw" "allow any to any proto packet"
for kind in ping raw packet; do
	expect_ok send $kind $web 0
done
expect_eperm send ping $other 0
mode monitor
expect_ok send udp $other 53
