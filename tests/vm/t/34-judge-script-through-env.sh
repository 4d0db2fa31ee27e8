#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A script whose first line names env, as Debian's npm does, keeps its name until
# env has executed the interpreter; and a link that is root's stands for its file.
. /vm/lib.sh
up
body='import socket, sys
socket.create_connection((sys.argv[1], 80), 5)'
script() { # FILE INTERPRETER BODY
	printf '#!%s\n%s\n' "$2" "$3" >"$1"
	chmod 755 "$1"
}
script /opt/env.py "/usr/bin/env python3" "$body"
script /opt/split.py "/usr/bin/env -S python3 -I" "$body"
script /opt/good.py /usr/bin/python3 "$body"
script /opt/env.sh "/usr/bin/env bash" 'exec 3<>/dev/tcp/$1/80'
script /opt/again.py "/usr/bin/env python3" 'import os, sys
os.execv("/usr/bin/python3", ["python3", "/opt/good.py", sys.argv[1]])'
cp /usr/bin/env /opt/env
script /opt/copy.py "/opt/env python3" "$body"
bin=/tmp/bin
rm -rf $bin && mkdir -p $bin
mode enforce

# ---- through env -------------------------------------------------------------
policy "default deny" "allow /usr/bin/python3.* script /opt/*.py to $web" \
	"allow /usr/bin/bash script /opt/env.sh to $web"
expect_ok /opt/env.py $web
expect_ok /opt/split.py $web
expect_ok /opt/env.sh $web
expect_ok as alice /opt/env.py $web
# Not what it starts, nor env by itself or a copy of it.
expect_eperm /opt/again.py $web
expect_eperm /usr/bin/env python3 /opt/env.py $web
expect_eperm as alice unshare -U /opt/env.py $web
expect_eperm /opt/copy.py $web
# What PATH makes of the interpreter: a copy, a script, a file for the shell that
# env's library takes when nothing else runs it.
cp /usr/bin/python3 $bin/python3
expect_eperm env PATH=$bin:$PATH /opt/env.py $web
script $bin/python3 /usr/bin/python3 'import socket, sys
socket.create_connection((sys.argv[2], 80), 5)'
expect_eperm env PATH=$bin:$PATH /opt/env.py $web
echo 'exec 3<>/dev/tcp/$2/80' >$bin/bash
chmod 755 $bin/bash
sh=$(readlink /usr/bin/sh)
ln -sfn bash /usr/bin/sh
expect_eperm /usr/bin/env PATH=$bin:$PATH /opt/env.sh $web
ln -sfn "$sh" /usr/bin/sh
# Somebody's library in env could execute anything.
expect_eperm env LD_PRELOAD=/nowhere.so /opt/env.py $web
expect_eperm env PYTHONPATH=/nowhere /opt/env.py $web
# A rule for every program would be one for whatever PATH finds.
policy "default deny" "allow any script /opt/*.py to $web"
expect_ok /opt/good.py $web
expect_eperm /opt/env.py $web
cp /usr/bin/python3 $bin/python3
expect_eperm env PATH=$bin:$PATH /opt/env.py $web

# ---- by a link ---------------------------------------------------------------
ln -sfn ../../opt/env.py /usr/bin/cw-env
ln -sfn /opt/good.py /usr/bin/cw-good
ln -sfn cw-good /usr/bin/cw-twice
ln -sfn /opt/good.py /tmp/cw-link
ln -sfn /tmp/cw-link /usr/bin/cw-by-tmp
policy "default deny" "allow /usr/bin/python3.* script /usr/bin/cw-env clean-env to $web" \
	"allow /usr/bin/python3.* script /usr/bin/cw-twice to $web"
expect_ok cw-env $web
expect_ok /usr/bin/cw-env $web
expect_ok as alice /usr/bin/cw-env $web
expect_ok cw-twice $web
expect_ok /opt/good.py $web
expect_eperm cw-good $web
expect_eperm //usr/bin/cw-twice $web
expect_eperm sh -c "cd /usr/bin && ./cw-twice $web"
expect_eperm /tmp/cw-link $web
expect_eperm env PYTHONPATH=/nowhere cw-env $web
# It leads where it led when the rules were read.
cp /opt/good.py /opt/other.py
ln -sfn /opt/other.py /usr/bin/cw-good
expect_eperm cw-twice $web
ln -sfn /opt/good.py /usr/bin/cw-good
expect_ok cw-twice $web
# Others than root can turn these.
policy "default deny" "allow any script /tmp/cw-link to $web" \
	"allow any script /usr/bin/cw-by-tmp to $web"
expect_eperm /tmp/cw-link $web
expect_eperm cw-by-tmp $web
printf '%s\n' "allow any script /usr/bin/cw-by-tmp to $web" >"$scratch/rules"
expect_fails 0 'others than root can change, by way of the directory /tmp' \
	policyctl check --lint "$scratch/rules"
rm -f /usr/bin/cw-*
(($(status unidentified) == 0)) || fail "processes without identity"
