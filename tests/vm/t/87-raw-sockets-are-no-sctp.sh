#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A raw socket may have the protocol number of SCTP.  It is no association: it is not
# taken for one when it is kept over exec, handed on, there before the module, or
# judged.  In a user namespace everybody may have one.
. /vm/lib.sh
module_unload
cat >"$scratch/raw.py" <<'P'
# raw.py KIND FAMILY: as alice, in a user namespace of her own
import array, ctypes, os, socket, sys
kind, family = sys.argv[1], getattr(socket, sys.argv[2])
assert not ctypes.CDLL(None).unshare(0x10000000 | 0x40000000), "unshare"
s = socket.socket(family, socket.SOCK_RAW, 132)
if kind == "exec":
    os.set_inheritable(s.fileno(), True)
    os.execv("/bin/true", ["true"])
a, b = socket.socketpair()
if not os.fork():
    a.close()
    b.recvmsg(1, 64)
    os._exit(0)
a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno()]))])
assert os.wait()[1] == 0
P
chmod 755 "$scratch"
module_load
for family in AF_INET AF_INET6; do
	for kind in exec message; do
		expect_ok setpriv --reuid $alice --regid $alice --clear-groups \
			python3 "$scratch/raw.py" $kind $family
	done
done
module_unload
# There before the module, and connected.
coproc python3 -c '
import socket, sys
s = [socket.socket(f, socket.SOCK_RAW, 132) for f in (socket.AF_INET, socket.AF_INET6)]
s[0].connect(("'$web'", 0))
s[1].connect(("'$web6'", 0))
print("ready", flush=True)
sys.stdin.readline()'
read -r _ <&"${COPROC[0]}" || fail "no sockets"
module_load
module_unload
echo >&"${COPROC[1]}"
wait

up
cat >"$scratch/send.py" <<'P'
import errno, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132)
try:
    s.sendto(b"x" * 20, (sys.argv[1], 0))
except OSError as error:
    sys.exit(errno.errorcode[error.errno])
P
send() { python3 "$scratch/send.py" "$1"; }
mode enforce
policy "default deny" "allow any to any proto sctp"
expect_eperm send $other
policy "default deny" "allow any to any proto raw"
expect_ok send $other
