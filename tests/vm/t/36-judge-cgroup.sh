#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# cgroup, unit and container: where the process is now, as the kernel has it.
. /vm/lib.sh
up
root=/sys/fs/cgroup
mountpoint -q $root || mount -t cgroup2 none $root || skip "no cgroup2"
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
backup=$root/system.slice/backup.service
docker=$root/system.slice/docker-$id.scope
false=$root/user.slice/user-1000.slice/docker-$id.scope
mkdir -p $backup/inner "$docker" "$false"
# within CGROUP COMMAND...
within() {
	local group=$1
	shift
	(echo $BASHPID >"$group/cgroup.procs" && exec "$@")
}
policy "default deny" "allow any unit backup.service to $web"
mode enforce
expect_ok within $backup dial $web 80
expect_ok within $backup/inner dial $web 80
expect_eperm within $root dial $web 80
expect_eperm within "$docker" dial $web 80
policy "default deny" "allow any cgroup /system.slice/backup.service/inner to $web"
expect_ok within $backup/inner dial $web 80
expect_eperm within $backup dial $web 80
policy "default deny" "allow any container ${id:0:12}* to $web"
expect_ok within "$docker" dial $web 80
expect_eperm within "$false" dial $web 80
expect_eperm dial $web 80
# 12 digits stand for the id.  No other path is that container: a system
# service, or what a user makes below a unit that is delegated to him.
delegated=$root/system.slice/alice.service/docker-$id.scope
mkdir -p "$delegated" $root/docker/$id/init $root/lxc.payload.web
policy "default deny" "allow any container docker:${id:0:12} to $web" \
	"allow any container lxc:w?b to $other"
expect_ok within "$docker" dial $web 80
expect_ok within $root/docker/$id/init dial $web 80
expect_eperm within "$delegated" dial $web 80
expect_ok within $root/lxc.payload.web dial $other 80
expect_eperm within $root/lxc.payload.web dial $web 80
policy "default allow" "deny any container * to $web"
expect_ok within $backup dial $web 80
expect_ok within "$delegated" dial $web 80
expect_ok dial $web 80
expect_eperm within "$docker" dial $web 80
# A process that is moved is judged by where it is now.
policy "default deny" "allow any cgroup /system.slice/backup.service to $web"
expect_ok python3 - $web $backup $root <<'P'
import os, socket, sys
web, backup, root = sys.argv[1:]
def dial():
    try:
        socket.create_connection((web, 80), 5).close()
    except PermissionError:
        return False
    return True
def move(group):
    open(group + "/cgroup.procs", "w").write(str(os.getpid()))
for turn in range(10):
    move(root)
    assert not dial(), "outside"
    move(backup)
    assert dial(), "inside"
move(root)
P
