#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# One process asks for the same again and again, by new streams and by one datagram
# socket.  Each time the answer is that of the policy, mode, user, address, port and
# protocol of this moment, however often another one was given just before.
. /vm/lib.sh
module_unload
module_load
rm -f /var/lib/connwarden/last-good* /etc/connwarden/rules.conf
policyd_start
expect_is generation 0 status generation
cat >"$scratch/ask.py" <<'P'
import os, socket, subprocess, sys
web, other, alice, scratch = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def streams(to, port=80, local=0):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    if local:
        s.bind(("", local))
    try:
        s.connect((to, port))
    except PermissionError:
        return False
    finally:
        s.close()
    return True
def sends(to, port=80):
    try:
        datagrams.sendto(b"x", (to, port))
    except PermissionError:
        return False
    return True
def sure(answer, why, ask=(streams, sends), to=web, port=80):
    for turn in range(3):
        for way in ask:
            assert way(to, port) == answer, "%s: %s, turn %d" % (why, way.__name__, turn)
def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
def mode(name):
    run("policyctl", "mode", name)
def policy(*rules):
    with open(scratch + "/rules.conf", "w") as file:
        file.write("\n".join(rules) + "\n")
    run("policyctl", "load", scratch + "/rules.conf")
sure(True, "no policy")
policy("default deny")
sure(True, "monitor")
mode("enforce")
sure(False, "enforce")
mode("monitor")
sure(True, "monitor again")
mode("enforce")
policy("default deny", "allow any user root to %s port 80" % web)
sure(True, "allowed by the next policy")
os.setresuid(-1, alice, -1)
sure(False, "alice")
os.setresuid(-1, 0, -1)
sure(True, "root again")
policy("default allow", "deny any to %s" % web)
sure(False, "refused by the next policy")
policy("default deny", "allow any to %s port 80 proto tcp" % web,
       "allow any to %s port 81 proto udp" % web)
for turn in range(3):
    sure(True, "tcp 80", (streams,))
    sure(False, "udp 80", (sends,))
    sure(False, "tcp 81", (streams,), port=81)
    sure(True, "udp 81", (sends,), port=81)
    sure(False, "the other address", to=other)
policy("default deny", "allow any to %s port 80 from port 6100" % web)
for turn in range(3):
    assert streams(web, local=6100), "its own port"
    assert not streams(web, local=6101) and not streams(web), "another own port"
P
expect_ok python3 "$scratch/ask.py" $web $other "$(id -u alice)" "$scratch"
