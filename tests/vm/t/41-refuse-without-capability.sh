#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Root without CAP_MAC_ADMIN may not write, not even through a descriptor that
# a privileged program writes to.
. /vm/lib.sh
up
policy "default deny" "allow any to $web"
mode enforce
cp $fs/policy "$scratch/blob"
drop="setpriv --bounding-set -mac_admin --inh-caps -mac_admin"
expect_eperm $drop bash -c "echo monitor >$fs/mode"
expect_eperm $drop dd if="$scratch/blob" of=$fs/policy bs=1M
expect_eperm unshare -U -r bash -c "echo monitor >$fs/mode"
expect_is mode enforce status mode
expect_ok python3 - $fs/mode <<'P'
# Opened without the capability, written with it.
import ctypes, os, struct, sys, errno
libc = ctypes.CDLL(None, use_errno=True)
MAC_ADMIN = 33
header = struct.pack("Ii", 0x20080522, 0)
data = ctypes.create_string_buffer(24)
def caps(change):
    assert libc.capget(header, data) == 0
    words = list(struct.unpack("6I", data.raw))
    words[3] = change(words[3])
    assert libc.capset(header, struct.pack("6I", *words)) == 0
caps(lambda effective: effective & ~(1 << (MAC_ADMIN - 32)))
fd = os.open(sys.argv[1], os.O_WRONLY)
caps(lambda effective: effective | 1 << (MAC_ADMIN - 32))
try:
    os.write(fd, b"monitor")
    sys.exit("taken from an opener without the capability")
except PermissionError:
    pass
fd = os.open(sys.argv[1], os.O_WRONLY)
assert os.write(fd, b"monitor") == 7
P
expect_is mode monitor status mode
as alice cat $fs/status && fail "status can be read by everybody"
as alice cat $fs/connections && fail "connections can be read by everybody"
true
