#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# Threads that connect one socket to two addresses and disconnect it by turns: what
# comes out of it, each established connection, is in the table with its own
# address, and none is established to who is denied.
. /vm/lib.sh
module_unload
up
cat >"$scratch/race.py" <<'P'
import errno, select, socket, sys, threading
first, second, port, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
table = "/sys/kernel/security/connwarden/connections"
def ends():
    lines = open(table).read().splitlines()[1:]
    return {(f[4], f[5]) for f in map(str.split, lines) if f[2] == "out" and f[10] != "deny"}
def unspec(s):
    import ctypes
    name = ctypes.create_string_buffer(16)
    ctypes.CDLL(None).connect(s.fileno(), name, 16)
seen = {first: 0, second: 0}
for turn in range(rounds):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    stop = False
    def disconnect():
        while not stop:
            unspec(s)
    def connect(address):
        while not stop:
            try:
                s.connect((address, port))
            except OSError:
                pass
    threads = [threading.Thread(target=disconnect),
               threading.Thread(target=connect, args=(first,)),
               threading.Thread(target=connect, args=(second,))]
    for thread in threads:
        thread.start()
    threading.Event().wait(0.05)
    stop = True
    for thread in threads:
        thread.join()
    select.select([], [s], [], 2)
    try:
        remote = s.getpeername()
        local = s.getsockname()
    except OSError:
        s.close()
        continue
    seen[remote[0]] += 1
    pair = ("%s:%d" % local, "%s:%d" % remote)
    assert pair in ends(), "established and not in the table: %s" % (pair,)
    s.close()
print(seen)
sys.exit(0 if sum(seen.values()) else "none was established")
P
policy "default allow"
mode enforce
expect_ok python3 "$scratch/race.py" $web $other 80 60
policy "default deny" "allow any to $web"
expect_ok python3 "$scratch/race.py" $web $other 80 60 | tee "$scratch/seen"
grep -q "'$other': 0" "$scratch/seen" || fail "established to who is denied"
