#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What a process executes was settled when it executed it: a file that is
# renamed, deleted or replaced later makes it neither more nor less.
. /vm/lib.sh
up
cp "$(readlink -f /usr/bin/python3)" /opt/agent
policy "default deny" "allow /opt/agent to $web" "allow /opt/other to $other"
mode enforce
expect_ok /opt/agent - $web $other <<'P'
import os, shutil, socket, sys
web, other = sys.argv[1:]
def dial(address):
    try:
        socket.create_connection((address, 80), 5).close()
    except PermissionError:
        return False
    return True
def judge(when):
    assert dial(web), when
    assert not dial(other), when
judge("as executed")
os.rename("/opt/agent", "/opt/other")
judge("renamed to what another rule allows")
shutil.copy("/bin/true", "/opt/agent")
judge("another file at the old path")
os.unlink("/opt/other")
judge("deleted")
pid = os.fork()
if not pid:
    judge("child")
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0, "child"
P
# who executes the renamed file is the other one
cp "$(readlink -f /usr/bin/python3)" /opt/other
program='import socket,sys; socket.create_connection((sys.argv[1], 80), 5)'
expect_ok /opt/other -c "$program" $other
expect_eperm /opt/other -c "$program" $web
