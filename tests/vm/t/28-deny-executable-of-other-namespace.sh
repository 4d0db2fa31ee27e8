#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A file of another mount namespace, run by way of /proc/PID/root, has a path
# there and none here, though the task that runs it is in the host's namespace.
. /vm/lib.sh
up
policy "default deny" "allow /usr/bin/curl to $web"
mode enforce
cp /vm/bin/dial /tmp/evil
chmod 755 /tmp/evil
as alice unshare -U -r -m sh -c "mount --bind /tmp/evil /usr/bin/curl && exec sleep 1000" &
mounted() { as alice cmp -s "/proc/$1/root/usr/bin/curl" /tmp/evil; }
sleeper() { pgrep -u alice -x sleep | tail -n 1; }
found() { [[ $(sleeper) ]] && mounted "$(sleeper)"; }
wait_for 10 found || fail "no other namespace"
elsewhere=$(sleeper)
expect_eperm as alice "/proc/$elsewhere/root/usr/bin/curl" $web 80
kill "$elsewhere"
# The twin: a service that systemd sandboxes has mounts of its own, made by
# root, and stays what it is.
expect_ok unshare -m curl -sS --max-time 5 http://$web/
expect_ok unshare -m sh -c "mount -t tmpfs none /opt && curl -sS --max-time 5 http://$web/"
