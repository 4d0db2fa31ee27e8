#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A flow that was allowed is not judged again, but for whom and how long: one
# socket and one destination get another answer as soon as the user (of one of
# two threads, too), a group, the cgroup, the process or the program is another,
# or the rule is over.
. /vm/lib.sh
up
root=/sys/fs/cgroup
mountpoint -q $root || mount -t cgroup2 none $root || skip "no cgroup2"
mkdir -p $root/flows
cp /usr/bin/python3 "$scratch/other"
policy "default deny" \
	"allow /usr/bin/python3.* user root to $web port 9001" \
	"allow /usr/bin/python3.* group 4711 to $web port 9002" \
	"allow /usr/bin/python3.* cgroup /flows to $web port 9003" \
	"allow /usr/bin/python3.* to $web port 9004"
mode enforce
cat >"$scratch/flow.py" <<'P'
import os, socket, sys
web, alice = sys.argv[1], int(sys.argv[2])
def passes(fd, port):
    s = socket.socket(fileno=os.dup(fd))
    try:
        s.sendto(b"x", (web, port))
    except PermissionError:
        return False
    finally:
        s.close()
    return True
P
cat >"$scratch/change.py" <<'P'
import ctypes, os, sys, threading
exec(open(os.path.dirname(sys.argv[0]) + "/flow.py").read())
other = os.path.dirname(sys.argv[0]) + "/other"
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fd = s.fileno()
def sure(answer, port, why):
    passes(fd, 9010)            # what we are now is known when it comes to the port
    for turn in range(3):       # found out, remembered, remembered
        assert passes(fd, port) == answer, why
def move(group):
    open("/sys/fs/cgroup" + group + "/cgroup.procs", "w").write(str(os.getpid()))
def child(what):
    pid = os.fork()
    if not pid:
        what()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0, "in the child"
def as_alice():
    sure(True, 9001, "the child is root still")
    os.setresuid(alice, alice, alice)
    sure(False, 9001, "the child is alice")
def as_other():
    os.set_inheritable(fd, True)
    os.execv(other, [other, "-c", "import sys; sys.argv[1:] = %r\n"
             "exec(open(%r).read())\n"
             "sys.exit(passes(%d, 9004))" % (sys.argv[1:],
             os.path.dirname(sys.argv[0]) + "/flow.py", fd)])
for turn in range(20):
    sure(True, 9001, "root")
    os.setresuid(-1, alice, -1)
    sure(False, 9001, "alice")
    os.setresuid(-1, 0, -1)
    sure(False, 9002, "no group")
    os.setgroups([1, 4711])
    sure(True, 9002, "group")
    os.setgroups([1])
    sure(False, 9002, "no group any more")
    move("/flows")
    sure(True, 9003, "in the cgroup")
    move("")
    sure(False, 9003, "out of the cgroup")
    sure(True, 9004, "the program")
# Credentials are those of a thread, whatever libraries make of it.
wrong = []
def thread_as_alice():
    try:
        assert not ctypes.CDLL(None).syscall(117, -1, alice, -1)    # setresuid
        for turn in range(50):
            sure(False, 9001, "the thread is alice")
    except BaseException as error:
        wrong.append(error)
thread = threading.Thread(target=thread_as_alice)
thread.start()
for turn in range(50):
    sure(True, 9001, "root, beside a thread")
thread.join()
assert not wrong, wrong
child(as_alice)
sure(True, 9001, "root, after its child")
child(as_other)
sure(True, 9004, "the program, after another")
P
expect_ok python3 "$scratch/change.py" $web $alice

# A rule that ends by itself ends for flows that it allowed, too.
end=$((EPOCHSECONDS + 10 * VM_SLOW))
policy "default deny" \
	"allow /usr/bin/python3.* to $web port 9001 until $(date -ud "@$end" +%FT%TZ)"
cat >"$scratch/until.py" <<'P'
import os, sys, time
exec(open(os.path.dirname(sys.argv[0]) + "/flow.py").read())
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sent, give_up = 0, time.monotonic() + 300
while passes(s.fileno(), 9001):
    sent += 1
    assert time.monotonic() < give_up, "the rule does not end"
    time.sleep(0.01)
assert sent, "the rule has ended before"
P
expect_ok python3 "$scratch/until.py" $web $alice
((EPOCHSECONDS >= end)) || fail "refused before the rule has ended"
