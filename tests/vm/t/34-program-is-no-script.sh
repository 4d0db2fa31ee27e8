#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Only what an interpreter runs is a script: not a program for another machine
# that the kernel runs by itself, but one that binfmt_misc has an interpreter for.
. /vm/lib.sh
up
# elf MACHINE [FILE]: a 32-bit program that connects to $web, and ends with the
# error number; FILE is put behind it.
elf() {
	python3 - "$@" <<'P'
import struct, sys
code = bytes.fromhex("6a006a016a0289e1bb01000000b866000000cd80"  # socket()
    "89c76a006a0068cb0071076802000050" "89e66a10565789e1"
    "bb03000000b866000000cd80"                                   # connect()
    "f7d889c3b801000000cd80")                                    # exit()
size, base = 84 + len(code), 0x8048000
ident = b"\x7fELF\1\1\1".ljust(16, b"\0")
sys.stdout.buffer.write(ident + struct.pack("<HHIIIIIHHHHHH", 2, int(sys.argv[1]),
    1, base + 84, 52, 0, 0, 52, 32, 1, 0, 0, 0) +
    struct.pack("<8I", 1, 0, base, base, size, size, 5, 4096) + code)
for name in sys.argv[2:]:
    sys.stdout.buffer.write(open(name, "rb").read())
P
}
policy "default deny" "deny any script /opt/* to any" "allow any to $web"
mode enforce
# Machine 3 is the i386, machine 6 the i486, which the kernel takes as well.
for machine in 3 6; do
	elf $machine >/opt/elf$machine
	chmod 755 /opt/elf$machine
	/opt/elf$machine
	got=$?
	((got < 126)) || skip "kernel without 32-bit programs"
	((got == 0)) || fail "machine $machine: error $got"
done
# env executes such a program as well: then it is what runs the script.
policy "default deny" "allow /opt/elf* script /opt/by-env to $web"
for machine in 3 6; do
	echo "#!/usr/bin/env elf$machine" >/opt/by-env
	chmod 755 /opt/by-env
	PATH=/opt:$PATH expect_ok /opt/by-env
	expect_fails 1 '' "/opt/elf$machine"
done
# Machine 40 is ARM.  Python finds its program in the archive at the end.
misc=/proc/sys/fs/binfmt_misc
[[ -e $misc/register ]] || mount -t binfmt_misc none $misc || skip "no binfmt_misc"
cd "$scratch" || exit
cat >__main__.py <<P
import socket
socket.create_connection(("$web", 80), 5)
P
python3 -m zipfile -c main.zip __main__.py
elf 40 main.zip >/opt/arm
chmod 755 /opt/arm
echo ':arm:M:18:\x28\x00::/usr/bin/python3:' >$misc/register || fail "not registered"
expect_eperm /opt/arm
policy "default deny" "allow /usr/bin/python3.* script /opt/arm to $web"
expect_ok /opt/arm
expect_eperm /usr/bin/python3 /opt/arm
# env hands a script on to what the kernel runs by itself only.
echo '#!/usr/bin/env arm' >/opt/by-env
policy "default deny" "allow /usr/bin/python3.* script /opt/by-env to $web"
PATH=/opt:$PATH expect_eperm /opt/by-env
echo -1 >$misc/arm
