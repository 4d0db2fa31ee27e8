#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# The file `events`: a thousand short connections of fifty processes that end at
# once (on a slow kernel a fifth of them), each with its process, both ends and
# its end; nothing twice, nothing lost, and again for a reader that dies before
# it acknowledges.
. /vm/lib.sh
module_unload
up
policy "default allow"
cat >"$scratch/events.py" <<'P'
import os, select, socket, struct, sys
FS = "/sys/kernel/security/connwarden/events"

class Reader:
    def __init__(self):
        self.fd = os.open(FS, os.O_RDWR | os.O_NONBLOCK)
        self.last = 0
    def records(self):
        out = []
        while True:
            try:
                data = os.read(self.fd, 1 << 18)
            except BlockingIOError:
                return out
            at = 0
            while at < len(data):
                size, kind, seq = struct.unpack_from("=IIQ", data, at)
                assert size % 8 == 0 and at + size <= len(data), "a part of a record"
                assert seq > self.last, "sequence"
                self.last = seq
                out.append((kind, seq, data[at:at + size]))
                at += size
    def acknowledge(self, seq):
        assert os.write(self.fd, struct.pack("=Q", seq)) == 8

LOST, PROCESS, OPEN, CLOSE = 1, 2, 3, 5

def process(data):
    number, start, ino, dev, gen, tgid, flags, count, auid, session = struct.unpack_from("=QQQIIIHHII", data, 16)
    texts = data[64 + 16 * count:].split(b"\0")
    return number, {"tgid": tgid, "exe": texts[0].decode(), "script": texts[1].decode(),
                    "cgroup": texts[2].decode(),
                    "ancestors": [t.decode() for t in texts[3:3 + count]]}

def opening(data):
    f = struct.unpack_from("=QQQQIIIIIHH16s16sBBBB", data, 16)
    family = {4: socket.AF_INET, 6: socket.AF_INET6}.get(f[13])
    size = 4 if f[13] == 4 else 16
    return f[0], {"time": f[1], "process": f[2], "uid": f[5], "local": f[9], "port": f[10],
                  "remote": family and socket.inet_ntop(family, f[12][:size]),
                  "in": f[15], "verdict": f[16]}
P
cat >"$scratch/storm.sh" <<'S'
#!/bin/bash
# one of the fifty: twenty connections, then it is gone
exec python3 - "$1" <<'P'
import socket, sys
for turn in range(20):
    s = socket.create_connection((sys.argv[1], 80), 20)
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    s.close()
P
S
chmod 755 "$scratch/storm.sh"
cat >"$scratch/check.py" <<'P'
import sys
sys.path.insert(0, sys.argv[1])
from events import *
reader = Reader()
try:
    os.open(FS, os.O_RDWR)
    sys.exit("two readers")
except OSError as error:
    assert error.errno == 16, error
first = reader.records()
# nothing was acknowledged: the next reader gets the same
os.close(reader.fd)
reader = Reader()
assert [r[1] for r in reader.records()[:len(first)]] == [r[1] for r in first], "not the same again"
try:
    reader.acknowledge(reader.last + 1)
    sys.exit("acknowledged what was not read")
except OSError as error:
    assert error.errno == 22, error
processes = dict(process(r[2]) for r in first if r[0] == PROCESS)
opens, closed = {}, {}
for kind, seq, data in first:
    if kind == PROCESS:
        continue
    assert kind != LOST, "lost"
    number = struct.unpack_from("=Q", data, 16)[0]
    if kind == OPEN:
        assert number not in opens, "twice"
        opens[number] = opening(data)[1]
        assert opens[number]["process"] in processes
    elif kind == CLOSE:
        assert number not in closed, "closed twice"
        closed[number] = struct.unpack_from("=QQQ", data, 24)
storm = {n: o for n, o in opens.items() if not o["in"] and o["port"] == 80}
rounds = int(sys.argv[4])
assert len(storm) == 200 * rounds, len(storm)
who = {o["process"] for o in storm.values()}
assert len(who) == 10 * rounds, len(who)
for number in who:
    p = processes[number]
    assert p["exe"].startswith("/usr/bin/python3"), p
    assert p["script"] == "", p
    assert any("bash" in a for a in p["ancestors"]), p
assert all(o["local"] for o in storm.values()), "local end"
assert all(n in closed for n in storm), "end"
assert all(closed[n][1] == 18 for n in storm), {closed[n][1] for n in storm}
assert {o["remote"] for o in storm.values()} == {sys.argv[2], sys.argv[3]}
reader.acknowledge(reader.last)
os.close(reader.fd)
reader = Reader()
left = [r for r in reader.records() if r[0] == OPEN and opening(r[2])[1]["port"] == 80]
assert not left, "acknowledged, and there again"
# each reader is told of a process, for it may write another history
for turn in range(2):
    os.close(reader.fd)
    reader = Reader()
    for again in range(2):
        socket.create_connection((sys.argv[2], 80), 20).close()
    told = [process(r[2])[1]["tgid"] for r in reader.records() if r[0] == PROCESS]
    assert told.count(os.getpid()) == 1, told
    reader.acknowledge(reader.last)
P
rounds=$((VM_SLOW > 1 ? 1 : 5))
for ((round = 0; round < rounds; round++)); do
	pids=()
	for _ in {1..5}; do
		"$scratch/storm.sh" $web & pids+=($!)
		"$scratch/storm.sh" $web6 & pids+=($!)
	done
	wait "${pids[@]}" || fail "a client"
done
all_closed() { ! grep -Eq ' out (open|opening) .*:80 ' $fs/connections; }
wait_for 20 all_closed || fail "still open"
expect_ok python3 "$scratch/check.py" "$scratch" $web $web6 $rounds
expect_is "lost events" 0 status events_lost
