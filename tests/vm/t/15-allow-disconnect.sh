#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# connect() with AF_UNSPEC dissolves an association and is never refused.
. /vm/lib.sh
up
policy "default deny" "allow any to $web"
mode enforce
expect_ok python3 - "$web" <<'P'
import socket, struct, ctypes, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], 53))
libc = ctypes.CDLL(None, use_errno=True)
unspec = struct.pack("H14x", socket.AF_UNSPEC)
assert libc.connect(s.fileno(), unspec, len(unspec)) == 0, ctypes.get_errno()
P
