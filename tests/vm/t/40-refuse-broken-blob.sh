#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Blobs that are truncated, too large, flipped in any byte or of another
# version are refused with an errno, counted, and the policy in force stays.
. /vm/lib.sh
up
policy "default deny" "allow any to $web port 80"
mode enforce
refused=$(status refused) loads=$(status loads) hash=$(status sha256)
expect_ok python3 - $fs/policy <<'P'
import errno, os, sys
path = sys.argv[1]
good = open(path, "rb").read()
tried = 0

def refused(blob, wanted, what, offset=0):
    global tried
    tried += 1
    fd = os.open(path, os.O_WRONLY)
    try:
        if offset:
            os.lseek(fd, offset, os.SEEK_SET)
        os.write(fd, blob)
        sys.exit("taken: " + what)
    except OSError as error:
        if error.errno != wanted:
            sys.exit("%s: %s" % (what, error))
    finally:
        os.close(fd)

assert len(good) > 64
for size in list(range(1, 64)) + list(range(64, len(good), 7)) + [len(good) - 1]:
    refused(good[:size], errno.EINVAL, "truncated to %d" % size)
for at in range(len(good)):
    bad = bytearray(good)
    bad[at] ^= 1 << (at % 8)
    refused(bytes(bad), errno.EINVAL, "bit flipped at %d" % at)
refused(good + b"\0", errno.EINVAL, "one byte more")
refused(b"\0" * len(good), errno.EINVAL, "zeroes")
refused(b"\xff" * len(good), errno.EINVAL, "ones")
refused(b"\0" * ((128 << 20) + 1), errno.E2BIG, "over the limit")
refused(good, errno.EINVAL, "not at the start", offset=8)
print(tried)
open("/tmp/tried", "w").write(str(tried))
P
expect_is "refused" $((refused + $(</tmp/tried))) status refused
expect_is "loads" "$loads" status loads
expect_is "sha256" "$hash" status sha256
expect_ok dial $web 80
expect_eperm dial $other 80
# The same bytes, unharmed, are taken.
expect_ok python3 -c 'import os,sys
blob = open(sys.argv[1], "rb").read()
fd = os.open(sys.argv[1], os.O_WRONLY)
assert os.write(fd, blob) == len(blob)' $fs/policy
expect_is "loads" $((loads + 1)) status loads
