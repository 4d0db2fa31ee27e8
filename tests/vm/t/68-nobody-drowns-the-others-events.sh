#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# Nobody reads `events`, and a user makes more of them than there is room for:
# his are lost and counted, what root and another user do is told all the same.
. /vm/lib.sh
module_unload
up event_bytes=1048576
policy "default allow" "log none"
lost() { (($(status events_lost) > 0)); }
flood() {
	until lost; do
		as alice hammer 2 1 127.0.0.9 $(seq 7000 7200) >/dev/null
	done
}
flood
# Beyond what is lost already, more than the rest of the ring could take.
as alice hammer 2 3 127.0.0.9 $(seq 7000 7200) >/dev/null
for _ in {1..50}; do
	dial $web 80 >/dev/null || fail "dial"
done
as bob dial $other 80 >/dev/null || fail "bob's dial"
cat >"$scratch/count.py" <<'P'
import os, socket, struct, sys
fd = os.open("/sys/kernel/security/connwarden/events", os.O_RDWR | os.O_NONBLOCK)
root = bob = alice = lost = 0
while True:
    try:
        data = os.read(fd, 1 << 18)
    except BlockingIOError:
        break
    at = 0
    while at < len(data):
        size, kind, seq = struct.unpack_from("=IIQ", data, at)
        if kind == 1:
            lost += struct.unpack_from("=Q", data, at + 16)[0]
        if kind == 3:
            f = struct.unpack_from("=QQQQIIIIIHH16s16sBBBB", data, at + 16)
            out, uid, to = not f[15], f[5], f[12][:4]
            root += out and uid == 0 and to == socket.inet_aton(sys.argv[1])
            bob += out and uid == 1001 and to == socket.inet_aton(sys.argv[2])
            alice += out and uid == 1000
        at += size
print("root", root, "bob", bob, "alice", alice, "lost, as told", lost, file=sys.stderr)
print(lost)
assert root == 50 and bob == 1 and alice and lost
# With what was read acknowledged there is room for everybody again.
assert os.write(fd, struct.pack("=Q", seq)) == 8
P
python3 "$scratch/count.py" $web $other >"$scratch/lost" || fail "events"
before=$(status events_lost)
as alice dial $web 80 >/dev/null || fail "alice's dial"
expect_is "lost, with room" "$before" status events_lost

# What was lost is told as soon as there is room, also when nothing happens
# after it: what was told is what was lost.
until (($(status events_lost) > before)); do
	as alice hammer 2 1 127.0.0.9 $(seq 7000 7200) >/dev/null
done
cat >"$scratch/told.py" <<'P'
import os, struct
fd = os.open("/sys/kernel/security/connwarden/events", os.O_RDWR | os.O_NONBLOCK)
told = 0
for turn in range(4):
    try:
        while True:
            data = os.read(fd, 1 << 18)
            at = 0
            while at < len(data):
                size, kind, seq = struct.unpack_from("=IIQ", data, at)
                if kind == 1:
                    told += struct.unpack_from("=Q", data, at + 16)[0]
                at += size
    except BlockingIOError:
        os.write(fd, struct.pack("=Q", seq))
print(told)
P
python3 "$scratch/told.py" >>"$scratch/lost" || fail "events"
expect_is "lost, all told" "$(status events_lost)" awk '{ sum += $1 } END { print sum }' "$scratch/lost"
