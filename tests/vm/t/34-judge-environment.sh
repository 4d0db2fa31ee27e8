#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `clean-env`: a program counts as itself only when no variable made it load or
# run what whoever started it has chosen.  Settled when it is executed.
. /vm/lib.sh
module_unload
go=$scratch/go
python3 -c "
import os, socket, sys, time
while not os.path.exists('$go'): time.sleep(0.1)
socket.create_connection(('$other', 80), 5)" >"$scratch/early" 2>&1 &
early=$!
up
cat >/opt/run.py <<'P'
#!/usr/bin/python3
import socket, sys
socket.create_connection((sys.argv[1], 80), 5)
P
cat >/opt/b.sh <<'B'
#!/bin/bash
exec 3<>/dev/tcp/$1/80
B
chmod 755 /opt/run.py /opt/b.sh
mkdir -p /tmp/lib
for name in socket sitecustomize; do
	printf 'import os, sys\nsys.path.remove("/tmp/lib")\nprint("evil is here")\n' >/tmp/lib/$name.py
done
echo 'for name in socket; do :; done; del sys.modules["socket"]; from socket import *' >>/tmp/lib/socket.py
echo 'echo evil is here' >/tmp/evil.sh
policy "default deny" "allow /usr/bin/python3.* script /opt/run.py clean-env to $web" \
	"allow /usr/bin/bash script /opt/b.sh clean-env to $web" \
	"allow /vm/bin/dial clean-env to $web" \
	"allow /usr/bin/python3.* clean-env to $other"
mode enforce
is_evil() { say "$@"; [[ $("$@" 2>&1) == *"evil is here"* ]] || fail "does nothing: $*"; }

# What the variables do, and that they do not get out.
is_evil env PYTHONPATH=/tmp/lib /opt/run.py $web
is_evil env BASH_ENV=/tmp/evil.sh /opt/b.sh $web
expect_ok /opt/run.py $web
expect_ok /opt/b.sh $web
expect_eperm env PYTHONPATH=/tmp/lib /opt/run.py $web
expect_eperm env BASH_ENV=/tmp/evil.sh /opt/b.sh $web
expect_eperm env SHELLOPTS=xtrace "PS4=\$(echo evil)" /opt/b.sh $web
expect_eperm env "BASH_FUNC_x%%=() { :; }" /opt/b.sh $web
expect_eperm as alice env PYTHONPATH=/tmp/lib /opt/run.py $web
expect_ok as alice /opt/run.py $web
# Programs without an interpreter: the loader.
expect_ok dial $web 80
expect_eperm env LD_PRELOAD=/nowhere.so dial $web 80
expect_eperm env LD_PRELOAD= dial $web 80
expect_ok env XLD_PRELOAD=1 PYTHONUNBUFFERED=1 NODE_ENV=production dial $web 80
expect_ok env -i /vm/bin/dial $web 80

# Wherever it stands, however much is around it.
cat >"$scratch/places.py" <<'P'
import os, subprocess, sys
web = sys.argv[1]
def connects(env):
    return not subprocess.run(["/vm/bin/dial", web, "80"], env=env,
                              stdout=subprocess.DEVNULL).returncode
for pad in list(range(0, 40, 3)) + list(range(180, 280, 3)) + [511, 4000, 4090, 60000]:
    for name in "LD_AUDIT", "PYTHONBREAKPOINT", "_JAVA_OPTIONS":
        evil = {"A": "x" * pad, name: "1", "Z": "z"}
        good = {"A": "LD_AUDIT" * (pad // 8), "X" + name: "LD_PRELOAD=1", "Z": "z"}
        assert not connects(evil), (pad, name)
    assert connects(good), (pad, name)
assert connects({"V%d" % i: "x" * 100 for i in range(500)})
assert not connects({"A": "x" * 70000}), "too long to look at"
assert not connects({"V%d" % i: "x" * 100 for i in range(700)}), "too many"
P
expect_ok python3 "$scratch/places.py" $web

# The fact stays with the process and goes to its children, not through exec.
cat >"$scratch/later.py" <<'P'
import os, socket, sys
other = sys.argv[1]
def connects():
    try:
        socket.create_connection((other, 80), 5)
    except PermissionError:
        return False
    return True
clean = "LD_DEBUG_OUTPUT" not in os.environ
os.environ["LD_DEBUG_OUTPUT"] = "x"
assert connects() == clean
pid = os.fork()
if not pid:
    os._exit(connects() != clean)
assert os.waitpid(pid, 0)[1] == 0, "the child"
if clean:
    os.execv("/usr/bin/python3", ["python3"] + sys.argv)
os.execve("/usr/bin/python3", ["python3", "-c",
    "import socket; socket.create_connection((%r, 80), 5)" % other], {})
P
expect_ok python3 "$scratch/later.py" $other

# Of those that were there before the module it is not known.
touch "$go"
wait $early && fail "a process from before counts as clean"
grep -q 'not permitted' "$scratch/early" || fail "early: $(cat "$scratch/early")"
(($(status unidentified) == 0)) || fail "processes without identity"
expect_fails 1 "condition 'clean-env' does not hold" policyctl test /vm/bin/dial to $web port 80
expect_ok policyctl test /vm/bin/dial clean-env to $web port 80
